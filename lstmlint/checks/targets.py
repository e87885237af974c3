"""Targets, losses and heads: what `fit` compares with what (LL3, LL4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstmlint.checks import repairs
from lstmlint.checks.data import running_output
from lstmlint.checks.fixes import Proposal
from lstmlint.checks.layers import line_of, sequence_maker
from lstmlint.checks.repairs import RECURRENT, innermost
from lstmlint.checks.report import Finding, Report, check
from lstmlint.classes import dataclass
from lstmlint.interpreter.values import Site
from lstmlint.keras.batching import split_rows
from lstmlint.keras.layers.base import UNKNOWN, Layer, Structure, Tensor
from lstmlint.keras.losses import Batches, Loss, called_outcomes, target_outcomes
from lstmlint.keras.metrics import metric_outcomes
from lstmlint.keras.model import Functional, Sequential, SymbolicTensor, flattened
from lstmlint.keras.naming import Names
from lstmlint.keras.outcomes import Effect, Outcome, accidents, verdict
from lstmlint.keras.running import keeps_rows
from lstmlint.keras.versions import Version
from lstmlint.keras.weights import weight_outcomes
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.shape import Axis, Shape
from lstmlint.trace import UNCLEAR, Data, DataStructure, LayerApplied, LossCalled, ModelState, Trained

_ENTRIES = {"fit": "fit", "validation": "evaluate", "evaluate": "evaluate", "train_on_batch": "train_on_batch"}


@check(Trained, "LL301", "LL302", "LL303", "LL305", "LL306", "LL402", "LL403")
def compared_shapes(event: Trained, report: Report) -> None:
    """A target does not go with the output that it is compared with, in the loss or in a metric."""
    if not event.has_targets or event.method not in _ENTRIES:
        return
    told: list[tuple[Outcome, Compared]] = []
    for output, target, loss, layer in pairs(event, running_output(event, report), report.version):
        if not isinstance(output, Tensor) or not isinstance(target, Data) or not isinstance(loss, Loss):
            continue
        if target.kind in UNCLEAR or target.dtype == "object":
            continue
        batches, entry = _batches(event, target), _entry(event, report.version)
        kind = "series" if target.kind.endswith("Series") else "array"
        shape = target.shape
        if event.validation_split and shape.exact and shape.dims and batches.samples is not None:
            shape = shape.with_axis(0, batches.samples)  # the rows that are kept for training
        outcomes = target_outcomes(
            output.shape, shape, loss, head=output.activation, version=report.version, batches=batches,
            entry=entry, layer_name=_layer_name(event, layer, report), kind=kind,
        )  # fmt: skip
        outcome = verdict(outcomes)
        if outcome is not None:
            told.append((outcome, Compared(output, target, loss, accidents(outcomes))))
        if isinstance(event.model.graph, (Sequential, Functional)) and isinstance(event.model.graph.output, Tensor):
            if outcome is None or outcome.effect is Effect.SILENT:
                _measure(event, report, output, target, batches, kind)
                _weigh(event, report, output, Compared(output, target, loss, ()), batches, kind)
    is_refused = any(outcome.effect is Effect.RAISES for outcome, _ in told)
    for outcome, met in told:
        if outcome.effect is Effect.RAISES or not is_refused:  # what is silent is never reached beside what raises
            _tell(event, report, outcome, met)


def rows_outcome(event: Trained, report: Report, rows: Dim, given: Dim) -> Outcome | None:
    """What a loss raises where an output of so many rows meets a target of another number of them.

    Only class ids are counted: elsewhere the rows of a target are not known before it runs, and broadcast.
    """
    for output, target, loss, _ in pairs(event, running_output(event, report), report.version):
        if isinstance(output, Tensor) and isinstance(target, Data) and isinstance(loss, Loss) and target.shape.exact:
            if target.kind in UNCLEAR or not target.shape.dims or loss.kind != "sparse_categorical_crossentropy":
                continue
            outcome = verdict(target_outcomes(
                output.shape, target.shape.with_axis(0, given), loss, head=output.activation, version=report.version,
                batches=Batches(rows, rows), entry="batch",
            ))  # fmt: skip
            if outcome is not None and outcome.effect is Effect.RAISES:
                return outcome
    return None


def _measure(event: Trained, report: Report, output: Tensor, target: Data, batches: Batches, kind: str) -> None:
    """What the metrics make of a target that the loss takes."""
    assert report.recorded is not None
    for name in event.model.measures:
        outcomes = metric_outcomes(
            name, output.shape, target.shape, head=output.activation, version=report.version, batches=batches,
            entry=_entry(event, report.version), kind=kind,
        )  # fmt: skip
        outcome = verdict(outcomes)
        if outcome is None:
            continue
        unless = f", unless {' or '.join(accidents(outcomes))}" if accidents(outcomes) else ""
        found = report.tell(
            "LL305", report.recorded.site,
            f"the metric {name} cannot compare the output {output.shape} with the target {target.shape}{unless}",
            help="Take a metric that goes with the loss: `accuracy` chooses by the shapes.", raises=True,
            words=f"{outcome.exception}: {outcome.message}",
        )  # fmt: skip
        if event.model.compiled_at is not None:
            found.trace.append((event.model.compiled_at, "the metrics are chosen here"))
        if target.site is not None:
            found.trace.append((target.site, f"the target is made here: {target.shape}"))
        return


def _weigh(event: Trained, report: Report, output: Tensor, met: Compared, batches: Batches, kind: str) -> None:
    """What comes of weights of samples."""
    weights = event.weights
    if not isinstance(weights, Data) or weights.kind in UNCLEAR:
        return
    outcomes = weight_outcomes(
        output.shape, met.target.shape, weights.shape, met.loss, version=report.version, batches=batches,
        entry=_entry(event, report.version), kind=kind,
    )  # fmt: skip
    outcome = verdict(outcomes)
    if outcome is None:
        return
    assert report.recorded is not None
    found = report.tell(
        "LL306", report.recorded.site,
        f"the weights {weights.shape} do not go with the values of the loss {met.loss.name} of the output {output.shape}",
        help="Give a weight for each step as well: `np.repeat(w[:, None], steps, axis=1)`.", raises=True,
        words=f"{outcome.exception}: {outcome.message}",
    )  # fmt: skip
    if weights.site is not None:
        found.trace.append((weights.site, f"the weights are made here: {weights.shape}"))


def _entry(event: Trained, version: Version) -> str:
    """The entry point as the procedures know it: a batch that comes by itself is compared as it is."""
    if not event.is_batched or version is Version.K2:
        return _ENTRIES[event.method]
    return "generator" if event.batching is not None and event.batching.is_open else "batch"


@check(LossCalled, "LL301", "LL302", "LL303", "LL402", "LL403")
def compared_by_hand(event: LossCalled, report: Report) -> None:
    """A target does not go with the prediction that the program itself compares it with."""
    if event.target.kind in UNCLEAR or event.target.dtype == "object":
        return
    # tf.keras adjusts tensors, and only them.
    raw = event.as_function or (report.version is Version.T2 and event.target.kind == "numpy.ndarray")
    outcomes = called_outcomes(
        event.output.shape, event.target.shape, event.loss, version=report.version, as_function=raw
    )  # fmt: skip
    outcome = verdict(outcomes)
    if outcome is None or (outcome.effect is Effect.SILENT and not event.is_prediction):
        return  # what is no prediction may be compared with each of several on purpose
    met = Compared(Tensor(event.output.shape), event.target, event.loss, ())
    assert report.recorded is not None
    raises = outcome.effect is Effect.RAISES
    found = report.tell(
        _code(outcome, met), report.recorded.site, _message(outcome, met), raises=raises,
        words=f"{outcome.exception}: {outcome.message}" if raises and outcome.exception else outcome.message,
        help=f"Give the target the shape {event.output.shape}: `y[:, None]`, or `tf.reshape(y, tf.shape(predicted))`.",
    )  # fmt: skip
    for data, what in ((event.output, "the prediction"), (event.target, "the target")):
        if data.site is not None:
            found.trace.append((data.site, f"{what} is made here: {data.shape}"))


def _batches(event: Trained, target: Data) -> Batches:
    batching = event.batching
    samples = target.shape.dims[0] if target.shape.exact and target.shape.dims else None
    if event.is_batched or (batching is not None and batching.at_once):
        rows = _rows(event.inputs) if keeps_rows(event.model.graph) else None
        rows = samples if rows is None else rows
        return Batches(rows, rows)
    return Batches(split_rows(samples, event.validation_split)[0], event.batch_size)


def _rows(structure: DataStructure) -> Axis:
    """The rows of the first array of data."""
    if isinstance(structure, Data):
        return structure.shape.dims[0] if structure.shape.exact and structure.shape.dims else None
    parts = list(structure.values() if isinstance(structure, dict) else structure or ())
    return _rows(parts[0]) if parts else None


def pairs(event: Trained, output: Structure, version: Version) -> Iterator[tuple[Any, Any, Any, Layer | None]]:
    """Each output with its target, its loss and the layer that makes it."""
    target, loss = event.targets, event.model.loss
    makers = _makers(event.model)
    if not isinstance(output, tuple):
        if isinstance(target, tuple) and target and (len(target) == 1 or version is Version.T2):
            target = target[0]  # tf.keras leaves the others out
        if isinstance(loss, tuple) and len(loss) == 1:
            loss = loss[0]
        yield output, target, loss, makers[0] if makers else None
        return
    names = [maker.name if maker is not None else None for maker in makers]
    if isinstance(target, Data):
        target = (target,) * len(output)  # where Keras lets that pass
    for index, part in enumerate(output):
        name = names[index] if index < len(names) else None
        yield part, _part(target, index, name), part_loss(loss, index, name), makers[index] if makers else None


def _part(whole: Any, index: int, name: str | None) -> Any:
    if isinstance(whole, dict):
        return whole.get(name)
    return whole[index] if isinstance(whole, tuple) and index < len(whole) else None


def part_loss(loss: Any, index: int, name: str | None) -> Any:
    return loss if isinstance(loss, Loss) else _part(loss, index, name)


def _makers(model: ModelState) -> list[Layer | None]:
    """The layer behind each output."""
    graph = model.graph
    if isinstance(graph, Sequential):
        return [graph.layers[-1]] if graph.layers else []
    if isinstance(graph, Functional):
        return [tensor.node.layer if tensor.node is not None else None for tensor in flattened(graph.outputs)]
    return []


def _layer_name(event: Trained, layer: Layer | None, report: Report) -> str:
    graph = event.model.graph
    if layer is None or graph is None:
        return "output"
    return layer.name or Names(report.version).of(graph.layers).get(layer.key, "output")


@dataclass(frozen=True, slots=True)
class Compared:
    """What meets in the loss.  `unless` are batch sizes with which it runs all the same."""

    output: Tensor
    target: Data
    loss: Loss
    unless: tuple[str, ...]


def _tell(event: Trained, report: Report, outcome: Outcome, met: Compared) -> None:
    assert report.recorded is not None
    raises = outcome.effect is Effect.RAISES
    code = _code(outcome, met)
    found = report.tell(
        code,
        report.recorded.site,
        _message(outcome, met),
        help=_help(event, code, met),
        raises=raises,
        words=f"{outcome.exception}: {outcome.message}" if raises and outcome.exception else outcome.message,
        fix=_fix(event, code, met),
    )
    _explain(event, found, met)


def _code(outcome: Outcome, met: Compared) -> str:
    if outcome.effect is Effect.SILENT:
        return "LL303"
    rank, wanted = met.target.shape.rank, met.output.shape.rank
    if met.loss.kind == "sparse_categorical_crossentropy" and rank is not None and rank == wanted:
        if _same(met.target.shape.dims[-1], met.output.shape.dims[-1]):
            return "LL402"
    if met.loss.kind == "categorical_crossentropy" and _is_integer_labels(met):
        return "LL403"
    if met.loss.kind == "sparse_categorical_crossentropy" and wanted is not None:
        wanted -= 1
    return "LL302" if rank == wanted else "LL301"


def _is_integer_labels(met: Compared) -> bool:
    """Whether the target is one number for each row (or step) where the output has one for each class."""
    output, target = met.output.shape, met.target.shape
    if not target.exact or not output.exact or output.dims[-1] == 1:
        return False
    labels = target.dims[:-1] if len(target.dims) == len(output.dims) and target.dims[-1] == 1 else target.dims
    return len(labels) == len(output.dims) - 1 and all(map(_same, labels[1:], output.dims[1:-1]))


def _same(a: Axis, b: Axis) -> bool:
    """Whether two sizes are equal as far as anybody knows (a free length fits anything)."""
    return a is None or b is None or equal(a, b) is Answer.YES


def _message(outcome: Outcome, met: Compared) -> str:
    output, target, loss = met.output.shape, met.target.shape, met.loss.name
    if outcome.effect is Effect.SILENT:
        first, second = outcome.compared or (output, target)
        return (
            f"the loss {loss} compares the output {output} with the target {target} by broadcasting ({first} with "
            f"{second}): Keras says nothing and trains on it"
        )
    unless = f", unless {' or '.join(met.unless)}" if met.unless else ""
    return f"the target {target} does not fit the output {output} for the loss {loss}{unless}"


def _help(event: Trained, code: str, met: Compared) -> str | None:
    output, target = met.output.shape, met.target.shape
    if code == "LL402":
        return "Use the loss `categorical_crossentropy` for one-hot targets, or give the class ids."
    if code == "LL403":
        return (
            "Use the loss `sparse_categorical_crossentropy` for class ids, or make them one-hot with `to_categorical`."
        )
    culprit = sequence_keeper(event.model) if _one_axis_more(output, target) else None
    if culprit is not None:
        return f"Remove `return_sequences=True` from the last {culprit.class_name}{line_of(culprit)}: it hands on every step."
    if output.exact and target.exact and len(output.dims) == len(target.dims):
        return f"Make the last layer give {target.dims[-1]} values, or give targets of the shape {output}."
    return f"Give targets of the shape {output}, or change the last layers to give {target}."


def _fix(event: Trained, code: str, met: Compared) -> Proposal | None:
    """One argument that makes output and target go together, if the layers behind it take either rank."""
    if code in ("LL402", "LL403"):
        return repairs.other_crossentropy(code, event.model)
    last, steps = _last_recurrent(event.model)
    if last is None:
        return None
    output, target = met.output.shape, met.target.shape
    if _one_axis_more(output, target):
        return repairs.drop_sequence(last)
    is_sparse = met.loss.kind == "sparse_categorical_crossentropy"
    if not target.exact or not output.exact or len(target.dims) != len(output.dims) + (not is_sparse):
        return None
    each_step = target.dims[1] is not None and steps is not None and equal(target.dims[1], steps) is Answer.YES
    return repairs.keep_sequence(sequence_maker(last)) if each_step else None


#: Layers that give what they take another last size at most, whatever its rank.
_ANY_RANK = frozenset(
    {"Dense", "Dropout", "Activation", "LeakyReLU", "ReLU", "Softmax", "LayerNormalization", "GaussianNoise"}
)


def _last_recurrent(model: ModelState) -> tuple[Layer | None, Axis]:
    """The recurrent layer before the output, if only layers that take any rank stand between, and the steps it reads."""
    for layer, inputs in _backwards(model):
        inner = innermost(layer)
        if inner.class_name in RECURRENT and (layer is inner or layer.class_name == "Bidirectional"):
            known = isinstance(inputs, Tensor) and inputs.shape.exact and len(inputs.shape.dims) > 1
            return inner, inputs.shape.dims[1] if known and isinstance(inputs, Tensor) else None
        if layer.class_name not in _ANY_RANK:
            break
    return None, None


def _one_axis_more(output: Shape, target: Shape) -> bool:
    if not output.exact or not target.exact:
        return False
    less = len(output.dims) - 1
    if output.dims[-1] == 1 and len(target.dims) == less - 1:
        return True  # the last axis of size 1 is squeezed away
    return less in (len(target.dims), sum(1 for dim in target.dims if dim != 1))


def sequence_keeper(model: ModelState) -> Layer | None:
    """The last recurrent layer before the output that hands on every step."""
    for layer, _ in _backwards(model):
        inner = innermost(layer)
        if inner.class_name in RECURRENT:
            flag = inner.arguments.get("return_sequences")
            return inner if flag is not UNKNOWN and flag else None
        if layer.class_name in ("Flatten", "Reshape", "RepeatVector"):
            return None
    return None


def _backwards(model: ModelState) -> Iterator[tuple[Layer, Structure]]:
    """The layers from the (first) output to the input, each with what goes into it."""
    graph = model.graph
    if isinstance(graph, Sequential):
        outputs = [graph.input, *(step.applied.output for step in graph.steps)]
        yield from reversed(list(zip(graph.layers, outputs)))
    elif isinstance(graph, Functional):
        tensor: SymbolicTensor | None = next(iter(flattened(graph.outputs)), None)
        while tensor is not None and tensor.node is not None:
            yield tensor.node.layer, tensor.node.inputs
            tensor = next(iter(tensor.node.parents), None)


def _explain(event: Trained, found: Finding, met: Compared) -> None:
    output, target = met.output, met.target
    keeper = sequence_keeper(event.model) if _one_axis_more(output.shape, target.shape) else None
    maker = keeper or next((layer for layer in _makers(event.model) if layer is not None), None)
    if maker is not None and isinstance(maker.origin, Site):
        what = "this layer hands on every step" if keeper is not None else f"the output is made here: {output.shape}"
        found.trace.append((maker.origin, what))
    if target.site is not None:
        found.trace.append((target.site, f"the target is made here: {target.shape}"))
    if event.model.compiled_at is not None:
        found.trace.append((event.model.compiled_at, "the loss is chosen here"))


@check(LayerApplied, "LL401")
def softmax_over_one_unit(event: LayerApplied, report: Report) -> None:
    """A softmax over a last axis of size 1 gives 1 for every row."""
    layer, output = innermost(event.layer), event.applied.output
    arguments = layer.arguments
    if not isinstance(output, Tensor) or output.activation != "softmax" or not isinstance(layer.origin, Site):
        return
    is_softmax = layer.class_name == "Softmax"
    if not is_softmax and arguments.get("activation") is None or not output.shape.exact or not output.shape.dims:
        return
    over_last = not is_softmax or arguments.get("axis", -1) in (-1, len(output.shape.dims) - 1)
    if over_last and output.shape.dims[-1] == 1:
        report.tell(
            "LL401",
            layer.origin,
            "a softmax over one unit is 1 for every row, whatever the weights: nothing can be learnt",
            help="Use `sigmoid` for two classes, or one unit for each class.",
            raises=False,
            fix=repairs.sigmoid(event, report),
        )
