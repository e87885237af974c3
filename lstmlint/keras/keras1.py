"""Keras 1 in Keras 2: argument names that K2 converts, and the positional arguments it accepts.

Source: `keras/legacy/interfaces.py` of Keras 2.2.4 and the measured calls of the rename facts.
"""

from __future__ import annotations

from collections.abc import Mapping

from lstmlint.classes import dataclass, field
from lstmlint.keras.layers.base import UNKNOWN, Argument, ArgumentProblem

_REGULARIZERS = {"W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer"}
_CONSTRAINTS = {"W_constraint": "kernel_constraint", "b_constraint": "bias_constraint"}
_DATA_FORMAT = {"dim_ordering": "data_format"}
_WEIGHTS = {"init": "kernel_initializer", **_REGULARIZERS, **_CONSTRAINTS, "bias": "use_bias"}
_CONV_ND = {"nb_filter": "filters", "subsample": "strides", "border_mode": "padding", **_DATA_FORMAT, **_WEIGHTS}
_SEPARABLE = {
    "nb_filter": "filters",
    "subsample": "strides",
    "border_mode": "padding",
    **_DATA_FORMAT,
    "b_regularizer": "bias_regularizer",
    "b_constraint": "bias_constraint",
    "bias": "use_bias",
}
_GATES = {
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "U_regularizer": "recurrent_regularizer",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
}
_RECURRENT = {
    "output_dim": "units",
    "init": "kernel_initializer",
    **_REGULARIZERS,
    **_GATES,
    "consume_less": "implementation",
}
_CONV_1D = {
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "subsample_length": "strides",
    "border_mode": "padding",
    **_WEIGHTS,
}
_POOLING_ND = {"border_mode": "padding", **_DATA_FORMAT}
_ROWS = {2: ("nb_row", "nb_col"), 3: ("kernel_dim1", "kernel_dim2", "kernel_dim3")}


@dataclass(frozen=True, slots=True)
class Legacy:
    """How K2 reads a Keras 1 call of one class.

    `names` maps old to new names; `positional` are the positional arguments accepted (None: any); `kernel` are old
    keywords that together make `kernel_size`; `dropped` are ignored; `sequence` says that `input_dim` and
    `input_length` make `input_shape`.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    positional: tuple[str, ...] | None = None
    kernel: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    sequence: bool = False


_FILTERS = ("filters", "kernel_size")
_CONV = {
    "Conv1D": Legacy(_CONV_1D, _FILTERS, sequence=True),
    "Conv2D": Legacy(_CONV_ND, _FILTERS, _ROWS[2]),
    "Conv3D": Legacy(_CONV_ND, _FILTERS, _ROWS[3]),
    "SeparableConv2D": Legacy(_SEPARABLE, _FILTERS, _ROWS[2]),
    "Conv2DTranspose": Legacy(_CONV_ND, _FILTERS, _ROWS[2], ("output_shape",)),
    "LocallyConnected1D": Legacy(_CONV_1D, _FILTERS, sequence=True),
    "LocallyConnected2D": Legacy(_CONV_ND, _FILTERS, _ROWS[2]),
    "ConvLSTM2D": Legacy({**_CONV_ND, **_GATES, "forget_bias_init": "unit_forget_bias"}, _FILTERS, _ROWS[2]),
}
_POOL = ("pool_size", "strides", "padding")
LEGACY: Mapping[str, Legacy] = {
    "Dense": Legacy({"output_dim": "units", **_WEIGHTS}, ("units",)),
    "Dropout": Legacy({"p": "rate"}, ("rate", "noise_shape", "seed")),
    "SpatialDropout1D": Legacy({"p": "rate"}, ("rate",)),
    "SpatialDropout2D": Legacy({"p": "rate", **_DATA_FORMAT}, ("rate",)),
    "SpatialDropout3D": Legacy({"p": "rate", **_DATA_FORMAT}, ("rate",)),
    "GaussianDropout": Legacy({"p": "rate"}, ("rate",)),
    "GaussianNoise": Legacy({"sigma": "stddev"}, ("stddev",)),
    "Embedding": Legacy(
        {
            "init": "embeddings_initializer",
            "W_regularizer": "embeddings_regularizer",
            "W_constraint": "embeddings_constraint",
        },
        ("input_dim", "output_dim"),
        dropped=("dropout",),
    ),
    "LSTM": Legacy({**_RECURRENT, "forget_bias_init": "unit_forget_bias"}, ("units",), sequence=True),
    "GRU": Legacy(_RECURRENT, ("units",), sequence=True),
    "SimpleRNN": Legacy(_RECURRENT, ("units",), sequence=True),
    **_CONV,
    **{
        f"{kind}Pooling1D": Legacy({"pool_length": "pool_size", "stride": "strides", "border_mode": "padding"}, _POOL)
        for kind in ("Max", "Average")
    },
    **{f"{kind}Pooling{rank}D": Legacy(_POOLING_ND, _POOL) for kind in ("Max", "Average") for rank in (2, 3)},
    **{f"Global{kind}Pooling{rank}D": Legacy(_DATA_FORMAT) for kind in ("Max", "Average") for rank in (2, 3)},
    "UpSampling1D": Legacy({"length": "size"}, ("size",)),
    "UpSampling2D": Legacy(_DATA_FORMAT, ("size",)),
    "UpSampling3D": Legacy(_DATA_FORMAT, ("size",)),
    "ZeroPadding2D": Legacy(_DATA_FORMAT, ("padding",)),
    "ZeroPadding3D": Legacy(_DATA_FORMAT, ("padding",)),
    "Cropping2D": Legacy(_DATA_FORMAT, ("cropping",)),
    "Cropping3D": Legacy(_DATA_FORMAT, ("cropping",)),
    "PReLU": Legacy({"init": "alpha_initializer"}, ("alpha_initializer",)),
    "BatchNormalization": Legacy(
        {"beta_init": "beta_initializer", "gamma_init": "gamma_initializer"}, (), dropped=("mode",)
    ),
    "Lambda": Legacy({}, ("function", "output_shape")),
}
_NONE = Legacy()

#: Old values of old arguments, as K2 translates them.
_VALUES: Mapping[str, Mapping[str, Argument]] = {
    "dim_ordering": {"tf": "channels_last", "th": "channels_first", "default": None},
    "consume_less": {"cpu": 0, "mem": 1, "gpu": 2},
}


#: Functions of K2 that make the convolution of the name behind: theirs is the rate of dilation, whatever else is given.
_ATROUS = frozenset({"AtrousConv1D", "AtrousConv2D", "AtrousConvolution1D", "AtrousConvolution2D"})


def undilated(called: str, keywords: Mapping[str, Argument]) -> Mapping[str, Argument]:
    """The keywords of a convolution, for those of the `Atrous…` function of Keras 1 that is `called`."""
    if called not in _ATROUS:
        return keywords
    rest = {name: value for name, value in keywords.items() if name not in ("atrous_rate", "dilation_rate")}
    return {**rest, "dilation_rate": keywords.get("atrous_rate", 1)}


#: What the modes of Keras 1's `merge` are today: a layer class, and what it is called with besides the axis.
_MODES: Mapping[str, tuple[str, Mapping[str, Argument]]] = {
    "sum": ("Add", {}),
    "mul": ("Multiply", {}),
    "ave": ("Average", {}),
    "max": ("Maximum", {}),
    "concat": ("Concatenate", {}),
    "dot": ("Dot", {}),
    "cos": ("Dot", {"normalize": True}),
}
_MERGE = ("mode", "concat_axis", "dot_axes", "output_shape", "output_mask", "arguments", "name")


def merging(
    positional: tuple[Argument, ...], keywords: Mapping[str, Argument]
) -> tuple[str, dict[str, Argument]] | None:
    """The layer class and arguments that `merge(inputs, mode, …)` of Keras 1 means, None for a mode that is not known."""
    given = {**dict(zip(_MERGE, positional)), **keywords}
    mode = given.get("mode", "sum")
    if not isinstance(mode, str) or mode not in _MODES:
        return None
    class_name, arguments = _MODES[mode]
    axis = {"Concatenate": ("axis", "concat_axis", -1), "Dot": ("axes", "dot_axes", -1)}.get(class_name)
    placed = {axis[0]: given.get(axis[1], axis[2])} if axis else {}
    named = {"name": given["name"]} if "name" in given else {}
    return class_name, {**arguments, **placed, **named}


def legacy(class_name: str) -> Legacy:
    """How K2 reads Keras 1 calls of this class; for a class that Keras 1 did not have, nothing to convert."""
    return LEGACY.get(class_name, _NONE)


def newer_names(class_name: str) -> Mapping[str, str]:
    """Keras 1 names of this class's arguments with the Keras 2 names, kernel sides included."""
    entry = legacy(class_name)
    return {**entry.names, **dict.fromkeys(entry.kernel, "kernel_size")}


@dataclass(frozen=True, slots=True)
class Converted:
    """A call in Keras 2 terms, with what K2 says about the conversion."""

    positional: tuple[Argument, ...]
    keywords: Mapping[str, Argument]
    problems: tuple[ArgumentProblem, ...]


def convert(class_name: str, positional: tuple[Argument, ...], keywords: Mapping[str, Argument]) -> Converted:
    """What K2 makes of the arguments of a Keras 1 call."""
    entry = legacy(class_name)
    left = dict(keywords)
    problems: list[ArgumentProblem] = []
    positional = _kernel_from_sides(class_name, entry, positional, left, problems)
    if entry.sequence and "input_dim" in left:
        left["input_shape"] = (left.pop("input_length", None), left.pop("input_dim"))
        problems.append(_updated(class_name, "input_dim", "input_shape"))
    for old in entry.dropped:
        if old in left:
            problems.append(_dropped(class_name, old, left.pop(old)))
    for old, new in entry.names.items():
        if old not in left:
            continue
        value = left.pop(old)
        if new in left:
            problems.append(_twice(old, new))
        left[new] = _VALUES.get(old, {}).get(value, value) if isinstance(value, str) else value
        problems.append(_updated(class_name, old, new))
    return Converted(positional, left, tuple(problems))


def _kernel_from_sides(
    class_name: str,
    entry: Legacy,
    positional: tuple[Argument, ...],
    keywords: dict[str, Argument],
    problems: list[ArgumentProblem],
) -> tuple[Argument, ...]:
    """`Conv2D(32, 3, 3)` and `nb_row=3, nb_col=3` mean `kernel_size=(3, 3)` in K2."""
    if not entry.kernel:
        return positional
    given = positional[1:]
    sides = [keywords[name] for name in entry.kernel[len(given) :] if name in keywords]
    if len(given) + len(sides) != len(entry.kernel) or not all(isinstance(side, int) for side in given):
        return positional
    for name in entry.kernel:
        keywords.pop(name, None)
    keywords["kernel_size"] = (*given, *sides)
    problems.append(_updated(class_name, entry.kernel[0], "kernel_size"))
    return positional[:1]


def _updated(class_name: str, old: str, new: str) -> ArgumentProblem:
    return ArgumentProblem("unknown", old, new, False, None, f"Update your `{class_name}` call to the Keras 2 API")


def _dropped(class_name: str, old: str, value: Argument) -> ArgumentProblem:
    if old == "mode" and value is not UNKNOWN and value != 0:
        message = (
            "The `mode` argument of `BatchNormalization` no longer exists. "
            "`mode=1` and `mode=2` are no longer supported."
        )
        return ArgumentProblem("value", old, None, True, "TypeError", message)
    message = f"The `{old}` argument is no longer supported in `{class_name}`."
    return ArgumentProblem("unknown", old, None, False, None, message)


def _twice(old: str, new: str) -> ArgumentProblem:
    message = (
        f"For the `{new}` argument, the layer received both the legacy keyword argument `{old}` "
        f"and the Keras 2 keyword argument `{new}`. Stick to the latter!"
    )
    return ArgumentProblem("duplicate", old, new, True, "TypeError", message)
