"""Convolutions, separable, depthwise, transposed and locally connected, in one to three dimensions.

Source: facts: layer chains (accepted ranks, lengths); parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Count, LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import (
    UNKNOWN_COUNT,
    Call,
    InputSpec,
    Output,
    Weighing,
    activation_name,
    one_input,
    unknown_axes,
    weights,
)
from lstmlint.keras.layers.core import use_bias
from lstmlint.keras.layers.spatial import (
    Layout,
    Window,
    axes_of,
    layout,
    window_lengths,
    windows,
)
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, divisible
from lstmlint.shapes.operations import transposed_length
from lstmlint.shapes.shape import Axis, Shape

_SOURCE = "facts: layer chains, convolutions; parameters"
_MIN_RANK = {Version.T2: "min-rank", Version.K3: "min-rank"}


def _spec(rank: int, kind: str) -> InputSpec:
    """Exactly `rank` + 2 axes, but for T2's plain convolutions, which keep axes in front; and how each says so."""
    is_open = frozenset({Version.T2}) if kind == "plain" else frozenset[Version]()
    above = {version: "transposed-rank" if kind == "transposed" else "op-rank" for version in _MIN_RANK}
    return InputSpec(axes_of(rank), is_open, below=_MIN_RANK, above=above)


def _activated(call: Call, shape: Shape) -> Tensor:
    return Tensor(shape, activation=activation_name(call.value("activation", UNKNOWN)))


def _taken_apart(call: Call, rank: int) -> Layout | Refusal | None:
    """The input's axes; refused where the channels are not known, None where the data format is not."""
    parts = layout(call, rank)
    if parts is not None and parts.channels is None:
        axis = parts.channel_axis
        return call.refuse("channels", "undefined", "known channels", axis=axis)
    return parts


def _convolved(rank: int, channels: Callable[[Call, Dim], Dim]) -> Callable[[Call], Output]:
    """(batch, *spatial, channels) -> (batch, *fitted, new channels)."""

    def outputs(call: Call) -> Output:
        parts = _taken_apart(call, rank)
        if parts is None:
            return _activated(call, unknown_axes(call.shape))
        if isinstance(parts, Refusal) or parts.channels is None:
            return parts if isinstance(parts, Refusal) else None
        refusal = _refused_groups(call, parts)
        over = windows(call, rank, "kernel_size")
        lengths = window_lengths(call, parts.spatial, over, call.word("padding", "valid"), "window")
        if refusal is not None or isinstance(lengths, Refusal):
            return refusal or (lengths if isinstance(lengths, Refusal) else None)
        return _activated(call, parts.shape(lengths or (), channels(call, parts.channels)))

    return outputs


def _refused_groups(call: Call, parts: Layout) -> Refusal | None:
    groups = call.value("groups", 1)
    if not isinstance(groups, int) or groups < 2 or parts.channels is None:
        return None
    if divisible(parts.channels, groups) is not Answer.NO:
        return None
    expected = f"channels divisible by {groups}"
    return call.refuse("channel-groups", "axis", expected, groups=groups, channels=parts.channels)


def _filters(call: Call, channels: Dim) -> Dim:
    return call.size("filters")


def _multiplied(call: Call, channels: Dim) -> Dim:
    return channels * call.size("depth_multiplier")


def _transposed(rank: int) -> Callable[[Call], Output]:
    """(batch, *spatial, channels) -> (batch, *longer, filters)."""

    def outputs(call: Call) -> Output:
        parts = _taken_apart(call, rank)
        if parts is None:
            return _activated(call, unknown_axes(call.shape))
        if isinstance(parts, Refusal):
            return parts
        padding = call.word("padding", "valid")
        extra = call.value("output_padding")
        if padding is None or extra is UNKNOWN:
            return _activated(call, unknown_axes(call.shape))
        extras = (None,) * rank if extra is None else call.sizes("output_padding", rank)
        # Keras 2 takes a dilation in three dimensions and does nothing with it.
        is_dilated = rank < 3 or call.version is Version.K3
        lengths = tuple(
            transposed_length(length, window.size, window.stride, padding, window.dilation if is_dilated else 1, more)
            for length, window, more in zip(parts.spatial, windows(call, rank, "kernel_size"), extras)
        )
        return _activated(call, parts.shape(lengths, call.size("filters")))

    return outputs


def _locally_connected(rank: int) -> Callable[[Call], Output]:
    convolved = _convolved(rank, _filters)

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is not None and None in parts.spatial:
            return call.refuse("spatial", "undefined", "known spatial axes")
        return convolved(call)

    return outputs


# --- parameters ------------------------------------------------------------------------------------------------------

_PLAIN = "prod(kernel_size)*channels*filters+filters*use_bias"
_GROUPED = "prod(kernel_size)*(channels//groups)*filters+filters*use_bias"
_SEPARABLE = "prod(kernel_size)*channels*depth_multiplier+channels*depth_multiplier*filters+filters*use_bias"
_DEPTHWISE = "prod(kernel_size)*channels*depth_multiplier+channels*depth_multiplier*use_bias"
_LOCAL = "prod(out_spatial)*(prod(kernel_size)*channels*filters+filters*use_bias)"
_LOCAL_WHOLE = "prod(spatial)*channels*prod(out_spatial)*filters+prod(out_spatial)*filters*use_bias"


def _values(rank: int, *names: str) -> Callable[[Call], Mapping[str, Any]]:
    """The values of the formulas: kernel, channels, bias, and the arguments called `names`."""

    def values(call: Call) -> Mapping[str, Any]:
        parts = layout(call, rank)
        channels: Axis = parts.channels if parts else None
        found = {"kernel_size": call.sizes("kernel_size", rank), "channels": channels, "use_bias": use_bias(call)}
        return found | {name: call.size(name) for name in names}

    return values


def _plain_count(rank: int) -> Weighing:
    """By the formula with groups only where there are groups."""
    plain = weights(_PLAIN, _values(rank, "filters"))
    grouped = weights(_GROUPED, _values(rank, "filters", "groups"))
    return lambda call: plain(call) if call.value("groups", 1) == 1 else grouped(call)


def _local_count(rank: int) -> Weighing:
    """Implementation 2 keeps a weight for each pair of places; 3 those of the pairs that meet, fewer where it pads."""
    values = _values(rank, "filters")

    def with_output(call: Call) -> Mapping[str, Any]:
        parts, padding = layout(call, rank), call.word("padding", "valid")
        over: tuple[Window, ...] = windows(call, rank, "kernel_size")
        lengths = window_lengths(call, parts.spatial, over, padding, "window") if parts else None
        return {**values(call), "out_spatial": lengths if isinstance(lengths, tuple) else None}

    def with_input(call: Call) -> Mapping[str, Any]:
        parts = layout(call, rank)
        return {**with_output(call), "spatial": parts.spatial if parts else None}

    by_window, whole = weights(_LOCAL, with_output), weights(_LOCAL_WHOLE, with_input)

    def count(call: Call) -> Count:
        implementation = call.value("implementation", 1)
        if implementation == 2:
            return whole(call)
        is_known = implementation == 1 or (implementation == 3 and call.word("padding", "valid") == "valid")
        return by_window(call) if is_known else UNKNOWN_COUNT

    return count


def _rules(rank: int) -> tuple[LayerRule, ...]:
    """All convolutions of `rank` spatial axes; in three there are but two.  Which version has one, the signatures say."""
    separable = weights(_SEPARABLE, _values(rank, "filters", "depth_multiplier"))
    depthwise = weights(_DEPTHWISE, _values(rank, "depth_multiplier"))
    transposed = weights(_PLAIN, _values(rank, "filters"))
    exact = InputSpec(axes_of(rank))
    entries = (
        ("Conv{}D", _convolved(rank, _filters), _spec(rank, "plain"), _plain_count(rank)),
        ("SeparableConv{}D", _convolved(rank, _filters), _spec(rank, "exact"), separable),
        ("DepthwiseConv{}D", _convolved(rank, _multiplied), _spec(rank, "exact"), depthwise),
        ("Conv{}DTranspose", _transposed(rank), _spec(rank, "transposed"), transposed),
        ("LocallyConnected{}D", _locally_connected(rank), exact, _local_count(rank)),
    )
    return tuple(
        one_input(name.format(rank), outputs, _SOURCE, spec=spec, count=count)
        for name, outputs, spec, count in entries
        if rank < 3 or name.startswith("Conv")
    )


RULES = tuple(rule for rank in (1, 2, 3) for rule in _rules(rank))
