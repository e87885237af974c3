"""libcst module -> `tree.Module`, in one pass.

One function per libcst class, found by `type(node)`; no generic visitor, because a walk over `.children` costs as much
as parsing.  Depth is bounded by `guard.py`; a handler uses one Python frame per level, a block two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import libcst as cst

from lstmlint.source import tree
from lstmlint.source.lower_expressions import (
    EXPRESSIONS,
    OPERATORS,
    Function,
    Handlers,
    identifier,
    optional_annotation,
    parameters,
)
from lstmlint.source.names import Names


def lower(module: cst.Module) -> tree.Module:
    """The tree of `module`.  Nodes that are not modelled become opaque ones."""
    return tree.Module(_statements(Function(), module.body))


# --- small statements ------------------------------------------------------------------------------------------------


def _expression_statement(function: Function, node: cst.Expr) -> tree.Statement:
    return tree.ExpressionStatement(EXPRESSIONS[type(node.value)](function, node.value), cst=node)


def _assign(function: Function, node: cst.Assign) -> tree.Statement:
    targets = [EXPRESSIONS[type(target.target)](function, target.target) for target in node.targets]
    return tree.Assign(targets, EXPRESSIONS[type(node.value)](function, node.value), cst=node)


def _aug_assign(function: Function, node: cst.AugAssign) -> tree.Statement:
    target = EXPRESSIONS[type(node.target)](function, node.target)
    value = EXPRESSIONS[type(node.value)](function, node.value)
    return tree.AugAssign(target, OPERATORS[type(node.operator)], value, cst=node)


def _ann_assign(function: Function, node: cst.AnnAssign) -> tree.Statement:
    target = EXPRESSIONS[type(node.target)](function, node.target)
    annotation = EXPRESSIONS[type(node.annotation.annotation)](function, node.annotation.annotation)
    return tree.AnnAssign(target, annotation, _optional(function, node.value), cst=node)


def _optional(function: Function, node: cst.BaseExpression | None) -> tree.Expression | None:
    if node is None:
        return None
    lowered: tree.Expression = EXPRESSIONS[type(node)](function, node)
    return lowered


def _return(function: Function, node: cst.Return) -> tree.Statement:
    return tree.Return(_optional(function, node.value), cst=node)


def _delete(function: Function, node: cst.Del) -> tree.Statement:
    target = node.target
    parts: Sequence[Any] = target.elements if isinstance(target, cst.Tuple) and not target.lpar else [target]
    return tree.Delete([EXPRESSIONS[type(part)](function, part) for part in parts], cst=node)


def _raise(function: Function, node: cst.Raise) -> tree.Statement:
    cause = None if node.cause is None else node.cause.item
    return tree.Raise(_optional(function, node.exc), _optional(function, cause), cst=node)


def _assert(function: Function, node: cst.Assert) -> tree.Statement:
    return tree.Assert(EXPRESSIONS[type(node.test)](function, node.test), _optional(function, node.msg), cst=node)


def _import(function: Function, node: cst.Import) -> tree.Statement:
    return tree.Import([_alias(alias) for alias in node.names], cst=node)


def _import_from(function: Function, node: cst.ImportFrom) -> tree.Statement:
    names = [tree.Alias("*", None, node.names)] if isinstance(node.names, cst.ImportStar) else None
    if names is None:
        names = [_alias(alias) for alias in node.names]  # type: ignore[union-attr]
    module = None if node.module is None else _dotted(node.module)
    return tree.ImportFrom(module, names, len(node.relative), cst=node)


def _alias(node: cst.ImportAlias) -> tree.Alias:
    asname = node.asname
    return tree.Alias(_dotted(node.name), None if asname is None else _dotted(asname.name), node)


def _dotted(node: Any) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    parts.append(node.value)
    return identifier(".".join(reversed(parts)))


def _global(function: Function, node: cst.Global) -> tree.Statement:
    return tree.Global([identifier(item.name.value) for item in node.names], cst=node)


def _nonlocal(function: Function, node: cst.Nonlocal) -> tree.Statement:
    return tree.Nonlocal([identifier(item.name.value) for item in node.names], cst=node)


def _pass(function: Function, node: cst.Pass) -> tree.Statement:
    return tree.Pass(cst=node)


def _break(function: Function, node: cst.Break) -> tree.Statement:
    return tree.Break(cst=node)


def _continue(function: Function, node: cst.Continue) -> tree.Statement:
    return tree.Continue(cst=node)


# --- compound statements ---------------------------------------------------------------------------------------------


def _statements(function: Function, nodes: Iterable[Any]) -> list[tree.Statement]:
    lowered: list[tree.Statement] = []
    for node in nodes:
        if type(node) is cst.SimpleStatementLine:
            for small in node.body:
                lowered.append(_STATEMENTS[type(small)](function, small))
        else:
            lowered.append(_STATEMENTS[type(node)](function, node))
    return lowered


def _orelse(function: Function, node: cst.Else | cst.Finally | None) -> list[tree.Statement]:
    return [] if node is None else _statements(function, node.body.body)


def _if(function: Function, node: cst.If) -> tree.Statement:
    # Each `elif` nests, as in `ast`; the loop keeps a long chain from using up the stack.
    outermost: tree.If | None = None
    innermost: tree.If | None = None
    clause: Any = node
    while isinstance(clause, cst.If):
        test = EXPRESSIONS[type(clause.test)](function, clause.test)
        lowered = tree.If(test, _statements(function, clause.body.body), [], cst=clause)
        if innermost is None:
            outermost = lowered
        else:
            innermost.orelse.append(lowered)
        innermost, clause = lowered, clause.orelse
    assert outermost is not None and innermost is not None
    innermost.orelse = _orelse(function, clause)
    return outermost


def _for(function: Function, node: cst.For) -> tree.Statement:
    target = EXPRESSIONS[type(node.target)](function, node.target)
    source = EXPRESSIONS[type(node.iter)](function, node.iter)
    return tree.For(target, source, _statements(function, node.body.body), _orelse(function, node.orelse), cst=node)


def _while(function: Function, node: cst.While) -> tree.Statement:
    test = EXPRESSIONS[type(node.test)](function, node.test)
    return tree.While(test, _statements(function, node.body.body), _orelse(function, node.orelse), cst=node)


def _with(function: Function, node: cst.With) -> tree.Statement:
    items = []
    for item in node.items:
        context = EXPRESSIONS[type(item.item)](function, item.item)
        items.append(tree.WithItem(context, _optional_target(function, item.asname)))
    return tree.With(items, _statements(function, node.body.body), cst=node)


def _optional_target(function: Function, node: cst.AsName | None) -> tree.Expression | None:
    if node is None:
        return None
    lowered: tree.Expression = EXPRESSIONS[type(node.name)](function, node.name)
    return lowered


def _try(function: Function, node: cst.Try | cst.TryStar) -> tree.Statement:
    body = _statements(function, node.body.body)
    handlers = []
    for handler in node.handlers:
        kind = _optional(function, handler.type)
        name = None if handler.name is None else _dotted(handler.name.name)
        handlers.append(tree.ExceptHandler(kind, name, _statements(function, handler.body.body), handler))
    return tree.Try(body, handlers, _orelse(function, node.orelse), _orelse(function, node.finalbody), cst=node)


def _function_def(function: Function, node: cst.FunctionDef) -> tree.Statement:
    inner = Function()
    decorators = [EXPRESSIONS[type(one.decorator)](function, one.decorator) for one in node.decorators]
    args = parameters(function, node.params)
    returns = optional_annotation(function, node.returns)
    return tree.FunctionDef(
        identifier(node.name.value),
        args,
        _statements(inner, node.body.body),
        decorators,
        returns,
        node.asynchronous is not None,
        inner.yields > 0,
        cst=node,
    )


def _class_def(function: Function, node: cst.ClassDef) -> tree.Statement:
    bases: list[tree.Expression] = []
    keywords: list[tree.Keyword] = []
    for arg in (*node.bases, *node.keywords):
        value = EXPRESSIONS[type(arg.value)](function, arg.value)
        if arg.keyword is not None:
            keywords.append(tree.Keyword(identifier(arg.keyword.value), value, arg))
        elif arg.star == "**":
            keywords.append(tree.Keyword(None, value, arg))
        else:
            bases.append(tree.Starred(value, cst=arg) if arg.star else value)
    return tree.ClassDef(
        identifier(node.name.value),
        bases,
        keywords,
        _statements(Function(), node.body.body),
        [EXPRESSIONS[type(one.decorator)](function, one.decorator) for one in node.decorators],
        cst=node,
    )


# --- statements that are not modelled --------------------------------------------------------------------------------


def _match(function: Function, node: cst.Match) -> tree.Statement:
    """`match`: what its patterns and bodies may assign, and what they mention."""
    names = Names()
    names.visit(EXPRESSIONS[type(node.subject)](function, node.subject))
    for case in node.cases:
        names.visit_pattern(case.pattern)
        if case.guard is not None:
            names.visit(EXPRESSIONS[type(case.guard)](function, case.guard))
        for statement in _statements(function, case.body.body):
            names.visit(statement)
    return names.opaque(node)


def _type_alias(function: Function, node: cst.TypeAlias) -> tree.Statement:
    return tree.OpaqueStatement((identifier(node.name.value),), cst=node)


def _opaque_statement(function: Function, node: Any) -> tree.Statement:
    names = Names()
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, cst.Name):
            names.assigned.add(identifier(current.value))
        pending.extend(current.children)
    return names.opaque(node)


_STATEMENTS = Handlers(
    {
        cst.Expr: _expression_statement, cst.Assign: _assign, cst.AugAssign: _aug_assign, cst.AnnAssign: _ann_assign,
        cst.Return: _return, cst.Del: _delete, cst.Raise: _raise, cst.Assert: _assert,
        cst.Import: _import, cst.ImportFrom: _import_from, cst.Global: _global, cst.Nonlocal: _nonlocal,
        cst.Pass: _pass, cst.Break: _break, cst.Continue: _continue,
        cst.If: _if, cst.For: _for, cst.While: _while, cst.With: _with, cst.Try: _try, cst.TryStar: _try,
        cst.FunctionDef: _function_def, cst.ClassDef: _class_def,
        cst.Match: _match, cst.TypeAlias: _type_alias,
    },
    _opaque_statement,
)  # fmt: skip
