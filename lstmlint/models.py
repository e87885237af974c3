"""The models of a file as `show` prints them: a table of layers with output shapes and parameter counts."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.values import Site
from lstmlint.keras.layers.base import Count, Layer, Structure, Tensor
from lstmlint.keras.naming import Names
from lstmlint.keras.summary import Row, summary
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Axis
from lstmlint.trace import LayerConstructed, ModelChanged, ModelState

#: What stands for a shape or count that is not known.
UNKNOWN = "?"
#: How `show` names the three generations.
GENERATIONS = {Version.K2: "2.2", Version.T2: "2.15", Version.K3: "3"}


def shown_models(run: Interpreter, version: Version) -> tuple[dict[str, Any], ...]:
    """One object for each model that the program makes, in the order of their lines; models inside others are theirs."""
    last: dict[Hashable, ModelState] = {}
    made: list[Layer] = []
    for recorded in run.events:
        event = recorded.event
        if isinstance(event, ModelChanged):
            last[event.model.key] = event.model
        elif isinstance(event, LayerConstructed) and event.layer is not None:
            made.append(event.layer)
    names = Names(version).of(made)
    inside = {layer.key for model in last.values() if model.graph is not None for layer in model.graph.layers}
    shown = [_shown(model, version, names) for key, model in last.items() if key not in inside and _has_layers(model)]
    return tuple(sorted(shown, key=lambda model: (model["filename"], model["line"] or 0)))


def _has_layers(model: ModelState) -> bool:
    return model.graph is not None and bool(model.graph.layers)


def _shown(model: ModelState, version: Version, names: dict[Hashable, str]) -> dict[str, Any]:
    assert model.graph is not None
    table = summary(model.graph, version, names)
    return {
        "name": model.name,
        "class": model.class_name,
        "filename": model.site.module.name,
        "line": _line(model.site),
        "keras": GENERATIONS[version],
        "layers": [_layer(row) for row in table.rows],
        "total_params": _count(table.total),
        "trainable_params": _count(table.trainable),
        "non_trainable_params": _count(table.non_trainable),
    }


def _layer(row: Row) -> dict[str, Any]:
    count = row.count if row.count is not None else Count(None, None, "")
    trainable = None
    if count.total is not None and count.non_trainable is not None:
        trainable = count.total - count.non_trainable
    return {
        "name": row.name,
        "class": row.class_name,
        "line": _line(row.origin) if isinstance(row.origin, Site) else None,
        "output_shape": _structure(row.output),
        "params": _count(count.total),
        "trainable_params": _count(trainable),
        "inputs": list(row.inputs),
        "formula": count.formula or None,
        "values": {name: _value(value) for name, value in count.values.items()},
    }


def _line(site: Site) -> int | None:
    span = site.module.span(site.node)
    return span.start.row if span is not None else None


def _structure(output: Structure) -> Any:
    if isinstance(output, tuple):
        return [_structure(part) for part in output]
    if not isinstance(output, Tensor) or not output.shape.exact:
        return UNKNOWN
    return [_axis(dim) for dim in output.shape.dims]


def _axis(dim: Axis) -> Any:
    return dim if dim is None or isinstance(dim, int) else str(dim)


def _count(count: Dim | None) -> Any:
    return UNKNOWN if count is None else _axis(count)


def _value(value: Any) -> Any:
    return list(map(_value, value)) if isinstance(value, tuple) else _axis(value)
