"""Which files are checked: paths of the command line, folders walked, exclusions and `.gitignore` respected."""

from __future__ import annotations

import fnmatch
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from lstmlint.classes import dataclass, field
from lstmlint.settings import Resolver, Settings

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

SUFFIXES = (".py", ".pyi", ".ipynb")
STDIN = "-"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to check.

    `path` is absolute; `display` is what reports call it; `named` tells that it stood on the command line; `data` is
    given for standard input only.
    """

    path: str
    display: str
    settings: Settings
    named: bool = False
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found: `files` by name, `problems` (a path that cannot be read; exit status 2) and `notes` in words."""

    files: tuple[SourceFile, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    unreadable: tuple[SourceFile, ...]
    """Folders met while walking whose content cannot be listed."""


def display_name(path: str) -> str:
    """What reports call the file at `path`: relative to the current folder when inside it, else absolute."""
    here = os.path.join(os.getcwd(), "")
    if path.startswith(here) and os.pardir not in path:
        return path[len(here) :]
    return os.path.abspath(path).removeprefix(here)


def discover(paths: Iterable[str], resolver: Resolver, *, stdin_filename: str | None = None) -> Discovery:
    """The files that `paths` stand for, each once, sorted by display name.

    Errors: ConfigError from the configuration of a folder; what cannot be read is told in the result.
    """
    found: dict[str, SourceFile] = {}
    problems: list[str] = []
    notes: list[str] = []
    unreadable: list[SourceFile] = []
    for path in paths:
        absolute = os.path.abspath(path)
        if path == STDIN:
            absolute = os.path.abspath(stdin_filename or "stdin.py")
            display = display_name(stdin_filename) if stdin_filename else "<stdin>"
            settings = resolver.for_file(absolute)
            if not (settings.force_exclude and is_excluded(absolute, settings)):
                found[absolute] = SourceFile(absolute, display, settings, named=True, data=sys.stdin.buffer.read())
        elif os.path.isdir(path):
            settings = resolver.for_folder(absolute)
            if settings.force_exclude and is_excluded(absolute, settings):
                continue
            walk = _Walk(resolver, unreadable)
            before = len(unreadable)
            files = {file.path: file for file in walk.files(absolute)}
            found = {**files, **found}
            if not files and len(unreadable) == before:
                notes.append(f"no Python files or notebooks found in `{path}`")
            elif len(unreadable) > before and unreadable[before].path == absolute:
                problems.append(f"`{path}`: cannot be read: Permission denied")
                del unreadable[before]
        else:
            reason = _why_not_readable(path)
            if reason:
                problems.append(f"`{path}`: {reason}")
                continue
            settings = resolver.for_file(absolute)
            if settings.force_exclude and is_excluded(absolute, settings):
                continue
            found[absolute] = SourceFile(absolute, display_name(absolute), settings, named=True)
    return Discovery(
        tuple(sorted(found.values(), key=lambda file: file.display)), tuple(problems), tuple(notes), tuple(unreadable)
    )


def _why_not_readable(path: str) -> str | None:
    """Why a path of the command line cannot be read; reading it is tried, as permissions alone do not tell."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            # A pipe (`lstmlint <(command)`) is read once, later.
            return None
        with open(path, "rb"):
            return None
    except FileNotFoundError:
        return "no such file or folder"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"


@lru_cache(maxsize=64)
def _matcher(patterns: tuple[str, ...]) -> Callable[[str, str], bool]:
    """A test of (name, path relative to the root).

    A pattern without a slash means a name at any depth, one with a slash a path from the root; `*` also crosses slashes,
    and what lies in a matching folder matches.
    """
    plain = frozenset(pattern.strip("/") for pattern in patterns if not re.search(r"[*?\[/\\]", pattern.rstrip("/")))
    globs = [pattern.rstrip("/").removeprefix("./") for pattern in patterns if pattern.strip("/") not in plain]
    names = [pattern for pattern in globs if "/" not in pattern]
    relatives = [variant for pattern in globs if "/" in pattern for variant in _path_variants(pattern)]
    match_name = re.compile("|".join(map(fnmatch.translate, names)) or r"(?!)").match
    match_path = re.compile("|".join(map(fnmatch.translate, relatives)) or r"(?!)").match
    return lambda name, relative: bool(name in plain or match_name(name) or match_path(relative))


def _path_variants(pattern: str) -> Iterator[str]:
    anchored = pattern.lstrip("/")
    yield from (anchored, anchored + "/*")
    if anchored.startswith("**/"):
        yield from (anchored[3:], anchored[3:] + "/*")


def is_excluded(path: str, settings: Settings) -> bool:
    """Whether the absolute `path` or a folder above it, below the project's root, is excluded."""
    matches = _matcher(settings.exclude + settings.extend_exclude)
    relative = _relative(path, settings.root)
    parts = relative.split("/")
    return any(matches(name, "/".join(parts[: index + 1])) for index, name in enumerate(parts))


def ignored_selectors(path: str, settings: Settings) -> tuple[str, ...]:
    """The selectors that `per-file-ignores` takes away from the file at the absolute `path`."""
    if not settings.per_file_ignores:
        return ()
    relative = _relative(path, settings.root)
    parts = relative.split("/")
    return tuple(
        selector
        for pattern, selectors in settings.per_file_ignores
        if any(_matcher((pattern,))(name, "/".join(parts[: i + 1])) for i, name in enumerate(parts))
        for selector in selectors
    )


def _relative(path: str, root: str) -> str:
    """`path` from `root` with slashes; a path outside keeps only its last part, as folders above are not the project's."""
    prefix = os.path.join(root, "")
    inside = path[len(prefix) :] if path.startswith(prefix) else os.path.basename(path)
    return inside.replace(os.sep, "/")


@dataclass(slots=True)
class _Walk:
    """One walk through a folder.  Links to folders are not followed, so loops and other projects are never entered."""

    resolver: Resolver
    unreadable: list[SourceFile]
    _specs: dict[str, GitIgnoreSpec | None] = field(default_factory=dict)

    def files(self, top: str) -> Iterator[SourceFile]:
        """The files below `top`, in no particular order."""
        settings = self.resolver.for_folder(top)
        waiting = [(top, self._ignores_above(top) if settings.respect_gitignore else ())]
        while waiting:
            folder, ignores = waiting.pop()
            settings = self.resolver.for_folder(folder)
            try:
                with os.scandir(folder) as listing:
                    entries = list(listing)
            except OSError:
                self.unreadable.append(SourceFile(folder, display_name(folder), settings))
                continue
            if settings.respect_gitignore and any(entry.name == ".gitignore" for entry in entries):
                ignores = (*ignores, os.path.join(folder, ".gitignore"))
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not self._is_wanted(entry, is_folder, settings, ignores):
                    continue
                if is_folder:
                    waiting.append((entry.path, ignores))
                elif os.path.isfile(entry.path) or not os.path.exists(entry.path):  # no pipes; broken links are told
                    yield SourceFile(entry.path, display_name(entry.path), settings)

    def _is_wanted(
        self, entry: os.DirEntry[str], is_folder: bool, settings: Settings, ignores: tuple[str, ...]
    ) -> bool:
        if not is_folder and not entry.name.endswith(SUFFIXES):
            return False
        matches = _matcher(settings.exclude + settings.extend_exclude)
        if matches(entry.name, _relative(entry.path, settings.root)):
            return False
        return not (ignores and self._is_ignored(entry.path, is_folder, ignores))

    def _ignores_above(self, top: str) -> tuple[str, ...]:
        """The ignore files of the folders above `top`, up to the root of its repository; none outside a repository."""
        found: list[str] = []
        folder = top
        while True:
            if os.path.exists(os.path.join(folder, ".git")):
                found.append(os.path.join(folder, ".git", "info", "exclude"))
                return tuple(path for path in reversed(found) if os.path.isfile(path))
            parent = os.path.dirname(folder)
            if parent == folder:
                return ()
            found.append(os.path.join(parent, ".gitignore"))
            folder = parent

    def _is_ignored(self, path: str, is_folder: bool, ignores: tuple[str, ...]) -> bool:
        """What the innermost ignore file that mentions `path` says."""
        for ignore_file in reversed(ignores):
            spec = self._spec(ignore_file)
            if spec is None:
                continue
            base = os.path.dirname(ignore_file)
            if base.endswith(os.path.join(".git", "info")):
                base = os.path.dirname(os.path.dirname(base))
            verdict = spec.check_file(_relative(path, base) + ("/" if is_folder else "")).include
            if verdict is not None:
                return verdict
        return False

    def _spec(self, ignore_file: str) -> GitIgnoreSpec | None:
        if ignore_file not in self._specs:
            self._specs[ignore_file] = _read_spec(ignore_file)
        return self._specs[ignore_file]


def _read_spec(ignore_file: str) -> GitIgnoreSpec | None:
    """The patterns of an ignore file; None when it holds none or cannot be read.  pathspec is only imported for some."""
    try:
        with open(ignore_file, encoding="utf-8", errors="replace") as file:
            lines = [line for line in file.read().splitlines() if line.strip() and not line.startswith("#")]
    except OSError:
        return None
    if not lines:
        return None
    from pathspec import GitIgnoreSpec

    patterns = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:  # git passes over what it does not understand
            continue
        patterns.append(line)
    return GitIgnoreSpec.from_lines(patterns)
