"""The tensors of graphs that programs read back: ends of models, outputs of layers, layers by name."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, Value
from lstmlint.keras.layers.base import Applied, Layer, Structure
from lstmlint.keras.layers.call import ZERO
from lstmlint.keras.layers.registry import rule
from lstmlint.keras.model import Functional, Sequential, SymbolicTensor, flattened, functional, joined
from lstmlint.keras.operations import OPERATION
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_layers import as_value, remember_call
from lstmlint.libraries.keras_values import KerasContext, LayerValue, version_of
from lstmlint.libraries.registry import attribute
from lstmlint.trace import ModelState


def graph_of(call: Call, state: ModelState | None) -> Functional | None:
    """The graph of a model; a Sequential with a known input has one, too, in which each layer is called once."""
    graph = None if state is None else state.graph
    if isinstance(graph, Functional):
        return graph
    context = call.interpreter.context
    if (
        state is None
        or not isinstance(graph, Sequential)
        or graph.input is None
        or not isinstance(context, KerasContext)
    ):
        return None
    made = context.unrolled
    layer = graph.input_layer or Layer(rule("InputLayer"), {}, ("input of", state.key), None, graph.input.shape)
    called = made.setdefault(
        (state.key, layer.key, graph.input.shape), joined(layer, None, Applied(graph.input, None, ZERO))
    )
    first = tensor = called.output
    for step in graph.steps:
        if not isinstance(tensor, SymbolicTensor):
            return None
        key = (state.key, step.layer.key, id(tensor.node))
        called = made.get(key) or made.setdefault(key, joined(step.layer, tensor, step.applied))
        remember_call(call, step.layer, called, is_only=True)
        tensor = called.output
    return functional(first, tensor) if isinstance(tensor, SymbolicTensor) else None


def listed_layers(call: Call, state: ModelState) -> tuple[Layer, ...]:
    """`model.layers`: in Keras 3 without operations."""
    if state.graph is None:
        return ()
    graph_of(call, state)
    is_new = version_of(call) is Version.K3
    return tuple(layer for layer in state.graph.layers if not is_new or layer.rule.grade != OPERATION)


def layer_called(call: Call, state: ModelState, wanted: object) -> Value | None:
    """The layer with a name or at a place; None where there is none that is known."""
    if isinstance(wanted, str) and state.graph is not None:
        graph_of(call, state)
        named = [layer for layer in state.graph.layers if wanted in (layer.name, layer.given_name)]
        return LayerValue(named[0]) if len(named) == 1 else None
    layers = listed_layers(call, state)
    if isinstance(wanted, int) and -len(layers) <= wanted < len(layers):
        return LayerValue(layers[wanted])
    return None


def ordered_inputs(call: Call, graph: Functional, inputs: Value) -> Value | None:
    """The tensors of a dict in the order of a model's inputs, which are called like its keys; None for no such dict."""
    mapping = call.mapping(inputs)
    if mapping is None or mapping.others is not None:
        return None
    named = {key.value: value for key, value in mapping.entries.values() if isinstance(key, Const)}
    layers = [tensor.node.layer for tensor in flattened(graph.inputs) if tensor.node is not None]
    names = [layer.name or layer.given_name for layer in layers]
    if len(named) != len(names) or set(named) != set(names):
        return None
    values = [named[name] for name in names]
    return values[0] if len(values) == 1 else call.new_list(values)


# --- what a layer was called on --------------------------------------------------------------------------------------


def _end(call: Call, value: Value, side: int) -> Structure:
    if not isinstance(value, LayerValue):
        return None
    ends = call.interpreter.state.refined.get(("ends", value.layer.key))
    found: Structure = ends[side] if isinstance(ends, tuple) else None
    return found


@attribute("keras.layers.Layer.output")
def layer_output(call: Call, layer: Value) -> Value:
    """What the layer gave in the graph that it was called in."""
    found = _end(call, layer, 1)
    return call.unknown("output") if found is None else as_value(call, found)


@attribute("keras.layers.Layer.input")
def layer_input(call: Call, layer: Value) -> Value:
    """What the layer was called on."""
    found = _end(call, layer, 0)
    return call.unknown("input") if found is None else as_value(call, found)
