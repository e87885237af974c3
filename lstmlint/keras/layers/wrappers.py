"""`Bidirectional` and `TimeDistributed`: layers around another layer.

Source: facts: recurrent, Bidirectional; layer chains, TimeDistributed(…); parameters.
"""

from __future__ import annotations

from typing import Any

from lstmlint.classes import replace
from lstmlint.keras.layers import recurrent
from lstmlint.keras.layers.base import UNKNOWN, Applied, Count, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import (
    ALL,
    UNKNOWN_COUNT,
    ZERO,
    Call,
    InputSpec,
    applied_inside,
    end_of_kernel,
    first_tensor,
    refined,
    refused_rank,
)
from lstmlint.keras.layers.recurrent import SEQUENCE
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Axis, Shape

_DISTRIBUTED = InputSpec(
    ("batch", "time", "features"), open=ALL, below={version: "time-distributed" for version in Version}
)
_RECURRENT = frozenset(rule.name for rule in recurrent.RULES)
_SAME_SIZE = ("sum", "mul", "ave")


# --- Bidirectional ---------------------------------------------------------------------------------------------------


def _bidirectional(layer: Layer, inputs: Structure, version: Version) -> Applied:
    tensor, more = first_tensor(inputs)
    call = Call(layer, version, tensor, refined(tensor.shape, SEQUENCE, version), more)
    forward = layer.arguments.get("layer", UNKNOWN)
    backward = layer.arguments.get("backward_layer")
    if not isinstance(forward, Layer):
        return Applied(None)
    if version is Version.K3 and backward is None and forward.arguments.get("go_backwards") is True:
        found = f"{forward.class_name}(go_backwards=True)"
        return Applied(None, call.refuse("go-backwards", "argument", "a layer that goes forwards", found))
    ahead = _inner(call, forward)
    if ahead.refusal is not None:
        return Applied(None, ahead.refusal)
    back = ahead if backward is None else _inner(call, backward) if isinstance(backward, Layer) else Applied(None)
    if back.refusal is not None:
        return Applied(None, back.refusal)
    # K3 takes the backward layer for one like the forward one, and builds what follows for that.
    second = ahead.output if version is Version.K3 else back.output
    output = _merged(layer.arguments.get("merge_mode", UNKNOWN), ahead.output, second)
    return Applied(output, None, _both_counts(ahead.count, back.count, is_copy=backward is None))


def _inner(call: Call, inner: Layer) -> Applied:
    """The inner layer on the wrapper's input; what it refuses is told under the wrapper's name."""
    return applied_inside(inner, call.name, replace(call.tensor, shape=call.shape), call.version)


def _merged(mode: Any, ahead: Structure, back: Structure) -> Structure:
    """Output first, then forward and backward states."""
    first, *states = ahead if isinstance(ahead, tuple) else (ahead,)
    second, *more = back if isinstance(back, tuple) else (back,)
    if not (isinstance(first, Tensor) and isinstance(second, Tensor)) or mode is UNKNOWN:
        return None
    if mode is None:
        return (first, second, *states, *more)
    if mode not in ("concat", *_SAME_SIZE):
        return None
    output = first if mode in _SAME_SIZE else Tensor(_concatenated(first.shape, second.shape))
    return (output, *states, *more) if states else output


def _concatenated(first: Shape, second: Shape) -> Shape:
    left, right = (shape.dims[-1] if shape.dims else None for shape in (first, second))
    return first if left is None or right is None else first.with_axis(-1, left + right)


def _both_counts(ahead: Count | None, back: Count | None, *, is_copy: bool) -> Count:
    if ahead is None or back is None or ahead.total is None or back.total is None:
        return UNKNOWN_COUNT
    fixed = [count.non_trainable for count in (ahead, back)]
    not_trained = None if fixed[0] is None or fixed[1] is None else fixed[0] + fixed[1]
    if is_copy:
        return Count(2 * ahead.total, not_trained, f"2*{ahead.formula}", ahead.values)
    values = {"forward": ahead.total, "backward": back.total}
    return Count(ahead.total + back.total, not_trained, "forward+backward", values)


# --- TimeDistributed -------------------------------------------------------------------------------------------------


def _time_distributed(layer: Layer, inputs: Structure, version: Version) -> Applied:
    tensor, more = first_tensor(inputs)
    call = Call(layer, version, tensor, tensor.shape, more)
    if more:
        return Applied(None)
    refusal = refused_rank(call, _DISTRIBUTED)
    inner = layer.arguments.get("layer", UNKNOWN)
    if refusal is not None or not isinstance(inner, Layer):
        return Applied(None, refusal)
    shape = call.shape
    one_step = shape.drop(1) if shape.exact else Shape(shape.dims[1:], exact=False)
    if version is Version.T2 and shape.exact:
        one_step = one_step.with_axis(0, None)
    if inner.class_name == "Flatten" and one_step.rank == 2 and one_step.dims[-1] is not None:
        # Also in K2, whose Flatten alone does not take a vector.
        return Applied(tensor, None, ZERO)
    applied = applied_inside(inner, call.name, replace(tensor, shape=one_step), version)
    if applied.refusal is not None:
        unchecked = version is Version.K3 and _is_unchecked(inner, one_step, applied.refusal)
        return Applied(None, None if unchecked else applied.refusal)
    if isinstance(applied.output, tuple) and version is not Version.K2:
        return Applied(None, call.refuse("one-output", "structure", "a layer with one output", inner.class_name))
    if version is Version.T2 and shape.exact and isinstance(applied.output, Tensor) and applied.output.shape.exact:
        steps = _resplit(call, applied.output.shape)
        return (
            Applied(None, steps)
            if isinstance(steps, Refusal)
            else replace(applied, output=replace(applied.output, shape=steps))
        )
    return Applied(_with_time(applied.output, call.axis(1), exact=shape.exact), None, applied.count)


def _resplit(call: Call, made: Shape) -> Shape | Refusal:
    """T2 gives all steps of all samples to the inner layer at once, and splits the first axis of what comes out again.

    That axis is no batch where the layer takes an image for one without: its size must be a multiple of the steps.
    """
    batch, time = call.shape.dims[:2]
    if not made.dims or made.dims[0] is None:
        return Shape((batch, time, *made.dims[1:]))
    whole = Shape(made.dims).size
    wanted = Shape((time, *made.dims[1:])).size
    if whole is None or wanted is None or not isinstance(made.dims[0], int) or not isinstance(time, int):
        return Shape((batch, time, *made.dims[1:]))
    if made.dims[0] % time or (isinstance(batch, int) and batch * time != made.dims[0]):
        return call.refuse("resplit", "axis", f"a first axis that is a multiple of {time}", wanted=wanted, whole=whole)
    return Shape((made.dims[0] // time, time, *made.dims[1:]))


def _is_unchecked(inner: Layer, one_step: Shape, refusal: Refusal) -> bool:
    """Whether K3 gets past a wrong rank: it calls the inner layer without its input spec, and may then fit by accident.

    Convolutions and `CenterCrop` fail all the same, recurrent layers with too few axes, and those that look for an axis that is missing.
    """
    while inner.class_name == "SpectralNormalization" and isinstance(inner.arguments.get("layer"), Layer):
        inner = inner.arguments["layer"]
    if refusal.kind != "rank" or "Conv" in inner.class_name or inner.class_name == "CenterCrop":
        return False
    if inner.class_name in _RECURRENT or inner.class_name == "Bidirectional":
        return one_step.min_rank > len(SEQUENCE.axes)
    missing = refusal.rank - one_step.min_rank if refusal.rank is not None and one_step.exact else 0
    needed = next((count for start, count in _LOOKING if inner.class_name.startswith(start)), None)
    return needed is None or missing < needed


#: Layers that look for an axis which is not there, when so many are missing.  Source: measured on Keras 3.15.
_LOOKING = (("Cropping", 1), ("UpSampling", 1), ("Permute", 1), ("ZeroPadding", 2), ("RandomCrop", 2))


def _with_time(output: Structure, time: Axis, *, exact: bool) -> Structure:
    if not isinstance(output, Tensor):
        return None
    shape = output.shape
    if not exact:
        # The steps stand somewhere in front of what the inner layer made.
        return replace(output, shape=Shape(shape.dims[1:] if shape.exact else shape.dims, exact=False))
    return replace(output, shape=Shape((shape.dims[0], time, *shape.dims[1:])) if shape.exact and shape.dims else shape)


# --- SpectralNormalization, Pipeline ---------------------------------------------------------------------------------


def _spectral(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """The inner layer, with a vector beside its kernel that is not trained."""
    inner = layer.arguments.get("layer", UNKNOWN)
    if not isinstance(inner, Layer):
        return Applied(None)
    tensor, _ = first_tensor(inputs)
    call = Call(layer, version, tensor, tensor.shape)
    applied = applied_inside(inner, call.name, tensor, version)
    if applied.refusal is not None or inner.rule.grade == "opaque":
        return Applied(None, applied.refusal)
    weightless = applied.count is not None and applied.count.total == 0
    if weightless or inner.class_name in _RECURRENT:
        return Applied(None, call.refuse("kernel", "argument", "a layer with a kernel", inner=inner.class_name))
    size = end_of_kernel(inner, applied.count)
    count = _kernel_trained(inner, applied.count) if version is Version.T2 else applied.count
    return Applied(applied.output, None, _with_vector(count, size))


def _kernel_trained(inner: Layer, count: Count | None) -> Count | None:
    """In T2 the kernel belongs to the wrapper, too, and is trained although the inner layer is not."""
    trainable = inner.arguments.get("trainable", True)
    if count is None or trainable is True:
        return count
    free = None
    if trainable is False and inner.class_name == "Embedding":
        free = ZERO.total
    elif trainable is False and inner.class_name in ("Dense", "Conv1D", "Conv2D", "Conv3D"):
        biased, units = inner.arguments.get("use_bias", True), end_of_kernel(inner, count)
        free = units if biased is True else ZERO.total if biased is False else None
    return replace(count, non_trainable=free)


def _with_vector(count: Count | None, size: Dim | None) -> Count:
    if size is None or count is None or count.total is None or count.non_trainable is None:
        return UNKNOWN_COUNT
    values = {**count.values, "vector": size}
    return Count(count.total + size, count.non_trainable + size, f"{count.formula}+vector", values)


def _in_turn(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """One layer after the other."""
    layers = layer.arguments.get("layers", UNKNOWN)
    if not isinstance(layers, tuple) or not layers or not all(isinstance(item, Layer) for item in layers):
        return Applied(None)
    output, total, fixed = inputs, ZERO.total, ZERO.non_trainable
    for inner in layers:
        applied = inner.rule.apply(inner, output, version)
        if applied.refusal is not None:
            return Applied(None, applied.refusal)
        count = applied.count
        total = None if total is None or count is None or count.total is None else total + count.total
        fixed = None if fixed is None or count is None or count.non_trainable is None else fixed + count.non_trainable
        output = applied.output
    return Applied(output, None, Count(total, fixed, "the sum of the layers"))


RULES = (
    LayerRule("SpectralNormalization", _spectral, "measured: wrappers; parameters"),
    LayerRule("Pipeline", _in_turn, "measured: wrappers"),
    LayerRule("Bidirectional", _bidirectional, "facts: recurrent, Bidirectional"),
    LayerRule("TimeDistributed", _time_distributed, "facts: layer chains, TimeDistributed"),
)
