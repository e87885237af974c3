"""Results remembered between runs, so that an unchanged file needs neither parser nor analysis.

One folder per set of versions and settings (a stamp), in it a few JSON files (buckets), each with the files of some
folders of the project.  One file per checked file would cost an open each; one for all would make linting a single file
pay for the project; a database would bring locks and recovery.  A bucket is replaced as a whole: a run that overwrites
what another has just written costs the other a second analysis, nothing else.

An entry holds while the file, the local modules that were read and the absence of those looked for in vain are as they
were, and the data files of the same size and time.  Paths inside are relative to the project's root: the cache may move with it.  Anything unexpected is a miss.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from lstmlint import __version__
from lstmlint.about import libcst_version
from lstmlint.classes import dataclass, field
from lstmlint.datafiles.finding import stamp_of
from lstmlint.diagnostics import Diagnostic, Edit, Fix, KerasEffect, Position, Severity, Span, TracePlace
from lstmlint.files import SourceFile, display_name
from lstmlint.report.records import span_numbers
from lstmlint.settings import Settings

if TYPE_CHECKING:
    from lstmlint.analysis import FileResult

FOLDER_NAME = ".lstmlint_cache"
BUCKETS = 32
STAMPS_KEPT = 64
"""Sets of versions and settings that are kept; the ones unused for longest go first."""

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of lstmlint, see https://bford.info/cachedir/\n"


@dataclass(slots=True)
class Cache:
    """The results below one cache folder, of files with equal settings."""

    folder: str
    root: str
    stamp: str
    _buckets: dict[str, dict[str, Any]] = field(default_factory=dict)
    _changed: set[str] = field(default_factory=set)
    _hashes: dict[str, str | None] = field(default_factory=dict)
    _prefix: str = ""

    def get(self, file: SourceFile, data: bytes, *, want_models: bool = False) -> FileResult | None:
        """What was found in the file when it and all it depends on were as now; None when that is not known."""
        entry = self._bucket(file.path).get(self._key(file.path, want_models))
        try:
            if entry is None or entry["hash"] != content_hash(data) or not self._is_fresh(entry):
                return None
            if entry["pins"] != self._pins(file.path):
                return None
            return self._decode(entry, file)
        except (KeyError, TypeError, ValueError, AttributeError):  # another format, or damaged
            return None

    def put(self, file: SourceFile, data: bytes, result: FileResult, *, want_models: bool = False) -> None:
        """Remember a result.  One with a defect is not: it should be seen again, and mended."""
        if result.defects:
            return
        bucket = self._bucket(file.path)
        entry = self._encode(content_hash(data), result, want_models)
        bucket[self._key(file.path, want_models)] = {**entry, "pins": self._pins(file.path)}
        self._changed.add(self._bucket_name(file.path))

    def save(self) -> None:
        """Write what has changed.  A cache that cannot be written is no reason to fail."""
        if not self._changed:
            return
        try:
            self._prepare_folder()
            for name in self._changed:
                entries = self._buckets[name]
                kept = {
                    key: entry for key, entry in entries.items() if os.path.exists(self._absolute(key.split("\0")[0]))
                }
                _write_atomically(self._path(name), json.dumps(kept, separators=(",", ":")))
        except (OSError, ValueError):
            return
        finally:
            self._changed.clear()

    def _pins(self, path: str) -> str:
        """Which Keras the files around a program pin: another one means another analysis."""
        from pathlib import Path

        from lstmlint.pins import folder_pins

        return folder_pins(Path(self.root), Path(os.path.abspath(path)).parent).key

    def _is_fresh(self, entry: dict[str, Any]) -> bool:
        return (
            all(self._hash_of(path) == known for path, known in entry["read"].items())
            and not any(self._hash_of(path) for path in entry["missed"])
            and all(stamp_of(self._absolute(path)) == known for path, known in entry["data"].items())
        )

    def _hash_of(self, path: str) -> str | None:
        """The hash of the file at a path relative to the root; None when there is no such file."""
        if path not in self._hashes:
            absolute = self._absolute(path)
            try:
                with open(absolute, "rb") as file:
                    self._hashes[path] = content_hash(file.read())
            except OSError:
                self._hashes[path] = "other" if os.path.exists(absolute) else None
        return self._hashes[path]

    def _encode(self, hash_: str, result: FileResult, want_models: bool) -> dict[str, Any]:
        return {
            "hash": hash_,
            "read": {path: self._hash_of(path) for path in map(self._relative, result.read)},
            "missed": [self._relative(path) for path in result.missed],
            "data": {self._relative(path): stamp for path, stamp in result.data},
            "diagnostics": [self._pack(diagnostic) for diagnostic in result.diagnostics],
            **({"models": list(result.models)} if want_models else {}),
        }

    def _decode(self, entry: dict[str, Any], file: SourceFile) -> FileResult:
        from lstmlint.analysis import FileResult

        return FileResult(
            filename=file.display,
            diagnostics=tuple(self._unpack(packed) for packed in entry["diagnostics"]),
            models=tuple({**model, "filename": file.display} for model in entry.get("models", ())),
            read=tuple(map(self._absolute, entry["read"])),
            missed=tuple(map(self._absolute, entry["missed"])),
            data=tuple((self._absolute(path), stamp) for path, stamp in entry["data"].items()),
            defects=(),
        )

    def _pack(self, d: Diagnostic) -> list[Any]:
        return [
            *(d.code, d.name, d.severity.value, d.message, self._relative(d.filename), d.span and span_numbers(d.span)),
            *(d.help, d.keras and [d.keras.version, d.keras.effect, d.keras.message]),
            [[self._relative(place.filename), span_numbers(place.span), place.message] for place in d.trace],
            d.fix and [d.fix.applicability, d.fix.message, [[e.content, span_numbers(e.span)] for e in d.fix.edits]],
            d.url,
        ]

    def _unpack(self, packed: list[Any]) -> Diagnostic:
        code, name, severity, message, filename, span, help_, keras, trace, fix, url = packed
        return Diagnostic(
            code=code,
            name=name,
            severity=Severity(severity),
            message=message,
            filename=display_name(self._absolute(filename)),
            span=span and _span(span),
            help=help_,
            keras=keras and KerasEffect(*keras),
            trace=tuple(TracePlace(display_name(self._absolute(path)), _span(s), text) for path, s, text in trace),
            fix=fix and Fix(fix[0], fix[1], tuple(Edit(content, _span(s)) for content, s in fix[2])),
            url=url,
        )

    def _bucket(self, path: str) -> dict[str, Any]:
        name = self._bucket_name(path)
        if name not in self._buckets:
            self._buckets[name] = _read_object(self._path(name))
        return self._buckets[name]

    def _bucket_name(self, path: str) -> str:
        folder = os.path.dirname(self._relative(path)).encode("utf-8", "surrogateescape")
        return f"{blake2b(folder, digest_size=1).digest()[0] % BUCKETS:02}.json"

    def _path(self, bucket_name: str) -> str:
        return os.path.join(self.folder, self.stamp, bucket_name)

    def _key(self, path: str, want_models: bool) -> str:
        return self._relative(path) + ("\0models" if want_models else "")

    def _relative(self, path: str) -> str:
        if not self._prefix:
            self._prefix = os.path.join(self.root, "")
        # Most paths come from discovery, absolute and normal; `abspath` on each would be a third of a remembered run.
        if path.startswith(self._prefix) and os.pardir not in path:
            return path[len(self._prefix) :]
        return os.path.abspath(path).removeprefix(self._prefix)

    def _absolute(self, path: str) -> str:
        return os.path.join(self.root, path)

    def _prepare_folder(self) -> None:
        """Make the folder, mark it as a cache for backup tools and as nothing for git, and drop old stamps."""
        os.makedirs(os.path.join(self.folder, self.stamp), exist_ok=True)
        for name, content in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            if not os.path.exists(os.path.join(self.folder, name)):
                _write_atomically(os.path.join(self.folder, name), content)
        with os.scandir(self.folder) as entries:
            stamps = [entry for entry in entries if entry.is_dir(follow_symlinks=False) and len(entry.name) == 32]
        for old in sorted(stamps, key=lambda entry: entry.stat().st_mtime)[:-STAMPS_KEPT]:
            for bucket in os.listdir(old.path):
                if bucket.endswith(".json"):
                    os.unlink(os.path.join(old.path, bucket))
            os.rmdir(old.path)


def open_cache(settings: Settings) -> Cache:
    """The cache for files with these settings.  Nothing is read or written yet."""
    folder = settings.cache_dir or os.path.join(settings.root, FOLDER_NAME)
    identity = repr((__version__, *_versions(), settings.root if settings.cache_dir else "", settings.analysis_key))
    stamp = blake2b(identity.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return Cache(os.path.abspath(folder), settings.root, stamp)


def content_hash(data: bytes) -> str:
    """32 hexadecimal digits that stand for a content."""
    return blake2b(data, digest_size=16).hexdigest()


def _versions() -> tuple[object, ...]:
    """What else may change an answer: Python, libcst, and our own code (an editable install changes without a version)."""
    package = os.path.dirname(os.path.abspath(__file__))
    return sys.version_info[:3], libcst_version(), sorted(_code_stamps(package))


def _code_stamps(folder: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir() and entry.name != "__pycache__":
                yield from _code_stamps(entry.path)
            elif entry.name.endswith((".py", ".json", ".md")):
                stat = entry.stat()
                yield entry.name, stat.st_mtime_ns, stat.st_size


def _span(numbers: list[Any]) -> Span:
    cell, row, column, end_row, end_column = numbers
    return Span(Position(row, column), Position(end_row, end_column), cell)


def _read_object(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as file:
            value = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _write_atomically(path: str, content: str) -> None:
    """Write so that a reader sees the old or the new content, never a part."""
    temporary = f"{path}.{os.getpid()}"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
