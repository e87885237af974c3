"""Programs run and read: what lstmlint claims of them, what is true, and what of it is known.

`python tests/truth/harness.py [--keras] FILE_OR_FOLDER ...` prints contradictions and shares.  In a folder of cases
(`case.py`, `fixed.py`, `meta.json` with a `prelude`) the prelude is run first.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent)]

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

    def __init__(self, *, keras: bool) -> None:
        command = [sys.executable, str(HERE / "worker.py"), *(["--keras"] if keras else [])]
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


def claimed_of(text: str) -> Claimed:
    """What lstmlint claims of the assignments of a program."""
    module = load(text.encode(), "program.py")
    assert isinstance(module, SourceModule), module
    observer = Claimed(module)
    run_program(module, shared_registry(), NoModules(), KerasContext(Version.K3), observer)
    return observer


def held_against(worker: Worker, text: str, prelude: str = "") -> tuple[Comparison, str | None]:
    """The claims of a program against the truth, and what it raised."""
    answer = worker.run(text, prelude)
    return compare(claimed_of(text).found, answer["seen"], answer["counts"]), answer["raised"]


def programs(paths: Iterable[Path]) -> Iterable[tuple[str, str, str]]:
    """Name, text and prelude of each program."""
    for path in paths:
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            meta = file.parent / "meta.json"
            known = json.loads(meta.read_text(encoding="utf-8")) if meta.exists() else {}
            if not meta.exists() or file.name in ("case.py", "fixed.py"):
                yield f"{file.parent.name}/{file.name}", file.read_text(encoding="utf-8"), known.get("prelude", "")


def main() -> int:
    """Compare programs and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--keras", action="store_true", help="import TensorFlow once for all programs")
    parser.add_argument("--verbose", "-v", action="store_true", help="also print the arrays of unknown rank")
    given = parser.parse_args()
    worker = Worker(keras=given.keras)
    arrays = ranked = full = wrong = count = 0
    for name, text, prelude in programs(given.paths):
        found, raised = held_against(worker, text, prelude)
        arrays, ranked, full = arrays + found.arrays, ranked + found.ranked, full + found.full
        wrong, count = wrong + len(found.contradictions), count + 1
        for words in found.contradictions:
            print(f"WRONG {name}:{words}")
        if given.verbose:
            for words in dict.fromkeys(found.unknown):
                print(f"  unknown {name}:{words}")
            if raised:
                print(f"  {name} raised {raised.strip().splitlines()[-1][:150]}")
        sys.stdout.flush()
    worker.close()
    whole = max(arrays, 1)
    print(f"{count} programs, {wrong} contradictions; {arrays} arrays assigned: ", end="")
    print(f"rank known {ranked / whole:.1%}, all behind the first axis known {full / whole:.1%}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
