"""Operands and results of operations on tensors: arrays that hold data, and the symbolic tensors of Keras, alike.

An operation is a rule from shapes to a shape; where its operands are data, the result is an array, and where one of
them is a symbolic tensor of a functional graph, it is another symbolic tensor (a None axis stays one).
"""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, Foreign, Ref, Sequence, Unknown, Value
from lstmlint.libraries.arrays import TENSOR, Array, Range, as_array, make
from lstmlint.libraries.dtypes import promote
from lstmlint.libraries.registry import canonical
from lstmlint.shapes.operations import Mismatch
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

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


def emit(
    call: Call, inputs: list[Operand], shape: Shape | Mismatch, dtype: str | None, values: Range | None = None
) -> Value:
    """The result of an operation: an array of data, or what Keras makes of an operation on its symbolic tensors.

    A mismatch: of unknown shape, for this line raises or something before it was not understood.
    """
    known = UNKNOWN_SHAPE if isinstance(shape, Mismatch) else shape
    if any(is_symbolic(one.value) for one in inputs):
        return symbolic_result(call, [one.value for one in inputs], known, dtype)
    dims = tuple(call.symbol(f"{{}}.shape[{i}]") if dim is None else dim for i, dim in enumerate(known.dims))
    return make(call, Shape(dims, known.exact), TENSOR, dtype, range=values)


def symbolic_result(call: Call, inputs: list[Value], shape: Shape, dtype: str | None) -> Value:
    """What an operation on symbolic tensors gives."""
    return call.unknown()


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
