"""All models of array libraries take anything: what does not fit gives an unknown value, never an exception."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from evaluation import run

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments, call_handler
from lstmlint.interpreter.values import Const, Site, Unknown, Value
from lstmlint.libraries.registry import Registry

PROGRAM = """
import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from sklearn.preprocessing import LabelBinarizer, MinMaxScaler
from data import mystery, flag
n = len(mystery)
values = [
    None, True, 0, -1, 3, 2.5, "", "a", "index", ..., n, -n, int(n * 0.8), n / 2, mystery, str(mystery), (), [], {},
    {"a": 1},
    (0, 1), (-1, 2), (n, 3), [n, mystery], ["a", "b"], [[1, 2], [3]], [[1], "a"], slice(None), range(3), range(n),
    (x for x in mystery), lambda v: v, np.float32, float, np.zeros(3), np.zeros((n, 5, 3)), np.zeros((0, 2)),
    np.array(4),
    np.array("a"), np.load("f"), np.stack([np.load("f"), np.load("f")], axis=-1), np.zeros(n) > 3, np.arange(n),
    pd.read_csv("f"), pd.read_csv("f", names=["a", "b"]), pd.read_csv("f")["a"], pd.read_csv("f").columns,
    pd.DataFrame(),
    pd.read_csv("f").iloc, pd.read_csv("f").rolling(3), pd.read_csv("f")["a"].dt, np.random.RandomState(1), KFold(3),
    MinMaxScaler(), LabelBinarizer().fit(mystery), 1 if flag else [1], [1 if flag else np.zeros(3)],
    [np.zeros((n, i)) for i in range(3)], [np.load(f) for f in mystery], "ij,jk->ik", 10 ** 30, -10 ** 30,
]
"""


@pytest.fixture(scope="module")
def program() -> Any:
    return run(PROGRAM)


def names(*tops: str) -> list[str]:
    registry = Registry()
    for top in tops:
        registry.lookup(f"{top}.x")
    return sorted(name for name, found in registry._models.items() if callable(found) and name.startswith(tops))


#: Further libraries that carry shapes.
FURTHER = ("cv2", "imblearn", "librosa", "scipy", "tensorflow_datasets", "tqdm")


@pytest.mark.parametrize("name", names("numpy", "pandas", "sklearn", *FURTHER))
def test_takes_anything(program: Any, name: str) -> None:
    interpreter = program.run
    handler = interpreter.library.lookup(name)
    site = Site(interpreter.entry, interpreter.entry.tree)
    content = Call(interpreter, site, "test", [], {}).items(program.value("values"))
    assert content is not None
    interpreter.frames = [interpreter_frame(interpreter)]
    chance = random.Random(name)
    words = [*handler.__code__.co_varnames[1:7], "axis", "keepdims", "size", "inplace", "columns"]
    candidates = [*content, Unknown(("test", name), "u"), Unknown(("number", name), "i", "int")]
    tries = [[value] for value in chance.sample(candidates, 20)] + [
        [chance.choice(candidates) for _ in range(chance.randint(0, 5))] for _ in range(20)
    ]  # fmt: skip
    for number, args in enumerate(tries):
        keywords = {chance.choice(words): chance.choice(candidates)} if number % 3 == 0 else {}
        interpreter._steps = interpreter._splits = 0
        interpreter.state.facts.clear()
        interpreter.target_name = None
        state = interpreter.state
        interpreter.state = state.fork()
        result = call_handler(interpreter, handler, name, Arguments(list(args), dict(keywords)), site)
        interpreter.state = state
        assert result is None or isinstance(result, Value), (args, keywords)


def interpreter_frame(interpreter: Any) -> Any:
    from lstmlint.interpreter.interpreter import Frame

    scope = next(address for address, thing in interpreter.state.heap.items() if type(thing).__name__ == "Scope")
    return Frame(interpreter.entry, scope)


def test_no_name_is_modelled_twice() -> None:
    registry = Registry()
    for top in ("numpy", "pandas", "sklearn", "builtins", "tensorflow", "keras"):
        registry.lookup(f"{top}.x")


def test_indices_of_all_kinds() -> None:
    """Random indices of an array: the shape is numpy's own."""
    numpy = pytest.importorskip("numpy")
    array = numpy.zeros((6, 5, 4, 3))
    parts = ["0", "-1", ":", "1:", ":-1", "::2", "...", "None", "[0, 2]", "[1]", "np.array([[0, 1], [2, 0]])", "1:3"]
    chance = random.Random(4)
    for size in (1, 2, 3, 4):
        for chosen in chance.sample(list(itertools.product(parts, repeat=size)), min(60, len(parts) ** size)):
            if chosen.count("...") > 1:
                continue
            text = ", ".join(chosen)
            try:
                real = numpy.shape(eval(f"array[{text}]", {"array": array, "np": numpy}))
            except IndexError:
                continue
            program = run(f"import numpy as np\narray = np.zeros((6, 5, 4, 3))\nresult = np.shape(array[{text}])")
            shown = program.value("result")
            items = getattr(shown, "items", None)
            assert items is not None, text
            assert tuple(item.value for item in items if isinstance(item, Const)) == real, text
