"""Argument values that Keras refuses or misreads, per version: the rules of `value_rules`, and those over two arguments.

Source: facts: renames, section 6 (values accepted or refused at construction); `values.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lstmlint.keras.layers.base import UNKNOWN, Argument, ArgumentProblem, Layer
from lstmlint.keras.value_rule import ValueRule, Words
from lstmlint.keras.value_rules import K2, K3, RULES, T2, UNREAD
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, SymbolicDim, divisible, less


def problems(class_name: str, given: Mapping[str, Argument], version: Version) -> list[ArgumentProblem]:
    """What is certainly wrong with the values that were passed, one problem an argument."""
    first: dict[str, ArgumentProblem] = {}
    for name, value in given.items():
        problem = None if value is UNKNOWN else _problem(class_name, name, value, version)
        if problem is not None:
            first[name] = problem
    for check in (
        _strided_and_dilated,
        _undivided_filters,
        _half_normalized,
        _padded_beyond_strides,
        _local_border,
        _causal_in_front,
        _one_way,
        _needed,
        _undivided_heads,
        _inverted_counts,
        _adapted_and_constrained,
    ):
        problem = check(class_name, given, version)
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


def read(class_name: str, given: Mapping[str, Argument]) -> Mapping[str, Argument]:
    """The arguments without those that the class takes and does not look at."""
    return {name: value for name, value in given.items() if (class_name, name) not in UNREAD}


def _problem(class_name: str, name: str, value: Argument, version: Version) -> ArgumentProblem | None:
    for rule in _rules_for(name):
        if rule.classes is not None and class_name not in rule.classes:
            continue
        words = rule.words.get(version)
        if words is not None and rule.is_wrong(value, version):
            kind = repr(type(value).__name__)
            message = words.message.format(value=_shown(value), cls=class_name, argument=name, kind=kind)
            return ArgumentProblem("value", name, None, words.exception is not None, words.exception, message)
    return None


def _rules_for(name: str) -> Sequence[ValueRule]:
    return _BY_ARGUMENT.get(name, ())


def _by_argument() -> Mapping[str, tuple[ValueRule, ...]]:
    found: dict[str, tuple[ValueRule, ...]] = {}
    for rule in RULES:
        found[rule.argument] = (*found.get(rule.argument, ()), rule)
    return found


_BY_ARGUMENT = _by_argument()


def _shown(value: Argument) -> str:
    return value.class_name if isinstance(value, Layer) else str(value)


# --- two arguments ---------------------------------------------------------------------------------------------------

_PLAIN = frozenset(f"Conv{rank}D" for rank in (1, 2, 3))
_ALL_CONVOLUTIONS = frozenset(
    name.format(rank)
    for rank in (1, 2, 3)
    for name in ("Conv{}D", "SeparableConv{}D", "DepthwiseConv{}D", "Conv{}DTranspose")
)

_RECURRENT_CONVOLUTIONS = frozenset(f"ConvLSTM{rank}D" for rank in (1, 2, 3))

#: Classes that refuse strides and dilation above 1 together.  K2 raises when the layer is called, as does T2's ConvLSTM.
_EXCLUSIVE: Mapping[Version, frozenset[str]] = {
    K2: _PLAIN,
    T2: _ALL_CONVOLUTIONS | _RECURRENT_CONVOLUTIONS,
    K3: _RECURRENT_CONVOLUTIONS | _ALL_CONVOLUTIONS - frozenset(
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


def _half_normalized(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """`Normalization` with a mean and no variance, or the other way round."""
    if class_name != "Normalization" or version is K2:
        return None
    names = [name for name in ("mean", "variance") if given.get(name) is not None]
    if len(names) != 1 or given[names[0]] is UNKNOWN:
        return None
    message = "When setting values directly, both `mean` and `variance` must be set."
    return ArgumentProblem("value", names[0], None, True, "ValueError", message)


def _padded_beyond_strides(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """`output_padding` that is not below the strides."""
    extra, strides = given.get("output_padding"), given.get("strides", 1)
    if version is K2 or not class_name.endswith("Transpose") or extra is None:
        return None
    extras, steps = (value if isinstance(value, tuple) else (value,) * 3 for value in (extra, strides))
    pairs = zip(extras, steps)
    if not any(isinstance(a, int) and isinstance(b, int) and a >= b for a, b in pairs):
        return None
    message = "`output_padding` must be strictly less than `strides` for all dimensions."
    return ArgumentProblem("value", "output_padding", None, True, "ValueError", message)


def _local_border(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """A locally connected layer of the usual implementation takes "valid" only."""
    padding = given.get("padding")
    if not class_name.startswith("LocallyConnected") or version is K3 or not isinstance(padding, str):
        return None
    if padding.lower() == "valid" or given.get("implementation", 1) != 1:
        return None
    end = " if implementation is 1" if version is T2 else ""
    message = f'Invalid border mode for {class_name} (only "valid" is supported{end}): {padding}'
    return ArgumentProblem("value", "padding", None, True, "ValueError", message)


def _causal_in_front(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """K2 pads to the left only where channels come last."""
    words = tuple(str(given.get(name)).lower() for name in ("padding", "data_format"))
    if version is not K2 or class_name != "Conv1D" or words != ("causal", "channels_first"):
        return None
    message = 'When using causal padding in `Conv1D`, `data_format` must be "channels_last" (temporal data).'
    return ArgumentProblem("value", "data_format", None, True, "ValueError", message)


def _one_way(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """`Bidirectional` of two layers that go the same way, or of which only one gives what the other gives."""
    both = [given.get(name) for name in ("layer", "backward_layer")]
    if class_name != "Bidirectional" or version is K2:
        return None
    arguments = [layer.arguments if isinstance(layer, Layer) else {} for layer in both]
    for name in ("go_backwards", "stateful", "return_sequences", "return_state"):
        values = [each.get(name) for each in arguments]
        is_wanted = values[0] is not values[1] if name == "go_backwards" else values[0] is values[1]
        if is_wanted or not all(isinstance(value, bool) for value in values):
            continue
        words = "should have different `go_backwards` value."
        if name != "go_backwards":
            words = (
                f'are expected to have the same value for attribute "{name}", got "{values[0]}" for forward layer and '
                f'"{values[1]}" for backward layer'
            )
        message = f"Forward layer and backward layer {words}"
        return ArgumentProblem("value", "backward_layer", None, True, "ValueError", message)
    return None


def _adapted_and_constrained(
    class_name: str, given: Mapping[str, Argument], version: Version
) -> ArgumentProblem | None:
    """K3 trains small weights in place of a kernel (`lora_rank`) only where nothing constrains that."""
    what = "embedding" if class_name == "Embedding" else "kernel"
    name = "embeddings_constraint" if class_name == "Embedding" else "kernel_constraint"
    if version is not K3 or not isinstance(given.get("lora_rank"), int) or given.get(name) in (None, UNKNOWN):
        return None
    message = f"Lora is incompatible with {what} constraints. In order to enable lora on this layer, remove the `{name}` argument."
    return ArgumentProblem("value", "lora_rank", None, True, "ValueError", message)


#: Options of which one must be given, and what Keras says where none is.
_NEEDED = {
    "Discretization": (("num_bins", "bin_boundaries"), "You need to set either `num_bins` or `bin_boundaries`."),
    "CategoryEncoding": (("num_tokens",), "num_tokens must be set to use this layer."),
}


def _needed(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """A layer that gets none of the options of which it needs one."""
    names, message = _NEEDED.get(class_name, ((), ""))
    if version is not K3 or not names or any(given.get(name) is not None for name in names):
        return None
    return ArgumentProblem("missing", names[0], None, True, "ValueError", message)


def _undivided_heads(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """Heads of the query that are no multiple of those of key and value."""
    query, pairs = given.get("num_query_heads"), given.get("num_key_value_heads")
    if class_name != "GroupedQueryAttention" or not isinstance(query, int) or not isinstance(pairs, int):
        return None
    if pairs < 1 or query % pairs == 0:
        return None
    message = "`num_query_heads` must be divisible by `num_key_value_heads`."
    return ArgumentProblem("value", "num_query_heads", None, True, "ValueError", message)


def _inverted_counts(class_name: str, given: Mapping[str, Argument], version: Version) -> ArgumentProblem | None:
    """A lookup back to words of anything but word numbers."""
    mode = given.get("output_mode", "int")
    if class_name not in ("IntegerLookup", "StringLookup") or given.get("invert") is not True:
        return None
    if not isinstance(mode, str) or mode == "int":
        return None
    message = f"`output_mode` must be `'int'` when `invert` is true. Received: output_mode={mode}"
    return ArgumentProblem("value", "output_mode", None, True, "ValueError", message)
