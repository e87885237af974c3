"""Spans cut the right text out of the source, whichever parser finds them."""

from __future__ import annotations

import ast
import sysconfig
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_lowering import module_of, nodes

from lstmlint.diagnostics import Position, Span
from lstmlint.source import positions as positions_module
from lstmlint.source import tree
from lstmlint.source.module import SourceModule

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = ["argparse.py", "fractions.py", "json/decoder.py", "textwrap.py", "heapq.py", "string.py", "dataclasses.py"]


def cut(module: SourceModule, span: Span) -> str:
    lines = module.lines
    return module.text[lines.offset(span.start.row, span.start.column) : lines.offset(span.end.row, span.end.column)]


def in_f_strings(root: tree.Node) -> set[int]:
    return {id(inner) for node in nodes(root) if isinstance(node, tree.JoinedStr) for inner in nodes(node)}


def assert_cuts_are_right(module: SourceModule) -> int:
    """Names, attributes, calls, subscripts and strings, cut out and parsed alone, are themselves again."""
    checked = 0
    skipped = in_f_strings(module.tree)
    for node in nodes(module.tree):
        if id(node) in skipped or not isinstance(
            node, (tree.Name, tree.Attribute, tree.Call, tree.Subscript, tree.Constant, tree.Tuple, tree.Dict)
        ):
            continue
        span = module.module_span(node)
        assert span is not None, node
        text = cut(module, span)
        if isinstance(node, tree.Tuple) and ":" in text:
            continue  # slices stand only in brackets
        again = ast.parse(f"({text}\n)", mode="eval").body
        assert type(again).__name__ == type(node).__name__, text
        if isinstance(node, tree.Name):
            assert ast.unparse(again) == node.id
        if isinstance(node, tree.Attribute):
            assert isinstance(again, ast.Attribute) and again.attr == node.attr
        checked += 1
    return checked


@pytest.fixture
def without_ast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(positions_module, "parse_ast", lambda text: None)


@pytest.mark.parametrize("name", MODULES)
def test_cuts_of_standard_modules(name: str) -> None:
    assert assert_cuts_are_right(module_of((STDLIB / name).read_text(encoding="utf-8"))) > 100


@pytest.mark.usefixtures("without_ast")
@pytest.mark.parametrize("name", MODULES[1:4])
def test_cuts_of_standard_modules_by_the_fallback(name: str) -> None:
    assert assert_cuts_are_right(module_of((STDLIB / name).read_text(encoding="utf-8"))) > 100


TEXT = """\
import os.path as p, sys
from a import (b as c,
    d)
@decorator(1)
def function(first, second: int = 2, *rest, **more):
    x = "é" + foo(a, *b, key=value, **kw)[1:2, 3]
    with open(a) as f, g:
        pass
    try:
        pass
    except (A, B) as e:
        pass
    return [i for i in (j,) if i]
class Klass(Base, metaclass=M):
    y: int = lambda q: q
if a:
    pass
elif (b
      and c):
    pass
"""


def texts_of(module: SourceModule, kind: type[tree.Node]) -> list[str]:
    spans = [module.module_span(node) for node in nodes(module.tree) if isinstance(node, kind)]
    return sorted(cut(module, span) for span in spans if span is not None)


@pytest.mark.parametrize("way", ["ast", "libcst"])
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (tree.Alias, ["b as c", "d", "os.path as p", "sys"]),
        (tree.Keyword, ["**kw", "key=value", "metaclass=M"]),
        (tree.Starred, ["*b"]),
        (tree.ExceptHandler, ["except (A, B) as e:\n        pass"]),
        (tree.WithItem, ["g", "open(a) as f"]),
        (tree.Slice, ["1:2"]),
        (tree.Tuple, ["(A, B)", "(j,)", "1:2, 3"]),
        (tree.Comprehension, ["i in (j,) if i"]),
        (tree.BoolOp, ["b\n      and c"]),
        (tree.ClassDef, ["class Klass(Base, metaclass=M):\n    y: int = lambda q: q"]),
    ],
)
def test_cuts_of_each_kind(
    kind: type[tree.Node], expected: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "libcst":
        monkeypatch.setattr(positions_module, "parse_ast", lambda text: None)
    assert texts_of(module_of(TEXT), kind) == expected


@pytest.mark.parametrize("way", ["ast", "libcst"])
def test_parameters_and_functions(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "libcst":
        monkeypatch.setattr(positions_module, "parse_ast", lambda text: None)
    module = module_of(TEXT)
    assert {text.partition(" =")[0].lstrip("*") for text in texts_of(module, tree.Parameter)} == {
        "first", "more", "q", "rest", "second: int",
    }  # fmt: skip
    function = next(node for node in nodes(module.tree) if isinstance(node, tree.FunctionDef))
    span = module.module_span(function)
    assert span is not None and cut(module, span).startswith("def function(")


def test_every_node_with_a_place_of_its_own_has_one() -> None:
    module = module_of(TEXT)
    without = {type(node).__name__ for node in nodes(module.tree) if module.module_span(node) is None}
    assert without <= {"Parameters"}


def test_columns_count_code_points_from_one() -> None:
    module = module_of('x = "é😀", y\n')
    y = [node for node in nodes(module.tree) if isinstance(node, tree.Name)][-1]
    assert module.span(y) == Span(Position(1, 11), Position(1, 12))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_all_newlines_and_form_feeds(newline: str) -> None:
    module = module_of(newline.join(["a = '''", "'''", "\f", "\fb = c", "if d:", "    e", ""]))
    assert texts_of(module, tree.Name) == ["a", "b", "c", "d", "e"]


def test_syntax_that_ast_does_not_know_falls_back_to_libcst() -> None:
    module = module_of("x = t'{a}'\nexcept_ = foo(bar)\n")
    assert texts_of(module, tree.Call) == ["foo(bar)"]


def test_a_node_of_another_module_has_no_place() -> None:
    other = module_of("a").tree.body[0]
    assert module_of("b").span(other) is None


def test_fields_of_f_strings_have_at_least_the_place_of_the_string() -> None:
    module = module_of("x = foo(f'a{bar(1)}')\n")
    for text in texts_of(module, tree.Name):
        assert text in ("x", "foo", "bar", "f'a{bar(1)}'")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (1, (1, 1)),
        (2, (2, 4)),
        (3, (2, 4)),
        (5, (5, 6)),
        (6, (5, 6)),
        (7, (7, 7)),
        (8, (8, 9)),
        (9, (8, 9)),
        (10, (10, 10)),
        (11, (11, 11)),
        (99, (99, 99)),
    ],
)
def test_rows_of_statements(row: int, expected: tuple[int, int]) -> None:
    text = """\
    a = 1
    b = foo(
        1,
    )
    def f(x,
          y):
        return x
    if (a and
            b):
        c
    else:
        d
    """
    assert module_of(textwrap.dedent(text)).statement_rows(row) == expected


_LEAVES = st.sampled_from(["a", "é", "1", "'s'", "b.c", "'''x\ny'''", "f'{a}'"])
_EXPRESSIONS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"f({p[0]}, k={p[1]})"),
        st.tuples(inner, inner).map(lambda p: f"[{p[0]},\n {p[1]}]"),
        st.tuples(inner, inner).map(lambda p: f"g[{p[0]}:{p[1]}, 1]"),
        inner.map(lambda p: f"({p} and not {p})"),
        inner.map(lambda p: f"(lambda x: {p})"),
        inner.map(lambda p: f"{{{p}: 1, **m}}"),
        inner.map(lambda p: f"[i for i in {p} if i]"),
        inner.map(lambda p: f"(({p}))"),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_EXPRESSIONS, min_size=1, max_size=4))
def test_cuts_of_random_expressions_agree_in_both_ways(expressions: list[str]) -> None:
    text = "".join(f"v = {expression}\n" for expression in expressions)
    module = module_of(text)
    assert_cuts_are_right(module)
    provided = positions_module.Positions(module.text, module.tree, module.cst)
    provided._provided = positions_module._provide(module.cst)
    inside = in_f_strings(module.tree)
    for node in nodes(module.tree):
        if id(node) not in inside and isinstance(node, (tree.Expression, tree.Keyword, tree.Statement)):
            assert provided.span(node) == module.module_span(node), node
