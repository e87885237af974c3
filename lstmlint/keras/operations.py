"""Operations on symbolic tensors as Keras makes layers of them: their classes and names in `model.summary()`.

Source: measured on Keras 3.15 and tf.keras 2.15.1, `tests/fixtures/operations/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import Applied, Layer, LayerRule, Structure
from lstmlint.keras.versions import Version

#: What an operation gives for other inputs.
Again: TypeAlias = Callable[[Structure], Applied]

#: The grade of entries that are operations: Keras 3 does not count them among `model.layers`.
OPERATION = "operation"

#: Classes of `keras.ops` that are not spelled like their functions.
_CLASSES = {
    "abs": "Absolute", "swish": "Silu", "rgb_to_grayscale": "RGBToGrayscale", "batch_normalization": "BatchNorm",
}  # fmt: skip

#: Functions of `tf` that live in `tf.math`.
_MATH = frozenset({
    "abs", "acos", "add", "add_n", "argmax", "argmin", "asin", "atan", "atan2", "cos", "cosh", "cumsum", "equal", "exp",
    "floor", "greater", "greater_equal", "less", "less_equal", "l2_normalize", "logical_and", "logical_not",
    "logical_or", "maximum", "minimum", "multiply", "negative", "not_equal", "pow", "reduce_all", "reduce_any",
    "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min", "reduce_prod", "reduce_sum", "round", "sigmoid",
    "sign", "sin", "sinh", "softplus", "sqrt", "square", "subtract", "tan", "tanh", "top_k",
})  # fmt: skip

#: Functions of `tf` whose layers have other names.
_OTHER = {
    "divide": "tf.math.truediv", "truediv": "tf.math.truediv", "floordiv": "tf.compat.v1.floor_div",
    "mod": "tf.math.floormod", "floormod": "tf.math.floormod", "matmul": "tf.linalg.matmul", "swish": "tf.nn.silu",
    "shape": "tf.compat.v1.shape", "size": "tf.compat.v1.size", "squeeze": "tf.compat.v1.squeeze",
    "transpose": "tf.compat.v1.transpose", "gather": "tf.compat.v1.gather", "gather_nd": "tf.compat.v1.gather_nd",
    "pad": "tf.compat.v1.pad", "norm": "tf.compat.v1.norm", "scalar_mul": "tf.compat.v1.math.scalar_mul",
    "complex": "tf.dtypes.complex", "embedding_lookup": "tf.compat.v1.nn.embedding_lookup",
    "conv1d": "tf.compat.v1.nn.conv1d", "boolean_mask": "tf.compat.v1.boolean_mask", "scan": "tf.compat.v1.scan",
    "sigmoid_cross_entropy_with_logits": "tf.compat.v1.nn.sigmoid_cross_entropy_with_logits",
}  # fmt: skip

#: Functions of `K` and the layers that they make, in order (where that is always the same).
_BACKEND = {
    "all": "tf.cast tf.math.reduce_all", "any": "tf.cast tf.math.reduce_any", "batch_dot": "tf.linalg.matmul",
    "bias_add": "tf.nn.bias_add", "cast": "tf.cast", "clip": "tf.clip_by_value", "concatenate": "tf.concat",
    "cumprod": "tf.math.cumprod", "dot": "tf.linalg.matmul", "dropout": "tf.nn.dropout", "elu": "tf.nn.elu",
    "expand_dims": "tf.expand_dims", "flatten": "tf.reshape", "gather": "tf.compat.v1.gather",
    "hard_sigmoid": "tf.math.multiply tf.math.add tf.clip_by_value", "log": "tf.math.log", "max": "tf.math.reduce_max",
    "mean": "tf.math.reduce_mean", "min": "tf.math.reduce_min", "one_hot": "tf.one_hot",
    "ones_like": "tf.ones_like", "permute_dimensions": "tf.compat.v1.transpose", "prod": "tf.math.reduce_prod",
    "random_normal": "tf.random.normal", "relu": "tf.nn.relu", "repeat": "tf.expand_dims tf.tile",
    "repeat_elements": "tf.split tf.concat", "reshape": "tf.reshape", "resize_images": "tf.image.resize",
    "reverse": "tf.reverse", "softmax": "tf.nn.softmax", "softsign": "tf.nn.softsign",
    "spatial_2d_padding": "tf.compat.v1.pad", "sqrt": "tf.math.maximum tf.math.sqrt", "stack": "tf.stack",
    "std": "tf.math.reduce_std", "stop_gradient": "tf.stop_gradient", "sum": "tf.math.reduce_sum",
    "temporal_padding": "tf.compat.v1.pad", "tile": "tf.tile", "var": "tf.math.reduce_variance",
    "leaky_relu": "tf.nn.leaky_relu", "relu6": "tf.nn.relu6", "zeros_like": "tf.zeros_like", "gelu": "tf.nn.gelu", "selu": "tf.nn.selu", "swish": "tf.nn.silu",
}  # fmt: skip

#: Operators that are not the function of that name.
_OPERATORS = {
    "add": "tf.__operators__.add", "equal": "tf.__operators__.eq", "not_equal": "tf.__operators__.ne",
    "get_item": "tf.__operators__.getitem", "true_divide": "tf.math.truediv", "power": "tf.math.pow",
    "floor_divide": "tf.compat.v1.floor_div",
}  # fmt: skip

_SLICING = frozenset({"tf.__operators__.getitem", "tf.compat.v1.boolean_mask"})

#: Where the package of a function that is called decides.
OPERATORS = "keras.operators"
BACKEND = "keras.backend"


@dataclass(frozen=True, slots=True)
class Identity:
    """The class of an operation's layer and the word that its names begin with."""

    class_name: str
    prefix: str


def identities(package: str, function: str, version: Version, layers: str = "") -> tuple[Identity, ...]:
    """The layers that one call of a function makes, in order; `package` is the canonical name of its module.

    `layers`: their names in tf.keras, where the shapes decide.
    """
    if version is Version.K3:
        name = _class_of(package, function)
        return (Identity(name, name),)
    own = layers.split() if layers and package == BACKEND else _layers_t2(package, function)
    return tuple(Identity("SlicingOpLambda" if name in _SLICING else "TFOpLambda", name) for name in own)


def _class_of(package: str, function: str) -> str:
    if package == "keras.activations" and function == "relu":
        return "ReLU"
    return _CLASSES.get(function) or "".join(part[:1].upper() + part[1:] for part in function.split("_"))


def _layers_t2(package: str, function: str) -> list[str]:
    if package == OPERATORS and function in _OPERATORS:
        return [_OPERATORS[function]]
    if package in (BACKEND, "keras.activations") and function in _BACKEND:
        return _BACKEND[function].split()
    if function in _OTHER:
        return [_OTHER[function]]
    if function in _MATH:
        return [f"tf.math.{function}"]
    module = "tf" + package.removeprefix("tensorflow") if package.startswith("tensorflow") else f"tf.{package}"
    return [f"{module}.{function}"]


def operation_rule(class_name: str) -> LayerRule:
    """The entry of an operation: its layers know themselves what they do."""
    return LayerRule(class_name, _again, "measured: operations", OPERATION)


def _again(layer: Layer, inputs: Structure, version: Version) -> Applied:
    again: Any = layer.arguments.get("again")
    return Applied(None) if again is None else again(inputs)
