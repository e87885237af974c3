"""The pre-commit hook, tried as its users get it: `pre-commit try-repo` on a commit of the working tree."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import copy_of_working_tree, git, skip_without_network

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pre_commit") is None, reason="needs pre-commit")

BAD = (
    "from keras import Sequential\nfrom keras.layers import LSTM\nSequential([LSTM(8, input_shape=(5, 3)), LSTM(8)])\n"
)
GOOD = BAD.replace("LSTM(8, ", "LSTM(8, return_sequences=True, ")


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the hooks."""
    return copy_of_working_tree(tmp_path_factory.mktemp("hooks"))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps its environments: one for all tests, none of the user's."""
    return tmp_path_factory.mktemp("home")


def pre_commit(project: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pre-commit on all files of a project, which becomes a repository."""
    if not (project / ".git").exists():
        git(project, "init", "--quiet", "--initial-branch=main")
    git(project, "add", "--all")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON", "LSTMLINT_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments, "--all-files", "--verbose"],
        cwd=project,
        env={**kept, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    skip_without_network(done.stdout + done.stderr)
    return done


def run_hook(project: Path, hooks: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the hook as a project that has it in its configuration does."""
    revision = git(hooks, "rev-parse", "HEAD").strip()
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks.as_uri()}\n    rev: {revision}\n    hooks:\n      - id: lstmlint\n"
    )
    return pre_commit(project, home, "run")


def test_try_repo_shows_a_finding_and_fails(tmp_path: Path, hooks: Path, home: Path) -> None:
    (tmp_path / "model.py").write_text(BAD)
    done = pre_commit(tmp_path, home, "try-repo", str(hooks), "lstmlint")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Failed" in done.stdout
    assert "LL101" in done.stdout
    assert "model.py:3" in done.stdout


def test_a_clean_project_passes(tmp_path: Path, hooks: Path, home: Path) -> None:
    (tmp_path / "model.py").write_text(GOOD)
    done = run_hook(tmp_path, hooks, home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_a_notebook_is_checked(tmp_path: Path, hooks: Path, home: Path) -> None:
    cell = {"cell_type": "code", "source": BAD, "metadata": {}, "outputs": [], "execution_count": None}
    (tmp_path / "model.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    done = run_hook(tmp_path, hooks, home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "model.ipynb:cell 1:3" in done.stdout


def test_what_the_project_excludes_is_not_checked(tmp_path: Path, hooks: Path, home: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "model.py").write_text(BAD)
    (tmp_path / "lstmlint.toml").write_text('extend-exclude = ["old"]\n')
    done = run_hook(tmp_path, hooks, home)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_of_other_kinds_do_not_start_the_hook(tmp_path: Path, hooks: Path, home: Path) -> None:
    (tmp_path / "notes.md").write_text("from keras.layers import LSTM\n")
    done = run_hook(tmp_path, hooks, home)
    assert done.returncode == 0
    assert "Skipped" in done.stdout


def test_the_environment_of_the_hook_holds_no_tensorflow(tmp_path: Path, hooks: Path, home: Path) -> None:
    (tmp_path / "model.py").write_text(GOOD)
    run_hook(tmp_path, hooks, home)
    packages = [path.name for path in home.rglob("*.dist-info") if path.is_dir()]
    assert any(name.startswith("libcst-") for name in packages)
    assert not [name for name in packages if name.startswith(("tensorflow", "keras", "numpy"))]


def test_both_hooks_are_valid() -> None:
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(root / ".pre-commit-hooks.yaml")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
