"""What is installed is whole: a wheel and an editable install find the pages of the rules and have the command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from checkout import copy_of_working_tree, skip_without_network

from lstmlint import __version__
from lstmlint.rules import codes

PAGES = len(codes())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build from, so that nothing is written into the working tree."""
    return copy_of_working_tree(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a new virtual environment."""
    folder = tmp_path_factory.mktemp("environment")
    run([sys.executable, "-m", "venv", str(folder)])
    return folder / ("Scripts" if os.name == "nt" else "bin") / ("python.exe" if os.name == "nt" else "python")


@pytest.fixture(scope="module")
def wheel(source: Path, python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel."""
    target = tmp_path_factory.mktemp("wheel")
    run([str(python), "-m", "pip", "wheel", "--no-deps", "--quiet", "--wheel-dir", str(target), str(source)])
    return next(target.glob("lstmlint-*.whl"))


def run(command: list[str]) -> str:
    """Run a command outside of the working tree and return what it prints; skips the test without network."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LSTMLINT_"))}
    done = subprocess.run(
        command, env=kept, cwd=Path(command[0]).parent, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode:
        skip_without_network(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def commands_find_the_pages(python: Path) -> None:
    command = str(python.with_name("lstmlint" + python.suffix))
    assert run([command, "--version"]).startswith(f"lstmlint {__version__}")
    listed = json.loads(run([command, "rules", "--output-format", "json"]))
    assert [rule["code"] for rule in listed] == list(codes())
    assert (
        json.loads(run([command, "explain", "LL101", "--output-format", "json"]))["name"] == "missing-return-sequences"
    )


def test_wheel_holds_the_package_and_the_pages(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert len([name for name in names if name.startswith("lstmlint/rules/LL") and name.endswith(".md")]) == PAGES
    assert "lstmlint/py.typed" in names
    assert "lstmlint/keras/signatures/k3.json" in names
    assert {name.split("/")[0] for name in names} == {"lstmlint", f"lstmlint-{__version__}.dist-info"}


def test_installed_wheel(wheel: Path, python: Path) -> None:
    run([str(python), "-m", "pip", "install", "--no-deps", "--quiet", "--force-reinstall", str(wheel)])
    commands_find_the_pages(python)


def test_editable_install(source: Path, python: Path) -> None:
    run([str(python), "-m", "pip", "install", "--no-deps", "--quiet", "--editable", str(source)])
    commands_find_the_pages(python)
