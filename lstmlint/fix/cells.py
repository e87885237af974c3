"""Edits in the cells of a notebook, made in its JSON text: indentation, escapes and line ends stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from lstmlint.classes import dataclass
from lstmlint.diagnostics import Edit
from lstmlint.source.notebooks import items, sources
from lstmlint.source.text import Lines

_BOM = b"\xef\xbb\xbf"
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL
)
_NEWLINES = ("\\n", "\\u000a", "\\u000A")


@dataclass(frozen=True, slots=True)
class _Part:
    """One string of a cell's source: where it stands in the JSON text, its value, and how each character is written."""

    start: int
    end: int
    value: str
    written: tuple[str, ...]


def edited_notebook(data: bytes, edits: Iterable[Edit]) -> bytes | None:
    """The notebook after `edits`, which come last first; None when it has no such places."""
    bom = _BOM if data.startswith(_BOM) else b""
    try:
        text = data[len(bom) :].decode("utf-8")
        for edit in edits:
            text = _edited(text, edit)
        return bom + text.encode("utf-8")
    except (ValueError, LookupError, RecursionError):
        return None


def _edited(text: str, edit: Edit) -> str:
    """The JSON text after one edit.

    Errors: ValueError or LookupError for a place that it does not have.
    """
    source = sources(text)[(edit.span.cell or 0) - 1]
    if source is None:
        raise LookupError(edit.span.cell)
    is_list = text[source] == "["
    parts = [_part(text, offset) for offset in (items(text, source) if is_list else [source])]
    whole = "".join(part.value for part in parts)
    if not parts or whole.startswith("\ufeff"):
        raise LookupError(edit.span.cell)
    start, end = Lines(whole).offsets(edit.span)
    first, before = 0, 0
    while first < len(parts) - 1 and start >= before + len(parts[first].value):
        before += len(parts[first].value)
        first += 1
    last, last_start = first, before
    while last < len(parts) - 1 and end > last_start + len(parts[last].value):
        last_start += len(parts[last].value)
        last += 1
    new = [
        *parts[first].written[: start - before],
        *_written(edit.content, whole, text.isascii()),
        *parts[last].written[end - last_start :],
    ]
    if parts[last].value.endswith("\n") and new and new[-1] not in _NEWLINES and last < len(parts) - 1:
        last += 1  # the line lost its end and goes on with the next one
        new += parts[last].written
    return _put(text, source, parts, (first, last), _lines(new) if is_list else ["".join(new)])


def _part(text: str, offset: int) -> _Part:
    value, end = json.JSONDecoder().raw_decode(text, offset)
    written = tuple(_ESCAPE.findall(text, offset + 1, end - 1))
    if not isinstance(value, str) or len(written) != len(value):
        raise ValueError("not a string")
    return _Part(offset, end, value, written)


def _written(content: str, cell: str, is_ascii: bool) -> list[str]:
    """Each character of new text as JSON, with the line ends of the cell."""
    found = re.search(r"\r\n|\r|\n", cell)
    text = re.sub(r"\r\n|\r|\n", found[0] if found is not None else "\n", content)
    return [json.dumps(character, ensure_ascii=is_ascii)[1:-1] for character in text]


def _lines(written: Sequence[str]) -> list[str]:
    """Characters as lines, each with its end; none for no characters."""
    lines: list[str] = []
    current: list[str] = []
    for character in written:
        current.append(character)
        if character in _NEWLINES:
            lines.append("".join(current))
            current = []
    return [*lines, "".join(current)] if current else lines


def _put(text: str, source: int, parts: Sequence[_Part], touched: tuple[int, int], lines: Sequence[str]) -> str:
    """The JSON text with `lines` in the place of the parts touched (the first to the last of them)."""
    first, last = touched
    start, end = parts[first].start, parts[last].end
    if not lines and first:
        start = parts[first - 1].end
    elif not lines and last < len(parts) - 1:
        end = parts[last + 1].start
    elif not lines:
        lines = [""]
    between = text[parts[0].end : parts[1].start] if len(parts) > 1 else "," + text[source + 1 : parts[0].start]
    return text[:start] + between.join(f'"{line}"' for line in lines) + text[end:]
