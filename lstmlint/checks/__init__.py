"""Checks: from events of the trace to findings.  A check decides what to tell, on which line, in which words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from lstmlint.checks import arguments, data, layers, targets
from lstmlint.checks.report import Check, Finding, Report, collect, condition_text, is_provable
from lstmlint.interpreter.recorded import Recorded
from lstmlint.keras.versions import Version

MODULES = (arguments, data, layers, targets)


@cache
def checks() -> dict[type, list[Check]]:
    """All checks by the type of event they look at."""
    return collect(MODULES)


def findings(events: Iterable[Recorded], version: Version) -> list[Finding]:
    """What the checks find in a trace."""
    report = Report(version)
    table = checks()
    for recorded in events:
        wanted = table.get(type(recorded.event))
        if wanted is None or not is_provable(recorded):
            continue
        report.recorded = recorded
        before = len(report.findings)
        for function in wanted:
            function(recorded.event, report)
        for found in report.findings[before:]:
            _add_circumstances(found, recorded)
    return report.findings


def _add_circumstances(found: Finding, recorded: Recorded) -> None:
    """The conditions and calls under which the finding holds, for its trace."""
    for assumption in recorded.splits:
        if assumption.guard.site is not None:
            found.trace.append((assumption.guard.site, condition_text(assumption)))
    if recorded.repeated:
        found.message += " (from the second pass of the loop on)"
    for call in recorded.calls[-1:]:
        if call.node is not found.site.node:
            found.trace.append((call, "reached from this call"))
