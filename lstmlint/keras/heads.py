"""The head of a model and its loss: whether a loss gets from the last activation what it takes it for.

Source: facts, labels section 4 (measured against numpy on the three generations; Keras 3 on TensorFlow).
"""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import Tensor
from lstmlint.keras.losses import Loss
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, SymbolicDim, at_most
from lstmlint.shapes.shape import Shape

#: Losses that take the output for probabilities, unless they are told that these are logits.
PROBABILITIES = frozenset({"categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"})

#: Activations whose values surely are no probabilities.
_NO_PROBABILITIES = frozenset({"linear", "tanh"})


@dataclass(frozen=True, slots=True)
class Clash:
    """A head that does not go with its loss.

    `kind`: "softmax in binary", "sigmoid in categorical", "no probabilities" (a head that is none of both), "no logits"
    (`from_logits=True` behind a softmax or sigmoid).  `computed` says what that Keras makes of it.
    """

    kind: str
    computed: str


def clash(output: Tensor, loss: Loss, version: Version) -> Clash | None:
    """What is wrong between an output and its loss; None where nothing is, or it is not known.

    One unit is another matter: there a softmax is always 1, and a categorical loss always 0.
    """
    head = output.activation
    if head is None or loss.kind not in PROBABILITIES or loss.from_logits is None:
        return None
    units = output.shape.dims[-1] if output.shape.exact and output.shape.dims else None
    if loss.from_logits:
        return Clash("no logits", _LOGITS[version]) if head == _GIVES[loss.kind] else None
    if head in _NO_PROBABILITIES:
        kind = "binary" if loss.kind == "binary_crossentropy" else "categorical"
        return Clash("no probabilities", _COMPUTED[kind])
    if units == 1 or version is Version.K2:
        return None  # up to 2.3 the loss is computed from what `predict` gives
    if head == "softmax" and loss.kind == "binary_crossentropy":
        # Of two classes the trained sigmoids and the softmax tell the same one.
        return None if units == 2 else Clash("softmax in binary", _SOFTMAX)
    if head == "sigmoid" and loss.kind == "categorical_crossentropy":
        return Clash("sigmoid in categorical", _SIGMOID)
    return None


_GIVES = {
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
    "binary_crossentropy": "sigmoid",
}

_SOFTMAX = "it is trained as the sigmoid of each unit, while `predict` gives the softmax"
_SIGMOID = "it is trained as a softmax, while `predict` gives the sigmoid of each unit"
_LOGITS = {
    Version.K2: "the loss takes probabilities for logits",
    Version.T2: "Keras warns and looks for the values before the activation; where it does not find them, the loss takes "
    "probabilities for logits",
    Version.K3: "Keras warns and looks for the values before the activation; where it does not find them, the loss takes "
    "probabilities for logits",
}
_COMPUTED = {
    "binary": "the numbers are cut to what lies between 0 and 1, and outside there is no gradient",
    "categorical": "the numbers are divided by their sum, which may be negative or 0",
}


#: Losses of numbers that are to be hit.
_REGRESSION = frozenset({"mse", "mae", "mape", "msle", "huber", "logcosh"}) | frozenset(
    f"mean_{name}_error" for name in ("squared", "absolute", "absolute_percentage", "squared_logarithmic")
)


def is_regression(output: Tensor, loss: Loss) -> bool:
    """Whether the output is one plain number that is to hit another."""
    one = output.shape.exact and len(output.shape.dims) > 1 and output.shape.dims[-1] == 1
    name = "".join(f"_{c.lower()}" if c.isupper() else c for c in loss.name).lstrip("_")
    return bool(one) and output.activation == "linear" and (loss.name.lower() in _REGRESSION or name in _REGRESSION)


@dataclass(frozen=True, slots=True)
class Stray:
    """Labels that do not go with their loss: the limit that they reach, and what would be right for them."""

    kind: str
    value: float
    allowed: str


def stray_labels(
    output: Tensor, loss: Loss, low: float | None, high: float | None, is_reached: bool, version: Version
) -> Stray | None:
    """Whether whole numbers from `low` to `high` surely hold a label that the loss has no place for.

    `kind`: "no class" (Keras raises on the CPU), "not binary" (Keras runs on).
    """
    units = output.shape.dims[-1] if output.shape.exact and output.shape.dims else None
    if loss.kind == "sparse_categorical_crossentropy" and isinstance(units, int) and not loss.spares:
        value = _outside(low, high, is_reached, units - 1)
        return None if value is None else Stray("no class", value, f"0 to {units - 1}")
    if loss.kind == "binary_crossentropy" and (output.activation == "sigmoid" or loss.from_logits):
        value = _outside(low, high, is_reached, 1)
        return None if value is None else Stray("not binary", value, "0 and 1")
    if loss.name.lower().replace("_", "") in ("hinge", "squaredhinge"):
        return _stray_hinge(low, high, is_reached, version)
    return None


def _stray_hinge(low: float | None, high: float | None, is_reached: bool, version: Version) -> Stray | None:
    """Labels of a hinge loss are -1 and 1; from tf.keras 2.0 on 0 and 1 are converted."""
    if not is_reached or low is None or high is None or (low, high) == (-1, 1):
        return None
    if (low, high) == (0, 1):
        return Stray("not signed", 0, "-1 and 1") if version is Version.K2 else None
    return Stray("not signed", high if high > 1 else low, "-1 and 1") if high > 1 or low < -1 else None


#: The limits of what activations give.
_LIMITS: dict[str, tuple[float | None, float | None]] = {
    "sigmoid": (0, 1), "hard_sigmoid": (0, 1), "softmax": (0, 1), "tanh": (-1, 1), "softsign": (-1, 1), "relu": (0, None),
    "softplus": (0, None), "relu6": (0, 6), "exponential": (0, None),
}  # fmt: skip

#: Losses that measure how far a number is from another.
_DISTANCES = frozenset({"mse", "mae", "huber", "huber_loss", "logcosh", "log_cosh", "meansquarederror", "meanabsoluteerror",
                        "mean_squared_error", "mean_absolute_error", "huberloss"})  # fmt: skip


def unreachable(output: Tensor, loss: Loss, spans: tuple[float, float]) -> tuple[float | None, float | None] | None:
    """The limits of what the last activation gives, where targets that span so much surely lie outside of them."""
    limits = _LIMITS.get(output.activation or "")
    if limits is None or loss.name.lower() not in _DISTANCES:
        return None
    low, high = limits
    outside = (low is not None and spans[0] < low) or (high is not None and spans[1] > high)
    return limits if outside else None


def _outside(low: float | None, high: float | None, is_reached: bool, most: int) -> float | None:
    """A value that surely occurs and is negative or above `most`; a limit that all values keep to counts in any case."""
    if high is not None and ((is_reached and high > most) or high < 0):
        return high
    if low is not None and ((is_reached and low < 0) or low > most):
        return low
    return None


#: What Keras makes of a `class_weight` that is no dict.
_NO_DICT = {Version.T2: "keys", Version.K3: "get"}


def refused_class_weight(kind: str, keys: tuple[object, ...] | None, version: Version) -> tuple[str, str] | None:
    """The exception and message for a `class_weight`; None where Keras takes it, or up to 2.3 takes no notice."""
    if version is Version.K2:
        return None
    if kind == "dict":
        numbers = keys is not None and all(isinstance(key, int) for key in keys)
        if version is Version.K3 or keys is None or (numbers and set(keys) == set(range(len(keys)))):
            return None
        told = "Expected `class_weight` to be a dict with keys from 0 to one less than the number of classes, found"
        return "ValueError", f"{told} {dict.fromkeys(keys, '…')}"
    name = "numpy.ndarray" if kind == "ndarray" else kind
    if kind == "ndarray" and version is Version.T2:
        return "ValueError", "The truth value of an array with more than one element is ambiguous."
    return "AttributeError", f"'{name}' object has no attribute '{_NO_DICT[version]}'"


def class_without_weight(keys: tuple[object, ...] | None, label: float, version: Version) -> tuple[str, str] | None:
    """The exception and message for a label that `class_weight` has no key for; Keras 3 takes the weight 1 for it."""
    if version is Version.K3 or keys is None or label in keys:
        return None
    if version is Version.K2:
        told = "`class_weight` must contain all classes in the data. The classes"
        return "ValueError", f"{told} {{{label:g}}} exist in the data but not in `class_weight`."
    return "InvalidArgumentError", f"indices[…] = {label:g} is not in [0, {len(keys)})"


def refused_for_sequences(targets: Shape, version: Version) -> tuple[str, str] | None:
    """The exception and message for a `class_weight` beside a class for each step."""
    if not targets.exact or len(targets.dims) != 3 or not isinstance(targets.dims[1], int) or targets.dims[1] < 2:
        return None
    if version is Version.K2:
        return "ValueError", "`class_weight` not supported for 3+ dimensional targets."
    return (
        ("TypeError", "only 0-dimensional arrays can be converted to Python scalars") if version is Version.K3 else None
    )


def missing_index(input_dim: object, high: float | None, low: float | None, is_reached: bool) -> float | None:
    """An index that surely occurs and that a table of `input_dim` rows does not have.

    Negative ones count from the end in Keras 3, so only those above are told.
    """
    if not isinstance(input_dim, int) or isinstance(input_dim, bool):
        return None
    if high is not None and is_reached and high >= input_dim:
        return high
    return low if low is not None and low >= input_dim else None


def uncovered_index(input_dim: object, top: Dim | None, spans: tuple[float, float] | None) -> Dim | None:
    """The greatest index that is meant to occur, where a table of `input_dim` rows has none for it."""
    if not isinstance(input_dim, (int, SymbolicDim)) or isinstance(input_dim, bool):
        return None
    if top is None and spans is not None and float(spans[1]).is_integer():
        top = int(spans[1])
    return top if top is not None and at_most(input_dim, top) is Answer.YES else None
