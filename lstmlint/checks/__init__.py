"""Checks: from events of the trace to findings.  A check decides what to tell, on which line, in which words."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from functools import cache
from typing import TypeAlias

from lstmlint.checks import (
    arguments,
    batches,
    data,
    labels,
    layers,
    models,
    names,
    operations,
    predictions,
    structures,
    targets,
)
from lstmlint.checks.report import Check, Finding, Report, collect, condition_text, is_expected, is_provable
from lstmlint.checks.subjects import Subjects
from lstmlint.interpreter.recorded import Recorded
from lstmlint.interpreter.values import Site
from lstmlint.keras.versions import Version
from lstmlint.trace import Trained

MODULES = (arguments, batches, data, labels, layers, models, names, operations, predictions, structures, targets)

#: Findings after which a model is looked at again: what it is given goes on to mean what it says.
REMARKS = frozenset({"LL404", "LL405", "LL406", "LL407", "LL411", "LL505", "LL211", "LL212", "LL412"})

#: The sides of conditions on which a finding was made: pairs of a condition's identity and its truth.
Alternative: TypeAlias = "frozenset[tuple[Hashable, bool]]"

#: Alternatives of one finding that are compared; with more it is not told.
MAX_ALTERNATIVES = 16


@cache
def checks() -> dict[type, list[Check]]:
    """All checks by the type of event they look at."""
    return collect(MODULES)


def findings(events: Iterable[Recorded], version: Version) -> list[Finding]:
    """What the checks find in a trace.

    What is found on one side of a condition only, and is not sure enough alone, counts when it is found on all other
    sides, too.  A model of which Keras refused something is not looked at again, but in the same call.
    """
    events = list(events)
    told: list[Finding] = []
    subjects = Subjects(events)
    one_sided: dict[tuple[str, int], set[Alternative]] = {}
    broken: dict[Hashable, tuple[Site, Finding]] = {}
    for recorded in events:
        before = broken.get(_model_key(recorded))
        if before is not None and not _goes_on(recorded, *before):
            continue
        for found in _found(recorded, version, events):
            if before is not None and not found.raises:
                continue  # only what ends the call is worth a second word
            subjects.note(found, recorded)
            if is_provable(recorded):
                told.append(found)
                if isinstance(recorded.event, Trained) and found.code not in REMARKS:
                    broken[recorded.event.model.key] = recorded.site, found
            elif recorded.splits:
                alternatives = one_sided.setdefault((found.code, id(found.site.node)), set())
                if len(alternatives) >= MAX_ALTERNATIVES or covers(alternatives):
                    continue
                alternatives.add(_alternative(recorded))
                if covers(alternatives):
                    told.append(found)
    for found in told:
        if not subjects.all_need(found.fix):
            found.fix = None
    return told


def _goes_on(recorded: Recorded, site: Site, found: Finding) -> bool:
    """Whether the event is the validation of the call in which something was found that Keras runs on with."""
    event = recorded.event
    is_validation = isinstance(event, Trained) and event.method == "validation"
    return is_validation and not found.raises and site.node is recorded.site.node


def _alternative(recorded: Recorded) -> Alternative:
    """The conditions that the values of an event were split on, without those that follow from another of them."""
    implied = {
        part.guard.ident for split in recorded.splits if split.value is split.guard.all_of for part in split.guard.parts
    }
    return frozenset((split.guard.ident, split.value) for split in recorded.splits if split.guard.ident not in implied)


def covers(alternatives: set[Alternative]) -> bool:
    """Whether one of the alternatives holds, whatever the truth of the conditions in them."""
    if frozenset() in alternatives:
        return True
    if not alternatives:
        return False
    ident = next(iter(next(iter(alternatives))))[0]
    sides = (
        {each - {(ident, side)} for each in alternatives if (ident, not side) not in each} for side in (True, False)
    )
    return all(map(covers, sides))


def _model_key(recorded: Recorded) -> Hashable:
    return recorded.event.model.key if isinstance(recorded.event, Trained) else None


def _found(recorded: Recorded, version: Version, events: Sequence[Recorded]) -> list[Finding]:
    """What the checks find in one event."""
    wanted = checks().get(type(recorded.event))
    if wanted is None or is_expected(recorded):
        return []
    report = Report(version, recorded, events)
    for function in wanted:
        function(recorded.event, report)
    told = _first_raised(report.findings)
    for found in told:
        _add_circumstances(found, recorded)
    return told


#: What Keras looks at first in a call: where one of these raises, it does not get to the others.
PRECEDENCE = ("LL206", "LL2")


def _first_raised(found: list[Finding]) -> list[Finding]:
    """The findings of one call without those that Keras does not get to."""
    for prefix in PRECEDENCE:
        first = [finding for finding in found if finding.code.startswith(prefix) and finding.raises]
        if first:
            return first
    return found


def _add_circumstances(found: Finding, recorded: Recorded) -> None:
    """The conditions and calls under which the finding holds, for its trace."""
    for assumption in recorded.splits:
        if assumption.guard.site is not None:
            found.trace.append((assumption.guard.site, condition_text(assumption)))
    if recorded.repeated:
        found.trace.append((recorded.site, "from the second pass of the loop on"))
    for call in recorded.calls[-1:]:
        if call.node is not found.site.node:
            found.trace.append((call, "reached from this call"))
