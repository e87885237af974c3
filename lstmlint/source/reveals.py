"""Comments that ask what is known: `# lstmlint: reveal`."""

from __future__ import annotations

import bisect
import re

from lstmlint.diagnostics import Position, Span
from lstmlint.source.suppressions import comment_columns
from lstmlint.source.text import Lines

_DIRECTIVE = re.compile(r"#[ \t]*lstmlint[ \t]*:[ \t]*reveal(?![-\w])", re.IGNORECASE)


def find(text: str) -> list[Span]:
    """Where such comments stand in a text, in order.  What stands in a string does not count."""
    hits = list(_DIRECTIVE.finditer(text))
    if not hits:
        return []
    lines = Lines(text)
    comments = comment_columns(lines)
    found = []
    for hit in hits:
        row = bisect.bisect_right(lines.starts, hit.start())
        column = hit.start() - lines.starts[row - 1] + 1
        if comments.get(row, column + 1) <= column:
            found.append(Span(Position(row, column), Position(row, column + len(hit.group()))))
    return found
