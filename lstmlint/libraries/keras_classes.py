"""The program's own classes of layers and models: what their instances have from Keras."""

from __future__ import annotations

from functools import partial

from lstmlint.classes import replace
from lstmlint.interpreter import attributes
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments
from lstmlint.interpreter.state import ClassObject, Instance
from lstmlint.interpreter.values import NONE, Const, External, Function, Ref, Site, Unknown, Value, tuple_of, unknown
from lstmlint.keras.construct import construct
from lstmlint.keras.declared import declared_shape
from lstmlint.keras.layers.base import UNKNOWN, Argument, Count, Layer, LayerRule, Tensor
from lstmlint.keras.layers.registry import RULES, apply
from lstmlint.keras.signatures import layer_class
from lstmlint.keras.subclassed import PREFIX, Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import TENSOR, make
from lstmlint.libraries.keras_functions import BODIES, OWN_TRAINABLE, apply_instance, given, tensors_in
from lstmlint.libraries.keras_layers import LAYERS, call_on, refused_value, rewrite
from lstmlint.libraries.keras_tracking import layer_of, subclassed_of, update
from lstmlint.libraries.keras_values import (
    KerasTensor,
    LayerValue,
    as_shape,
    current_layer,
    is_refused,
    is_traced,
    named,
    note_call,
    shape_value,
    to_argument,
    tracing_of,
    version_of,
)
from lstmlint.libraries.registry import attribute, canonical, model
from lstmlint.shapes.dims import product
from lstmlint.trace import LayerConstructed

LAYER = "keras.layers.Layer"


def class_of(call: Call, ref: Ref) -> ClassObject | None:
    """The class of an instance."""
    target = call.interpreter.state.read(ref)
    cls = call.interpreter.state.read(target.cls) if isinstance(target, Instance) else None
    return cls if isinstance(cls, ClassObject) else None


def method_of(call: Call, ref: Ref, name: str) -> Function | None:
    """The function of the program that an instance has as a method of this name."""
    target = call.interpreter.state.read(ref)
    found = attributes.find_in_class(call.interpreter, target.cls, name) if isinstance(target, Instance) else None
    return found if isinstance(found, Function) else None


def made_at(call: Call, ref: Ref) -> tuple[Site, str | None]:
    """Where an instance was made, seen from inside its `__init__`, and the variable that it is assigned to."""
    made = call.site, call.interpreter.target_name
    for frame in reversed(call.interpreter.frames):
        if frame.receiver != ref or frame.site is None:
            break
        made = frame.site, frame.result_name
    return made


# --- __init__ --------------------------------------------------------------------------------------------------------

#: Methods with which a class gives a layer another behaviour than that of its base.
_BEHAVIOUR = ("call", "__call__", "build", "compute_output_shape")


@model("keras.layers.Layer.__init__")
def init_layer(call: Call, target: Value) -> Value:
    """`super().__init__(name=…, input_shape=…)` of a layer: from here on it is one for Keras."""
    if isinstance(target, Ref) and target.kind == "instance":
        base = _base_layer(call, target)
        own = subclass(call, target, base)
        call.record(LayerConstructed(own.layer.title, (), own.layer))
        call.adopt(target, LAYER, own)
    return NONE


def subclass(call: Call, ref: Ref, base: Layer | None = None) -> Subclassed:
    """What Keras keeps of a new instance."""
    cls = class_of(call, ref)
    title = cls.name if cls is not None else "Layer"
    if base is not None and not any(method_of(call, ref, name) for name in _BEHAVIOUR):
        layer = replace(base, given_class=title)
        return Subclassed(named(call, layer), base)
    bound = {name: to_argument(call, value) for name, value in call.keywords.items()}
    if call.open_keywords:
        bound.setdefault("trainable", UNKNOWN)
    if version_of(call) is Version.K3 and "trainable" in bound:
        bound[OWN_TRAINABLE] = bound.pop("trainable")
    name = bound.get("name")
    layer = Layer(
        LayerRule(PREFIX + title, partial(apply_instance, call.interpreter, ref), "the program", "opaque"),
        {**bound, BODIES: {}} if base is None else base.arguments,
        ref.key,
        name if isinstance(name, str) else None,
        declared_shape(title, bound, version_of(call), is_open=call.open_keywords),
        made_at(call, ref)[0],
        given_class=title,
    )
    return Subclassed(named(call, layer), base)


def _base_layer(call: Call, ref: Ref) -> Layer | None:
    """The layer of Keras that `super().__init__` makes, where the base is one that is known."""
    class_name = rewrite(canonical(call.name.rpartition(".")[0])).removeprefix(LAYERS)
    entry = RULES.get(layer_class(class_name, version_of(call)) or "")
    if entry is None or entry.grade == "opaque" or call.open_args:
        return None
    keywords: dict[str, Argument] = {name: to_argument(call, value) for name, value in call.keywords.items()}
    made = construct(
        class_name, [to_argument(call, value) for value in call.args[1:]], keywords, version_of(call),
        key=ref.key, origin=made_at(call, ref)[0], open_keywords=call.open_keywords,
    )  # fmt: skip
    return made.layer


# --- calling ---------------------------------------------------------------------------------------------------------


@model("keras.layers.Layer.__call__")
def call_layer(call: Call, layer: Value) -> Value:
    """`layer(inputs)`: extends the functional graph, or computes on data."""
    if isinstance(layer, LayerValue):
        current = current_layer(call, layer)
        return call_on(call, current, _inputs_of(call, current))
    return call_instance(call, layer)


def _inputs_of(call: Call, layer: Layer) -> Value:
    """What a layer is called on: its first argument, or those together that it takes one by one."""
    names = layer.rule.inputs or ("inputs",)
    positional = dict(zip(names, call.args[1:]))
    given = [positional.get(name, call.keywords.get(name, NONE)) for name in names]
    known = [value for value in given if value != NONE]
    if call.open_args or call.open_keywords or not known:
        return known[0] if len(names) == 1 and known else unknown("inputs")
    return known[0] if len(known) == 1 else tuple_of(*known)


def call_instance(call: Call, ref: Value) -> Value:
    """An instance of one of the program's layer or model classes, called."""
    layer = layer_of(call, ref)
    if layer is None:
        return unknown("layer(…)")
    arguments = Arguments(call.args[1:], dict(call.keywords), call.open_args, call.open_keywords, call.rest)
    if any(map(is_refused, arguments.all())):
        return refused_value(layer)
    tensors = tensors_in(call, arguments)
    inputs = tensors[0] if len(tensors) == 1 else tuple_of(*tensors) if tensors else Unknown(ref.key, "inputs")
    alone = Call(call.interpreter, call.site, call.name, [], {})
    is_running = is_traced(call) or not any(isinstance(tensor, KerasTensor) for tensor in tensors)
    return call_on(alone, given(layer, arguments, is_running=is_running), inputs)


@attribute("keras.layers.Layer.built")
def is_built(call: Call, target: Value) -> Value:
    """Whether `build` was run."""
    own = subclassed_of(call, target)
    return call.unknown("built") if own is None else Const(own.is_built)


@model("keras.layers.Layer.call")
def call_base(call: Call, target: Value, inputs: Value) -> Value:
    """`super().call(inputs)`."""
    own = subclassed_of(call, target)
    return unknown("call(…)") if own is None or own.base is None else call_on(call, own.base, inputs)


# --- weights ---------------------------------------------------------------------------------------------------------

#: Where the shape stands among the positional arguments of `add_weight`.
_SHAPE_AT = {Version.K2: 1, Version.T2: 1, Version.K3: 0}


@model("keras.layers.Layer.add_weight", "keras.layers.Layer.add_variable")
def add_weight(call: Call, target: Value) -> Value:
    """`self.add_weight(shape=…, trainable=…)`: counted, and an array."""
    given_args = call.args[1:]
    place = _SHAPE_AT[version_of(call)]
    if given_args and not isinstance(given_args[0], Const):
        place = 0  # `add_weight((n, m), …)` of old Keras, too
    value = call.keywords.get("shape", given_args[place] if place < len(given_args) else tuple_of())
    shape = as_shape(call, value)
    size = None if shape is None or None in shape.dims else product(tuple(d for d in shape.dims if d is not None))
    trainable = call.constant(call.keywords.get("trainable", Const(True)))
    fixed = size if trainable is False else 0 if trainable is True else None
    own = subclassed_of(call, target)
    if own is not None and isinstance(target, Ref):
        count = None if size is None or call.open_keywords else Count(size, fixed, "")
        weights = None if own.weights is None or count is None else (*own.weights, count)
        update(call, target, replace(own, weights=weights, is_built=own.is_built or _is_building(call, target)))
    return unknown("weight") if shape is None else make(call, shape, TENSOR, "float32")


def _is_building(call: Call, ref: Ref) -> bool:
    """Whether the program itself runs `build` of the instance."""
    frame = call.interpreter.frames[-1]
    return frame.receiver == ref and getattr(frame.function, "name", None) == "build"


@model("keras.layers.Layer.build")
def build_layer(call: Call, target: Value, input_shape: Value | None = None) -> Value:
    """`layer.build(shape)`: makes the weights of a layer of Keras's own."""
    shape = None if input_shape is None else as_shape(call, input_shape)
    if isinstance(target, LayerValue) and shape is not None:
        layer = current_layer(call, target)
        note_call(call, layer, apply(layer, Tensor(shape, masked=None), version_of(call)))
    return NONE


@model("keras.layers.Layer.compute_output_shape")
def compute_output_shape(call: Call, target: Value, input_shape: Value | None = None) -> Value:
    """The shape that a layer of Keras's own makes of another."""
    own = subclassed_of(call, target)
    layer = current_layer(call, target) if isinstance(target, LayerValue) else own.base if own is not None else None
    shape = None if input_shape is None else as_shape(call, input_shape)
    if layer is None or shape is None:
        return call.unknown("shape")
    output = apply(layer, Tensor(shape, masked=None), version_of(call)).output
    return shape_value(output.shape, layer.key, "output") if isinstance(output, Tensor) else call.unknown("shape")


@model(
    "keras.layers.Layer.add_loss",
    "keras.layers.Layer.add_metric",
    "keras.layers.Layer.add_update",
    "keras.layers.Layer.load_own_variables",
)
def no_shape(call: Call, target: Value) -> Value:
    """Methods that change no shape and count no weight."""
    return NONE


@model("keras.layers.Layer.get_config", "keras.layers.Layer.get_weights", "keras.layers.Layer.compute_mask")
def not_followed(call: Call, target: Value) -> Value:
    """Methods whose result is not followed; they change nothing."""
    return call.unknown()


@model("keras.activations.get")
def activation(call: Call, identifier: Value) -> Value:
    """The function behind a name; a function is itself."""
    name = call.constant(identifier, "")
    if name is None:
        return External("keras.activations.linear")
    return External(f"keras.activations.{name}") if isinstance(name, str) and name else identifier


@model("keras.KerasTensor.__forget__")
def forget_tensor(call: Call, tensor: Value) -> Value:
    """Code that is not known has a tensor in hand: it may be a layer, with weights of its own."""
    for tracing in tracing_of(call):
        tracing.is_complete = False
    return NONE
