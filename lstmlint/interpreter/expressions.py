"""Expressions: what each evaluates to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lstmlint.interpreter import budget, calls, loops, operators, scopes, sequences
from lstmlint.interpreter.joins import frozen
from lstmlint.interpreter.state import DictObject, Scope
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Function,
    Ref,
    Sequence,
    SliceValue,
    Text,
    Truth,
    Unknown,
    Value,
    fresh_key,
    unknown,
)
from lstmlint.source import tree

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter


def evaluate(run: Interpreter, node: tree.Expression) -> Value:
    """The abstract value of an expression on the path being followed."""
    run.step()
    return EXPRESSIONS[type(node)](run, node)


def _constant(run: Interpreter, node: tree.Constant) -> Value:
    value = node.value
    if isinstance(value, int) and value.bit_length() > budget.MAX_INT_BITS:
        return unknown(number="int")
    return Const(value)


def _name(run: Interpreter, node: tree.Name) -> Value:
    return scopes.lookup(run, node.id)


def _attribute(run: Interpreter, node: tree.Attribute) -> Value:
    owner = evaluate(run, node.value)
    if isinstance(owner, External):
        absent = run.library.absent(run, owner.name, (node.attr,), run.site(node), "attribute")
        if absent:
            return absent[node.attr]
    return run.attribute(owner, node.attr, run.site(node))


def _subscript(run: Interpreter, node: tree.Subscript) -> Value:
    value = evaluate(run, node.value)
    return run.subscript(value, evaluate(run, node.slice), run.site(node))


def _slice(run: Interpreter, node: tree.Slice) -> Value:
    parts = (node.lower, node.upper, node.step)
    lower, upper, step = (NONE if part is None else run.state.resolve(evaluate(run, part)) for part in parts)
    return SliceValue(lower, upper, step)


def _call(run: Interpreter, node: tree.Call) -> Value:
    function = evaluate(run, node.func)
    arguments = _arguments(run, node)
    if isinstance(function, External):
        if function.name == "builtins.super":
            return calls.make_super(run, arguments.args)
        if function.name in ("builtins.locals", "builtins.globals", "builtins.eval", "builtins.exec"):
            if function.name == "builtins.exec":
                _forget_names(run)
            return unknown(function.name)
    result = calls.call(run, arguments, function, run.site(node))
    if isinstance(function, Unknown) and isinstance(node.func, tree.Attribute) and node.func.attr in MUTATORS:
        _rebind(run, node.func.value)
    return result


#: Methods that change the object they are called on; afterwards an Unknown is not the value that it was.
MUTATORS = frozenset({
    "add", "append", "clear", "discard", "drop", "extend", "fill", "insert", "pop", "popitem", "remove", "resize", "reverse",
    "setdefault", "shuffle", "sort", "update",
})  # fmt: skip


def _forget_names(run: Interpreter) -> None:
    """What `exec` may do: give the names around it other values (`exec(open("settings.py").read())`)."""
    scope = run.state.write(run.frame.scope)
    if isinstance(scope, Scope):
        for name, value in list(scope.names.items()):
            if not isinstance(value, (Function, External)) and not (
                isinstance(value, Ref) and value.kind in ("class", "module")
            ):
                run.forget(value)
                scope.names[name] = unknown(name)


def _rebind(run: Interpreter, target: tree.Expression) -> None:
    if isinstance(target, tree.Name):
        scopes.assign(run, target.id, unknown(target.id))


def _arguments(run: Interpreter, node: tree.Call) -> calls.Arguments:
    found = calls.Arguments([], {})
    saved, run.target_name = run.target_name, None
    for arg in node.args:
        if isinstance(arg, tree.Starred):
            given = evaluate(run, arg.value)
            sequence = run.as_sequence(given, run.site(arg))
            if sequence is None or sequence.items is None:
                found.rest = sequence.element if sequence is not None and not found.open_args else None
                found.open_args = True
            else:
                found.args.extend(sequence.items)
        else:
            found.args.append(evaluate(run, arg))
    for keyword in node.keywords:
        value = evaluate(run, keyword.value)
        if keyword.arg is not None:
            found.keywords[keyword.arg] = value
        elif not _spread(run, run.state.resolve(value), found.keywords):
            found.open_keywords = True
    run.target_name = saved
    return found


def _spread(run: Interpreter, value: Value, into: dict[str, Value]) -> bool:
    """Add the entries of a dict given as `**value`; False when not all of them are known."""
    target = run.state.read(value) if _is_dict(value) else None  # type: ignore[arg-type]
    if not isinstance(target, DictObject):
        return False
    complete = target.others is None
    for key, entry in target.entries.values():
        if isinstance(key, Const) and isinstance(key.value, str):
            into[key.value] = entry
        else:
            complete = False
    return complete


def _is_dict(value: Value) -> bool:
    return getattr(value, "kind", None) == "dict" and hasattr(value, "address")


def _binary(run: Interpreter, node: tree.BinOp) -> Value:
    left = evaluate(run, node.left)
    return operators.binary(run, left, node.op, evaluate(run, node.right), run.site(node))


def _unary(run: Interpreter, node: tree.UnaryOp) -> Value:
    return operators.unary(run, node.op, evaluate(run, node.operand), run.site(node))


def _compare(run: Interpreter, node: tree.Compare) -> Value:
    left = evaluate(run, node.left)
    site = run.site(node)
    results: list[Value] = []
    for op, comparator in zip(node.ops, node.comparators):
        right = evaluate(run, comparator)
        results.append(operators.compare(run, left, op, right, site))
        left = right
    if len(results) == 1:
        return results[0]
    return _all_of(run, results, node)


def _all_of(run: Interpreter, results: list[Value], node: tree.Expression) -> Value:
    site = run.site(node)
    truths = [operators.condition(run, result, site) for result in results]
    if any(truth is False for truth in truths):
        return Const(False)
    open_parts = [truth for truth in truths if isinstance(truth, Truth)]
    if not open_parts:
        return Const(True)
    return open_parts[0] if len(open_parts) == 1 else operators.compound("and", open_parts, site)


def _bool_op(run: Interpreter, node: tree.BoolOp) -> Value:
    """`and`/`or`: the first operand that decides; undecided conditions combine into one."""
    site = run.site(node)
    deciding = node.op == "or"
    undecided: list[Truth] = []
    for index, operand in enumerate(node.values):
        value = evaluate(run, operand)
        truth = operators.condition(run, value, site)
        if isinstance(truth, Truth):
            if not isinstance(run.state.resolve(value), Truth):
                return _choose_value(run, node, index, value, truth) if not undecided else unknown()
            undecided.append(truth)
        elif truth is deciding:
            return value if not undecided else Const(deciding)
        elif index == len(node.values) - 1 and not undecided:
            return value
    return undecided[0] if len(undecided) == 1 else operators.compound(node.op, undecided, site)


def _choose_value(run: Interpreter, node: tree.BoolOp, index: int, value: Value, truth: Truth) -> Value:
    """`value or rest` where `value` is not a bool and its truth is open: one of the two, by that condition."""
    rest = node.values[index + 1 :]
    if not rest:
        return value

    def others() -> Value:
        remaining = rest[0] if len(rest) == 1 else tree.BoolOp(node.op, rest)
        return evaluate(run, remaining)

    keep = (lambda: value, others) if node.op == "or" else (others, lambda: value)
    return run.branch(truth, *keep)


def _if_exp(run: Interpreter, node: tree.IfExp) -> Value:
    truth = operators.condition(run, evaluate(run, node.test), run.site(node))
    if isinstance(truth, Truth):
        return run.branch(truth, lambda: evaluate(run, node.body), lambda: evaluate(run, node.orelse))
    return evaluate(run, node.body if truth else node.orelse)


def _items(run: Interpreter, nodes: list[tree.Expression]) -> tuple[list[Value], bool]:
    """The values of the elements of a display, and whether they are all (no `*x` of unknown content)."""
    values: list[Value] = []
    complete = True
    saved, run.target_name = run.target_name, None
    for node in nodes:
        if isinstance(node, tree.Starred):
            items = sequences.known_items(run, evaluate(run, node.value))
            complete = complete and items is not None
            values.extend(items or ())
        else:
            values.append(evaluate(run, node))
    run.target_name = saved
    return values, complete


def _display(kind: str) -> Callable[[Interpreter, Any], Value]:
    def display(run: Interpreter, node: Any) -> Value:
        values, complete = _items(run, node.elts)
        if not complete:
            return sequences.new(run, Sequence(kind, None, None, None))
        return sequences.new(run, Sequence(kind, tuple(values), len(values)))

    return display


def _set(run: Interpreter, node: tree.Set) -> Value:
    values, complete = _items(run, node.elts)
    unique = tuple({value.key: value for value in values}.values())
    if complete and all(isinstance(value, Const) for value in unique):
        return sequences.new(run, Sequence("set", unique, len(unique)))
    return sequences.new(run, Sequence("set", None, None, None))


def _dict(run: Interpreter, node: tree.Dict) -> Value:
    made = DictObject({})
    for key_node, value_node in zip(node.keys, node.values):
        value = evaluate(run, value_node)
        if key_node is not None:
            key = run.state.resolve(evaluate(run, key_node))
            made.entries[key.key] = (key, value)
            continue
        value = run.state.resolve(value)
        target = run.state.read(value) if _is_dict(value) else None  # type: ignore[arg-type]
        if isinstance(target, DictObject):
            made.entries.update(target.entries)
            made.others = made.others or target.others
        else:
            made.others = unknown()
    return run.allocate(made, "dict")


def _joined_str(run: Interpreter, node: tree.JoinedStr) -> Value:
    parts: list[str] = []
    complete = True
    for part in node.values:
        if isinstance(part, tree.FormattedValue):
            value = run.state.resolve(evaluate(run, part.value))
            if isinstance(value, Const) and part.plain and isinstance(value.value, (str, int, bool)):
                parts.append(str(value.value))
            else:
                complete = False
        elif isinstance(part, tree.Constant):
            parts.append(str(part.value))
        else:
            complete = False
    text = "".join(parts)
    return Const(text) if complete and len(text) <= budget.MAX_TEXT else Text(fresh_key())


def _formatted(run: Interpreter, node: tree.FormattedValue) -> Value:
    evaluate(run, node.value)
    return Text(fresh_key())


def _lambda(run: Interpreter, node: tree.Lambda) -> Value:
    return make_function(run, node, node.args, "<lambda>")


def make_function(
    run: Interpreter, node: tree.FunctionDef | tree.Lambda, parameters: tree.Parameters, name: str
) -> Function:
    """The function value of a `def` or `lambda`, its defaults evaluated."""
    defaults = tuple(evaluate(run, default) for default in parameters.defaults)
    kw_defaults = tuple(None if d is None else evaluate(run, d) for d in parameters.kw_defaults)
    return Function(node, run.frame.module, run.frame.scope, defaults, kw_defaults, name)


def _named(run: Interpreter, node: tree.NamedExpr) -> Value:
    value = evaluate(run, node.value)
    if isinstance(node.target, tree.Name):
        scopes.assign(run, node.target.id, value, walrus=True)
    return value


def _starred(run: Interpreter, node: tree.Starred) -> Value:
    return evaluate(run, node.value)


def _await(run: Interpreter, node: tree.Await) -> Value:
    evaluate(run, node.value)
    return unknown("await")


def _yield(run: Interpreter, node: tree.Yield) -> Value:
    run.frame.yields.append(frozen(run.state, evaluate(run, node.value)) if node.value is not None else NONE)
    return unknown("yield")


def _yield_from(run: Interpreter, node: tree.YieldFrom) -> Value:
    sequence = run.as_sequence(evaluate(run, node.value), run.site(node))
    if sequence is not None and sequence.items is not None:
        run.frame.yields.extend(sequence.items)
    else:
        run.frame.yields.append(sequence.element if sequence and sequence.element is not None else unknown())
    return unknown("yield from")


def _opaque(run: Interpreter, node: tree.Expression) -> Value:
    return unknown()


EXPRESSIONS: dict[type[tree.Node], Callable[[Interpreter, Any], Value]] = {
    tree.Constant: _constant,
    tree.Name: _name,
    tree.Attribute: _attribute,
    tree.Subscript: _subscript,
    tree.Slice: _slice,
    tree.Call: _call,
    tree.BinOp: _binary,
    tree.UnaryOp: _unary,
    tree.Compare: _compare,
    tree.BoolOp: _bool_op,
    tree.IfExp: _if_exp,
    tree.List: _display("list"),
    tree.Tuple: _display("tuple"),
    tree.Set: _set,
    tree.Dict: _dict,
    tree.JoinedStr: _joined_str,
    tree.FormattedValue: _formatted,
    tree.Lambda: _lambda,
    tree.NamedExpr: _named,
    tree.Starred: _starred,
    tree.ListComp: loops.list_comprehension,
    tree.SetComp: loops.set_comprehension,
    tree.GeneratorExp: loops.generator_expression,
    tree.DictComp: loops.dict_comprehension,
    tree.Await: _await,
    tree.Yield: _yield,
    tree.YieldFrom: _yield_from,
    tree.OpaqueExpression: _opaque,
}
