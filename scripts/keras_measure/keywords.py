"""Which keywords a layer takes through `**kwargs` without naming them: what a base class names, and what was read in sources."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from keras_measure import signatures, values

PATH = signatures.PATH
_ANY = "*"
_BASES = ("Layer", "Operation", "Wrapper", "Module", "KerasSaveable", "AutoTrackable")
#: What the base layer names: it stands in the data as `base`.
_EVERY_LAYERS = {"name", "trainable", "dtype", "activity_regularizer", "autocast", "dynamic"}
_REFUSALS = (
    "unexpected keyword",
    "not understood",
    "Unrecognized keyword",
    "multiple values",
    "Unrecognized arguments",
)


def stored(data: dict[str, Any], version: str) -> dict[str, Any]:
    entries = json.loads(Path(__file__).resolve().parents[2].joinpath(values.PATH).read_text(encoding="utf-8"))[version]
    return {
        name: {"given": entries[name]["given"], "extra": data["extra"].get(name, [])}
        for name, entry in data["layers"].items()
        if name in entries and not entry.get("closed", False)
    }


def measured(keras: Any, known: dict[str, Any]) -> dict[str, Any]:
    """The stored keywords that are still taken, and those that a base class names."""
    names = dict(vars(keras.layers))
    return {
        name: {"given": entry["given"], "extra": _taken(names, name, entry)}
        for name, entry in known.items()
        if name in names
    }


def _taken(names: dict[str, Any], class_name: str, entry: dict[str, Any]) -> list[str]:
    layer = names[class_name]
    inherited = sorted(_named_by_bases(layer) - set(entry["extra"]))
    given = eval(f"dict({entry['given']})", dict(names))
    found = [name for name in entry["extra"] if name == _ANY or _is_taken(layer, given, name)]
    return found + [name for name in inherited if name not in given and _is_taken(layer, given, name)]


def _named_by_bases(layer: type) -> set[str]:
    bases = [base for base in layer.__mro__[1:] if "keras" in base.__module__ and base.__name__ not in _BASES]
    inits = [layer.__init__, *(base.__init__ for base in bases if "__init__" in vars(base))]
    if not any(each.kind is each.VAR_KEYWORD for each in inspect.signature(inits[0]).parameters.values()):
        return set()
    own, *inherited = (
        {each.name for each in inspect.signature(init).parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD}
        for init in inits
    )
    return set[str]().union(*inherited) - own - _EVERY_LAYERS


def _is_taken(layer: type, given: dict[str, Any], keyword: str) -> bool:
    """Whether the constructor takes the keyword; what it says about the value None does not count."""
    try:
        layer(**{**given, keyword: None})
    except Exception as error:  # noqa: BLE001 - whatever it raises
        return not any(words in str(error) for words in _REFUSALS)
    return True


def written(data: dict[str, Any], version: str, found: dict[str, Any]) -> dict[str, Any]:
    extra = {**data["extra"], **{name: entry["extra"] for name, entry in found.items() if entry["extra"]}}
    return {**data, "extra": extra}
