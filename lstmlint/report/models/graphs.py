"""A model as boxes and arrows, for formats that draw."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.report.models import Model
from lstmlint.report.models.values import count_text, shape_text
from lstmlint.words import printable


@dataclass(frozen=True, slots=True)
class Box:
    """One layer: its name and class, what it hands on, and a line about its weights (empty: it has none)."""

    name: str
    class_name: str
    output: str
    weights: str
    is_input: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Boxes, and arrows between them as pairs of places in `boxes`; `ends` hand on to nothing."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[int, int], ...]
    ends: tuple[int, ...]


def graph_of(model: Model) -> Graph:
    """The graph of a model.  A Sequential that knows its input gets a box for it."""
    layers = model["layers"]
    boxes = [_box(layer) for layer in layers]
    places: dict[str, int] = {}
    arrows: list[tuple[int, int]] = []
    for index, layer in enumerate(layers):
        before = layers[index - 1]["name"] if index else None
        for name in dict.fromkeys(layer["inputs"]):
            # A layer that stands twice in a stack: the nearer one.
            source = index - 1 if name == before else places.get(name)
            if source is not None:
                arrows.append((source, index))
        places.setdefault(layer["name"], index)
    late = [(places[name], i) for i, layer in enumerate(layers) for name in layer["inputs"] if places.get(name, -1) > i]
    arrows = list(dict.fromkeys([*arrows, *late]))
    shape = model.get("input_shape")
    if boxes and shape is not None and not layers[0]["inputs"] and layers[0]["class"] != "InputLayer":
        boxes.insert(0, Box("input", "", printable(shape_text(shape)), "", is_input=True))
        arrows = [(0, 1), *((source + 1, target + 1) for source, target in arrows)]
    sources = {source for source, _ in arrows}
    return Graph(tuple(boxes), tuple(arrows), tuple(i for i in range(len(boxes)) if i not in sources))


def _box(layer: Model) -> Box:
    count, trained = layer["params"], layer["trainable_params"]
    weights = "" if count == 0 else f"{printable(count_text(count))} parameters"
    if weights and trained == 0:
        weights += ", frozen"
    return Box(
        printable(str(layer["name"])),
        printable(str(layer["class"])),
        printable(shape_text(layer["output_shape"])),
        weights,
        layer["class"] == "InputLayer",
    )
