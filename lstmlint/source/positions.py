"""Where nodes stand in their text, found only when somebody asks.

The text is parsed again by the standard `ast` module, a dozen times faster than libcst's position provider, and both
trees are walked side by side along `FIELDS`.  Where `ast` cannot read the text (syntax newer than the running Python)
or the trees differ, libcst's provider answers instead.
"""

from __future__ import annotations

import ast
import bisect
from collections.abc import Iterable
from typing import Any

from lstmlint.diagnostics import Position, Span
from lstmlint.source import tree
from lstmlint.source.syntax import parse_ast
from lstmlint.source.text import Lines

_OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "ExpressionStatement": ("Expr",),
    "FunctionDef": ("FunctionDef", "AsyncFunctionDef"),
    "For": ("For", "AsyncFor"),
    "With": ("With", "AsyncWith"),
    "Try": ("Try", "TryStar"),
    "Parameter": ("arg",),
    "Parameters": ("arguments",),
    "Keyword": ("keyword",),
    "Alias": ("alias",),
    "WithItem": ("withitem",),
    "Comprehension": ("comprehension",),
}
_OPAQUE = (tree.OpaqueStatement, tree.OpaqueExpression)
_LITERALS = (tree.Constant, tree.JoinedStr)


_BODY_FIELDS = frozenset(["body", "orelse", "finalbody", "handlers"])
_HEADER_FIELDS = frozenset(["args", "returns", "bases", "keywords", "target", "iter", "test", "items", "type"])


class _Different(Exception):
    """The two trees are not the same."""


class Positions:
    """Spans of the nodes of one module."""

    def __init__(self, text: str, tree_module: tree.Module, cst_module: Any) -> None:
        self._lines = Lines(text)
        self._tree = tree_module
        self._cst = cst_module
        self._spans: dict[int, Span | None] = {}
        self._partners: dict[int, ast.AST] | None = None
        self._provided: Any = None
        self._statements: list[tuple[int, int]] | None = None

    def span(self, node: tree.Node) -> Span | None:
        """The place of `node`.  Units: rows and columns from 1, in code points; the end is exclusive.

        `FunctionDef` and `ClassDef` begin at `def` or `class`, not at their decorators.  A node that `ast` gives no
        place (a with item, the parameters) reaches from its first part to its last.
        Unknown: None for a node that is not of this module or has neither place nor parts.
        """
        key = id(node)
        if key not in self._spans:
            self._spans[key] = self._find(node)
        return self._spans[key]

    def statement_rows(self, row: int) -> tuple[int, int]:
        """First and last row of the statement that `row` belongs to; of a block only what stands before its body."""
        if self._statements is None:
            self._statements = sorted(self._statement_intervals())
        index = bisect.bisect_right(self._statements, (row, 10**9)) - 1
        if index >= 0 and self._statements[index][1] >= row:
            return self._statements[index]
        return row, row

    def _statement_intervals(self) -> Iterable[tuple[int, int]]:
        for node in _descendants(self._tree):
            if not isinstance(node, (tree.Statement, tree.ExceptHandler)):
                continue
            span = self.span(node)
            if span is None:
                continue
            header = [part for name in node.FIELDS if name in _HEADER_FIELDS for part in _parts(node, name)]
            if not any(name in _BODY_FIELDS for name in node.FIELDS):
                yield span.start.row, span.end.row
                continue
            ends = [place.end.row for part in header if (place := self.span(part)) is not None]
            yield span.start.row, max([span.start.row, *ends])

    def _find(self, node: tree.Node) -> Span | None:
        if self._partners is None and self._provided is None:
            self._pair()
        if self._partners is not None:
            partner = self._partners.get(id(node))
            if partner is None:
                return None
            own = self._from_ast(partner)
        else:
            own = self._from_libcst(node)
        return own or self._around(node)

    def _around(self, node: tree.Node) -> Span | None:
        spans = [span for child in _children(node) if (span := self.span(child)) is not None]
        return Span(min(span.start for span in spans), max(span.end for span in spans)) if spans else None

    # --- from `ast` --------------------------------------------------------------------------------------------------

    def _pair(self) -> None:
        parsed = parse_ast(self._lines.text)
        if isinstance(parsed, ast.Module):
            try:
                self._partners = pair(self._tree, parsed)
                return
            except (_Different, RecursionError):
                pass
        self._provided = _provide(self._cst)

    def _from_ast(self, node: Any) -> Span | None:
        row = getattr(node, "lineno", None)
        if row is None or node.end_lineno is None:
            return None
        return Span(self._position(row, node.col_offset), self._position(node.end_lineno, node.end_col_offset))

    def _position(self, row: int, byte: int) -> Position:
        line = self._lines.line(row)
        if not line.isascii():
            byte = len(line.encode()[:byte].decode("utf-8", "ignore"))
        return Position(row, byte + 1)

    # --- from libcst -------------------------------------------------------------------------------------------------

    def _from_libcst(self, node: tree.Node) -> Span | None:
        concrete = getattr(node, "cst", None)
        if concrete is None or (isinstance(node, tree.Tuple) and hasattr(concrete, "slice")):
            return None  # the tuple between a subscript's brackets reaches from its first element to its last
        place = self._provided.get(concrete)
        if place is None:
            return None
        start, end = place.start, place.end
        if isinstance(node, (tree.Tuple, tree.GeneratorExp)) and concrete.lpar:
            inner = self._provided.get(concrete.lpar[-1]), self._provided.get(concrete.rpar[0])
            start, end = (inner[0] or place).start, (inner[1] or place).end
        span = Span(Position(start.line, start.column + 1), Position(end.line, end.column + 1))
        if isinstance(node, tree.Parameter) and (annotation := self._around(node)) is not None:
            return Span(span.start, annotation.end)  # libcst ends a parameter with its name
        return span


def pair(ours: tree.Module, theirs: ast.Module) -> dict[int, ast.AST]:
    """The `ast` node of each of our nodes, by `id`.

    Errors: `_Different` where the trees differ.
    """
    partners: dict[int, ast.AST] = {}
    pending: list[tuple[tree.Node, Any]] = [(ours, theirs)]
    while pending:
        node, partner = pending.pop()
        partners[id(node)] = partner
        if isinstance(node, _OPAQUE):
            continue
        name, found = type(node).__name__, type(partner).__name__
        if found != name and found not in _OTHER_NAMES.get(name, ()):
            raise _Different(f"{name} and {found}")
        if isinstance(node, tree.JoinedStr):
            _pair_f_string(node, partner, partners, pending)
            continue
        if isinstance(node, tree.Name) and node.id != partner.id:
            raise _Different(f"{node.id} and {partner.id}")
        for field in node.FIELDS:
            _pair_field(getattr(node, field), getattr(partner, field), pending)
    return partners


def _pair_field(ours: Any, theirs: Any, pending: list[tuple[tree.Node, Any]]) -> None:
    if not isinstance(ours, list):
        ours, theirs = [ours], [theirs]
    if len(ours) != len(theirs):
        raise _Different("sequences of different lengths")
    for node, partner in zip(ours, theirs, strict=True):
        if (node is None) != (partner is None):
            raise _Different("a part is missing")
        if node is not None:
            pending.append((node, partner))


def _pair_f_string(
    node: tree.JoinedStr, partner: Any, partners: dict[int, ast.AST], pending: list[tuple[tree.Node, Any]]
) -> None:
    """Pair the fields of an f-string.

    Before Python 3.12 `ast` misplaces what is inside them, and versions cut the text between differently: what has no
    sure place gets that of the whole string.
    """
    fields = [value for value in node.values if isinstance(value, tree.FormattedValue)]
    found = [value for value in partner.values if isinstance(value, ast.FormattedValue)]
    sure = _PLACES_IN_F_STRINGS and len(fields) == len(found)
    if sure:
        pending.extend(zip(fields, found, strict=True))
    for value in node.values:
        if not sure or isinstance(value, tree.Constant):
            for inner in _descendants(value):
                partners[id(inner)] = partner


def _f_string_places_are_right() -> bool:
    value: Any = ast.parse("f'''\n{a}'''", mode="eval").body
    name = value.values[-1].value
    return bool(name.lineno == 2 and name.col_offset == 1)


_PLACES_IN_F_STRINGS = _f_string_places_are_right()


def _parts(node: tree.Node, field: str) -> Iterable[tree.Node]:
    value = getattr(node, field)
    return (part for part in (value if isinstance(value, list) else (value,)) if part is not None)


def _children(node: tree.Node) -> Iterable[tree.Node]:
    for field in node.FIELDS:
        yield from _parts(node, field)


def _descendants(node: tree.Node) -> Iterable[tree.Node]:
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(_children(current))


def _provide(module: Any) -> Any:
    """libcst's positions by libcst node; empty when the tree is too deep for it."""
    from libcst.metadata import MetadataWrapper, PositionProvider

    try:
        return MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    except RecursionError:
        return {}
