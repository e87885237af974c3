"""Comments in which users say what the code does not: `# lstmlint: shape(x) = (n, 30, 7)`."""

from __future__ import annotations

import bisect
import re

from lstmlint.classes import dataclass
from lstmlint.datafiles.said import Said, parse
from lstmlint.diagnostics import Position, Span
from lstmlint.source.suppressions import comment_columns
from lstmlint.source.text import Lines

_DIRECTIVE = re.compile(r"#[ \t]*lstmlint[ \t]*:[ \t]*shape\b(?P<rest>[^\r\n#]*)", re.IGNORECASE)
_CLAIM = re.compile(
    r"(?:shape)?[ \t]*\([ \t]*(?P<name>\w+)[ \t]*\)[ \t]*=[ \t]*\((?P<dims>[^()]*)\)[ \t]*(?P<more>,[ \t]*shape)?[ \t]*"
)


@dataclass(frozen=True, slots=True)
class ShapeComment:
    """What one comment says: the shapes of names, or nothing that can be read (`shapes` is None).

    `row` and `span`: where it stands in the text.  `alone`: no code stands before it on its line.
    """

    row: int
    span: Span
    shapes: tuple[tuple[str, Said], ...] | None
    alone: bool


def find(text: str) -> list[ShapeComment]:
    """All such comments of a text, in order.  What stands in a string does not count."""
    hits = list(_DIRECTIVE.finditer(text))
    if not hits:
        return []
    lines = Lines(text)
    comments = comment_columns(lines)
    found = []
    for hit in hits:
        row = bisect.bisect_right(lines.starts, hit.start())
        column = hit.start() - lines.starts[row - 1] + 1
        if comments.get(row, column + 1) > column:
            continue
        span = Span(Position(row, column), Position(row, column + len(hit.group().rstrip())))
        alone = not text[lines.starts[row - 1] : hit.start()].strip()
        found.append(ShapeComment(row, span, _shapes(hit.group("rest")), alone))
    return found


def _shapes(rest: str) -> tuple[tuple[str, Said], ...] | None:
    shapes = []
    place, more = 0, True
    while more:
        claim = _CLAIM.match(rest, place)
        said = parse(claim.group("dims")) if claim is not None else None
        if claim is None or said is None:
            return None
        shapes.append((claim.group("name"), said))
        place, more = claim.end(), claim.group("more") is not None
    behind = rest[place:].strip()
    return tuple(shapes) if not behind or behind[0] not in "(=,+-*/" else None
