"""Workflow commands of GitHub Actions, one annotation per finding.

Source: GitHub documentation, "Workflow commands"; escaping as in actions/toolkit (`command.ts`).  GitHub shows ten
annotations of each kind per step and drops the rest without a word, so the severe come first and the rest is counted.
"""

from __future__ import annotations

from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.report import Report, verdict_words
from lstmlint.report.places import path_from, place
from lstmlint.words import count, printable

SHOWN_PER_KIND = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """One command per finding, by severity; nothing at all when nothing was found."""
    by_severity = sorted(report.diagnostics, key=lambda diagnostic: -diagnostic.severity.rank)
    return "".join(_command(diagnostic, report) + "\n" for diagnostic in by_severity)


def _command(diagnostic: Diagnostic, report: Report) -> str:
    span = diagnostic.span
    message = diagnostic.message + verdict_words(diagnostic)
    properties = {
        "title": f"lstmlint ({diagnostic.code})",
        "file": printable(path_from(diagnostic.filename, report.root)),
        "line": "1",
    }
    if span is not None and span.cell is not None:
        # Columns would be those of the JSON text, which nobody reads.
        properties["line"] = str(report.sources.file_row(diagnostic.filename, span.cell, span.start.row))
        message = f"cell {span.cell}, line {span.start.row}: {message}"
    elif span is not None:
        properties["line"] = str(span.start.row)
        properties["col"] = str(span.start.column)
        properties["endLine"] = str(span.end.row)
        properties["endColumn"] = str(span.end.column)
        if span.start.row != span.end.row:
            # GitHub refuses columns of a range of lines.
            del properties["col"], properties["endColumn"]
    words = f"{message}\nhelp: {diagnostic.help}" if diagnostic.help else message
    text = "\n".join(map(printable, words.splitlines()))
    joined = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
    return f"::{_COMMANDS[diagnostic.severity]} {joined}::{escape(text)}"


def escape(text: str) -> str:
    """The message of a command on one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return escape(text).replace(":", "%3A").replace(",", "%2C")


def dropped(report: Report) -> str | None:
    """What GitHub will not show, in words; None when it shows everything."""
    left_out = {
        command: number - SHOWN_PER_KIND
        for severity, command in _COMMANDS.items()
        if (number := sum(d.severity is severity for d in report.diagnostics)) > SHOWN_PER_KIND
    }
    if not left_out:
        return None
    what = ", ".join(count(number, f"more {kind}") for kind, number in left_out.items())
    return f"{what} not shown as annotations: GitHub shows {SHOWN_PER_KIND} of each kind per step"


def summary(report: Report) -> str:
    """A Markdown table of all findings for the summary page of the job; empty when nothing was found."""
    if not report.diagnostics:
        return ""
    rows = "".join(f"| {' | '.join(_row(diagnostic, report))} |\n" for diagnostic in report.diagnostics)
    return f"### lstmlint\n\n| place | severity | rule | message |\n| --- | --- | --- | --- |\n{rows}\n"


def _row(diagnostic: Diagnostic, report: Report) -> tuple[str, ...]:
    where = place(path_from(diagnostic.filename, report.root), diagnostic.span)
    rule = f"[{diagnostic.code}]({diagnostic.url})" if diagnostic.url else diagnostic.code
    return f"`{_cell(where)}`", diagnostic.severity.value, rule, _cell(diagnostic.message)


def _cell(text: str) -> str:
    return printable(text.replace("\n", " ")).replace("|", "\\|").replace("<", "&lt;").replace("`", "'")
