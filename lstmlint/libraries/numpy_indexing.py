"""numpy: indexing with numbers, slices, lists, masks, `None` and `...`."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Final, TypeAlias

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Ref,
    Sequence,
    SliceValue,
    Symbolic,
    Text,
    Unknown,
    Value,
    as_dim,
)
from lstmlint.libraries.array_arguments import is_size, whole
from lstmlint.libraries.arrays import (
    Array,
    Range,
    as_array,
    derive,
    element,
    forget_values,
    identity,
    new_name,
    of_indexed_rank,
    operand,
)
from lstmlint.libraries.dtypes import is_integer
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim, bounds, symbol
from lstmlint.shapes.operations import Mismatch, broadcast, slice_length
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape


class Simple(enum.Enum):
    """Parts of an index that say all by themselves."""

    PLACE = "one element along an axis (`x[3]`)"
    NEW_AXIS = "`None`: a new axis of size 1"
    REST = "`...`: all axes that are not named"


PLACE: Final = Simple.PLACE
NEW_AXIS: Final = Simple.NEW_AXIS
REST: Final = Simple.REST


@dataclass(frozen=True, slots=True)
class Mask:
    """An array of bools: the axes that it covers become one, of a length that is not known."""

    rank: int


#: A part of an index: besides these a slice, or the shape of an array of places, which takes the place of the axis.
Part: TypeAlias = Simple | Mask | SliceValue | Shape


# --- reading an index ------------------------------------------------------------------------------------------------


def index_parts(call: Call, index: Value) -> list[Part] | None:
    """What each item of an index asks for.  None: not known."""
    if isinstance(index, Sequence) and index.kind == "tuple":
        if index.items is None:
            return None
        parts = [_part(call, item) for item in index.items]
        known = [part for part in parts if part is not None]
        return known if len(known) == len(parts) else None
    part = _part(call, index)
    return None if part is None else [part]


def _part(call: Call, item: Value) -> Part | None:
    if isinstance(item, SliceValue):
        return item
    if isinstance(item, Const):
        if item == NONE:
            return NEW_AXIS
        if item.value is Ellipsis:
            return REST
        return PLACE if isinstance(item.value, int) and not isinstance(item.value, bool) else None
    if isinstance(item, Symbolic) or is_size(item):
        return PLACE
    return _array_part(call, item) if isinstance(item, (Array, Ref, Sequence)) else None


def _array_part(call: Call, item: Value) -> Part | None:
    """An index array: whole numbers pick, bools mask; of a dtype that is not known it may be either."""
    array = as_array(call, item)
    if array is None or array.shape.rank is None:
        return None
    if array.dtype == "bool":
        return Mask(array.shape.rank) if array.shape.rank else None
    if array.shape.rank == 0:
        return PLACE
    if is_integer(array.dtype) or array.shape == Shape((0,)):
        return array.shape
    # Of rank 1 both a mask and places leave one axis, only its length may differ.
    return Shape((call.symbol("len({})"),)) if array.shape.rank == 1 else None


# --- slices ----------------------------------------------------------------------------------------------------------


def cut_length(length: Dim, index: SliceValue, *, samples: bool) -> Dim:
    """The length of a slice of an axis.  `samples`: along it a constant bound is only an upper limit."""
    parts = (index.lower, index.upper, index.step)
    if parts == (NONE, NONE, NONE):
        return length
    dims = [None if part == NONE else as_dim(part) for part in parts]
    unsure = any(dim is None and part != NONE for dim, part in zip(dims, parts))
    if not unsure and (_window(dims) or not any(_sign_unknown(dim) for dim in dims)):
        return slice_length(length, *dims, samples=samples)
    if index.step == NONE and NONE in parts[:2]:
        bound = index.upper if index.lower == NONE else index.lower
        # Whatever the bound is, x[:bound] and x[bound:] have all the items of x together.
        head = symbol(str(as_dim(bound) or "a slice's length"), ("head", length, bound.key))
        return head if index.lower == NONE else length - head
    return symbol("a slice's length", ("slice", length, tuple(part.key for part in parts)))


def _window(dims: list[Dim | None]) -> bool:
    """Both ends move together: `x[i:i + 60]`."""
    start, stop = dims[:2]
    return start is not None and stop is not None and isinstance(stop - start, int)


def _longer_window(part: Part, length: Axis) -> bool:
    """Whether a moving window is longer than an axis, so that it is another one that it moves along."""
    if not isinstance(part, SliceValue) or part.step != NONE or not isinstance(length, int):
        return False
    start, stop = (None if bound == NONE else as_dim(bound) for bound in (part.lower, part.upper))
    if start is None or stop is None or isinstance(start, int):
        return False
    window = stop - start
    return isinstance(window, int) and window > length


def _sign_unknown(dim: Dim | None) -> bool:
    """A bound that may count from either end."""
    return dim is not None and bounds(dim) == (None, None)


# --- shapes ----------------------------------------------------------------------------------------------------------


def indexed_shape(shape: Shape, parts: list[Part], fresh: Callable[[str], Dim]) -> Shape:
    """The shape of `x[parts]`; `fresh` makes the symbol for the length that a mask leaves."""
    if not shape.exact:
        return _indexed_end(shape, parts)
    used = sum(_consumed(part) for part in parts)
    rank = len(shape.dims)
    if used > rank:
        return UNKNOWN_SHAPE
    if REST not in parts:
        parts = [*parts, REST]
    return _walk(shape, parts, rank - used, fresh)


def _consumed(part: Part) -> int:
    """How many axes of the array a part stands for."""
    if isinstance(part, Mask):
        return part.rank
    return 0 if part in (NEW_AXIS, REST) else 1


def _walk(shape: Shape, parts: list[Part], unnamed: int, fresh: Callable[[str], Dim]) -> Shape:
    dims: list[Axis] = []
    picked: list[Shape] = []
    position = 0  # of the picked axes in the result
    arrays = any(isinstance(part, (Shape, Mask)) for part in parts)
    apart, last, axis = False, -2, 0
    for number, part in enumerate(parts):
        if part is REST:
            dims += shape.dims[axis : axis + unnamed]
            axis += unnamed
            continue
        if part is NEW_AXIS:
            dims.append(1)
            continue
        if isinstance(part, SliceValue):
            length = shape.dims[axis]
            dims.append(None if length is None else cut_length(length, part, samples=axis == 0))
        elif arrays:
            apart = apart or (bool(picked) and last != number - 1)
            position = position if picked else len(dims)
            picked.append(part if isinstance(part, Shape) else Shape(()) if part is PLACE else _masked(fresh))
            last = number
        axis += _consumed(part)
    if picked:
        common: Shape | Mismatch = picked[0]
        for other in picked[1:]:
            common = broadcast(common, other) if isinstance(common, Shape) else common
        if isinstance(common, Mismatch):
            return UNKNOWN_SHAPE
        place = 0 if apart else position
        dims[place:place] = common.dims
    return Shape(tuple(dims))


def _masked(fresh: Callable[[str], Dim]) -> Shape:
    return Shape((fresh("len({})"),))


def _indexed_end(shape: Shape, parts: list[Part]) -> Shape:
    """What stays known of an array of unknown rank: its last axes, where only these or only first axes are indexed."""
    dims = shape.dims
    if len(parts) == 1 and (parts[0] is PLACE or isinstance(parts[0], (SliceValue, Shape))):
        if dims and _longer_window(parts[0], dims[0]):
            return Shape((symbol("?"), *dims), exact=False)
        return Shape(dims[1:], exact=False)
    if parts[0] is not REST:
        return UNKNOWN_SHAPE
    tail: list[Axis] = []
    remaining = list(dims)
    for part in reversed(parts[1:]):
        if part is NEW_AXIS:
            tail.insert(0, 1)
        elif not remaining:
            return UNKNOWN_SHAPE
        elif isinstance(part, SliceValue):
            last = remaining.pop()
            tail.insert(0, None if last is None else cut_length(last, part, samples=False))
        elif part is PLACE:
            remaining.pop()
        else:
            return UNKNOWN_SHAPE
    return Shape((*remaining, *tail), exact=False)


# --- models ----------------------------------------------------------------------------------------------------------


@model("numpy.ndarray.__getitem__", "numpy.take_index")
def getitem(call: Call, array: Value, index: Value) -> Value:
    """`array[index]`."""
    found = operand(call, array)
    if _is_text(index) and found.shape == UNKNOWN_SHAPE:
        return _named_item(call, found, index)
    if isinstance(index, (Text, Unknown)) and not is_size(index) or _is_text(index):
        return call.unknown()
    parts = index_parts(call, index)
    if parts is None:
        return call.unknown() if not found.shape.exact else derive(call, found, UNKNOWN_SHAPE)
    found = of_indexed_rank(call, found, sum(part is not NEW_AXIS and part is not REST for part in parts))
    if not parts:  # `array[()]`
        return derive(call, found, found.shape) if found.shape.exact and found.shape.dims else call.unknown()
    shape = indexed_shape(found.shape, parts, call.symbol)
    if shape == Shape(()):
        return element(call, found)
    if shape == UNKNOWN_SHAPE and not found.shape.exact and all(part is PLACE for part in parts):
        return call.unknown(f"{found.name}[…]")  # one element, if the array has no more axes
    return derive(call, found, shape, range=_range_after(found, parts), name=new_name(call, found))


def _named_item(call: Call, found: Array, index: Value) -> Array:
    """An array of an archive, or a field of a structured array: the same one for the same name."""
    key = ("item", identity(found), index.key)
    return Array(UNKNOWN_SHAPE, found.kind, None, key, call.site, f"{found.name}[{call.constant(index)!r}]")


def _is_text(index: Value) -> bool:
    return isinstance(index, Const) and isinstance(index.value, str)


def _range_after(found: Array, parts: list[Part]) -> Range | None:
    """The limits of the values stay; that rows are one-hot does where only other axes are indexed."""
    values = found.range
    if values is not None and any(isinstance(part, (Mask, Shape)) for part in parts):
        values = replace(values, spans=None)  # chosen, maybe for their values
    if values is None or not values.one_hot:
        return values
    rank = found.shape.rank
    kept = (
        rank is not None and sum(map(_consumed, parts)) < rank and not any(part in (REST, NEW_AXIS) for part in parts)
    )
    return values if kept else replace(values, one_hot=False)


@model("numpy.ndarray.__setitem__")  # type: ignore[type-var]
def setitem(call: Call, array: Value, index: Value, value: Value) -> Value | None:
    """In place: the shape stays, and what was known of the values does not."""
    forget_values(call)
    if isinstance(array, Array) and array.range is not None and array.cell is None:
        return replace(array, range=None)
    return None


@model("numpy.take", method="numpy.ndarray.take")
def take(call: Call, a: Value | None = None, indices: Value | None = None, axis: Value | None = None) -> Value:
    """Elements by their places along an axis; without an axis of the flat array."""
    found, places = operand(call, a), operand(call, indices)
    place = whole(axis, -1) if axis is not None else None
    if axis is None or axis == NONE:
        return derive(call, found, places.shape)
    rank = found.shape.rank
    if not isinstance(place, int) or rank is None or not places.shape.exact or not -rank <= place < rank:
        return derive(call, found, UNKNOWN_SHAPE)
    place %= rank
    dims = found.shape.dims
    shape = Shape((*dims[:place], *places.shape.dims, *dims[place + 1 :]))
    return element(call, found) if shape == Shape(()) else derive(call, found, shape)


@model("numpy.compress", "numpy.extract", "numpy.choose", "numpy.take_along_axis")
def selected(call: Call, a: Value | None = None, b: Value | None = None) -> Value:
    """Not followed, except that indices along an axis give an array of their own shape."""
    if call.name.endswith("take_along_axis"):
        return derive(call, operand(call, a), operand(call, b).shape)
    return call.unknown()
