"""The words of each Keras, as templates: what it raises when a layer refuses its input.

Source: the measured messages of the layer facts, cut where Keras goes on with node names and dumps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lstmlint.keras.layers.base import Layer
from lstmlint.keras.versions import Version

K2, T2, K3 = Version.K2, Version.T2, Version.K3

#: Exception and template by version.
Words = Mapping[Version, tuple[str, str]]

_CALLING_T2 = 'Exception encountered when calling layer "{layer}" (type {cls}). '
_CALLING_K3 = "Exception encountered when calling {cls}.call(). "
_INPUT_T2 = 'Input 0 of layer "{layer}" is incompatible with the layer: '
_INPUT_K3 = "Input 0 with name 'None' of layer '{layer}' is incompatible with the layer: "
_NOT_DEFINED_K3 = (
    "Shapes used to initialize variables must be fully-defined (no `None` dimensions). Received: shape={found}"
)
_UNDEFINED_AXIS = (
    "Axis {axis} of input tensor should have a defined dimension but the layer received an input with shape {found}."
)
_UNCHANGED_K3 = _CALLING_K3 + "The total size of the tensor must be unchanged"
_NOTHING_LEFT_K3 = "Computed output size would be zero or negative. Received `inputs shape={found}`"


def _value_error(k2: str, t2: str, k3: str) -> Words:
    return {K2: ("ValueError", k2), T2: ("ValueError", t2), K3: ("ValueError", k3)}


MESSAGES: Mapping[str, Words] = {
    "rank": _value_error(
        "Input 0 is incompatible with layer {layer}: expected ndim={rank}, found ndim={ndim}",
        _INPUT_T2 + "expected ndim={rank}, found ndim={ndim}. Full shape received: {found}",
        _INPUT_K3 + "expected ndim={rank}, found ndim={ndim}. Full shape received: {found}",
    ),
    "min-rank": _value_error(
        "Input 0 is incompatible with layer {layer}: expected min_ndim={rank}, found ndim={ndim}",
        _INPUT_T2 + "expected min_ndim={rank}, found ndim={ndim}. Full shape received: {found}",
        _INPUT_K3 + "expected min_ndim={rank}, found ndim={ndim}. Full shape received: {found}",
    ),
    "op-rank": _value_error(
        "Shape must be rank {rank} but is rank {ndim}",
        _CALLING_T2 + "Shape must be rank {rank} but is rank {ndim}",
        "Kernel shape must have the same length as input, but received input of shape {found}.",
    ),
    "transposed-rank": {
        K2: ("ValueError", "Input 0 is incompatible with layer {layer}: expected ndim={rank}, found ndim={ndim}"),
        T2: ("ValueError", "Inputs should have rank {rank}. Received input_shape={found}."),
        K3: ("IndexError", _CALLING_K3 + "tuple index out of range"),
    },
    "time-distributed": {
        K2: ("AssertionError", ""),
        T2: (
            "ValueError",
            "`TimeDistributed` Layer should be passed an `input_shape ` with at least 3 dimensions, received: {found}",
        ),
        K3: (
            "ValueError",
            "`TimeDistributed` Layer should be passed an `input_shape` with at least 3 dimensions, received: {found}",
        ),
    },
    "index": {version: ("IndexError", "list index out of range") for version in Version},
    "features": {
        K2: ("TypeError", "unsupported operand type(s) for +: 'NoneType' and 'int'"),
        T2: ("TypeError", "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'"),
        K3: ("ValueError", _NOT_DEFINED_K3),
    },
    "dense-features": {
        K2: ("TypeError", "unsupported operand type(s) for +: 'NoneType' and 'int'"),
        T2: (
            "ValueError",
            (
                "The last dimension of the inputs to a Dense layer should be defined. Found None. "
                "Full input shape received: {found}"
            ),
        ),
        K3: ("ValueError", _NOT_DEFINED_K3),
    },
    "channels": {
        K2: ("ValueError", "The channel dimension of the inputs should be defined. Found `None`."),
        T2: (
            "ValueError",
            (
                "The channel dimension of the inputs should be defined. The input_shape received is {found}, "
                "where axis {axis} (0-based) is the channel dimension, which found to be `None`."
            ),
        ),
        K3: ("TypeError", "unsupported operand type(s) for %: 'NoneType' and 'int'"),
    },
    "normalized-axis": _value_error(
        _UNDEFINED_AXIS,
        "Input has undefined `axis` dimension. Received input with shape {found} and axis={axis}",
        _NOT_DEFINED_K3,
    ),
    "group-axis": _value_error(
        "",
        _UNDEFINED_AXIS,
        _UNDEFINED_AXIS,
    ),
    "groups": _value_error(
        "",
        "Number of groups ({groups}) must be a multiple of the number of channels ({channels}).",
        "Number of groups ({groups}) must be a multiple of the number of channels ({channels}).",
    ),
    "channel-groups": _value_error(
        "",
        "The number of input channels must be evenly divisible by the number of groups. "
        "Received groups={groups}, but the input has {channels} channels (full input shape is {found}).",
        "The number of input channels must be evenly divisible by the number of groups. "
        "Received groups={groups}, but the input has {channels} channels (full input shape is {found}).",
    ),
    "alpha-shape": {
        K2: ("TypeError", "int() argument must be a string, a bytes-like object or a number, not 'NoneType'"),
        T2: (
            "ValueError",
            "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor.",
        ),
        K3: ("ValueError", _NOT_DEFINED_K3),
    },
    "spatial": {
        K2: (
            "ValueError",
            (
                "The spatial dimensions of the inputs to a LocallyConnected layer should be fully-defined, "
                "but layer received the inputs shape {found}"
            ),
        ),
        T2: (
            "ValueError",
            (
                "The spatial dimensions of the inputs to a LocallyConnected layer should be fully-defined, "
                "but layer received the inputs shape {found}"
            ),
        ),
        K3: (
            "ValueError",
            (
                "ConvLSTM layers only support static input shapes for the spatial dimension. "
                "Received invalid input shape: input_shape={found}"
            ),
        ),
    },
    "flatten": {
        K2: (
            "ValueError",
            (
                'The shape of the input to "Flatten" is not fully defined (got {rest}. Make sure to pass a complete '
                '"input_shape" or "batch_input_shape" argument to the first layer in your model.'
            ),
        ),
    },
    "window": _value_error(
        "Negative dimension size caused by subtracting {window} from {length}",
        _CALLING_T2 + "Negative dimension size caused by subtracting {window} from {length}",
        _NOTHING_LEFT_K3,
    ),
    "pool": _value_error(
        "Negative dimension size caused by subtracting {window} from {length}",
        _CALLING_T2 + "Negative dimension size caused by subtracting {window} from {length}",
        _CALLING_K3 + "Computed output size would be zero or negative. Received: `inputs.shape={found}`",
    ),
    "cropping": _value_error(
        "",
        _CALLING_T2 + "cropping parameter of Cropping layer must be greater than the input shape. "
        "Received: inputs.shape={found}",
        _CALLING_K3 + "`cropping` parameter of `{cls}` layer must be smaller than the input length. "
        "Received: input_shape={found}",
    ),
    "elements": _value_error(
        "total size of new array must be unchanged",
        _CALLING_T2 + "total size of new array must be unchanged, input_shape = {rest}, output_shape = {target}",
        _UNCHANGED_K3 + ". Received: input_shape={rest}, target_shape={target}",
    ),
    "elements-divided": _value_error(
        "total size of new array must be unchanged",
        _CALLING_T2 + "total size of new array must be unchanged, input_shape = {rest}, output_shape = {target}",
        _UNCHANGED_K3 + ", however, the input size cannot by divided by the specified dimensions in target_shape. "
        "Received: input_shape={rest}, target_shape={target}",
    ),
    "input-length": {
        K2: ("ValueError", '"input_length" is {length}, but received input has shape {found}'),
    },
    "scalar-softmax": _value_error(
        "Cannot apply softmax to a tensor that is 1D",
        _CALLING_T2 + "Cannot apply softmax to a tensor that is 1D.",
        "",
    ),
    "one-input": _value_error(
        "Layer {layer} expects 1 inputs, but it received {count} input tensors.",
        'Layer "{layer}" expects 1 input(s), but it received {count} input tensors.',
        'Layer "{layer}" expects 1 input(s), but it received {count} input tensors.',
    ),
    "list-wanted": _value_error(
        "A merge layer should be called on a list of inputs.",
        "A merge layer should be called on a list of inputs. Received: input_shape={found} (not a list of shapes)",
        "A merge layer should be called on a list of inputs. Received: input_shape={found} (not a list of shapes)",
    ),
    "merge": _value_error(
        "Operands could not be broadcast together with shapes {first} {second}",
        "Inputs have incompatible shapes. Received shapes {first} and {second}",
        "Inputs have incompatible shapes. Received shapes {first} and {second}",
    ),
    "concatenate": _value_error(
        "A `Concatenate` layer requires inputs with matching shapes except for the concat axis. "
        "Got inputs shapes: {all}",
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
        "Received: input_shape={all}",
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
        "Received: input_shape={all}",
    ),
    "dot": _value_error(
        "Dimension incompatibility {left} != {right}. Layer shapes: {first}, {second}",
        "Incompatible input shapes: axis values {left} (at axis {left_axis}) != {right} (at axis {right_axis}). "
        "Full input shapes: {first}, {second}",
        "Incompatible input shapes: axis values {left} (at axis {left_axis}) != {right} (at axis {right_axis}). "
        "Full input shapes: {first}, {second}",
    ),
    "value-and-key": {
        K3: (
            "ValueError",
            (
                "All dimensions of `value` and `key`, except the last one, must be equal. "
                "Received: value_shape={value} and key_shape={key}"
            ),
        )
    },
    "attention-list": {
        version: (
            "ValueError",
            "{cls} layer must be called on a list of inputs, namely [query, value] or [query, value, key].",
        )
        for version in (T2, K3)
    },
    "count": _value_error(
        "A `{cls}` layer should be called on exactly 2 inputs",
        "A `{cls}` layer should be called on exactly 2 inputs.",
        "A `{cls}` layer should be called on exactly 2 inputs.",
    ),
    "batches": _value_error(
        "Can not merge tensors with different batch sizes.",
        "Cannot merge tensors with different batch sizes. Got tensors with shapes {all}",
        "Cannot merge tensors with different batch sizes. Received tensors with shapes {all}",
    ),
    "no-axis": {version: ("IndexError", "tuple index out of range") for version in Version},
    "attention": {
        T2: ("ValueError", _CALLING_T2 + "Dimensions must be equal, but are {left} and {right}"),
        K3: ("InvalidArgumentError", _CALLING_K3 + "Matrix size-incompatible"),
    },
    "masking": {
        K2: ("TypeError", "Layer {layer} does not support masking, but was passed an input_mask"),
        T2: ("TypeError", "Layer {layer} does not support masking, but was passed an input_mask"),
    },
    "mask-broadcast": {T2: ("ValueError", _CALLING_T2 + "Dimensions must be equal, but are {left} and {right}")},
    "mask-states": {K2: ("ValueError", "Dimension 1 in both shapes must be equal")},
    "mask-concatenate": {
        T2: (
            "ValueError",
            "Dimension 0 in both shapes must be equal, but are 1 and {size}. Shapes are [1] and [{size}].",
        )
    },
    "cudnn-masking": {K2: ("ValueError", "Masking is not supported for CuDNN RNNs.")},
    "go-backwards": {
        K3: (
            "ValueError",
            (
                "Forward layer and backward layer should have different `go_backwards` value. "
                "Received: forward_layer.go_backwards True, backward_layer.go_backwards=True"
            ),
        )
    },
    "unroll": {
        K2: ("ValueError", "Cannot unroll a RNN if the time dimension is undefined or equal to 1."),
        T2: ("ValueError", "Cannot unroll a RNN if the time dimension is undefined."),
        K3: ("ValueError", "Unrolling requires a fixed number of timesteps."),
    },
    "stateful": {
        K2: ("ValueError", "If a RNN is stateful, it needs to know its batch size."),
        T2: ("ValueError", "If a RNN is stateful, it needs to know its batch size."),
        K3: (
            "ValueError",
            (
                "When using `stateful=True` in a RNN, the batch size must be static. "
                "Found dynamic batch size: sequence.shape={found}"
            ),
        ),
    },
    "initial-state": {
        K2: ("ValueError", "An `initial_state` was passed that is not compatible with `cell.state_size`."),
        T2: ("ValueError", "An `initial_state` was passed that is not compatible with `cell.state_size`."),
        K3: ("ValueError", "Exception encountered when calling {cls}Cell.call(). Dimensions must be equal, but are …"),
    },
    "einsum-weight": _value_error(
        "",
        "Weight dimension '{letter}' did not have a match in either the input spec or the output spec. "
        "For this layer, the weight must be fully specified.",
        "Weight dimension '{letter}' did not have a match in either the input spec or the output spec. "
        "For this layer, the weight must be fully specified.",
    ),
    "dot-rank": {
        T2: (
            "ValueError",
            _CALLING_T2
            + "Cannot do batch_dot on inputs with rank < 2. Received inputs with shapes {first} and {second}.",
        ),
        K3: ("IndexError", _CALLING_K3 + "pop from empty list"),
    },
    "dot-batch": {T2: ("ValueError", _CALLING_T2 + "Cannot perform batch_dot over axis 0.")},
    "no-steps": {T2: ("ValueError", _CALLING_T2 + "slice index 0 of dimension 0 out of bounds.")},
    "resplit": {T2: ("ValueError", _CALLING_T2 + "Dimension size must be evenly divisible by {wanted} but is {whole}")},
    "einsum-equation": {
        version: (
            "ValueError",
            (
                "Invalid einsum equation '{equation}'. Equations must be in the form [X],[Y]->[Z], ...[X],[Y]->...[Z], "
                "or [X]...,[Y]->[Z]...."
            ),
        )
        for version in (T2, K3)
    },
    "einsum-rank": {
        T2: ("IndexError", "tuple index out of range"),
        K3: ("IndexError", "tuple index out of range"),
    },
    "einsum-shared": _value_error(
        "",
        "Input shape and output shape do not match at shared dimension '{letter}'. "
        "Input shape is {size}, and output shape is {wanted}.",
        "Input shape and output shape do not match at shared dimension '{letter}'. "
        "Input shape is {size}, and output shape is {wanted}.",
    ),
    "image-rank": _value_error(
        "",
        _CALLING_T2 + "Input image must be either rank 3 or rank 4. Got rank {ndim}",
        _CALLING_K3 + "Input must be rank 3 or 4. Received: inputs.shape={found}",
    ),
    "encoded-rank": _value_error(
        "",
        _CALLING_T2 + "When output_mode is not `'int'`, maximum supported output rank is 2. "
        "Received output_mode {mode} and input shape {found}",
        "",
    ),
    "texts": _value_error(
        "",
        _CALLING_T2 + "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape "
        "dimension must be 1. Received: inputs.shape={found} with rank={rank}",
        _CALLING_K3 + "When using `TextVectorization` to tokenize strings, the input rank must be 1 or the last shape "
        "dimension must be 1. Received: inputs.shape={found} with rank={rank}",
    ),
    "crossed": _value_error(
        "",
        _CALLING_T2
        + "`HashedCrossing` should be called on a list or tuple of inputs of shape (batch, 1). Received: {found}",
        _CALLING_K3 + "Expected as input a list/tuple of 2 tensors. Received input_shape={found}",
    ),
    "axis-range": _value_error(
        "",
        "All `axis` values must be in the range [-ndim, ndim). Found ndim: `{ndim}`, axis: {axis}",
        "All `axis` values must be in the range [-ndim, ndim). Received inputs with ndim={ndim}, while axis={axis}",
    ),
    "normalized-range": {
        K2: ("IndexError", "list index out of range"),
        T2: (
            "ValueError",
            (
                "Invalid value for `axis` argument. Expected 0 <= axis < inputs.rank (with inputs.rank={ndim}). "
                "Received: axis=({axis},)"
            ),
        ),
        K3: ("IndexError", "tuple index out of range"),
    },
    "shared-range": {version: ("IndexError", "list assignment index out of range") for version in Version},
    "grouped-rank": {K3: ("IndexError", "tuple index out of range")},
    "softmax-range": {
        T2: (
            "InvalidArgumentError",
            "`dim` must be in the range [-{ndim}, {ndim}) where {ndim} is the number of dimensions in the input.",
        ),
    },
    "given-mean": {
        T2: ("ValueError", "operands could not be broadcast together with shapes ({given},) ({size},)"),
        K3: ("InvalidArgumentError", "Incompatible shapes: [1,{given}] vs. [1,{size}]"),
    },
    "strided-and-dilated": {
        T2: ("ValueError", "`strides > 1` not supported in conjunction with `dilation_rate > 1`."),
    },
    "one-output": {
        T2: ("AttributeError", "'list' object has no attribute 'shape'"),
        K3: ("ValueError", _CALLING_K3 + "Attempt to convert a value with an unsupported type (<class 'tuple'>)"),
    },
    "no-states": {
        K2: ("TypeError", "call() missing 1 required positional argument: 'states'"),
        T2: ("TypeError", "{cls}.call() missing 1 required positional argument: 'states'"),
        K3: ("TypeError", "{cls}.call() missing 1 required positional argument: 'states'"),
    },
    "colours": {
        K3: (
            "ValueError",
            _CALLING_K3 + "Input images must have 3 channels, but received images with {channels} channels.",
        ),
    },
    "grouped-last": {
        K3: (
            "ValueError",
            "The last dimension of `query_shape` and `value_shape` must be equal, but are {left}, {right}.",
        ),
    },
    "no-cell": _value_error(*("The RNN cell should have a `state_size` attribute.",) * 3),
    "kept-axis": _value_error(
        "",
        "All `axis` values to be kept must have known shape. Got axis: {axis}, input shape: {found}",
        "All `axis` values to be kept must have a known shape. Received axis={axis}, inputs.shape={found}",
    ),
    "kernel": _value_error(
        "",
        "{inner} object has no attribute 'kernel' nor 'embeddings'",
        "{inner} object has no attribute 'kernel' nor 'embeddings'",
    ),
    "axis": _value_error(
        "Input 0 is incompatible with layer {layer}: expected axis {axis} to have value {value} but got shape {found}",
        _INPUT_T2 + "expected axis {axis} of input shape to have value {value}, but received input with shape {found}",
        _INPUT_K3 + "expected axis {axis} of input shape to have value {value}, but received input with shape {found}",
    ),
}


def words(identity: str, version: Version, **values: object) -> tuple[str, str]:
    """Exception class and message of `identity` in that version, with the values filled in."""
    exception, template = MESSAGES[identity][version]
    return exception, template.format(**values)


def told_name(layer: Layer, version: Version) -> str:
    """What Keras calls a layer in its messages."""
    return layer.name or layer.given_name or default_name(layer.title, version)


def default_name(class_name: str, version: Version) -> str:
    """The name Keras gives the first layer of a class: `lstm`, in K2 `lstm_1`."""
    name = snake_case(class_name, version)
    return name + "_1" if version is K2 else name


def snake_case(class_name: str, version: Version) -> str:
    """Keras's own spelling of a class name in a layer's name: `Conv1D` is `conv1d`, `LSTM` `lstm`."""
    words_apart = re.sub(_WORD[version], r"\1_\2", class_name)
    name = re.sub("([a-z])([A-Z])", r"\1_\2", words_apart).lower()
    return "private" + name if name.startswith("_") else name


_WORD = {K2: "(.)([A-Z][a-z0-9]+)", T2: "(.)([A-Z][a-z]+)", K3: "(.)([A-Z][a-z]+)"}
