"""What holds the data: lists and objects that are no arrays, and how many arrays there are, by which names (LL2, LL3)."""

from __future__ import annotations

from collections.abc import Iterator

from lstmlint.checks.data import is_refused
from lstmlint.checks.report import Report, check
from lstmlint.interpreter.values import Site
from lstmlint.keras.containers import refused_input, refused_target
from lstmlint.keras.losses import Loss
from lstmlint.keras.model import Functional, Sequential, flattened
from lstmlint.keras.outcomes import Effect, Outcome
from lstmlint.keras.structures import (
    Given,
    input_structure,
    loss_structure,
    loss_weight_count,
    target_missing,
    target_structure,
)
from lstmlint.keras.versions import Version
from lstmlint.shapes.shape import Axis
from lstmlint.trace import UNCLEAR, Data, DataStructure, ModelState, Trained, arrays_in
from lstmlint.words import count

#: Lists as the trace names them, and as the procedures do.
_LISTS = {"list of numbers": "list", "list of lists": "nested_list"}


@check(Trained, "LL208")
def containers(event: Trained, report: Report) -> None:
    """Python lists where Keras takes arrays, and arrays of objects."""
    assert report.recorded is not None
    if event.is_batched or event.model.graph is None:
        return
    for data, outcome in _refused(event, report.version):
        what = f"a {data.kind}" if data.kind in _LISTS else f"an array of {data.dtype}s"
        found = report.tell(
            "LL208", report.recorded.site, f"the data are {what} of the shape {data.shape}, and no array of numbers",
            help="Make it an array of numbers: `np.array(…, dtype='float32')`." if data.kind in _LISTS else
            "Give all rows one length, and numbers only: `astype('float32')`.",
            raises=True, words=f"{outcome.exception}: {outcome.message}",
        )  # fmt: skip
        if data.site is not None and data.site.node is not report.recorded.site.node:
            found.trace.append((data.site, "the data are made here"))
        return


def _refused(event: Trained, version: Version) -> Iterator[tuple[Data, Outcome]]:
    """The data that are refused for what they are."""
    inputs, targets = list(arrays_in(event.inputs)), list(arrays_in(event.targets))
    entry = "train_on_batch" if event.batching is not None and event.batching.at_once else "fit"
    takes_text = _may_take_text(event.model.graph)
    for data in inputs:
        kind = _kind(data)
        if kind is None or (takes_text and kind not in _LISTS.values()):
            continue
        declared = event.model.is_declared
        outcome = refused_input(kind, version, declared=declared, layer_class="", mixed=True, entry=entry)
        if outcome is not None:
            yield data, outcome
    for data in targets if event.has_targets else ():
        kind = _kind(data)
        if kind is None:
            continue
        outcome = refused_target(kind, version, entry=entry, rows=_rows(data))
        if outcome is not None:
            yield data, outcome


#: Layers that look up or cut texts, and those that hold others.
_TEXT_LAYERS = frozenset({
    "TextVectorization", "StringLookup", "Hashing", "HashedCrossing", "Lambda", "Sequential", "Functional", "Model",
})  # fmt: skip


def _may_take_text(graph: object) -> bool:
    """Whether an input may be one of texts, which arrive as arrays of strings or of objects."""
    if isinstance(graph, Sequential):
        inputs, layers = [graph.input] if graph.input is not None else [], graph.layers
    elif isinstance(graph, Functional):
        inputs, layers = [*flattened(graph.inputs)], graph.layers
    else:
        return True
    return any(tensor.dtype == "string" for tensor in inputs) or any(
        layer.class_name in _TEXT_LAYERS or layer.rule.grade == "opaque" or layer.given_class is not None
        for layer in layers
    )


def _kind(data: Data) -> str | None:
    """The kind of data that may be refused for it; None: taken as it is, or not known."""
    if data.kind in _LISTS:
        return _LISTS[data.kind]
    return data.dtype if data.kind == "numpy.ndarray" and data.dtype in ("object", "str") else None


def _rows(data: Data) -> Axis:
    return data.shape.dims[0] if data.shape.exact and data.shape.dims else None


# --- how many, by which names ----------------------------------------------------------------------------------------


@check(Trained, "LL209", "LL210")
def inputs_given(event: Trained, report: Report) -> None:
    """Another number of arrays than the model has inputs, or other names."""
    graph, given = event.model.graph, _given(event.inputs)
    if given is False or not isinstance(graph, (Sequential, Functional)):
        return
    is_sequential = isinstance(graph, Sequential)
    names: list[str | None] = ["input"] if isinstance(graph, Sequential) else _input_names(graph)
    if isinstance(given, tuple) and None in names:
        return
    outcome = input_structure(
        [name or "…" for name in names], given, report.version, is_sequential=is_sequential
    )  # fmt: skip
    if outcome.effect is Effect.SILENT:
        if is_refused(event, report):
            return  # there the first of them is told
        assert report.recorded is not None
        report.tell(
            "LL210", report.recorded.site,
            f"the model has one input, but is given {given} arrays: Keras says nothing and takes the first of them",
            help="Make one array of them: `np.array(…)`, or `np.concatenate(…, axis=-1)` for more features.", raises=False,
        )  # fmt: skip
    elif outcome.effect is Effect.RAISES:
        wanted = f"{len(names)} input{'s' if len(names) != 1 else ''}{'' if is_sequential else _listed(names)}"
        _tell(report, "LL209", f"the model has {wanted}, but is given {_words(given)}", outcome, event.model)


@check(Trained, "LL304")
def targets_given(event: Trained, report: Report) -> None:
    """Another number of targets or losses than the model has outputs, or other names."""
    graph = event.model.graph
    if not isinstance(graph, (Sequential, Functional)) or event.method == "predict":
        return
    names = _output_names(graph)
    wanted = f"{len(names)} output{'s' if len(names) != 1 else ''}{_listed(names)}"
    known = [name or "…" for name in names]
    losses = _losses_given(event.model.loss)
    if losses is not False and not (isinstance(losses, tuple) and None in names):
        outcome = loss_structure(known, losses, report.version)
        if outcome.effect is Effect.RAISES:
            words = _words(losses, "loss", "losses")
            _tell(report, "LL304", f"the model has {wanted}, but `compile` is given {words}", outcome, event.model)
            return
    if event.has_targets and _weights_differ(event, report, losses):
        return
    if event.lacks_targets and _has_a_loss(event.model.loss):
        outcome = target_missing(event.method, report.version)
        if outcome.effect is Effect.RAISES:
            _tell(report, "LL304", f"the model has {wanted} and a loss, but is given no targets", outcome, event.model)
        return
    given = _given(event.targets) if event.has_targets else False
    if (
        given is False
        or not _has_every_loss(event.model.loss, len(names))
        or (isinstance(given, tuple) and None in names)
    ):
        return
    outcome = target_structure(known, given, report.version)
    if outcome.effect is Effect.RAISES and not (isinstance(given, tuple) and len(names) == 1 and given == (names[0],)):
        _tell(report, "LL304", f"the model has {wanted}, but its targets are {_words(given)}", outcome, event.model)


def _weights_differ(event: Trained, report: Report, losses: Given | bool) -> bool:
    """Tells of another number of `loss_weights` than there are losses."""
    if losses is False and not isinstance(event.model.loss, Loss):
        return False
    outcome = loss_weight_count(None if isinstance(losses, bool) else losses, event.model.loss_weights, report.version)
    if outcome.effect is Effect.RAISES:
        words = f"`compile` is given {event.model.loss_weights} loss weights, and another number of losses"
        _tell(report, "LL304", words, outcome, event.model)
    return outcome.effect is Effect.RAISES


def _given(structure: DataStructure) -> Given | bool:
    """What is given, False where that is not sure."""
    if isinstance(structure, dict):
        return tuple(structure)
    if isinstance(structure, tuple):
        sure = all(isinstance(part, Data) and part.kind not in UNCLEAR for part in structure)
        return len(structure) if sure and structure else False
    return (
        None if structure is not None and structure.kind not in UNCLEAR and structure.shape.rank is not None else False
    )


def _losses_given(loss: object) -> Given | bool:
    if isinstance(loss, dict):
        return tuple(map(str, loss))
    return len(loss) if isinstance(loss, tuple) else False


def _has_a_loss(loss: object) -> bool:
    """Whether an output surely has a loss."""
    if isinstance(loss, (dict, tuple)):
        return any(map(_has_a_loss, loss.values() if isinstance(loss, dict) else loss))
    return isinstance(loss, Loss) and loss.kind != "unknown"


def _has_every_loss(loss: object, count: int) -> bool:
    """Whether every output surely has a loss."""
    if isinstance(loss, dict):
        loss = tuple(loss.values())
    return isinstance(loss, Loss) or (
        isinstance(loss, tuple) and len(loss) == count and all(isinstance(part, Loss) for part in loss)
    )


def _input_names(graph: Functional) -> list[str | None]:
    """The names that the program chose, None for the others."""
    return [tensor.node.layer.name if tensor.node is not None else None for tensor in flattened(graph.inputs)]


def _output_names(graph: Sequential | Functional) -> list[str | None]:
    """As `_input_names`."""
    if isinstance(graph, Sequential):
        return [graph.layers[-1].name if graph.layers else None]
    return [tensor.node.layer.name if tensor.node is not None else None for tensor in flattened(graph.outputs)]


def _listed(names: list[str | None]) -> str:
    return "" if None in names else f" ({', '.join(map(str, names))})"


def _words(given: Given | bool, one: str = "array", several: str = "arrays") -> str:
    if isinstance(given, tuple):
        return f"the names {', '.join(given)}"
    return count(int(given or 1), one, several)


def _tell(report: Report, code: str, message: str, outcome: Outcome, model: ModelState) -> None:
    assert report.recorded is not None
    found = report.tell(
        code, report.recorded.site, message, raises=True, words=f"{outcome.exception}: {outcome.message}",
        help="Give one array for each, in their order or by their names.",
    )  # fmt: skip
    if isinstance(model.site, Site):
        found.trace.append((model.site, "the model is made here"))
    if code == "LL304" and model.compiled_at is not None:
        found.trace.append((model.compiled_at, "the losses are chosen here"))
