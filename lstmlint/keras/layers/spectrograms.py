"""`STFTSpectrogram` and `MelSpectrogram`: sound as frequencies over time.

Source: measured rows, spectrograms; `stft_spectrogram.py` and `mel_spectrogram.py` of Keras 3.15.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmlint.keras.layers.base import LayerRule, Refusal, Tensor
from lstmlint.keras.layers.call import (
    Call,
    InputSpec,
    Output,
    as_flag,
    choose,
    one_input,
    untold,
    weights,
)
from lstmlint.keras.layers.spatial import Window, axes_of, layout, window_lengths
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

_SOURCE = "measured: spectrograms"


def _fft_length(call: Call) -> Dim:
    """The length of the transform: by default the frame's, made a power of two."""
    if call.value("fft_length") is not None:
        return call.size("fft_length")
    frame = call.size("frame_length")
    return 1 << (frame - 1).bit_length() if isinstance(frame, int) and frame > 0 else untold(call.layer.key, "fft")


def _frequencies(call: Call) -> Dim:
    return _fft_length(call) // 2 + 1


def _transformed(call: Call) -> Output:
    """(batch, time, channels) -> (batch, frames, frequencies * channels), apart with `expand_dims`."""
    parts = layout(call, 1)
    if parts is None:
        return Tensor(UNKNOWN_SHAPE)
    if parts.channels is None:
        return call.refuse("channels", "undefined", "known channels", axis=parts.channel_axis)
    frame = call.size("frame_length")
    step = call.size("frame_step") if call.value("frame_step") is not None else frame // 2
    lengths = window_lengths(call, parts.spatial, (Window(frame, step),), call.word("padding", "valid"), "window")
    if isinstance(lengths, Refusal) or lengths is None:
        return lengths
    bins = _frequencies(call) * (2 if call.word("mode") == "stft" else 1)
    if call.word("mode") is None:
        bins = untold(call.layer.key, "bins")
    flat = Tensor(parts.shape(lengths, bins * parts.channels))
    apart = Tensor(parts.shape((*lengths, bins), parts.channels))
    return choose(as_flag(call.value("expand_dims", False)), apart, flat)


def _kernels(call: Call) -> Mapping[str, Any]:
    return {"frame_length": call.size("frame_length"), "frequencies": _frequencies(call)}


def _mel(call: Call) -> Output:
    """(batch, time) -> (batch, num_mel_bins, frames)."""
    if call.shape.rank != 2:
        return Tensor(UNKNOWN_SHAPE)
    time, stride = call.axis(1), call.size("sequence_stride")
    frames = None if time is None else (time + stride + 1) // stride
    return Tensor(Shape((call.axis(0), call.size("num_mel_bins"), frames)))


RULES: tuple[LayerRule, ...] = (
    one_input(
        "STFTSpectrogram",
        _transformed,
        _SOURCE,
        spec=InputSpec(axes_of(1)),
        count=weights("2*frame_length*frequencies", _kernels),
    ),
    one_input("MelSpectrogram", _mel, _SOURCE),
)
