"""Arguments of layers, and members that the Keras that is meant does not have (LL6)."""

from __future__ import annotations

from lstmlint.checks import repairs
from lstmlint.checks.fixes import SAFE, UNSAFE, Proposal, RenameKeyword
from lstmlint.checks.report import Report, check
from lstmlint.checks.versions import advice
from lstmlint.interpreter.values import Site
from lstmlint.keras.callables import OTHER_UNITS
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
    """A constructor, function or method refuses its arguments; only the first refusal is what Keras raises."""
    problem = next((problem for problem in event.problems if problem.raises), None)
    if problem is None:
        return
    assert report.recorded is not None
    site = report.recorded.site
    words = f"{problem.exception}: {problem.message}" if problem.exception else problem.message
    is_old = problem.made_for is not None
    report.tell(
        CODES[problem.kind], site, _message(event.class_name, problem, report), help=_help(problem, report), raises=True,
        words=words, fix=_fix(site, problem), topic=(problem.kind, problem.argument) if is_old else None,
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
        fix=repairs.other_method(event.method, report.recorded.site),
    )  # fmt: skip


def _message(class_name: str, problem: ArgumentProblem, report: Report) -> str:
    if problem.kind == "unknown":
        keras = f" in Keras {report.version.value}" if problem.made_for is not None else ""
        return f"{class_name} has no argument `{problem.argument}`{keras}"
    if problem.kind == "missing":
        return f"{class_name} needs the argument `{problem.argument}`"
    if problem.kind == "excess":
        return f"{class_name} takes fewer positional arguments"
    if problem.kind == "duplicate":
        return f"{class_name} gets the argument `{problem.argument}` twice"
    return f"{class_name} refuses this value of `{problem.argument}`"


def _help(problem: ArgumentProblem, report: Report) -> str | None:
    repair = None
    if problem.suggestion is not None:
        repair = f"Write `{problem.suggestion}`"
    elif problem.kind == "unknown":
        repair = "Leave it out"
    if problem.made_for is not None:
        return advice(report.version, repair, problem.made_for)
    return f"{repair}." if repair is not None else None


#: Old arguments whose values mean something else under the new name.
_OTHER_VALUES = OTHER_UNITS | {
    "batch_input_shape",
    "nb_row", "nb_col", "kernel_dim1", "kernel_dim2", "kernel_dim3", "consume_less", "dim_ordering", "forget_bias_init",
}  # fmt: skip


def _fix(site: Site, problem: ArgumentProblem) -> Proposal | None:
    """The argument under its right name.  One that was only misspelt is a guess, if a near one."""
    if problem.kind != "unknown" or problem.suggestion is None or problem.argument in _OTHER_VALUES:
        return None
    change = RenameKeyword(site, problem.argument, problem.suggestion)
    how = UNSAFE if problem.made_for is None else SAFE
    return Proposal(how, f"Write `{problem.suggestion}`", (change,))
