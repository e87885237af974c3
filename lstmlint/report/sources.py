"""The texts behind findings, for reports that show or hash lines.  Read when first asked for, and never fatal."""

from __future__ import annotations

import json
import re

from lstmlint.classes import dataclass, field
from lstmlint.diagnostics import Diagnostic

_LINE_END = re.compile(r"\r\n|\r|\n")
_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


@dataclass(frozen=True, slots=True)
class Sources:
    """Lines by display name.  `texts` holds what is not in a file of that name (standard input)."""

    texts: dict[str, bytes] = field(default_factory=dict)
    _lines: dict[tuple[str, int | None], tuple[str, ...]] = field(default_factory=dict)
    _rows: dict[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)

    def lines(self, filename: str, cell: int | None = None) -> tuple[str, ...]:
        """The lines of a file, or of a cell (from 1) of a notebook; none when they cannot be had."""
        key = filename, cell
        if key not in self._lines:
            data = self._read(filename)
            if cell is None:
                self._lines[key] = _split(decode(data))
            else:
                self._lines[key] = next(iter(cell_sources(data)[cell - 1 : cell]), ())
        return self._lines[key]

    def line(self, diagnostic: Diagnostic) -> str:
        """The line on which the finding begins; empty for a finding about a whole file."""
        if diagnostic.span is None:
            return ""
        lines = self.lines(diagnostic.filename, diagnostic.span.cell)
        row = diagnostic.span.start.row
        return lines[row - 1] if row <= len(lines) else ""

    def file_row(self, filename: str, cell: int | None, row: int) -> int:
        """The row (from 1) in the file itself: for notebooks, the row of the JSON text where that line stands."""
        if cell is None:
            return row
        if filename not in self._rows:
            self._rows[filename] = cell_rows(decode(self._read(filename)))
        rows = self._rows[filename]
        within = rows[cell - 1] if cell <= len(rows) else ()
        return within[row - 1] if row <= len(within) else (within[0] if within else 1)

    def _read(self, filename: str) -> bytes:
        if filename in self.texts:
            return self.texts[filename]
        try:
            with open(filename, "rb") as file:
                return file.read()
        except (OSError, ValueError):
            return b""


def decode(data: bytes) -> str:
    """The text of a Python file, by its byte order mark or coding cookie, else UTF-8; wrong bytes are replaced."""
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:].decode("utf-8", "replace")
    cookies = (_COOKIE.match(line) for line in data.split(b"\n", 2)[:2])
    encoding = next((cookie[1].decode() for cookie in cookies if cookie), "utf-8")
    try:
        return data.decode(encoding, "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _split(text: str) -> tuple[str, ...]:
    """The lines of `text` as Python counts them: form feeds and such do not end one."""
    return tuple(_LINE_END.split(text))


def cell_sources(data: bytes) -> tuple[tuple[str, ...], ...]:
    """The lines of every cell of a notebook, in order; empty when it is none."""
    try:
        notebook = json.loads(data.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return ()
    sheets = notebook.get("worksheets") if isinstance(notebook, dict) else None
    holders = sheets if isinstance(sheets, list) else [notebook]
    lists = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    return tuple(_cell_lines(cell) for cells in lists if isinstance(cells, list) for cell in cells)


def _cell_lines(cell: object) -> tuple[str, ...]:
    source = cell.get("source", cell.get("input", "")) if isinstance(cell, dict) else ""
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    return _split(source) if isinstance(source, str) else ()


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|\n', re.DOTALL)


def cell_rows(text: str) -> tuple[tuple[int, ...], ...]:
    """For every cell of the notebook's JSON text the rows (from 1) where its source lines stand.

    Reads tokens, not values: the source of a cell is the string or the list of strings after the key "source" (or
    "input", in old notebooks) of an object directly inside the list after the key "cells".
    """
    found: list[tuple[int, ...]] = []
    stack: list[str] = []
    key = ""
    row = 1
    lines: list[int] | None = None
    previous = ""
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token == "\n":
            row += 1
            continue
        if token in "[{":
            stack.append(token + key)
            if _is_cell(stack):
                found.append(())
            lines = [] if token == "[" and _is_cell(stack[:-1]) and key in ("source", "input") else lines
            key = ""
        elif token in "]}":
            if lines is not None and token == "]":
                found[-1], lines = tuple(lines), None
            if stack:
                stack.pop()
        elif token == ":":
            key = previous.strip('"')
        elif token == ",":
            key = "" if stack and stack[-1].startswith("{") else key
        elif lines is not None:
            lines.append(row)
        elif key in ("source", "input") and _is_cell(stack):
            found[-1] = (row,) * (token.count("\\n") + 1)
        previous = token
        row += token.count("\n")
    return tuple(found)


_CELL_PLACES = (["{", "[cells", "{"], ["{", "[worksheets", "{", "[cells", "{"])


def _is_cell(stack: list[str]) -> bool:
    return stack in _CELL_PLACES
