"""Text files: what reading them gives is text that nobody knows, in lines that nobody counted."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Foreign, Sequence, Text, Value, element_ident, fresh_key
from lstmlint.libraries.registry import model

FILE = "io.TextIOWrapper"


@dataclass(frozen=True, slots=True, eq=False)
class TextFile(Foreign):
    """An open text file."""

    type_name = FILE


@model("builtins.open", "io.open", "codecs.open", "_io.open")
def open_(call: Call, file: Value | None = None, mode: Value | None = None) -> Value:
    """A text file, unless it is opened for bytes; codecs give text only where they are told an encoding."""
    word = "r" if mode is None else call.constant(mode)
    is_text = isinstance(word, str) and "b" not in word
    if call.name == "codecs.open":
        is_text = isinstance(word, str) and (len(call.args) > 2 or "encoding" in call.keywords)
    return TextFile() if is_text and not call.open_args and not call.open_keywords else call.unknown()


@model(f"{FILE}.__enter__")
def enter(call: Call, self: Value) -> Value:
    """`with open(…) as file`."""
    return self


@model(f"{FILE}.read", f"{FILE}.readline")
def read(call: Call, self: Value, size: Value | None = None) -> Value:
    """A text: each time another one."""
    return Text(fresh_key())


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
