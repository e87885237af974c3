"""Normalization layers: the shape stays, the normalized axes must be known.

Source: facts: layer chains, normalization; parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Count, LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import UNKNOWN_COUNT, ZERO, Call, Output, counted, one_input, untold, weights
from lstmlint.shapes.dims import Answer, divisible, equal, less
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


def _refused_axes(call: Call) -> Refusal | None:
    """The refusal of an axis that the input does not have."""
    for index in _axes(call) or ():
        if call.shape.exact and not -len(call.shape.dims) <= index < len(call.shape.dims):
            rank = call.shape.min_rank
            return call.refuse("normalized-range", "min-rank", f"an axis {index}", axis=index, ndim=rank)
    return None


def _unit(call: Call) -> Output:
    return _refused_axes(call) or _same(call)


def _normalized(message: str) -> Callable[[Call], Output]:
    """The same shape, where the normalized axes are known."""

    def outputs(call: Call) -> Output:
        refusal = _refused_axes(call)
        if refusal is not None:
            return refusal
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
    refusal = _refused_axes(call)
    if refusal is not None:
        return refusal
    if channels is None:
        axis = axes[0] if axes else -1
        return call.refuse("group-axis", "undefined", f"a known size along axis {axis}", axis=axis)
    if isinstance(groups, int) and groups < -1 and divisible(channels, -groups) is Answer.NO:
        return call.refuse("groups", "axis", f"a multiple of {groups} channels", groups=groups, channels=channels)
    if isinstance(groups, int) and groups > 0:
        fits = divisible(channels, groups) is not Answer.NO and less(channels, groups) is not Answer.YES
        if not fits:
            expected = f"a multiple of {groups} channels"
            return call.refuse("groups", "axis", expected, groups=groups, channels=channels)
    return _same(call)


def _standardized(call: Call) -> Output:
    """The same shape, each kept axis by its own mean and variance."""
    for index in _kept_axes(call) or ():
        if call.shape.exact and not -len(call.shape.dims) <= index < len(call.shape.dims):
            return call.refuse("axis-range", "min-rank", f"an axis {index}", axis=index, ndim=call.shape.min_rank)
        if call.axis(index) is None:
            return call.refuse("kept-axis", "undefined", f"a known size along axis {index}", axis=index)
    return _refused_mean(call) or _same(call)


def _refused_mean(call: Call) -> Refusal | None:
    """A mean of another length than the axis has that it is for."""
    mean, axes = call.value("mean"), _kept_axes(call)
    if not isinstance(mean, tuple) or len(mean) < 2 or any(map(_is_several, mean)) or axes is None or len(axes) != 1:
        return None
    size = call.axis(axes[0])
    if size is None or equal(size, len(mean)) is not Answer.NO:
        return None
    return call.refuse("given-mean", "axis", f"{len(mean)} features", given=len(mean), size=size)


def _is_several(item: Any) -> bool:
    return not isinstance(item, (int, float))


def _kept_axes(call: Call) -> tuple[int, ...] | None:
    """The axes that `Normalization` keeps apart; none where its `axis` is None."""
    return () if call.value("axis", -1) is None else _axes(call)


def _standard_count(call: Call) -> Count:
    """Mean and variance of each kept axis and a number of samples, where they are to be learned."""
    if call.value("mean") is None and call.value("variance") is None:
        axes = _kept_axes(call)
        dims = None if axes is None else tuple(call.axis(index) for index in axes)
        return counted(_STANDARD, {"dims": dims}, _STANDARD)
    given = call.value("mean") is not UNKNOWN and call.value("variance") is not UNKNOWN
    return ZERO if given else UNKNOWN_COUNT


_STANDARD = "2*prod(dims)+1"


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


def _batch_count(call: Call) -> Count:
    """Four numbers for each channel, or place along several axes; renormalized, three more that are not trained."""
    renorm = call.flag("renorm")
    if renorm is None:
        return UNKNOWN_COUNT
    fixed = "5*prod(dims)" if renorm else "2*prod(dims)"
    return counted(f"{fixed}+prod(dims)*(scale+center)", _all_axes(call), fixed)


def _layer_count(call: Call) -> Count:
    """K3's `rms_scaling` has no center."""
    scaled = call.flag("rms_scaling")
    if scaled is None:
        return UNKNOWN_COUNT
    return counted("prod(dims)*scale" if scaled else "prod(dims)*(scale+center)", _all_axes(call))


_GROUP = weights("c*(scale+center)", _one_axis)
_RMS = weights("c", lambda call: {"c": _one_axis(call)["c"]})

RULES: tuple[LayerRule, ...] = (
    one_input("BatchNormalization", _normalized("normalized-axis"), _SOURCE, count=_batch_count),
    one_input("LayerNormalization", _normalized("normalized-axis"), _SOURCE, count=_layer_count),
    one_input("RMSNormalization", _normalized("normalized-axis"), _SOURCE, count=_RMS),
    one_input("GroupNormalization", _grouped, _SOURCE, count=_GROUP),
    one_input("UnitNormalization", _unit, _SOURCE),
    one_input("Normalization", _standardized, "measured: Normalization", count=_standard_count),
    one_input("Rescaling", _same, _SOURCE),
)
