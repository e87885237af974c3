"""The block that a statement stands in."""

from __future__ import annotations

from lstmlint.source import tree


def block_of(module: tree.Module, statement: tree.Statement) -> list[tree.Statement] | None:
    """The statements among which `statement` stands; None when it is not in the module."""
    pending: list[tree.Node] = [module]
    while pending:
        current = pending.pop()
        for name in current.FIELDS:
            child = getattr(current, name)
            if isinstance(child, list) and child and isinstance(child[0], (tree.Statement, tree.ExceptHandler)):
                if any(each is statement for each in child):
                    return child
                pending.extend(child)
    return None
