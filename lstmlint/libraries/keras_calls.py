"""Calls of what is no layer: their keywords, and what Keras says to them."""

from __future__ import annotations

from collections.abc import Iterable

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import FALSE, NONE, TRUE, Const, External, Unknown, Value
from lstmlint.keras.callables import (
    lone_metric,
    no_count,
    optimizer_class,
    refused_path,
    refused_value,
    unknown_keywords,
)
from lstmlint.keras.layers.base import ArgumentProblem
from lstmlint.keras.strings import unknown_string
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import as_given, era_of, version_of
from lstmlint.libraries.registry import canonical, model
from lstmlint.trace import LayerConstructed

#: Methods are looked up at `Model`, whichever class of Keras's own they are called on.
_METHODS = ("keras.Sequential.", "keras.Model.", "keras.models.Sequential.", "keras.models.Model.")


def note_keywords(call: Call, name: str | None = None) -> bool:
    """Leave what Keras says to the keywords of a call; whether it refuses one of them."""
    name = name or _callable_name(call)
    problems = (*unknown_keywords(name, call.keywords, era_of(call)), *_ignored(call, name), *_values(call, name))
    if problems:
        call.record(LayerConstructed(f"`{name.rpartition('.')[2]}`", problems, None, as_given(call, name)))
    return any(problem.raises for problem in problems)


def _values(call: Call, name: str) -> Iterable[ArgumentProblem]:
    """What Keras says to values of what is no layer: paths of files, and numbers that are none."""
    path = call.keywords.get("filepath", call.args[_is_method(name)] if len(call.args) > _is_method(name) else None)
    weights_only = call.keywords.get("save_weights_only", FALSE)
    if isinstance(path, Const) and isinstance(path.value, str) and isinstance(weights_only, Const):
        problem = refused_path(name, path.value, bool(weights_only.value), version_of(call))
        if problem is not None:
            yield problem
    for argument, value in call.keywords.items():
        problem = refused_value(name, argument, call.constant(value), version_of(call))
        if problem is not None:
            yield problem
    if name == "Model.fit" and version_of(call) is not Version.K2:
        for argument in ("epochs", "batch_size"):
            value = call.interpreter.state.resolve(call.keywords.get(argument, NONE))
            kind = (
                "float"
                if isinstance(value, Unknown) and value.number == "float"
                else type(call.constant(value)).__name__
            )
            problem = no_count(argument, call.constant(value, "…"), kind) if kind in ("float", "str") else None
            if problem is not None:
                yield problem


def _is_method(name: str) -> int:
    """1 where the first argument of a call is the object that the method belongs to."""
    return int(name.startswith("Model."))


def _ignored(call: Call, name: str) -> tuple[ArgumentProblem, ...]:
    """The `decay` of an optimizer, which Keras 3 takes and does nothing with."""
    decay = call.constant(call.keywords.get("decay"))
    if (
        not name.startswith("optimizers.")
        or version_of(call) is not Version.K3
        or not isinstance(decay, float)
        or not decay
    ):
        return ()
    message = "Keras 3 ignores it, and the learning rate stays as it is"
    repair = "learning_rate=keras.optimizers.schedules.InverseTimeDecay(…)"
    return (ArgumentProblem("misread", "decay", repair, False, None, message),)


def _callable_name(call: Call) -> str:
    """ "Model.fit" for a method, "optimizers.Adam" for a class."""
    name = canonical(call.name)
    for start in _METHODS:
        if name.startswith(start):
            return "Model." + name[len(start) :]
    return name.removeprefix("keras.")


# --- strings ---------------------------------------------------------------------------------------------------------

OWN_NAMES = "own names"
"""The option that tells that the program has given Keras names of its own."""


@model(
    "keras.utils.get_custom_objects", "keras.saving.get_custom_objects", "keras.utils.custom_object_scope",
    "keras.saving.custom_object_scope", "keras.utils.CustomObjectScope", "keras.saving.CustomObjectScope",
    "keras.utils.generic_utils.get_custom_objects", "keras.utils.generic_utils.CustomObjectScope",
    "keras.utils.generic_utils.custom_object_scope",
)  # fmt: skip
def custom_objects(call: Call) -> Value:
    """The program registers names: from here on any string may be known."""
    call.interpreter.options[OWN_NAMES] = TRUE
    return call.unknown()


def has_own_names(call: Call) -> bool:
    """Whether Keras may know strings in this program that it does not know by itself."""
    return OWN_NAMES in call.interpreter.options


def compile_problems(
    call: Call, optimizer: Value | None, loss: Value | None
) -> tuple[list[ArgumentProblem], list[ArgumentProblem]]:
    """What Keras says to the arguments of `compile`: at once, and once the model is trained."""
    version = version_of(call)
    metrics = call.keywords.get("metrics")
    now = [*_optimizer_problems(call, optimizer, version), *_lone_metric(call, metrics, version)]
    if has_own_names(call):
        return [problem for problem in now if problem.kind != "string"], []
    late = [problem for text in _strings(call, loss) if (problem := unknown_string("losses", text, version, "loss"))]
    for name in ("metrics", "weighted_metrics"):
        texts = _strings(call, call.keywords.get(name))
        late += [problem for text in texts if (problem := unknown_string("metrics", text, version, name))]
    return (now + late, []) if version is Version.K2 else (now, late)


def _optimizer_problems(call: Call, optimizer: Value | None, version: Version) -> list[ArgumentProblem]:
    if isinstance(optimizer, External):
        name = canonical(optimizer.name)
        is_class = name.startswith("keras.optimizers.") and name.rpartition(".")[2][:1].isupper()
        return [optimizer_class(name.rpartition(".")[2])] if is_class and name.count(".") == 2 else []
    found = unknown_string("optimizers", call.constant(optimizer), version, "optimizer")
    return [found] if found is not None else []


def _lone_metric(call: Call, metrics: Value | None, version: Version) -> list[ArgumentProblem]:
    text = call.constant(metrics)
    found = lone_metric(text, version) if isinstance(text, str) else None
    return [found] if found is not None else []


def _strings(call: Call, value: Value | None) -> list[str]:
    """The strings in a value, a list or a dict of them."""
    if value is None:
        return []
    value = call.interpreter.state.resolve(value)
    if isinstance(value, Const):
        return [value.value] if isinstance(value.value, str) else []
    mapping = call.mapping(value)
    items = call.items(value) if mapping is None else tuple(each for _, each in mapping.entries.values())
    return [text for item in items or () for text in _strings(call, item)]
