"""Deques of `collections`: lists of which at most `maxlen` items stay."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Ref, Sequence, Value, as_dim
from lstmlint.libraries.python_values import change_list, collected, element_of, iterable, joined, of_items, within
from lstmlint.libraries.registry import model


@model("collections.deque")
def deque(call: Call, iterable_: Value | None = None, maxlen: Value | None = None) -> Value:
    """A list, of which at most `maxlen` items stay."""
    found = Sequence("list", (), 0) if iterable_ is None else iterable(call, iterable_)
    content = Sequence("list", None, None) if found is None else collected(call, "list", found)
    if maxlen is None or maxlen == NONE:
        return call.new_sequence(content)
    most = as_dim(maxlen)
    if most is None:
        return call.unknown()
    made = call.new_sequence(within(call, content, most))
    if isinstance(made, Ref):
        call.interpreter.state.refined["maxlen", made.address] = most
    return made


@model("builtins.list.appendleft")
def append_left(call: Call, self: Value, object_: Value) -> Value:
    """One item more in front (of a deque)."""
    change_list(call, self, lambda content: joined(call, content.kind, of_items(call, "list", [object_]), content))
    return NONE


@model("builtins.list.rotate")
def rotate(call: Call, self: Value, n: Value | None = None) -> Value:
    """Turn a deque: the same items in another order."""
    change_list(call, self, lambda c: Sequence(c.kind, None, c.length, element_of(call, c)))
    return NONE
