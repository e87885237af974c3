"""Comments that hide findings: `# lstmlint: ignore[LL101]`, `# lstmlint: ignore-file`, `# noqa: LL101`."""

from __future__ import annotations

import bisect
import io
import re
from collections.abc import Iterable, Sequence

from lstmlint.classes import dataclass
from lstmlint.diagnostics import Diagnostic, Position, Span
from lstmlint.source.text import Lines


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment.  `kind`: "line" or "file"; `codes`: codes, prefixes or names, none for everything;
    `row` and `span`: where it stands in the text (for a notebook, the text of all cells)."""

    kind: str
    codes: tuple[str, ...]
    row: int
    span: Span
    is_noqa: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A diagnostic with the rows on which a comment hides it: its own, and its statement's first and last."""

    diagnostic: Diagnostic
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unused:
    """A suppression that hides nothing, or some of whose `codes` do not."""

    suppression: Suppression
    codes: tuple[str, ...]

    @property
    def wholly(self) -> bool:
        """Whether the whole comment can go."""
        return self.codes == self.suppression.codes


_DIRECTIVE = re.compile(
    r"""\#[ \t]*(?:
          lstmlint[ \t]*:[ \t]*ignore(?P<file>-file)?(?![-\w])(?:[ \t]*\[(?P<codes>[^\]\r\n]*)\])?
        | (?P<noqa>noqa)[ \t]*:[ \t]*(?P<listed>[A-Z]+[0-9]+(?:[ \t]*[, \t][ \t]*[A-Z]+[0-9]+)*))""",
    re.VERBOSE | re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[,\s]+")


def find(text: str) -> list[Suppression]:
    """All suppressions of a text, in order.  What stands in a string does not count."""
    hits = list(_DIRECTIVE.finditer(text))
    if not hits:
        return []
    lines = Lines(text)
    comments = comment_columns(lines)
    found: list[Suppression] = []
    for hit in hits:
        row = bisect.bisect_right(lines.starts, hit.start())
        column = hit.start() - lines.starts[row - 1] + 1
        if comments.get(row, column + 1) > column:
            continue
        suppression = _suppression(hit, row, column)
        if suppression is not None:
            found.append(suppression)
    return found


def _suppression(hit: re.Match[str], row: int, column: int) -> Suppression | None:
    span = Span(Position(row, column), Position(row, column + len(hit.group())))
    if hit.group("noqa"):
        codes = tuple(code.upper() for code in _SEPARATOR.split(hit.group("listed")) if code[:2].upper() == "LL")
        return Suppression("line", codes, row, span, is_noqa=True) if codes else None
    listed = hit.group("codes")
    codes = tuple(code for code in _SEPARATOR.split(listed) if code) if listed is not None else ()
    if listed is not None and not codes:
        return None  # empty brackets name nothing
    return Suppression("file" if hit.group("file") else "line", codes, row, span)


def comment_columns(lines: Lines) -> dict[int, int]:
    """The column at which the comment of each row begins.  Units: both from 1."""
    import tokenize

    columns: dict[int, int] = {}
    text = "\n".join(lines.all)
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                columns[token.start[0]] = token.start[1] + 1
    except (tokenize.TokenError, SyntaxError):
        pass  # syntax newer than the running Python: what follows goes without suppressions
    return columns


def matches(code: str, diagnostic: Diagnostic) -> bool:
    """Whether `code` (a code, a prefix of one, or a name) means this diagnostic."""
    return diagnostic.code.startswith(code.upper()) or code.lower() == diagnostic.name.lower()


def apply(findings: Iterable[Finding], suppressions: Sequence[Suppression]) -> tuple[list[Diagnostic], list[Unused]]:
    """The diagnostics that no suppression hides, and the suppressions that hide nothing."""
    kept: list[Diagnostic] = []
    used: set[tuple[int, str | None]] = set()
    by_row: dict[int, list[int]] = {}
    everywhere: list[int] = []
    for index, suppression in enumerate(suppressions):
        (everywhere if suppression.kind == "file" else by_row.setdefault(suppression.row, [])).append(index)
    for finding in findings:
        near = [*everywhere, *(index for row in dict.fromkeys(finding.rows) for index in by_row.get(row, ()))]
        hits = [hit for index in near for hit in _hits(index, suppressions[index], finding.diagnostic)]
        used.update(hits)
        if not hits:
            kept.append(finding.diagnostic)
    return kept, list(_unused(suppressions, used))


def _hits(index: int, suppression: Suppression, diagnostic: Diagnostic) -> list[tuple[int, str | None]]:
    if not suppression.codes:
        return [(index, None)]
    return [(index, code) for code in suppression.codes if matches(code, diagnostic)]


def _unused(suppressions: Sequence[Suppression], used: set[tuple[int, str | None]]) -> Iterable[Unused]:
    for index, suppression in enumerate(suppressions):
        idle = tuple(code for code in suppression.codes if (index, code) not in used)
        if idle or (not suppression.codes and (index, None) not in used):
            yield Unused(suppression, idle)
