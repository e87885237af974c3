"""Names of Keras by release, against what was measured: statements that import, and what Python says to them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lstmlint.keras.names import Era, missing
from lstmlint.keras.versions import Version

K2, T2, K3 = Era(Version.K2, "2.3"), Era(Version.T2, "2.15"), Era(Version.K3)
IMPORTS = json.loads((Path(__file__).parent / "fixtures" / "keras_facts" / "imports.json").read_text(encoding="utf-8"))
"""Statements, and what Python says: K2, T2 with `keras` and with `tensorflow.keras`, K3 with both."""

COLUMNS = [("keras", K2), ("keras", T2), ("tensorflow.keras", T2), ("keras", K3), ("tensorflow.keras", K3)]
OTHER_RELEASES = {
    # Releases of one generation differ; what one of them has is not missing.
    ("from keras.losses import MeanSquaredError", 0), ("from keras.losses import Huber", 0),
    ("from keras.metrics import RootMeanSquaredError", 0), ("from keras.losses import mean_squared_error", 4),
    ("from keras.metrics import mean_squared_error", 4),
    # A name with an underscore is private: nothing is said of it.
    ("from keras.layers.recurrent import _time_distributed_dense", 0),
}  # fmt: skip


def said(statement: str, namespace: str, era: Era) -> str:
    """What is known of an import: ok, MNF (no such module) or IE (no such name)."""
    found = re.match(r"(?:from|import) keras(\S*)(?: import (.*))?", statement)
    assert found is not None
    names: list[str | None] = [name.split()[0] for name in (found[2] or "").split(", ") if name] or [None]
    gone = next((gone for name in names if (gone := missing(namespace + found[1], name, era))), None)
    return "ok" if gone is None else "MNF" if gone.name is None else "IE"


@pytest.mark.parametrize("row", IMPORTS, ids=[row[0] for row in IMPORTS])
def test_measured_imports(row: list[str]) -> None:
    for column, (namespace, era) in enumerate(COLUMNS):
        if (row[0], column) not in OTHER_RELEASES:
            assert said(row[0], namespace, era) == row[1 + column], (namespace, era)


@pytest.mark.parametrize(
    ("module", "name", "instead", "is_same"),
    [
        ("keras.layers.recurrent", "LSTM", "keras.layers.LSTM", True),
        ("keras.layers.normalization", "BatchNormalization", "keras.layers.BatchNormalization", True),
        ("keras.engine.topology", "Layer", "keras.layers.Layer", True),
        ("keras.utils.np_utils", "to_categorical", "keras.utils.to_categorical", True),
        ("keras.optimizers", "adam", "keras.optimizers.Adam", True),
        ("keras.constraints", "maxnorm", "keras.constraints.MaxNorm", True),
        ("keras.backend", "mean", "keras.ops.mean", False),
        ("keras.layers", "CuDNNLSTM", "keras.layers.LSTM", False),
        ("keras.layers", "merge", "keras.layers.concatenate", False),
        ("keras.utils", "np_utils", "keras.utils", False),
        ("keras", "objectives", "keras.losses", False),
        ("keras.models", "Input", "keras.Input", True),
        ("keras.utils", "nothing", None, False),
    ],
)
def test_where_a_name_has_gone(module: str, name: str, instead: str | None, is_same: bool) -> None:
    gone = missing(module, name, K3)
    assert gone is not None and (gone.instead, gone.is_same) == (instead, is_same)


def test_the_other_namespace_still_has_it() -> None:
    gone = missing("keras.preprocessing.text", "Tokenizer", K3)
    assert gone is not None and gone.elsewhere == "tensorflow.keras"
    assert missing("tensorflow.keras.preprocessing.text", "Tokenizer", K3) is None


@pytest.mark.parametrize("release", [None, "2", "2.8", "2.9", "2.7.1"])
def test_a_release_that_may_have_it_says_nothing(release: str | None) -> None:
    assert missing("keras.utils.np_utils", "to_categorical", Era(Version.T2, release)) is None
    assert missing("keras.utils.np_utils", "to_categorical", T2) is not None


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.src.layers", "anything"),
        ("keras._tf_keras.keras.layers", "anything"),
        ("keras.layers", "_private"),
        ("keras_tuner.engine", "anything"),
        ("tensorflow.python.keras.layers", "anything"),
        ("numpy", "anything"),
        ("keras.layers", "*"),
    ],
)
def test_nothing_is_said_of_what_is_not_known(module: str, name: str) -> None:
    assert all(missing(module, name, era) is None for era in (K2, T2, K3))
