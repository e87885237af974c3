"""Programs run and read: what lstmlint claims of them, what is true, and what of it is known.

`python tests/truth/harness.py [--keras] FILE_OR_FOLDER ...` prints contradictions and shares.  In a folder of cases
(`case.py`, `fixed.py`, `meta.json` with a `prelude`) the prelude is run first.  Of a rule page (`.md`) the programs in it are
run.  Programs for `tf.keras` (`meta.json` says `"keras": "2"`, a page `keras=2.15`) need the Python that has one: `--old PYTHON`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

from page_programs import KERAS_FAMILIES, PREPARE
from page_programs import programs as programs_of_page

from lstmlint.interpreter.program import run_program
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import KerasContext
from lstmlint.libraries.registry import shared_registry
from lstmlint.source.module import SourceModule, load
from truth.claims import Claimed, Comparison, compare


class NoModules:
    """No imports of the program's own modules."""

    def load(self, name: str, level: int, importer: SourceModule) -> None:
        return None


class Worker:
    """The process that runs programs."""

    def __init__(self, *, keras: bool, python: str = sys.executable) -> None:
        command = [python, str(HERE / "worker.py"), *(["--keras"] if keras else [])]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def run(self, text: str, prelude: str = "") -> dict[str, Any]:
        """What the program's assignments leave."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"text": text, "prelude": prelude}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        self.process.communicate()


@dataclass(frozen=True)
class Program:
    """A program, what writes the files that it reads, and the Keras that it is for."""

    name: str
    text: str
    prelude: str = ""
    version: Version = Version.K3


def claimed_of(text: str, version: Version = Version.K3) -> Claimed:
    """What lstmlint claims of the assignments of a program."""
    module = load(text.encode(), "program.py")
    assert isinstance(module, SourceModule), module
    observer = Claimed(module)
    run_program(module, shared_registry(), NoModules(), KerasContext(version), observer)
    return observer


def held_against(worker: Worker, program: Program) -> tuple[Comparison, str | None]:
    """The claims of a program against the truth, and what it raised."""
    answer = worker.run(program.text, program.prelude)
    return compare(claimed_of(program.text, program.version).found, answer["seen"], answer["counts"]), answer["raised"]


def programs(paths: Iterable[Path]) -> Iterator[Program]:
    """The programs in files and folders."""
    for path in paths:
        for file in sorted([*path.rglob("*.py"), *path.rglob("*.md")]) if path.is_dir() else [path]:
            yield from _of_page(file) if file.suffix == ".md" else _of_file(file)


def _of_page(page: Path) -> Iterator[Program]:
    if not KERAS_FAMILIES.fullmatch(page.name):
        return
    for program in programs_of_page(page):
        version = {"3": Version.K3, "2.15": Version.T2}.get(program.keras, Version.K2)
        yield Program(str(program), program.runnable, PREPARE, version)


def _of_file(file: Path) -> Iterator[Program]:
    meta = file.parent / "meta.json"
    known = json.loads(meta.read_text(encoding="utf-8")) if meta.exists() else {}
    if not meta.exists() or file.name in ("case.py", "fixed.py"):
        version = Version.T2 if known.get("keras") == "2" else Version.K3
        name = f"{file.parent.name}/{file.name}"
        yield Program(name, file.read_text(encoding="utf-8"), known.get("prelude", ""), version)


def main() -> int:
    """Compare programs and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--keras", action="store_true", help="import TensorFlow once for all programs")
    parser.add_argument(
        "--old", metavar="PYTHON", help="an interpreter with tf.keras up to 2.15, for programs that need it"
    )
    parser.add_argument("--verbose", "-v", action="store_true", help="also print the arrays of unknown rank")
    given = parser.parse_args()
    workers = {Version.K3: Worker(keras=given.keras)}
    if given.old:
        workers[Version.T2] = Worker(keras=given.keras, python=given.old)
    arrays = ranked = full = wrong = count = 0
    for program in programs(given.paths):
        if program.version not in workers:
            print(f"skipped {program.name}: it is for a Keras that is not here")
            continue
        found, raised = held_against(workers[program.version], program)
        arrays, ranked, full = arrays + found.arrays, ranked + found.ranked, full + found.full
        wrong, count = wrong + len(found.contradictions), count + 1
        for words in found.contradictions:
            print(f"WRONG {program.name}:{words}")
        if given.verbose:
            for words in dict.fromkeys(found.unknown):
                print(f"  unknown {program.name}:{words}")
            if raised:
                print(f"  {program.name} raised {raised.strip().splitlines()[-1][:150]}")
        sys.stdout.flush()
    for worker in workers.values():
        worker.close()
    whole = max(arrays, 1)
    print(f"{count} programs, {wrong} contradictions; {arrays} arrays assigned: ", end="")
    print(f"rank known {ranked / whole:.1%}, all behind the first axis known {full / whole:.1%}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
