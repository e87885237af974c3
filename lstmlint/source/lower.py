"""libcst module -> `tree.Module`, in one pass.

One function per libcst class, found by `type(node)`; no generic visitor, because a walk over `.children` costs as much
as parsing.  Depth is bounded by `guard.py`; a handler uses one Python frame per level, a block two.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from lstmlint.source import strings, tree


def lower(module: cst.Module) -> tree.Module:
    """The tree of `module`.  Nodes that are not modelled become opaque ones."""
    return tree.Module(_statements(_Function(), module.body))


class _Function:
    """What is counted while the body of one function (or the module) is lowered."""

    __slots__ = ("yields",)

    def __init__(self) -> None:
        self.yields = 0


# --- expressions -----------------------------------------------------------------------------------------------------

_NAMED_CONSTANTS = {"None": None, "True": True, "False": False}


def _identifier(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _name(function: _Function, node: cst.Name) -> tree.Expression:
    text = node.value
    if text in _NAMED_CONSTANTS:
        return tree.Constant(_NAMED_CONSTANTS[text], cst=node)
    return tree.Name(text if text.isascii() else _identifier(text), cst=node)


def _attribute(function: _Function, node: cst.Attribute) -> tree.Expression:
    value = node.value
    return tree.Attribute(_EXPRESSIONS[type(value)](function, value), _identifier(node.attr.value), cst=node)


def _call(function: _Function, node: cst.Call) -> tree.Expression:
    target = node.func
    args: list[tree.Expression] = []
    keywords: list[tree.Keyword] = []
    for arg in node.args:
        value = arg.value
        lowered = _EXPRESSIONS[type(value)](function, value)
        if arg.keyword is not None:
            keywords.append(tree.Keyword(_identifier(arg.keyword.value), lowered, arg))
        elif not arg.star:
            args.append(lowered)
        elif arg.star == "*":
            args.append(tree.Starred(lowered, cst=arg))
        else:
            keywords.append(tree.Keyword(None, lowered, arg))
    return tree.Call(_EXPRESSIONS[type(target)](function, target), args, keywords, cst=node)


def _integer(function: _Function, node: cst.Integer) -> tree.Expression:
    try:
        return tree.Constant(strings.int_value(node.value), cst=node)
    except strings.BadLiteral:
        return tree.OpaqueExpression(cst=node)


def _float(function: _Function, node: cst.Float) -> tree.Expression:
    return tree.Constant(float(node.value), cst=node)


def _imaginary(function: _Function, node: cst.Imaginary) -> tree.Expression:
    return tree.Constant(complex(0.0, float(node.value[:-1])), cst=node)


def _ellipsis(function: _Function, node: cst.Ellipsis) -> tree.Expression:
    return tree.Constant(..., cst=node)


def _simple_string(function: _Function, node: cst.SimpleString) -> tree.Expression:
    literal = node.value
    quote = literal[0]
    if (quote == "'" or quote == '"') and "\\" not in literal and literal[1] != quote and "\r" not in literal:
        return tree.Constant(literal[1:-1], cst=node)
    try:
        return tree.Constant(strings.string_value(literal), cst=node)
    except strings.BadLiteral:
        return tree.OpaqueExpression(cst=node)


def _formatted_string(function: _Function, node: cst.FormattedString) -> tree.Expression:
    return _joined(_pieces(function, [node]), node)


def _concatenated(function: _Function, node: cst.ConcatenatedString) -> tree.Expression:
    parts: list[Any] = []
    rest: Any = node
    while isinstance(rest, cst.ConcatenatedString):
        parts.append(rest.left)
        rest = rest.right
    parts.append(rest)
    if all(type(part) is cst.SimpleString for part in parts):
        return _folded(parts, node)
    return _joined(_pieces(function, parts), node)


def _folded(parts: list[cst.SimpleString], node: cst.ConcatenatedString) -> tree.Expression:
    try:
        values = [strings.string_value(part.value) for part in parts]
    except strings.BadLiteral:
        return tree.OpaqueExpression(cst=node)
    texts = [value for value in values if isinstance(value, str)]
    if len(texts) == len(values):
        return tree.Constant("".join(texts), cst=node)
    raw = [value for value in values if isinstance(value, bytes)]
    return tree.OpaqueExpression(cst=node) if texts else tree.Constant(b"".join(raw), cst=node)


def _pieces(function: _Function, parts: Iterable[Any]) -> list[tree.Expression] | None:
    """The values of an f-string or of strings side by side; None when a literal is bad or a part is not modelled."""
    pieces: list[tree.Expression] = []
    for part in parts:
        try:
            if type(part) is cst.SimpleString:
                value = strings.string_value(part.value)
                pieces.append(tree.Constant(value, cst=part))
            elif type(part) is cst.FormattedString:
                raw = "r" in part.start.lower()
                for content in part.parts:
                    _formatted_content(function, content, raw, pieces)
            else:
                return None
        except strings.BadLiteral:
            return None
    return pieces


def _formatted_content(function: _Function, content: Any, raw: bool, pieces: list[tree.Expression]) -> None:
    if type(content) is cst.FormattedStringText:
        text = content.value.replace("{{", "{").replace("}}", "}")
        pieces.append(tree.Constant(strings.string_body(text, raw=raw), cst=content))
        return
    expression = content.expression
    if content.equal is not None:
        before, after = content.whitespace_before_expression, content.whitespace_after_expression
        shown = cst.Module([]).code_for_node
        text = shown(before) + shown(expression) + shown(after) + shown(content.equal)
        pieces.append(tree.Constant(text, cst=content))
    plain = content.conversion is None and content.format_spec is None and content.equal is None
    for inner in content.format_spec or ():
        if type(inner) is cst.FormattedStringExpression:
            # A walrus or yield in a format specification is lowered for its effect on `function` only.
            _EXPRESSIONS[type(inner.expression)](function, inner.expression)
    value = _EXPRESSIONS[type(expression)](function, expression)
    pieces.append(tree.FormattedValue(value, plain, cst=content))


def _joined(pieces: list[tree.Expression] | None, node: Any) -> tree.Expression:
    if pieces is None:
        return tree.OpaqueExpression(cst=node)
    values: list[tree.Expression] = []
    for piece in pieces:
        if isinstance(piece, tree.Constant):
            if not isinstance(piece.value, str):
                return tree.OpaqueExpression(cst=node)
            last = values[-1] if values else None
            if isinstance(last, tree.Constant):
                last.value += piece.value
                continue
            if not piece.value:
                continue
        values.append(piece)
    return tree.JoinedStr(values, cst=node)


def _binary(function: _Function, node: cst.BinaryOperation) -> tree.Expression:
    left, right = node.left, node.right
    return tree.BinOp(
        _EXPRESSIONS[type(left)](function, left),
        _OPERATORS[type(node.operator)],
        _EXPRESSIONS[type(right)](function, right),
        cst=node,
    )


def _unary(function: _Function, node: cst.UnaryOperation) -> tree.Expression:
    operand = node.expression
    return tree.UnaryOp(_OPERATORS[type(node.operator)], _EXPRESSIONS[type(operand)](function, operand), cst=node)


def _boolean(function: _Function, node: cst.BooleanOperation) -> tree.Expression:
    operator = type(node.operator)
    operands: list[cst.BaseExpression] = [node.right]
    left = node.left
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is operator and not left.lpar:
        operands.append(left.right)
        left = left.left
    operands.append(left)
    values = [_EXPRESSIONS[type(operand)](function, operand) for operand in reversed(operands)]
    return tree.BoolOp(_OPERATORS[operator], values, cst=node)


def _comparison(function: _Function, node: cst.Comparison) -> tree.Expression:
    left = node.left
    lowered = _EXPRESSIONS[type(left)](function, left)
    ops: list[str] = []
    comparators: list[tree.Expression] = []
    for target in node.comparisons:
        ops.append(_OPERATORS[type(target.operator)])
        value = target.comparator
        comparators.append(_EXPRESSIONS[type(value)](function, value))
    return tree.Compare(lowered, ops, comparators, cst=node)


def _subscript(function: _Function, node: cst.Subscript) -> tree.Expression:
    value, elements = node.value, node.slice
    slices: list[tree.Expression] = []
    for element in elements:
        index = element.slice
        if isinstance(index, cst.Index):
            lowered = _EXPRESSIONS[type(index.value)](function, index.value)
            slices.append(tree.Starred(lowered, cst=index) if index.star else lowered)
        else:
            bounds = [
                None if bound is None else _EXPRESSIONS[type(bound)](function, bound)
                for bound in (index.lower, index.upper, index.step)
            ]
            slices.append(tree.Slice(*bounds, cst=index))
    single = len(elements) == 1 and not isinstance(elements[0].comma, cst.Comma) and type(slices[0]) is not tree.Starred
    lowered_slice = slices[0] if single else tree.Tuple(slices, cst=node)
    return tree.Subscript(_EXPRESSIONS[type(value)](function, value), lowered_slice, cst=node)


def _element(function: _Function, node: cst.Element) -> tree.Expression:
    value = node.value
    return _EXPRESSIONS[type(value)](function, value)


def _starred(function: _Function, node: cst.StarredElement) -> tree.Expression:
    value = node.value
    return tree.Starred(_EXPRESSIONS[type(value)](function, value), cst=node)


def _tuple(function: _Function, node: cst.Tuple) -> tree.Expression:
    return tree.Tuple([_EXPRESSIONS[type(element)](function, element) for element in node.elements], cst=node)


def _list(function: _Function, node: cst.List) -> tree.Expression:
    return tree.List([_EXPRESSIONS[type(element)](function, element) for element in node.elements], cst=node)


def _set(function: _Function, node: cst.Set) -> tree.Expression:
    return tree.Set([_EXPRESSIONS[type(element)](function, element) for element in node.elements], cst=node)


def _dict(function: _Function, node: cst.Dict) -> tree.Expression:
    keys: list[tree.Expression | None] = []
    values: list[tree.Expression] = []
    for element in node.elements:
        value = element.value
        if isinstance(element, cst.DictElement):
            key = element.key
            keys.append(_EXPRESSIONS[type(key)](function, key))
        else:
            keys.append(None)
        values.append(_EXPRESSIONS[type(value)](function, value))
    return tree.Dict(keys, values, cst=node)


def _generators(function: _Function, first: cst.CompFor) -> list[tree.Comprehension]:
    generators: list[tree.Comprehension] = []
    clause: cst.CompFor | None = first
    while clause is not None:
        target, source = clause.target, clause.iter
        generators.append(
            tree.Comprehension(
                _EXPRESSIONS[type(target)](function, target),
                _EXPRESSIONS[type(source)](function, source),
                [_EXPRESSIONS[type(test.test)](function, test.test) for test in clause.ifs],
                clause.asynchronous is not None,
            )
        )
        clause = clause.inner_for_in
    return generators


def _list_comp(function: _Function, node: cst.ListComp) -> tree.Expression:
    elt = _EXPRESSIONS[type(node.elt)](function, node.elt)
    return tree.ListComp(elt, _generators(function, node.for_in), cst=node)


def _set_comp(function: _Function, node: cst.SetComp) -> tree.Expression:
    elt = _EXPRESSIONS[type(node.elt)](function, node.elt)
    return tree.SetComp(elt, _generators(function, node.for_in), cst=node)


def _generator(function: _Function, node: cst.GeneratorExp) -> tree.Expression:
    elt = _EXPRESSIONS[type(node.elt)](function, node.elt)
    return tree.GeneratorExp(elt, _generators(function, node.for_in), cst=node)


def _dict_comp(function: _Function, node: cst.DictComp) -> tree.Expression:
    key = _EXPRESSIONS[type(node.key)](function, node.key)
    value = _EXPRESSIONS[type(node.value)](function, node.value)
    return tree.DictComp(key, value, _generators(function, node.for_in), cst=node)


def _if_exp(function: _Function, node: cst.IfExp) -> tree.Expression:
    return tree.IfExp(
        _EXPRESSIONS[type(node.test)](function, node.test),
        _EXPRESSIONS[type(node.body)](function, node.body),
        _EXPRESSIONS[type(node.orelse)](function, node.orelse),
        cst=node,
    )


def _lambda(function: _Function, node: cst.Lambda) -> tree.Expression:
    args = _parameters(function, node.params)
    return tree.Lambda(args, _EXPRESSIONS[type(node.body)](_Function(), node.body), cst=node)


def _named_expr(function: _Function, node: cst.NamedExpr) -> tree.Expression:
    target = _EXPRESSIONS[type(node.target)](function, node.target)
    return tree.NamedExpr(target, _EXPRESSIONS[type(node.value)](function, node.value), cst=node)


def _await(function: _Function, node: cst.Await) -> tree.Expression:
    return tree.Await(_EXPRESSIONS[type(node.expression)](function, node.expression), cst=node)


def _yield(function: _Function, node: cst.Yield) -> tree.Expression:
    function.yields += 1
    value = node.value
    if isinstance(value, cst.From):
        return tree.YieldFrom(_EXPRESSIONS[type(value.item)](function, value.item), cst=node)
    return tree.Yield(None if value is None else _EXPRESSIONS[type(value)](function, value), cst=node)


def _opaque_expression(function: _Function, node: Any) -> tree.Expression:
    return tree.OpaqueExpression(cst=node)


class _Handlers(dict[type, Any]):
    """Handlers by libcst class; a class that libcst may add one day is opaque."""

    def __init__(self, handlers: dict[type, Any], fallback: Callable[[_Function, Any], Any]) -> None:
        super().__init__(handlers)
        self._fallback = fallback

    def __missing__(self, key: type) -> Callable[[_Function, Any], Any]:
        return self._fallback


_EXPRESSIONS = _Handlers(
    {
        cst.Name: _name, cst.Attribute: _attribute, cst.Call: _call, cst.Subscript: _subscript,
        cst.Integer: _integer, cst.Float: _float, cst.Imaginary: _imaginary, cst.Ellipsis: _ellipsis,
        cst.SimpleString: _simple_string, cst.FormattedString: _formatted_string,
        cst.ConcatenatedString: _concatenated,
        cst.BinaryOperation: _binary, cst.UnaryOperation: _unary, cst.BooleanOperation: _boolean,
        cst.Comparison: _comparison, cst.IfExp: _if_exp, cst.Lambda: _lambda, cst.NamedExpr: _named_expr,
        cst.Element: _element, cst.StarredElement: _starred,
        cst.Tuple: _tuple, cst.List: _list, cst.Set: _set, cst.Dict: _dict,
        cst.ListComp: _list_comp, cst.SetComp: _set_comp, cst.GeneratorExp: _generator, cst.DictComp: _dict_comp,
        cst.Await: _await, cst.Yield: _yield,
    },
    _opaque_expression,
)  # fmt: skip

_OPERATORS: dict[type, str] = {
    cst.Add: "+", cst.Subtract: "-", cst.Multiply: "*", cst.Divide: "/", cst.FloorDivide: "//", cst.Modulo: "%",
    cst.Power: "**", cst.MatrixMultiply: "@", cst.LeftShift: "<<", cst.RightShift: ">>",
    cst.BitAnd: "&", cst.BitOr: "|", cst.BitXor: "^",
    cst.AddAssign: "+", cst.SubtractAssign: "-", cst.MultiplyAssign: "*", cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//", cst.ModuloAssign: "%", cst.PowerAssign: "**", cst.MatrixMultiplyAssign: "@",
    cst.LeftShiftAssign: "<<", cst.RightShiftAssign: ">>",
    cst.BitAndAssign: "&", cst.BitOrAssign: "|", cst.BitXorAssign: "^",
    cst.Minus: "-", cst.Plus: "+", cst.BitInvert: "~", cst.Not: "not",
    cst.And: "and", cst.Or: "or",
    cst.Equal: "==", cst.NotEqual: "!=", cst.LessThan: "<", cst.LessThanEqual: "<=", cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=", cst.In: "in", cst.NotIn: "not in", cst.Is: "is", cst.IsNot: "is not",
}  # fmt: skip


# --- parameters ------------------------------------------------------------------------------------------------------


def _parameters(function: _Function, node: cst.Parameters) -> tree.Parameters:
    defaults: list[tree.Expression] = []
    positional: list[list[tree.Parameter]] = []
    for group in (node.posonly_params, node.params):
        positional.append([_parameter(function, param) for param in group])
        for param in group:
            if param.default is not None:
                defaults.append(_EXPRESSIONS[type(param.default)](function, param.default))
    star, double_star = node.star_arg, node.star_kwarg
    return tree.Parameters(
        positional[0],
        positional[1],
        _parameter(function, star) if isinstance(star, cst.Param) else None,
        [_parameter(function, param) for param in node.kwonly_params],
        [
            None if param.default is None else _EXPRESSIONS[type(param.default)](function, param.default)
            for param in node.kwonly_params
        ],
        None if double_star is None else _parameter(function, double_star),
        defaults,
    )


def _parameter(function: _Function, node: cst.Param) -> tree.Parameter:
    return tree.Parameter(_identifier(node.name.value), _annotation(function, node.annotation), node)


def _annotation(function: _Function, node: cst.Annotation | None) -> tree.Expression | None:
    if node is None:
        return None
    lowered: tree.Expression = _EXPRESSIONS[type(node.annotation)](function, node.annotation)
    return lowered


# --- small statements ------------------------------------------------------------------------------------------------


def _expression_statement(function: _Function, node: cst.Expr) -> tree.Statement:
    return tree.ExpressionStatement(_EXPRESSIONS[type(node.value)](function, node.value), cst=node)


def _assign(function: _Function, node: cst.Assign) -> tree.Statement:
    targets = [_EXPRESSIONS[type(target.target)](function, target.target) for target in node.targets]
    return tree.Assign(targets, _EXPRESSIONS[type(node.value)](function, node.value), cst=node)


def _aug_assign(function: _Function, node: cst.AugAssign) -> tree.Statement:
    target = _EXPRESSIONS[type(node.target)](function, node.target)
    value = _EXPRESSIONS[type(node.value)](function, node.value)
    return tree.AugAssign(target, _OPERATORS[type(node.operator)], value, cst=node)


def _ann_assign(function: _Function, node: cst.AnnAssign) -> tree.Statement:
    target = _EXPRESSIONS[type(node.target)](function, node.target)
    annotation = _EXPRESSIONS[type(node.annotation.annotation)](function, node.annotation.annotation)
    return tree.AnnAssign(target, annotation, _optional(function, node.value), cst=node)


def _optional(function: _Function, node: cst.BaseExpression | None) -> tree.Expression | None:
    if node is None:
        return None
    lowered: tree.Expression = _EXPRESSIONS[type(node)](function, node)
    return lowered


def _return(function: _Function, node: cst.Return) -> tree.Statement:
    return tree.Return(_optional(function, node.value), cst=node)


def _delete(function: _Function, node: cst.Del) -> tree.Statement:
    target = node.target
    parts: Sequence[Any] = target.elements if isinstance(target, cst.Tuple) and not target.lpar else [target]
    return tree.Delete([_EXPRESSIONS[type(part)](function, part) for part in parts], cst=node)


def _raise(function: _Function, node: cst.Raise) -> tree.Statement:
    cause = None if node.cause is None else node.cause.item
    return tree.Raise(_optional(function, node.exc), _optional(function, cause), cst=node)


def _assert(function: _Function, node: cst.Assert) -> tree.Statement:
    return tree.Assert(_EXPRESSIONS[type(node.test)](function, node.test), _optional(function, node.msg), cst=node)


def _import(function: _Function, node: cst.Import) -> tree.Statement:
    return tree.Import([_alias(alias) for alias in node.names], cst=node)


def _import_from(function: _Function, node: cst.ImportFrom) -> tree.Statement:
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
    return _identifier(".".join(reversed(parts)))


def _global(function: _Function, node: cst.Global) -> tree.Statement:
    return tree.Global([_identifier(item.name.value) for item in node.names], cst=node)


def _nonlocal(function: _Function, node: cst.Nonlocal) -> tree.Statement:
    return tree.Nonlocal([_identifier(item.name.value) for item in node.names], cst=node)


def _pass(function: _Function, node: cst.Pass) -> tree.Statement:
    return tree.Pass(cst=node)


def _break(function: _Function, node: cst.Break) -> tree.Statement:
    return tree.Break(cst=node)


def _continue(function: _Function, node: cst.Continue) -> tree.Statement:
    return tree.Continue(cst=node)


# --- compound statements ---------------------------------------------------------------------------------------------


def _statements(function: _Function, nodes: Iterable[Any]) -> list[tree.Statement]:
    lowered: list[tree.Statement] = []
    for node in nodes:
        if type(node) is cst.SimpleStatementLine:
            for small in node.body:
                lowered.append(_STATEMENTS[type(small)](function, small))
        else:
            lowered.append(_STATEMENTS[type(node)](function, node))
    return lowered


def _orelse(function: _Function, node: cst.Else | cst.Finally | None) -> list[tree.Statement]:
    return [] if node is None else _statements(function, node.body.body)


def _if(function: _Function, node: cst.If) -> tree.Statement:
    # Each `elif` nests, as in `ast`; the loop keeps a long chain from using up the stack.
    outermost: tree.If | None = None
    innermost: tree.If | None = None
    clause: Any = node
    while isinstance(clause, cst.If):
        test = _EXPRESSIONS[type(clause.test)](function, clause.test)
        lowered = tree.If(test, _statements(function, clause.body.body), [], cst=clause)
        if innermost is None:
            outermost = lowered
        else:
            innermost.orelse.append(lowered)
        innermost, clause = lowered, clause.orelse
    assert outermost is not None and innermost is not None
    innermost.orelse = _orelse(function, clause)
    return outermost


def _for(function: _Function, node: cst.For) -> tree.Statement:
    target = _EXPRESSIONS[type(node.target)](function, node.target)
    source = _EXPRESSIONS[type(node.iter)](function, node.iter)
    return tree.For(target, source, _statements(function, node.body.body), _orelse(function, node.orelse), cst=node)


def _while(function: _Function, node: cst.While) -> tree.Statement:
    test = _EXPRESSIONS[type(node.test)](function, node.test)
    return tree.While(test, _statements(function, node.body.body), _orelse(function, node.orelse), cst=node)


def _with(function: _Function, node: cst.With) -> tree.Statement:
    items = []
    for item in node.items:
        context = _EXPRESSIONS[type(item.item)](function, item.item)
        items.append(tree.WithItem(context, _optional_target(function, item.asname)))
    return tree.With(items, _statements(function, node.body.body), cst=node)


def _optional_target(function: _Function, node: cst.AsName | None) -> tree.Expression | None:
    if node is None:
        return None
    lowered: tree.Expression = _EXPRESSIONS[type(node.name)](function, node.name)
    return lowered


def _try(function: _Function, node: cst.Try | cst.TryStar) -> tree.Statement:
    body = _statements(function, node.body.body)
    handlers = []
    for handler in node.handlers:
        kind = _optional(function, handler.type)
        name = None if handler.name is None else _dotted(handler.name.name)
        handlers.append(tree.ExceptHandler(kind, name, _statements(function, handler.body.body), handler))
    return tree.Try(body, handlers, _orelse(function, node.orelse), _orelse(function, node.finalbody), cst=node)


def _function_def(function: _Function, node: cst.FunctionDef) -> tree.Statement:
    inner = _Function()
    decorators = [_EXPRESSIONS[type(one.decorator)](function, one.decorator) for one in node.decorators]
    args = _parameters(function, node.params)
    returns = _annotation(function, node.returns)
    return tree.FunctionDef(
        _identifier(node.name.value),
        args,
        _statements(inner, node.body.body),
        decorators,
        returns,
        node.asynchronous is not None,
        inner.yields > 0,
        cst=node,
    )


def _class_def(function: _Function, node: cst.ClassDef) -> tree.Statement:
    bases: list[tree.Expression] = []
    keywords: list[tree.Keyword] = []
    for arg in (*node.bases, *node.keywords):
        value = _EXPRESSIONS[type(arg.value)](function, arg.value)
        if arg.keyword is not None:
            keywords.append(tree.Keyword(_identifier(arg.keyword.value), value, arg))
        elif arg.star == "**":
            keywords.append(tree.Keyword(None, value, arg))
        else:
            bases.append(tree.Starred(value, cst=arg) if arg.star else value)
    return tree.ClassDef(
        _identifier(node.name.value),
        bases,
        keywords,
        _statements(_Function(), node.body.body),
        [_EXPRESSIONS[type(one.decorator)](function, one.decorator) for one in node.decorators],
        cst=node,
    )


# --- statements that are not modelled --------------------------------------------------------------------------------

_BINDING_PATTERNS = (cst.MatchAs, cst.MatchStar)


def _match(function: _Function, node: cst.Match) -> tree.Statement:
    """`match`: what its patterns and bodies may assign, and what they mention."""
    names = _Names()
    names.visit(_EXPRESSIONS[type(node.subject)](function, node.subject))
    for case in node.cases:
        _pattern_names(case.pattern, names.assigned)
        if case.guard is not None:
            names.visit(_EXPRESSIONS[type(case.guard)](function, case.guard))
        for statement in _statements(function, case.body.body):
            names.visit(statement)
    return names.opaque(node)


def _pattern_names(pattern: cst.CSTNode, assigned: set[str]) -> None:
    pending = [pattern]
    while pending:
        node = pending.pop()
        name = getattr(node, "name", None) if isinstance(node, _BINDING_PATTERNS) else getattr(node, "rest", None)
        if isinstance(name, cst.Name):
            assigned.add(_identifier(name.value))
        pending.extend(node.children)


def _type_alias(function: _Function, node: cst.TypeAlias) -> tree.Statement:
    return tree.OpaqueStatement((_identifier(node.name.value),), cst=node)


def _opaque_statement(function: _Function, node: Any) -> tree.Statement:
    names = _Names()
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, cst.Name):
            names.assigned.add(_identifier(current.value))
        pending.extend(current.children)
    return names.opaque(node)


class _Names:
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

    def _note(self, node: tree.Node) -> None:
        if isinstance(node, tree.Name):
            self.mentioned.add(node.id)
        elif isinstance(node, (tree.FunctionDef, tree.ClassDef)):
            self.assigned.add(node.name)
        elif isinstance(node, tree.ExceptHandler) and node.name:
            self.assigned.add(node.name)
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

_STATEMENTS = _Handlers(
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
