"""The values that Keras programs handle: layers, symbolic tensors and models, and how they meet Python's values."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias

from lstmlint.classes import dataclass, field, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import object_leaves
from lstmlint.interpreter.state import LibraryObject
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
from lstmlint.keras.layers.base import UNKNOWN, Applied, Argument, Layer, Named, Perhaps, Structure, Tensor
from lstmlint.keras.layers.call import join_shapes
from lstmlint.keras.layers.registry import opaque_rule
from lstmlint.keras.model import Called, SymbolicTensor
from lstmlint.keras.names import Era
from lstmlint.keras.naming import BUILT_WITHIN, MADE_WITHIN, Names
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import TENSOR, Array, as_array, shape_of
from lstmlint.shapes.dims import SymbolicDim
from lstmlint.shapes.shape import Shape
from lstmlint.trace import Given

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter

#: The sides of conditions on which something happens.
Sides: TypeAlias = "frozenset[tuple[Hashable, bool]]"


@dataclass(slots=True)
class Noted:
    """A layer called inside a function that runs as a layer: what it made of its first input, and under which conditions."""

    applied: Applied
    sides: set[Sides] = field(default_factory=set)

    @property
    def is_certain(self) -> bool:
        """Whether it is called whatever the conditions."""
        return frozenset() in self.sides

    def add(self, sides: Sides) -> None:
        """Called on these sides, too: on both sides of a condition is whatever it is."""
        for other in self.sides:
            differing = other ^ sides
            if not differing or (len(differing) == 2 and len({ident for ident, _ in differing}) == 1):
                self.sides.discard(other)
                self.add(other & sides)
                return
        self.sides.add(sides)


@dataclass(slots=True)
class Tracing:
    """A function of the program that runs as a layer (a `call`, the function of a `Lambda`), and what it calls.

    `conditions` are those that were open when it began.  `is_complete`: no code that is not known had a tensor in hand.
    """

    conditions: frozenset[Hashable] = frozenset()
    calls: dict[Hashable, Noted] = field(default_factory=dict)
    is_complete: bool = True


@dataclass(slots=True)
class KerasContext:
    """What the Keras bindings need to know of a run: the Keras that is meant, and where its session is kept.

    The names that were given are part of what a path did, so they stand in the heap.
    """

    version: Version
    release: str | None = None
    tracing: list[Tracing] = field(default_factory=list)
    session: Ref | None = None
    unrolled: dict[Hashable, Called] = field(default_factory=dict)  # calls in the graphs of Sequential models

    def begin(self, run: Interpreter) -> None:
        """Start a session of Keras."""
        self.session = run.allocate(LibraryObject(Names(self.version)), "object")


def next_name(call: Call, class_name: str) -> str | None:
    """The name that Keras gives to the next layer or model of a class that got none; it is taken then."""
    names = _session_names(call)
    if names is None:
        return None
    name, following = names.next(class_name)
    _keep_names(call, following)
    return name


def named(call: Call, layer: Layer) -> Layer:
    """The layer with the name that Keras gives it, as the next one made."""
    for hidden in MADE_WITHIN.get(layer.class_name, ()):
        next_name(call, hidden)
    return layer if layer.name is not None else replace(layer, given_name=next_name(call, layer.title))


def clear_names(call: Call) -> None:
    """A new session: names count from the start."""
    _keep_names(call, Names(version_of(call)))


def _session_names(call: Call) -> Names | None:
    context, state = call.interpreter.context, call.interpreter.state
    if not isinstance(context, KerasContext) or context.session is None:
        return None
    held = [leaf.payload for leaf in object_leaves(state.read(context.session)) if isinstance(leaf, LibraryObject)]
    names: Names = held[0]
    for other in held[1:]:
        names = names.generalise(other)
    return names


def _keep_names(call: Call, names: Names) -> None:
    context = call.interpreter.context
    if isinstance(context, KerasContext) and context.session is not None:
        call.interpreter.state.replace(context.session, LibraryObject(names))


def era_of(call: Call) -> Era:
    """The Keras that is meant, with its release where that is told."""
    context = call.interpreter.context
    return Era(context.version, context.release) if isinstance(context, KerasContext) else Era(Version.K3)


def tracing_of(call: Call) -> list[Tracing]:
    """The functions of the program that run as layers, the innermost last."""
    context = call.interpreter.context
    return context.tracing if isinstance(context, KerasContext) else []


def is_traced(call: Call) -> bool:
    """Whether the call stands inside a layer: its tensors are those of TensorFlow there, not symbols of a graph."""
    return bool(tracing_of(call))


def note_call(call: Call, layer: Layer, applied: Applied) -> None:
    """Leave a layer's call with the function that makes it; the first one builds the layer."""
    if version_of(call) is Version.K3 and layer.class_name in BUILT_WITHIN:
        is_first = call.interpreter.state.refined.get(("whole", layer.key)) is None
        call.interpreter.state.refined[("whole", layer.key)] = True
        for hidden in BUILT_WITHIN[layer.class_name] if is_first else ():
            next_name(call, hidden)
    if not is_traced(call):
        return
    tracing = tracing_of(call)[-1]
    facts = call.interpreter.state.facts.items()
    sides = ((key, fact.value) for key, fact in facts if not fact.forced and key not in tracing.conditions)
    tracing.calls.setdefault(layer.key, Noted(applied)).add(frozenset(sides))


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
    """A symbolic tensor of a functional graph: `tensor` is the graph's, `site` where it was made.

    `is_inside`: made in a function that runs as a layer, so that nobody asks what graph it belongs to.
    `stray`: the function that made it of tensors of a graph, in a Keras that knows of none but layers.
    """

    tensor: SymbolicTensor
    site: Site | None = None
    is_inside: bool = False
    stray: str | None = None

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
        return KerasTensor(SymbolicTensor(shape, self.tensor.dtype), self.site, self.is_inside)

    def is_alike(self, other: Value) -> bool:
        """Inside of a layer only shapes matter."""
        both_inside = isinstance(other, KerasTensor) and self.is_inside and other.is_inside
        return both_inside and isinstance(other, KerasTensor) and self.tensor.plain == other.tensor.plain


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
    from lstmlint.libraries.keras_tracking import layer_of

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
    if isinstance(value, Ref) and (layer := layer_of(call, value)) is not None:
        return layer
    if isinstance(value, (Sequence, Ref)):
        items = call.items(value)
        return UNKNOWN if items is None else tuple(to_argument(call, item) for item in items)
    return UNKNOWN


def as_given(call: Call, name: str) -> Given:
    """The call as an event tells it; `name` is what is called, without `keras`."""
    args = tuple(to_argument(call, value) for value in call.args)
    keywords = {key: to_argument(call, value) for key, value in call.keywords.items()}
    return Given(name, args, keywords, call.open_args or call.open_keywords)


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


def as_shape(call: Call, value: Value) -> Shape | None:
    """The shape that a tuple or list of sizes means (None for an open one); None where it is not known."""
    items = to_argument(call, value)
    if not isinstance(items, tuple):
        return None
    items = tuple(item.dim if isinstance(item, Perhaps) else item for item in items)
    return Shape(items) if all(item is None or isinstance(item, (int, SymbolicDim)) for item in items) else None


def is_refused(value: Value) -> bool:
    """Whether a value comes from a call that Keras refuses."""
    return isinstance(value, Unknown) and isinstance(value.ident, tuple) and value.ident[0] == "refused"


def shape_value(shape: Shape, ident: Hashable, name: str) -> Value:
    """A shape as the tuple that programs read (None for what Keras does not know), or an Unknown of unknown rank."""
    if not shape.exact:
        return Unknown(("attr", ident, "shape"), f"{name}.shape")
    return tuple_of(*(NONE if dim is None else from_dim(dim) for dim in shape.dims))


def concrete(call: Call, structure: Structure, name: str) -> Value:
    """The value of a layer called on data: an array for each tensor, its batch size as given.

    The states of one of several stacked cells come as a list within the tuple.
    """
    if isinstance(structure, Tensor):
        shape = structure.shape
        if any(dim is None for dim in shape.dims):
            shape = replace(
                shape,
                dims=tuple(call.symbol(f"{name}.shape[{i}]") if d is None else d for i, d in enumerate(shape.dims)),
            )
        return Array(shape, TENSOR, structure.dtype, fresh_key(), call.site, name)
    if isinstance(structure, tuple):
        parts = [concrete(call, part, name) for part in structure]
        return tuple_of(
            *(call.new_list(part.items) if isinstance(part, Sequence) and part.items else part for part in parts)
        )
    return unknown(name)
