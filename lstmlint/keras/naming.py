"""The names that Keras gives to layers which were not given one.

Source: `_to_snake_case` and `get_uid` of each version.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from lstmlint.classes import replace
from lstmlint.keras.layers.base import Layer
from lstmlint.keras.layers.messages import snake_case
from lstmlint.keras.versions import Version

#: Input layers count from 1 in K2 and T2, under a name of their own.
_INPUT = {Version.K2: "input", Version.T2: "input", Version.K3: "input_layer"}


class Names:
    """The counters of one Keras session: `lstm`, `lstm_1` in T2 and K3, `lstm_1`, `lstm_2` in K2."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._counts: dict[str, int] = {}

    def of(self, layers: Iterable[Layer]) -> dict[Hashable, str]:
        """Names by layer key, for layers made in this order; what is inside a wrapper is made before it."""
        names: dict[Hashable, str] = {}
        for layer in layers:
            self._name(layer, names)
        return names

    def add(self, layer: Layer) -> Layer:
        """The layer with the name that Keras gives it, as the next one made."""
        if layer.name is not None:
            return layer
        return replace(layer, given_name=self._next(layer.title))

    def _name(self, layer: Layer, names: dict[Hashable, str]) -> None:
        if layer.key in names:
            return
        inner = layer.arguments.get("layer")
        if isinstance(inner, Layer):
            self._name(inner, names)
        names[layer.key] = layer.name or layer.given_name or self._next(layer.title)

    def _next(self, class_name: str) -> str:
        is_input = class_name == "InputLayer"
        prefix = _INPUT[self._version] if is_input else snake_case(class_name, self._version)
        count = self._counts.get(prefix, 0)
        self._counts[prefix] = count + 1
        if self._version is Version.K2 or (is_input and self._version is Version.T2):
            return f"{prefix}_{count + 1}"
        return f"{prefix}_{count}" if count else prefix
