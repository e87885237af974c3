"""Arguments of layers, and members that the Keras that is meant does not have (LL6)."""

from __future__ import annotations

from lstmlint.checks.report import Report, check
from lstmlint.keras.layers.base import ArgumentProblem
from lstmlint.keras.methods import removed
from lstmlint.trace import LayerConstructed, MethodCalled

CODES: dict[str, str] = {
    "unknown": "LL601",
    "missing": "LL602",
    "excess": "LL601",
    "duplicate": "LL601",
    "value": "LL603",
}


@check(LayerConstructed, "LL601", "LL602", "LL603")
def refused_arguments(event: LayerConstructed, report: Report) -> None:
    """A layer's constructor refuses its arguments; only the first refusal is what Keras raises."""
    problem = next((problem for problem in event.problems if problem.raises), None)
    if problem is None:
        return
    assert report.recorded is not None
    words = f"{problem.exception}: {problem.message}" if problem.exception else problem.message
    report.tell(
        CODES[problem.kind], report.recorded.site, _message(event.class_name, problem), help=_help(problem), raises=True,
        words=words,
    )  # fmt: skip


@check(MethodCalled, "LL604")
def removed_method(event: MethodCalled, report: Report) -> None:
    """A method is called that models of the Keras that is meant do not have."""
    instead = removed(event.method, report.version)
    if instead is None or report.recorded is None:
        return
    report.tell(
        "LL604", report.recorded.site, f"models have no method `{event.method}` in Keras {report.version.value}",
        help=f"{instead[0].upper()}{instead[1:]}.", raises=True,
        words=f"AttributeError: '{event.class_name}' object has no attribute '{event.method}'",
    )  # fmt: skip


def _message(class_name: str, problem: ArgumentProblem) -> str:
    if problem.kind == "unknown":
        return f"{class_name} has no argument `{problem.argument}`"
    if problem.kind == "missing":
        return f"{class_name} needs the argument `{problem.argument}`"
    if problem.kind == "excess":
        return f"{class_name} takes fewer positional arguments"
    if problem.kind == "duplicate":
        return f"{class_name} gets the argument `{problem.argument}` twice"
    return f"{class_name} refuses this value of `{problem.argument}`"


def _help(problem: ArgumentProblem) -> str | None:
    if problem.suggestion is not None:
        return f"Write `{problem.suggestion}`."
    return "Leave it out." if problem.kind == "unknown" else None
