"""The losses that `compile` is given, and what a loss of the program's own does with its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, External, Function, Method, Partial, Ref, Value
from lstmlint.keras.losses import Loss, canonical
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_classes import class_of, method_of
from lstmlint.libraries.keras_values import Configured, version_of
from lstmlint.source import tree


def loss_of(call: Call, value: Value | None) -> Any:
    """The loss that `compile` is given: a `Loss`, a tuple or dict of them (several outputs), or None where unknown."""
    if value is None:
        return None
    value = call.interpreter.state.resolve(value)
    version = version_of(call)
    if isinstance(value, Const):
        return canonical(value.value, version) if isinstance(value.value, str) else None
    if isinstance(value, External):
        return canonical(value.name.rpartition(".")[2], version) if ".losses." in f".{value.name}" else None
    if isinstance(value, Configured):
        return _configured_loss(value, call)
    if isinstance(value, (Function, Method, Partial)):
        function = _function_of(value)
        return Loss("user", function.name, None) if function is not None and combines(function, version) else None
    mapping = call.mapping(value)
    if mapping is not None:
        return {
            key.value: loss_of(call, loss) for key, loss in mapping.entries.values() if isinstance(key, Const)
        }  # fmt: skip
    if isinstance(value, Ref) and value.kind == "instance":
        function = method_of(call, value, "call")
        cls = class_of(call, value)
        is_known = function is not None and cls is not None and combines(function, version)
        return Loss("user_class", cls.name, None) if cls is not None and is_known else None
    items = call.items(value)
    return None if items is None else tuple(loss_of(call, item) for item in items)


def count_of(call: Call, value: Value | None) -> int | None:
    """How many things a list or dict holds; None for anything else, and where it is not known."""
    if value is None:
        return None
    mapping = call.mapping(call.interpreter.state.resolve(value))
    if mapping is not None:
        return None if mapping.others is not None else len(mapping.entries)
    items = call.items(value)
    return None if items is None else len(items)


#: Arguments of metrics that do not matter for the shapes they take.
_PLAIN = frozenset({"name", "dtype", "threshold"})


def measures_of(call: Call, *lists: Value | None) -> tuple[str, ...]:
    """The metrics in these lists, as far as they are known: strings, and classes made without arguments that matter."""
    found: list[str] = []
    for listed in lists:
        for metric in listed_metrics(call, listed):
            if isinstance(metric, Const) and isinstance(metric.value, str):
                found.append(metric.value)
            elif isinstance(metric, Configured) and ".metrics." in f".{metric.name}":
                if all(name in _PLAIN for name, _ in metric.keywords):
                    found.append(metric.name.rpartition(".")[2])
    return tuple(found)


def listed_metrics(call: Call, listed: Value | None) -> Iterator[Value]:
    """The metrics in a list; one alone stands for a list of itself."""
    if listed is None:
        return
    found = call.interpreter.state.resolve(listed)
    if isinstance(found, (Const, Configured)):
        yield found
    else:
        yield from map(call.interpreter.state.resolve, call.items(found) or ())


def _configured_loss(value: Configured, call: Call) -> Loss | None:
    found = canonical(value.name.rpartition(".")[2], version_of(call))
    if found is None or value.keyword("axis") not in (None, Const(-1)):
        return None  # classes along another axis than the last are not followed
    flag = value.keyword("from_logits")
    known = bool(flag.value) if isinstance(flag, Const) else None if flag is not None else False
    return replace(found, from_logits=known, spares=value.keyword("ignore_class") is not None)


def _function_of(value: Value) -> Function | None:
    """The function of the program behind a bound method or a partial."""
    while isinstance(value, (Method, Partial)):
        value = value.function
    return value if isinstance(value, Function) else None


#: Operators that combine two tensors element by element.
_ELEMENTWISE = frozenset({"+", "-", "*", "/", "**"})


def combines(function: Function, version: Version) -> bool:
    """Whether a function surely combines its first two arguments (behind `self`) element by element.

    It does so in plain sight: `y_true - y_pred`, or a loss of Keras called on both, whatever the conditions in it.
    """
    names = [p.arg for p in (*function.node.args.posonlyargs, *function.node.args.args)]
    pair = set(names[1:3] if function.owner is not None and function.binding == "instance" else names[:2])
    body = function.node.body
    parts = list(_parts(body)) if isinstance(body, list) else list(_parts([body]))
    if any(isinstance(part, tree.Assign) and pair & set(map(_named, part.targets)) for part in parts):
        return False
    return any(_meets(part, pair, version) for part in parts)


def _meets(part: tree.Node, pair: set[str], version: Version) -> bool:
    """Whether the two names meet as they are in this operation."""
    if isinstance(part, tree.BinOp):
        return part.op in _ELEMENTWISE and {_named(part.left), _named(part.right)} == pair
    if isinstance(part, tree.Call) and set(map(_named, part.args[:2])) == pair:
        name = part.func.attr if isinstance(part.func, tree.Attribute) else _named(part.func)
        return name is not None and canonical(name, version) is not None
    return False


def _named(node: tree.Node) -> str | None:
    return node.id if isinstance(node, tree.Name) else None


#: What may not run, or not on these arguments.
_APART = (
    tree.If,
    tree.For,
    tree.While,
    tree.Try,
    tree.FunctionDef,
    tree.ClassDef,
    tree.Lambda,
    tree.IfExp,
    tree.BoolOp,
)


def _parts(nodes: list[Any]) -> Iterator[tree.Node]:
    """The nodes that surely run when a body does."""
    for node in nodes:
        if isinstance(node, tree.Node) and not isinstance(node, _APART):
            yield node
            for name in node.FIELDS:
                child = getattr(node, name)
                yield from _parts(child if isinstance(child, list) else [child])
