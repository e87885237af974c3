"""Batches and states: every measured row, and batches that are counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstmlint.keras.batching import Batch, Batching, Binding, occurring, split_rows, unfit_batch
from lstmlint.keras.outcomes import Effect
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim, symbol

FACTS = json.loads((Path(__file__).parent / "fixtures/keras_facts/batches.json").read_text(encoding="utf-8"))
ROWS = [
    (version, *row[:4], row[4 + place])
    for row in FACTS["rows"]
    for place, version in enumerate((Version.T2, Version.K3))
    if row[4 + place] is not None
]
N = symbol("n", "n", lower=1)


@pytest.mark.parametrize(("version", "entry", "declared", "samples", "size", "found"), ROWS)
def test_keras_does_what_was_measured(
    version: Version, entry: str, declared: int, samples: int, size: int | None, found: str
) -> None:
    method = entry.removesuffix("_on_batch")
    batching = Batching(samples, size, at_once=entry.endswith("_on_batch"))
    met = unfit_batch(Binding(declared, None), batching, method, version)
    if not found.startswith("runs"):
        assert met is not None and met.outcome.exception == found
        return
    assert met is None or met.outcome.effect is Effect.SILENT
    if method == "predict":
        assert (met is not None) == (found != "runs")


@pytest.mark.parametrize(
    ("samples", "size", "batches"),
    [
        (100, 16, [[Batch(16)], [Batch(4, is_rest=True)]]),
        (96, 16, [[Batch(16)]]),
        (5, 16, [[Batch(5, is_rest=True, is_alone=True)]]),
        (N * 16, 16, [[Batch(16)]]),
        (N // 16 * 16, 16, [[Batch(16)]]),
        (N * 16 + 3, 16, [[Batch(16)], [Batch(3, is_rest=True)]]),
        (N, 1, [[Batch(1)]]),
        (N, None, []),
    ],
)
def test_batches_are_counted(samples: Dim, size: int | None, batches: list[list[Batch]]) -> None:
    assert occurring(Batching(samples, size)) == batches


def test_what_is_not_known_may_be_the_right_size() -> None:
    for declared in (1, 7, 16):
        assert unfit_batch(Binding(declared, None), Batching(N, 16), "fit", Version.K3) is None
    assert unfit_batch(Binding(17, None), Batching(N, 16), "fit", Version.K3) is not None
    assert unfit_batch(Binding(N, None), Batching(100, 16), "fit", Version.K3) is None


@pytest.mark.parametrize(
    ("samples", "split", "rows"), [(100, 0.2, (80, 20)), (16, 0.1, (14, 2)), (10, 0.0, (10, None))]
)
def test_validation_split_takes_the_last_rows(samples: int, split: float, rows: tuple[int, int | None]) -> None:
    assert split_rows(samples, split) == rows
