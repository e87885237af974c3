"""Operations on tensors: of `tf`, `tf.math`, `tf.nn`, `keras.ops` and `keras.backend`, which mean the same things.

`OPERATIONS` lists them by their last name; `family` finds them in any of the modules.
"""

from __future__ import annotations

from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.values import NONE, Const, External, Sequence, Value, from_dim, tuple_of, unknown
from lstmlint.libraries.array_arguments import UNCLEAR, axes_of, flag, given, shape_argument
from lstmlint.libraries.arrays import NDARRAY, TENSOR, Range, alike, as_array, element, make
from lstmlint.libraries.dtypes import dtype_of, is_numeric
from lstmlint.libraries.numpy_shapes import squeezed
from lstmlint.libraries.registry import model
from lstmlint.libraries.tensor_operands import (
    common_dtype,
    emit,
    first,
    number,
    operand,
    operands,
    package,
    pick,
)
from lstmlint.shapes.dims import Dim, ceil_div
from lstmlint.shapes.operations import broadcast, concatenate, matmul, reduce
from lstmlint.shapes.operations import reshape as reshaped
from lstmlint.shapes.operations import stack as stacked
from lstmlint.shapes.operations import transpose as transposed
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

CONSTANTS: dict[str, Value] = {"tensorflow.newaxis": NONE}
BASES = {TENSOR: NDARRAY, "tensorflow.Variable": TENSOR}

_MODULES = frozenset({
    "tensorflow", "tensorflow.math", "tensorflow.nn", "tensorflow.linalg", "tensorflow.compat.v1", "keras.ops",
    "keras.ops.numpy", "keras.ops.nn", "keras.backend", "keras.activations", "keras.src.ops", "tensorflow.random",
    "keras.random",
})  # fmt: skip

# --- elementwise -----------------------------------------------------------------------------------------------------

_UNARY = frozenset({
    "abs", "acos", "asin", "atan", "ceil", "clip", "clip_by_value", "cos", "cosh", "cumsum", "cumprod", "digamma",
    "dropout", "elu", "erf", "exp", "expm1", "flip", "floor", "gelu", "hard_sigmoid", "hard_silu", "identity",
    "l2_normalize", "leaky_relu", "lgamma", "linear", "log", "log1p", "log_sigmoid", "log_softmax", "mish", "negative",
    "ones_like", "reciprocal", "relu", "relu6", "reverse", "roll", "round", "rsqrt", "selu", "sigmoid", "sign",
    "silu", "sin", "sinh", "softmax", "softplus", "softsign", "sort", "sqrt", "square", "stop_gradient", "swish", "tan",
    "tanh", "zeros_like", "shuffle",
})  # fmt: skip
_TESTS = frozenset({"is_nan", "is_inf", "is_finite", "isnan", "isinf", "isfinite", "logical_not"})
_BINARY = frozenset({
    "add", "divide", "floordiv", "floormod", "maximum", "minimum", "mod", "multiply", "multiply_no_nan", "pow",
    "power", "squared_difference", "subtract", "true_divide", "truediv",
})  # fmt: skip
_COMPARISONS = frozenset({
    "equal", "greater", "greater_equal", "less", "less_equal", "logical_and", "logical_or", "not_equal",
})  # fmt: skip


def elementwise(call: Call, *args: Value) -> Value:
    """A function of each element."""
    found = first(call)
    if found is None:
        return call.unknown()
    member = call.name.rpartition(".")[2]
    dtype = "bool" if member in _TESTS else dtype_of(call.keywords.get("dtype"), found.dtype)
    return emit(call, [found], found.shape, dtype)


def binary(call: Call, *args: Value) -> Value:
    """A function of the elements of two tensors, with broadcasting."""
    left, right = operand(call, pick(call, 0, "x", "x1")), operand(call, pick(call, 1, "y", "x2"))
    if left is None or right is None:
        return call.unknown()
    dtype = "bool" if call.name.rpartition(".")[2] in _COMPARISONS else common_dtype([left, right])
    return emit(call, [left, right], broadcast(left.shape, right.shape), dtype)


def where(call: Call, *args: Value) -> Value:
    """One of two tensors for each element; with a condition alone the places where it holds."""
    condition = operand(call, pick(call, 0, "condition"))
    x, y = operand(call, pick(call, 1, "x", "x1")), operand(call, pick(call, 2, "y", "x2"))
    if condition is None or x is None or y is None:
        return call.unknown()
    shape = broadcast(x.shape, y.shape)
    if isinstance(shape, Shape):
        shape = broadcast(condition.shape, shape)
    return emit(call, [condition, x, y], shape, common_dtype([x, y]))


def cast(call: Call, *args: Value) -> Value:
    """The same with another dtype."""
    found = first(call)
    if found is None:
        return call.unknown()
    values = found.range
    return emit(call, [found], found.shape, dtype_of(pick(call, 1, "dtype")), values)


# --- reductions ------------------------------------------------------------------------------------------------------

_REDUCTIONS = frozenset({
    "all", "any", "euclidean_norm", "logsumexp", "max", "mean", "min", "prod", "std", "sum", "var", "variance",
    "average", "median", "count_nonzero",
})  # fmt: skip


def reduction(call: Call, *args: Value) -> Value:
    """A number for each place along the axes that stay."""
    found = first(call)
    if found is None:
        return call.unknown()
    axes = axes_of(call, pick(call, 1, "axis", "reduction_indices"))
    keep = flag(call, pick(call, 2, "keepdims", "keep_dims"))
    dtype = "int64" if call.name.endswith("count_nonzero") else found.dtype
    if axes is UNCLEAR or keep is UNCLEAR:
        return emit(call, [found], UNKNOWN_SHAPE, dtype)
    return emit(call, [found], reduce(found.shape, axes, bool(keep)), dtype)


def arg_extreme(call: Call, *args: Value) -> Value:
    """The place of the greatest or least along an axis (by default 0 in `tf`, the last in `K`, all in `keras.ops`)."""
    found = first(call)
    axis = pick(call, 1, "axis", "dimension")
    if found is None or (axis is None and package(call) == "keras.ops"):
        return call.unknown()
    axes = axes_of(call, axis, -1 if package(call) == "keras.backend" else 0)
    if axes is UNCLEAR or axes is None:
        return emit(call, [found], UNKNOWN_SHAPE, "int64")
    dim = found.shape.axis(axes[0])
    values = Range(0, dim - 1 if isinstance(dim, int) else None, integral=True)
    keep = flag(call, call.keywords.get("keepdims")) is True
    return emit(call, [found], reduce(found.shape, axes[0], keep), "int64", values)


# --- the same elements -----------------------------------------------------------------------------------------------


def reshape(call: Call, *args: Value) -> Value:
    """Same elements, new dims, one of which may be -1."""
    found = first(call)
    if found is None:
        return call.unknown()
    target = pick(call, 1, "shape", "newshape")
    dims = call.dims(target)
    if dims is None:
        return emit(call, [found], UNKNOWN_SHAPE, found.dtype)
    named = [call.symbol(f"{{}}.shape[{axis}]") if dim is None else dim for axis, dim in enumerate(dims)]
    return emit(call, [found], reshaped(found.shape, named), found.dtype, found.range)


def flatten(call: Call, *args: Value) -> Value:
    """All elements in a row (`batch_flatten`: of each sample)."""
    found = first(call)
    if found is None:
        return call.unknown()
    target: list[Dim] = [-1]
    if call.name.endswith("batch_flatten"):
        rest = Shape(found.shape.dims[1:]).size if found.shape.exact and found.shape.dims else None
        dims = (found.shape.dims[0], rest) if found.shape.exact and found.shape.dims else None
        return emit(call, [found], UNKNOWN_SHAPE if dims is None else Shape(dims), found.dtype)
    return emit(call, [found], reshaped(found.shape, target), found.dtype)


def expand_dims(call: Call, *args: Value) -> Value:
    """A new axis of size 1."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "axis", "dim"), -1)
    if found is None:
        return call.unknown()
    if axes is UNCLEAR or axes is None or len(axes) != 1:
        return emit(call, [found], UNKNOWN_SHAPE, found.dtype)
    return emit(call, [found], found.shape.insert(axes[0], 1), found.dtype, found.range)


def squeeze(call: Call, *args: Value) -> Value:
    """Without axes of size 1."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "axis", "squeeze_dims"))
    if found is None:
        return call.unknown()
    shape = UNKNOWN_SHAPE if axes is UNCLEAR else squeezed(found.shape, axes)
    return emit(call, [found], shape, found.dtype, found.range)


def transpose(call: Call, *args: Value) -> Value:
    """The axes in another order; without one in reverse."""
    found = first(call)
    axes = axes_of(call, pick(call, 1, "perm", "axes", "pattern"))
    if found is None:
        return call.unknown()
    shape = UNKNOWN_SHAPE if axes is UNCLEAR else transposed(found.shape, axes)
    return emit(call, [found], shape, found.dtype, found.range)


def swapaxes(call: Call, *args: Value) -> Value:
    """Two axes exchanged."""
    found = first(call)
    rank = None if found is None else found.shape.rank
    places = [number(call, pick(call, place, f"axis{place}")) for place in (1, 2)]
    known = [place for place in places if place is not None and rank is not None and -rank <= place < rank]
    if found is None or rank is None or len(known) < 2:
        return call.unknown()
    order = list(range(rank))
    order[known[0]], order[known[1]] = order[known[1]], order[known[0]]
    return emit(call, [found], transposed(found.shape, order), found.dtype)


def tile(call: Call, *args: Value) -> Value:
    """Copies side by side: dims times repetitions."""
    found = first(call)
    counts = call.dims(pick(call, 1, "multiples", "repeats", "n"))
    if found is None:
        return call.unknown()
    if counts is None or not found.shape.exact or len(counts) != len(found.shape.dims):
        return emit(call, [found], UNKNOWN_SHAPE, found.dtype)
    return emit(call, [found], Shape(tuple(map(_times, found.shape.dims, counts))), found.dtype, found.range)


def _times(dim: Axis, count: Dim | None) -> Axis:
    return None if dim is None or count is None else dim * count


def repeat(call: Call, *args: Value) -> Value:
    """Each element `repeats` times along an axis.  `K.repeat` of a matrix: rows as time steps, as RepeatVector does."""
    found = first(call)
    count = call.dim(pick(call, 1, "repeats", "n", "rep"))
    axis = number(call, pick(call, 2, "axis"))
    if found is None:
        return call.unknown()
    if package(call) == "keras.backend" and call.name.endswith("repeat") and found.shape.rank == 2:
        return emit(call, [found], found.shape.insert(1, count), found.dtype)
    old = found.shape.axis(axis) if axis is not None else None
    if axis is None or not isinstance(old, (int, type(count))):
        return emit(call, [found], UNKNOWN_SHAPE, found.dtype)
    return emit(call, [found], found.shape.with_axis(axis, _times(old, count)), found.dtype, found.range)


def pad(call: Call, *args: Value) -> Value:
    """Edges added: a pair of numbers for each axis."""
    found = first(call)
    pairs = call.items(pick(call, 1, "paddings", "pad_width"))
    if found is None:
        return call.unknown()
    edges = [call.dims(pair) for pair in pairs or ()]
    if not found.shape.exact or pairs is None or len(edges) != len(found.shape.dims):
        return emit(call, [found], UNKNOWN_SHAPE, found.dtype)
    return emit(call, [found], Shape(tuple(map(_padded, found.shape.dims, edges))), found.dtype)


def _padded(dim: Axis, edges: tuple[Dim | None, ...] | None) -> Axis:
    if dim is None or edges is None or len(edges) != 2 or edges[0] is None or edges[1] is None:
        return None
    return dim + edges[0] + edges[1]


# --- several tensors -------------------------------------------------------------------------------------------------


def concat(call: Call, *args: Value) -> Value:
    """Tensors put after one another along an axis (by default the last in `K`, the first in `keras.ops`)."""
    parts = operands(call, pick(call, 0, "values", "tensors", "xs"))
    default = -1 if package(call) == "keras.backend" else 0
    axis = number(call, pick(call, 1, "axis", "concat_dim"), default)
    if parts is None:
        return call.unknown()
    shape = UNKNOWN_SHAPE if axis is None else concatenate([one.shape for one in parts], axis)
    return emit(call, parts, shape, common_dtype(parts))


def stack(call: Call, *args: Value) -> Value:
    """Tensors of one shape along a new axis."""
    parts = operands(call, pick(call, 0, "values", "x"))
    axis = number(call, pick(call, 1, "axis"), 0)
    if parts is None:
        return call.unknown()
    shape = UNKNOWN_SHAPE if axis is None else stacked([one.shape for one in parts], axis)
    return emit(call, parts, shape, common_dtype(parts))


#: Pieces of a split that are listed one by one.
_MAX_PIECES = 64


def split(call: Call, *args: Value) -> Value:
    """Pieces of equal size, or of the sizes given."""
    found = first(call)
    sections = pick(call, 1, "num_or_size_splits", "indices_or_sections", "num_split")
    axis = number(call, pick(call, 2, "axis"), 0)
    if found is None or axis is None or package(call).startswith("keras"):
        return call.unknown()
    count, sizes = number(call, sections), call.items(sections) if sections is not None else None
    dim = found.shape.axis(axis)
    if count is not None and 0 < count <= _MAX_PIECES:
        each = dim // count if isinstance(dim, Dim) else None
        lengths: list[Dim | None] = [each] * count
    elif sizes is not None:
        lengths = [None if size == Const(-1) else call.dim(size) for size in sizes]
    else:
        return call.unknown()
    return call.new_list(emit(call, [found], found.shape.with_axis(axis, n), found.dtype, found.range) for n in lengths)


def unstack(call: Call, *args: Value) -> Value:
    """The tensors along an axis one by one."""
    found = first(call)
    axis = number(call, pick(call, 2, "axis"), 0)
    count = None if found is None or axis is None else found.shape.axis(axis)
    if found is None or axis is None or not isinstance(count, int) or count > _MAX_PIECES:
        return call.unknown()
    return call.new_list(emit(call, [found], found.shape.drop(axis), found.dtype, found.range) for _ in range(count))


def gather(call: Call, *args: Value) -> Value:
    """The places of an axis that the indices tell."""
    found, places = operand(call, pick(call, 0, "params", "x", "reference")), operand(call, pick(call, 1, "indices"))
    axis = number(call, call.keywords.get("axis"), 0)
    if found is None or places is None or axis is None or "batch_dims" in call.keywords:
        return call.unknown()
    rank = found.shape.rank
    if rank is None or not places.shape.exact or not -rank <= axis < rank:
        return emit(call, [found, places], UNKNOWN_SHAPE, found.dtype)
    axis %= rank
    dims = found.shape.dims[:axis] + places.shape.dims + found.shape.dims[axis + 1 :]
    return emit(call, [found, places], Shape(dims), found.dtype)


def product(call: Call, *args: Value) -> Value:
    """The matrix product."""
    left, right = operand(call, pick(call, 0, "a", "x1", "x")), operand(call, pick(call, 1, "b", "x2", "y"))
    turned = [flag(call, pick(call, place, name)) for place, name in ((2, "transpose_a"), (3, "transpose_b"))]
    if left is None or right is None:
        return call.unknown()
    if UNCLEAR in turned or package(call) == "keras.backend" and right.shape.rank != 2:
        return emit(call, [left, right], UNKNOWN_SHAPE, common_dtype([left, right]))
    a, b = (_turned(one.shape) if turn else one.shape for one, turn in zip((left, right), turned))
    return emit(call, [left, right], matmul(a, b), common_dtype([left, right]))


def _turned(shape: Shape) -> Shape:
    return Shape((*shape.dims[:-2], shape.dims[-1], shape.dims[-2])) if len(shape.dims) > 1 else shape


# --- making ----------------------------------------------------------------------------------------------------------


def convert(call: Call, *args: Value) -> Value:
    """A tensor of the data given."""
    found = first(call, "initial_value")
    if found is None:
        return call.unknown()
    dtype = dtype_of(
        pick(call, 1, "dtype") if not call.name.endswith("ariable") else call.keywords.get("dtype"), found.dtype
    )
    shape = call.keywords.get("shape")
    if shape is not None and given(shape) and not call.name.endswith("ariable"):
        return make(call, shape_argument(call, shape)[0], TENSOR, dtype)
    return emit(call, [found], found.shape, dtype, found.range)


#: Functions that fill a shape: where dtype stands among the positional arguments, and the least and greatest value.
_FILLED: dict[str, tuple[int, float | None]] = {
    "zeros": (1, 0), "ones": (1, 1), "fill": (9, None), "full": (2, None), "empty": (1, None), "normal": (3, None),
    "uniform": (3, None), "truncated_normal": (3, None), "random_normal": (3, None), "random_uniform": (3, None),
    "random_binomial": (2, None),
}  # fmt: skip


def filled(call: Call, *args: Value) -> Value:
    """A tensor of the shape given."""
    name = call.name.rpartition(".")[2]
    place, constant = _FILLED[name]
    shape = shape_argument(call, pick(call, 0, "shape", "dims", "size"))[0]
    dtype = dtype_of(pick(call, place, "dtype"), None if name in ("fill", "full") else "float32")
    values = None if constant is None else Range(constant, constant, integral=True)
    return make(call, shape, TENSOR, dtype, range=values)


def eye(call: Call, *args: Value) -> Value:
    """The identity matrix."""
    rows = call.dim(pick(call, 0, "num_rows", "size", "N"))
    columns = call.dim(pick(call, 1, "num_columns", "M")) if len(call.args) > 1 else rows
    if rows is None or columns is None:
        return make(call, Shape((call.symbol("n"), call.symbol("m"))), TENSOR, "float32")
    return make(call, Shape((rows, columns)), TENSOR, "float32", range=Range(0, 1, integral=True))


def one_hot(call: Call, *args: Value) -> Value:
    """A new axis with a 1 at the place that the index tells; an index outside gives zeros."""
    found = operand(call, pick(call, 0, "indices", "x"))
    depth = call.dim(pick(call, 1, "depth", "num_classes"))
    axis = number(call, call.keywords.get("axis"), -1)
    if found is None:
        return call.unknown()
    shape = found.shape.insert(axis, depth if depth is not None else call.symbol("depth")) if axis is not None else None
    inside = found.range is not None and found.range.low is not None and found.range.low >= 0
    high = found.range.high if found.range is not None else None
    sure = inside and isinstance(depth, int) and high is not None and high < depth and axis == -1
    values = Range(0, 1, integral=True, one_hot=sure)
    return emit(call, [found], shape or UNKNOWN_SHAPE, dtype_of(call.keywords.get("dtype"), "float32"), values)


def range_(call: Call, *args: Value) -> Value:
    """Whole numbers in a row."""
    dims = [call.dim(pick(call, place, name)) for place, name in enumerate(("start", "limit", "delta"))]
    count = sum(dim is not None for dim in dims)
    if call.open_args or count < len(call.args) or not call.args:
        return make(call, Shape((call.symbol("len({})"),)), TENSOR)
    begin, end = (0, dims[0]) if len(call.args) == 1 and dims[1] is None else (dims[0], dims[1])
    step = dims[2] if dims[2] is not None else 1
    if begin is None or end is None or step == 0:
        return make(call, Shape((call.symbol("len({})"),)), TENSOR)
    length = ceil_div(end - begin, step)
    return make(call, Shape((length,)), TENSOR, "int32", range=Range(integral=True))


# --- what is known of a tensor ---------------------------------------------------------------------------------------


def shape(call: Call, *args: Value) -> Value:
    """The dims as a tuple; a size that Keras does not know is None in `keras.ops` and else a number not known."""
    found = first(call)
    if found is None or not found.shape.exact:
        return call.unknown()
    missing = NONE if package(call) == "keras.ops" else unknown("a size", number="int")
    return tuple_of(*(missing if dim is None else from_dim(dim) for dim in found.shape.dims))


def rank(call: Call, *args: Value) -> Value:
    """The number of axes."""
    found = first(call)
    known = None if found is None else found.shape.rank
    return call.unknown(number="int") if known is None else Const(known)


def size(call: Call, *args: Value) -> Value:
    """The number of elements."""
    found = first(call)
    total = None if found is None else found.shape.size
    return call.unknown(number="int") if total is None else from_dim(total)


OPERATIONS: dict[str, Handler] = {
    **dict.fromkeys(_UNARY | _TESTS, elementwise),
    **dict.fromkeys(_BINARY | _COMPARISONS, binary),
    **dict.fromkeys(_REDUCTIONS, reduction),
    **dict.fromkeys((f"reduce_{name}" for name in _REDUCTIONS), reduction),
    **dict.fromkeys(_FILLED, filled),
    **dict.fromkeys(("argmax", "argmin", "arg_max", "arg_min"), arg_extreme),
    **dict.fromkeys(("convert_to_tensor", "constant", "Variable", "variable", "array"), convert),
    **dict.fromkeys(("concat", "concatenate"), concat),
    **dict.fromkeys(("transpose", "permute_dimensions"), transpose),
    **dict.fromkeys(("flatten", "batch_flatten"), flatten),
    **dict.fromkeys(("matmul", "dot"), product),
    **dict.fromkeys(("range", "arange"), range_),
    **dict.fromkeys(("rank", "ndim"), rank),
    **dict.fromkeys(("gather", "take"), gather),
    **dict.fromkeys(("repeat", "repeat_elements"), repeat),
    "cast": cast, "expand_dims": expand_dims, "eye": eye, "one_hot": one_hot, "pad": pad, "reshape": reshape,
    "shape": shape, "size": size, "split": split, "squeeze": squeeze, "stack": stack, "swapaxes": swapaxes, "tile": tile,
    "unstack": unstack, "where": where,
}  # fmt: skip


def family(name: str) -> Handler | Value | None:
    """The operation of that name in any of the modules that have it."""
    module, _, member = name.rpartition(".")
    return OPERATIONS.get(member) if module in _MODULES else None


# --- methods of tensors ----------------------------------------------------------------------------------------------


@model(f"{TENSOR}.numpy")
def numpy(call: Call, self: Value) -> Value:
    """The data as an ndarray, or the number that it is."""
    found = as_array(call, self)
    if found is None:
        return call.unknown()
    plain = alike(call, found, kind=NDARRAY, range=found.range)
    return element(call, plain) if plain.shape == Shape(()) and is_numeric(plain.dtype) else plain


@model(f"{TENSOR}.get_shape")
def get_shape(call: Call, self: Value) -> Value:
    return call.attribute(self, "shape")


@model("builtins.tuple.as_list")
def as_list(call: Call, self: Value) -> Value:
    """The dims of a shape as a list."""
    items = call.items(self)
    return call.unknown() if items is None else call.new_list(items)


# --- what surrounds tensors ------------------------------------------------------------------------------------------


@model("tensorflow.function", "tensorflow.autograph.experimental.do_not_convert", "tensorflow.custom_gradient")
def decorator(call: Call, func: Value | None = None) -> Value:
    """A decorator that changes no values; with options it gives one."""
    return External("functools.identity") if func is None or isinstance(func, (Const, Sequence)) else func


@model(
    "tensorflow.random.set_seed", "tensorflow.set_random_seed", "tensorflow.compat.v1.set_random_seed",
    "tensorflow.config.run_functions_eagerly", "tensorflow.compat.v1.disable_eager_execution",
    "tensorflow.compat.v1.enable_eager_execution", "tensorflow.enable_eager_execution",
    "tensorflow.config.experimental.set_memory_growth", "tensorflow.config.set_visible_devices", "tensorflow.print",
    "tensorflow.debugging.set_log_device_placement", "tensorflow.compat.v1.disable_v2_behavior",
    "tensorflow.config.experimental_run_functions_eagerly", "tensorflow.logging.set_verbosity",
    "tensorflow.compat.v1.logging.set_verbosity", f"{TENSOR}.set_shape", "tensorflow.random.set_random_seed",
)  # fmt: skip
def to_none(call: Call, *args: Value) -> Value:
    """Settings, which change no values."""
    return NONE
