"""`Dense`, `Embedding`, activations, dropout and noise, masking, inputs: the layers that keep or replace the last axis.

Source: facts: layer chains; parameters; masks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmlint.classes import replace
from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, LayerRule, Structure, Tensor
from lstmlint.keras.layers.call import (
    ALL,
    ZERO,
    Call,
    InputSpec,
    Output,
    activation_name,
    activation_of_layer,
    one_input,
    weights,
)
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

_CHAINS = "facts: layer chains; parameters"
FEATURES = InputSpec(("batch", "features"), open=ALL)


def use_bias(call: Call) -> int | None:
    """1 or 0 for the formulas, None where unknown."""
    flag = call.flag("use_bias", True)
    return None if flag is None else int(flag)


# --- Dense, Embedding ------------------------------------------------------------------------------------------------


def _dense(call: Call) -> Output:
    """(batch, …, features) -> (batch, …, units)."""
    if call.axis(-1) is None:
        return call.refuse("dense-features", "undefined", "(batch, …, features) with known features")
    units = call.size("units")
    last = call.shape.with_axis(-1, units) if call.shape.dims else Shape((units,), exact=False)
    return Tensor(last, activation=activation_name(call.value("activation", UNKNOWN)))


def _dense_values(call: Call) -> Mapping[str, Any]:
    return {"units": call.size("units"), "features": call.axis(-1), "use_bias": use_bias(call)}


def _embedding(call: Call) -> Output:
    """(batch, …) -> (batch, …, output_dim)."""
    length = call.value("input_length")
    if call.version is Version.K2 and isinstance(length, int) and len(call.shape.dims) == 2 and call.shape.exact:
        found = call.axis(1)
        if found is not None and equal(found, length) is Answer.NO:
            return call.refuse("input-length", "axis", f"(batch, {length})", length=length)
    return Tensor(Shape((*call.shape.dims, call.size("output_dim")), call.shape.exact), activation="linear")


def _embedding_values(call: Call) -> Mapping[str, Any]:
    return {"input_dim": call.size("input_dim"), "output_dim": call.size("output_dim")}


# --- layers that keep the shape --------------------------------------------------------------------------------------


def _kept(call: Call) -> Output:
    """The same values, as far as a reader of predictions sees."""
    return replace(call.tensor, shape=call.shape)


def _activation(call: Call) -> Output:
    name = activation_of_layer(call.layer)
    if name == "softmax" and call.version is not Version.K3 and call.shape.rank == 1:
        return call.refuse("scalar-softmax", "min-rank", "(batch, …, features)")
    if call.version is Version.T2 and call.layer.class_name == "Softmax" and call.shape.exact:
        axes, rank = call.value("axis", -1), call.shape.min_rank
        beyond = [
            axis
            for axis in (axes if isinstance(axes, tuple) else (axes,))
            if isinstance(axis, int) and not -rank <= axis < rank
        ]
        if beyond:
            return call.refuse("softmax-range", "min-rank", f"an axis {beyond[0]}", ndim=rank)
    return replace(call.tensor, shape=call.shape, activation=call.tensor.activation if name == "linear" else name)


def _prelu(call: Call) -> Output:
    shared = call.value("shared_axes")
    if shared is UNKNOWN or not call.shape.exact:
        return _activation(call)
    axes = shared if isinstance(shared, tuple) else ()
    if any(isinstance(axis, int) and axis >= len(call.shape.dims) for axis in axes):
        return call.refuse("shared-range", "min-rank", f"an axis {max(axes)}")
    if any(dim is None for dim in _alpha_shape(call.shape, shared)):
        return call.refuse("alpha-shape", "undefined", "all axes known but the batch and the shared ones")
    return _activation(call)


def _shared(shared: Any) -> tuple[int, ...]:
    """The shared axes, of which some may not be known."""
    axes = shared if isinstance(shared, tuple) else () if shared is None else (shared,)
    return tuple(axis for axis in axes if isinstance(axis, int))


def _alpha_shape(shape: Shape, shared: Any) -> tuple[Any, ...]:
    """The axes of PReLU's weights: the input's without the batch, 1 where they are shared."""
    axes = _shared(shared)
    return tuple(1 if index in axes else dim for index, dim in enumerate(shape.dims) if index > 0)


def _prelu_values(call: Call) -> Mapping[str, Any]:
    shared = call.value("shared_axes")
    unknown = shared is UNKNOWN or not call.shape.exact
    return {"shape": None if unknown else _alpha_shape(call.shape, shared)}


def _input_layer(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """An input layer makes its tensor from what it declares."""
    if inputs is not None:
        return Applied(inputs, None, ZERO)
    dtype = layer.arguments.get("dtype")
    declared = layer.declared
    tensor = None if declared is None else Tensor(declared, dtype if isinstance(dtype, str) else None)
    return Applied(tensor, None, ZERO)


def _lambda(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """What a function makes is the interpreter's business."""
    return Applied(None, None, ZERO)


_KEEPING = (
    "Dropout", "ActivityRegularization", "GaussianNoise", "GaussianDropout", "AlphaDropout", "Masking", "Identity",
)  # fmt: skip
_SPATIAL_DROPOUT = {
    "SpatialDropout1D": ("batch", "time", "channels"),
    "SpatialDropout2D": ("batch", "height", "width", "channels"),
    "SpatialDropout3D": ("batch", "depth", "height", "width", "channels"),
}


def _reversible(call: Call) -> Output:
    """(batch, …) -> (batch, …, output_dim), and back with `reverse`."""
    back = call.flag("reverse")
    if back is None or not call.shape.dims:
        return Tensor(UNKNOWN_SHAPE)
    if not back:
        return _embedding(call)
    return Tensor(call.shape.with_axis(-1, call.size("input_dim")), activation="linear")


def _reversible_values(call: Call) -> Mapping[str, Any]:
    tied = call.flag("tie_weights", True)
    return {**_embedding_values(call), "tables": None if tied is None else 1 if tied else 2}


RULES = (
    one_input(
        "ReversibleEmbedding",
        _reversible,
        "measured: ReversibleEmbedding",
        count=weights("tables*input_dim*output_dim", _reversible_values),
        called_with=("reverse",),
    ),
    one_input("Dense", _dense, _CHAINS, spec=FEATURES, count=weights("units*features+units*use_bias", _dense_values)),
    one_input("Embedding", _embedding, _CHAINS, count=weights("input_dim*output_dim", _embedding_values)),
    *(one_input(name, _kept, _CHAINS) for name in _KEEPING),
    *(one_input(name, _kept, _CHAINS, spec=InputSpec(axes)) for name, axes in _SPATIAL_DROPOUT.items()),
    *(
        one_input(name, _activation, _CHAINS)
        for name in ("Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax")
    ),
    one_input("PReLU", _prelu, _CHAINS, count=weights("prod(shape)", _prelu_values)),
    LayerRule("InputLayer", _input_layer, "reference: InputLayer"),
    LayerRule(
        "Lambda", _lambda, "reference: Lambda", "opaque", "its function is followed where the program defines it"
    ),
)
