"""One JSON array with an object per finding."""

from __future__ import annotations

import json

from lstmlint.report import Report
from lstmlint.report.records import to_record


def render(report: Report) -> str:
    """The array; `[]` when nothing was found.  ASCII only, so that it survives any encoding of the output."""
    return json.dumps([to_record(diagnostic) for diagnostic in report.diagnostics], indent=2) + "\n"
