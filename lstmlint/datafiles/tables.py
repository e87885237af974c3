"""Tables in text files (CSV and the like): labels and counts of columns, and of rows where the whole file is seen."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

from lstmlint.classes import dataclass

MOST_BYTES = 1_000_000
"""Bytes that are read of a table.  The rows of a larger one are not counted."""

MOST_COLUMNS = 5_000

ENCODINGS = frozenset(
    {"utf-8", "utf8", "utf-8-sig", "ascii", "latin-1", "latin1", "iso-8859-1", "cp1252", "windows-1252"}
)


@dataclass(frozen=True, slots=True)
class Form:
    """How a table is written.  `separator`: one character; None: any white space.

    `skipped`: lines in front that do not count.  `header`: which of the lines that follow has the labels (None: no one).
    """

    separator: str | None = ","
    encoding: str = "utf-8"
    skipped: int = 0
    header: int | None = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A table: labels (None: it has none), columns, rows (None: not counted), the places of columns that are all numbers."""

    labels: tuple[str, ...] | None
    width: int
    rows: int | None
    numbers: frozenset[int]


def read_table(file: IO[bytes], size: int, form: Form) -> Table | None:
    """The table in a file as pandas reads it.

    None: it is empty or not clear (rows longer than the labels, which become an index; lone quotes; another encoding).
    """
    lines = _lines(file, size, form)
    if lines is None or form.separator is None:
        return None
    text, whole = lines
    rows = csv.reader(islice(text, form.skipped, None), delimiter=form.separator)
    found = (row for row in rows if row)
    try:
        return _table(found, form, whole=whole)
    except (csv.Error, StopIteration):
        return None


def _table(rows: Iterator[list[str]], form: Form, *, whole: bool) -> Table | None:
    labels = None
    if form.header is not None:
        labels = next(islice(rows, form.header, None), None)
        if labels is None:
            return None
    first = next(rows, None)
    width = len(first or ()) if labels is None else len(labels)
    if first is None or not 0 < width <= MOST_COLUMNS or len(first) > width:
        return None
    numbers, count = set(range(width)), 0
    for row in _with(first, rows):
        if len(row) > width or (len(row) == 1 and not row[0].strip()):
            return None
        count += 1
        _keep_numbers(numbers, row)
    named = None if labels is None else tuple(label or f"Unnamed: {place}" for place, label in enumerate(labels))
    return Table(named, width, count if whole else None, frozenset(numbers) if whole else frozenset())


def _with(first: list[str], rows: Iterable[list[str]]) -> Iterator[list[str]]:
    yield first
    yield from rows


def _keep_numbers(numbers: set[int], row: list[str]) -> None:
    """Drop the places where a row has something else than a number or nothing."""
    for place in tuple(numbers):
        cell = row[place] if place < len(row) else ""
        if cell:
            try:
                float(cell)
            except ValueError:
                numbers.discard(place)
            else:
                if "_" in cell or not cell.isascii():
                    numbers.discard(place)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A table of numbers as NumPy reads it: columns, and rows (None: not counted)."""

    width: int
    rows: int | None


def read_numbers(file: IO[bytes], size: int, form: Form, *, lenient: bool) -> Numbers | None:
    """The numbers in a text file.  `lenient`: what is no number is none of its business (it becomes nan).

    None: it is empty, its rows have different lengths, or something in it is no number.
    """
    lines = _lines(file, size, form)
    if lines is None:
        return None
    text, whole = lines
    width, count = 0, 0
    for line in islice(text, form.skipped, None):
        plain = line.split("#", 1)[0].strip("\r\n" if form.separator and not lenient else " \r\n")
        if not plain.strip():
            continue
        cells = plain.split(form.separator)  # as NumPy does: quotes mean nothing
        width = width or len(cells)
        if len(cells) != width or width > MOST_COLUMNS or not (lenient or all(map(_is_number, cells))):
            return None
        count += 1
    return Numbers(width, count if whole else None) if width else None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _lines(file: IO[bytes], size: int, form: Form) -> tuple[list[str], bool] | None:
    """The lines of a file with their ends, as far as they are read, and whether these are all."""
    data = file.read(MOST_BYTES + 1)
    whole = len(data) <= MOST_BYTES and len(data) >= size
    if not whole:
        data = data[: data.rfind(b"\n") + 1]
    if b"\0" in data or form.encoding.lower() not in ENCODINGS:
        return None
    text = data.decode(form.encoding).removeprefix("\ufeff")
    lines = text.splitlines(keepends=True) if text.isascii() and not _ODD & set(text) else _plain_lines(text)
    if not whole and text.count('"') % 2:
        return None  # cut inside of a quotation
    return lines, whole


#: Characters at which Python ends a line, and files do not.
_ODD = frozenset("\v\f\x1c\x1d\x1e")


def _plain_lines(text: str) -> list[str]:
    """The lines of a text, ended by `\\n`, `\\r\\n` or `\\r` only."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return [f"{line}\n" for line in plain.split("\n")] if plain else []
