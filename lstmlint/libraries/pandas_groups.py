"""pandas: rows in groups (`groupby`, `resample`): what is left of each, and the groups themselves."""

from __future__ import annotations

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, Foreign, Sequence, Value, tuple_of
from lstmlint.libraries.array_arguments import flag, given
from lstmlint.libraries.arrays import SERIES, Array, alike, derive, operand
from lstmlint.libraries.dtypes import SCALARS, is_numeric
from lstmlint.libraries.pandas import fresh_frame
from lstmlint.libraries.pandas_indexing import alike_rows, column, count_of, is_label, rows_of, select_columns, width_of
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Groups(Foreign):
    """Rows of a frame or series in groups.

    `keys`: how many columns the labels of the groups become where they do not become the index (None: not known; 0 where
    they are its index).  `chosen`: whether the program named the columns that it wants of each group.
    """

    array: Array
    keys: int | None = 0
    chosen: bool = False

    type_name = "pandas.Groups"


@model("pandas.NDFrame.groupby", "pandas.NDFrame.resample")
def groupby(call: Call, frame: Value, by: Value | None = None, axis: Value | None = None) -> Value:
    """The groups of the rows that have one label, or fall into one span of time."""
    found = operand(call, frame)
    keywords = call.keywords
    if found.shape.rank not in (1, 2) or (given(axis) and call.constant(axis) not in (0, "index")) or "how" in keywords:
        return call.unknown()
    labels = flag(call, keywords.get("as_index"), True)
    if call.name.endswith("resample") or labels is True:
        return Groups(found)
    count = count_of(call, by)
    return Groups(found, count if labels is False and isinstance(count, int) else None)


@model("pandas.Groups.__getitem__")
def chosen_columns(call: Call, groups: Value, key: Value) -> Value:
    """`groups[label]` is of one column, `groups[[labels]]` of some."""
    if not isinstance(groups, Groups) or groups.array.shape.rank != 2:
        return call.unknown()
    if is_label(key):
        series = column(call, groups.array, key)
        return replace(groups, array=series, chosen=True) if isinstance(series, Array) else call.unknown()
    if count_of(call, key) is None:
        return call.unknown()
    return replace(groups, array=select_columns(call, groups.array, key), chosen=True)


@attribute("pandas.Groups.__getattr__")
def chosen_column(call: Call, groups: Value) -> Value:
    """`groups.close`: of one column, where groups have no member of that name."""
    name = member(call)
    if name in _OPEN or name.startswith("_"):
        return call.unknown(name)
    return chosen_columns(call, groups, Const(name))


#: Members of groups that are not followed.
_NOT_FOLLOWED = """
apply pipe rolling expanding ewm describe groups indices ngroups corr cov hist plot boxplot quantile filter sample value_counts
skew kurt idxmax idxmin take dtype dtypes ohlc asfreq interpolate unique
"""
_OPEN = frozenset(_NOT_FOLLOWED.split())


# --- a row for each group --------------------------------------------------------------------------------------------

_FOLDED = (
    "mean",
    "sum",
    "std",
    "var",
    "min",
    "max",
    "median",
    "count",
    "first",
    "last",
    "nunique",
    "prod",
    "sem",
    "any",
    "all",
)
_KINDS = {"count": "int64", "nunique": "int64", "any": "bool", "all": "bool", "mean": "float64", "median": "float64",
          "std": "float64", "var": "float64", "sem": "float64"}  # fmt: skip


@model(*(f"pandas.Groups.{name}" for name in _FOLDED))
def folded(call: Call, groups: Value) -> Value:
    """A row for each group; columns that were not asked for may be its labels, or texts, and fall out."""
    return _folded(call, groups, member(call)) if isinstance(groups, Groups) else call.unknown()


def _folded(call: Call, groups: Groups, name: str) -> Value:
    found = groups.array
    dtype = _KINDS.get(name, found.dtype)
    if groups.keys != 0:
        return _with_labels(call, groups)
    rows = call.symbol("len({})", lower=1)
    if found.shape.rank == 1:
        return derive(call, found, Shape((rows,)), kind=SERIES, dtype=dtype)
    width = width_of(found) if groups.chosen else call.symbol("{}.shape[1]")
    return derive(call, found, Shape((rows, width)), dtype=dtype, columns=found.columns if groups.chosen else None)


def _with_labels(call: Call, groups: Groups) -> Array:
    """A frame in which the labels of the groups are columns."""
    found, width = groups.array, None
    if groups.keys is not None and groups.chosen:
        chosen: Dim = 1 if found.shape.rank == 1 else width_of(found)
        width = chosen + groups.keys
    return fresh_frame(call, None, width, None, SCALARS)


@model("pandas.Groups.size")
def sizes(call: Call, groups: Value) -> Value:
    """How many rows each group has."""
    if not isinstance(groups, Groups):
        return call.unknown()
    if groups.keys != 0:
        return fresh_frame(call, None, None if groups.keys is None else groups.keys + 1, None, SCALARS)
    return derive(call, groups.array, Shape((call.symbol("len({})", lower=1),)), kind=SERIES, dtype="int64")


@model("pandas.Groups.agg", "pandas.Groups.aggregate")
def aggregated(call: Call, groups: Value, func: Value | None = None) -> Value:
    """By the name of one reduction; by several of one column a frame with a column for each."""
    if not isinstance(groups, Groups):
        return call.unknown()
    name = call.constant(func)
    if isinstance(name, str) and name in _FOLDED:
        return _folded(call, groups, name)
    several = call.items(func) if func is not None and call.mapping(func) is None else None
    if groups.array.shape.rank == 2:
        return fresh_frame(call, None, None, None, None)
    if several is not None and groups.keys == 0:
        return fresh_frame(call, None, len(several), None, None)
    return call.unknown()


# --- a row for each row ----------------------------------------------------------------------------------------------


@model(*(f"pandas.Groups.{name}" for name in (
    "transform", "shift", "diff", "cumsum", "cumprod", "cummax", "cummin", "rank", "ffill", "bfill", "pad", "fillna", "pct_change",
)))  # fmt: skip
def same_rows(call: Call, groups: Value) -> Value:
    """As many rows as before; the columns are sure where the program named them."""
    if not isinstance(groups, Groups) or groups.keys != 0:
        return call.unknown()
    found = groups.array
    if found.shape.rank == 2 and not groups.chosen:
        return derive(call, found, Shape((rows_of(found), call.symbol("{}.shape[1]"))), dtype=None)
    return alike(call, found, dtype="float64" if is_numeric(found.dtype) else None)


@model("pandas.Groups.cumcount", "pandas.Groups.ngroup")
def counted_rows(call: Call, groups: Value) -> Value:
    """A number for each row."""
    if not isinstance(groups, Groups):
        return call.unknown()
    return derive(call, groups.array, Shape((rows_of(groups.array),)), kind=SERIES, dtype="int64")


# --- the groups themselves -------------------------------------------------------------------------------------------


@model("pandas.Groups.get_group", "pandas.Groups.head", "pandas.Groups.tail", "pandas.Groups.nth")
def some_rows(call: Call, groups: Value) -> Value:
    """Some of the rows, with all their columns."""
    if not isinstance(groups, Groups):
        return call.unknown()
    return alike_rows(call, groups.array, call.symbol("len({})"))


@model("pandas.Groups.__iter__")
def each_group(call: Call, groups: Value) -> Value:
    """The label and the rows of each group."""
    if not isinstance(groups, Groups):
        return call.unknown()
    rows = alike_rows(call, groups.array, call.symbol(f"len({groups.array.name}[…])", lower=1))
    return Sequence("iterator", None, call.symbol("groups", lower=1), tuple_of(call.unknown("label"), rows))
