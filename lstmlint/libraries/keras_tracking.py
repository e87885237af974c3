"""What Keras keeps of the instances of the program's own classes, and the layers that it finds in their attributes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import reduce
from typing import Any

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import leaves, object_leaves
from lstmlint.interpreter.state import DictObject, Instance, LibraryObject, ListObject
from lstmlint.interpreter.values import FALSE, Ref, Sequence, Unknown, Value
from lstmlint.keras.layers.base import Argument, Layer
from lstmlint.keras.model import Model, model_layer
from lstmlint.keras.model import Sequential as KerasSequential
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import LayerValue, current_layer, to_argument, version_of
from lstmlint.trace import ModelState


def subclassed_of(call: Call, ref: Value | None) -> Subclassed | None:
    """What Keras keeps of an instance of one of the program's layer or model classes: what is common to all paths."""
    found: Subclassed | None = None
    for payload in _kept(call, ref):
        own = payload.graph if isinstance(payload, ModelState) else payload
        if not isinstance(own, Subclassed):
            return None
        found = own if found is None else found.generalise(own)
    return found


def _kept(call: Call, ref: Value | None) -> list[Any]:
    """All that a library may keep of an instance."""
    state = call.interpreter.state
    target = state.read(ref) if isinstance(ref, Ref) and ref.kind == "instance" else None
    if not isinstance(target, Instance) or target.library is None:
        return []
    held = object_leaves(state.read(target.library))
    return [leaf.payload if isinstance(leaf, LibraryObject) else None for leaf in held]


def update(call: Call, ref: Ref, own: Subclassed) -> None:
    """Put what is known of a layer or model in the place of what was."""
    kept = _kept(call, ref)
    held = kept[0] if kept else None
    if isinstance(held, ModelState):
        is_one = all(isinstance(other, ModelState) and other.loss == held.loss for other in kept)
        call.set_payload(ref, replace(held, graph=own, loss=held.loss if is_one else None))
    else:
        call.set_payload(ref, own)


def layer_of(call: Call, value: Value) -> Layer | None:
    """The layer that a value is (a model is one, too), None where it is none or not known."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, LayerValue):
        return current_layer(call, value)
    found = call.payload(value)
    if isinstance(found, ModelState):
        if found.graph is None:
            return None
        if not isinstance(found.graph, Subclassed):
            return as_model_layer(found, _as_inner(found, found.graph, version_of(call)))
    own = subclassed_of(call, value)
    return None if own is None else _as_set(call, value, own.layer)


def _as_inner(state: ModelState, graph: Model, version: Version) -> Model:
    """The model as another takes it in: tf.keras forgets the shape of the data that a Sequential was built on."""
    if version is not Version.T2 or state.is_declared or not isinstance(graph, KerasSequential):
        return graph
    return reduce(lambda stack, layer: stack.add(layer, version), graph.layers, KerasSequential())


def as_model_layer(state: ModelState, graph: Model) -> Layer:
    """The model as a layer of another."""
    name, given = (state.known_as, None) if state.is_named else (None, state.known_as)
    return model_layer(graph, state.key, name=name, given_name=given, origin=state.site)


def _as_set(call: Call, value: Value, layer: Layer) -> Layer:
    """The layer with what the program has set on it: `trainable`, the sizes of a cell."""
    target = call.interpreter.state.read(value) if isinstance(value, Ref) else None
    attributes = target.attributes if isinstance(target, Instance) else {}
    found: dict[str, Argument] = {}
    if attributes.get("trainable") == FALSE:
        found["trainable"] = False
    found |= {name: to_argument(call, attributes[name]) for name in ("state_size", "output_size") if name in attributes}
    return replace(layer, arguments={**layer.arguments, **found}) if found else layer


def tracked_layers(call: Call, ref: Ref) -> list[Layer]:
    """The layers in the attributes of an instance, in the order of the attributes.

    Keras 2.2 looks for them in models only, and not in lists and dicts.
    """
    is_old = version_of(call) is Version.K2
    target = call.interpreter.state.read(ref)
    if not isinstance(target, Instance) or (is_old and not isinstance(call.payload(ref), ModelState)):
        return []
    found: dict[Hashable, Layer] = {}
    seen = {ref.address}
    for value in target.attributes.values():
        for layer in _layers_in(call, value, seen, deep=not is_old):
            found.setdefault(layer.key, layer)
    return list(found.values())


def _layers_in(call: Call, value: Value, seen: set[int], *, deep: bool) -> Iterator[Layer]:
    for leaf in leaves(call.interpreter.state.resolve(value)):
        layer = layer_of(call, leaf)
        if layer is not None:
            yield layer
        elif deep:
            for item in _held(call, leaf, seen):
                yield from _layers_in(call, item, seen, deep=True)


def _held(call: Call, value: Value, seen: set[int]) -> list[Value]:
    """The items of a list, tuple or dict that was not met before."""
    if isinstance(value, Sequence):
        return list(value.items or ())
    if not isinstance(value, Ref) or value.address in seen:
        return []
    seen.add(value.address)
    target = call.interpreter.state.read(value)
    if isinstance(target, ListObject):
        return list(target.content.items or ())
    return [entry for _, entry in target.entries.values()] if isinstance(target, DictObject) else []


def has_unknown(call: Call, ref: Ref) -> bool:
    """Whether an attribute of an instance may be, or hold, a layer that is not known."""
    target = call.interpreter.state.read(ref)
    if not isinstance(target, Instance):
        return True
    return any(_is_unknown(call, leaf) for value in target.attributes.values() for leaf in leaves(value))


def _is_unknown(call: Call, value: Value) -> bool:
    if isinstance(value, Unknown):
        return value.number is None
    held = call.interpreter.state.read(value) if isinstance(value, Ref) else None
    if isinstance(held, ListObject):
        return held.content.items is None or any(isinstance(item, Unknown) for item in held.content.items)
    return isinstance(held, DictObject) and held.others is not None
