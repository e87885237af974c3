"""libcst expressions -> `tree` expressions: one function per libcst class, listed in `EXPRESSIONS`."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

import libcst as cst

from lstmlint.source import strings, tree


class Function:
    """What is counted while the body of one function (or the module) is lowered."""

    __slots__ = ("yields",)

    def __init__(self) -> None:
        self.yields = 0


_NAMED_CONSTANTS = {"None": None, "True": True, "False": False}


def identifier(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _name(function: Function, node: cst.Name) -> tree.Expression:
    text = node.value
    if text in _NAMED_CONSTANTS:
        return tree.Constant(_NAMED_CONSTANTS[text], cst=node)
    return tree.Name(text if text.isascii() else identifier(text), cst=node)


def _attribute(function: Function, node: cst.Attribute) -> tree.Expression:
    value = node.value
    return tree.Attribute(EXPRESSIONS[type(value)](function, value), identifier(node.attr.value), cst=node)


def _call(function: Function, node: cst.Call) -> tree.Expression:
    target = node.func
    args: list[tree.Expression] = []
    keywords: list[tree.Keyword] = []
    for arg in node.args:
        value = arg.value
        lowered = EXPRESSIONS[type(value)](function, value)
        if arg.keyword is not None:
            keywords.append(tree.Keyword(identifier(arg.keyword.value), lowered, arg))
        elif not arg.star:
            args.append(lowered)
        elif arg.star == "*":
            args.append(tree.Starred(lowered, cst=arg))
        else:
            keywords.append(tree.Keyword(None, lowered, arg))
    return tree.Call(EXPRESSIONS[type(target)](function, target), args, keywords, cst=node)


def _integer(function: Function, node: cst.Integer) -> tree.Expression:
    try:
        return tree.Constant(strings.int_value(node.value), cst=node)
    except strings.BadLiteral:
        return tree.OpaqueExpression(cst=node)


def _float(function: Function, node: cst.Float) -> tree.Expression:
    return tree.Constant(float(node.value), cst=node)


def _imaginary(function: Function, node: cst.Imaginary) -> tree.Expression:
    return tree.Constant(complex(0.0, float(node.value[:-1])), cst=node)


def _ellipsis(function: Function, node: cst.Ellipsis) -> tree.Expression:
    return tree.Constant(..., cst=node)


def _simple_string(function: Function, node: cst.SimpleString) -> tree.Expression:
    literal = node.value
    quote = literal[0]
    if (quote == "'" or quote == '"') and "\\" not in literal and literal[1] != quote and "\r" not in literal:
        return tree.Constant(literal[1:-1], cst=node)
    try:
        return tree.Constant(strings.string_value(literal), cst=node)
    except strings.BadLiteral:
        return tree.OpaqueExpression(cst=node)


def _formatted_string(function: Function, node: cst.FormattedString) -> tree.Expression:
    return _joined(_pieces(function, [node]), node)


def _concatenated(function: Function, node: cst.ConcatenatedString) -> tree.Expression:
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


def _pieces(function: Function, parts: Iterable[Any]) -> list[tree.Expression] | None:
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


def _formatted_content(function: Function, content: Any, raw: bool, pieces: list[tree.Expression]) -> None:
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
            EXPRESSIONS[type(inner.expression)](function, inner.expression)
    value = EXPRESSIONS[type(expression)](function, expression)
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


def _binary(function: Function, node: cst.BinaryOperation) -> tree.Expression:
    left, right = node.left, node.right
    return tree.BinOp(
        EXPRESSIONS[type(left)](function, left),
        OPERATORS[type(node.operator)],
        EXPRESSIONS[type(right)](function, right),
        cst=node,
    )


def _unary(function: Function, node: cst.UnaryOperation) -> tree.Expression:
    operand = node.expression
    return tree.UnaryOp(OPERATORS[type(node.operator)], EXPRESSIONS[type(operand)](function, operand), cst=node)


def _boolean(function: Function, node: cst.BooleanOperation) -> tree.Expression:
    operator = type(node.operator)
    operands: list[cst.BaseExpression] = [node.right]
    left = node.left
    while isinstance(left, cst.BooleanOperation) and type(left.operator) is operator and not left.lpar:
        operands.append(left.right)
        left = left.left
    operands.append(left)
    values = [EXPRESSIONS[type(operand)](function, operand) for operand in reversed(operands)]
    return tree.BoolOp(OPERATORS[operator], values, cst=node)


def _comparison(function: Function, node: cst.Comparison) -> tree.Expression:
    left = node.left
    lowered = EXPRESSIONS[type(left)](function, left)
    ops: list[str] = []
    comparators: list[tree.Expression] = []
    for target in node.comparisons:
        ops.append(OPERATORS[type(target.operator)])
        value = target.comparator
        comparators.append(EXPRESSIONS[type(value)](function, value))
    return tree.Compare(lowered, ops, comparators, cst=node)


def _subscript(function: Function, node: cst.Subscript) -> tree.Expression:
    value, elements = node.value, node.slice
    slices: list[tree.Expression] = []
    for element in elements:
        index = element.slice
        if isinstance(index, cst.Index):
            lowered = EXPRESSIONS[type(index.value)](function, index.value)
            slices.append(tree.Starred(lowered, cst=index) if index.star else lowered)
        elif isinstance(index, cst.Slice):
            lower, upper, step = index.lower, index.upper, index.step
            slices.append(
                tree.Slice(
                    None if lower is None else EXPRESSIONS[type(lower)](function, lower),
                    None if upper is None else EXPRESSIONS[type(upper)](function, upper),
                    None if step is None else EXPRESSIONS[type(step)](function, step),
                    cst=index,
                )
            )
    single = len(elements) == 1 and not isinstance(elements[0].comma, cst.Comma) and type(slices[0]) is not tree.Starred
    lowered_slice = slices[0] if single else tree.Tuple(slices, cst=node)
    return tree.Subscript(EXPRESSIONS[type(value)](function, value), lowered_slice, cst=node)


def _element(function: Function, node: cst.Element) -> tree.Expression:
    value = node.value
    lowered: tree.Expression = EXPRESSIONS[type(value)](function, value)
    return lowered


def _starred(function: Function, node: cst.StarredElement) -> tree.Expression:
    value = node.value
    return tree.Starred(EXPRESSIONS[type(value)](function, value), cst=node)


def _tuple(function: Function, node: cst.Tuple) -> tree.Expression:
    return tree.Tuple([EXPRESSIONS[type(element)](function, element) for element in node.elements], cst=node)


def _list(function: Function, node: cst.List) -> tree.Expression:
    return tree.List([EXPRESSIONS[type(element)](function, element) for element in node.elements], cst=node)


def _set(function: Function, node: cst.Set) -> tree.Expression:
    return tree.Set([EXPRESSIONS[type(element)](function, element) for element in node.elements], cst=node)


def _dict(function: Function, node: cst.Dict) -> tree.Expression:
    keys: list[tree.Expression | None] = []
    values: list[tree.Expression] = []
    for element in node.elements:
        value = element.value
        if isinstance(element, cst.DictElement):
            key = element.key
            keys.append(EXPRESSIONS[type(key)](function, key))
        else:
            keys.append(None)
        values.append(EXPRESSIONS[type(value)](function, value))
    return tree.Dict(keys, values, cst=node)


def _generators(function: Function, first: cst.CompFor) -> list[tree.Comprehension]:
    generators: list[tree.Comprehension] = []
    clause: cst.CompFor | None = first
    while clause is not None:
        target, source = clause.target, clause.iter
        generators.append(
            tree.Comprehension(
                EXPRESSIONS[type(target)](function, target),
                EXPRESSIONS[type(source)](function, source),
                [EXPRESSIONS[type(test.test)](function, test.test) for test in clause.ifs],
                clause.asynchronous is not None,
            )
        )
        clause = clause.inner_for_in
    return generators


def _list_comp(function: Function, node: cst.ListComp) -> tree.Expression:
    elt = EXPRESSIONS[type(node.elt)](function, node.elt)
    return tree.ListComp(elt, _generators(function, node.for_in), cst=node)


def _set_comp(function: Function, node: cst.SetComp) -> tree.Expression:
    elt = EXPRESSIONS[type(node.elt)](function, node.elt)
    return tree.SetComp(elt, _generators(function, node.for_in), cst=node)


def _generator(function: Function, node: cst.GeneratorExp) -> tree.Expression:
    elt = EXPRESSIONS[type(node.elt)](function, node.elt)
    return tree.GeneratorExp(elt, _generators(function, node.for_in), cst=node)


def _dict_comp(function: Function, node: cst.DictComp) -> tree.Expression:
    key = EXPRESSIONS[type(node.key)](function, node.key)
    value = EXPRESSIONS[type(node.value)](function, node.value)
    return tree.DictComp(key, value, _generators(function, node.for_in), cst=node)


def _if_exp(function: Function, node: cst.IfExp) -> tree.Expression:
    return tree.IfExp(
        EXPRESSIONS[type(node.test)](function, node.test),
        EXPRESSIONS[type(node.body)](function, node.body),
        EXPRESSIONS[type(node.orelse)](function, node.orelse),
        cst=node,
    )


def _lambda(function: Function, node: cst.Lambda) -> tree.Expression:
    args = parameters(function, node.params)
    return tree.Lambda(args, EXPRESSIONS[type(node.body)](Function(), node.body), cst=node)


def _named_expr(function: Function, node: cst.NamedExpr) -> tree.Expression:
    target = EXPRESSIONS[type(node.target)](function, node.target)
    return tree.NamedExpr(target, EXPRESSIONS[type(node.value)](function, node.value), cst=node)


def _await(function: Function, node: cst.Await) -> tree.Expression:
    return tree.Await(EXPRESSIONS[type(node.expression)](function, node.expression), cst=node)


def _yield(function: Function, node: cst.Yield) -> tree.Expression:
    function.yields += 1
    value = node.value
    if isinstance(value, cst.From):
        return tree.YieldFrom(EXPRESSIONS[type(value.item)](function, value.item), cst=node)
    return tree.Yield(None if value is None else EXPRESSIONS[type(value)](function, value), cst=node)


def _opaque_expression(function: Function, node: Any) -> tree.Expression:
    return tree.OpaqueExpression(cst=node)


class Handlers(dict[type, Any]):
    """Handlers by libcst class; a class that libcst may add one day is opaque."""

    def __init__(self, handlers: dict[type, Any], fallback: Callable[[Function, Any], Any]) -> None:
        super().__init__(handlers)
        self._fallback = fallback

    def __missing__(self, key: type) -> Callable[[Function, Any], Any]:
        return self._fallback


EXPRESSIONS = Handlers(
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

OPERATORS: dict[type, str] = {
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


def parameters(function: Function, node: cst.Parameters) -> tree.Parameters:
    defaults: list[tree.Expression] = []
    positional: list[list[tree.Parameter]] = []
    for group in (node.posonly_params, node.params):
        positional.append([_parameter(function, param) for param in group])
        for param in group:
            if param.default is not None:
                defaults.append(EXPRESSIONS[type(param.default)](function, param.default))
    star, double_star = node.star_arg, node.star_kwarg
    return tree.Parameters(
        positional[0],
        positional[1],
        _parameter(function, star) if isinstance(star, cst.Param) else None,
        [_parameter(function, param) for param in node.kwonly_params],
        [
            None if param.default is None else EXPRESSIONS[type(param.default)](function, param.default)
            for param in node.kwonly_params
        ],
        None if double_star is None else _parameter(function, double_star),
        defaults,
    )


def _parameter(function: Function, node: cst.Param) -> tree.Parameter:
    return tree.Parameter(identifier(node.name.value), optional_annotation(function, node.annotation), node)


def optional_annotation(function: Function, node: cst.Annotation | None) -> tree.Expression | None:
    if node is None:
        return None
    lowered: tree.Expression = EXPRESSIONS[type(node.annotation)](function, node.annotation)
    return lowered
