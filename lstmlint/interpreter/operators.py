"""Operators, comparisons and truth on abstract values."""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from lstmlint.interpreter import budget, sequences
from lstmlint.interpreter.state import DictObject, ListObject
from lstmlint.interpreter.values import (
    FALSE,
    TRUE,
    Const,
    External,
    Facets,
    Foreign,
    Function,
    Guard,
    Method,
    Ref,
    Sequence,
    Site,
    Symbolic,
    Text,
    Truth,
    Unknown,
    Value,
    as_dim,
    fresh_key,
    from_dim,
    is_number,
    is_text,
    unknown,
)
from lstmlint.shapes.dims import Answer, bounds, equal, less

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod, "**": operator.pow, "<<": operator.lshift, ">>": operator.rshift, "|": operator.or_,
    "^": operator.xor, "&": operator.and_,
}  # fmt: skip
COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "is": operator.eq, "is not": operator.ne,
}  # fmt: skip
#: Comparisons that are another one turned round, and whether they are its negation.
NORMAL: dict[str, tuple[str, bool, bool]] = {  # operator: (normal form, operands swapped, negated)
    "!=": ("==", False, True), "is not": ("is", False, True), "not in": ("in", False, True),
    ">": ("<", True, False), "<=": ("<", True, True), ">=": ("<", False, True),
}  # fmt: skip
#: Comparisons that a library may take over.
_COMPARING = frozenset({"==", "!=", "<", "<=", ">", ">="})
UNARY: dict[str, Callable[[Any], Any]] = {"-": operator.neg, "+": operator.pos, "~": operator.invert}
DIM_OPERATORS = frozenset({"+", "-", "*", "//", "%"})


# --- arithmetic ------------------------------------------------------------------------------------------------------


def binary(run: Interpreter, left: Value, op: str, right: Value, site: Site) -> Value:
    """The value of `left op right`."""
    guard = run.deciding_guard([left, right])
    if guard is not None:
        return run.split(guard, lambda: binary(run, run.state.resolve(left), op, run.state.resolve(right), site))
    left, right = run.state.resolve(left), run.state.resolve(right)
    if isinstance(left, Const) and isinstance(right, Const):
        return fold(op, left.value, right.value)
    foreign = [operand for operand in (left, right) if isinstance(operand, Foreign)]
    for operand in foreign:  # a model that gives None leaves the operation to the other operand
        found = sequences.library_call(run, f"{operand.type}.__binary__", [left, Const(op), right], site)
        if found is not None:
            return found
    if foreign:
        return unknown()
    joined = _sequence_arithmetic(run, left, op, right)
    if joined is not None:
        return joined
    return _number_arithmetic(left, op, right)


def _number_arithmetic(left: Value, op: str, right: Value) -> Value:
    if isinstance(left, (Text, Const)) and isinstance(right, (Text, Const)) and (is_text(left) or is_text(right)):
        return Text(fresh_key())
    if is_text(left) and op == "%":
        return Text(fresh_key())
    exact = isinstance(left, (Symbolic, Const)) and isinstance(right, (Symbolic, Const))
    a, b = as_dim(left), as_dim(right)
    dim = None
    if op in DIM_OPERATORS and a is not None and b is not None and not (op in ("//", "%") and b == 0):
        dim = ARITHMETIC[op](a, b)
        if exact:
            return from_dim(dim)
    name = f"{_operand(left, op)} {op} {_operand(right, op)}"
    number = "float" if op == "/" and is_number(left) and is_number(right) else None
    if number is None and is_number(left) and is_number(right):
        number = "int" if a is not None and b is not None and op in DIM_OPERATORS else "float"
    return Unknown(("bin", op, left.key, right.key), name, number, dim)


def fold(op: str, left: Any, right: Any) -> Value:
    """`left op right` on constants, within the budget for sizes."""
    if not _affordable(op, left, right):
        if isinstance(left, str):
            return Text(fresh_key())
        return unknown(number="int" if isinstance(left, int) and isinstance(right, int) else None)
    try:
        result = ARITHMETIC[op](left, right)
    except (TypeError, ValueError, ArithmeticError, KeyError):
        return unknown()
    if isinstance(result, int) and result.bit_length() > budget.MAX_INT_BITS:
        return unknown(number="int")
    return Const(result)


def _affordable(op: str, left: Any, right: Any) -> bool:
    if isinstance(left, (str, bytes)) or isinstance(right, (str, bytes)):
        if op == "*":
            count = left if isinstance(left, int) else right
            text = right if isinstance(left, int) else left
            return isinstance(count, int) and isinstance(text, (str, bytes)) and count * len(text) <= budget.MAX_TEXT
        if op == "%":  # a width in the format can ask for any length
            return False
        return op != "+" or (type(left) is type(right) and len(left) + len(right) <= budget.MAX_TEXT)
    if op == "**":
        if isinstance(left, int) and isinstance(right, int):
            return 0 <= right <= budget.MAX_INT_BITS and abs(left).bit_length() * right <= budget.MAX_INT_BITS
        return isinstance(left, (int, float)) and isinstance(right, (int, float)) and not (left < 0)
    if op == "<<":
        return isinstance(right, int) and 0 <= right <= budget.MAX_INT_BITS
    return True


def _sequence_arithmetic(run: Interpreter, left: Value, op: str, right: Value) -> Value | None:
    """Concatenation and repetition of lists and tuples; None when the operands are something else."""
    first, second = _plain_sequence(run, left), _plain_sequence(run, right)
    if op == "+" and first is not None and second is not None:
        return sequences.new(run, sequences.concatenated(run, first, second))
    if op == "*" and (first is None) is not (second is None):
        content = first or second
        assert content is not None
        count = as_dim(right if first is not None else left)
        return sequences.new(run, sequences.repeated(run, content, count))
    if isinstance(left, Ref) and left.kind == "set" and op in ("|", "-", "&", "^"):
        return sequences.new(run, Sequence("set", None, None, None))
    return None


def _plain_sequence(run: Interpreter, value: Value) -> Sequence | None:
    if isinstance(value, Ref) and value.kind == "list":
        target = run.state.read(value)
        return target.content if isinstance(target, ListObject) else None
    return value if isinstance(value, Sequence) and value.kind == "tuple" else None


def unary(run: Interpreter, op: str, value: Value, site: Site) -> Value:
    """The value of `-x`, `+x`, `~x` or `not x`."""
    if op == "not":
        truth = condition(run, value, site)
        return Truth(truth.guard, not truth.positive) if isinstance(truth, Truth) else Const(not truth)
    guard = run.deciding_guard([value])
    if guard is not None:
        return run.split(guard, lambda: unary(run, op, run.state.resolve(value), site))
    value = run.state.resolve(value)
    if isinstance(value, Const):
        try:
            return Const(UNARY[op](value.value))
        except TypeError:
            return unknown()
    if isinstance(value, Foreign):
        return sequences.library_call(run, f"{value.type}.__unary__", [value, Const(op)], site) or unknown()
    dim = as_dim(value)
    if dim is not None and op in ("-", "+"):
        negated = -dim if op == "-" else dim
        if isinstance(value, Symbolic):
            return from_dim(negated)
        number = value.number if isinstance(value, Unknown) else None
        return Unknown(("unary", op, value.key), f"{op}{text_of(value)}", number, negated)
    return unknown()


# --- comparison ------------------------------------------------------------------------------------------------------


def compare(run: Interpreter, left: Value, op: str, right: Value, site: Site) -> Value:
    """The value of `left op right` for a comparison: a constant, a `Truth`, or what a library makes of it."""
    guard = run.deciding_guard([left, right])
    if guard is not None:
        return run.split(guard, lambda: compare(run, run.state.resolve(left), op, run.state.resolve(right), site))
    left, right = run.state.resolve(left), run.state.resolve(right)
    left, right = run.state.equal_to.get(left.key, left), run.state.equal_to.get(right.key, right)
    for operand in (left, right) if op in _COMPARING else ():
        if isinstance(operand, Foreign):
            full = f"{operand.type}.__compare__"
            found = sequences.library_call(run, full, [left, Const(op), right], site)
            if found is not None:
                return found
    negated = False
    if op in NORMAL:
        op, swapped, negated = NORMAL[op]
        if swapped:
            left, right = right, left
    answer = _compared(run, left, op, right)
    if answer is not Answer.CANNOT_KNOW:
        return TRUE if (answer is Answer.YES) is not negated else FALSE
    keys = (left.key, right.key)
    if op == "==" and isinstance(left, Const):
        keys = (right.key, left.key)
    found_guard = Guard((op, *keys), f"{text_of(left)} {op} {text_of(right)}", site)
    known = run.state.decided(found_guard)
    if known is not None:
        return Const(known is not negated)
    return Truth(found_guard, not negated)


def _answer(flag: bool) -> Answer:
    return Answer.YES if flag else Answer.NO


def _compared(run: Interpreter, left: Value, op: str, right: Value) -> Answer:
    """Whether `left op right` holds, for op `==`, `<`, `is` and `in`."""
    if op == "in":
        return _contained(run, left, right)
    if isinstance(left, Const) and isinstance(right, Const):
        try:
            return _answer(bool(COMPARISONS[op](left.value, right.value)))
        except TypeError:
            return Answer.CANNOT_KNOW
    if op == "<":
        a, b = as_dim(left), as_dim(right)
        return less(a, b) if a is not None and b is not None else Answer.CANNOT_KNOW
    if _never_none(left) and _is_none(right) or _never_none(right) and _is_none(left):
        return Answer.NO
    if op == "is":
        return _answer(True) if left.key == right.key and isinstance(left, (Ref, External)) else Answer.CANNOT_KNOW
    return _equal(run, left, right)


def _equal(run: Interpreter, left: Value, right: Value) -> Answer:
    a, b = as_dim(left), as_dim(right)
    if a is not None and b is not None:
        answer = equal(a, b)
        sure = not isinstance(left, Unknown) and not isinstance(right, Unknown)
        return answer if sure or answer is Answer.YES else Answer.CANNOT_KNOW
    first, second = _plain_sequence(run, left), _plain_sequence(run, right)
    if first is not None and second is not None and first.items is not None and second.items is not None:
        if len(first.items) != len(second.items) or first.kind != second.kind:
            return Answer.NO
        answers = [_equal(run, x, y) for x, y in zip(first.items, second.items)]
        if Answer.NO in answers:
            return Answer.NO
        return Answer.YES if all(a is Answer.YES for a in answers) else Answer.CANNOT_KNOW
    if isinstance(left, Const) and isinstance(right, Const):
        return _answer(left.value == right.value)
    return Answer.YES if left.key == right.key else Answer.CANNOT_KNOW


def _contained(run: Interpreter, item: Value, container: Value) -> Answer:
    if isinstance(container, Const) and isinstance(container.value, str):
        if isinstance(item, Const) and isinstance(item.value, str):
            return _answer(item.value in container.value)
        return Answer.CANNOT_KNOW
    if isinstance(container, Ref) and container.kind == "dict":
        target = run.state.read(container)
        if isinstance(target, DictObject):
            if item.key in target.entries:
                return Answer.YES
            known = target.others is None and isinstance(item, Const)
            return Answer.NO if known and _constant_keys(target) else Answer.CANNOT_KNOW
    items = sequences.known_items(run, container)
    if items is None:
        return Answer.CANNOT_KNOW
    answers = [_equal(run, item, other) for other in items]
    if Answer.YES in answers:
        return Answer.YES
    return Answer.NO if all(a is Answer.NO for a in answers) else Answer.CANNOT_KNOW


def _constant_keys(target: DictObject) -> bool:
    return all(isinstance(key, Const) for key, _ in target.entries.values())


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None


def _never_none(value: Value) -> bool:
    if isinstance(value, Const):
        return value.value is not None
    return not isinstance(value, (Unknown, Facets, External))


# --- truth -----------------------------------------------------------------------------------------------------------


def condition(run: Interpreter, value: Value, site: Site) -> bool | Truth:
    """The truth of a value: a bool where this path decides it, else the `Truth` on which it depends."""
    value = run.state.resolve(value)
    value = run.state.equal_to.get(value.key, value) if isinstance(value, Unknown) else value
    if isinstance(value, Truth):
        known = run.state.decided(value.guard)
        return value if known is None else known is value.positive
    if isinstance(value, Const):
        return bool(value.value)
    if isinstance(value, Facets):
        return _facet_condition(run, value, site)
    decided = _container_truth(run, value)
    if decided is not None:
        return decided
    dim = value.dim if isinstance(value, Symbolic) else None
    if dim is not None:
        low, high = bounds(dim)
        if (low is not None and low > 0) or (high is not None and high < 0):
            return True
    if isinstance(value, (Function, Method)) or (isinstance(value, Ref) and value.kind in ("instance", "class")):
        return True
    if isinstance(value, Foreign):
        found = sequences.library_call(run, f"{value.type}.__truth__", [value], site)
        if found is not None:
            return condition(run, found, site)
    guard = Guard(("truth", value.key, _content(run, value)), text_of(value), site)
    known = run.state.decided(guard)
    return Truth(guard) if known is None else known


def _content(run: Interpreter, value: Value) -> Hashable:
    """What a mutable container holds now: its truth is that of its content."""
    target = run.state.read(value) if isinstance(value, Ref) else None
    return target.content if isinstance(target, ListObject) else id(target)


def _facet_condition(run: Interpreter, value: Facets, site: Site) -> bool | Truth:
    """Whether the two facets differ in truth: then the truth is the guard's."""
    then, other = condition(run, value.then, site), condition(run, value.other, site)
    if isinstance(then, bool) and isinstance(other, bool):
        return then if then is other else Truth(value.guard, then)
    guard = Guard(("truth", value.key), text_of(value), site)
    known = run.state.decided(guard)
    return Truth(guard) if known is None else known


def _container_truth(run: Interpreter, value: Value) -> bool | None:
    length = None
    if isinstance(value, Ref) and value.kind in ("list", "set", "dict"):
        target = run.state.read(value)
        if isinstance(target, ListObject):
            length = target.content.length
        elif isinstance(target, DictObject) and target.others is None:
            length = len(target.entries)
    elif isinstance(value, Sequence):
        length = value.length
    if length is None:
        return None
    low, high = bounds(length)
    if low is not None and low > 0:
        return True
    return False if high == 0 else None


# --- words -----------------------------------------------------------------------------------------------------------


def text_of(value: Value) -> str:
    """A short text for people that stands for a value in a condition or a name."""
    if isinstance(value, Const):
        shown = repr(value.value)
        return shown if len(shown) <= 40 else shown[:37] + "…"
    if isinstance(value, Symbolic):
        return str(value.dim)
    if isinstance(value, Unknown):
        return value.name
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    return str(getattr(value, "name", None) or "…")


def _operand(value: Value, op: str) -> str:
    text = text_of(value)
    return f"({text})" if op not in ("+", "-") and " " in text and not text.endswith(")") else text


def compound(op: str, parts: list[Truth], site: Site) -> Truth:
    """The condition that `and` or `or` makes of several undecided ones."""
    ident: Hashable = (op, tuple((part.guard.ident, part.positive) for part in parts))
    text = f" {op} ".join(part.guard.text if part.positive else f"not {part.guard.text}" for part in parts)
    return Truth(Guard(ident, text, site, parts=tuple(parts), all_of=op == "and"))
