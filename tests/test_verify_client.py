"""The worker and its client: cases on real Keras, and workers that die, hang, talk nonsense or have no Keras."""

import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from lstmlint.verify.client import Client, Limits, NoWorker, interpreter_of
from lstmlint.verify.format import FORMAT, Plan

HELLO = {"hello": {"format": FORMAT, "keras": "3.0", "generation": "K3", "backend": "none", "device": "cpu"}}
SMALL = {"parameters": 0, "activations": 0, "data": 0}

FAKE = """#!{python}
import json, os, sys, time
print(json.dumps({hello!r}), flush=True)
for line in sys.stdin:
    case = json.loads(line)
    if case["id"] == "dies":
        os.kill(os.getpid(), 9)
    if case["id"] == "hangs":
        time.sleep(600)
    if case["id"] == "babbles":
        print("I tensorflow/core: \\\\ud800", flush=True)
        continue
    print(json.dumps({{"id": case["id"], "steps": []}}), flush=True)
"""


def _script(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def _plan(*cases: Any) -> Plan:
    return {"format": FORMAT, "keras": "K3", "cases": list(cases)}


def _case(ident: str, *steps: dict[str, Any], size: Any = None) -> dict[str, Any]:
    return {"id": ident, "steps": list(steps), "size": size or SMALL}


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="an interpreter is faked by a script")


@needs_scripts
def test_a_worker_that_breaks_costs_one_case(tmp_path: Path) -> None:
    python = _script(tmp_path / "python", FAKE.format(python=sys.executable, hello=HELLO))
    large = {"parameters": 100 * 10**9, "activations": 0, "data": 0}
    idents = ["one", "dies", "two", "hangs", "three", "babbles", "four"]
    with Client(python, limits=Limits(seconds=1.0)) as client:
        answer = client.ask(_plan(*map(_case, idents), _case("large", size=large), _case("five")))
        child = client._process._child
    assert [case.get("failed") for case in answer["cases"]] == [
        *(None, "crash", None, "timeout", None, "crash", None),
        *("memory", None),
    ]
    assert "100.0 GB" in answer["cases"][7]["words"]
    assert child.poll() is not None


@needs_scripts
def test_a_worker_that_does_not_start_again_leaves_the_answers_before(tmp_path: Path) -> None:
    once = f"import os\nif os.path.exists({str(tmp_path / 'ran')!r}): raise SystemExit(7)\nopen({str(tmp_path / 'ran')!r}, 'w')\n"
    text = FAKE.format(python=sys.executable, hello=HELLO).replace(
        "import json, os, sys, time\n", f"import json, os, sys, time\n{once}"
    )
    with Client(_script(tmp_path / "python", text), limits=Limits(seconds=10.0)) as client:
        answer = client.ask(_plan(*map(_case, ["one", "dies", "two"])))
    assert [case.get("failed") for case in answer["cases"]] == [None, "crash", "crash"]
    assert "exit status 7" in answer["cases"][2]["words"]


@needs_scripts
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#!/bin/sh\nexit 3\n", "exit status 3"),
        ("#!/bin/sh\necho rubbish\n", "no answer"),
        ('#!/bin/sh\necho \'{"hello": {"format": -1}}\'\n', "another worker"),
        ('#!/bin/sh\necho \'{"problem": "missing", "words": "No module"}\'\n', "lstmlint[verify]"),
    ],
)
def test_an_interpreter_without_a_worker_is_told_in_a_line(tmp_path: Path, text: str, words: str) -> None:
    with Client(_script(tmp_path / "python", text)) as client, pytest.raises(NoWorker) as raised:
        client.ask(_plan(_case("one")))
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_no_interpreter(tmp_path: Path) -> None:
    with pytest.raises(NoWorker, match="no Python interpreter"):
        interpreter_of(str(tmp_path))
    with Client(sys.executable, device="tpu") as client, pytest.raises(NoWorker, match="unknown device"):
        client.start()


def _make(ident: str, name: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"id": ident, "do": "make", "name": name, "args": list(args), "kwargs": kwargs}


def _model(*layers: dict[str, Any]) -> list[dict[str, Any]]:
    """A Sequential of layers on (20, 8)."""
    names = [f"l{number}" for number, _ in enumerate(layers)]
    made = [{**layer, "id": name} for name, layer in zip(names, layers, strict=True)]
    adds = [{"id": f"a{name}", "do": "add", "model": "m", "layer": {"ref": name}} for name in names]
    start = {"id": "i", "do": "add", "model": "m", "layer": {"name": "keras.Input", "args": [{"tuple": [20, 8]}]}}
    start["layer"]["kwargs"] = {}  # type: ignore[index]
    return [_make("m", "keras.Sequential"), start, *made, *adds]


def _lstm(**kwargs: Any) -> dict[str, Any]:
    return _make("", "keras.layers.LSTM", 4, **kwargs)


def _fit(targets: list[int]) -> list[dict[str, Any]]:
    return [
        {"id": "c", "do": "compile", "model": "m", "kwargs": {"loss": "mse", "optimizer": "adam"}},
        {"id": "f", "do": "train", "model": "m", "method": "fit", "x": {"shape": [6, 20, 8]}, "y": {"shape": targets},
         "kwargs": {"batch_size": 3}},
    ]  # fmt: skip


FORBIDDEN = [
    _make("x", "keras.layers.TFSMLayer", "folder"),
    _make("x", "numpy.load", "file"),
    _make("x", "keras.layers.StringLookup", vocabulary="file"),
    _make("x", "tensorflow.io.write_file", "written", "x"),
    _make("x", "operator.methodcaller", "x"),
    _make("x", "os.mkdir", "made"),
    _make("x", "keras.layers.Dense.__init__.__globals__"),
    {"id": "x", "do": "import", "name": "antigravity"},
]


@pytest.mark.keras
def test_cases_on_real_keras(tmp_path: Path) -> None:
    dense = _make("", "keras.layers.Dense", 1)
    cases = [
        _case("refused", *_model(_lstm(), _lstm())),
        _case("broadcast", *_model(_lstm(return_sequences=True), dense), *_fit([6])),
        _case("sound", *_model(_lstm(), dense), *_fit([6, 1])),
        *(_case(f"forbidden{number}", step) for number, step in enumerate(FORBIDDEN)),
    ]
    started = time.monotonic()
    with Client(sys.executable) as client:
        answer = client.ask(_plan(*cases))
        refused, broadcast, sound, *forbidden = answer["cases"]
        assert client._process is not None, "one worker for all"
    assert time.monotonic() - started < 100
    assert answer["generation"] == "K3"
    last = refused["steps"][-1]
    assert last["id"] == "al1" and last["raised"] is not None and last["raised"]["type"] == "ValueError"
    assert broadcast["steps"][-1]["raised"] is None
    met = broadcast["steps"][-1]["compared"]
    assert met and {(len(pair["target"]), len(pair["output"])) for pair in met} != {(3, 3)}
    added = {step["id"]: step for step in sound["steps"]}
    assert (added["al0"]["shapes"], added["al0"]["params"]) == ([[None, 4]], 4 * 4 * (4 + 8 + 1))
    assert added["f"]["loss"] is not None and added["f"]["compared"][0]["output"][1:] == [1]
    assert [case.get("failed") for case in forbidden] == ["plan"] * len(FORBIDDEN)
