"""Findings by file, with places and codes in columns."""

from __future__ import annotations

from itertools import groupby

from lstmlint.diagnostics import Diagnostic, Span
from lstmlint.report import Report, verdict_words
from lstmlint.report.ansi import BOLD, SEVERITY_STYLES, painter
from lstmlint.words import printable


def render(report: Report) -> str:
    """One block per file and the closing line."""
    paint = painter(report.color)
    blocks = []
    for filename, group in groupby(report.diagnostics, key=lambda d: d.filename):
        findings = list(group)
        blocks.append(paint(printable(filename), BOLD) + ":\n" + _table(findings, report) + "\n")
    return "".join(blocks) + report.closing_line


def _table(findings: list[Diagnostic], report: Report) -> str:
    paint = painter(report.color)
    places = [_place(finding.span) for finding in findings]
    width = max(map(len, places))
    severity_width = max(len(finding.severity.value) for finding in findings)
    return "".join(
        f"  {place.ljust(width)}  {paint(f.severity.value.ljust(severity_width), SEVERITY_STYLES[f.severity])}"
        f"  {f.code}  {report.mark(f)}{printable(f.message)}{verdict_words(f)}\n"
        for place, f in zip(places, findings, strict=True)
    )


def _place(span: Span | None) -> str:
    if span is None:
        return "-"
    return f"{'' if span.cell is None else f'cell {span.cell}:'}{span.start.row}:{span.start.column}"
