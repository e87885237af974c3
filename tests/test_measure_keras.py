"""The maintainers' command that measures a Keras: on the Keras that the data were measured on, nothing changed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from keras_measure import chains
from measure_keras import compact, differences

COMMAND = [sys.executable, str(ROOT / "scripts" / "measure_keras.py")]
#: The release of the stored data of Keras 3.
STORED = "3.15.1"


@pytest.mark.keras
def test_nothing_changed_on_the_measured_release() -> None:
    keras = pytest.importorskip("keras")
    if keras.__version__ != STORED:
        pytest.skip(f"the data are of Keras {STORED}")
    done = subprocess.run([*COMMAND, "--quick"], capture_output=True, encoding="utf-8", check=False)
    lines = done.stdout.splitlines()
    assert lines[0] == f"Keras {STORED}, against the stored K3"
    assert lines[1:-1] == [
        f"{part}: nothing changed" for part in ("signatures", "keywords", "values", "chains", "parameters")
    ]
    assert lines[-1].startswith("layers without an entry: none")
    assert done.returncode == 0


def test_what_changed_is_told_place_by_place() -> None:
    before = {"Dense": {"required": ["units"], "optional": {"use_bias": True}}, "Highway": {}}
    after = {"Dense": {"required": ["units"], "optional": {"use_bias": False}}, "Mixer": {"required": []}}
    assert list(differences(before, after, "layers")) == [
        "layers: Dense: optional: use_bias: true is now false",
        "layers: Highway is gone",
        'layers: Mixer is new: {"required": []}',
    ]


def test_rows_that_did_not_change_are_stored_as_they_were() -> None:
    path = ROOT / chains.PATH
    data = json.loads(path.read_text(encoding="utf-8"))
    assert chains.written(data, "K3", chains.stored(data, "K3")) == data
    assert json.loads(compact(data)) == data
