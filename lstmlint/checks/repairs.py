"""Which repair a finding proposes: the smallest change of one call that Keras accepts, where there is one.

All of these change what a program computes, so they are unsafe: that a program raises today does not tell what its author
wanted.  A repair that only gives a thing its other name is safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstmlint.checks.fixes import (
    SAFE,
    UNSAFE,
    Proposal,
    RemoveArgument,
    RemoveFirstItem,
    RenameInArgument,
    RenameMember,
    SetArgument,
)
from lstmlint.checks.report import Report
from lstmlint.interpreter.values import Site
from lstmlint.keras.layers.base import UNKNOWN, Layer, Tensor
from lstmlint.keras.losses import Loss
from lstmlint.keras.model import Model
from lstmlint.keras.signatures import signature
from lstmlint.keras.versions import Version
from lstmlint.trace import LayerApplied, ModelChanged, ModelState

#: Layers that hand on a sequence only if told so.
RECURRENT = frozenset(
    {"LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}
)


def innermost(layer: Layer) -> Layer:
    """The layer in a wrapper, or the layer itself."""
    inner: Any = layer
    while isinstance(inner.arguments.get("layer"), Layer):
        inner = inner.arguments["layer"]
    found: Layer = inner
    return found


def keep_sequence(layer: Layer | None) -> Proposal | None:
    """Let a recurrent layer hand on every step."""
    if layer is None or not isinstance(layer.origin, Site):
        return None
    change = SetArgument(layer.origin, "return_sequences", "True")
    return Proposal(UNSAFE, f"Add `return_sequences=True` to the {layer.class_name}", (change,), layer.key)


def drop_sequence(layer: Layer | None) -> Proposal | None:
    """Let a recurrent layer hand on its last step only."""
    if layer is None or not isinstance(layer.origin, Site) or layer.class_name not in RECURRENT:
        return None
    flag = layer.arguments.get("return_sequences", False)
    if flag is UNKNOWN or not flag:
        return None
    change = RemoveArgument(layer.origin, "return_sequences")
    return Proposal(UNSAFE, f"Remove `return_sequences=True` from the {layer.class_name}", (change,), layer.key)


def pad(event: LayerApplied, version: Version) -> Proposal | None:
    """Let a window that is longer than what earlier layers leave of the sequence run over its ends."""
    layer, before = event.layer, event.producer
    if before is None or before.class_name == "InputLayer" or layer.arguments.get("padding") != "valid":
        return None
    return _set(layer, "padding", '"same"', version)


def leave_out_batch(event: LayerApplied) -> Proposal | None:
    """Take the number of samples out of the declared input shape."""
    layer, name, position = event.layer, "input_shape", None
    if event.producer is not None:
        layer, name, position = event.producer, "shape", 0
    if not isinstance(layer.origin, Site):
        return None
    change = RemoveFirstItem(layer.origin, name, position)
    return Proposal(UNSAFE, f"Leave the number of samples out of `{name}`", (change,), layer.key)


def sigmoid(event: LayerApplied, report: Report) -> Proposal | None:
    """A sigmoid in the place of a softmax over one unit, for each sample; not where the loss wants a probability for each
    class."""
    layer, output = event.layer, event.applied.output
    if not isinstance(output, Tensor) or output.shape.rank != 2:
        return None  # weights of an attention, which should add up to one over another axis
    kinds = {loss.kind for loss in _losses(layer, report) if isinstance(loss, Loss)}
    if kinds & {"categorical_crossentropy", "sparse_categorical_crossentropy"}:
        return None
    return _set(layer, "activation", '"sigmoid"', report.version)


def _losses(layer: Layer, report: Report) -> Iterator[Any]:
    """The losses of the models that hold a layer."""
    for recorded in report.events:
        event = recorded.event
        if isinstance(event, ModelChanged) and event.model.graph is not None and _holds(event.model.graph, layer):
            loss = event.model.loss
            yield from loss if isinstance(loss, tuple) else (loss,)


def _holds(graph: Model, layer: Layer) -> bool:
    return any(each.key == layer.key for each in graph.layers)


#: Losses by what they take: class ids, or a probability for each class.
_IDS = ("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy")
_CLASSES = ("categorical_crossentropy", "CategoricalCrossentropy")


def other_crossentropy(code: str, model: ModelState) -> Proposal | None:
    """The loss for the kind of labels that there are."""
    if model.compiled_at is None:
        return None
    old, new = (_IDS, _CLASSES) if code == "LL402" else (_CLASSES, _IDS)
    change = RenameInArgument(model.compiled_at, "loss", tuple(zip(old, new)), position=1)
    return Proposal(UNSAFE, f"Use the loss `{new[0]}`", (change,), model.key)


def keep_order(model: ModelState, site: Site) -> Proposal:
    """`fit` without shuffling the rows."""
    return Proposal(UNSAFE, "Pass `shuffle=False`", (SetArgument(site, "shuffle", "False", 8),), model.key)


#: Methods that only had another name, and what the new one does not take of their arguments.
_SAME_METHODS = {"fit_generator": "fit", "evaluate_generator": "evaluate", "predict_generator": "predict"}


def other_method(method: str, site: Site) -> Proposal | None:
    """The method by its name of today, where it takes what the old one is given."""
    new = _SAME_METHODS.get(method) or ("predict" if method == "predict_proba" else None)
    node: Any = site.node
    if new is None or len(getattr(node, "args", ())) != 1:
        return None  # later positional arguments have another order
    if any(keyword.arg not in _TAKEN_BY[new] for keyword in node.keywords):
        return None
    return Proposal(SAFE, f"Call `{new}`", (RenameMember(site, method, new),))


_RUN = {"steps", "callbacks", "verbose"}
_TAKEN_BY: dict[str, set[str]] = {
    "fit": {
        *("steps_per_epoch", "epochs", "verbose", "callbacks", "validation_data", "validation_steps"),
        *("validation_freq", "class_weight", "initial_epoch"),
    },
    "evaluate": _RUN,
    "predict": {*_RUN, "batch_size"},
}


def _set(layer: Layer, name: str, text: str, version: Version) -> Proposal | None:
    """An argument of a layer with another value."""
    known = signature(layer.class_name, version)
    if not isinstance(layer.origin, Site) or known is None or name not in known.names:
        return None
    change = SetArgument(layer.origin, name, text, known.names.index(name))
    words = text.strip('"')
    return Proposal(UNSAFE, f"Use `{name}='{words}'` in the {layer.class_name}", (change,), layer.key)
