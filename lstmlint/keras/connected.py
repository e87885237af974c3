"""What a functional model must be: its outputs come from its inputs, and its layers have different names.

Source: measured messages of each Keras.
"""

from __future__ import annotations

from lstmlint.keras.layers.base import Layer
from lstmlint.keras.model import Functional, Node, flattened


def missing_input(graph: Functional) -> tuple[Layer, Layer] | None:
    """An input layer that the outputs need and the model is not given, and the layer that needs it.

    None where all is there, or where the maker of an input is not known.
    """
    given = flattened(graph.inputs)
    if any(tensor.node is None for tensor in given):
        return None
    ends = {id(tensor.node) for tensor in given}
    stack: list[tuple[Node, Node]] = [
        (tensor.node, tensor.node) for tensor in flattened(graph.outputs) if tensor.node is not None
    ]
    seen: set[int] = set()
    while stack:
        node, needed_by = stack.pop()
        if id(node) in seen or id(node) in ends:
            continue
        seen.add(id(node))
        if node.layer.class_name == "InputLayer":
            return node.layer, needed_by.layer
        stack += [(parent.node, node) for parent in node.parents if parent.node is not None]
    return None


def shared_name(graph: Functional) -> tuple[Layer, Layer] | None:
    """Two layers to which the program gives one name, the second of them first."""
    named: dict[str, Layer] = {}
    for node in graph.nodes:
        layer = node.layer
        first = named.setdefault(layer.name, layer) if layer.name is not None else layer
        if first.key != layer.key:
            return layer, first
    return None
