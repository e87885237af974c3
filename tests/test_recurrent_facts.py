"""Recurrent layers as measured: structures, flags, Sequential, Bidirectional, cells, masks, cuDNN, ConvLSTM."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from layer_cases import facts, written

from lstmlint.keras.layers.base import Layer, Structure, Tensor
from lstmlint.keras.layers.registry import apply
from lstmlint.keras.model import Sequential
from lstmlint.keras.versions import Version
from lstmlint.shapes.shape import Shape

RAISES = "raises"
_TABLES = ("structures", "flags", "bidirectional", "cells", "cudnn", "conv_lstm")


def rows(*tables: str) -> list[Any]:
    return [
        pytest.param(layers, inputs, Version[name], outcome, id=f"{layers} on {inputs}, {name}")
        for table in tables
        for layers, inputs, outcomes in facts("recurrent")[table]
        for name, outcome in outcomes.items()
    ]


def tensor(text: str, batch: int | None = None) -> Tensor:
    return Tensor(Shape((batch, *ast.literal_eval(text))))


def told(output: Structure) -> Any:
    if isinstance(output, tuple):
        return [told(part) for part in output]
    return list(output.shape.dims) if isinstance(output, Tensor) and output.shape.exact else None


def agrees(ours: Any, measured: Any) -> bool:
    """A model that is built and raises when it runs may be either."""
    if isinstance(measured, dict):
        return ours in (measured["built"], RAISES)
    return bool(ours == measured)


@pytest.mark.parametrize(("layers", "inputs", "version", "outcome"), rows(*_TABLES))
def test_one_layer(layers: str, inputs: str, version: Version, outcome: Any) -> None:
    text, _, states = layers.partition(" : states ")
    subject = written(text, version)
    if subject is None:
        assert outcome == RAISES
        return
    batch, _, shape = inputs.rpartition(": ")
    given = tuple(Tensor(Shape((None, *dims))) for dims in ast.literal_eval(states)) if states else None
    first = tensor(shape, int(batch.removeprefix("batch ")) if batch else None)
    applied = apply(subject, first, version, initial_state=given)
    assert agrees(RAISES if applied.refusal else told(applied.output), outcome)


@pytest.mark.parametrize(("layers", "inputs", "version", "outcome"), rows("sequential"))
def test_a_stack(layers: str, inputs: str, version: Version, outcome: Any) -> None:
    _, not_declared, shape = inputs.rpartition("not declared, then ")
    model = Sequential((), None if not_declared else tensor(shape))
    for text in layers.split(" | "):
        made = written(text, version)
        assert isinstance(made, Layer)
        model = model.add(made, version)
    if not_declared:
        model = model if model.refusals else model.on(tensor(shape), version)
    ours = RAISES if model.refusals else told(model.output)
    assert agrees(ours, outcome)


@pytest.mark.parametrize(("layers", "inputs", "version", "outcome"), rows("masks"))
def test_behind_a_mask(layers: str, inputs: str, version: Version, outcome: Any) -> None:
    masking, subject = written("Masking()", version), written(layers, version)
    assert masking is not None and subject is not None
    masked = apply(masking, tensor(inputs), version).output
    assert isinstance(masked, Tensor) and masked.masked is True
    applied = apply(subject, masked, version)
    assert (applied.refusal is not None) == (outcome == RAISES)
    if outcome == "dropped":
        assert isinstance(applied.output, Tensor) and applied.output.masked is False


def test_no_version_is_left_out() -> None:
    named = {name for table in _TABLES for *_, outcomes in facts("recurrent")[table] for name in outcomes}
    assert named == {version.name for version in Version}
