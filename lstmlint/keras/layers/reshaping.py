"""Layers that move, repeat, cut or pad axes without weights.

Source: facts: layer chains, reshaping, cropping, padding, upsampling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lstmlint.classes import replace
from lstmlint.keras.layers.base import UNKNOWN, LayerRule, Tensor
from lstmlint.keras.layers.call import T2_AND_K3, Call, InputSpec, Output, as_dim, one_input, unknown_axes, untold
from lstmlint.keras.layers.spatial import axes_of, layout
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, at_most, maximum, product
from lstmlint.shapes.operations import Mismatch, reshape
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

_SOURCE = "facts: layer chains, reshaping"


def _like(call: Call, shape: Shape) -> Tensor:
    """The input's values in another shape."""
    return replace(call.tensor, shape=shape)


def _unknown_rest(call: Call, rank: int | None) -> Tensor:
    if rank is None:
        return _like(call, UNKNOWN_SHAPE)
    return _like(call, Shape((call.axis(0) if call.shape.exact else None, *(untold() for _ in range(rank - 1)))))


# --- Flatten, Reshape, RepeatVector, Permute -------------------------------------------------------------------------


def _flatten(call: Call) -> Output:
    """(batch, …) -> (batch, product of the rest).  K2 needs rank 3 and every axis; the others give None for a None."""
    shape = call.shape
    if not shape.exact:
        return _like(call, Shape((None, untold())))
    rest = shape.dims[1:]
    if call.version is Version.K2:
        if len(shape.dims) < 3:
            return call.refuse(
                "min-rank", "min-rank", "(batch, …, features) of rank 3 or more", rank=3, ndim=shape.rank
            )
        if None in rest:
            return call.refuse("flatten", "undefined", "all axes known but the batch")
    known = [dim for dim in rest if dim is not None]
    return _like(call, Shape((shape.dims[0], product(known) if len(known) == len(rest) else None)))


def _reshape(call: Call) -> Output:
    """(batch, …) -> (batch, *target_shape), one -1 solved; a None in front leaves it unsolved."""
    target = call.value("target_shape", UNKNOWN)
    if not isinstance(target, tuple):
        return _unknown_rest(call, None)
    dims = tuple(as_dim(item, (call.layer.key, "target_shape", place)) for place, item in enumerate(target))
    batch = call.axis(0) if call.shape.exact else None
    rest = Shape(call.shape.dims[1:]) if call.shape.exact else UNKNOWN_SHAPE
    if sum(dim == -1 for dim in dims) > 1:
        return _unknown_rest(call, len(dims) + 1)
    if call.version is Version.K3 and any(isinstance(item, (str, float)) for item in target):
        # K3 takes them for sizes that it does not know, and so is what -1 stands for.
        return _like(
            call, Shape((batch, *(None if isinstance(a, (str, float)) or b == -1 else b for a, b in zip(target, dims))))
        )
    if -1 in dims and 0 in dims and rest.exact and None not in rest.dims:
        return call.refuse("elements-divided", "elements", "no 0 beside -1", target=str(Shape(dims)))
    result = reshape(rest, dims)
    if not isinstance(result, Mismatch):
        return _like(call, Shape((batch, *result.dims)))
    message = "elements-divided" if -1 in dims else "elements"
    wanted = f"a multiple of {result.right}" if -1 in dims else str(result.right)
    words = str(Shape(dims))
    return call.refuse(message, "elements", f"{wanted} elements for target_shape={words}", target=words)


def _repeat_vector(call: Call) -> Output:
    """(batch, features) -> (batch, n, features)."""
    return call.tensor_of(call.axis(0), call.size("n"), call.axis(1), activation=call.tensor.activation)


def _permute(call: Call) -> Output:
    """(batch, …) -> (batch, the rest in another order); `dims` counts from 1."""
    order = call.value("dims", UNKNOWN)
    if not isinstance(order, tuple) or not all(isinstance(place, int) for place in order):
        return _unknown_rest(call, call.shape.rank)
    wanted = len(order) + 1
    shape = call.shape
    if shape.min_rank > wanted or (shape.exact and shape.min_rank < wanted):
        return call.refuse("rank", "rank", f"{wanted} axes", rank=wanted, ndim=shape.min_rank)
    if not shape.exact or not all(0 <= place < wanted for place in order):
        return _unknown_rest(call, wanted)
    return _like(call, Shape((shape.dims[0], *(shape.dims[place] for place in order))))


# --- cropping, padding, upsampling -----------------------------------------------------------------------------------


def _pairs(call: Call, argument: str, rank: int) -> tuple[tuple[Dim, Dim], ...]:
    """(before, after) for each spatial axis: from one number, one per axis, or pairs."""
    value = call.value(argument, UNKNOWN)
    items: Sequence[Any] = (value,) if rank == 1 else value if isinstance(value, tuple) else (value,) * rank
    if len(items) != rank:
        items = (UNKNOWN,) * rank

    def pair(item: Any, place: int) -> tuple[Dim, Dim]:
        ends = item if isinstance(item, tuple) and len(item) == 2 else (item, item)
        first, second = (as_dim(end, (call.layer.key, argument, place, side)) for side, end in enumerate(ends))
        return first, second

    return tuple(pair(item, place) for place, item in enumerate(items))


def _padded(rank: int) -> Callable[[Call], Output]:
    """Each spatial axis gains what is put before and after it."""

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is None:
            return Tensor(unknown_axes(call.shape))
        pairs = _pairs(call, "padding", rank)
        spatial = [None if dim is None else dim + a + b for dim, (a, b) in zip(parts.spatial, pairs)]
        return Tensor(parts.shape(spatial, parts.channels))

    return outputs


#: Versions that refuse a cropping after which nothing is left, by the number of spatial axes.
_NOTHING_LEFT_REFUSED = {1: T2_AND_K3, 2: T2_AND_K3, 3: frozenset({Version.K3})}


def _cropped(rank: int) -> Callable[[Call], Output]:
    """Each spatial axis loses what is cut from its ends.  Where nothing would be left, some refuse."""
    refusing = _NOTHING_LEFT_REFUSED[rank]

    def outputs(call: Call) -> Output:
        parts = layout(call, rank)
        if parts is None:
            return _unknown_rest(call, call.shape.rank)
        spatial: list[Axis] = []
        for dim, (before, after) in zip(parts.spatial, _pairs(call, "cropping", rank)):
            left = None if dim is None else dim - before - after
            if call.version in refusing and left is not None and at_most(left, 0) is Answer.YES:
                expected = f"more than {before + after} along the axis of {dim}"
                return call.refuse("cropping", "window", expected)
            # T2's slices end at 0 where too much is cut.
            spatial.append(maximum(left, 0) if call.version is Version.T2 and left is not None else left)
        return _like(call, parts.shape(spatial, parts.channels))

    return outputs


def _upsampled(rank: int) -> Callable[[Call], Output]:
    """Each spatial axis times its size."""

    def outputs(call: Call) -> Output:
        if len(call.shape.dims) != rank + 2 or not call.shape.exact:
            return _upsampled_unchecked(call, rank)
        parts = layout(call, rank)
        if parts is None:
            return _unknown_rest(call, call.shape.rank)
        sizes = call.sizes("size", rank)
        spatial = [None if dim is None else dim * size for dim, size in zip(parts.spatial, sizes)]
        if rank == 2 and call.version is Version.T2 and None in spatial:
            spatial = [None] * rank  # TensorFlow resizes images as a whole
        return Tensor(parts.shape(spatial, parts.channels))

    return outputs


def _upsampled_unchecked(call: Call, rank: int) -> Output:
    """Versions that check no rank multiply the axes behind the batch, of as many axes as they can work with."""
    if not call.shape.exact:
        return _like(call, UNKNOWN_SHAPE)
    dims, ranks = list(call.shape.dims), _UNCHECKED[rank, call.version]
    if len(dims) not in ranks:
        return call.refuse("index", "rank", f"{rank + 2} axes")
    for place, size in enumerate(call.sizes("size", rank), 1):
        dim = dims[place]
        dims[place] = None if dim is None else dim * size
    return Tensor(Shape(tuple(dims)))


#: Upsampling that does not look at the rank: number of spatial axes and version, with the ranks that work all the same.
_UNCHECKED = {
    (1, Version.K2): range(2, 4),
    (3, Version.K2): range(4, 6),
    (3, Version.T2): range(4, 100),
}


def _rules(rank: int) -> tuple[LayerRule, ...]:
    spec = InputSpec(axes_of(rank), above={Version.K2: "op-rank"}, below={Version.K2: "op-rank"})
    unchecked = frozenset(version for number, version in _UNCHECKED if number == rank)
    return (
        one_input(f"Cropping{rank}D", _cropped(rank), _SOURCE, spec=InputSpec(axes_of(rank))),
        one_input(f"ZeroPadding{rank}D", _padded(rank), _SOURCE, spec=spec),
        one_input(f"UpSampling{rank}D", _upsampled(rank), _SOURCE, spec=InputSpec(axes_of(rank), unchecked=unchecked)),
    )


RULES = (
    one_input("Flatten", _flatten, _SOURCE),
    one_input("Reshape", _reshape, _SOURCE),
    one_input("Permute", _permute, _SOURCE),
    one_input("RepeatVector", _repeat_vector, _SOURCE, spec=InputSpec(("batch", "features"))),
    *(rule for rank in (1, 2, 3) for rule in _rules(rank)),
)
