"""`--verify` as users run it: real Keras is asked about findings, and nothing of the program runs."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from command_line import really_lint

PROGRAM = """\
import numpy as np
from keras import Sequential
from keras.layers import Dense, Input, LSTM

open("written.txt", "w").write("the program has run")

x, y = np.zeros((64, 10, 3)), np.zeros((64, 5))
model = Sequential([Input((10, 3)), LSTM(8), Dense(1)])
model.compile("adam", "mse")
model.fit(x, y)
wrong = Sequential([Input((10, 3)), LSTM(8), LSTM(8)])
while True:
    pass
"""


@pytest.mark.keras
def test_findings_get_verdicts_and_nothing_of_the_program_runs(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    done = really_lint(tmp_path, "--verify", "--verbose", "--output-format", "json", "program.py")
    verdicts = {each["code"]: each["verified"] for each in json.loads(done.stdout)}
    assert {code: said["verdict"] for code, said in verdicts.items()} == {"LL303": "confirmed", "LL101": "confirmed"}
    assert verdicts["LL101"]["exception"] == "ValueError" and verdicts["LL101"]["device"] == "cpu"
    assert "the loss got" in verdicts["LL303"]["message"]
    assert f"of {sys.executable}" in done.stderr
    assert done.returncode == 1
    assert not (tmp_path / "written.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--python", "nowhere"), "no Python interpreter: `"),
        (("--device", "tpu"), "must be cpu, gpu, gpu:N or auto, not 'tpu'"),
        (("--fix",), "`--verify` and fixes exclude each other"),
    ],
)
def test_what_cannot_be_asked_is_one_line(arguments: tuple[str, ...], words: str, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    done = really_lint(tmp_path, "--verify", *arguments, "program.py")
    assert done.returncode == 2
    assert words in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="a script is no interpreter there")
def test_an_interpreter_without_keras_leaves_the_findings(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho \'{"problem": "missing", "words": "No module named keras"}\'\n', encoding="utf-8")
    fake.chmod(0o755)
    done = really_lint(tmp_path, "--verify", "--python", str(fake), "--output-format", "concise", "program.py")
    assert "LL101" in done.stdout and "LL303" in done.stdout
    assert "pip install 'lstmlint[verify]'" in done.stderr
    assert done.returncode == 2


MODELS = """\
from keras import Input, Model, Sequential, ops
from keras.layers import LSTM, Dense, Lambda, Layer, concatenate
first, second = Input((12, 4)), Input((3,))
model = Model([first, second], Dense(2)(concatenate([LSTM(8)(first), second])))

class Double(Layer):
    def __init__(self):
        super().__init__()
        self.dense = Dense(3)
    def call(self, x):
        return ops.concatenate([self.dense(x), ops.tanh(x) * 2], axis=-1)

own = Sequential([Input((5,)), Double(), Lambda(lambda x: x[:, 1:]), Dense(2)])
"""


@pytest.mark.keras
def test_show_marks_the_rows_that_real_keras_agrees_with(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    done = really_lint(tmp_path, "show", "--verify", "--output-format", "json", "models.py")
    model, own = json.loads(done.stdout)
    assert [layer["verified"]["verdict"] for layer in model["layers"]] == ["confirmed"] * 5
    assert [layer["verified"]["verdict"] for layer in own["layers"]] == ["confirmed"] * 3
    assert (model["verified"]["verdict"], model["verified"]["python"]) == ("confirmed", sys.executable)
    shown = really_lint(tmp_path, "show", "--verify", "models.py").stdout
    assert shown.count(" checked\n") == 5 + 3
    assert "5 of 5 rows checked with Keras 3." in shown
