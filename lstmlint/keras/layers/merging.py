"""Layers that take several tensors: elementwise merges, `Concatenate`, `Dot`.

Source: facts: layer chains, merge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import UNKNOWN_TENSOR, ZERO, Call, shapes_of
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal
from lstmlint.shapes.operations import Mismatch, broadcast_axis
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

_SOURCE = "facts: layer chains, merge"
Merge = Callable[[Call, "tuple[Shape, ...]"], "Shape | Refusal | None"]


def _rule(name: str, merge: Merge, *, count: int | None = None) -> LayerRule:
    """The entry of a layer that is called on a list of tensors: of any number, or of exactly `count`."""

    def apply(layer: Layer, inputs: Structure, version: Version) -> Applied:
        if inputs is None:
            return Applied(None, None, ZERO)
        tensor = inputs if isinstance(inputs, Tensor) else UNKNOWN_TENSOR
        call = Call(layer, version, tensor, tensor.shape)
        if not isinstance(inputs, tuple):
            return Applied(None, call.refuse("list-wanted", "structure", "a list of tensors"))
        if count is not None and len(inputs) != count:
            return Applied(None, call.refuse("count", "structure", f"{count} tensors", f"{len(inputs)} tensors"))
        merged = merge(call, tuple(shapes_of(inputs)))
        if isinstance(merged, Refusal):
            return Applied(None, merged)
        return Applied(None if merged is None else Tensor(merged), None, ZERO)

    return LayerRule(name, apply, _SOURCE)


def _told(shapes: Sequence[Shape]) -> str:
    return f"[{', '.join(map(str, shapes))}]"


# --- elementwise -----------------------------------------------------------------------------------------------------


def _elementwise(call: Call, shapes: tuple[Shape, ...]) -> Shape | Refusal | None:
    """Broadcast without the batch: shapes are laid over one another from the end."""
    merged = shapes[0] if shapes else None
    batch = _batches(call, shapes)
    if isinstance(batch, Refusal):
        return batch
    for shape in shapes[1:]:
        if merged is None or not (merged.exact and shape.exact and merged.dims and shape.dims):
            return _elementwise_ends(merged, shape)
        rest = _laid_over(call.version, merged.dims[1:], shape.dims[1:])
        if rest is None:
            first, second = str(merged), str(shape)
            found = _told(shapes)
            return call.refuse("merge", "merge", "shapes that broadcast", found, first=first, second=second)
        merged = Shape((batch, *rest))
    return merged


def _batches(call: Call, shapes: Sequence[Shape]) -> Axis | Refusal:
    """The batch of all: in K3 the known one, of which there may be one only; T2 lays a 1 over a None; K2 wants all alike."""
    batches = [shape.dims[0] for shape in shapes if shape.exact and shape.dims]
    known = [batch for batch in batches if batch is not None]
    if call.version is Version.K2 or not known:
        return batches[0] if batches and all(batch == batches[0] for batch in batches) else None
    if any(equal(known[0], batch) is Answer.NO for batch in known[1:]):
        return call.refuse("batches", "batch", "tensors of one batch size", _told(shapes), all=_told(shapes))
    if call.version is Version.T2 and known[0] == 1 and None in batches:
        return None
    return next((batch for batch in known if isinstance(batch, int)), known[0])


def _elementwise_ends(a: Shape | None, b: Shape) -> Shape:
    """Where a rank is not known: the end that both agree on."""
    if a is None or a != b:
        return UNKNOWN_SHAPE
    return a


def _laid_over(version: Version, a: tuple[Axis, ...], b: tuple[Axis, ...]) -> tuple[Axis, ...] | None:
    """The merged axes, None where two certainly differ."""
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    head = longer[: len(longer) - len(shorter)]
    merged: list[Axis] = []
    for x, y in zip(longer[len(head) :], shorter):
        size = _merged_axis(version, x, y)
        if isinstance(size, Mismatch):
            return None
        merged.append(size)
    return (*head, *merged)


def _merged_axis(version: Version, x: Axis, y: Axis) -> Axis | Mismatch:
    """K2 and K3 make a None of anything that meets a None; T2 takes what TensorFlow says."""
    if version is not Version.T2 and (x is None or y is None):
        return None
    return broadcast_axis(x, y)


# --- Concatenate -----------------------------------------------------------------------------------------------------


def _concatenated(call: Call, shapes: tuple[Shape, ...]) -> Shape | Refusal | None:
    """Sizes add up along one axis and must agree along the others.  To K2 a None differs from a number."""
    axis = call.value("axis", -1)
    ranks = {shape.rank for shape in shapes} - {None}
    if len(ranks) > 1:
        return _unlike(call, shapes)
    if not isinstance(axis, int) or not ranks or not all(shape.exact for shape in shapes):
        return _end(axis, shapes)
    rank = ranks.pop() or 0
    if not -rank <= axis < rank:
        return None if call.version is Version.K2 else call.refuse("no-axis", "rank", f"axis {axis}", _told(shapes))
    if call.version is Version.K2 and axis % rank == 0:
        return None
    place = axis % rank
    dims: list[Axis] = []
    for index in range(rank):
        column = [shape.dims[index] for shape in shapes]
        if index == place:
            size: Axis | Mismatch = _total(column)
        else:
            size = _agreed(call.version, column) if index or call.version is not Version.K2 else _same_batch(column)
        if isinstance(size, Mismatch):
            return _unlike(call, shapes)
        dims.append(size)
    return Shape(tuple(dims))


def _unlike(call: Call, shapes: Sequence[Shape]) -> Refusal | None:
    found = _told(shapes)
    return call.refuse("concatenate", "merge", "shapes that agree but for the axis", found, all=found)


def _end(axis: object, shapes: Sequence[Shape]) -> Shape:
    """The last axis, where it is the one that adds up and all of them are known to have one."""
    if axis == -1 and all(shape.dims for shape in shapes):
        return Shape((_total([shape.dims[-1] for shape in shapes]),), exact=False)
    return UNKNOWN_SHAPE


def _total(column: Sequence[Axis]) -> Axis:
    known = [dim for dim in column if dim is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(column) else None


def _same_batch(column: Sequence[Axis]) -> Axis:
    return next((dim for dim in column if dim is not None), None)


def _agreed(version: Version, column: Sequence[Axis]) -> Axis | Mismatch:
    """The one size of an axis along which all must agree.  In K3 it stays None as soon as the first is None."""
    known = [dim for dim in column if dim is not None]
    if version is Version.K2 and 0 < len(known) < len(column):
        return Mismatch("None is not a number")
    for dim in known[1:]:
        if equal(known[0], dim) is Answer.NO:
            return Mismatch("sizes differ")
    if version is Version.K3 and column[0] is None:
        return None
    return next((dim for dim in known if isinstance(dim, int)), known[0] if known else None)


# --- Dot -------------------------------------------------------------------------------------------------------------


def _dotted(call: Call, shapes: tuple[Shape, ...]) -> Shape | Refusal | None:
    """The sum of products along one axis of each; the batch stays, the other axes follow one another."""
    if len(shapes) != 2 or not all(shape.exact and shape.dims for shape in shapes):
        return None
    first, second = shapes
    axes = call.value("axes", UNKNOWN)
    pair = axes if isinstance(axes, tuple) else (axes, axes)
    if len(pair) != 2 or not all(isinstance(axis, int) for axis in pair):
        return None
    places = [axis % len(shape.dims) if axis < 0 else axis for axis, shape in zip(pair, shapes)]
    if any(place >= len(shape.dims) for place, shape in zip(places, shapes)):
        return call.refuse("no-axis", "rank", f"axes {pair[0]} and {pair[1]}", _told(shapes))
    left, right = (shape.dims[place] for shape, place in zip(shapes, places))
    if _differ(left, right):
        sizes = {"left": left, "right": right, "left_axis": places[0], "right_axis": places[1]}
        found = _told(shapes)
        return call.refuse("dot", "merge", "one size along the axes", found, first=first, second=second, **sizes)
    if call.version is Version.K2 and max(len(first.dims), len(second.dims)) > 3:
        return None
    ranks = [len(shape.dims) for shape in shapes]
    wanted = "tensors with an axis behind the batch"
    if (call.version is Version.T2 and min(ranks) < 2) or (call.version is Version.K3 and max(ranks) < 2):
        return call.refuse("dot-rank", "rank", wanted, _told(shapes), rank=2, ndim=1, first=first, second=second)
    if 0 in places:
        return call.refuse("dot-batch", "argument", wanted, _told(shapes)) if call.version is Version.T2 else None
    if call.version is Version.T2 and {first.dims[0], second.dims[0]} == {1, None}:
        first = first.with_axis(0, None)
    elif call.version is Version.T2 and first.dims[0] is None:
        first = first.with_axis(0, second.dims[0])
    rest = (*first.drop(places[0]).dims, *second.drop(places[1]).dims[1:])
    return Shape(rest if len(rest) > 1 else (*rest, 1))


def _differ(left: Axis, right: Axis) -> bool:
    """Dot compares as Python does: a None differs from a number."""
    if left is None or right is None:
        return left is not right
    return equal(left, right) is Answer.NO


_ELEMENTWISE = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
RULES = (
    *(_rule(name, _elementwise, count=2 if name == "Subtract" else None) for name in _ELEMENTWISE),
    _rule("Concatenate", _concatenated),
    _rule("Dot", _dotted, count=2),
)
