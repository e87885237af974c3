"""One line per finding: `path:row:column: CODE message`."""

from __future__ import annotations

from lstmlint.diagnostics import Diagnostic
from lstmlint.report import Report, verdict_words
from lstmlint.report.ansi import BOLD, SEVERITY_STYLES, painter
from lstmlint.report.places import place
from lstmlint.words import printable


def render(report: Report) -> str:
    """All findings and the closing line."""
    paint = painter(report.color)
    lines = [
        f"{paint(place(d.filename, d.span), BOLD)}: {paint(d.code, SEVERITY_STYLES[d.severity])} "
        f"{report.mark(d)}{printable(d.message)}{verdict_words(d)}\n"
        for d in report.diagnostics
    ]
    return "".join(lines) + report.closing_line


def concise_line(diagnostic: Diagnostic) -> str:
    """One finding as a line without its end."""
    return f"{place(diagnostic.filename, diagnostic.span)}: {diagnostic.code} {printable(diagnostic.message)}"
