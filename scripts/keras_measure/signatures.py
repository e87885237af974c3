"""Arguments and defaults of every public layer and merging function, and the words that stand for objects.

What a class takes through `**kwargs` (`extra`) is measured by `keywords`; what the base layer takes (`base`) is read in the sources.
"""

from __future__ import annotations

import inspect
from typing import Any

PATH = "lstmlint/keras/signatures/{}.json"
_KINDS = ("activations", "initializers", "regularizers", "constraints")
#: Base classes: what they take stands in the data as `base`.
_BASES = ("Layer", "Wrapper")
_ANY = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def stored(data: dict[str, Any], version: str) -> dict[str, Any]:
    return {name: data[name] for name in ("aliases", "layers", "functions", *_KINDS) if name in data}


def measured(keras: Any, known: dict[str, Any]) -> dict[str, Any]:
    """The same structure, of the installed Keras."""
    classes = {
        name: item for name, item in vars(keras.layers).items() if inspect.isclass(item) and _is_layer(keras, item)
    }
    own = {name: item for name, item in classes.items() if name in known["layers"] or item.__name__ == name}
    own |= {item.__name__: item for item in classes.values() if item.__name__ in known["layers"]}
    layers = {name: _entry(item.__init__, known["layers"].get(name)) for name, item in sorted(own.items())}
    layers |= {name: known["layers"][name] for name in _BASES if name in known["layers"]}
    aliases = {name: _canonical(item, own) for name, item in sorted(classes.items()) if name not in own}
    functions = {
        name: _entry(getattr(keras.layers, name), known["functions"][name])
        for name in known["functions"]
        if hasattr(keras.layers, name)
    }
    found = {"aliases": aliases, "layers": layers, "functions": functions}
    return found | {kind: _words(getattr(keras, kind), known[kind]) for kind in _KINDS if kind in known}


def written(data: dict[str, Any], version: str, found: dict[str, Any]) -> dict[str, Any]:
    return {**data, **found}


def _is_layer(keras: Any, item: type) -> bool:
    return issubclass(item, keras.layers.Layer) and not item.__name__.startswith("_")


def _canonical(item: type, own: dict[str, type]) -> str:
    return next((name for name, each in own.items() if each is item), item.__name__)


def _entry(function: Any, known: dict[str, Any] | None) -> dict[str, Any]:
    """Required and optional arguments; `closed` where nothing more is taken.

    Where a class takes anything, what it names is stored as it was read in the sources.
    """
    parameters = list(inspect.signature(function).parameters.values())
    named = [each for each in parameters if each.kind not in _ANY and each.name != "self"]
    if not named and known is not None and (known["required"] or known["optional"]):
        return known
    entry: dict[str, Any] = {
        "required": [each.name for each in named if each.default is each.empty],
        "optional": {each.name: _plain(each.default) for each in named if each.default is not each.empty},
    }
    is_open = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
    if (known or {}).get("closed", False) or (known is None and not is_open):
        entry["closed"] = True
    return entry


def _plain(value: Any) -> Any:
    """A default as JSON has it."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return getattr(value, "__name__", type(value).__name__)


def _words(module: Any, known: list[str]) -> list[str]:
    """The words that the module takes for an object: the known ones, and all names in it in both spellings."""
    names = {*known, *(name for name in dir(module) if not name.startswith("_"))} - {"get", "serialize", "deserialize"}
    return sorted(name for name in names if _is_taken(module, name) and (name in known or name not in _MODULES))


#: Helpers that stand in the modules beside the objects.
_MODULES = frozenset({"keras_export", "Initializer", "Regularizer", "Constraint"})


def _is_taken(module: Any, name: str) -> bool:
    try:
        return module.get(name) is not None
    except Exception:  # noqa: BLE001 - whatever it raises
        return False
