"""Arguments and defaults of every layer, per version of Keras: data, read when first asked for.

Source: the measured signatures (`inspect.signature` of each class) of Keras 2.2.4, tf.keras 2.15 and Keras 3.15, with
the keywords that classes take through `**kwargs` added from their sources.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.keras.versions import Version

_FILES = {Version.K2: "k2.json", Version.T2: "t2.json", Version.K3: "k3.json"}
_FOLDER = Path(__file__).with_name("signatures")


#: Stands among the `extra` keywords of a class that takes any, and does nothing with them.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a constructor takes: `required`, then `optional` (name to default), in positional order.

    `extra` are keywords taken through `**kwargs` by this class alone; `is_closed` says that those of the base layer are
    not taken.
    """

    required: tuple[str, ...]
    optional: Mapping[str, Any]
    extra: frozenset[str] = frozenset()
    is_closed: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """All names in positional order."""
        return (*self.required, *self.optional)


def signature(name: str, version: Version) -> Signature | None:
    """The constructor of the layer class `name` (or an alias of it), None where that version has no such layer."""
    data = _data(version)
    canonical = data["aliases"].get(name, name)
    entry = data["layers"].get(canonical)
    return None if entry is None else _signature(entry, data["extra"].get(canonical, ()))


def function_signature(name: str, version: Version) -> Signature | None:
    """The signature of a function of `keras.layers` (`Input`, `add`, `concatenate`, …), None where there is none."""
    data = _data(version)
    entry = data["functions"].get(name)
    return None if entry is None else _signature(entry, data["extra"].get(name, ()))


def layer_class(name: str, version: Version) -> str | None:
    """The class name behind `name` ("Convolution1D" is "Conv1D"), None where that version has no such layer."""
    data = _data(version)
    canonical = data["aliases"].get(name, name)
    return canonical if canonical in data["layers"] else None


def layer_names(version: Version) -> frozenset[str]:
    """Every name under which that version has a layer class, aliases included."""
    data = _data(version)
    return frozenset(data["layers"]) | frozenset(data["aliases"])


def base_keywords(version: Version) -> frozenset[str]:
    """The keywords that the base layer takes, on every layer that is not closed."""
    return frozenset(_data(version)["base"])


@functools.cache
def _data(version: Version) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((_FOLDER / _FILES[version]).read_text(encoding="utf-8"))
    return loaded


def _signature(entry: dict[str, Any], extra: tuple[str, ...] | list[str]) -> Signature:
    optional = {name: as_argument(default) for name, default in entry["optional"].items()}
    return Signature(tuple(entry["required"]), optional, frozenset(extra), entry.get("closed", False))


def as_argument(value: Any) -> Any:
    """A JSON value as an argument: lists are tuples."""
    return tuple(as_argument(item) for item in value) if isinstance(value, list) else value
