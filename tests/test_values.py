"""`lstmlint show --values` and `# lstmlint: reveal`: what is known of the values on the lines of a program."""

import json
from pathlib import Path
from typing import Any

import pytest
from command_line import really_lint

PROGRAM = """\
import numpy as np
import pandas as pd
from keras import Input, Sequential, layers

df = pd.read_csv("prices.csv")
data = df[["open", "close"]].values
X, y = [], []
for i in range(60, len(data)):
    X.append(data[i - 60 : i])
    y.append(data[i, 0])
X, y = np.array(X), np.array(y)
t = Input((3, 4))


def padded(size):
    rows = np.zeros((size, 3))
    return rows


padded(3)
padded(4)
flag = input() == "long"
if flag:
    z = np.ones((5, 2), dtype="int32")
else:
    z = np.ones(5, dtype="int32")
w = z
model = Sequential([Input(X.shape[1:])])
model.add(layers.LSTM(4))
"""

ANNOTATED = """\
import numpy as np
import pandas as pd
from keras import Input, Sequential, layers

df = pd.read_csv("prices.csv")          # df: DataFrame (len(df), df.shape[1])
data = df[["open", "close"]].values     # data: (len(df), 2)
X, y = [], []
for i in range(60, len(data)):
    X.append(data[i - 60 : i])
    y.append(data[i, 0])
X, y = np.array(X), np.array(y)         # X: (len(df) - 60, 60, 2), y: (len(df) - 60,)
t = Input((3, 4))                       # t: KerasTensor (None, 3, 4)


def padded(size):
    rows = np.zeros((size, 3))          # rows: (3, 3) float64 or (4, 3) float64
    return rows


padded(3)
padded(4)
flag = input() == "long"
if flag:
    z = np.ones((5, 2), dtype="int32")  # z: (5, 2) int32
else:
    z = np.ones(5, dtype="int32")       # z: (5,) int32
w = z                                   # w: (5, 2) int32 or (5,) int32
model = Sequential([Input(X.shape[1:])])
model.add(layers.LSTM(4))
"""


def test_values_stand_beside_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(PROGRAM, encoding="utf-8")
    done = really_lint(tmp_path, "show", "--values", "a.py")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == ANNOTATED


def test_notebooks_are_printed_by_cells(tmp_path: Path) -> None:
    sources = [
        "import numpy as np\n%matplotlib inline\nx = np.zeros((3, 2))",
        "# text",
        "y = x.T\nfor _ in y:\n    z = _",
    ]
    cells = [
        {"cell_type": "markdown" if text == "# text" else "code", "source": text, "metadata": {}, "outputs": []}
        for text in sources
    ]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}), encoding="utf-8")
    lines = really_lint(tmp_path, "show", "--values", "a.ipynb").stdout.splitlines()
    assert lines[0] == "# cell 1"
    assert lines[3] == "x = np.zeros((3, 2))  # x: (3, 2) float64"
    assert "# cell 3" in lines and "# cell 2" not in lines
    assert any(line.startswith("y = x.T ") and line.endswith("# y: (2, 3) float64") for line in lines)
    assert any(line.startswith("    z = _ ") and line.endswith("# z: (3,) float64") for line in lines)


def test_a_file_that_cannot_be_parsed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = (\n", encoding="utf-8")
    done = really_lint(tmp_path, "show", "--values", "a.py")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("a.py: ")


def revealed(folder: Path, source: str) -> list[dict[str, Any]]:
    (folder / "a.py").write_text(f"import keras\nimport numpy as np\n{source}", encoding="utf-8")
    done = really_lint(folder, "--no-cache", "--output-format", "json", "--select", "LL902", "a.py")
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = np.zeros((3, 2))  # lstmlint: reveal", "`x` is ndarray (3, 2) float64"),
        ("a, (b, *c) = 1, (2, 'x')  # lstmlint: reveal", "`a` is int 1; `b` is int 2; `c` is list of 1: str 'x'"),
        ("np.ones(4)  #lstmlint:reveal", "this is ndarray (4,) float64"),
        ("x = np.zeros(\n    (3, 2)\n)  # lstmlint: reveal", "`x` is ndarray (3, 2) float64"),
        ("x = [np.zeros(3)] * 2  # lstmlint: reveal", "`x` is list of 2: ndarray (3,) float64"),
        ("layer = keras.layers.LSTM(3)  # lstmlint: reveal", "`layer` is layer LSTM"),
        (
            "m = keras.Sequential([keras.Input((4, 2))])\nm.add(keras.layers.LSTM(3))  # lstmlint: reveal",
            "`m` is model Sequential: (None, 4, 2) -> (None, 3)",
        ),
        ("for k in range(2):  # lstmlint: reveal\n    pass", "`k` is int 1"),
        ("x = strange()  # lstmlint: reveal", "`x` is unknown"),
        ("class A:\n    pass\na = A()\na.x = np.ones(2)  # lstmlint: reveal", "`a.x` is ndarray (2,) float64"),
        ("def f(n):\n    return np.ones(n)  # lstmlint: reveal\nf(1)\nf(2)",
         "this is ndarray (1,) float64 or ndarray (2,) float64"),
        ("if False:\n    x = 1  # lstmlint: reveal", "nothing is known here: the line assigns nothing, or is not reached"),
        ("x = 1\n# lstmlint: reveal", "nothing is known here: the line assigns nothing, or is not reached"),
    ],
)  # fmt: skip
def test_reveal(source: str, message: str, tmp_path: Path) -> None:
    (finding,) = revealed(tmp_path, source)
    assert (finding["code"], finding["severity"], finding["message"]) == ("LL902", "info", message)


def test_reveal_tells_where_a_value_was_made(tmp_path: Path) -> None:
    (finding,) = revealed(tmp_path, "x = np.zeros((3, 2))\ny = x  # lstmlint: reveal")
    (place,) = finding["trace"]
    assert (place["location"]["row"], place["message"]) == (3, "ndarray (3, 2) float64 is made here")


@pytest.mark.parametrize("source", ["s = '# lstmlint: reveal'", "x = 1  # lstmlint: revealing", "x = 1  # reveal"])
def test_what_is_no_question(source: str, tmp_path: Path) -> None:
    assert revealed(tmp_path, source) == []
