"""Which layers and models a call stands for: a repair changes all of them, so all of them must need it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from lstmlint.checks.fixes import Change, Proposal
from lstmlint.checks.report import Finding
from lstmlint.interpreter.recorded import Recorded
from lstmlint.interpreter.values import Site
from lstmlint.trace import LayerConstructed, ModelChanged


class Subjects:
    """What each call makes or changes in a trace, and which of these a proposal is for.

    A call in a loop or in a helper makes several layers, and a helper compiles several models.
    """

    def __init__(self, events: Iterable[Recorded]) -> None:
        self._made: dict[int, set[Hashable]] = {}
        self._needy: dict[Change, set[Hashable]] = {}
        for recorded in events:
            for site, key in _made(recorded):
                self._made.setdefault(id(site.node), set()).add(key)

    def note(self, found: Finding, recorded: Recorded) -> None:
        """Remember for what a finding proposes its changes."""
        if found.fix is not None:
            subject = found.fix.subject if found.fix.subject is not None else _own_key(recorded)
            for change in found.fix.changes:
                self._needy.setdefault(change, set()).add(subject)

    def all_need(self, proposal: Proposal | None) -> bool:
        """Whether each change of a proposal is for all that its call makes or changes."""
        if proposal is None:
            return True
        return all(
            self._made.get(id(change.site.node), set()) <= self._needy.get(change, set()) for change in proposal.changes
        )


def _made(recorded: Recorded) -> Iterator[tuple[Site, Hashable]]:
    event = recorded.event
    if isinstance(event, LayerConstructed):
        yield recorded.site, _own_key(recorded)
    elif isinstance(event, ModelChanged) and event.model.compiled_at is not None:
        yield event.model.compiled_at, event.model.key


def _own_key(recorded: Recorded) -> Hashable:
    """The key of the layer that an event constructs; the event's own where that is not known."""
    event = recorded.event
    if isinstance(event, LayerConstructed) and event.layer is not None:
        return event.layer.key
    return id(recorded)
