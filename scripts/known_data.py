"""Counts the trainings in a folder of checkouts of which lstmlint knows the data.

    python scripts/known_data.py FOLDER [--show 30]

Of the calls of `fit` and `train_on_batch` on models that are followed: how many have x and y of known rank, and of known
shape behind the first axis; what the others are called; and files that take more than 2 s of CPU beyond their parse.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lstmlint.analysis import Modules, needs_analysis
from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.program import run_program
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import KerasContext
from lstmlint.libraries.registry import shared_registry
from lstmlint.settings import default_settings
from lstmlint.source.module import SourceModule, load
from lstmlint.source.project import Project
from lstmlint.trace import Data, DataStructure, Trained

MOST_SECONDS = 2.0


def leaves(structure: DataStructure) -> Iterator[DataStructure]:
    """The single arrays of a structure."""
    parts = structure.values() if isinstance(structure, dict) else structure
    if isinstance(parts, (list, tuple)) or isinstance(structure, dict):
        for part in parts:  # type: ignore[union-attr]
            yield from leaves(part)
    else:
        yield structure


def trainings(run: Interpreter, module: SourceModule) -> dict[int, list[Trained]]:
    """The training events of the file's own calls, by call."""
    found: dict[int, list[Trained]] = {}
    for recorded in run.events:
        event = recorded.event
        if isinstance(event, Trained) and event.method in ("fit", "train_on_batch") and recorded.site.module is module:
            found.setdefault(id(recorded.site.node), []).append(event)
    return found


def knowledge(event: Trained) -> tuple[bool, bool]:
    """Whether the ranks, and the shapes behind the first axis, of all data of a training are known."""
    wanted = [event.inputs, *([event.targets] if event.has_targets else [])]
    arrays = [leaf for structure in wanted for leaf in leaves(structure)]
    ranked = all(isinstance(leaf, Data) and leaf.shape.exact for leaf in arrays)
    full = ranked and all(isinstance(d, int) for leaf in arrays if isinstance(leaf, Data) for d in leaf.shape.dims[1:])
    return ranked, full


def words(event: Trained) -> str:
    """The names and shapes of the data of a training."""
    arrays = [*leaves(event.inputs), *leaves(event.targets)]
    return ", ".join(f"{leaf.name} {leaf.shape}" if isinstance(leaf, Data) else "?" for leaf in arrays)


def main() -> int:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=0, help="how many calls with unknown data to print")
    given = parser.parse_args()
    counts: Counter[str] = Counter()
    sys.setrecursionlimit(20_000)
    project = Project(given.folder)
    settings = default_settings(str(given.folder))
    for path in sorted([*given.folder.rglob("*.py"), *given.folder.rglob("*.ipynb")]):
        data = path.read_bytes()
        if not needs_analysis(str(path), data, settings):
            continue
        module = load(data, str(path), settings.source_limits)
        if not isinstance(module, SourceModule):
            continue
        module.path = path
        before = time.process_time()
        modules = Modules(project, settings.source_limits, {})
        run = run_program(module, shared_registry(), modules, KerasContext(Version.K3))
        spent = time.process_time() - before
        counts["files"] += 1
        if spent > MOST_SECONDS and not modules.read:
            print(f"SLOW {path}: {spent:.1f} s")
        for events in trainings(run, module).values():
            ranked, full = map(all, zip(*map(knowledge, events)))
            counts["calls"] += 1
            counts["ranked"] += ranked
            counts["full"] += full
            if not ranked and counts["shown"] < given.show:
                counts["shown"] += 1
                print(f"unknown {path.relative_to(given.folder)}: {words(events[0])}")
    whole = max(counts["calls"], 1)
    print(f"{counts['files']} files, {counts['calls']} trainings: rank known {counts['ranked'] / whole:.0%}", end="")
    print(f", behind the first axis known {counts['full'] / whole:.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
