"""Shapes and their operations: agreement with numpy on numbers, and with themselves on symbols."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lstmlint.shapes.dims import Answer, Dim, equal, maximum, minimum, substitute, symbol, symbols
from lstmlint.shapes.operations import (
    Mismatch,
    broadcast,
    concatenate,
    index_ok,
    matmul,
    reduce,
    reshape,
    slice_length,
    stack,
    transpose,
    transposed_length,
    window_length,
)
from lstmlint.shapes.shape import UNKNOWN_AXIS, UNKNOWN_SHAPE, Axis, Shape, same

np = pytest.importorskip("numpy")

N, M, K = (symbol(name, name) for name in "nmk")

#: Small sizes, 0 and 1 among them, and the symbols that may stand for them.
sizes = st.integers(0, 4)
tuples = st.lists(sizes, max_size=4).map(tuple)


def shape(*dims: Axis) -> Shape:
    return Shape(dims)


def ending(*dims: Axis) -> Shape:
    return Shape(dims, exact=False)


def numpy_shape(function: Any, *arguments: Any) -> tuple[int, ...] | None:
    try:
        return tuple(function(*arguments).shape)
    except (ValueError, IndexError):
        return None


def lifted(dims: tuple[int, ...], which: tuple[bool, ...]) -> Shape:
    """The dims with some sizes replaced by one symbol per size."""
    return Shape(tuple(symbol(f"s{dim}", dim) if hide else dim for dim, hide in zip(dims, which)))


def lowered(result: Shape) -> tuple[Dim | None, ...]:
    """The dims with the symbols of `lifted` replaced by their sizes; those of unknown sizes stay."""
    values = {s: s.key for dim in result.dims if dim is not None for s in symbols(dim) if isinstance(s.key, int)}
    return tuple(None if dim is None else substitute(dim, values) for dim in result.dims)


def agrees(result: Shape | Mismatch, plain: tuple[int, ...] | None) -> bool:
    """Whether an answer about hidden sizes is true of the real ones."""
    if isinstance(result, Mismatch) or plain is None:
        return plain is None or not isinstance(result, Mismatch)
    dims = lowered(result)
    return len(dims) == len(plain) and all(not isinstance(x, int) or x == y for x, y in zip(dims, plain))


hiding = st.tuples(*[st.booleans()] * 4)


@settings(deadline=None)
@given(tuples, tuples, hiding, hiding)
def test_broadcast_is_numpys(a: tuple[int, ...], b: tuple[int, ...], hide_a: Any, hide_b: Any) -> None:
    plain = numpy_shape(lambda: np.broadcast(np.zeros(a), np.zeros(b)))
    exact = broadcast(Shape(a), Shape(b))
    assert (None if isinstance(exact, Mismatch) else exact.dims) == plain
    assert agrees(broadcast(lifted(a, hide_a), lifted(b, hide_b)), plain)


@settings(deadline=None)
@given(tuples, tuples, st.integers(-4, 4), hiding, hiding)
def test_concatenate_and_stack_are_numpys(
    a: tuple[int, ...], b: tuple[int, ...], axis: int, hide_a: Any, hide_b: Any
) -> None:
    for ours, theirs in ((concatenate, np.concatenate), (stack, np.stack)):
        plain = numpy_shape(theirs, [np.zeros(a), np.zeros(b)], axis)
        exact = ours([Shape(a), Shape(b)], axis)
        assert (None if isinstance(exact, Mismatch) else exact.dims) == plain
        assert agrees(ours([lifted(a, hide_a), lifted(b, hide_b)], axis), plain)


@settings(deadline=None)
@given(tuples, st.lists(st.integers(-2, 8), max_size=3).map(tuple), hiding)
def test_reshape_is_numpys(dims: tuple[int, ...], target: tuple[int, ...], hide: Any) -> None:
    plain = numpy_shape(np.reshape, np.zeros(dims), target)
    assume(0 not in dims and 0 not in target)
    exact = reshape(Shape(dims), target)
    assert (None if isinstance(exact, Mismatch) else exact.dims) == plain
    assert agrees(reshape(lifted(dims, hide), target), plain)


@settings(deadline=None)
@given(tuples, tuples, hiding, hiding)
def test_matmul_is_numpys(a: tuple[int, ...], b: tuple[int, ...], hide_a: Any, hide_b: Any) -> None:
    plain = numpy_shape(np.matmul, np.zeros(a), np.zeros(b))
    exact = matmul(Shape(a), Shape(b))
    assert (None if isinstance(exact, Mismatch) else exact.dims) == plain
    assert agrees(matmul(lifted(a, hide_a), lifted(b, hide_b)), plain)


@settings(deadline=None)
@given(tuples, st.one_of(st.none(), st.lists(st.integers(-4, 4), max_size=4)), st.booleans())
def test_transpose_and_reduce_are_numpys(dims: tuple[int, ...], axes: list[int] | None, keepdims: bool) -> None:
    turned = transpose(Shape(dims), axes)
    assert (None if isinstance(turned, Mismatch) else turned.dims) == numpy_shape(np.transpose, np.zeros(dims), axes)
    assume(axes is None or len({axis % max(len(dims), 1) for axis in axes}) == len(axes))
    reduced = reduce(Shape(dims), axes, keepdims)
    plain = numpy_shape(lambda: np.sum(np.zeros(dims), None if axes is None else tuple(axes), keepdims=keepdims))
    assert (None if isinstance(reduced, Mismatch) else reduced.dims) == plain


bound = st.one_of(st.none(), st.integers(-12, 12))


@settings(deadline=None)
@given(st.integers(0, 10), bound, bound, bound)
def test_slice_of_a_known_length_is_pythons(length: int, start: int | None, stop: int | None, step: int | None) -> None:
    assume(step != 0)
    assert slice_length(length, start, stop, step) == len(range(length)[start:stop:step])


@settings(deadline=None)
@given(st.integers(0, 30), bound, bound, st.one_of(st.none(), st.integers(1, 4)))
def test_slice_along_the_samples_holds_for_every_length(
    length: int, start: int | None, stop: int | None, step: int | None
) -> None:
    result = slice_length(N, start, stop, step, samples=True)
    value = substitute(result, {s: length for s in symbols(N)})
    assert not isinstance(value, int) or value == len(range(length)[start:stop:step])


SLICES = [
    (slice_length(N, 60), N - 60),
    (slice_length(N, None, -1), N - 1),
    (slice_length(N, -5), 5),
    (slice_length(N, 2, 10), 8),
    (slice_length(N, M, M + 60), 60),
    (slice_length(N, M - 60, M), 60),
    (slice_length(N, N - 60), 60),
    (slice_length(N, None, N - 60), N - 60),
    (slice_length(N, None, -K), N - K),
    (slice_length(N, None, N), N),
    (slice_length(N, None, 1000, samples=True), minimum(N, 1000)),
    (slice_length(N, 1000, samples=True), maximum(N - 1000, 0)),
    (slice_length(N, None, K) + slice_length(N, K), N),
    (slice_length(N, None, None, -1), N),
    (slice_length(N, None, None, 2), (N + 1) // 2),
    (slice_length(20, None, 30), 20),
]


@pytest.mark.parametrize(("length", "expected"), SLICES, ids=lambda value: str(value))
def test_slice(length: Dim, expected: Dim) -> None:
    assert length == expected


WINDOWS = [
    (window_length(10, 3), 8),
    (window_length(10, 3, 2), 4),
    (window_length(10, 3, 1, "valid", 2), 6),
    (window_length(10, 3, 3, "same"), 4),
    (window_length(10, 3, 2, "causal"), 5),
    (window_length(None, 3), None),
    (window_length(N, 3), N - 2),
    (window_length(N, 2, 2), N // 2),
    (transposed_length(10, 3, 2), 21),
    (transposed_length(10, 3, 2, "same"), 20),
    (transposed_length(10, 2, 4), 40),
    (transposed_length(10, 3, 2, "same", output_padding=1), 20),
]


@pytest.mark.parametrize(("length", "expected"), WINDOWS, ids=lambda value: str(value))
def test_window(length: Axis, expected: Axis) -> None:
    assert length == expected


def test_a_window_longer_than_the_axis_is_a_mismatch() -> None:
    assert isinstance(window_length(3, 5), Mismatch)
    assert isinstance(window_length(3, 3, 1, "valid", 2), Mismatch)
    assert not isinstance(window_length(N, 5), Mismatch)


OPERATIONS = [
    (broadcast(shape(None, 1), shape(None, 5)), shape(None, 5)),
    (broadcast(shape(N, 1), shape(5)), shape(N, 5)),
    (broadcast(shape(N), shape(5)), shape(5)),
    (broadcast(ending(4), shape(2, 1)), ending(2, 4)),
    (broadcast(ending(4), shape(N, 4)), ending(4)),
    (broadcast(ending(4), ending(3, 4)), ending(3, 4)),
    (concatenate([shape(N, 3), shape(M, 3)], 0), shape(N + M, 3)),
    (concatenate([shape(None, None, 3), shape(None, 8, 5)], -1), shape(None, 8, 8)),
    (concatenate([ending(3), shape(2, 3)], 1), shape(2, 6)),
    (stack([shape(N, 3)] * 4, 1), shape(N, 4, 3)),
    (reshape(shape(N, 10), (-1, 5, 2)), shape(N, 5, 2)),
    (reshape(shape(N - 60, M), (N - 60, -1, 1)), shape(N - 60, M, 1)),
    (reshape(shape(N, M, 4), (N, -1)), shape(N, 4 * M)),
    (reshape(shape(None, 6), (-1, 3)), shape(None, 3)),
    (matmul(shape(None, 5, 3), shape(3, 7)), shape(None, 5, 7)),
    (transpose(shape(N, 5, 3), (0, 2, 1)), shape(N, 3, 5)),
    (transpose(UNKNOWN_SHAPE), UNKNOWN_SHAPE),
    (reduce(shape(N, 5, 3), 1), shape(N, 3)),
    (reduce(UNKNOWN_SHAPE), shape()),
]


@pytest.mark.parametrize(("result", "expected"), OPERATIONS, ids=lambda value: str(value))
def test_operation(result: Shape | Mismatch, expected: Shape) -> None:
    assert result == expected


MISMATCHES = [
    (broadcast(shape(N, 3), shape(N, 4)), -1),
    (broadcast(ending(3), ending(4)), -1),
    (concatenate([shape(N, 3), shape(N, 4)], 0), 1),
    (concatenate([shape(N, 3), shape(N)], 0), None),
    (stack([shape(3), shape(N, 3)], 0), None),
    (reshape(shape(7), (2, 3)), None),
    (reshape(shape(2 * N + 1), (-1, 2)), None),
    (reshape(shape(6), (-1, -1)), None),
    (matmul(shape(N, 3), shape(4, N)), -1),
    (transpose(shape(1, 2), (0, 0)), None),
    (reduce(shape(1, 2), 2), None),
]


@pytest.mark.parametrize(("result", "axis"), MISMATCHES)
def test_mismatch(result: Shape | Mismatch, axis: int | None) -> None:
    assert isinstance(result, Mismatch)
    assert result.axis == axis
    assert result.reason


def test_a_reshape_of_unknown_size_is_a_symbol_of_its_own() -> None:
    result = reshape(UNKNOWN_SHAPE, (-1, 3))
    again = reshape(UNKNOWN_SHAPE, (-1, 3))
    assert isinstance(result, Shape)
    assert result.axis(1) == 3
    assert result == again


def test_axes() -> None:
    assert shape(N, 3).axis(-1) == 3
    assert shape(N, 3).axis(2) is UNKNOWN_AXIS
    assert ending(4).axis(-1) == 4
    assert ending(4).axis(0) is UNKNOWN_AXIS
    assert ending(4).axis(-2) is UNKNOWN_AXIS
    assert shape(N, 3).with_axis(0, None) == shape(None, 3)
    assert ending(4).with_axis(-2, 5) == ending(4)
    assert ending(4).with_axis(0, 5) == UNKNOWN_SHAPE
    assert ending(5, 4).drop(-1) == ending(5)
    assert shape(N, 3).drop(0) == shape(3)
    assert shape(N, 3).insert(-1, 1) == shape(N, 3, 1)
    assert shape(N, 3).insert(0, 1) == shape(1, N, 3)
    assert ending(4).insert(-1, 1) == ending(4, 1)
    assert ending(4).insert(0, 1) == UNKNOWN_SHAPE
    assert shape(3).prepend((N,)) == shape(N, 3)
    assert (shape(N, 3).rank, ending(3).rank, ending(3).min_rank) == (2, None, 1)
    assert (shape(N, 3).size, shape(None, 3).size, ending(3).size, shape().size) == (3 * N, None, None, 1)


def test_shapes_print_as_keras_prints_them() -> None:
    words = [str(s) for s in (shape(None, 10, N), shape(None), shape(), ending(4), UNKNOWN_SHAPE, shape(N - 1, 1))]
    assert words == ["(None, 10, n)", "(None,)", "()", "(…, 4)", "(…)", "(n - 1, 1)"]


SAME = [
    (shape(N, 3), shape(N, 3), Answer.YES),
    (shape(N, 3), shape(N + 1, 3), Answer.NO),
    (shape(N, 3), shape(M, 3), Answer.CANNOT_KNOW),
    (shape(N, 3), shape(3), Answer.NO),
    (shape(None, 3), shape(None, 3), Answer.CANNOT_KNOW),
    (shape(None, 3), shape(None, 4), Answer.NO),
    (ending(4), shape(N, 4), Answer.CANNOT_KNOW),
    (ending(4), shape(N, 3), Answer.NO),
    (ending(4, 4), shape(4), Answer.NO),
]


@pytest.mark.parametrize(("a", "b", "expected"), SAME, ids=lambda value: str(value))
def test_same(a: Shape, b: Shape, expected: Answer) -> None:
    assert same(a, b) is expected
    assert same(b, a) is expected


def test_index() -> None:
    assert index_ok(3, -3) is Answer.YES
    assert index_ok(3, 3) is Answer.NO
    assert index_ok(N, 0) is Answer.CANNOT_KNOW
    assert equal(N, N) is Answer.YES


def test_a_stride_of_zero_has_no_length() -> None:
    assert window_length(10, 3, 0) is None and window_length(symbol("n"), 3, 0, "same") is None
