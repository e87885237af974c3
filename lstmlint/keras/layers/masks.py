"""What becomes of a mask: layers make one, pass it on, use it up, drop it, or refuse it.

Source: facts: recurrent, masks; layer chains, Masking in front of every layer.
"""

from __future__ import annotations

import itertools

from lstmlint.classes import replace
from lstmlint.keras.layers.base import UNKNOWN, Layer, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import Call, as_flag
from lstmlint.keras.layers.recurrent import cells_of
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.operations import Mismatch, broadcast_axis
from lstmlint.shapes.shape import Shape

#: Layers that hand the mask of their input on.
PASSING = frozenset({
    "Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dense", "Dropout", "ELU",
    "GaussianDropout", "GaussianNoise", "GroupNormalization", "LayerNormalization", "LeakyReLU", "Masking", "PReLU",
    "ReLU", "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "ThresholdedReLU", "TimeDistributed",
    "UnitNormalization",
})  # fmt: skip
#: Those that only K3 lets do so.
PASSING_K3 = frozenset({"Identity", "Normalization", "Rescaling"})
#: Layers that hand on the mask of the query.
ATTENDING = frozenset({"AdditiveAttention", "Attention", "GroupedQueryAttention", "MultiHeadAttention"})
#: Layers whose output is masked where one of the inputs is; in K3 the elementwise ones ask for all of them.
MERGING = frozenset({"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"})
#: Layers that hand it on with a sequence and use it up without one.
RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"})
#: Layers that work along the axes of images and sequences, and know no masks.
_ALONG_AXES = frozenset(
    f"{name}{rank}D{end}"
    for rank in (1, 2, 3)
    for name, end in (
        ("Conv", ""), ("SeparableConv", ""), ("DepthwiseConv", ""), ("Conv", "Transpose"), ("LocallyConnected", ""),
        ("MaxPooling", ""), ("AveragePooling", ""), ("GlobalMaxPooling", ""), ("Cropping", ""), ("ZeroPadding", ""),
        ("UpSampling", ""),
    )
)  # fmt: skip
#: Layers that K2 does not call with a mask.
REFUSING_K2 = _ALONG_AXES | {"Flatten", "Reshape", "Permute"}
_CUDNN = frozenset({"CuDNNLSTM", "CuDNNGRU"})


#: Layers that T2 does not let a mask through; those inside `TimeDistributed` are asked.  Measured on tf.keras 2.15.
_MASKLESS_T2 = frozenset({
    "CategoryEncoding", "CenterCrop", "Discretization", "EinsumDense", "Flatten", "Hashing", "Identity", "IntegerLookup",
    "Normalization", "Permute", "RandomBrightness", "RandomContrast", "RandomCrop", "RandomFlip", "RandomHeight",
    "RandomRotation", "RandomTranslation", "RandomWidth", "RandomZoom", "RepeatVector", "Rescaling", "Reshape", "Resizing",
    "SpectralNormalization", "StringLookup", "TextVectorization",
    "GlobalAveragePooling2D", "GlobalAveragePooling3D",
}) | _ALONG_AXES  # fmt: skip


def refused_mask(layer: Layer, inputs: Structure, output: Structure, version: Version) -> Refusal | None:
    """The refusal of a masked input, where it is certain that there is a mask."""
    if version is Version.K3:
        return None
    if isinstance(inputs, tuple):
        return _refused_masks(layer, inputs, version)
    if not isinstance(inputs, Tensor) or inputs.masked is not True:
        return None
    call = Call(layer, version, inputs, inputs.shape)
    name, inner = layer.class_name, layer.arguments.get("layer")
    maskless = _MASKLESS_T2 if version is Version.T2 else frozenset({"Flatten"})
    if name == "TimeDistributed" and isinstance(inner, Layer) and inner.class_name in maskless:
        return call.refuse("masking", "mask", "an input without a mask")
    if version is Version.T2:
        if name.startswith("ConvLSTM"):
            return _refused_frames(call, output)
        return _refused_broadcast(call) if name in _BROADCASTING_T2 else None
    if name in _CUDNN:
        return call.refuse("cudnn-masking", "mask", "a sequence without a mask")
    if name in REFUSING_K2:
        return call.refuse("masking", "mask", "an input without a mask")
    return _refused_stack(call) if name == "RNN" else None


def _refused_frames(call: Call, output: Structure) -> Refusal | None:
    """T2 chooses between new and old states place by place, with the mask of the input's places."""
    if not isinstance(output, Tensor) or not output.shape.exact or call.value("data_format") == "channels_first":
        return None
    before, after = (
        call.shape.dims[2:-1],
        output.shape.dims[1 + len(output.shape.dims) - (len(call.shape.dims) - 1) : -1],
    )
    for have, made in zip(before, after):
        if have is not None and made is not None and _differ(have, made) and _differ(have, 1) and _differ(made, 1):
            return call.refuse("mask-broadcast", "mask", "an input without a mask", left=have, right=made)
    return None


#: Layers of T2 that lay a mask (batch, time) over values (batch, time, features).
_BROADCASTING_T2 = frozenset({"GroupNormalization", "Softmax"})


def _refused_broadcast(call: Call) -> Refusal | None:
    """A mask (batch, …, time) laid over values that have features behind it: its axes meet those one further on.

    They fit where sizes agree, or the mask's is 1; `Softmax` grows where the other one is 1.
    """
    dims = call.shape.dims
    for have, over in itertools.pairwise(dims[1:]) if call.shape.exact else ():
        if have is None or over is None or not _differ(have, over) or not _differ(have, 1):
            continue
        if _differ(over, 1) or call.layer.class_name == "GroupNormalization":
            return call.refuse("mask-broadcast", "mask", "an input without a mask", left=over, right=have)
    return None


def laid_over(layer: Layer, inputs: Structure, output: Tensor, version: Version) -> Tensor:
    """What comes out of T2's `Softmax` where a mask is laid over its input: an axis of 1 takes the size of the mask's."""
    if (
        version is not Version.T2
        or layer.class_name != "Softmax"
        or not isinstance(inputs, Tensor)
        or not inputs.masked
    ):
        return output
    dims = output.shape.dims
    if not output.shape.exact or len(dims) < 2:
        return output
    sizes = [broadcast_axis(*pair) for pair in zip((1, *dims[:-1]), dims)]
    return replace(output, shape=Shape(tuple(None if isinstance(size, Mismatch) else size for size in sizes)))


def _differ(a: Dim, b: Dim) -> bool:
    return equal(a, b) is Answer.NO


def _refused_stack(call: Call) -> Refusal | None:
    """K2 lays a mask of the last cell's size over the states of all."""
    cells = cells_of(call.value("cell", UNKNOWN)) or ()
    if not any(_differ(cell.units, cells[-1].units) for cell in cells):
        return None
    return call.refuse("mask-states", "mask", "an input without a mask, or cells of one size")


def _refused_masks(layer: Layer, inputs: tuple[Structure, ...], version: Version) -> Refusal | None:
    """T2 puts ones in place of a mask that an input does not have: along another axis than the last they do not fit."""
    tensors = [item for item in inputs if isinstance(item, Tensor)]
    masks = {tensor.masked for tensor in tensors}
    if version is not Version.T2 or layer.class_name != "Concatenate" or len(tensors) < len(inputs) or None in masks:
        return None
    axis, rank = layer.arguments.get("axis", -1), tensors[0].shape.rank
    if len(masks) < 2 or rank != 3 or axis not in (1, -2):
        return None
    unmasked = next(tensor for tensor in tensors if not tensor.masked)
    last = unmasked.shape.dims[-1]
    if last is None or not _differ(last, 1):
        return None
    call = Call(layer, version, unmasked, unmasked.shape)
    return call.refuse("mask-concatenate", "mask", "inputs that all have a mask, or none", size=last)


def mask_after(layer: Layer, inputs: Structure, version: Version) -> bool | None:
    """Whether a mask travels with the output, None where that is not known."""
    name = layer.class_name
    if name == "Masking":
        return True
    if name == "Embedding":
        return as_flag(layer.arguments.get("mask_zero", False))
    if name in MERGING or name == "Concatenate":
        return _merged(inputs, of_all=version is Version.K3 and name in MERGING)
    head = inputs[0] if isinstance(inputs, tuple) and inputs else inputs
    masked = head.masked if isinstance(head, Tensor) else None
    if masked is False or name in PASSING or name in ATTENDING or (version is Version.K3 and name in PASSING_K3):
        return masked
    if name in RECURRENT or (version is Version.T2 and name.startswith("ConvLSTM")):
        inner = layer.arguments.get("layer") if name == "Bidirectional" else layer
        flag = as_flag(inner.arguments.get("return_sequences", False)) if isinstance(inner, Layer) else None
        return False if flag is False else masked if flag else None
    return None if layer.rule.grade == "opaque" else False


def mask_of(layer: Layer, inputs: Structure, output: Structure, version: Version) -> bool | None:
    """Whether a mask of one axis less than the output travels with it; None also where the mask has other axes."""
    inner = layer.arguments.get("layer")
    if version is Version.T2 and layer.class_name == "SpectralNormalization" and isinstance(inner, Layer):
        return mask_of(inner, inputs, output, version) if inner.class_name in _MAKING else False
    masked = mask_after(layer, inputs, version)
    if not masked or version is not Version.T2 or not isinstance(output, Tensor) or layer.class_name in _MAKING:
        return masked
    ranks = {
        item.shape.rank for item in (inputs if isinstance(inputs, tuple) else (inputs,)) if isinstance(item, Tensor)
    }
    return masked if ranks == {output.shape.rank} else None


#: Layers that make a mask.
_MAKING = frozenset({"Embedding", "Masking"})


def _merged(inputs: Structure, *, of_all: bool) -> bool | None:
    items = inputs if isinstance(inputs, tuple) else (inputs,)
    masks = {item.masked if isinstance(item, Tensor) else None for item in items}
    decisive = not of_all
    return decisive if decisive in masks else None if None in masks else not decisive
