"""Operands and results of operations on tensors: arrays that hold data, and the symbolic tensors of Keras, alike.

An operation is a rule from shapes to a shape; where its operands are data, the result is an array, and where one of
them is a symbolic tensor of a functional graph, it is another symbolic tensor (a None axis stays one).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Ref, Sequence, Unknown, Value
from lstmlint.libraries.arrays import TENSOR, Array, Range, as_array, make
from lstmlint.libraries.dtypes import promote
from lstmlint.libraries.registry import canonical
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.operations import Mismatch
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

#: What the first argument is called by the many functions that take a tensor.
FIRST = (
    "x",
    "input",
    "tensor",
    "input_tensor",
    "value",
    "values",
    "a",
    "inputs",
    "logits",
    "features",
    "data",
    "arrays",
)

#: The dtypes of Python's numbers as TensorFlow reads them.
_DEFAULTS = {"float64": "float32", "int64": "int32"}


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor that an operation is given.  `weak`: a Python number, which takes the other operand's dtype."""

    value: Value
    shape: Shape
    dtype: str | None = None
    range: Range | None = None
    weak: bool = False

    @property
    def sizes(self) -> tuple[Axis, ...] | None:
        """The elements, where these are sizes."""
        if isinstance(self.value, Const):
            return (self.value.value,) if type(self.value.value) is int else None
        return getattr(getattr(self.value, "tensor", None), "sizes", None)


def pick(call: Call, index: int, *names: str) -> Value | None:
    """The argument at a position or under one of its names."""
    if index < len(call.args):
        return call.args[index]
    return next((call.keywords[name] for name in names if name in call.keywords), None)


def package(call: Call) -> str:
    """The module whose function is called: `keras.backend`, `keras.ops`, `tensorflow`, `tensorflow.math` …"""
    return canonical(call.name).rpartition(".")[0]


def is_symbolic(value: Value) -> bool:
    """Whether a value is a symbolic tensor of Keras."""
    return isinstance(value, Foreign) and value.type == "keras.KerasTensor"


def operand(call: Call, value: Value | None) -> Operand | None:
    """A value as a tensor; None where it is not surely one (an Unknown could be a symbolic tensor)."""
    if value is None or (isinstance(value, Unknown) and value.number is None) or call.open_args:
        return None
    if is_symbolic(value):
        shape = getattr(value, "shape", UNKNOWN_SHAPE)
        return Operand(value, shape if isinstance(shape, Shape) else UNKNOWN_SHAPE, getattr(value, "dtype", None))
    if isinstance(value, Foreign) and not isinstance(value, Array):
        return None
    found = as_array(call, value)
    if found is None or (isinstance(value, (Sequence, Ref)) and not found.shape.exact):
        return None
    if isinstance(value, Array):
        return Operand(value, found.shape, found.dtype, found.range)
    dtype = _DEFAULTS.get(found.dtype or "", found.dtype)
    return Operand(value, found.shape, dtype, found.range, weak=found.shape == Shape(()))


def operands(call: Call, value: Value | None) -> list[Operand] | None:
    """The tensors in a list or tuple; None where they are not all known to be tensors."""
    items = call.items(value) if isinstance(value, (Ref, Sequence)) else None
    found = [operand(call, item) for item in items or ()]
    known = [one for one in found if one is not None]
    return known if known and len(known) == len(found) else None


def first(call: Call, *names: str) -> Operand | None:
    """The first argument as a tensor."""
    return operand(call, pick(call, 0, *names, *FIRST))


@dataclass(frozen=True, slots=True)
class Result:
    """What an operation gives: a tensor, or a tuple of shapes for several, or why it cannot work.

    `sizes` are the elements of a tensor that holds sizes (`tf.shape(x)`), None among them where Keras does not know one.
    `layers` names those that tf.keras makes of the operation, where they depend on the shapes.
    """

    output: Shape | Mismatch | tuple[Shape, ...]
    dtype: str | None = None
    values: Range | None = None
    sizes: tuple[Axis, ...] | None = None
    layers: str = ""


#: The rule of an operation, for data and symbolic tensors alike: from a call to its result.  None: nothing is known.
Rule: TypeAlias = Callable[[Call], "Result | None"]


def made_of_data(call: Call, result: Result) -> Value:
    """The arrays that an operation makes of data.

    A mismatch: of unknown shape, for this line raises or something before it was not understood.
    """
    if isinstance(result.output, tuple):
        return call.new_list(_array(call, shape, result) for shape in result.output)
    return _array(call, UNKNOWN_SHAPE if isinstance(result.output, Mismatch) else result.output, result)


def _array(call: Call, shape: Shape, result: Result) -> Array:
    dims = tuple(call.symbol(f"{{}}.shape[{i}]") if dim is None else dim for i, dim in enumerate(shape.dims))
    return make(call, Shape(dims, shape.exact), TENSOR, result.dtype, range=result.values)


def sizes_of(call: Call, value: Value | None) -> tuple[Axis, ...] | None:
    """The sizes in a shape argument (a lone one counts as one), None among them for one that Keras does not know.

    Unknown: None where their number is not known; a symbol stands for a size that is not known.
    """
    value = None if value is None else call.interpreter.state.resolve(value)
    if value is None or value == NONE:
        return None
    if is_symbolic(value):
        return getattr(getattr(value, "tensor", None), "sizes", None)
    items = call.items(value)
    if items is None:
        dims = call.dims(value)
        return None if dims is None else tuple(_named(call, place, dim) for place, dim in enumerate(dims))
    found: list[Axis] = []
    for place, item in enumerate(items):
        item = call.interpreter.state.resolve(item)
        inner = sizes_of(call, item) if is_symbolic(item) else None
        if inner is not None and len(inner) == 1:
            found.append(inner[0])
        else:
            found.append(None if item == NONE else _named(call, place, call.dim(item)))
    return tuple(found)


def _named(call: Call, place: int, dim: Dim | None) -> Dim:
    return call.symbol(f"{{}}.shape[{place}]") if dim is None else dim


def common_dtype(parts: list[Operand]) -> str | None:
    """The dtype of a result that holds the elements of all operands."""
    strong = [one.dtype for one in parts if not one.weak] or [one.dtype for one in parts]
    result = strong[0]
    for dtype in strong[1:]:
        result = promote(result, dtype)
    return result


def number(call: Call, value: Value | None, default: int | None = None) -> int | None:
    """A whole number that an argument is, the default where it is not given; None where it is not known."""
    if value is None:
        return default
    found = call.constant(value) if isinstance(value, Const) else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None
