"""The characters of one call: where its parentheses, arguments and commas stand.

`ast` says where nodes are and nothing of what is between them.  libcst's node of the call holds every character, so that
adding up the lengths of its parts gives all places; that they add up to the text itself is checked.
"""

from __future__ import annotations

from typing import Any

from lstmlint.classes import dataclass
from lstmlint.source.module import SourceModule
from lstmlint.source.tree import Call, Expression


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument.  Units: offsets in the module's text, ends exclusive; `comma` is where its comma stands, if any.

    `start` is where the argument begins (its name, or its star), `value` where its value does.
    """

    name: str | None
    star: str
    start: int
    value: int
    end: int
    comma: int | None
    is_bare_generator: bool = False

    @property
    def whole_end(self) -> int:
        """The end of the argument with its comma."""
        return self.end if self.comma is None else self.comma + 1


@dataclass(frozen=True, slots=True)
class CallText:
    """A call.  `open` and `close` are the offsets of its parentheses."""

    open: int
    close: int
    arguments: tuple[Argument, ...]

    @property
    def is_open(self) -> bool:
        """Whether `*` or `**` pass arguments that the call itself does not show."""
        return any(argument.star for argument in self.arguments)

    def find(self, name_or_index: str | int | None) -> Argument | None:
        """The argument of this name, or the positional one of this index; None when it is not there for sure."""
        if isinstance(name_or_index, str):
            return next((each for each in self.arguments if each.name == name_or_index), None)
        positional = [each for each in self.arguments if each.name is None]
        if name_or_index is None or name_or_index >= len(positional):
            return None
        return None if any(each.star for each in positional[: name_or_index + 1]) else positional[name_or_index]


def call_text(module: SourceModule, node: Expression) -> CallText | None:
    """The places within the call `node`.

    Unknown: None when it is no call, or its text is not what its parts add up to.
    """
    span = module.module_span(node) if isinstance(node, Call) else None
    if span is None:
        return None
    code = module.cst.code_for_node
    concrete = node.cst
    start, end = module.lines.offsets(span)
    open_ = start + len(code(concrete.func)) + len(code(concrete.whitespace_after_func))
    at = open_ + 1 + len(code(concrete.whitespace_before_args))
    arguments: list[Argument] = []
    for arg in concrete.args:
        argument, at = _argument(code, arg, at)
        arguments.append(argument)
    if at != end - 1 or module.text[open_] != "(" or module.text[at] != ")":
        return None
    found = CallText(open_, at, tuple(arguments))
    return found if _is_as_written(module.text, found, concrete, code) else None


def _argument(code: Any, arg: Any, at: int) -> tuple[Argument, int]:
    """The argument that begins at `at`, and where the next one does."""
    value = at + len(arg.star) + len(code(arg.whitespace_after_star))
    if arg.keyword is not None:
        value += len(code(arg.keyword)) + len(code(arg.equal))
    end = value + len(code(arg.value))
    comma, after = None, end
    if hasattr(arg.comma, "whitespace_before"):
        comma = end + len(code(arg.comma.whitespace_before))
        after = comma + 1 + len(code(arg.comma.whitespace_after))
    name = None if arg.keyword is None else arg.keyword.value
    bare = type(arg.value).__name__ == "GeneratorExp" and not arg.value.lpar
    return Argument(name, arg.star, at, value, end, comma, bare), after + len(code(arg.whitespace_after_arg))


def _is_as_written(text: str, found: CallText, concrete: Any, code: Any) -> bool:
    """Whether the text has each part of the call where it was counted to be."""
    for argument, arg in zip(found.arguments, concrete.args, strict=True):
        if text[argument.value : argument.end] != code(arg.value):
            return False
        if argument.comma is not None and text[argument.comma] != ",":
            return False
        if argument.name is not None and not text.startswith(argument.name, argument.start):
            return False
    return True
