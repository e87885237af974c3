"""The headers of `.npy` and `.npz` files.  Nothing is unpickled, and no more is read than the headers."""

from __future__ import annotations

import re
import struct
from typing import IO

from lstmlint.classes import dataclass

_MAGIC = b"\x93NUMPY"

LONGEST_HEADER = 10_000
"""Characters; NumPy itself refuses longer ones."""

MOST_AXES = 32
MOST_MEMBERS = 1_000
LARGEST_DIRECTORY = 1_000_000
"""Bytes of the list of members of an archive."""

# What NumPy writes, and nothing else: `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
_HEADER = re.compile(
    r"\{'descr': (?:'(?P<descr>[^'\\]{1,40})'|\[.*\]), 'fortran_order': (?:True|False), "
    r"'shape': \((?P<shape>(?:\d{1,18}L?, ?)*(?:\d{1,18}L?)?)\),? ?\} *\n?",
    re.DOTALL,
)
_LENGTH = {1: "<H", 2: "<I", 3: "<I"}
_KINDS = {"f": "float", "i": "int", "u": "uint", "c": "complex"}


@dataclass(frozen=True, slots=True)
class Stored:
    """An array in a file: its shape, and its dtype where it has one name (`float32`, `str`, `object`)."""

    shape: tuple[int, ...]
    dtype: str | None


def read_npy(file: IO[bytes], size: int) -> Stored | None:
    """The array in a `.npy` file of `size` bytes; None when it is broken, or shorter than its header says."""
    magic = file.read(len(_MAGIC) + 2)
    if len(magic) < len(_MAGIC) + 2 or not magic.startswith(_MAGIC) or magic[-2] not in _LENGTH:
        return None
    form = _LENGTH[magic[-2]]
    prefix = file.read(struct.calcsize(form))
    if len(prefix) < struct.calcsize(form):
        return None
    (length,) = struct.unpack(form, prefix)
    if length > LONGEST_HEADER:
        return None
    text = file.read(length).decode("latin-1")
    found = _HEADER.fullmatch(text)
    if found is None or len(text) < length:
        return None
    shape = tuple(int(dim.rstrip("L")) for dim in re.split(r", ?", found.group("shape")) if dim)
    dtype, width = _dtype(found.group("descr"))
    count = width
    for dim in shape:
        count *= dim
    if len(shape) > MOST_AXES or 0 in shape or len(magic) + len(prefix) + length + count > size:
        return None
    return Stored(shape, dtype)


def _dtype(descr: str | None) -> tuple[str | None, int]:
    """The name of a dtype, and its width in bytes (at least)."""
    found = re.fullmatch(r"[<>|=]?([a-zA-Z?])(\d{0,9})(\[.*\])?", descr or "")
    if found is None:
        return None, 0
    kind, width = found.group(1), int(found.group(2) or 0)
    if kind in _KINDS:
        return f"{_KINDS[kind]}{8 * width}", width
    if kind == "O":
        return "object", 0  # pickled: it has no fixed width
    return {"b": "bool", "?": "bool", "U": "str", "M": "datetime64[ns]"}.get(kind), width * (4 if kind == "U" else 1)


def read_npz(file: IO[bytes], size: int) -> dict[str, Stored | None] | None:
    """The arrays in a `.npz` file by name; None for a member that is no array, or broken."""
    if not _has_small_directory(file, size):
        return None
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if not 0 < len(members) <= MOST_MEMBERS or len({m.filename for m in members}) < len(members):
                return None
            found: dict[str, Stored | None] = {}
            for member in members:
                plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
                stored = None
                if member.filename.endswith(".npy") and plain and not member.flag_bits & 0x1:
                    with archive.open(member) as content:  # inflated as far as it is read
                        stored = read_npy(content, member.file_size)
                found[member.filename.removesuffix(".npy")] = stored
            return found
    except (zipfile.BadZipFile, zlib.error, struct.error, KeyError, RuntimeError):
        return None


def _has_small_directory(file: IO[bytes], size: int) -> bool:
    """Whether the list of members, which `zipfile` reads as a whole, is of a reasonable size.  (ZIP64 has none here.)"""
    tail = min(size, 66_000)
    file.seek(size - tail)
    end = file.read(tail)
    place = end.rfind(b"PK\x05\x06")
    if place < 0 or len(end) < place + 22:
        return False
    length: int = struct.unpack("<I", end[place + 12 : place + 16])[0]
    file.seek(0)
    return length <= LARGEST_DIRECTORY
