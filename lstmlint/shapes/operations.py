"""What numpy and Keras do to shapes, as pure functions.  What cannot work is a returned `Mismatch`, never an exception.

A `Mismatch` holds for every value of the symbols; where a size cannot be told, the result has a symbol for it whose
identity comes from the operands, so that the same operation twice gives the same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from lstmlint.classes import dataclass
from lstmlint.shapes.dims import (
    Answer,
    Dim,
    at_most,
    both,
    bounds,
    ceil_div,
    divisible,
    equal,
    less,
    maximum,
    minimum,
    negate,
    product,
    symbol,
)
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape, same_axis


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why an operation cannot work: `left` and `right` are the sizes that clash, `axis` where, if at one axis."""

    reason: str
    axis: int | None = None
    left: Axis = None
    right: Axis = None


def _unknown(name: str, *key: Hashable) -> Dim:
    return symbol(name, key)


# --- several arrays --------------------------------------------------------------------------------------------------


def broadcast(a: Shape, b: Shape) -> Shape | Mismatch:
    """The common shape of an elementwise operation.  A None axis gives way to a number above 1."""
    if not a.exact or not b.exact:
        return _broadcast_ends(a, b)
    if a.dims == b.dims:
        return a
    rank = max(len(a.dims), len(b.dims))
    dims: list[Axis] = []
    for index in range(-rank, 0):
        x = a.dims[index] if index >= -len(a.dims) else 1
        y = b.dims[index] if index >= -len(b.dims) else 1
        dim = broadcast_axis(x, y)
        if isinstance(dim, Mismatch):
            return Mismatch(dim.reason, index, x, y)
        dims.append(dim)
    return Shape(tuple(dims))


def _broadcast_ends(a: Shape, b: Shape) -> Shape | Mismatch:
    dims: list[Axis] = []
    open_end = False
    for index in range(-1, -1 - max(len(a.dims), len(b.dims)), -1):
        known = [shape.dims[index] for shape in (a, b) if index >= -len(shape.dims)]
        beyond = any(index < -len(shape.dims) and not shape.exact for shape in (a, b))
        dim = known[0] if len(known) == 1 else broadcast_axis(*known)
        if isinstance(dim, Mismatch):
            return Mismatch(dim.reason, index, *known)
        # Against an axis that is not known only a size above 1 is sure to stay.
        open_end = open_end or (beyond and not _above_one(dim))
        if not open_end:
            dims.insert(0, dim)
    return Shape(tuple(dims), exact=False)


def broadcast_axis(x: Axis, y: Axis) -> Axis | Mismatch:
    """One axis of `broadcast`."""
    if x == 1 or x == y:
        return y
    if y == 1:
        return x
    if x is None or y is None:
        known = y if x is None else x
        return known if _above_one(known) else None
    if same_axis(x, y) is Answer.NO and equal(x, 1) is Answer.NO and equal(y, 1) is Answer.NO:
        return Mismatch(f"{x} and {y} cannot be broadcast together", None, x, y)
    for one in (x, y):
        if isinstance(one, int) or _above_one(one):
            return one
    return _unknown(f"max({x}, {y})", "broadcast", frozenset((x, y)))


def _above_one(dim: Axis) -> bool:
    return dim is not None and less(1, dim) is Answer.YES


def concatenate(shapes: Sequence[Shape], axis: int) -> Shape | Mismatch:
    """Arrays put after one another along an existing axis: sizes add up there and must agree elsewhere."""
    return _joined(shapes, axis, along=True)


def stack(shapes: Sequence[Shape], axis: int) -> Shape | Mismatch:
    """Arrays of one shape along a new axis, which has the number `axis` in the result."""
    merged = _joined(shapes, axis, along=False)
    if isinstance(merged, Mismatch):
        return merged
    if merged.exact and not -len(merged.dims) - 1 <= axis <= len(merged.dims):
        return Mismatch(f"there is no axis {axis} in an array of rank {len(merged.dims) + 1}")
    return merged.insert(axis, len(shapes))


def _joined(shapes: Sequence[Shape], axis: int, *, along: bool) -> Shape | Mismatch:
    if not shapes:
        return Mismatch("there is nothing to join")
    exact = [shape for shape in shapes if shape.exact]
    if not exact:
        return UNKNOWN_SHAPE
    rank = len(exact[0].dims)
    for shape in shapes:
        if shape.min_rank > rank or (shape.exact and len(shape.dims) != rank):
            return Mismatch("the ranks differ", None, rank, shape.min_rank)
    if along and not -rank <= axis < rank:
        return Mismatch(f"there is no axis {axis} in an array of rank {rank}")
    place = axis % rank if along else None
    dims: list[Axis] = []
    for index in range(rank):
        column = [shape.dims[index - rank] for shape in shapes if index - rank >= -len(shape.dims)]
        if index == place:
            dims.append(_total(column, complete=len(column) == len(shapes), key=(tuple(shapes), axis)))
            continue
        agreed = _agreed(column, index)
        if isinstance(agreed, Mismatch):
            return agreed
        dims.append(agreed)
    return Shape(tuple(dims))


def _total(column: Sequence[Axis], *, complete: bool, key: Hashable) -> Axis:
    if not complete:
        return _unknown("a joined length", "concatenate", key)
    total: Dim = 0
    for dim in column:
        if dim is None:
            return None
        total = total + dim
    return total


def _agreed(column: Sequence[Axis], index: int) -> Axis | Mismatch:
    """The one size of an axis where all must agree: a number if one of them is, else a symbol, else None."""
    known = [dim for dim in column if dim is not None]
    for dim in known[1:]:
        if equal(known[0], dim) is Answer.NO:
            return Mismatch(f"{known[0]} and {dim} differ along axis {index}", index, known[0], dim)
    return next((dim for dim in known if isinstance(dim, int)), known[0] if known else None)


def matmul(a: Shape, b: Shape) -> Shape | Mismatch:
    """The matrix product with numpy's rules: the last axis of `a` meets the last but one (or only) axis of `b`."""
    if not a.exact or not b.exact:
        return UNKNOWN_SHAPE
    if not a.dims or not b.dims:
        return Mismatch("a scalar has no matrix product")
    left, right = a.dims, b.dims
    inner = right[-2] if len(right) > 1 else right[-1]
    if same_axis(left[-1], inner) is Answer.NO:
        return Mismatch(f"the inner sizes {left[-1]} and {inner} differ", -1, left[-1], inner)
    outer = broadcast(Shape(left[:-2]), Shape(right[:-2]))
    if isinstance(outer, Mismatch):
        return outer
    return Shape(outer.dims + (left[-2:-1] if len(left) > 1 else ()) + (right[-1:] if len(right) > 1 else ()))


# --- one array -------------------------------------------------------------------------------------------------------


def reshape(shape: Shape, target: Sequence[Dim]) -> Shape | Mismatch:
    """The same elements with new dims, one of which may be -1 (or below, which numpy takes for -1)."""
    target = [-1 if less(dim, 0) is Answer.YES else dim for dim in target]
    others = [dim for dim in target if dim != -1]
    if len(others) < len(target) - 1:
        return Mismatch("only one size can be -1")
    total, known = shape.size, product(others)
    if len(others) == len(target):
        if total is not None and (equal(total, known) is Answer.NO or _other_rows(shape, target)):
            return Mismatch(f"{total} elements do not fill {Shape(tuple(target))}", None, total, known)
        return Shape(tuple(target))
    if total is not None and divisible(total, known) is Answer.NO:
        return Mismatch(f"{total} elements cannot be divided by {known}", None, total, known)
    return Shape(tuple(_solved(shape, total, known, tuple(target)) if dim == -1 else dim for dim in target))


def _other_rows(shape: Shape, target: Sequence[Dim]) -> bool:
    """Whether as many rows, of which there is at least one, are to hold another number of elements each."""
    if not target or len(shape.dims) < 2 or None in shape.dims:
        return False
    rows, *rest = (dim for dim in shape.dims if dim is not None)
    return equal(rows, target[0]) is Answer.YES and equal(product(rest), product(list(target[1:]))) is Answer.NO


def _solved(shape: Shape, total: Dim | None, known: Dim, target: tuple[Dim, ...]) -> Axis:
    if total is not None and known != 0:
        return total // known
    return None if None in shape.dims else _unknown("-1", "reshape", shape, target)


def transpose(shape: Shape, axes: Sequence[int] | None = None) -> Shape | Mismatch:
    """The axes in another order; without `axes` in reverse."""
    if not shape.exact:
        return UNKNOWN_SHAPE
    rank = len(shape.dims)
    order = list(range(rank))[::-1] if axes is None else [axis + rank if axis < 0 else axis for axis in axes]
    if sorted(order) != list(range(rank)):
        return Mismatch(f"{tuple(axes or ())} is not an order of {rank} axes")
    return Shape(tuple(shape.dims[axis] for axis in order))


def reduce(shape: Shape, axes: int | Sequence[int] | None = None, keepdims: bool = False) -> Shape | Mismatch:
    """The shape after a sum, mean or the like over `axes` (None: over all)."""
    if axes is None and not keepdims:
        return Shape(())
    if not shape.exact:
        return UNKNOWN_SHAPE
    rank = len(shape.dims)
    chosen = range(rank) if axes is None else [axes] if isinstance(axes, int) else axes
    for axis in chosen:
        if not -rank <= axis < rank:
            return Mismatch(f"there is no axis {axis} in an array of rank {rank}")
    gone = {axis % rank for axis in chosen}
    if keepdims:
        return Shape(tuple(1 if index in gone else dim for index, dim in enumerate(shape.dims)))
    return Shape(tuple(dim for index, dim in enumerate(shape.dims) if index not in gone))


# --- lengths ---------------------------------------------------------------------------------------------------------


def window_length(
    length: Axis, kernel: Dim, stride: Dim = 1, padding: str = "valid", dilation: Dim = 1
) -> Axis | Mismatch:
    """The number of places of a kernel or pool along an axis.  `padding`: "valid", "same" or "causal".

    Unknown: None for a length that is not known, and for a stride of 0, which no Keras gets to here.
    """
    if length is None or stride == 0:
        return None
    if padding != "valid":
        return ceil_div(length, stride)
    reach = dilation * (kernel - 1) + 1
    if less(length, reach) is Answer.YES:
        return Mismatch(f"a window of {reach} is longer than {length}", None, length, reach)
    return (length - reach) // stride + 1


def transposed_length(
    length: Axis,
    kernel: Dim,
    stride: Dim = 1,
    padding: str = "valid",
    dilation: Dim = 1,
    output_padding: Dim | None = None,
) -> Axis:
    """The length after a transposed convolution."""
    if length is None:
        return None
    reach = dilation * (kernel - 1) + 1
    if output_padding is not None:
        cut = 2 * (reach // 2) if padding == "same" else 0
        return (length - 1) * stride + reach - cut + output_padding
    return length * stride + (maximum(reach - stride, 0) if padding == "valid" else 0)


def slice_length(
    length: Dim, start: Dim | None = None, stop: Dim | None = None, step: Dim | None = None, *, samples: bool = False
) -> Dim:
    """The number of elements of `x[start:stop:step]`.

    A constant bound, and a window whose ends differ by a constant, is taken to lie within the axis; with `samples` a
    constant bound is cut at the length instead.
    """
    if isinstance(length, int) and all(part is None or isinstance(part, int) for part in (start, stop, step)):
        parts = [part if isinstance(part, int) else None for part in (start, stop, step)]
        return 0 if parts[2] == 0 else len(range(*slice(*parts).indices(length)))
    stride = 1 if step is None else step
    if less(stride, 1) is Answer.YES:
        return _backward_length(length, start, stop, stride)
    window = _window(start, stop)
    if window is not None:
        return ceil_div(window, stride)
    first = _bound(length, 0 if start is None else start, samples=samples)
    last = length if stop is None else _bound(length, stop, samples=samples)
    if first is None or last is None:
        return _unknown("a slice's length", "slice", length, start, stop, step)
    within = first == 0 or (isinstance(start, int) and not samples)
    return ceil_div(last - first if within else maximum(last - first, 0), stride)


def _backward_length(length: Dim, start: Dim | None, stop: Dim | None, step: Dim) -> Dim:
    if start is None and stop is None:
        return ceil_div(length, -step)
    return _unknown("a slice's length", "slice", length, start, stop, step)


def _window(start: Dim | None, stop: Dim | None) -> int | None:
    """The length of `x[i - 60:i]`, where both ends move together."""
    if start is None or stop is None or isinstance(start, int) or isinstance(stop, int):
        return None
    length = stop - start
    return length if isinstance(length, int) and length >= 0 else None


def _bound(length: Dim, bound: Dim, *, samples: bool) -> Dim | None:
    """Where a bound lies, from the beginning; None where it is not known whether it counts from the end."""
    low, high = bounds(bound)
    constant = isinstance(bound, int)
    if high is not None and high <= 0 and bound != 0:
        place = length + bound
        return maximum(place, 0) if samples and constant else place
    if high is not None and high > 0 and (low is None or low < 0):
        return None
    if constant and not samples:
        return length if less(length, bound) is Answer.YES else bound
    return minimum(bound, length) if constant or low == 0 or (low or 0) > 0 else _free_bound(length, bound)


def _free_bound(length: Dim, bound: Dim) -> Dim:
    """A bound such as `n - 60`: not below 0, for the program means a place within the axis."""
    return length if at_most(length, bound) is Answer.YES else bound


def index_ok(length: Dim, index: Dim) -> Answer:
    """Whether `x[index]` exists."""
    return both(at_most(-length, index), negate(at_most(length, index)))


def broadcast_dims(same: Callable[[Dim, Dim], bool], a: tuple[Dim, ...], b: tuple[Dim, ...]) -> tuple[Dim, ...] | None:
    """The sizes of both shapes together, where `same` answers whether two sizes are equal; None where they do not fit."""
    rank = max(len(a), len(b))
    made: list[Dim] = []
    for left, right in zip((1,) * (rank - len(a)) + a, (1,) * (rank - len(b)) + b):
        if not same(left, right) and not same(left, 1) and not same(right, 1):
            return None
        made.append(right if same(left, 1) else left)
    return tuple(made)
