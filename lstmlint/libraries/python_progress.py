"""tqdm: bars that show how far a loop is."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import External, Sequence, Value
from lstmlint.libraries.registry import model


@model("tqdm.tqdm", "tqdm.notebook.tqdm", "tqdm.auto.tqdm", "tqdm.tqdm_notebook")
def progress(call: Call, iterable: Value | None = None) -> Value:
    """The same elements: a bar shows how many have passed."""
    found = call.sequence(iterable) if iterable is not None else None
    if found is None:
        return call.unknown() if iterable is None else iterable
    return Sequence("iterator", found.items, found.length, found.element)


@model("tqdm.trange", "tqdm.notebook.trange", "tqdm.auto.trange")
def progress_range(call: Call, *args: Value) -> Value:
    """As `range`."""
    return call.call(External("builtins.range"), *args)
