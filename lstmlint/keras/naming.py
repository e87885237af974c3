"""The names that Keras gives to layers and models which were not given one.

Source: `_to_snake_case` and `get_uid` of each version; tests/fixtures/summaries.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

from lstmlint.classes import dataclass, field, replace
from lstmlint.keras.layers.base import Layer
from lstmlint.keras.layers.messages import snake_case
from lstmlint.keras.versions import Version

#: Input layers count from 1 in K2 and T2, under a name of their own, as do models made of inputs and outputs.
_OWN_PREFIXES = {
    Version.K2: {"InputLayer": "input", "Functional": "model"},
    Version.T2: {"InputLayer": "input", "Functional": "model"},
    Version.K3: {"InputLayer": "input_layer"},
}
#: Layers that a layer makes of its own, for which Keras counts, too: when it is made, and (K3) when it is first called.
MADE_WITHIN: Mapping[str, tuple[str, ...]] = {"TextVectorization": ("StringLookup",)}
BUILT_WITHIN: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("MultiHeadAttention", "GroupedQueryAttention"), ("Softmax", "Dropout")
)
#: What stands for a number that differs from path to path.
UNCERTAIN = "?"


@dataclass(frozen=True, slots=True)
class Names:
    """The counters of one Keras session: `lstm`, `lstm_1` in T2 and K3, `lstm_1`, `lstm_2` in K2.

    `counts` has the number of names given for each prefix; None where it depends on the path.  Immutable.
    """

    version: Version
    counts: Mapping[str, int | None] = field(default_factory=dict)

    def of(self, layers: Iterable[Layer]) -> dict[Hashable, str]:
        """Names by layer key, for layers made in this order; what is inside a wrapper is made before it."""
        found: dict[Hashable, str] = {}
        names = self
        for layer in layers:
            names = names._named(layer, found)
        return found

    def next(self, class_name: str) -> tuple[str, Names]:
        """The name of the next thing of a class, and the counters behind it."""
        prefix = _OWN_PREFIXES[self.version].get(class_name) or snake_case(class_name, self.version)
        count = self.counts.get(prefix, 0)
        following = replace(self, counts={**self.counts, prefix: None if count is None else count + 1})
        if count is None:
            return f"{prefix}_{UNCERTAIN}", following
        if self.version is Version.K2 or (class_name == "InputLayer" and self.version is Version.T2):
            return f"{prefix}_{count + 1}", following
        return f"{prefix}_{count}" if count else prefix, following

    def generalise(self, other: object) -> Names:
        """The counters after one of two paths."""
        if not isinstance(other, Names):
            return Names(self.version)
        prefixes = {**self.counts, **other.counts}
        ours, theirs = self.counts, other.counts
        return replace(
            self, counts={p: ours.get(p, 0) if ours.get(p, 0) == theirs.get(p, 0) else None for p in prefixes}
        )

    def _named(self, layer: Layer, found: dict[Hashable, str]) -> Names:
        if layer.key in found:
            return self
        names = self
        inner = layer.arguments.get("layer")
        if isinstance(inner, Layer):
            names = names._named(inner, found)
        given = layer.name or layer.given_name
        found[layer.key], names = (given, names) if given else names.next(layer.title)
        return names
