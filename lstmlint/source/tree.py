"""The small syntax tree that everything after the parser works on.

Nodes carry the names and fields of the standard `ast` module, so a node and its `ast` counterpart can be walked side
by side (that is how positions are found, see `positions.py`).  Differences: operators are strings (`"+"`, `"not in"`),
contexts and type comments are left out, `Constant` holds the Python value, and syntax that is not modelled becomes one
`OpaqueStatement` (which names what it may assign) or `OpaqueExpression`.  Each node keeps the libcst node it was
lowered from in `cst`.
"""

from __future__ import annotations

from typing import Any, ClassVar

from lstmlint.classes import dataclass, field


@dataclass(slots=True, eq=False)
class Node:
    """Any node.  `FIELDS` lists the fields that hold nodes or sequences of nodes, in `ast`'s order."""

    FIELDS: ClassVar[tuple[str, ...]] = ()


@dataclass(slots=True, eq=False)
class Statement(Node):
    cst: Any = field(default=None, kw_only=True, repr=False)


@dataclass(slots=True, eq=False)
class Expression(Node):
    cst: Any = field(default=None, kw_only=True, repr=False)


# --- parts -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Parameter(Node):
    """One parameter of a function (`ast.arg`)."""

    FIELDS: ClassVar[tuple[str, ...]] = ("annotation",)
    arg: str
    annotation: Expression | None = None
    cst: Any = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Parameters(Node):
    """All parameters of a function (`ast.arguments`): `defaults` belong to the last positional ones."""

    FIELDS: ClassVar[tuple[str, ...]] = (
        "posonlyargs", "args", "vararg", "kwonlyargs", "kw_defaults", "kwarg", "defaults",
    )  # fmt: skip
    posonlyargs: list[Parameter]
    args: list[Parameter]
    vararg: Parameter | None
    kwonlyargs: list[Parameter]
    kw_defaults: list[Expression | None]
    kwarg: Parameter | None
    defaults: list[Expression]


@dataclass(slots=True, eq=False)
class Keyword(Node):
    """`arg=value` in a call; `arg` is None for `**value`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    arg: str | None
    value: Expression
    cst: Any = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Alias(Node):
    """`name as asname` in an import."""

    name: str
    asname: str | None = None
    cst: Any = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class WithItem(Node):
    FIELDS: ClassVar[tuple[str, ...]] = ("context_expr", "optional_vars")
    context_expr: Expression
    optional_vars: Expression | None = None


@dataclass(slots=True, eq=False)
class ExceptHandler(Node):
    FIELDS: ClassVar[tuple[str, ...]] = ("type", "body")
    type: Expression | None
    name: str | None
    body: list[Statement]
    cst: Any = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Comprehension(Node):
    FIELDS: ClassVar[tuple[str, ...]] = ("target", "iter", "ifs")
    target: Expression
    iter: Expression
    ifs: list[Expression]
    is_async: bool = False


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Module(Node):
    FIELDS: ClassVar[tuple[str, ...]] = ("body",)
    body: list[Statement]


@dataclass(slots=True, eq=False)
class FunctionDef(Statement):
    """`def` and `async def` (`is_async`)."""

    FIELDS: ClassVar[tuple[str, ...]] = ("args", "body", "decorator_list", "returns")
    name: str
    args: Parameters
    body: list[Statement]
    decorator_list: list[Expression]
    returns: Expression | None = None
    is_async: bool = False
    is_generator: bool = False  # holds a `yield` of its own


@dataclass(slots=True, eq=False)
class ClassDef(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("bases", "keywords", "body", "decorator_list")
    name: str
    bases: list[Expression]
    keywords: list[Keyword]
    body: list[Statement]
    decorator_list: list[Expression]


@dataclass(slots=True, eq=False)
class Return(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression | None = None


@dataclass(slots=True, eq=False)
class Delete(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("targets",)
    targets: list[Expression]


@dataclass(slots=True, eq=False)
class Assign(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("targets", "value")
    targets: list[Expression]
    value: Expression


@dataclass(slots=True, eq=False)
class AugAssign(Statement):
    """`target op= value`; `op` without the equals sign."""

    FIELDS: ClassVar[tuple[str, ...]] = ("target", "value")
    target: Expression
    op: str
    value: Expression


@dataclass(slots=True, eq=False)
class AnnAssign(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("target", "annotation", "value")
    target: Expression
    annotation: Expression
    value: Expression | None = None


@dataclass(slots=True, eq=False)
class For(Statement):
    """`for` and `async for`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("target", "iter", "body", "orelse")
    target: Expression
    iter: Expression
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class While(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("test", "body", "orelse")
    test: Expression
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class If(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("test", "body", "orelse")
    test: Expression
    body: list[Statement]
    orelse: list[Statement]


@dataclass(slots=True, eq=False)
class With(Statement):
    """`with` and `async with`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("items", "body")
    items: list[WithItem]
    body: list[Statement]


@dataclass(slots=True, eq=False)
class Raise(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("exc", "cause")
    exc: Expression | None = None
    cause: Expression | None = None


@dataclass(slots=True, eq=False)
class Try(Statement):
    """`try` with `except` or `except*`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("body", "handlers", "orelse", "finalbody")
    body: list[Statement]
    handlers: list[ExceptHandler]
    orelse: list[Statement]
    finalbody: list[Statement]


@dataclass(slots=True, eq=False)
class Assert(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("test", "msg")
    test: Expression
    msg: Expression | None = None


@dataclass(slots=True, eq=False)
class Import(Statement):
    FIELDS: ClassVar[tuple[str, ...]] = ("names",)
    names: list[Alias]


@dataclass(slots=True, eq=False)
class ImportFrom(Statement):
    """`from module import names`; `names` is `[Alias("*")]` for a star; `level` counts leading dots."""

    FIELDS: ClassVar[tuple[str, ...]] = ("names",)
    module: str | None
    names: list[Alias]
    level: int = 0


@dataclass(slots=True, eq=False)
class Global(Statement):
    names: list[str]


@dataclass(slots=True, eq=False)
class Nonlocal(Statement):
    names: list[str]


@dataclass(slots=True, eq=False)
class ExpressionStatement(Statement):
    """An expression on a line of its own (`ast.Expr`)."""

    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression


@dataclass(slots=True, eq=False)
class Pass(Statement):
    pass


@dataclass(slots=True, eq=False)
class Break(Statement):
    pass


@dataclass(slots=True, eq=False)
class Continue(Statement):
    pass


@dataclass(slots=True, eq=False)
class OpaqueStatement(Statement):
    """A statement that is not modelled (`match`, `type X = …`): forget every name in `assigns`, and everything that
    objects reachable from the names in `mentions` hold."""

    assigns: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()


# --- expressions -----------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class BoolOp(Expression):
    """`op` is `"and"` or `"or"`; at least two `values`, flattened as `ast` does."""

    FIELDS: ClassVar[tuple[str, ...]] = ("values",)
    op: str
    values: list[Expression]


@dataclass(slots=True, eq=False)
class NamedExpr(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("target", "value")
    target: Expression
    value: Expression


@dataclass(slots=True, eq=False)
class BinOp(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("left", "right")
    left: Expression
    op: str
    right: Expression


@dataclass(slots=True, eq=False)
class UnaryOp(Expression):
    """`op` is `"-"`, `"+"`, `"~"` or `"not"`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("operand",)
    op: str
    operand: Expression


@dataclass(slots=True, eq=False)
class Lambda(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("args", "body")
    args: Parameters
    body: Expression


@dataclass(slots=True, eq=False)
class IfExp(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("test", "body", "orelse")
    test: Expression
    body: Expression
    orelse: Expression


@dataclass(slots=True, eq=False)
class Dict(Expression):
    """A key of None stands for `**value`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("keys", "values")
    keys: list[Expression | None]
    values: list[Expression]


@dataclass(slots=True, eq=False)
class Set(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("elts",)
    elts: list[Expression]


@dataclass(slots=True, eq=False)
class ListComp(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("elt", "generators")
    elt: Expression
    generators: list[Comprehension]


@dataclass(slots=True, eq=False)
class SetComp(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("elt", "generators")
    elt: Expression
    generators: list[Comprehension]


@dataclass(slots=True, eq=False)
class GeneratorExp(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("elt", "generators")
    elt: Expression
    generators: list[Comprehension]


@dataclass(slots=True, eq=False)
class DictComp(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("key", "value", "generators")
    key: Expression
    value: Expression
    generators: list[Comprehension]


@dataclass(slots=True, eq=False)
class Await(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression


@dataclass(slots=True, eq=False)
class Yield(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression | None = None


@dataclass(slots=True, eq=False)
class YieldFrom(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression


@dataclass(slots=True, eq=False)
class Compare(Expression):
    """`left ops[0] comparators[0] ops[1] …`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("left", "comparators")
    left: Expression
    ops: list[str]
    comparators: list[Expression]


@dataclass(slots=True, eq=False)
class Call(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("func", "args", "keywords")
    func: Expression
    args: list[Expression]
    keywords: list[Keyword]


@dataclass(slots=True, eq=False)
class FormattedValue(Expression):
    """`{value}` in an f-string; `plain` when it has neither conversion nor format specification."""

    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression
    plain: bool = True


@dataclass(slots=True, eq=False)
class JoinedStr(Expression):
    """An f-string: `Constant` strings and `FormattedValue`s."""

    FIELDS: ClassVar[tuple[str, ...]] = ("values",)
    values: list[Expression]


@dataclass(slots=True, eq=False)
class Constant(Expression):
    """int, float, complex, str, bytes, bool, None or Ellipsis."""

    value: Any


@dataclass(slots=True, eq=False)
class Attribute(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression
    attr: str


@dataclass(slots=True, eq=False)
class Subscript(Expression):
    """`slice` is a `Tuple` when the brackets hold a comma, as in `ast`."""

    FIELDS: ClassVar[tuple[str, ...]] = ("value", "slice")
    value: Expression
    slice: Expression


@dataclass(slots=True, eq=False)
class Starred(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("value",)
    value: Expression


@dataclass(slots=True, eq=False)
class Name(Expression):
    id: str


@dataclass(slots=True, eq=False)
class List(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("elts",)
    elts: list[Expression]


@dataclass(slots=True, eq=False)
class Tuple(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("elts",)
    elts: list[Expression]


@dataclass(slots=True, eq=False)
class Slice(Expression):
    FIELDS: ClassVar[tuple[str, ...]] = ("lower", "upper", "step")
    lower: Expression | None = None
    upper: Expression | None = None
    step: Expression | None = None


@dataclass(slots=True, eq=False)
class OpaqueExpression(Expression):
    """An expression that is not modelled; its value is unknown."""


def simple_statement(module: Module, node: Node) -> Statement | None:
    """The statement without a body that holds `node` (or is it); None for a node in the head of a compound statement."""
    pending: list[tuple[Node, Statement | None]] = [(statement, statement) for statement in module.body]
    while pending:
        current, statement = pending.pop()
        if current is node:
            return None if statement is None or "body" in statement.FIELDS else statement
        for name in current.FIELDS:
            child = getattr(current, name)
            for part in child if isinstance(child, list) else (child,):
                if isinstance(part, Node):
                    pending.append((part, part if isinstance(part, Statement) else statement))
    return None
