"""What `model.summary()` shows: a row for each layer, and totals."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import Applied, Count, Layer, Structure
from lstmlint.keras.layers.call import UNKNOWN_COUNT
from lstmlint.keras.model import Functional, Model, Node, Sequential, summed
from lstmlint.keras.naming import Names
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim


@dataclass(frozen=True, slots=True)
class Row:
    """One layer: its output (None: unknown), its parameters, and the names of the layers it takes from."""

    name: str
    class_name: str
    origin: Any
    output: Structure
    count: Count | None
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """All rows, and the totals in elements; a total is None where a count is not known."""

    rows: tuple[Row, ...]
    total: Dim | None
    trainable: Dim | None
    non_trainable: Dim | None


def summary(model: Model, version: Version, names: Mapping[Hashable, str] | None = None) -> Summary:
    """The table of a model.  `names`: of layers by key, where the program made others before; else counted here."""
    given = dict(names or {})
    counted = Names(version).of(model.layers)
    told = {**counted, **given}
    if isinstance(model, Subclassed):
        rows = _tracked_rows(model, told)
        count = model.count or UNKNOWN_COUNT
    else:
        rows = _sequential_rows(model, told) if isinstance(model, Sequential) else _graph_rows(model, told)
        count = summed(row.count for row in rows)
    total, fixed = count.total, count.non_trainable
    return Summary(rows, total, None if total is None or fixed is None else total - fixed, fixed)


def _sequential_rows(model: Sequential, names: Mapping[Hashable, str]) -> tuple[Row, ...]:
    rows: list[Row] = []
    for step in model.steps:
        before = (rows[-1].name,) if rows else ()
        rows.append(_row(step.layer, names, step.applied, step.applied.output, before))
    return tuple(rows)


def _tracked_rows(model: Subclassed, names: Mapping[Hashable, str]) -> tuple[Row, ...]:
    """The layers in the attributes, with what its last call made of them: nothing is known of those not called."""
    unknown = Applied(None)
    return tuple(
        _row(layer, names, applied, applied.output, ())
        for layer in model.layers
        for applied in (model.calls.get(layer.key, unknown),)
    )


def _graph_rows(model: Functional, names: Mapping[Hashable, str]) -> tuple[Row, ...]:
    calls: dict[Hashable, list[Node]] = {}
    for node in model.nodes:
        calls.setdefault(node.layer.key, []).append(node)
    rows = []
    for layer in model.layers:
        nodes = calls[layer.key]
        rows.append(_row(layer, names, nodes[0].applied, _common_output(nodes), _sources(nodes, names)))
    return tuple(rows)


def _row(
    layer: Layer, names: Mapping[Hashable, str], applied: Applied, output: Structure, inputs: tuple[str, ...]
) -> Row:
    return Row(names[layer.key], layer.title, layer.origin, output, applied.count, inputs)


def _common_output(nodes: Sequence[Node]) -> Structure:
    """The output of a shared layer, None where its calls give different ones."""
    first = nodes[0].applied.output
    return first if all(node.applied.output == first for node in nodes) else None


def _sources(nodes: Sequence[Node], names: Mapping[Hashable, str]) -> tuple[str, ...]:
    return tuple(
        names.get(parent.node.layer.key, "?") for node in nodes for parent in node.parents if parent.node is not None
    )
