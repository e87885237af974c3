"""Arguments of layers, and members that the Keras that is meant does not have (LL6)."""

from __future__ import annotations

from lstmlint.checks import repairs
from lstmlint.checks.fixes import SAFE, UNSAFE, Proposal, RenameKeyword, ReplaceNode
from lstmlint.checks.report import Finding, Report, check
from lstmlint.checks.versions import advice
from lstmlint.interpreter.values import Site
from lstmlint.keras.callables import OTHER_UNITS
from lstmlint.keras.layers.base import ArgumentProblem
from lstmlint.keras.methods import has_method, removed
from lstmlint.source import tree
from lstmlint.trace import LayerConstructed, MethodCalled, Trained

CODES: dict[str, str] = {
    "unknown": "LL601",
    "missing": "LL602",
    "excess": "LL601",
    "duplicate": "LL601",
    "value": "LL603",
    "tensor": "LL603",
    "string": "LL607",
}


@check(LayerConstructed, "LL601", "LL602", "LL603", "LL607")
def refused_arguments(event: LayerConstructed, report: Report) -> None:
    """A constructor, function or method refuses its arguments.

    Only the first refusal is what Keras raises; that it does not know other keywords, either, would show next.
    """
    raising = [problem for problem in event.problems if problem.raises]
    assert report.recorded is not None
    for problem in (*raising[:1], *(each for each in raising[1:] if each.kind == "unknown")):
        _tell(event.class_name, problem, report.recorded.site, report)


@check(LayerConstructed, "LL606")
def misread_argument(event: LayerConstructed, report: Report) -> None:
    """A value that Keras takes for something else than it was most likely meant to be."""
    if any(problem.raises for problem in event.problems):
        return
    problem = next((each for each in event.problems if each.kind in ("value", "misread")), None)
    if problem is None:
        return
    assert report.recorded is not None
    repair = None if problem.suggestion is None else f"Write `{problem.suggestion}`."
    report.tell(
        "LL606", report.recorded.site, f"{event.class_name} misreads its `{problem.argument}`: {problem.message}",
        help=repair, raises=False,
    )  # fmt: skip


@check(Trained, "LL607")
def late_refusal(event: Trained, report: Report) -> None:
    """`compile` was given what Keras refuses once the model is trained or evaluated."""
    model = event.model
    if event.method not in _USES_LOSS or not model.refused or model.compiled_at is None:
        return
    assert report.recorded is not None
    found = _tell("`compile`", model.refused[0], model.compiled_at, report)
    found.trace.append((report.recorded.site, "Keras notices in this call"))


#: Methods that ask for loss and metrics.
_USES_LOSS = ("fit", "validation", "evaluate", "train_on_batch")


def _tell(title: str, problem: ArgumentProblem, site: Site, report: Report) -> Finding:
    words = f"{problem.exception}: {problem.message}" if problem.exception else problem.message or None
    is_old = problem.made_for is not None
    return report.tell(
        CODES[problem.kind], site, _message(title, problem, report), help=_help(problem, report), raises=True,
        words=words, fix=_fix(site, problem), topic=(problem.kind, problem.argument) if is_old else None,
    )  # fmt: skip


@check(MethodCalled, "LL604")
def removed_method(event: MethodCalled, report: Report) -> None:
    """A method is called that models of the Keras that is meant do not have."""
    instead = removed(event.method, report.version, event.release)
    if instead is None or report.recorded is None:
        return
    site = report.recorded.site
    report.tell(
        "LL604", site, f"models have no method `{event.method}` in Keras {report.version.value}",
        help=advice(report.version, f"{instead[0].upper()}{instead[1:]}", has_method(event.method, report.version)), raises=True,
        words=f"AttributeError: '{event.class_name}' object has no attribute '{event.method}'",
        fix=repairs.other_method(event.method, site),
        topic=("method", event.method),
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
    if problem.kind == "string":
        return f"{class_name} gets the {_thing(problem)} `{problem.given}`, which Keras {report.version.value} does not know"
    if problem.kind == "tensor":
        return f"{class_name} gets a tensor as its `{problem.argument}`"
    return f"{class_name} refuses this value of `{problem.argument}`"


def _thing(problem: ArgumentProblem) -> str:
    """What a string is meant to be, in a word: a metric, an activation, an initializer."""
    words = {"metrics": "metric", "weighted_metrics": "metric"}
    return words.get(problem.argument, problem.argument.rpartition("_")[2])


def _help(problem: ArgumentProblem, report: Report) -> str | None:
    repair = None
    if problem.suggestion is not None:
        repair = f"Write `{problem.suggestion}`"
    elif problem.kind == "tensor":
        repair = "Make the layer first, then call it on the tensor: `layer = …(…)`, `layer(tensor)`"
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
    """The argument under its right name, or with a value that is known.  One that was only misspelt is a guess."""
    if problem.suggestion is None or problem.argument in _OTHER_VALUES:
        return None
    if problem.kind == "unknown":
        how = UNSAFE if problem.made_for is None else SAFE
        return Proposal(
            how, f"Write `{problem.suggestion}`", (RenameKeyword(site, problem.argument, problem.suggestion),)
        )
    text = _string_node(site, problem) if problem.kind == "string" else None
    if text is None:
        return None
    return Proposal(UNSAFE, f'Write `"{problem.suggestion}"`', (ReplaceNode(text, f'"{problem.suggestion}"'),))


def _string_node(site: Site, problem: ArgumentProblem) -> Site | None:
    """Where the string itself stands in a call, None where it comes from somewhere else."""
    if not isinstance(site.node, tree.Call):
        return None
    given = [*site.node.args, *(keyword.value for keyword in site.node.keywords)]
    items = [item for node in given for item in (node.elts if isinstance(node, (tree.List, tree.Tuple)) else (node,))]
    found = [item for item in items if isinstance(item, tree.Constant) and item.value == problem.given]
    return Site(site.module, found[0]) if len(found) == 1 else None
