"""Counts the trainings in a folder of checkouts of which lstmlint knows the data.

    python scripts/known_data.py FOLDER [--versions FILE] [--show 30]

Of the calls of `fit` and `train_on_batch` on models that are followed: how many have x and y of known rank, and of known
shape behind the first axis.  Those are told apart whose data the file makes, or reads from files that are not there (which
alone say how wide they are), and those whose data come from elsewhere (parameters that nobody gives, modules without
source).  `--show` prints what the others are called; files that take more than 2 s of CPU beyond their parse are printed.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from data_sources import ELSEWHERE, MADE, READ, Sources, source_of

from lstmlint.analysis import Modules, needs_analysis
from lstmlint.classes import replace
from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.program import run_program
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import KerasContext
from lstmlint.libraries.registry import shared_registry
from lstmlint.pins import project_version
from lstmlint.settings import Settings, default_settings
from lstmlint.source.module import SourceModule, load
from lstmlint.source.project import Project
from lstmlint.source.tree import Node
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


def trainings(run: Interpreter, module: SourceModule) -> list[tuple[Node, list[Trained]]]:
    """The file's own calls that train, with their events."""
    found: dict[int, tuple[Node, list[Trained]]] = {}
    for recorded in run.events:
        event = recorded.event
        if isinstance(event, Trained) and event.method in ("fit", "train_on_batch") and recorded.site.module is module:
            found.setdefault(id(recorded.site.node), (recorded.site.node, []))[1].append(event)
    return list(found.values())


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


def meant(settings: Settings, module: SourceModule) -> Version:
    """The Keras of the file's trainings: the one stated for the checkout, else what its files say, else 3."""
    if settings.version is not None:
        return settings.version
    assert module.path is not None
    installs = module.notebook.installs if module.notebook is not None else []
    pinned = project_version(Path(settings.root), module.text, installs, module.path.absolute().parent)
    return Version.K3 if pinned is None else pinned.version


def source(module: SourceModule, sources: Sources | None, tree: ast.AST | None, node: Node) -> str:
    """Where the data of a call come from; from elsewhere in a file that Python cannot parse."""
    span = module.module_span(node)
    if sources is None or tree is None or span is None:
        return ELSEWHERE
    rows = range(span.start.row, span.end.row + 1)
    calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call) and each.lineno in rows]
    found = [each for each in calls if getattr(each.func, "attr", "") in ("fit", "train_on_batch")]
    return source_of(sources, found[0]) if found else ELSEWHERE


def parsed(module: SourceModule) -> ast.AST | None:
    """The tree of the standard library, None for what is older or newer than this Python."""
    try:
        return ast.parse(module.text)
    except SyntaxError:
        return None


def line(words: str, counts: Counter[tuple[str, str]], kinds: tuple[str, ...]) -> str:
    """One line of the table: calls of some kinds, and the shares of them that are known."""
    calls, ranked, full = (sum(counts[kind, what] for kind in kinds) for what in ("calls", "ranked", "full"))
    whole = max(calls, 1)
    return f"{words:<44}{calls:>6}{ranked / whole:>13.0%}{full / whole:>13.0%}"


def main() -> int:
    """Print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--versions", type=Path, metavar="FILE", help="lines of a checkout's name and its Keras")
    parser.add_argument("--show", type=int, default=0, help="how many calls with unknown data to print")
    given = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    files = shown = 0
    sys.setrecursionlimit(20_000)
    project = Project(given.folder)
    settings = default_settings(str(given.folder))
    versions = dict(line.split() for line in given.versions.read_text().splitlines()) if given.versions else {}
    settings = replace(settings, keras_version=versions.get(given.folder.resolve().name))
    for path in sorted([*given.folder.rglob("*.py"), *given.folder.rglob("*.ipynb")]):
        data = path.read_bytes()
        if not needs_analysis(str(path), data, settings):
            continue
        module = load(data, str(path), settings.source_limits)
        if not isinstance(module, SourceModule):
            continue
        module.path = path
        version = meant(settings, module)
        before = time.process_time()
        modules = Modules(project, settings.source_limits, {})
        run = run_program(module, shared_registry(), modules, KerasContext(version))
        spent = time.process_time() - before
        files += 1
        if spent > MOST_SECONDS and not modules.read:
            print(f"SLOW {path}: {spent:.1f} s")
        tree = parsed(module)
        sources = Sources(tree) if tree is not None else None
        for node, events in trainings(run, module):
            ranked, full = map(all, zip(*map(knowledge, events)))
            kind = source(module, sources, tree, node)
            counts[kind, "calls"] += 1
            counts[kind, "ranked"] += ranked
            counts[kind, "full"] += full
            if not full and shown < given.show:
                shown += 1
                what = "shape" if ranked else "rank"
                print(f"{what} unknown, {kind}: {path.relative_to(given.folder)}: {words(events[0])}")
    print(f"{files} files; trainings by where their data come from {'':<4}rank known  shape known")
    for kind in (MADE, READ, ELSEWHERE):
        print(line(kind, counts, (kind,)))
    print(line("data code in the file (the first two)", counts, (MADE, READ)))
    print(line("all", counts, (MADE, READ, ELSEWHERE)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
