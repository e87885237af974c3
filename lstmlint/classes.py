"""Value classes: the standard `dataclass`, at a fraction of the cost of defining one.

The standard one compiles up to eight methods when a class is defined, which for the classes of a run takes longer than
parsing a file.  Here a method is compiled when it is first called, and most never are.  What is written in a class, and
what type checkers see, is the standard one; only these of its options are known: `eq`, `frozen`, `kw_only`, `order`,
`repr` and `slots` of a class, `default`, `default_factory`, `init`, `kw_only` and `repr` of a field.

`frozen` gives a class its hash.  That nothing is assigned to its fields is left to the type checker: at run time the
check would double the cost of making an object.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it takes longer than all that is done here
if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, fields, replace
    from typing import Any

__all__ = ["dataclass", "field", "fields", "replace"]

_MISSING: Any = type("_MISSING", (), {"__repr__": lambda self: "<missing>"})()


class _Field:
    """One field of a class."""

    __slots__ = ("default", "default_factory", "init", "kw_only", "name", "repr")

    def __init__(
        self,
        *,
        default: Any = _MISSING,
        default_factory: Any = _MISSING,
        init: bool = True,
        kw_only: bool | None = None,
        repr: bool = True,
    ) -> None:
        self.name = ""
        self.default = default
        self.default_factory = default_factory
        self.init = init
        self.kw_only = kw_only
        self.repr = repr

    @property
    def parameter(self) -> str:
        """How the field stands among the parameters of `__init__`."""
        if self.default_factory is not _MISSING:
            return f"{self.name}=_MISSING"
        return self.name if self.default is _MISSING else f"{self.name}=_default_{self.name}"

    @property
    def assignment(self) -> str:
        """The statement in `__init__` that gives the field its value; nothing without one."""
        if self.default_factory is not _MISSING:
            made = f"_factory_{self.name}()"
            return f"self.{self.name} = {f'{made} if {self.name} is _MISSING else {self.name}' if self.init else made}"
        if self.init:
            return f"self.{self.name} = {self.name}"
        return "pass" if self.default is _MISSING else f"self.{self.name} = _default_{self.name}"


def _dataclass(cls: Any = None, /, **options: bool) -> Any:
    return (lambda cls: _made(cls, **options)) if cls is None else _made(cls, **options)


def _made(
    cls: Any,
    *,
    eq: bool = True,
    frozen: bool = False,
    kw_only: bool = False,
    order: bool = False,
    repr: bool = True,
    slots: bool = False,
) -> Any:
    """The class with fields for what its body annotates, and with methods that wait for their first call."""
    own = _own_fields(cls, kw_only)
    known: dict[str, _Field] = {}
    for base in reversed(cls.__mro__[1:]):
        known.update(base.__dict__.get("__record_fields__", ()))
    inherited = frozenset(known)
    known.update(own)
    body = dict(cls.__dict__)
    for name, found in own.items():
        body.pop(name, None)
        if not slots and found.default is not _MISSING:
            body[name] = found.default
    body["__record_fields__"] = known
    body.setdefault("__match_args__", tuple(f.name for f in known.values() if f.init and not f.kw_only))
    waiting = {"__init__": _init, "__repr__": _repr if repr else None, "__eq__": _eq if eq else None}
    if order:
        waiting.update(_ORDER)
    for name, method in waiting.items():
        if method is not None:
            body.setdefault(name, method)
    if eq and body.get("__hash__") is None:  # a class with an `__eq__` of its own has None there
        body["__hash__"] = _hash if frozen else None
    if slots:
        body["__slots__"] = tuple(name for name in own if name not in inherited)
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    made = type(cls)(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


def _own_fields(cls: Any, kw_only: bool) -> dict[str, _Field]:
    found: dict[str, _Field] = {}
    for name, annotation in cls.__annotations__.items():
        if annotation.startswith(("ClassVar", "typing.ClassVar")):
            continue
        given = cls.__dict__.get(name, _MISSING)
        described = given if isinstance(given, _Field) else _Field(default=given)
        described.name = name
        described.kw_only = kw_only if described.kw_only is None else described.kw_only
        found[name] = described
    return found


# --- methods that compile themselves at the first call ---------------------------------------------------------------


def _install(self: Any, name: str, waiting: Any, compiled: Callable[[dict[str, _Field], Any], Any]) -> Any:
    """Put the method in place of the one that waits, in the class whose method it is."""
    owner: Any = next(cls for cls in type(self).__mro__ if cls.__dict__.get(name) is waiting)
    method = compiled(owner.__record_fields__, owner)
    method.__qualname__ = f"{owner.__qualname__}.{name}"
    setattr(owner, name, method)
    return method


def _compiled(name: str, parameters: str, body: list[str], names: dict[str, Any]) -> Any:
    exec(f"def {name}({parameters}):\n " + "\n ".join(body), names)  # noqa: S102
    return names[name]


def _init(self: Any, /, *args: Any, **kwargs: Any) -> None:
    _install(self, "__init__", _init, _compiled_init)(self, *args, **kwargs)


def _compiled_init(known: dict[str, _Field], owner: Any) -> Any:
    taken = [found for found in known.values() if found.init]
    positional = [found.parameter for found in taken if not found.kw_only]
    keywords = [found.parameter for found in taken if found.kw_only]
    names: dict[str, Any] = {"_MISSING": _MISSING}
    for found in known.values():
        names[f"_default_{found.name}"] = found.default
        names[f"_factory_{found.name}"] = found.default_factory
    body = [found.assignment for found in known.values()]
    if hasattr(owner, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ["self", *positional, *(["*", *keywords] if keywords else [])]
    return _compiled("__init__", ", ".join(parameters), body or ["pass"], names)


def _values(known: dict[str, _Field], of: str) -> str:
    return "(" + "".join(f"{of}.{name}, " for name in known) + ")"


def _eq(self: Any, other: object) -> Any:
    return _install(self, "__eq__", _eq, _compiled_eq)(self, other)


def _compiled_eq(known: dict[str, _Field], owner: Any) -> Any:
    body = [
        "if self is other: return True",
        "if other.__class__ is not self.__class__: return NotImplemented",
        f"return {_values(known, 'self')} == {_values(known, 'other')}",
    ]
    return _compiled("__eq__", "self, other", body, {})


def _hash(self: Any) -> int:
    result: int = _install(self, "__hash__", _hash, _compiled_hash)(self)
    return result


def _compiled_hash(known: dict[str, _Field], owner: Any) -> Any:
    return _compiled("__hash__", "self", [f"return hash({_values(known, 'self')})"], {"hash": hash})


def _repr(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name, found in self.__record_fields__.items() if found.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _comparison(name: str, operator: str) -> Any:
    def compiled(known: dict[str, _Field], owner: Any) -> Any:
        body = [
            "if other.__class__ is not self.__class__: return NotImplemented",
            f"return {_values(known, 'self')} {operator} {_values(known, 'other')}",
        ]
        return _compiled(name, "self, other", body, {})

    def waiting(self: Any, other: object) -> Any:
        return _install(self, name, waiting, compiled)(self, other)

    return waiting


_ORDER = {
    name: _comparison(name, operator)
    for name, operator in {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}.items()
}


# --- what is done with objects ---------------------------------------------------------------------------------------


def _fields(of: Any) -> tuple[_Field, ...]:
    return tuple(of.__record_fields__.values())


def _replace(of: Any, /, **changes: Any) -> Any:
    cls = type(of)
    names = _TAKEN.get(cls)
    if names is None:
        names = _TAKEN[cls] = tuple(found.name for found in cls.__record_fields__.values() if found.init)
    for name in names:
        if name not in changes:
            changes[name] = getattr(of, name)
    return cls(**changes)


_TAKEN: dict[type, tuple[str, ...]] = {}


if not TYPE_CHECKING:
    dataclass, field, fields, replace = _dataclass, _Field, _fields, _replace
