"""Source frames: lines with numbers, and under them the marks that say what is meant.  Uses rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.text import Text

from lstmlint.classes import dataclass
from lstmlint.diagnostics import Span
from lstmlint.words import printable

CONTEXT_ROWS = 2
LONG_SPAN_ROWS = 6
"""A span of more rows is shown by its first and last ones."""

TAB = "    "
GUTTER_STYLE = "bold blue"


@dataclass(frozen=True, slots=True)
class Mark:
    """A span to underline, with what to say about it.  `context` is how many rows around it are shown."""

    span: Span
    label: str
    character: str
    style: str
    context: int = 0


def frame(lines: Sequence[str], marks: Sequence[Mark], *, gutter: int, width: int) -> Iterable[Text]:
    """The rows of all marks with their underlines; `gutter` is the width of line numbers.

    Nothing when none of the marks lies within `lines` (the file has changed or is gone).
    """
    rows = _rows_to_show(lines, marks)
    if not rows:
        return
    bar = " " * gutter + " |"
    yield Text(bar, GUTTER_STYLE)
    previous = rows[0]
    for row in rows:
        if row > previous + 1:
            yield Text("." * 3, GUTTER_STYLE)
        previous = row
        here = [mark for mark in marks if mark.span.start.row <= row <= mark.span.end.row]
        line = _Line.of(lines[row - 1], width - gutter - 3, min((m.span.start.column for m in here), default=1))
        yield _joined(f"{row:>{gutter}} |", line.shown)
        for mark in here:
            underline = _underline(line, lines[row - 1], mark, row)
            if underline is not None:
                yield _joined(bar, underline)
    yield Text(bar, GUTTER_STYLE)


def _joined(gutter: str, content: Text | str) -> Text:
    text = Text()
    text.append(gutter, GUTTER_STYLE)
    text.append(" ")
    text.append_text(content if isinstance(content, Text) else Text(content))
    text.rstrip()
    return text


def _rows_to_show(lines: Sequence[str], marks: Sequence[Mark]) -> list[int]:
    rows: set[int] = set()
    for mark in marks:
        first, last = mark.span.start.row, mark.span.end.row
        if first > len(lines):
            continue
        inner = range(first, last + 1)
        rows.update(inner if len(inner) <= LONG_SPAN_ROWS else (*inner[: LONG_SPAN_ROWS // 2], *inner[-1:]))
        before = range(first - mark.context, first)
        after = range(last + 1, last + mark.context + 1)
        rows.update(_without_blank_end(lines, reversed(before)), _without_blank_end(lines, after))
    shown = sorted(row for row in rows if 1 <= row <= len(lines))
    # A gap of one row costs as much as the row.
    return sorted({*shown, *(row + 1 for row, after in pairwise(shown) if after == row + 2)})


def _without_blank_end(lines: Sequence[str], rows: Iterable[int]) -> list[int]:
    kept = [row for row in rows if 1 <= row <= len(lines)]
    while kept and not lines[kept[-1] - 1].strip():
        kept.pop()
    return kept


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as shown: tabs widened, long ones cropped around a column.  `offsets` has a screen column per character."""

    shown: str
    offsets: tuple[int, ...]

    @classmethod
    def of(cls, line: str, width: int, column: int) -> _Line:
        pieces = [TAB if character == "\t" else printable(character) for character in line]
        offsets = [0]
        for piece in pieces:
            offsets.append(offsets[-1] + cell_len(piece))
        width = max(width, 20)
        if offsets[-1] <= width:
            return cls("".join(pieces), tuple(offsets))
        target = offsets[min(column, len(pieces)) - 1]
        start = max(min(target - width // 4, offsets[-1] - width), 0)
        first = next(index for index, offset in enumerate(offsets) if offset >= start)
        last = max(index for index, offset in enumerate(offsets) if offset <= offsets[first] + width - 2)
        head = "…" if first else ""
        tail = "…" if last < len(pieces) else ""
        shift = len(head) - offsets[first]
        limit = offsets[last] + shift
        cropped = tuple(min(max(offset + shift, len(head)), limit) for offset in offsets)
        return cls(head + "".join(pieces[first:last]) + tail, cropped)

    def offset(self, column: int) -> int:
        """The screen column (from 0) of a column (from 1); one past the end of the line is allowed, more is not."""
        return self.offsets[min(max(column, 1), len(self.offsets)) - 1]


def _underline(line: _Line, source: str, mark: Mark, row: int) -> Text | None:
    """The marks under one row of a span, from the first character that is not blank; the label stands at the end."""
    span = mark.span
    blank = len(source) - len(source.lstrip())
    start = span.start.column if row == span.start.row else blank + 1
    end = span.end.column if row == span.end.row else len(source.rstrip()) + 1
    is_last = row == span.end.row
    if end <= start and not (is_last and row == span.start.row):
        return Text(" " * line.offset(start) + mark.label, mark.style) if is_last and mark.label else None
    left, right = line.offset(start), line.offset(end)
    text = Text(" " * left)
    text.append(mark.character * max(right - left, 1), mark.style)
    if is_last and mark.label:
        text.append(" " + mark.label, mark.style)
    return text
