"""pandas: reading files.  What the arguments say of a frame, and what the file says, if it is there."""

from __future__ import annotations

from typing import IO

from lstmlint.datafiles.said import Frame, Said
from lstmlint.datafiles.tables import Form, Table, read_table
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Value
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.data_files import header, note, words_about
from lstmlint.libraries.declared_shapes import shape_said
from lstmlint.libraries.dtypes import NUMBERS, SCALARS, dtype_of
from lstmlint.libraries.pandas import fresh_frame
from lstmlint.libraries.pandas_indexing import count_of, is_label, labels_of
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim

ALIASES: dict[str, str] = {"pandas.io.parsers.read_csv": "pandas.read_csv"}

#: Arguments of `read_csv` with which it gives something else than a frame with one row of labels.
_NO_FRAME = ("chunksize", "iterator", "squeeze")


@model("pandas.read_csv", "pandas.read_table", "pandas.read_fwf", "pandas.read_excel")
def read_csv(call: Call, filepath: Value | None = None) -> Value:
    """A frame of a text file: its columns are known from `names`, `usecols` or the file."""
    keywords = call.keywords
    if any(given(keywords.get(word)) and call.constant(keywords[word]) is not False for word in _NO_FRAME):
        return call.unknown(call.interpreter.target_name)
    if call.name.endswith("excel"):
        sheet = keywords.get("sheet_name", keywords.get("sheetname", call.args[1] if len(call.args) > 1 else None))
        if sheet is not None and not is_label(sheet):
            return call.unknown(call.interpreter.target_name)
    labelled = keywords.get("header")
    if call.open_keywords or (labelled is not None and not isinstance(labelled, Const) and not is_label(labelled)):
        return call.unknown(call.interpreter.target_name)
    width, columns = _read_columns(call)
    kind = dtype_of(keywords.get("dtype"), SCALARS) or SCALARS
    source = filepath if filepath is not None else keywords.get("filepath_or_buffer")
    told = words_about(call, source)
    if told is not None and isinstance(told[1], Frame | Said):
        return _described(call, told[1], kind)
    stored = _stored(call, source)
    if stored is None:
        return fresh_frame(call, None, width, columns, kind)
    rows, known, names, are_numbers = stored
    if width is None or known is not None:
        width, columns = known, names
    plain = are_numbers and not any(given(keywords.get(word)) for word in _CONVERTING)
    return fresh_frame(call, rows, width, columns, NUMBERS if plain else kind)


def _described(call: Call, said: Frame | Said, kind: str) -> Value:
    """The frame that users say the call gives."""
    if isinstance(said, Frame):
        return fresh_frame(call, said.rows, len(said.columns), said.columns, kind)
    shape = shape_said(call, said)
    rows, width = shape.dims if shape.rank == 2 else (None, None)
    return fresh_frame(call, rows, width, None, kind)


def _read_columns(call: Call) -> tuple[Dim | None, tuple[str, ...] | None]:
    """How many columns the arguments say that the frame has, and their labels.  (`usecols` tells no order.)"""
    keywords = call.keywords
    if not isinstance(keywords.get("parse_dates", NONE), Const):
        flat = labels_of(call, keywords["parse_dates"])
        if flat is None or call.mapping(keywords["parse_dates"]) is not None:  # several columns become one
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


# --- what the file says ----------------------------------------------------------------------------------------------

#: Arguments that change neither the labels of the columns nor their number, nor that of the rows.
_NEUTRAL = frozenset({
    "converters", "date_format", "date_parser", "dayfirst", "decimal", "dtype", "dtype_backend", "engine", "false_values",
    "filepath_or_buffer", "float_precision", "infer_datetime_format", "keep_default_na", "low_memory", "memory_map", "na_filter",
    "na_values", "thousands", "true_values", "verbose", "cache_dates",
})  # fmt: skip
#: Arguments that are understood.
_UNDERSTOOD = frozenset({
    "delimiter", "encoding", "header", "index_col", "names", "nrows", "parse_dates", "sep", "skiprows", "usecols",
})  # fmt: skip
#: Arguments that make something else of numbers.
_CONVERTING = ("converters", "date_parser", "dtype", "dtype_backend", "parse_dates", "true_values", "false_values")
_PACKED = (".gz", ".bz2", ".zip", ".xz", ".zst", ".tar")


def _stored(call: Call, path: Value | None) -> tuple[int | None, int | None, tuple[str, ...] | None, bool] | None:
    """Rows, columns, labels and whether all are numbers, as the file says; None when it says nothing."""
    form = _form(call)
    if form is None or str(call.constant(path, "")).endswith(_PACKED):
        return None

    def reader(file: IO[bytes], size: int) -> Table | None:
        return read_table(file, size, form)

    found = header(call, path, reader, repr(form))
    if found is None:
        return None
    name, table = found
    chosen = _chosen(call, table)
    rows = _rows(call, table)
    if chosen is None:
        return rows, None, None, False
    width, labels, are_numbers = chosen
    size = "?" if rows is None else rows
    note(
        call,
        name,
        f"{size} rows, {table.width} columns" + (f", of which {width} are taken" if width != table.width else ""),
    )
    if labels is not None and len(set(labels)) < len(labels):
        labels = None  # pandas renames them
    return rows, width, labels, are_numbers


def _form(call: Call) -> Form | None:
    """How the arguments say that the table is written; None when it is not known, or not understood."""
    keywords = {key: value for key, value in call.keywords.items() if value != NONE or key in ("sep", "header")}
    if len(call.args) > 1 or call.open_args or keywords.keys() - _NEUTRAL - _UNDERSTOOD:
        return None
    if call.name.rpartition(".")[2] not in ("read_csv", "read_table"):
        return None
    usual = "\t" if call.name.endswith("table") else ","
    separator = call.constant(keywords.get("sep", keywords.get("delimiter", Const(usual))))
    encoding = call.constant(keywords.get("encoding", Const("utf-8")))
    skipped = call.constant(keywords.get("skiprows", Const(0)))
    line = call.constant(keywords.get("header", Const("infer")), "?")
    if line == "infer":
        line = None if "names" in keywords else 0
    whole = all(
        isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in (skipped, line or 0)
    )
    if not isinstance(separator, str) or len(separator) != 1 or separator in ' "\r\n' or not whole:
        return None
    return Form(separator, encoding, skipped, line) if isinstance(encoding, str) else None


def _rows(call: Call, table: Table) -> int | None:
    if not given(call.keywords.get("nrows")):
        return table.rows
    most = call.constant(call.keywords["nrows"])
    return min(table.rows, most) if table.rows is not None and isinstance(most, int) and most > 0 else None


def _chosen(call: Call, table: Table) -> tuple[int, tuple[str, ...] | None, bool] | None:
    """The columns that are taken: their number, labels, and whether they are all numbers; None when that is not clear."""
    keywords = call.keywords
    if not isinstance(keywords.get("parse_dates", NONE), Const) and labels_of(call, keywords["parse_dates"]) is None:
        return None
    labels, places = table.labels, list(range(table.width))
    if given(keywords.get("names")):
        labels = labels_of(call, keywords["names"])
        if labels is None or len(labels) != table.width:
            return None
    for word, keeps in (("usecols", True), ("index_col", False)):
        value = keywords.get(word)
        if not given(value) or call.constant(value) is False:
            continue
        named = _places(call, value, labels, places)
        if named is None:
            return None
        places = [place for place in places if (place in named) is keeps]
    if not places:
        return None
    kept = None if labels is None else tuple(labels[place] for place in places)
    return len(places), kept, table.numbers.issuperset(places)


def _places(
    call: Call, value: Value | None, labels: tuple[str, ...] | None, places: list[int]
) -> frozenset[int] | None:
    """The columns that labels or places name, counted in the file; `places` are those left to count in."""
    items = (value,) if isinstance(value, Const) else call.items(value)
    if items is None or not items:
        return None
    found = set()
    for item in items:
        word = call.constant(item)
        if isinstance(word, str) and labels is not None and labels.count(word) == 1:
            found.add(labels.index(word))
        elif isinstance(word, int) and not isinstance(word, bool) and 0 <= word < len(places):
            found.add(places[word])
        else:
            return None
    return frozenset(found) if len(found) == len(items) else None


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
