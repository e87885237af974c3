"""Calling a layer again: its weights have the sizes of the first input.

Source: facts, inputs (the layers' own checks on data of another shape than they were built on).
"""

from __future__ import annotations

from lstmlint.keras.feeding import LAYER_CHECKS, LayerCheck
from lstmlint.keras.layers.base import Layer, Refusal
from lstmlint.keras.layers.messages import told_name, words
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer
from lstmlint.shapes.shape import UNKNOWN_AXIS, Shape


def refused_reuse(layer: Layer, built: Shape, given: Shape, version: Version) -> Refusal | None:
    """The refusal of an input whose last axis has another size than the layer was built on, if it is certain."""
    check = LAYER_CHECKS[version].get(layer.class_name) or _check(layer, len(built.dims), version)
    if check is None or not check.axes or not built.exact or not given.exact:
        return None
    name = told_name(layer, version)
    if version is Version.K3 and layer.class_name in _OF_ONE_RANK and len(given.dims) != len(built.dims):
        rank, ndim = len(built.dims), len(given.dims)
        exception, message = words(
            "rank",
            version,
            layer=name,
            cls=layer.class_name,
            rank=rank,
            ndim=ndim,
            found=given,
            rest=str(Shape(given.dims[1:])),
        )
        return Refusal("axis", f"{rank} axes, as in its first call", str(given), exception, message)
    if not check.accepts_rank(len(given.dims), len(built.dims)) or check.accepts(given, built) is not Answer.NO:
        return None
    identity = "axis"
    if version is Version.K3 and layer.class_name in ("LSTM", "GRU", "SimpleRNN"):
        identity = "initial-state"  # K3 asks nothing of the features and fails inside the cell, when the model runs
    axis = next((axis for axis in check.axes if built.axis(axis) not in (None, UNKNOWN_AXIS, given.axis(axis))), None)
    if axis is None:
        return None  # an axis that the first call did not have is what that call was refused for
    value = built.axis(axis)
    exception, message = words(identity, version, layer=name, cls=layer.class_name, axis=axis, value=value, found=given)
    place = "its last axis" if axis == -1 else f"axis {axis}"
    return Refusal("axis", f"{value} on {place}, as in its first call", str(given), exception, message)


def _check(layer: Layer, rank: int, version: Version) -> LayerCheck | None:
    """What T2 and K3 look at in a layer that is called again, where the data of the first call are no story of their own."""
    name = layer.class_name
    if version is Version.K2:
        return None
    if name.startswith(_CONVOLUTIONS) or (name.startswith("Conv") and name.endswith("Transpose")) or name == "Conv3D":
        first = layer.arguments.get("data_format") == "channels_first"
        return LayerCheck(axes=(1 if first else -1,))
    if name == "SpectralNormalization" and version is Version.K3:
        return LayerCheck(axes=(-1,))
    if name == "PReLU":
        shared = layer.arguments.get("shared_axes")
        if shared is None or (isinstance(shared, tuple) and all(isinstance(axis, int) for axis in shared)):
            return LayerCheck(as_built=True, axes=tuple(axis for axis in range(1, rank) if axis not in (shared or ())))
    return None


#: Layers that Keras 3 gives as many axes as in their first call only.
_OF_ONE_RANK = frozenset({"BatchNormalization", "PReLU"})
#: What the names of other convolutions begin with.
_CONVOLUTIONS = ("SeparableConv", "DepthwiseConv")
