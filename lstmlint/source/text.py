"""Bytes -> text, as Python itself reads a source file: byte order mark, PEP 263 cookie, UTF-8 otherwise.

Line endings are kept as they stand, so that an edit changes nothing else in the file.
"""

from __future__ import annotations

import codecs
import re
from functools import cached_property

from lstmlint.classes import dataclass
from lstmlint.diagnostics import Span


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Why a text, or a part of it, cannot be analysed.

    `kind`: "binary", "undecodable", "too-large", "unreadable" (no text); "syntax"; "too-complex" (the guard);
    "notebook" (not one, or broken); "cell" (one cell was left out).
    Units: row and column from 1, in code points; None when the problem is the whole file's.
    """

    kind: str
    message: str
    row: int | None = None
    column: int | None = None
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text with what is needed to write it back: `encoding` is a codec's name, `bom` the bytes in front."""

    text: str
    encoding: str = "utf-8"
    bom: bytes = b""

    def encode(self, text: str) -> bytes:
        """`text` as bytes of the same file.

        Errors: UnicodeEncodeError when the file's encoding lacks a character.
        """
        return self.bom + text.encode(self.encoding)


_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#.*)?\Z")

_WIDE_BOMS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASCII = bytes(range(32, 127)) + b"\t\n.xn--bcher-kva"  # the last is what `idna` takes for "bücher"


def decode(data: bytes, max_bytes: int) -> Decoded | SourceProblem:
    """The text of a Python file, or why it has none.  Units: `max_bytes` in bytes.  Never raises."""
    if len(data) > max_bytes:
        return SourceProblem("too-large", f"the file has {len(data):,} bytes, more than the limit of {max_bytes:,}")
    if data.startswith(_WIDE_BOMS):
        return SourceProblem("binary", "the file is UTF-16 or UTF-32 text, which Python does not read")
    if (at := data.find(0)) >= 0:
        return SourceProblem("binary", "the file is binary (it holds a NUL byte)", _row(data, at))
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(bom) :]
    declared = _declared_encoding(body)
    if declared is None:
        return _decode_as("utf-8", body, bom)
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return SourceProblem("undecodable", f"unknown encoding {declared[:40]!r} in the coding comment", 1)
    if not _keeps_ascii(name):
        return SourceProblem("undecodable", f"{declared[:40]!r} is no encoding for source code", 1)
    if bom and name != "utf-8":
        return SourceProblem("undecodable", f"a UTF-8 byte order mark, but a coding comment for {name}", 1)
    return _decode_as(name, body, bom)


def _keeps_ascii(encoding: str) -> bool:
    """Whether ASCII means itself; codecs where it does not (`utf-16`, `rot13`, `idna`, …) suit no source code."""
    try:
        return _ASCII.decode(encoding) == _ASCII.decode("ascii")
    except Exception:  # noqa: BLE001 - codecs may raise anything
        return False


def _declared_encoding(body: bytes) -> str | None:
    """The encoding named by a comment in the first two lines (PEP 263)."""
    head = body[:1000].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n", 2)
    for line in head[:2]:
        found = _COOKIE.match(line)
        if found is not None:
            return found.group(1).decode("ascii", "replace")
        if _BLANK.match(line) is None:
            return None
    return None


def _decode_as(encoding: str, body: bytes, bom: bytes) -> Decoded | SourceProblem:
    try:
        text = body.decode(encoding)
        if encoding != "utf-8":
            text.encode("utf-8")  # lone surrogates: neither libcst nor `ast` takes them
    except UnicodeDecodeError as error:
        row, column = _row(body, error.start), _column(body, error.start)
        return SourceProblem("undecodable", f"not valid {encoding}: {error.reason}", row, column)
    except Exception as error:  # noqa: BLE001 - codecs may raise anything
        return SourceProblem("undecodable", f"not valid {encoding}: {type(error).__name__}")
    if "\0" in text:
        return SourceProblem("binary", "the file holds a NUL character")
    if text.startswith("\ufeff"):
        return SourceProblem("syntax", "a second byte order mark", 1, 1)
    return Decoded(text, encoding, bom)


def _row(data: bytes, offset: int) -> int:
    before = data[:offset]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _column(data: bytes, offset: int) -> int:
    start = max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset)) + 1
    return 1 + len(data[start:offset].decode("utf-8", "replace"))


_LINE_END = re.compile(r"\r\n|\r|\n")


class Lines:
    """The lines of a text as Python counts them (not at form feeds or U+2028, where `str.splitlines` cuts)."""

    __slots__ = ("__dict__", "text")

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def starts(self) -> list[int]:
        """Offset of each line's first character."""
        return [0, *(found.end() for found in _LINE_END.finditer(self.text))]

    @cached_property
    def all(self) -> list[str]:
        """Each line without its end."""
        return _LINE_END.split(self.text)

    def line(self, row: int) -> str:
        """Line `row` (from 1) without its end; empty outside the text."""
        return self.all[row - 1] if 0 < row <= len(self.all) else ""

    def offset(self, row: int, column: int) -> int:
        """Offset in the text of a place (both from 1), clamped to the text."""
        if row > len(self.starts):
            return len(self.text)
        return min(self.starts[max(row, 1) - 1] + max(column, 1) - 1, len(self.text))

    def offsets(self, span: Span) -> tuple[int, int]:
        """Offsets of both ends of a span, clamped to the text."""
        return self.offset(span.start.row, span.start.column), self.offset(span.end.row, span.end.column)
