"""A built model on data of another shape than it was built for: which layer refuses them, and what comes out.

Source: facts, inputs (the layers' own checks); weights have the sizes that they were made with.
"""

from __future__ import annotations

from collections.abc import Sequence

from lstmlint.classes import dataclass
from lstmlint.keras.feeding import LAYER_CHECKS
from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, Structure, Tensor
from lstmlint.keras.layers.registry import apply
from lstmlint.keras.model import Functional, Sequential, SymbolicTensor, flattened
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal
from lstmlint.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class Run:
    """Whether all layers take what comes to them, the first that does not (or may not), and what comes out (None: not known)."""

    answer: Answer
    layer: Layer | None = None
    output: Structure = None


def run_on(graph: Sequential | Functional, given: Sequence[Shape], version: Version) -> Run:
    """The model on inputs of these shapes (with a batch, which does not matter)."""
    tensors = [Tensor(_open(shape)) for shape in given]
    if isinstance(graph, Sequential):
        return _in_line(graph, tensors[0], version)
    return _in_graph(graph, tensors, version)


def _open(shape: Shape) -> Shape:
    """The shape without the size of its batch."""
    return Shape((None, *shape.dims[1:])) if shape.exact and shape.dims else shape


def _in_line(graph: Sequential, tensor: Tensor, version: Version) -> Run:
    before: Structure = graph.input
    after: Structure = tensor
    for step in graph.steps:
        if _alike(before, after):
            return Run(Answer.YES, None, graph.output)
        run = _step(step.layer, before, after, version)
        if run.answer is not Answer.YES:
            return run
        before, after = step.applied.output, run.output
    return Run(Answer.YES, None, after)


def _in_graph(graph: Functional, tensors: Sequence[Tensor], version: Version) -> Run:
    values: dict[int, Structure] = {id(old): new for old, new in zip(flattened(graph.inputs), tensors)}
    for node in sorted(graph.nodes, key=lambda node: node.serial):
        if node.layer.class_name == "InputLayer":
            continue
        before, made = node.inputs, [tensor for tensor in _outputs(graph) if tensor.node is node]
        after = _replaced(before, values)
        if node.initial_state is not None or node.call_arguments:
            after = before if after is not None and _alike(before, after) else None
        run = Run(Answer.YES, None, node.applied.output)
        if after is None or not _alike(before, after):
            run = _step(node.layer, before, after, version)
        if run.answer is not Answer.YES:
            return run
        parts = run.output if isinstance(run.output, tuple) else (run.output,)
        values |= {id(tensor): parts[tensor.index] for tensor in made if tensor.index < len(parts)}
    return Run(Answer.YES, None, _replaced(graph.outputs, values))


def _outputs(graph: Functional) -> list[SymbolicTensor]:
    """All tensors of a graph that a call takes, or that come out of it."""
    return [tensor for node in graph.nodes for tensor in node.parents] + list(flattened(graph.outputs))


def _replaced(structure: Structure, values: dict[int, Structure]) -> Structure:
    """The structure with other tensors; None where one is not known."""
    if isinstance(structure, tuple):
        parts = tuple(_replaced(part, values) for part in structure)
        return None if None in parts else parts
    return values.get(id(structure))


def _step(layer: Layer, before: Structure, after: Structure, version: Version) -> Run:
    """A layer that was built on `before`, on `after`."""
    unsure = Run(Answer.CANNOT_KNOW, layer)
    if after is None:
        return unsure
    applied = apply(layer, after, version)
    check = LAYER_CHECKS[version].get(layer.class_name)
    if check is not None and isinstance(before, Tensor) and isinstance(after, Tensor):
        answer = check.accepts(after.shape, before.shape)
        if answer is not Answer.YES:
            return Run(answer, layer)
    elif not _is_weightless(applied if applied.refusal is None else apply(layer, before, version)):
        return unsure  # its weights may not fit
    if applied.refusal is not None:
        return Run(Answer.NO if check is None or version is Version.K3 else Answer.CANNOT_KNOW, layer)
    return unsure if applied.output is None else Run(Answer.YES, None, applied.output)


def _is_weightless(applied: Applied) -> bool:
    return applied.count is not None and applied.count.total == 0


def _alike(a: Structure, b: Structure) -> bool:
    """Whether two structures have the same shapes but for their batches."""
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(_alike, a, b))
    if not isinstance(a, Tensor) or not isinstance(b, Tensor) or not a.shape.exact or not b.shape.exact:
        return False
    first, second = a.shape.dims[1:], b.shape.dims[1:]
    return len(a.shape.dims) == len(b.shape.dims) and all(
        x is y or (x is not None and y is not None and equal(x, y) is Answer.YES) for x, y in zip(first, second)
    )


#: Layers that join tensors side by side, and those that hand rows on one by one beside the ones that have a check.
_ROWWISE = frozenset(LAYER_CHECKS[Version.K3]) | {
    "Add", "AlphaDropout", "Average", "AveragePooling2D", "BatchNormalization", "Conv3D", "ELU", "GaussianDropout",
    "GaussianNoise", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "InputLayer", "LayerNormalization", "LeakyReLU",
    "MaxPooling2D", "Maximum", "Minimum", "Multiply", "PReLU", "ReLU", "Softmax", "SpatialDropout1D", "SpatialDropout2D",
    "Subtract",
}  # fmt: skip


def keeps_rows(graph: object) -> bool:
    """Whether every row of the output surely belongs to a row of the input: no function of the program is in the model."""
    if not isinstance(graph, (Sequential, Functional)):
        return False
    return all(
        layer.class_name in _ROWWISE or (layer.class_name == "Concatenate" and layer.arguments.get("axis", -1) not in (0, UNKNOWN))
        for layer in graph.layers
    )  # fmt: skip
