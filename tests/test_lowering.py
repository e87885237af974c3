"""The tree of our own agrees with the standard `ast`, node by node and value by value."""

from __future__ import annotations

import ast
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstmlint.source import tree
from lstmlint.source.module import SourceModule, load
from lstmlint.source.positions import pair

STDLIB = Path(sysconfig.get_paths()["stdlib"])
MODULES = [
    "argparse.py", "ast.py", "asyncio/tasks.py", "dataclasses.py", "email/message.py", "enum.py", "fractions.py",
    "heapq.py", "http/cookies.py", "inspect.py", "json/decoder.py", "pprint.py", "random.py", "statistics.py",
    "string.py", "textwrap.py", "tokenize.py", "typing.py", "unittest/mock.py", "zipfile.py",
]  # fmt: skip

_OPERATORS: dict[type, str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^",
    ast.USub: "-", ast.UAdd: "+", ast.Invert: "~", ast.Not: "not", ast.And: "and", ast.Or: "or",
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in",
    ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


def module_of(text: str) -> SourceModule:
    loaded = load(text.encode(), "x.py")
    assert isinstance(loaded, SourceModule), loaded
    return loaded


def expression(text: str) -> tree.Expression:
    statement = module_of(text).tree.body[0]
    assert isinstance(statement, tree.ExpressionStatement)
    return statement.value


def nodes(root: tree.Node) -> Iterator[tree.Node]:
    yield root
    for field in root.FIELDS:
        value = getattr(root, field)
        for child in value if isinstance(value, list) else [value]:
            if child is not None:
                yield from nodes(child)


def assert_same(text: str) -> None:
    """Every node has its `ast` partner, and fields that are no nodes have the same values."""
    module = module_of(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        partners = pair(module.tree, ast.parse(text))
    for node in nodes(module.tree):
        _assert_same_values(node, partners[id(node)])


def _assert_same_values(node: tree.Node, partner: Any) -> None:
    match node:
        case tree.Constant() if isinstance(partner, ast.Constant):
            assert type(node.value) is type(partner.value)
            assert repr(node.value) == repr(partner.value)
        case tree.JoinedStr():
            texts = [value.value for value in node.values if isinstance(value, tree.Constant)]
            assert texts == [value.value for value in partner.values if isinstance(value, ast.Constant)]
            assert len(node.values) == len(partner.values)
        case tree.FormattedValue() if isinstance(partner, ast.FormattedValue):
            assert node.plain == (partner.conversion == -1 and partner.format_spec is None)
        case tree.BinOp() | tree.UnaryOp() | tree.BoolOp() | tree.AugAssign() if not isinstance(partner, ast.JoinedStr):
            assert node.op == _OPERATORS[type(partner.op)]
        case tree.Compare() if isinstance(partner, ast.Compare):
            assert node.ops == [_OPERATORS[type(op)] for op in partner.ops]
        case tree.FunctionDef():
            assert node.is_async == isinstance(partner, ast.AsyncFunctionDef)
            assert node.is_generator == _yields(partner)
        case (
            tree.ClassDef() | tree.Global() | tree.Nonlocal() | tree.ImportFrom() | tree.Alias() | tree.ExceptHandler()
        ):
            for field in ("name", "names", "asname", "module", "level"):
                value = getattr(node, field, None)
                if not isinstance(value, list) or not value or isinstance(value[0], str):
                    assert value == getattr(partner, field, None)
        case tree.Attribute() | tree.Keyword() | tree.Parameter() if not isinstance(partner, ast.JoinedStr):
            for field in ("attr", "arg"):
                assert getattr(node, field, None) == getattr(partner, field, None)


def _yields(function: ast.AST) -> bool:
    pending: list[ast.AST] = list(function.body)  # type: ignore[attr-defined]
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            pending.extend([*node.decorator_list, *node.args.defaults, *(d for d in node.args.kw_defaults if d)])
        elif not isinstance(node, (ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))
    return False


@pytest.mark.parametrize("name", MODULES)
def test_modules_of_the_standard_library(name: str) -> None:
    path = STDLIB / name
    if not path.exists():
        pytest.skip("not in this Python")
    text = path.read_text(encoding="utf-8")
    if len(text) < 150_000:
        assert_same(text)


SNIPPETS = [
    "a and b and c", "(a and b) and c", "a and (b and c)", "a or b and c or d", "not a or not b",
    "a < b <= c != d is not e not in f", "a if b else c", "-x ** -y", "~a + (+b)", "a @ b // c % d << e >> f & g | h ^ i",
    "a.b.c(d)[e].f", "f(a, *b, c=d, **e)", "f(*a, *b)", "f(**a, b=c)", "f(x for x in y)", "f(a=1, *b)",
    "a[b]", "a[b, c]", "a[b,]", "a[(b, c)]", "a[b:c]", "a[b:c:d]", "a[:]", "a[::]", "a[b:c, d]", "a[..., None]", "a[::2, 1]",
    "[*a, b]", "{*a, b}", "(*a, b)", "()", "(a,)", "[]", "{}", "{**a, b: c}", "{a: b}", "a, b = c", "a = b = c",
    "[a, (b, *c)] = d", "a += b", "a //= b", "a @= b", "a: b", "a: b = c", "a.b: c = d",
    "lambda: 0", "lambda a, /, b=1, *c, d, e=2, **f: a", "(yield)", "x = yield a, b", "x = yield from a", "(y := f(x))",
    "[a for b in c if d if e for f in g]", "{a for b in c}", "{a: b for c, d in e}", "(a for b in c)",
    "def f(a, b: int = 1, /, c=2, *args: str, d, e: int = 3, **kwargs: Any) -> None: ...", "def f(*, a, b=1): pass",
    "@a\n@b.c(d)\ndef f(): pass", "@a\nclass A(B, *C, metaclass=M, **k):\n    x = 1\n", "class A: pass", "class A(): pass",
    "def f():\n    yield 1\n", "def f():\n    def g():\n        yield 1\n", "def f():\n    x = lambda: (yield)\n",
    "def f():\n    def g(a=(yield)): pass\n", "pass",
    "async def f():\n    async for a in b:\n        await c\n    async with d as e, f:\n        pass\n",
    "async def f():\n    return [a async for a in b]\n",
    "for a, b in c:\n    pass\nelse:\n    d\n", "while a:\n    break\n",
    "if a:\n    b\nelif c:\n    d\nelif e:\n    f\nelse:\n    g\n", "if a: b\nelse: c", "if a:\n    b\nelse:\n    if c:\n        d\n",
    "with a as b, c as (d, e): pass", "with (a as b, c as d): pass", "with (a, b): pass", "with (a): pass",
    "try:\n    a\nexcept b as c:\n    d\nexcept (e, f):\n    g\nexcept:\n    h\nelse:\n    i\nfinally:\n    j\n",
    "raise", "raise a", "raise a from b", "assert a", "assert a, b", "del a", "del a, b[c], d.e", "del (a, b)", "del a,",
    "import a", "import a.b.c as d, e", "from a import b", "from . import a", "from ..a.b import c as d, e", "from a import *",
    "from a import (b, c,)", "global a, b", "def f():\n    nonlocal a\n", "pass", "a; b; c = d", "...",
    "None, True, False, ...", "1, 0x1F, 0o17, 0b11, 1_000, 1.5, 1e10, 1_0.0_1, 2j, 1e3J, 00, .5, 5.",
    "'a' 'b'", "b'a' b'b'", "'a' \"b\" '''c\nd'''", "u'a'", "r'\\d' '\\n'", "b'\\x00\\377\\q'", "rb'\\x'", "'\\\n'", "'a\\\nb'",
    "'\\N{BULLET}\\u00e9\\U0001F600\\x41\\101\\0\\8'",
    "'\\q \\. \\''", "'''\r\n'''", "'''a\rb'''", "f''", "f'a'", "f'{a}'", "f'a{b}c' 'd' f'{e}'", "'a' f'b'", "f'{{a}}'",
    "f'{a!r}{b:>10}{c!s:{d}}'", "f'{a=}'", "f'{a = }'", "f'{a=!s}'", "f'x{a.b(c)=:>3}y'", "rf'\\d{a}'", "f'\\n{a}\\x41'",
    "f'{a}' f'{b}'", "f'{(lambda x: x)(1)}'", "f'{a:%H:%M}'", "f'''{\na}'''", "f'\\N{BULLET}{a}'", "f'{\"a\"}'",
    "if a:\n  b = '''\n  c'''\n", "\N{MATHEMATICAL BOLD SMALL A} = \N{MATHEMATICAL BOLD SMALL A}.\N{MATHEMATICAL BOLD SMALL B}",
    "for x in *a, b: pass", "def f():\n    return *a, b\n", "x = *a, b", "print(*a)", "@(yield_ := b)\ndef f(): pass",
]  # fmt: skip


@pytest.mark.parametrize("text", SNIPPETS)
def test_snippets(text: str) -> None:
    assert_same(text)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="syntax of Python 3.11")
@pytest.mark.parametrize("text", ["a[*b]", "a[*b, c]", "def f(*args: *T): pass", "try:\n    a\nexcept* b:\n    c\n"])
def test_snippets_of_python_3_11(text: str) -> None:
    assert_same(text)


def test_each_node_keeps_its_libcst_node() -> None:
    module = module_of("def f(a, *b): return g(c=d)[1:2, f'{x}'] + 'a' 'b'\n")
    missing = [node for node in nodes(module.tree) if hasattr(node, "cst") and node.cst is None]
    assert missing == []


def test_match_names_what_it_may_assign_and_what_it_mentions() -> None:
    text = """
match subject:
    case [a, *b] | {"k": c, **d}:
        x = other
        for y in z: pass
    case Point(x=0, y=e) as f if (g := h):
        import os.path, numpy as np
        with open(p) as (q, r):
            del s
        model.layers[0] = t
        def function(): inner = 1
    case _:
        model.add(1)
"""
    statement = module_of(text).tree.body[0]
    assert isinstance(statement, tree.OpaqueStatement)
    assert set(statement.assigns) >= {
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
        "g",
        "x",
        "y",
        "os",
        "np",
        "q",
        "r",
        "s",
        "function",
    }
    assert {"subject", "model", "other", "z", "h", "p", "t"} <= set(statement.mentions)
    assert not set(statement.assigns) & set(statement.mentions)


def test_a_yield_in_match_makes_a_generator() -> None:
    function = module_of("def f():\n    match a:\n        case 1:\n            yield b\n").tree.body[0]
    assert isinstance(function, tree.FunctionDef) and function.is_generator


def test_type_statements_are_opaque() -> None:
    assert isinstance(module_of("type A[T] = list[T]\n").tree.body[0], tree.OpaqueStatement)


@pytest.mark.parametrize(
    "text", ["1" * 5000, "'\\N{no such name}'", "f'{a}\\N{no such name}'", "'a' '\\xZZ'", "t'{a}'"]
)
def test_what_has_no_value_is_opaque(text: str) -> None:
    assert isinstance(expression(text), tree.OpaqueExpression)


def test_a_long_int_within_bounds_has_its_value() -> None:
    node = expression("9" * 3000)
    assert isinstance(node, tree.Constant) and node.value == int("9" * 3000)


def test_exceptions_without_parentheses_are_a_tuple() -> None:
    statement = module_of("try:\n    a\nexcept B, C:\n    d\n").tree.body[0]
    assert isinstance(statement, tree.Try) and isinstance(statement.handlers[0].type, tree.Tuple)
