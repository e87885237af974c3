"""numpy: making arrays, and their attributes.  Its other models are in the `numpy_*` modules beside this one."""

from __future__ import annotations

import math

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Sequence, Unknown, Value, tuple_of, unknown
from lstmlint.libraries.array_arguments import UNCLEAR, flag, given, parts_of, shape_argument, whole
from lstmlint.libraries.arrays import (
    NDARRAY,
    Array,
    Range,
    alike,
    as_array,
    axis_symbol,
    derive,
    element,
    identity,
    item_of,
    items_of,
    leading,
    make,
    new_name,
    operand,
    refuse_symbolic,
    unranked,
)
from lstmlint.libraries.dtypes import dtype_of, is_integer, is_numeric
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Dim, ceil_div
from lstmlint.shapes.shape import UNKNOWN_AXIS, UNKNOWN_SHAPE, Shape

CONSTANTS: dict[str, Value] = {
    "numpy.newaxis": NONE,
    "numpy.pi": Const(math.pi),
    "numpy.e": Const(math.e),
    "numpy.inf": Const(math.inf),
    "numpy.nan": Const(math.nan),
    "numpy.NaN": Const(math.nan),
    "numpy.Inf": Const(math.inf),
}

ALIASES: dict[str, str] = {
    "numpy.ascontiguousarray": "numpy.asarray",
    "numpy.asfarray": "numpy.asarray",
    "numpy.asanyarray": "numpy.asarray",
    "numpy.asfortranarray": "numpy.asarray",
    "numpy.asmatrix": "numpy.unmodelled",
    "numpy.matrix": "numpy.unmodelled",
    "numpy.concat": "numpy.concatenate",
    "numpy.absolute": "numpy.abs",
    "numpy.permute_dims": "numpy.transpose",
    "numpy.lib.stride_tricks.sliding_window_view": "numpy.sliding_window_view",
    "numpy.lib.pad": "numpy.pad",
}


# --- from other values -----------------------------------------------------------------------------------------------


@model("numpy.array", "numpy.asarray")
def array(call: Call, object: Value | None = None, dtype: Value | None = None, ndmin: Value | None = None) -> Value:
    """An ndarray of a number, nested lists, a frame or another array: of the same shape.

    Unknown: items that may not be numbers; items that may have different lengths, with `dtype=object`.
    """
    found = as_array(call, object)
    if found is None:
        refuse_symbolic(call, object)
        return make(call, Shape(()), dtype="str") if _is_str(object) else unranked(call, dtype=dtype_of(dtype))
    kind = dtype_of(dtype, found.dtype)
    if kind == "object" and not isinstance(object, Array) and not all(isinstance(d, int) for d in found.shape.dims[1:]):
        return unranked(call, dtype=kind)
    result = alike(
        call, found, kind=NDARRAY, dtype=kind, range=found.range, columns=None, name=new_name(call, found), cell=None
    )
    least = whole(ndmin, 0)
    if not isinstance(least, int):
        return unranked(call)
    missing = least - len(result.shape.dims)
    return derive(call, result, result.shape.prepend([1] * missing)) if missing > 0 else result


def _is_str(value: Value | None) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str)


@model("numpy.copy", "numpy.ndarray.copy", "numpy.require", "numpy.ndarray.__copy__", "numpy.ndarray.__deepcopy__")
def copy(call: Call, a: Value | None = None) -> Value:
    """The same array again."""
    found = operand(call, a)
    return alike(call, found, range=found.range)


@model("numpy.ndarray.astype", "numpy.ndarray.view")
def astype(call: Call, a: Value, dtype: Value | None = None) -> Value:
    """The same shape with another dtype; the limits of the values stay."""
    found = operand(call, a)
    kind = dtype_of(dtype)
    values = found.range
    if values is not None and is_integer(kind):
        values = replace(values, integral=True, reached=values.reached and values.integral)
    return alike(call, found, dtype=kind, range=values)


@model("numpy.fromiter", "numpy.frombuffer", "numpy.fromstring", "numpy.ndarray.tobytes")
def from_iterable(call: Call, iterable: Value | None = None, dtype: Value | None = None) -> Value:
    """An array of rank 1."""
    if call.name.endswith("tobytes"):
        return call.unknown()
    return make(call, Shape((call.symbol("len({})"),)), dtype=dtype_of(dtype, "float64"))


@model("numpy.ndarray.tolist")
def tolist(call: Call, a: Value) -> Value:
    """Nested lists of the numbers."""
    found = operand(call, a)
    if not found.shape.exact:
        return call.unknown()
    if not found.shape.dims:
        return element(call, found)
    items = items_of(call, found)
    if items is not None and found.shape.rank == 1:
        return call.new_sequence(Sequence("list", items, len(items)))
    return _nested_list(call, found)


def _nested_list(call: Call, found: Array) -> Value:
    item = item_of(call, found)
    if isinstance(item, Array) and len(item.shape.dims) > 0:
        item = _nested_list(call, item)
    return call.new_sequence(Sequence("list", None, found.shape.dims[0], item))


@model("numpy.ndarray.item", "numpy.asscalar")
def item(call: Call, a: Value, index: Value | None = None) -> Value:
    """One element as a Python number."""
    found = operand(call, a)
    return element(call, found) if is_numeric(found.dtype) else call.unknown()


# --- filled arrays ---------------------------------------------------------------------------------------------------

#: Values of the filled arrays.
_FILLED: dict[str, float | None] = {"zeros": 0, "ones": 1, "empty": None, "full": None}


def filled(call: Call, value: Value | None, dtype: str | None, values: Range | None = None) -> Array:
    """A new array of the shape that the argument asks for."""
    shape, whose = shape_argument(call, value)
    return make(call, shape, dtype=dtype, range=values, shape_ident=whose)


@model("numpy.zeros", "numpy.ones", "numpy.empty", "numpy.ndarray")
def zeros(call: Call, shape: Value | None = None, dtype: Value | None = None) -> Value:
    """An array of the shape given.  (Values may be changed in place later, so nothing is claimed of them.)"""
    return filled(call, shape, dtype_of(dtype, "float64"))


@model("numpy.resize")
def resize(call: Call, a: Value | None = None, new_shape: Value | None = None) -> Value:
    """An array of the shape given, filled with the elements over and over."""
    return filled(call, new_shape, operand(call, a).dtype)


@model("numpy.bincount", "numpy.polyfit")
def row(call: Call, x: Value | None = None, y: Value | None = None, deg: Value | None = None) -> Value:
    """`bincount`: how often each number occurs; `polyfit`: one coefficient more than the degree."""
    if call.name.endswith("bincount"):
        return make(call, Shape((call.symbol("len({})"),)), dtype="int64")
    if operand(call, y).shape.rank != 1 or {"full", "cov"} & call.keywords.keys():
        return call.unknown()
    degree = call.dim(deg)
    return make(call, Shape((call.symbol("len({})") if degree is None else degree + 1,)), dtype="float64")


@model("numpy.diag")
def diag(call: Call, v: Value | None = None, k: Value | None = None) -> Value:
    """A square matrix with a row on its diagonal.  (The diagonal of a matrix is not followed.)"""
    found = operand(call, v)
    if found.shape.rank != 1 or given(k):
        return (
            make(call, Shape((call.symbol("len({})"),))) if found.shape.rank == 2 else unranked(call, dtype=found.dtype)
        )
    return derive(call, found, Shape((leading(found), leading(found))))


@model("numpy.full")
def full(call: Call, shape: Value | None = None, fill_value: Value | None = None, dtype: Value | None = None) -> Value:
    """An array of the shape given, all of one value."""
    found = as_array(call, fill_value)
    return filled(call, shape, dtype_of(dtype, found.dtype if found is not None else None))


@model("numpy.zeros_like", "numpy.ones_like", "numpy.empty_like", "numpy.full_like")
def like(call: Call, a: Value | None = None, dtype: Value | None = None, shape: Value | None = None) -> Value:
    """An array of the shape of another one."""
    found = operand(call, a)
    if call.name.endswith("full_like"):
        dtype = call.keywords.get("dtype")
    kind = dtype_of(dtype, found.dtype)
    return filled(call, shape, kind) if given(shape) else alike(call, found, dtype=kind, columns=None)


@model("numpy.eye", "numpy.identity")
def eye(
    call: Call, N: Value | None = None, M: Value | None = None, dtype: Value | None = None, n: Value | None = None
) -> Value:
    """The unit matrix: its rows are one-hot."""
    rows = call.dim(N if N is not None else n)
    square = not given(M) or call.name.endswith("identity")
    columns = rows if square else call.dim(M)
    if rows is None or columns is None:
        return make(call, Shape((call.symbol("{}.shape[0]"), call.symbol("{}.shape[1]"))), dtype="float64")
    return make(
        call, Shape((rows, columns)), dtype=dtype_of(dtype, "float64"), range=Range(0, 1, integral=True, one_hot=square)
    )


@model("numpy.arange")
def arange(
    call: Call,
    start: Value | None = None,
    stop: Value | None = None,
    step: Value | None = None,
    dtype: Value | None = None,
) -> Value:
    """Numbers at equal distances.  Shapes: ((stop - start) / step rounded up,).

    That the range is not empty is taken for granted.
    """
    first, last = (start, stop) if given(stop) else (Const(0), start)
    bounds = [first or Const(0), last or Const(0), step or Const(1)]
    arrays = [as_array(call, bound) for bound in bounds]
    kind = dtype_of(dtype, "int64" if all(a is not None and is_integer(a.dtype) for a in arrays) else "float64")
    length = _arange_length(call, *bounds)
    low = call.constant(bounds[0])
    high = call.constant(bounds[1])
    values = None
    if (
        isinstance(low, int)
        and isinstance(high, int)
        and kind == "int64"
        and call.constant(bounds[2]) == 1
        and high > low
    ):
        values = Range(low, high - 1, integral=True, spans=(low, high - 1))
    return make(call, Shape((length,)), dtype=kind, range=values)


def _arange_length(call: Call, start: Value, stop: Value, step: Value) -> Dim:
    first, last, by = (call.constant(bound) for bound in (start, stop, step))
    if all(isinstance(number, (int, float)) for number in (first, last, by)) and by:
        length: float = (last - first) / by
        if math.isfinite(length):
            return max(math.ceil(length), 0)
    begin, end, stride = (call.dim(bound) for bound in (start, stop, step))
    if begin is None or end is None or not isinstance(stride, int) or stride <= 0:
        return call.symbol("len({})")
    return ceil_div(end - begin, stride)


@model("numpy.linspace", "numpy.logspace", "numpy.geomspace")
def linspace(
    call: Call,
    start: Value | None = None,
    stop: Value | None = None,
    num: Value | None = None,
    endpoint: Value | None = None,
    retstep: Value | None = None,
) -> Value:
    """Numbers at equal distances.  Shapes: (num,)."""
    count: Dim | None = 50 if num is None else call.dim(num)
    ends = [as_array(call, end) for end in (start, stop)]
    plain = all(end is not None and end.shape == Shape(()) for end in ends)
    shape = Shape((call.symbol("len({})") if count is None else count,)) if plain else UNKNOWN_SHAPE
    numbers = make(call, shape, dtype="float64")
    with_step = flag(call, retstep) if call.name.endswith("linspace") else False
    if with_step is UNCLEAR:
        return call.unknown()
    return tuple_of(numbers, call.unknown(number="float")) if with_step else numbers


@model("numpy.meshgrid")
def meshgrid(call: Call, *xi: Value, indexing: Value | None = None, sparse: Value | None = None) -> Value:
    """Coordinates of a grid.  Shapes: (n,), (m,) -> two of (m, n), with `indexing="ij"` (n, m)."""
    arrays = [operand(call, x) for x in xi]
    order = call.constant(indexing, "xy") if indexing is not None else "xy"
    known = all(len(a.shape.dims) == 1 and a.shape.exact for a in arrays)
    if not known or given(sparse) or order not in ("xy", "ij") or call.open_args:
        return call.unknown()
    dims = [a.shape.dims[0] for a in arrays]
    if order == "xy" and len(dims) > 1:
        dims[0], dims[1] = dims[1], dims[0]
    return call.new_list(derive(call, a, Shape(tuple(dims))) for a in arrays)


# --- attributes ------------------------------------------------------------------------------------------------------


class UnrankedShape(Foreign):
    """The `shape` of an array of unknown rank whose last dims are known."""

    __slots__ = ("array",)
    type_name = "numpy.UnrankedShape"

    def __init__(self, array: Array) -> None:
        self.array = array


@attribute("numpy.ndarray.shape")
def shape(call: Call, a: Value) -> Value:
    """The dims as a tuple; of unknown rank the same Unknown for every use."""
    found = operand(call, a)
    if found.shape.exact:
        dims = [axis_symbol(identity(found), found.name, i) if d is None else d for i, d in enumerate(found.shape.dims)]
        return tuple_of(*(call.integer(dim) for dim in dims))
    if found.shape.dims:
        return UnrankedShape(found)
    return Unknown(("attr", identity(found), "shape"), f"{found.name}.shape")


@model("numpy.shape")
def shape_function(call: Call, a: Value | None = None) -> Value:
    """`np.shape(x)` is `x.shape`, for lists as well."""
    return shape(call, operand(call, a))


@model("numpy.UnrankedShape.__getitem__")
def unranked_shape_item(call: Call, shape: Value, index: Value) -> Value:
    """One dim, where it is known from the end."""
    place = whole(index, 0)
    if not isinstance(place, int) or not isinstance(shape, UnrankedShape):
        return call.unknown()
    dim = shape.array.shape.axis(place)
    if dim is UNKNOWN_AXIS or dim is None:
        dim = axis_symbol(identity(shape.array), shape.array.name, place)
    assert not isinstance(dim, type(UNKNOWN_AXIS))
    return call.integer(dim)


@attribute("numpy.ndarray.ndim")
def ndim(call: Call, a: Value) -> Value:
    """The rank."""
    found = operand(call, a)
    if found.shape.rank is not None:
        return Const(found.shape.rank)
    return Unknown(("attr", identity(found), "ndim"), f"{found.name}.ndim", "int")


@attribute("numpy.ndarray.size")
def size(call: Call, a: Value) -> Value:
    """The number of elements."""
    found = operand(call, a)
    if found.shape.size is not None:
        return call.integer(found.shape.size)
    return Unknown(("attr", identity(found), "size"), f"{found.name}.size", "int")


@model("numpy.size", "numpy.ndim")
def size_function(call: Call, a: Value | None = None, axis: Value | None = None) -> Value:
    """`np.size(x)`, `np.size(x, axis)`, `np.ndim(x)`."""
    found = operand(call, a)
    if call.name.endswith("ndim"):
        return ndim(call, found)
    if not given(axis):
        return size(call, found)
    place = whole(axis, 0)
    dim = found.shape.axis(place) if isinstance(place, int) else None
    return call.unknown(number="int") if dim is None or dim is UNKNOWN_AXIS else call.integer(dim)


@attribute("numpy.ndarray.dtype")
def dtype(call: Call, a: Value) -> Value:
    """The dtype is not followed as a value."""
    return Unknown(("attr", operand(call, a).ident, "dtype"), "dtype")


@attribute("numpy.ndarray.flat")
def flat(call: Call, a: Value) -> Value:
    """The elements in a row."""
    found = operand(call, a)
    length = found.shape.size
    return Sequence("iterator", None, length, element(call, found))


@attribute("numpy.ndarray.real", "numpy.ndarray.imag")
def part(call: Call, a: Value) -> Value:
    """An array of the same shape."""
    return alike(call, operand(call, a), dtype="float64")


@model("numpy.ndarray.__len__")
def length(call: Call, a: Value) -> Value:
    """The first dim."""
    found = operand(call, a)
    if found.shape.exact and not found.shape.dims:
        return call.unknown("len", number="int")
    return call.integer(leading(found))


@model("numpy.ndarray.__iter__")
def iterate(call: Call, a: Value) -> Value:
    """The items along the first axis."""
    found = operand(call, a)
    if found.shape.exact and not found.shape.dims:
        return Sequence("iterator", None, None, unknown(f"{found.name}[…]"))
    items = items_of(call, found)
    if items is not None and found.shape.rank == 1:
        return Sequence("iterator", items, len(items))
    parts = parts_of(call, found)
    if parts is not None and not parts.alike:
        return Sequence("iterator", tuple(item_of(call, found) for _ in parts.arrays), len(parts.arrays))
    return Sequence("iterator", None, leading(found), item_of(call, found))


@model("numpy.ndarray.__truth__")
def truth(call: Call, a: Value) -> Value:
    """An array's truth is not followed."""
    return Unknown(("truth of", operand(call, a).ident), "array")


# --- files -----------------------------------------------------------------------------------------------------------


@model(
    "numpy.save", "numpy.savez", "numpy.savez_compressed", "numpy.savetxt", "numpy.set_printoptions", "numpy.seterr",
    "numpy.ndarray.fill", "numpy.ndarray.tofile", "numpy.ndarray.setflags",
    "numpy.copyto", "numpy.put", "numpy.fill_diagonal", "numpy.ndarray.partition",
)  # fmt: skip
def nothing(call: Call, *args: Value) -> Value:
    """Functions whose result is None (what they write into an array leaves its shape as it is)."""
    return NONE
