"""numpy: arithmetic, comparisons, elementwise functions, reductions and products."""

from __future__ import annotations

import math
from collections.abc import Callable

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, Foreign, Unknown, Value, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, axes_of, by_name, flag, whole
from lstmlint.libraries.arrays import (
    DATAFRAME,
    NDARRAY,
    SERIES,
    TENSOR,
    Array,
    Range,
    alike,
    as_array,
    derive,
    element,
    identity,
    is_predicted,
    mark_predicted,
    operand,
    unranked,
)
from lstmlint.libraries.dtypes import NUMBERS, is_integer, is_numeric, promote
from lstmlint.libraries.numpy_shapes import size_of
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.operations import Mismatch, broadcast, matmul, reduce
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape, same
from lstmlint.trace import Crossed

#: Elementwise functions of one array, and the dtype of the result (None: that of the argument, or a number).
_UNARY: dict[str, str | None] = by_name(
    ("sin cos tan arcsin arccos arctan sinh cosh tanh exp exp2 expm1 log log2 log10 log1p sqrt cbrt", "float64"),
    ("deg2rad rad2deg radians degrees sinc real imag angle reciprocal", "float64"),
    ("abs fabs square negative positive sign round around round_ rint floor ceil trunc fix clip", None),
    ("conj conjugate invert unwrap", None),
    ("isnan isinf isfinite isneginf isposinf logical_not isreal signbit", "bool"),
)

#: Elementwise functions of two arrays (None: the dtype that holds both).
_BINARY: dict[str, str | None] = by_name(
    ("add subtract multiply power mod remainder fmod maximum minimum fmax fmin floor_divide", None),
    ("bitwise_and bitwise_or bitwise_xor left_shift right_shift copysign heaviside", None),
    ("divide true_divide arctan2 hypot logaddexp float_power", "float64"),
    ("equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor isclose", "bool"),
)


# --- elementwise -----------------------------------------------------------------------------------------------------


def kind_of(left: Array, right: Array) -> str:
    """The class of `left op right`: frames and tensors absorb plain arrays, a frame a series."""
    for kind in (TENSOR, DATAFRAME, SERIES):
        if kind in (left.kind, right.kind):
            return kind
    return left.kind


def combine(call: Call, left: Array, right: Array, dtype: str | None) -> Array:
    """The array of an elementwise operation on two."""
    kind = kind_of(left, right)
    first, second = (left, right) if left.kind == kind else (right, left)
    if second.shape == Shape(()):
        return alike(call, first, dtype=dtype, kind=kind)
    if first.shape == Shape(()):
        return alike(call, second, dtype=dtype, kind=kind)
    if identity(left) == identity(right):
        return alike(call, first, dtype=dtype, kind=kind)
    if kind in (DATAFRAME, SERIES) and left.kind in (DATAFRAME, SERIES) and right.kind in (DATAFRAME, SERIES):
        return _aligned(call, first, second, dtype)
    shape = broadcast(left.shape, right.shape)
    rank = first.shape.rank
    if kind in (DATAFRAME, SERIES) and isinstance(shape, Shape) and shape.rank != rank:
        shape = UNKNOWN_SHAPE
    return derive(call, first, shape, dtype=dtype, kind=kind, columns=first.columns)


def _aligned(call: Call, first: Array, second: Array, dtype: str | None) -> Array:
    """Two frames or series meet by their labels: of the same shape only where these are surely the same.

    A series meets the columns of a frame.
    """
    met = Shape(first.shape.dims[1:]) if len(second.shape.dims) < len(first.shape.dims) else first.shape
    if same(met, second.shape) is Answer.YES:
        return alike(call, first, dtype=dtype)
    rank = max(len(first.shape.dims), len(second.shape.dims))
    return derive(call, first, Shape(tuple(call.symbol(f"{{}}.shape[{i}]") for i in range(rank))), dtype=dtype)


def arithmetic_dtype(op: str, left: str | None, right: str | None) -> str | None:
    """The dtype of an arithmetic result; of a text file's column it is a number."""
    if op in ("/", "divide", "true_divide"):
        return "float64" if is_numeric(left) and is_numeric(right) else promote(left, right)
    if left == right == "bool" and op not in ("&", "|", "^"):
        return "int64"
    return promote(left, right)


@model("numpy.ndarray.__binary__")  # type: ignore[type-var]
def binary(call: Call, left: Value, op: Value, right: Value) -> Value | None:
    """`left op right` with broadcasting; `@` is the matrix product.  None: left to the right operand."""
    if _stranger(right):
        return None
    arrays = as_array(call, left), as_array(call, right)
    first, second = arrays
    if first is None or second is None or _stranger(left) or _stranger(right):
        return call.unknown()
    operator = call.constant(op, "+")
    if operator != "@":
        note_crossing(call, first, second)
    if operator == "@":
        return product(call, first, second, matmul(first.shape, second.shape))
    made = combine(call, first, second, arithmetic_dtype(operator, first.dtype, second.dtype))
    if second.shape == Shape(()) and is_predicted(call, first):
        mark_predicted(call, made)  # scaled back
    if isinstance(left, Array) and isinstance(right, Const) and left.shape == made.shape:
        # A number does not widen the array's own dtype; a division gives floats.
        dtype = first.dtype if operator != "/" and isinstance(right.value, int) else made.dtype
        made = replace(made, range=_held(range_after(first.range, operator, right.value), dtype))
    return number_or_array(call, made, left, right)


def note_crossing(call: Call, first: Array, second: Array) -> None:
    """Leave in the trace that a column of predictions and a vector of as many numbers are put together."""
    for column, vector in ((first, second), (second, first)):
        if not {column.kind, vector.kind} <= {NDARRAY, TENSOR} or not is_predicted(call, column):
            continue
        if column.shape.rank == 2 and vector.shape.rank == 1 and column.shape.dims[1] == 1:
            rows, length = column.shape.dims[0], vector.shape.dims[0]
            if rows is not None and length is not None and rows != 1 and equal(rows, length) is Answer.YES:
                call.record(Crossed(column.shape, vector.shape, column.site))


def range_after(values: Range | None, operator: str, number: object) -> Range | None:
    """The limits of an array after one operation with a number; None where they are not followed."""
    if values is None or isinstance(number, bool) or not isinstance(number, (int, float)) or math.isnan(number):
        return None
    whole = values.integral and isinstance(number, int)
    if operator == "%" and whole and number > 0:
        wide = values.spans is not None and values.spans[1] - values.spans[0] >= 15 * number
        return Range(0, number - 1, integral=True, spans=(0, number - 1) if wide else None)
    steps: dict[str, Callable[[float], float]] = {
        "+": lambda v: v + number, "-": lambda v: v - number, "*": lambda v: v * number, "/": lambda v: v / number,
    }  # fmt: skip
    step = steps.get(operator)
    if step is None or (operator in "*/" and number <= 0):
        return None
    low, high = (None if limit is None else step(limit) for limit in (values.low, values.high))
    spans = None if values.spans is None else (step(values.spans[0]), step(values.spans[1]))
    return Range(low, high, whole and operator != "/", reached=values.reached, spans=spans)


def _held(values: Range | None, dtype: str | None) -> Range | None:
    """The limits, None where numbers of this dtype may run over (`uint8` begins again behind 255)."""
    if values is None or dtype is None or not is_integer(dtype):
        return values if dtype is not None else None
    bits = int("".join(filter(str.isdigit, dtype)) or 64)
    least, most = (0, 2**bits - 1) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    fits = values.low is not None and values.high is not None and least <= values.low <= values.high <= most
    return values if fits else None


def _stranger(value: Value) -> bool:
    """A value of another library, which takes the operation over."""
    return isinstance(value, Foreign) and not isinstance(value, Array)


def number_or_array(call: Call, made: Array, *operands: Value) -> Value:
    """A result of rank 0 as the number that it is."""
    return element(call, made) if made.shape == Shape(()) and is_numeric(made.dtype) else made


@model("numpy.ndarray.__unary__")
def unary(call: Call, value: Value, op: Value) -> Value:
    """`-x`, `+x`, `~x`."""
    found = operand(call, value)
    return alike(call, found)


@model("numpy.ndarray.__compare__")  # type: ignore[type-var]
def compare(call: Call, left: Value, op: Value, right: Value) -> Value | None:
    """An array of bools.  None: left to the right operand."""
    if _stranger(right):
        return None
    first, second = as_array(call, left), as_array(call, right)
    array = first if isinstance(left, Array) else second
    if array is None or _stranger(left) or _stranger(right):
        return call.unknown()
    if first is None or second is None:  # against a str or another single object
        return alike(call, array, dtype="bool")
    if array.kind == SERIES and isinstance(right if array is first else left, Unknown):
        return alike(call, array, dtype="bool")  # pandas compares a series with what has as many elements or is one
    note_crossing(call, first, second)
    made = combine(call, first, second, "bool")
    if is_predicted(call, first) and second.shape == Shape(()):
        mark_predicted(call, made)  # `model.predict(x) > 0.5` has an answer for each row
    return call.unknown(number="int") if made.shape == Shape(()) else made  # one bool, which counts as 0 or 1


@model(
    *(f"numpy.{name}" for name in _UNARY),
    *(f"numpy.ndarray.{name}" for name in ("round", "clip", "conj", "conjugate")),
    "scipy.special.expit", "scipy.special.softmax", "scipy.special.logit",
)  # fmt: skip
def elementwise(call: Call, x: Value | None = None, a: Value | None = None) -> Value:
    """A function of each element."""
    value = x if x is not None else a
    found = operand(call, value)
    if _stranger(value) if value is not None else False:
        return call.unknown()
    dtype = _UNARY.get(member(call), "float64") or found.dtype
    if dtype is not None and not is_numeric(dtype):
        dtype = NUMBERS
    if value is not None and not isinstance(value, Array) and found.shape == Shape(()):
        name = f"{member(call)}({found.name})"  # the same function of the same number is the same number
        return Unknown((call.name, value.key), name, "int" if is_integer(dtype) else "float")
    return number_or_array(call, alike(call, found, dtype=dtype))


@model(*(f"numpy.{name}" for name in _BINARY))
def elementwise_binary(call: Call, x1: Value | None = None, x2: Value | None = None) -> Value:
    """A function of the elements of two arrays, with broadcasting."""
    first, second = operand(call, x1), operand(call, x2)
    note_crossing(call, first, second)
    name = member(call)
    dtype = _BINARY[name] or arithmetic_dtype(name, first.dtype, second.dtype)
    return number_or_array(call, combine(call, first, second, dtype))


@model("numpy.where")
def where(call: Call, condition: Value | None = None, x: Value | None = None, y: Value | None = None) -> Value:
    """`np.where(c)` gives one index array for each axis; `np.where(c, x, y)` broadcasts the three."""
    found = operand(call, condition)
    if x is None or y is None:
        return indices(call, found)
    first, second = as_array(call, x), as_array(call, y)
    texts = first is None or second is None
    made = found
    for other in (first, second):
        made = combine(call, made, other, None) if other is not None else made
    values = None
    if first is not None and second is not None and first.range is not None and second.range is not None:
        values = _covering(first.range, second.range)
    dtype = "str" if texts else promote(first.dtype, second.dtype) if first is not None and second is not None else None
    kept = made.shape.exact and made.shape.dims
    return alike(call, made, kind=NDARRAY, dtype=dtype, range=values if kept else None, columns=None)


def _covering(a: Range, b: Range) -> Range:
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    spans = None if low is None or high is None or a.low != a.high or b.low != b.high else (low, high)
    return Range(low, high, a.integral and b.integral, spans=spans)


def indices(call: Call, found: Array) -> Value:
    """The places of the true elements: one array of rank 1 for each axis."""
    rank = found.shape.rank
    if rank is None:
        return call.unknown()
    count = call.symbol("count")
    return tuple_of(*(derive(call, found, Shape((count,)), kind=NDARRAY, dtype="int64") for _ in range(max(rank, 1))))


@model("numpy.nonzero", method="numpy.ndarray.nonzero")
def nonzero(call: Call, a: Value | None = None) -> Value:
    """As `np.where` with one argument."""
    return indices(call, operand(call, a))


@model("numpy.argwhere", "numpy.flatnonzero")
def argwhere(call: Call, a: Value | None = None) -> Value:
    """The places of the true elements: a row for each, or its place in a flat array."""
    found = operand(call, a)
    flat = call.name.endswith("flatnonzero")
    if found.shape.rank is None and not flat:
        return call.unknown()
    shape = Shape((call.symbol("len({})"), *(() if flat else (found.shape.rank,))))
    return derive(call, found, shape, kind=NDARRAY, dtype="int64")


@model(
    "numpy.vectorize", "numpy.frompyfunc", "numpy.poly1d", "numpy.piecewise", "numpy.select",
)  # fmt: skip
def opaque(call: Call, *args: Value) -> Value:
    """Not followed."""
    return call.unknown()


@model("numpy.apply_along_axis")
def apply_along_axis(
    call: Call, func1d: Value | None = None, axis: Value | None = None, arr: Value | None = None
) -> Value:
    """What a function makes of each row along an axis stands in the place of that axis.

    Shapes: arr (a, n, b) and a result (m,) -> (a, m, b); a number as the result -> (a, b).
    """
    found = operand(call, arr)
    place, rank = whole(axis, 0), found.shape.rank
    plain = len(call.args) + len(call.keywords) == 3 and not call.open_args and not call.open_keywords
    if func1d is None or not plain or not isinstance(place, int) or rank is None or not -rank <= place < rank:
        return call.unknown()
    place %= rank
    row = derive(call, found, Shape((found.shape.dims[place],)), kind=NDARRAY)
    result = call.interpreter.state.resolve(call.call(func1d, row))
    made = as_array(call, result) if not isinstance(result, Unknown) or result.number is not None else None
    if made is None or made.shape.rank is None:
        return call.unknown()
    dims = (*found.shape.dims[:place], *made.shape.dims, *found.shape.dims[place + 1 :])
    return derive(call, found, Shape(dims), kind=NDARRAY, dtype=made.dtype)


# --- products --------------------------------------------------------------------------------------------------------


def product(call: Call, first: Array, second: Array, shape: Shape | Mismatch) -> Value:
    """The array of a matrix product."""
    kind = NDARRAY if {first.kind, second.kind} <= {NDARRAY} else kind_of(first, second)
    made = derive(call, first, shape, kind=kind, dtype=promote(first.dtype, second.dtype))
    return element(call, made) if made.shape == Shape(()) else made


@model("numpy.matmul")
def matmul_model(call: Call, x1: Value | None = None, x2: Value | None = None) -> Value:
    """The matrix product."""
    first, second = operand(call, x1), operand(call, x2)
    return product(call, first, second, matmul(first.shape, second.shape))


@model("numpy.dot", method="numpy.ndarray.dot")
def dot(call: Call, a: Value | None = None, b: Value | None = None) -> Value:
    """The sum over the last axis of `a` and the last but one of `b`; with a number the plain product."""
    first, second = operand(call, a), operand(call, b)
    if Shape(()) in (first.shape, second.shape):
        return combine(call, first, second, promote(first.dtype, second.dtype))
    if first.shape.rank is None or second.shape.rank is None or second.shape.rank <= 2:
        return product(call, first, second, matmul(first.shape, second.shape))
    left, right = first.shape.dims, second.shape.dims
    return product(call, first, second, Shape((*left[:-1], *right[:-2], right[-1])))


@model("numpy.outer")
def outer(call: Call, a: Value | None = None, b: Value | None = None) -> Value:
    """All products of two rows."""
    first, second = operand(call, a), operand(call, b)
    return derive(call, first, Shape((size_of(first), size_of(second))), kind=NDARRAY)


@model("numpy.einsum")
def einsum(call: Call, subscripts: Value | None = None, *operands: Value) -> Value:
    """`"ij,jk->ik"`: the dims of the letters.

    Unknown: subscripts with dots.
    """
    text = call.constant(subscripts)
    if not isinstance(text, str) or "." in text:
        return unranked(call)
    inputs, arrow, output = text.replace(" ", "").partition("->")
    sizes: dict[str, Dim] = {}
    arrays = [operand(call, value) for value in operands]
    for letters, array in zip(inputs.split(","), arrays):
        if array.shape.exact and len(array.shape.dims) == len(letters):
            sizes.update({letter: dim for letter, dim in zip(letters, array.shape.dims) if dim is not None})
    if not arrow:
        output = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))
    if not arrays:
        return unranked(call)
    return derive(
        call, arrays[0], Shape(tuple(sizes[x] if x in sizes else call.symbol(x) for x in output)), kind=NDARRAY
    )


@model("numpy.linalg.norm")
def norm(call: Call, x: Value | None = None, ord: Value | None = None, axis: Value | None = None) -> Value:
    """A reduction."""
    axes = axes_of(call, axis)
    keep = flag(call, call.keywords.get("keepdims"))
    if axes is UNCLEAR or keep is UNCLEAR:
        return call.unknown()
    found = operand(call, x)
    made = derive(call, found, reduce(found.shape, axes, bool(keep)), kind=NDARRAY, dtype="float64")
    return element(call, made) if made.shape == Shape(()) else made


@model("numpy.allclose", "numpy.array_equal", "numpy.isscalar")
def judged(call: Call, a: Value | None = None, b: Value | None = None) -> Value:
    """A bool that is not known."""
    return call.unknown()


@model("numpy.float32", "numpy.float64", "numpy.float16", "numpy.int32", "numpy.int64", "numpy.int8", "numpy.int16",
       "numpy.uint8",
       "numpy.float_", "numpy.int_", "numpy.float", "numpy.int", "numpy.double", "numpy.bool_")  # fmt: skip
def scalar_type(call: Call, value: Value | None = None) -> Value:
    """A number, or an array, of that dtype."""
    name = member(call)
    if value is None or isinstance(value, Const) and isinstance(value.value, str):
        return call.unknown(number="int" if is_integer(name.rstrip("_")) else "float")
    dim = call.dim(value)
    if dim is not None and name.startswith("int"):
        return call.integer(dim)
    found = operand(call, value)
    dtype = {
        "float_": "float64",
        "int_": "int64",
        "bool_": "bool",
        "double": "float64",
        "float": "float64",
        "int": "int64",
    }.get(name, name)
    made = alike(call, found, dtype=dtype)
    return number_or_array(call, made)
