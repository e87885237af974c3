"""numpy: reductions, running sums, sorting and counting."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Ref, Sequence, Symbolic, Value, from_dim, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, axes_of, by_name, flag, given, is_size, whole
from lstmlint.libraries.arrays import (
    DATAFRAME,
    NDARRAY,
    Array,
    Range,
    alike,
    derive,
    distinct_items,
    element,
    note_items,
    operand,
)
from lstmlint.libraries.dtypes import NUMBERS, is_numeric, promote
from lstmlint.libraries.numpy_elementwise import number_or_array
from lstmlint.libraries.numpy_shapes import size_of
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim, SymbolicDim
from lstmlint.shapes.operations import Mismatch, reduce
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

#: Reductions, and the dtype of the result (None: that of the argument).
_REDUCTIONS: dict[str, str | None] = by_name(
    ("mean std var median average nanmean nanstd nanvar nanmedian", "float64"),
    ("sum prod max min amax amin nanmax nanmin nansum nanprod ptp", None),
    ("any all", "bool"),
    ("argmax argmin nanargmax nanargmin count_nonzero", "int64"),
)

#: Reductions that an ndarray has as a method.
_REDUCTION_METHODS = ("mean", "std", "var", "sum", "prod", "max", "min", "ptp", "any", "all", "argmax", "argmin")

#: Reductions whose results lie within the limits of the values.
_VALUES_KEPT = frozenset({"max", "min", "amax", "amin", "nanmax", "nanmin"})


# --- reductions ------------------------------------------------------------------------------------------------------


@model(*(f"numpy.{name}" for name in _REDUCTIONS), *(f"numpy.ndarray.{name}" for name in _REDUCTION_METHODS))
def reduction(call: Call, a: Value | None = None, axis: Value | None = None) -> Value:
    """A number for each place along the axes that stay; of sizes in a tuple or list their size."""
    name = member(call)
    total = _of_sizes(call, name, a) if name in ("prod", "sum") and not given(axis) and not call.keywords else None
    if total is not None:
        return from_dim(total)
    found = operand(call, a)
    # By keyword only: its place among the others is another for each function.
    keep = flag(call, call.keywords.get("keepdims"))
    axes = axes_of(call, axis)
    dtype = _REDUCTIONS[name] or (found.dtype if is_numeric(found.dtype) else NUMBERS)
    if name in ("sum", "nansum", "prod", "nanprod") and dtype == "bool":
        dtype = "int64"
    if keep is UNCLEAR or axes is UNCLEAR:
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY, dtype=dtype)
    shape = reduce(found.shape, axes, bool(keep))
    if isinstance(shape, Mismatch):
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY, dtype=dtype)
    made = derive(call, found, shape, kind=NDARRAY, dtype=dtype, range=_reduced_range(name, found, axes))
    return element(call, made) if shape == Shape(()) else made


def _of_sizes(call: Call, name: str, a: Value | None) -> Dim | None:
    """The product or sum of whole numbers that are known one by one (`np.prod(x.shape[1:])`)."""
    items = call.items(a) if isinstance(a, (Ref, Sequence)) else None
    dims = [call.dim(item) if isinstance(item, (Const, Symbolic)) or is_size(item) else None for item in items or ()]
    if not dims or any(dim is None for dim in dims):
        return None
    total: Dim = 1 if name == "prod" else 0
    for dim in dims:
        if dim is not None:
            total = total * dim if name == "prod" else total + dim
    return total


def _reduced_range(name: str, found: Array, axes: tuple[int, ...] | None) -> Range | None:
    if name in ("argmax", "argmin"):
        dim = found.shape.axis(axes[0]) if axes is not None else None
        return Range(0, dim - 1 if isinstance(dim, int) and dim > 0 else None, integral=True)
    if name in _VALUES_KEPT and found.range is not None:
        return Range(found.range.low, found.range.high, found.range.integral)
    return Range(0, 1, integral=True) if name in ("any", "all") else None


@model("numpy.percentile", "numpy.quantile", "numpy.nanpercentile", "numpy.nanquantile")
def percentile(call: Call, a: Value | None = None, q: Value | None = None, axis: Value | None = None) -> Value:
    """A reduction; for several `q` with an axis for these in front."""
    found, which = operand(call, a), operand(call, q)
    axes = axes_of(call, axis)
    keep = flag(call, call.keywords.get("keepdims"))
    if axes is UNCLEAR or keep is UNCLEAR or not which.shape.exact:
        return call.unknown()
    shape = reduce(found.shape, axes, keep)
    if isinstance(shape, Mismatch):
        return call.unknown()
    made = derive(call, found, shape.prepend(which.shape.dims), kind=NDARRAY, dtype="float64")
    return element(call, made) if made.shape == Shape(()) else made


@model("numpy.cumsum", "numpy.cumprod", "numpy.ndarray.cumsum", "numpy.ndarray.cumprod", "numpy.nancumsum")
def cumulative(call: Call, a: Value | None = None, axis: Value | None = None) -> Value:
    """Running sums: of the same shape along an axis, else in a row."""
    found = operand(call, a)
    dtype = found.dtype if is_numeric(found.dtype) else NUMBERS
    if given(axis) or found.shape.rank == 1 or found.kind != NDARRAY:
        return alike(call, found, dtype=dtype)
    return derive(call, found, Shape((size_of(found),)), dtype=dtype)


@model("numpy.argsort", "numpy.argpartition", "numpy.ndarray.argsort", "numpy.ndarray.argpartition")
def argsort(call: Call, a: Value | None = None) -> Value:
    """Places in order: of the same shape."""
    found = operand(call, a)
    return alike(call, found, kind=NDARRAY if found.kind == DATAFRAME else found.kind, dtype="int64", columns=None)


@model("numpy.ndarray.sort")
def sort_in_place(call: Call, a: Value) -> Value:
    """Sorts in place."""
    return NONE


@model("numpy.gradient", "numpy.convolve", "numpy.correlate")
def filtered(call: Call, a: Value | None = None, v: Value | None = None, mode: Value | None = None) -> Value:
    """`gradient` of one row keeps its shape; `convolve` has the length of its mode."""
    found = operand(call, a)
    if call.name.endswith("gradient"):
        return alike(call, found, dtype="float64") if found.shape.rank == 1 else call.unknown()
    other = operand(call, v)
    default = "full" if call.name.endswith("convolve") else "valid"
    how = default if mode is None else call.constant(mode)
    if found.shape.rank != 1 or other.shape.rank != 1 or how not in ("full", "same", "valid"):
        return derive(call, found, Shape((call.symbol("len({})"),)), kind=NDARRAY)
    n, k = found.shape.dims[0], other.shape.dims[0]
    sure = isinstance(k, int) and (not isinstance(n, int) or n >= k)
    if n is None or k is None or not sure:
        return derive(call, found, Shape((call.symbol("len({})"),)), kind=NDARRAY)
    lengths: dict[str, Dim] = {"full": n + k - 1, "same": n, "valid": n - k + 1}
    return derive(call, found, Shape((lengths[how],)), kind=NDARRAY, dtype=promote(found.dtype, other.dtype))


@model("numpy.diff")
def diff(call: Call, a: Value | None = None, n: Value | None = None, axis: Value | None = None) -> Value:
    """Differences of neighbours: shorter by n along the axis."""
    found = operand(call, a)
    times, place = whole(n, 1), whole(axis, -1)
    if not isinstance(times, int) or not isinstance(place, int) or call.keywords.keys() & {"prepend", "append"}:
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
    dim = found.shape.axis(place)
    if not isinstance(dim, (int, SymbolicDim)):
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
    return derive(call, found, found.shape.with_axis(place, dim - times), kind=NDARRAY)


@model("numpy.unique")
def unique(call: Call, ar: Value | None = None, return_index: Value | None = None) -> Value:
    """The different elements, and on demand the places or counts of each."""
    found = operand(call, ar)
    if given(call.keywords.get("axis")) or len(call.args) > 1:
        return call.unknown()
    values = make_row(call, found)
    asked = [call.keywords.get(word) for word in ("return_index", "return_inverse", "return_counts")]
    flags = [flag(call, value) for value in asked]
    if UNCLEAR in flags:
        return call.unknown()
    if not any(flags):
        return values
    extra = [values]
    for wanted, word in zip(flags, ("index", "inverse", "counts")):
        if wanted:
            shape = Shape((size_of(found),)) if word == "inverse" else values.shape
            extra.append(
                derive(
                    call, values, UNKNOWN_SHAPE if word == "inverse" and found.shape.rank != 1 else shape, dtype="int64"
                )
            )
    return tuple_of(*extra)


def make_row(call: Call, found: Array) -> Array:
    """The different elements of an array: of a number that is not known, unless they are texts of the program."""
    items = distinct_items(call, found)
    if items is not None:
        return note_items(call, derive(call, found, Shape((len(items),)), kind=NDARRAY), items)
    return derive(
        call, found, Shape((call.symbol("len({})", lower=1),)), kind=NDARRAY, range=_without_one_hot(found.range)
    )


def _without_one_hot(values: Range | None) -> Range | None:
    return None if values is None else Range(values.low, values.high, values.integral)


@model("numpy.histogram")
def histogram(call: Call, a: Value | None = None, bins: Value | None = None) -> Value:
    """Counts and edges."""
    count: Dim | None = 10 if bins is None else call.dim(bins)
    if count is None:
        return call.unknown()
    found = operand(call, a)
    counts = derive(call, found, Shape((count,)), kind=NDARRAY, dtype="int64")
    return tuple_of(counts, derive(call, found, Shape((count + 1,)), kind=NDARRAY, dtype="float64"))


@model("numpy.digitize", "numpy.searchsorted", "numpy.isin", "numpy.in1d", "numpy.interp")
def looked_up(call: Call, x: Value | None = None, bins: Value | None = None) -> Value:
    """A result for each element of one argument."""
    name = member(call)
    found = operand(call, bins if name == "searchsorted" else x)
    if name == "in1d":
        return derive(call, found, Shape((size_of(found),)), kind=NDARRAY, dtype="bool")
    dtype = {"isin": "bool", "interp": "float64"}.get(name, "int64")
    return number_or_array(call, alike(call, found, kind=NDARRAY, dtype=dtype, columns=None))


@model("numpy.sliding_window_view")
def sliding_window_view(
    call: Call, x: Value | None = None, window_shape: Value | None = None, axis: Value | None = None
) -> Value:
    """Windows of an array.  Shapes: (n, …) -> (n - window + 1, …, window)."""
    found = operand(call, x)
    windows, axes = call.dims(window_shape), axes_of(call, axis)
    if windows is None or axes is UNCLEAR or not found.shape.exact or None in windows:
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
    places = axes if axes is not None else tuple(range(len(found.shape.dims)))
    if len(places) != len(windows):
        return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
    shape = found.shape
    for place, window in zip(places, windows):
        dim = shape.axis(place)
        if not isinstance(dim, (int, SymbolicDim)) or window is None:
            return derive(call, found, UNKNOWN_SHAPE, kind=NDARRAY)
        shape = shape.with_axis(place, dim - window + 1)
    return derive(call, found, Shape((*shape.dims, *windows)), kind=NDARRAY, range=_without_one_hot(found.range))
