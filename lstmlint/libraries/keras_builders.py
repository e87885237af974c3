"""Functions that build models for others: KerasTuner's hypermodels."""

from __future__ import annotations

from collections.abc import Hashable

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments, call_library, find_method
from lstmlint.interpreter.interpreter import Unreachable
from lstmlint.interpreter.joins import facet
from lstmlint.interpreter.values import (
    Const,
    Foreign,
    Guard,
    Ref,
    Symbolic,
    Text,
    Unknown,
    Value,
    fresh_key,
    is_text,
    unknown,
)
from lstmlint.libraries.keras_models import state_of
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import symbol

TUNER = "keras_tuner.Tuner"
HYPERPARAMETERS = "keras_tuner.HyperParameters"

ALIASES = {
    **{f"keras_tuner.{place}{name}": f"{TUNER}.__new__" for place in ("", "tuners.", "engine.tuner.") for name in (
        "RandomSearch", "Hyperband", "BayesianOptimization", "GridSearch", "Tuner",
    )},
    "keras_tuner.engine.hyperparameters.HyperParameters": HYPERPARAMETERS,
    "keras_tuner.engine.hyperparameters.HyperParameter": HYPERPARAMETERS,
}  # fmt: skip

#: More values than these to choose from are not told apart.
MAX_CHOICES = 4


# --- hyperparameters -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HyperParameters(Foreign):
    """What a hypermodel chooses its sizes from: the same name means the same value."""

    type_name = HYPERPARAMETERS


@model(HYPERPARAMETERS)
def hyperparameters(call: Call) -> Value:
    return HyperParameters()


def _ident(call: Call, name: Value) -> Hashable:
    """The identity of what `hp` gives under a name."""
    known = call.constant(name)
    return ("hyperparameter", known) if isinstance(known, str) else fresh_key()


@model(f"{HYPERPARAMETERS}.Int")
def integer(
    call: Call, hp: Value, name: Value, min_value: Value | None = None, max_value: Value | None = None
) -> Value:
    """An int between two bounds, both included."""
    low, high = call.constant(min_value), call.constant(max_value)
    lower = low if isinstance(low, int) else None
    text = call.constant(name) if isinstance(call.constant(name), str) else "hp.Int"
    if lower is not None and lower == high:
        return Const(lower)
    return Symbolic(symbol(text, _ident(call, name), lower=lower, upper=high if isinstance(high, int) else None))


@model(f"{HYPERPARAMETERS}.Choice")
def choice(call: Call, hp: Value, name: Value, values: Value | None = None) -> Value:
    """One of the values."""
    items = call.items(values) if values is not None else None
    ident = _ident(call, name)
    if not items or len(items) > MAX_CHOICES:
        if items and all(map(is_text, items)):
            return Text(ident)
        return Unknown(ident, f"hp.Choice({call.constant(name)!r})")
    found = items[-1]
    for place, item in enumerate(reversed(items[:-1])):
        found = facet(Guard(("choice", ident, place), f"{call.constant(name)} is {call.constant(item)!r}"), item, found)
    return found


@model(f"{HYPERPARAMETERS}.Float")
def real(call: Call, hp: Value, name: Value) -> Value:
    return Unknown(_ident(call, name), "hp.Float", "float")


@model(f"{HYPERPARAMETERS}.Boolean")
def boolean(call: Call, hp: Value, name: Value) -> Value:
    return Unknown(_ident(call, name), f"hp.Boolean({call.constant(name)!r})")


@model(f"{HYPERPARAMETERS}.Fixed")
def fixed(call: Call, hp: Value, name: Value, value: Value) -> Value:
    return value


# --- tuners ----------------------------------------------------------------------------------------------------------


def built(call: Call, builder: Value, *args: Value) -> Value:
    """The model that a function, or the `build` of an instance, makes."""
    builder = call.interpreter.state.resolve(builder)
    if isinstance(builder, Ref) and builder.kind == "instance":
        builder = find_method(call.interpreter, builder, "build") or unknown("build")
    before = call.interpreter.state.fork()
    try:
        return call.call(builder, *args)
    except Unreachable:
        call.interpreter.state = before
        return unknown("model")


@model(f"{TUNER}.__new__")
def make_tuner(call: Call) -> Value:
    """`RandomSearch(build_model, …)`: the function is called to see what it asks for."""
    builder = call.args[0] if call.args else call.keywords.get("hypermodel")
    made = unknown("model") if builder is None or call.open_args else built(call, builder, HyperParameters())
    return call.new_object(TUNER, made)


@model(f"{TUNER}.search")
def search(call: Call, tuner: Value) -> Value:
    """`tuner.search(x, y, …)` gives all to `fit`."""
    made = call.payload(tuner)
    if isinstance(made, Value) and state_of(call, made) is not None:
        given = Arguments([made, *call.args[1:]], dict(call.keywords), call.open_args, call.open_keywords)
        call_library(call.interpreter, "keras.Model.fit", given, call.site)
    return call.unknown()


@model(f"{TUNER}.get_best_models")
def best_models(call: Call, tuner: Value) -> Value:
    made = call.payload(tuner)
    return call.new_list([made]) if isinstance(made, Value) else call.unknown("models")


@model(f"{TUNER}.get_best_hyperparameters")
def best_hyperparameters(call: Call, tuner: Value) -> Value:
    return call.new_list([HyperParameters()])


@attribute(f"{TUNER}.hypermodel")
def hypermodel(call: Call, tuner: Value) -> Value:
    return tuner


@model(f"{TUNER}.build")
def build(call: Call, tuner: Value) -> Value:
    """`tuner.hypermodel.build(hp)`: a model like the one that was made first."""
    made = call.payload(tuner)
    return made if isinstance(made, Value) else call.unknown("model")
