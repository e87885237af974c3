"""The formats of `lstmlint show`: snapshots, and laws that hold for any model.

Set LSTMLINT_UPDATE_SNAPSHOTS=1 to write the snapshots anew, and read the diff.
"""

import json
import os
import random
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from command_line import shown

from lstmlint.report.models import FORMATS, Shown, render
from lstmlint.report.models.layout import placed

SNAPSHOTS = Path(__file__).parent / "snapshots" / "models"
ENDINGS = {"table": "txt", "plain": "txt", "json": "json", "mermaid": "mmd", "svg": "svg"}

PROGRAM = """\
import numpy as np
from keras import Input, Model, Sequential
from keras.layers import LSTM, Bidirectional, Concatenate, Dense, Dropout, TimeDistributed, add


def build(steps):
    left, right = Input((steps, 4), name="left"), Input((steps, 4))
    flags = Input((3,))
    shared = LSTM(6)
    joined = Concatenate()([shared(left), shared(right), flags])
    x = Dropout(0.5)(Dense(8, activation="relu")(joined))
    total = add([x, Dense(8)(joined)])
    return Model([left, right, flags], [Dense(1, name="one")(total), Dense(4)(Concatenate()([total, flags]))])


two = build(10)
encoder = Sequential([Input((20, 3)), Bidirectional(LSTM(5, return_sequences=True)), TimeDistributed(Dense(2))])
encoder.trainable = False
whole = Sequential([encoder, LSTM(4), Dense(np.load("labels.npy").shape[1])], name="größe <&> \\"q\\"")
"""


def show(folder: Path, *options: str) -> str:
    """What `lstmlint show` prints of the program."""
    return shown(folder, PROGRAM, *options, name="models.py")


@pytest.mark.parametrize("name", FORMATS)
def test_snapshots(name: str, tmp_path: Path) -> None:
    path = SNAPSHOTS / f"{name}.{ENDINGS[name]}"
    text = show(tmp_path, "--output-format", name)
    if os.environ.get("LSTMLINT_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_snapshot_is_of_a_format() -> None:
    assert {path.name for path in SNAPSHOTS.iterdir()} == {f"{name}.{ENDINGS[name]}" for name in FORMATS}


def test_files_beside_the_output(tmp_path: Path) -> None:
    printed = show(tmp_path, "--output-file", "a.svg", "--output-file", "mermaid:b.txt", "--output-file", "c.json")
    assert printed == (SNAPSHOTS / "plain.txt").read_text(encoding="utf-8")
    for written, snapshot in (("a.svg", "svg.svg"), ("b.txt", "mermaid.mmd"), ("c.json", "json.json")):
        assert (tmp_path / written).read_text(encoding="utf-8") == (SNAPSHOTS / snapshot).read_text(encoding="utf-8")


def test_a_table_has_colours_when_asked(tmp_path: Path) -> None:
    colored = show(tmp_path, "--output-format", "table", "--color", "always")
    assert "\x1b[36m" in colored
    plain = (SNAPSHOTS / "table.txt").read_text(encoding="utf-8")
    assert re.sub("\x1b\\[\\d*m", "", colored) == plain


# --- laws ------------------------------------------------------------------------------------------------------------

NASTY = "a<b>&\"'`\\ ]]> \x1b[31m \x00 \ud800 \u202e 名前 #quot; \n end"


def model(layers: int, seed: int) -> dict[str, Any]:
    """A made-up model: each layer takes from some of those before it, now and then from itself or a later one."""
    rng = random.Random(seed)
    names = [f"layer_{i}" for i in range(layers)]
    rows = []
    for i, name in enumerate(names):
        inputs = rng.sample(names[:i], min(i, rng.choice([1, 1, 1, 2, 3])))
        if rng.random() < 0.05:
            inputs.append(rng.choice(names))
        rows.append(
            {
                "name": name, "class": rng.choice(["Dense", "InputLayer", NASTY]), "line": 1, "inputs": inputs,
                "output_shape": rng.choice([[None, 3], "?", [[None, 2], [None, "n<60"]], "multiple"]),
                "params": rng.choice([0, 12, "?", "4*n & more"]), "trainable_params": 0, "formula": None, "values": {},
            }
        )  # fmt: skip
    return {
        "name": NASTY, "keras_name": None, "class": "Functional", "filename": NASTY, "line": None, "cell": None,
        "keras": "3", "input_shape": None, "layers": rows, "total_params": "?", "trainable_params": 0,
        "non_trainable_params": 1,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_any_model_is_drawn(seed: int) -> None:
    shown = Shown((model(seed * 5, seed), model(1, seed)))
    root = ElementTree.fromstring(render("svg", shown).encode("utf-8"))
    width, height = (float(root.attrib[name]) for name in ("width", "height"))
    assert width > 0 < height
    boxes = [e for e in root.iter("{http://www.w3.org/2000/svg}rect") if e.get("class") in ("layer", "bare", "input")]
    assert len(boxes) == seed * 5 + 1
    for name in ("table", "plain", "mermaid"):
        assert "\x1b" not in render(name, shown)
    json.loads(render("json", shown))


@pytest.mark.parametrize("seed", range(20))
def test_boxes_do_not_overlap_and_arrows_go_down(seed: int) -> None:
    rng = random.Random(seed)
    count = rng.randint(1, 60)
    widths = [rng.uniform(20, 300) for _ in range(count)]
    arrows = [(rng.randrange(i), i) for i in range(1, count) for _ in range(rng.randint(1, 3))]
    layout = placed(widths, arrows, 20, 10)
    for rank in layout.ranks:
        nodes = [layout.nodes[i] for i in rank]
        for left, right in pairwise(nodes):
            assert left.x + left.width / 2 + 20 <= right.x - right.width / 2 + 1e-6
    for source, target in arrows:
        way = [layout.nodes[i] for i in layout.ways[source, target]]
        assert [node.rank for node in way] == list(range(way[0].rank, way[-1].rank + 1))


def test_no_models_are_an_empty_picture() -> None:
    ElementTree.fromstring(render("svg", Shown(())))
    assert render("plain", Shown(())) == ""
    assert render("json", Shown(())) == "[]\n"
