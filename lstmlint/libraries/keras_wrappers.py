"""Estimators around a function that builds a model: the wrappers for scikit-learn, and what hands data on to them."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments, call_library
from lstmlint.interpreter.interpreter import Unreachable
from lstmlint.interpreter.values import NONE, Function, Ref, Sequence, Value, unknown
from lstmlint.keras.losses import Loss
from lstmlint.libraries.arrays import NDARRAY, Array, as_array, derive, make
from lstmlint.libraries.keras_models import state_of
from lstmlint.libraries.registry import model
from lstmlint.libraries.sklearn_models import chained
from lstmlint.shapes.shape import Shape

ESTIMATOR = "keras.Estimator"
SEARCH = "sklearn.Search"
PIPELINE = "sklearn.Pipeline"

#: Keywords of the wrapper that are meant for `fit`.
_FOR_FIT = ("batch_size", "validation_split", "class_weight", "shuffle")


@dataclass(frozen=True, slots=True)
class Estimator:
    """A wrapper: the function that builds its model with the arguments for it, and what it tells `fit`.

    `is_old`: that of Keras itself, not scikeras.
    """

    builder: Function
    arguments: dict[str, Value]
    settings: dict[str, Value]
    is_classifier: bool
    is_old: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """A pipeline: what its steps do, the last one an estimator or not."""

    steps: tuple[Value, ...]


# --- wrappers --------------------------------------------------------------------------------------------------------


@model(*(f"{package}.Keras{kind}" for kind in ("Classifier", "Regressor") for package in (
    "keras.wrappers.scikit_learn", "scikeras.wrappers",
)))  # fmt: skip
def wrapped(call: Call) -> Value:
    """`KerasClassifier(build_fn=make_model, units=8)`: the function is called with those arguments that it has."""
    builder = call.args[0] if call.args else call.keywords.get("build_fn", call.keywords.get("model"))
    builder = None if builder is None else call.interpreter.state.resolve(builder)
    if not isinstance(builder, Function) or call.open_args:
        return call.unknown("estimator")
    given = builder.node.args
    names = {p.arg for p in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    keywords = {name.removeprefix("model__"): value for name, value in call.keywords.items()}
    made = Estimator(
        builder,
        {name: value for name, value in keywords.items() if name in names},
        {name: value for name, value in call.keywords.items() if name in _FOR_FIT},
        call.name.endswith("Classifier"),
        not call.name.startswith("scikeras"),
    )
    _build(call, made)
    return call.new_object(ESTIMATOR, made)


def _build(call: Call, found: Estimator) -> Value:
    """A model as the function makes it now."""
    before = call.interpreter.state.fork()
    try:
        return call.call(found.builder, **found.arguments)
    except Unreachable:
        call.interpreter.state = before
        return unknown("model")


@model(f"{ESTIMATOR}.fit")
def fit(call: Call, estimator: Value, X: Value | None = None, y: Value | None = None) -> Value:
    """A model is built and trained with the data as the wrapper hands them on."""
    found = call.payload(estimator)
    if isinstance(found, Estimator) and X is not None and not call.open_args:
        _train(call, found, X, y)
    return estimator


def _train(call: Call, found: Estimator, x: Value, y: Value | None) -> None:
    made = _build(call, found)
    state = state_of(call, made)
    if state is None:
        return
    given = found.settings | {name: value for name, value in call.keywords.items() if name in _FOR_FIT}
    target = NONE if y is None else _target(call, found, state.loss, y)
    call_library(call.interpreter, "keras.Model.fit", Arguments([made, _as_plain(call, x), target], given), call.site)


def _as_plain(call: Call, value: Value) -> Value:
    """Frames and lists arrive as arrays."""
    array = as_array(call, value)
    return value if array is None else derive(call, array, array.shape, kind=NDARRAY, range=array.range)


def _target(call: Call, found: Estimator, loss: object, y: Value) -> Value:
    """The target that `fit` of the model gets: a classifier makes class ids from 0 on of labels.

    Source: `keras.wrappers.scikit_learn` of 2.3 and 2.10: for `categorical_crossentropy` they are made one-hot.
    """
    array = as_array(call, y)
    if array is None or not array.shape.exact or not array.shape.dims:
        return call.unknown("target")
    if not found.is_classifier:
        return _as_plain(call, y)
    labels = len(array.shape.dims) == 1 or (len(array.shape.dims) == 2 and array.shape.dims[1] == 1)
    if not found.is_old or not labels:
        return _as_plain(call, y) if found.is_old else call.unknown("target")
    if isinstance(loss, Loss) and loss.kind == "categorical_crossentropy":
        if len(array.shape.dims) == 2:
            return _as_plain(call, y)
        return make(call, Shape((*array.shape.dims[:1], call.symbol("classes", lower=1))), dtype="float32")
    return derive(call, array, array.shape, kind=NDARRAY, dtype="int64")


# --- what hands data on ----------------------------------------------------------------------------------------------


def _fit_step(call: Call, estimator: Value, x: Value, y: Value | None) -> None:
    """The estimator, or the last step of a pipeline, is fitted."""
    found = call.payload(estimator)
    if isinstance(found, Estimator):
        _train(call, found, x, y)
    elif isinstance(found, Steps) and found.steps:
        for step in found.steps[:-1]:
            x = _transformed(call, step, x)
        _fit_step(call, found.steps[-1], x, y)


def _transformed(call: Call, step: Value, x: Value) -> Value:
    if isinstance(step, Ref) and step.kind == "sklearn.Transformer":
        return call_library(call.interpreter, "sklearn.Transformer.fit_transform", Arguments([step, x], {}), call.site)
    return call.unknown("data")


@model("sklearn.pipeline.Pipeline")
def pipeline(call: Call, steps: Value | None = None) -> Value:
    """`Pipeline([(name, step), …])`."""
    pairs = [call.items(pair) for pair in call.items(steps) or ()]
    known = tuple(pair[1] for pair in pairs if pair is not None and len(pair) == 2)
    return make_pipeline(call, *known) if known and len(known) == len(pairs) else call.unknown("pipeline")


@model("sklearn.pipeline.make_pipeline")
def make_pipeline(call: Call, *steps: Value) -> Value:
    """The same without names; transformers alone are one transformer."""
    if call.open_args or not steps:
        return call.unknown("pipeline")
    ends_in_model = isinstance(call.payload(steps[-1]), (Estimator, Steps))
    return call.new_object(PIPELINE, Steps(steps)) if ends_in_model else chained(call, steps)


@model(f"{PIPELINE}.fit")
def fit_pipeline(call: Call, pipeline: Value, X: Value | None = None, y: Value | None = None) -> Value:
    """The data go through all steps."""
    if X is not None and not call.open_args:
        _fit_step(call, pipeline, X, y)
    return pipeline


@model(*(f"sklearn.model_selection.{name}" for name in ("GridSearchCV", "RandomizedSearchCV")))
def search(call: Call, estimator: Value | None = None) -> Value:
    """A search over the arguments of an estimator."""
    known = isinstance(estimator, Ref) and not call.open_args
    return call.new_object(SEARCH, estimator) if known else call.unknown("search")


@model(f"{SEARCH}.fit")
def fit_search(call: Call, search: Value, X: Value | None = None, y: Value | None = None) -> Value:
    """The estimator is fitted with parts of the data."""
    found = call.payload(search)
    if isinstance(found, Value) and X is not None and not call.open_args:
        _fit_part(call, found, X, y)
    return search


@model(*(f"sklearn.model_selection.{name}" for name in ("cross_val_score", "cross_validate", "cross_val_predict")))
def cross_validation(
    call: Call, estimator: Value | None = None, X: Value | None = None, y: Value | None = None
) -> Value:
    """An estimator is fitted with parts of the data."""
    if isinstance(estimator, Ref) and X is not None and not call.open_args:
        _fit_part(call, estimator, X, y)
    return (
        make(call, Shape((call.symbol("folds", lower=2),)), dtype="float64")
        if call.name.endswith("score")
        else call.unknown()
    )


def _fit_part(call: Call, estimator: Value, x: Value, y: Value | None) -> None:
    rows = call.symbol("rows of a fold", lower=1)

    def part(value: Value) -> Value:
        array = as_array(call, value) if isinstance(value, (Array, Ref, Sequence)) else None
        if array is None or not array.shape.exact or not array.shape.dims:
            return call.unknown("data")
        return derive(call, array, array.shape.with_axis(0, rows), kind=NDARRAY, range=array.range)

    _fit_step(call, estimator, part(x), None if y is None else part(y))
