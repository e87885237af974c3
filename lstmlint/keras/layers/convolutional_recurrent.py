"""`ConvLSTM1D`, `2D`, `3D`: recurrent layers over sequences of maps.

Source: facts: recurrent, ConvLSTM; layer chains; parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lstmlint.keras.layers.base import LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import Call, InputSpec, Output, choose, one_input, weights
from lstmlint.keras.layers.core import use_bias
from lstmlint.keras.layers.spatial import Window, axes_of, layout, window_lengths, windows
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, less

_FORMULA = "4*(prod(kernel_size)*(channels+filters)*filters+filters*use_bias)"


def _outputs(rank: int) -> Callable[[Call], Output]:
    """(batch, time, *spatial, channels) -> (batch, [time,] *fitted, filters)."""

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is None:
            return None
        if parts.channels is None:
            return call.refuse("features", "undefined", "known channels")
        if call.version is Version.K3 and None in parts.spatial:
            return call.refuse("spatial", "undefined", "known spatial axes")
        over = windows(call, rank, "kernel_size")
        if call.version is Version.T2 and _is_strided_and_dilated(over):
            return call.refuse("strided-and-dilated", "argument", "strides or dilation_rate of 1")
        lengths = window_lengths(call, parts.spatial, over, call.word("padding", "valid"), "window")
        if isinstance(lengths, Refusal) or lengths is None:
            return lengths
        filters = call.size("filters")
        sequence = parts.shape(lengths, filters)
        state = Tensor(sequence.drop(1))
        output = choose(call.flag("return_sequences"), Tensor(sequence), state)
        return choose(call.flag("return_state"), (output, state, state), output)

    return outputs


def _is_strided_and_dilated(over: Sequence[Window]) -> bool:
    return all(
        any(less(1, size) is Answer.YES for size in sizes)
        for sizes in ([window.stride for window in over], [window.dilation for window in over])
    )


def _values(rank: int) -> Callable[[Call], Mapping[str, Any]]:
    def values(call: Call) -> Mapping[str, Any]:
        parts = layout(call, rank)
        return {
            "kernel_size": call.sizes("kernel_size", rank),
            "channels": parts.channels if parts else None,
            "filters": call.size("filters"),
            "use_bias": use_bias(call),
        }

    return values


def _rule(rank: int) -> LayerRule:
    spec = InputSpec(axes_of(rank, before=("batch", "time")))
    count = weights(_FORMULA, _values(rank))
    source = "facts: recurrent, ConvLSTM; parameters"
    return one_input(f"ConvLSTM{rank}D", _outputs(rank), source, spec=spec, count=count, states=True)


RULES = tuple(_rule(rank) for rank in (1, 2, 3))
