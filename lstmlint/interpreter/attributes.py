"""Attribute lookup and assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstmlint.interpreter import calls, sequences
from lstmlint.interpreter.state import ClassObject, DictObject, Instance, LibraryObject, Scope
from lstmlint.interpreter.values import (
    Const,
    External,
    Facets,
    Foreign,
    Function,
    Generator,
    Method,
    Ref,
    Sequence,
    Site,
    Super,
    Symbolic,
    Text,
    Unknown,
    Value,
    unknown,
)

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter


def type_name(value: Value) -> str | None:
    """The qualified class name under which members of a built-in or library value are looked up."""
    if isinstance(value, Foreign):
        return value.type
    if isinstance(value, Ref):
        return {"list": "builtins.list", "dict": "builtins.dict", "set": "builtins.set"}.get(value.kind, value.kind)
    if isinstance(value, Const):
        return f"builtins.{type(value.value).__name__}"
    if isinstance(value, Text):
        return "builtins.str"
    if isinstance(value, Symbolic):
        return "builtins.int"
    if isinstance(value, Sequence):
        return "builtins.tuple" if value.kind == "tuple" else "builtins.iterator"
    return "builtins.generator" if isinstance(value, Generator) else None


def attribute(run: Interpreter, value: Value, name: str, site: Site) -> Value:
    """The value of `value.name`."""
    value = run.state.resolve(value)
    if isinstance(value, Facets):
        return run.split(value.guard, lambda: attribute(run, run.state.resolve(value), name, site))
    if isinstance(value, Unknown):
        return Unknown(("attr", value.ident, name), f"{value.name}.{name}")
    if isinstance(value, External):
        return external(run, f"{value.name}.{name}")
    if isinstance(value, Ref) and value.kind in ("instance", "class", "module", "scope"):
        return _object_attribute(run, value, name, site)
    if isinstance(value, Super):
        return _super_attribute(run, value, name, site)
    if isinstance(value, Function) and name == "__name__":
        return Const(value.name)
    owner = type_name(value)
    return library_attribute(run, owner, value, name, site) if owner is not None else unknown(name)


def external(run: Interpreter, name: str) -> Value:
    """The library member of that qualified name: its constant value where one is modelled."""
    found = run.library.lookup(name)
    return found if isinstance(found, Value) else External(name)


def library_attribute(run: Interpreter, owner: str, value: Value, name: str, site: Site) -> Value:
    """Member `name` of a value whose class is the library's `owner`: a property's value, a bound method, or Unknown."""
    full = f"{owner}.{name}"
    found = run.library.lookup(full)
    if isinstance(found, Value):
        return found
    if found is None:
        return Unknown(("attr", value.key, name), f"{getattr(value, 'name', owner.rpartition('.')[2])}.{name}")
    if getattr(found, "is_property", False):
        return calls.call_handler(run, found, full, calls.Arguments([value], {}), site)
    return Method(External(full), value)


def _object_attribute(run: Interpreter, ref: Ref, name: str, site: Site) -> Value:
    guard = run.deciding_guard([ref])
    if guard is not None:
        return run.split(guard, lambda: _object_attribute(run, ref, name, site))
    target = run.state.read(ref)
    if isinstance(target, Scope):  # a module of the program
        found = target.names.get(name)
        return found if found is not None else Unknown(("attr", ref.key, name), name)
    if isinstance(target, Instance):
        own = target.attributes.get(name)
        if own is not None:
            return own
        if name == "__class__":
            return target.cls
        member = find_in_class(run, target.cls, name)
        return bind(run, member, ref, target.cls, name, site)
    if isinstance(target, ClassObject):
        if name == "__name__":
            return Const(target.name)
        member = find_in_class(run, ref, name)
        if isinstance(member, Function) and member.binding == "class":
            return Method(member, ref)
        return member if member is not None else Unknown(("attr", ref.key, name), name)
    return unknown(name)


def bind(run: Interpreter, member: Value | None, ref: Ref, cls: Ref, name: str, site: Site) -> Value:
    """What reading a class member through an instance gives."""
    if isinstance(member, Function):
        if member.binding == "static":
            return member
        if member.binding == "class":
            return Method(member, cls)
        if member.binding == "property":
            return run.call(member, [ref], {}, site)
        return Method(member, ref)
    if isinstance(member, External) and callable(run.library.lookup(member.name)):
        handler = run.library.lookup(member.name)
        if getattr(handler, "is_property", False):
            return calls.call_handler(run, handler, member.name, calls.Arguments([ref], {}), site)  # type: ignore[arg-type]
        return Method(member, ref)
    return member if member is not None else Unknown(("attr", ref.key, name), name)


def ancestors(run: Interpreter, cls: Ref) -> list[Value]:
    """The class and its bases, depth first: class Refs, Externals, and Unknowns."""
    found: list[Value] = []
    waiting: list[Value] = [cls]
    while waiting and len(found) < 64:
        current = waiting.pop(0)
        if current in found:
            continue
        found.append(current)
        target = run.state.read(current) if isinstance(current, Ref) else None
        if isinstance(target, ClassObject):
            waiting = [*target.bases, *waiting]
    return found


def find_in_class(run: Interpreter, cls: Ref, name: str, behind: Ref | None = None) -> Value | None:
    """Member `name` of a class or its bases (`behind`: only of those after it).

    A base that is a library's gives an External where it is modelled; a base that is not known gives an Unknown.
    """
    skipping = behind is not None
    for ancestor in ancestors(run, cls):
        if skipping:
            skipping = ancestor != behind
            continue
        if isinstance(ancestor, Ref):
            target = run.state.read(ancestor)
            if isinstance(target, ClassObject) and name in target.attributes:
                return target.attributes[name]
        elif isinstance(ancestor, External):
            found = run.library.lookup(f"{ancestor.name}.{name}")
            if isinstance(found, Value):
                return found
            if found is not None:
                return External(f"{ancestor.name}.{name}")
        elif ancestor is not cls:
            return Unknown(("attr", ancestor.key, name), name)
    return None


def _super_attribute(run: Interpreter, value: Super, name: str, site: Site) -> Value:
    receiver = run.state.resolve(value.receiver)
    if not isinstance(receiver, Ref):
        return unknown(name)
    target = run.state.read(receiver)
    cls = target.cls if isinstance(target, Instance) else receiver if isinstance(target, ClassObject) else None
    if cls is None:
        return unknown(name)
    member = find_in_class(run, cls, name, behind=value.owner)
    if member is None:
        return External("builtins.object." + name)
    return bind(run, member, receiver, cls, name, site)


def set_attribute(run: Interpreter, value: Value, name: str, new_value: Value, site: Site) -> None:
    """Carry out `value.name = new_value`."""
    value = run.state.resolve(value)
    guard = run.deciding_guard([value])
    if guard is not None:

        def assign() -> Value:
            set_attribute(run, run.state.resolve(value), name, new_value, site)
            return new_value

        run.split(guard, assign)
        return
    if isinstance(value, Foreign):
        sequences.library_call(run, f"{value.type}.__setattr__", [value, Const(name), new_value], site)
    if isinstance(value, External):
        # `keras.activations.mine = mine`: the library has names that it does not have by itself.
        run.library.absent(run, value.name, (name,), site, "set")
    if not isinstance(value, Ref):
        return
    target = run.state.write(value)
    if isinstance(target, (Instance, ClassObject)):
        setter = _property_setter(run, target, name)
        if setter is None:
            target.attributes[name] = new_value
    elif isinstance(target, Scope):
        target.names[name] = new_value
    elif isinstance(target, LibraryObject):
        sequences.library_call(run, f"{value.kind}.__setattr__", [value, Const(name), new_value], site)
    elif isinstance(target, DictObject):
        return


def _property_setter(run: Interpreter, target: Instance | ClassObject, name: str) -> Value | None:
    """The property that stands in the way of plain assignment, if any (its setter is not followed)."""
    if not isinstance(target, Instance):
        return None
    member = find_in_class(run, target.cls, name)
    return member if isinstance(member, Function) and member.binding == "property" else None
