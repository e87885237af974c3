"""The scan before the parser: hostile texts give one problem, and what it lets through the parser survives."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmlint.source.guard import DEFAULT_LIMITS, Limits, find_problem, logical_line_end
from lstmlint.source.module import SourceModule, load

# Each builds a text with `n` of something.
GROWING: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: "x = " + "(" * n + "1" + ")" * n,
    "lists": lambda n: "x = " + "[" * n + "1" + "]" * n,
    "dicts": lambda n: "x = " + "{1:" * n + "1" + "}" * n,
    "unclosed parentheses": lambda n: "x = " + "(" * n,
    "unclosed lists over lines": lambda n: "x = " + "[1,\n" * n,
    "calls in calls": lambda n: "x = " + "f(a=" * n + "1" + ")" * n,
    "subscripts in subscripts": lambda n: "x = " + "f[" * n + "1" + "]" * n,
    "generators in generators": lambda n: "x = " + "f(a for a in " * n + "1" + ")" * n,
    "minus signs": lambda n: "x = " + "- " * n + "1",
    "tildes without spaces": lambda n: "x = " + "~" * n + "1",
    "not": lambda n: "x = " + "not " * n + "1",
    "not over joined lines": lambda n: "x = " + "not \\\n" * n + "1",
    "await": lambda n: "async def f():\n    x = " + "await " * n + "1",
    "lambdas": lambda n: "x = " + "lambda: " * n + "1",
    "lambdas as defaults": lambda n: "x = " + "lambda a=" * n + "1" + ":1" * n,
    "attributes": lambda n: "x = a" + ".b" * n,
    "attributes over lines": lambda n: "x = (a" + "\n.b" * n + ")",
    "calls": lambda n: "x = a" + "()" * n,
    "subscripts": lambda n: "x = a" + "[0]" * n,
    "additions": lambda n: "x = a" + "+a" * n,
    "powers": lambda n: "x = a" + "**a" * n,
    "comparisons": lambda n: "x = a" + "<a" * n,
    "and": lambda n: "x = a" + " and a" * n,
    "conditional expressions": lambda n: "x = " + "1 if a else " * n + "1",
    "conditional expressions of strings": lambda n: "x = " + "'a'if'b'else" * n + "'c'",
    "comprehension clauses": lambda n: "x = [1 " + "for a in b " * n + "]",
    "walruses": lambda n: "x = " + "(a:=" * n + "1" + ")" * n,
    "yields": lambda n: "def f():\n    x = " + "(yield " * n + ")" * n,
    "f-strings in f-strings": lambda n: "x = " + "f'{" * n + "1" + "}'" * n,
    "format specifications": lambda n: "x = f'" + "{1:" * n + "}" * n + "'",
    "strings side by side": lambda n: "x = " + "'a' " * n,
    "strings side by side over lines": lambda n: "x = (" + "'a'\n" * n + ")",
    "elements": lambda n: "x = [" + "1," * n + "]",
    "elements over lines": lambda n: "x = [\n" + "1,\n" * n + "]",
    "elements without brackets": lambda n: "x = " + "1," * n,
    "arguments": lambda n: "f(" + "a=1," * n + ")",
    "statements on a line": lambda n: "a;" * n + "a",
    "elif": lambda n: "if a: pass\n" + "elif a: pass\n" * n,
    "elif with blocks": lambda n: "if a:\n    pass\n" + "elif a:\n    pass\n" * n,
    "blocks": lambda n: "".join(" " * i + "if a:\n" for i in range(min(n, 2000))) + " " * min(n, 2000) + "pass\n",
    "blocks with tabs": lambda n: (
        "".join(" " * (8 * i) + "if a:\n" + "\t" * i + " if a:\n" for i in range(min(n, 100))) + "\t" * 101 + "pass\n"
    ),
    "names in a pattern": lambda n: "match a:\n    case 1" + "|1" * n + ": pass\n",
    "dots in an import": lambda n: "import a" + ".a" * n,
    "annotation": lambda n: "x: " + "a|" * n + "a",
    "a Python 2 print": lambda n: "print " * n + "1",
}


@pytest.mark.parametrize("name", GROWING)
def test_a_hundred_thousand_of_anything_is_one_problem(name: str) -> None:
    problem = find_problem(GROWING[name](100_000))
    assert problem is not None
    assert problem.row is not None and problem.column is not None
    assert "\n" not in problem.message


@pytest.mark.parametrize("name", GROWING)
def test_a_few_of_anything_is_no_problem(name: str) -> None:
    if not name.startswith(("unclosed", "a Python 2")):
        assert find_problem(GROWING[name](4)) is None


def test_a_list_of_a_million_elements_is_one_problem() -> None:
    text = "x = [" + "1," * 1_000_000 + "]"
    problem = find_problem(text)
    assert problem is not None and problem.kind == "too-complex" and "elements" in problem.message
    loaded = load(text.encode(), "x.py")
    assert isinstance(loaded, tuple) and loaded[0].kind == "too-large"


def _largest_passing(build: Callable[[int], str]) -> int:
    low, high = 1, 40_000
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if find_problem(build(middle)) is None else (low, middle - 1)
    return low


_PARSES = """
import sys, threading
from lstmlint.source.module import parse_text
threading.stack_size(2 * 1024 * 1024)
texts = sys.stdin.buffer.read().decode().split("\\0")
worker = threading.Thread(target=lambda: [parse_text(text) for text in texts])
worker.start()
worker.join()
print("survived")
"""


def _near_the_limits() -> Iterator[str]:
    for name, build in GROWING.items():
        if not name.startswith(("element", "argument", "statements", "unclosed")):
            yield build(_largest_passing(build))
    blocks = "".join(" " * i + "if a:\n" for i in range(49)) + " " * 49 + "x = "
    mixed: list[Callable[[int], str]] = [
        lambda n: blocks + "f(a=[" * 25 + "- " * n + "1" + "])" * 25 + "\n",
        lambda n: blocks + "(not " * n + "1" + ")" * n + "\n",
        lambda n: "x = " + "[lambda a=1: " * n + "a.b.c" + "]" * n,
        lambda n: "x = " + "{'a': [f(" * n + "1" + ")]}" * n,
    ]
    for build in mixed:
        assert _largest_passing(build) > 10
        yield build(_largest_passing(build))


def test_the_parser_survives_what_the_scan_lets_through_on_a_stack_of_two_mebibytes() -> None:
    texts = list(_near_the_limits())
    done = subprocess.run(
        [sys.executable, "-c", _PARSES], input="\0".join(texts).encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert b"survived" in done.stdout


def test_an_ordinary_module_passes() -> None:
    import argparse
    from pathlib import Path

    assert find_problem(Path(argparse.__file__).read_text()) is None


@pytest.mark.parametrize(
    "text",
    [
        "x = '(((((((((('\n",
        'x = """\n((((((((((\n"""\n',
        "# ((((((((((\n",
        "x = 1  # ((((((((((\n",
        "x = r'\\\\'  # '((((((((((\n",
        "x = '\\\n(((((((((('\n",
        "x = b'((((((((((' rb'(((((((('\n",
        "x = f'(((((((((( {a} (((((((('\n",
        "x = f'{{{{{{{{{{{{'\n",
        "x = f'{a!r:((((((((((}'\n",
        "x = f'{a:%H:%M}'\n",
        'x = f"{a["b"]}"\n',
        "x = f'''{\na}'''\n",
        "x = f'\\N{DASH}{a}'\n",
        "x = rf'\\{a}'\n",
        "x = (1,  # (((((((((((\n2)\n",
        "x = f(')')\ny = f('(')\n",
        "x = {'a': '(', 'b': \"(\", 'c': '''(''', 'd': f'{x}('}\n",
        "x = 1 \\\n    + 2\n",
        "\f\nif a:\n    b\n\f\nc\n",
        "x = [\r\n1,\r2]\r\n",
    ],
)
def test_what_stands_in_strings_and_comments_does_not_count(text: str) -> None:
    assert find_problem(text, Limits(max_depth=3)) is None
    assert isinstance(load(text.encode(), "x.py"), SourceModule)


@pytest.mark.parametrize(
    ("text", "row", "column"),
    [
        ("x = 1\ny = ((((1))))\n", 2, 8),
        ("x = (\n  [\n    {\n 1: (2)}])\n", 4, 5),
        ("é = '((((('; y = ((((1))))\n", 1, 21),
        ("x = f'{((((1))))}'\n", 1, 9),
        ("f(')', ((((1)))))\n", 1, 10),
        ("x = 1\r\ny = ((((1))))\r\n", 2, 8),
        ("x = f'{a:{b:{((c))}}}'\n", 1, 13),
    ],
)
def test_the_problem_is_placed_where_the_limit_is_passed(text: str, row: int, column: int) -> None:
    problem = find_problem(text, Limits(max_depth=3))
    assert problem is not None and problem.kind == "too-complex"
    assert (problem.row, problem.column) == (row, column)


@pytest.mark.parametrize(
    "text",
    ["x = 'abc\n", 'x = """abc\n', "x = f'{a'\n", "x = f'{a:\n'", "x = f'}'", "x = (1,\n", 'f"""{'],
)
def test_a_text_that_cannot_be_python_is_a_syntax_problem(text: str) -> None:
    problem = find_problem(text)
    assert problem is not None and problem.kind == "syntax"
    loaded = load(text.encode(), "x.py")
    assert isinstance(loaded, tuple) and loaded[0].kind == "syntax"


def test_the_whole_text_has_a_budget() -> None:
    line = "x = [[[[[1, 2, 3], [4, 5, 6]]], [7]]]\n"
    assert find_problem(line * 1000) is None
    problem = find_problem(line * 1000, Limits(max_work=2_000))
    assert problem is not None and "tokens" in problem.message


def test_defaults_are_below_what_python_itself_takes() -> None:
    assert DEFAULT_LIMITS.max_indent < 100
    assert DEFAULT_LIMITS.max_depth < 200


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("a\nb\n", 2),
        ("a(\n1)\nb\n", 6),
        ("a = '''\n''' + b\nc", 16),
        ("a \\\n + b\nc", 9),
        ("a = 'x\nb\n", 7),
        ("a", 1),
    ],
)
def test_logical_lines_end_where_python_ends_them(text: str, end: int) -> None:
    assert logical_line_end(text, 0) == end


_PIECES = st.sampled_from(
    ["f'", 'f"', "rf'", 'f"""', "'''", '"', "'", "{", "}", "{{", "(", ")", "[", "]", ":", ":=", "!r", ",", "\\", "\\\n",
     "\n", " ", "x", "a.b", "not ", "lambda:", "#", "b'", "+", "if", " else ", '"a"', "{x}", "\n    ", "if x:\n",
     "elif y:\n", "pass\n", "\r", "\f", "\t", "é", "`", "$", "\u2028"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=25))
def test_no_soup_of_tokens_raises(pieces: list[str]) -> None:
    text = "".join(pieces)
    find_problem(text, Limits(max_depth=3, max_chain=10, max_elements=3, max_strings=2, max_indent=2, max_work=50))
    loaded = load(text.encode(), "x.py")
    if isinstance(loaded, tuple):
        assert all("\n" not in problem.message for problem in loaded)
