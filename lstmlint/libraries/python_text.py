"""Methods of str, bytes and numbers: folded for constants, else text that is not known or a list of unknown length."""

from __future__ import annotations

import re
from collections.abc import Hashable

from lstmlint.interpreter import budget
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Sequence, Text, Unknown, Value, fresh_key, tuple_of
from lstmlint.libraries.python_values import fold, iterable, member, of_items, pure_key, spelled
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import symbol

_TEXT_METHODS = (
    "capitalize", "casefold", "center", "expandtabs", "ljust", "lower", "lstrip", "removeprefix", "removesuffix",
    "replace", "rjust", "rstrip", "strip", "swapcase", "title", "translate", "upper", "zfill",
)  # fmt: skip
_BOOL_METHODS = (
    "endswith", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
    "isprintable", "isspace", "istitle", "isupper", "startswith",
)  # fmt: skip
_INT_METHODS = ("count", "find", "index", "rfind", "rindex")
_LIST_METHODS = ("rsplit", "split", "splitlines")
_TRIPLE_METHODS = ("partition", "rpartition")


def _folded(call: Call, text: Value, args: tuple[Value, ...]) -> Value | None:
    """The method's value for constants; a number as an argument (a width) is held within the budget for text."""
    if call.keywords or call.open_args or not isinstance(text, Const):
        return None
    if any(isinstance(arg, Const) and isinstance(arg.value, int) and arg.value > budget.MAX_TEXT for arg in args):
        return None
    name = member(call)
    return fold(lambda own, *rest: getattr(own, name)(*rest), text, *args)


def _identity(call: Call, text: Value, args: tuple[Value, ...]) -> Hashable:
    return (member(call), pure_key(text), tuple(map(pure_key, args)))


@model(*(f"builtins.str.{name}" for name in _TEXT_METHODS))
def to_text(call: Call, self: Value, *args: Value) -> Value:
    """Another text."""
    return _folded(call, self, args) or Text(_identity(call, self, args))


@model(*(f"builtins.str.{name}" for name in _BOOL_METHODS))
def to_bool(call: Call, self: Value, *args: Value) -> Value:
    """A condition on the text, the same for the same text."""
    return _folded(call, self, args) or Unknown(_identity(call, self, args), f"{member(call)}(…)")


@model(*(f"builtins.str.{name}" for name in _INT_METHODS))
def to_int(call: Call, self: Value, *args: Value) -> Value:
    """A place or count in the text."""
    return _folded(call, self, args) or Unknown(_identity(call, self, args), f"{member(call)}(…)", "int")


@model(*(f"builtins.str.{name}" for name in _LIST_METHODS))
def to_list(call: Call, self: Value, *args: Value) -> Value:
    """The parts of a text: as many for the same text."""
    name = member(call)
    if not call.keywords and isinstance(self, Const) and all(isinstance(arg, Const) for arg in args):
        try:
            parts = getattr(self.value, name)(*(arg.value for arg in args if isinstance(arg, Const)))
        except (TypeError, ValueError, AttributeError):
            return call.unknown()
        return call.new_sequence(of_items(call, "list", map(Const, parts)))
    length = symbol(f"len({spelled_receiver(call)}.{name}(…))", ("len", _identity(call, self, args)), lower=0)
    return call.new_sequence(Sequence("list", None, length, Text(fresh_key())))


def spelled_receiver(call: Call) -> str:
    """A word for the text whose method is called."""
    return "text" if spelled(call) == "…" else "…"


@model(*(f"builtins.str.{name}" for name in _TRIPLE_METHODS))
def to_triple(call: Call, self: Value, *args: Value) -> Value:
    """What is before a separator, the separator, and what is behind it."""
    return _folded(call, self, args) or tuple_of(Text(fresh_key()), Text(fresh_key()), Text(fresh_key()))


@model("builtins.str.join")
def join(call: Call, self: Value, iterable_: Value) -> Value:
    """The texts put together."""
    found = iterable(call, iterable_)
    if found is None or found.items is None:
        return Text(fresh_key())
    return fold(lambda own, *parts: own.join(parts), self, *found.items) or Text(fresh_key())


#: A width or precision of more than three digits: the text could become as long as it asks for.
_WIDE = re.compile(r"\d{4}|\{[^}]*\{")


@model("builtins.str.format", "builtins.format")
def format_(call: Call, self: Value, *args: Value) -> Value:
    """A text with values put in (as a function: one value by a specification)."""
    names = list(call.keywords)
    known = isinstance(self, Const) and not (isinstance(self.value, str) and _WIDE.search(self.value))
    wide = any(isinstance(arg, Const) and isinstance(arg.value, str) and _WIDE.search(arg.value) for arg in args)
    if not known or wide or call.open_args or call.open_keywords:
        return Text(fresh_key())

    def put_in(own: str, *values: object) -> str:
        if call.name == "builtins.format":
            return format(own, *values)  # type: ignore[arg-type]
        return own.format(*values[: len(args)], **dict(zip(names, values[len(args) :])))

    return fold(put_in, self, *args, *call.keywords.values()) or Text(fresh_key())


@model("builtins.str.encode")
def encode(call: Call, self: Value, *args: Value) -> Value:
    return _folded(call, self, args) or call.unknown()


@model("builtins.bytes.decode")
def decode(call: Call, self: Value, *args: Value) -> Value:
    return _folded(call, self, args) or Text(fresh_key())


@model("builtins.int.bit_length", "builtins.float.is_integer", "builtins.float.hex")
def number_method(call: Call, self: Value) -> Value:
    """A number's method, for constants."""
    return _folded(call, self, ()) or call.unknown()


_PATHS = ("abspath", "basename", "dirname", "expanduser", "join", "normpath", "realpath", "relpath")


@model(*(f"os.path.{name}" for name in _PATHS), "os.getcwd", "time.strftime", "time.ctime")
def path_text(call: Call, *args: Value) -> Value:
    """A path or date; what can be told of it depends on the machine, but for joins and names of constants."""
    import posixpath

    name = member(call)
    pure = getattr(posixpath, name) if name in ("join", "basename", "dirname", "normpath") else None
    if name in ("abspath", "realpath") and args and str(call.constant(args[0], "")).startswith("/"):
        pure, args = posixpath.normpath, args[:1]
    return (fold(pure, *args) if pure is not None and not call.open_args else None) or Text(fresh_key())


@model("os.path.splitext", "os.path.split")
def path_parts(call: Call, p: Value) -> Value:
    """A path in two parts."""
    import posixpath

    return fold(getattr(posixpath, member(call)), p) or tuple_of(Text(fresh_key()), Text(fresh_key()))


@model("os.listdir", "glob.glob", "os.walk", "glob.iglob")
def listing(call: Call, path: Value | None = None) -> Value:
    """The names in a folder."""
    element: Value = Text(fresh_key())
    if member(call) == "walk":
        names = Sequence("list", None, None, Text(fresh_key()))
        element = tuple_of(Text(fresh_key()), names, names)
    return call.new_sequence(Sequence("list", None, call.symbol("len({})"), element))


@model("os.makedirs", "os.mkdir", "os.remove", "os.chdir", "shutil.rmtree")
def to_none(call: Call, *args: Value) -> Value:
    return NONE
