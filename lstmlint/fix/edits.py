"""Proposals -> edits: the exact characters that a change puts in the place of others.

Each kind of change is one function, change -> replacements, which gives up (`NotCertain`) where the text does not show
all that it would have to know.  Nothing outside of the replacements is touched: comments, line breaks and trailing commas
stay.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from lstmlint.checks import fixes
from lstmlint.classes import dataclass
from lstmlint.diagnostics import Edit, Fix, Position, Span
from lstmlint.fix.anatomy import Argument, CallText, call_text
from lstmlint.fix.statements import block_of
from lstmlint.source import tree
from lstmlint.source.module import SourceModule


class NotCertain(Exception):
    """A change cannot be made with certainty."""


@dataclass(frozen=True, slots=True, order=True)
class Replacement:
    """The characters from `start` to `end` of the module's text become `text`."""

    start: int
    end: int
    text: str


def fix_of(proposal: fixes.Proposal, module: SourceModule) -> Fix | None:
    """The proposal as edits of `module`; None where a change cannot be made, or lies in another file."""
    try:
        found: list[Replacement] = []
        for change in proposal.changes:
            if change.site.module is not module:
                return None
            found += _MAKERS[type(change)](module, change)
        found.sort()
        if not found or any(a.end > b.start or a == b for a, b in pairwise(found)):
            return None
        return Fix(proposal.applicability, proposal.message, tuple(edit_of(module, each) for each in found))
    except NotCertain:
        return None


def edit_of(module: SourceModule, replacement: Replacement) -> Edit:
    """The replacement with the place where people see it.

    Errors: NotCertain for one that reaches over cells, touches what is IPython's, or adds lines to a cell whose
    indentation was taken away.
    """
    span = Span(_position(module, replacement.start), _position(module, replacement.end))
    text = replacement.text
    if module.notebook is not None:
        cells = module.notebook.cells
        cell = next((cell for cell in cells.cells if cell.row <= span.start.row < cell.row + cell.rows), None)
        last = span.end.row - (span.end.column == 1 and span.end.row > span.start.row)
        if cell is None or not cell.is_python(span.start.row, last) or (cell.shift and "\n" in text):
            raise NotCertain
    return Edit(text, module.shown(span))


def _position(module: SourceModule, offset: int) -> Position:
    starts = module.lines.starts
    row = bisect.bisect_right(starts, offset)
    return Position(row, offset - starts[row - 1] + 1)


# --- arguments -------------------------------------------------------------------------------------------------------


def _call(module: SourceModule, change: Any) -> CallText:
    found = call_text(module, change.site.node)
    if found is None:
        raise NotCertain
    return found


def _rename_keyword(module: SourceModule, change: fixes.RenameKeyword) -> list[Replacement]:
    call = _call(module, change)
    argument = call.find(change.old)
    if argument is None or call.is_open or call.find(change.new) is not None:
        raise NotCertain
    return [Replacement(argument.start, argument.start + len(change.old), change.new)]


def _set_argument(module: SourceModule, change: fixes.SetArgument) -> list[Replacement]:
    call = _call(module, change)
    argument = call.find(change.name) or call.find(change.position)
    if argument is not None:
        if not isinstance(_value(change), (tree.Constant, tree.Attribute)):
            raise NotCertain  # the program computes it
        old = module.text[argument.value : argument.end]
        return [Replacement(argument.value, argument.end, _like(old, change.text))]
    node: Any = change.site.node
    if call.is_open or isinstance(node.func, tree.Name) and node.func.id.islower():
        raise NotCertain  # a function or `partial` of the program: who knows what it passes on
    return [_added(module.text, call, f"{change.name}={_quoted(module.text[call.open : call.close], change.text)}")]


def _added(text: str, call: CallText, what: str) -> Replacement:
    """A new last argument, on a line of its own where the others are."""
    if not call.arguments:
        return Replacement(call.open + 1, call.open + 1, what)
    last = call.arguments[-1]
    if last.is_bare_generator:
        raise NotCertain
    indent = _indent_before(text, last.start)
    at = last.whole_end
    ends_line = re.compile(r"[ \t]*(?=\r\n|\r|\n)").match(text, at) is not None
    if indent is None or (len(call.arguments) == 1 and last.comma is None):
        new_line = False
    else:
        new_line = ends_line or text[at : at + 1] == ")"
    if last.comma is None:
        return Replacement(at, at, f",{_line_end(text, at)}{indent}{what}" if new_line else f", {what}")
    if indent is not None and not new_line:  # a comment follows, which belongs to the last argument
        comment = re.compile(r"[ \t]*#[^\r\n]*").match(text, at)
        if comment is not None:
            at, new_line = comment.end(), True
    return Replacement(at, at, f"{_line_end(text, at)}{indent}{what}," if new_line else f" {what},")


def _remove_argument(module: SourceModule, change: fixes.RemoveArgument) -> list[Replacement]:
    call = _call(module, change)
    argument = call.find(change.name_or_index)
    if argument is None or call.is_open:
        raise NotCertain
    if argument.name is None and any(each.name is None and each.start > argument.start for each in call.arguments):
        raise NotCertain  # the positional ones behind it would move up
    return [_removed(module.text, call, argument)]


def _removed(text: str, call: CallText, argument: Argument) -> Replacement:
    """What takes an argument away with its comma, and with its line where nothing else stands on it."""
    index = call.arguments.index(argument)
    start, end = argument.start, argument.whole_end
    indent = _indent_before(text, start)
    rest = re.compile(r"[ \t]*(\r\n|\r|\n)?").match(text, end)
    assert rest is not None
    if indent is not None and rest[1] and argument.comma is not None:
        return Replacement(start - len(indent), rest.end(), "")
    if argument.comma is None and index:
        before = call.arguments[index - 1]
        between = text[before.whole_end : start]
        return Replacement(before.end, end, "") if not between.strip() else Replacement(start, end, "")
    if indent is None and (rest[1] or index + 1 == len(call.arguments)):
        return Replacement(len(text[:start].rstrip(" \t")), end, "")
    return Replacement(start, rest.start(1) if rest[1] else rest.end(), "")


def _indent_before(text: str, at: int) -> str | None:
    """The white space before `at` on its line; None when something else stands there."""
    start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    return text[start:at] if not text[start:at].strip(" \t\f") else None


def _line_end(text: str, at: int) -> str:
    """The line end that is used around `at`."""
    found = re.compile(r"\r\n|\r|\n").search(text, at) or re.search(r"\r\n|\r|\n", text)
    return found[0] if found is not None else "\n"


_SIMPLE_STRING = re.compile(r"'[^'\\\r\n]+'|\"[^\"\\\r\n]+\"")


def _like(old: str, new: str) -> str:
    """`new`, in the quotes of `old` where both are plain strings."""
    if _SIMPLE_STRING.fullmatch(old) and _SIMPLE_STRING.fullmatch(new) and old[0] not in new[1:-1]:
        return old[0] + new[1:-1] + old[0]
    return new


def _quoted(call: str, new: str) -> str:
    """`new`, if it is a plain string in the quotes that the call uses first."""
    used = re.search(r"['\"]", call)
    return new if used is None else _like(f"{used[0]}…{used[0]}", new)


def _value(change: fixes.SetArgument | fixes.RenameInArgument | fixes.RemoveFirstItem) -> tree.Expression:
    """The value of an argument as the call shows it."""
    node: Any = change.site.node
    if not isinstance(node, tree.Call):
        raise NotCertain
    named = [keyword.value for keyword in node.keywords if keyword.arg == change.name]
    if named:
        return named[0]
    if change.position is None or any(isinstance(arg, tree.Starred) for arg in node.args[: change.position + 1]):
        raise NotCertain
    if change.position >= len(node.args):
        raise NotCertain
    return node.args[change.position]


def _rename_in_argument(module: SourceModule, change: fixes.RenameInArgument) -> list[Replacement]:
    names = dict(change.names)
    found = []
    for node in _descendants(_value(change)):
        word = node.value if isinstance(node, tree.Constant) else getattr(node, "attr", getattr(node, "id", None))
        if isinstance(word, str) and word in names:
            if isinstance(node, tree.Name):
                raise NotCertain  # the new name is not imported
            found.append((node, names[word], word))
    if len(found) != 1:
        raise NotCertain
    node, new, old = found[0]
    if isinstance(node, tree.Attribute):
        return [_member(module, node, old, new)]
    start, end = _span(module, node)
    return [Replacement(start, end, _string_like(module.text[start:end], new))]


def _string_like(old: str, new: str) -> str:
    if not _SIMPLE_STRING.fullmatch(old):
        raise NotCertain
    return old[0] + new + old[0]


def _remove_first_item(module: SourceModule, change: fixes.RemoveFirstItem) -> list[Replacement]:
    value = _value(change)
    if isinstance(value, (tree.Tuple, tree.List)):
        if len(value.elts) < 2 or any(isinstance(item, tree.Starred) for item in value.elts):
            raise NotCertain
        start, first_end = _span(module, value.elts[0])
        after, last = _span(module, value.elts[1])
        if module.text[first_end:after].strip() != ",":
            raise NotCertain  # parentheses or comments between them
        alone = len(value.elts) == 2 and isinstance(value, tree.Tuple)
        needs_comma = alone and "," not in module.text[last : _span(module, value)[1]]
        return [Replacement(start, after, ""), *([Replacement(last, last, ",")] if needs_comma else [])]
    if not isinstance(value, tree.Attribute) or value.attr != "shape":
        raise NotCertain
    _, end = _span(module, value)
    return [Replacement(end, end, "[1:]")]


# --- nodes -----------------------------------------------------------------------------------------------------------


def _span(module: SourceModule, node: tree.Node) -> tuple[int, int]:
    """Offsets of a node in the module's text, without parentheses around it."""
    span = module.module_span(node)
    if span is None:
        raise NotCertain
    return module.lines.offsets(span)


def _descendants(node: tree.Node) -> Iterator[tree.Node]:
    yield node
    for name in node.FIELDS:
        child = getattr(node, name)
        for part in child if isinstance(child, list) else (child,):
            if isinstance(part, tree.Node):
                yield from _descendants(part)


def _replace_node(module: SourceModule, change: fixes.ReplaceNode) -> list[Replacement]:
    start, end = _span(module, change.site.node)
    if isinstance(change.site.node, tree.Statement) and "#" in module.text[start:end]:
        raise NotCertain  # a comment would be lost
    return [Replacement(start, end, _like(module.text[start:end], change.text))]


def _rename_member(module: SourceModule, change: fixes.RenameMember) -> list[Replacement]:
    node: Any = change.site.node
    return [_member(module, node.func if isinstance(node, tree.Call) else node, change.old, change.new)]


def _member(module: SourceModule, node: tree.Node, old: str, new: str) -> Replacement:
    start, end = _span(module, node)
    if isinstance(node, tree.Alias):
        if node.name != old or module.text[start : start + len(old)] != old:
            raise NotCertain
        return Replacement(start, start + len(old), new if node.asname is not None else f"{new} as {old}")
    if not isinstance(node, (tree.Attribute, tree.Name)) or module.text[end - len(old) : end] != old:
        raise NotCertain
    return Replacement(end - len(old), end, new)


def _remove_statement(module: SourceModule, change: fixes.RemoveStatement) -> list[Replacement]:
    node = change.site.node
    statement = node if isinstance(node, tree.Statement) else tree.simple_statement(module.tree, node)
    block = None if statement is None else block_of(module.tree, statement)
    if statement is None or block is None or "body" in statement.FIELDS:
        raise NotCertain
    start, end = _span(module, statement)
    if len(block) == 1:
        return [Replacement(start, end, "pass")]
    text = module.text
    indent = _indent_before(text, start)
    rest = re.compile(r"[ \t]*;?[ \t]*(\r\n|\r|\n|\Z)?").match(text, end)
    assert rest is not None
    if indent is not None and rest[1] is not None:
        return [Replacement(start - len(indent), rest.end(), "")]
    if indent is not None:
        raise NotCertain  # a comment or another statement follows
    before = text[:start].rstrip(" \t")
    if not before.endswith(";"):
        raise NotCertain
    return [Replacement(len(before[:-1].rstrip(" \t")), end, "")]


_MAKERS: dict[type, Callable[[SourceModule, Any], list[Replacement]]] = {
    fixes.RenameKeyword: _rename_keyword,
    fixes.RemoveArgument: _remove_argument,
    fixes.SetArgument: _set_argument,
    fixes.RenameInArgument: _rename_in_argument,
    fixes.RemoveFirstItem: _remove_first_item,
    fixes.ReplaceNode: _replace_node,
    fixes.RenameMember: _rename_member,
    fixes.RemoveStatement: _remove_statement,
}
