"""Random trainings: what raises, and which shapes a loss compares in silence, as real Keras has it.

The whole way is tried: the source of a program is drawn, linted, and run with Keras, whose losses are watched.
`LSTMLINT_RANDOM_TRAININGS` is how many are drawn (2000 for a long run), `LSTMLINT_RANDOM_SEED` where the seeds begin,
`LSTMLINT_KERAS_PYTHON` an interpreter with another Keras.  `scripts/random_trainings.py` does the same outside of pytest.
"""

from __future__ import annotations

import os
import random
import sys

import pytest
from random_trainings.oracle import Keras, Tally, compared
from random_trainings.programs import program

TRAININGS = int(os.environ.get("LSTMLINT_RANDOM_TRAININGS", "100"))
SEED = int(os.environ.get("LSTMLINT_RANDOM_SEED", "20240607"))
PYTHON = os.environ.get("LSTMLINT_KERAS_PYTHON", sys.executable)


@pytest.mark.keras
def test_random_trainings() -> None:
    if PYTHON == sys.executable:
        pytest.importorskip("tensorflow")
    result = Tally()
    with Keras(PYTHON) as keras:
        for seed in range(SEED, SEED + TRAININGS):
            source = program(random.Random(seed), keras.version)
            result.add(source, *compared(source, keras))
    told = [f"{source}{words}" for source, words in result.differences[:10]]
    assert not told, f"{len(result.differences)} differences\n\n" + "\n\n".join(told)
    assert TRAININGS * 0.2 < result.raised < TRAININGS * 0.7, f"{result.raised} raise: too few or too many to tell"
    assert result.silent > TRAININGS * 0.04, f"{result.silent} compare unlike shapes: too few to tell"


def test_programs_are_drawn_from_their_seed() -> None:
    assert program(random.Random(3)) == program(random.Random(3))
