"""Abstract values: what the interpreter computes with.

Values are immutable.  What Python can mutate (lists, dicts, sets, instances, classes, scopes) is a `Ref` to an object in
the heap of a `State` (see `state.py`), so that a fork or an alias cannot corrupt another path.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, ClassVar

from lstmlint.classes import dataclass
from lstmlint.shapes.dims import Dim, Symbol, SymbolicDim, substitute, symbol, symbols

if TYPE_CHECKING:
    from lstmlint.source.module import SourceModule
    from lstmlint.source.tree import FunctionDef, Lambda, Node

_fresh = itertools.count(1)


def fresh_key() -> Hashable:
    """An identity that nothing else has."""
    return next(_fresh)


@dataclass(frozen=True, slots=True)
class Site:
    """A node together with the module that it stands in: where something was made or done."""

    module: SourceModule
    node: Node

    def __hash__(self) -> int:
        return id(self.node)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Site) and other.node is self.node


class Value:
    """Any abstract value."""

    __slots__ = ()

    @property
    def key(self) -> Hashable:
        """Identity for "the same value": equal keys mean equal values at run time."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Const(Value):
    """A Python constant: None, bool, int, float, complex, str, bytes, Ellipsis."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(other.value) is type(self.value) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    @property
    def key(self) -> Hashable:
        return ("const", type(self.value).__name__, self.value)


NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)


@dataclass(frozen=True, slots=True)
class Symbolic(Value):
    """An int that is known only as an expression over symbols."""

    dim: SymbolicDim

    @property
    def key(self) -> Hashable:
        return ("dim", self.dim)


@dataclass(frozen=True, slots=True)
class Unknown(Value):
    """Top: any value.  `ident` is its identity (two uses of one Unknown are the same value), `name` its source text.

    `number` tells that it is surely a number (the result of arithmetic), "int" or "float".  `dim` is the size that it is
    if it is an int (arithmetic on Unknowns keeps it, so that `(i + window) - i` is `window`).
    """

    ident: Hashable
    name: str = "?"
    number: str | None = None
    dim: Dim | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.ident == self.ident

    def __hash__(self) -> int:
        return hash(self.ident)

    @property
    def key(self) -> Hashable:
        return ("unknown", self.ident)


def unknown(name: str = "?", *, number: str | None = None) -> Unknown:
    """A value about which nothing is known, not even whether it equals another one."""
    return Unknown(fresh_key(), name, number)


@dataclass(frozen=True, slots=True)
class Truth(Value):
    """A bool that depends on a guard: true exactly when the guard is (`positive`) or is not."""

    guard: Guard
    positive: bool = True

    @property
    def key(self) -> Hashable:
        return ("truth", self.guard.ident, self.positive)


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """An undecided condition.  `ident` identifies it; `site` is where it was first met; `text` is for people.

    `sides` tells which sides have code of their own (an `if` without `else` has only the true one).  A compound has
    `parts`: `all_of` ("and") holds when all of them do, otherwise ("or") when any of them does.
    """

    ident: Hashable
    text: str
    site: Site | None = None
    sides: tuple[bool, bool] = (True, True)
    parts: tuple[Truth, ...] = ()
    all_of: bool = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Guard) and other.ident == self.ident

    def __hash__(self) -> int:
        return hash(self.ident)


@dataclass(frozen=True, slots=True)
class Facets(Value):
    """One of two values, by the guard.  Operations split on the guard, so values under one guard stay correlated."""

    guard: Guard
    then: Value
    other: Value

    @property
    def key(self) -> Hashable:
        return ("facets", self.guard.ident, self.then.key, self.other.key)


@dataclass(frozen=True, slots=True)
class Sequence(Value):
    """An immutable sequence or iterable; also what a list in the heap holds.

    `items` when they are known one by one; else `element` stands for any of them.  `length` is None when unknown.
    `kind`: "tuple", "list", "range", "set", "iterator", "keys", "values", "items".
    """

    kind: str
    items: tuple[Value, ...] | None
    length: Dim | None
    element: Value | None = None

    @property
    def key(self) -> Hashable:
        if self.items is not None and self.kind == "tuple":
            return ("tuple", tuple(item.key for item in self.items))
        return self


def tuple_of(*items: Value) -> Sequence:
    """A tuple with known items."""
    return Sequence("tuple", items, len(items))


@dataclass(frozen=True, slots=True)
class SliceValue(Value):
    """`slice(lower, upper, step)`; a missing bound is NONE."""

    lower: Value
    upper: Value
    step: Value


@dataclass(frozen=True, slots=True)
class Text(Value):
    """A str that is not known in full."""

    ident: Hashable

    @property
    def key(self) -> Hashable:
        return ("text", self.ident)


@dataclass(frozen=True, slots=True)
class External(Value):
    """Something of a library, by its qualified name: a module, function, class or constant."""

    name: str

    @property
    def key(self) -> Hashable:
        return ("external", self.name)


@dataclass(frozen=True, slots=True, eq=False)
class Function(Value):
    """A function of the program (or a lambda) with its closure and evaluated defaults."""

    node: FunctionDef | Lambda
    module: SourceModule
    scope: int
    defaults: tuple[Value, ...]
    kw_defaults: tuple[Value | None, ...]
    name: str
    owner: Ref | None = None  # the class whose body defines it, for super()
    wrapped: bool = False  # under a decorator that is not known: result unknown
    binding: str = "instance"  # "instance", "static", "class" or "property": what attribute access does


@dataclass(frozen=True, slots=True, eq=False)
class Method(Value):
    """A function or library member bound to its receiver."""

    function: Value
    receiver: Value

    @property
    def key(self) -> Hashable:
        return ("method", self.function.key, self.receiver.key)


@dataclass(frozen=True, slots=True)
class Partial(Value):
    """`functools.partial`: a callable with leading arguments."""

    function: Value
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class Super(Value):
    """`super()`: attribute lookup on `receiver` that starts behind `owner` among its bases."""

    owner: Ref
    receiver: Value


@dataclass(frozen=True, slots=True)
class Ref(Value):
    """A pointer into the heap.  `kind`: "list", "dict", "set", "instance", "class", "module" or a library type."""

    address: int
    kind: str

    @property
    def key(self) -> Hashable:
        return ("ref", self.address)


@dataclass(frozen=True, slots=True, eq=False)
class Generator(Value):
    """A started generator function: its body runs when something asks for its elements."""

    function: Function
    args: tuple[Value, ...]
    keywords: tuple[tuple[str, Value], ...]
    site: Site


class Foreign(Value):
    """A value of a library.  Its members are looked up under `type_name` in the library models."""

    __slots__ = ()
    type_name: ClassVar[str] = "object"

    @property
    def type(self) -> str:
        """Qualified name under which members are looked up; arrays of several kinds override it."""
        return self.type_name

    def generalise(self, other: Value) -> Value | None:
        """The least value that covers both, or None when there is none but Unknown."""
        return None

    def is_alike(self, other: Value) -> bool:
        """Whether either may stand for the other where both sides of a condition meet."""
        return False


# --- conversions -----------------------------------------------------------------------------------------------------


def as_dim(value: Value) -> Dim | None:
    """The size that `value` stands for, or None when it cannot be one.  An Unknown becomes a symbol of its identity."""
    if isinstance(value, Const):
        number = value.value
        if isinstance(number, bool):
            return int(number)
        if isinstance(number, int):
            return number
        return None
    if isinstance(value, Symbolic):
        return value.dim
    if isinstance(value, Unknown) and value.number != "float":
        if value.dim is not None:
            return value.dim
        return symbol(value.name, value.ident, lower=None)
    return None


def from_dim(dim: Dim | None, name: str = "?") -> Value:
    """The value of a size; an unknown size becomes an Unknown int."""
    if dim is None:
        return unknown(name, number="int")
    if isinstance(dim, int):
        return Const(dim)
    return Symbolic(dim)


def is_text(value: Value | None) -> bool:
    """Whether a value is surely a str."""
    return isinstance(value, Text) or (isinstance(value, Const) and isinstance(value.value, str))


def is_number(value: Value | None) -> bool:
    """Whether a value is surely a number (or bool)."""
    if isinstance(value, Const):
        return isinstance(value.value, (int, float))
    return isinstance(value, Symbolic) or (isinstance(value, Unknown) and value.number is not None)


# --- what stands for any element -------------------------------------------------------------------------------------

#: First parts of the identities of elements: "distinct" where all elements differ (of a range, of a set).
_ELEMENTS = ("distinct", "element")


@dataclass(frozen=True, slots=True)
class UpTo:
    """Tells apart what stands for any element of whole numbers, the greatest of which, `top`, is meant to occur."""

    top: Dim
    fresh: Hashable


def element_ident(kind: str = "element", top: Dim | None = None) -> Hashable:
    """An identity for a value that stands for any element ("distinct": no two elements are equal)."""
    return (kind, fresh_key() if top is None else UpTo(top, fresh_key()))


def top_of(value: Value) -> Dim | None:
    """The greatest of the whole numbers that `value` stands for (an index into a vocabulary), where one is meant to occur."""
    if not isinstance(value, Symbolic) or len(value.dim.terms) != 1:
        return None
    factors, count = value.dim.terms[0]
    key = factors[0].key if len(factors) == 1 and count == 1 and isinstance(factors[0], Symbol) else None
    held = key[1] if isinstance(key, tuple) and len(key) == 2 and key[0] in _ELEMENTS else None
    return held.top + value.dim.constant if isinstance(held, UpTo) else None


def is_distinct(value: Value | None) -> bool:
    """Whether the elements that `value` stands for are all different (of a range, of `sorted(set(text))`)."""
    ident = _element_ident(value)
    return ident is not None and ident[0] == "distinct"


#: What begins the identity of the place in rows of `zip`: its multiples may stand in sums.
STEP = "step"


def renewed(value: Value, fresh: dict[Hashable, Hashable] | None = None) -> Value:
    """`value` in another pass of a loop: what stands for any element is another element there.

    `fresh`: the new identities by the old ones, for the parts of one row.
    """
    fresh = {} if fresh is None else fresh
    if isinstance(value, Sequence) and value.items is not None:
        return Sequence(value.kind, tuple(renewed(item, fresh) for item in value.items), value.length)
    ident = _element_ident(value)
    if ident is None:
        return _stepped(value, fresh) if isinstance(value, Symbolic) else value
    new = fresh.setdefault(ident, _renewed_ident(ident))
    if isinstance(value, Text):
        return Text(new)
    if isinstance(value, Unknown):
        return Unknown(new, value.name, value.number)
    factor = _only_factor(value)
    return Symbolic(symbol(factor.name, new, lower=factor.lower, upper=factor.upper))


def _renewed_ident(ident: tuple[str, Hashable]) -> Hashable:
    is_step = isinstance(ident[1], tuple) and ident[1][0] == STEP
    top = ident[1].top if isinstance(ident[1], UpTo) else None
    return (ident[0], (STEP, fresh_key())) if is_step else element_ident(ident[0], top)


def _stepped(value: Symbolic, fresh: dict[Hashable, Hashable]) -> Value:
    """A sum with the place in rows of `zip` in it, in another row."""
    new: dict[Symbol, Dim] = {}
    for each in symbols(value.dim):
        key = each.key
        if isinstance(key, tuple) and len(key) == 2 and isinstance(key[1], tuple) and key[1][:1] == (STEP,):
            ident = fresh.setdefault(key, _renewed_ident(key))
            new[each] = symbol(each.name, ident, lower=each.lower, upper=each.upper)
    return from_dim(substitute(value.dim, new)) if new else value


def _only_factor(value: Value | None) -> Any:
    """The symbol that a Symbolic is, None when it is more than that."""
    terms = value.dim.terms if isinstance(value, Symbolic) and value.dim.constant == 0 else ()
    return terms[0][0][0] if len(terms) == 1 and terms[0][1] == 1 and len(terms[0][0]) == 1 else None


def _element_ident(value: Value | None) -> tuple[str, Hashable] | None:
    ident = value.ident if isinstance(value, (Text, Unknown)) else getattr(_only_factor(value), "key", None)
    return ident if isinstance(ident, tuple) and len(ident) == 2 and ident[0] in _ELEMENTS else None
