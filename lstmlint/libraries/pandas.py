"""pandas: making frames, and methods that keep, drop or add rows and columns."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Value
from lstmlint.libraries.array_arguments import UNCLEAR, given, parts_of
from lstmlint.libraries.arrays import (
    DATAFRAME,
    INDEX,
    SERIES,
    Array,
    Range,
    alike,
    as_array,
    derive,
    make,
)
from lstmlint.libraries.dtypes import SCALARS, dtype_of, is_scalar
from lstmlint.libraries.pandas_indexing import (
    count_of,
    labels_of,
    rows_of,
    width_of,
)
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.shape import Shape

#: Frames and series share `NDFrame`'s members; what nobody models for them is an ndarray's (`shape`, `T`, `astype`, …).
BASES: dict[str, str] = {
    "pandas.DataFrame": "pandas.NDFrame",
    "pandas.Series": "pandas.NDFrame",
    "pandas.NDFrame": "numpy.ndarray",
    "pandas.Index": "numpy.ndarray",
}

ALIASES: dict[str, str] = {
    "pandas.core.frame.DataFrame": "pandas.DataFrame",
    "pandas.core.series.Series": "pandas.Series",
    "pandas.core.reshape.concat.concat": "pandas.concat",
}


def fresh_frame(
    call: Call, rows: Dim | None = None, width: Dim | None = None, columns: tuple[str, ...] | None = None,
    dtype: str | None = SCALARS,
) -> Array:  # fmt: skip
    """A new frame; what is not known of its size is a symbol."""
    shape = Shape((
        call.symbol("len({})") if rows is None else rows,
        call.symbol("{}.shape[1]") if width is None else width,
    ))  # fmt: skip
    return make(call, shape, DATAFRAME, dtype, columns=columns)


# --- constructors ----------------------------------------------------------------------------------------------------


@model("pandas.DataFrame")
def frame(
    call: Call,
    data: Value | None = None,
    index: Value | None = None,
    columns: Value | None = None,
    dtype: Value | None = None,
) -> Value:
    """A frame of an array, a dict of columns or a list of rows."""
    count = count_of(call, columns) if given(columns) else None
    labels = labels_of(call, columns) if given(columns) else None
    rows, width, own, kind = _content(call, data, index)
    if given(columns):
        width = count if count is not None or call.mapping(data) is not None else width
        own = labels
    return fresh_frame(call, rows, width, own, dtype_of(dtype, kind))


def _content(
    call: Call, data: Value | None, index: Value | None
) -> tuple[Dim | None, Dim | None, tuple[str, ...] | None, str | None]:
    """Rows, width, labels and dtype that the data of a new frame bring."""
    if not given(data):
        return (count_of(call, index) if given(index) else 0), 0, (), None
    mapping = call.mapping(data)
    if mapping is not None:
        return _from_mapping(call, data, index)
    array = as_array(call, data)
    if array is None or array.shape.rank is None:
        return None, None, None, None
    dims = array.shape.dims
    if len(dims) == 2:
        return dims[0], dims[1], array.columns, array.dtype
    if len(dims) != 1:
        return None, None, None, None
    plain = is_scalar(array.dtype) or array.kind in (SERIES, INDEX)  # a list of dicts or lists has other columns
    return dims[0], 1 if plain else None, None, array.dtype


def _from_mapping(
    call: Call, data: Value | None, index: Value | None
) -> tuple[Dim | None, Dim | None, tuple[str, ...] | None, str | None]:
    mapping = call.mapping(data)
    if mapping is None or mapping.others is not None:
        return None, None, None, None
    labels = labels_of(call, call.new_list(key for key, _ in mapping.entries.values()))
    arrays = [as_array(call, value) for _, value in mapping.entries.values()]
    known = [array for array in arrays if array is not None and array.shape.rank == 1]
    rows = known[0].shape.dims[0] if known and not given(index) else None
    if any(array.kind == SERIES for array in known) and len(known) > 1:
        same_rows = all(equal(rows_of(known[0]), rows_of(array)) is Answer.YES for array in known[1:])
        rows = rows if same_rows else None  # series are aligned by their labels
    dtypes = {array.dtype if array is not None else SCALARS for array in arrays}
    scalars = all(map(is_scalar, dtypes))
    return rows, len(mapping.entries), labels, dtypes.pop() if len(dtypes) == 1 else SCALARS if scalars else None


@model("pandas.Series")
def series(call: Call, data: Value | None = None, index: Value | None = None, dtype: Value | None = None) -> Value:
    """A series of a row of values."""
    array = as_array(call, data)
    if call.mapping(data) is not None or array is None or array.shape.rank is None:
        length = call.symbol("len({})")
    elif array.shape.rank == 0:
        count = count_of(call, index) if given(index) else 1
        length = call.symbol("len({})") if count is None else count
    else:
        length = array.shape.dims[0] or 0
    kind = array.dtype if array is not None else None
    return make(call, Shape((length,)), SERIES, dtype_of(dtype, kind), range=array.range if array is not None else None)


@model(
    "pandas.date_range",
    "pandas.period_range",
    "pandas.Index",
    "pandas.DatetimeIndex",
    "pandas.RangeIndex",
    "pandas.bdate_range",
)
def labels(call: Call, data: Value | None = None) -> Value:
    """An index."""
    periods = call.keywords.get("periods")
    array = as_array(call, data) if call.name.endswith("Index") else None
    dim = call.dim(periods) if given(periods) else None
    if array is not None and array.shape.rank == 1 and not call.name.endswith("RangeIndex"):
        dim = array.shape.dims[0]
    columns = labels_of(call, data) if call.name == "pandas.Index" else None
    return make(call, Shape((call.symbol("len({})") if dim is None else dim,)), INDEX, SCALARS, columns=columns)


# --- several frames --------------------------------------------------------------------------------------------------


@model("pandas.concat")
def concat(call: Call, objs: Value | None = None, axis: Value | None = None) -> Value:
    """Frames and series below or beside one another."""
    parts = parts_of(call, objs)
    place = call.constant(axis, UNCLEAR) if axis is not None else 0
    place = {"index": 0, "columns": 1}.get(place, place) if isinstance(place, str) else place
    if parts is None or place not in (0, 1) or not all(a.kind in (DATAFRAME, SERIES) for a in parts.arrays):
        return call.unknown(call.interpreter.target_name)
    arrays = parts.arrays
    if place == 1:
        widths = [width_of(a) if a.kind == DATAFRAME else 1 for a in arrays]
        width: Dim | None = None
        if not parts.alike:
            width = sum(widths[1:], widths[0])
        elif isinstance(widths[0], int) and parts.length is not None:
            width = widths[0] * parts.length
        return fresh_frame(call, None, width, None, _common_dtype(arrays))
    rows = None if parts.alike else sum((rows_of(a) for a in arrays[1:]), rows_of(arrays[0]))
    if all(a.kind == SERIES for a in arrays):
        length = call.symbol("len({})") if rows is None else rows
        return make(call, Shape((length,)), SERIES, _common_dtype(arrays))
    first = arrays[0]
    same_columns = all(a.kind == DATAFRAME and _same_columns(first, a) for a in arrays)
    sure = same_columns and (not parts.alike or first.columns is not None)
    return fresh_frame(
        call, rows, width_of(first) if sure else None, first.columns if sure else None, _common_dtype(arrays)
    )


def _same_columns(a: Array, b: Array) -> bool:
    if a.columns is not None and b.columns is not None:
        return sorted(a.columns) == sorted(b.columns)
    return a.columns is None and b.columns is None and equal(width_of(a), width_of(b)) is Answer.YES


def _common_dtype(arrays: tuple[Array, ...]) -> str | None:
    dtypes = {array.dtype for array in arrays}
    return dtypes.pop() if len(dtypes) == 1 else SCALARS if all(map(is_scalar, dtypes)) else None


@model("pandas.get_dummies")
def get_dummies(call: Call, data: Value | None = None) -> Value:
    """A column for each class: their number only the data tell."""
    found = as_array(call, data)
    rows = found.shape.dims[0] if found is not None and found.shape.exact and found.shape.dims else None
    one_hot = found is not None and found.shape.rank == 1 and not given(call.keywords.get("drop_first"))
    width = call.symbol("{}.shape[1]", lower=2 if one_hot else 1)
    shape = Shape((call.symbol("len({})") if rows is None else rows, width))
    values_range = Range(0, 1, integral=True, one_hot=one_hot) if found is not None and found.shape.rank == 1 else None
    return make(call, shape, DATAFRAME, "int64" if values_range else SCALARS, range=values_range)


@model("pandas.to_numeric", "pandas.to_datetime", "pandas.to_timedelta", "pandas.cut", "pandas.qcut")
def converted(call: Call, arg: Value | None = None) -> Value:
    """A series for a series; of a frame's columns one date for each row.  (Other arguments are not followed.)"""
    found = as_array(call, arg)
    if found is None or given(call.keywords.get("retbins")):
        return call.unknown()
    if found.kind == SERIES:
        return alike(call, found, dtype="float64" if call.name.endswith("numeric") else SCALARS)
    if found.kind == DATAFRAME:
        return derive(call, found, Shape((rows_of(found),)), kind=SERIES, dtype=SCALARS)
    return call.unknown()
