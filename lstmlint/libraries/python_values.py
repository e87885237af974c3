"""What the models of Python's own types share: iteration, lengths, folding of constants, changes of lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from lstmlint.interpreter import attributes, budget
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import covering, elements
from lstmlint.interpreter.state import DictObject, FacetObject, HeapObject, Instance, ListObject
from lstmlint.interpreter.values import (
    Const,
    External,
    Foreign,
    Generator,
    Ref,
    Sequence,
    Symbolic,
    Text,
    Unknown,
    Value,
    element_ident,
    fresh_key,
    from_dim,
    is_text,
    tuple_of,
    unknown,
)
from lstmlint.shapes.dims import Answer, Dim, SymbolicDim, equal, minimum, symbol
from lstmlint.source import tree


class Identity:
    """A hashable that is equal only to one for the very same object: part of a symbol's key for a list's content."""

    __slots__ = ("_object",)

    def __init__(self, thing: object) -> None:
        self._object = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and other._object is self._object

    def __hash__(self) -> int:
        return id(self._object)


def member(call: Call) -> str:
    """The last part of the name that is called, for models of a whole family."""
    return call.name.rpartition(".")[2]


def spelled(call: Call, index: int = 0) -> str:
    """The source text of a positional argument where that is short and simple, for the names of symbols; else `…`."""
    node = call.site.node
    if not isinstance(node, tree.Call) or index >= len(node.args):
        return "…"
    words = spell(node.args[index])
    return words if len(words) <= _MAX_SPELLED else "…"


def named(call: Call, function: str) -> str:
    """What to call the value of a built-in function: `max(lengths)`, or the variable it is assigned to."""
    words = spelled(call)
    return call.interpreter.target_name or f"{function}({words})" if "…" in words else f"{function}({words})"


#: Characters of source text in the name of a symbol.
_MAX_SPELLED = 40


def spell(node: tree.Node, depth: int = 0) -> str:
    """A simple expression as source text, with `…` for what is not simple."""
    if depth > 4:
        return "…"
    if isinstance(node, tree.Name):
        return node.id
    if isinstance(node, tree.Constant):
        return repr(node.value)
    if isinstance(node, tree.Attribute):
        return f"{spell(node.value, depth + 1)}.{node.attr}"
    if isinstance(node, tree.Subscript):
        return f"{spell(node.value, depth + 1)}[{spell(node.slice, depth + 1)}]"
    if isinstance(node, tree.Call):
        return f"{spell(node.func, depth + 1)}({', '.join(spell(arg, depth + 1) for arg in node.args)})"
    if isinstance(node, tree.BinOp):
        return f"{spell(node.left, depth + 1)} {node.op} {spell(node.right, depth + 1)}"
    return "…"


# --- constants -------------------------------------------------------------------------------------------------------


def fold(function: Callable[..., Any], *values: Value) -> Value | None:
    """The constant that a pure function gives for constants; None where it fails or grows too big."""
    if not all(isinstance(value, Const) for value in values):
        return None
    arguments = [value.value for value in values if isinstance(value, Const)]
    try:
        return from_python(function(*arguments))
    except Exception:  # noqa: BLE001 - whatever it raises, the program's value is not known
        return None


def from_python(result: Any) -> Value | None:
    """The value of a Python constant or tuple of them; None for anything else and for what is too big."""
    if isinstance(result, tuple):
        items = [from_python(item) for item in result]
        known = [item for item in items if item is not None]
        return tuple_of(*known) if len(known) == len(items) else None
    if isinstance(result, int) and result.bit_length() > budget.MAX_INT_BITS:
        return None
    if isinstance(result, (str, bytes)) and len(result) > budget.MAX_TEXT:
        return None
    return Const(result) if result is None or isinstance(result, (bool, int, float, complex, str, bytes)) else None


def is_int(value: Value | None) -> bool:
    """Whether a value is surely an int (or bool)."""
    if isinstance(value, Const):
        return isinstance(value.value, int)
    return isinstance(value, Symbolic) or (isinstance(value, Unknown) and value.number == "int")


def pure_key(value: Value) -> Hashable:
    """The identity of what a value holds now; the identity of a list or dict would outlive a change of its content."""
    if isinstance(value, (Ref, Generator)):
        return fresh_key()
    if isinstance(value, Sequence):
        return Identity(value) if value.items is None else tuple(map(pure_key, value.items))
    key = value.key
    return Identity(value) if isinstance(key, int) else key


# --- sequences -------------------------------------------------------------------------------------------------------


def iterable(call: Call, value: Value | None) -> Sequence | None:
    """What iterating over `value` gives.  None: not known to be iterable."""
    if isinstance(value, Const) and isinstance(value.value, str):
        if len(value.value) <= budget.MAX_ITEMS:
            return Sequence("iterator", tuple(map(Const, value.value)), len(value.value))
        return Sequence("iterator", None, len(value.value), text_element())
    if isinstance(value, Text):
        return Sequence("iterator", None, _text_length(value), text_element())
    if isinstance(value, Unknown):
        return _of_unknown(value)
    return call.sequence(value)


def _of_unknown(value: Unknown) -> Sequence | None:
    if value.number is not None:
        return None
    element = Unknown(element_ident(), f"{value.name}[…]")
    return Sequence("iterator", None, unknown_length(value.ident, value.name), element)


def unknown_length(ident: Hashable, name: str) -> Dim:
    """`len(x)` of an unknown: the same symbol as `x.shape[0]`, for where both exist they are equal."""
    return symbol(f"len({name})", ("item", ("attr", ident, "shape"), 0))


def _text_length(text: Text) -> Dim:
    return symbol("len(text)", ("len", text.ident))


def members(sequence: Sequence) -> list[Value]:
    """The known items, else the one value that stands for all, which may be unknown."""
    if sequence.items is None and sequence.element is None:
        return [unknown("an element")]
    return elements(sequence)


def element_of(call: Call, sequence: Sequence) -> Value:
    """One value that stands for any element."""
    return covering(call.interpreter.state, members(sequence)) or unknown("an element")


def collected(call: Call, kind: str, sequence: Sequence) -> Sequence:
    """A list or tuple of a sequence's elements.  Those of a set come in an order that is not known."""
    if sequence.items is not None and sequence.kind == "set" and len(sequence.items) > 1:
        return Sequence(kind, None, sequence.length, element_of(call, sequence))
    return Sequence(kind, sequence.items, sequence.length, sequence.element)


def unordered(call: Call, kind: str, sequence: Sequence) -> Sequence:
    """The same elements in an order that is not known."""
    if sequence.items is not None and len(sequence.items) < 2:
        return Sequence(kind, sequence.items, sequence.length)
    return Sequence(kind, None, sequence.length, element_of(call, sequence))


def of_items(call: Call, kind: str, items: Iterable[Value]) -> Sequence:
    """A sequence of known items; one that is too long keeps only its length and one value for all."""
    known = tuple(items)
    if len(known) > budget.MAX_ITEMS:
        return Sequence(kind, None, len(known), covering(call.interpreter.state, list(known)))
    return Sequence(kind, known, len(known))


def joined(call: Call, kind: str, *parts: Sequence) -> Sequence:
    """Sequences one after another."""
    known = [part.items for part in parts if part.items is not None]
    if len(known) == len(parts):
        return of_items(call, kind, [item for items in known for item in items])
    total: Dim | None = 0
    for part in parts:
        total = None if total is None or part.length is None else total + part.length
    return Sequence(
        kind, None, total, covering(call.interpreter.state, [value for part in parts for value in members(part)])
    )


def shortest(lengths: Iterable[Dim | None]) -> Dim | None:
    """The length of what `zip` makes."""
    result: Dim | None = None
    for index, length in enumerate(lengths):
        if length is None:
            return None
        if index == 0 or result is None:
            result = length
        elif equal(result, length) is not Answer.YES:
            result = minimum(result, length)
    return result


def index_element(name: str = "index", lower: int | None = 0, upper: int | None = None) -> Symbolic:
    """The element that stands for any of a range: an int, different for each."""
    return Symbolic(symbol(name, element_ident("distinct"), lower=lower, upper=upper))


def text_element() -> Text:
    """The element that stands for any of some texts."""
    return Text(element_ident())


def distinct_element(element: Value) -> Value:
    """The element of a set, or of a list made from one: of the same type, but different for each."""
    if is_text(element):
        return Text(element_ident("distinct"))
    return Unknown(element_ident("distinct"), "an element", "int" if is_int(element) else None)


# --- lengths and types -----------------------------------------------------------------------------------------------


def special(call: Call, value: Value, name: str, *args: Value) -> Value | None:
    """The result of a special method of an instance or a library's value; None where it has none that is known."""
    if not isinstance(value, (Ref, Foreign)):
        return None
    method = call.attribute(value, name)
    return None if isinstance(method, Unknown) else call.call(method, *args)


def length_of(call: Call, value: Value) -> Value:
    """`len(value)`: the same symbol for the same content."""
    if isinstance(value, Const) and isinstance(value.value, (str, bytes)):
        return Const(len(value.value))
    if isinstance(value, Text):
        return from_dim(symbol(f"len({spelled(call)})", ("len", value.ident)))
    if isinstance(value, Unknown):
        words = spelled(call)
        return from_dim(unknown_length(value.ident, value.name if "…" in words else words))
    if isinstance(value, Ref) and value.kind == "dict":
        return from_dim(dict_length(call, value))
    if isinstance(value, Sequence) or (isinstance(value, Ref) and value.kind in ("list", "set")):
        content = call.sequence(value)
        if content is None:
            return call.unknown(number="int")
        if content.length is not None:
            return from_dim(content.length)
        return from_dim(symbol(f"len({spelled(call)})", ("len", Identity(content))))
    found = special(call, value, "__len__")
    return call.unknown(number="int") if found is None else found


def dict_length(call: Call, ref: Ref) -> Dim | None:
    """The number of entries; a number that is not known becomes a symbol, which the dict keeps until it changes."""
    found = call.mapping(ref)
    if found is None:
        return None
    if found.others is None:
        return len(found.entries)
    if found.length is None:
        written = call.interpreter.state.write(ref)
        assert isinstance(written, DictObject)
        written.length = found.length = call.symbol(f"len({spelled(call)})")
    return found.length


def type_name(value: Value) -> str | None:
    """The qualified name of a value's class, None where it is not known or a class of the program."""
    name = attributes.type_name(value)
    return name if name is not None and "." in name and name not in _VAGUE else None


#: What stands for several classes of iterables.
_VAGUE = frozenset({"builtins.iterator", "builtins.generator"})


def class_of(call: Call, value: Value) -> Value | None:
    """The class of a value: an `External` or the `Ref` of a class of the program."""
    if isinstance(value, Ref) and value.kind == "instance":
        found = call.interpreter.state.read(value)
        return found.cls if isinstance(found, Instance) else None
    name = type_name(value)
    return None if name is None else External(name)


# --- changing what the heap holds ------------------------------------------------------------------------------------


def change_list(call: Call, ref: Value, edit: Callable[[Sequence], Sequence]) -> None:
    """Replace the content of a list or set, on each side of a condition that it depends on.

    A deque drops at the other end what goes beyond its `maxlen`.
    """
    most = call.interpreter.state.refined.get(("maxlen", ref.address)) if isinstance(ref, Ref) else None

    def edited(found: HeapObject) -> HeapObject:
        if not isinstance(found, ListObject):
            return found
        content = edit(found.content)
        return ListObject(content if most is None else within(call, content, most, front=member(call) != "appendleft"))

    _change(call, ref, edited)


def within(call: Call, content: Sequence, most: Dim, *, front: bool = True) -> Sequence:
    """At most so many of the items; the others are dropped in front, or at the end."""
    if content.items is not None and isinstance(most, int):
        kept = content.items[max(0, len(content.items) - most) :] if front else content.items[:most]
        return of_items(call, content.kind, kept)
    length = None if content.length is None else minimum(content.length, most)
    return Sequence(content.kind, None, length, element_of(call, content))


def change_dict(call: Call, ref: Value, edit: Callable[[DictObject], None]) -> None:
    """Change a dict, on each side of a condition that it depends on."""

    def edited(found: HeapObject) -> HeapObject:
        result = found.copy()
        if isinstance(result, DictObject):
            edit(result)
        return result

    _change(call, ref, edited)


def _change(call: Call, ref: Value, edited: Callable[[HeapObject], HeapObject]) -> None:
    def both(found: HeapObject) -> HeapObject:
        if isinstance(found, FacetObject):
            return FacetObject(found.guard, both(found.then), both(found.other))
        return edited(found)

    if isinstance(ref, Ref):
        state = call.interpreter.state
        state.replace(ref, both(state.read(ref)))


# --- dims behind float arithmetic ------------------------------------------------------------------------------------


def quotient(value: Value) -> tuple[Dim, Dim] | None:
    """The dims `a` and `b` of a float that was computed as `a / b`."""
    ident = value.ident if isinstance(value, Unknown) else None
    if isinstance(ident, tuple) and len(ident) == 4 and ident[:2] == ("bin", "/"):
        above, below = _dim_of_key(ident[2]), _dim_of_key(ident[3])
        if above is not None and below is not None and below != 0:
            return above, below
    return None


def _dim_of_key(key: Hashable) -> Dim | None:
    if isinstance(key, tuple) and len(key) == 2 and key[0] == "dim" and isinstance(key[1], SymbolicDim):
        return key[1]
    if isinstance(key, tuple) and key[:2] == ("const", "int") and isinstance(key[2], int):
        return key[2]
    return None
