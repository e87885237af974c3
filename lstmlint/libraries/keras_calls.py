"""Calls of what is no layer: their keywords, and what Keras says to them."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.keras.callables import unknown_keywords
from lstmlint.libraries.keras_values import era_of
from lstmlint.libraries.registry import canonical
from lstmlint.trace import LayerConstructed

#: Methods are looked up at `Model`, whichever class of Keras's own they are called on.
_METHODS = ("keras.Sequential.", "keras.Model.", "keras.models.Sequential.", "keras.models.Model.")


def note_keywords(call: Call, name: str | None = None) -> bool:
    """Leave what Keras says to the keywords of a call; whether it refuses one of them."""
    name = name or _callable_name(call)
    problems = unknown_keywords(name, call.keywords, era_of(call))
    if problems:
        call.record(LayerConstructed(f"`{name.rpartition('.')[2]}`", problems, None))
    return bool(problems)


def _callable_name(call: Call) -> str:
    """ "Model.fit" for a method, "optimizers.Adam" for a class."""
    name = canonical(call.name)
    for start in _METHODS:
        if name.startswith(start):
            return "Model." + name[len(start) :]
    return name.removeprefix("keras.")
