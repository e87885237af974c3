"""Compare layer tables that notebooks were saved with, as `model.summary()` printed them, with what `lstmlint show` says.

    python scripts/compare_summaries.py TABLES FOLDER [--eras FILE] [--list wrong,unknown,missing] [--only NAME]

TABLES has a line of JSON for each saved table: `repo`, `path` in it, `cell` (from 0) and `layers`, a list of name, class,
output shape and parameters as printed.  FOLDER has one checkout for each `repo`.  `--eras` names a table (tab separated, with
a header) of `repo` (owner/name) and `era_guess`: which Keras the checkout is for.  Counted for each row: reproduced (name
up to its counter, class, shape and parameters are equal), unknown (lstmlint does not know, or did not find the layer), wrong.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lstmlint.analysis import analyse
from lstmlint.classes import replace
from lstmlint.report.models.values import shape_text
from lstmlint.settings import default_settings

REPRODUCED, UNKNOWN, WRONG, MISSING = "reproduced", "unknown", "wrong", "missing"
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Compared:
    """One row of a saved table, what `show` has for it (None: nothing), and what that is worth."""

    place: str
    saved: Row
    shown: Row | None
    verdict: str


def main() -> None:
    """Compare all tables, print what was asked for, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", type=Path, metavar="TABLES")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--eras", type=Path, metavar="FILE", help="which Keras each checkout is for")
    parser.add_argument("--list", default="", metavar="VERDICTS", help="rows to print: wrong, unknown, missing")
    parser.add_argument("--only", default="", metavar="NAME", help="a part of the names of files to compare")
    options = parser.parse_args()
    eras = _eras(options.eras) if options.eras else {}
    tables: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for line in options.tables.read_text(encoding="utf-8").splitlines():
        table = json.loads(line)
        if options.only in f"{table['repo']}/{table['path']}":
            tables.setdefault((table["repo"], table["path"]), []).append(table)
    sums: dict[str, Counter[str]] = {}
    for (repo, path), saved in tables.items():
        for row in compared(options.folder / repo / path, saved, eras.get(repo.partition("@")[0], "")):
            sums.setdefault(repo, Counter())[row.verdict] += 1
            if row.verdict in options.list.split(","):
                print(f"{row.verdict}: {row.place}\n    saved {row.saved}\n    shown {row.shown}")
    for repo, counts in sums.items():
        print(_line(repo, counts))
    print(_line("all", sum(sums.values(), Counter())))


def _line(name: str, counts: Counter[str]) -> str:
    told = ", ".join(f"{counts[verdict]} {verdict}" for verdict in (REPRODUCED, UNKNOWN, MISSING, WRONG))
    return f"{name:<55} {counts.total():>5} rows: {told} ({counts[REPRODUCED] / max(counts.total(), 1):.0%})"


def _eras(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        return {row["repo"].replace("/", "+"): row["era_guess"] for row in csv.DictReader(file, delimiter="\t")}


def compared(path: Path, tables: Sequence[Mapping[str, Any]], era: str) -> Iterator[Compared]:
    """The rows of all tables saved in one file."""
    data = path.read_bytes()
    settings = replace(default_settings(str(path.parent)), keras_version=_version(data, era))
    models = analyse(str(path), data, settings, want_models=True).models
    shown = [(model["cell"], [_row(layer) for layer in model["layers"]]) for model in models]
    for table in tables:
        saved = [tuple(row) for row in table["layers"]]
        cell = table["cell"]
        place = f"{path}:cell {None if cell is None else cell + 1}"
        usable = [rows for at, rows in shown if cell is None or at is None or at <= cell + 1]
        yield from _compared(place, saved, _nearest(saved, usable))


def _version(data: bytes, era: str) -> str:
    if era == "keras3":
        return "3"
    uses_tensorflow = re.search(rb"(from|import) tensorflow[\w.]*keras|from tensorflow import keras|tf\.keras", data)
    return "2.15" if uses_tensorflow and era != "keras2" else "2.3"


def _row(layer: Mapping[str, Any]) -> Row:
    count = layer["params"]
    return layer["name"], layer["class"], shape_text(layer["output_shape"]), str(count)


def _nearest(saved: Sequence[Row], models: Sequence[Sequence[Row]]) -> Sequence[Row]:
    """The model most like a table; of equals the last one made."""
    return max(reversed(models), key=lambda rows: _likeness(saved, rows), default=())


def _likeness(saved: Sequence[Row], rows: Sequence[Row]) -> tuple[float, int]:
    pairs = [(saved[i], rows[j]) for i, j in _pairs(saved, rows)]
    equal = sum(_verdict(ours, theirs) == REPRODUCED for theirs, ours in pairs)
    names = sum(theirs[0] == ours[0] for theirs, ours in pairs)
    return len(pairs) / max(len(saved), len(rows)) + equal / max(len(saved), 1), names


def _pairs(saved: Sequence[Row], rows: Sequence[Row]) -> list[tuple[int, int]]:
    """Which rows belong together: the best alignment, as saved tables may lack rows that were cut to fit."""
    scores = [[0.0] * (len(rows) + 1) for _ in range(len(saved) + 1)]
    for i, theirs in enumerate(saved):
        for j, ours in enumerate(rows):
            gain = _WORTH[_verdict(ours, theirs)] if _kind(ours) == _kind(theirs) else -1.0
            scores[i + 1][j + 1] = max(scores[i][j + 1], scores[i + 1][j], scores[i][j] + gain)
    pairs = []
    i, j = len(saved), len(rows)
    while i and j:
        if scores[i][j] == scores[i - 1][j]:
            i -= 1
        elif scores[i][j] == scores[i][j - 1]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


#: How much two rows that belong together are worth.
_WORTH = {REPRODUCED: 1.0, UNKNOWN: 0.9, WRONG: 0.5}


def _kind(row: Row) -> tuple[str, str]:
    """The class (models were called by other names in each Keras) and the name without its counter."""
    return "Functional" if row[1] in ("Model", "Functional") else row[1], _stem(row[0])


def _compared(place: str, saved: Sequence[Row], rows: Sequence[Row]) -> Iterator[Compared]:
    pairs = _pairs(saved, rows)
    if 2 * len(pairs) < len(saved):  # another model
        pairs = []
    partners = {i: rows[j] for i, j in pairs}
    for index, row in enumerate(saved):
        ours = partners.get(index)
        yield Compared(place, row, ours, MISSING if ours is None else _verdict(ours, row))


def _verdict(ours: Row, theirs: Row) -> str:
    verdicts = {
        _same(ours[2], theirs[2]),
        _same(ours[3], theirs[3].replace(",", "")) if theirs[3].strip(",") else REPRODUCED,
    }
    return WRONG if WRONG in verdicts else UNKNOWN if UNKNOWN in verdicts else REPRODUCED


def _same(ours: str, theirs: str) -> str:
    if _plain(ours) == _plain(theirs) or theirs in ("multiple", "?"):
        return REPRODUCED
    return UNKNOWN if _is_open(ours) else WRONG


def _is_open(text: str) -> bool:
    """Whether a shape or count is not known as a number: `?`, or words of the source."""
    return (
        "?" in text
        or "-1" in text
        or re.search(r"[A-Za-z_]", text.replace("None", "").replace("multiple", "")) is not None
    )


def _stem(name: str) -> str:
    return re.sub(r"_[\d?]+$", "", name)


def _plain(shape: str) -> str:
    """A shape without the list around a single one; of several, the first (tables break the others over lines)."""
    hit = re.search(r"\([^()]*\)", shape)
    return hit[0] if hit else shape


if __name__ == "__main__":
    main()
