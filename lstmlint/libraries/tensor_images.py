"""Images as tensors, channels last, and operations whose shapes are not followed: rules from a shape to a shape."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.libraries.tensor_operands import Result, first, pick, sizes_of
from lstmlint.libraries.tensor_rules import member
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape


def resize(call: Call) -> Result | None:
    """Images of another size, channels last."""
    found = first(call, "images")
    size = sizes_of(call, pick(call, 1, "size"))
    if found is None or size is None or len(size) != 2 or found.shape.rank not in (3, 4):
        return None
    if "data_format" in call.keywords:
        return Result(UNKNOWN_SHAPE)
    return Result(Shape((*found.shape.dims[:-3], *size, found.shape.dims[-1])))


def recoloured(call: Call) -> Result | None:
    """Images with another number of channels."""
    found = first(call, "images")
    if found is None or "data_format" in call.keywords or len(call.args) > 1:
        return None
    return Result(found.shape.with_axis(-1, 3 if member(call).endswith("rgb") else 1), found.dtype)


def same_images(call: Call) -> Result | None:
    """Images of the same size."""
    found = first(call, "image", "images")
    return None if found is None else Result(found.shape, found.dtype)


def opaque(call: Call) -> Result | None:
    """An operation whose shape is not followed."""
    return Result(UNKNOWN_SHAPE) if first(call, "images", "image", "params") is not None else None
