"""pandas: members of frames and series that keep, drop or add rows and columns."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Ref, Sequence, Text, Unknown, Value, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, flag, given
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
    new_name,
    operand,
)
from lstmlint.libraries.dtypes import SCALARS, dtype_of, is_numeric, is_scalar
from lstmlint.libraries.numpy_elementwise import arithmetic_dtype, combine
from lstmlint.libraries.pandas import fresh_frame
from lstmlint.libraries.pandas_indexing import (
    alike_rows,
    changed,
    count_of,
    is_label,
    rows_of,
    select_columns,
    width_of,
    with_columns,
    without_columns,
)
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.operations import slice_length
from lstmlint.shapes.shape import Shape

# --- members that keep the shape -------------------------------------------------------------------------------------

_SAME = (
    "fillna", "ffill", "bfill", "pad", "backfill", "interpolate", "shift", "diff", "pct_change", "replace", "round",
    "abs", "clip", "cumsum", "cumprod", "cummax", "cummin", "rank", "sort_index", "sort_values", "where", "mask",
    "infer_objects", "convert_dtypes", "convert_objects", "tz_localize", "tz_convert", "copy", "rename_axis",
    "transform", "to_period", "to_timestamp", "tshift", "slice_shift", "applymap", "sort",
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
    name = member(call)
    if name == "replace" and found.shape.rank == 1 and call.args[1:]:
        classes = _dict_range(call, call.args[1])
        if classes is not None:
            return in_place(call, frame, alike(call, found, dtype=None, range=classes))
    dtype = "float64" if name in _NUMBERS_OUT and is_numeric(found.dtype) else found.dtype
    if name in ("transform", "applymap", "replace", "where", "mask"):
        dtype = None if name != "replace" else found.dtype
    return in_place(
        call, frame, alike(call, found, dtype=dtype, range=found.range if name in ("copy", "sort_values") else None)
    )


def _dict_range(call: Call, value: Value) -> Range | None:
    """The numbers that a dict has for texts."""
    mapping = call.mapping(value)
    if mapping is None or mapping.others is not None or not mapping.entries:
        return None
    pairs = [(call.constant(key), call.constant(number)) for key, number in mapping.entries.values()]
    if not all(isinstance(key, str) and isinstance(number, int) for key, number in pairs):
        return None
    numbers = [number for _, number in pairs]
    ends = min(numbers), max(numbers)
    return Range(*ends, integral=True, spans=ends)


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
    operator = _ARITHMETIC[member(call)]
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
    ends = min(numbers), max(numbers)
    limits = Range(*ends, integral=whole_numbers, spans=ends)  # the classes that the program names occur
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
    if (
        isinstance(result, (Const, Text))
        or is_label(result)
        or isinstance(result, Ref)
        and result.kind in ("list", "dict")
    ):
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
    return in_place(call, frame, alike_rows(call, found, call.symbol(f"len({new_name(call, found)})")))


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
def insert(
    call: Call, frame: Value, loc: Value | None = None, column: Value | None = None, value: Value | None = None
) -> Value:
    """A new column, in place."""
    found = operand(call, frame)
    label = call.constant(column)
    columns = (*found.columns, label) if found.columns is not None and isinstance(label, str) else None
    changed(
        call,
        frame,
        derive(call, found, found.shape.with_axis(1, width_of(found) + 1), columns=columns, name=found.name),
    )
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


@model("pandas.DataFrame.merge", "pandas.DataFrame.join", "pandas.merge", "pandas.DataFrame.pivot_table",
       "pandas.DataFrame.pivot",
       "pandas.DataFrame.melt", "pandas.melt", "pandas.pivot_table", "pandas.merge_asof", "pandas.DataFrame.describe",
       "pandas.json_normalize", "pandas.DataFrame.from_dict", "pandas.DataFrame.from_records", "pandas.crosstab",
       "pandas.DataFrame.explode")  # fmt: skip
def other_frame(call: Call, left: Value | None = None) -> Value:
    """A frame whose size only the data tell; of single values where all frames and series that go in hold such."""
    several = "merge" in call.name or call.name.endswith("join")
    words = ("left", "right", "other", "data")
    given_frames = [
        *call.args[: 2 if several else 1],
        *(call.keywords[word] for word in words if word in call.keywords),
    ]
    plain = all(isinstance(value, Array) and is_scalar(operand(call, value).dtype) for value in given_frames)
    return fresh_frame(call, dtype=SCALARS if plain and given_frames else None)


@model("pandas.Series.unstack")
def unstack(call: Call, series: Value) -> Value:
    """One level of the labels as columns."""
    return fresh_frame(call, dtype=SCALARS if is_scalar(operand(call, series).dtype) else None)


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
    "mean", "std", "var", "median", "sum", "prod", "max", "min", "any", "all", "idxmax", "idxmin", "quantile",
    "skew", "kurt",
    "sem", "count", "nunique", "mad", "argmax", "argmin",
)))  # fmt: skip
def reduction(call: Call, frame: Value, axis: Value | None = None) -> Value:
    """A number for each column, with `axis=1` for each row."""
    found = operand(call, frame)
    name = member(call)
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
