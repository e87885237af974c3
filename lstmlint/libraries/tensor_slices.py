"""Slices of tensors: `x[:, -1]`, `x[..., tf.newaxis]`, as a rule from a shape to a shape."""

from __future__ import annotations

from typing import Any

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Sequence, SliceValue, Value, unknown
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import KerasTensor, version_of
from lstmlint.libraries.numpy_indexing import index_parts, indexed_shape
from lstmlint.libraries.tensor_operands import Result, operand
from lstmlint.shapes.operations import Mismatch
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape


def get_item(call: Call) -> Result | None:
    """A part of a tensor, by numbers, slices, `None` and `...`."""
    found = operand(call, call.args[0] if call.args else None)
    if found is None or len(call.args) < 2:
        return None
    index = call.args[1]
    items = list(index.items or ()) if isinstance(index, Sequence) and index.kind == "tuple" else [index]
    if version_of(call) is Version.K3 and not _fit_for_operation(index, items):
        return Result(UNKNOWN_SHAPE, found.dtype)
    settled = [_place(item) for item in items]
    wrong = _out_of_range(found.shape, settled)
    if wrong is not None:
        return Result(wrong)
    parts = index_parts(call, Sequence("tuple", tuple(settled), len(settled)))
    if not parts or not found.shape.exact:
        return Result(UNKNOWN_SHAPE, found.dtype)
    sizes = _picked(found.sizes, settled)
    return Result(indexed_shape(found.shape, parts, call.symbol), found.dtype, sizes=sizes)


def _fit_for_operation(index: Value, items: list[Value]) -> bool:
    """Whether Keras 3 takes the index: a number or a tuple, no lone slice, no tensors."""
    return not isinstance(index, SliceValue) and not any(isinstance(item, KerasTensor) for item in items)


def _place(item: Value) -> Value:
    """A tensor of rank 0 is one place."""
    is_number = isinstance(item, KerasTensor) and item.shape == Shape(())
    return unknown("a place", number="int") if is_number else item


def _out_of_range(shape: Shape, items: list[Value]) -> Mismatch | None:
    """What surely lies outside: more places than axes, or a place behind the end of its axis."""
    if not shape.exact:
        return None
    taking = [item for item in items if item != NONE and item != Const(...)]
    if len(taking) > len(shape.dims) and all(isinstance(item, (SliceValue, Const)) for item in taking):
        return Mismatch(f"{len(taking)} indices for {len(shape.dims)} axes")
    axis = 0
    for item in items:
        if item == Const(...):
            return None
        if item == NONE:
            continue
        dim, place = shape.dims[axis] if axis < len(shape.dims) else None, getattr(item, "value", None)
        if type(place) is int and isinstance(dim, int) and not -dim <= place < dim:
            return Mismatch(f"there is no place {place} along an axis of {dim}", axis, dim, place)
        axis += 1
    return None


def _picked(sizes: tuple[Axis, ...] | None, items: list[Value]) -> tuple[Axis, ...] | None:
    """The sizes at a place or in a slice of a tensor of sizes."""
    if sizes is None or len(items) != 1:
        return None
    (item,) = items
    if isinstance(item, Const) and type(item.value) is int:
        return sizes[item.value : item.value + 1] if item.value >= 0 else sizes[item.value :][:1]
    if isinstance(item, SliceValue):
        bounds: list[Any] = [getattr(bound, "value", "?") for bound in (item.lower, item.upper, item.step)]
        if all(bound is None or type(bound) is int for bound in bounds) and bounds[2] != 0:
            return sizes[slice(*bounds)]
    return None
