"""The values that Keras programs handle: layers, symbolic tensors and models, and how they meet Python's values."""

from __future__ import annotations

from collections.abc import Hashable

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Foreign,
    Function,
    Method,
    Ref,
    Sequence,
    Site,
    Symbolic,
    Unknown,
    Value,
    as_dim,
    fresh_key,
    from_dim,
    tuple_of,
    unknown,
)
from lstmlint.keras.layers.base import UNKNOWN, Argument, Layer, Named, Perhaps, Structure, Tensor
from lstmlint.keras.layers.call import join_shapes
from lstmlint.keras.layers.registry import opaque_rule
from lstmlint.keras.model import SymbolicTensor
from lstmlint.keras.names import Era
from lstmlint.keras.naming import Names
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import TENSOR, Array, as_array, shape_of
from lstmlint.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class KerasContext:
    """What the Keras bindings need to know of a run."""

    version: Version
    names: Names
    release: str | None = None


def names_of(call: Call) -> Names:
    """The names that Keras gives to layers in this run."""
    context = call.interpreter.context
    return context.names if isinstance(context, KerasContext) else Names(Version.K3)


def era_of(call: Call) -> Era:
    """The Keras that is meant, with its release where that is told."""
    context = call.interpreter.context
    return Era(context.version, context.release) if isinstance(context, KerasContext) else Era(Version.K3)


def version_of(call: Call) -> Version:
    """The Keras that is meant."""
    context = call.interpreter.context
    return context.version if isinstance(context, KerasContext) else Version.K3


@dataclass(frozen=True, slots=True, eq=False)
class LayerValue(Foreign):
    """A layer of the program."""

    layer: Layer

    type_name = "keras.layers.Layer"

    @property
    def key(self) -> Hashable:
        return ("layer", self.layer.key)


def current_layer(call: Call, value: LayerValue) -> Layer:
    """The layer as it is now: nothing is known of one whose arguments were changed after it was made."""
    layer = value.layer
    if changed_name(layer) in call.interpreter.options:
        return replace(layer, rule=opaque_rule(layer.class_name), arguments={})
    return layer


def changed_name(layer: Layer) -> str:
    """The option that tells that a layer was changed."""
    return f"layer {layer.key} was changed"


@dataclass(frozen=True, slots=True, eq=False)
class KerasTensor(Foreign):
    """A symbolic tensor of a functional graph: `tensor` is the graph's, `site` where it was made."""

    tensor: SymbolicTensor
    site: Site | None = None

    type_name = "keras.KerasTensor"

    @property
    def key(self) -> Hashable:
        return ("tensor", id(self.tensor.node), self.tensor.index)

    @property
    def shape(self) -> Shape:
        return self.tensor.shape

    def generalise(self, other: Value) -> Value | None:
        """A tensor of the common shape, whose maker is not known."""
        if not isinstance(other, KerasTensor):
            return None
        shape = join_shapes(self.shape, other.shape)
        return KerasTensor(SymbolicTensor(shape, self.tensor.dtype), self.site)


@dataclass(frozen=True, slots=True, eq=False)
class Configured(Foreign):
    """An object that the program makes of a library class and hands on: an optimizer, a loss, a callback."""

    name: str
    keywords: tuple[tuple[str, Value], ...] = ()

    @property
    def type(self) -> str:
        return self.name

    def keyword(self, name: str) -> Value | None:
        return dict(self.keywords).get(name)


def to_argument(call: Call, value: Value) -> Argument:
    """A value as the layer tables see it: plain data, a symbolic dim, a layer, a name, or UNKNOWN."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, Const):
        return value.value
    if isinstance(value, LayerValue):
        return current_layer(call, value)
    if isinstance(value, External):
        return Named(value.name)
    if isinstance(value, Configured):
        return Named(value.name)
    if isinstance(value, (Function, Method)):
        return Named("program." + getattr(value, "name", "function"))
    if isinstance(value, Symbolic):
        return value.dim
    if isinstance(value, Unknown):
        dim = as_dim(value)
        return UNKNOWN if dim is None else dim if value.number == "int" else Perhaps(dim)
    if isinstance(value, (Sequence, Ref)):
        items = call.items(value)
        return UNKNOWN if items is None else tuple(to_argument(call, item) for item in items)
    return UNKNOWN


def to_structure(call: Call, value: Value) -> Structure:
    """What a layer sees of a value that it is called on; None where nothing is known."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, KerasTensor):
        return value.tensor
    if isinstance(value, Array):
        return Tensor(shape_of(call, value), value.dtype)
    if isinstance(value, Unknown):
        array = as_array(call, value)
        # Most likely a tensor (the argument of a `call` method): followed as one, without a maker.
        return None if array is None else SymbolicTensor(array.shape)
    if isinstance(value, (Sequence, Ref)):
        items = call.items(value)
        if items is None or not items:
            return None
        parts = tuple(to_structure(call, item) for item in items)
        return None if all(part is None for part in parts) else parts
    return None


def shape_value(shape: Shape, ident: Hashable, name: str) -> Value:
    """A shape as the tuple that programs read (None for what Keras does not know), or an Unknown of unknown rank."""
    if not shape.exact:
        return Unknown(("attr", ident, "shape"), f"{name}.shape")
    return tuple_of(*(NONE if dim is None else from_dim(dim) for dim in shape.dims))


def concrete(call: Call, structure: Structure, name: str) -> Value:
    """The value of a layer called on data: an array for each tensor, its batch size as given."""
    if isinstance(structure, Tensor):
        shape = structure.shape
        if any(dim is None for dim in shape.dims):
            shape = replace(
                shape,
                dims=tuple(call.symbol(f"{name}.shape[{i}]") if d is None else d for i, d in enumerate(shape.dims)),
            )
        return Array(shape, TENSOR, structure.dtype, fresh_key(), call.site, name)
    if isinstance(structure, tuple):
        return tuple_of(*(concrete(call, part, name) for part in structure))
    return unknown(name)
