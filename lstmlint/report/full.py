"""The report for people."""

from __future__ import annotations

from lstmlint.report import Report


def render(report: Report) -> str:
    """All findings and the closing line; rich is only imported when there is something to draw."""
    if not report.diagnostics:
        return report.closing_line
    from lstmlint.report.drawing import draw

    return draw(report) + report.closing_line
