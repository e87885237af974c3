"""Lists, tuples, dicts and sets: their constructors and methods, and the containers of `collections` and `copy`."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from lstmlint.interpreter import budget
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import covering
from lstmlint.interpreter.state import DictObject, HeapObject, Instance, ListObject
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Foreign,
    Ref,
    Sequence,
    Text,
    Unknown,
    Value,
    as_dim,
    fresh_key,
    is_distinct,
    is_number,
    is_text,
    tuple_of,
    unknown,
)
from lstmlint.libraries.arrays import Array
from lstmlint.libraries.python import sorted_content
from lstmlint.libraries.python_values import (
    Identity,
    change_dict,
    change_list,
    collected,
    distinct_element,
    element_of,
    iterable,
    joined,
    length_of,
    member,
    members,
    of_items,
    pure_key,
    shortest,
    special,
    spelled,
)
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim, symbol

# --- constructors ----------------------------------------------------------------------------------------------------


@model("builtins.list", "builtins.tuple")
def list_or_tuple(call: Call, iterable_: Value | None = None) -> Value:
    """A new list or tuple of the items."""
    kind = member(call)
    if iterable_ is None:
        content = Sequence(kind, (), 0)
    else:
        found = iterable(call, iterable_)
        content = Sequence(kind, None, None, unknown("an element")) if found is None else collected(call, kind, found)
    return call.new_sequence(content) if kind == "list" else content


@model("builtins.set", "builtins.frozenset")
def set_(call: Call, iterable_: Value | None = None) -> Value:
    """A set.  How many items of something unknown differ is a symbol, the same for the same content."""
    found = Sequence("set", (), 0) if iterable_ is None else iterable(call, iterable_)
    if found is None:
        return call.new_sequence(Sequence("set", None, call.symbol("len(set(…))"), unknown("an element")))
    return call.new_sequence(distinct_content(call, found, iterable_))


def distinct_content(call: Call, found: Sequence, source: Value | None = None) -> Sequence:
    """The set of a sequence's items."""
    if found.items is not None and all(isinstance(item, Const) for item in found.items):
        return of_items(call, "set", {item.key: item for item in found.items}.values())
    element = element_of(call, found)
    if is_distinct(element) or (found.items is not None and len(found.items) < 2):
        return Sequence("set", found.items, found.length, found.element)
    held: Hashable = Identity(found) if isinstance(source, Ref) or source is None else pure_key(source)
    fewest = 2 if is_text(element) else 0  # an alphabet, words, names of classes: docs/assumptions.md
    length = symbol(f"len(set({spelled(call)}))", ("distinct", held), lower=fewest)
    return Sequence("set", None, length, distinct_element(element))


@model("builtins.dict", "collections.OrderedDict")
def dict_(call: Call, source: Value | None = None) -> Value:
    """A new dict from another, from pairs, from keywords."""
    result = DictObject({})
    if source is not None:
        fill(call, result, source)
    for name, value in call.keywords.items():
        put(call, result, Const(name), value)
    if call.open_keywords or call.open_args:
        open_up(call, result)
    return call.interpreter.allocate(result, "dict")


@model("collections.defaultdict")
def defaultdict(call: Call, default_factory: Value | None = None, source: Value | None = None) -> Value:
    """A dict that makes up what is missing: its entries are not known, but that all are what its factory makes, or are put in."""
    made = None if default_factory is None or source is not None else call.call(default_factory)
    if made is not None and is_number(made):  # counted on by now, perhaps
        return _open_dict(call, unknown(number="float" if call.dim(made) is None else "int"))
    return _open_dict(call, Text(fresh_key()) if is_text(made) else unknown())


def _open_dict(call: Call, value: Value) -> Value:
    return call.interpreter.allocate(DictObject({}, unknown("a key"), value), "dict")


@model("collections.Counter")
def counter(call: Call, source: Value | None = None) -> Value:
    """How often each item occurs: one entry for each item of `set(source)`."""
    found = None if source is None else iterable(call, source)
    if found is None:
        return _open_dict(call, unknown("a count", number="int"))
    keys = distinct_content(call, found, source)
    counts = DictObject({}, element_of(call, keys), unknown("a count", number="int"), keys.length)
    return call.interpreter.allocate(counts, "dict")


# --- filling dicts ---------------------------------------------------------------------------------------------------


def new_dict(call: Call, entries: Iterable[tuple[Value, Value]]) -> Ref:
    """A new dict with known entries."""
    return call.interpreter.allocate(DictObject({key.key: (key, value) for key, value in entries}), "dict")


def put(call: Call, target: DictObject, key: Value, value: Value) -> None:
    """`target[key] = value`."""
    if _is_constant(key) and (len(target.entries) < budget.MAX_ITEMS or key.key in target.entries):
        if target.others is not None and key.key not in target.entries:
            target.length = None
        target.entries[key.key] = (key, value)
    else:
        put_many(call, target, key, value, None)


def _is_constant(key: Value) -> bool:
    """Whether a key is a constant, or a tuple of constants."""
    if isinstance(key, Sequence) and key.kind == "tuple" and key.items is not None:
        return all(map(_is_constant, key.items))
    return isinstance(key, Const)


def put_many(call: Call, target: DictObject, key: Value, value: Value, length: Dim | None) -> None:
    """Add entries of which only one key and value are known that stand for all of them."""
    empty = not target.entries and target.others is None
    target.other_key = covering(call.interpreter.state, [*([target.other_key] if target.other_key else []), key]) or key
    known = [old for _, old in target.entries.values()]
    target.others = (
        covering(call.interpreter.state, [*([target.others] if target.others else []), *known, value]) or value
    )
    # Any known key may be among the new ones.
    target.entries = {ident: (name, target.others) for ident, (name, _) in target.entries.items()}
    target.length = length if empty else None


def open_up(call: Call, target: DictObject) -> None:
    """Forget what the entries are."""
    put_many(call, target, unknown("a key"), unknown("a value"), None)


def fill(call: Call, target: DictObject, source: Value) -> None:
    """Add the entries of a dict or of an iterable of pairs."""
    if isinstance(source, Ref) and source.kind == "dict":
        other = call.mapping(source)
        if other is None:
            open_up(call, target)
            return
        if other.others is not None:
            put_many(call, target, other.other_key or unknown("a key"), other.others, other.length)
        for key, value in list(other.entries.values()):
            put(call, target, key, value)
        if other.others is not None and target.length is None and len(target.entries) == len(other.entries):
            target.length = other.length
        return
    pairs = None if isinstance(source, Unknown) else iterable(call, source)
    if pairs is None or any(call.sequence(pair) is None for pair in members(pairs)):
        open_up(call, target)
        return
    for pair in members(pairs):
        items = call.items(pair)
        if items is None or len(items) != 2:
            open_up(call, target)
        elif pairs.items is not None:
            put(call, target, *items)
        else:
            put_many(call, target, *items, pairs.length if is_distinct(items[0]) else None)


# --- lists -----------------------------------------------------------------------------------------------------------


@model("builtins.list.append")
def append(call: Call, self: Value, object_: Value) -> Value:
    """One item more."""
    change_list(call, self, lambda content: joined(call, content.kind, content, of_items(call, "list", [object_])))
    return NONE


@model("builtins.list.extend")
def extend(call: Call, self: Value, iterable_: Value) -> Value:
    """The items of `iterable` behind those of the list."""
    found = iterable(call, iterable_) or Sequence("iterator", None, None)
    change_list(call, self, lambda content: joined(call, content.kind, content, collected(call, "list", found)))
    return NONE


@model("builtins.list.insert")
def insert(call: Call, self: Value, index: Value, object_: Value) -> Value:
    """One item more at a place."""
    place = call.constant(index)

    def edit(content: Sequence) -> Sequence:
        if content.items is None or not isinstance(place, int):
            grown = joined(call, content.kind, content, of_items(call, "list", [object_]))
            return Sequence(grown.kind, None, grown.length, element_of(call, grown))
        items = list(content.items)
        items.insert(place, object_)
        return of_items(call, content.kind, items)

    change_list(call, self, edit)
    return NONE


@model("builtins.list.pop", "builtins.list.popleft")
def pop(call: Call, self: Value, index: Value | None = None) -> Value:
    """Take an item out."""
    place = 0 if member(call) == "popleft" else -1 if index is None else call.constant(index)
    found = call.sequence(self)
    if found is None:
        call.forget(self)
        return call.unknown()
    change_list(call, self, lambda content: _without(call, content, place))
    if found.items is not None and isinstance(place, int) and -len(found.items) <= place < len(found.items):
        return found.items[place]
    return element_of(call, found)


def _without(call: Call, content: Sequence, place: object) -> Sequence:
    if content.items is not None and isinstance(place, int) and -len(content.items) <= place < len(content.items):
        items = list(content.items)
        del items[place]
        return of_items(call, content.kind, items)
    length = content.length - 1 if content.length is not None else None
    return Sequence(content.kind, None, length, element_of(call, content))


@model("builtins.list.remove")
def remove(call: Call, self: Value, value: Value) -> Value:
    """Take out the first item that equals `value`."""
    change_list(call, self, lambda content: _without(call, content, _place_of(content, value)))
    return NONE


def _place_of(content: Sequence, value: Value) -> int | None:
    """Where the first equal item stands, where that is sure."""
    if content.items is None or not isinstance(value, Const):
        return None
    for index, item in enumerate(content.items):
        if not isinstance(item, Const):
            return None
        if item.value == value.value:
            return index
    return None


@model("builtins.list.sort")
def sort(call: Call, self: Value, key: Value | None = None, reverse: Value | None = None) -> Value:
    """Sort in place."""
    change_list(call, self, lambda content: sorted_content(call, content, key, reverse))
    return NONE


@model("builtins.list.reverse")
def reverse(call: Call, self: Value) -> Value:
    """Reverse in place."""
    change_list(call, self, lambda c: c if c.items is None else of_items(call, c.kind, c.items[::-1]))
    return NONE


@model("builtins.list.clear", "builtins.set.clear")
def clear(call: Call, self: Value) -> Value:
    """Take out everything."""
    change_list(call, self, lambda content: Sequence(content.kind, (), 0))
    return NONE


@model("builtins.list.copy", "builtins.set.copy")
def copy_content(call: Call, self: Value) -> Value:
    """A new list or set with the same items."""
    found = call.sequence(self)
    return call.unknown() if found is None else call.new_sequence(found)


@model("builtins.list.index", "builtins.tuple.index")
def index_(call: Call, self: Value, value: Value) -> Value:
    """Where a value stands first."""
    found = call.sequence(self)
    place = None if found is None else _place_of(found, value)
    return call.unknown(number="int") if place is None else Const(place)


@model("builtins.list.count", "builtins.tuple.count")
def count(call: Call, self: Value, value: Value) -> Value:
    """How many items equal a value."""
    items = call.items(self)
    if items is None or not all(isinstance(item, Const) for item in (*items, value)):
        return call.unknown(number="int")
    return Const(sum(item == value for item in items))


# --- dicts -----------------------------------------------------------------------------------------------------------


def lookup(call: Call, found: DictObject, key: Value, default: Value) -> Value:
    """The value of a key, or the default where the key is surely missing."""
    if key.key in found.entries:
        return found.entries[key.key][1]
    constant = _is_constant(key) and all(_is_constant(known) for known, _ in found.entries.values())
    possible = [] if constant else [value for _, value in found.entries.values()]
    return covering(call.interpreter.state, [*possible, *([found.others] if found.others else []), default]) or default


@model("builtins.dict.get")
def get(call: Call, self: Value, key: Value, default: Value | None = None) -> Value:
    """The value of a key or the default."""
    found = call.mapping(self)
    return call.unknown() if found is None else lookup(call, found, key, default or NONE)


@model("builtins.dict.setdefault")
def setdefault(call: Call, self: Value, key: Value, default: Value | None = None) -> Value:
    """The value of a key, after the default was put there if it was missing."""
    result = get(call, self, key, default)
    change_dict(call, self, lambda target: put(call, target, key, result))
    return result


@model("builtins.dict.pop")
def dict_pop(call: Call, self: Value, key: Value, default: Value | None = None) -> Value:
    """The value of a key or the default; the entry is gone."""
    result = get(call, self, key, default)

    def edit(target: DictObject) -> None:
        if _is_constant(key):
            target.entries.pop(key.key, None)
        else:
            open_up(call, target)
        target.length = None

    change_dict(call, self, edit)
    return result


@model("builtins.dict.popitem")
def popitem(call: Call, self: Value) -> Value:
    """Any entry; the rest is not known."""
    change_dict(call, self, lambda target: open_up(call, target))
    return tuple_of(call.unknown(), call.unknown())


@model("builtins.dict.keys", "builtins.dict.iterkeys")
def keys(call: Call, self: Value) -> Value:
    """The keys in their order."""
    return _view(call, self, "keys", lambda key, value: key)


@model("builtins.dict.values", "builtins.dict.itervalues")
def values(call: Call, self: Value) -> Value:
    """The values in the order of the keys."""
    return _view(call, self, "values", lambda key, value: value)


@model("builtins.dict.items", "builtins.dict.iteritems")
def items(call: Call, self: Value) -> Value:
    """Pairs of key and value."""
    return _view(call, self, "items", tuple_of)


def _view(call: Call, self: Value, kind: str, part: Callable[[Value, Value], Value]) -> Value:
    found = call.mapping(self)
    if found is None:
        return Sequence(kind, None, None, part(unknown("a key"), unknown("a value")))
    known = [part(key, value) for key, value in found.entries.values()]
    if found.others is None:
        return of_items(call, kind, known)
    rest = part(found.other_key or unknown("a key"), found.others)
    return Sequence(kind, None, as_dim(length_of(call, self)), covering(call.interpreter.state, [*known, rest]))


@model("builtins.dict.update")
def update(call: Call, self: Value, other: Value | None = None) -> Value:
    """Add the entries of another dict, of pairs and of keywords."""

    def edit(target: DictObject) -> None:
        if other is not None:
            fill(call, target, other)
        for name, value in call.keywords.items():
            put(call, target, Const(name), value)
        if call.open_keywords or call.open_args:
            open_up(call, target)

    change_dict(call, self, edit)
    return NONE


@model("builtins.dict.clear")
def dict_clear(call: Call, self: Value) -> Value:
    """Take out everything."""

    def edit(target: DictObject) -> None:
        target.entries, target.other_key, target.others, target.length = {}, None, None, None

    change_dict(call, self, edit)
    return NONE


@model("builtins.dict.copy")
def dict_copy(call: Call, self: Value) -> Value:
    """A new dict with the same entries."""
    found = call.mapping(self)
    return call.unknown() if found is None else call.interpreter.allocate(found.copy(), "dict")


@model("builtins.dict.fromkeys")
def fromkeys(call: Call, iterable_: Value, value: Value | None = None) -> Value:
    """A dict with these keys and one value for all."""
    found = iterable(call, iterable_)
    result = DictObject({})
    if found is None:
        put_many(call, result, unknown("a key"), value or NONE, None)
    elif found.items is not None:
        for key in found.items:
            put(call, result, key, value or NONE)
    else:
        put_many(
            call, result, element_of(call, found), value or NONE, found.length if is_distinct(found.element) else None
        )
    return call.interpreter.allocate(result, "dict")


@model("builtins.dict.most_common")
def most_common(call: Call, self: Value, n: Value | None = None) -> Value:
    """The pairs of a Counter by how often they occur, at most `n`."""
    found = call.mapping(self)
    length = None if found is None else as_dim(length_of(call, self))
    limited = n is not None and n != NONE
    key = found.other_key if found is not None and found.other_key is not None else unknown("a key")
    content = Sequence(
        "list", None, shortest([length, call.dim(n)]) if limited else length, tuple_of(key, unknown(number="int"))
    )
    return call.new_sequence(content)


# --- sets ------------------------------------------------------------------------------------------------------------


@model("builtins.set.add")
def add(call: Call, self: Value, element: Value) -> Value:
    """One item more, unless it is there."""
    change_list(call, self, lambda content: _united(call, content, of_items(call, "set", [element])))
    return NONE


@model("builtins.set.update")
def set_update(call: Call, self: Value, *others: Value) -> Value:
    """The items of the others as well."""
    found = [iterable(call, other) or Sequence("set", None, None) for other in others]
    change_list(call, self, lambda content: _united(call, content, *found))
    return NONE


@model("builtins.set.union")
def union(call: Call, self: Value, *others: Value) -> Value:
    """A new set of all items."""
    found = [iterable(call, other) or Sequence("set", None, None) for other in (self, *others)]
    return call.new_sequence(_united(call, *found))


def _united(call: Call, *parts: Sequence) -> Sequence:
    found = joined(call, "set", *parts)
    if found.items is not None and all(isinstance(item, Const) for item in found.items):
        return of_items(call, "set", {item.key: item for item in found.items}.values())
    if found.items is not None and len(found.items) < 2:
        return found
    return Sequence("set", None, None, distinct_element(element_of(call, found)))


@model("builtins.set.intersection", "builtins.set.difference", "builtins.set.symmetric_difference")
def combine(call: Call, self: Value, *others: Value) -> Value:
    """A new set of some of the items."""
    found = [iterable(call, other) for other in (self, *others)]
    sets = [
        {item.key: item for item in part.items}
        for part in found
        if part is not None and part.items is not None and all(isinstance(item, Const) for item in part.items)
    ]
    if len(sets) == len(found):
        chosen = {"intersection": set.intersection, "difference": set.difference}.get(member(call))
        known = [set(part) for part in sets]
        kept = chosen(*known) if chosen is not None else known[0].symmetric_difference(*known[1:])
        everything = {key: item for part in sets for key, item in part.items()}
        return call.new_sequence(of_items(call, "set", [item for key, item in everything.items() if key in kept]))
    return call.new_sequence(Sequence("set", None, None, distinct_element(unknown("an element"))))


@model("builtins.set.discard", "builtins.set.remove")
def discard(call: Call, self: Value, element: Value) -> Value:
    """Take an item out if it is there."""

    def edit(content: Sequence) -> Sequence:
        known = content.items is not None and all(isinstance(item, Const) for item in (*content.items, element))
        if content.items is not None and known:
            return of_items(call, "set", [item for item in content.items if item != element])
        return Sequence("set", None, None, element_of(call, content))

    change_list(call, self, edit)
    return NONE


@model("builtins.set.pop")
def set_pop(call: Call, self: Value) -> Value:
    """Any item; the set has one less."""
    found = call.sequence(self)
    change_list(call, self, lambda content: _without(call, content, None))
    return call.unknown() if found is None else element_of(call, found)


# --- copies ----------------------------------------------------------------------------------------------------------


@model("copy.copy", "copy.deepcopy")
def copy_(call: Call, x: Value) -> Value:
    """A copy of lists, dicts and instances of the program (`deepcopy`: of what is in them, too)."""
    return _copied(call, x, {}, deep=member(call) == "deepcopy")


def _copied(call: Call, value: Value, done: dict[int, Ref], *, deep: bool) -> Value:
    if isinstance(value, Sequence) and value.items is not None and deep:
        copied = tuple(_copied(call, item, done, deep=True) for item in value.items)
        return Sequence(value.kind, copied, value.length)
    if isinstance(value, Foreign):
        own = special(call, value, "__deepcopy__" if deep else "__copy__")
        return own or (value if isinstance(value, Array) else call.unknown())
    if not isinstance(value, Ref):
        return unknown(value.name) if isinstance(value, Unknown) else value
    if value.address in done or value.kind in ("class", "module"):
        return done.get(value.address, value)
    found = call.interpreter.state.read(value)
    if not isinstance(found, (ListObject, DictObject, Instance)):
        return call.unknown()
    result = found.copy()
    ref = done[value.address] = call.interpreter.allocate(result, value.kind)
    if deep:
        _copy_parts(call, result, done)
    return ref


def _copy_parts(call: Call, result: HeapObject, done: dict[int, Ref]) -> None:
    def again(value: Value) -> Value:
        return _copied(call, value, done, deep=True)

    if isinstance(result, ListObject):
        content = result.content
        items = None if content.items is None else tuple(map(again, content.items))
        element = None if content.element is None else again(content.element)
        result.content = Sequence(content.kind, items, content.length, element)
    elif isinstance(result, DictObject):
        result.entries = {ident: (key, again(value)) for ident, (key, value) in result.entries.items()}
    elif isinstance(result, Instance):
        result.attributes = {name: again(value) for name, value in result.attributes.items()}
