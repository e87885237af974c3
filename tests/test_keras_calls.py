"""Calls of Keras as measured, through lstmlint: what each generation refuses is found, what it takes is not.

Rows of the fixture are a statement and what Keras 2.2.4, tf.keras 2.15 and Keras 3.15 say to it ("ok", or the exception).  Behind
them stand the versions in which lstmlint says nothing though Keras raises (a list that may shrink), and those in which it speaks
though the statement itself passes: Keras raises when the layer is called.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lstmlint.analysis import analyse
from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.settings import Settings

VERSIONS = ("2.3", "2.15", "3")
CALLS = json.loads((Path(__file__).parent / "fixtures" / "keras_facts" / "calls.json").read_text(encoding="utf-8"))

HEAD = """import numpy as np
import keras
from keras import backend as K
from keras.models import Sequential, Model
from keras.layers import *
from keras.optimizers import *
from keras.callbacks import *
from keras.regularizers import *
from keras.constraints import *
x = np.zeros((8, 3, 2))
y = np.zeros((8, 1))
m = Sequential()
m.add(LSTM(4, input_shape=(3, 2)))
m.add(Dense(1))
m.compile(loss="mse", optimizer="sgd")
"""


def lint(source: str, folder: Path, keras: str) -> tuple[Diagnostic, ...]:
    settings = Settings(root=str(folder), keras_version=keras)
    result = analyse(str(folder / "program.py"), source.encode("utf-8"), settings)
    assert not result.defects
    return result.diagnostics


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("row", CALLS, ids=[row[0] for row in CALLS])
def test_measured_calls(row: list[object], version: str, tmp_path: Path) -> None:
    statement, said, unsaid, late = row
    assert isinstance(said, list) and isinstance(unsaid, list) and isinstance(late, list)
    outcome = said[VERSIONS.index(version)]
    found = lint(f"{HEAD}{statement}\n", tmp_path, version)
    errors = [each for each in found if each.severity is Severity.ERROR and each.span is not None]
    errors = [each for each in errors if each.span is not None and each.span.start.row > HEAD.count("\n")]
    raises = outcome != "ok" or version in late
    assert bool(errors) == (raises and version not in unsaid), [each.message for each in errors]


def codes(source: str, folder: Path, keras: str = "3") -> list[tuple[str, int]]:
    found = lint(source, folder, keras)
    return sorted((each.code, each.span.start.row) for each in found if each.span is not None)


OLD = """from keras.layers.core import Dense, Dropout
from keras.layers.recurrent import LSTM
from keras.models import Sequential
from keras.utils import np_utils
model = Sequential()
model.add(LSTM(output_dim=32, init="uniform", return_sequences=True, input_shape=(20, 8)))
model.add(LSTM(output_dim=32, init="uniform"))
model.add(Dense(output_dim=16, init="uniform"))
model.add(Dense(output_dim=1, init="uniform"))
model.compile(loss="mse", optimizer="sgd")
model.fit(x, y, nb_epoch=2)
model.fit(x, y, nb_epoch=2)
"""


def test_an_old_program_is_not_flooded(tmp_path: Path) -> None:
    """Each kind of old is told once, where it is met first, with its other places and the way to say the version."""
    assert codes(OLD, tmp_path) == [("LL601", 6), ("LL601", 6), ("LL601", 11), ("LL605", 1)]
    told = lint(OLD, tmp_path, "3")
    names = next(each for each in told if each.code == "LL605")
    units = next(each for each in told if "`output_dim`" in each.message)
    assert names.message == "Keras 3 has no module `keras.layers.core`; 2 more places like it"
    assert [place.span.start.row for place in names.trace] == [2, 4]
    assert units.message == "LSTM has no argument `output_dim` in Keras 3; 3 more places like it"
    assert [place.span.start.row for place in units.trace] == [7, 8, 9]
    for each in (names, units):
        assert each.help is not None and "`--keras-version 2.3`" in each.help
    assert codes(OLD, tmp_path, "2.3") == []


def test_a_comment_hides_one_place_of_several(tmp_path: Path) -> None:
    source = "import keras\na = keras.optimizers.SGD(lr=1)  # lstmlint: ignore[LL601]\nb = keras.optimizers.SGD(lr=1)\n"
    assert codes(source, tmp_path) == [("LL601", 3)]


PREPARED = {
    "try": "try:\n    from keras.layers.core import Dense\nexcept ImportError:\n    from keras.layers import Dense\n",
    "nested": "try:\n    import keras.layers.core\nexcept (ImportError, OSError):\n    from keras.engine import Layer\n",
    "hasattr": "import keras\nif hasattr(keras.utils, 'multi_gpu_model'):\n    f = keras.utils.multi_gpu_model\n",
    "version": "import keras\nif keras.__version__ < '3':\n    from keras.utils import np_utils\n",
    "typing": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from keras.engine.topology import Layer\n",
    "getattr": "import keras\nf = getattr(keras.utils, 'multi_gpu_model', None)\n",
    "own": "class keras:\n    optimizers = 3\nkeras.optimizers\nkeras.anything\n",
    "flag": "import sys\nif sys.argv[1] == 'old':\n    from keras.layers.core import Dense\n",
}


@pytest.mark.parametrize("source", PREPARED.values(), ids=PREPARED)
def test_a_prepared_program_is_left_alone(source: str, tmp_path: Path) -> None:
    assert codes(source, tmp_path) == []


def test_the_import_is_the_finding_and_not_what_follows(tmp_path: Path) -> None:
    source = """import keras.layers.recurrent
import keras.backend.tensorflow_backend as KTF
KTF.set_session(KTF.get_session())
layer = keras.layers.recurrent.LSTM(4)
from keras.layers import CuDNNLSTM
CuDNNLSTM(4, anything=3)(5)
"""
    assert codes(source, tmp_path) == [("LL605", 1)]


def test_what_has_moved_is_followed(tmp_path: Path) -> None:
    source = """from keras.layers.recurrent import LSTM
from keras.models import Sequential
model = Sequential([LSTM(4, input_shape=(3, 2)), LSTM(4)])
"""
    assert codes(source, tmp_path) == [("LL101", 3), ("LL605", 1)]
    assert codes(source, tmp_path, "2.3") == [("LL101", 3)]


def test_the_release_counts_where_it_is_told(tmp_path: Path) -> None:
    source = "from keras.utils.np_utils import to_categorical\n"
    assert codes(source, tmp_path, "2.15") == [("LL605", 1)]
    assert codes(source, tmp_path, "2.8") == codes(source, tmp_path, "2") == []
