"""Arguments of layers and calls as values of a plan.  Sizes stay symbolic here: `lstmlint.verify.sizes` settles them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Argument, Layer, Named, Perhaps
from lstmlint.keras.layers.call import untold
from lstmlint.keras.signatures import Signature
from lstmlint.shapes.dims import SymbolicDim


class NotStated(Exception):
    """Something is not known well enough to be put into a plan; the text says what, for people."""


#: Beginnings and ends of names of arguments that change neither shapes nor what is refused: unknown, they are left out.
_NEUTRAL_ENDS = ("_initializer", "_regularizer", "_constraint", "initializer", "dropout", "seed", "_rate")
_NEUTRAL = frozenset({
    "activation", "recurrent_activation", "name", "trainable", "rate", "epsilon", "momentum", "stddev", "verbose", "autocast",
    "implementation", "unroll", "alpha", "negative_slope", "theta", "training", "noise_shape",
})  # fmt: skip

#: What stands for a neutral argument that has to be given.
_STANDING_IN = {"rate": 0.5, "stddev": 0.1, "activation": "linear"}

#: Arguments that are sizes: an unknown one is made up, the same wherever the layer is.
SIZES = frozenset({
    "units", "filters", "input_dim", "output_dim", "n", "kernel_size", "pool_size", "num_heads", "key_dim", "value_dim", "depth_multiplier",
})  # fmt: skip


def is_neutral(name: str) -> bool:
    """Whether an argument changes no shape, and nothing of what is refused."""
    return name in _NEUTRAL or name.endswith(_NEUTRAL_ENDS)


def value_of(argument: Argument, what: str, refer: Any = None) -> Any:
    """The argument as a value of a plan; `refer` gives the reference to a layer.

    Errors: NotStated, which calls the argument `what`.
    """
    if argument is None or isinstance(argument, (bool, int, str, SymbolicDim)):
        return argument
    if isinstance(argument, float):
        return argument if math.isfinite(argument) else {"float": str(argument)}
    if isinstance(argument, tuple):
        return {"tuple": [value_of(item, what, refer) for item in argument]}
    if isinstance(argument, list):
        return [value_of(item, what, refer) for item in argument]
    if isinstance(argument, Perhaps):
        return argument.dim
    if isinstance(argument, Named):
        return _named(argument, what)
    if isinstance(argument, Layer) and refer is not None:
        return refer(argument)
    raise NotStated(f"{what} is not known")


def _named(argument: Named, what: str) -> Any:
    name = argument.name
    name = name[name.index("keras.") :] if "keras." in name else name
    if not name.startswith("keras.") or ".<" in name:
        raise NotStated(f"{what} is `{name}`, which is the program's own")
    is_class = name.rpartition(".")[2][:1].isupper()
    return {"name": name, "args": [], "kwargs": {}} if is_class else {"name": name}


def stated_arguments(layer: Layer, known: Signature, left_out: list[str], refer: Any) -> dict[str, Any]:
    """The arguments of a layer that are not the defaults, by name.

    Errors: NotStated where one that matters is not known.
    """
    stated: dict[str, Any] = {}
    for name, argument in layer.arguments.items():
        if not name.isidentifier() or _is_default(name, argument, known):
            continue
        what = f"`{name}` of {layer.title}"
        if argument is UNKNOWN and name in SIZES:
            argument = untold(layer.key, name, lower=1)
        try:
            stated[name] = value_of(argument, what, refer)
        except NotStated:
            if not is_neutral(name):
                raise
            left_out.append(f"{layer.title}.{name}")
            if name in known.required:
                stated[name] = _STANDING_IN.get(name)
    missing = [name for name in known.required if name not in stated]
    if missing:
        raise NotStated(f"`{missing[0]}` of {layer.title} is not known")
    return stated


def _is_default(name: str, argument: Argument, known: Signature) -> bool:
    if name not in known.optional:
        return False
    default = known.optional[name]
    return argument is default or (type(argument) is type(default) and argument == default)


def stated_keywords(keywords: Mapping[str, Argument], title: str, refer: Any = None) -> dict[str, Any]:
    """Further keywords of a layer's call, without unknown ones that change no shape."""
    stated = {}
    for name, argument in keywords.items():
        if is_neutral(name) and (argument is UNKNOWN or isinstance(argument, SymbolicDim)):
            continue
        stated[name] = value_of(argument, f"`{name}` of the call of {title}", refer)
    return stated
