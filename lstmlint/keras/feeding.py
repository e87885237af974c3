"""What Keras does with data of a given shape: the input procedures of the three versions, and the first layers' own checks.

Shapes: all with the batch (of data: the samples) first.
Source: facts, inputs (measured for 21 first layers, 21 declarations and 28 data shapes and kinds).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from lstmlint.classes import dataclass, replace
from lstmlint.keras.containers import refused_input, sample_outcomes
from lstmlint.keras.outcomes import OK, Effect, Outcome, merged, raises, verdict
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, both, equal, less, negate, symbol
from lstmlint.shapes.shape import Axis, Shape, UnknownAxis
from lstmlint.shapes.splitting import Decider, explore

#: A layer's own check: (shape at the call, shape it was built on) -> whether it takes it.
Accepts: TypeAlias = Callable[[Shape, Shape], Answer]


# --- the layers' own checks ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LayerCheck:
    """What a layer demands of its input.

    `rank`: the number of axes; `min_rank`: at least so many; `as_built`: as many as it was built on.  `axes` have the
    size they were built with, and that was known; `frames`: all axes after the time steps agree with what was built.
    `elements`: as many elements per sample as it was built on.  `known`: no axis but the batch is None.
    """

    rank: int | None = None
    min_rank: int = 0
    as_built: bool = False
    axes: tuple[int, ...] = ()
    frames: bool = False
    elements: bool = False
    known: bool = False

    def accepts(self, given: Shape, built: Shape, windows: Sequence[Dim] = ()) -> Answer:
        """Whether the layer takes `given`; `windows` are kernel or pool sizes over the axes after the batch."""
        if not given.exact or not built.exact:
            return Answer.CANNOT_KNOW
        if not self.accepts_rank(len(given.dims), len(built.dims)):
            return Answer.NO
        answers = [self._same_axis(given, built, axis) for axis in self.axes]
        if self.frames:
            answers += [_agree(want, have) for want, have in zip(built.dims[2:], given.dims[2:])]
        if self.elements:
            answers.append(_same_elements(given, built))
        if self.known and None in built.dims[1:]:
            answers.append(Answer.NO)
        # Extra axes before the last rank ones are batch axes.
        first = len(given.dims) - (self.rank or self.min_rank) + 1
        answers += [_fits(given.axis(first + place), window) for place, window in enumerate(windows)]
        return both(*answers)

    def accepts_rank(self, given: int, built: int) -> bool:
        """Whether the number of axes is right."""
        return (
            (self.rank is None or given == self.rank)
            and given >= self.min_rank
            and (not self.as_built or given == built)
        )

    def _same_axis(self, given: Shape, built: Shape, axis: int) -> Answer:
        want, have = built.axis(axis), given.axis(axis)
        if want is None or isinstance(want, UnknownAxis):
            return Answer.NO
        return Answer.CANNOT_KNOW if isinstance(have, UnknownAxis) else _agree(want, have)


def _agree(want: Axis, have: Axis) -> Answer:
    if want is None:
        return Answer.YES
    return Answer.CANNOT_KNOW if have is None else equal(want, have)


def _fits(length: Axis | UnknownAxis, window: Dim) -> Answer:
    if length is None or isinstance(length, UnknownAxis):
        return Answer.CANNOT_KNOW
    return negate(less(length, window))


def _same_elements(given: Shape, built: Shape) -> Answer:
    have, want = Shape(given.dims[1:]).size, Shape(built.dims[1:]).size
    return Answer.CANNOT_KNOW if have is None or want is None else equal(have, want)


_RECURRENT = LayerCheck(rank=3, axes=(-1,))
_ANYTHING = LayerCheck()

_COMMON_CHECKS = {
    "Activation": _ANYTHING,
    "BatchNormalization": LayerCheck(as_built=True, axes=(-1,)),
    "Bidirectional": _RECURRENT,
    "Conv1D": LayerCheck(rank=3, axes=(-1,)),
    "Conv2D": LayerCheck(rank=4, axes=(-1,)),
    "ConvLSTM1D": LayerCheck(rank=4, axes=(-1,), frames=True),
    "ConvLSTM2D": LayerCheck(rank=5, axes=(-1,), frames=True),
    "Dense": LayerCheck(min_rank=2, axes=(-1,)),
    "Dropout": _ANYTHING,
    "Embedding": _ANYTHING,
    "Flatten": _ANYTHING,
    "GRU": _RECURRENT,
    "GlobalAveragePooling1D": LayerCheck(rank=3),
    "GlobalMaxPooling1D": LayerCheck(rank=3),
    "LSTM": _RECURRENT,
    "Masking": _ANYTHING,
    "MaxPooling1D": LayerCheck(rank=3),
    "AveragePooling1D": LayerCheck(rank=3),
    "Permute": LayerCheck(as_built=True),
    "RepeatVector": LayerCheck(rank=2),
    "Reshape": LayerCheck(elements=True),
    "SimpleRNN": _RECURRENT,
    "TimeDistributed": LayerCheck(min_rank=3, as_built=True, axes=(-1,)),
}

#: The checks of the layers by class; a class that is missing is not known.
LAYER_CHECKS: dict[Version, dict[str, LayerCheck]] = {
    Version.K2: _COMMON_CHECKS | {"Flatten": LayerCheck(min_rank=3, known=True)},
    Version.T2: _COMMON_CHECKS
    | {"Conv1D": LayerCheck(min_rank=3, axes=(-1,)), "Conv2D": LayerCheck(min_rank=4, axes=(-1,))},
    Version.K3: _COMMON_CHECKS,
}


# --- the procedures --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    declared: tuple[Axis, ...] | None
    data: tuple[Dim, ...]
    accepts: Accepts
    functional: bool
    version: Version
    layer_name: str
    model_name: str
    layer_class: str
    input_name: str
    built: tuple[Axis, ...] | None


def input_outcomes(
    declared: Shape | None,
    data: Shape,
    accepts: Accepts,
    *,
    functional: bool,
    version: Version,
    layer_name: str,
    layer_class: str,
    model_name: str | None = None,
    input_name: str | None = None,
    kind: str = "array",
    built: Shape | None = None,
) -> tuple[Outcome, ...]:
    """All ways in which data can meet a model's input.

    Shapes: `declared` (batch, …), None for a model that takes its shape from its first data; `data` (samples, …).
    `accepts` is the first layer's own check; it is asked with the shape as the layer gets it, and the declared one.
    `built` is what a model without declaration took from earlier data.  The names are those that the messages print.  `kind` is what holds the data: "array", "int" (an array of whole
    numbers), "object", "str" (arrays of such), "list" or "nested_list".
    In Keras 2.2 and 2.3 later data of an undeclared model must have the first data's shape: pass that as `declared`.
    Unknown: data of whose axes nothing is known give OK; where only the last ones are known, every rank is tried.
    """
    refused = refused_input(kind, version, declared=declared is not None, layer_class=layer_class)
    if refused is not None:
        return (refused,)
    if not data.dims or None in data.dims or (declared is not None and not declared.exact):
        return (OK,)
    if not data.exact:
        if declared is None:
            return (OK,)
        tried: list[Outcome] = []
        for shape in _of_all_ranks(data, len(declared.dims)):
            tried += input_outcomes(
                declared, shape, accepts, functional=functional, version=version, layer_name=layer_name,
                layer_class=layer_class, model_name=model_name, input_name=input_name, kind=kind, built=built,
            )  # fmt: skip
            if OK in tried:
                return (OK,)
        return merged(tried)
    case = _Case(
        None if declared is None else declared.dims,
        tuple(dim for dim in data.dims if dim is not None),
        accepts,
        functional,
        version,
        layer_name,
        model_name or _MODEL_NAMES[version][functional],
        layer_class,
        input_name or _INPUT_NAMES[version][functional].format(layer=layer_name),
        built.dims if built is not None and built.exact else None,
    )
    endings, complete = explore(lambda d: _ending(d, case))
    outcomes = [] if complete else [OK]
    for ending in endings:
        outcome, is_one_row = ending.result
        held = [assumption for assumption in ending.assumptions if assumption.holds]
        words = [assumption.choice or f"{assumption.left} = {assumption.right}" for assumption in held]
        outcomes.append(_with_condition(outcome, " and ".join(words), is_one_row))
    return merged(outcomes)


def _of_all_ranks(data: Shape, declared: int) -> Iterator[Shape]:
    """The shapes that data can have of which the last axes are known; with more than two axes too many it is all the same."""
    for rank in range(len(data.dims), max(len(data.dims), declared + 2) + 1):
        yield Shape((*(symbol("?") for _ in range(rank - len(data.dims))), *data.dims))


_MODEL_NAMES = {
    Version.K2: ("sequential_1", "model_1"),
    Version.T2: ("sequential", "model"),
    Version.K3: ("sequential", "functional"),
}

_INPUT_NAMES = {
    Version.K2: ("{layer}_input", "input_1"),
    Version.T2: ("{layer}_input", "input_1"),
    Version.K3: ("keras_tensor", "input_layer"),
}


def _ending(d: Decider, case: _Case) -> tuple[Outcome, bool]:
    """How it ends, and whether that rests on there being one single sample, which is an accident."""
    outcome = _undeclared(d, case) if case.declared is None else _PROCEDURES[case.version](d, case)
    return outcome, case.data[0] != 1 and d.known(case.data[0]) == 1


def _with_condition(outcome: Outcome, words: str, is_accidental: bool) -> Outcome:
    return Outcome(
        outcome.effect, outcome.exception, outcome.message, accepted=outcome.accepted, condition=words or None,
        accidental=is_accidental,
    )  # fmt: skip


def _undeclared(d: Decider, case: _Case) -> Outcome:
    if case.version is Version.K2 and len(case.data) == 1:
        told = (
            f"expected {case.model_name}_input to have 1 dimensions, but got array with shape {Shape((*case.data, 1))}"
        )
        return raises("ValueError", f"Error when checking input: {told}")
    # Once it is built, an axis of 1 at the end may be missing or too many, as in a model that is declared.
    given = case.data if case.built is None else _fitted(d, replace(case, declared=case.built))
    return _asked(d, case, given, given)


def _k2(d: Decider, case: _Case) -> Outcome:
    declared, data = case.declared or (), case.data
    if len(data) == 1:
        data = (*data, 1)
    told = f"Error when checking input: expected {case.input_name} to have"
    if len(data) != len(declared):
        return raises("ValueError", f"{told} {len(declared)} dimensions, but got array with shape {Shape(data)}")
    if not _pairwise(d, declared[1:], data[1:]):
        shapes = f"shape {Shape(declared[1:])} but got array with shape {Shape(data[1:])}"
        return raises("ValueError", f"{told} {shapes}")
    return _asked(d, case, data, declared)


def _t2(d: Decider, case: _Case) -> Outcome:
    return _incompatible(d, case) or _asked(d, case, _fitted(d, case), case.declared or ())


def _k3(d: Decider, case: _Case) -> Outcome:
    refused = _incompatible(d, case) if case.functional else None
    if refused is not None:
        return refused
    declared, data = case.declared or (), _fitted(d, case)
    if len(data) != len(declared):
        return raises(
            "ValueError",
            f"Exception encountered when calling {_model_class(case)}.call(). Invalid input shape for input … with name "
            f"'keras_tensor' and path ''. Expected shape {_unbatched(declared)}, but input has incompatible shape "
            f"{_unbatched(data)}",
        )
    return _asked(d, case, data, declared)


_PROCEDURES: dict[Version, Callable[[Decider, _Case], Outcome]] = {Version.K2: _k2, Version.T2: _t2, Version.K3: _k3}


def _pairwise(d: Decider, declared: tuple[Axis, ...], data: tuple[Axis, ...]) -> bool:
    """Whether the sizes agree from the left, as far as the shorter shape goes."""
    return all(want is None or have is None or d.equal(want, have) for want, have in zip(declared, data))


def _incompatible(d: Decider, case: _Case) -> Outcome | None:
    """The model's check: one trailing 1 does not count on either side, and the ranks are not compared."""
    declared, data = case.declared or (), case.data
    if _pairwise(d, _trimmed(d, declared)[1:], _trimmed(d, data)[1:]):
        return None
    layer = f'Input 0 of layer "{case.model_name}"'
    if case.version is Version.K3:
        layer = f"Input 0 with name '{case.input_name}' of layer '{case.model_name}'"
    shapes = f"expected shape={_unbatched(declared)}, found shape={_unbatched(data)}"
    return raises("ValueError", f"{layer} is incompatible with the layer: {shapes}")


def _trimmed(d: Decider, dims: tuple[Axis, ...]) -> tuple[Axis, ...]:
    last = dims[-1] if len(dims) > 1 else None
    return dims[:-1] if last is not None and d.equal(last, 1) else dims


def _fitted(d: Decider, case: _Case) -> tuple[Dim, ...]:
    """The data with a trailing axis of 1 more or less, where that gives the declared rank."""
    declared, data = case.declared or (), case.data
    if len(data) == len(declared) + 1 and d.equal(data[-1], 1):
        return data[:-1]
    last = declared[-1] if len(declared) > 1 else None
    if len(data) == len(declared) - 1 and last is not None and d.equal(last, 1):
        return (*data, 1)
    return data


def _asked(d: Decider, case: _Case, given: tuple[Dim, ...], built: tuple[Axis, ...]) -> Outcome:
    """The first layer's own check, on a shape that the model lets through."""
    shape = Shape(tuple(d.known(dim) for dim in given))
    origin = Shape(tuple(None if dim is None else d.known(dim) for dim in built))
    answer = case.accepts(shape, origin)
    if answer is Answer.NO or (answer is Answer.CANNOT_KNOW and not d.choose(f"{case.layer_name} takes {shape}")):
        return _refused_by_layer(case, given, case.built or built)
    if len(given) == len(built) and _pairwise(d, built[1:], given[1:]):
        return OK
    return Outcome(Effect.SILENT, accepted=Shape(given))


# --- words -----------------------------------------------------------------------------------------------------------


def _unbatched(dims: tuple[Axis, ...]) -> Shape:
    """A shape as messages print it, the batch not known."""
    return Shape((None, *dims[1:]))


def _model_class(case: _Case) -> str:
    return "Functional" if case.functional else "Sequential"


def _refused_by_layer(case: _Case, given: tuple[Dim, ...], built: tuple[Axis, ...]) -> Outcome:
    """What the first layer raises, as far as its check tells the reason."""
    check = LAYER_CHECKS[case.version].get(case.layer_class)
    shape = _unbatched(given)
    expected: str | None = None
    if check is not None and not check.accepts_rank(len(given), len(built)):
        rank = check.rank if check.rank is not None else len(built) if check.as_built else None
        what = f"ndim={rank}" if rank is not None else f"min_ndim={check.min_rank}"
        expected = f"expected {what}, found ndim={len(given)}"
    if case.version is Version.K2:
        words = expected or f"its input has the shape {shape}"
        return raises("ValueError", f"Input 0 is incompatible with layer {case.layer_name}: {words}")
    if expected is not None:
        expected = f"{expected}. Full shape received: {shape}"
    elif check is not None and check is _RECURRENT:
        if case.version is Version.K3:
            cell = "LSTMCell" if case.layer_class == "Bidirectional" else f"{case.layer_class}Cell"
            sizes = f"Dimensions must be equal, but are {given[-1]} and {built[-1]}"
            return raises("ValueError", f"Exception encountered when calling {cell}.call(). {sizes}")
        expected = f"expected shape={Shape((None, None, *built[2:]))}, found shape={shape}"
    elif check is not None and check.axes and built and built[-1] is not None:
        expected = f"expected axis -1 of input shape to have value {built[-1]}, but received input with shape {shape}"
    return raises("ValueError", _calling(case) + (expected or f"the input has the shape {shape}"))


def _calling(case: _Case) -> str:
    if case.version is Version.K3:
        called = f"Exception encountered when calling {_model_class(case)}.call(). "
        return f"{called}Input 0 with name 'None' of layer '{case.layer_name}' is incompatible with the layer: "
    called = f"Exception encountered when calling layer '{case.model_name}' (type {_model_class(case)}). "
    return f'{called}Input 0 of layer "{case.layer_name}" is incompatible with the layer: '


__all__ = [
    "LAYER_CHECKS", "OK", "Accepts", "Effect", "LayerCheck", "Outcome", "input_outcomes", "sample_outcomes", "verdict",
]  # fmt: skip
