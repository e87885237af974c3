"""Text files: what reading them gives is text that nobody knows, in lines that nobody counted."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Foreign, Sequence, Text, Unknown, Value, element_ident, fresh_key
from lstmlint.libraries.registry import model

FILE = "io.TextIOWrapper"


@dataclass(frozen=True, slots=True, eq=False)
class TextFile(Foreign):
    """An open text file, of the path that is known."""

    path: str | None = None
    type_name = FILE


@model("builtins.open", "io.open", "codecs.open", "_io.open")
def open_(call: Call, file: Value | None = None, mode: Value | None = None) -> Value:
    """A text file, unless it is opened for bytes; codecs give text only where they are told an encoding."""
    word = "r" if mode is None else call.constant(mode)
    is_text = isinstance(word, str) and "b" not in word
    if call.name == "codecs.open":
        is_text = isinstance(word, str) and (len(call.args) > 2 or "encoding" in call.keywords)
    path = call.constant(file)
    known = path if isinstance(path, str) and isinstance(word, str) and not set("wax+") & set(word) else None
    if is_text and not call.open_args and not call.open_keywords:
        return TextFile(known)
    return call.unknown() if known is None else Unknown((_BYTES, known, fresh_key()), "open(…)")


#: What the identities of open files of bytes begin with, and of texts that are all of a file.
_BYTES, _CONTENT = "open for bytes", "content"


def content_path(value: Value | None) -> str | None:
    """The path of an open file, or of the file of which a text is the whole content, where that is known."""
    if isinstance(value, TextFile):
        return value.path
    ident = value.ident if isinstance(value, (Text, Unknown)) else None
    if isinstance(ident, tuple) and len(ident) == 3 and ident[0] in (_BYTES, _CONTENT):
        return str(ident[1])
    return None


@model(f"{FILE}.__enter__")
def enter(call: Call, self: Value) -> Value:
    """`with open(…) as file`."""
    return self


@model(f"{FILE}.read", f"{FILE}.readline")
def read(call: Call, self: Value, size: Value | None = None) -> Value:
    """A text: each time another one."""
    path = content_path(self)
    if call.name.endswith("readline") or size is not None or path is None:
        return Text(fresh_key())
    return Text((_CONTENT, path, fresh_key()))


@model(f"{FILE}.readlines")
def readlines(call: Call, self: Value, hint: Value | None = None) -> Value:
    """A list of lines."""
    return call.new_sequence(Sequence("list", None, call.symbol("len({})"), Text(element_ident())))


@model(f"{FILE}.__iter__")
def lines(call: Call, self: Value) -> Value:
    """The lines one by one."""
    return Sequence("iterator", None, call.symbol("lines"), Text(element_ident()))


@model(f"{FILE}.__next__")
def next_line(call: Call, self: Value) -> Value:
    return Text(fresh_key())


@model(*(f"{FILE}.{name}" for name in ("close", "flush", "writelines")))
def nothing(call: Call, *args: Value) -> Value:
    return NONE


@model(*(f"{FILE}.{name}" for name in ("write", "seek", "tell", "truncate")))
def number(call: Call, *args: Value) -> Value:
    """How far one is in the file."""
    return call.unknown(number="int")
