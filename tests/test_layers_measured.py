"""Every layer entry against the rows that `scripts/measure_layers.py` measured on tf.keras 2.15 and Keras 3."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from layer_cases import facts, written

from lstmlint.classes import replace
from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.layers.registry import RULES, apply
from lstmlint.keras.signatures import layer_class, layer_names
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Symbol, SymbolicDim, substitute, symbol, symbols
from lstmlint.shapes.shape import Shape

T2, K3 = Version.T2, Version.K3
RAISES, UNKNOWN = "raises", "unknown"

#: Where we say "unknown" and Keras has an answer: version, start of the layer's text, reason.
UNKNOWN_HERE = [
    (T2, "Discretization(num_bins", "how many bins there are is learned"),
    (T2, "EinsumDense('...ab", "no axis is left for the ellipsis, not even the batch"),
    (T2, "MultiHeadAttention", "attention over the features, as axis 2 of three"),
    (T2, "TextVectorization(split=None", "text without a batch"),
    (K3, "MultiHeadAttention", "the symbolic scores have the query's length twice"),
    (K3, "GroupQueryAttention", "the symbolic scores have the query's length twice"),
]
#: Where Keras raises and we do not: version, start of the layer's text, reason.
LET_THROUGH = [
    (T2, "EinsumDense('...ab", "no axis is left for the ellipsis, not even the batch"),
    (K3, "EinsumDense('", "other ranks than the equation's, which K3 lets pass where sizes are known"),
    (T2, "Hashing", "numbers that are not whole: what a tensor holds is seldom known"),
    (T2, "MultiHeadAttention", "axes that are not attended must agree, which broadcasting may hide"),
    (T2, "StringLookup(max_tokens=7, output", "`adapt` may have been called"),
    (T2, "TextVectorization(9, output", "`adapt` may have been called"),
    (K3, "Pipeline([])", "nobody means it"),
    (K3, "TimeDistributed(GRU", "the inner layer's rank is not checked, and fits by accident"),
]


def rows(version: Version) -> dict[str, dict[str, Any]]:
    measured: dict[str, dict[str, Any]] = facts(f"layers-{version.name.lower()}")["rows"]
    return measured


def inputs_of(text: str) -> Structure:
    """An input of the facts, the batch put in front."""
    shapes, _, dtype = text.partition(":")
    value = ast.literal_eval(shapes)
    tensors = tuple(
        Tensor(Shape((None, *dims)), dtype or "float32") for dims in (value if isinstance(value, list) else [value])
    )
    return tensors if isinstance(value, list) else tensors[0]


def told(output: Structure) -> Any:
    """What comes out, in the terms of the facts; UNKNOWN where it is not fully known."""
    if isinstance(output, tuple):
        parts = [told(part) for part in output]
        return UNKNOWN if UNKNOWN in parts else parts
    if not isinstance(output, Tensor) or not output.shape.exact:
        return UNKNOWN
    dims = output.shape.dims
    return UNKNOWN if any(isinstance(dim, SymbolicDim) for dim in dims) else list(dims)


def verdict(layer: str, inputs: str, row: Any, version: Version) -> str | None:
    """How our answer differs from the measured one: None where it does not, else a word for it and both answers."""
    text, _, rest = layer.partition(" | ")
    subject = written(text, version)
    if subject is None:
        return None if isinstance(row, str) else f"not made: {row}"
    arguments = {
        name: ast.literal_eval(value) for name, value in (part.split("=") for part in rest.split(", ") if part)
    }
    applied = apply(subject, inputs_of(inputs), version, call_arguments=arguments)
    if applied.refusal is not None:
        runs = isinstance(row, list) and not (len(row) == 4 and isinstance(row[3], str))
        return f"false alarm: {applied.refusal.kind}, {row}" if runs else None
    if isinstance(row, str):
        return f"let through: {told(applied.output)}, {row}"
    ours = told(applied.output)
    if ours == UNKNOWN and len(row) == 4:
        return None  # symbolic and real shapes differ
    if ours == UNKNOWN:
        return f"unknown: {applied.output}, {row}"
    if ours != row[0]:
        return f"shape: {ours}, {row}"
    count = applied.count
    if count is None or (count.total, count.non_trainable) != (row[1], row[2]):
        return f"count: {count and (count.total, count.non_trainable, count.formula)}, {row}"
    return None


def expected(version: Version, layer: str, found: str) -> bool:
    """Whether a difference is one of those that are named above."""
    listed = {"unknown": UNKNOWN_HERE, "let through": LET_THROUGH}.get(found.partition(":")[0], [])
    return any(version is where and layer.startswith(start) for where, start, _ in listed)


@pytest.mark.parametrize("version", [T2, K3])
def test_the_measured_rows(version: Version) -> None:
    wrong = [
        (layer, inputs, found)
        for layer, answers in rows(version).items()
        for inputs, row in answers.items()
        if (found := verdict(layer, inputs, row, version)) is not None and not expected(version, layer, found)
    ]
    assert not wrong


@pytest.mark.parametrize("version", [T2, K3])
def test_every_exception_is_needed(version: Version) -> None:
    found = [
        (layer, difference.partition(":")[0])
        for layer, answers in rows(version).items()
        for inputs, row in answers.items()
        if (difference := verdict(layer, inputs, row, version)) is not None
    ]
    for listed, kind in ((UNKNOWN_HERE, "unknown"), (LET_THROUGH, "let through")):
        for where, start, _ in listed:
            assert where is not version or any(layer.startswith(start) and word == kind for layer, word in found), start


def generalised(inputs: Structure, values: dict[Symbol, int]) -> Structure:
    """The inputs with a symbol for each number: the same one for the same number, as where a program uses it twice."""
    if isinstance(inputs, tuple):
        return tuple(generalised(item, values) for item in inputs)
    assert isinstance(inputs, Tensor)
    dims = []
    for dim in inputs.shape.dims:
        size = dim if dim is None else symbol(f"n{dim}", ("n", dim))
        if isinstance(size, SymbolicDim) and isinstance(dim, int):
            values[next(iter(symbols(size)))] = dim
        dims.append(size)
    return replace(inputs, shape=Shape(tuple(dims)))


def solved(output: Structure, values: dict[Symbol, int]) -> Structure:
    """The output for these values of the symbols."""
    if isinstance(output, tuple):
        return tuple(solved(item, values) for item in output)
    if not isinstance(output, Tensor):
        return output
    dims = tuple(dim if dim is None else substitute(dim, values) for dim in output.shape.dims)
    return replace(output, shape=Shape(dims, output.shape.exact))


@pytest.mark.parametrize("version", [T2, K3])
def test_with_symbols_nothing_is_said_that_a_number_contradicts(version: Version) -> None:
    wrong = []
    for layer, answers in rows(version).items():
        text, _, rest = layer.partition(" | ")
        subject = written(text, version)
        given = {
            name: ast.literal_eval(value) for name, value in (part.split("=") for part in rest.split(", ") if part)
        }
        for inputs, row in answers.items():
            if subject is None or isinstance(row, str) or len(row) == 4:
                continue
            values: dict[Symbol, int] = {}
            applied = apply(subject, generalised(inputs_of(inputs), values), version, call_arguments=given)
            ours = told(solved(applied.output, values))
            if applied.refusal is not None or ours not in (UNKNOWN, row[0]):
                wrong.append((layer, inputs, applied.refusal and applied.refusal.kind, ours, row))
    assert not wrong


@pytest.mark.parametrize("version", [T2, K3])
def test_what_becomes_of_masks(version: Version) -> None:
    wrong = []
    for layer, answers in facts(f"layers-{version.name.lower()}")["masks"].items():
        for inputs, row in answers.items():
            shapes, _, which = inputs.rpartition("] ")
            tensors = inputs_of(shapes + "]" if shapes else inputs)
            given = _masked(tensors, which if shapes else "")
            subject = written(layer, version)
            assert subject is not None
            applied = apply(subject, given, version)
            head = applied.output[0] if isinstance(applied.output, tuple) else applied.output
            ours = RAISES if applied.refusal else head.masked if isinstance(head, Tensor) else None
            if ours != (RAISES if isinstance(row, str) else row):
                wrong.append((layer, inputs, ours, row))
    assert not wrong


def _masked(tensors: Structure, which: str) -> Structure:
    if not isinstance(tensors, tuple):
        assert isinstance(tensors, Tensor)
        return replace(tensors, masked=True)
    words = ("first", "second")
    return tuple(replace(item, masked=which in ("both", word)) for item, word in zip(tensors, words))


@pytest.mark.keras
def test_rows_drawn_at_random_are_those_of_the_installed_keras() -> None:
    script = Path(__file__).parent.parent / "scripts" / "measure_layers.py"
    done = subprocess.run(
        [sys.executable, str(script), "--check", "150"], capture_output=True, encoding="utf-8", timeout=300, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "")


@pytest.mark.parametrize("version", Version)
def test_every_public_layer_has_an_entry(version: Version) -> None:
    lacking = {name for name in layer_names(version) if layer_class(name, version) not in RULES}
    assert not lacking


def test_what_is_not_full_says_why() -> None:
    assert all(rule.reason for rule in RULES.values() if rule.grade != "full")
