"""Pooling over windows, and over all positions.

Source: facts: layer chains, pooling and length formulas.
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.keras.layers.base import LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import Call, InputSpec, Output, choose, one_input, unknown_axes
from lstmlint.keras.layers.spatial import axes_of, layout, window_lengths, windows
from lstmlint.shapes.shape import UNKNOWN_SHAPE

_SOURCE = "facts: layer chains, pooling"


def _pooled(rank: int) -> Callable[[Call], Output]:
    """(batch, *spatial, channels) -> (batch, *fitted, channels)."""

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is None:
            return Tensor(unknown_axes(call.shape))
        over = windows(call, rank, "pool_size")
        lengths = window_lengths(call, parts.spatial, over, call.word("padding", "valid"), "pool")
        if isinstance(lengths, Refusal) or lengths is None:
            return lengths
        return Tensor(parts.shape(lengths, parts.channels))

    return outputs


def _pooled_over_all(rank: int) -> Callable[[Call], Output]:
    """(batch, *spatial, channels) -> (batch, channels), or 1 for each spatial axis with `keepdims`."""

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is None:
            return None
        kept = Tensor(parts.shape((1,) * rank, parts.channels))
        return choose(call.flag("keepdims"), kept, call.tensor_of(*parts.front, parts.channels))

    return outputs


def _pooled_to_size(rank: int) -> Callable[[Call], Output]:
    """(batch, *spatial, channels) -> (batch, *output_size, channels).  Another rank fails, if at all, when it runs."""

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is None or call.shape.rank != rank + 2:
            return Tensor(UNKNOWN_SHAPE)
        return Tensor(parts.shape(call.sizes("output_size", rank), parts.channels))

    return outputs


def _rules(rank: int) -> tuple[LayerRule, ...]:
    spec = InputSpec(axes_of(rank))
    adaptive = tuple(
        one_input(f"Adaptive{kind}Pooling{rank}D", _pooled_to_size(rank), "measured: adaptive pooling")
        for kind in ("Average", "Max")
    )
    return adaptive + tuple(
        one_input(name.format(rank), outputs, _SOURCE, spec=spec)
        for name, outputs in (
            ("MaxPooling{}D", _pooled(rank)),
            ("AveragePooling{}D", _pooled(rank)),
            ("GlobalMaxPooling{}D", _pooled_over_all(rank)),
            ("GlobalAveragePooling{}D", _pooled_over_all(rank)),
        )
    )


RULES = tuple(rule for rank in (1, 2, 3) for rule in _rules(rank))
