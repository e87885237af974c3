"""Which modules and names each release of Keras has, under `keras` and under `tensorflow.keras`.

Source: `names.json`, read from the sources of the releases by `scripts/keras_names.py`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.keras.versions import Version

_FILE = Path(__file__).with_name("names.json")
_OPEN = "*"
"""Stands among the names of a module that may have more."""

NAMESPACES = ("tensorflow.keras", "keras")
_PRIVATE = ("src", "api")
"""Members of `keras` that are no part of it: nothing is said of what is in them."""

#: Where a module of old has gone, for what is not found by going up.
_MOVED = {
    "objectives": "losses", "initializations": "initializers", "engine": "layers", "engine.topology": "layers",
    "engine.base_layer": "layers", "engine.training": "models", "engine.sequential": "models",
    "utils.visualize_util": "utils", "legacy.layers": "layers", "backend": "ops", "backend.tensorflow_backend": "ops",
    "layers.experimental.preprocessing": "layers", "models": "", "engine.input_layer": "layers",
    "layers.experimental": "layers", "wrappers.scikit_learn": "wrappers",
}  # fmt: skip
#: What to use instead of a name that went under another one, or went altogether.
_INSTEAD = {
    "CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU", "l1l2": "L1L2", "Deconvolution2D": "Conv2DTranspose", "Deconv2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose", "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D",
    "TimeseriesGenerator": "timeseries_dataset_from_array", "plot": "plot_model", "ThresholdedReLU": "ReLU",
    "merge": "concatenate", "Merge": "Concatenate", "TimeDistributedDense": "TimeDistributed",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Era:
    """The Keras that is meant: its generation, and the release ("2.15") where the program is for that one only."""

    version: Version
    release: str | None = None

    @property
    def number(self) -> tuple[int, int] | None:
        """Major and minor number of the release, None where it is not told."""
        found = _number(self.release or "")
        return (found[0], found[1]) if len(found) > 1 else None


@dataclass(frozen=True, slots=True)
class Missing:
    """A name that the Keras that is meant does not have.

    `full` is the module that is not there, or the module and the name ("keras.utils", "np_utils"); `instead` the qualified
    name that has taken its place, if there is one, and `is_same` tells that it is the same thing elsewhere.
    `elsewhere` is the other namespace, where that still has the name.
    """

    module: str
    name: str | None
    instead: str | None = None
    is_same: bool = False
    elsewhere: str | None = None


@functools.lru_cache(maxsize=4096)
def missing(module: str, name: str | None, era: Era) -> Missing | None:
    """What is not there when `module` is imported (`name` None), or `name` is taken from it.

    None where all is there, and where that is not known: another library, a private name, a release that was not read.
    """
    namespace, inside = _split(module)
    table = _Table.of(namespace, era) if namespace is not None else None
    if namespace is None or table is None or inside is None or _is_private(inside):
        return None
    parts = inside.split(".") if inside else []
    for end in range(len(parts) + 1):
        owner = ".".join(parts[:end])
        if not table.has_module(owner):
            above = ".".join(parts[: end - 1])
            if table.is_open(above) or parts[end - 1] in table.names(above):
                return None  # the part is no module, but a class, perhaps
            return Missing(f"{namespace}.{owner}", None, *_replacement(table, inside, name, era))
    if name is None or name == "*" or name.startswith("_") or name in _PRIVATE or table.has(inside, name):
        return None
    return Missing(module, name, *_replacement(table, inside, name, era))


def has_module(module: str, era: Era) -> bool:
    """Whether a module is known to be there."""
    namespace, inside = _split(module)
    table = _Table.of(namespace, era) if namespace is not None else None
    return table is not None and inside is not None and table.has_module(inside)


def _split(module: str) -> tuple[str | None, str | None]:
    """The namespace of a module, and its name inside of that."""
    for namespace in NAMESPACES:
        if module == namespace:
            return namespace, ""
        if module.startswith(namespace + "."):
            return namespace, module[len(namespace) + 1 :]
    return None, None


def _is_private(inside: str) -> bool:
    parts = inside.split(".")
    return parts[0] in _PRIVATE or any(part.startswith("_") for part in parts)


def _replacement(table: _Table, inside: str, name: str | None, era: Era) -> tuple[str | None, bool, str | None]:
    """What has taken the place of a name, whether it is the same thing, and the namespace that still has it."""
    whole = inside if name is None else f"{inside}.{name}".strip(".")
    found, is_same = (None, False) if name is None else _new_place(table, inside, name)
    if found is None and (name is None or table.was_module(whole)):
        moved = _MOVED.get(whole, whole.rpartition(".")[0])
        found = table.full(moved) if moved and table.has_module(moved) else None
    other = next(each for each in NAMESPACES if each != table.namespace)
    there = _Table.of(other, era)
    has = there is not None and there.has_module(inside) and (name is None or there.has(inside, name))
    return found, is_same, other if has else None


def _new_place(table: _Table, inside: str, name: str) -> tuple[str | None, bool]:
    """Where a name is now: further up, in the module that took over, or under another spelling."""
    moved = _MOVED.get(inside)
    places = [inside, *([moved] if moved is not None else [])]
    while "." in places[-1] or places[-1] == inside != "":
        places.append(places[-1].rpartition(".")[0])
        if not places[-1]:
            break
    for place in places:
        if place and table.has(place, name) and not table.has_module(f"{place}.{name}"):
            return f"{table.full(place)}.{name}", place != "ops"
    other = _INSTEAD.get(name, name)
    for place in (*places, "utils", "preprocessing"):
        known = table.names(place) if place else frozenset()
        spelt = [other, *(each for each in sorted(known) if _plain(each) == _plain(other))]
        for each in spelt:
            if each in known and each != name:
                return f"{table.full(place)}.{each}", _plain(each) == _plain(name)
    if table.has("", name) and not table.has_module(name):
        return table.full(name), True
    return None, False


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


class _Table:
    """The names of one namespace in the releases that an era allows: what none of them has is missing."""

    def __init__(self, namespace: str, mask: int, modules: Mapping[str, Mapping[str, str]]) -> None:
        self.namespace = namespace
        self._mask = mask
        self._modules = modules
        self._names: dict[str, frozenset[str]] = {}

    @staticmethod
    @functools.cache
    def of(namespace: str, era: Era) -> _Table | None:
        """The table of a namespace; None where no release of the era has it."""
        entry = _data()[namespace]
        places = [i for i, release in enumerate(entry["releases"]) if Version.parse(release) is era.version]
        if era.release is not None:
            places = _around(entry["releases"], places, era.release)
        return _Table(namespace, sum(1 << i for i in places), entry["modules"]) if places else None

    def full(self, inside: str) -> str:
        return f"{self.namespace}.{inside}" if inside else self.namespace

    def names(self, module: str) -> frozenset[str]:
        """The names of a module; "" among them where it exists."""
        found = self._names.get(module)
        if found is None:
            groups = self._modules.get(module, {})
            listed = [names.split(" ") for mask, names in groups.items() if int(mask, 16) & self._mask]
            found = self._names[module] = frozenset(name for names in listed for name in names)
        return found

    def has_module(self, module: str) -> bool:
        return "" in self.names(module)

    def was_module(self, module: str) -> bool:
        """Whether some release has the module, be it of another generation."""
        return module in self._modules

    def is_open(self, module: str) -> bool:
        return _OPEN in self.names(module)

    def has(self, module: str, name: str) -> bool:
        return self.is_open(module) or name in self.names(module) or self.has_module(f"{module}.{name}".strip("."))


_LAST_K2 = ((2, 2), (2, 3))
"""Releases that are one in what is known of their behaviour."""


def _around(releases: list[str], places: list[int], release: str) -> list[int]:
    """The place of one release among those read, or of its neighbours where it was not."""
    wanted = _number(release)
    if len(wanted) < 2:
        return places
    if wanted in _LAST_K2:
        return [i for i in places if _number(releases[i]) in _LAST_K2]
    if wanted >= (3,):
        return places  # Keras 3 takes names away and puts them back as it grows; what all its releases lack is missing
    exact = [i for i in places if _number(releases[i]) == wanted]
    before = [i for i in places if _number(releases[i]) < wanted][-1:]
    after = [i for i in places if _number(releases[i]) > wanted][:1]
    return exact or before + after


def _number(release: str) -> tuple[int, ...]:
    parts = release.strip().lstrip("v").split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())


@functools.cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return loaded
