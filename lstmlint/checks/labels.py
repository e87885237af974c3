"""Heads and labels: what a loss takes the output and the labels for (LL4)."""

from __future__ import annotations

from collections.abc import Iterator

from lstmlint.checks.report import Report, check
from lstmlint.checks.targets import part_loss
from lstmlint.interpreter.values import Site
from lstmlint.keras.heads import Clash, clash
from lstmlint.keras.layers.base import Layer, Tensor
from lstmlint.keras.losses import Loss
from lstmlint.keras.model import Functional, Sequential, flattened
from lstmlint.trace import ModelChanged, ModelState

_CODES = {
    "softmax in binary": "LL404",
    "sigmoid in categorical": "LL405",
    "no probabilities": "LL406",
    "no logits": "LL407",
}


@check(ModelChanged, "LL404", "LL405", "LL406", "LL407")
def head_and_loss(event: ModelChanged, report: Report) -> None:
    """The loss that `compile` is given takes the output for something else than it is."""
    model = event.model
    assert report.recorded is not None
    if model.compiled_at is None or model.compiled_at != report.recorded.site:
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
