"""What is given where Keras wants a tensor or a layer, and is certainly none."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import ClassObject
from lstmlint.interpreter.values import Const, External, Function, Ref, Sequence, Value
from lstmlint.keras.layers.base import ArgumentProblem, Layer
from lstmlint.keras.names import Missing
from lstmlint.keras.signatures import layer_class, signature
from lstmlint.keras.values import takes_no_tensor
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array
from lstmlint.libraries.keras_values import KerasTensor, LayerValue, era_of, version_of
from lstmlint.libraries.registry import canonical
from lstmlint.trace import ModelState, NamesMissing, NotALayer, NotATensor, Stray


def no_tensor(call: Call, value: Value) -> Stray | None:
    """What a value is that is certainly no tensor, nor anything that a layer takes for one."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, LayerValue):
        return Stray("layer", value.layer.class_name, value.layer.origin)
    state = call.payload(value)
    if isinstance(state, ModelState):
        return Stray("model", state.class_name, state.site)
    return _class(call, value)


def no_layer(call: Call, value: Value) -> Stray | None:
    """What a value is that is certainly no layer, nor anything that a `Sequential` takes for one."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, KerasTensor):
        node = value.tensor.node
        is_input = node is None or node.layer.class_name == "InputLayer"
        return None if is_input else Stray("tensor", str(value.shape), value.site)
    if isinstance(value, Array):
        return Stray("array", str(value.shape), value.site)
    if isinstance(value, Const) and isinstance(value.value, (int, float, str)):
        return Stray("value", repr(value.value))
    if isinstance(value, Function) and not value.wrapped:
        return Stray("function", value.name)
    if isinstance(value, Sequence) or (isinstance(value, Ref) and value.kind in ("list", "dict", "set")):
        return Stray("list", "")
    return _class(call, value)


def _class(call: Call, value: Value) -> Stray | None:
    """A layer class instead of a layer."""
    if isinstance(value, External):
        name = canonical(value.name)
        if name.startswith("keras.activations."):
            return Stray("function", name.rpartition(".")[2])
        name = name.removeprefix("keras.layers.")
        if "." not in name and name[:1].isupper() and layer_class(name, version_of(call)):
            return Stray("class", name)
    if isinstance(value, Ref) and value.kind == "class":
        found = call.interpreter.state.read(value)
        return Stray("class", found.name) if isinstance(found, ClassObject) else None
    return None


def note_input(call: Call, layer: Layer, inputs: Value) -> bool:
    """Leave in the trace that one of Keras's own layers is called on what is no tensor; whether it is."""
    if layer_class(layer.class_name, version_of(call)) is None or layer.class_name == "Lambda":
        return False
    is_whole = call.payload(inputs) is not None or call.mapping(inputs) is not None
    items = [inputs] if is_whole else [inputs, *(call.items(inputs) or ())]
    return note_tensors(call, layer.class_name, items, layer)


def note_tensors(call: Call, title: str, values: list[Value], layer: Layer | None = None) -> bool:
    """Leave in the trace that something takes tensors and is given something else; whether it is."""
    strays = [stray for value in values if (stray := no_tensor(call, value) or _number(call, title, value)) is not None]
    if strays:
        call.record(NotATensor(title, strays[0], layer))
    return bool(strays)


def _number(call: Call, title: str, value: Value) -> Stray | None:
    """A number among the ends of a model: a shape, most likely."""
    value = call.interpreter.state.resolve(value)
    is_number = title == "Model" and isinstance(value, Const) and isinstance(value.value, (int, float))
    return Stray("value", repr(value.value)) if is_number and isinstance(value, Const) else None


def note_layer(call: Call, title: str, value: Value) -> bool:
    """Leave in the trace that something takes layers and is given something else; whether it is."""
    stray = no_layer(call, value)
    if stray is not None:
        call.record(NotALayer(title, stray))
    return stray is not None


def tensors_given(call: Call, class_name: str) -> list[ArgumentProblem]:
    """What Keras says to tensors among the arguments of a constructor, which are meant for the layer's call."""
    version = version_of(call)
    known = signature(class_name, version)
    if known is None or not any(isinstance(value, KerasTensor) for value in (*call.args, *call.keywords.values())):
        return []
    given = [*zip(known.names, call.args), *call.keywords.items()]
    found = [takes_no_tensor(name, version) for name, value in given if isinstance(value, KerasTensor)]
    return [problem for problem in found if problem is not None]


def note_merge(call: Call) -> bool:
    """Leave in the trace that `merge` of Keras 1 is called where the name is that of a module; whether it is."""
    if version_of(call) is not Version.K2 or era_of(call).number not in ((2, 2), (2, 3)):
        return False
    gone = Missing("keras.layers", "merge", "keras.layers.concatenate")
    call.record(NamesMissing("call", "keras.layers", (("merge", gone),)))
    return True
