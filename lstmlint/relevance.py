"""Which files can have to do with Keras: told from their bytes and their imports, without parsing.

Most files of most projects have not.  So this is the part of a run that every file pays for: each file of a project is
looked at once, whatever imports it, and folders are listed once instead of asking the disk for every import.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from lstmlint.classes import dataclass, field

KERAS = b"keras"
"""Without this word no file can name Keras itself."""

MOST_BYTES = 50_000_000
"""Read of a file that is imported; a longer one counts as one without imports behind that."""


@dataclass(slots=True)
class Relevance:
    """Knows, for the files below the absolute path `root`, whether they or what they import name Keras.

    What was found on disk is remembered: one object serves one run.
    """

    root: str
    _imported: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    """File -> the files it imports, or None when it names Keras."""
    _answers: dict[str, bool] = field(default_factory=dict)
    _listings: dict[str, frozenset[str]] = field(default_factory=dict)
    _real_folders: dict[str, str] = field(default_factory=dict)
    _local: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _resolved: dict[tuple[str, str], tuple[tuple[str, ...], bool]] = field(default_factory=dict)

    def concerns_keras(self, path: str, data: bytes) -> bool:
        """Whether the file at the absolute `path`, with content `data`, names Keras or imports, directly or through
        others, a file of the project that does.

        Imports are found by pattern: those in strings count too, those behind `;` or `exec` do not.
        """
        if KERAS in data:
            return True
        known = self._answers.get(path)
        if known is not None:
            return known
        if path not in self._imported:
            self._imported[path] = self._imports(path, data)
        return self._search(path)

    def is_known_not_to(self, path: str) -> bool:
        """Whether it is known already that the file at the absolute `path` does not: then nobody needs to read it."""
        return self._answers.get(path) is False

    def _search(self, start: str) -> bool:
        """Follow imports until one leads to Keras; all on the way there do, and if none does, none that was met."""
        came_from: dict[str, str | None] = {start: None}
        waiting = [start]
        while waiting:
            path = waiting.pop()
            imported = self._imports_of(path)
            if imported is None or self._answers.get(path):
                on_the_way: str | None = path
                while on_the_way is not None:
                    self._answers[on_the_way] = True
                    on_the_way = came_from[on_the_way]
                return True
            for target in imported:
                if target not in came_from and self._answers.get(target) is not False:
                    came_from[target] = path
                    waiting.append(target)
        self._answers.update(dict.fromkeys(came_from, False))
        return False

    def _imports_of(self, path: str) -> tuple[str, ...] | None:
        if path not in self._imported:
            try:
                with open(path, "rb") as file:
                    data = file.read(MOST_BYTES)
            except (OSError, ValueError):
                data = b""
            self._imported[path] = None if KERAS in data else self._imports(path, data)
        return self._imported[path]

    def _imports(self, path: str, data: bytes) -> tuple[str, ...]:
        """The files of the project that a file imports."""
        folder = os.path.dirname(path)
        found: list[str] = []
        for source, names_at in _import_lines(data, self._local_names(folder)):
            targets, may_hold_modules = self._targets(folder, source)
            found += targets
            if may_hold_modules and names_at is not None:
                dot = "" if source.endswith(".") else "."
                for name in _names(data, names_at):
                    found += self._targets(folder, f"{source}{dot}{name}")[0]
        return tuple(dict.fromkeys(found))

    def _local_names(self, folder: str) -> frozenset[bytes]:
        """First names of what absolute imports in a folder may find in the project."""
        found = self._local.get(folder)
        if found is None:
            names = frozenset().union(*map(self._listing, self._starts(folder)))
            found = self._local[folder] = frozenset(name.removesuffix(".py").encode(errors="replace") for name in names)
        return found

    def _targets(self, folder: str, source: str) -> tuple[tuple[str, ...], bool]:
        """The file that `import source` in a file of `folder` reads, none or one; whether names of it may be modules."""
        key = (folder, source)
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = self._resolve(folder, source)
        return found

    def _resolve(self, folder: str, source: str) -> tuple[tuple[str, ...], bool]:
        name = source.lstrip(".")
        level = len(source) - len(name)
        starts = self._starts(folder)
        if level:
            for _ in range(min(level - 1, 100)):
                folder = os.path.dirname(folder)
            starts = (folder,)
        *parents, last = name.split(".")
        is_folder = not last
        for start in starts:
            above = os.sep.join((start, *parents))
            listing = self._listing(above)
            package = f"{above}{os.sep}{last}" if last else above
            if not last or last in listing:
                is_folder = True
                if "__init__.py" in self._listing(package) and self._is_inside(package, "__init__.py"):
                    return (f"{package}{os.sep}__init__.py",), True
            if last and last + ".py" in listing and self._is_inside(above, last + ".py"):
                return (package + ".py",), is_folder
        return (), is_folder

    def _starts(self, folder: str) -> tuple[str, ...]:
        """Where absolute imports are looked for."""
        return folder, self.root, f"{self.root}{os.sep}src"

    def _is_inside(self, folder: str, name: str) -> bool:
        """Whether there is a file that lies, links followed, below the root."""
        path = f"{folder}{os.sep}{name}"
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                return os.path.isfile(path) and os.path.realpath(path).startswith(self._real(self.root))
            return stat.S_ISREG(mode) and self._real(folder).startswith(self._real(self.root))
        except (OSError, ValueError):
            return False

    def _real(self, folder: str) -> str:
        """The folder with links followed and a separator behind it."""
        found = self._real_folders.get(folder)
        if found is None:
            found = self._real_folders[folder] = os.path.join(os.path.realpath(folder), "")
        return found

    def _listing(self, folder: str) -> frozenset[str]:
        found = self._listings.get(folder)
        if found is None:
            try:
                found = frozenset(os.listdir(folder))
            except (OSError, ValueError):
                found = frozenset()
            self._listings[folder] = found
        return found


_STARTS = frozenset([b"", b'"', b">>>", b'">>>'])
"""What may stand before an import: nothing, or in a notebook the quote of a JSON string; a prompt of a session."""


def _import_lines(data: bytes, local: frozenset[bytes]) -> Iterator[tuple[str, int | None]]:
    """The module of each import that may be of the project: relative, or with one of the `local` names in front.

    With it where the imported names begin; None for `import a.b`.
    """
    place = data.find(b"import")
    while place >= 0:
        begin = max(data.rfind(b"\n", 0, place), data.rfind(b"\r", 0, place)) + 1
        before = data[begin:place].strip(b" \t\f")
        behind = place + len(b"import")
        if before in _STARTS:
            if data[behind : behind + 1] in _BLANKS:
                for module in _line(data, behind).split(b","):
                    source = module.partition(b" as ")[0].strip()
                    if source.partition(b".")[0] in local and _is_module(source):
                        yield source.decode(), None
        elif b"from" in before:
            start, _, source = before.partition(b"from")
            source = b"".join(source.split()) if b"." in source[:4] else source.strip()
            may_be_local = source[:1] == b"." or source.partition(b".")[0] in local
            if may_be_local and start.strip(b" \t\f") in _STARTS and _is_module(source):
                yield source.decode(), behind
        place = data.find(b"import", behind)


_BLANKS = frozenset([b" ", b"\t"])


def _is_module(word: bytes) -> bool:
    return word.isascii() and word.replace(b".", b"a").decode().isidentifier()


def _line(data: bytes, begin: int) -> bytes:
    """From `begin` to where a statement may end, lines that a backslash joins included."""
    end = begin
    while True:
        end = data.find(b"\n", end)
        if end < 0:
            end = len(data)
        elif data[max(end - 2, begin) : end].rstrip(b"\r").endswith(b"\\"):
            end += 1
            continue
        line = data[begin:end]
        for stop in _STOPS:
            line = line.partition(stop)[0]
        return line.replace(b"\\n", b"").replace(b"\\", b" ")


_STOPS = (b"#", b";", b'"', b"\r")


def _names(data: bytes, begin: int) -> Iterator[str]:
    """What `from … import` names, with or without brackets."""
    line_end = data.find(b"\n", begin)
    bracket = data.find(b"(", begin, line_end if line_end >= 0 else len(data))
    end = data.find(b")", bracket) if bracket >= 0 else -1
    listed = _line(data, begin) if bracket < 0 else data[bracket + 1 : end if end >= 0 else len(data)]
    for line in listed.splitlines():
        for part in line.partition(b"#")[0].split(b","):
            words = part.split(None, 1)
            if words and _is_module(words[0]):
                yield words[0].decode()
