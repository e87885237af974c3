"""The state of one path: a heap of mutable objects and the conditions assumed on the way.

Heap objects are copied when a state that shares them with another writes to them, so forks are cheap and independent.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import chain, compress, repeat
from operator import is_not
from typing import Any

from lstmlint.classes import dataclass, field
from lstmlint.interpreter.values import Const, Facets, Guard, Ref, Sequence, Value
from lstmlint.shapes.dims import Dim


class HeapObject:
    """Anything mutable."""

    __slots__ = ()

    def copy(self) -> HeapObject:
        raise NotImplementedError


@dataclass(slots=True)
class Scope(HeapObject):
    """Names of a module, function, class body or comprehension.  `parent` is where lookups go on."""

    names: dict[str, Value]
    parent: int | None
    kind: str
    globals_: frozenset[str] = frozenset()
    nonlocals: frozenset[str] = frozenset()
    stars: tuple[str, ...] = ()  # qualified names of libraries that were star-imported

    def copy(self) -> Scope:
        return Scope(dict(self.names), self.parent, self.kind, self.globals_, self.nonlocals, self.stars)


@dataclass(slots=True)
class ListObject(HeapObject):
    """A list or set: its content as a `Sequence` (kind "list" or "set")."""

    content: Sequence

    def copy(self) -> ListObject:
        return ListObject(self.content)


@dataclass(slots=True)
class DictObject(HeapObject):
    """A dict: known entries by constant key (the key's `Value.key`), and what stands for all others.

    `entries` maps key identity to (key, value).  `others` is None when the entries are all there are; else any further
    value.  `length` is the number of entries when known otherwise (a vocabulary: `len(vocab)`).
    """

    entries: dict[Hashable, tuple[Value, Value]]
    other_key: Value | None = None
    others: Value | None = None
    length: Dim | None = None

    def copy(self) -> DictObject:
        return DictObject(dict(self.entries), self.other_key, self.others, self.length)


@dataclass(slots=True)
class Instance(HeapObject):
    """An instance of a class of the program.  `open_` after unknown code could have set attributes.

    `library` points to what the library that its class derives from keeps of it, once that has run its `__init__`.
    """

    cls: Ref
    attributes: dict[str, Value]
    open_: bool = False
    library: Ref | None = None

    def copy(self) -> Instance:
        return Instance(self.cls, dict(self.attributes), self.open_, self.library)


@dataclass(slots=True)
class ClassObject(HeapObject):
    """A class of the program; bases are class Refs, Externals or Unknowns."""

    name: str
    bases: tuple[Value, ...]
    attributes: dict[str, Value]
    node: Any = None
    module: Any = None
    fields: tuple[str, ...] = ()  # annotated names in order, for dataclasses

    def copy(self) -> ClassObject:
        return ClassObject(self.name, self.bases, dict(self.attributes), self.node, self.module, self.fields)


@dataclass(slots=True)
class LibraryObject(HeapObject):
    """A mutable object of a library (a model, a scaler): an immutable payload that models replace as a whole."""

    payload: Any

    def copy(self) -> LibraryObject:
        return LibraryObject(self.payload)


@dataclass(slots=True)
class FacetObject(HeapObject):
    """One of two objects, by the guard (after a join of paths that changed it differently)."""

    guard: Guard
    then: HeapObject
    other: HeapObject

    def copy(self) -> FacetObject:
        return self


@dataclass(slots=True)
class Assumption:
    """A guard taken as true or false.

    `split` when a value was split on it, not a branch of the program entered; `forced` when the other side never gets
    here (it raises or returns).
    """

    guard: Guard
    value: bool
    split: bool
    forced: bool = False


@dataclass(slots=True)
class State:
    """What holds at one point of one path."""

    heap: dict[int, HeapObject] = field(default_factory=dict)
    owned: set[int] = field(default_factory=set)
    facts: dict[Hashable, Assumption] = field(default_factory=dict)
    equal_to: dict[Hashable, Value] = field(default_factory=dict)  # value key -> the constant it equals on this path
    refined: dict[Hashable, Any] = field(default_factory=dict)  # value key -> what was learnt of it (a shape)

    def fork(self) -> State:
        """An independent copy.  Both sides copy an object before they next change it."""
        self.owned.clear()
        return State(dict(self.heap), set(), dict(self.facts), dict(self.equal_to), dict(self.refined))

    def differing(self, other: State) -> Iterator[int]:
        """Addresses at which `other` may hold another object, or none.

        Heaps have one past, so what neither side changed stands in both at the same place: nearly all is passed over.
        """
        return compress(self.heap, map(is_not, self.heap.values(), chain(other.heap.values(), repeat(None))))

    def read(self, ref: Ref | int) -> HeapObject:
        address = ref if isinstance(ref, int) else ref.address
        found = self.heap[address]
        while isinstance(found, FacetObject):
            known = self.facts.get(found.guard.ident)
            if known is None:
                return found
            found = found.then if known.value else found.other
        return found

    def write(self, ref: Ref | int) -> HeapObject:
        """The object, safe to change in this state."""
        address = ref if isinstance(ref, int) else ref.address
        if address in self.owned:
            found = self.heap[address]
            if not isinstance(found, FacetObject):
                return found
        found = self.read(address).copy()
        self.heap[address] = found
        self.owned.add(address)
        return found

    def replace(self, ref: Ref | int, new: HeapObject) -> None:
        address = ref if isinstance(ref, int) else ref.address
        self.heap[address] = new
        self.owned.add(address)

    def assume(self, guard: Guard, value: bool, *, split: bool = False) -> None:
        """Take `guard` as `value` from here on, with what follows from it."""
        self.facts[guard.ident] = Assumption(guard, value, split)
        for part in guard.parts if guard.all_of is value else ():
            self.assume(part.guard, value is part.positive, split=split)
        ident = guard.ident
        if value and isinstance(ident, tuple) and len(ident) == 3 and ident[0] == "==":
            for key, other in ((ident[1], ident[2]), (ident[2], ident[1])):
                if isinstance(other, tuple) and other[0] == "const":
                    self.equal_to[key] = Const(other[2])

    def force(self, guard: Guard) -> None:
        """Note that the other side of `guard` never gets here."""
        known = self.facts.get(guard.ident)
        if known is not None:
            self.facts[guard.ident] = Assumption(guard, known.value, False, True)

    def decided(self, guard: Guard) -> bool | None:
        """What this path knows of `guard`."""
        known = self.facts.get(guard.ident)
        return None if known is None else known.value

    def resolve(self, value: Value) -> Value:
        """`value` without the facets that this path has decided."""
        while isinstance(value, Facets):
            known = self.facts.get(value.guard.ident)
            if known is None:
                return value
            value = value.then if known.value else value.other
        return value
