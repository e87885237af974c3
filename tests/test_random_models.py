"""Random models, Sequential and functional, over all layers: shapes, parameter counts and refusals as real Keras has them.

The whole way is tried: the source of a program is drawn, linted and shown, and run with Keras.  `LSTMLINT_RANDOM_MODELS`
is how many are drawn (10000 for a long run), `LSTMLINT_RANDOM_SEED` where the seeds begin, `LSTMLINT_KERAS_PYTHON` an
interpreter with another Keras.  `scripts/random_models.py` does the same outside of pytest, with figures.
"""

from __future__ import annotations

import json
import os
import random
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_models.layers import APART, plain_classes
from random_models.oracle import FOUND, Keras, Tally, compared, difference, linted, shortened
from random_models.programs import program

from lstmlint.keras.layers.registry import RULES
from lstmlint.keras.signatures import signature
from lstmlint.keras.versions import Version

MODELS = int(os.environ.get("LSTMLINT_RANDOM_MODELS", "250"))
SEED = int(os.environ.get("LSTMLINT_RANDOM_SEED", "20240607"))
PYTHON = os.environ.get("LSTMLINT_KERAS_PYTHON", sys.executable)
#: Share of the rows of models that run whose shape or count we may not know.
MAY_BE_UNKNOWN = 0.02

#: Layers that are not drawn: in a graph Keras 3.15 takes the first for a part of a cycle; the second is a list of others; the
#: rest T2 does not call on such numbers as the models are about.
NOT_DRAWN = {
    "Equalization",
    "Pipeline",
    "Hashing",
    "IntegerLookup",
    "StringLookup",
    "TextVectorization",
    "Discretization",
}


@pytest.fixture(scope="module")
def keras() -> Iterator[Keras]:
    if PYTHON == sys.executable:
        pytest.importorskip("tensorflow")
    with Keras(PYTHON) as worker:
        yield worker


FOUND_BEFORE = json.loads(FOUND.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "row", FOUND_BEFORE, ids=lambda row: f"{row['version']}-{zlib.crc32(row['source'].encode()):08x}"
)
def test_what_once_differed(row: dict[str, Any]) -> None:
    ours = linted(row["source"], Version(row["version"]))
    assert difference(row["source"], ours, row["keras"]) is None


@pytest.mark.keras
def test_random_models(keras: Keras) -> None:
    result = Tally()
    for seed in range(SEED, SEED + MODELS):
        source = program(random.Random(seed), keras.version)
        result.add(source, *compared(source, keras))
    told = [f"{shortened(source, keras)}{words}" for source, words in result.differences[:10]]
    assert not told, f"{len(result.differences)} differences\n\n" + "\n\n".join(told)
    assert MODELS * 0.15 < result.raised < MODELS * 0.6, (
        f"{result.raised} of {MODELS} raise: too few or too many to tell"
    )
    assert sum(result.unknown.values()) <= MAY_BE_UNKNOWN * result.rows, result.unknown


@pytest.mark.keras
@pytest.mark.skipif(
    "LSTMLINT_RANDOM_MODELS" not in os.environ, reason="a search: what is drawn depends on what is loaded"
)
@settings(
    max_examples=MODELS, deadline=None, derandomize=True, database=None, phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(rng=st.randoms(use_true_random=False))
def test_models_that_hypothesis_draws(keras: Keras, rng: random.Random) -> None:
    """Finds small models; Hypothesis draws also from the constants of loaded modules, so no two sessions draw alike."""
    source = program(rng, keras.version)
    told = difference(source, *compared(source, keras))
    assert told is None, f"{source}{told}"


@pytest.mark.parametrize("version", [Version.T2, Version.K3])
def test_every_layer_is_drawn(version: Version) -> None:
    known = [name for name in RULES if signature(name, version) and RULES[name].grade != "opaque"]
    drawn = {*plain_classes(version), *APART}
    assert {name for name in known if name not in drawn} <= NOT_DRAWN


def test_programs_are_drawn_from_their_seed() -> None:
    assert program(random.Random(3)) == program(random.Random(3))
