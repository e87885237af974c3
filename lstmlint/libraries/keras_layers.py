"""Layers: their constructors, and what calling one on a tensor does."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Ref,
    Site,
    Unknown,
    Value,
    fresh_key,
    unknown,
)
from lstmlint.keras import keras1
from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, Structure, Tensor
from lstmlint.keras.layers.registry import apply
from lstmlint.keras.model import (
    Called,
    Functional,
    Sequential,
    SymbolicTensor,
    flattened,
    joined,
    plain,
    shaping_node_layer,
)
from lstmlint.keras.model import call as call_graph
from lstmlint.keras.names import Missing
from lstmlint.keras.reuse import refused_reuse, shape_again
from lstmlint.keras.signatures import function_signature, layer_class
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array
from lstmlint.libraries.keras_calls import has_own_names
from lstmlint.libraries.keras_misuse import note_input, note_merge, tensors_given
from lstmlint.libraries.keras_values import (
    KerasTensor,
    LayerValue,
    as_given,
    changed_name,
    concrete,
    is_refused,
    is_traced,
    named,
    note_call,
    shape_value,
    to_argument,
    to_structure,
    version_of,
)
from lstmlint.libraries.keras_weights import weights_given
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.shape import Shape
from lstmlint.trace import LayerApplied, LayerConstructed, NamesMissing, TrainableSet

LAYERS = "keras.layers."

#: Modules in which layers stood over the years; their members are looked up in `keras.layers`.
_LAYER_MODULES = (
    "keras.layers.", "keras.engine.", "keras.legacy.layers.", "keras.src.layers.", "keras.layers.experimental.preprocessing.",
)  # fmt: skip
_MODEL_NAMES = {
    "Sequential": "keras.Sequential", "Model": "keras.Model", "Functional": "keras.Model", "Input": "keras.layers.Input",
    "InputSpec": "keras.InputSpec",
}  # fmt: skip
_MODEL_MODULES = ("keras.models.", "keras.engine.", "keras.", "keras.layers.")


def rewrite(name: str) -> str:
    """The name under which a member of any Keras module of any epoch is modelled."""
    if not name.startswith("keras."):
        return name
    module, _, member = name.rpartition(".")
    first = member if member[:1].isupper() else ""
    if first in _MODEL_NAMES and f"{module}.".startswith(_MODEL_MODULES) and module.count(".") <= 3:
        if module.rpartition(".")[2][:1].islower():
            return _MODEL_NAMES[first]
    if module.rpartition(".")[2][:1].isupper():  # a member of a class; those of all layers are modelled together
        owner = rewrite(module)
        return f"{LAYERS}Layer.{member}" if owner.startswith(LAYERS) else f"{owner}.{member}"
    for prefix in _LAYER_MODULES:
        if name.startswith(prefix) and name.count(".") > 2 and module.rpartition(".")[2][:1].islower():
            return LAYERS + member
    return name


def family(name: str) -> Handler | Value | None:
    """The constructor of any layer class, and the functions of old Keras that make a layer and call it (`add([a, b])`)."""
    if not name.startswith(LAYERS) or name.count(".") != 2:
        return None
    member = name[len(LAYERS) :]
    if member[:1].isupper() and any(layer_class(member, version) for version in Version):
        return constructor(member)
    if any(function_signature(member, version) for version in Version):
        return _merging_function(member)
    return None


def constructor(class_name: str) -> Handler:
    """The model of a layer's constructor."""

    def make_layer(call: Call) -> Value:
        layer = build_layer(call, class_name, call.site)
        return LayerValue(layer) if layer is not None else unknown(class_name)

    return make_layer


def build_layer(call: Call, class_name: str, origin: Site) -> Layer | None:
    """The layer that a constructor call makes; None where Keras raises or the arguments are not all known."""
    if call.open_args:
        return None
    written = as_given(call, f"layers.{class_name}")
    made = construct(
        class_name,
        written.args,
        written.keywords,
        version_of(call),
        key=fresh_key(),
        origin=origin,
        open_keywords=call.open_keywords,
        own_names=has_own_names(call),
    )
    problems = (*tensors_given(call, class_name), *made.problems, *weights_given(call, made.layer))
    layer = _with_data_format(call, made.layer if problems == made.problems else None)
    if layer is not None and class_name == "Lambda":
        layer = _with_function(call, layer)
    layer = None if layer is None else named(call, layer)
    call.record(LayerConstructed(class_name, problems, layer, written))
    return layer


def _with_function(call: Call, layer: Layer) -> Layer:
    """A `Lambda` layer that calls the function which the program gives it."""
    from lstmlint.libraries.keras_functions import BODIES, lambda_function

    return replace(layer, rule=lambda_function(call).rule, arguments={**layer.arguments, BODIES: {}})


def _with_data_format(call: Call, layer: Layer | None) -> Layer | None:
    """The layer with the data format that the program has set for those that name none."""
    chosen = call.interpreter.options.get("image_data_format")
    if layer is None or chosen is None or layer.arguments.get("data_format", "") is not None:
        return layer
    word = call.constant(chosen)
    return replace(layer, arguments={**layer.arguments, "data_format": UNKNOWN if word is None else word})


def _merging_function(function: str) -> Handler:
    """`concatenate`, `add` … of old Keras: the layer of that name, called at once."""
    class_name = function.title()

    def merge(call: Call, inputs: Value) -> Value:
        rest = Call(
            call.interpreter, call.site, call.name, call.args[1:], dict(call.keywords), False, call.open_keywords
        )
        rest.keywords.pop("inputs", None)
        layer = build_layer(rest, class_name, call.site)
        bare = Call(call.interpreter, call.site, call.name, call.args, {})  # the keywords are the constructor's
        return unknown(function) if layer is None else call_on(bare, layer, inputs)

    return merge


@model("keras.layers.merge")
def merge_of_keras_1(call: Call, inputs: Value) -> Value:
    """`merge([a, b], mode="concat")` of Keras 1; in Keras 2.2 and 2.3 the name is that of a module."""
    if note_merge(call):
        return unknown("merge")
    positional = tuple(to_argument(call, value) for value in call.args[1:])
    keywords = {name: to_argument(call, value) for name, value in call.keywords.items() if name != "inputs"}
    meant = None if call.open_args or call.open_keywords else keras1.merging(positional, keywords)
    if meant is None or version_of(call) is not Version.K2:
        return unknown("merge")
    class_name, arguments = meant
    made = construct(class_name, (), arguments, Version.K2, key=fresh_key(), origin=call.site)
    return unknown("merge") if made.layer is None else call_on(call, named(call, made.layer), inputs)


@model("keras.layers.Input", "keras.Input")
def make_input(call: Call) -> Value:
    """`Input(...)`: the symbolic tensor that a functional graph starts from."""
    written = as_given(call, "Input")
    made = construct(
        "Input",
        written.args,
        written.keywords,
        version_of(call),
        key=fresh_key(),
        origin=call.site,
        open_keywords=call.open_keywords or call.open_args,
    )
    call.record(LayerConstructed("Input", made.problems, made.layer, written))
    if made.layer is None or made.layer.declared is None or call.open_args:
        return unknown("Input(…)")
    layer = named(call, made.layer)
    called = call_graph(layer, None, version_of(call))
    remember_call(call, layer, called)
    return as_value(call, called.output)


# --- calling ---------------------------------------------------------------------------------------------------------


def call_on(call: Call, layer: Layer, inputs: Value) -> Value:
    """The value of calling a layer on symbolic tensors, on data, or on something that is not known."""
    inputs = call.interpreter.state.resolve(inputs)
    if is_refused(inputs) or any(map(is_refused, call.items(inputs) or ())):
        return refused_value(layer)
    if note_input(call, layer, inputs):
        return refused_value(layer)
    if isinstance(inputs, (LayerValue, External, Const)) or (isinstance(inputs, Ref) and call.sequence(inputs) is None):
        return unknown(layer.class_name)
    structure, version = to_structure(call, inputs), version_of(call)
    states = call.keywords.get("initial_state", NONE)
    initial = None if states == NONE else to_structure(call, states)
    others = {name: to_argument(call, value) for name, value in call.keywords.items() if name != "initial_state"}
    is_symbolic = bool(flattened(structure))
    if is_symbolic:
        built = call.interpreter.state.refined.get(("weights", layer.key))
        called = call_graph(layer, structure, version, initial_state=initial, call_arguments=others, built=built)
        if called.refusal is None and (shape := _shape_again(call, layer, structure)) is not None:
            called = joined(layer, structure, Applied(Tensor(shape), None, called.node.applied.count))
        applied, output = called.node.applied, called.output
        remember_call(call, layer, called)
    else:
        applied = apply(layer, structure, version, initial_state=initial, call_arguments=others)
        output = applied.output
    applied = _reused(call, layer, structure, applied)
    if applied.refusal is None and applied.count is not None and applied.count.total is not None:
        call.interpreter.state.refined.setdefault(("weights", layer.key), applied.count)
    note_call(call, layer, applied)
    producer, made = _producer(inputs)
    call.record(
        LayerApplied(
            layer,
            plain(structure),
            applied,
            producer,
            made,
            eager=not is_symbolic,
            is_inside=is_traced(call),
            node=called.node if is_symbolic else None,
        )
    )
    if applied.refusal is not None:
        return refused_value(layer)
    if not is_symbolic:
        return concrete(call, _with_batch(output, structure), layer.class_name.lower())
    return as_value(call, output)


def remember_call(call: Call, layer: Layer, called: Called, *, is_only: bool = False) -> None:
    """Keep what goes in and out of a layer, for `layer.output`; before Keras 3 a layer called twice has none."""
    if is_traced(call):
        return
    known, ends = call.interpreter.state.refined, (called.node.inputs, called.output)
    key = ("ends", layer.key)
    if is_only or key not in known:
        known[key] = ends
    elif version_of(call) is not Version.K3 and known[key] != ends:
        known[key] = None


def refused_value(layer: Layer) -> Value:
    """What stands for the output of a call that Keras refuses: what is made of it is not looked at."""
    return Unknown(("refused", fresh_key()), layer.class_name)


def _reused(call: Call, layer: Layer, inputs: Structure, applied: Applied) -> Applied:
    """The result of a call with what the layer's first call decides: the sizes of its weights."""
    if applied.refusal is not None or not isinstance(inputs, Tensor):
        return applied
    built = call.interpreter.state.refined.setdefault(("built", layer.key), inputs.shape)
    version = version_of(call)
    refusal = refused_reuse(layer, built, inputs.shape, version)
    return applied if refusal is None else Applied(None, refusal)


def _shape_again(call: Call, layer: Layer, inputs: Structure) -> Shape | None:
    """The shape that comes out of a layer which was called before on another one, where that matters."""
    built = call.interpreter.state.refined.get(("built", layer.key))
    if not isinstance(built, Shape) or not isinstance(inputs, Tensor):
        return None
    return shape_again(layer, built, inputs.shape, version_of(call))


def _with_batch(output: Structure, inputs: Structure) -> Structure:
    """The output on data: its batch is that of the input."""
    first = inputs[0] if isinstance(inputs, tuple) and inputs else inputs
    if isinstance(output, tuple):
        return tuple(_with_batch(part, first) for part in output)
    if not isinstance(output, Tensor) or not isinstance(first, Tensor):
        return output
    known = output.shape.exact and output.shape.dims and first.shape.exact and first.shape.dims
    if known and output.shape.dims[0] is None:
        return replace(output, shape=Shape((first.shape.dims[0], *output.shape.dims[1:])))
    return output


def _producer(value: Value) -> tuple[Layer | None, Site | None]:
    """The layer that made a tensor, and where."""
    if isinstance(value, KerasTensor):
        return shaping_node_layer(value.tensor), value.site
    return None, value.site if isinstance(value, Array) else None


def as_value(call: Call, output: Structure) -> Value:
    """The value of what a layer gives in a graph; several outputs come as a list."""
    if isinstance(output, SymbolicTensor):
        return KerasTensor(output, call.site, is_traced(call))
    if isinstance(output, tuple):
        return call.new_list(as_value(call, part) for part in output)
    return Unknown(fresh_key(), "tensor")


# --- attributes ------------------------------------------------------------------------------------------------------


@attribute("keras.KerasTensor.shape", "keras.KerasTensor._keras_shape")
def tensor_shape(call: Call, tensor: Value) -> Value:
    return shape_value(tensor.shape, tensor.key, "tensor") if isinstance(tensor, KerasTensor) else call.unknown("shape")


@model("keras.KerasTensor.get_shape", "keras.backend.int_shape")
def get_shape(call: Call, tensor: Value) -> Value:
    if isinstance(tensor, KerasTensor):
        return shape_value(tensor.shape, tensor.key, "tensor")
    return call.unknown("shape")


@attribute("keras.layers.Layer.input_shape", "keras.layers.Layer.output_shape")
def layer_shape(call: Call, layer: Value) -> Value:
    """Shapes of a layer by the names that Keras 3 has taken off layers, and left to models."""
    name = call.name.rpartition(".")[2]
    if isinstance(layer, LayerValue) and version_of(call) is Version.K3:
        cls = layer.layer.class_name
        if layer_class(cls, Version.K3) is not None:
            gone = Missing(cls, name, f"{name.partition('_')[0]}.shape")
            call.record(NamesMissing("member", cls, ((name, gone),)))
    elif isinstance(layer, LayerValue):
        ends = call.interpreter.state.refined.get(("ends", layer.layer.key))
        found = None if ends is None else ends[name.startswith("output")]
        if isinstance(found, Tensor):
            return shape_value(found.shape, ("shape of", layer.layer.key, name), "layer")
    return call.unknown(name)


@attribute("keras.layers.Layer.name")
def layer_name(call: Call, layer: Value) -> Value:
    if isinstance(layer, LayerValue) and layer.layer.name is not None:
        return Const(layer.layer.name)
    return call.unknown("name")


@model("keras.layers.Layer.adapt")
def adapt(call: Call, layer: Value, data: Value | None = None) -> Value:
    """A preprocessing layer learns from data, which stay as they are."""
    return NONE


_SHAPELESS = frozenset({"name", "trainable", "dtype", "activity_regularizer", "kernel_regularizer", "bias_regularizer"})
"""Attributes that may be set on a layer and change no shape."""


@model("keras.layers.Layer.__setattr__")
def set_layer_attribute(call: Call, layer: Value, name: Value, value: Value) -> Value:
    """`layer.return_sequences = True`: what the layer does is not known from here on."""
    if not isinstance(layer, LayerValue):
        return NONE
    if call.constant(name) not in _SHAPELESS:
        call.interpreter.set_option(changed_name(layer.layer), value)
    elif call.constant(name) == "trainable":
        inside = layer.layer.arguments.get("model")
        set_trainable(
            call, layer.layer.key, inside.layers if isinstance(inside, (Sequential, Functional)) else (), value
        )
    return NONE


def set_trainable(call: Call, key: Hashable, inside: Iterable[Layer], value: Value) -> None:
    """Leave that `trainable` was set: from T2 on, a model passes it on to all that it holds."""
    flag = call.interpreter.truth(value)
    keys = [key]
    waiting = list(inside) if version_of(call) is not Version.K2 else []
    while waiting:
        layer = waiting.pop()
        keys.append(layer.key)
        model_inside = layer.arguments.get("model")
        if isinstance(model_inside, (Sequential, Functional)):
            waiting += model_inside.layers
    call.record(TrainableSet(tuple(keys), flag))


@attribute("keras.layers.Layer.units")
def layer_units(call: Call, layer: Value) -> Value:
    units = layer.layer.arguments.get("units") if isinstance(layer, LayerValue) else None
    return Const(units) if isinstance(units, int) else call.unknown("units")
