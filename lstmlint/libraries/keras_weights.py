"""Weights that the program gives a layer: a table of word vectors whose size is not that of the layer."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Value
from lstmlint.keras.layers.base import ArgumentProblem, Layer
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array, as_array
from lstmlint.libraries.keras_values import Configured, LayerValue, version_of
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Answer, Dim, SymbolicDim
from lstmlint.shapes.shape import Shape, same
from lstmlint.trace import LayerConstructed

#: What is said of weights of another shape.  Source: `set_weights` of Keras 2.2, tf.keras 2.15 and Keras 3.15.
_WORDS = {
    Version.K2: "Layer weight shape {own} not compatible with provided weight shape {given}",
    Version.T2: "Layer weight shape {own} not compatible with provided weight shape {given}",
    Version.K3: "Layer {name} weight shape {own} is not compatible with provided weight shape {given}.",
}


def weights_given(call: Call, layer: Layer | None) -> list[ArgumentProblem]:
    """What Keras says to the weights that the constructor of a layer is given."""
    if layer is None or layer.class_name != "Embedding":
        return []
    initializer = call.keywords.get("embeddings_initializer")
    if isinstance(initializer, Configured) and initializer.name.endswith(".Constant"):
        value = initializer.keyword("value")
        return _refused(call, layer, "embeddings_initializer", value if isinstance(value, Array) else None)
    return _refused(call, layer, "weights", _first(call, call.keywords.get("weights")))


@model("keras.layers.Layer.set_weights")
def set_weights(call: Call, target: Value, weights: Value | None = None) -> Value:
    """Changes no shape; an `Embedding` refuses a table of another size."""
    if isinstance(target, LayerValue) and target.layer.class_name == "Embedding":
        problems = _refused(call, target.layer, "weights", _first(call, weights))
        if problems:
            call.record(LayerConstructed("Embedding", tuple(problems), None))
    return call.unknown()


def _first(call: Call, weights: Value | None) -> Array | None:
    """The first of a list of arrays."""
    items = None if weights is None else call.items(weights)
    return as_array(call, items[0]) if items and len(items) == 1 else None


def _refused(call: Call, layer: Layer, argument: str, table: Array | None) -> list[ArgumentProblem]:
    own = [layer.arguments.get(name) for name in ("input_dim", "output_dim")]
    sizes: list[Dim] = [dim for dim in own if isinstance(dim, (int, SymbolicDim)) and not isinstance(dim, bool)]
    if table is None or len(sizes) < 2 or table.shape.rank != 2 or 1 in table.shape.dims:
        return []
    wanted = Shape(tuple(sizes))
    if same(wanted, table.shape) is not Answer.NO:
        return []
    name = layer.name or "embedding"
    message = _WORDS[version_of(call)].format(own=wanted, given=table.shape, name=name)
    return [ArgumentProblem("value", argument, None, True, "ValueError", message)]
