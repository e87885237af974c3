"""numpy: other dims for the same elements, joining and splitting."""

from __future__ import annotations

from collections.abc import Sequence

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Value
from lstmlint.libraries.array_arguments import UNCLEAR, axes_of, whole
from lstmlint.libraries.arrays import NDARRAY, Array, alike, derive, identity, operand
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Answer, Dim, SymbolicDim, equal, symbol
from lstmlint.shapes.operations import Mismatch
from lstmlint.shapes.operations import reshape as reshaped
from lstmlint.shapes.operations import transpose as transposed
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape
from lstmlint.trace import ArrayRefused


def size_of(array: Array) -> Dim:
    """The number of elements, a symbol where it is not known."""
    size = array.shape.size
    return symbol(f"{array.name}.size", ("attr", identity(array), "size")) if size is None else size


# --- the same elements -----------------------------------------------------------------------------------------------


@model("numpy.reshape", method="numpy.ndarray.reshape")
def reshape(
    call: Call,
    a: Value | None = None,
    newshape: Value | None = None,
    *rest: Value,
    shape: Value | None = None,
) -> Value:
    """Same elements, new dims.  Shapes: (d0, …, dn) -> newshape, one -1 solved.

    Unknown: rank of newshape not known.  Source: NumPy reference, numpy.reshape.
    """
    found = operand(call, a)
    target = newshape if newshape is not None else shape
    as_method = call.name.startswith(NDARRAY)
    if as_method and rest and newshape is not None:
        dims: tuple[Dim | None, ...] | None = tuple(call.dim(value) for value in (newshape, *rest))
    else:
        dims = call.dims(target)
    if dims is None or call.open_args:
        return derive(call, found, UNKNOWN_SHAPE)
    named = [call.symbol(f"{{}}.shape[{i}]") if dim is None else dim for i, dim in enumerate(dims)]
    if found.shape.size is None:
        named = [_unsolved(call, found, dims, i) if dim == -1 else dim for i, dim in enumerate(named)]
    result = reshaped(found.shape, named)
    if isinstance(result, Mismatch):
        _note_refused(call, found, named)
    return derive(call, found, result, range=None if found.range and found.range.one_hot else found.range)


def _note_refused(call: Call, found: Array, dims: Sequence[Dim]) -> None:
    """Leave in the trace that numpy refuses a reshape, where the sizes of all rows are plain numbers."""
    sizes = (*found.shape.dims[1:], *dims[1:])
    if found.kind != NDARRAY or not found.shape.exact or not all(isinstance(dim, int) for dim in sizes):
        return
    target = f"({dims[0]},)" if len(dims) == 1 else f"({','.join(map(str, dims))})"
    size = found.shape.size if isinstance(found.shape.size, int) else "…"
    words = f"cannot reshape array of size {size} into shape {target}"
    wants = f"as many elements as {Shape(tuple(None if dim == -1 else dim for dim in dims))}"
    call.record(ArrayRefused("reshape", "reshape", (found.shape,), wants, words, found.site))


def _unsolved(call: Call, found: Array, dims: tuple[Dim | None, ...], axis: int) -> Dim:
    """The -1 of a reshape of an array whose size is not known: the same for the same array and dims."""
    name = f"{call.interpreter.target_name or found.name}.shape[{axis}]"
    return symbol(name, ("reshape", identity(found), dims))


@model("numpy.ravel", "numpy.ndarray.ravel", "numpy.ndarray.flatten")
def ravel(call: Call, a: Value | None = None) -> Value:
    """All elements in a row."""
    found = operand(call, a)
    return derive(call, found, Shape((size_of(found),)), kind=NDARRAY)


@model("numpy.expand_dims")
def expand_dims(call: Call, a: Value | None = None, axis: Value | None = None) -> Value:
    """New axes of size 1."""
    found = operand(call, a)
    axes = axes_of(call, axis)
    if axes is UNCLEAR or axes is None:
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
    shape = found.shape
    rank = None if shape.rank is None else shape.rank + len(axes)
    places = sorted(place + rank if rank is not None and place < 0 else place for place in axes)
    for place in places:
        shape = shape.insert(place, 1)
    return derive(call, found, shape, kind=NDARRAY, range=found.range)


@model("numpy.squeeze", method="numpy.ndarray.squeeze")
def squeeze(call: Call, a: Value | None = None, axis: Value | None = None) -> Value:
    """Without the axes of size 1.

    Unknown: the rank, where a dim may be 1 and no axis is named.
    """
    found = operand(call, a)
    axes = axes_of(call, axis)
    if axes is UNCLEAR:
        return derive(call, found, UNKNOWN_SHAPE)
    return derive(call, found, squeezed(found.shape, axes), range=found.range)


def squeezed(shape: Shape, axes: Sequence[int] | None) -> Shape:
    """The shape without the axes named, or (None) without all of size 1."""
    if axes is not None:
        if not shape.exact:
            return UNKNOWN_SHAPE
        gone = {axis % len(shape.dims) for axis in axes if shape.dims}
        return Shape(tuple(dim for i, dim in enumerate(shape.dims) if i not in gone))
    kept: list[Axis] = []
    for dim in reversed(shape.dims):
        answer = Answer.CANNOT_KNOW if dim is None else equal(dim, 1)
        if answer is Answer.CANNOT_KNOW:
            return UNKNOWN_SHAPE
        if answer is Answer.NO:
            kept.insert(0, dim)
    return Shape(tuple(kept), shape.exact)


@model("numpy.transpose", method="numpy.ndarray.transpose")
def transpose(call: Call, a: Value | None = None, axes: Value | None = None, *rest: Value) -> Value:
    """The axes in another order; without axes in reverse."""
    found = operand(call, a)
    order = axes_of(call, axes)
    if rest and order is not UNCLEAR and order is not None:
        further = [whole(value, 0) for value in rest]
        order = UNCLEAR if UNCLEAR in further else order + tuple(place for place in further if isinstance(place, int))
    if order is UNCLEAR:
        rank = found.shape.rank
        return derive(call, found, renamed(call, rank))
    return derive(call, found, transposed(found.shape, order))


@attribute("numpy.ndarray.T", "numpy.ndarray.mT")
def transposed_attribute(call: Call, a: Value) -> Value:
    """The axes in reverse."""
    found = operand(call, a)
    if call.name.endswith("mT"):
        return swapped(call, found, -1, -2)
    return derive(call, found, transposed(found.shape))


def renamed(call: Call, rank: int | None) -> Shape:
    """Of the same rank, with dims that are not known."""
    return UNKNOWN_SHAPE if rank is None else Shape(tuple(call.symbol(f"{{}}.shape[{i}]") for i in range(rank)))


def swapped(call: Call, found: Array, first: int, second: int) -> Array:
    """Two axes exchanged."""
    shape = found.shape
    rank = shape.rank
    if rank is None or not all(-rank <= axis < rank for axis in (first, second)):
        return derive(call, found, UNKNOWN_SHAPE)
    order = list(range(rank))
    order[first], order[second] = order[second], order[first]
    return derive(call, found, transposed(shape, order))


@model("numpy.swapaxes", method="numpy.ndarray.swapaxes")
def swapaxes(call: Call, a: Value | None = None, axis1: Value | None = None, axis2: Value | None = None) -> Value:
    """Two axes exchanged."""
    found = operand(call, a)
    first, second = whole(axis1, 0), whole(axis2, 1)
    if not isinstance(first, int) or not isinstance(second, int):
        return derive(call, found, renamed(call, found.shape.rank))
    return swapped(call, found, first, second)


@model("numpy.moveaxis")
def moveaxis(
    call: Call, a: Value | None = None, source: Value | None = None, destination: Value | None = None
) -> Value:
    """Axes moved to other places, the rest in their order."""
    found = operand(call, a)
    sources, places = axes_of(call, source), axes_of(call, destination)
    rank = found.shape.rank
    if sources is UNCLEAR or places is UNCLEAR or sources is None or places is None or not rank:
        return derive(call, found, renamed(call, rank))
    from_axes = [axis % rank for axis in sources]
    order = [axis for axis in range(rank) if axis not in from_axes]
    for place, axis in sorted(zip((place % rank for place in places), from_axes)):
        order.insert(place, axis)
    return derive(call, found, transposed(found.shape, order))


@model("numpy.rollaxis")
def rollaxis(call: Call, a: Value | None = None, axis: Value | None = None, start: Value | None = None) -> Value:
    """One axis moved before `start`."""
    found = operand(call, a)
    moved, before = whole(axis, 0), whole(start, 0)
    rank = found.shape.rank
    if not rank or not isinstance(moved, int) or not isinstance(before, int):
        return derive(call, found, renamed(call, rank))
    moved %= rank
    before = before + rank if before < 0 else before
    before -= 1 if moved < before else 0
    order = [axis for axis in range(rank) if axis != moved]
    order.insert(before, moved)
    return derive(call, found, transposed(found.shape, order))


@model(
    "numpy.roll", "numpy.flip", "numpy.fliplr", "numpy.flipud", "numpy.sort", "numpy.nan_to_num", "numpy.tril",
    "numpy.triu", "numpy.linalg.inv", "numpy.fft.fftshift", "numpy.ndarray.byteswap",
)  # fmt: skip
def rearranged(call: Call, a: Value | None = None) -> Value:
    """Functions that keep the shape, and the limits of the values where these only change places."""
    found = operand(call, a)
    name = member(call)
    return alike(call, found, range=found.range if name in ("roll", "flip", "flipud", "sort") else None)


@model("numpy.rot90")
def rot90(call: Call, m: Value | None = None, k: Value | None = None) -> Value:
    """The first two axes exchanged for an odd number of turns."""
    found = operand(call, m)
    turns = whole(k, 1)
    if not isinstance(turns, int):
        return derive(call, found, renamed(call, found.shape.rank))
    return swapped(call, found, 0, 1) if turns % 2 else alike(call, found)


@model("numpy.broadcast_to")
def broadcast_to(call: Call, array: Value | None = None, shape: Value | None = None) -> Value:
    """An array blown up to a shape."""
    found = operand(call, array)
    dims = call.dims(shape)
    if dims is None or any(dim is None for dim in dims):
        return derive(call, found, UNKNOWN_SHAPE)
    return derive(call, found, Shape(dims), range=found.range)


# --- growing ---------------------------------------------------------------------------------------------------------


@model("numpy.tile")
def tile(call: Call, A: Value | None = None, reps: Value | None = None) -> Value:
    """Copies side by side.  Shapes: dims times repetitions, aligned at the end."""
    found = operand(call, A)
    counts = call.dims(reps)
    if counts is None or any(count is None for count in counts) or not found.shape.exact:
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
    rank = max(len(counts), len(found.shape.dims))
    factors = Shape(counts).prepend([1] * (rank - len(counts)))
    dims = found.shape.prepend([1] * (rank - len(found.shape.dims)))
    grown = tuple(dim * n for dim, n in zip(dims.dims, factors.dims) if dim is not None and n is not None)
    return derive(call, found, Shape(grown), kind=NDARRAY, range=found.range)


@model("numpy.repeat", method="numpy.ndarray.repeat")
def repeat(call: Call, a: Value | None = None, repeats: Value | None = None, axis: Value | None = None) -> Value:
    """Each element several times."""
    found = operand(call, a)
    place = axes_of(call, axis)
    counts = call.dims(repeats)
    count = counts[0] if counts is not None and len(counts) == 1 else None
    if place is UNCLEAR:
        return derive(call, found, renamed(call, found.shape.rank))
    if place is None:
        length = size_of(found) * count if count is not None else call.symbol("len({})")
        return derive(call, found, Shape((length,)), kind=NDARRAY)
    old = found.shape.axis(place[0])
    known = isinstance(old, (int, SymbolicDim)) and count is not None
    grown = old * count if known else call.symbol(f"{{}}.shape[{place[0]}]")  # type: ignore[operator,arg-type]
    return derive(call, found, found.shape.with_axis(place[0], grown), kind=NDARRAY, range=found.range)


@model("numpy.pad")
def pad(call: Call, array: Value | None = None, pad_width: Value | None = None) -> Value:
    """Edges added.  `pad_width`: a number, a pair for every axis, or one pair for each axis."""
    found = operand(call, array)
    rank = found.shape.rank
    edges = None if rank is None else _edges(call, pad_width, rank)
    if edges is None:
        return derive(call, found, renamed(call, rank))
    dims = [(0 if dim is None else dim) + edge for dim, edge in zip(found.shape.dims, edges)]
    return derive(call, found, Shape(tuple(dims)))


def _edges(call: Call, pad_width: Value | None, rank: int) -> list[Dim] | None:
    """How much each axis grows."""
    if pad_width is not None and (lone := call.dim(pad_width)) is not None:
        return [2 * lone] * rank
    items = call.items(pad_width)
    if items is None:
        return None
    flat = [call.dim(item) for item in items]
    if all(dim is not None for dim in flat):
        numbers = [dim for dim in flat if dim is not None]
        return [sum(numbers, 0) * (2 if len(numbers) == 1 else 1)] * rank if len(numbers) <= 2 else None
    edges: list[Dim] = []
    for item in items:
        pair = call.dims(item)
        if pair is None or any(dim is None for dim in pair) or len(pair) not in (1, 2):
            return None
        numbers = [dim for dim in pair if dim is not None]
        edges.append(sum(numbers, 0) * (2 if len(numbers) == 1 else 1))
    return edges * rank if len(edges) == 1 else edges if len(edges) == rank else None


def at_least(shape: Shape, rank: int) -> Shape:
    """As `atleast_1d`, `atleast_2d`, `atleast_3d`."""
    missing = rank - len(shape.dims)
    if missing <= 0 or not shape.exact:
        return shape
    if rank < 3 or not shape.dims:
        return shape.prepend([1] * missing)
    return Shape((1, *shape.dims, 1)) if len(shape.dims) == 1 else Shape((*shape.dims, 1))


@model("numpy.atleast_1d", "numpy.atleast_2d", "numpy.atleast_3d")
def atleast(call: Call, *arrays: Value) -> Value:
    """Axes of size 1 added up to a rank."""
    rank = int(call.name[-2])
    found = [operand(call, a) for a in arrays]
    made = [derive(call, a, at_least(a.shape, rank), kind=NDARRAY, range=a.range) for a in found]
    return made[0] if len(made) == 1 else call.new_list(made)
