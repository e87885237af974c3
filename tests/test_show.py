"""`lstmlint show` on real programs: layer tables, symbolic sizes, JSON, and the formulas behind the counts."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from command_line import shown

STACKED = """
from keras.models import Sequential
from keras.layers import LSTM, Dense, Dropout

{before}
    model = Sequential()
    model.add(LSTM(10, activation='relu', return_sequences=True, input_shape=({steps}, {features})))
    model.add(LSTM(10, activation='relu', return_sequences=True, dropout=0.2, recurrent_dropout=0.2))
    model.add(LSTM(10, activation='relu', return_sequences=False, dropout=0.2, recurrent_dropout=0.2))
    model.add(Dropout(0.8))
    model.add(Dense({outputs}))
    model.summary()
"""
KNOWN = STACKED.format(before="if True:", steps=14, features=4, outputs=7)
UNCALLED = STACKED.format(
    before="def build(n_input, n_features, n_out):", steps="n_input", features="n_features", outputs="n_out"
)


def show(folder: Path, source: str, *options: str, name: str = "stacked.py") -> str:
    """What `lstmlint show` prints."""
    return shown(folder, source, *options, name=name)


def models(folder: Path, source: str, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(show(folder, source, "--output-format", "json", *options))
    return found


def test_known_sizes(tmp_path: Path) -> None:
    assert show(tmp_path, KNOWN) == (
        "model (Sequential, Keras 3) stacked.py:6\n"
        "  layer    class    output shape    parameters\n"
        "  -------  -------  --------------  ----------\n"
        "  lstm     LSTM     (None, 14, 10)         600\n"
        "  lstm_1   LSTM     (None, 14, 10)         840\n"
        "  lstm_2   LSTM     (None, 10)             840\n"
        "  dropout  Dropout  (None, 10)               0\n"
        "  dense    Dense    (None, 7)               77\n"
        "  Total parameters: 2,357\n"
        "  Trainable parameters: 2,357\n"
        "  Non-trainable parameters: 0\n"
    )


def test_sizes_that_nobody_knows(tmp_path: Path) -> None:
    assert show(tmp_path, UNCALLED) == (
        "model (Sequential, Keras 3) stacked.py:6\n"
        "  layer    class    output shape                  parameters\n"
        "  -------  -------  -------------------  -------------------\n"
        "  lstm     LSTM     (None, n_input, 10)  40*n_features + 440\n"
        "  lstm_1   LSTM     (None, n_input, 10)                  840\n"
        "  lstm_2   LSTM     (None, 10)                           840\n"
        "  dropout  Dropout  (None, 10)                             0\n"
        "  dense    Dense    (None, n_out)                   11*n_out\n"
        "  Total parameters: 40*n_features + 11*n_out + 2120\n"
        "  Trainable parameters: 40*n_features + 11*n_out + 2120\n"
        "  Non-trainable parameters: 0\n"
    )


def test_json(tmp_path: Path) -> None:
    (model,) = models(tmp_path, KNOWN)
    assert {key: value for key, value in model.items() if key != "layers"} == {
        "name": "model",
        "keras_name": "sequential",
        "class": "Sequential",
        "filename": "stacked.py",
        "line": 6,
        "cell": None,
        "keras": "3",
        "input_shape": [None, 14, 4],
        "total_params": 2357,
        "trainable_params": 2357,
        "non_trainable_params": 0,
    }
    first, *_, last = model["layers"]
    assert first == {
        "name": "lstm",
        "class": "LSTM",
        "line": 7,
        "output_shape": [None, 14, 10],
        "params": 600,
        "trainable_params": 600,
        "inputs": [],
        "formula": "4*(units*(units+features)+units*use_bias)",
        "values": {"features": 4, "units": 10, "use_bias": 1},
    }
    assert (last["name"], last["output_shape"], last["params"]) == ("dense", [None, 7], 77)


def test_symbolic_json(tmp_path: Path) -> None:
    (model,) = models(tmp_path, UNCALLED)
    assert [layer["output_shape"] for layer in model["layers"]] == [
        [None, "n_input", 10],
        [None, "n_input", 10],
        [None, 10],
        [None, 10],
        [None, "n_out"],
    ]
    assert [layer["params"] for layer in model["layers"]] == ["40*n_features + 440", 840, 840, 0, "11*n_out"]


@pytest.mark.parametrize(
    ("version", "keras", "names"),
    [
        ("2.3", "2.2", ["lstm_1", "lstm_2", "lstm_3", "dropout_1", "dense_1"]),
        ("2.15", "2.15", ["lstm", "lstm_1", "lstm_2", "dropout", "dense"]),
        ("3", "3", ["lstm", "lstm_1", "lstm_2", "dropout", "dense"]),
    ],
)
def test_versions(version: str, keras: str, names: list[str], tmp_path: Path) -> None:
    (model,) = models(tmp_path, KNOWN, "--keras-version", version)
    assert (model["keras"], [layer["name"] for layer in model["layers"]]) == (keras, names)


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    source = (
        "from keras import Sequential, Input\nfrom keras.layers import LSTM, Dense\nfrom mine import Strange\n"
        "model = Sequential([Input((5, 2)), Strange(), Dense(3)])\n"
    )
    (model,) = models(tmp_path, source)
    strange, dense = model["layers"]
    assert (strange["output_shape"], strange["params"]) == ("?", "?")
    assert dense["params"] == "?"
    assert model["total_params"] == "?"


def test_the_functional_model_of_two_inputs(tmp_path: Path) -> None:
    source = (
        "from keras import Input, Model\nfrom keras.layers import LSTM, Dense, concatenate\n"
        "a, b = Input((5, 2), name='a'), Input((7,), name='b')\n"
        "x = concatenate([LSTM(4)(a), b])\n"
        "two = Model([a, b], [Dense(1, name='one')(x), Dense(3, name='three')(x)])\n"
    )
    (model,) = models(tmp_path, source)
    rows = {layer["name"]: layer for layer in model["layers"]}
    assert (model["name"], model["class"]) == ("two", "Functional")
    assert rows["concatenate"]["output_shape"] == [None, 11]
    assert rows["concatenate"]["inputs"] == ["lstm", "b"]
    assert rows["a"]["output_shape"] == [None, 5, 2]
    assert model["total_params"] == 112 + 12 + 36


# --- the formulas -----------------------------------------------------------------------------------------------------


def test_explain_params(tmp_path: Path) -> None:
    plain = show(tmp_path, KNOWN)
    explained = show(tmp_path, KNOWN, "--explain-params")
    assert explained == plain + (
        "  How the parameters are counted:\n"
        "    lstm    600 = 4*(units*(units+features)+units*use_bias), where features = 4, units = 10, use_bias = 1\n"
        "    lstm_1  840 = 4*(units*(units+features)+units*use_bias), where features = 10, units = 10, use_bias = 1\n"
        "    lstm_2  840 = 4*(units*(units+features)+units*use_bias), where features = 10, units = 10, use_bias = 1\n"
        "    dense    77 = units*features+units*use_bias, where units = 7, features = 10, use_bias = 1\n"
        "  Time steps play no part: the same weights serve every step.\n"
    )


def test_time_steps_play_no_part(tmp_path: Path) -> None:
    counted = [
        show(tmp_path, KNOWN.replace("(14, 4)", f"({steps}, 4)"), "--explain-params").partition("How the")[2]
        for steps in ("14", "30", "None")
    ]
    assert counted[0] and len(set(counted)) == 1


def test_symbolic_formulas(tmp_path: Path) -> None:
    explained = show(tmp_path, UNCALLED, "--explain-params")
    assert "40*n_features + 440 = 4*(units*(units+features)+units*use_bias), where features = n_features, " in explained
    assert "n_input" not in explained.partition("How the")[2]


def test_behind_a_flatten_steps_are_features(tmp_path: Path) -> None:
    source = (
        "from keras import Sequential, Input\nfrom keras.layers import Conv1D, Dense, Flatten\n"
        "model = Sequential([Input((10, 3)), Conv1D(4, 3), Flatten(), Dense(2)])\n"
    )
    explained = show(tmp_path, source, "--explain-params")
    assert "kernel_size = (3,)" in explained
    assert "features = 32" in explained
    assert "Behind a Flatten the steps are features" in explained


FORMULA_PROGRAM = """
from keras import Sequential, Input
from keras.layers import *
model = Sequential([
    Input((20, 4)),
    LSTM(6, return_sequences=True), GRU(5, return_sequences=True), SimpleRNN(3, return_sequences=True, use_bias=False),
    Bidirectional(LSTM(4, return_sequences=True)), TimeDistributed(Dense(9)), Conv1D(7, 3), BatchNormalization(),
    LayerNormalization(), Dense(2, use_bias=False), Flatten(), Dense(3),
])
"""


@pytest.mark.parametrize("version", ["2.3", "2.15", "3"])
def test_every_formula_gives_its_count(version: str, tmp_path: Path) -> None:
    """The formulas are arithmetic over their values: worked out, they give the counts."""
    source = FORMULA_PROGRAM.replace("Input((20, 4)),", "InputLayer((20, 4)),")
    source = source.replace("LayerNormalization(), ", "") if version == "2.3" else source
    (model,) = models(tmp_path, source, "--keras-version", version)
    assert len(model["layers"]) > 8
    for layer in model["layers"]:
        if layer["formula"]:
            worked_out = eval(layer["formula"], {"prod": math.prod}, layer["values"])
            assert worked_out == layer["params"], layer
        else:
            assert layer["params"] in (0, "?"), layer
