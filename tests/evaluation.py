"""Programs run by the interpreter, and values as short texts to compare them with."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from typing import Any

from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.program import run_program
from lstmlint.interpreter.state import DictObject, Instance, ListObject, Scope
from lstmlint.interpreter.values import (
    Const,
    External,
    Facets,
    Generator,
    Ref,
    Sequence,
    Symbolic,
    Text,
    Truth,
    Unknown,
    Value,
)
from lstmlint.libraries.arrays import Array
from lstmlint.libraries.registry import Registry
from lstmlint.source.module import SourceModule, load


class NoModules:
    """No imports of the program's own modules."""

    def load(self, name: str, level: int, importer: SourceModule) -> None:
        return None


@dataclass(slots=True)
class Program:
    """A program that has run."""

    run: Interpreter

    @property
    def names(self) -> dict[str, Value]:
        """What the names of the module hold at the end."""
        return next(
            thing.names for thing in self.run.state.heap.values() if isinstance(thing, Scope) and thing.kind == "module"
        )

    def value(self, name: str) -> Value:
        """What a name of the module holds at the end."""
        return self.names[name]

    def show(self, name: str) -> str:
        """The value of a name as a text: `[1, len(x)]`, `(n, 3) float32`, `?` for unknown."""
        return self.text(self.value(name))

    def text(self, value: Value) -> str:
        value = self.run.state.resolve(value)
        if isinstance(value, Const):
            return repr(value.value)
        if isinstance(value, Symbolic):
            return str(value.dim)
        if isinstance(value, Unknown):
            return f"?{value.number}" if value.number else "?"
        if isinstance(value, Text):
            return "text"
        if isinstance(value, Truth):
            return "?bool"
        if isinstance(value, External):
            return value.name
        if isinstance(value, Array):
            return f"{value.shape} {value.dtype}" if value.dtype else str(value.shape)
        if isinstance(value, Facets):
            return f"{self.text(value.then)} or {self.text(value.other)}"
        if isinstance(value, Sequence):
            return self._sequence(value)
        if isinstance(value, Ref):
            return self._object(value)
        return "a generator" if isinstance(value, Generator) else type(value).__name__

    def _sequence(self, value: Sequence) -> str:
        left, right = {"tuple": ("(", ")"), "list": ("[", "]"), "set": ("{", "}")}.get(value.kind, ("<", ">"))
        if value.items is not None:
            return left + ", ".join(map(self.text, value.items)) + right
        element = "?" if value.element is None else self.text(value.element)
        return f"{left}{element} × {'?' if value.length is None else value.length}{right}"

    def _object(self, ref: Ref) -> str:
        target = self.run.state.read(ref)
        if isinstance(target, ListObject):
            return self._sequence(target.content)
        if isinstance(target, DictObject):
            entries = [f"{self.text(key)}: {self.text(value)}" for key, value in target.entries.values()]
            if target.others is not None:
                key = "?" if target.other_key is None else self.text(target.other_key)
                length = "?" if target.length is None else target.length
                entries.append(f"{key}: {self.text(target.others)} × {length}")
            return "{" + ", ".join(entries) + "}"
        if isinstance(target, Instance):
            return "{" + ", ".join(f"{n}={self.text(v)}" for n, v in target.attributes.items()) + "}"
        return ref.kind


def run(source: str) -> Program:
    """The program after it has run."""
    module = load(textwrap.dedent(source).encode(), "program.py")
    assert isinstance(module, SourceModule), module
    return Program(run_program(module, Registry(), NoModules()))


def really(source: str) -> dict[str, Any]:
    """The names after real Keras and TensorFlow has run the source."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - the source is a table of the tests
    return names


def described(value: Any) -> str:
    """A real value as `Program.show` writes it."""
    if not hasattr(value, "shape"):
        return repr(value)
    return f"{tuple(value.shape)} {getattr(value.dtype, 'name', value.dtype)}"
