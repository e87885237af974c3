"""pandas: reading and making frames, and methods that keep, drop or add rows and columns."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Ref, Sequence, Text, Unknown, Value, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, flag, given, parts_of
from lstmlint.libraries.arrays import (
    DATAFRAME,
    INDEX,
    NDARRAY,
    SERIES,
    Array,
    Range,
    alike,
    as_array,
    derive,
    element,
    make,
    operand,
)
from lstmlint.libraries.dtypes import SCALARS, dtype_of, is_numeric, is_scalar
from lstmlint.libraries.numpy_elementwise import arithmetic_dtype, combine
from lstmlint.libraries.pandas_indexing import (
    alike_rows,
    changed,
    count_of,
    is_label,
    labels_of,
    rows_of,
    select_columns,
    width_of,
    with_columns,
    without_columns,
)
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.operations import slice_length
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
    "pandas.io.parsers.read_csv": "pandas.read_csv",
    "pandas.core.reshape.concat.concat": "pandas.concat",
}


# --- files -----------------------------------------------------------------------------------------------------------

#: Arguments of `read_csv` with which it gives something else than a frame with one row of labels.
_NO_FRAME = ("chunksize", "iterator", "squeeze")


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


@model("pandas.read_csv", "pandas.read_table", "pandas.read_fwf", "pandas.read_excel")
def read_csv(call: Call, filepath: Value | None = None) -> Value:
    """A frame of a text file: its columns are known from `names` or `usecols`."""
    keywords = call.keywords
    if any(given(keywords.get(word)) and call.constant(keywords[word]) is not False for word in _NO_FRAME):
        return call.unknown(call.interpreter.target_name)
    if call.name.endswith("excel"):
        sheet = keywords.get("sheet_name", keywords.get("sheetname", call.args[1] if len(call.args) > 1 else None))
        if sheet is not None and not is_label(sheet):
            return call.unknown(call.interpreter.target_name)
    header = keywords.get("header")
    if call.open_keywords or (header is not None and not isinstance(header, Const) and not is_label(header)):
        return call.unknown(call.interpreter.target_name)
    width, columns = _read_columns(call)
    return fresh_frame(call, None, width, columns, dtype_of(keywords.get("dtype"), SCALARS) or SCALARS)


def _read_columns(call: Call) -> tuple[Dim | None, tuple[str, ...] | None]:
    """How many columns the arguments say that the frame has, and their labels.  (`usecols` tells no order.)"""
    keywords = call.keywords
    if not isinstance(keywords.get("parse_dates", NONE), Const):
        flat = labels_of(call, keywords["parse_dates"])
        if flat is None:
            return None, None
    chosen = keywords["usecols"] if given(keywords.get("usecols")) else keywords.get("names")
    if not given(chosen) or chosen is None or isinstance(chosen, Const):
        return None, None
    count, labels = count_of(call, chosen), labels_of(call, chosen)
    index = keywords.get("index_col")
    if not given(index) or call.constant(index) is False or count is None:
        return count, labels
    removed = count_of(call, index)
    if removed is None:
        return None, None
    label = call.constant(index)
    gone = (label,) if isinstance(label, str) else labels_of(call, index)
    left = tuple(name for name in labels if name not in gone) if labels is not None and gone is not None else None
    return count - removed, left


@model(
    "pandas.read_json", "pandas.read_parquet", "pandas.read_feather", "pandas.read_sql", "pandas.read_sql_query",
    "pandas.read_sql_table", "pandas.read_stata", "pandas.read_sas", "pandas.read_orc", "pandas.read_clipboard",
)  # fmt: skip
def read_other(call: Call, source: Value | None = None) -> Value:
    """A frame; its cells may hold anything."""
    if any(given(call.keywords.get(word)) for word in ("chunksize", "typ", "iterator")) or call.open_keywords:
        return call.unknown(call.interpreter.target_name)
    return fresh_frame(call, dtype=None)


@model("pandas.read_pickle", "pandas.read_hdf", "pandas.read_html")
def read_any(call: Call, source: Value | None = None) -> Value:
    """Any object."""
    return call.unknown(call.interpreter.target_name)


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
        width, own = count, labels
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


@model("pandas.date_range", "pandas.period_range", "pandas.Index", "pandas.DatetimeIndex", "pandas.RangeIndex", "pandas.bdate_range")
def labels(call: Call, data: Value | None = None) -> Value:
    """An index."""
    periods = call.keywords.get("periods")
    array = as_array(call, data) if call.name.endswith("Index") else None
    dim = call.dim(periods) if given(periods) else None
    if array is not None and array.shape.rank == 1 and not call.name.endswith("RangeIndex"):
        dim = array.shape.dims[0]
    columns = labels_of(call, data) if call.name == "pandas.Index" else None
    return make(call, Shape((call.symbol("len({})") if dim is None else dim,)), INDEX, SCALARS, columns=columns)


# --- members that keep the shape -------------------------------------------------------------------------------------

_SAME = (
    "fillna", "ffill", "bfill", "pad", "backfill", "interpolate", "shift", "diff", "pct_change", "replace", "round", "abs",
    "clip", "cumsum", "cumprod", "cummax", "cummin", "rank", "sort_index", "sort_values", "where", "mask", "infer_objects",
    "convert_dtypes", "convert_objects", "tz_localize", "tz_convert", "copy", "rename_axis", "transform", 
    "to_period", "to_timestamp", "tshift", "slice_shift", "applymap", "sort", "update",
)  # fmt: skip
_BOOLS = ("isnull", "isna", "notnull", "notna", "isin", "between", "duplicated")
_ARITHMETIC = {
    "add": "+", "sub": "-", "subtract": "-", "mul": "*", "multiply": "*", "div": "/", "divide": "/", "truediv": "/",
    "floordiv": "//", "mod": "%", "pow": "**", "radd": "+", "rsub": "-", "rmul": "*", "rdiv": "/", "rtruediv": "/",
}  # fmt: skip
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
_NUMBERS_OUT = frozenset({"diff", "pct_change", "cumsum", "cumprod", "rank", "round", "abs", "interpolate"})


def in_place(call: Call, old: Value, new: Array) -> Value:
    """`new`, or with `inplace=True` None after `old` became it."""
    wanted = flag(call, call.keywords.get("inplace"))
    if wanted is UNCLEAR:
        return call.unknown()
    if not wanted:
        return new
    changed(call, old, new)
    return NONE


@model(*(f"pandas.NDFrame.{name}" for name in _SAME))
def same(call: Call, frame: Value) -> Value:
    """Methods that keep rows and columns."""
    found = operand(call, frame)
    name = call.name.rpartition(".")[2]
    dtype = "float64" if name in _NUMBERS_OUT and is_numeric(found.dtype) else found.dtype
    if name in ("transform", "applymap", "replace", "where", "mask"):
        dtype = None if name != "replace" else found.dtype
    return in_place(call, frame, alike(call, found, dtype=dtype, range=found.range if name in ("copy", "sort_values") else None))


@model(*(f"pandas.NDFrame.{name}" for name in _BOOLS + _COMPARISONS))
def bools(call: Call, frame: Value, other: Value | None = None) -> Value:
    """A bool for each cell (`duplicated`: for each row)."""
    found = operand(call, frame)
    if call.name.endswith("duplicated") and found.shape.rank == 2:
        return derive(call, found, Shape((rows_of(found),)), kind=SERIES, dtype="bool")
    return alike(call, found, dtype="bool")


@model("pandas.isnull", "pandas.isna", "pandas.notnull", "pandas.notna")
def bools_function(call: Call, obj: Value | None = None) -> Value:
    """The same as functions."""
    found = as_array(call, obj)
    if found is None or found.shape == Shape(()) or found.shape.rank is None:
        return call.unknown()
    return alike(call, found, dtype="bool")


@model(*(f"pandas.NDFrame.{name}" for name in _ARITHMETIC))
def arithmetic(call: Call, frame: Value, other: Value | None = None, axis: Value | None = None) -> Value:
    """`df.sub(other)`: with a series along an axis, of the same shape."""
    found, second = operand(call, frame), operand(call, other)
    operator = _ARITHMETIC[call.name.rpartition(".")[2]]
    dtype = arithmetic_dtype(operator, found.dtype, second.dtype)
    if found.shape.rank == 2 and second.shape.rank == 1:
        return alike(call, found, dtype=dtype)
    return combine(call, found, second, dtype)


@model("pandas.NDFrame.astype")
def astype(call: Call, frame: Value, dtype: Value | None = None) -> Value:
    """The same cells with another dtype."""
    found = operand(call, frame)
    kind = dtype_of(dtype, found.dtype)
    if kind is None and is_scalar(found.dtype):
        kind = SCALARS
    return alike(call, found, dtype=kind, range=found.range)


@model("pandas.Series.map")
def map_series(call: Call, frame: Value, arg: Value | None = None) -> Value:
    """Each element put through a dict or function; a dict's numbers are the values that come out."""
    found = operand(call, frame)
    mapping = call.mapping(arg)
    if mapping is None or mapping.others is not None:
        return alike(call, found, dtype=None)
    numbers = [call.constant(value) for _, value in mapping.entries.values()]
    if not numbers or not all(isinstance(number, (int, float)) for number in numbers):
        return alike(call, found, dtype=None)
    whole_numbers = all(isinstance(number, int) for number in numbers)
    limits = Range(min(numbers), max(numbers), integral=whole_numbers)
    return alike(call, found, dtype="int64" if whole_numbers else "float64", range=limits)


@model("pandas.Series.apply")
def apply_series(call: Call, frame: Value, func: Value | None = None) -> Value:
    """Each element put through a function.

    Unknown: a function that may give series, for then the result is a frame.
    """
    found = operand(call, frame)
    if func is None or not is_scalar(found.dtype):
        return call.unknown()
    result = call.call(func, element(call, found))
    if isinstance(result, (Const, Text)) or is_label(result) or isinstance(result, Ref) and result.kind in ("list", "dict"):
        array = as_array(call, result)
        return alike(call, found, dtype=array.dtype if array is not None and array.shape == Shape(()) else None)
    if isinstance(result, Unknown) and result.number is not None:
        return alike(call, found, dtype="int64" if result.number == "int" else "float64")
    if isinstance(result, Array) and result.shape == Shape(()):
        return alike(call, found, dtype=result.dtype)
    return call.unknown()


@model("pandas.DataFrame.apply", "pandas.NDFrame.agg", "pandas.NDFrame.aggregate", "pandas.NDFrame.pipe")
def apply(call: Call, frame: Value, func: Value | None = None) -> Value:
    """Not followed."""
    return call.unknown()


# --- rows ------------------------------------------------------------------------------------------------------------


@model("pandas.NDFrame.head", "pandas.NDFrame.tail")
def head(call: Call, frame: Value, n: Value | None = None) -> Value:
    """The first or last rows, at most `n`."""
    found = operand(call, frame)
    count: Dim | None = 5 if n is None else call.dim(n)
    if count is None or not isinstance(count, int):
        return alike_rows(call, found, call.symbol("len({})"))
    bounds = (None, count) if call.name.endswith("head") else (-count, None)
    return alike_rows(call, found, slice_length(rows_of(found), *bounds, samples=True))


@model("pandas.NDFrame.dropna")
def dropna(call: Call, frame: Value, axis: Value | None = None) -> Value:
    """Without rows (or columns) that lack values."""
    found = operand(call, frame)
    place = call.constant(axis, 0) if axis is not None else 0
    if place in (1, "columns"):
        return in_place(call, frame, derive(call, found, found.shape.with_axis(1, call.symbol("{}.shape[1]"))))
    return in_place(call, frame, alike_rows(call, found, call.symbol(f"len({_name(call, frame, found)})")))


def _name(call: Call, old: Value, found: Array) -> str:
    return call.interpreter.target_name or found.name


@model(
    "pandas.NDFrame.drop_duplicates", "pandas.NDFrame.query", "pandas.NDFrame.truncate", "pandas.NDFrame.between_time",
    "pandas.NDFrame.at_time", "pandas.NDFrame.asfreq", "pandas.NDFrame.first", "pandas.NDFrame.last",
    "pandas.NDFrame.explode", "pandas.NDFrame.reindex", "pandas.NDFrame.append", "pandas.NDFrame.repeat",
)  # fmt: skip
def other_rows(call: Call, frame: Value) -> Value:
    """The same columns with rows of a number that is not known (`reindex`, `append`: the columns may change, too)."""
    found = operand(call, frame)
    rows = alike_rows(call, found, call.symbol("len({})"))
    if call.name.endswith(("reindex", "append")) and found.shape.rank == 2:
        rows = derive(call, rows, rows.shape.with_axis(1, call.symbol("{}.shape[1]")))
    return in_place(call, frame, rows)


@model("pandas.NDFrame.sample", "pandas.NDFrame.nlargest", "pandas.NDFrame.nsmallest")
def sample(call: Call, frame: Value, n: Value | None = None) -> Value:
    """Some rows: n of them, or a share (`frac=1`: all)."""
    found = operand(call, frame)
    count = call.dim(n) if given(n) else None
    if call.constant(call.keywords.get("frac")) in (1, 1.0):
        count = rows_of(found)
    elif not given(n) and call.keywords.get("frac") is None and call.name.endswith("sample"):
        count = 1
    if count is None or not call.name.endswith("sample"):
        return alike_rows(call, found, call.symbol("len({})"))
    return alike_rows(call, found, count)


# --- columns and labels ----------------------------------------------------------------------------------------------


@model("pandas.NDFrame.drop")
def drop(
    call: Call,
    frame: Value,
    labels: Value | None = None,
    axis: Value | None = None,
    index: Value | None = None,
    columns: Value | None = None,
) -> Value:
    """Without the columns (`axis=1` or `columns=`) or rows named."""
    found = operand(call, frame)
    place = call.constant(axis, UNCLEAR) if axis is not None else 0
    if place is UNCLEAR or found.shape.rank is None:
        return in_place(call, frame, derive(call, found, _any_size(call, found)))
    new = found
    if place in (1, "columns") and given(labels):
        columns = labels
    elif given(labels) or given(index):
        new = alike_rows(call, new, call.symbol("len({})"))
    if given(columns) and found.shape.rank == 2:
        sure = "errors" not in call.keywords
        new = without_columns(call, new, columns if sure else NONE)
    return in_place(call, frame, new)


def _any_size(call: Call, found: Array) -> Shape:
    return Shape(tuple(call.symbol(f"{{}}.shape[{axis}]") for axis in range(len(found.shape.dims))))


@model("pandas.DataFrame.pop")
def pop(call: Call, frame: Value, item: Value | None = None) -> Value:
    """The column, which the frame then lacks."""
    found = operand(call, frame)
    column = derive(call, found, Shape((rows_of(found),)), kind=SERIES)
    changed(call, frame, without_columns(call, found, item))
    return column


@model("pandas.DataFrame.insert")
def insert(call: Call, frame: Value, loc: Value | None = None, column: Value | None = None, value: Value | None = None) -> Value:
    """A new column, in place."""
    found = operand(call, frame)
    label = call.constant(column)
    columns = (*found.columns, label) if found.columns is not None and isinstance(label, str) else None
    changed(call, frame, derive(call, found, found.shape.with_axis(1, width_of(found) + 1), columns=columns, name=found.name))
    return NONE


@model("pandas.DataFrame.assign")
def assign(call: Call, frame: Value) -> Value:
    """With columns assigned."""
    return with_columns(call, operand(call, frame), tuple(call.keywords), None)


@model("pandas.DataFrame.set_index")
def set_index(call: Call, frame: Value, keys: Value | None = None, drop: Value | None = None) -> Value:
    """Columns become the labels of the rows."""
    found = operand(call, frame)
    kept = flag(call, drop, True) is False
    if kept or (isinstance(keys, Array) and keys.shape.rank == 1):
        return in_place(call, frame, alike(call, found))
    return in_place(call, frame, without_columns(call, found, keys if flag(call, drop, True) is True else NONE))


@model("pandas.NDFrame.reset_index")
def reset_index(call: Call, frame: Value, level: Value | None = None, drop: Value | None = None) -> Value:
    """Rows numbered anew; the old labels become columns unless they are dropped."""
    found = operand(call, frame)
    if flag(call, drop) is True:
        return in_place(call, frame, alike(call, found))
    width = call.symbol("{}.shape[1]")  # labels of several levels become several columns
    return in_place(call, frame, derive(call, found, Shape((rows_of(found), width)), kind=DATAFRAME, dtype=SCALARS))


@model("pandas.NDFrame.rename", "pandas.NDFrame.set_axis", "pandas.DataFrame.add_prefix", "pandas.DataFrame.add_suffix")
def rename(call: Call, frame: Value, mapper: Value | None = None, columns: Value | None = None) -> Value:
    """Other labels, the same cells."""
    found = operand(call, frame)
    mapping = call.mapping(columns)
    names = None
    if found.columns is not None and mapping is not None and mapping.others is None and call.name.endswith("rename"):
        new = {call.constant(key): call.constant(value) for key, value in mapping.entries.values()}
        renamed = tuple(new.get(name, name) for name in found.columns)
        names = renamed if all(isinstance(name, str) for name in renamed) else None
    return in_place(call, frame, alike(call, found, columns=names))


@model("pandas.DataFrame.select_dtypes", "pandas.DataFrame.filter", "pandas.DataFrame.droplevel")
def some_columns(call: Call, frame: Value, items: Value | None = None) -> Value:
    """Columns that fit."""
    found = operand(call, frame)
    if call.name.endswith("filter") and given(items) and not given(call.keywords.get("axis")):
        return select_columns(call, found, items or NONE)
    return derive(call, found, found.shape.with_axis(1, call.symbol("{}.shape[1]")))


@model("pandas.DataFrame.merge", "pandas.DataFrame.join", "pandas.merge", "pandas.DataFrame.pivot_table", "pandas.DataFrame.pivot",
       "pandas.DataFrame.melt", "pandas.melt", "pandas.pivot_table", "pandas.merge_asof", "pandas.DataFrame.describe",
       "pandas.json_normalize", "pandas.DataFrame.from_dict", "pandas.DataFrame.from_records", "pandas.crosstab",
       "pandas.DataFrame.explode")  # fmt: skip
def other_frame(call: Call, left: Value | None = None) -> Value:
    """A frame whose size only the data tell."""
    return fresh_frame(call, dtype=None)


@model("pandas.DataFrame.corr", "pandas.DataFrame.cov")
def square(call: Call, frame: Value) -> Value:
    """A row and a column for each numeric column."""
    width = call.symbol("{}.shape[1]")
    return derive(call, operand(call, frame), Shape((width, width)), dtype="float64")


# --- out of pandas ---------------------------------------------------------------------------------------------------


@model("pandas.NDFrame.to_numpy", "pandas.NDFrame.as_matrix", "pandas.Index.to_numpy")
def to_numpy(call: Call, frame: Value, dtype: Value | None = None) -> Value:
    """The cells as an ndarray of the same shape."""
    found = operand(call, frame)
    as_columns = call.name.endswith("as_matrix") and given(dtype)
    if as_columns and found.shape.rank == 2:
        return derive(call, select_columns(call, found, dtype or NONE), _selected(call, found, dtype), kind=NDARRAY)
    kind = found.dtype if call.name.endswith("as_matrix") else dtype_of(dtype, found.dtype)
    return alike(call, found, kind=NDARRAY, dtype=kind, range=found.range, columns=None)


def _selected(call: Call, found: Array, labels: Value | None) -> Shape:
    count = count_of(call, labels)
    return Shape((rows_of(found), call.symbol("{}.shape[1]") if count is None else count))


@attribute("pandas.NDFrame.values", "pandas.Series.array")
def values(call: Call, frame: Value) -> Value:
    """The cells as an ndarray of the same shape."""
    found = operand(call, frame)
    return alike(call, found, kind=NDARRAY, range=found.range, columns=None)


@model("pandas.Series.tolist", "pandas.Series.to_list")
def to_list(call: Call, frame: Value) -> Value:
    """The elements as a list."""
    found = operand(call, frame)
    return call.new_sequence(Sequence("list", None, rows_of(found), element(call, found)))


@model("pandas.Series.to_frame")
def to_frame(call: Call, frame: Value, name: Value | None = None) -> Value:
    """A frame of one column."""
    found = operand(call, frame)
    return derive(call, found, Shape((rows_of(found), 1)), kind=DATAFRAME)


@model("pandas.Series.unique", "pandas.Series.value_counts", "pandas.unique", "pandas.Series.mode")
def unique(call: Call, frame: Value | None = None) -> Value:
    """The different elements (as an ndarray), or how often each occurs."""
    found = operand(call, frame)
    kind, dtype = (SERIES, "int64") if call.name.endswith("value_counts") else (NDARRAY, found.dtype)
    kind = SERIES if call.name.endswith("mode") else kind
    return derive(call, found, Shape((call.symbol("len({})", lower=1),)), kind=kind, dtype=dtype)


@model("pandas.factorize", "pandas.Series.factorize")
def factorize(call: Call, frame: Value | None = None) -> Value:
    """The number of each element's class, and the classes."""
    found = operand(call, frame)
    codes = alike(call, found, kind=NDARRAY, dtype="int64", range=Range(-1, None, integral=True))
    return tuple_of(codes, derive(call, found, Shape((call.symbol("classes", lower=1),)), kind=INDEX))


@attribute("pandas.DataFrame.empty", "pandas.Series.empty")
def empty(call: Call, frame: Value) -> Value:
    """Not followed."""
    return Unknown(("attr", operand(call, frame).ident, "empty"), "empty")


@attribute("pandas.DataFrame.dtypes")
def dtypes(call: Call, frame: Value) -> Value:
    """A series with the dtype of each column."""
    found = operand(call, frame)
    return derive(call, found, Shape((width_of(found),)), kind=SERIES, dtype=None)


class Accessor(Foreign):
    """`series.dt` and `series.cat`: members of the elements."""

    __slots__ = ("array",)
    type_name = "pandas.Accessor"

    def __init__(self, array: Array) -> None:
        self.array = array


@attribute("pandas.Series.dt")
def accessor(call: Call, frame: Value) -> Value:
    """The parts of dates."""
    return Accessor(operand(call, frame))


@attribute("pandas.Accessor.__getattr__")
def accessor_member(call: Call, accessor: Value) -> Value:
    """One part of each date (of something that must be called, calling it gives Unknown)."""
    if not isinstance(accessor, Accessor):
        return call.unknown()
    return alike(call, accessor.array, dtype=SCALARS)


@attribute("pandas.Series.cat")
def categories(call: Call, frame: Value) -> Value:
    """Codes of a categorical series."""
    return Categories(operand(call, frame))


class Categories(Accessor):
    """`series.cat`."""

    __slots__ = ()
    type_name = "pandas.Categories"


@attribute("pandas.Categories.codes")
def codes(call: Call, accessor: Value) -> Value:
    """The number of each element's class, -1 for none."""
    if not isinstance(accessor, Categories):
        return call.unknown()
    return alike(call, accessor.array, dtype="int64", range=Range(-1, None, integral=True))


# --- reductions and iteration ----------------------------------------------------------------------------------------


@model(*(f"pandas.DataFrame.{name}" for name in (
    "mean", "std", "var", "median", "sum", "prod", "max", "min", "any", "all", "idxmax", "idxmin", "quantile", "skew", "kurt",
    "sem", "count", "nunique", "mad", "argmax", "argmin",
)))  # fmt: skip
def reduction(call: Call, frame: Value, axis: Value | None = None) -> Value:
    """A number for each column, with `axis=1` for each row."""
    found = operand(call, frame)
    name = call.name.rpartition(".")[2]
    place = call.constant(axis, UNCLEAR) if given(axis) else 0
    dtype = {"any": "bool", "all": "bool", "count": "int64", "nunique": "int64"}.get(name, "float64")
    if name == "quantile" or "level" in call.keywords or found.shape.rank != 2:
        return call.unknown()
    if place in (1, "columns"):
        return derive(call, found, Shape((rows_of(found),)), kind=SERIES, dtype=dtype)
    if place not in (0, "index", "rows"):
        return call.unknown()
    # Columns of texts fall out of a mean in older versions.
    width = width_of(found) if is_numeric(found.dtype) or name in ("count", "nunique") else call.symbol("len({})")
    return derive(call, found, Shape((width,)), kind=SERIES, dtype=dtype)


@model("pandas.DataFrame.iterrows", "pandas.DataFrame.itertuples")
def iterrows(call: Call, frame: Value) -> Value:
    """Rows one by one, with their labels."""
    found = operand(call, frame)
    if call.name.endswith("itertuples"):
        return Sequence("iterator", None, rows_of(found), call.unknown("row"))
    row = derive(call, found, Shape((width_of(found),)), kind=SERIES)
    return Sequence("iterator", None, rows_of(found), tuple_of(call.unknown("label"), row))


@model("pandas.DataFrame.items", "pandas.DataFrame.iteritems")
def items(call: Call, frame: Value) -> Value:
    """Columns one by one, with their labels."""
    found = operand(call, frame)
    column = derive(call, found, Shape((rows_of(found),)), kind=SERIES)
    return Sequence("iterator", None, width_of(found), tuple_of(call.unknown("label"), column))


class Rolling(Foreign):
    """`frame.rolling(…)`: windows that end at each row."""

    __slots__ = ("array",)
    type_name = "pandas.Rolling"

    def __init__(self, array: Array) -> None:
        self.array = array


@model("pandas.NDFrame.rolling", "pandas.NDFrame.expanding", "pandas.NDFrame.ewm")
def rolling(call: Call, frame: Value) -> Value:
    """Windows over the rows."""
    return Rolling(operand(call, frame))


@model(*(f"pandas.Rolling.{name}" for name in (
    "mean", "sum", "std", "var", "min", "max", "median", "apply", "quantile", "skew", "kurt", "count",
)))  # fmt: skip
def rolled(call: Call, windows: Value) -> Value:
    """A number for each window: of the same shape."""
    return alike(call, windows.array, dtype="float64") if isinstance(windows, Rolling) else call.unknown()


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
    width = call.symbol("{}.shape[1]", lower=1)
    one_hot = found is not None and found.shape.rank == 1 and not given(call.keywords.get("drop_first"))
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

