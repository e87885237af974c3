"""Reading the arguments of array functions: axes, shapes, lists of arrays."""

from __future__ import annotations

import enum
from typing import Final, TypeVar

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Unknown, Value, as_dim
from lstmlint.libraries.arrays import Array, as_array, item_of, refuse_symbolic
from lstmlint.shapes.dims import Dim, Symbol, SymbolicDim, bounds, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

T = TypeVar("T")

#: Arrays along an axis of known length that are taken one by one (`np.vstack(array)`).
_MAX_TAKEN_APART = 32


class Unclear(enum.Enum):
    """The type of `UNCLEAR`."""

    UNCLEAR = "unclear"


#: An argument that was given and whose value is not known (None, in contrast, is Python's None).
UNCLEAR: Final = Unclear.UNCLEAR


def by_name(*groups: tuple[str, T]) -> dict[str, T]:
    """A table of many names with few values: `("sin cos", "float64")` stands for both names with that value."""
    return {name: value for names, value in groups for name in names.split()}


def given(value: Value | None) -> bool:
    """Whether an argument was given, and not as None."""
    return value is not None and value != NONE


def flag(call: Call, value: Value | None, default: bool = False) -> bool | Unclear:
    """A bool argument."""
    if value is None:
        return default
    found = call.constant(value, UNCLEAR)
    return UNCLEAR if found is UNCLEAR else bool(found)


def whole(value: Value | None, default: int) -> int | Unclear:
    """An argument that must be an int of which the value is known (an axis, a count)."""
    if value is None:
        return default
    found = as_dim(value)
    return found if isinstance(found, int) else UNCLEAR


def axes_of(call: Call, value: Value | None, default: int | None = None) -> tuple[int, ...] | None | Unclear:
    """An `axis` argument: the axes, None for all."""
    if value is None:
        return None if default is None else (default,)
    if value == NONE:
        return None
    dims = call.dims(value)
    if dims is None:
        return UNCLEAR
    axes = tuple(dim for dim in dims if isinstance(dim, int))
    return axes if axes and len(axes) == len(dims) else UNCLEAR


def is_size(value: Value | None) -> bool:
    """Whether an Unknown is surely an int: arithmetic's result, or an item of a shape."""
    if not isinstance(value, Unknown):
        return False
    if value.number is not None:
        return value.number == "int"
    ident = value.ident
    if not (isinstance(ident, tuple) and len(ident) == 3 and ident[0] == "item" and isinstance(ident[2], int)):
        return False
    owner = ident[1]
    return isinstance(owner, tuple) and len(owner) == 3 and owner[0] == "attr" and owner[2] == "shape"


def as_size(dim: Dim | None) -> Dim | None:
    """`dim` as the size of an axis, which is not below 0: an int that is a size bears that from now on."""
    if isinstance(dim, SymbolicDim) and bounds(dim)[0] is None and len(dim.terms) == 1 and dim.constant == 0:
        factors, coefficient = dim.terms[0]
        if coefficient == 1 and len(factors) == 1 and isinstance(factors[0], Symbol):
            return symbol(factors[0].name, factors[0].key, upper=factors[0].upper)
    return dim


def shape_argument(call: Call, value: Value | None) -> tuple[Shape, object]:
    """The shape that a `shape` or `size` argument asks for, and the identity of the shape where it is another array's.

    None (not given) is the shape of a single number.
    """
    if not given(value):
        return Shape(()), None
    if is_size(value):
        dim = as_dim(value) if value is not None else None
        return (UNKNOWN_SHAPE, None) if dim is None else (Shape((as_size(dim),)), None)
    if isinstance(value, Unknown):
        ident = value.ident
        whose = ident[1] if isinstance(ident, tuple) and len(ident) == 3 and ident[::2] == ("attr", "shape") else None
        return UNKNOWN_SHAPE, whose
    sequence = call.sequence(value) if not isinstance(value, (Const, Array)) else None
    if sequence is not None and sequence.items is None:
        rank = sequence.length
        if isinstance(rank, int) and rank <= 8:
            return Shape(tuple(call.symbol(f"{{}}.shape[{axis}]") for axis in range(rank))), None
        return UNKNOWN_SHAPE, None
    dims = call.dims(value)
    if dims is None:
        return UNKNOWN_SHAPE, None
    sizes = [call.symbol(f"{{}}.shape[{axis}]") if dim is None else as_size(dim) for axis, dim in enumerate(dims)]
    return Shape(tuple(sizes)), None


@dataclass(frozen=True, slots=True)
class Parts:
    """The arrays of a list argument: one by one in `arrays`, or `length` of them that are all like `arrays[0]`."""

    arrays: tuple[Array, ...]
    length: Dim | None = None
    alike: bool = False


def parts_of(call: Call, value: Value | None) -> Parts | None:
    """The arrays in a list, tuple or (along its first axis) an array; None when they are not known to be arrays."""
    if isinstance(value, Foreign):
        array = as_array(call, value)
        if array is None or not array.shape.exact or not array.shape.dims:
            return None
        item = as_array(call, item_of(call, array))
        length = array.shape.dims[0]
        if item is None:
            return None
        if length == 0:
            return None
        if isinstance(length, int) and length <= _MAX_TAKEN_APART:
            return Parts((item,) * length)
        return Parts((item,), length, alike=True)
    sequence = call.sequence(value)
    if sequence is None:
        return None
    if sequence.items is not None:
        arrays = [as_array(call, item) for item in sequence.items]
        known = tuple(array for array in arrays if array is not None)
        for unmade in sequence.items if len(known) < len(arrays) else ():
            refuse_symbolic(call, unmade)
        return Parts(known) if known and len(known) == len(arrays) else None
    element = as_array(call, sequence.element)
    return None if element is None else Parts((element,), sequence.length, alike=True)
