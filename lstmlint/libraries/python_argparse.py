"""`argparse`: what a script's arguments are when none are given on the command line, as their defaults tell."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import ClassObject, Instance
from lstmlint.interpreter.values import (
    FALSE,
    NONE,
    TRUE,
    Value,
    is_text,
    tuple_of,
    unknown,
)
from lstmlint.libraries.registry import model

PARSER = "argparse.ArgumentParser"


@dataclass(frozen=True, slots=True)
class Parser:
    """The arguments added so far: name of the attribute and its value.  `open_`: there are others as well."""

    arguments: tuple[tuple[str, Value], ...] = ()
    open_: bool = False
    demanding: bool = False  # the script does not run without arguments, so its defaults need not hold


@model(PARSER)
def parser(call: Call, *args: Value) -> Value:
    """A parser without arguments; those of `parents` are not known."""
    return call.new_object(PARSER, Parser(open_="parents" in call.keywords))


@model(f"{PARSER}.add_argument_group", f"{PARSER}.add_mutually_exclusive_group")
def group(call: Call, self: Value) -> Value:
    """A group adds its arguments to the parser."""
    return self


@model(f"{PARSER}.add_argument")
def add_argument(
    call: Call,
    self: Value,
    *flags: Value,
    dest: Value | None = None,
    default: Value | None = None,
    type: Value | None = None,
    action: Value | None = None,
    nargs: Value | None = None,
    required: Value | None = None,
) -> Value:
    """One argument more."""
    names = [call.constant(flag) for flag in (*flags, *([dest] if dest is not None else []))]
    words = [name for name in names if isinstance(name, str)]
    if len(words) < len(names) or not words or call.open_keywords:
        _change(call, self, open_=True)
        return call.unknown()
    positional = not words[0].startswith("-")
    word = call.constant(dest) if dest is not None else next((w for w in words if w.startswith("--")), words[0])
    value = _default(call, call.constant(action), default, type, positional)
    if positional and (nargs is not None or default is None):
        value = unknown(word)
    if (positional and call.constant(nargs) not in ("?", "*")) or (required is not None and required != FALSE):
        _change(call, self, demanding=True)
    found = call.payload(self)
    if isinstance(found, Parser) and isinstance(word, str):
        name = word if positional else word.lstrip("-").replace("-", "_")
        _change(call, self, (name, value))
    return call.unknown()


def _default(call: Call, action: object, default: Value | None, converter: Value | None, positional: bool) -> Value:
    """The attribute's value when the argument is not on the command line.

    Source: Python's documentation of argparse (`default`: a str is converted as if it had been given).
    """
    if default is None:
        return {"store_true": FALSE, "store_false": TRUE}.get(str(action), NONE)
    return call.call(converter, default) if converter is not None and is_text(default) else default


def _change(call: Call, self: Value, *more: tuple[str, Value], open_: bool = False, demanding: bool = False) -> None:
    found = call.payload(self)
    if isinstance(found, Parser):
        known = tuple({**dict(found.arguments), **dict(more)}.items())
        call.set_payload(self, Parser(known, found.open_ or open_, found.demanding or demanding))


@model(f"{PARSER}.set_defaults")
def set_defaults(call: Call, self: Value) -> Value:
    """Other defaults."""
    _change(call, self, *call.keywords.items(), open_=call.open_keywords)
    return NONE


@model(f"{PARSER}.add_subparsers")
def add_subparsers(call: Call, self: Value) -> Value:
    """What a command adds or changes is not known."""
    _change(call, self, open_=True)
    return call.unknown()


@model(f"{PARSER}.parse_args", f"{PARSER}.parse_known_args")
def parse_args(call: Call, self: Value, args: Value | None = None, namespace: Value | None = None) -> Value:
    """A namespace of the defaults; with arguments given in the program none of the values is known."""
    found = call.payload(self)
    if not isinstance(found, Parser) or namespace is not None:
        return call.unknown()
    given = args is not None and args != NONE
    unclear = call.items(args) != () if given else found.demanding
    cls = call.interpreter.allocate(ClassObject("Namespace", (), {}), "class")
    values = {name: unknown(name) if unclear else value for name, value in found.arguments}
    result = call.interpreter.allocate(Instance(cls, values, open_=found.open_), "instance")
    return tuple_of(result, call.unknown()) if call.name.endswith("known_args") else result


@model("argparse.Namespace")
def namespace(call: Call) -> Value:
    """A namespace of what is given by keyword."""
    cls = call.interpreter.allocate(ClassObject("Namespace", (), {}), "class")
    return call.interpreter.allocate(Instance(cls, dict(call.keywords), open_=call.open_keywords), "instance")
