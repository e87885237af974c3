"""`EinsumDense`: a dense layer along the axes that an equation names.

Source: measured rows, EinsumDense; parameters; `einsum_dense.py` of Keras 2.15 and 3.15, which share the analysis.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import UNKNOWN, Count, LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import UNKNOWN_COUNT, Call, Output, activation_name, as_dim, counted, one_input, untold
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

_FORMS = (r"([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$", r"0([a-zA-Z]+),([a-zA-Z]+)->0([a-zA-Z]+)$",
          r"([a-zA-Z]{2,})0,([a-zA-Z]+)->([a-zA-Z]+)0$")  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class _Sizes:
    """The sizes of an equation's letters, in the input and in the output that `output_shape` tells; and that output."""

    inputs: Mapping[str, Axis]
    outputs: Mapping[str, Axis]
    full: tuple[Axis, ...]

    def weights(self, equation: _Equation, version: Version) -> tuple[Axis, ...]:
        """The weights' axes: K3 looks at the output first, T2 at the input."""
        first, second = (self.outputs, self.inputs) if version is Version.K3 else (self.inputs, self.outputs)
        return tuple(first[letter] if letter in first else second[letter] for letter in equation.weights)


def _sizes(call: Call, equation: _Equation) -> _Sizes | Refusal | None:
    """Which letter has which size, place by place as Keras counts, which minds no number of axes; None: not known."""
    value, dims = call.value("output_shape", UNKNOWN), call.shape.dims
    elided = len(dims) - len(equation.inputs)
    is_left = equation.ellipsis == "left"
    if not call.shape.exact or value is UNKNOWN or (is_left and elided < 1):
        return None
    items = value if isinstance(value, tuple) else (value,)
    given = [_size(call, item, place) for place, item in enumerate(items)]
    elsewhere = dims[1:elided][::-1] if is_left else ()  # K3 and T2 put them in one by one in front
    behind = () if is_left else dims[len(dims) - elided :] if elided > 0 else ()
    full = (dims[0], *elsewhere, *given, *behind)
    start = elided if is_left else 0
    if start + len(equation.inputs) > len(dims) or start + _last_needed(equation, equation.outputs) > len(full):
        return call.refuse("einsum-rank", "rank", f"{len(equation.inputs)} axes", rank=len(equation.inputs))
    return _Sizes(dict(zip(equation.inputs, dims[start:])), dict(zip(equation.outputs, full[start:])), full)


def _size(call: Call, item: Any, place: int) -> Axis:
    return None if item is None else as_dim(item, (call.layer.key, "output_shape", place), 1)


def _last_needed(equation: _Equation, letters: str) -> int:
    """How many of the output's axes Keras looks at: those that the input or the weights have."""
    return max((i for i, letter in enumerate(letters, 1) if letter in equation.inputs + equation.weights), default=0)


def _outputs(call: Call) -> Output:
    """The output's letters, by `output_shape` and the input, and the axes of the ellipsis."""
    equation = _equation(call)
    if equation is None:
        return _refused_equation(call) or Tensor(UNKNOWN_SHAPE)
    lost = next((letter for letter in equation.weights if letter not in equation.inputs + equation.outputs), None)
    if lost is not None:
        return call.refuse("einsum-weight", "argument", "an equation that tells all sizes", letter=lost)
    sizes = _sizes(call, equation)
    if not isinstance(sizes, _Sizes):
        return Tensor(UNKNOWN_SHAPE) if sizes is None else sizes
    refusal = _refused_sizes(call, equation, sizes)
    if refusal is not None:
        return refusal
    activation = activation_name(call.value("activation", UNKNOWN))
    return Tensor(Shape(_shown(call, equation, sizes)), activation=activation)


def _refused_equation(call: Call) -> Refusal | None:
    """The refusal of an equation that begins in none of the forms."""
    text = call.value("equation", UNKNOWN)
    if not isinstance(text, str) or any(re.match(form[:-1], text.replace("...", "0")) for form in _FORMS):
        return None
    return call.refuse("einsum-equation", "argument", "an equation such as 'abc,cd->abd'", text, equation=text)


def _shown(call: Call, equation: _Equation, sizes: _Sizes) -> tuple[Axis, ...]:
    """T2 shows what comes out; K3 what `output_shape` says, a None in it included."""
    elided = len(call.shape.dims) - len(equation.inputs)
    if call.version is Version.K3:
        if equation.ellipsis != "left":
            return sizes.full
        return (*_in_front(call.shape.dims[:elided]), *sizes.full[elided:])
    named = [
        sizes.inputs[letter] if letter in sizes.inputs else sizes.outputs.get(letter) for letter in equation.outputs
    ]
    if equation.ellipsis == "left":
        return (*call.shape.dims[:elided], *named)
    return (*named, *call.shape.dims[len(equation.inputs) :])


def _in_front(dims: tuple[Axis, ...]) -> tuple[Axis, ...]:
    """The axes of an ellipsis on the left: K3's symbolic shape has those behind the batch in reverse."""
    return (*dims[:1], *(a if a == b else untold() for a, b in zip(dims[1:], reversed(dims[1:]))))


def _refused_sizes(call: Call, equation: _Equation, sizes: _Sizes) -> Refusal | None:
    """A size that is given twice and differs, or that the weights need and nobody knows; in T2 axes that are too many."""
    for letter, size in sizes.inputs.items():
        wanted = sizes.outputs.get(letter)
        if wanted is not None and (size is None or equal(size, wanted) is Answer.NO):
            return call.refuse(
                "einsum-shared", "axis", f"{wanted} along '{letter}'", letter=letter, size=size, wanted=wanted
            )
    if None in sizes.weights(equation, call.version):
        return call.refuse("features", "undefined", "known sizes along the axes of the weights")
    count = len(equation.inputs)
    if call.version is not Version.K3 and not equation.ellipsis and len(call.shape.dims) > count:
        return call.refuse("einsum-rank", "rank", f"{count} axes", rank=count)
    return None


def _count(call: Call) -> Count:
    equation = _equation(call)
    sizes = None if equation is None else _sizes(call, equation)
    bias_axes = call.value("bias_axes")
    if equation is None or not isinstance(sizes, _Sizes) or not isinstance(bias_axes, (str, type(None))):
        return UNKNOWN_COUNT
    values: dict[str, Any] = {"kernel": sizes.weights(equation, call.version)}
    if bias_axes is None:
        return counted("prod(kernel)", values)
    bias: list[Dim | None] = [sizes.outputs.get(letter) for letter in bias_axes]
    return counted("prod(kernel)+prod(bias)", {**values, "bias": tuple(bias)})


RULES: tuple[LayerRule, ...] = (one_input("EinsumDense", _outputs, "measured: EinsumDense; parameters", count=_count),)
