"""What the layer entries are written with: the call at hand, input specs, joins, counts, refusals."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import Any

from lstmlint.classes import dataclass, field, replace
from lstmlint.keras.layers.base import (
    UNKNOWN,
    Applied,
    Argument,
    Count,
    Layer,
    LayerRule,
    Named,
    Refusal,
    Structure,
    Tensor,
)
from lstmlint.keras.layers.messages import told_name, words
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim, SymbolicDim, product, symbol, symbols
from lstmlint.shapes.shape import UNKNOWN_AXIS, UNKNOWN_SHAPE, Axis, Shape

#: The name of a size that the source does not tell: what `show` prints for it.
UNTOLD = "?"
ALL = frozenset(Version)
T2_AND_K3 = frozenset({Version.T2, Version.K3})
CHANNELS_LAST, CHANNELS_FIRST = "channels_last", "channels_first"


def unknown_axes(shape: Shape) -> Shape:
    """A shape of the same rank, if that is known, of whose other axes but the batch nothing is known."""
    return Shape((shape.dims[0], *(untold() for _ in shape.dims[1:]))) if shape.exact and shape.dims else UNKNOWN_SHAPE


def untold(*key: Any, lower: int = 0) -> SymbolicDim:
    """A size that is a number and nobody knows which; with a key, the same one each time."""
    return symbol(UNTOLD, key or None, lower=lower)


def is_told(dim: Dim) -> bool:
    """Whether a dim is made of numbers and names of the source only."""
    return isinstance(dim, int) or all(part.name != UNTOLD for part in symbols(dim))


@dataclass(frozen=True, slots=True)
class InputSpec:
    """The axes a layer expects.  In the `open` versions there may be more of them (behind the batch).

    The `unchecked` versions look at nothing.  `below` and `above` name the message for too few and too many axes where
    it is not the usual one.
    """

    axes: tuple[str, ...]
    open: frozenset[Version] = frozenset()
    unchecked: frozenset[Version] = frozenset()
    below: Mapping[Version, str] = field(default_factory=dict)
    above: Mapping[Version, str] = field(default_factory=dict)

    def words(self, version: Version) -> str:
        """The expected axes for people: `(batch, time, features)`."""
        axes = (self.axes[0], "…", *self.axes[1:]) if version in self.open else self.axes
        return f"({', '.join(axes)})" if len(axes) > 1 else f"({axes[0]},)"


@dataclass(frozen=True, slots=True)
class Call:
    """One layer called on one tensor (`more`: what was passed along, the initial states).

    `shape` has a known rank where the layer accepts only one; what is not known of it are untold sizes.
    """

    layer: Layer
    version: Version
    tensor: Tensor
    shape: Shape
    more: tuple[Structure, ...] = ()

    @property
    def name(self) -> str:
        """The layer's name in messages."""
        return told_name(self.layer, self.version)

    def value(self, argument: str, default: Argument = None) -> Argument:
        """The argument as it is; `default` where the version does not have it."""
        return self.layer.arguments.get(argument, default)

    def flag(self, argument: str, default: bool = False) -> bool | None:
        """The truth of the argument, None where unknown.  Any true value counts, as in Keras."""
        return as_flag(self.value(argument, default))

    def word(self, argument: str, default: str | None = None) -> str | None:
        """The argument in lower case; None where it is unknown or no string."""
        value = self.value(argument, default)
        value = default if value is None else value
        return value.lower() if isinstance(value, str) else None

    def size(self, argument: str, lower: int = 1) -> Dim:
        """The argument as a size; where it is unknown, one that stays the same for this layer."""
        return as_dim(self.value(argument, UNKNOWN), (self.layer.key, argument), lower)

    def sizes(self, argument: str, count: int, default: Argument = UNKNOWN) -> tuple[Dim, ...]:
        """The argument as `count` sizes: one for all, or a tuple of them."""
        value = self.value(argument, default)
        value = default if value is None else value
        items = value if isinstance(value, tuple) and len(value) == count else (value,) * count
        return tuple(as_dim(item, (self.layer.key, argument, i), 0) for i, item in enumerate(items))

    def axis(self, index: int) -> Axis:
        """One axis of the input; None is an axis that Keras does not know."""
        size = self.shape.axis(index)
        return untold() if size is UNKNOWN_AXIS else size

    def tensor_of(self, *dims: Axis, activation: str | None = None) -> Tensor:
        """A tensor of these dims, of the layer's dtype."""
        return Tensor(Shape(dims), activation=activation)

    def refuse(self, message: str, kind: str, expected: str, found: str | None = None, **values: object) -> Refusal:
        """The refusal that Keras words as `message`."""
        seen = str(self.shape) if found is None else found
        rest = str(Shape(self.shape.dims[1:]))
        exception, text = words(
            message, self.version, layer=self.name, cls=self.layer.class_name, found=seen, rest=rest, **values
        )
        rank = values.get("rank")
        return Refusal(kind, expected, seen, exception, text, rank if isinstance(rank, int) else None)


def by_trainable(layer: Layer, count: Count | None) -> Count | None:
    """A layer that is not trainable has no trainable parameters; one with `lora_rank` trains two small ones for its kernel."""
    trainable, count = layer.arguments.get("trainable", True), _adapted(layer, count)
    if count is None or trainable is True:
        return count
    if trainable is UNKNOWN:
        return replace(count, non_trainable=None)
    return count if trainable else replace(count, non_trainable=count.total)


#: What the last axis of a layer's kernel is called in its count.
ENDS_OF_KERNELS = {
    "Dense": "units", "Embedding": "output_dim", "Conv1D": "filters", "Conv2D": "filters", "Conv3D": "filters",
    "Conv1DTranspose": "channels", "Conv2DTranspose": "channels", "Conv3DTranspose": "channels", "EinsumDense": "kernel",
}  # fmt: skip


def end_of_kernel(layer: Layer, count: Count | None) -> Dim | None:
    """The last size of the kernel, None where it is not known."""
    sizes = None if count is None else count.values.get(ENDS_OF_KERNELS.get(layer.class_name, ""))
    return sizes[-1] if isinstance(sizes, tuple) else sizes


def _adapted(layer: Layer, count: Count | None) -> Count | None:
    """K3's `lora_rank`: a kernel (…, last) is left alone, and (…, rank) and (rank, last) are trained beside it."""
    rank, last = layer.arguments.get("lora_rank"), end_of_kernel(layer, count)
    if rank is None or count is None:
        return count
    sizes = count.values.get("bias", ())  # of an equation
    bias = last if count.values.get("use_bias") == 1 else product(sizes) if isinstance(sizes, tuple) and sizes else 0
    if not (isinstance(rank, int) and isinstance(last, int) and isinstance(bias, int) and isinstance(count.total, int)):
        return UNKNOWN_COUNT
    kernel = count.total - bias
    total = count.total + kernel // max(last, 1) * rank + rank * last
    return Count(total, kernel, f"{count.formula}+kernel//last*lora_rank+lora_rank*last", count.values)


def applied_inside(layer: Layer, name: str, inputs: Structure, version: Version) -> Applied:
    """A layer inside another one, under the name of that one in its messages."""
    applied = layer.rule.apply(renamed(layer, name), inputs, version)
    return applied if is_hollow(layer, version) else replace(applied, count=by_trainable(layer, applied.count))


#: Layers whose weights belong to layers inside them, which K3 does not tell that the constructor said `trainable=False`.
_HOLLOW = frozenset({
    "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D", "GroupedQueryAttention", "MultiHeadAttention", "RNN",
    "SpectralNormalization", "TimeDistributed",
})  # fmt: skip


def is_hollow(layer: Layer, version: Version) -> bool:
    """Whether the layer itself has no weights that are trained, and a model around it trains those inside.

    Source: measured on Keras 3.15 for every layer of the list.
    """
    trainable = layer.arguments.get("trainable", True)
    return version is Version.K3 and layer.class_name in _HOLLOW and trainable is not UNKNOWN and not trainable


Output = Structure | Refusal


#: How many parameters a layer has when it is called like this.
Weighing = Callable[[Call], Count]


def weights(formula: str, values: Callable[[Call], Mapping[str, Any]], non_trainable: str = "0") -> Weighing:
    """The count by a formula over the names that `values` gives (None: unknown)."""

    def count(call: Call) -> Count:
        return counted(formula, values(call), non_trainable)

    return count


#: A count of which nothing is known.
UNKNOWN_COUNT = Count(None, None, "")


def counted(formula: str, values: Mapping[str, Any], non_trainable: str = "0") -> Count:
    """The count that a formula gives for these values."""
    told = {name: value for name, value in values.items() if _is_known(value)}
    if len(told) < len(values):
        return Count(None, None, formula, told)
    names = {"prod": product, **told}
    return Count(_evaluate(formula, names), _evaluate(non_trainable, names), formula, told)


def _is_known(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(_is_known(item) for item in value)
    return isinstance(value, (int, SymbolicDim)) and is_told(value)


def _evaluate(formula: str, names: Mapping[str, Any]) -> Dim:
    # The formulas are constants of this package, so that what is shown to people is what is computed.
    result: Dim = eval(_compiled(formula), {"__builtins__": {}}, names)
    return result


@functools.cache
def _compiled(formula: str) -> CodeType:
    return compile(formula, "<parameters>", "eval")


#: The count of a layer without weights.
ZERO = counted("0", {})


def no_weights(call: Call) -> Count:
    """The count of a layer without weights."""
    return ZERO


def one_input(
    name: str,
    outputs: Callable[[Call], Output],
    source: str,
    *,
    spec: InputSpec | None = None,
    count: Weighing | None = no_weights,
    states: bool = False,
    reason: str = "",
    called_with: tuple[str, ...] = (),
) -> LayerRule:
    """The entry of a layer that takes one tensor.  `states`: further tensors may follow in a list.

    `outputs` sees a call whose rank the spec has accepted.
    """

    def apply(layer: Layer, inputs: Structure, version: Version) -> Applied:
        tensor, more = first_tensor(inputs)
        shape = refined(tensor.shape, spec, version)
        call = Call(layer, version, tensor, shape, more)
        if more and (not states or version is Version.K3):
            if spec is None:
                return Applied(None)
            told = str(len(more) + 1)
            return Applied(None, call.refuse("one-input", "structure", "one tensor", f"{told} tensors", count=told))
        refusal = None if spec is None else refused_rank(call, spec)
        if refusal is None and shape.exact and not shape.dims:
            return Applied(None)  # a number, which has not even a batch axis
        output = outputs(call) if refusal is None else refusal
        if isinstance(output, Refusal):
            return Applied(None, output)
        return Applied(output, None, None if count is None else count(call))

    return LayerRule(name, apply, source, "shape" if count is None else "full", reason, called_with)


def opaque(name: str, reason: str, source: str = "reference") -> LayerRule:
    """The entry of a layer that is known by name: nothing is refused, nothing is known of what comes out."""
    return LayerRule(name, _untold_output, source, "opaque", reason)


def _untold_output(layer: Layer, inputs: Structure, version: Version) -> Applied:
    return Applied(None)


def first_tensor(inputs: Structure) -> tuple[Tensor, tuple[Structure, ...]]:
    """The tensor that a layer works on, and what came with it."""
    if isinstance(inputs, Tensor):
        return inputs, ()
    if isinstance(inputs, tuple) and inputs:
        head = inputs[0]
        return (head if isinstance(head, Tensor) else UNKNOWN_TENSOR), inputs[1:]
    return UNKNOWN_TENSOR, ()


UNKNOWN_TENSOR = Tensor(Shape((), exact=False), masked=None)


def refined(shape: Shape, spec: InputSpec | None, version: Version) -> Shape:
    """The shape with what the spec adds to it: a layer that takes one rank only has got that rank."""
    if shape.exact or spec is None or version in spec.open or version in spec.unchecked:
        return shape
    missing = len(spec.axes) - len(shape.dims)
    if missing < 0:
        return shape
    front: list[Axis] = [None, *(untold() for _ in range(missing - 1))]
    return Shape((*front[:missing], *shape.dims))


def refused_rank(call: Call, spec: InputSpec) -> Refusal | None:
    """The refusal of a rank that the spec does not take, if it is certain."""
    shape, version, wanted = call.shape, call.version, len(spec.axes)
    is_open = version in spec.open
    if version in spec.unchecked:
        return None
    if shape.exact and shape.min_rank < wanted:
        message = spec.below.get(version, "min-rank" if is_open else "rank")
    elif shape.min_rank > wanted and not is_open:
        message = spec.above.get(version, "rank")
    else:
        return None
    kind = "min-rank" if is_open else "rank"
    return call.refuse(message, kind, spec.words(version), rank=wanted, ndim=shape.min_rank)


def as_flag(value: Argument) -> bool | None:
    """The truth of a plain value, None where it is not known."""
    if value is UNKNOWN or isinstance(value, SymbolicDim):
        return None
    return bool(value)


def as_dim(value: Argument, key: Any, lower: int = 0) -> Dim:
    """The value as a size: a whole number (also as a float or a string, as Keras converts them) or a symbolic dim."""
    if isinstance(value, (int, SymbolicDim)):
        return value
    if isinstance(value, (float, str)):
        try:
            return int(value)
        except (ValueError, OverflowError):
            pass
    return untold(key, lower=lower)


def choose(flag: bool | None, when_true: Structure, when_false: Structure) -> Structure:
    """One of two outcomes; what both have in common where the flag is not known."""
    if flag is None:
        return join(when_true, when_false)
    return when_true if flag else when_false


def join(a: Structure, b: Structure) -> Structure:
    """What is true of either of two structures."""
    if a == b:
        return a
    if not (isinstance(a, Tensor) and isinstance(b, Tensor)):
        return None
    return Tensor(
        join_shapes(a.shape, b.shape),
        a.dtype if a.dtype == b.dtype else None,
        a.activation if a.activation == b.activation else None,
        a.masked if a.masked == b.masked else None,
    )


def join_shapes(a: Shape, b: Shape) -> Shape:
    """The shape that covers both: sizes that differ are untold; ranks that differ leave the common end."""
    if a.exact and b.exact and len(a.dims) == len(b.dims):
        return Shape(tuple(x if x == y else untold() for x, y in zip(a.dims, b.dims)))
    end: list[Axis] = []
    for x, y in zip(reversed(a.dims), reversed(b.dims)):
        if x != y:
            break
        end.insert(0, x)
    return Shape(tuple(end), exact=False)


def activation_name(value: Argument) -> str | None:
    """The activation that an argument names ("softmax"); "linear" for None, None where it is not known."""
    if value is None:
        return "linear"
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, Named):
        return value.name.rpartition(".")[2].lower()
    if isinstance(value, Layer):
        return activation_of_layer(value)
    return None


def activation_of_layer(layer: Layer) -> str | None:
    """The activation that a layer is ("Softmax" is "softmax"), None for any other layer."""
    if layer.class_name == "Activation":
        return activation_name(layer.arguments.get("activation", UNKNOWN))
    return ACTIVATION_LAYERS.get(layer.class_name)


#: Layers that are an activation, and which.
ACTIVATION_LAYERS = {
    "ReLU": "relu",
    "LeakyReLU": "leaky_relu",
    "PReLU": "prelu",
    "ELU": "elu",
    "ThresholdedReLU": "thresholded_relu",
    "Softmax": "softmax",
}


def renamed(layer: Layer, name: str) -> Layer:
    """The layer under another name, for the messages of a layer inside another."""
    return replace(layer, name=name)


def shapes_of(tensors: Sequence[Structure]) -> list[Shape]:
    """The shapes of several inputs; an unknown one is a shape of unknown rank."""
    return [item.shape if isinstance(item, Tensor) else UNKNOWN_TENSOR.shape for item in tensors]
