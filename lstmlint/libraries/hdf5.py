"""h5py: arrays in files of the project, by their names."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.datafiles.arrays import Stored
from lstmlint.datafiles.hdf5 import read_hdf5
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Foreign, Sequence, Value
from lstmlint.libraries.arrays import make, unranked
from lstmlint.libraries.data_files import header, note
from lstmlint.libraries.registry import model
from lstmlint.shapes.shape import Shape

GROUP = "h5py.Group"


@dataclass(frozen=True, slots=True, eq=False)
class Group(Foreign):
    """An open file or a group in it: the arrays below by their paths."""

    arrays: tuple[tuple[str, Stored], ...]

    type_name = GROUP


@model("h5py.File")
def open_file(call: Call, name: Value | None = None, mode: Value | None = None) -> Value:
    """A file that is opened for reading, where it is there and h5py is installed."""
    if call.open_args or call.open_keywords or call.constant(mode if mode is not None else Const("r")) != "r":
        return call.unknown()
    found = header(call, name, read_hdf5)
    if found is None:
        return call.unknown()
    path, arrays = found
    listed = ", ".join(f"`{key}`: {Shape(stored.shape)}" for key, stored in list(arrays.items())[:8])
    note(call, path, listed or "no arrays")
    return Group(tuple(arrays.items()))


@model(f"{GROUP}.__enter__")
def enter(call: Call, group: Value) -> Value:
    return group


@model(f"{GROUP}.close")
def close(call: Call, group: Value) -> Value:
    return NONE


@model(f"{GROUP}.__getitem__", f"{GROUP}.get")
def member(call: Call, group: Value, key: Value | None = None) -> Value:
    """An array (what is read of it is an ndarray) or a group."""
    name = call.constant(key)
    if not isinstance(group, Group) or not isinstance(name, str):
        return unranked(call)
    path = name.strip("/")
    found = dict(group.arrays).get(path)
    if found is not None:
        return make(call, Shape(found.shape), dtype=found.dtype)
    below = tuple((key.removeprefix(f"{path}/"), stored) for key, stored in group.arrays if key.startswith(f"{path}/"))
    return Group(below) if below else unranked(call)


@model(f"{GROUP}.keys", f"{GROUP}.__iter__")
def keys(call: Call, group: Value) -> Value:
    """The names in a group; there may be others that hold nothing known."""
    return Sequence("keys", None, None, None)
