"""Lists, tuples, dicts and iteration: their items, subscripts, and what unknown code may do to them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from lstmlint.interpreter import budget, calls
from lstmlint.interpreter.joins import covering, elements
from lstmlint.interpreter.state import DictObject, Instance, LibraryObject, ListObject
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Foreign,
    Generator,
    Ref,
    Sequence,
    Site,
    SliceValue,
    Symbolic,
    Text,
    Unknown,
    Value,
    as_dim,
    fresh_key,
    unknown,
)
from lstmlint.shapes.dims import Dim, SymbolicDim
from lstmlint.shapes.operations import slice_length

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter


def library_call(run: Interpreter, name: str, args: list[Value], site: Site) -> Value | None:
    """The value that the model of `name` gives, or None when there is no model."""
    handler = run.library.lookup(name)
    if handler is None or isinstance(handler, Value):
        return handler
    return calls.call_handler(run, handler, name, calls.Arguments(args, {}), site)


def new(run: Interpreter, content: Sequence) -> Value:
    """A value for the content: a list or set in the heap, or the tuple itself."""
    if content.kind in ("list", "set"):
        return run.allocate(ListObject(content), content.kind)
    return content


def new_list(run: Interpreter, items: list[Value], kind: str = "list") -> Ref:
    return run.allocate(ListObject(Sequence(kind, tuple(items), len(items))), kind)


def concatenated(run: Interpreter, a: Sequence, b: Sequence) -> Sequence:
    """`a + b`."""
    if a.items is not None and b.items is not None and len(a.items) + len(b.items) <= budget.MAX_ITEMS:
        return Sequence(a.kind, a.items + b.items, len(a.items) + len(b.items))
    length = a.length + b.length if a.length is not None and b.length is not None else None
    return Sequence(a.kind, None, length, covering(run.state, [*elements(a), *elements(b)]))


def repeated(run: Interpreter, content: Sequence, count: Dim | None) -> Sequence:
    """`content * count`."""
    if isinstance(count, int) and content.items is not None and max(count, 0) * len(content.items) <= budget.MAX_ITEMS:
        items = content.items * max(count, 0)
        return Sequence(content.kind, items, len(items))
    length = content.length * count if content.length is not None and count is not None else None
    return Sequence(content.kind, None, length, covering(run.state, elements(content)))


def as_sequence(run: Interpreter, value: Value, site: Site) -> Sequence | None:
    """What iterating over `value` gives, or None when that is not known."""
    value = run.state.resolve(value)
    if isinstance(value, Sequence):
        return value
    if isinstance(value, Ref):
        target = run.state.read(value)
        if isinstance(target, ListObject):
            return _of_known_length(run, target.content)
        if isinstance(target, DictObject):
            return dict_keys(run, target)
        if isinstance(target, Instance):
            return _iterate_instance(run, value, site)
        if isinstance(target, LibraryObject):
            found = library_call(run, f"{value.kind}.__iter__", [value], site)
            return as_sequence(run, found, site) if found is not None else None
        return None
    if isinstance(value, Const) and isinstance(value.value, (str, bytes)):
        if len(value.value) > budget.MAX_ITEMS:
            return Sequence("iterator", None, len(value.value), Text(fresh_key()))
        return Sequence("iterator", tuple(Const(char) for char in value.value), len(value.value))
    if isinstance(value, Text):
        return Sequence("iterator", None, None, Text(fresh_key()))
    if isinstance(value, Foreign):
        found = library_call(run, f"{value.type}.__iter__", [value], site)
        return found if isinstance(found, Sequence) else None
    if isinstance(value, Generator):
        return calls.run_generator(run, value)
    return None


def _of_known_length(run: Interpreter, content: Sequence) -> Sequence:
    """The content of a list, with the length that a condition proves here (`if len(window) == 60`)."""
    if not run.state.equal_to or not isinstance(content.length, SymbolicDim):
        return content
    length = run.state.equal_to.get(Symbolic(content.length).key)
    known = None if length is None else as_dim(length)
    return content if known is None else Sequence(content.kind, None, known, content.element)


def _iterate_instance(run: Interpreter, value: Ref, site: Site) -> Sequence | None:
    for name, args in (("__iter__", []), ("__getitem__", [unknown("index", number="int")])):
        method = calls.find_method(run, value, name)
        if method is not None:
            result = run.call(method, list(args), {}, site)
            if name == "__iter__":
                return as_sequence(run, result, site) if not isinstance(result, Ref) or result != value else None
            return Sequence("iterator", None, None, result)
    return None


def dict_keys(run: Interpreter, target: DictObject) -> Sequence:
    keys = tuple(key for key, _ in target.entries.values())
    if target.others is None:
        return Sequence("keys", keys, len(keys))
    return Sequence("keys", None, target.length, covering(run.state, [*keys, target.other_key or unknown()]))


def known_items(run: Interpreter, value: Value) -> tuple[Value, ...] | None:
    """The items of a list, set or tuple known one by one (nothing is run to find them)."""
    value = run.state.resolve(value)
    if isinstance(value, Sequence):
        return value.items
    if isinstance(value, Ref) and value.kind in ("list", "set"):
        target = run.state.read(value)
        return target.content.items if isinstance(target, ListObject) else None
    return None


def settle_items(run: Interpreter, ref: Ref) -> None:
    """Put what this path has decided of the items of a list into the list itself."""
    target = run.state.read(ref)
    if isinstance(target, ListObject) and target.content.items is not None:
        items = tuple(run.state.resolve(item) for item in target.content.items)
        if any(a is not b for a, b in zip(items, target.content.items)):
            run.state.replace(ref, ListObject(Sequence(target.content.kind, items, len(items))))


# --- subscripts ------------------------------------------------------------------------------------------------------


def subscript(run: Interpreter, value: Value, index: Value, site: Site) -> Value:
    """The value of `value[index]`."""
    guard = run.deciding_guard([value, index])
    if guard is not None:
        return run.split(guard, lambda: subscript(run, run.state.resolve(value), run.state.resolve(index), site))
    value, index = run.state.resolve(value), run.state.resolve(index)
    if isinstance(value, Unknown):
        return Unknown(("item", value.ident, _index_key(index)), f"{value.name}[{_index_text(index)}]")
    if isinstance(value, (Foreign, External)):
        name = value.type if isinstance(value, Foreign) else value.name
        return library_call(run, f"{name}.__getitem__", [value, index], site) or unknown()
    if isinstance(value, Ref):
        target = run.state.read(value)
        if isinstance(target, DictObject):
            return _dict_item(run, target, index)
        if isinstance(target, ListObject):
            return _sequence_item(run, target.content, index)
        if isinstance(target, LibraryObject):
            return library_call(run, f"{value.kind}.__getitem__", [value, index], site) or unknown()
        method = calls.find_method(run, value, "__getitem__") if isinstance(target, Instance) else None
        return run.call(method, [index], {}, site) if method is not None else unknown()
    if isinstance(value, Sequence):
        return _sequence_item(run, value, index)
    if isinstance(value, Const) and isinstance(value.value, (str, bytes)):
        return _text_item(value, index)
    return Text(fresh_key()) if isinstance(value, Text) else unknown()


def _index_key(index: Value) -> Hashable:
    return index.value if isinstance(index, Const) else index.key


def _index_text(index: Value) -> str:
    if isinstance(index, Const):
        return repr(index.value)
    return str(index.dim) if isinstance(index, Symbolic) else getattr(index, "name", "…")


def _dict_item(run: Interpreter, target: DictObject, index: Value) -> Value:
    found = target.entries.get(index.key)
    if found is not None:
        return found[1]
    if isinstance(index, Const) and target.others is None:
        return unknown(_index_text(index))
    values = [value for _, value in target.entries.values()]
    if target.others is not None:
        values.append(target.others)
    return covering(run.state, values) or unknown() if len(values) <= budget.MAX_ITEMS else unknown()


def _bounds_of(index: SliceValue) -> list[int | None] | None:
    """The three parts of a slice when all are constants."""
    parts: list[int | None] = []
    for part in (index.lower, index.upper, index.step):
        if not isinstance(part, Const) or not (part.value is None or isinstance(part.value, int)):
            return None
        parts.append(part.value)
    return None if parts[2] == 0 else parts


def _sequence_item(run: Interpreter, content: Sequence, index: Value) -> Value:
    if isinstance(index, SliceValue):
        return new(run, _sliced(run, content, index))
    items = content.items
    if items is not None:
        if isinstance(index, Const) and isinstance(index.value, int):
            return items[index.value] if -len(items) <= index.value < len(items) else unknown()
        return covering(run.state, list(items)) or unknown()
    return content.element if content.element is not None else unknown()


def _sliced(run: Interpreter, content: Sequence, index: SliceValue) -> Sequence:
    kind = content.kind if content.kind in ("list", "tuple") else "list"
    constant = _bounds_of(index)
    if content.items is not None and constant is not None:
        items = content.items[slice(*constant)]
        return Sequence(kind, items, len(items))
    length: Dim | None = None
    parts = [None if part is NONE or part == NONE else as_dim(part) for part in (index.lower, index.upper, index.step)]
    given = [part != NONE for part in (index.lower, index.upper, index.step)]
    if content.length is not None and all(part is not None or not g for part, g in zip(parts, given)):
        length = slice_length(content.length, *parts)
    return Sequence(kind, None, length, covering(run.state, elements(content)))


def _text_item(value: Const, index: Value) -> Value:
    constant = _bounds_of(index) if isinstance(index, SliceValue) else None
    try:
        if constant is not None:
            return Const(value.value[slice(*constant)])
        if isinstance(index, Const):
            return Const(value.value[index.value])
    except (IndexError, TypeError):
        return unknown()
    return Text(fresh_key())


def set_item(run: Interpreter, value: Value, index: Value, new_value: Value, site: Site) -> Value | None:
    """Carry out `value[index] = new_value`; a returned value takes the place of the variable."""
    value = run.state.resolve(value)
    index = run.state.resolve(index)
    guard = run.deciding_guard([value])
    if guard is not None:
        run.split(guard, lambda: set_item(run, value, index, new_value, site) or NONE)
        return None
    if isinstance(value, Foreign):
        return library_call(run, f"{value.type}.__setitem__", [value, index, new_value], site)
    if not isinstance(value, Ref):
        return None
    target = run.state.write(value)
    if isinstance(target, DictObject):
        _set_entry(run, target, index, new_value)
    elif isinstance(target, ListObject):
        target.content = _with_item(run, target.content, index, new_value)
    elif isinstance(target, LibraryObject):
        library_call(run, f"{value.kind}.__setitem__", [value, index, new_value], site)
    elif isinstance(target, Instance):
        method = calls.find_method(run, value, "__setitem__")
        if method is not None:
            run.call(method, [index, new_value], {}, site)
    return None


def _set_entry(run: Interpreter, target: DictObject, index: Value, new_value: Value) -> None:
    if isinstance(index, Const) or (isinstance(index, Sequence) and index.items is not None):
        if len(target.entries) < budget.MAX_ITEMS or index.key in target.entries:
            if target.others is not None and index.key not in target.entries:
                target.length = None  # the key may have been among the others
            target.entries[index.key] = (index, new_value)
            return
    known = [value for _, value in target.entries.values()]
    old = [target.others] if target.others is not None else []
    target.other_key = covering(run.state, [*([target.other_key] if target.other_key else []), index])
    target.others = covering(run.state, [*old, *known, new_value]) or new_value
    # A key that is not known may be one of the known ones: their values are no longer sure.
    target.entries = {k: (v[0], target.others) for k, v in target.entries.items()}
    target.length = None


def _with_item(run: Interpreter, content: Sequence, index: Value, new_value: Value) -> Sequence:
    if content.items is not None and isinstance(index, Const) and isinstance(index.value, int):
        items = list(content.items)
        if -len(items) <= index.value < len(items):
            items[index.value] = new_value
            return Sequence(content.kind, tuple(items), len(items))
    if isinstance(index, SliceValue):
        return Sequence(content.kind, None, None, None)
    return Sequence(content.kind, None, content.length, covering(run.state, [*elements(content), new_value]))


def append(run: Interpreter, ref: Ref, item: Value) -> None:
    """`ref.append(item)` on a list or `ref.add(item)` on a set."""
    target = run.state.write(ref)
    if not isinstance(target, ListObject):
        return
    content = target.content
    if content.items is not None and len(content.items) < budget.MAX_ITEMS:
        target.content = Sequence(content.kind, (*content.items, item), len(content.items) + 1)
        return
    length = content.length + 1 if content.length is not None else None
    target.content = Sequence(content.kind, None, length, covering(run.state, [*elements(content), item]))


def unpack(run: Interpreter, value: Value, count: int, star: int | None, site: Site) -> list[Value]:
    """The `count` values for the targets of an unpacking; the one at `star` gets a list of the rest."""
    value = run.state.resolve(value)
    sequence = as_sequence(run, value, site)
    items = sequence.items if sequence is not None else None
    if items is not None and star is None and len(items) == count:
        return list(items)
    if items is not None and star is not None and len(items) >= count - 1:
        behind = count - 1 - star
        middle = new_list(run, list(items[star : len(items) - behind]))
        return [*items[:star], middle, *items[len(items) - behind :]]
    if star is not None:
        rest: Value = new(run, Sequence("list", None, None, sequence.element if sequence else None))
        return [rest if i == star else unknown() for i in range(count)]
    if isinstance(value, Unknown):
        run.state.refined[("length", value.ident)] = count
        return [Unknown(("item", value.ident, i), f"{value.name}[{i}]") for i in range(count)]
    if isinstance(value, (Foreign, Ref)):
        return [subscript(run, value, Const(i), site) for i in range(count)]
    if sequence is not None and sequence.element is not None and items is None:
        return [sequence.element] * count
    return [unknown() for _ in range(count)]


# --- forgetting ------------------------------------------------------------------------------------------------------


def forget(run: Interpreter, value: Value, seen: frozenset[Hashable] = frozenset()) -> None:
    """Forget what code that is not modelled could change behind `value`, and behind all that it can reach."""
    value = run.state.resolve(value)
    if isinstance(value, Sequence) and value.items is not None:
        for item in value.items:
            forget(run, item, seen)
    if isinstance(value, Foreign):
        library_call(run, f"{value.type}.__forget__", [value], run.frame.site or run.site(run.frame.module.tree))
    if not isinstance(value, Ref) or value.address in seen or value.kind in ("class", "module"):
        return
    seen = seen | {value.address}
    target = run.state.write(value)
    if isinstance(target, ListObject):
        for item in elements(target.content):
            forget(run, item, seen)
        target.content = Sequence(target.content.kind, None, None, None)
    elif isinstance(target, DictObject):
        for _, entry in target.entries.values():
            forget(run, entry, seen)
        target.entries, target.others, target.other_key, target.length = {}, unknown(), unknown(), None
    elif isinstance(target, Instance):
        held = [*target.attributes.values(), *([target.library] if target.library is not None else [])]
        for attribute in held:
            forget(run, attribute, seen)
        target.attributes = {name: unknown(name) for name in target.attributes}
        target.open_ = True
    elif isinstance(target, LibraryObject):
        library_call(run, f"{value.kind}.__forget__", [value], run.frame.site or run.site(run.frame.module.tree))


__all__ = ["as_sequence", "forget", "known_items", "library_call", "subscript", "unpack"]
