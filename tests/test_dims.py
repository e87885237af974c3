"""Laws of symbolic dims: at any integers they are plain arithmetic, and answers hold at every integer."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lstmlint.shapes import dims
from lstmlint.shapes.dims import (
    Answer,
    Dim,
    Symbol,
    SymbolicDim,
    at_most,
    both,
    bounds,
    ceil_div,
    divisible,
    either,
    equal,
    less,
    maximum,
    minimum,
    negate,
    product,
    substitute,
    symbol,
    symbols,
)

NAMES = ("n", "m", "k")
N, M, K = (symbol(name, name) for name in NAMES)
BY_NAME = {"n": N, "m": M, "k": K}

#: An expression tree: an int, a name, or (operator, left, right).
Tree = Any

OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "//": operator.floordiv,
    "%": operator.mod,
    "min": minimum,
    "max": maximum,
    "ceil": ceil_div,
}

leaves = st.one_of(st.integers(-70, 70), st.sampled_from(NAMES))
trees: st.SearchStrategy[Tree] = st.recursive(
    leaves, lambda inner: st.tuples(st.sampled_from(sorted(OPERATIONS)), inner, inner), max_leaves=6
)
valuations = st.fixed_dictionaries({name: st.integers(0, 40) for name in NAMES})


def evaluate(tree: Tree, leaf: Callable[[str], Any]) -> Any:
    if isinstance(tree, int):
        return tree
    if isinstance(tree, str):
        return leaf(tree)
    name, left, right = tree
    return OPERATIONS[name](evaluate(left, leaf), evaluate(right, leaf))


def at(dim: Dim, values: dict[str, int]) -> Dim:
    return substitute(dim, {symbol_: values[symbol_.name] for symbol_ in symbols(dim)})


def symbolic_and_plain(tree: Tree, values: dict[str, int]) -> tuple[Dim, int]:
    try:
        dim = evaluate(tree, BY_NAME.__getitem__)
        plain = evaluate(tree, values.__getitem__)
    except ZeroDivisionError:
        assume(False)
        raise
    return dim, plain


@settings(max_examples=300, deadline=None)
@given(trees, valuations)
def test_a_dim_at_integers_is_plain_arithmetic(tree: Tree, values: dict[str, int]) -> None:
    dim, plain = symbolic_and_plain(tree, values)
    assume("long" not in str(dim))
    assert at(dim, values) == plain


@settings(max_examples=300, deadline=None)
@given(trees, valuations)
def test_what_is_printed_is_the_dim(tree: Tree, values: dict[str, int]) -> None:
    dim, plain = symbolic_and_plain(tree, values)
    assume("long" not in str(dim))
    assert eval(str(dim), {"__builtins__": {}, "min": min, "max": max}, values) == plain


@settings(max_examples=300, deadline=None)
@given(trees, valuations)
def test_bounds_hold(tree: Tree, values: dict[str, int]) -> None:
    dim, plain = symbolic_and_plain(tree, values)
    low, high = bounds(dim)
    assert low is None or low <= plain
    assert high is None or plain <= high


QUESTIONS: dict[Callable[[Dim, Dim], Answer], Callable[[int, int], bool]] = {
    equal: operator.eq,
    less: operator.lt,
    at_most: operator.le,
    divisible: lambda a, by: by != 0 and a % by == 0,
}


@settings(max_examples=300, deadline=None)
@given(trees, trees, valuations, st.sampled_from(sorted(QUESTIONS, key=lambda question: question.__name__)))
def test_answers_hold(a: Tree, b: Tree, values: dict[str, int], question: Callable[[Dim, Dim], Answer]) -> None:
    (left, x), (right, y) = symbolic_and_plain(a, values), symbolic_and_plain(b, values)
    assume(question is not divisible or (y != 0 and right != 0))
    answer = question(left, right)
    if answer is not Answer.CANNOT_KNOW:
        assert answer is Answer.of(QUESTIONS[question](x, y))


@settings(max_examples=150, deadline=None)
@given(trees, trees)
def test_equal_dims_have_equal_hashes_and_order_does_not_matter(a: Tree, b: Tree) -> None:
    (x, _), (y, _) = (symbolic_and_plain(tree, {"n": 3, "m": 5, "k": 7}) for tree in (a, b))
    assert x + y == y + x
    product, turned = x * y, y * x
    if not any(part.name.startswith("a long") for part in symbols(product) | symbols(turned)):  # too long to be kept
        assert product == turned and hash(product) == hash(turned)
    assert x - x == 0
    assert equal(minimum(x, y), minimum(y, x)) is not Answer.NO
    assert equal(minimum(x, y) + maximum(x, y), x + y) is not Answer.NO


NORMAL_FORMS = [
    (N // 8 * 8 % 8, 0),
    ((4 * N) // 2, 2 * N),
    (N - N % 8, N // 8 * 8),
    ((N * M) // (N + 0), M),
    ((N * M - 60 * M) // (N - 60), M),
    (((N - 60) * M * 1) // M, N - 60),
    (N // 2 // 3, N // 6),
    ((6 * N + 3) // 4, N + (2 * N + 3) // 4),
    (N // 1, N),
    ((N % 8) // 8, 0),
    (-((-N) // 4), ceil_div(N, 4)),
    (minimum(N, K) + (N - minimum(N, K)), N),
    (maximum(N, N - 5), N),
    (minimum(2 * N, 2 * M), 2 * minimum(N, M)),
    (product((N, 3, 4)), 12 * N),
    (N * 0, 0),
    ((N + 1) * (N - 1), N * N - 1),
]


@pytest.mark.parametrize(("dim", "normal"), NORMAL_FORMS, ids=lambda value: str(value))
def test_normal_form(dim: Dim, normal: Dim) -> None:
    assert dim == normal
    assert type(dim) is type(normal)


DATA = symbol("len(data)", "data")

PRINTED = [
    (DATA - 60, "len(data) - 60"),
    (2 * N, "2*n"),
    ((N - 1) // 2, "(n - 1) // 2"),
    (N % 8, "n % 8"),
    (N - N % 8, "8*(n // 8)"),
    (minimum(N, 1000), "min(n, 1000)"),
    (maximum(N - 1000, 0), "max(n - 1000, 0)"),
    (1000 - N, "1000 - n"),
    (N * M + 3, "m*n + 3"),
    (-(N // 2), "-(n // 2)"),
    (symbol("a or b", "ab") * 2, "2*(a or b)"),
    (symbol("x.shape[1]", "x1") * N, "n*x.shape[1]"),
    (N // M, "n // m"),
]


@pytest.mark.parametrize(("dim", "words"), PRINTED, ids=[words for _, words in PRINTED])
def test_printed(dim: Dim, words: str) -> None:
    assert str(dim) == words


ANSWERS = [
    (equal(N, N + 1), Answer.NO),
    (equal(2 * N, 7), Answer.NO),
    (equal(N, M), Answer.CANNOT_KNOW),
    (equal(N, -1), Answer.NO),
    (equal(N % 8, 8), Answer.NO),
    (equal(N % M, M), Answer.CANNOT_KNOW),
    (less(N % 8, 8), Answer.YES),
    (less(N - 60, N), Answer.YES),
    (at_most(N // 2, N), Answer.YES),
    (at_most(minimum(N, M), M), Answer.YES),
    (less(N - 60, maximum(N - 59, 0)), Answer.YES),
    (at_most(0, N - minimum(K, N)), Answer.YES),
    (divisible(N // 8 * 8, 8), Answer.YES),
    (divisible(2 * N + 1, 4), Answer.NO),
    (divisible(N, 0), Answer.CANNOT_KNOW),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_answer(answer: Answer, expected: Answer) -> None:
    assert answer is expected


def test_combinators() -> None:
    assert both(Answer.YES, Answer.NO, Answer.CANNOT_KNOW) is Answer.NO
    assert both(Answer.YES, Answer.CANNOT_KNOW) is Answer.CANNOT_KNOW
    assert both() is Answer.YES
    assert either(Answer.NO, Answer.YES) is Answer.YES
    assert either() is Answer.NO
    assert negate(Answer.CANNOT_KNOW) is Answer.CANNOT_KNOW


def test_symbols_are_known_by_their_key() -> None:
    assert symbol("n") != symbol("n")
    assert symbol("a", "key") == symbol("b", "key")
    assert symbols(symbol("a", "key") // 2 + minimum(N, M)) == {Symbol("a", "key"), Symbol("n", "n"), Symbol("m", "m")}


def test_division_by_zero_is_pythons_error() -> None:
    with pytest.raises(ZeroDivisionError):
        N // 0


def test_growth_is_bounded() -> None:
    """Nesting and products stop growing, and what they become is still equal to itself."""
    dim: Dim = N
    for step in range(200):
        dim = (dim * dim + M) // (step + 2) + minimum(dim, K)
        assert dim - dim == 0
        assert len(str(dim)) < 1000
    assert isinstance(dim, SymbolicDim)


# --- work ------------------------------------------------------------------------------------------------------------


def _batches(dim: Dim) -> Dim:
    """What is left after filling up to whole batches and cutting a hundred off: nests deeper each time."""
    return maximum(minimum(dim + 28, dim // 64 * 64) - 100 + M % 7, 0)


def _ladder(dim: Dim) -> Dim:
    return minimum(dim // 3 + M, dim - 5)


def _parts(dim: Dim) -> Dim:
    """One more quotient and one more negative part beside those that are there."""
    weight = dim.weight if isinstance(dim, SymbolicDim) else 1
    return dim - minimum(N - weight * 7, M + weight) + (N + weight) // (weight + 1)


@pytest.mark.parametrize("grow", [_batches, _ladder, _parts], ids=lambda grow: grow.__name__)
def test_work_on_long_expressions_has_a_limit(grow: Callable[[Dim], Dim], monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    find_bounds = dims._find_bounds

    def counted(d: Dim, relaxed: int) -> Any:
        nonlocal steps
        steps += 1
        return find_bounds(d, relaxed)

    monkeypatch.setattr(dims, "_find_bounds", counted)
    dim: Dim = K
    for _ in range(20):
        before = steps
        dim = grow(dim)
        equal(dim, K)
        at_most(dim, N)
        divisible(dim, 64)
        assert str(dim)
        assert steps - before < 4_000
