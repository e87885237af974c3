"""Every program on the rule pages, with real Keras: bad ones raise (or run on, as the rule says), the others train."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_programs import PREPARE, Program, all_programs, says

from lstmlint import rules
from lstmlint.cli import main
from lstmlint.diagnostics import Severity

pytestmark = pytest.mark.keras

RUN_HERE = "3"
"""The generation of Keras that is tried; programs for others are only linted."""

SLIPS = {"NameError", "ImportError", "ModuleNotFoundError", "FileNotFoundError", "SyntaxError", "KeyboardInterrupt"}
"""What a bad program must not raise: a slip in the page, not the fault that the page is about."""

ABOUT_IMPORTS = "LL605"
"""The rule whose bad programs cannot import what they import."""

Run = Callable[[Program], dict[str, Any]]


class Worker:
    """The process that runs the programs, begun again after one that ends it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    def run(self, program: Program) -> dict[str, Any]:
        path = self.folder / f"{program}.py"
        path.write_text(program.runnable, encoding="utf-8")
        if self.process is None or self.process.poll() is not None:
            self.process = self._begin()
        assert self.process.stdin is not None and self.process.stdout is not None
        print(path, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, f"{program} ended the process that ran it"
        return dict(json.loads(answer))

    def end(self) -> None:
        if self.process is not None:
            self.process.communicate()

    def _begin(self) -> subprocess.Popen[str]:
        worker = Path(__file__).with_name("keras_worker.py")
        return subprocess.Popen(
            [sys.executable, str(worker)],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("pages")
    subprocess.run([sys.executable, "-c", PREPARE], cwd=folder, check=True)
    worker = Worker(folder)
    yield worker.run
    worker.end()


def tried(*kinds: str) -> list[Program]:
    return [program for program in all_programs() if program.keras == RUN_HERE and program.kind in kinds]


@pytest.mark.parametrize("program", tried("bad"), ids=str)
def test_keras_does_what_the_page_says(program: Program, run: Run) -> None:
    outcome = run(program)
    said = f"{outcome['raised']}: {outcome['message']} (line {outcome['line']})"
    if rules.rule(program.code).severity is Severity.ERROR:
        assert outcome["raised"] is not None, "Keras raises nothing"
        assert outcome["raised"] not in SLIPS or program.code == ABOUT_IMPORTS, said
        assert says(program.words, f"{outcome['raised']}: {outcome['message']}"), said
    else:
        assert outcome["raised"] is None, said


@pytest.mark.parametrize("program", tried("good", "fixed"), ids=str)
def test_program_trains(program: Program, run: Run) -> None:
    outcome = run(program)
    assert outcome["raised"] is None, f"{outcome['raised']}: {outcome['message']} (line {outcome['line']})"


@pytest.mark.parametrize("program", tried("bad"), ids=str)
def test_what_a_fix_makes_of_a_bad_program_runs(program: Program, run: Run, tmp_path: Path) -> None:
    """Not only the program that the page shows as repaired, but the one that `--fix` writes."""
    after = mended(program, tmp_path)
    if after is None:
        pytest.skip("there is no fix for this one")
    outcome = run(replace(program, kind="mended", source=after))
    assert outcome["raised"] is None, f"{outcome['raised']}: {outcome['message']} (line {outcome['line']})"


def mended(program: Program, folder: Path) -> str | None:
    """The bad program after all fixes that lstmlint makes in it; None where it makes none."""
    path = folder / "program.py"
    path.write_text(program.unmarked, encoding="utf-8")
    status = main(["--fix", "--unsafe-fixes", "--no-cache", "--quiet", "--keras-version", program.keras, str(path)])
    after = path.read_text(encoding="utf-8")
    assert status == 0 or after == program.unmarked, "fixed by halves"
    return after if after != program.unmarked else None
