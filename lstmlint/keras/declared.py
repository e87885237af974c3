"""The input shape that a layer declares, by each of the keywords that each version has for it.

Source: facts: renames, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Argument, ArgumentProblem
from lstmlint.keras.layers.call import untold
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import SymbolicDim
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

#: Layers whose `input_dim` and `input_length` declare a sequence in T2.
_SEQUENCES_T2 = frozenset({"RNN", "SimpleRNN", "GRU", "LSTM", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_WITH_BATCH = ("batch_shape", "batch_input_shape")
_WITHOUT_BATCH = ("shape", "input_shape")


def declared_shape(
    class_name: str, given: Mapping[str, Argument], version: Version, *, is_open: bool = False
) -> Shape | None:
    """The full input shape (batch first) that these arguments declare, None where they declare none.

    Unknown: a shape of unknown rank, where one is declared and not known.
    """
    if given.get("tensor") is not None or given.get("input_tensor") is not None:
        return UNKNOWN_SHAPE
    for name in _WITH_BATCH:
        if given.get(name) is not None:
            return _shape(given[name])
    for name in _WITHOUT_BATCH:
        if given.get(name) is not None:
            return _behind_batch(given[name], given.get("batch_size"))
    if is_open:
        return None
    rest = _by_old_keywords(class_name, given, version)
    return None if rest is None else _behind_batch(rest, given.get("batch_size"))


def _by_old_keywords(class_name: str, given: Mapping[str, Argument], version: Version) -> Argument:
    """What `input_dim` and `input_length` declare, without the batch."""
    if class_name == "Embedding":
        # In K2 and T2 an Embedding always declares its input: (input_length,) or (None,).
        return None if version is Version.K3 else (given.get("input_length") or None,)
    length, dim = given.get("input_length"), given.get("input_dim")
    if version is Version.T2 and class_name in _SEQUENCES_T2 and (dim is not None or length is not None):
        return (length, dim)
    return None if dim is None else (dim,)


def _behind_batch(value: Argument, batch: Argument) -> Shape:
    shape = _shape(value)
    return shape.prepend((_axis(batch),)) if shape.exact else shape


def _shape(value: Argument) -> Shape:
    if isinstance(value, tuple):
        return Shape(tuple(map(_axis, value)))
    return Shape((value,)) if isinstance(value, (int, SymbolicDim)) else UNKNOWN_SHAPE


def _axis(value: Any) -> Axis:
    if value is None or isinstance(value, (int, SymbolicDim)):
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else untold()


def refused_shape(name: str, given: Mapping[str, Argument], version: Version) -> list[ArgumentProblem]:
    """What Keras refuses of a declared shape: a number where a tuple is due, or an impossible axis of `Input`."""
    for argument in (*_WITHOUT_BATCH, *_WITH_BATCH):
        value = given.get(argument)
        if value is None or value is UNKNOWN:
            continue
        words = _refused_number(name, value, version) or (_refused_axis(value, version) if name == "Input" else None)
        if words is not None:
            exception, message = words
            return [ArgumentProblem("value", argument, None, True, exception, message)]
    return []


def _refused_number(name: str, value: Argument, version: Version) -> tuple[str, str] | None:
    if not isinstance(value, (int, SymbolicDim)):
        return None
    if version is Version.K2 or (version is Version.T2 and name != "Input"):
        return "TypeError", "'int' object is not iterable"
    if version is Version.K3 and name == "Input":
        return "ValueError", f"Cannot convert '{value}' to a shape."
    return None


def _refused_axis(value: Argument, version: Version) -> tuple[str, str] | None:
    for axis in value if isinstance(value, tuple) else ():
        if isinstance(axis, int) and axis < 0:
            if version is Version.K3:
                return "ValueError", f"Cannot convert '{value}' to a shape. Negative dimensions are not allowed"
            return "ValueError", f"Dimension {axis} must be >= 0"
        if isinstance(axis, float) and version is Version.T2:
            return (
                "TypeError",
                f"Dimension value must be integer or None or have an __index__ method, got value '{axis}'",
            )
        if isinstance(axis, float) and version is Version.K3:
            return "ValueError", f"Cannot convert '{value}' to a shape. Found invalid dimension '{axis}'"
    return None
