"""Whether the formulas of parameters hold: each example built, and its weights counted."""

from __future__ import annotations

import math
from typing import Any

PATH = "tests/fixtures/keras_facts/params.json"
#: Names in the formulas that are no arguments, but dims of the input or output.
_DIMS = {"features", "channels", "c", "dims", "shape", "out_spatial", "q_dim", "k_dim", "v_in", "dim", "out_dim"}
_FLAGS = ("use_bias", "scale", "center", "use_scale")
_WRAPPERS = ("Bidirectional", "TimeDistributed")


def stored(data: dict[str, Any], version: str) -> dict[str, Any]:
    """The parameters of each example, by the formula; those that are not trained where the data say so."""
    found = {}
    for name, entry in data.items():
        if "example" in entry and version in entry.get("verified_cases", {}) and _is_plain(name):
            found[name] = {"example": entry["example"], "counts": _by_formula(entry, version)}
    return found


def _is_plain(name: str) -> bool:
    """Whether the name alone says how the layer is made."""
    return "(" not in name or name.partition("(")[0] in _WRAPPERS or name.startswith("GRU(")


def _by_formula(entry: dict[str, Any], version: str) -> list[Any]:
    formulas = [entry["total"], entry.get("non_trainable")]
    texts = [each[version] if isinstance(each, dict) else each for each in formulas]
    names = {"prod": math.prod, **entry["example"]["values"]}
    return [None if text is None else eval(text, dict(names)) for text in texts]


def measured(keras: Any, known: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {"example": entry["example"], "counts": _counted(keras, name, entry)} for name, entry in known.items()
    }


def _counted(keras: Any, name: str, entry: dict[str, Any]) -> list[Any]:
    dims = entry["example"]["input_shape"]
    several = bool(dims) and isinstance(dims[0], list)
    inputs = (
        [keras.Input(tuple(one)) for one in dims]
        if several
        else [keras.Input((5,) if name == "Embedding" else tuple(dims))]
    )
    try:
        made = _made(keras, name, entry["example"]["values"])
        made(*inputs) if name.startswith(("MultiHead", "GroupQuery")) or not several else made(inputs)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        return [type(error).__name__, None]
    fixed = sum(math.prod(int(dim) for dim in weight.shape) for weight in made.non_trainable_weights)
    return [made.count_params(), None if entry["counts"][1] is None else fixed]


def _made(keras: Any, name: str, values: dict[str, Any]) -> Any:
    arguments = {
        key: tuple(value) if isinstance(value, list) else value for key, value in values.items() if key not in _DIMS
    }
    arguments |= {flag: bool(arguments[flag]) for flag in _FLAGS if flag in arguments}
    outer, _, inner = name.rstrip(")").partition("(")
    if outer in _WRAPPERS:
        return getattr(keras.layers, outer)(getattr(keras.layers, inner)(**arguments))
    if inner and "=" in inner:
        arguments |= eval(f"dict({inner})", {})
    if outer == "GroupNormalization":
        arguments["groups"] = 2
    return getattr(keras.layers, outer)(**arguments)


def written(data: dict[str, Any], version: str, found: dict[str, Any]) -> dict[str, Any]:
    """Formulas are written by hand."""
    return data
