"""Models as values: `Sequential`, functional graphs, models inside models, and their summaries.

Source: facts: recurrent, Sequential; `keras/engine/sequential.py` and `network.py` of Keras 2.2.4, `functional.py` of
2.15 and 3 for the order of layers.
"""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from lstmlint.classes import dataclass, field, replace
from lstmlint.keras.layers.base import Applied, Count, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.registry import apply
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

_ONE_OUTPUT = (
    "All layers in a Sequential model should have a single output tensor. "
    "For multi-output layers, use the functional API."
)
_UNIQUE_K2 = 'The name "{name}" is used 2 times in the model. All layer names should be unique.'
_UNIQUE = (
    'All layers added to a Sequential model should have unique names. Name "{name}" is already the name of a layer'
)


# --- Sequential ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """One layer of a Sequential, with what it makes of what comes to it."""

    layer: Layer
    applied: Applied

    @property
    def refusal(self) -> Refusal | None:
        return self.applied.refusal


@dataclass(frozen=True, slots=True)
class Sequential:
    """A stack of layers.  Immutable: `add` and `pop` give another one.

    `input` is what the model was told about its input (by an input layer, by its first layer, by `build`), None where
    that is nothing yet; the steps then hold what is certain of any input.
    """

    steps: tuple[Step, ...] = ()
    input: Tensor | None = None
    input_layer: Layer | None = None

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers, without an input layer, as in Keras."""
        return tuple(step.layer for step in self.steps)

    @property
    def is_built(self) -> bool:
        """Whether the input is known, so that the weights exist."""
        return self.input is not None

    @property
    def output(self) -> Structure:
        """What the last layer gives, None where nothing is known of it."""
        return self.steps[-1].applied.output if self.steps else self.input

    @property
    def refusals(self) -> tuple[tuple[Layer, Refusal], ...]:
        """The layers that refuse what comes to them.  Behind one of them nothing is known, so a second is rare."""
        return tuple((step.layer, step.refusal) for step in self.steps if step.refusal is not None)

    def add(self, layer: Layer, version: Version) -> Sequential:
        """The model with one more layer; `steps[-1].refusal` tells whether Keras refuses it."""
        if layer.class_name == "InputLayer" and not self.steps:
            tensor = apply(layer, None, version).output
            return Sequential((), tensor if isinstance(tensor, Tensor) else Tensor(UNKNOWN_SHAPE), layer)
        if not self.steps and self.input is None and layer.declared is not None:
            return Sequential((), Tensor(layer.declared)).add(layer, version)
        step = Step(layer, self._applied(layer, version))
        return replace(self, steps=(*self.steps, step))

    def pop(self) -> Sequential:
        """The model without its last layer (an empty model: as it is)."""
        if not self.steps:
            return self
        steps = self.steps[:-1]
        return replace(self, steps=steps) if steps or self.input_layer else Sequential()

    def build(self, input_shape: Shape, version: Version) -> Sequential:
        """The model on an input of this shape (batch first)."""
        return self.on(Tensor(input_shape), version)

    def on(self, tensor: Structure, version: Version) -> Sequential:
        """The model on this input, every layer applied anew."""
        if not isinstance(tensor, Tensor):
            tensor = Tensor(UNKNOWN_SHAPE, masked=None)
        model = Sequential((), tensor, self.input_layer)
        for layer in self.layers:
            model = replace(model, steps=(*model.steps, Step(layer, model._applied(layer, version))))
        return model

    def _applied(self, layer: Layer, version: Version) -> Applied:
        refusal = self._refused_name(layer, version)
        if refusal is not None:
            return Applied(None, refusal)
        applied = apply(layer, self.output, version)
        if version is Version.K3 or not isinstance(applied.output, tuple) or len(applied.output) == 1:
            return applied
        exception = "TypeError" if version is Version.K2 and self.steps else "ValueError"
        found = f"{len(applied.output)} tensors"
        return Applied(None, Refusal("structure", "one output tensor", found, exception, _ONE_OUTPUT), applied.count)

    def _refused_name(self, layer: Layer, version: Version) -> Refusal | None:
        """Another layer under a name that is taken (the same layer may come again).  K2 notices when it builds."""
        taken = {step.layer.name for step in self.steps if step.layer.key != layer.key}
        if layer.name is None or layer.name not in taken:
            return None
        message = (_UNIQUE_K2 if version is Version.K2 else _UNIQUE).format(name=layer.name)
        return Refusal("name", "layers with unique names", layer.name, "ValueError", message)


# --- functional graphs -----------------------------------------------------------------------------------------------

_serials = itertools.count()


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One call of a layer: the symbolic tensors that went in, in order, and what came out.  `serial` grows with time."""

    layer: Layer
    inputs: Structure
    applied: Applied
    call_arguments: Mapping[str, Any] = field(default_factory=dict)
    initial_state: Structure = None
    is_rooted: bool = False  # whether all that goes in is surely made of inputs of a model
    serial: int = field(default_factory=lambda: next(_serials))

    @property
    def parents(self) -> tuple[SymbolicTensor, ...]:
        """The symbolic tensors that this call takes, states included: those by place, then by name, as Keras sorts them."""
        inputs, names = self.inputs, self.layer.rule.inputs
        if isinstance(inputs, tuple) and names:
            order = sorted(zip(names, inputs), key=lambda pair: pair[0] if pair[0] in self.call_arguments else "")
            inputs = tuple(item for _, item in order)
        return (*flattened(inputs), *flattened(self.initial_state))


@dataclass(frozen=True, slots=True, eq=False)
class SymbolicTensor(Tensor):
    """A tensor that remembers the call that makes it, and which of its outputs it is.

    Where it is not known how many tensors a call gives, one of unknown shape stands for them.
    """

    node: Node | None = None
    index: int = 0

    @property
    def plain(self) -> Tensor:
        """The tensor alone."""
        return Tensor(self.shape, self.dtype, self.activation, self.masked, self.sizes)

    @property
    def is_rooted(self) -> bool:
        """Whether it surely belongs to a graph that begins with inputs (inside a layer Keras has other tensors)."""
        return self.node is not None and self.node.is_rooted


@dataclass(frozen=True, slots=True)
class Called:
    """The result of calling a layer on symbolic tensors: what comes out (symbolic), and a refusal if it is certain."""

    output: Structure
    node: Node

    @property
    def refusal(self) -> Refusal | None:
        return self.node.applied.refusal


def call(
    layer: Layer,
    inputs: Structure,
    version: Version,
    *,
    initial_state: Structure = None,
    call_arguments: Mapping[str, Any] | None = None,
    built: Count | None = None,
) -> Called:
    """Call a layer (or a model as a layer) on symbolic tensors; an input layer is called on None.

    `built` counts the weights that an earlier call has made.
    """
    arguments = call_arguments or {}
    applied = apply(layer, plain(inputs), version, initial_state=plain(initial_state), call_arguments=arguments)
    if built is not None and applied.refusal is None:
        applied = replace(applied, count=built)
    return joined(layer, inputs, applied, arguments, initial_state)


def joined(
    layer: Layer,
    inputs: Structure,
    applied: Applied,
    call_arguments: Mapping[str, Any] | None = None,
    initial_state: Structure = None,
) -> Called:
    """A call of a layer, of which it is known what comes out, as part of a graph."""
    parents = (*flattened(inputs), *flattened(initial_state))
    is_rooted = all(parent.is_rooted for parent in parents) if parents else layer.class_name == "InputLayer"
    node = Node(layer, inputs, applied, call_arguments or {}, initial_state, is_rooted)
    return Called(_symbolic(applied.output, node), node)


def without_maker(tensor: Tensor) -> SymbolicTensor:
    """The tensor as a symbolic one that no call of a graph is known to make."""
    return SymbolicTensor(tensor.shape, tensor.dtype, tensor.activation, tensor.masked, tensor.sizes)


def same_shape(a: Structure, b: Structure) -> bool:
    """Whether two values are one tensor each, of the same known shape."""
    return isinstance(a, Tensor) and isinstance(b, Tensor) and a.shape.exact and a.shape == b.shape


def shaping_layer(steps: tuple[Step, ...]) -> Layer | None:
    """The layer that gave the last output its shape: those behind it (Dropout, Activation) hand the shape on."""
    index = len(steps) - 1
    while index > 0 and same_shape(steps[index].applied.output, steps[index - 1].applied.output):
        index -= 1
    return steps[index].layer if steps else None


def shaping_node_layer(tensor: SymbolicTensor) -> Layer | None:
    """The same in a graph of calls."""
    while (node := tensor.node) is not None:
        before = node.inputs
        if not isinstance(before, SymbolicTensor) or before.node is None or not same_shape(before, tensor):
            return node.layer
        tensor = before
    return None


def plain(structure: Structure) -> Structure:
    """The structure with tensors that remember nothing."""
    if isinstance(structure, tuple):
        return tuple(plain(item) for item in structure)
    return structure.plain if isinstance(structure, SymbolicTensor) else structure


def flattened(structure: Structure) -> tuple[SymbolicTensor, ...]:
    """The symbolic tensors of a structure, in order."""
    if isinstance(structure, tuple):
        return tuple(tensor for item in structure for tensor in flattened(item))
    return (structure,) if isinstance(structure, SymbolicTensor) else ()


def _symbolic(output: Structure, node: Node) -> Structure:
    counter = iter(range(10**6))

    def remembered(item: Structure) -> Structure:
        if isinstance(item, tuple):
            return tuple(remembered(part) for part in item)
        tensor = item if isinstance(item, Tensor) else Tensor(UNKNOWN_SHAPE, masked=None)
        told = (tensor.shape, tensor.dtype, tensor.activation, tensor.masked, tensor.sizes)
        return SymbolicTensor(*told, node, next(counter))

    return remembered(output)


@dataclass(frozen=True, slots=True)
class Functional:
    """A graph from inputs to outputs.  `nodes` are the calls between them, each behind those that it needs."""

    inputs: Structure
    outputs: Structure
    nodes: tuple[Node, ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in the order of Keras's summary, input layers included, shared ones once."""
        return _ordered_layers(self)

    @property
    def output(self) -> Structure:
        return plain(self.outputs)

    @property
    def refusals(self) -> tuple[tuple[Layer, Refusal], ...]:
        """The calls that Keras refuses."""
        return tuple((node.layer, node.applied.refusal) for node in self.nodes if node.applied.refusal is not None)

    def on(self, tensors: Structure, version: Version) -> Applied:
        """The outputs for other inputs, every call made anew."""
        given = tensors if isinstance(tensors, tuple) else (tensors,)
        expected = flattened(self.inputs)
        if len(given) != len(expected):
            return Applied(None)
        known: dict[tuple[int, int], Structure] = {}
        for symbol, tensor in zip(expected, given):
            known[id(symbol.node), symbol.index] = tensor
        for node in self.nodes:
            if (id(node), 0) in known or node.layer.class_name == "InputLayer":
                continue
            applied = _again(node, known, version)
            if applied.refusal is not None:
                return Applied(None, applied.refusal)
            for index, item in enumerate(_leaves(applied.output)):
                known[id(node), index] = item
        return Applied(_replaced(self.outputs, known))


def functional(inputs: Structure, outputs: Structure) -> Functional:
    """The graph between symbolic tensors."""
    return Functional(inputs, outputs, _nodes_between(flattened(inputs), flattened(outputs)))


def _again(node: Node, known: Mapping[tuple[int, int], Structure], version: Version) -> Applied:
    inputs, states = _replaced(node.inputs, known), _replaced(node.initial_state, known)
    return apply(node.layer, inputs, version, initial_state=states, call_arguments=node.call_arguments)


def _replaced(structure: Structure, known: Mapping[tuple[int, int], Structure]) -> Structure:
    if isinstance(structure, tuple):
        return tuple(_replaced(item, known) for item in structure)
    if isinstance(structure, SymbolicTensor):
        return known.get((id(structure.node), structure.index), structure.plain)
    return structure


def _leaves(structure: Structure) -> tuple[Structure, ...]:
    if isinstance(structure, tuple):
        return tuple(leaf for item in structure for leaf in _leaves(item))
    return (structure,)


def _nodes_between(inputs: Sequence[SymbolicTensor], outputs: Sequence[SymbolicTensor]) -> tuple[Node, ...]:
    """The calls that the outputs need, not going behind the inputs; each after its parents."""
    done: dict[int, Node] = {}
    ends = {id(tensor.node) for tensor in inputs}
    stack: list[tuple[Node, bool]] = [(tensor.node, False) for tensor in reversed(outputs) if tensor.node is not None]
    while stack:
        node, is_ready = stack.pop()
        if id(node) in done:
            continue
        if is_ready:
            done[id(node)] = node
            continue
        stack.append((node, True))
        if id(node) not in ends:
            stack.extend((parent.node, False) for parent in reversed(node.parents) if parent.node is not None)
    for tensor in inputs:
        if tensor.node is not None:
            done.setdefault(id(tensor.node), tensor.node)
    return tuple(done.values())


def _ordered_layers(model: Functional) -> tuple[Layer, ...]:
    """Keras sorts by depth (the longest way to an output), then by when it meets a layer, coming from the outputs."""
    node_depths: dict[int, int] = {}
    layer_depths: dict[Hashable, int] = {}
    for node in reversed(model.nodes):
        depth = max(node_depths.get(id(node), 0), layer_depths.get(node.layer.key, 0))
        node_depths[id(node)] = layer_depths[node.layer.key] = depth
        for parent in node.parents:
            if parent.node is not None:
                node_depths[id(parent.node)] = max(depth + 1, node_depths.get(id(parent.node), 0))
    meeting = _meeting_order(model)
    layers = {node.layer.key: node.layer for node in model.nodes}
    return tuple(sorted(layers.values(), key=lambda layer: (-layer_depths[layer.key], meeting.get(layer.key, -1))))


def _meeting_order(model: Functional) -> dict[Hashable, int]:
    """When Keras meets each layer, walking back from the outputs."""
    order: dict[Hashable, int] = {}
    inside = {id(node) for node in model.nodes}
    seen: set[int] = set()
    stack = [tensor.node for tensor in reversed(flattened(model.outputs))]
    while stack:
        node = stack.pop()
        if node is None or id(node) in seen or id(node) not in inside:
            continue
        seen.add(id(node))
        order.setdefault(node.layer.key, len(order))
        stack.extend(parent.node for parent in reversed(node.parents))
    return order


# --- models as layers ------------------------------------------------------------------------------------------------

Model: TypeAlias = Sequential | Functional | Subclassed


def model_layer(
    model: Model, key: Hashable, *, name: str | None = None, given_name: str | None = None, origin: Any = None
) -> Layer:
    """The model as a layer of another model."""
    if isinstance(model, Subclassed):
        return model.layer
    declared = None
    if isinstance(model, Sequential):
        declared = None if model.input is None else model.input.shape
    elif isinstance(model.inputs, Tensor):
        declared = model.inputs.shape
    return Layer(_RULES[type(model)], {"model": model}, key, name, declared, origin, given_name)


def adjusted(inputs: Structure, declared: Structure, version: Version) -> Structure:
    """One input with an axis of size 1 at its end more or less, where that is all that the declared rank lacks."""
    if version is Version.K2 or not isinstance(inputs, Tensor) or not isinstance(declared, Tensor):
        return inputs
    given, wanted = inputs.shape, declared.shape
    if given.rank is None or wanted.rank is None:
        return inputs
    if given.rank == wanted.rank + 1 and given.dims[-1] == 1:
        return replace(inputs, shape=Shape(given.dims[:-1]))
    if given.rank == wanted.rank - 1 and wanted.dims[-1] == 1:
        return replace(inputs, shape=Shape((*given.dims, 1)))
    return inputs


def _apply_sequential(layer: Layer, inputs: Structure, version: Version) -> Applied:
    model: Sequential = layer.arguments["model"]
    model = model.on(adjusted(inputs, model.input, version), version)
    refusals = model.refusals
    if refusals:
        return Applied(None, refusals[0][1])
    return Applied(model.output, None, summed(step.applied.count for step in model.steps))


def _apply_functional(layer: Layer, inputs: Structure, version: Version) -> Applied:
    model: Functional = layer.arguments["model"]
    applied = model.on(adjusted(inputs, model.inputs, version), version)
    first_calls = {node.layer.key: node.applied.count for node in reversed(model.nodes)}
    return applied if applied.refusal is not None else replace(applied, count=summed(first_calls.values()))


def summed(counts: Iterable[Count | None]) -> Count:
    """The count of several layers together, None where one is not known."""
    total: Dim | None = 0
    fixed: Dim | None = 0
    for count in counts:
        total = None if total is None or count is None or count.total is None else total + count.total
        fixed = None if fixed is None or count is None or count.non_trainable is None else fixed + count.non_trainable
    return Count(total, fixed, "the sum of the layers")


_RULES: Mapping[type, LayerRule] = {
    Sequential: LayerRule("Sequential", _apply_sequential, "facts: recurrent, Sequential"),
    Functional: LayerRule("Functional", _apply_functional, "reference: Model"),
}
