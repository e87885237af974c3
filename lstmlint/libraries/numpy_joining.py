"""numpy: joining arrays and splitting them."""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Ref, Sequence, Value, is_number
from lstmlint.libraries.array_arguments import UNCLEAR, Parts, axes_of, parts_of, whole
from lstmlint.libraries.arrays import NDARRAY, Array, as_array, axis_symbol, derive, identity, operand, unranked
from lstmlint.libraries.dtypes import promote
from lstmlint.libraries.numpy_shapes import at_least, renamed, size_of
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim, SymbolicDim
from lstmlint.shapes.operations import Mismatch, concatenate
from lstmlint.shapes.operations import stack as stacked
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

# --- joining ---------------------------------------------------------------------------------------------------------


def joined(call: Call, parts: Parts | None, shape: Shape | Mismatch) -> Array:
    """The array joined of parts, with the dtype that holds all of them."""
    if parts is None:
        return unranked(call)
    dtype = parts.arrays[0].dtype
    for array in parts.arrays[1:]:
        dtype = promote(dtype, array.dtype)
    values = parts.arrays[0].range
    same_values = all(array.range == values for array in parts.arrays)
    return derive(call, parts.arrays[0], shape, kind=NDARRAY, dtype=dtype, range=values if same_values else None)


def concatenated(call: Call, parts: Parts, axis: int) -> Shape | Mismatch:
    """The shape of parts put after one another."""
    if not parts.alike:
        return concatenate([array.shape for array in parts.arrays], axis)
    shape = parts.arrays[0].shape
    dim = shape.axis(axis)
    # One element stands for all, but only a number is sure to be the same for each.
    total = dim * parts.length if isinstance(dim, int) and parts.length is not None else call.symbol("len({})")
    if not shape.exact and axis >= 0:
        # The first axis that is known may be the one along which they are joined.
        return UNKNOWN_SHAPE if axis or not shape.dims else Shape((call.symbol("?"), *shape.dims[1:]), exact=False)
    return shape.with_axis(axis, total)


def _at_rank(call: Call, parts: Parts | None, change: Callable[[Shape], Shape]) -> Parts | None:
    """The same parts with their shapes changed first."""
    if parts is None:
        return None
    return Parts(
        tuple(derive(call, a, change(a.shape), range=a.range) for a in parts.arrays), parts.length, parts.alike
    )


@model("numpy.concatenate")
def concatenate_model(call: Call, arrays: Value | None = None, axis: Value | None = None) -> Value:
    """Arrays put after one another along an axis; with `axis=None` all elements in a row."""
    parts = parts_of(call, arrays)
    axes = axes_of(call, axis, 0)
    if parts is None or axes is UNCLEAR:
        return unranked(call)
    if axes is None:
        parts, axes = (
            _at_rank(call, parts, lambda shape: Shape((call.symbol("n") if shape.size is None else shape.size,))),
            (0,),
        )
        assert parts is not None
    return joined(call, parts, concatenated(call, parts, axes[0]))


@model("numpy.stack")
def stack(call: Call, arrays: Value | None = None, axis: Value | None = None) -> Value:
    """Arrays of one shape along a new axis."""
    parts = parts_of(call, arrays)
    place = whole(axis, 0)
    if parts is None or not isinstance(place, int):
        return unranked(call)
    return joined(call, parts, _stacked(call, parts, place))


def _stacked(call: Call, parts: Parts, axis: int) -> Shape | Mismatch:
    if not parts.alike:
        return stacked([array.shape for array in parts.arrays], axis)
    length = parts.length if parts.length is not None else call.symbol("len({})")
    return parts.arrays[0].shape.insert(axis, length)


def _column(shape: Shape) -> Shape:
    """How `column_stack` takes an array: a row of numbers as a column."""
    if not shape.exact:
        return UNKNOWN_SHAPE if len(shape.dims) < 2 else shape
    return Shape((*shape.dims, 1)) if len(shape.dims) == 1 else at_least(shape, 2)


#: What each function does to its parts first, and the axis along which it joins them.
_STACKS: dict[str, tuple[Callable[[Shape], Shape], int]] = {
    "vstack": (lambda shape: at_least(shape, 2), 0),
    "row_stack": (lambda shape: at_least(shape, 2), 0),
    "hstack": (lambda shape: at_least(shape, 1), 1),
    "dstack": (lambda shape: at_least(shape, 3), 2),
    "column_stack": (_column, 1),
}


@model(*(f"numpy.{name}" for name in _STACKS))
def vstack(call: Call, tup: Value | None = None) -> Value:
    """Arrays put below, beside or behind one another."""
    change, axis = _STACKS[member(call)]
    parts = _at_rank(call, parts_of(call, tup), change)
    if parts is None:
        return unranked(call)
    if call.name.endswith("hstack"):
        ranks = {array.shape.rank for array in parts.arrays}
        if None in ranks:
            return unranked(call)
        axis = 0 if 1 in ranks else 1
    elif any(not a.shape.exact and len(a.shape.dims) < 2 for a in parts.arrays):
        return joined(call, parts, UNKNOWN_SHAPE)
    return joined(call, parts, concatenated(call, parts, axis))


@model("numpy.c_.__getitem__", "numpy.r_.__getitem__")
def column_join(call: Call, joiner: Value, index: Value) -> Value:
    """`np.c_[a, b]` and `np.r_[a, b]` of arrays and numbers.

    Unknown: slices and texts with orders inside.
    """
    parts = parts_of(call, index) if not isinstance(index, (Array, Ref)) else Parts((operand(call, index),))
    if parts is None:
        return unranked(call)
    change: Callable[[Shape], Shape] = _column if call.name.startswith("numpy.c_") else lambda s: at_least(s, 1)
    wide = _at_rank(call, parts, change)
    assert wide is not None
    return joined(call, wide, concatenated(call, wide, -1 if call.name.startswith("numpy.c_") else 0))


@model("numpy.append")
def append(call: Call, arr: Value | None = None, values: Value | None = None, axis: Value | None = None) -> Value:
    """One array behind another; without an axis all elements in a row."""
    parts = Parts((operand(call, arr), operand(call, values)))
    axes = axes_of(call, axis)
    if axes is UNCLEAR:
        return unranked(call)
    if axes is None:
        total = size_of(parts.arrays[0]) + size_of(parts.arrays[1])
        return joined(call, parts, Shape((total,)))
    return joined(call, parts, concatenated(call, parts, axes[0]))


@model("numpy.insert", "numpy.delete")
def insert(
    call: Call,
    arr: Value | None = None,
    obj: Value | None = None,
    values: Value | None = None,
    axis: Value | None = None,
) -> Value:
    """With elements put in or taken out at one place or a list of places."""
    if call.name.endswith("delete") and axis is None:
        axis = values
    found = operand(call, arr)
    axes = axes_of(call, axis)
    if axes is UNCLEAR:
        return derive(call, found, renamed(call, found.shape.rank))
    shape, place = (Shape((size_of(found),)), 0) if axes is None else (found.shape, axes[0])
    places = call.items(obj)
    old = shape.axis(place)
    count: Dim | None = (
        len(places) if places is not None else 1 if obj is not None and call.dim(obj) is not None else None
    )
    if call.name.endswith("delete") and places is not None and len(places) > 1:
        count = _different([call.dim(item) for item in places], old)
    if count is None or not isinstance(old, (int, SymbolicDim)):
        return derive(call, found, shape.with_axis(place, call.symbol(f"{{}}.shape[{place}]")))
    if call.name.endswith("insert") and axes is None and places is None:
        values_array = as_array(call, values)
        if values_array is None or values_array.shape != Shape(()):
            return derive(call, found, Shape((call.symbol("len({})"),)))
    return derive(call, found, shape.with_axis(place, old - count if call.name.endswith("delete") else old + count))


def _different(places: list[Dim | None], length: object) -> int | None:
    """How many places a list names, each once; None where they are not all known."""
    known = [place for place in places if isinstance(place, int)]
    if len(known) < len(places):
        return None
    if min(known) < 0 <= max(known):  # one place may be named from both ends
        return len({place % length for place in known}) if isinstance(length, int) and length > 0 else None
    return len(set(known))


# --- splitting -------------------------------------------------------------------------------------------------------

_SPLIT_AXES = {"split": 0, "array_split": 0, "vsplit": 0, "hsplit": 1, "dsplit": 2}


@model(*(f"numpy.{name}" for name in _SPLIT_AXES))
def split(
    call: Call, ary: Value | None = None, indices_or_sections: Value | None = None, axis: Value | None = None
) -> Value:
    """Pieces of equal size, or cut at the places given."""
    found = operand(call, ary)
    name = member(call)
    place = whole(axis, 0) if name.endswith("y_split") or name == "split" else _SPLIT_AXES[name]
    if not isinstance(place, int):
        return call.unknown()
    if name == "hsplit" and found.shape.rank == 1:
        place = 0
    old = found.shape.axis(place)
    if old is None or not isinstance(old, (int, SymbolicDim)):
        old = axis_symbol(identity(found), found.name, place)
    lengths = _pieces(call, indices_or_sections, old, even=name != "array_split")
    if lengths is None and name != "array_split" and indices_or_sections is not None and is_number(indices_or_sections):
        return call.new_sequence(_equal_pieces(call, found, place, old, indices_or_sections))
    if lengths is None:
        return call.unknown()
    return call.new_list(derive(call, found, found.shape.with_axis(place, n), range=found.range) for n in lengths)


def _equal_pieces(call: Call, found: Array, place: int, total: Dim, sections: Value) -> Sequence:
    """Pieces of one size; how many of which size follows from their number, where that is a known one."""
    number = call.constant(sections)
    count: Dim | None = int(number) if isinstance(number, float) and number.is_integer() else call.dim(sections)
    known = isinstance(count, int) and count > 0
    size = total // count if known and isinstance(count, int) else call.symbol("len(piece)", lower=1)
    count = call.symbol("pieces", lower=1) if count is None else count
    piece = derive(call, found, found.shape.with_axis(place, size), range=found.range)
    return Sequence("list", None, count, piece)


def _between(start: Dim, stop: Dim, total: Dim) -> Dim:
    """The length of a piece: places behind the end of an axis of known length leave nothing."""
    if isinstance(start, int) and isinstance(stop, int) and isinstance(total, int):
        return max(min(stop, total) - min(start, total), 0)
    return stop - start


def _pieces(call: Call, sections: Value | None, total: Dim, *, even: bool) -> list[Dim] | None:
    cuts = call.items(sections)
    if cuts is not None:
        places = [call.dim(cut) for cut in cuts]
        if any(place is None or (isinstance(place, int) and place < 0) for place in places):
            return [call.symbol("len({})") for _ in range(len(places) + 1)]
        known: list[Dim] = [0, *(place for place in places if place is not None), total]
        return [_between(start, stop, total) for start, stop in zip(known, known[1:])]  # noqa: RUF007
    number = call.constant(sections)
    count = int(number) if isinstance(number, float) and number.is_integer() else call.dim(sections)
    if not isinstance(count, int) or not 0 < count <= 64:
        return None
    if even:
        return [total // count] * count
    return [(total + (count - 1 - i)) // count for i in range(count)]
