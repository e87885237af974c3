"""The names that statements which are not modelled may assign, and those they mention."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lstmlint.source import tree
from lstmlint.source.lower_expressions import identifier

_BINDING_PATTERNS = (cst.MatchAs, cst.MatchStar)


class Names:
    """Names that a piece of our tree may assign, and names it mentions.  Targets of attributes count as mentioned."""

    def __init__(self) -> None:
        self.assigned: set[str] = set()
        self.mentioned: set[str] = set()

    def opaque(self, node: Any) -> tree.OpaqueStatement:
        mentions = tuple(sorted(self.mentioned - self.assigned))
        return tree.OpaqueStatement(tuple(sorted(self.assigned)), mentions, cst=node)

    def visit(self, root: tree.Node) -> None:
        pending: list[tree.Node] = [root]
        while pending:
            node = pending.pop()
            self._note(node)
            for field in node.FIELDS:
                value = getattr(node, field)
                if isinstance(value, list):
                    pending.extend(item for item in value if item is not None)
                elif value is not None:
                    pending.append(value)

    def visit_pattern(self, pattern: cst.CSTNode) -> None:
        """Note what a `case` pattern binds."""
        pending = [pattern]
        while pending:
            node = pending.pop()
            name = getattr(node, "name", None) if isinstance(node, _BINDING_PATTERNS) else getattr(node, "rest", None)
            if isinstance(name, cst.Name):
                self.assigned.add(identifier(name.value))
            pending.extend(node.children)

    def _note(self, node: tree.Node) -> None:
        if isinstance(node, tree.Name):
            self.mentioned.add(node.id)
        elif isinstance(node, (tree.FunctionDef, tree.ClassDef, tree.ExceptHandler)):
            self.assigned.update([node.name] if node.name else [])
        elif isinstance(node, tree.Alias):
            self.assigned.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, tree.OpaqueStatement):
            self.assigned.update(node.assigns)
            self.mentioned.update(node.mentions)
        for field in _TARGET_FIELDS.get(type(node), ()):
            value = getattr(node, field)
            for target in value if isinstance(value, list) else [value]:
                self._assign(target)

    def _assign(self, target: tree.Expression | None) -> None:
        if isinstance(target, tree.Name):
            self.assigned.add(target.id)
        elif isinstance(target, (tree.Tuple, tree.List)):
            for element in target.elts:
                self._assign(element)
        elif isinstance(target, tree.Starred):
            self._assign(target.value)


_TARGET_FIELDS: dict[type[tree.Node], tuple[str, ...]] = {
    tree.Assign: ("targets",), tree.AugAssign: ("target",), tree.AnnAssign: ("target",), tree.Delete: ("targets",),
    tree.For: ("target",), tree.WithItem: ("optional_vars",), tree.NamedExpr: ("target",),
}  # fmt: skip
