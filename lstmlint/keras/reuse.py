"""Calling a layer again: its weights have the sizes of the first input.

Source: facts, inputs (the layers' own checks on data of another shape than they were built on).
"""

from __future__ import annotations

from lstmlint.keras.feeding import LAYER_CHECKS
from lstmlint.keras.layers.base import Layer, Refusal
from lstmlint.keras.layers.messages import told_name, words
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer
from lstmlint.shapes.shape import Shape


def refused_reuse(layer: Layer, built: Shape, given: Shape, version: Version) -> Refusal | None:
    """The refusal of an input whose last axis has another size than the layer was built on, if it is certain."""
    check = LAYER_CHECKS[version].get(layer.class_name)
    if check is None or -1 not in check.axes or not built.exact or not given.exact:
        return None
    if (check.as_built and len(built.dims) != len(given.dims)) or check.accepts(given, built) is not Answer.NO:
        return None
    name = told_name(layer, version)
    identity = "axis"
    if version is Version.K3 and layer.class_name in ("LSTM", "GRU", "SimpleRNN"):
        identity = "initial-state"  # K3 asks nothing of the features and fails inside the cell, when the model runs
    exception, message = words(
        identity, version, layer=name, cls=layer.class_name, axis=-1, value=built.dims[-1], found=given
    )
    return Refusal("axis", f"{built.dims[-1]} on its last axis, as in its first call", str(given), exception, message)
