"""Whole programs: what they expect stands in comments on their lines, and nothing else may be found.

A program under `fixtures/programs` marks a line with `# expect: LL101` (several codes with commas); a file without marks
must be clean.  A first line `# keras: 2.3` names the Keras that is meant.
"""

import itertools
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from lstmlint.analysis import analyse
from lstmlint.classes import replace
from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.settings import default_settings

FOLDER = Path(__file__).parent / "fixtures" / "programs"
_MARK = re.compile(r"# expect: (LL\d{3}(?:, ?LL\d{3})*)")
_KERAS = re.compile(r"\A# keras: ([\d.]+)\n")

Place = tuple[int | None, int, str]  # cell (None outside of notebooks), row, code


def lint(name: str, text: str, keras: str | None = None) -> tuple[Diagnostic, ...]:
    """The errors and warnings in a program."""
    settings = replace(default_settings(str(FOLDER)), keras_version=keras)
    result = analyse(str(FOLDER / name), text.encode("utf-8"), settings)
    assert not result.defects
    return tuple(found for found in result.diagnostics if found.severity is not Severity.INFO)


def placed(found: Diagnostic) -> Place:
    assert found.span is not None
    return (found.span.cell, found.span.start.row, found.code)


def marks(text: str, cell: int | None = None) -> list[Place]:
    """What the lines of a program expect."""
    return [
        (cell, row, code.strip())
        for row, line in enumerate(text.splitlines(), 1)
        for mark in _MARK.finditer(line)
        for code in mark[1].split(",")
    ]


def expected(path: Path, text: str) -> list[Place]:
    if path.suffix != ".ipynb":
        return marks(text)
    cells = json.loads(text)["cells"]
    sources = ("".join(cell["source"]) if cell["cell_type"] == "code" else "" for cell in cells)
    return [place for number, source in enumerate(sources, 1) for place in marks(source, number)]


def check(name: str, text: str, wanted: list[Place], keras: str | None = None) -> tuple[Diagnostic, ...]:
    """The findings of a program, which are the wanted ones."""
    found = lint(name, text, keras)
    assert sorted(map(placed, found), key=str) == sorted(wanted, key=str), [
        (*placed(each), each.message) for each in found
    ]
    return found


def programs() -> list[Path]:
    return sorted(path for path in FOLDER.iterdir() if path.suffix in (".py", ".ipynb"))


@pytest.mark.parametrize("path", programs(), ids=lambda path: str(path.name))
def test_program_has_what_its_comments_say(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    version = _KERAS.match(text)
    check(path.name, text, expected(path, text), version[1] if version else None)


@pytest.mark.keras
def test_keras_agrees(tmp_path: Path) -> None:
    """Programs without marks run with real Keras, the others raise.  Those that need a file or a data set are left out."""
    pytest.importorskip("tensorflow")
    texts = {path: path.read_text(encoding="utf-8") for path in programs() if path.suffix == ".py"}
    tried = [path for path, text in texts.items() if not _KERAS.match(text) and "load_data(" not in text]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("keras_worker.py"))],
        cwd=tmp_path,
        input="".join(f"{path}\n" for path in tried),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=True,
    )
    answers = dict(zip(tried, map(json.loads, done.stdout.splitlines()), strict=True))
    wrong = {path: bool(marks(texts[path])) for path in tried}
    ran = {path: said for path, said in answers.items() if said["raised"] != "FileNotFoundError"}
    assert [(path.name, said) for path, said in ran.items() if (said["raised"] is not None) != wrong[path]] == []
    assert len(ran) > 0.8 * len(tried)


# --- three recurrent layers, in every way to write them ---------------------------------------------------------------

IMPORTS = {
    "keras": "from keras.models import Sequential, Model\nfrom keras.layers import LSTM, Dense, Dropout, Conv1D, Input",
    "keras star": "from keras.models import *\nfrom keras.layers import *",
    "tensorflow.keras": (
        "from tensorflow.keras.models import Sequential, Model\n"
        "from tensorflow.keras.layers import LSTM, Dense, Dropout, Conv1D, Input"
    ),
    "tensorflow.python.keras": (
        "from tensorflow.python.keras.models import Sequential, Model\n"
        "from tensorflow.python.keras.layers import LSTM, Dense, Dropout, Conv1D, Input"
    ),
    "tf.keras": (
        "import tensorflow as tf\nfrom tensorflow import keras\n"
        "Sequential, Model = tf.keras.Sequential, tf.keras.models.Model\n"
        "LSTM, Dense, Dropout = tf.keras.layers.LSTM, keras.layers.Dense, tf.keras.layers.Dropout\n"
        "Conv1D, Input = tf.keras.layers.Conv1D, tf.keras.Input"
    ),
    "compat.v1": (
        "import tensorflow.compat.v1 as tf\nfrom tensorflow.compat.v1.keras.models import Sequential, Model\n"
        "from tensorflow.compat.v1.keras.layers import LSTM, Dense, Dropout, Conv1D, Input"
    ),
    "import as": (
        "import keras as K\nimport keras.layers as L\nSequential, Model, Input = K.models.Sequential, K.Model, K.Input\n"
        "LSTM, Dense, Dropout, Conv1D = L.LSTM, L.Dense, L.Dropout, L.Conv1D"
    ),
}

FIRST = "LSTM(10, activation='relu', return_sequences=True{})"
MIDDLE = "LSTM(10, activation='relu', return_sequences=True, dropout=0.2, recurrent_dropout=0.2)"
MIDDLE_LACKS = "LSTM(10, activation='relu', dropout=0.2, recurrent_dropout=0.2)"
LAST = "LSTM(10, activation='relu', return_sequences=False, dropout=0.2, recurrent_dropout=0.2)"
LAST_SEQUENCES = "LSTM(10, activation='relu', return_sequences=True, dropout=0.2, recurrent_dropout=0.2)"
CONVOLUTION = "Conv1D(128, 8, padding='same')"
REST = ["Dropout(0.8)", "Dense(n_out)"]

STACKS = {
    "right": [MIDDLE, LAST, *REST],
    "middle lacks return_sequences": [MIDDLE_LACKS, LAST + "  # expect: LL101", *REST],
    "convolution after the last": [MIDDLE, LAST, CONVOLUTION + "  # expect: LL101", *REST],
    "last has return_sequences": [MIDDLE, LAST_SEQUENCES, *REST],
}


def _split(layer: str) -> tuple[str, str]:
    code, _, mark = layer.partition("  #")
    return code, mark and "  #" + mark


def added(layers: list[str]) -> str:
    first = FIRST.format(", input_shape=(n_input, n_features)")
    lines = ["model = Sequential()", f"model.add({first})"]
    return "\n".join(lines + ["model.add({}){}".format(*_split(layer)) for layer in layers])


def listed(layers: list[str]) -> str:
    first = FIRST.format(", input_shape=(n_input, n_features)")
    lines = "\n".join("    {},{}".format(*_split(layer)) for layer in layers)
    return f"model = Sequential([\n    {first},\n{lines}\n])"


def listed_with_input(layers: list[str]) -> str:
    lines = "\n".join("    {},{}".format(*_split(layer)) for layer in [FIRST.format(""), *layers])
    return f"layers = [\n    Input(shape=(n_input, n_features)),\n{lines}\n]\nmodel = Sequential(layers)"


def functional(layers: list[str]) -> str:
    lines = ["inputs = Input(shape=(n_input, n_features))", f"h = {FIRST.format('')}(inputs)"]
    lines += ["h = {}(h){}".format(*_split(layer)) for layer in layers]
    return "\n".join([*lines, "model = Model(inputs, h)"])


STYLES = {"add": added, "list": listed, "list with Input": listed_with_input, "functional": functional}

TRAIN = "model.summary()\nmodel.compile(loss='mse', optimizer='adam')\nmodel.fit(x, y, epochs=2, verbose=0)"

KNOWN = """
import numpy as np
{imports}

n_input, n_features, n_out = 14, 4, 7
x, y = np.zeros((207, 14, 4)), np.zeros((207, 7))
{model}
{train}
"""

READ = """
import numpy as np
import pandas as pd
{imports}

def to_supervised(data, n_input, n_out):
    X, y = list(), list()
    for start in range(len(data)):
        in_end = start + n_input
        out_end = in_end + n_out
        if out_end <= len(data):
            X.append(data[start:in_end, :])
            y.append(data[in_end:out_end, 0])
    return np.array(X), np.array(y)

data = pd.read_csv('household.csv', header=0, index_col=0).values
x, y = to_supervised(data, 14, 7)
n_input, n_features, n_out = x.shape[1], x.shape[2], y.shape[1]
{model}
{train}
"""

UNCALLED = """
import numpy as np
{imports}

def build(n_input, n_features, n_out):
{inner}
    return model
"""

UNCALLED_TRAINS = """
import numpy as np
{imports}

def build(n_input, n_features, n_out):
    x, y = np.zeros((207, n_input, n_features)), np.zeros((207, n_out))
{inner}
    return model
"""


def written(sizes: str, imports: str, model: str, train: str) -> str:
    """A program; `# expect` comments of the model stay on their lines."""
    if sizes == "uncalled":
        body = textwrap.indent(model + "\nmodel.summary()", "    ")
        return UNCALLED.format(imports=IMPORTS[imports], inner=body)
    if sizes == "uncalled trains":
        body = textwrap.indent(model + "\n" + train, "    ")
        return UNCALLED_TRAINS.format(imports=IMPORTS[imports], inner=body)
    text = KNOWN if sizes == "known" else READ
    return text.format(imports=IMPORTS[imports], model=model, train=train)


SIZES = ("known", "read", "uncalled", "uncalled trains")


@pytest.mark.parametrize("keras", ["2.3", "2.15", "3"])
@pytest.mark.parametrize(
    ("sizes", "imports", "style", "stack"),
    [
        *itertools.product(SIZES, ["keras"], STYLES, STACKS),
        *itertools.product(["known"], list(IMPORTS)[1:], ["add", "functional"], STACKS),
    ],
)
def test_stacked(sizes: str, imports: str, style: str, stack: str, keras: str) -> None:
    train = TRAIN
    wrong_target = stack == "last has return_sequences" and sizes != "uncalled"
    if sizes == "uncalled trains" and keras != "2.3":
        wrong_target = False  # one time step and one output would be right there
    if wrong_target:
        train += "  # expect: LL301"
    text = written(sizes, imports, STYLES[style](STACKS[stack]), train)
    found = check("stacked.py", text, marks(text), keras)
    if stack == "right" or not found:
        return
    (finding,) = found
    assert finding.help is not None and finding.keras is not None and finding.trace
    lines = text.splitlines()
    blamed = next(
        row
        for row, line in enumerate(lines, 1)
        if (MIDDLE_LACKS if stack.startswith("middle") else LAST if stack.startswith("convolution") else "LSTM(")
        in line
    )
    if wrong_target:
        blamed = max(row for row, line in enumerate(lines, 1) if "return_sequences=True" in line)
    assert f"LSTM (line {blamed})" in finding.help or f"LSTM before it (line {blamed})" in finding.help, finding.help
    assert "return_sequences" in finding.help
    assert blamed in [place.span.start.row for place in finding.trace if place.span is not None]


WORDS = {
    "2.3": "expected dense_1 to have 3 dimensions, but got array with shape (207, 7)",
    "2.15": "Incompatible shapes: ",
    "3": "Incompatible shapes: ",
}


@pytest.mark.parametrize("keras", WORDS)
def test_the_words_of_keras_about_targets(keras: str) -> None:
    text = written("known", "keras", added(STACKS["last has return_sequences"]), TRAIN + "  # expect: LL301")
    (finding,) = check("stacked.py", text, marks(text), keras)
    assert finding.keras is not None and finding.keras.message is not None
    assert (finding.keras.version, finding.keras.effect) == (keras, "raises")
    assert WORDS[keras] in finding.keras.message
    assert finding.severity is Severity.ERROR


LAYER_WORDS = {
    "2.3": r"Input 0 is incompatible with layer lstm_\d: expected ndim=3, found ndim=2",
    "2.15": (
        r'Input 0 of layer "lstm(_\d)?" is incompatible with the layer: expected ndim=3, found ndim=2\. '
        r"Full shape received: \(None, 10\)"
    ),
    "3": (
        r"Input 0 with name 'None' of layer 'lstm(_\d)?' is incompatible with the layer: expected ndim=3, found ndim=2\. "
        r"Full shape received: \(None, 10\)"
    ),
}


@pytest.mark.parametrize("keras", LAYER_WORDS)
def test_the_words_of_keras_about_layers(keras: str) -> None:
    text = written("known", "keras", added(STACKS["middle lacks return_sequences"]), TRAIN)
    (finding,) = check("stacked.py", text, marks(text), keras)
    assert finding.keras is not None and finding.keras.message is not None
    assert re.search(LAYER_WORDS[keras], finding.keras.message)


# --- windows ----------------------------------------------------------------------------------------------------------

WINDOWS = """
import numpy as np
from keras.models import Sequential
from keras.layers import LSTM, Dense

{table}
windows, targets = [], []
{loop}
x, y = np.array(windows), np.array(targets)
model = Sequential()
model.add(LSTM(8, input_shape=({declared}, 4)))
model.add(Dense(1))
model.compile(loss='mse', optimizer='adam')
model.fit(x, y, epochs=1){mark}
"""
TABLES = {
    "known": "data = np.random.rand(500, 4)",
    "unknown": "import pandas as pd\ndata = pd.read_csv('d.csv').values.reshape(-1, 4)",
    "columns": "import pandas as pd\ndata = pd.read_csv('d.csv')[['a', 'b', 'c', 'd']].values",
}
LOOPS = {
    "range": "for i in range(len(data) - {w}):\n    windows.append(data[i:i + {w}])\n    targets.append(data[i + {w}, 0])",
    "range from": (
        "for i in range({w}, len(data)):\n    windows.append(data[i - {w}:i, :])\n    targets.append(data[i, 3])"
    ),
    "shape": (
        "for i in range(0, data.shape[0] - {w}, 1):\n"
        "    end = i + {w}\n    windows.append(data[i:end, 0:4])\n    targets.append(data[end, 0])"
    ),
    "break": (
        "for i in range(len(data)):\n    end = i + {w}\n    if end > len(data) - 1:\n        break\n"
        "    a, b = data[i:end], data[end, 0]\n    windows.append(a)\n    targets.append(b)"
    ),
    "if": (
        "for i in range(len(data)):\n    end = i + {w}\n    if end < len(data):\n"
        "        windows.append(data[i:end])\n        targets.append(data[end, 0])"
    ),
    "while": (
        "i = 0\nwhile i + {w} < len(data):\n    windows.append(data[i:i + {w}])\n"
        "    targets.append(data[i + {w}, 0])\n    i += 1"
    ),
    "comprehension": (
        "windows = [data[i:i + {w}] for i in range(len(data) - {w})]\n"
        "targets = [data[i + {w}, 0] for i in range(len(data) - {w})]"
    ),
}


SAYS_NOTHING = "3"
"""The Keras whose Sequential model takes another number of steps than it was declared for."""


@pytest.mark.parametrize("keras", ["2.3", "2.15", "3"])
@pytest.mark.parametrize(
    ("table", "loop", "window", "declared"), list(itertools.product(TABLES, LOOPS, (1, 2), (1, 2)))
)
def test_windows(table: str, loop: str, window: int, declared: int, keras: str, request: pytest.FixtureRequest) -> None:
    if loop == "while" and table != "known" and window != declared:
        request.applymarker(
            pytest.mark.xfail(strict=True, reason="the first pass of a `while` takes `data[0:2]` of a table")
        )
    mark = "" if window == declared else f"  # expect: {'LL203' if keras == SAYS_NOTHING else 'LL202'}"
    text = WINDOWS.format(table=TABLES[table], loop=LOOPS[loop].format(w=window), declared=declared, mark=mark)
    found = check("windows.py", text, marks(text), keras)
    assert not found or f"{window}, 4)" in found[0].message, found[0].message
