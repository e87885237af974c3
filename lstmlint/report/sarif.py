"""SARIF 2.1.0, with what GitHub code scanning asks for on top.

Source: OASIS SARIF 2.1.0 (errata 01); GitHub documentation, "SARIF support for code scanning".
"""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import quote

from lstmlint import __version__, rules
from lstmlint.diagnostics import Diagnostic, Edit, Fix, Severity, Span
from lstmlint.report import Report
from lstmlint.report.fingerprints import numbered
from lstmlint.report.places import path_from
from lstmlint.report.records import verification_record

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
TEXT_LIMIT = 1024
"""Characters of a description; code scanning cuts or refuses longer ones."""

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}


def render(report: Report) -> str:
    """The log with one run, valid also when nothing was found."""
    codes = sorted({diagnostic.code for diagnostic in report.diagnostics})
    examples = {diagnostic.code: diagnostic for diagnostic in reversed(report.diagnostics)}
    driver = {
        "name": "lstmlint",
        "version": __version__,
        "semanticVersion": __version__,
        "informationUri": rules.DOCS_URL,
        "rules": [_rule(examples[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"uri": _file_uri(os.path.join(report.root, ""))}},
        "invocations": [_invocation(report)],
        "results": [_result(*finding, codes, report) for finding in numbered(report.diagnostics, report.sources)],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _invocation(report: Report) -> dict[str, Any]:
    notifications = [{"level": "error", "message": {"text": failure}} for failure in report.failures]
    return {"executionSuccessful": not notifications, "toolExecutionNotifications": notifications}


def _rule(example: Diagnostic) -> dict[str, Any]:
    """The rule of a finding from its page; a finding whose rule has no page speaks for itself."""
    try:
        page = rules.rule(example.code)
    except KeyError:
        name, severity, summary, text, url = example.name, example.severity, example.name, example.name, example.url
    else:
        name, severity, summary, text, url = page.name, page.severity, page.summary, page.text, page.url
    return {
        "id": example.code,
        "name": name,
        "shortDescription": {"text": _short(summary)},
        "fullDescription": {"text": _short(summary)},
        "help": {"text": _short(text), "markdown": text},
        **({"helpUri": url} if url else {}),
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {
            "precision": "very-high",
            "problem.severity": _PROBLEMS[severity],
            "tags": ["correctness", "keras"],
        },
    }


def _short(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def _result(diagnostic: Diagnostic, fingerprint: str, number: int, codes: list[str], report: Report) -> dict[str, Any]:
    cell = "" if diagnostic.span is None or diagnostic.span.cell is None else f"cell {diagnostic.span.cell}: "
    text = f"{cell}{diagnostic.message}" + (f"\n{diagnostic.help}" if diagnostic.help else "")
    result = {
        "ruleId": diagnostic.code,
        "ruleIndex": codes.index(diagnostic.code),
        "level": _LEVELS[diagnostic.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": _location(diagnostic.filename, diagnostic.span, report)}],
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:{number}"},
    }
    if diagnostic.verified:
        result["properties"] = {"verified": verification_record(diagnostic.verified)}
    if diagnostic.trace:
        result["relatedLocations"] = [
            {
                "id": index,
                "physicalLocation": _location(place.filename, place.span, report),
                "message": {"text": place.message},
            }
            for index, place in enumerate(diagnostic.trace, start=1)
        ]
    if diagnostic.fix and all(edit.span.cell is None for edit in diagnostic.fix.edits):
        result["fixes"] = [_fix(diagnostic.fix, diagnostic.filename, report)]
    return result


def _location(filename: str, span: Span | None, report: Report) -> dict[str, Any]:
    return {"artifactLocation": _artifact(filename, report), "region": _region(filename, span, report)}


def _artifact(filename: str, report: Report) -> dict[str, Any]:
    """A relative URI below the repository's root, links resolved; an absolute one outside of it."""
    path = path_from(os.path.realpath(filename), os.path.realpath(report.root))
    if os.path.isabs(path):
        return {"uri": _file_uri(path)}
    return {"uri": _quoted(path), "uriBaseId": "%SRCROOT%"}


def _region(filename: str, span: Span | None, report: Report) -> dict[str, int]:
    """A whole file is its first line; a line of a notebook is that of the JSON text, where columns mean nothing."""
    if span is None or span.cell is not None:
        row = 1 if span is None else report.sources.file_row(filename, span.cell, span.start.row)
        return {"startLine": row, "startColumn": 1, "endLine": row, "endColumn": 1}
    return {
        "startLine": span.start.row,
        "startColumn": span.start.column,
        "endLine": span.end.row,
        "endColumn": span.end.column,
    }


def _fix(fix: Fix, filename: str, report: Report) -> dict[str, Any]:
    replacements = [_replacement(edit, filename, report) for edit in fix.edits]
    change = {"artifactLocation": _artifact(filename, report), "replacements": replacements}
    return {"description": {"text": fix.message}, "artifactChanges": [change]}


def _replacement(edit: Edit, filename: str, report: Report) -> dict[str, Any]:
    return {"deletedRegion": _region(filename, edit.span, report), "insertedContent": {"text": edit.content}}


def _file_uri(path: str) -> str:
    slashed = path.replace(os.sep, "/")
    return "file://" + ("" if slashed.startswith("/") else "/") + _quoted(slashed)


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/:" if os.name == "nt" else "/")
