"""Bad input through the command line: one clear line, no traceback, the other files still checked."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import environment

NEIGHBOUR = """
from keras import Input, Sequential
from keras.layers import LSTM

model = Sequential([Input((10, 3)), LSTM(4), LSTM(4)])
"""
"""A file beside the bad one; what is wrong in it must be found whatever the other is."""

KERAS = "import keras\n"
MEMORY = 3 << 30
"""Address space that a run may use.  Units: bytes."""


def _limited() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run lstmlint with little memory; it has to come to an end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "lstmlint", *arguments],
        cwd=folder,
        env=environment(**variables),
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
        stdin=subprocess.DEVNULL,
        preexec_fn=_limited if os.name == "posix" else None,
    )


def lint(folder: Path, *paths: str, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]], str]:
    """Exit status, findings and standard error of a run over `paths` and the neighbour, which comes last."""
    (folder / "zz_neighbour.py").write_text(NEIGHBOUR)
    done = run(folder, "--no-cache", "--output-format", "json", *options, *paths, "zz_neighbour.py")
    assert "Traceback" not in done.stdout + done.stderr, done.stderr[-2000:]
    findings = json.loads(done.stdout)
    others = [each for each in findings if each["filename"] != "zz_neighbour.py"]
    assert [each["code"] for each in findings if each not in others] == ["LL101"], "the neighbour was not checked"
    return done.returncode, others, done.stderr


def one_line(text: str) -> str:
    assert text.endswith("\n") and text.count("\n") == 1, text
    return text


# --- paths ------------------------------------------------------------------------------------------------------------


def test_missing_path(tmp_path: Path) -> None:
    status, found, errors = lint(tmp_path, "missing.py")
    assert (status, found) == (2, [])
    assert "`missing.py`: no such file or folder" in one_line(errors)


def test_folder_without_python(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").write_text("nothing")
    status, found, _ = lint(tmp_path, "empty")
    assert (status, found) == (1, [])
    alone = run(tmp_path, "--no-cache", "empty")
    assert alone.returncode == 0
    assert "no Python files" in one_line(alone.stderr)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs a user who may not read everything")
def test_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(KERAS)
    (tmp_path / "secret.py").chmod(0)
    status, _found, errors = lint(tmp_path, "secret.py")
    assert status == 2
    assert "secret.py" in one_line(errors)


def test_symlinks_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "loop.py").symlink_to(tmp_path / "loop.py")
    (tmp_path / "first.py").symlink_to(tmp_path / "second.py")
    (tmp_path / "second.py").symlink_to(tmp_path / "first.py")
    (tmp_path / "zz_neighbour.py").write_text(NEIGHBOUR)
    done = run(tmp_path, "--no-cache", "--output-format", "json", ".")
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    findings = json.loads(done.stdout)
    assert [(f["filename"], f["code"]) for f in findings if not f["code"].startswith("LL0")] == [
        ("zz_neighbour.py", "LL101")
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "pipe.py")
    assert lint(tmp_path, "folder")[:2] == (1, [])


def test_a_folder_that_is_called_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder.py" / "inner.py").write_text(NEIGHBOUR)
    _, found, _ = lint(tmp_path, "folder.py")
    assert [(each["filename"], each["code"]) for each in found] == [("folder.py/inner.py", "LL101")]


# --- what is not Python -----------------------------------------------------------------------------------------------

PYTHON_2 = KERAS + 'print "epochs", 3\n'
SOURCES: dict[str, tuple[bytes, str, int]] = {
    "binary": (b"keras\x00\x01\x02\xff\xfe" * 50, "LL003", 1),
    "wrong encoding": (b"# keras\nname = '\xe9t\xe9'\n", "LL003", 1),
    "unknown encoding": (b"# -*- coding: klingon -*-\nimport keras\n", "LL003", 1),
    "syntax error": (b"import keras\nmodel = keras.Sequential([\nx = 1\n", "LL001", 1),
    "Python 2": (PYTHON_2.encode(), "LL001", 1),
    "tabs and spaces": (b"import keras\nif True:\n\tx = 1\n        y = 2\n", "LL001", 1),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_not_python(name: str, tmp_path: Path) -> None:
    data, code, status = SOURCES[name]
    (tmp_path / "bad.py").write_bytes(data)
    got, found, errors = lint(tmp_path, "bad.py")
    assert got == status
    assert errors == ""
    assert [each["code"] for each in found] == [code], found
    assert "\n" not in found[0]["message"]


def test_syntax_errors_have_a_place_and_a_reason(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("import keras\nx = 1\nmodel = = 2\n")
    _, (found,), _ = lint(tmp_path, "bad.py")
    assert found["location"] == {"row": 3, "column": 9}
    assert len(found["message"]) > len("syntax error")


def test_python_2_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "old.py").write_text(PYTHON_2)
    _, (found,), _ = lint(tmp_path, "old.py")
    assert "Python 2" in found["message"]
    assert found["location"]["row"] == 2


# --- too much ---------------------------------------------------------------------------------------------------------

DEEP = 100_000
LONG = 20_000
TOO_MUCH = {
    "brackets": "x = " + "(" * DEEP + ")" * DEEP,
    "lists": "x = " + "[" * DEEP + "]" * DEEP,
    "open brackets": "x = " + "(" * DEEP,
    "minus": "x = " + "-" * DEEP + "1",
    "not": "x = " + "not " * DEEP + "1",
    "tilde": "x = " + "~" * DEEP + "1",
    "attributes": "x = a" + ".b" * LONG,
    "calls": "x = f" + "()" * LONG,
    "subscripts": "x = f" + "[0]" * LONG,
    "additions": "x = 1" + " + 1" * LONG,
    "powers": "x = 1" + " ** 1" * LONG,
    "comparisons": "x = 1" + " < 1" * LONG,
    "ands": "x = a" + " and a" * LONG,
    "lambdas": "x = " + "lambda: " * LONG + "1",
    "ternaries": "x = " + "1 if a else " * LONG + "1",
    "strings": "x = " + "'a' " * LONG,
    "elif": "if a:\n    x = 1\n" + "elif b:\n    x = 2\n" * 5_000,
    "a million elements": "x = [" + "1, " * 1_000_000 + "]",
    "ten megabytes": "x = 1  # and so on\n" * 560_000,
    "one long line": "x = 'a' * 3; " * 100_000,
    "nested blocks": "".join("    " * level + "if a:\n" for level in range(90)) + "    " * 90 + "x = 1",
    "f-string fields": "x = " + "f'{" * 100 + "1" + "}'" * 100,
    "a long string": "x = '" + "a" * 900_000 + "'",
    "decorators": "@a\n" * LONG + "def f(): pass",
    "stars": "x = " + "*" * DEEP + "a",
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_too_much_is_told_or_read(name: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(KERAS + TOO_MUCH[name] + "\n")
    status, found, errors = lint(tmp_path, "bad.py")
    assert status == 1
    assert errors == ""
    assert len(found) <= 1
    assert all(each["code"] in ("LL001", "LL004") and "\n" not in each["message"] for each in found), found


LIMITED = (
    "brackets",
    "minus",
    "not",
    "attributes",
    "calls",
    "additions",
    "elif",
    "a million elements",
    "ten megabytes",
)


@pytest.mark.parametrize("name", LIMITED)
def test_limits_are_named(name: str, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(KERAS + TOO_MUCH[name] + "\n")
    _, found, _ = lint(tmp_path, "bad.py")
    assert [each["code"] for each in found] == ["LL004"]
    assert any(character.isdigit() for character in found[0]["message"]), "the limit is not told"


# --- programs that would take for ever --------------------------------------------------------------------------------

BEFORE = "from keras import Input, Sequential\nfrom keras.layers import LSTM, Dense\n"
NESTED = (
    "".join("    " * level + f"for i{level} in range(10 ** 6):\n" for level in range(12)) + "    " * 12 + "total += 1\n"
)
FUNCTIONS = "\n".join(f"def f{i}(n):\n    return f{i + 1}(n) + f{i + 1}(n) + f{i + 1}(n)\n" for i in range(40))
PROGRAMS = {
    "a power of powers": "x = 10 ** 10 ** 10\ny = 10 ** (10 ** 10)\nz = 2 ** x\nw = 1 << 10 ** 9\n",
    "a huge list": "x = [0] * 10 ** 12\ny = 'a' * 10 ** 12\nz = (1, 2) * 10 ** 9\nw = list(range(10 ** 12))\n",
    "a doubling list": "x = [1]\nfor _ in range(100):\n    x = x + x\ns = 'a'\nwhile True:\n    s += s\n    if f(s):\n        break\n",
    "nested loops": "total = 0\n" + NESTED,
    "mutual recursion": "def f(n):\n    return g(n) + g(n)\ndef g(n):\n    return f(n) + f(n)\nf(10)\ng(x)\n",
    "calls that multiply": FUNCTIONS + "\nf0(1)\n",
    "branches that multiply": "".join(
        f"if c{i}:\n    x{i} = 1\nelse:\n    x{i} = 2\ny = x{i} + y\n" for i in range(200)
    ),
    "a list in itself": "x = []\nx.append(x)\nx[0][0][0].append(x)\ny = {}\ny['a'] = y\nprint(y == y, x == x)\nn = len(str(x))\n",
    "a class of its own": "class A(A): pass\nclass B:\n    def __getattr__(self, n):\n        return getattr(self, n)\nB().x.y\n",
    "comprehensions": "x = [[[[a for a in range(10**9)] for b in range(10**9)] for c in range(10**9)] for d in range(10**9)]\n",
    "a million layers": "model = Sequential([Input((3,))])\nfor i in range(10 ** 6):\n    model.add(Dense(3))\n",
    "factorials": "import math\nx = math.factorial(10 ** 7)\ny = 9 ** 9 ** 9 ** 9\nz = int('9' * 10 ** 6) ** 2\n",
    "division": "x = 1 / 0\ny = 1 // 0\nz = 5 % 0\nw = 1 << -1\nv = [1][5]\nu = {}['a']\n",
    "big shapes": "import numpy as np\nx = np.zeros((10 ** 9, 10 ** 9))\ny = x.reshape(-1, 5, 10 ** 8)\nz = np.zeros([2] * 5000)\n",
    "odd text": "x = 'a'.ljust(10 ** 12)\ny = '%10000000000d' % 3\nz = f'{3:>{10 ** 10}}'\nw = 'a'.replace('', 'b' * 10 ** 9)\n",
    "a generator without end": "def g():\n    while True:\n        yield 1\nx = list(g())\na, *b = g()\nfor i in g():\n    pass\n",
    "itertools": "import itertools\nx = list(itertools.product(range(1000), repeat=9))\ny = list(itertools.permutations(range(99)))\n",
    "sorted by itself": "x = sorted(range(10 ** 9), key=lambda v: sorted(range(10 ** 9)))\ny = sum(range(10 ** 18))\n",
}
STUBBORN = "\nmodel = Sequential([Input((10, 3)), LSTM(4), LSTM(4)])\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_that_would_take_for_ever(name: str, tmp_path: Path) -> None:
    before = BEFORE + STUBBORN
    (tmp_path / "bad.py").write_text(before + PROGRAMS[name])
    status, found, errors = lint(tmp_path, "bad.py")
    assert (status, errors) == (1, "")
    assert [(each["code"], each["location"]["row"]) for each in found] == [("LL101", before.count("\n"))], found


# --- notebooks --------------------------------------------------------------------------------------------------------

NOTEBOOKS = {
    "no JSON": ("keras {", "LL005"),
    "empty": ("", None),
    "a list": ('["keras"]', "LL005"),
    "no cells": ('{"keras": 1}', "LL005"),
    "cells are text": ('{"cells": "keras"}', "LL005"),
    "a cell is a number": ('{"cells": [1, "keras"]}', None),
    "a number is too long": ('{"cells": [], "keras": ' + "9" * 10_000 + "}", "LL005"),
    "deep JSON": ('{"keras": ' + "[" * 100_000 + "]" * 100_000 + ', "cells": []}', "LL005"),
    "a lone surrogate": (
        json.dumps({"cells": [{"cell_type": "code", "source": ["import keras # \ud800"]}]}),
        None,
    ),
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_that_are_none(name: str, tmp_path: Path) -> None:
    text, code = NOTEBOOKS[name]
    (tmp_path / "bad.ipynb").write_text(text)
    status, found, errors = lint(tmp_path, "bad.ipynb")
    assert (status, errors) == (1, "")
    assert [each["code"] for each in found] == ([code] if code else []), found


# --- usage and configuration ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--select", "LL777"), "LL777"),
        (("--isolated", "--config", "lstmlint.toml"), "--isolated"),
        (("--keras-version", "x"), "keras-version"),
        (("--jobs", "-1"), "jobs"),
        (("--output-format", "nonsense"), "nonsense"),
        (("--update-baseline",), "--baseline"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], word: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(NEIGHBOUR)
    (tmp_path / "lstmlint.toml").write_text("")
    done = run(tmp_path, *arguments)
    assert "Traceback" not in done.stderr
    assert (done.returncode, done.stdout) == (2, "")
    assert word in one_line(done.stderr)


@pytest.mark.parametrize(
    "text",
    [
        "select = [",
        "selct = []",
        "select = 3",
        'select = ["LL777"]',
        "\x00",
        "keras-version = 'new'",
        "[limits]\nx = 1",
    ],
)
def test_broken_configuration(text: str, tmp_path: Path) -> None:
    (tmp_path / "lstmlint.toml").write_text(text)
    (tmp_path / "a.py").write_text(NEIGHBOUR)
    done = run(tmp_path, "--no-cache", "a.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert "lstmlint.toml" in one_line(done.stderr)


BREAKS = """
import sys
from lstmlint.interpreter import expressions

def broken(*args, **kwargs):
    raise RuntimeError("a defect on purpose")

import lstmlint.analysis
original = lstmlint.analysis._run
lstmlint.analysis._run = lambda module, *rest: broken() if module.name == "bad.py" else original(module, *rest)
from lstmlint.cli import main
sys.exit(main())
"""


def test_a_defect_of_our_own(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text(NEIGHBOUR)
    (tmp_path / "good.py").write_text(NEIGHBOUR)
    (tmp_path / "run.txt").write_text(BREAKS)
    done = subprocess.run(
        [sys.executable, "run.txt", "--no-cache", "--output-format", "json", "bad.py", "good.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert [(each["filename"], each["code"]) for each in found] == [("bad.py", "LL099"), ("good.py", "LL101")]
    assert "report" in found[0]["message"]
