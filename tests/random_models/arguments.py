"""What the random models give to the arguments of layers: for each name, what is usual and what is not.

Whether Keras takes an unusual value is for Keras to say.  A function of `Place` draws a value that depends on the layer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from lstmlint.keras.versions import Version


@dataclass(frozen=True)
class Place:
    """Where a value is drawn: for which class, on an input of which shape (batch first; None: not known)."""

    rng: Random
    version: Version
    class_name: str
    shape: tuple[Any, ...] | None
    depth: int = 0

    @property
    def axes(self) -> int:
        """How many spatial axes the layer has, by its name."""
        found = re.search(r"([123])D", self.class_name)
        return int(found.group(1)) if found else 2

    @property
    def rank(self) -> int:
        return 3 if self.shape is None else len(self.shape)


Drawn = Callable[[Place], Any]


@dataclass(frozen=True)
class Argument:
    """`usual` values or a way to draw them, and `unusual` ones, most of which Keras refuses."""

    usual: Drawn
    unusual: tuple[Any, ...] = ()


def one_of(*values: Any) -> Drawn:
    return lambda place: place.rng.choice(values)


def _per_axis(*values: Any) -> Drawn:
    """One size for all axes, or a tuple of them."""

    def draw(place: Place) -> Any:
        if place.rng.random() < 0.5:
            return place.rng.choice(values)
        return tuple(place.rng.choice(values) for _ in range(place.axes))

    return draw


def _cropping(*values: int) -> Drawn:
    """One number, a number for each axis, or a pair for each."""

    def draw(place: Place) -> Any:
        style = place.rng.randrange(3)
        pick = place.rng.choice
        if style == 0:
            return pick(values)
        if place.axes == 1:
            return (pick(values), pick(values))
        if style == 1:
            return tuple(pick(values) for _ in range(place.axes))
        return tuple((pick(values), pick(values)) for _ in range(place.axes))

    return draw


def _axis(place: Place) -> Any:
    """Mostly the last axis; never the batch."""
    last = place.rank - 1
    return place.rng.choice([-1, -1, last, max(last - 1, 1)])


def _axes(place: Place) -> Any:
    return place.rng.choice([-1, -1, [-1], [place.rank - 1], list(range(1, max(place.rank, 2)))])


def _target_shape(place: Place) -> Any:
    """Mostly one that the input has the elements for."""
    rest = [dim for dim in (place.shape or ())[1:]]
    known = all(isinstance(dim, int) for dim in rest) and rest
    if known and place.rng.random() < 0.8:
        size = 1
        for dim in rest:
            size *= dim
        first = place.rng.choice([n for n in range(1, size + 1) if size % n == 0] or [1])
        return place.rng.choice(
            [(-1,), (first, -1), (-1, first), (first, size // max(first, 1)), (size,), (-1, first, 1)]
        )
    return place.rng.choice([(-1,), (-1, 1), (-1, 2), (2, -1), (6,), (1, -1), (4, 3)])


def _permutation(place: Place) -> Any:
    order = list(range(1, max(place.rank, 2)))
    place.rng.shuffle(order)
    return tuple(order)


_SIZE = Argument(one_of(1, 2, 3, 4, 5), (0, -1, -3, "8", 3.0, 2.5, None, (3,), [2, 2]))
_FLAG = Argument(one_of(True, False), ())
_WINDOW = Argument(_per_axis(1, 2, 3), (0, -1, (2, 0, 1), (2, 2, 2, 2), (0,), "3", 2.0, None, (2.5, 2)))
_STRIDE = Argument(_per_axis(1, 1, 2, 3), (0, -1, (1, 0), (1, 1, 1, 1), "2", 1.5))
_RATE = Argument(one_of(0, 0.0, 0.1, 0.5), (-0.1, 1.5, 2, "0.5", 1, 1.0))
_PADDING = Argument(one_of("valid", "same", "VALID", "Same"), ("vaild", "full", "causal", 1, None, ""))
_FORMAT = Argument(one_of(None, "channels_last", "channels_last"), ("channels_first", "channel_last", "last", 3))
_ACTIVATION = Argument(
    one_of(None, "relu", "tanh", "sigmoid", "softmax", "linear", "elu", "gelu"), ("rellu", "Relu", "sofmax", 3)
)
_INITIALIZER = Argument(
    one_of("zeros", "ones", "he_normal", "glorot_uniform", "random_normal", "uniform", "Zeros", "HeNormal"),
    ("he", "glorot", "xavier", 3),
)
_REGULARIZER = Argument(one_of(None, "l2", "l1", "l1_l2", "L2"), ("l3", "ridge"))
_CONSTRAINT = Argument(one_of(None, "non_neg", "max_norm", "unit_norm", "NonNeg"), ("nonneg2", "positive"))
_FACTOR = Argument(one_of(0.1, 0.2, 0.5), (-2, "0.2", (1, 2, 3)))
_ENDS = {"initializer": _INITIALIZER, "regularizer": _REGULARIZER, "constraint": _CONSTRAINT}

#: By name, or by class and name where a class means something else by it.
ARGUMENTS: dict[str | tuple[str, str], Argument] = {
    **dict.fromkeys(("units", "filters", "output_dim", "num_heads", "key_dim", "value_dim", "head_dim"), _SIZE),
    "input_dim": Argument(one_of(5, 10, 30), (0, -1, "10", 7.0)),
    "depth_multiplier": Argument(one_of(1, 2, 3), (0, -1, 1.5)),
    "n": Argument(one_of(1, 2, 3, 4), (0, -1, 2.0, "2", (2,))),
    **dict.fromkeys(("kernel_size", "pool_size"), _WINDOW),
    "strides": _STRIDE,
    "dilation_rate": Argument(_per_axis(1, 1, 2), (0, -1, (1, 1, 1, 1), "2")),
    "groups": Argument(one_of(1, 1, 2), (0, -1, 3, "2")),
    ("GroupNormalization", "groups"): Argument(one_of(1, 2, 3, -1), (0, 32, -2, "2")),
    "output_padding": Argument(one_of(None, None, 0, 1), ((1, 1, 1, 1), -1, 3)),
    "padding": _PADDING,
    ("Conv1D", "padding"): Argument(one_of("valid", "same", "causal", "Causal"), ("vaild", "full", 1, None)),
    ("SeparableConv1D", "padding"): Argument(one_of("valid", "same"), ("causal", "vaild", "full")),
    **{(f"ZeroPadding{axes}D", "padding"): Argument(_cropping(0, 1, 2), (-1, "1", (1,), ((1, 2, 3),))) for axes in (1, 2, 3)},
    "cropping": Argument(_cropping(0, 1), (-1, 9, (1, 1, 1, 1), "1", ((1, 2, 3),))),
    "size": Argument(_per_axis(1, 2), (0, -1, "2", (2, 2, 2, 2))),
    ("UpSampling1D", "size"): Argument(one_of(1, 2, 3), (0, -1, (2,), "2")),
    ("RandomGaussianBlur", "kernel_size"): Argument(one_of(3, 5, (3, 5)), ()),
    "interpolation": Argument(one_of("nearest", "bilinear"), ("cubic", "nearset")),
    "data_format": _FORMAT,
    **dict.fromkeys(("activation", "recurrent_activation"), _ACTIVATION),
    ("Activation", "activation"): Argument(one_of("relu", "tanh", "softmax", "linear"), ("rellu", 3)),
    **dict.fromkeys(("rate", "dropout", "recurrent_dropout"), _RATE),
    "stddev": Argument(one_of(0.1, 0.5, 1), (-1, "0.1", 2.0)),
    "noise_shape": Argument(one_of(None), ()),
    "axis": Argument(_axis, (0, 7, -7, "1", None, 1.0)),
    ("LayerNormalization", "axis"): Argument(_axes, (0, 7, -7, "1", None)),
    ("UnitNormalization", "axis"): Argument(_axes, (7, "1")),
    ("Softmax", "axis"): Argument(_axis, (7, -7, "1")),
    ("Concatenate", "axis"): Argument(_axis, (0, 7, -7, "1", None)),
    "axes": Argument(one_of(-1, 1, 2, (1, 1), (2, 1), (1, 2), [2, 2]), (0, 5, (1, 2, 3), "1")),
    "shared_axes": Argument(one_of(None, [1], [1, 2]), ([7], 1)),
    "target_shape": Argument(_target_shape, (6, (-1, -1), "6", (0, -1), (2.0, -1), (-2, 3))),
    "dims": Argument(_permutation, ((1, 1), (0, 1), (2, 3), 1, (1, 3))),
    "merge_mode": Argument(one_of("concat", "sum", "mul", "ave", None), ("add", "Concat", 3)),
    "score_mode": Argument(one_of("dot", "concat"), ("mul",)),
    "output_shape": Argument(one_of(None, None, 4, (5,), (2, 3)), (0, "4")),
    "attention_axes": Argument(one_of(None), ()),
    "momentum": Argument(one_of(0.9, 0.99), ("0.9",)),
    "epsilon": Argument(one_of(0.001, 1e-6), ()),
    **dict.fromkeys(("alpha", "negative_slope"), Argument(one_of(0.1, 0.3, 0), (-1, None))),
    ("AlphaDropout", "alpha"): Argument(one_of(0.1), ()),
    "max_value": Argument(one_of(None, 6, 1.0), (-1,)),
    **dict.fromkeys(("threshold", "theta"), Argument(one_of(0, 0.5, 1.0), (-1, None))),
    **dict.fromkeys(("l1", "l2"), Argument(one_of(0.0, 0.01), ())),
    "mask_value": Argument(one_of(0.0, -1), ()),
    "scale": _FLAG,
    ("Rescaling", "scale"): Argument(one_of(2.0, 0.5), ()),
    "offset": Argument(one_of(0.0, -1), ()),
    "seed": Argument(one_of(None, 1, 42), ()),
    "implementation": Argument(one_of(1, 2), ()),
    "power_iterations": Argument(one_of(1, 2), (0, -1, "1")),
    "mean": Argument(one_of(0.0, 2.0), ()),
    "variance": Argument(one_of(1.0, 4.0), ()),
    "num_tokens": Argument(one_of(4, 6), (0, -1)),
    "num_bins": Argument(one_of(2, 4), (0, -1, "3")),
    "bin_boundaries": Argument(one_of([0.1, 0.5], [1.0]), ()),
    ("Discretization", "num_bins"): Argument(one_of(None), ()),
    "output_mode": Argument(one_of("int", "one_hot", "multi_hot"), ("onehot",)),
    ("CategoryEncoding", "output_mode"): Argument(one_of("one_hot", "multi_hot", "count"), ("int", "onehot")),
    ("HashedCrossing", "output_mode"): Argument(one_of("int", "one_hot"), ()),
    "value_range": Argument(one_of((0, 255), (0.0, 1.0)), ((1, 2, 3), 1)),
    "fill_mode": Argument(one_of("reflect", "wrap", "constant", "nearest"), ("mirror",)),
    "mode": Argument(one_of("horizontal", "vertical", "horizontal_and_vertical"), ("both",)),
    ("STFTSpectrogram", "mode"): Argument(one_of("log", "magnitude", "real", "imag", "angle", "psd"), ("power",)),
    ("STFTSpectrogram", "padding"): Argument(one_of("valid", "same"), ("vaild",)),
    "output_size": Argument(_per_axis(1, 2, 3), (0, -1, "2")),
    "equation": Argument(one_of("abc,cd->abd"), ("ab,bc", "abc,cd->abd,e", "ab->ab")),
    ("EinsumDense", "output_shape"): Argument(one_of(4, (None, 4), (None, 5)), ((None, None, None, 3),)),
    "bias_axes": Argument(one_of(None), ("z",)),
    "max_number": Argument(one_of(2, 3), ()),
    "crop_to_aspect_ratio": _FLAG,
    ("RandomPosterization", "factor"): Argument(one_of(1, 4, 8), (0.1, 9)),
    **dict.fromkeys(("num_query_heads", "num_key_value_heads"), Argument(one_of(2, 4), (0, 3))),
    **dict.fromkeys(("height", "width"), Argument(one_of(2, 3, 4), (0, -1, "3"))),
    **dict.fromkeys(("factor", "height_factor", "width_factor"), _FACTOR),
    **dict.fromkeys(
        (
            "use_bias", "return_sequences", "return_state", "go_backwards", "unroll", "reset_after", "mask_zero", "center",
            "keepdims", "unit_forget_bias", "power_to_db", "expand_dims", "periodic", "all_ops", "use_scale", "normalize", "trainable", "invert",
        ),
        _FLAG,
    ),
    "stateful": Argument(one_of(False), (True,)),
    "trainable": Argument(one_of(True, False), ()),
}  # fmt: skip


#: Options without which a layer is refused.
NEEDED = {"Discretization": ("bin_boundaries",), "CategoryEncoding": ("num_tokens",)}


def argument(class_name: str, name: str) -> Argument | None:
    """What may be given, None where the table tells nothing."""
    found = ARGUMENTS.get((class_name, name)) or ARGUMENTS.get(name)
    return found or _ENDS.get(name.rpartition("_")[2])


def undrawable(class_name: str, required: Sequence[str]) -> list[str]:
    """The required arguments that the table tells nothing about."""
    return [name for name in required if argument(class_name, name) is None]
