"""Calling a layer again: its weights have the sizes of the first input.

Source: facts, inputs (the layers' own checks on data of another shape than they were built on); the sources of Keras 2.15 and
3.15 for normalization, `EinsumDense`, `SpectralNormalization`, `TimeDistributed`, each tried with tensors of other shapes.
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.keras.feeding import LAYER_CHECKS, LayerCheck
from lstmlint.keras.layers.base import UNKNOWN, Layer, Refusal
from lstmlint.keras.layers.messages import told_name, words
from lstmlint.keras.layers.recurrent import cells_of
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal, product
from lstmlint.shapes.operations import Mismatch, broadcast
from lstmlint.shapes.shape import UNKNOWN_AXIS, Axis, Shape

T2, K3 = Version.T2, Version.K3


def refused_reuse(layer: Layer, built: Shape, given: Shape, version: Version) -> Refusal | None:
    """The refusal of an input of another shape than the layer was built on, if it is certain."""
    if not built.exact or not given.exact or not built.dims or not given.dims:
        return None
    inside = _inside(layer, built, given, version)
    if inside is not None:
        return refused_reuse(*inside, version)
    own = _OWN.get((version, layer.class_name))
    if own is not None:
        return own(layer, built, given)
    check = LAYER_CHECKS[version].get(layer.class_name) or _check(layer, len(built.dims), version)
    if check is None or not check.axes:
        return None
    if version is K3 and layer.class_name in _OF_ONE_RANK and len(given.dims) != len(built.dims):
        return _other_rank(layer, built, given)
    if not check.accepts_rank(len(given.dims), len(built.dims)) or check.accepts(given, built) is not Answer.NO:
        return None
    axis = next((axis for axis in check.axes if built.axis(axis) not in (None, UNKNOWN_AXIS, given.axis(axis))), None)
    if axis is None:
        return None  # an axis that the first call did not have is what that call was refused for
    return _other_size(layer, built, given, version, axis)


def _inside(layer: Layer, built: Shape, given: Shape, version: Version) -> tuple[Layer, Shape, Shape] | None:
    """The layer inside another one that is what minds, and what it gets of the two inputs."""
    inner = layer.arguments.get("layer")
    if not isinstance(inner, Layer):
        return None
    if layer.class_name == "TimeDistributed":
        return inner, built.drop(1), given.drop(1)
    return (inner, built, given) if layer.class_name == "SpectralNormalization" and version is T2 else None


def _other_size(layer: Layer, built: Shape, given: Shape, version: Version, axis: int) -> Refusal:
    identity = "axis"
    if version is K3 and layer.class_name in ("LSTM", "GRU", "SimpleRNN"):
        identity = "initial-state"  # K3 asks nothing of the features and fails inside the cell, when the model runs
    value = built.axis(axis)
    exception, message = words(
        identity, version, layer=told_name(layer, version), cls=layer.class_name, axis=axis, value=value, found=given
    )
    place = "its last axis" if axis == -1 else f"axis {axis}"
    return Refusal("axis", f"{value} on {place}, as in its first call", str(given), exception, message)


def _other_rank(layer: Layer, built: Shape, given: Shape, message: str = "rank", version: Version = K3) -> Refusal:
    rank, ndim = len(built.dims), len(given.dims)
    exception, text = words(
        message, version, layer=told_name(layer, version), cls=layer.class_name, rank=rank, ndim=ndim, found=given,
        rest=str(Shape(given.dims[1:])),
    )  # fmt: skip
    return Refusal("axis", f"{rank} axes, as in its first call", str(given), exception, text)


def _check(layer: Layer, rank: int, version: Version) -> LayerCheck | None:
    """What T2 and K3 look at in a layer that is called again, where the data of the first call are no story of their own."""
    name = layer.class_name
    if version is Version.K2:
        return None
    if name.startswith(_CONVOLUTIONS) or (name.startswith("Conv") and name.endswith("Transpose")) or name == "Conv3D":
        first = layer.arguments.get("data_format") == "channels_first"
        return LayerCheck(axes=(1 if first else -1,))
    if name == "SpectralNormalization" and version is K3:
        return LayerCheck(axes=(-1,))
    if name == "RNN" and version is T2 and cells_of(layer.arguments.get("cell", UNKNOWN)) is not None:
        return LayerCheck(rank=3, axes=(-1,))
    if name == "GroupNormalization" and isinstance(axis := layer.arguments.get("axis", -1), int):
        is_free = version is T2 and not _has_weights(layer)
        return None if is_free else LayerCheck(axes=(axis,))
    if name == "PReLU":
        shared = layer.arguments.get("shared_axes")
        if shared is None or (isinstance(shared, tuple) and all(isinstance(axis, int) for axis in shared)):
            return LayerCheck(as_built=True, axes=tuple(axis for axis in range(1, rank) if axis not in (shared or ())))
    return None


#: Layers that Keras 3 gives as many axes as in their first call only.
_OF_ONE_RANK = frozenset({"BatchNormalization", "GroupNormalization", "PReLU"})
#: What the names of other convolutions begin with.
_CONVOLUTIONS = ("SeparableConv", "DepthwiseConv")


# --- layers with a way of their own ----------------------------------------------------------------------------------


def _has_weights(layer: Layer) -> bool:
    return layer.arguments.get("scale", True) is True or layer.arguments.get("center", True) is True


def _built_axes(layer: Layer, built: Shape) -> tuple[int, ...] | None:
    """The axes that T2 normalizes: counted from the front of the first input, and kept so."""
    value = layer.arguments.get("axis", -1)
    axes = value if isinstance(value, tuple) else (value,)
    if not all(isinstance(axis, int) for axis in axes):
        return None
    return tuple(axis % len(built.dims) for axis in axes)


def _normalized_again(layer: Layer, built: Shape, given: Shape) -> Refusal | None:
    """T2's normalization looks for the axes of its first input, and shapes its weights by what it finds there."""
    axes = _built_axes(layer, built)
    if axes is None or (layer.class_name == "BatchNormalization" and _is_fused(axes, built)):
        return _fused_again(layer, built, given) if axes else None
    count = len(given.dims)
    if any(axis >= count for axis in axes):
        return _other_rank(layer, built, given, "index", T2)
    if layer.class_name == "UnitNormalization" or not (_has_weights(layer) or layer.class_name == "BatchNormalization"):
        return None
    is_laid_over = len(axes) == count or axes == (count - 1,)
    pairs = [(built.dims[axis], given.dims[axis]) for axis in axes]
    wrong = any(_clash(*pair) for pair in pairs) if is_laid_over else _reshaped_wrong(pairs)
    return _other_size(layer, built, given, T2, axes[0]) if wrong else None


def _clash(first: Axis, second: Axis) -> bool:
    """Whether weights of one size cannot be laid over an axis: sizes that differ, but for weights of size 1."""
    if first is None or second is None:
        return False
    return equal(first, second) is Answer.NO and equal(first, 1) is Answer.NO


def _reshaped_wrong(pairs: list[tuple[Axis, Axis]]) -> bool:
    have: list[Dim] = [first for first, _ in pairs if first is not None]
    want: list[Dim] = [second for _, second in pairs if second is not None]
    if len(have) < len(pairs):
        return False
    return len(want) < len(pairs) or equal(product(have), product(want)) is Answer.NO


def _is_fused(axes: tuple[int, ...], built: Shape) -> bool:
    """Whether one operation of TensorFlow does it all, for images or volumes with channels in front or behind."""
    return len(built.dims) in (4, 5) and axes in ((1,), (len(built.dims) - 1,))


def _fused_again(layer: Layer, built: Shape, given: Shape) -> Refusal | None:
    if len(given.dims) != len(built.dims):
        return _other_rank(layer, built, given, "op-rank", T2)
    axes = _built_axes(layer, built) or ()
    wrong = any(_clash(built.dims[axis], given.dims[axis]) for axis in axes)
    return _other_size(layer, built, given, T2, axes[0]) if wrong else None


def _laid_over(layer: Layer, built: Shape, given: Shape) -> Shape | Mismatch | None:
    """What T2 makes of an input with weights of the first one's shape, which are laid over it; None: not known."""
    dims = list(built.dims)
    if layer.class_name == "PReLU":
        shared = layer.arguments.get("shared_axes") or ()
        if not isinstance(shared, tuple) or not all(isinstance(axis, int) for axis in shared):
            return None
        weights = [1 if axis in shared else dim for axis, dim in enumerate(dims)][1:]
        return None if None in weights else broadcast(Shape(tuple(weights)), given)
    axes = () if layer.arguments.get("axis", -1) is None else _built_axes(layer, built)
    if axes is None:
        return None
    return broadcast(Shape(tuple(dim if axis in axes else 1 for axis, dim in enumerate(dims))), given)


def _laid_over_again(layer: Layer, built: Shape, given: Shape) -> Refusal | None:
    made = _laid_over(layer, built, given)
    if not isinstance(made, Mismatch) or made.axis is None:
        return None
    return _other_size(layer, built, given, T2, made.axis)


def shape_again(layer: Layer, built: Shape, given: Shape, version: Version) -> Shape | None:
    """What comes out of a layer that is called again, where that is another shape than a first call would give."""
    if version is not T2 or layer.class_name not in ("Normalization", "PReLU") or not built.exact or not given.exact:
        return None
    made = _laid_over(layer, built, given)
    return made if isinstance(made, Shape) and made != given else None


def _equation_again(version: Version) -> Callable[[Layer, Shape, Shape], Refusal | None]:
    """K3 remembers the rank; T2 multiplies with the weights of the first input."""

    def refused(layer: Layer, built: Shape, given: Shape) -> Refusal | None:
        if len(given.dims) != len(built.dims):
            return _other_rank(layer, built, given) if version is K3 else None
        equation = layer.arguments.get("equation", UNKNOWN)
        if version is K3 or not isinstance(equation, str) or "." in equation or equation.count(",") != 1:
            return None
        letters, _, rest = equation.partition(",")
        shared = [place for place, letter in enumerate(letters) if letter in rest.partition("->")[0]]
        if len(letters) != len(built.dims):
            return None
        wrong = next((place for place in shared if _clash(built.dims[place], given.dims[place])), None)
        return None if wrong is None else _other_size(layer, built, given, T2, wrong)

    return refused


_OWN: dict[tuple[Version, str], Callable[[Layer, Shape, Shape], Refusal | None]] = {
    (T2, "LayerNormalization"): _normalized_again,
    (T2, "BatchNormalization"): _normalized_again,
    (T2, "UnitNormalization"): _normalized_again,
    (T2, "Normalization"): _laid_over_again,
    (T2, "PReLU"): _laid_over_again,
    (T2, "EinsumDense"): _equation_again(T2),
    (K3, "EinsumDense"): _equation_again(K3),
}
