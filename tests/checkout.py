"""A copy of the working tree, committed in a repository of its own, as hooks and installers get it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NO_NETWORK = (
    "Temporary failure in name resolution",
    "No matching distribution",
    "Connection",
    "ConnectTimeout",
    "Retrying",
)
"""What pip prints when it cannot get a package: no fault of ours."""


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, without the configuration of the machine.

    Errors: CalledProcessError.
    """
    identity = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _IDENTITY.items()}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        environment.pop(name, None)
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return done.stdout


_IDENTITY = {"NAME": "lstmlint tests", "EMAIL": "tests@example.org"}


def commit_all(folder: Path) -> None:
    """Make a folder a repository, and all of its files its only commit."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "All files")


def copy_of_working_tree(target: Path) -> Path:
    """A committed copy of what git tracks here, and of new files that it does not ignore; skips the test without git."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a clone")
    for name in git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0"):
        source = ROOT / name
        if name and source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)
    commit_all(target)
    return target


def skip_without_network(output: str) -> None:
    """Skip the test when `output` tells that packages could not be fetched."""
    if any(sign in output for sign in NO_NETWORK):
        pytest.skip("packages cannot be fetched")
