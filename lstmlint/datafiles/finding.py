"""Which file a path in a program means, and whether what lies there now is what the program will find."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Callable, Mapping
from typing import IO, Any, TypeVar

from lstmlint.classes import dataclass, field

T = TypeVar("T")

MOST_FILES = 200
"""Files of which the headers are read for one program."""

LONGEST_PATH = 1_000
LONGEST_TEXT = 500
"""Characters of a text given to unknown code that is searched for names of files."""

#: Kinds of file by the ends of their names; everything else is text.  A write to a path that is not known may be to any
#: file of its kind.
_KINDS = {".npy": "npy", ".npz": "npz", ".h5": "hdf5", ".hdf5": "hdf5", ".parquet": "parquet"}


def kind_of(path: str) -> str:
    """The kind of file that a name says."""
    return _KINDS.get(posixpath.splitext(path)[1].lower(), "text")


@dataclass(slots=True)
class Changes:
    """What a program writes: `paths` (normal), `texts` given to code that is not known, `kinds` written to unknown paths."""

    paths: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    moved: bool = False  # the program changes its working directory

    def concern(self, path: str) -> bool:
        """Whether the program may change the file at `path`, whenever in its run."""
        name = posixpath.basename(path)
        return (
            posixpath.normpath(path) in self.paths
            or any(name in text for text in self.texts)
            or (self.moved and not posixpath.isabs(path))
        )


@dataclass(slots=True)
class DataFiles:
    """The data files that one program may mean.

    `root` is the project's folder, outside of which nothing is opened.  A relative path may be meant from each of
    `folders`; where different files answer, none does.  `stamps` tell what a result depends on: each path looked at, with
    size and time of its file, None where there is none.  `said` is what users say of files, by path.  `read` has the paths, as the program writes them, of the files whose
    headers were used, `places` the calls that read them, with words for people, by the identity of their node.
    """

    root: str
    folders: tuple[str, ...]
    enabled: bool = True
    said: Mapping[str, Any] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)
    stamps: dict[str, str | None] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    places: dict[int, tuple[Any, str]] = field(default_factory=dict)
    _known: dict[tuple[str, str], Any] = field(default_factory=dict)

    def again(self) -> DataFiles | None:
        """For a second run of a program that changes files whose headers were used; None when it does not.

        A write behind a read may come before it in another round of a loop, so all that is written is left alone.
        """
        if not any(map(self.changes.concern, self.read)):
            return None
        changes = Changes(self.changes.paths, self.changes.texts, set(), self.changes.moved)
        return DataFiles(self.root, self.folders, self.enabled, self.said, changes, self.stamps)

    def words_about(self, path: str) -> Any:
        """What users say of the file at `path`, by its path in the project or as the program has it; None: nothing."""
        if not self.said:
            return None
        names = [posixpath.normpath(path)]
        for folder in self.folders if not os.path.isabs(path) else ("",):
            names.append(os.path.relpath(os.path.join(folder, path), self.root).replace(os.sep, "/"))
        return next((self.said[name] for name in names if name in self.said), None)

    def header(self, path: str, reader: Callable[[IO[bytes], int], T | None], key: str = "") -> T | None:
        """What `reader` makes of the file that `path` means (it is given the open file and its size).

        None: there is no such file in the project, the program may change it, or the reader does not understand it.
        `key` tells calls of one reader with different options apart.
        """
        if not self.enabled or path.startswith("~") or len(path) > LONGEST_PATH or "\0" in path or "://" in path:
            return None
        if self.changes.concern(path) or kind_of(path) in self.changes.kinds:
            return None
        found = self._find(path)
        if found is None:
            return None
        known = (found, f"{reader.__module__}.{reader.__name__} {key}")
        if known not in self._known:
            if len(self._known) >= MOST_FILES:
                return None
            self._known[known] = _opened(found, reader)
        result: T | None = self._known[known]
        if result is not None:
            self.read.add(path)
        return result

    def _find(self, path: str) -> str | None:
        """The real path of the one regular file that `path` means."""
        starts = ("",) if os.path.isabs(path) else self.folders
        found = set()
        for start in starts:
            candidate = os.path.normpath(os.path.join(start, path))
            real = _real(candidate)
            if real is None or not _is_below(real, self.root):
                continue
            self.stamps[candidate] = stamp = stamp_of(candidate)
            if stamp is not None:
                found.add(real)
        return found.pop() if len(found) == 1 else None


def folders_above(folder: str, root: str) -> tuple[str, ...]:
    """`folder` and those around it, up to `root`: where a program may be started."""
    folders = [folder]
    while folder != root and _is_below(folder, root):
        folder = os.path.dirname(folder)
        folders.append(folder)
    return tuple(dict.fromkeys((*folders, root)))


def stamp_of(path: str) -> str | None:
    """Size and time of the regular file at `path`, as a text; None when there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return f"{found.st_size}:{found.st_mtime_ns}" if stat.S_ISREG(found.st_mode) else None


def _real(path: str) -> str | None:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):  # a loop of links
        return None


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))


def _opened(path: str, reader: Callable[[IO[bytes], int], T | None]) -> T | None:
    """What `reader` makes of a regular file.  A pipe in its place is not waited for; what is broken is not known."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            return reader(file, found.st_size) if stat.S_ISREG(found.st_mode) else None
    except (OSError, ValueError, EOFError, MemoryError, RecursionError, NotImplementedError):
        return None
