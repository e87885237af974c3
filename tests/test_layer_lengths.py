"""Lengths that come out of convolutions, pooling, cropping: the measured formulas, and the cases that deviate."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from layer_cases import facts, layer

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import Tensor
from lstmlint.keras.layers.registry import apply
from lstmlint.keras.signatures import layer_class
from lstmlint.keras.versions import Version
from lstmlint.shapes.shape import Shape

RAISES = "raises"
_CONVOLUTIONS = ("Conv1D", "SeparableConv1D", "DepthwiseConv1D", "LocallyConnected1D", "Conv1DTranspose")
_DEVIATIONS = "deviations {case: {outcome: rows}}"
_SIZES = list(itertools.product((1, 2, 3, 7, 12), (1, 2, 3), (1, 2, 3), (1, 2)))
#: Where what comes out depends on more than the case is named for: version, start of the case.
UNDECIDED = [(Version.K2, "LocallyConnected1D valid channels_first")]


def formula(name: str, padding: str, length: int, size: int, stride: int, dilation: int) -> int | str:
    """The length as `length_formulas` of the facts has it."""
    reach = dilation * (size - 1) + 1
    if name == "Conv1DTranspose":
        return length * stride + (max(reach - stride, 0) if padding == "valid" else 0)
    if padding != "valid":
        return -(-length // stride)
    return RAISES if length < reach else (length - reach) // stride + 1


def told(name: str, arguments: dict[str, Any], length: int, version: Version) -> int | str | None:
    """The length that we say, RAISES, or None where we do not know."""
    filters = {} if name.startswith(("Depthwise", "Max")) else {"filters": 4}
    made = construct(name, (), {**filters, **arguments}, version, key=object()).layer
    if made is None:
        return RAISES
    is_first = arguments["data_format"] == "channels_first"
    applied = apply(made, Tensor(Shape((None, 2, length) if is_first else (None, length, 2))), version)
    if applied.refusal is not None:
        return RAISES
    assert isinstance(applied.output, Tensor)
    found = applied.output.shape.axis(2 if is_first else 1)
    return found if isinstance(found, int) else None


CASES = [
    pytest.param(name, padding, data_format, version, id=f"{name} {padding} {data_format}, {version.name}")
    for version in Version
    for name in (*_CONVOLUTIONS, "MaxPooling1D")
    if layer_class(name, version) is not None
    for padding in ("valid", "same", "causal")
    for data_format in ("channels_last", "channels_first")
    if not (name == "LocallyConnected1D" and padding == "causal")  # was not measured
]


@pytest.mark.parametrize(("name", "padding", "data_format", "version"), CASES)
def test_the_length_sweep(name: str, padding: str, data_format: str, version: Version) -> None:
    deviations = facts("chains")[version.name]["length_sweep"][_DEVIATIONS]
    start = f"{name} {padding} {data_format}"
    if (version, start) in UNDECIDED:
        return
    wrong = {}
    for length, size, stride, dilation in _SIZES:
        if name in ("LocallyConnected1D", "MaxPooling1D") and dilation > 1:
            continue
        size_name = "pool_size" if name == "MaxPooling1D" else "kernel_size"
        given = {size_name: size, "strides": stride, "padding": padding, "data_format": data_format}
        if dilation > 1:
            given["dilation_rate"] = dilation
        case = start + (" strides>1 and dilation>1" if stride > 1 and dilation > 1 else "")
        ends = deviations.get(case, {})
        expected = formula(name, padding, length, size, stride, dilation)
        allowed = {RAISES} if any(outcome.startswith("!") for outcome in ends) else {expected}
        ours = told(name, given, length, version)
        is_off_by_one = version is Version.K2 and data_format == "channels_first" and ours is None
        if ours not in allowed and not is_off_by_one:
            wrong[length, size, stride, dilation] = (ours, allowed)
    assert not wrong


@pytest.mark.parametrize("version", Version)
def test_what_data_of_a_free_length_give(version: Version) -> None:
    for name, length, outcome in facts("chains")[version.name]["unknown_length"]:
        subject = layer(name, version)
        symbolic = apply(subject, Tensor(Shape((None, None, 2))), version).output
        assert isinstance(symbolic, Tensor)
        on_data = apply(subject, Tensor(Shape((2, length, 2))), version)
        if isinstance(outcome, str):
            assert on_data.refusal is not None or length == 0 or name == "LSTM(4)", (name, length)
            continue
        shape = outcome[0]
        assert len(symbolic.shape.dims) == len(shape)
        assert all(ours in (None, real) for ours, real in zip(symbolic.shape.dims, shape)), (name, length)
        if on_data.refusal is None:
            assert isinstance(on_data.output, Tensor)
            # K2's symbolic length may be below 0, where its data end.
            assert [max(dim, 0) for dim in on_data.output.shape.dims if isinstance(dim, int)] == shape, (name, length)
