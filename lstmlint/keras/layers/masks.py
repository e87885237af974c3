"""What becomes of a mask: layers make one, pass it on, use it up, drop it, or refuse it.

Source: facts: recurrent, masks; layer chains, Masking in front of every layer.
"""

from __future__ import annotations

from lstmlint.keras.layers.base import Layer, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import Call, as_flag
from lstmlint.keras.versions import Version

#: Layers that hand the mask of their input on.
PASSING = frozenset({
    "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average", "BatchNormalization", "Concatenate",
    "Dense", "Dropout", "ELU", "GaussianDropout", "GaussianNoise", "GroupNormalization", "Identity",
    "LayerNormalization", "LeakyReLU", "Masking", "Maximum", "Minimum", "Multiply", "PReLU", "ReLU", "Softmax",
    "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Subtract", "ThresholdedReLU", "TimeDistributed",
    "UnitNormalization",
})  # fmt: skip
#: Layers that hand it on with a sequence and use it up without one.
RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"})
#: Layers that K2 does not call with a mask.
REFUSING_K2 = frozenset(
    f"{name}{rank}D{end}"
    for rank in (1, 2, 3)
    for name, end in (
        ("Conv", ""), ("SeparableConv", ""), ("DepthwiseConv", ""), ("Conv", "Transpose"), ("LocallyConnected", ""),
        ("MaxPooling", ""), ("AveragePooling", ""), ("GlobalMaxPooling", ""), ("Cropping", ""), ("ZeroPadding", ""),
        ("UpSampling", ""),
    )
) | {"Flatten", "Reshape", "Permute"}  # fmt: skip
_CUDNN = frozenset({"CuDNNLSTM", "CuDNNGRU"})


def refused_mask(layer: Layer, inputs: Structure, version: Version) -> Refusal | None:
    """The refusal of a masked input, where it is certain that there is a mask."""
    if not isinstance(inputs, Tensor) or inputs.masked is not True or version is Version.K3:
        return None
    call = Call(layer, version, inputs, inputs.shape)
    if version is Version.K2 and layer.class_name in _CUDNN:
        return call.refuse("cudnn-masking", "mask", "a sequence without a mask")
    if version is Version.K2 and layer.class_name in REFUSING_K2:
        return call.refuse("masking", "mask", "an input without a mask")
    inner = layer.arguments.get("layer")
    if layer.class_name == "TimeDistributed" and isinstance(inner, Layer) and inner.class_name == "Flatten":
        return call.refuse("masking", "mask", "an input without a mask")
    return None


def mask_after(layer: Layer, inputs: Structure) -> bool | None:
    """Whether a mask travels with the output, None where that is not known."""
    name = layer.class_name
    if name == "Masking":
        return True
    if name == "Embedding":
        return as_flag(layer.arguments.get("mask_zero", False))
    masked = inputs.masked if isinstance(inputs, Tensor) else None
    if masked is False or name in PASSING:
        return masked
    if name in RECURRENT:
        inner = layer.arguments.get("layer") if name == "Bidirectional" else layer
        flag = as_flag(inner.arguments.get("return_sequences", False)) if isinstance(inner, Layer) else None
        return False if flag is False else masked if flag else None
    return None if layer.rule.grade == "opaque" else False
