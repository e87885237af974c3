"""Argument values that Keras refuses or misreads, per version.

Source: facts: renames, section 6 (values accepted or refused at construction).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import UNKNOWN, Argument, ArgumentProblem, Layer, Named
from lstmlint.keras.signatures import layer_class
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, SymbolicDim, at_most, divisible, less

K2, T2, K3 = Version.K2, Version.T2, Version.K3
#: Whether a value is certainly wrong, and for which version.
Test = Callable[[Argument, Version], bool]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one version: the exception (None: nothing is raised) and the message over `{value}`, `{cls}`."""

    exception: str | None
    message: str


@dataclass(frozen=True, slots=True)
class ValueRule:
    """One argument of some classes whose value may be wrong: `words` has the versions that mind."""

    argument: str
    classes: frozenset[str]
    is_wrong: Test
    words: Mapping[Version, Words]


def problems(class_name: str, given: Mapping[str, Argument], version: Version) -> list[ArgumentProblem]:
    """What is certainly wrong with the values that were passed, one problem an argument."""
    found = [_applied(rule, class_name, given[rule.argument], version) for rule in _rules_for(class_name, given)]
    found += [_strided_and_dilated(class_name, given, version), _undivided_filters(class_name, given, version)]
    first: dict[str, ArgumentProblem] = {}
    for problem in found:
        if problem is not None:
            first.setdefault(problem.argument, problem)
    return list(first.values())


#: Arguments that refuse a symbolic tensor, with what is said of it where it was measured.
_NO_TENSORS: Mapping[str, Mapping[Version, Words]] = {
    **{
        argument: {version: Words(None, "") for version in Version}
        for argument in (
            "units", "filters", "kernel_size", "pool_size", "n", "target_shape", "dims", "size", "input_dim", "merge_mode",
            "embeddings_initializer",
        )
    },
    "activation": {
        K2: Words("ValueError", "Could not interpret activation function identifier: Tensor(…)"),
        T2: Words("TypeError", "Could not interpret activation function identifier: Tensor(…)"),
        K3: Words("ValueError", "Could not interpret activation function identifier: <KerasTensor …>"),
    },
    "data_format": {
        K2: Words("AttributeError", "'Tensor' object has no attribute 'lower'"),
        T2: Words("AttributeError", "'KerasTensor' object has no attribute 'lower'"),
        K3: Words("ValueError", "The `data_format` argument must be one of {'channels_first', 'channels_last'}."),
    },
    "rate": {K3: Words("TypeError", "A symbolic KerasTensor cannot be used as a boolean.")},
    "layer": {
        T2: Words("ValueError", "Please initialize the layer with a `tf.keras.layers.Layer` instance."),
        K3: Words("ValueError", "Please initialize the layer with a `keras.layers.Layer` instance."),
    },
}  # fmt: skip


def takes_no_tensor(argument: str, version: Version) -> ArgumentProblem | None:
    """What is said to a symbolic tensor as this argument of a constructor; None where it may pass."""
    words = _NO_TENSORS.get(argument, {}).get(version)
    if words is None:
        return None
    return ArgumentProblem("tensor", argument, None, True, words.exception, words.message)


def _rules_for(class_name: str, given: Mapping[str, Argument]) -> Iterable[ValueRule]:
    return (rule for rule in RULES if rule.argument in given and class_name in rule.classes)


def _applied(rule: ValueRule, class_name: str, value: Argument, version: Version) -> ArgumentProblem | None:
    words = rule.words.get(version)
    if words is None or value is UNKNOWN or not rule.is_wrong(value, version):
        return None
    kind = repr(type(value).__name__)
    message = words.message.format(value=_shown(value), cls=class_name, kind=kind)
    return ArgumentProblem("value", rule.argument, None, words.exception is not None, words.exception, message)


def _shown(value: Argument) -> str:
    return value.class_name if isinstance(value, Layer) else str(value)


# --- tests -----------------------------------------------------------------------------------------------------------


def _below(limit: int) -> Test:
    """A number that is certainly below `limit`."""

    def is_wrong(value: Argument, version: Version) -> bool:
        if isinstance(value, (int, SymbolicDim)):
            return less(value, limit) is Answer.YES
        return isinstance(value, float) and value < limit

    return is_wrong


def _no_whole_number(value: Argument, version: Version) -> bool:
    """Neither an int nor something that may be one."""
    return isinstance(value, (float, str, tuple))


def _text_or_float(value: Argument, version: Version) -> bool:
    return isinstance(value, (float, str))


def _text_or_tuple(value: Argument, version: Version) -> bool:
    return isinstance(value, (str, tuple))


def _no_data_format(value: Argument, version: Version) -> bool:
    if isinstance(value, str):
        return value.lower() not in ("channels_first", "channels_last")
    return isinstance(value, (int, float, tuple))


def _is_text(value: Argument, version: Version) -> bool:
    return isinstance(value, str)


def _text_or_number(value: Argument, version: Version) -> bool:
    return isinstance(value, (str, int, float, SymbolicDim))


def _is_tuple(value: Argument, version: Version) -> bool:
    return isinstance(value, tuple)


def _is_float(value: Argument, version: Version) -> bool:
    return isinstance(value, float)


def _is_number(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, float, SymbolicDim))


def _no_activation(value: Argument, version: Version) -> bool:
    """Nothing that could be an activation; strings are looked at in `strings`."""
    return isinstance(value, (int, float, tuple, SymbolicDim))


def _outside_unit(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, float)) and not 0 <= value <= 1


def _drops_all(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == 1


def _reads_as_false(value: Argument, version: Version) -> bool:
    """A string that people read as false; any string with letters is true."""
    return isinstance(value, str) and value.strip().lower() in ("false", "no", "none", "0", "off")


def _not_among(*names: str | None) -> Test:
    def is_wrong(value: Argument, version: Version) -> bool:
        return (value is None or isinstance(value, str)) and value not in names

    return is_wrong


def _padding_not_among(*names: str) -> Test:
    """Padding names are lower-cased first."""

    def is_wrong(value: Argument, version: Version) -> bool:
        return isinstance(value, str) and value.lower() not in names

    return is_wrong


def _not_of_length(rank: int) -> Test:
    return lambda value, version: isinstance(value, tuple) and len(value) != rank


def _has_none_left(value: Argument, version: Version) -> bool:
    """A size, or one of several, that is certainly 0 or less."""
    items = value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, (int, SymbolicDim)) and at_most(item, 0) is Answer.YES for item in items)


def _has_zero(value: Argument, version: Version) -> bool:
    items = value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, int) and item == 0 for item in items)


def _two_unknown(value: Argument, version: Version) -> bool:
    return isinstance(value, tuple) and sum(isinstance(item, int) and item == -1 for item in value) > 1


def _no_order(value: Argument, version: Version) -> bool:
    if not isinstance(value, tuple) or not all(isinstance(item, int) for item in value):
        return False
    return sorted(value) != list(range(1, len(value) + 1))


def _not_recurrent(value: Argument, version: Version) -> bool:
    """A layer of Keras's own that certainly cannot run backwards."""
    return isinstance(value, Layer) and value.rule.grade != "opaque" and value.class_name not in _RECURRENT


def _is_layer_class(value: Argument, version: Version) -> bool:
    """A class of Keras's own layers where a layer is due."""
    if not isinstance(value, Named):
        return False
    module, _, name = value.name.rpartition(".")
    return module.endswith("keras.layers") and name[:1].isupper() and layer_class(name, version) is not None


def _no_cell(value: Argument, version: Version) -> bool:
    if isinstance(value, Layer):
        return value.rule.grade != "opaque"
    return _is_number(value, version)


# --- the table -------------------------------------------------------------------------------------------------------

_RECURRENT = frozenset({
    "LSTM", "GRU", "SimpleRNN", "RNN", "CuDNNLSTM", "CuDNNGRU", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
})  # fmt: skip
_GATED = frozenset({"LSTM", "GRU", "SimpleRNN"})
_DENSE = frozenset({"Dense"})
_EMBEDDING = frozenset({"Embedding"})
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
_ACTIVATED = _GATED | _DENSE | _ALL_CONVOLUTIONS | {"Activation", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}

_UNITS = "Received an invalid value for `units`, expected a positive integer. Received: units={value}"
_ARGUMENT_UNITS = "Received an invalid value for argument `units`, expected a positive integer, got {value}."
_NOT_LESS = "'<=' not supported between instances of {kind} and 'int'"
_NO_INT = "int() argument must be a string, a bytes-like object or a real number, not {kind}"
_NO_LAYER = "Please initialize `{cls}` layer with a `keras.layers.Layer` instance. Received: {value}"
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
_CLAMPED = "Keras takes 1 for more and 0 for less: {value}"
_TRUE = "any string is true: '{value}'"
_FLAGS = {
    **dict.fromkeys(("return_sequences", "return_state", "stateful", "go_backwards", "unroll"), _RECURRENT),
    "use_bias": _GATED | _DENSE | _ALL_CONVOLUTIONS,
    "mask_zero": _EMBEDDING,
}
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


def _error(message: str, *versions: Version, exception: str = "ValueError") -> dict[Version, Words]:
    return {version: Words(exception, message) for version in versions}


def _rank_rules(rank: int) -> tuple[ValueRule, ...]:
    """Arguments that are one whole number for all spatial axes, or one for each."""
    pooling = frozenset(f"{kind}Pooling{rank}D" for kind in ("Max", "Average"))
    return tuple(
        ValueRule(name, classes, is_wrong, _error(
            f"The `{name}` argument must be a tuple of {rank} integers. Received: {{value}}", K2, T2, K3
        ))
        for name, classes in (
            ("kernel_size", _CONVOLUTIONS[rank]), ("strides", _CONVOLUTIONS[rank] | pooling), ("pool_size", pooling),
        )
        for is_wrong in (_not_of_length(rank), _text_or_float)
    )  # fmt: skip


RULES: tuple[ValueRule, ...] = (
    ValueRule("units", _DENSE, _no_whole_number, _error(_UNITS, K3)),
    ValueRule("units", _DENSE, _below(1), _error(_UNITS, K3)),
    ValueRule("units", _DENSE, _below(0), _error(_UNITS, T2)),
    ValueRule("units", _GATED, _below(1), _error(_ARGUMENT_UNITS, T2, K3)),
    ValueRule("units", _DENSE, _is_tuple, _error(_NO_INT, T2, exception="TypeError")),
    *(
        ValueRule(name, classes, _text_or_tuple, _error(_NOT_LESS, T2, K3, exception="TypeError"))
        for name, classes in (("units", _GATED), ("filters", _PLAIN[1] | _PLAIN[2] | _PLAIN[3]))
    ),
    ValueRule("rate", _DROPOUT, _text_or_tuple, _error(_NOT_LESS, K3, exception="TypeError")),
    *(
        ValueRule(name, _GATED, _is_text, _error(_NOT_LESS, T2, K3, exception="TypeError"))
        for name in ("dropout", "recurrent_dropout")
    ),
    ValueRule(
        "data_format", _ALL_CONVOLUTIONS | _POOLING | _GLOBAL | {"Flatten"}, _no_data_format,
        _error("The `data_format` argument must be one of channels_first, channels_last. Received: {value}", K2, T2, K3),
    ),
    ValueRule("layer", _WRAPPERS, _text_or_number, _error(_NO_LAYER, T2, K3)),
    ValueRule("function", frozenset({"Lambda"}), _text_or_number, _error("unsupported callable", T2, K3, exception="TypeError")),
    ValueRule(
        "units", _GATED, _is_float,
        _error(_NO_DIMENSION, T2, exception="TypeError"),
    ),
    ValueRule("activation", _ACTIVATED, _no_activation, _ACTIVATION),
    ValueRule(
        "recurrent_activation", _GATED | {"ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"}, _no_activation, _ACTIVATION
    ),
    ValueRule(
        "rate", _DROPOUT, _outside_unit,
        {K2: Words(None, _NO_RATE_K2), T2: Words("ValueError", _RATE_T2), K3: Words("ValueError", _RATE_K3)},
    ),
    ValueRule(
        "rate", _DROPOUT, _drops_all,
        {
            K2: Words(None, _NO_RATE_K2),
            T2: Words("ValueError", "`rate` must be a scalar tensor or a float in the range [0, 1), got {value}"),
            K3: Words(None, "Keras 3 outputs zeros only in training: rate={value}"),
        },
    ),
    *(
        ValueRule(name, _GATED, _outside_unit, dict.fromkeys(Version, Words(None, _CLAMPED)))
        for name in ("dropout", "recurrent_dropout")
    ),
    *(
        ValueRule(name, classes, _reads_as_false, dict.fromkeys(Version, Words(None, _TRUE)))
        for name, classes in _FLAGS.items()
    ),
    ValueRule(
        "input_dim", _EMBEDDING, _below(1),
        {
            T2: Words("ValueError", _EMBEDDED),
            K3: Words("ValueError", "`input_dim` must be a positive integer. Received: input_dim={value}"),
        },
    ),
    ValueRule(
        "input_dim", _EMBEDDING, _no_whole_number,
        _error("`input_dim` must be a positive integer. Received: input_dim={value}", K3),
    ),
    ValueRule("input_dim", _EMBEDDING, _text_or_tuple, _error(_NOT_LESS, T2, exception="TypeError")),
    ValueRule("output_dim", _EMBEDDING, _text_or_tuple, _error(_NOT_LESS, T2, exception="TypeError")),
    ValueRule("output_dim", _EMBEDDING, _below(1), {
        T2: Words("ValueError", "Both `input_dim` and `output_dim` should be positive, Received output_dim = {value}"),
        K3: Words("ValueError", "`output_dim` must be a positive integer. Received: output_dim={value}"),
    }),
    ValueRule(
        "output_dim", _EMBEDDING, _no_whole_number,
        _error("`output_dim` must be a positive integer. Received: output_dim={value}", K3),
    ),
    ValueRule("padding", _ALL_CONVOLUTIONS, _padding_not_among("valid", "same", "causal"), {
        K2: Words("ValueError", _PADDING_K2),
        T2: Words("ValueError", _PADDING_T2),
        K3: Words("ValueError", _PADDING_K3),
    }),
    ValueRule(
        "padding", _ALL_CONVOLUTIONS - _PLAIN[1], _padding_not_among("valid", "same"), _error(_PADDING_K3, K3)
    ),
    ValueRule(
        "padding", _ALL_CONVOLUTIONS - _PLAIN[1] - {"SeparableConv1D"}, _padding_not_among("valid", "same"),
        _error("Causal padding is only supported for `Conv1D`and `SeparableConv1D`.", T2),
    ),
    ValueRule("padding", frozenset({"SeparableConv1D"}), _padding_not_among("valid", "same"), _error(
        "Invalid padding: {value}", K2)),
    ValueRule("padding", _POOLING, _padding_not_among("valid", "same"), {
        K2: Words("ValueError", "Invalid padding: {value}"),
        T2: Words("ValueError", "Invalid padding: {value}"),
        K3: Words("ValueError", "Argument `padding` must be either 'valid' or 'same'. Received: padding={value}"),
    }),
    *(rule for rank in (1, 2, 3) for rule in _rank_rules(rank)),
    ValueRule("kernel_size", _ALL_CONVOLUTIONS, _has_none_left, _error(_KERNEL, T2, K3)),
    ValueRule(
        "filters", _PLAIN[1] | _PLAIN[2] | _PLAIN[3], _has_none_left,
        _error(_FILTERS, T2, K3),
    ),
    ValueRule("strides", _ALL_CONVOLUTIONS, _has_zero, {
        T2: Words("ValueError", "The argument `strides` cannot contains 0(s). Received: {value}"),
        K3: Words("ValueError", "The `strides` argument must be a tuple of integers. Received strides={value}"),
    }),
    ValueRule("merge_mode", frozenset({"Bidirectional"}), _not_among("sum", "mul", "ave", "concat", None), {
        K2: Words("ValueError", "Invalid merge mode. " + _MERGE_MODE),
        T2: Words("ValueError", "Invalid merge mode. Received: {value}. " + _MERGE_MODE),
        K3: Words("ValueError", "Invalid merge mode. Received: {value}. " + _MERGE_MODE),
    }),
    ValueRule("layer", frozenset({"Bidirectional"}), _not_recurrent, {
        K2: Words("KeyError", "'go_backwards'"),
        T2: Words("KeyError", "'go_backwards'"),
        K3: Words("TypeError", "{value} could not be deserialized properly."),
    }),
    ValueRule("layer", _WRAPPERS, _is_layer_class, _error(_NO_LAYER, T2, K3)),
    ValueRule("cell", frozenset({"RNN"}), _no_cell, _error(_CELL, K2, T2, K3)),
    ValueRule(
        "n", frozenset({"RepeatVector"}), _no_whole_number,
        _error("Expected an integer value for `n`, got {value}.", T2, K3, exception="TypeError"),
    ),
    ValueRule(
        "target_shape", frozenset({"Reshape"}), _is_number,
        _error("'int' object is not iterable", K2, T2, K3, exception="TypeError"),
    ),
    ValueRule(
        "target_shape", frozenset({"Reshape"}), _two_unknown,
        _error(_TARGET, K3),
    ),
    ValueRule("dims", frozenset({"Permute"}), _no_order, _error(_PERMUTATION, T2, K3)),
)  # fmt: skip

#: Classes that refuse strides and dilation above 1 together.  K2 raises when the layer is called.
_EXCLUSIVE: Mapping[Version, frozenset[str]] = {
    K2: _PLAIN[1] | _PLAIN[2] | _PLAIN[3],
    T2: _ALL_CONVOLUTIONS,
    K3: _ALL_CONVOLUTIONS - frozenset(
        f"{kind}Conv{rank}D" for kind in ("Separable", "Depthwise") for rank in (1, 2, 3)
    ),
}  # fmt: skip


def _strided_and_dilated(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    if class_name not in _EXCLUSIVE[version]:
        return None
    if not all(_is_above_one(given.get(name, 1)) for name in ("strides", "dilation_rate")):
        return None
    message = "`strides > 1` not supported in conjunction with `dilation_rate > 1`."
    return ArgumentProblem("value", "dilation_rate", None, True, "ValueError", message)


def _is_above_one(value: Argument) -> bool:
    items = value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, (int, SymbolicDim)) and less(1, item) is Answer.YES for item in items)


def _undivided_filters(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """`filters` that are no multiple of `groups` (which K2 does not have)."""
    filters, groups = given.get("filters"), given.get("groups")
    if version is K2 or not isinstance(groups, int) or groups < 1 or not isinstance(filters, (int, SymbolicDim)):
        return None
    if divisible(filters, groups) is not Answer.NO:
        return None
    message = (
        "The number of filters must be evenly divisible by the number of groups. "
        f"Received: groups={groups}, filters={filters}."
    )
    return ArgumentProblem("value", "groups", None, True, "ValueError", message)
