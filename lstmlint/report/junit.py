"""JUnit XML, as Jenkins, GitLab and others read it: a suite per file, a failed case per finding."""

from __future__ import annotations

import re
from itertools import groupby

from lstmlint.diagnostics import Diagnostic
from lstmlint.report import Report, verdict_words
from lstmlint.report.places import place

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_SPECIAL = re.compile("[" + "".join(_ENTITIES) + "]")


def render(report: Report) -> str:
    """The document; one passed case when nothing was found, as some readers take an empty one for an error."""
    suites = [_suite(filename, list(group)) for filename, group in groupby(report.diagnostics, lambda d: d.filename)]
    total = max(len(report.diagnostics), 1)
    if not suites:
        suites = [
            _element("testsuite", _counts("lstmlint", 1, 0), _element("testcase", _case("lstmlint", "No finding")))
        ]
    body = "".join(suites)
    document = _element("testsuites", _counts("lstmlint", total, len(report.diagnostics)), body)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'


def _suite(filename: str, findings: list[Diagnostic]) -> str:
    return _element("testsuite", _counts(filename, len(findings), len(findings)), "".join(map(_test_case, findings)))


def _counts(name: str, tests: int, failures: int) -> dict[str, str]:
    return {"name": name, "tests": str(tests), "failures": str(failures), "errors": "0"}


def _case(class_name: str, name: str) -> dict[str, str]:
    return {"classname": class_name, "name": name}


def _test_case(finding: Diagnostic) -> str:
    span = finding.span
    attributes = _case(finding.filename, f"{finding.code} {finding.name}") | {"file": finding.filename}
    if span is not None:
        attributes |= {"line": str(span.start.row), "column": str(span.start.column)}
    text = f"{place(finding.filename, span)}: {finding.message}{verdict_words(finding)}" + (
        f"\nhelp: {finding.help}" if finding.help else ""
    )
    failure = {"message": finding.message, "type": finding.severity.value}
    return _element("testcase", attributes, _element("failure", failure, escape(text), inline=True))


def _element(tag: str, attributes: dict[str, str], body: str = "", *, inline: bool = False) -> str:
    head = tag + "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    if not body:
        return f"<{head}/>\n"
    return f"<{head}>{body}</{tag}>\n" if inline else f"<{head}>\n{body}</{tag}>\n"


def escape(text: str) -> str:
    """`text` for an attribute or a body.  Characters that XML 1.0 cannot hold, or advises against, become the replacement character."""
    return _SPECIAL.sub(lambda match: _ENTITIES[match[0]], _NOT_XML.sub("\ufffd", text))
