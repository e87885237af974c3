"""The repair of a comment that hides nothing: it goes, or loses the codes that do nothing in it."""

from __future__ import annotations

import re

from lstmlint.diagnostics import Fix
from lstmlint.fix.edits import NotCertain, Replacement, edit_of
from lstmlint.source.module import SourceModule
from lstmlint.source.suppressions import Unused

_REST = re.compile(r"[ \t]*([^\r\n]*)")
_LINE_END = re.compile(r"\r\n|\r|\n")


def comment_fix(module: SourceModule, unused: Unused) -> Fix | None:
    """The edit that takes idle codes out of a comment, or the comment away with what made room for it."""
    suppression = unused.suppression
    start, end = module.lines.offsets(suppression.span)
    text = module.text[start:end]
    left = _without(text, unused.codes) if suppression.codes else None
    if left is None:
        replacement, message = _removed(module.text, start, end), "Remove the comment."
    else:
        replacement, message = Replacement(start, end, left), f"Take {', '.join(unused.codes)} out of the comment."
    try:
        return Fix("safe", message, (edit_of(module, replacement),))
    except NotCertain:
        return None


def _without(text: str, idle: tuple[str, ...]) -> str | None:
    """The comment without some of its codes; None when none is left."""
    listed = re.compile(r"\[([^\]]*)\]|noqa[ \t]*:[ \t]*(.*)", re.IGNORECASE | re.DOTALL).search(text)
    assert listed is not None
    group = 1 if listed[1] is not None else 2
    gone = {code.upper() for code in idle}
    kept = [code for code in re.split(r"[,\s]+", listed[group]) if code and code.upper() not in gone]
    return text[: listed.start(group)] + ", ".join(kept) + text[listed.end(group) :] if kept else None


def _removed(text: str, start: int, end: int) -> Replacement:
    """What takes the characters of a comment away, with its line where nothing else stands on it."""
    rest = _REST.match(text, end)
    assert rest is not None
    if rest[1]:  # another comment, or the reason for this one
        return Replacement(start, rest.start(1), "" if rest[1].startswith("#") else "# ")
    before = text[:start].rstrip(" \t\f")
    line_end = _LINE_END.match(text, rest.end())
    if line_end is not None and (not before or before[-1] in "\r\n"):
        return Replacement(len(before), line_end.end(), "")
    return Replacement(len(before), rest.end(), "")
