"""Joins: one state, object or value that covers two."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from lstmlint.classes import dataclass
from lstmlint.interpreter import budget
from lstmlint.interpreter.state import (
    Assumption,
    DictObject,
    FacetObject,
    HeapObject,
    Instance,
    LibraryObject,
    ListObject,
    Scope,
    State,
)
from lstmlint.interpreter.values import (
    Const,
    Facets,
    Foreign,
    Guard,
    Ref,
    Sequence,
    Symbolic,
    Text,
    Unknown,
    Value,
    as_dim,
    element_ident,
    fresh_key,
    from_dim,
    is_text,
    top_of,
    unknown,
)
from lstmlint.shapes.dims import Answer, Dim, bounds, equal, symbol

T = TypeVar("T")


def same_value(a: Value | None, b: Value | None) -> bool:
    """Whether two values are surely the same."""
    if a is b:
        return True
    if a is None or b is None or type(a) is not type(b):
        return False
    if isinstance(a, Sequence) and isinstance(b, Sequence):
        if a.kind != b.kind or a.length != b.length or (a.items is None) is not (b.items is None):
            return False
        if a.items is not None and b.items is not None:
            return len(a.items) == len(b.items) and all(map(same_value, a.items, b.items))
        return same_value(a.element, b.element)
    return a == b


# --- facets: joins that remember the condition -----------------------------------------------------------------------


def facet(guard: Guard, then: Value, other: Value) -> Value:
    """`then` if the guard holds, else `other`; Unknown when that would be more than `budget.MAX_FACETS` values."""
    if same_value(then, other) or (isinstance(then, Foreign) and then.is_alike(other)):
        return then
    if _leaves(then) + _leaves(other) > budget.MAX_FACETS:
        return generalise(_any_leaf(then), _any_leaf(other)) if _depth_ok(then, other) else unknown()
    return Facets(guard, then, other)


def _leaves(value: Value) -> int:
    return _leaves(value.then) + _leaves(value.other) if isinstance(value, Facets) else 1


def leaves(value: Value) -> list[Value]:
    """All values that `value` may be."""
    return leaves(value.then) + leaves(value.other) if isinstance(value, Facets) else [value]


def _any_leaf(value: Value) -> Value:
    found = leaves(value)
    result = found[0]
    for leaf in found[1:]:
        result = generalise(result, leaf)
    return result


def _depth_ok(a: Value, b: Value) -> bool:
    return _leaves(a) + _leaves(b) <= 4 * budget.MAX_FACETS


def join_states(guard: Guard, then: State | None, other: State | None) -> State | None:
    """The state after a branch on `guard`: differing values become facets.  None is an unreachable side."""
    if then is None or other is None:
        return other if then is None else then
    heap: dict[int, HeapObject] = dict(then.heap)
    for address in other.differing(then):
        theirs = other.heap[address]
        ours = heap.get(address)
        if ours is None:
            heap[address] = theirs
        elif ours is not theirs:
            heap[address] = _join_objects(guard, ours, theirs)
    facts = {
        key: fact
        for key, fact in then.facts.items()
        if key in other.facts and other.facts[key].value == fact.value
    }  # fmt: skip
    facts.update({key: other.facts[key] for key, fact in facts.items() if other.facts[key].split and not fact.split})
    return State(heap, set(), facts, _common(then.equal_to, other.equal_to), _common(then.refined, other.refined))


def _common(a: dict[Hashable, T], b: dict[Hashable, T]) -> dict[Hashable, T]:
    return {key: value for key, value in a.items() if key in b and b[key] == value}


def _join_objects(guard: Guard, a: HeapObject, b: HeapObject) -> HeapObject:
    if isinstance(a, Scope) and isinstance(b, Scope):
        return Scope(
            _join_names(guard, a.names, b.names), a.parent, a.kind, a.globals_, a.nonlocals, a.stars or b.stars
        )
    if isinstance(a, Instance) and isinstance(b, Instance) and a.cls == b.cls:
        library = a.library if a.library == b.library else None
        return Instance(a.cls, _join_names(guard, a.attributes, b.attributes), a.open_ or b.open_, library)
    if isinstance(a, ListObject) and isinstance(b, ListObject):
        first, second = a.content, b.content
        if same_value(first, second):
            return a
        if first.items is not None and second.items is not None and len(first.items) == len(second.items):
            items = tuple(facet(guard, x, y) for x, y in zip(first.items, second.items))
            return ListObject(Sequence(first.kind, items, len(items)))
    if isinstance(a, DictObject) and isinstance(b, DictObject) and a.entries.keys() == b.entries.keys():
        if a.others is b.others and a.length == b.length:
            entries = {k: (v[0], facet(guard, v[1], b.entries[k][1])) for k, v in a.entries.items()}
            return DictObject(entries, a.other_key, a.others, a.length)
    if isinstance(a, LibraryObject) and isinstance(b, LibraryObject) and a.payload == b.payload:
        return a
    if len(object_leaves(a)) + len(object_leaves(b)) > budget.MAX_FACETS:
        return _cover_objects([*object_leaves(a), *object_leaves(b)])
    return FacetObject(guard, a, b)


def object_leaves(thing: HeapObject) -> list[HeapObject]:
    """All objects that `thing` may be."""
    if isinstance(thing, FacetObject):
        return object_leaves(thing.then) + object_leaves(thing.other)
    return [thing]


def _cover_objects(things: list[HeapObject]) -> HeapObject:
    """One object for all that a mutable may be, when these are too many to be told apart."""
    first = things[0]
    if isinstance(first, LibraryObject):
        payload = first.payload
        for thing in things[1:]:
            if isinstance(thing, LibraryObject) and hasattr(payload, "generalise"):
                payload = payload.generalise(thing.payload)
        return LibraryObject(payload)
    if isinstance(first, ListObject):
        return ListObject(_cover_lists(first.content.kind, [t.content for t in things if isinstance(t, ListObject)]))
    if isinstance(first, Instance):
        return Instance(first.cls, {}, True)
    return DictObject({}, unknown(), unknown())


def _cover_lists(kind: str, contents: list[Sequence]) -> Sequence:
    """A list with the items of any of several; unknown items where one of them may hold anything."""
    values = [value for content in contents for value in elements(content)]
    lengths = [content.length if isinstance(content.length, int) else 0 for content in contents]
    return Sequence(kind, None, symbol("length", None, lower=min(lengths)), generalise_all(values))


def _join_names(guard: Guard, a: dict[str, Value], b: dict[str, Value]) -> dict[str, Value]:
    """A name bound on one side only keeps that value: the program is assumed not to read unbound names."""
    names = dict(a)
    for name, theirs in b.items():
        ours = names.get(name)
        names[name] = theirs if ours is None else ours if ours is theirs else facet(guard, ours, theirs)
    return names


def join_many(ends: list[tuple[State, Value]]) -> tuple[State, Value]:
    """One state and value for all ends of a function, told apart by the conditions that lead to them."""
    if len(ends) == 1:
        return ends[0]
    if len(ends) > budget.MAX_ENDS:
        ends = ends[: budget.MAX_ENDS - 1] + [(ends[-1][0], unknown())]
    guard = _separating_guard(ends)
    if guard is None:
        middle = len(ends) // 2
        guard = Guard(fresh_key(), "one of several paths", None, (False, False))
        yes, no = ends[:middle], ends[middle:]
    else:
        yes = [end for end in ends if (fact := end[0].facts.get(guard.ident)) is not None and fact.value]
        no = [end for end in ends if not ((fact := end[0].facts.get(guard.ident)) is not None and fact.value)]
    (state_a, value_a), (state_b, value_b) = join_many(yes), join_many(no)
    joined = join_states(guard, state_a, state_b)
    assert joined is not None
    return joined, facet(guard, value_a, value_b)


def _separating_guard(ends: list[tuple[State, Value]]) -> Guard | None:
    """The first condition that every end has decided, not all in the same way."""
    first = ends[0][0].facts
    for key, fact in first.items():
        others: list[Assumption | None] = [end[0].facts.get(key) for end in ends[1:]]
        if all(o is not None for o in others) and any(o is not None and o.value != fact.value for o in others):
            return fact.guard
    return None


# --- generalisation: joins that forget -------------------------------------------------------------------------------


def generalise(a: Value, b: Value) -> Value:
    """The least value without facets that covers both: a number, an array of the same rank, a sequence, or Unknown."""
    if same_value(a, b):
        return a
    if isinstance(a, Facets) or isinstance(b, Facets):
        return generalise(_any_leaf(a), _any_leaf(b))
    if isinstance(a, Foreign) or isinstance(b, Foreign):
        first, second = (a, b) if isinstance(a, Foreign) else (b, a)
        assert isinstance(first, Foreign)
        return first.generalise(second) or unknown()
    if isinstance(a, Sequence) and isinstance(b, Sequence) and a.kind == b.kind:
        return generalise_sequences(a, b)
    if _is_int(a) and _is_int(b):
        return from_dim(_any_of_ints(a, b))
    if _is_number(a) and _is_number(b):
        return unknown(number="float")
    if isinstance(a, (Text, Const)) and isinstance(b, (Text, Const)) and is_text(a) and is_text(b):
        return Text(fresh_key())
    return unknown()


def _any_of_ints(a: Value, b: Value) -> Dim:
    """A symbol that stands for both: for any index into the same vocabulary where they are such."""
    top, other = top_of(a), top_of(b)
    if top is None or other is None or equal(top, other) is not Answer.YES:
        return symbol("?", None, lower=None)
    lows = [bounds(dim)[0] for value in (a, b) if (dim := as_dim(value)) is not None]
    return symbol(
        "index", element_ident(top=top), lower=None if None in lows else min(low for low in lows if low is not None)
    )


def _is_int(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, int) and not isinstance(value.value, bool)
    return isinstance(value, Symbolic) or (isinstance(value, Unknown) and value.number == "int")


def _is_number(value: Value) -> bool:
    if isinstance(value, Const):
        return isinstance(value.value, (int, float)) and not isinstance(value.value, bool)
    return isinstance(value, Symbolic) or (isinstance(value, Unknown) and value.number is not None)


def generalise_sequences(a: Sequence, b: Sequence) -> Sequence:
    """A sequence that covers both: item by item when both have the same number of known items."""
    if a.items is not None and b.items is not None and len(a.items) == len(b.items):
        items = tuple(map(generalise, a.items, b.items))
        return Sequence(a.kind, items, len(items))
    same_length = a.length is not None and b.length is not None and equal(a.length, b.length) is Answer.YES
    length = a.length if same_length else symbol("length", None)
    return Sequence(a.kind, None, length, generalise_all([*elements(a), *elements(b)]))


def elements(sequence: Sequence) -> list[Value]:
    """The known items, or the one value that stands for all of them (which may be unknown)."""
    if sequence.items is not None:
        return list(sequence.items)
    return [sequence.element if sequence.element is not None else unknown()]


def generalise_all(values: list[Value]) -> Value | None:
    """One value that covers all of `values`; None for none."""
    if not values:
        return None
    result, is_general = values[0], False
    for value in values[1:]:
        if result is value or (is_general and _is_any(result, value)):
            continue
        before, result = result, generalise(result, value)
        is_general = is_general or result is not before
        if isinstance(result, Unknown):
            break
    return result


def _is_any(general: Value, value: Value) -> bool:
    """Whether what `generalise` made of some texts or integers stands for one more of them as well."""
    return is_text(value) if isinstance(general, Text) else isinstance(general, Symbolic) and _is_int(value)


def covering(state: State, values: list[Value]) -> Value | None:
    """One value that covers all of `values`, lists among them as what they hold now; None for none."""
    if not values or all(value is values[0] for value in values):
        return values[0] if values else None
    return generalise_all([snapshot(state, value) for value in values])


def snapshot(state: State, value: Value) -> Value:
    """A list or set as the immutable sequence that it is now; any other value as it is."""
    value = state.resolve(value)
    if not isinstance(value, Ref) or value.kind not in ("list", "set") or value.address not in state.heap:
        return value
    target = state.read(value)
    if not isinstance(target, ListObject):
        return value
    content = target.content
    if content.items is not None:
        return Sequence(content.kind, tuple(snapshot(state, item) for item in content.items), content.length)
    element = content.element
    return Sequence(content.kind, None, content.length, None if element is None else snapshot(state, element))


@dataclass(frozen=True, slots=True, eq=False)
class FrozenDict(Foreign):
    """A dict of known keys as it was at one moment, kept beyond the heap that held it."""

    entries: tuple[tuple[Value, Value], ...]

    type_name = "builtins.dict"

    def generalise(self, other: Value) -> Value | None:
        """A dict of the same keys."""
        if not isinstance(other, FrozenDict) or [key for key, _ in self.entries] != [key for key, _ in other.entries]:
            return None
        return FrozenDict(
            tuple((key, generalise(a, b)) for (key, a), (_, b) in zip(self.entries, other.entries))
        )  # fmt: skip


def frozen(state: State, value: Value) -> Value:
    """The value without the lists, tuples and dicts of the heap in it: as they are now."""
    value = snapshot(state, value)
    if isinstance(value, Sequence) and value.items is not None:
        return Sequence(value.kind, tuple(frozen(state, item) for item in value.items), value.length)
    if isinstance(value, Ref) and value.kind == "dict" and value.address in state.heap:
        target = state.read(value)
        if isinstance(target, DictObject) and target.others is None:
            return FrozenDict(tuple((key, frozen(state, item)) for key, item in target.entries.values()))
    return value


def thawed(allocate: Callable[[HeapObject, str], Value], value: Value) -> Value:
    """A frozen value with dicts of the heap in it again."""
    if isinstance(value, Sequence) and value.items is not None:
        return Sequence(value.kind, tuple(thawed(allocate, item) for item in value.items), value.length)
    if isinstance(value, FrozenDict):
        return allocate(DictObject({key.key: (key, thawed(allocate, item)) for key, item in value.entries}), "dict")
    return value
