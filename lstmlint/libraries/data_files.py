"""The data files of a program: what library models ask of them, and which the program itself may change."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING, Any, TypeVar

from lstmlint.datafiles.finding import LONGEST_TEXT, Changes, DataFiles, kind_of
from lstmlint.interpreter import sequences
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments
from lstmlint.interpreter.joins import leaves
from lstmlint.interpreter.values import Const, Ref, Sequence, Text, Unknown, Value
from lstmlint.libraries.python_files import content_path
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter

T = TypeVar("T")

# --- reading ---------------------------------------------------------------------------------------------------------


def path_of(call: Call, value: Value | None) -> str | None:
    """The path that a value is, if it is known; of a file that is opened in the call itself, too."""
    found = call.constant(value)
    node = call.site.node
    if found is None and isinstance(node, tree.Call) and node.args and isinstance(node.args[0], tree.Call):
        found = content_path(value)
    return found if isinstance(found, str) and found else None


def header(
    call: Call, value: Value | None, reader: Callable[[IO[bytes], int], T | None], key: str = ""
) -> tuple[str, T] | None:
    """The path that a value is, and what `reader` makes of the file there (see `DataFiles.header`)."""
    path, data = path_of(call, value), call.interpreter.data
    if path is None or not isinstance(data, DataFiles):
        return None
    found = data.header(path, reader, key)
    return None if found is None else (path, found)


def words_about(call: Call, value: Value | None) -> tuple[str, Any] | None:
    """The path that a value is, and what users say of the file there, if they do."""
    path, data = path_of(call, value), call.interpreter.data
    if path is None or not isinstance(data, DataFiles):
        return None
    said = data.words_about(path)
    if said is None:
        return None
    data.places.setdefault(id(call.site.node), (call.site, f"the configuration says what `{path}` holds"))
    return path, said


def note(call: Call, path: str, words: str) -> None:
    """Remember for the trace of findings what this call reads."""
    data = call.interpreter.data
    if isinstance(data, DataFiles):
        name = os.path.relpath(path, data.root).replace(os.sep, "/") if os.path.isabs(path) else path
        data.places.setdefault(id(call.site.node), (call.site, f"`{name}` holds {words}"))


# --- changing --------------------------------------------------------------------------------------------------------

#: Functions that write to the path in an argument: its place and keyword, and the end that is put to a name without it.
_WRITERS: dict[str, tuple[int, str, str]] = {
    "numpy.save": (0, "file", ".npy"),
    "numpy.savez": (0, "file", ".npz"),
    "numpy.savez_compressed": (0, "file", ".npz"),
    "numpy.savetxt": (0, "fname", ""),
    "numpy.ndarray.tofile": (1, "fid", ""),
    "joblib.dump": (1, "filename", ""),
    "shutil.copy": (1, "dst", ""),
    "shutil.copy2": (1, "dst", ""),
    "shutil.copyfile": (1, "dst", ""),
    "os.remove": (0, "path", ""),
    "os.unlink": (0, "path", ""),
}
_OPENING = {"builtins.open": "r", "io.open": "r", "codecs.open": "r", "gzip.open": "r", "h5py.File": "r"}
#: Methods of frames that write, by the beginning of their names; what they call their path.
_FRAME = "to_"
_FRAME_PATHS = ("path_or_buf", "path", "buf", "excel_writer", "fname")
#: Functions of which every text is taken for a file that they may change, by the last part of their names.
_CHANGERS = frozenset({
    "BackupAndRestore", "CSVLogger", "ModelCheckpoint", "Path", "PosixPath", "PurePath", "copytree", "get_file",
    "memmap", "move", "popen", "rename", "replace", "save", "save_model", "save_weights", "system", "unpack_archive",
})  # fmt: skip
_MOVERS = frozenset({"os.chdir", "os.fchdir"})


def watcher(run: Interpreter, changes: Changes) -> Callable[[str | None, Arguments], None]:
    """An observer of the calls of libraries (by name) and of code that is not known (None): it notes what may be changed."""

    def watch(name: str | None, arguments: Arguments) -> None:
        if name is None:
            changes.texts.update(_texts(run, arguments))
            return
        tail = name.rpartition(".")[2]
        if name in _WRITERS:
            place, keyword, end = _WRITERS[name]
            _write(run, changes, _argument(arguments, place, keyword), end)
        elif name in _OPENING:
            mode = _argument(arguments, 1, "mode")
            words = {leaf.value if isinstance(leaf, Const) else "w" for leaf in _leaves(run, mode)} or {_OPENING[name]}
            if any(not isinstance(word, str) or set("wax+") & set(word) for word in words):
                _write(run, changes, _argument(arguments, 0, "file", "filename", "name"), "")
        elif tail.startswith(_FRAME) and name.startswith("pandas."):
            _write(run, changes, _argument(arguments, 1, *_FRAME_PATHS), "")
        elif name in _MOVERS:
            changes.moved = True
        elif (tail in _CHANGERS and not name.startswith("builtins.str")) or (
            run.library.lookup(name) is None and not run.library.harmless(name)
        ):
            changes.texts.update(_texts(run, arguments))

    return watch


def _argument(arguments: Arguments, place: int, *keywords: str) -> Value | None:
    given = next((arguments.keywords[keyword] for keyword in keywords if keyword in arguments.keywords), None)
    return arguments.args[place] if given is None and place < len(arguments.args) else given


def _leaves(run: Interpreter, value: Value | None) -> list[Value]:
    return [] if value is None else leaves(run.state.resolve(value))


def _write(run: Interpreter, changes: Changes, path: Value | None, end: str) -> None:
    import posixpath

    for leaf in _leaves(run, path):
        if isinstance(leaf, Const) and isinstance(leaf.value, str):
            name = leaf.value if leaf.value.endswith(end) else leaf.value + end
            changes.paths.add(posixpath.normpath(name))
        elif isinstance(leaf, (Text, Unknown)):
            changes.kinds.add(kind_of(f"any{end}"))


def _texts(run: Interpreter, arguments: Arguments) -> Iterator[str]:
    """The texts among arguments, and in lists among them."""
    for argument in arguments.all():
        for leaf in _leaves(run, argument):
            items: tuple[Value, ...] = (leaf,)
            if isinstance(leaf, Sequence) or (isinstance(leaf, Ref) and leaf.kind == "list"):
                items = tuple(sequences.known_items(run, leaf) or ())
            for item in items:
                if isinstance(item, Const) and isinstance(item.value, str) and len(item.value) <= LONGEST_TEXT:
                    yield item.value
