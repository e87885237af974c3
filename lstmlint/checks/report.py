"""What checks tell with: findings that still point at nodes, and the table of checks."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeAlias

from lstmlint.checks.fixes import Proposal
from lstmlint.classes import dataclass, field
from lstmlint.interpreter.recorded import Recorded
from lstmlint.interpreter.state import Assumption
from lstmlint.interpreter.values import Site
from lstmlint.keras.versions import Version


@dataclass(slots=True)
class Finding:
    """A finding whose places are nodes.  `raises` is None when it is not about what Keras does; `fix` is a repair that is
    known to be one, where there is one.  `topic`: findings of one topic in one file are told as one, with all their
    places.  `recorded` is the event that shows it.
    """

    code: str
    site: Site
    message: str
    help: str | None = None
    raises: bool | None = None
    words: str | None = None
    trace: list[tuple[Site, str]] = field(default_factory=list)
    topic: Hashable = None
    fix: Proposal | None = None
    recorded: Recorded | None = None


@dataclass(slots=True)
class Report:
    """Collects the findings of one event; `version` is the Keras that is meant, `events` the whole trace."""

    version: Version
    recorded: Recorded | None = None
    events: Sequence[Recorded] = ()
    findings: list[Finding] = field(default_factory=list)

    def tell(
        self, code: str, site: Site, message: str, *, help: str | None = None, raises: bool | None = None,
        words: str | None = None, fix: Proposal | None = None, topic: Hashable = None,
    ) -> Finding:  # fmt: skip
        """Add a finding; second places go to the `trace` of what is returned."""
        found = Finding(code, site, message, help, raises, words, fix=fix, topic=topic, recorded=self.recorded)
        self.findings.append(found)
        return found


Check: TypeAlias = Callable[[Any, Report], None]
_Mark: TypeAlias = Callable[[Check], Check]


def check(on: type, *codes: str) -> _Mark:
    """Mark a function as the check that tells `codes` from events of one type."""

    def mark(function: Check) -> Check:
        function.event_type, function.codes = on, codes  # type: ignore[attr-defined]
        return function

    return mark


def collect(modules: Iterable[Any]) -> dict[type, list[Check]]:
    """All checks of some modules by the type of event they look at."""
    table: dict[type, list[Check]] = {}
    for module in modules:
        for value in vars(module).values():
            if hasattr(value, "event_type") and value.__module__ == module.__name__:
                table.setdefault(value.event_type, []).append(value)
    return table


def is_provable(recorded: Recorded) -> bool:
    """Whether what an event shows is sure to happen when its line runs.

    A value that was made on one side of an open condition counts only when that side has code of its own and the line
    itself stands under no open condition: two conditions that the program ties together would look independent here.
    """
    if is_expected(recorded):
        return False
    if not recorded.splits:
        return True
    if len(recorded.splits) > 1 or recorded.path:
        return False
    return has_own_code(recorded.splits[0])


def is_expected(recorded: Recorded) -> bool:
    """Whether the program is prepared for what Keras would raise."""
    return recorded.expected or any(map(asks_for_support, recorded.path))


def asks_for_support(assumption: Assumption) -> bool:
    """Whether a condition asks what Keras has: `hasattr(model, "fit_generator")`, `keras.__version__ < "2"`."""
    asked = f"{assumption.guard.text} {assumption.guard.ident}"
    return any(word in asked for word in ("hasattr", "__version__", "TYPE_CHECKING"))


def has_own_code(assumption: Assumption) -> bool:
    """Whether the side of a condition that was taken has code of its own."""
    return assumption.guard.sides[0 if assumption.value else 1] and assumption.guard.site is not None


def condition_text(assumption: Assumption) -> str:
    """A condition for the trace of a finding."""
    text = assumption.guard.text
    return f"when `{text}` holds" if assumption.value else f"when `{text}` does not hold"
