"""Jupyter notebooks: the code cells as one Python text, and the way back to cell, row and line of the file.

What is IPython's and not Python's (magics, shell lines, help) is replaced by statements that do nothing, so that rows
and columns of everything else stay as they are.
"""

from __future__ import annotations

import bisect
import json
import re
from typing import Any

from lstmlint.classes import dataclass, field, replace
from lstmlint.diagnostics import Position, Span
from lstmlint.source.guard import DEFAULT_LIMITS, Limits
from lstmlint.source.magics import Neutral, neutralise
from lstmlint.source.text import Lines, SourceProblem


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell.  `number`: from 1, over all cells; `row`: where it begins in the module's text; `shift`: columns
    of indentation that were taken away from each of its lines; `source`: its text before IPython's parts were replaced."""

    number: int
    row: int
    text: str
    shift: int = 0
    source: str = field(default="", repr=False)

    @property
    def rows(self) -> int:
        """Number of lines it takes in the module's text."""
        return self.text.count("\n")

    def is_python(self, first: int, last: int) -> bool:
        """Whether these rows of the module's text (or the end of the cell) stand in the cell just so."""
        ours, theirs = self.text.split("\n"), self.source.split("\n")
        rows = range(first - self.row, last - self.row + 1)
        return all(row < len(ours) and ours[row] == theirs[row][self.shift :] for row in rows)


@dataclass(slots=True)
class CellMap:
    """From rows of the module's text to cells, and to rows of the `.ipynb` file."""

    cells: tuple[Cell, ...]
    _json: str = field(default="", repr=False)
    _first_rows: list[int] = field(default_factory=list, repr=False)
    _file_rows: dict[int, list[int]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self._first_rows = [cell.row for cell in self.cells]

    def locate(self, row: int) -> tuple[int, int]:
        """The cell (from 1, over all cells) and the row in it of a row of the text; (0, row) if there are no cells."""
        cell = self._cell(row)
        return (0, row) if cell is None else (cell.number, row - cell.row + 1)

    def span(self, span: Span) -> Span:
        """The same place within its cell."""
        cell = self._cell(span.start.row)
        if cell is None:
            return span
        start, end = (Position(place.row - cell.row + 1, place.column + cell.shift) for place in (span.start, span.end))
        return Span(start, end, cell.number)

    def problem(self, problem: SourceProblem) -> SourceProblem:
        """The same problem, placed within its cell."""
        if problem.row is None or (cell := self._cell(problem.row)) is None:
            return problem
        column = None if problem.column is None else problem.column + cell.shift
        return replace(problem, row=problem.row - cell.row + 1, column=column, cell=cell.number)

    def file_row(self, cell: int, row: int) -> int | None:
        """The row of the `.ipynb` file on which a cell's row stands (from 1), for tools that know files only."""
        if self._file_rows is None:
            self._file_rows = _file_rows(self._json)
        rows = self._file_rows.get(cell)
        return rows[min(max(row, 1), len(rows)) - 1] if rows else None

    def _cell(self, row: int) -> Cell | None:
        index = bisect.bisect_right(self._first_rows, row) - 1
        return self.cells[max(index, 0)] if self.cells else None


_COMMAND = re.compile(r"^[ \t]*(?:[%!]|cd\b).*|=[ \t]*[%!].*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Notebook:
    """The module's text, the way back, and what was left out.

    `installs` holds what `%pip install`, `!pip install` and the like name, one text for each such line.
    """

    text: str
    cells: CellMap
    problems: tuple[SourceProblem, ...] = ()
    installs: tuple[str, ...] = ()

    @property
    def commands(self) -> list[str]:
        """The lines that are not Python's: magics and commands of the shell; all of a cell in another language."""
        return [
            line.strip()
            for cell in self.cells.cells
            for line in (cell.source.splitlines() if cell.source[:2] == "%%" else _COMMAND.findall(cell.source))
            if line.strip()
        ]

    def without(self, broken: dict[int, SourceProblem]) -> Notebook:
        """The notebook with the cells of these numbers emptied, and their problems noted."""
        cells = tuple(
            replace(cell, text="\n" * cell.rows) if cell.number in broken else cell for cell in self.cells.cells
        )
        notes = [
            replace(problem, kind="cell", message=f"this cell was left out: {problem.message}", cell=number)
            for number, problem in broken.items()
        ]
        problems = sorted((*self.problems, *notes), key=lambda problem: problem.cell or 0)
        text = "".join(cell.text for cell in cells)
        return Notebook(text, CellMap(cells, self.cells._json), tuple(problems), self.installs)


def read_notebook(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Notebook | SourceProblem:
    """The notebook in `data` (nbformat 4, or 3 with its worksheets).  Never raises."""
    if len(data) > limits.max_notebook_bytes:
        size = f"{len(data):,} bytes, more than the limit of {limits.max_notebook_bytes:,}"
        return SourceProblem("too-large", f"the notebook has {size}")
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(text)
    except UnicodeDecodeError:
        return SourceProblem("notebook", "not a notebook: the file is not UTF-8 text")
    except RecursionError:
        return SourceProblem("notebook", "not a notebook: the JSON is nested too deeply")
    except ValueError as error:
        row, column = getattr(error, "lineno", None), getattr(error, "colno", None)
        reason = getattr(error, "msg", "a number is too long")
        return SourceProblem("notebook", f"not a notebook: invalid JSON ({reason})", row, column)
    if not isinstance(content, dict):
        return SourceProblem("notebook", "not a notebook: the JSON is no object")
    found = _cells(content)
    if found is None:
        return SourceProblem("notebook", "not a notebook: it has no cells")
    language = _language(content)
    if language not in ("python", "ipython", "ipython3", "ipython2"):
        return SourceProblem("notebook", f"a notebook in {language[:40]}, not in Python")
    return _assemble(found, text, limits)


def _cells(content: dict[str, Any]) -> list[Any] | None:
    cells = content.get("cells")
    if isinstance(cells, list):
        return cells
    worksheets = content.get("worksheets")
    if not isinstance(worksheets, list):
        return None
    sheets = [sheet.get("cells") for sheet in worksheets if isinstance(sheet, dict)]
    return [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]


def _language(content: dict[str, Any]) -> str:
    metadata = content.get("metadata")
    if isinstance(metadata, dict):
        for section, key in (("language_info", "name"), ("kernelspec", "language")):
            part = metadata.get(section)
            name = part.get(key) if isinstance(part, dict) else None
            if isinstance(name, str) and name:
                return name.lower()
    return "python"


def _code(cell: Any) -> str | None:
    """The source of a code cell; None for other cells."""
    if not isinstance(cell, dict) or cell.get("cell_type") != "code":
        return None
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    # Lone surrogates, which JSON can hold, are beyond every parser.
    source = source.encode("utf-8", "replace").decode("utf-8").removeprefix("\ufeff")
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _assemble(found: list[Any], json_text: str, limits: Limits) -> Notebook | SourceProblem:
    cells: list[Cell] = []
    problems: list[SourceProblem] = []
    installs: list[str] = []
    row = 1
    for number, raw in enumerate(found, 1):
        code = _code(raw)
        if code is None:
            continue
        if not code.endswith("\n"):
            code += "\n"
        neutral = neutralise(code) if "\0" not in code else Neutral("\n" * code.count("\n"), left_out="a NUL character")
        if neutral.left_out:
            problems.append(SourceProblem("cell", f"this cell was left out: {neutral.left_out}", 1, 1, number))
        installs.extend(neutral.installs)
        cell = Cell(number, row, neutral.text, neutral.shift, code)
        cells.append(cell)
        row += cell.rows
    text = "".join(cell.text for cell in cells)
    if len(text) > limits.max_bytes:
        size = f"{len(text):,} characters, more than the limit of {limits.max_bytes:,}"
        return SourceProblem("too-large", f"the code cells have {size}")
    return Notebook(text, CellMap(tuple(cells), json_text), tuple(problems), tuple(installs))


# --- rows of the file ------------------------------------------------------------------------------------------------

_DECODER = json.JSONDecoder()
_SPACE = " \t\r\n"


def _file_rows(text: str) -> dict[int, list[int]]:
    """For each cell (from 1) the row of the file on which each of its lines stands."""
    starts = Lines(text).starts
    result: dict[int, list[int]] = {}
    try:
        sources = _source_offsets(text)
    except (ValueError, IndexError, RecursionError):
        return result
    for number, lines in enumerate(sources, 1):
        result[number] = [bisect.bisect_right(starts, offset) for offset in lines]
    return result


def _source_offsets(text: str) -> list[list[int]]:
    """The offset of each source line's string, for each cell."""
    return [_line_offsets(text, source) for source in sources(text)]


def sources(text: str) -> list[int | None]:
    """The offset of each cell's source, a string or an array of strings, in the notebook's JSON.

    Errors: ValueError, LookupError or RecursionError for what is no notebook.
    """
    cells: list[int | None] = []
    top = dict(_members(text, _skip(text, 0)))
    if "cells" in top:
        arrays = [top["cells"]]
    else:
        arrays = [dict(_members(text, sheet))["cells"] for sheet in items(text, top["worksheets"])]
    for array in arrays:
        for cell in items(text, array):
            members = dict(_members(text, cell)) if text[cell] == "{" else {}
            cells.append(members.get("source", members.get("input")))
    return cells


def _line_offsets(text: str, source: int | None) -> list[int]:
    if source is None:
        return []
    parts = items(text, source) if text[source] == "[" else [source]
    offsets: list[int] = []
    open_line = False  # the last part ended without a newline: the next one goes on with its line
    for part in parts:
        value, _ = _DECODER.raw_decode(text, part)
        lines = value.count("\n") if isinstance(value, str) else 0
        ended = isinstance(value, str) and value.endswith("\n")
        offsets.extend([part] * (lines + (0 if ended else 1) - (1 if open_line else 0)))
        open_line = not ended
    return offsets or [source]


def _skip(text: str, position: int) -> int:
    while text[position] in _SPACE:
        position += 1
    return position


def _members(text: str, position: int) -> list[tuple[str, int]]:
    """Keys of the object at `position`, each with the offset of its value."""
    members: list[tuple[str, int]] = []
    position = _skip(text, position + 1)
    while text[position] != "}":
        key, position = _DECODER.raw_decode(text, position)
        value = _skip(text, _skip(text, position) + 1)
        members.append((key, value))
        position = _skip(text, _DECODER.raw_decode(text, value)[1])
        if text[position] == ",":
            position = _skip(text, position + 1)
    return members


def items(text: str, position: int) -> list[int]:
    """The offset of each item of the array at `position`."""
    items: list[int] = []
    position = _skip(text, position + 1)
    while text[position] != "]":
        items.append(position)
        position = _skip(text, _DECODER.raw_decode(text, position)[1])
        if text[position] == ",":
            position = _skip(text, position + 1)
    return items
