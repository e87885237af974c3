"""GitLab code quality: a JSON array of issues.

Source: GitLab documentation, "Code Quality report format" (description, check_name, fingerprint, severity, location).
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.report import Report, verdict_words
from lstmlint.report.fingerprints import numbered
from lstmlint.report.places import path_from

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report) -> str:
    """The array; `[]` when nothing was found."""
    issues = [_issue(*finding, report) for finding in numbered(report.diagnostics, report.sources)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(diagnostic: Diagnostic, fingerprint: str, number: int, report: Report) -> dict[str, Any]:
    path = path_from(diagnostic.filename, report.root)
    span = diagnostic.span
    row, column = (1, 1) if span is None else (span.start.row, span.start.column)
    if span is not None and span.cell is not None:
        row, column = report.sources.file_row(diagnostic.filename, span.cell, row), 1
    cell = "" if span is None or span.cell is None else f"cell {span.cell}: "
    # GitLab drops findings with a fingerprint it has seen in the report, so file and number are part of it.
    unique = blake2b(f"{path}\0{fingerprint}\0{number}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return {
        "description": f"{diagnostic.code}: {cell}{diagnostic.message}{verdict_words(diagnostic)}",
        "check_name": diagnostic.name,
        "fingerprint": unique,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {
            "path": path,
            "positions": {"begin": {"line": row, "column": column}},
            "lines": {"begin": row},
        },
    }
