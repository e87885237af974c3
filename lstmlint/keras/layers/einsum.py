"""`EinsumDense`: a dense layer along the axes that an equation names.

Source: measured rows, EinsumDense; parameters; `einsum_dense.py` of Keras 2.15 and 3.15, which share the analysis.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import UNKNOWN, Count, LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import UNKNOWN_COUNT, Call, Output, activation_name, as_dim, counted, one_input, untold
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

_FORMS = (r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$", r"0([a-zA-Z]+),([a-zA-Z]+)->0([a-zA-Z]+)$",
          r"([a-zA-Z]{2,})0,([a-zA-Z]+)->([a-zA-Z]+)0$")  # fmt: skip
#: An output size that the equation takes from the input, and that nobody gave.
_OPEN = None


@dataclass(frozen=True, slots=True)
class _Equation:
    """The letters of an equation: of the input, the weights, the output; which end an ellipsis stands at, if any."""

    inputs: str
    weights: str
    outputs: str
    ellipsis: str


def _equation(call: Call) -> _Equation | None:
    text = call.value("equation", UNKNOWN)
    if not isinstance(text, str):
        return None
    for form, ellipsis in zip(_FORMS, ("", "left", "right")):
        found = re.match(form, text.replace("...", "0"))
        if found:
            return _Equation(found[1], found[2], found[3], ellipsis)
    return None


def _given_sizes(call: Call, equation: _Equation) -> dict[str, Axis] | None:
    """The sizes that `output_shape` gives to the letters of the output behind the batch; None where they are not known."""
    value = call.value("output_shape", UNKNOWN)
    items = value if isinstance(value, tuple) else (value,)
    letters = equation.outputs if equation.ellipsis == "left" else equation.outputs[1:]
    if len(letters) != len(items):
        return None
    return {
        letter: _OPEN if item is None else as_dim(item, (call.layer.key, "output_shape", letter), 1)
        for letter, item in zip(letters, items)
    }


def _solved(call: Call, equation: _Equation) -> tuple[dict[str, Axis], Sequence[Axis]] | None:
    """The sizes of the input's letters and the axes behind the ellipsis; None where it is not known which is which."""
    dims, count = call.shape.dims, len(equation.inputs)
    elided = len(dims) - count
    if (
        not call.shape.exact
        or elided < 0
        or (elided > 0 and not equation.ellipsis)
        or (elided == 0 and equation.ellipsis == "left")
    ):
        return None
    if equation.ellipsis == "left":
        return dict(zip(equation.inputs, dims[elided:])), _in_front(call.version, dims[:elided])
    return dict(zip(equation.inputs, dims)), dims[count:]


def _in_front(version: Version, dims: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of an ellipsis on the left: K3's symbolic shape has those behind the batch in reverse."""
    if version is not Version.K3 or len(dims) < 3:
        return dims
    return (dims[0], *(a if a == b else untold() for a, b in zip(dims[1:], reversed(dims[1:]))))


def _outputs(call: Call) -> Output:
    """The output's letters, by `output_shape` and the input, and the axes of the ellipsis."""
    equation = _equation(call)
    if equation is None:
        return Tensor(UNKNOWN_SHAPE)
    lost = next((letter for letter in equation.weights if letter not in equation.inputs + equation.outputs), None)
    if lost is not None:
        return call.refuse("einsum-weight", "argument", "an equation that tells all sizes", letter=lost)
    if call.shape.exact and not _fits_rank(call, equation):
        return call.refuse("einsum-rank", "rank", f"{len(equation.inputs)} axes", rank=len(equation.inputs))
    given, solved = _given_sizes(call, equation), _solved(call, equation)
    if given is None or solved is None:
        return Tensor(UNKNOWN_SHAPE)
    sizes, rest = solved
    refusal = _refused_sizes(call, equation, sizes, given)
    if refusal is not None:
        return refusal
    # T2 shows what comes out; K3 what `output_shape` says, a None in it included.
    first, second = (given, sizes) if call.version is Version.K3 else (sizes, given)
    named = [first[letter] if letter in first else second.get(letter) for letter in equation.outputs]
    dims = (*rest, *named) if equation.ellipsis == "left" else (*named, *rest)
    return Tensor(Shape(tuple(dims)), activation=activation_name(call.value("activation", UNKNOWN)))


def _fits_rank(call: Call, equation: _Equation) -> bool:
    """Too many axes raise at once in T2; K3 builds the model, and some then run by accident."""
    found, wanted = call.shape.min_rank, len(equation.inputs)
    if found < wanted:
        return bool(equation.ellipsis)
    return found == wanted or bool(equation.ellipsis) or call.version is Version.K3


def _refused_sizes(
    call: Call, equation: _Equation, sizes: Mapping[str, Axis], given: Mapping[str, Axis]
) -> Refusal | None:
    """A size that is given twice and differs, or that the weights need and nobody knows."""
    for letter, size in sizes.items():
        wanted = given.get(letter)
        if wanted is not None and (size is None or equal(size, wanted) is Answer.NO):
            return call.refuse(
                "einsum-shared", "axis", f"{wanted} along '{letter}'", letter=letter, size=size, wanted=wanted
            )
    if None in _weight_sizes(equation, sizes, given):
        return call.refuse("features", "undefined", "known sizes along the axes of the weights")
    return None


def _weight_sizes(equation: _Equation, sizes: Mapping[str, Axis], given: Mapping[str, Axis]) -> tuple[Axis, ...]:
    """The weights' axes: as the output is given, else as the input is."""
    return tuple(
        (given.get(letter) if letter in equation.outputs else sizes.get(letter)) for letter in equation.weights
    )


def _count(call: Call) -> Count:
    equation = _equation(call)
    solved = None if equation is None else _solved(call, equation)
    given = None if equation is None else _given_sizes(call, equation)
    bias_axes = call.value("bias_axes")
    if equation is None or solved is None or given is None or not isinstance(bias_axes, (str, type(None))):
        return UNKNOWN_COUNT
    values: dict[str, Any] = {"kernel": _weight_sizes(equation, solved[0], given)}
    if bias_axes is None:
        return counted("prod(kernel)", values)
    bias: list[Dim | None] = [given.get(letter) for letter in bias_axes]
    return counted("prod(kernel)+prod(bias)", {**values, "bias": tuple(bias)})


RULES: tuple[LayerRule, ...] = (one_input("EinsumDense", _outputs, "measured: EinsumDense; parameters", count=_count),)
