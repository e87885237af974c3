"""Models as steps of a plan: layers and their calls, operations, Sequential and functional models."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

from lstmlint.interpreter.values import Const, External, Sequence, SliceValue, Symbolic, Value
from lstmlint.keras.layers.base import Applied, Layer, Structure, Tensor
from lstmlint.keras.layers.call import is_told
from lstmlint.keras.model import Functional, Model, Node, SymbolicTensor, flattened, functional
from lstmlint.keras.model import Sequential as Stack
from lstmlint.keras.operations import OPERATION, OPERATORS
from lstmlint.keras.signatures import signature
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_values import KerasTensor
from lstmlint.libraries.registry import canonical
from lstmlint.libraries.tensor_graph import symbolic_arguments
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Axis, Shape
from lstmlint.verify.arguments import NotStated, stated_arguments, stated_keywords

#: Operators as `operator` of the standard library calls them, where it is not as we do.
_OPERATORS = {
    "true_divide": "truediv", "floor_divide": "floordiv", "multiply": "mul", "subtract": "sub", "power": "pow",
    "get_item": "getitem", "equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt",
    "greater_equal": "ge", "logical_and": "and_", "logical_or": "or_", "negative": "neg", "positive": "pos",
    "absolute": "abs", "invert": "invert",
}  # fmt: skip


class Writer:
    """Writes the steps of one case.  What is made once is referred to from then on."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.steps: list[dict[str, Any]] = []
        self.left_out: list[str] = []
        self.shapes: list[Shape] = []  # all that have to be sizes of something
        self.rows: list[Dim] = []  # numbers of samples among the sizes
        self.layers: dict[Hashable, list[str]] = {}  # the steps that apply each layer, by its key
        self.sites: dict[str, Any] = {}  # where the program does what a step does
        self.stand_ins = False  # whether tensors of unknown origin are inputs of their own
        self._made: dict[Hashable, str] = {}
        self._calls: dict[int, str] = {}

    def step(self, do: str, *, site: Any = None, **keys: Any) -> str:
        """Add a step; its id.  `site` is where the program does it."""
        ident = f"s{len(self.steps) + 1}"
        if site is not None:
            self.sites[ident] = site
        self.steps.append({"id": ident, "do": do, **{key: value for key, value in keys.items() if value is not None}})
        return ident

    # --- layers ------------------------------------------------------------------------------------------------------

    def layer(self, layer: Layer) -> str:
        """The id of the step that makes a layer, or of a model that is used as one."""
        if layer.key not in self._made:
            model = layer.arguments.get("model")
            if isinstance(model, (Stack, Functional, Subclassed)):
                self._made[layer.key] = self.model(model, layer.name)
            else:
                self._made[layer.key] = self._make(layer)
        return self._made[layer.key]

    def _make(self, layer: Layer) -> str:
        known = signature(layer.class_name, self.version)
        if known is None or layer.given_class is not None:
            raise NotStated(f"{layer.title} is a class of the program or of another library")
        if layer.class_name == "Lambda":
            raise NotStated("Lambda runs a function of the program")
        kwargs = stated_arguments(layer, known, self.left_out, self.reference)
        return self.step(
            "make", name=f"keras.layers.{layer.class_name}", args=[], kwargs=kwargs, about=about(layer),
            site=layer.origin,
        )  # fmt: skip

    def reference(self, layer: Layer) -> dict[str, str]:
        """The value that refers to a layer."""
        return {"ref": self.layer(layer)}

    def input(self, shape: Shape, dtype: str | None = None, name: str | None = None) -> str:
        """An input tensor.  Shapes: the batch first, None where it is open."""
        if not shape.exact or not shape.dims:
            raise NotStated("the number of axes of an input is not known")
        self.shapes.append(shape)
        kwargs: dict[str, Any] = {"shape": {"tuple": list(shape.dims[1:])}}
        if shape.dims[0] is not None:
            kwargs["batch_size"] = shape.dims[0]
        if dtype is not None:
            kwargs["dtype"] = dtype
        if name is not None:
            kwargs["name"] = name
        expected = {"shapes": [list(shape.dims)]} if all(map(is_told_axis, shape.dims)) else None
        return self.step("make", name="keras.Input", args=[], kwargs=kwargs, expected=expected)

    # --- graphs ------------------------------------------------------------------------------------------------------

    def tensor(self, structure: Structure) -> Any:
        """The value of symbolic tensors whose calls are all written."""
        if isinstance(structure, tuple):
            return [self.tensor(part) for part in structure]
        if not isinstance(structure, SymbolicTensor) or id(structure.node) not in self._calls:
            if self.stand_ins and isinstance(structure, Tensor) and structure.masked is False:
                return {"ref": self.input(structure.shape, structure.dtype)}
            raise NotStated("it is not known where a tensor comes from")
        return {"ref": self._calls[id(structure.node)], "index": structure.index}

    def ancestors(self, tensors: Iterable[SymbolicTensor]) -> None:
        """Write all calls that tensors come from."""
        for node in functional((), tuple(tensors)).nodes:
            self.node(node)

    def ancestors_of_call(self, call: Any) -> None:
        """Write all calls that the tensors among the arguments of a call come from."""
        self.ancestors(each.tensor for each in symbolic_arguments(call))

    def node(self, node: Node) -> str:
        """The id of the step that makes a call of the graph; those before it are written."""
        if id(node) not in self._calls:
            self._calls[id(node)] = self._call(node)
        return self._calls[id(node)]

    def _call(self, node: Node) -> str:
        layer, expected = node.layer, self.expected(node.applied)
        if layer.class_name == "InputLayer":
            made = node.applied.output
            assert isinstance(made, Tensor)
            ident = self.input(made.shape, _plain(layer.arguments.get("dtype")), layer.name)
            return self._applies(layer, ident)
        if layer.rule.grade == OPERATION:
            again = layer.arguments.get("again")
            if again is None:
                raise NotStated(f"{layer.class_name} stands for several operations")
            return self._applies(layer, self.operate(again.call, again.args, again.keywords, expected))
        callee = self.layer(layer)
        kwargs = stated_keywords(node.call_arguments, layer.title)
        if node.initial_state is not None:
            kwargs["initial_state"] = self.tensor(node.initial_state)
        inputs = self.tensor(node.inputs)
        ident = self.step(
            "call", callee=callee, args=[inputs], kwargs=kwargs, expected=expected, about=about(layer), site=layer.origin,
        )  # fmt: skip
        return self._applies(layer, ident)

    def _applies(self, layer: Layer, ident: str) -> str:
        """Remember that a step applies a layer."""
        self.layers.setdefault(layer.key, []).append(ident)
        return ident

    def operate(self, call: Any, args: Iterable[Value], keywords: dict[str, Value], expected: Any = None) -> str:
        """An operation on tensors, by the name of the function that is called."""
        module, _, function = canonical(call.name).rpartition(".")
        name = f"operator.{_OPERATORS.get(function, function)}" if module == OPERATORS else canonical(call.name)
        return self.step(
            "operate", name=name, args=[self._operand(call, value) for value in args],
            kwargs={key: self._operand(call, value) for key, value in keywords.items()}, expected=expected, about=call.name,
        )  # fmt: skip

    def _operand(self, call: Any, value: Value) -> Any:
        value = call.interpreter.state.resolve(value)
        if isinstance(value, KerasTensor):
            return self.tensor(value.tensor)
        if isinstance(value, Const):
            if value.value is ...:
                return {"ellipsis": True}
            if value.value is None or isinstance(value.value, (bool, int, float, str)):
                return value.value
        if isinstance(value, Symbolic):
            return value.dim
        if isinstance(value, SliceValue):
            return {"slice": [self._operand(call, part) for part in (value.lower, value.upper, value.step)]}
        if isinstance(value, External) and value.name.startswith("tensorflow."):
            return value.name.rpartition(".")[2]  # a dtype
        items = call.items(value)
        if items is None:
            raise NotStated(f"an argument of `{call.name}` is not known")
        parts = [self._operand(call, item) for item in items]
        kind = value.kind if isinstance(value, Sequence) else "list"
        return {"tuple": parts} if kind == "tuple" else parts

    # --- models ------------------------------------------------------------------------------------------------------

    def model(
        self, graph: Model, name: str | None = None, *, is_declared: bool = True, steps: int | None = None
    ) -> str:
        """The id of the step that makes a model; of a Sequential only so many `steps`.

        `is_declared`: its input shape is part of it, and not taken from the first data.
        """
        if isinstance(graph, Stack):
            return self._sequential(graph, name, is_declared, steps)
        if isinstance(graph, Functional):
            return self._functional(graph, name)
        raise NotStated(f"{graph.layer.title} is a class of the program")

    def _sequential(self, graph: Stack, name: str | None, is_declared: bool, steps: int | None) -> str:
        model = self.step("make", name="keras.Sequential", args=[], kwargs={} if name is None else {"name": name})
        has_input = graph.input_layer is not None
        if graph.input_layer is not None and graph.input is not None:
            made = self.input(
                graph.input.shape, _plain(graph.input_layer.arguments.get("dtype")), graph.input_layer.name
            )
            self.step("add", model=model, layer={"ref": made})
        for each in graph.steps[:steps]:
            has_input = has_input or (each is graph.steps[0] and each.layer.declared is not None)
            layer = self.reference(each.layer)
            expected = self.expected(each.applied) if graph.input is not None else None
            site = each.layer.origin
            ident = self.step("add", model=model, layer=layer, expected=expected, about=about(each.layer), site=site)
            self._applies(each.layer, ident)
        if is_declared and not has_input and graph.input is not None:
            self.build(model, graph.input.shape)
        return model

    def build(self, model: str, shape: Shape) -> str:
        """`model.build(shape)`."""
        if not shape.exact:
            raise NotStated("the number of axes of the input is not known")
        self.shapes.append(shape)
        return self.step("build", model=model, shape=list(shape.dims))

    def _functional(self, graph: Functional, name: str | None) -> str:
        self.ancestors((*flattened(graph.inputs), *flattened(graph.outputs)))
        inputs, outputs = self.tensor(graph.inputs), self.tensor(graph.outputs)
        kwargs = {"inputs": inputs, "outputs": outputs}
        return self.step(
            "make", name="keras.Model", args=[], kwargs=kwargs if name is None else {**kwargs, "name": name}
        )

    def expected(self, applied: Applied) -> dict[str, Any] | None:
        """What lstmlint computed of a call, as far as it is known."""
        found: dict[str, Any] = {}
        leaves = flattened_shapes(applied.output)
        if leaves is not None and applied.refusal is None:
            self.shapes += leaves
            if all(is_told_axis(axis) for shape in leaves for axis in shape.dims):
                found["shapes"] = [list(shape.dims) for shape in leaves]
        if applied.count is not None and applied.count.total is not None:
            found["params"] = applied.count.total
        return found or None


def is_told_axis(axis: Axis) -> bool:
    """Whether an axis is open, or made of numbers and names of the source only."""
    return axis is None or is_told(axis)


def flattened_shapes(structure: Structure) -> list[Shape] | None:
    """The shapes of a structure, None where one is not known."""
    if isinstance(structure, tuple):
        parts = [flattened_shapes(part) for part in structure]
        return None if any(part is None for part in parts) else [shape for part in parts for shape in part or ()]
    return [structure.shape] if isinstance(structure, Tensor) and structure.shape.exact else None


def about(layer: Layer) -> str:
    """A layer for people: its class, and the line where it is made."""
    module, node = getattr(layer.origin, "module", None), getattr(layer.origin, "node", None)
    span = module.span(node) if module is not None else None
    return layer.title if span is None else f"{layer.title}, line {span.start.row}"


def _plain(value: Any) -> str | None:
    return value if isinstance(value, str) else None


__all__ = ["Writer", "about", "flattened", "flattened_shapes"]
