"""Our `dataclass` against the standard one: the same classes, made twice, behave alike."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from lstmlint import classes

T = TypeVar("T")


def make(using: ModuleType) -> SimpleNamespace:
    """One class for each way of writing one, with `dataclass` and `field` of a module."""
    dataclass: Callable[..., Any] = using.dataclass
    field: Callable[..., Any] = using.field

    @dataclass(frozen=True, slots=True)
    class Point:
        x: int
        y: int = 0

        @property
        def total(self) -> int:
            return self.x + self.y

    @dataclass(frozen=True, slots=True, order=True)
    class Version:
        major: int
        minor: int = 0

    @dataclass(slots=True)
    class Bag:
        KINDS: ClassVar[tuple[str, ...]] = ("a", "b")
        name: str
        items: list[int] = field(default_factory=list)
        _secret: str = field(default="s", repr=False)

    @dataclass(slots=True, eq=False)
    class Node:
        cst: Any = field(default=None, kw_only=True, repr=False)

    @dataclass(slots=True, eq=False)
    class Leaf(Node):
        value: int

    @dataclass(slots=True)
    class Derived(Bag):
        more: int = 3

    @dataclass(frozen=True, slots=True, eq=False)
    class Keyed:
        key: str
        _hash: int = field(init=False, repr=False, default=0)

        def __post_init__(self) -> None:
            object.__setattr__(self, "_hash", len(self.key))

        def __hash__(self) -> int:
            return self._hash

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Keyed) and self.key == other.key

    @dataclass(frozen=True, slots=True)
    class Box(Generic[T]):
        content: T

    @dataclass
    class Open:
        name: str = "n"

    @dataclass(slots=True)
    class Empty:
        pass

    @dataclass(slots=True, repr=False)
    class Silent:
        words: str

        def __repr__(self) -> str:
            return f"<{self.words}>"

    return SimpleNamespace(**{name: value for name, value in locals().items() if isinstance(value, type)})


OURS, STANDARD = make(classes), make(dataclasses)

MADE: dict[str, Callable[[SimpleNamespace], Any]] = {
    "positional": lambda c: c.Point(1, 2),
    "default": lambda c: c.Point(1),
    "keywords": lambda c: c.Point(y=2, x=1),
    "ordered": lambda c: c.Version(1),
    "factory": lambda c: c.Bag("bag"),
    "factory given": lambda c: c.Bag("bag", [1]),
    "keyword only": lambda c: c.Leaf(1, cst=2),
    "keyword only default": lambda c: c.Leaf(1),
    "inherited": lambda c: c.Derived("d", more=4),
    "not in init": lambda c: c.Keyed("key"),
    "generic": lambda c: c.Box("content"),
    "without slots": lambda c: c.Open(),
    "empty": lambda c: c.Empty(),
    "own repr": lambda c: c.Silent("hush"),
}

REFUSED: dict[str, Callable[[SimpleNamespace], Any]] = {
    "too few": lambda c: c.Point(),
    "too many": lambda c: c.Point(1, 2, 3),
    "unknown": lambda c: c.Point(1, z=3),
    "keyword only": lambda c: c.Leaf(1, 2),
    "not in init": lambda c: c.Keyed("key", 3),
    "unhashable": lambda c: hash(c.Bag("bag")),
    "slots": lambda c: setattr(c.Bag("bag"), "other", 1),
    "order without": lambda c: c.Point(1) < c.Point(2),
    "order of others": lambda c: c.Version(1) < 2,
}


def bare(text: str) -> str:
    """A text without the place where a class was made."""
    return text.replace("make.<locals>.", "")


@pytest.mark.parametrize("name", MADE)
def test_objects_are_alike(name: str) -> None:
    ours, standard = MADE[name](OURS), MADE[name](STANDARD)
    assert repr(ours) == repr(standard)
    values = {field.name: getattr(standard, field.name) for field in dataclasses.fields(standard)}
    assert {field.name: getattr(ours, field.name) for field in classes.fields(ours)} == values
    assert hasattr(ours, "__dict__") == hasattr(standard, "__dict__")
    assert type(ours).__match_args__ == type(standard).__match_args__
    again, standard_again = MADE[name](OURS), MADE[name](STANDARD)
    assert (ours == again, ours != again) == (standard == standard_again, standard != standard_again)
    assert (type(ours).__hash__ is None) == (type(standard).__hash__ is None)


@pytest.mark.parametrize("name", REFUSED)
def test_errors_are_alike(name: str) -> None:
    with pytest.raises((TypeError, AttributeError)) as standard:
        REFUSED[name](STANDARD)
    with pytest.raises(standard.type) as ours:
        REFUSED[name](OURS)
    assert bare(str(ours.value)) == bare(str(standard.value))


def test_equality_and_hash_are_by_value_and_class() -> None:
    assert OURS.Point(1, 2) == OURS.Point(1, 2) != OURS.Point(2, 1)
    assert OURS.Point(1, 2) != OURS.Version(1, 2)
    assert hash(OURS.Point(1, 2)) == hash(OURS.Point(1, 2)) == hash(STANDARD.Point(1, 2))
    assert OURS.Bag("a") == OURS.Bag("a") != OURS.Derived("a")
    assert OURS.Leaf(1) != OURS.Leaf(1)
    assert len({OURS.Keyed("ab"), OURS.Keyed("ab"), OURS.Keyed("cd")}) == 2
    assert OURS.Point(1, 2) != (1, 2)


def test_order() -> None:
    versions = [OURS.Version(2, 0), OURS.Version(1, 5), OURS.Version(1, 4)]
    assert [(v.major, v.minor) for v in sorted(versions)] == [(1, 4), (1, 5), (2, 0)]
    assert OURS.Version(1) <= OURS.Version(1) >= OURS.Version(0)


def test_a_base_and_what_derives_from_it_keep_their_own_methods() -> None:
    made = make(classes)
    assert made.Derived("d").more == 3  # the derived one is compiled first
    assert made.Bag("b").items == []
    assert made.Bag("b") == made.Bag("b")
    assert made.Derived("d", more=1) != made.Derived("d", more=2)


def test_defaults_are_not_shared() -> None:
    first, second = OURS.Bag("a"), OURS.Bag("a")
    first.items.append(1)
    assert second.items == []


def test_replace() -> None:
    point = OURS.Point(1, 2)
    assert classes.replace(point, y=3) == OURS.Point(1, 3)
    assert classes.replace(OURS.Keyed("ab"), key="abc")._hash == 3
    with pytest.raises(TypeError):
        classes.replace(point, z=3)


def test_class_variables_are_no_fields() -> None:
    assert OURS.Bag.KINDS == ("a", "b")
    assert [field.name for field in classes.fields(OURS.Bag)] == ["name", "items", "_secret"]


@classes.dataclass(frozen=True, slots=True)
class Travels:
    """What workers send."""

    name: str
    rows: tuple[int, ...] = ()


@pytest.mark.parametrize("carry", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_values_travel(carry: Callable[[Travels], Travels]) -> None:
    assert carry(Travels("a", (1, 2))) == Travels("a", (1, 2))
