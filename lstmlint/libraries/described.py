"""Abstract values in words: kind, shape and dtype."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.joins import leaves
from lstmlint.interpreter.state import ClassObject, DictObject, Instance, LibraryObject, ListObject
from lstmlint.interpreter.values import Const, External, Function, Ref, Sequence, Site, Symbolic, Value
from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.model import Functional
from lstmlint.keras.subclassed import Subclassed
from lstmlint.libraries.arrays import Array, shape_of
from lstmlint.libraries.dtypes import NUMBERS, SCALARS
from lstmlint.libraries.keras_values import KerasTensor, LayerValue
from lstmlint.libraries.tensorflow_data import Dataset
from lstmlint.trace import ModelState

_DEEPEST = 3
"""Containers inside containers that are described."""


@dataclass(frozen=True, slots=True)
class Described:
    """A value in words.  `is_array`: an array, frame or tensor; `made`: where it was made."""

    text: str
    is_array: bool = False
    made: Site | None = None


UNKNOWN = Described("unknown")


def describe(run: Interpreter, value: Value, site: Site, depth: int = 0) -> list[Described]:
    """Each value that `value` may be on this path, in words."""
    return list(dict.fromkeys(_one(run, leaf, site, depth) for leaf in leaves(run.state.resolve(value))))


def _one(run: Interpreter, value: Value, site: Site, depth: int) -> Described:
    value = run.state.resolve(value)
    if isinstance(value, Array):
        kind = value.kind.rpartition(".")[2]
        shape = shape_of(Call(run, site, "reveal", [], {}), value)
        return Described(f"{kind} {shape}{_dtype(value.dtype)}", True, value.site)
    if isinstance(value, KerasTensor):
        return Described(f"KerasTensor {value.shape}{_dtype(value.tensor.dtype)}", True, value.site)
    if isinstance(value, LayerValue):
        return Described(f"layer {value.layer.title}", made=_site(value.layer.origin))
    if isinstance(value, Dataset):
        element = " or ".join(found.text for found in describe(run, value.element, site, depth + 1))
        return Described(f"Dataset of {element}", True)
    if isinstance(value, Const):
        return Described(f"{type(value.value).__name__} {_short(repr(value.value))}")
    if isinstance(value, Symbolic):
        return Described(f"int {value.dim}")
    if isinstance(value, External):
        return Described(value.name)
    if isinstance(value, Function):
        return Described(f"function {getattr(value, 'name', '')}".rstrip())
    if isinstance(value, Sequence):
        return _sequence(run, value, site, depth)
    return _held(run, value, site, depth) if isinstance(value, Ref) else UNKNOWN


def _held(run: Interpreter, ref: Ref, site: Site, depth: int) -> Described:
    """What a reference points to."""
    target = run.state.read(ref) if ref.address in run.state.heap else None
    if isinstance(target, ListObject):
        return _sequence(run, target.content, site, depth)
    if isinstance(target, DictObject):
        return Described(f"dict of {len(target.entries)}" if target.others is None else "dict")
    if isinstance(target, ClassObject):
        return Described(f"class {target.name}")
    if isinstance(target, LibraryObject):
        payload = target.payload
        return _model(payload) if isinstance(payload, ModelState) else Described(type(payload).__name__.lower())
    if isinstance(target, Instance):
        cls = run.state.read(target.cls)
        return Described(cls.name if isinstance(cls, ClassObject) else "instance")
    return UNKNOWN


def _sequence(run: Interpreter, value: Sequence, site: Site, depth: int) -> Described:
    length = "?" if value.length is None else str(value.length)
    if depth >= _DEEPEST:
        return Described(f"{value.kind} of {length}")
    if value.kind == "tuple" and value.items is not None:
        parts = [describe(run, item, site, depth + 1) for item in value.items[:8]]
        more = ", …" if len(value.items) > len(parts) else ""
        return Described(f"tuple ({', '.join(' or '.join(each.text for each in part) for part in parts)}{more})")
    items = value.items if value.items is not None else (() if value.element is None else (value.element,))
    held = dict.fromkeys(each.text for item in items[:64] for each in describe(run, item, site, depth + 1))
    held.pop(UNKNOWN.text, None)
    return Described(f"{value.kind} of {length}" + (f": {_joined(list(held))}" if held else ""))


def _model(state: ModelState) -> Described:
    graph = state.graph
    if graph is None:
        return Described(f"model {state.class_name}", made=state.site)
    given = graph.inputs if isinstance(graph, Functional) else graph.input
    title = graph.layer.title if isinstance(graph, Subclassed) else state.class_name
    return Described(f"model {title}: {_structure(given)} -> {_structure(graph.output)}", made=state.site)


def _structure(structure: Structure) -> str:
    if isinstance(structure, tuple):
        return "[" + ", ".join(map(_structure, structure)) + "]"
    return str(structure.shape) if isinstance(structure, Tensor) else "?"


def _dtype(dtype: str | None) -> str:
    return f" {dtype}" if dtype not in (None, NUMBERS, SCALARS) else ""


def _site(origin: object) -> Site | None:
    return origin if isinstance(origin, Site) else None


def _joined(texts: list[str]) -> str:
    """A few texts, and the number of the others."""
    return " or ".join(texts[:3]) + (f" or {len(texts) - 3} more" if len(texts) > 3 else "")


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def joined(found: list[Described]) -> str:
    """The words for a value that is now this, now that."""
    return _joined(list(dict.fromkeys(each.text for each in found)))
