"""One JSON object per finding and line."""

from __future__ import annotations

import json

from lstmlint.report import Report
from lstmlint.report.records import to_record


def render(report: Report) -> str:
    """The lines; nothing at all when nothing was found."""
    return "".join(json.dumps(to_record(diagnostic)) + "\n" for diagnostic in report.diagnostics)
