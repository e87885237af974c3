"""numpy: files of arrays, and of numbers as text."""

from __future__ import annotations

from typing import IO

from lstmlint.classes import dataclass, replace
from lstmlint.datafiles.arrays import Stored, read_npy, read_npz
from lstmlint.datafiles.said import Said
from lstmlint.datafiles.tables import Form, Numbers, read_numbers
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Sequence, Value, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, given, whole
from lstmlint.libraries.arrays import Array, at_most_of_rank, make, unranked
from lstmlint.libraries.data_files import header, note, words_about
from lstmlint.libraries.declared_shapes import shape_said
from lstmlint.libraries.dtypes import dtype_of
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Shape

ALIASES: dict[str, str] = {"numpy.lib.npyio.load": "numpy.load"}

ARCHIVE = "numpy.lib.npyio.NpzFile"


@dataclass(frozen=True, slots=True, eq=False)
class Archive(Foreign):
    """An open `.npz` file: its arrays by name (None: not known)."""

    arrays: tuple[tuple[str, Stored | Said | None], ...]

    type_name = ARCHIVE


@model("numpy.load")
def load(call: Call, file: Value | None = None, mmap_mode: Value | None = None) -> Value:
    """The content of a file: an array, of the shape that the file has if it is there, or an archive of several.

    Unknown: an array of any shape.  It may be an archive, too: by names it gives more of them.
    """
    told = words_about(call, file)
    if told is not None and isinstance(told[1], Said | dict):
        said = told[1]
        return Archive(tuple(said.items())) if isinstance(said, dict) else _array(call, said)
    found = header(call, file, read_npy)
    if found is not None and (found[1].dtype != "object" or _allows_pickle(call)):
        path, stored = found
        note(call, path, _words(stored))
        return _array(call, stored)
    several = header(call, file, read_npz)
    if several is not None:
        path, members = several
        listed = ", ".join(f"`{name}`: {_words(stored)}" for name, stored in list(members.items())[:8] if stored)
        note(call, path, listed or "no arrays")
        return Archive(tuple(members.items()))
    return replace(unranked(call), name=call.interpreter.target_name or "np.load(…)")


def _allows_pickle(call: Call) -> bool:
    """Whether arrays of objects are loaded, and not refused."""
    return call.constant(call.keywords.get("allow_pickle")) is True


def _words(stored: Stored) -> str:
    return f"{Shape(stored.shape)}" + (f" {stored.dtype}" if stored.dtype else "")


def _array(call: Call, stored: Stored | Said | None) -> Value:
    if isinstance(stored, Said):
        return make(call, shape_said(call, stored))
    return unranked(call) if stored is None else make(call, Shape(stored.shape), dtype=stored.dtype)


@model(f"{ARCHIVE}.__getitem__", f"{ARCHIVE}.get")
def member(call: Call, archive: Value, key: Value | None = None) -> Value:
    """One array of an archive."""
    name = call.constant(key)
    if not isinstance(archive, Archive) or not isinstance(name, str):
        return unranked(call)
    return _array(call, dict(archive.arrays).get(name.removesuffix(".npy")))


@model(f"{ARCHIVE}.__enter__")
def enter_archive(call: Call, archive: Value) -> Value:
    return archive


@attribute(f"{ARCHIVE}.files")
def files(call: Call, archive: Value) -> Value:
    """The names in an archive."""
    return call.new_list(_names(archive))


@attribute(f"{ARCHIVE}.f")
def by_attribute(call: Call, archive: Value) -> Value:
    """`archive.f.name` is not followed."""
    return call.unknown()


@model(f"{ARCHIVE}.keys", f"{ARCHIVE}.__iter__")
def keys(call: Call, archive: Value) -> Value:
    """The names in an archive."""
    names = _names(archive)
    return Sequence("keys", names, len(names))


@model(f"{ARCHIVE}.values")
def values(call: Call, archive: Value) -> Value:
    """The arrays in an archive."""
    arrays = tuple(member(call, archive, name) for name in _names(archive))
    return Sequence("values", arrays, len(arrays))


@model(f"{ARCHIVE}.items")
def items(call: Call, archive: Value) -> Value:
    """Names and arrays."""
    pairs = tuple(tuple_of(name, member(call, archive, name)) for name in _names(archive))
    return Sequence("items", pairs, len(pairs))


@model(f"{ARCHIVE}.__len__")
def count(call: Call, archive: Value) -> Value:
    return Const(len(_names(archive)))


@model(f"{ARCHIVE}.__contains__")
def contains(call: Call, archive: Value, key: Value) -> Value:
    name = call.constant(key)
    return Const(Const(name) in _names(archive)) if isinstance(name, str) else call.unknown()


@model(f"{ARCHIVE}.close")
def close(call: Call, archive: Value) -> Value:
    return Const(None)


def _names(archive: Value) -> tuple[Value, ...]:
    return tuple(Const(name) for name, _ in archive.arrays) if isinstance(archive, Archive) else ()


@model("numpy.ndarray.__enter__")
def enter(call: Call, archive: Value) -> Value:
    """`with np.load(…) as archive`, of which nothing is known."""
    return archive


# --- text ------------------------------------------------------------------------------------------------------------

#: What is understood of the arguments, with the words for lines that do not count.
_LOADTXT = {"loadtxt": "skiprows", "genfromtxt": "skip_header"}
_PLAIN = frozenset(
    {"comments", "delimiter", "dtype", "encoding", "fname", "ndmin", "skip_header", "skiprows", "usecols"}
)


@model("numpy.loadtxt", "numpy.genfromtxt")
def loadtxt(call: Call, fname: Value | None = None, dtype: Value | None = None) -> Value:
    """Numbers of a text file: of rank 1 or 2, as the file has it."""
    told = words_about(call, fname)
    if told is not None and isinstance(told[1], Said):
        return _array(call, told[1])
    kind = "float64" if dtype is None else dtype_of(dtype)
    form = _form(call)
    if form is None or kind is None or not kind.startswith(("float", "int")):
        return _table(call)

    def reader(file: IO[bytes], size: int) -> Numbers | None:
        return read_numbers(file, size, form, lenient=call.name.endswith("genfromtxt"))

    found = header(call, fname, reader, f"{call.name} {form!r}")
    width = None if found is None else _taken(call, found[1].width)
    if found is None or width is None:
        return _table(call)
    path, table = found
    note(call, path, f"{'?' if table.rows is None else table.rows} rows of {table.width} numbers")
    rows: Dim = call.symbol("len({})", lower=2) if table.rows is None else table.rows
    least = whole(call.keywords.get("ndmin"), 0)
    if least == UNCLEAR:
        return _table(call, kind)
    shape = (rows, width) if least == 2 else tuple(dim for dim in (rows, width) if dim != 1)
    return make(call, Shape(shape if shape or least == 0 else (1,)), dtype=kind)


def _table(call: Call, dtype: str | None = None) -> Array:
    """Numbers of a text file that is not looked at: of rank 1 or 2."""
    return at_most_of_rank(call, unranked(call, dtype=dtype), 2)


def _form(call: Call) -> Form | None:
    """How the arguments say that a table of numbers is written; None when that is not understood."""
    keywords = call.keywords
    if len(call.args) > 2 or call.open_args or call.open_keywords or keywords.keys() - _PLAIN:
        return None
    separator = call.constant(keywords.get("delimiter", NONE), "?")
    skipped = call.constant(keywords.get(_LOADTXT[call.name.rpartition(".")[2]], Const(0)))
    encoding = call.constant(keywords.get("encoding", NONE), "?")
    if call.constant(keywords.get("comments", Const("#"))) != "#" or not isinstance(skipped, int) or skipped < 0:
        return None
    if separator is not None and (not isinstance(separator, str) or len(separator) != 1 or separator in '?#"\r\n'):
        return None
    return Form(separator, encoding if isinstance(encoding, str) else "utf-8", skipped, None)


def _taken(call: Call, width: int) -> int | None:
    """The number of columns that `usecols` leaves."""
    chosen = call.keywords.get("usecols")
    if not given(chosen):
        return width
    dims = call.dims(chosen)
    if dims is None or not all(isinstance(dim, int) and -width <= dim < width for dim in dims):
        return None
    return len(dims)


@model("numpy.recfromcsv", "numpy.fromfile", "numpy.memmap")
def other_file(call: Call, fname: Value | None = None) -> Value:
    """An array of any shape."""
    return unranked(call)
