"""Edits -> bytes: the content of a file after fixes, with every byte outside of them as it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lstmlint.diagnostics import Edit, Position, Span
from lstmlint.fix.cells import edited_notebook
from lstmlint.source.guard import Limits
from lstmlint.source.text import Decoded, Lines, decode


def apply(filename: str, data: bytes, edits: Sequence[Edit], limits: Limits) -> bytes | None:
    """`data`, the content of a file of that name, after edits that do not overlap.

    Unknown: None when the file is no text, has no such places, or its encoding lacks a character of an edit.
    """
    ordered = sorted(edits, key=lambda edit: (edit.span.cell or 0, edit.span.start, edit.span.end), reverse=True)
    if filename.lower().endswith(".ipynb"):
        return edited_notebook(data, ordered)
    decoded = decode(data, limits.max_bytes)
    if not isinstance(decoded, Decoded):
        return None
    text = decoded.text
    lines = Lines(text)
    for edit in ordered:
        start, end = lines.offsets(edit.span)
        text = text[:start] + edit.content + text[end:]
    try:
        return decoded.encode(text)
    except UnicodeEncodeError:
        return None


def overlap(first: Iterable[Edit], second: Iterable[Edit]) -> bool:
    """Whether two fixes touch the same characters or insert at the same place."""
    return any(_overlap(a.span, b.span) for a in first for b in second)


def _overlap(a: Span, b: Span) -> bool:
    if a.cell != b.cell:
        return False
    return a.start == b.start or (a.start < b.end and b.start < a.end)


def moved(place: Span, edits: Iterable[Edit]) -> Span:
    """The place after the edits, as an empty span at its beginning."""
    row, column = place.start.row, place.start.column
    before = [edit for edit in edits if edit.span.cell == place.cell and edit.span.end <= place.start]
    # From the last to the first: each stands where it did, and the place where the later ones have put it.
    for edit in sorted(before, key=lambda edit: edit.span.start, reverse=True):
        start, end, added = edit.span.start, edit.span.end, Lines(edit.content).all
        if row == end.row:
            column += len(added[-1]) - end.column + (start.column if len(added) == 1 else 1)
        row += len(added) - 1 - (end.row - start.row)
    position = Position(row, column)
    return Span(position, position, place.cell)
