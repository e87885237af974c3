"""Heads and labels: what a loss takes the output and the labels for (LL4)."""

from __future__ import annotations

from collections.abc import Iterator

from lstmlint.checks.report import Report, check
from lstmlint.checks.targets import pairs, part_loss
from lstmlint.interpreter.values import Site
from lstmlint.keras.heads import (
    Clash,
    clash,
    class_without_weight,
    is_regression,
    refused_class_weight,
    refused_for_sequences,
    stray_labels,
    unreachable,
)
from lstmlint.keras.layers.base import Layer, Tensor
from lstmlint.keras.losses import Loss
from lstmlint.keras.model import Functional, Sequential, flattened
from lstmlint.trace import ClassWeight, Data, ModelState, Trained

_CODES = {
    "softmax in binary": "LL404",
    "sigmoid in categorical": "LL405",
    "no probabilities": "LL406",
    "no logits": "LL407",
}

#: What uses the loss: a model that is compiled and only predicts (the generator of a GAN) has none.
_TRAINING = frozenset({"fit", "train_on_batch"})


@check(Trained, "LL404", "LL405", "LL406", "LL407")
def head_and_loss(event: Trained, report: Report) -> None:
    """The loss of a model that is trained takes the output for something else than it is."""
    model = event.model
    if model.compiled_at is None or event.method not in _TRAINING:
        return
    for output, loss, maker in heads(model):
        found = clash(output, loss, report.version)
        if found is None:
            continue
        told = report.tell(
            _CODES[found.kind], model.compiled_at, _message(output, loss, found), help=_help(loss, found), raises=False
        )
        if maker is not None and isinstance(maker.origin, Site):
            told.trace.append((maker.origin, f"the output is made here: {output.activation} of {output.shape}"))
        return


@check(Trained, "LL408", "LL409")
def label_values(event: Trained, report: Report) -> None:
    """Labels surely have a value that the loss has no place for."""
    graph = event.model.graph
    if not event.has_targets or event.is_batched or graph is None:
        return
    for output, labels, loss, maker in pairs(event, graph.output, report.version):
        if isinstance(output, Tensor) and isinstance(labels, Data) and isinstance(loss, Loss):
            if labels.integral and not labels.one_hot:
                _stray_values(report, output, labels, loss, maker)


def _stray_values(report: Report, output: Tensor, labels: Data, loss: Loss, maker: Layer | None) -> None:
    """Labels of one output that its loss has no place for."""
    stray = stray_labels(output, loss, labels.low, labels.high, labels.is_reached, report.version)
    if stray is None:
        return
    assert report.recorded is not None
    raises = stray.kind == "no class"
    value = f"{stray.value:g}"
    told = report.tell(
        "LL408" if raises else "LL409",
        report.recorded.site,
        f"there are labels of {value}, but the output has the classes {stray.allowed}"
        if raises
        else f"there are labels of {value}, but {loss.name} is made for {stray.allowed}"
        + (": the loss has no lower bound" if stray.kind == "not binary" else ""),
        help=_label_help(output, labels, raises)
        if stray.kind != "not signed"
        else "Make the labels -1 and 1: `2 * y - 1`.",
        raises=raises,
        words=f"InvalidArgumentError: Received a label value of {value} which is outside the valid range of [0, "
        f"{output.shape.dims[-1]})"
        if raises
        else None,
    )
    if labels.site is not None:
        told.trace.append((labels.site, "the labels are made here"))
    if maker is not None and isinstance(maker.origin, Site):
        told.trace.append((maker.origin, f"the output is made here: {output.shape}"))


_ON_GPU = "On a GPU nothing is raised: the loss becomes NaN."


def _label_help(output: Tensor, labels: Data, raises: bool) -> str:
    if raises and labels.low == 1 and labels.high == output.shape.dims[-1]:
        return f"Count the labels from 0: `y - 1`.  {_ON_GPU}"
    if raises:
        return f"Give the last layer as many units as there are classes, the greatest label plus one.  {_ON_GPU}"
    return "Make the labels 0 and 1; for several classes use one unit each, a softmax and `sparse_categorical_crossentropy`."


@check(Trained, "LL412")
def unreachable_targets(event: Trained, report: Report) -> None:
    """The last activation cannot give what the targets are."""
    targets = event.targets
    if not event.has_targets or event.method not in _TRAINING or not isinstance(targets, Data) or targets.spans is None:
        return
    found = next(iter(heads(event.model)), None)
    if found is None:
        return
    output, loss, maker = found
    limits = unreachable(output, loss, targets.spans)
    if limits is None:
        return
    assert report.recorded is not None
    low, high = limits
    gives = f"from {low:g} on" if high is None else f"between {low:g} and {high:g}"
    about = "are scaled to mean 0" if targets.low is None and abs(targets.spans[0]) < 1 else (
        f"reach from {targets.spans[0]:g} to {targets.spans[1]:g}"
    )  # fmt: skip
    told = report.tell(
        "LL412",
        report.recorded.site,
        f"the output is a {output.activation}, which gives numbers {gives}, but the targets {about}",
        help="Leave the activation of the last layer out, or scale the targets to what it gives.",
        raises=False,
    )
    if maker is not None and isinstance(maker.origin, Site):
        told.trace.append((maker.origin, f"the output is made here: {output.shape}"))
    if targets.site is not None:
        told.trace.append((targets.site, "the targets are made here"))


@check(Trained, "LL410")
def class_weights(event: Trained, report: Report) -> None:
    """`class_weight` is something that Keras refuses."""
    weight = event.class_weight
    if weight is None or event.method != "fit":
        return
    refused = refused_class_weight(weight.kind, weight.keys, report.version)
    if refused is None and isinstance(event.targets, Data) and weight.kind == "dict":
        _sequence_weights(event.targets, report)
        _missing_class(event.targets, weight, report)
    if refused is None:
        return
    assert report.recorded is not None
    what = "whose keys are not the class ids from 0 on" if weight.kind == "dict" else "and no dict"
    report.tell(
        "LL410", report.recorded.site, f"`class_weight` is a {weight.kind} {what}",
        help="Give a dict from class id to weight: `dict(enumerate(weights))`.",
        raises=True, words=f"{refused[0]}: {refused[1]}",
    )  # fmt: skip


def _missing_class(targets: Data, weight: ClassWeight, report: Report) -> None:
    """The greatest label surely occurs, and has no weight."""
    if (
        not targets.integral
        or targets.one_hot
        or not targets.is_reached
        or targets.high is None
        or targets.shape.rank != 1
    ):
        return
    refused = class_without_weight(weight.keys, targets.high, report.version)
    if refused is None:
        return
    assert report.recorded is not None
    report.tell(
        "LL410", report.recorded.site, f"`class_weight` has no weight for the labels {targets.high:g}",
        help="Give a weight for each class: `dict(enumerate(weights))`.", raises=True, words=f"{refused[0]}: {refused[1]}",
    )  # fmt: skip


def _sequence_weights(targets: Data, report: Report) -> None:
    """A class for each step has no place in `class_weight`."""
    refused = refused_for_sequences(targets.shape, report.version)
    if refused is None:
        return
    assert report.recorded is not None
    report.tell(
        "LL410", report.recorded.site, f"`class_weight` is for one class in each row, and the targets are {targets.shape}",
        help="Give a weight for each step: `sample_weight` of the shape (samples, steps).",
        raises=True, words=f"{refused[0]}: {refused[1]}",
    )  # fmt: skip


@check(Trained, "LL411")
def accuracy_of_numbers(event: Trained, report: Report) -> None:
    """Accuracy is counted of a number that is to hit another."""
    model = event.model
    if model.compiled_at is None or event.method not in _TRAINING:
        return
    name = next((name for name in model.metrics if name in ("accuracy", "acc")), None)
    if name is None or not any(is_regression(output, loss) for output, loss, _ in heads(model)):
        return
    report.tell(
        "LL411", model.compiled_at, f"the metric {name} counts how often two numbers are equal, and the model is a regression",
        help="Use `mae` or `mse` as the metric.", raises=False,
    )  # fmt: skip


def heads(model: ModelState) -> Iterator[tuple[Tensor, Loss, Layer | None]]:
    """Each output of a model with its loss and the layer that makes it, where they are known."""
    graph = model.graph
    if isinstance(graph, Sequential):
        loss = model.loss[0] if isinstance(model.loss, tuple) and len(model.loss) == 1 else model.loss
        if isinstance(graph.output, Tensor) and isinstance(loss, Loss):
            yield graph.output, loss, graph.layers[-1] if graph.layers else None
    elif isinstance(graph, Functional):
        for index, tensor in enumerate(flattened(graph.outputs)):
            maker = tensor.node.layer if tensor.node is not None else None
            loss = part_loss(model.loss, index, maker.name if maker is not None else None)
            if isinstance(loss, Loss):
                yield tensor, loss, maker


def _message(output: Tensor, loss: Loss, found: Clash) -> str:
    head, name = output.activation, loss.name
    if found.kind == "no probabilities":
        what = "has no activation" if head == "linear" else f"is a {head}"
        return f"the loss {name} takes the output for probabilities, but the last layer {what}: {found.computed}"
    if found.kind == "no logits":
        return f"the loss {name} is told `from_logits=True`, but the output is a {head}: {found.computed}"
    return f"the loss {name} does not go with a {head}: {found.computed}"


def _help(loss: Loss, found: Clash) -> str:
    binary = loss.kind == "binary_crossentropy"
    if found.kind == "softmax in binary":
        return "Use `categorical_crossentropy` (one class for each row), or a sigmoid (several may be true at once)."
    if found.kind == "sigmoid in categorical":
        return "Use a softmax (one class for each row), or `binary_crossentropy` (several may be true at once)."
    if found.kind == "no logits":
        return "Leave `from_logits=True` out, or the activation of the last layer."
    return f'Give the last layer `activation="{"sigmoid" if binary else "softmax"}"`, or the loss `from_logits=True`.'
