"""pandas: columns, rows, `loc` and `iloc`, and what assignments change in place."""

from __future__ import annotations

import enum
import re
from typing import Final, TypeAlias

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import elements
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Foreign,
    Ref,
    Sequence,
    SliceValue,
    Symbolic,
    Text,
    Unknown,
    Value,
    fresh_key,
    is_number,
    tuple_of,
    unknown,
)
from lstmlint.libraries.array_arguments import is_size
from lstmlint.libraries.arrays import (
    DATAFRAME,
    INDEX,
    NDARRAY,
    SERIES,
    Array,
    Range,
    alike,
    as_array,
    axis_symbol,
    change,
    derive,
    element,
    forget_columns,
    identity,
    leading,
    make,
    operand,
)
from lstmlint.libraries.dtypes import SCALARS, is_integer
from lstmlint.libraries.numpy_indexing import cut_length, getitem
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Dim, SymbolicDim
from lstmlint.shapes.shape import Shape

#: A text that selects rows of a frame with dates as its index (`df["2017"]`), where it names no column.
_DATE = re.compile(r"\d{4}([-/]\d{1,2}){0,2}")

#: Members of frames and series; any other attribute is a column.
_MEMBERS = """
T abs add add_prefix add_suffix agg aggregate align all any append apply applymap argmax argmin argsort array
as_matrix asfreq asof assign astype at at_time attrs autocorr axes backfill between between_time bfill blocks boxplot
case_when cat clip clip_lower clip_upper columns combine combine_first compare compound consolidate convert_dtypes
convert_objects copy corr corrwith count cov cummax cummin cumprod cumsum describe diff div divide divmod dot drop
drop_duplicates droplevel dropna dt dtype dtypes duplicated empty eq equals eval ewm expanding explode factorize ffill
fillna filter first first_valid_index flags floordiv from_arrow from_csv from_dict from_items from_records ftypes ge
get get_dtype_counts get_ftype_counts get_value groupby gt hasnans head hist iat idxmax idxmin iloc index
infer_objects info insert interpolate is_copy is_monotonic_decreasing is_monotonic_increasing is_unique isetitem isin
isna isnull item items iteritems iterrows itertuples ix join keys kurt kurtosis last last_valid_index le list loc
lookup lt mad map mask max mean median melt memory_usage merge min mod mode mul multiply name nbytes ndim ne nlargest
notna notnull nsmallest nunique pad pct_change pipe pivot pivot_table plot pop pow prod product quantile query radd
rank ravel rdiv rdivmod reindex reindex_like rename rename_axis reorder_levels repeat replace resample reset_index
rfloordiv rmod rmul rolling round rpow rsub rtruediv sample searchsorted select select_dtypes sem set_axis set_flags
set_index set_value shape shift size skew slice_shift sort sort_index sort_values sortlevel sparse squeeze stack std
str struct style sub subtract sum swaplevel tail take to_clipboard to_csv to_dense to_dict to_excel to_feather
to_frame to_hdf to_html to_iceberg to_json to_latex to_list to_markdown to_numpy to_orc to_panel to_parquet to_period
to_pickle to_records to_sparse to_sql to_stata to_string to_timestamp to_xarray to_xml tolist transform transpose
truediv truncate tshift tz_convert tz_localize unique unstack update value_counts values var where xs
"""
MEMBERS = frozenset(_MEMBERS.split())


class Selection(enum.Enum):
    """What an index does with an axis where it does not leave it with a length."""

    ONE = "one label or place: the axis is gone"
    UNCLEAR = "not known"


ONE: Final = Selection.ONE
UNCLEAR: Final = Selection.UNCLEAR

#: The length that stays of an axis, or what else becomes of it.
Outcome: TypeAlias = Dim | Selection


def rows_of(frame: Array) -> Dim:
    """The number of rows of a frame, the length of a series."""
    return leading(frame)


def width_of(frame: Array) -> Dim:
    """The number of columns of a frame."""
    dim = frame.shape.axis(1)
    return dim if isinstance(dim, (int, SymbolicDim)) else axis_symbol(identity(frame), frame.name, 1)


def labels_of(call: Call, value: Value | None) -> tuple[str, ...] | None:
    """The labels in a list, where all are known texts."""
    if isinstance(value, Array):
        return value.columns
    items = call.items(value) if isinstance(value, (Ref, Sequence)) else None
    if items is None:
        return None
    labels = tuple(item.value for item in items if isinstance(item, Const) and isinstance(item.value, str))
    return labels if len(labels) == len(items) else None


def is_label(value: Value | None) -> bool:
    """Whether a value surely is one label (a text or number), not several."""
    if isinstance(value, Const):
        return isinstance(value.value, (str, int, float)) and not isinstance(value.value, bool)
    if isinstance(value, (Text, Symbolic)) or is_size(value):
        return True
    return isinstance(value, Array) and value.shape == Shape(()) and value.dtype != "bool"


def count_of(call: Call, value: Value | None) -> Dim | None:
    """The number of labels that an argument names."""
    if is_label(value):
        return 1
    if isinstance(value, Array):
        return value.shape.dims[0] if value.shape.rank == 1 and value.dtype != "bool" else None
    sequence = call.sequence(value) if isinstance(value, (Ref, Sequence)) else None
    return None if sequence is None else sequence.length


# --- selecting -------------------------------------------------------------------------------------------------------


def column(call: Call, frame: Array, key: Value) -> Value:
    """`frame[key]` for one label: a series, where the label is that of one column."""
    label = call.constant(key)
    if frame.columns is not None and isinstance(label, str) and frame.columns.count(label) != 1:
        return call.unknown(f"{frame.name}[{label!r}]")
    if frame.columns is None and isinstance(label, str) and _DATE.fullmatch(label):
        return call.unknown(f"{frame.name}[{label!r}]")
    values = _column_ranges(call, frame).get(label) if isinstance(label, str) else None
    return derive(call, frame, Shape((rows_of(frame),)), kind=SERIES, range=values)


@model("pandas.DataFrame.__getitem__")
def frame_getitem(call: Call, frame: Value, key: Value) -> Value:
    """`df[label]` is a series, `df[[labels]]` a frame, `df[mask]` and `df[a:b]` rows."""
    found = operand(call, frame)
    if found.shape.rank != 2:
        return call.unknown()
    if is_label(key):
        return column(call, found, key)
    if isinstance(key, SliceValue):
        return alike_rows(call, found, _rows_cut(found, key))
    if isinstance(key, Array):
        key_array = operand(call, key)
        if key_array.dtype == "bool" and key_array.shape.rank == 2:
            return alike(call, found)
        if key_array.dtype == "bool" and key_array.shape.rank == 1:
            return alike_rows(call, found, call.symbol("len({})"))
        if key_array.kind != INDEX and key_array.dtype != "str":
            return call.unknown()
        return select_columns(call, found, key_array)
    if isinstance(key, Ref) and key.kind == "list":
        if _is_mask(call, key):
            return alike_rows(call, found, call.symbol("len({})"))
        return select_columns(call, found, key)
    return call.unknown()


def _is_mask(call: Call, key: Ref) -> bool:
    array = as_array(call, key)
    return array is not None and array.dtype == "bool"


def alike_rows(call: Call, frame: Array, rows: Dim) -> Array:
    """The same columns (or a series) with another number of rows."""
    values = frame.range if frame.range is None else replace(frame.range, spans=None)
    return derive(call, frame, frame.shape.with_axis(0, rows), columns=frame.columns, range=values)


def select_columns(call: Call, frame: Array, labels: Value) -> Array:
    """The frame with the columns of a list."""
    count = count_of(call, labels)
    width = call.symbol("{}.shape[1]") if count is None else count
    return derive(call, frame, Shape((rows_of(frame), width)), columns=labels_of(call, labels))


def _rows_cut(frame: Array, index: SliceValue) -> Dim:
    return cut_length(rows_of(frame), index, samples=True)


@attribute("pandas.DataFrame.__getattr__")
def column_attribute(call: Call, frame: Value) -> Value:
    """`df.close`: a column, where pandas has no member of that name."""
    name = member(call)
    found = operand(call, frame)
    if name in MEMBERS or name.startswith("_") or found.shape.rank != 2:
        return Unknown(("attr", found.ident, name), f"{found.name}.{name}")
    return column(call, found, Const(name))


@model("pandas.Series.__getitem__", "pandas.Index.__getitem__")
def series_getitem(call: Call, series: Value, key: Value) -> Value:
    """`s[label]` is an element, `s[a:b]`, `s[mask]` and `s[[labels]]` are series."""
    found = operand(call, series)
    label = call.constant(key)
    if found.kind == SERIES and isinstance(label, str):
        return call.unknown() if _DATE.fullmatch(label) else element(call, found)
    if isinstance(key, Text) or (isinstance(key, Array) and key.shape == Shape(())):
        return element(call, found)
    if found.kind == SERIES and isinstance(key, Ref) and key.kind == "list" and not _of_numbers(call, key):
        return call.unknown()  # labels, or columns of the second level: then the series is a frame
    made = getitem(call, found, key)
    if isinstance(made, Array) and made.kind == INDEX and made.shape.rank == 1:
        return replace(made, columns=None)
    return made


def _of_numbers(call: Call, key: Value) -> bool:
    """Whether a list holds nothing but numbers or bools."""
    content = call.sequence(key)
    return content is not None and all(
        is_number(item) or (isinstance(item, Const) and isinstance(item.value, bool)) for item in elements(content)
    )


# --- loc and iloc ----------------------------------------------------------------------------------------------------


class Indexer(Foreign):
    """`frame.loc`, `frame.iloc`, …: waits for its index."""

    __slots__ = ("array", "member")
    type_name = "pandas.Indexer"

    def __init__(self, array: Array, member: str) -> None:
        self.array = array
        self.member = member


@attribute(*(f"pandas.NDFrame.{member}" for member in ("loc", "iloc", "ix", "at", "iat")))
def indexer(call: Call, frame: Value) -> Value:
    """The indexer, which knows the frame."""
    if not isinstance(frame, Array):
        return call.unknown()
    return Indexer(frame, member(call))


@model("pandas.Indexer.__getitem__")
def indexer_getitem(call: Call, indexer: Value, index: Value) -> Value:
    """Rows and columns by place or label: an axis that a single one selects is gone."""
    if not isinstance(indexer, Indexer):
        return call.unknown()
    frame = operand(call, indexer.array)
    rank = frame.shape.rank
    if indexer.member in ("at", "iat"):
        return element(call, frame)
    items = index.items if isinstance(index, Sequence) and index.kind == "tuple" else (index,)
    if items is None or rank is None or not 0 < len(items) <= rank:
        return call.unknown()
    by_place = indexer.member == "iloc"
    outcomes: list[Outcome] = [
        selected(call, frame, axis, item, by_place=by_place) for axis, item in enumerate(items)
    ]  # fmt: skip
    if UNCLEAR in outcomes:
        return call.unknown()
    outcomes += [dim for dim in frame.shape.dims[len(items) :] if dim is not None]
    kept = tuple(outcome for outcome in outcomes if not isinstance(outcome, Selection))
    if not kept:
        return element(call, frame)
    columns = _columns_after(call, frame, items)
    return derive(call, frame, Shape(kept), kind=DATAFRAME if len(kept) == 2 else SERIES, columns=columns)


def _columns_after(call: Call, frame: Array, items: tuple[Value, ...]) -> tuple[str, ...] | None:
    """The labels of the columns that stay.  (Their order in a file is not known: places tell no labels.)"""
    if len(items) < 2 or _is_all(items[1]):
        return frame.columns
    return labels_of(call, items[1]) if not isinstance(items[1], SliceValue) else None


def _is_all(item: Value) -> bool:
    return isinstance(item, SliceValue) and (item.lower, item.upper, item.step) == (NONE, NONE, NONE)


def selected(call: Call, frame: Array, axis: int, item: Value, *, by_place: bool) -> Outcome:
    """What an item of a `loc` or `iloc` index leaves of an axis."""
    length = frame.shape.dims[axis]
    assert length is not None
    if isinstance(item, SliceValue):
        if _is_all(item):
            return length
        if by_place:
            return cut_length(length, item, samples=axis == 0)
        return call.symbol("len({})") if axis == 0 else call.symbol("{}.shape[1]")
    if is_label(item):
        label = call.constant(item)
        dated = not by_place and axis == 0 and isinstance(label, str) and _DATE.fullmatch(label)
        twice = axis == 1 and frame.columns is not None and isinstance(label, str) and frame.columns.count(label) != 1
        return UNCLEAR if dated or twice else ONE
    return _several(call, item)


def _several(call: Call, item: Value) -> Outcome:
    """The length that a list, an array of places or labels, or a mask leaves."""
    if isinstance(item, (Array, Ref)) or (isinstance(item, Sequence) and item.kind == "range"):
        array = as_array(call, item)
        if array is None or array.shape.rank != 1:
            return UNCLEAR
        if array.dtype == "bool":
            return call.symbol("len({})")
        dim = array.shape.dims[0]
        sure = is_integer(array.dtype) or array.dtype == "str" or array.kind == INDEX or array.shape == Shape((0,))
        return dim if sure and dim is not None else call.symbol("len({})")
    return UNCLEAR


# --- changing in place -----------------------------------------------------------------------------------------------


def changed(call: Call, old: Value, new: Array) -> Value | None:
    """Change a frame in place; one that is not kept in the heap takes the place of its variable."""
    if not isinstance(old, Array):
        return None
    if old.cell is None:
        return new
    change(call, old, new)
    return None


def with_columns(call: Call, frame: Array, labels: tuple[str, ...] | None, value: Value | None) -> Array:
    """The frame after columns were assigned: new ones are added, where it is known which are new."""
    rows = rows_of(frame)
    if rows == 0 and value is not None:  # the first column of an empty frame brings the rows
        array = as_array(call, value)
        fits = array is not None and array.shape.exact and len(array.shape.dims) > 0
        rows = (
            array.shape.dims[0]
            if array is not None and fits and array.shape.dims[0] is not None
            else call.symbol("len({})")
        )
    if frame.columns is None or labels is None:
        return derive(call, frame, Shape((rows, call.symbol(f"{frame.name}.shape[1]"))), name=frame.name)
    columns = frame.columns + tuple(dict.fromkeys(label for label in labels if label not in frame.columns))
    return derive(
        call, frame, Shape((rows, len(columns))), columns=columns, name=frame.name, dtype=_after(call, frame, value)
    )


def _after(call: Call, frame: Array, value: Value | None) -> str | None:
    """The dtype of a frame with one more column."""
    array = as_array(call, value)
    return frame.dtype if array is not None and array.dtype == frame.dtype else SCALARS if frame.dtype else None


@model("pandas.DataFrame.__setitem__")  # type: ignore[type-var]
def frame_setitem(call: Call, frame: Value, key: Value, value: Value) -> Value | None:
    """`df["new"] = …` adds a column; rows and masks change values only."""
    found = operand(call, frame)
    if isinstance(key, (SliceValue, Array)):
        forget_columns(call, found)
    if found.shape.rank != 2 or isinstance(key, SliceValue):
        return None
    if isinstance(key, Array) and key.kind != INDEX and key.shape != Shape(()):
        return None
    label = call.constant(key)
    labels = (label,) if isinstance(label, str) else labels_of(call, key) if isinstance(key, Ref) else None
    known = _column_ranges(call, found)
    made = changed(call, frame, with_columns(call, found, labels, value))
    if isinstance(label, str) and found.cell is not None:
        values = value.range if isinstance(value, Array) else None
        call.interpreter.state.refined[_COLUMNS, found.cell.address] = {**known, label: values}
    return made


#: Under this name a path remembers what is proved of the values in columns that the program made itself.
_COLUMNS = "columns"


def _column_ranges(call: Call, frame: Array) -> dict[str, Range | None]:
    found = call.interpreter.state.refined.get((_COLUMNS, frame.cell.address)) if frame.cell is not None else None
    return found if isinstance(found, dict) else {}


@model("pandas.Series.__setitem__")  # type: ignore[type-var]
def series_setitem(call: Call, series: Value, key: Value, value: Value) -> Value | None:
    """`s[label] = …` may add an element."""
    found = operand(call, series)
    forget_columns(call)  # it may be a column
    if isinstance(key, (SliceValue, Array)):
        return None
    return changed(call, series, derive(call, found, Shape((call.symbol(f"len({found.name})"),)), name=found.name))


@model("pandas.Indexer.__setitem__")  # type: ignore[type-var]
def indexer_setitem(call: Call, indexer: Value, index: Value, value: Value) -> Value | None:
    """By label a row or column may be added; by place none."""
    forget_columns(call)
    if not isinstance(indexer, Indexer) or indexer.member in ("iloc", "iat"):
        return None
    frame = operand(call, indexer.array)
    items = index.items if isinstance(index, Sequence) and index.kind == "tuple" else (index,)
    if items is None or frame.shape.rank is None:
        return None
    new = frame
    if not isinstance(items[0], (SliceValue, Array)):
        new = alike_rows(call, new, call.symbol(f"len({frame.name})"))
    if len(items) > 1 and frame.shape.rank == 2 and not isinstance(items[1], SliceValue):
        label = call.constant(items[1])
        labels = (label,) if isinstance(label, str) else labels_of(call, items[1])
        new = with_columns(call, new, labels, None)
    if new is not frame:
        changed(call, indexer.array, new)
    return None


@model("pandas.DataFrame.__delitem__")  # type: ignore[type-var]
def frame_delitem(call: Call, frame: Value, key: Value) -> Value | None:
    """`del df[label]`."""
    return changed(call, frame, without_columns(call, operand(call, frame), key))


def without_columns(call: Call, frame: Array, labels: Value | None) -> Array:
    """The frame without the columns named."""
    count = count_of(call, labels)
    if count is None:
        return derive(call, frame, frame.shape.with_axis(1, call.symbol("{}.shape[1]")))
    label = call.constant(labels)
    gone = (label,) if isinstance(label, str) else labels_of(call, labels)
    columns = None
    if frame.columns is not None and gone is not None:
        columns = tuple(name for name in frame.columns if name not in gone)
        if len(columns) != len(frame.columns) - len(set(gone)):
            return derive(call, frame, frame.shape.with_axis(1, call.symbol("{}.shape[1]")))
        count = len(set(gone))
    return derive(call, frame, frame.shape.with_axis(1, width_of(frame) - count), columns=columns)


@model("pandas.DataFrame.__setattr__")  # type: ignore[type-var]
def frame_setattr(call: Call, frame: Value, name: Value, value: Value) -> Value | None:
    """`df.columns = [labels]` gives the columns names, and so proves how many they are."""
    found = operand(call, frame)
    if call.constant(name) != "columns" or found.shape.rank != 2:
        return None
    count = count_of(call, value) if not is_label(value) else None
    width = count if isinstance(count, int) and not isinstance(width_of(found), int) else width_of(found)
    labels = labels_of(call, value)
    return changed(call, frame, derive(call, found, found.shape.with_axis(1, width), columns=labels, name=found.name))


@model("pandas.DataFrame.__forget__", "pandas.Series.__forget__")
def forget(call: Call, cell: Value) -> Value:
    """Code that is not known may have changed it."""
    if isinstance(cell, Ref):
        call.set_payload(cell, None)
    return NONE


# --- labels ----------------------------------------------------------------------------------------------------------


@attribute("pandas.DataFrame.columns")
def columns(call: Call, frame: Value) -> Value:
    """The labels of the columns."""
    found = operand(call, frame)
    if found.shape.rank != 2:
        return call.unknown()
    return make(call, Shape((width_of(found),)), INDEX, SCALARS, columns=found.columns)


@model("pandas.DataFrame.keys")
def keys(call: Call, frame: Value) -> Value:
    """As `columns`."""
    return columns(call, frame)


@attribute("pandas.NDFrame.index")
def index(call: Call, frame: Value) -> Value:
    """The labels of the rows."""
    found = operand(call, frame)
    return make(call, Shape((rows_of(found),)), INDEX, SCALARS) if found.shape.rank else call.unknown()


@model("pandas.DataFrame.__iter__")
def iterate_columns(call: Call, frame: Value) -> Value:
    """Iterating over a frame gives the labels of its columns."""
    found = columns(call, frame)
    return (
        iterate_index(call, found) if isinstance(found, Array) else Sequence("iterator", None, None, unknown("label"))
    )


@model("pandas.Index.__iter__")
def iterate_index(call: Call, labels: Value) -> Value:
    """The labels one by one."""
    found = operand(call, labels)
    length = found.shape.dims[0] if found.shape.rank == 1 else None
    if found.columns is not None:
        return Sequence("iterator", tuple(map(Const, found.columns)), len(found.columns))
    label = Array(Shape(()), NDARRAY, SCALARS, fresh_key(), call.site, "label")
    return Sequence("iterator", None, length, label)


@model("pandas.Index.tolist", "pandas.Index.to_list")
def index_list(call: Call, labels: Value) -> Value:
    """The labels as a list."""
    sequence = iterate_index(call, labels)
    assert isinstance(sequence, Sequence)
    return call.new_sequence(Sequence("list", sequence.items, sequence.length, sequence.element))


@attribute("pandas.Index.values")
def index_values(call: Call, labels: Value) -> Value:
    """The labels as an ndarray."""
    return alike(call, operand(call, labels), kind=NDARRAY)


@model("pandas.Index.drop", "pandas.Index.difference")
def index_drop(call: Call, labels: Value, other: Value | None = None) -> Value:
    """Without some labels (that `difference` names one that is not there changes nothing)."""
    found = operand(call, labels)
    gone = labels_of(call, other) if not isinstance(other, Const) else (str(other.value),)
    if found.columns is not None and gone is not None:
        left = tuple(label for label in found.columns if label not in gone)
        return derive(call, found, Shape((len(left),)), columns=left)
    count = count_of(call, other) if call.name.endswith("drop") else None
    old = found.shape.dims[0] if found.shape.rank == 1 else None
    known = count is not None and old is not None
    return derive(call, found, Shape((old - count if known else call.symbol("len({})"),)))  # type: ignore[operator]


@attribute("pandas.DataFrame.axes")
def axes(call: Call, frame: Value) -> Value:
    """Both kinds of label."""
    return tuple_of(index(call, frame), columns(call, frame))
