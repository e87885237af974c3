"""Normalization layers: the shape stays, the normalized axes must be known.

Source: facts: layer chains, normalization; parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstmlint.keras.layers.base import LayerRule, Tensor
from lstmlint.keras.layers.call import Call, Output, one_input, untold, weights
from lstmlint.shapes.dims import Answer, divisible, less
from lstmlint.shapes.shape import Axis

_SOURCE = "facts: layer chains, normalization; parameters"


def _axes(call: Call) -> tuple[int, ...] | None:
    """The normalized axes, None where they are not known."""
    value = call.value("axis", -1)
    items = value if isinstance(value, tuple) else (value,)
    return tuple(items) if all(isinstance(item, int) for item in items) else None


def _axis(call: Call, index: int) -> Axis:
    """One axis of the input; axis -1 of a scalar is the batch, which is not known."""
    return call.axis(index) if call.shape.dims else untold()


def _same(call: Call) -> Output:
    return Tensor(call.shape, call.tensor.dtype, masked=call.tensor.masked)


def _normalized(message: str) -> Callable[[Call], Output]:
    """The same shape, where the normalized axes are known."""

    def outputs(call: Call) -> Output:
        for index in _axes(call) or ():
            if _axis(call, index) is None:
                return call.refuse(message, "undefined", f"a known size along axis {index}", axis=index)
        return _same(call)

    return outputs


def _grouped(call: Call) -> Output:
    """As the others, and the channels must be a multiple of the groups."""
    axes = _axes(call)
    groups = call.value("groups", 32)
    channels = _axis(call, axes[0]) if axes else untold()
    if channels is None:
        axis = axes[0] if axes else -1
        return call.refuse("group-axis", "undefined", f"a known size along axis {axis}", axis=axis)
    if isinstance(groups, int) and groups > 0:
        fits = divisible(channels, groups) is not Answer.NO and less(channels, groups) is not Answer.YES
        if not fits:
            expected = f"a multiple of {groups} channels"
            return call.refuse("groups", "axis", expected, groups=groups, channels=channels)
    return _same(call)


def _dims(call: Call) -> tuple[Any, ...] | None:
    axes = _axes(call)
    return None if axes is None else tuple(_axis(call, index) for index in axes)


def _flags(call: Call) -> dict[str, Any]:
    flags = {name: call.flag(name, True) for name in ("scale", "center")}
    return {name: None if flag is None else int(flag) for name, flag in flags.items()}


def _one_axis(call: Call) -> Mapping[str, Any]:
    dims = _dims(call)
    return {"c": dims[0] if dims and len(dims) == 1 else None, **_flags(call)}


def _all_axes(call: Call) -> Mapping[str, Any]:
    return {"dims": _dims(call), **_flags(call)}


_BATCH = weights("c*(2+scale+center)", _one_axis, "2*c")
_LAYER = weights("prod(dims)*(scale+center)", _all_axes)
_GROUP = weights("c*(scale+center)", _one_axis)
_RMS = weights("c", lambda call: {"c": _one_axis(call)["c"]})

RULES: tuple[LayerRule, ...] = (
    one_input("BatchNormalization", _normalized("normalized-axis"), _SOURCE, count=_BATCH),
    one_input("LayerNormalization", _normalized("normalized-axis"), _SOURCE, count=_LAYER),
    one_input("RMSNormalization", _normalized("normalized-axis"), _SOURCE, count=_RMS),
    one_input("GroupNormalization", _grouped, _SOURCE, count=_GROUP),
    one_input("UnitNormalization", _same, _SOURCE),
    one_input("Normalization", _same, _SOURCE, count=None),
    one_input("Rescaling", _same, _SOURCE),
)
