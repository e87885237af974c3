"""Running the command line in tests, in a process of its own as users do."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent

_CLEARED = ("LSTMLINT_", "GITHUB_", "CI_PROJECT_DIR", "NO_COLOR", "FORCE_COLOR", "PYTHON", "COLUMNS")

# Compiled once for all processes of a test run, and outside of the working copy.
_COMPILED = tempfile.TemporaryDirectory(prefix="lstmlint-compiled-")


def environment(**variables: str) -> dict[str, str]:
    """The environment without what would change reports, and with `variables`."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_CLEARED)}
    ours = {"PYTHONPATH": f"{ROOT}{os.pathsep}{TESTS}", "PYTHONPYCACHEPREFIX": _COMPILED.name}
    return {**kept, **ours, **variables}


def lint(
    *arguments: str, cwd: Path, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `lstmlint` with the made-up analysis of `driver.py`."""
    done = subprocess.run(
        [sys.executable, str(TESTS / "driver.py"), *arguments],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=environment(**(env or {})),
        timeout=120,
        check=False,
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


def write_files(folder: Path, files: dict[str, str]) -> None:
    """Make files, and the folders they lie in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def really_lint(folder: Path, *arguments: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """Run `lstmlint` itself in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "lstmlint", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def shown(folder: Path, source: str, *options: str, name: str) -> str:
    """What `lstmlint show` prints of a program that is written to `name`; it has nothing to complain of."""
    (folder / name).write_text(source, encoding="utf-8")
    done = really_lint(folder, "show", "--no-cache", *options, name)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
