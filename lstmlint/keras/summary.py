"""What `model.summary()` shows: a row for each layer, and totals.

Source: `print_summary` of each version; tests/fixtures/summaries.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from lstmlint.classes import dataclass, replace
from lstmlint.keras.layers.base import Applied, Count, Layer, Structure, Tensor
from lstmlint.keras.layers.call import UNKNOWN_COUNT, is_hollow
from lstmlint.keras.layers.registry import apply
from lstmlint.keras.model import Functional, Model, Node, Sequential, plain, summed
from lstmlint.keras.naming import Names
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim

#: What stands for the output of a layer that was called on different shapes (K2, T2).
MULTIPLE = "multiple"

#: What was set as `trainable` of layers and models, by key, after they were made; None: not known.
Flags: TypeAlias = "Mapping[Hashable, bool | None]"


@dataclass(frozen=True, slots=True)
class Row:
    """One layer: its output (None: unknown), its parameters, the names of the layers it takes from, and the layer's key."""

    name: str
    class_name: str
    origin: Any
    output: Structure | str
    count: Count | None
    inputs: tuple[str, ...]
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All rows, and the totals in elements; a total is None where a count is not known."""

    rows: tuple[Row, ...]
    total: Dim | None
    trainable: Dim | None
    non_trainable: Dim | None


def summary(
    model: Model,
    version: Version,
    names: Mapping[Hashable, str] | None = None,
    *,
    flags: Flags | None = None,
    trained: bool | None = True,
) -> Summary:
    """The table of a model.

    `names`: of layers by key, where the program made others before; else counted here.  `flags`: what the program has
    set as `trainable` of layers, `trained`: of the model itself.
    """
    told = {**Names(version).of(model.layers), **(names or {})}
    weights = _Weights(version, flags or {})
    calls = _calls(model)
    rows = tuple(_row(uses, told, weights) for uses in calls)
    everything: dict[Hashable, Count | None] = {}
    for uses in calls:
        everything |= weights.of(uses[0], trained)
    if isinstance(model, Subclassed):  # it may have weights of its own beside those of its layers
        count = (
            _limited(model.count, trained if not (weights.flags.keys() & everything.keys()) else None) or UNKNOWN_COUNT
        )
    else:
        count = summed(everything.values())
    total, fixed = count.total, count.non_trainable
    trainable = None if total is None or fixed is None else total - fixed
    return Summary(rows, total, trainable, fixed)


@dataclass(frozen=True, slots=True)
class _Use:
    """One call of a layer within a model."""

    layer: Layer
    inputs: Structure
    applied: Applied
    sources: tuple[Hashable | None, ...]


def _calls(model: Model) -> tuple[tuple[_Use, ...], ...]:
    """The layers in the order of their rows, each with its calls in the order in which they were made."""
    if isinstance(model, Sequential):
        return tuple((use,) for use in _steps(model))
    if isinstance(model, Subclassed):  # the layers in its attributes; nothing is known of those not called
        return tuple((_Use(layer, None, model.calls.get(layer.key, Applied(None)), ()),) for layer in model.layers)
    by_layer: dict[Hashable, list[Node]] = {}
    for node in model.nodes:
        by_layer.setdefault(node.layer.key, []).append(node)
    return tuple(
        tuple(_use(node) for node in sorted(by_layer[layer.key], key=lambda node: node.serial))
        for layer in model.layers
    )  # fmt: skip


def _steps(model: Sequential) -> Iterator[_Use]:
    seen: Structure = model.input
    before: tuple[Hashable, ...] = ()
    for step in model.steps:
        yield _Use(step.layer, seen, step.applied, before)
        seen, before = step.applied.output, (step.layer.key,)


def _use(node: Node) -> _Use:
    sources = tuple(parent.node.layer.key if parent.node is not None else None for parent in node.parents)
    return _Use(node.layer, plain(node.inputs), node.applied, sources)


def _row(uses: Sequence[_Use], names: Mapping[Hashable, str], weights: _Weights) -> Row:
    first = uses[0]
    inputs = tuple(names.get(source, "?") for use in uses for source in use.sources if source is not None)
    count = first.applied.count
    if count is not None and not is_hollow(first.layer, weights.version):
        count = replace(count, non_trainable=summed(weights.of(first, True).values()).non_trainable)
    output = _shown_output(uses, weights.version)
    return Row(names[first.layer.key], first.layer.title, first.layer.origin, output, count, inputs, first.layer.key)


def _shown_output(uses: Sequence[_Use], version: Version) -> Structure | str:
    """The output of a layer that may have been called several times: K3 shows the last one."""
    outputs = [use.applied.output for use in uses]
    if version is Version.K3 or all(_shapes(output) == _shapes(outputs[-1]) for output in outputs):
        return outputs[-1]
    return None if None in outputs else MULTIPLE


def _shapes(structure: Structure) -> object:
    """The shapes alone: other things that are known of the values may differ."""
    if isinstance(structure, tuple):
        return tuple(map(_shapes, structure))
    return structure.shape if isinstance(structure, Tensor) else None


# --- weights ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Weights:
    """Counts by the layers that have the weights, so that what is shared counts once."""

    version: Version
    flags: Flags

    def of(self, use: _Use, trained: bool | None) -> dict[Hashable, Count | None]:
        """The counts behind one layer; `trained`: whether what is around it is trained (None: not known)."""
        model = use.layer.arguments.get("model")
        if isinstance(model, (Sequential, Functional)):
            if isinstance(model, Sequential) and model.input is None:
                model = model.on(use.inputs, self.version)
            trained = _both(trained, self.flags.get(use.layer.key, True))
            found: dict[Hashable, Count | None] = {}
            for uses in _calls(model):
                found |= self.of(uses[0], trained)
            return found
        return {use.layer.key: _limited(self._count(use), trained)}

    def _count(self, use: _Use) -> Count | None:
        layer, count = use.layer, use.applied.count
        inner = layer.arguments.get("layer")
        if isinstance(inner, Layer) and inner.key in self.flags:
            return _limited(count, None)
        if layer.key not in self.flags:
            return self._with(use, True) if is_hollow(layer, self.version) else count
        flag = self.flags[layer.key]
        if flag is None:
            return _limited(count, None)
        return self._with(use, flag)

    def _with(self, use: _Use, trainable: bool) -> Count | None:
        """The count of the layer with another `trainable`."""
        layer = replace(use.layer, arguments={**use.layer.arguments, "trainable": trainable})
        return apply(layer, use.inputs, self.version).count


def _both(a: bool | None, b: bool | None) -> bool | None:
    return False if a is False or b is False else None if a is None or b is None else True


def _limited(count: Count | None, trained: bool | None) -> Count | None:
    """The count of weights that are not trained, or not known to be."""
    if count is None or trained is True or count.total == 0:
        return count
    return replace(count, non_trainable=None if trained is None else count.total)
