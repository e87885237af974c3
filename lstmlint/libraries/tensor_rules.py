"""Operations on tensors as rules from shapes to a shape: elements, reductions, the same elements, several tensors.

Each rule serves `tf`, `keras.backend` and `keras.ops` alike, data and symbolic tensors alike.  What cannot work is a
`Mismatch`: only what raises when the operation is called, in the Keras that is meant.
"""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Value
from lstmlint.keras.versions import Version
from lstmlint.libraries.array_arguments import UNCLEAR, axes_of, flag
from lstmlint.libraries.arrays import Range
from lstmlint.libraries.dtypes import dtype_of, is_float
from lstmlint.libraries.keras_values import version_of
from lstmlint.libraries.tensor_operands import (
    Operand,
    Result,
    common_dtype,
    first,
    is_symbolic,
    number,
    operand,
    operands,
    package,
    pick,
    sizes_of,
)
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.operations import Mismatch, broadcast, concatenate, reduce
from lstmlint.shapes.operations import reshape as reshaped
from lstmlint.shapes.operations import stack as stacked
from lstmlint.shapes.operations import transpose as transposed
from lstmlint.shapes.shape import UNKNOWN_AXIS, UNKNOWN_SHAPE, Axis, Shape

TESTS = frozenset({"is_nan", "is_inf", "is_finite", "isnan", "isinf", "isfinite", "logical_not"})
COMPARISONS = frozenset({
    "equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or", "logical_xor", "not_equal",
})  # fmt: skip

#: Arithmetic on sizes, as programs make shapes of shapes.
_SIZE_ARITHMETIC = frozenset({"add", "subtract", "multiply", "floor_divide", "floordiv"})


def member(call: Call) -> str:
    """The last part of the name of the function that is called."""
    return call.name.rpartition(".")[2]


def no_axis(axis: int, rank: int) -> Mismatch:
    """There is no such axis."""
    return Mismatch(f"there is no axis {axis} in a tensor of rank {rank}")


# --- elementwise -----------------------------------------------------------------------------------------------------


def elementwise(call: Call) -> Result | None:
    """A function of each element."""
    found = first(call)
    if found is None:
        return None
    name = member(call)
    return Result(found.shape, "bool" if name in TESTS else dtype_of(call.keywords.get("dtype"), found.dtype))


def along_axis(call: Call) -> Result | None:
    """A function that looks along an axis and keeps the shape (`softmax`, `cumsum`); `cumsum` of old had 0 for it."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "axis", "dim"), -1)
    rank = None if found is None else found.shape.rank
    if found is None or axes is UNCLEAR or axes is None or rank is None:
        return None if found is None else Result(found.shape, found.dtype)
    wrong = next((axis for axis in axes if not -rank <= axis < rank), None)
    is_given = pick(call, 1, "axis", "dim") is not None
    return Result(no_axis(wrong, rank) if is_given and wrong is not None else found.shape, found.dtype)


def running(call: Call) -> Result | None:
    """Running sums: along an axis (0 in `tf` and `K`); in `keras.ops` without one of all elements in a row."""
    if package(call).startswith("keras.ops") and pick(call, 1, "axis") is None:
        return flatten(call)
    return along_axis(call)


def binary(call: Call) -> Result | None:
    """A function of the elements of two tensors, with broadcasting."""
    left, right = operand(call, pick(call, 0, "x", "x1")), operand(call, pick(call, 1, "y", "x2"))
    if left is None or right is None:
        return None
    dtype = "bool" if member(call) in COMPARISONS else common_dtype([left, right])
    return Result(broadcast(left.shape, right.shape), dtype, sizes=_size_arithmetic(member(call), left, right))


def _size_arithmetic(name: str, left: Operand, right: Operand) -> tuple[Axis, ...] | None:
    a, b = left.sizes, right.sizes
    if name not in _SIZE_ARITHMETIC or a is None or b is None or len(a) != 1 or len(b) != 1:
        return None
    x, y = a[0], b[0]
    if x is None or y is None:
        return (None,)
    if name.startswith("floor"):
        return None if y == 0 else (x // y,)
    return (x + y if name == "add" else x - y if name == "subtract" else x * y,)


def where(call: Call) -> Result | None:
    """One of two tensors for each element; with a condition alone the places where it holds."""
    condition = operand(call, pick(call, 0, "condition"))
    x = operand(call, pick(call, 1, "x", "x1", "then_expression"))
    y = operand(call, pick(call, 2, "y", "x2", "else_expression"))
    if condition is None or x is None or y is None:
        return None
    shape = broadcast(x.shape, y.shape)
    if isinstance(shape, Shape):
        shape = broadcast(condition.shape, shape)
    return Result(shape, common_dtype([x, y]))


def cast(call: Call) -> Result | None:
    """The same with another dtype."""
    found = first(call)
    if found is None:
        return None
    return Result(found.shape, dtype_of(pick(call, 1, "dtype")), found.range, found.sizes)


def add_all(call: Call) -> Result | None:
    """The sum of several tensors."""
    parts = operands(call, pick(call, 0, "inputs"))
    if parts is None:
        return None
    shape: Shape | Mismatch = parts[0].shape
    for part in parts[1:]:
        shape = broadcast(shape, part.shape) if isinstance(shape, Shape) else shape
    return Result(shape, common_dtype(parts))


def bias_add(call: Call) -> Result | None:
    """A vector added along the last axis."""
    found = first(call)
    bias = operand(call, pick(call, 1, "bias"))
    if found is None:
        return None
    if bias is not None and bias.shape.rank == 1 and not call.keywords and len(call.args) == 2:
        size, own = bias.shape.dims[0], found.shape.axis(-1)
        if own is not None and own is not UNKNOWN_AXIS and size is not None and equal(own, size) is Answer.NO:
            return Result(Mismatch(f"{size} biases for an axis of {own}", -1, own, size))
    return Result(found.shape, found.dtype)


# --- reductions ------------------------------------------------------------------------------------------------------

#: Where the axis stands among the positional arguments, where that is not the second.
_AXIS_PLACES = {"norm": 2}
_AVERAGES = frozenset({"mean", "std", "var", "variance", "average", "median"})


def reduction(call: Call) -> Result | None:
    """A number for each place along the axes that stay."""
    found = first(call)
    if found is None:
        return None
    name = member(call).removeprefix("reduce_")
    place = _AXIS_PLACES.get(name, 1)
    axes = axes_of(call, pick(call, place, "axis", "reduction_indices", "axes"))
    keep = flag(call, pick(call, place + 1, "keepdims", "keep_dims") if name != "average" else None)
    dtype = "int64" if name == "count_nonzero" else "bool" if name in ("any", "all") else found.dtype
    if name in _AVERAGES and not is_float(dtype):
        dtype = None
    if axes is UNCLEAR or keep is UNCLEAR or _twice(axes, found.shape.rank):
        return Result(UNKNOWN_SHAPE, dtype)
    return Result(reduce(found.shape, axes, bool(keep)), dtype)


def _twice(axes: tuple[int, ...] | None, rank: int | None) -> bool:
    """Whether an axis is named twice, which each Keras takes in its own way."""
    return axes is not None and (rank is None or len({axis % rank for axis in axes if rank}) < len(axes))


def moments(call: Call) -> Result | None:
    """The mean and the variance."""
    one = reduction(call)
    return None if one is None or not isinstance(one.output, Shape) else Result((one.output, one.output), one.dtype)


def arg_extreme(call: Call) -> Result | None:
    """The place of the greatest or least along an axis (by default 0 in `tf`, the last in `K`, all in `keras.ops`)."""
    found = first(call)
    if found is None:
        return None
    default = None if package(call).startswith("keras.ops") else -1 if package(call) == "keras.backend" else 0
    axes = axes_of(call, pick(call, 1, "axis", "dimension"), default)
    dtype = "int32" if package(call).startswith("keras.ops") and is_symbolic(found.value) else "int64"
    keep = flag(call, call.keywords.get("keepdims")) is True
    if axes is UNCLEAR:
        return Result(UNKNOWN_SHAPE, dtype)
    if axes is None:
        return Result(Shape(()), dtype) if not keep else None
    dim = found.shape.axis(axes[0])
    values = Range(0, dim - 1 if isinstance(dim, int) else None, integral=True)
    return Result(reduce(found.shape, axes[0], keep), dtype, values)


# --- the same elements -----------------------------------------------------------------------------------------------


def reshape(call: Call) -> Result | None:
    """Same elements, new dims, one of which may be -1."""
    found = first(call)
    if found is None:
        return None
    target = pick(call, 1, "shape", "newshape")
    sizes = sizes_of(call, target)
    if sizes is None:
        return Result(UNKNOWN_SHAPE, found.dtype)
    if _holds_none(call, target):
        return Result(Mismatch("a size is None, which is no number: -1 stands for the size that is not known"))
    if None not in sizes:
        return Result(reshaped(found.shape, [dim for dim in sizes if dim is not None]), found.dtype, found.range)
    if found.shape.exact and None not in found.shape.dims:
        return Result(UNKNOWN_SHAPE, found.dtype)
    return Result(Shape(tuple(None if dim == -1 else dim for dim in sizes)), found.dtype)


def _holds_none(call: Call, target: Value | None) -> bool:
    """Whether a None stands in the new shape of tf.keras 2, as the batch of `x.shape` is."""
    return version_of(call) is Version.T2 and NONE in (call.items(target) or ())


def flatten(call: Call) -> Result | None:
    """All elements in a row."""
    found = first(call)
    return None if found is None else Result(reshaped(found.shape, [-1]), found.dtype)


def batch_flatten(call: Call) -> Result | None:
    """All elements of each sample in a row; of a symbolic tensor Keras does not know how many."""
    found = first(call)
    if found is None or not found.shape.exact or not found.shape.dims:
        return None if found is None else Result(UNKNOWN_SHAPE, found.dtype)
    rest = None if is_symbolic(found.value) else Shape(found.shape.dims[1:]).size
    return Result(Shape((found.shape.dims[0], rest)), found.dtype)


def expand_dims(call: Call) -> Result | None:
    """New axes of size 1."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "axis", "dim"), -1)
    if found is None:
        return None
    if axes is UNCLEAR or axes is None:
        return Result(UNKNOWN_SHAPE, found.dtype)
    shape, rank = found.shape, found.shape.rank
    if rank is None and len(axes) > 1:
        return Result(UNKNOWN_SHAPE, found.dtype)
    total = (rank or 0) + len(axes)
    for axis in sorted(axis % total if rank is not None and -total <= axis < total else axis for axis in axes):
        if rank is not None and not 0 <= axis < total:
            return Result(no_axis(axis, total))
        shape = shape.insert(axis, 1)
    return Result(shape, found.dtype, found.range)


def squeeze(call: Call) -> Result | None:
    """Without axes of size 1."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "axis", "squeeze_dims"))
    if found is None:
        return None
    rank, dims = found.shape.rank, found.shape.dims
    if axes is UNCLEAR or rank is None:
        return Result(UNKNOWN_SHAPE, found.dtype)
    is_open = None in dims
    if axes is None:
        kept = [dim for dim in dims if dim != 1]
        sure = all(dim is None or equal(dim, 1) is not Answer.CANNOT_KNOW for dim in kept)
        if not sure or (is_open and version_of(call) is not Version.K3):
            return Result(UNKNOWN_SHAPE, found.dtype)
        return Result(Shape(tuple(kept)), found.dtype, found.range)
    for axis in axes:
        if not -rank <= axis < rank:
            return Result(no_axis(axis, rank))
        dim = dims[axis]
        if equal(dim, 1) is Answer.NO if dim is not None else version_of(call) is Version.K3:
            return Result(Mismatch(f"axis {axis} has {dim} places, not 1", axis, dim, 1))
    gone = {axis % rank for axis in axes}
    return Result(Shape(tuple(d for i, d in enumerate(dims) if i not in gone)), found.dtype, found.range)


def transpose(call: Call) -> Result | None:
    """The axes in another order; without one in reverse."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "perm", "axes", "pattern"))
    if found is None:
        return None
    rank = found.shape.rank
    if axes is UNCLEAR or rank is None:
        return Result(UNKNOWN_SHAPE, found.dtype)
    if axes is not None and len(axes) == rank and all(-rank <= axis < rank for axis in axes):
        if len({axis % rank for axis in axes}) < rank and version_of(call) is not Version.K3:
            return Result(UNKNOWN_SHAPE, found.dtype)  # an axis twice: TensorFlow notices when the model runs
    return Result(transposed(found.shape, axes), found.dtype, found.range)


def swapaxes(call: Call) -> Result | None:
    """Two axes exchanged, or one moved."""
    found = first(call)
    rank = None if found is None else found.shape.rank
    names = (("axis1", "source"), ("axis2", "destination"))
    places = [number(call, pick(call, place, *names[place - 1])) for place in (1, 2)]
    wrong = [place for place in places if place is not None and rank is not None and not -rank <= place < rank]
    if wrong and rank is not None:
        return Result(no_axis(wrong[0], rank))
    known = [place % rank for place in places if place is not None and rank is not None and -rank <= place < rank]
    if found is None or rank is None or len(known) < 2:
        return None
    order = list(range(rank))
    if member(call) == "moveaxis":
        order.insert(known[1], order.pop(known[0]))
    else:
        order[known[0]], order[known[1]] = order[known[1]], order[known[0]]
    return Result(transposed(found.shape, order), found.dtype)


def matrix_transpose(call: Call) -> Result | None:
    """The last two axes exchanged."""
    found = first(call)
    return None if found is None else Result(turned(found.shape), found.dtype)


def turned(shape: Shape) -> Shape:
    """The shape with its last two axes exchanged."""
    if len(shape.dims) < 2:
        return shape
    return Shape((*shape.dims[:-2], shape.dims[-1], shape.dims[-2]), shape.exact)


def tile(call: Call) -> Result | None:
    """Copies side by side: dims times repetitions.  `keras.ops` takes fewer or more of these than there are axes."""
    found = first(call)
    counts = sizes_of(call, pick(call, 1, "multiples", "repeats", "n"))
    if found is None:
        return None
    if counts is None or not found.shape.exact:
        return Result(UNKNOWN_SHAPE, found.dtype)
    dims, rank = found.shape.dims, len(found.shape.dims)
    if len(counts) != rank and not package(call).startswith("keras.ops"):
        return Result(Mismatch(f"{len(counts)} repetitions for {rank} axes"))
    width = max(len(counts), rank)
    dims, counts = (1,) * (width - rank) + dims, (1,) * (width - len(counts)) + counts
    return Result(Shape(tuple(map(_times, dims, counts))), found.dtype, found.range)


def _times(dim: Axis, count: Axis) -> Axis:
    return None if dim is None or count is None else dim * count


def repeat(call: Call) -> Result | None:
    """Each element `repeats` times along an axis.  `K.repeat` of a matrix: rows as time steps, as RepeatVector does."""
    found = first(call)
    count = call.dim(pick(call, 1, "repeats", "n", "rep"))
    if found is None:
        return None
    rank = found.shape.rank
    if package(call) == "keras.backend" and member(call) == "repeat":
        if rank is not None and rank != 2:
            return Result(Mismatch(f"{found.shape} has {rank} axes, not 2"))
        return Result(found.shape.insert(1, count) if rank == 2 else UNKNOWN_SHAPE, found.dtype)
    axis = number(call, pick(call, 2, "axis"))
    if pick(call, 2, "axis") is None:
        return Result(Shape((_times(found.shape.size, count) if found.shape.exact else None,)), found.dtype)
    old = UNKNOWN_AXIS if axis is None else found.shape.axis(axis)
    if axis is not None and rank is not None and not -rank <= axis < rank:
        return Result(no_axis(axis, rank))
    if axis is None or old is UNKNOWN_AXIS or count is None:
        return Result(UNKNOWN_SHAPE, found.dtype)
    return Result(found.shape.with_axis(axis, _times(old, count)), found.dtype, found.range)


def pad(call: Call) -> Result | None:
    """Edges added: a pair of numbers for each axis (`keras.ops`: or one number for all)."""
    found = first(call)
    given = pick(call, 1, "paddings", "pad_width")
    if found is None:
        return None
    everywhere = number(call, given)
    pairs = call.items(given)
    if not found.shape.exact or (pairs is None and everywhere is None):
        return Result(UNKNOWN_SHAPE, found.dtype)
    rank = len(found.shape.dims)
    if pairs is None:
        return Result(Shape(tuple(map(padded, found.shape.dims, [(everywhere, everywhere)] * rank))), found.dtype)
    edges = [call.dims(pair) for pair in pairs]
    if any(edge is None or len(edge) != 2 for edge in edges):
        return Result(UNKNOWN_SHAPE, found.dtype)
    if len(edges) != rank:
        return Result(Mismatch(f"{len(edges)} pairs of edges for {rank} axes"))
    return Result(Shape(tuple(map(padded, found.shape.dims, edges))), found.dtype)


def padded(dim: Axis, edges: tuple[Dim | None, ...] | None) -> Axis:
    """An axis with edges added."""
    if dim is None or edges is None or len(edges) != 2 or edges[0] is None or edges[1] is None:
        return None
    return dim + edges[0] + edges[1]


def pad_inner(call: Call) -> Result | None:
    """`K.temporal_padding` and `K.spatial_2d_padding`: edges of the axes between batch and channels, by default 1."""
    found = first(call)
    if found is None or not found.shape.exact or "data_format" in call.keywords or len(call.args) > 2:
        return None
    inner = found.shape.dims[1:-1]
    given = pick(call, 1, "padding")
    pairs = (given,) if len(inner) == 1 else call.items(given)
    edges = [(1, 1)] * len(inner) if given is None else [call.dims(pair) for pair in pairs or ()]
    if len(edges) != len(inner):
        return None
    dims = map(padded, inner, edges)
    return Result(Shape((found.shape.dims[0], *dims, found.shape.dims[-1])), found.dtype)


def cut(call: Call) -> Result | None:
    """`tf.slice(x, begin, size)`: pieces of the sizes given, -1 for all that is left."""
    found = first(call)
    begin, size = (
        sizes_of(call, pick(call, 1, "begin", "start_indices")),
        sizes_of(call, pick(call, 2, "size", "shape")),
    )
    if found is None:
        return None
    rank = found.shape.rank
    if begin is None or size is None or rank is None or not len(begin) == len(size) == rank:
        return Result(UNKNOWN_SHAPE, found.dtype)
    dims = [
        (None if dim is None or low is None else dim - low) if wanted == -1 else wanted
        for dim, low, wanted in zip(found.shape.dims, begin, size)
    ]
    return Result(Shape(tuple(dims)), found.dtype)


def broadcast_to(call: Call) -> Result | None:
    """The shape that is given."""
    found = first(call)
    sizes = sizes_of(call, pick(call, 1, "shape"))
    return None if found is None else Result(UNKNOWN_SHAPE if sizes is None else Shape(sizes), found.dtype)


# --- several tensors -------------------------------------------------------------------------------------------------


def concat(call: Call) -> Result | None:
    """Tensors put after one another along an axis (by default the last in `K`, the first in `keras.ops`)."""
    parts = operands(call, pick(call, 0, "values", "tensors", "xs"))
    default = -1 if package(call) == "keras.backend" else 0
    axis = number(call, pick(call, 1, "axis", "concat_dim"), default)
    if parts is None:
        return None
    shape = UNKNOWN_SHAPE if axis is None else concatenate([one.shape for one in parts], axis)
    if axis is not None and isinstance(shape, Shape):
        rank = len(shape.dims)
        shape = _open_as_first(call, shape, parts[0].shape, axis % rank if rank else 0)
    known = [sizes_of(call, one.value) for one in parts]
    sizes = None if None in known or shape == UNKNOWN_SHAPE else tuple(size for part in known for size in part or ())
    is_row = isinstance(shape, Shape) and shape.rank == 1 and any(is_symbolic(one.value) for one in parts)
    return Result(shape, common_dtype(parts), sizes=sizes if is_row else None)


def _open_as_first(call: Call, shape: Shape, first_shape: Shape, axis: int) -> Shape:
    """The joined shape; Keras 3 does not learn from the other tensors what the first leaves open."""
    if version_of(call) is not Version.K3 or not first_shape.exact or len(first_shape.dims) != len(shape.dims):
        return shape
    dims = zip(shape.dims, first_shape.dims)
    return Shape(tuple(None if own is None and i != axis else dim for i, (dim, own) in enumerate(dims)), shape.exact)


def stack(call: Call) -> Result | None:
    """Tensors of one shape along a new axis."""
    listed = pick(call, 0, "values", "x", "arrays")
    parts = operands(call, listed)
    axis = number(call, pick(call, 1, "axis"), 0)
    if parts is None:
        return None
    shape = UNKNOWN_SHAPE if axis is None else stacked([one.shape for one in parts], axis)
    if axis is not None and isinstance(shape, Shape) and shape.exact and parts[0].shape.exact:
        place = axis % len(shape.dims)
        shape = _open_as_first(call, shape, parts[0].shape.insert(place, len(parts)), place)
    is_row = all(one.shape == Shape(()) for one in parts) and any(one.sizes for one in parts)
    return Result(shape, common_dtype(parts), sizes=sizes_of(call, listed) if is_row else None)


#: Pieces of a split that are listed one by one.
MAX_PIECES = 64


def split(call: Call) -> Result | None:
    """Pieces of equal size, or of the sizes given; in `keras.ops` cut at the places given."""
    found = first(call)
    sections = pick(call, 1, "num_or_size_splits", "indices_or_sections", "num_split")
    axis = number(call, pick(call, 2, "axis"), 0)
    if found is None or axis is None or found.shape.rank is None:
        return None
    if not -found.shape.rank <= axis < found.shape.rank:
        return Result(no_axis(axis, found.shape.rank))
    dim = found.shape.dims[axis]
    lengths = _pieces(call, dim, number(call, sections), sizes_of(call, sections))
    if lengths is None or isinstance(lengths, Mismatch):
        return None if lengths is None else Result(lengths)
    return Result(tuple(found.shape.with_axis(axis, n) for n in lengths), found.dtype, found.range)


def _pieces(call: Call, dim: Axis, count: int | None, sizes: tuple[Axis, ...] | None) -> list[Axis] | Mismatch | None:
    if count is not None:
        if not 0 < count <= MAX_PIECES:
            return None
        if isinstance(dim, int) and dim % count:
            return Mismatch(f"{dim} cannot be divided into {count} equal pieces", None, dim, count)
        return [None if dim is None else dim // count] * count
    if sizes is None or len(sizes) > MAX_PIECES:
        return None
    if package(call).startswith("keras.ops"):
        ends = (*sizes, dim)
        return [None if a is None or b is None else b - a for a, b in zip((0, *sizes), ends)]
    known = [size for size in sizes if isinstance(size, int) and size >= 0]
    if isinstance(dim, int) and len(known) == len(sizes) and sum(known) != dim:
        return Mismatch(f"pieces of {sum(known)} together do not fill {dim}", None, dim, sum(known))
    rest = dim - sum(known) if isinstance(dim, int) and len(known) == len(sizes) - 1 else None
    return [rest if size == -1 else size for size in sizes]


def unstack(call: Call) -> Result | None:
    """The tensors along an axis one by one."""
    found = first(call)
    axis = number(call, pick(call, 2, "axis"), 0)
    rank = None if found is None else found.shape.rank
    if found is None or axis is None or rank is None:
        return None
    if not -rank <= axis < rank:
        return Result(no_axis(axis, rank))
    dim, count = found.shape.dims[axis], number(call, pick(call, 1, "num"))
    if dim is None and pick(call, 1, "num") is None:
        return Result(Mismatch(f"it is not known how many tensors there are along axis {axis}", axis))
    pieces = dim if isinstance(dim, int) else count
    if pieces is None or not 0 <= pieces <= MAX_PIECES:
        return None
    return Result((found.shape.drop(axis),) * pieces, found.dtype, found.range)


def gather(call: Call) -> Result | None:
    """The places of an axis that the indices tell."""
    found, places = (
        operand(call, pick(call, 0, "params", "x", "reference")),
        operand(call, pick(call, 1, "indices", "ids")),
    )
    is_take = member(call) == "take"
    axis = number(call, pick(call, 2, "axis") if is_take else call.keywords.get("axis"), None if is_take else 0)
    skipped = number(call, call.keywords.get("batch_dims"), 0)
    if found is None or places is None or axis is None or skipped is None or skipped < 0:
        return None
    rank = found.shape.rank
    if rank is not None and not -rank <= axis < rank and is_take:
        return Result(no_axis(axis, rank))
    if rank is None or not places.shape.exact or not -rank <= axis < rank:
        return Result(UNKNOWN_SHAPE, found.dtype)
    axis %= rank
    dims = found.shape.dims[:axis] + places.shape.dims[skipped:] + found.shape.dims[axis + 1 :]
    return Result(Shape(dims), found.dtype)


def top_k(call: Call) -> Result | None:
    """The greatest along the last axis, and their places."""
    found = first(call)
    count = call.dim(pick(call, 1, "k")) if pick(call, 1, "k") is not None else 1
    if found is None or count is None or not found.shape.dims:
        return None
    shape = found.shape.with_axis(-1, count)
    return Result((shape, shape), found.dtype)


def one_hot(call: Call) -> Result | None:
    """A new axis with a 1 at the place that the index tells; an index outside gives zeros."""
    found = operand(call, pick(call, 0, "indices", "x"))
    depth = call.dim(pick(call, 1, "depth", "num_classes"))
    axis = number(call, call.keywords.get("axis") or (pick(call, 2) if package(call) == "keras.ops" else None), -1)
    if found is None:
        return None
    shape = found.shape.insert(axis, depth if depth is not None else call.symbol("depth")) if axis is not None else None
    inside = found.range is not None and found.range.low is not None and found.range.low >= 0
    high = found.range.high if found.range is not None else None
    sure = inside and isinstance(depth, int) and high is not None and high < depth and axis == -1
    values = Range(0, 1, integral=True, one_hot=sure)
    return Result(shape or UNKNOWN_SHAPE, dtype_of(call.keywords.get("dtype"), "float32"), values)
