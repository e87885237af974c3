"""What a library model is given: one call, and what it may ask of the interpreter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from lstmlint.classes import dataclass
from lstmlint.interpreter.state import DictObject, Instance, LibraryObject, ListObject
from lstmlint.interpreter.values import (
    Const,
    External,
    Function,
    Ref,
    Sequence,
    Site,
    SliceValue,
    Unknown,
    Value,
    as_dim,
    fresh_key,
    from_dim,
    unknown,
)
from lstmlint.shapes.dims import Dim, symbol

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter

#: A library model: `handler(call, *arguments) -> Value`, its parameters named as the library names them.
Handler: TypeAlias = Callable[..., Value]


class Library(Protocol):
    """What the interpreter asks of the library models."""

    def lookup(self, name: str) -> Handler | Value | None:
        """The model or constant of qualified name `name`, or None when nobody modelled it."""

    def absent(
        self, run: Interpreter, module: str, names: tuple[str, ...], site: Site | None, how: str
    ) -> dict[str, Value]:
        """What stands for those of `names` that `module` does not have; all of them where the module is not there.

        `how`: "import", "from" or "attribute"; "set" where the program gives the module a name; "star" where
        it is asked whether a star import has brought the names (nothing is left in the trace then).
        """

    def harmless(self, name: str) -> bool:
        """Whether calling `name` changes none of its arguments, though it is not modelled."""


@dataclass(slots=True)
class Call:
    """One call of a library member.

    `args` and `keywords` are the values given (without facets: calls are split before).  `open_args` and
    `open_keywords` tell that `*args` or `**kwargs` of unknown content were given as well.
    """

    interpreter: Interpreter
    site: Site
    name: str
    args: list[Value]
    keywords: dict[str, Value]
    open_args: bool = False
    open_keywords: bool = False
    rest: Value | None = None  # stands for any argument in an `*args` of unknown content

    # --- reading arguments -------------------------------------------------------------------------------------------

    def items(self, value: Value | None) -> tuple[Value, ...] | None:
        """The items of a sequence, list or set when they are known one by one."""
        found = self.sequence(value)
        return found.items if found is not None else None

    def sequence(self, value: Value | None) -> Sequence | None:
        """`value` as a sequence (a list in the heap, a tuple, a generator, the keys of a dict …), if it is one."""
        return None if value is None else self.interpreter.as_sequence(value, self.site)

    def mapping(self, value: Value | None) -> DictObject | None:
        """The dict that `value` points to."""
        if isinstance(value, Ref) and value.kind == "dict":
            found = self.interpreter.state.read(value)
            return found if isinstance(found, DictObject) else None
        return None

    def dim(self, value: Value | None) -> Dim | None:
        """The size that `value` stands for."""
        return None if value is None else as_dim(value)

    def dims(self, value: Value | None) -> tuple[Dim | None, ...] | None:
        """A tuple or list of sizes (a None inside: not a size); a lone size counts as one; None: not known."""
        if value is None:
            return None
        items = self.items(value)
        if items is not None:
            return tuple(as_dim(item) for item in items)
        one = as_dim(value) if not isinstance(value, Unknown) or value.number == "int" else None
        return None if one is None else (one,)

    def constant(self, value: Value | None, default: Any = None) -> Any:
        """The Python constant that `value` is, else `default`."""
        return value.value if isinstance(value, Const) else default

    def payload(self, value: Value | None) -> Any:
        """What a library keeps in its heap object behind `value`, or behind an instance of a class derived from it."""
        if isinstance(value, Ref) and value.address in self.interpreter.state.heap:
            found = self.interpreter.state.read(value)
            if isinstance(found, Instance):
                return self.payload(found.library)
            return found.payload if isinstance(found, LibraryObject) else None
        return None

    def known_rank(self, ident: object) -> int | None:
        """The length that unpacking proved of an Unknown with identity `ident` (`n, t, f = x.shape`)."""
        found = self.interpreter.state.refined.get(("length", ident))
        return found if isinstance(found, int) else None

    # --- making values -----------------------------------------------------------------------------------------------

    def unknown(self, name: str | None = None, *, number: str | None = None) -> Unknown:
        """A fresh Unknown, named for people (by default after the call)."""
        return unknown(name or f"{self.name.rpartition('.')[2]}(…)", number=number)

    def symbol(self, what: str, *, lower: int | None = 0) -> Dim:
        """A fresh symbolic dim; `what` is its text for people, with `{}` for the variable that is assigned."""
        return symbol(what.format(self.interpreter.target_name or self.name.rpartition(".")[2]), None, lower=lower)

    def new_list(self, items: Iterable[Value], kind: str = "list") -> Ref:
        """A new list (or set) in the heap with known items."""
        content = tuple(items)
        return self.interpreter.allocate(ListObject(Sequence(kind, content, len(content))), kind)

    def new_sequence(self, content: Sequence) -> Ref:
        """A new list (or set) in the heap with the content given."""
        return self.interpreter.allocate(ListObject(content), content.kind)

    def new_object(self, type_name: str, payload: Any) -> Ref:
        """A new mutable library object (a model, a scaler); `type_name` is its qualified class name."""
        return self.interpreter.allocate(LibraryObject(payload), type_name)

    def adopt(self, ref: Ref, type_name: str, payload: Any) -> None:
        """Let the library keep something of an instance of a class that derives from its class `type_name`."""
        library = self.new_object(type_name, payload)
        target = self.interpreter.state.write(ref)
        assert isinstance(target, Instance)
        target.library = library

    def set_payload(self, ref: Value, payload: Any) -> None:
        """Replace what a library object holds, or what a library keeps of an instance of a class derived from it."""
        assert isinstance(ref, Ref)
        state = self.interpreter.state
        if ref.kind == "instance":
            target = state.read(ref)
            if not isinstance(target, Instance) or target.library is None:
                return
            ref = target.library
        state.replace(ref, LibraryObject(payload))

    def integer(self, dim: Dim | None, name: str = "?") -> Value:
        """The value of a size."""
        return from_dim(dim, name)

    # --- acting ------------------------------------------------------------------------------------------------------

    def record(self, event: Any) -> None:
        """Leave an event in the trace."""
        self.interpreter.record(event, self.site)

    def call(self, function: Value, *args: Value, **keywords: Value) -> Value:
        """The value of calling any callable value."""
        return self.interpreter.call(function, list(args), keywords, self.site)

    def attribute(self, value: Value, name: str) -> Value:
        return self.interpreter.attribute(value, name, self.site)

    def forget(self, *values: Value) -> None:
        """Forget what unknown code could change of these values."""
        for value in values:
            self.interpreter.forget(value)


__all__ = ["Call", "External", "Function", "Handler", "Library", "SliceValue", "fresh_key"]
