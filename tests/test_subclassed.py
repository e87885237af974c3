"""The program's own layers and models, functions of `Lambda`, and models in every style, against real Keras.

A file under `fixtures/subclassed` holds programs behind lines `# --- title`; what stands before the first is part of each.
A program leaves a tensor or array `out` and a `model`; lines at fault are marked `# expect: LL101`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from evaluation import NoModules, Program

from lstmlint.analysis import analyse
from lstmlint.checks import findings
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.program import run_program
from lstmlint.interpreter.values import Site
from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.summary import summary
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_models import state_of
from lstmlint.libraries.keras_values import KerasContext, to_structure
from lstmlint.libraries.registry import shared_registry
from lstmlint.settings import default_settings
from lstmlint.source.module import SourceModule, load

FOLDER = Path(__file__).parent / "fixtures" / "subclassed"
_MARK = re.compile(r"# expect: (LL\d{3}(?:, ?LL\d{3})*)")


def programs() -> dict[str, str]:
    """The programs by file and title."""
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        head, *parts = path.read_text(encoding="utf-8").split("# --- ")
        for part in parts:
            title, _, body = part.partition("\n")
            found[f"{path.stem}: {title}"] = head + body
    return found


PROGRAMS = programs()


def analysed(source: str, version: Version = Version.K3) -> dict[str, Any]:
    """What lstmlint makes of a program, as the worker tells it, and the findings as (row, code)."""
    module = load(source.encode(), "program.py")
    assert isinstance(module, SourceModule), module
    run = run_program(module, shared_registry(), NoModules(), KerasContext(version))
    call = Call(run, Site(module, module.tree), "test", [], {})
    told: dict[str, Any] = {"found": set(), "shape": None, "params": [], "trainable": []}
    for finding in findings(run.events, version):
        span = module.span(finding.site.node)
        assert span is not None
        told["found"].add((span.start.row, finding.code))
    names = Program(run).names
    told["shape"] = shown(to_structure(call, names["out"])) if "out" in names else None
    state = state_of(call, names.get("model"))
    if state is not None and state.graph is not None:
        table = summary(state.graph, version)
        told["params"], told["trainable"] = [table.total], [table.trainable]
    return told


def shown(structure: Structure) -> Any:
    """A shape as the worker tells it; several as a list, None where it is not known."""
    if isinstance(structure, tuple):
        return list(map(shown, structure))
    return list(structure.shape.dims) if isinstance(structure, Tensor) and structure.shape.exact else None


def marks(source: str) -> set[tuple[int, str]]:
    """What the lines of a program expect."""
    lines = enumerate(source.splitlines(), 1)
    return {(row, code.strip()) for row, line in lines for mark in _MARK.finditer(line) for code in mark[1].split(",")}


@pytest.mark.parametrize("title", PROGRAMS)
def test_findings_are_the_marked_ones(title: str) -> None:
    assert analysed(PROGRAMS[title])["found"] == marks(PROGRAMS[title])


@pytest.mark.parametrize("title", PROGRAMS)
@pytest.mark.parametrize("version", [Version.K2, Version.T2])
def test_older_keras_finds_nothing_else(title: str, version: Version) -> None:
    assert analysed(PROGRAMS[title], version)["found"] <= marks(PROGRAMS[title])


@pytest.mark.keras
def test_keras_agrees() -> None:
    """Shapes and parameters are those of Keras, and exactly the marked programs raise."""
    pytest.importorskip("tensorflow")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("subclass_worker.py"))],
        input="".join(json.dumps(source) + "\n" for source in PROGRAMS.values()),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=True,
    )
    answers = dict(zip(PROGRAMS, map(json.loads, done.stdout.splitlines()), strict=True))
    differing = {}
    for title, answer in answers.items():
        told, is_wrong = analysed(PROGRAMS[title]), bool(marks(PROGRAMS[title]))
        if (answer["raised"] is not None) is not is_wrong:
            differing[title] = answer
        elif not is_wrong and {key: told[key] for key in ("shape", "params", "trainable")} != {
            key: answer[key] for key in ("shape", "params", "trainable")
        }:
            differing[title] = (answer, told)
    assert not differing


BLOCKS = """
from tensorflow.keras import layers


class Block(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.first = layers.LSTM(units)
        self.second = layers.LSTM(units)

    def call(self, x):
        return self.second(self.first(x))
"""
USER = """
import numpy as np
from tensorflow import keras
from parts.blocks import Block
from somewhere import Other


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.other = Other()
        self.block = Block(4)

    def call(self, x):
        return self.block(x)


Net()(np.zeros((2, 5, 3)))
"""


def test_a_class_of_another_file_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "__init__.py").touch()
    (tmp_path / "parts" / "blocks.py").write_text(BLOCKS)
    user = tmp_path / "user.py"
    result = analyse(str(user), USER.encode(), default_settings(str(tmp_path)))
    (found,) = result.diagnostics
    assert found.code == "LL101" and found.filename.endswith("blocks.py")
    assert [(place.span.start.row, place.message) for place in found.trace][-1] == (15, "reached from this call")


@pytest.mark.parametrize("base", ["Other", "somewhere.Model", "make_base()", "keras.Model, Other"])
def test_nothing_is_known_behind_a_base_that_is_not(base: str) -> None:
    told = analysed(
        "import numpy as np\nimport somewhere\nfrom somewhere import Other, make_base\nfrom tensorflow import keras\n"
        f"class Net({base}):\n"
        "    def __init__(self):\n        super().__init__()\n        self.a = keras.layers.Dense(3)\n"
        "    def call(self, x):\n        return self.a(x)\n"
        "model = Net()\nmodel.compile('adam', 'mse')\nmodel.fit(np.zeros((8, 2)), np.zeros((8, 5)))\n"
    )
    assert told["found"] == (set() if base != "keras.Model, Other" else {(13, "LL302")})


@pytest.mark.parametrize("version", Version)
def test_classes_that_make_no_sense_are_survived(version: Version) -> None:
    source = (FOLDER.parent / "nonsense_classes.py").read_text(encoding="utf-8")
    assert {code for _, code in analysed(source, version)["found"]} <= {"LL601", "LL602", "LL603", "LL109"}
