"""Values that Keras refuses or misreads, argument by argument: the table.

Source: facts: renames, section 6; every row of `tests/fixtures/keras_facts/values.json` (measured on tf.keras 2.15 and Keras
3.15; what those versions alone refuse is not said of K2, where it was not measured).
"""

from __future__ import annotations

from lstmlint.keras.value_rule import NOT_LESS, ValueRule, Words, error
from lstmlint.keras.value_rules_preprocessing import RULES as PREPROCESSING
from lstmlint.keras.value_tests import (
    any_of,
    below,
    drops_all,
    has_negative_size,
    has_no_whole,
    has_none_left,
    has_zero,
    is_float,
    is_fraction,
    is_layer_class,
    is_none,
    is_number,
    is_sequence,
    is_text,
    no_activation,
    no_axes,
    no_cell,
    no_name,
    no_order,
    no_pairs,
    no_sizes,
    no_whole_number,
    no_word,
    not_all_equal,
    not_among,
    not_of_length,
    not_recurrent,
    outside_unit,
    reads_as_false,
    text_or_number,
    two_unknown,
    word_not_among,
)
from lstmlint.keras.versions import Version

K2, T2, K3 = Version.K2, Version.T2, Version.K3

_RECURRENT = frozenset({
    "LSTM", "GRU", "SimpleRNN", "RNN", "CuDNNLSTM", "CuDNNGRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
})  # fmt: skip
_GATED = frozenset({"LSTM", "GRU", "SimpleRNN"})
_DENSE = frozenset({"Dense"})
_EMBEDDING = frozenset({"Embedding", "ReversibleEmbedding"})
_PLAIN = {rank: frozenset({f"Conv{rank}D"}) for rank in (1, 2, 3)}
_CONVOLUTIONS = {
    rank: frozenset({f"Conv{rank}D", f"SeparableConv{rank}D", f"DepthwiseConv{rank}D", f"Conv{rank}DTranspose"})
    for rank in (1, 2, 3)
}
_ALL_CONVOLUTIONS = frozenset[str]().union(*_CONVOLUTIONS.values())
_POOLING = frozenset(f"{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3))
_GLOBAL = frozenset(f"Global{kind}Pooling{rank}D" for kind in ("Max", "Average") for rank in (1, 2, 3))
_WRAPPERS = frozenset({"Bidirectional", "TimeDistributed"})
_DROPOUT = frozenset({"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"})
_RECURRENT_CONVOLUTIONS = frozenset(f"ConvLSTM{rank}D" for rank in (1, 2, 3))
_LOCAL = frozenset({"LocallyConnected1D", "LocallyConnected2D"})
_CELLS = frozenset({"LSTMCell", "GRUCell", "SimpleRNNCell"})
_ACTIVATED = (
    _GATED | _CELLS | _DENSE | _ALL_CONVOLUTIONS | _RECURRENT_CONVOLUTIONS | _LOCAL | {"Activation", "EinsumDense"}
)

_FLAGS = {
    **dict.fromkeys(("return_sequences", "return_state", "stateful", "go_backwards", "unroll"), _RECURRENT),
    "use_bias": _GATED | _DENSE | _ALL_CONVOLUTIONS,
    "mask_zero": _EMBEDDING,
}

_UNITS = "Received an invalid value for `units`, expected a positive integer. Received: units={value}"
_ARGUMENT_UNITS = "Received an invalid value for argument `units`, expected a positive integer, got {value}."
_NO_LAYER = "Please initialize `{cls}` layer with a `keras.layers.Layer` instance. Received: {value}"
_CLAMPED = "Keras takes 1 for more and 0 for less: {value}"
_TRUE = "any string is true: '{value}'"
_ACTIVATION = {
    K2: Words("ValueError", "Unknown activation function:{value}"),
    T2: Words("ValueError", "Unknown activation function '{value}' cannot be deserialized."),
    K3: Words("ValueError", "Could not interpret activation function identifier: {value}"),
}
_PADDING_K2 = 'The `padding` argument must be one of "valid", "same" (or "causal" for Conv1D). Received: {value}'
_PADDING_T2 = (
    'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal" for Conv1D). Received: {value}'
)
_PADDING_K3 = "The `padding` argument must be a list/tuple or one of {{'valid', 'same'}}. Received: {value}"
_MERGE_MODE = 'Merge mode should be one of {{"sum", "mul", "ave", "concat", None}}'
_KERNEL = "The `kernel_size` argument must be a tuple of integers. Received kernel_size={value}"
_RATE_T2 = "Invalid value {value} received for `rate`, expected a value between 0 and 1."
_RATE_K3 = "Invalid value received for argument `rate`. Expected a float value between 0 and 1. Received: rate={value}"
_NO_RATE_K2 = "Keras 2 drops nothing where `rate` is not between 0 and 1 (1 excluded): rate={value}"
_CELL = (
    "The RNN cell should have a `state_size` attribute (tuple of integers, one integer per RNN state). "
    "Received: {value}"
)
_NO_DIMENSION = "Dimension value must be integer or None or have an __index__ method, got {value}"
_EMBEDDED = "Both `input_dim` and `output_dim` should be positive, Received input_dim = {value}"
_FILTERS = "Invalid value for argument `filters`. Expected a strictly positive value. Received filters={value}."
_TARGET = "There must be at most one unknown dimension (-1) in `target_shape`. Received: target_shape={value}."
_PERMUTATION = (
    "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be consecutive "
    "and start from 1. Received dims={value}"
)


def _rank_rules(rank: int) -> tuple[ValueRule, ...]:
    """Arguments that are one whole number for all spatial axes, or one for each."""
    pooling = frozenset(f"{kind}Pooling{rank}D" for kind in ("Max", "Average"))
    return tuple(
        ValueRule(name, classes, is_wrong, error(
            f"The `{name}` argument must be a tuple of {rank} integers. Received: {{value}}", K2, T2, K3
        ))
        for name, classes in (
            ("kernel_size", _CONVOLUTIONS[rank]), ("strides", _CONVOLUTIONS[rank] | pooling), ("pool_size", pooling),
        )
        for is_wrong in (not_of_length(rank), any_of(is_text, is_float))
    )  # fmt: skip


_PLAIN_RULES: tuple[ValueRule, ...] = (
    ValueRule("units", _DENSE, no_whole_number, error(_UNITS, K3)),
    ValueRule("units", _DENSE, below(1), error(_UNITS, K3)),
    ValueRule("units", _DENSE, below(0), error(_UNITS, T2)),
    ValueRule("units", _GATED | _CELLS, below(1), error(_ARGUMENT_UNITS, T2, K3)),
    ValueRule("units", _GATED | _CELLS, is_text, error(NOT_LESS, T2, K3, exception="TypeError")),
    ValueRule(
        "units", _GATED, is_float,
        error(_NO_DIMENSION, T2, exception="TypeError"),
    ),
    ValueRule("activation", _ACTIVATED, no_activation, _ACTIVATION),
    ValueRule(
        "recurrent_activation", _GATED | _CELLS | _RECURRENT_CONVOLUTIONS, no_activation, _ACTIVATION
    ),
    ValueRule(
        "rate", _DROPOUT, outside_unit,
        {K2: Words(None, _NO_RATE_K2), T2: Words("ValueError", _RATE_T2), K3: Words("ValueError", _RATE_K3)},
    ),
    ValueRule(
        "rate", _DROPOUT, drops_all,
        {
            K2: Words(None, _NO_RATE_K2),
            T2: Words(None, "tf.keras 2 raises when it trains: rate={value}"),
            K3: Words(None, "Keras 3 outputs zeros only in training: rate={value}"),
        },
    ),
    ValueRule(
        "input_dim", _EMBEDDING, below(1),
        {
            T2: Words("ValueError", _EMBEDDED),
            K3: Words("ValueError", "`input_dim` must be a positive integer. Received: input_dim={value}"),
        },
    ),
    ValueRule(
        "input_dim", _EMBEDDING, no_whole_number,
        error("`input_dim` must be a positive integer. Received: input_dim={value}", K3),
    ),
    ValueRule("padding", _ALL_CONVOLUTIONS, word_not_among("valid", "same", "causal"), {
        K2: Words("ValueError", _PADDING_K2),
        T2: Words("ValueError", _PADDING_T2),
        K3: Words("ValueError", _PADDING_K3),
    }),
    ValueRule(
        "padding", _ALL_CONVOLUTIONS - _PLAIN[1], word_not_among("valid", "same"), error(_PADDING_K3, K3)
    ),
    ValueRule(
        "padding", _ALL_CONVOLUTIONS - _PLAIN[1] - {"SeparableConv1D"}, word_not_among("valid", "same"),
        error("Causal padding is only supported for `Conv1D`and `SeparableConv1D`.", T2),
    ),
    ValueRule("padding", frozenset({"SeparableConv1D"}), word_not_among("valid", "same"), error(
        "Invalid padding: {value}", K2)),
    ValueRule("padding", _POOLING, word_not_among("valid", "same"), {
        K2: Words("ValueError", "Invalid padding: {value}"),
        T2: Words("ValueError", "Invalid padding: {value}"),
    }),
    ValueRule("padding", _POOLING, any_of(not_among("valid", "same"), no_word), error(  # as it is spelt
        "Argument `padding` must be either 'valid' or 'same'. Received: padding={value}", K3)),
    *(rule for rank in (1, 2, 3) for rule in _rank_rules(rank)),
    ValueRule("kernel_size", _ALL_CONVOLUTIONS, has_none_left, error(_KERNEL, T2, K3)),
    ValueRule(
        "filters", _PLAIN[1] | _PLAIN[2] | _PLAIN[3], has_none_left,
        error(_FILTERS, T2, K3),
    ),
    ValueRule("strides", _ALL_CONVOLUTIONS, has_zero, {
        T2: Words("ValueError", "The argument `strides` cannot contains 0(s). Received: {value}"),
        K3: Words("ValueError", "The `strides` argument must be a tuple of integers. Received strides={value}"),
    }),
    ValueRule("strides", _POOLING, has_zero, error(
        "Exception encountered when calling {cls}.call(). integer division or modulo by zero", K3,
        exception="ZeroDivisionError")),
    ValueRule("merge_mode", frozenset({"Bidirectional"}), not_among("sum", "mul", "ave", "concat", None), {
        K2: Words("ValueError", "Invalid merge mode. " + _MERGE_MODE),
        T2: Words("ValueError", "Invalid merge mode. Received: {value}. " + _MERGE_MODE),
        K3: Words("ValueError", "Invalid merge mode. Received: {value}. " + _MERGE_MODE),
    }),
    ValueRule("layer", frozenset({"Bidirectional"}), not_recurrent(_RECURRENT), {
        K2: Words("KeyError", "'go_backwards'"),
        T2: Words("KeyError", "'go_backwards'"),
        K3: Words("TypeError", "{value} could not be deserialized properly."),
    }),
    ValueRule("cell", frozenset({"RNN"}), no_cell(_RECURRENT), error(_CELL, K2, T2, K3)),
    ValueRule(
        "n", frozenset({"RepeatVector"}), no_whole_number,
        error("Expected an integer value for `n`, got {value}.", T2, K3, exception="TypeError"),
    ),
    ValueRule(
        "target_shape", frozenset({"Reshape"}), is_number,
        error("'int' object is not iterable", K2, T2, K3, exception="TypeError"),
    ),
    ValueRule(
        "target_shape", frozenset({"Reshape"}), two_unknown,
        error(_TARGET, K3),
    ),
    ValueRule("dims", frozenset({"Permute"}), no_order, error(_PERMUTATION, T2, K3)),
)  # fmt: skip

# --- words ------------------------------------------------------------------------------------------------------------


_FORMAT_K3 = (
    "The `data_format` argument must be one of {{'channels_first', 'channels_last'}}. Received: data_format={value}"
)
_FORMAT_T2 = 'The `data_format` argument must be one of "channels_first", "channels_last". Received: {value}'
_NO_LOWER = "object has no attribute 'lower'"

_WORDS = (
    ValueRule("data_format", None, word_not_among("channels_first", "channels_last"), {
        T2: Words("ValueError", _FORMAT_T2), K3: Words("ValueError", _FORMAT_K3),
    }),
    ValueRule("data_format", None, is_number, {
        T2: Words("AttributeError", _NO_LOWER), K3: Words("ValueError", _FORMAT_K3),
    }),
    ValueRule("padding", _ALL_CONVOLUTIONS | _RECURRENT_CONVOLUTIONS - {"SeparableConv1D"}, no_word,
        error(_NO_LOWER, T2, K3, exception="AttributeError")),
    ValueRule("padding", _POOLING | _LOCAL, no_word, error(_NO_LOWER, T2, exception="AttributeError")),
    ValueRule("padding", _RECURRENT_CONVOLUTIONS, word_not_among("valid", "same"), error(_PADDING_K3, K3)),
    ValueRule("padding", _RECURRENT_CONVOLUTIONS | _LOCAL, word_not_among("valid", "same", "causal"),
        error(_PADDING_T2, T2)),
    ValueRule("interpolation", frozenset({"UpSampling2D", "Resizing", "RandomHeight", "RandomWidth"}), word_not_among(
        "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic",
    ), error("Value not recognized for `interpolation`: {value}.", T2, exception="NotImplementedError")),
    ValueRule("score_mode", frozenset({"Attention"}), not_among("dot", "concat"), {
        T2: Words("ValueError", 'Received: score_mode={value}. Acceptable values are: ["dot", "concat"]'),
        K3: Words("ValueError",
            "Invalid value for argument score_mode. Expected one of {{'dot', 'concat'}}. Received: score_mode={value}"),
    }),
)  # fmt: skip


# --- sizes -----------------------------------------------------------------------------------------------------------


def _sizes_of(axes: int) -> tuple[ValueRule, ...]:
    """Windows, steps and the like of layers with `axes` spatial axes: a number, or one for each axis."""
    words = {
        T2: Words("ValueError", f"The `{{argument}}` argument must be a tuple of {axes} integers. Received: {{value}}"),
        K3: Words(
            "ValueError",
            f"The `{{argument}}` argument must be a tuple of {axes} integers. Received {{argument}}={{value}}",
        ),
    }
    recurrent = frozenset({f"ConvLSTM{axes}D"})
    pooling = frozenset(f"{kind}Pooling{axes}D" for kind in ("Max", "Average"))
    windowed = _CONVOLUTIONS[axes] | recurrent | {f"LocallyConnected{axes}D"}
    table = (
        ("kernel_size", windowed, no_sizes(axes, 1, none=True)),
        ("pool_size", pooling, no_sizes(axes, 1, none=True)),
        ("strides", windowed | pooling, no_sizes(axes, 0)),
        ("dilation_rate", _CONVOLUTIONS[axes] | recurrent, no_sizes(axes, 1)),
        ("size", frozenset({f"UpSampling{axes}D"} if axes > 1 else ()), no_sizes(axes, 1, none=True)),
        ("output_padding", frozenset({f"Conv{axes}DTranspose"}), no_sizes(axes, 0)),
        ("cropping", frozenset({f"Cropping{axes}D"}), no_pairs(axes)),
        ("padding", frozenset({f"ZeroPadding{axes}D"}), no_pairs(axes)),
    )
    return tuple(ValueRule(argument, classes, is_wrong, words) for argument, classes, is_wrong in table)


_POSITIVE = (
    "Received an invalid value for argument `{argument}`, expected a positive integer. Received: {argument}={value}"
)
_GROUPS = (
    "Received an invalid value for argument `groups`, expected a positive integer "
    "(or `-1` for instance normalization). Received: {value}"
)
_NO_POSITIVE = any_of(no_whole_number, below(1))
_UNCOMPARABLE = any_of(is_text, is_sequence)
_HEADS = frozenset({"MultiHeadAttention"})
_MANY_HEADS = _HEADS | {"GroupedQueryAttention", "GroupQueryAttention"}


def _is_zero(value: object, version: Version) -> bool:
    return isinstance(value, int) and value == 0


_NUMBERS = (
    ValueRule("num_heads", _HEADS, any_of(_NO_POSITIVE, is_none), error(_POSITIVE, K3)),
    ValueRule("key_dim", _HEADS, any_of(_NO_POSITIVE, is_none), error(_POSITIVE, K3)),
    ValueRule("value_dim", _HEADS, _NO_POSITIVE, error(_POSITIVE, K3)),
    ValueRule("output_dim", _EMBEDDING, any_of(_NO_POSITIVE, is_none), error(
        "`output_dim` must be a positive integer. Received: output_dim={value}", K3)),
    ValueRule("output_dim", _EMBEDDING, below(1), error(_EMBEDDED.replace("input_dim =", "output_dim ="), T2)),
    ValueRule("output_dim", _EMBEDDING, any_of(_UNCOMPARABLE, is_none), error(NOT_LESS, T2, exception="TypeError")),
    ValueRule("input_dim", _EMBEDDING, _UNCOMPARABLE, error(NOT_LESS, T2, exception="TypeError")),
    ValueRule("units", _GATED | _CELLS, any_of(is_none, is_sequence), error(NOT_LESS, T2, K3, exception="TypeError")),
    ValueRule("units", frozenset({"GRU", "SimpleRNN"}), is_float, error(
        "state_size must be an integer, or a list/tuple of integers (one for each state tensor).", K3)),
    ValueRule("units", _DENSE, is_none, error(_UNITS, K3)),
    ValueRule("units", _DENSE, any_of(is_none, is_sequence), error(
        "int() argument must be a string, a bytes-like object or a real number", T2, exception="TypeError")),
    ValueRule("dilation_rate", frozenset({"Conv2DTranspose"}), not_all_equal, error(
        "Expected the 2 dimensions of the `dilation_rate` argument to be equal to each other. "
        "Received: dilation_rate={value}", T2)),
    ValueRule("filters", _ALL_CONVOLUTIONS | _RECURRENT_CONVOLUTIONS, is_none, {
        T2: Words("TypeError", "unsupported operand type(s) for *: 'NoneType' and 'int'"),
        K3: Words("ValueError", "Shapes used to initialize variables must be fully-defined (no `None` dimensions)."),
    }),
    ValueRule("filters", _RECURRENT_CONVOLUTIONS, no_whole_number, {
        T2: Words("TypeError", _NO_DIMENSION), K3: Words("ValueError", "Cannot convert {value} to a shape."),
    }),
    ValueRule("filters", _RECURRENT_CONVOLUTIONS, below(1), error("Depth of filter must not be 0", T2)),
    ValueRule("filters", _RECURRENT_CONVOLUTIONS, below(0), error(
        "Cannot convert {value} to a shape. Negative dimensions are not allowed.", K3)),
    ValueRule("filters", _ALL_CONVOLUTIONS, _UNCOMPARABLE, error(NOT_LESS, T2, K3, exception="TypeError")),
    ValueRule("filters", _PLAIN[1] | _PLAIN[2] | _PLAIN[3], is_fraction, error(
        "The number of filters must be evenly divisible by the number of groups. Received: filters={value}.", K3)),
    ValueRule("filters", _ALL_CONVOLUTIONS, has_none_left, error(_FILTERS, T2, K3)),
    ValueRule("weights", frozenset({"Embedding"}), is_number, {
        T2: Words("TypeError", "object of type {kind} has no len()"),
        K3: Words("AttributeError", "{kind} object has no attribute 'shape'"),
    }),
    ValueRule("depth_multiplier", _ALL_CONVOLUTIONS, below(1), error(
        "Invalid value for argument `depth_multiplier`. Expected a strictly positive value. Received {value}.", K3)),
    ValueRule("groups", _ALL_CONVOLUTIONS, below(1), error(
        "The number of groups must be a positive integer. Received: groups={value}.", K3)),
    ValueRule("groups", _ALL_CONVOLUTIONS, is_text, error(NOT_LESS, T2, K3, exception="TypeError")),
    ValueRule("groups", frozenset({"GroupNormalization"}), any_of(is_text, is_float, below(-1), _is_zero), error(
        _GROUPS, K3)),
    ValueRule("groups", frozenset({"GroupNormalization"}), is_text, error(
        "'<' not supported between instances of 'int' and 'str'", T2, exception="TypeError")),
    ValueRule("groups", frozenset({"GroupNormalization"}), _is_zero, error(
        "integer modulo by zero", T2, exception="ZeroDivisionError")),
    ValueRule("n", frozenset({"RepeatVector"}), below(1), error(
        "Argument `n` should be a positive integer. Received: n={value}", K3)),
    ValueRule("size", frozenset({"UpSampling1D"}), below(1), error(
        "Argument `size` should be a positive integer. Received: size={value}", K3)),
    ValueRule("size", frozenset({"UpSampling1D"}), no_whole_number, error(
        "Expected an integer value for `size`, got {value}.", K3, exception="TypeError")),
    ValueRule("size", frozenset({"UpSampling1D"}), is_sequence, error(
        "int() argument must be a string, a bytes-like object or a real number, not 'tuple'", T2, exception="TypeError")),
    ValueRule("rate", frozenset({"AlphaDropout", "GaussianDropout"}), outside_unit, error(_RATE_K3, K3)),
    ValueRule("rate", _DROPOUT | {"AlphaDropout", "GaussianDropout"}, is_text, error(
        NOT_LESS, K3, exception="TypeError")),
    ValueRule("stddev", frozenset({"GaussianNoise"}), outside_unit, error(_RATE_K3.replace("rate", "stddev"), K3)),
    ValueRule("stddev", frozenset({"GaussianNoise"}), is_text, error(NOT_LESS, K3, exception="TypeError")),
    *(
        ValueRule(argument, _GATED | _CELLS | _RECURRENT_CONVOLUTIONS, is_text, error(
            "'>' not supported between instances of {kind} and 'float'", T2, K3, exception="TypeError"))
        for argument in ("dropout", "recurrent_dropout")
    ),
    ValueRule("dropout", _MANY_HEADS, outside_unit, {T2: Words("ValueError", _RATE_T2), K3: Words("ValueError", _RATE_K3)}),
    ValueRule("dropout", _MANY_HEADS, is_text, error(NOT_LESS, K3, exception="TypeError")),  # both: when it is called
    ValueRule("dropout", frozenset({"Attention", "AdditiveAttention"}), is_text, error(
        "'>' not supported between instances of {kind} and 'int'", K3, exception="TypeError")),
)  # fmt: skip


# --- axes, and what activations take ---------------------------------------------------------------------------------

_NEGATIVE = "{argument} of a {cls} layer cannot be None or a negative value. Received: {argument}={value}"
_AXES = "Expected an int or a list/tuple of ints for the argument 'axis', but received: {value}"
_NEGATIVE_OR_NONE = any_of(below(0), is_none)

_OTHERS = (
    ValueRule("name", None, no_name, error(
        "Argument `name` must be a string and cannot contain character `/`. Received: name={value}", K3)),
    ValueRule("layer", _WRAPPERS, text_or_number, error(_NO_LAYER, T2, K3)),
    ValueRule("layer", _WRAPPERS, is_layer_class, error(_NO_LAYER, T2, K3)),
    ValueRule(
        "layer", frozenset({"Bidirectional"}), is_layer_class,
        error("get_config() missing 1 required positional argument: 'self'", K2, exception="TypeError"),
    ),
    ValueRule("function", frozenset({"Lambda"}), text_or_number, error(
        "unsupported callable", T2, K3, exception="TypeError")),
    *(
        ValueRule(name, _GATED, outside_unit, dict.fromkeys(Version, Words(None, _CLAMPED)))
        for name in ("dropout", "recurrent_dropout")
    ),
    *(
        ValueRule(name, classes, reads_as_false, dict.fromkeys(Version, Words(None, _TRUE)))
        for name, classes in _FLAGS.items()
    ),
    ValueRule("data_format", _ALL_CONVOLUTIONS | _POOLING | _GLOBAL | {"Flatten"}, any_of(
        word_not_among("channels_first", "channels_last"), is_number, is_sequence), error(_FORMAT_K3, K2)),
    ValueRule("negative_slope", frozenset({"ReLU"}), _NEGATIVE_OR_NONE, error(_NEGATIVE, T2, K3)),
    ValueRule("threshold", frozenset({"ReLU"}), _NEGATIVE_OR_NONE, error(_NEGATIVE, T2, K3)),
    ValueRule("max_value", frozenset({"ReLU"}), below(0), error(_NEGATIVE, T2, K3)),
    ValueRule("negative_slope", frozenset({"LeakyReLU"}), _NEGATIVE_OR_NONE, error(_NEGATIVE, K3)),
    ValueRule("alpha", frozenset({"LeakyReLU", "ELU"}), is_none, error(
        "{argument} of a {cls} layer cannot be None, expecting a float. Received: None", T2)),
    ValueRule("theta", frozenset({"ThresholdedReLU"}), _NEGATIVE_OR_NONE, error(
        "The theta value of a Thresholded ReLU layer should be >=0. Received: {value}", T2)),
    ValueRule("axis", frozenset({"LayerNormalization", "UnitNormalization"}), is_text, error(
        _AXES, T2, K3, exception="TypeError")),
    ValueRule("axis", frozenset({"LayerNormalization"}), no_axes, error(_AXES, T2, K3, exception="TypeError")),
    ValueRule("axis", frozenset({"GroupNormalization"}), is_none, error(
        "'NoneType' object is not iterable", T2, exception="TypeError")),
    ValueRule("axis", frozenset({"BatchNormalization"}), no_axes, error(_AXES, T2, exception="TypeError")),
    ValueRule("axis", frozenset({"BatchNormalization"}), is_none, error(
        "int() argument must be a string, a bytes-like object or a real number, not 'NoneType'", K3,
        exception="TypeError")),
    ValueRule("axis", frozenset({"Normalization"}), is_float, error(
        "'float' object is not iterable", T2, K3, exception="TypeError")),
    ValueRule("cropping", frozenset({"Cropping2D", "Cropping3D"}), below(0), error(
        "`cropping` cannot be negative. Received: cropping={value}.", K3)),
    ValueRule("axis", frozenset({"Concatenate"}), is_text, {
        T2: Words("TypeError", "list indices must be integers or slices, not str"),
        K3: Words("TypeError", "not all arguments converted during string formatting"),
    }),
    ValueRule("axis", frozenset({"Softmax"}), any_of(is_text, is_float), error(
        "Value passed to parameter 'reduction_indices' has a DataType not in list of allowed values: int32, int64", T2,
        exception="TypeError")),
    ValueRule("axis", frozenset({"Concatenate"}), is_none, error(
        "list indices must be integers or slices, not NoneType", T2, K3, exception="TypeError")),
    ValueRule("rate", frozenset({"AlphaDropout", "GaussianDropout"}), is_text, error(
        "'<' not supported between instances of {kind} and 'int'", T2, exception="TypeError")),
    ValueRule("axes", frozenset({"Dot"}), is_text, error(
        "Invalid type for argument `axes`: it should be a list or an int. Received: axes={value}", T2, K3,
        exception="TypeError")),
    ValueRule("axes", frozenset({"Dot"}), not_of_length(2), error(
        "Invalid format for argument `axes`: it should contain two elements. Received: axes={value}", T2, K3)),
    ValueRule("dims", frozenset({"Permute"}), is_number, error(
        "'int' object is not iterable", T2, K3, exception="TypeError")),
    ValueRule("target_shape", frozenset({"Reshape"}), any_of(is_text, has_no_whole), error(
        "Exception encountered when calling layer (type {cls}). Expected int32, but got {value}", T2, exception="TypeError")),
    ValueRule("target_shape", frozenset({"Reshape"}), has_negative_size, error(
        "Each dimension in `target_shape` must be a non-negative integer, or `-1` for a single unknown dimension. "
        "Received: target_shape={value}", K3)),
)  # fmt: skip

#: Arguments that are taken and not looked at.
UNREAD = frozenset({("SimpleRNN", "activity_regularizer")})

#: All rules; of several that mind one value the first speaks.
RULES: tuple[ValueRule, ...] = (
    *_PLAIN_RULES, *_WORDS, *(rule for axes in (1, 2, 3) for rule in _sizes_of(axes)), *_NUMBERS, *_OTHERS, *PREPROCESSING,
)  # fmt: skip
