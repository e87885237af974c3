"""The models of a file as `show` prints them: a table of layers with output shapes and parameter counts."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.joins import leaves, object_leaves
from lstmlint.interpreter.state import LibraryObject, Scope
from lstmlint.interpreter.values import Ref, Site
from lstmlint.keras.layers.base import Count, Structure, Tensor
from lstmlint.keras.model import Functional, Model, plain
from lstmlint.keras.summary import Flags, Row, summary
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Axis
from lstmlint.trace import ModelChanged, ModelState, TrainableSet

#: What stands for a shape or count that is not known.
UNKNOWN = "?"
#: The key of what real Keras says of a model or layer.
VERIFIED = "verified"
#: How `show` names the three generations.
GENERATIONS = {Version.K2: "2.2", Version.T2: "2.15", Version.K3: "3"}


def shown_models(
    run: Interpreter, version: Version, asked: Mapping[Hashable, Any] | None = None
) -> tuple[dict[str, Any], ...]:
    """One object for each model that the program makes, in the order of their lines.

    With `asked` each says under `VERIFIED` what is asked about it, by its key, and each row has its layer's key there.
    """
    last: dict[Hashable, ModelState] = {}
    flags: dict[Hashable, bool | None] = {}
    for recorded in run.events:
        event = recorded.event
        if isinstance(event, ModelChanged):
            last[event.model.key] = event.model
        elif isinstance(event, TrainableSet):
            is_sure = all(assumption.forced for assumption in (*recorded.path, *recorded.splits))
            flags.update(dict.fromkeys(event.keys, event.value if is_sure else None))
    variables = _variables(run)
    shown = [
        _shown(model, version, flags, _variable(model, variables.get(key, ())), asked)
        for key, model in last.items()
        if _has_layers(model)
    ]
    return tuple(sorted(shown, key=lambda model: (model["filename"], model["line"] or 0)))


def _variables(run: Interpreter) -> dict[Hashable, list[str]]:
    """The names of the program's own module that hold a model at its end, by the model's key."""
    held: dict[Hashable, list[str]] = {}
    ref = run.modules.get(str(run.entry.path or run.entry.name)) if run.entry is not None else None
    scope = run.state.heap.get(ref.address) if ref is not None else None
    for name, value in scope.names.items() if isinstance(scope, Scope) else ():
        for leaf in leaves(value):
            found = run.state.heap.get(leaf.address) if isinstance(leaf, Ref) else None
            for target in object_leaves(found) if found is not None else ():
                if isinstance(target, LibraryObject) and isinstance(target.payload, ModelState):
                    held.setdefault(target.payload.key, []).append(name)
    return held


def _variable(model: ModelState, holders: Sequence[str]) -> str | None:
    """The variable that holds the model: the one that it was made for, else one that a function's result went to."""
    return model.name if model.name in holders or not holders else holders[0]


def _has_layers(model: ModelState) -> bool:
    return model.graph is not None and bool(model.graph.layers)


def _shown(
    model: ModelState, version: Version, flags: Flags, name: str | None, asked: Mapping[Hashable, Any] | None
) -> dict[str, Any]:
    assert model.graph is not None
    table = summary(model.graph, version, flags=flags, trained=flags.get(model.key, True))
    shown: dict[str, Any] = {
        "name": name,
        "keras_name": model.known_as,
        "class": model.class_name,
        "filename": model.site.module.name,
        "line": _line(model.site),
        "cell": _cell(model.site),
        "keras": GENERATIONS[version],
        "input_shape": _input_shape(model.graph),
        "layers": [_layer(row) for row in table.rows],
        "total_params": _count(table.total),
        "trainable_params": _count(table.trainable),
        "non_trainable_params": _count(table.non_trainable),
    }
    if asked is not None:
        shown[VERIFIED] = asked.get(model.key)
        for layer, row in zip(shown["layers"], table.rows):
            layer[VERIFIED] = row.key
    return shown


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


def _input_shape(graph: Model) -> Any:
    """The shape of what goes in, where that is known; several are a list."""
    if isinstance(graph, Functional):
        return _structure(plain(graph.inputs))
    return None if graph.input is None else _structure(graph.input)


def _cell(site: Site) -> int | None:
    span = site.module.span(site.node)
    return span.cell if span is not None else None


def _structure(output: Structure | str) -> Any:
    if isinstance(output, str):
        return output
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
