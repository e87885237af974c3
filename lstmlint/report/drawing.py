"""How `full` draws a finding: its source, the places that explain it, and what to do.  Uses rich."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from difflib import unified_diff

from rich.console import Console
from rich.style import Style
from rich.text import Text

from lstmlint.diagnostics import Diagnostic, Edit, Fix, KerasEffect, Severity, Span
from lstmlint.report import Report
from lstmlint.report.frames import CONTEXT_ROWS, GUTTER_STYLE, Mark, frame
from lstmlint.report.places import place
from lstmlint.words import printable

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold cyan"}
_SECONDARY_STYLE = "bold blue"
_DIFF_STYLES = {"-": "red", "+": "green"}
DIFF_ROWS = 12
"""Rows of a fix that are shown; the rest is counted."""


def draw(report: Report) -> str:
    """All findings, each with an empty line after it."""
    output = io.StringIO()
    console = Console(
        file=output,
        force_terminal=report.color,
        color_system="standard" if report.color else None,
        width=report.width,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
        _environ={},
    )
    for diagnostic in report.diagnostics:
        for line in _finding(diagnostic, report):
            console.print(line, end="\n")
        console.print()
    return output.getvalue()


def _finding(diagnostic: Diagnostic, report: Report) -> Iterator[Text]:
    style = _STYLES[diagnostic.severity]
    head = Text()
    head.append(diagnostic.code, Style.parse(style) + Style(link=diagnostic.url))
    if report.is_fixable(diagnostic):
        head.append(" [*]", "bold cyan")
    head.append(" " + printable(diagnostic.message), "bold")
    yield head
    groups = _groups(diagnostic, style)
    gutter = max((len(str(mark.span.end.row + mark.context)) for _, _, marks in groups for mark in marks), default=1)
    yield _pointer("-->", diagnostic.filename, diagnostic.span, gutter)
    for index, (filename, cell, marks) in enumerate(groups):
        if index or diagnostic.span is None:
            yield _pointer(":::", filename, marks[0].span, gutter)
        yield from frame(report.sources.lines(filename, cell), marks, gutter=gutter, width=report.width)
    yield from _notes(diagnostic, report, gutter)


def _pointer(arrow: str, filename: str, span: Span | None, gutter: int) -> Text:
    text = Text()
    text.append(" " * gutter + arrow + " ", GUTTER_STYLE)
    text.append(place(filename, span))
    return text


def _groups(diagnostic: Diagnostic, style: str) -> list[tuple[str, int | None, list[Mark]]]:
    """Marks by file and cell, the finding's own first; places of one file share a frame."""
    groups: dict[tuple[str, int | None], list[Mark]] = {}
    if diagnostic.span is not None:
        mark = Mark(diagnostic.span, "", "^", style, CONTEXT_ROWS)
        groups[diagnostic.filename, diagnostic.span.cell] = [mark]
    for second in diagnostic.trace:
        mark = Mark(second.span, printable(second.message), "-", _SECONDARY_STYLE)
        groups.setdefault((second.filename, second.span.cell), []).append(mark)
    return [(filename, cell, marks) for (filename, cell), marks in groups.items()]


#: Characters of what real Keras said: it goes on about tensors and arguments.
_WORDS_OF_KERAS = 200


def _notes(diagnostic: Diagnostic, report: Report, gutter: int) -> Iterator[Text]:
    if diagnostic.help:
        yield _note("help", diagnostic.help, gutter)
    if diagnostic.keras:
        yield _note(*_keras(diagnostic.keras), gutter)
    if diagnostic.verified:
        verified = diagnostic.verified
        by = f" by Keras {verified.keras}" if verified.keras and verified.verdict != "not-verifiable" else ""
        words = " ".join((verified.message or "").split())
        shown = words if len(words) <= _WORDS_OF_KERAS else f"{words[:_WORDS_OF_KERAS]} …"
        yield _note("verified", f"{verified.verdict}{by}" + (f": {shown}" if shown else ""), gutter)
    if diagnostic.fix:
        yield _note(f"fix ({diagnostic.fix.applicability})", diagnostic.fix.message, gutter)
        yield from _diff(diagnostic.fix, diagnostic.filename, report, gutter)
    yield _note(
        "rule", f"{diagnostic.name} ({diagnostic.severity.value}), see `lstmlint explain {diagnostic.code}`", gutter
    )


def _note(title: str, text: str, gutter: int) -> Text:
    note = Text()
    note.append(" " * gutter + " = ", GUTTER_STYLE)
    note.append(title + ": ", "bold")
    indent = "\n" + " " * (gutter + len(" = ") + len(title) + len(": "))
    note.append(indent.join(map(printable, text.splitlines())))
    return note


def _keras(effect: KerasEffect) -> tuple[str, str]:
    keras = f"Keras {effect.version}"
    if effect.effect == "silent":
        return keras, "says nothing and runs on" + (f": {effect.message}" if effect.message else "")
    return (f"{keras} says", effect.message) if effect.message else (keras, "raises")


def _diff(fix: Fix, filename: str, report: Report, gutter: int) -> Iterator[Text]:
    """The rows that the fix changes, before and after."""
    edits = sorted(fix.edits, key=lambda edit: edit.span.start)
    if not edits:
        return
    first, last = edits[0].span.start.row, max(edit.span.end.row for edit in edits)
    before = list(report.sources.lines(filename, edits[0].span.cell)[first - 1 : last])
    after = _edited(before, edits, first)
    changes = [line for line in unified_diff(before, after, n=0, lineterm="") if line[:2] not in ("--", "++", "@@")]
    for line in changes[:DIFF_ROWS]:
        text = Text(" " * gutter + "   ")
        text.append(line[0] + " " + printable(line[1:].replace("\t", "    ")), _DIFF_STYLES[line[0]])
        yield text
    if len(changes) > DIFF_ROWS:
        yield Text(" " * gutter + f"   … {len(changes) - DIFF_ROWS} more", "dim")


def _edited(lines: list[str], edits: Iterable[Edit], first_row: int) -> list[str]:
    """`lines`, of which the first is row `first_row`, after the edits; later edits first, so that places stay right."""
    lines = list(lines)
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        start, end = edit.span.start, edit.span.end
        top, bottom = start.row - first_row, end.row - first_row
        if not 0 <= top <= bottom < len(lines):
            return lines
        text = lines[top][: start.column - 1] + edit.content + lines[bottom][end.column - 1 :]
        lines[top : bottom + 1] = text.split("\n")
    return lines
