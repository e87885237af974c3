"""Every named limit on work has a program that reaches it: the analysis ends quietly, and what was found before stands."""

from pathlib import Path

import pytest
from evaluation import Program, run

from lstmlint.analysis import analyse
from lstmlint.interpreter import budget
from lstmlint.settings import default_settings

LIMITS = sorted(name for name, value in vars(budget).items() if name.isupper() and isinstance(value, int))


def many(lines: str, count: int) -> str:
    return "".join(lines.format(i=i, j=i + 1) for i in range(count))


REACHING: dict[str, str] = {
    "MAX_STEPS": "def f(a):\n"
    + many("    x{i} = [a, a + {i}, (a, {i})]\n", 200)
    + "    return a\n"
    + "for i in range(20):\n    for j in range(20):\n        f(i + j)\n",
    "MAX_STEPS_ALONE": "def f(a):\n    for i in range(20):\n        for j in range(20):\n"
    + many("            x{i} = [a, a + {i}, (a, {i})]\n", 200)
    + "    return a\n",
    "MAX_CALL_DEPTH": many("def f{i}(n):\n    return f{j}(n) + 1\n", budget.MAX_CALL_DEPTH + 5)
    + f"def f{budget.MAX_CALL_DEPTH + 5}(n):\n    return n\nx = f0(1)\n",
    "MAX_RECURSION": "def f(n):\n    return 1 if n == 0 else n * f(n - 1)\nx = f(40)\n",
    "MAX_UNROLLED": f"x = 0\nfor i in range({budget.MAX_UNROLLED + 1}):\n    x += 1\n",
    "MAX_UNROLLED_ITEMS": f"x = 0\nfor i in {list(range(budget.MAX_UNROLLED_ITEMS + 1))}:\n    x += 1\n",
    "MAX_FACETS": "from data import c\nx = 0\n" + many("if c[{i}]:\n    x = {j}\n", budget.MAX_FACETS + 2),
    "MAX_ENDS": "from data import c\ndef f():\n"
    + many("    if c[{i}]:\n        return {i}\n", budget.MAX_ENDS + 2)
    + "    return -1\nx = f()\n",
    "MAX_SPLITS": "from data import c\nx = 1 if c else 2\ny = 0\n"
    + many("y = x + {i}\n", budget.MAX_SPLITS + 10)
    + "x = y\n",
    "MAX_ITEMS": f"x = [0] * {budget.MAX_ITEMS + 1}\ny = x[0]\n",
    "MAX_INT_BITS": f"x = 2 ** {budget.MAX_INT_BITS + 1}\n",
    "MAX_TEXT": f"x = 'a' * {budget.MAX_TEXT + 1}\n",
}

AT_MOST: dict[str, tuple[str, str]] = {
    "MAX_CALL_DEPTH": (
        many("def f{i}(n):\n    return f{j}(n) + 1\n", 10) + "def f10(n):\n    return n\nx = f0(1)\n",
        "11",
    ),
    "MAX_RECURSION": ("def f(n):\n    return 1 if n == 0 else n * f(n - 1)\nx = f(1)\n", "1"),
    "MAX_UNROLLED": (f"x = 0\nfor i in range({budget.MAX_UNROLLED}):\n    x += 1\n", str(budget.MAX_UNROLLED)),
    "MAX_UNROLLED_ITEMS": (
        f"x = 0\nfor i in {list(range(budget.MAX_UNROLLED_ITEMS))}:\n    x += 1\n",
        str(budget.MAX_UNROLLED_ITEMS),
    ),
    "MAX_FACETS": ("from data import c\nx = 0\nif c[0]:\n    x = 1\n", "1 or 0"),
    "MAX_ITEMS": (f"x = len([0] * {budget.MAX_ITEMS})\n", str(budget.MAX_ITEMS)),
    "MAX_INT_BITS": (f"x = 1 << {budget.MAX_INT_BITS - 2}\n", str(2 ** (budget.MAX_INT_BITS - 2))),
    "MAX_TEXT": (f"x = len('a' * {budget.MAX_TEXT})\n", str(budget.MAX_TEXT)),
}
"""Programs just within a limit, with what `x` is then."""

FAULT = """
from keras import Input, Sequential
from keras.layers import LSTM
model = Sequential([Input((10, 3)), LSTM(4), LSTM(4)])
"""


def test_every_limit_has_a_program() -> None:
    assert sorted(REACHING) == LIMITS


@pytest.mark.parametrize("name", LIMITS)
def test_findings_before_a_limit_stand(name: str, tmp_path: Path) -> None:
    source = FAULT + REACHING[name]
    result = analyse(str(tmp_path / "program.py"), source.encode(), default_settings(str(tmp_path)))
    assert not result.defects
    assert [(found.code, found.span and found.span.start.row) for found in result.diagnostics] == [("LL101", 4)]


@pytest.mark.parametrize("name", sorted(set(LIMITS) - {"MAX_STEPS"}))
def test_findings_behind_a_limit_are_made(name: str, tmp_path: Path) -> None:
    """All limits but the steps of a file end the analysis of a part only."""
    source = REACHING[name] + FAULT
    result = analyse(str(tmp_path / "program.py"), source.encode(), default_settings(str(tmp_path)))
    assert [found.code for found in result.diagnostics] == ["LL101"]


def test_behind_the_steps_nothing_is_analysed(tmp_path: Path) -> None:
    source = REACHING["MAX_STEPS"] + FAULT
    result = analyse(str(tmp_path / "program.py"), source.encode(), default_settings(str(tmp_path)))
    assert not result.diagnostics and not result.defects


def test_a_long_function_does_not_keep_others_from_being_analysed(tmp_path: Path) -> None:
    source = REACHING["MAX_STEPS_ALONE"] + "def build():" + FAULT.replace("\n", "\n    ")
    result = analyse(str(tmp_path / "program.py"), source.encode(), default_settings(str(tmp_path)))
    assert [found.code for found in result.diagnostics] == ["LL101"]


@pytest.mark.parametrize("name", AT_MOST)
def test_within_a_limit_values_are_exact(name: str) -> None:
    source, value = AT_MOST[name]
    assert run(source).show("x") == value


@pytest.mark.parametrize("name", sorted(set(LIMITS) - {"MAX_STEPS", "MAX_STEPS_ALONE", "MAX_ITEMS", "MAX_SPLITS"}))
def test_past_a_limit_values_are_not_exact(name: str) -> None:
    """What is not followed is not claimed either."""
    program = run(REACHING[name])
    shown = program.show("x")
    assert not shown.lstrip("-").isdigit() and "'" not in shown, shown


def test_a_long_list_keeps_its_length() -> None:
    program = run(REACHING["MAX_ITEMS"] + "n = len(x)\n")
    assert program.show("n") == str(budget.MAX_ITEMS + 1)
    assert program.show("x") == f"[0 × {budget.MAX_ITEMS + 1}]"


def taken(program: Program) -> int:
    return program.run._steps


def test_work_does_not_grow_with_the_length_of_a_loop() -> None:
    """A summarised loop costs the same for any number of passes."""
    body = "x = []\nfor i in range({n}):\n    for j in range({n}):\n        x.append(i * j)\n"
    assert taken(run(body.format(n=10**3))) == taken(run(body.format(n=10**6)))


@pytest.mark.parametrize("depth", [12, 24])
def test_calls_that_multiply_stay_within_the_steps(depth: int) -> None:
    source = (
        many("def f{i}(n):\n    return f{j}(n) + f{j}(n + 1)\n", depth) + f"def f{depth}(n):\n    return n\nx = f0(1)\n"
    )
    assert taken(run(source)) <= budget.MAX_STEPS + 1
