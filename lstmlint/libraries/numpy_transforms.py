"""numpy: Fourier transforms, covariances, Kronecker products and the places of triangles."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Value, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, flag, given, whole
from lstmlint.libraries.arrays import NDARRAY, derive, make, operand, unranked
from lstmlint.libraries.dtypes import promote
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim, SymbolicDim
from lstmlint.shapes.shape import Shape

# --- Fourier transforms ----------------------------------------------------------------------------------------------


@model(*(f"numpy.fft.{name}" for name in ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")))
def transform(call: Call, a: Value | None = None, n: Value | None = None, axis: Value | None = None) -> Value:
    """Frequencies along one axis; `rfft` keeps the first half of them and the middle, `irfft` makes both halves again."""
    found, place, name = operand(call, a), whole(axis, -1), member(call)
    if place is UNCLEAR or not found.shape.exact:
        return unranked(call)
    length = call.dim(n) if given(n) else found.shape.axis(place)
    if not isinstance(length, (int, SymbolicDim)):
        return unranked(call)
    if name in ("rfft", "ihfft"):
        length = length // 2 + 1
    elif name in ("irfft", "hfft") and not given(n):
        length = 2 * (length - 1)
    dtype = "float64" if name in ("irfft", "hfft") else "complex128"
    return derive(call, found, found.shape.with_axis(place, length), kind=NDARRAY, dtype=dtype)


@model("numpy.fft.fftfreq", "numpy.fft.rfftfreq")
def frequencies(call: Call, n: Value | None = None) -> Value:
    """The frequencies of a transform of `n` samples."""
    count = call.dim(n)
    if count is None:
        return make(call, Shape((call.symbol("len({})"),)), dtype="float64")
    return make(call, Shape((count // 2 + 1 if call.name.endswith("rfftfreq") else count,)), dtype="float64")


# --- products and sums over pairs ------------------------------------------------------------------------------------


@model("numpy.kron")
def kron(call: Call, a: Value | None = None, b: Value | None = None) -> Value:
    """Each element of one array times the whole other.  Unknown: arrays of different rank."""
    first, second = operand(call, a), operand(call, b)
    if first.shape.rank is None or first.shape.rank != second.shape.rank:
        return unranked(call)
    dims: list[Dim] = []
    for x, y in zip(first.shape.dims, second.shape.dims):
        if not isinstance(x, (int, SymbolicDim)) or not isinstance(y, (int, SymbolicDim)):
            return unranked(call)
        dims.append(x * y)
    return derive(call, first, Shape(tuple(dims)), kind=NDARRAY, dtype=promote(first.dtype, second.dtype))


@model("numpy.cov", "numpy.corrcoef")
def covariance(call: Call, m: Value | None = None, y: Value | None = None, rowvar: Value | None = None) -> Value:
    """A row and a column for each variable.  Unknown: a number of variables that may be 1, which gives a single number."""
    found, by_rows = operand(call, m), flag(call, rowvar, True)
    if by_rows is UNCLEAR or given(y) or found.shape.rank != 2:
        return call.unknown()
    count = found.shape.dims[0 if by_rows else 1]
    if not isinstance(count, int) or count < 2:
        return call.unknown()
    return derive(call, found, Shape((count, count)), kind=NDARRAY, dtype="float64")


# --- places ----------------------------------------------------------------------------------------------------------


@model("numpy.triu_indices", "numpy.tril_indices")
def triangle(call: Call, n: Value | None = None, k: Value | None = None, m: Value | None = None) -> Value:
    """Rows and columns of the elements on one side of a diagonal."""
    rows, shift = whole(n, 0), whole(k, 0)
    count = call.symbol("count")
    if isinstance(rows, int) and isinstance(shift, int) and not given(m) and 0 <= rows <= 10_000:
        upper = [min(max(rows - max(row + shift, 0), 0), rows) for row in range(rows)]
        lower = [min(max(row + shift + 1, 0), rows) for row in range(rows)]
        count = sum(upper if call.name.endswith("triu_indices") else lower)
    return tuple_of(*(make(call, Shape((count,)), dtype="int64") for _ in range(2)))
