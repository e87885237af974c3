"""Models as steps of a plan: layers and their calls, operations, Sequential and functional models."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lstmlint.interpreter.values import Const, External, SliceValue, Symbolic, Value
from lstmlint.interpreter.values import Sequence as Items
from lstmlint.keras.layers.base import Applied, Layer, Structure, Tensor
from lstmlint.keras.layers.call import is_told
from lstmlint.keras.model import Functional, Model, Node, SymbolicTensor, flattened, functional
from lstmlint.keras.model import Sequential as Stack
from lstmlint.keras.operations import OPERATION, OPERATORS
from lstmlint.keras.signatures import signature
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_functions import BODIES, Body, called_on
from lstmlint.libraries.keras_values import KerasTensor
from lstmlint.libraries.registry import canonical
from lstmlint.libraries.tensor_graph import symbolic_arguments
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Axis, Shape
from lstmlint.verify.arguments import NotStated, stated_arguments, stated_keywords, value_of

#: Operators as `operator` of the standard library calls them, where it is not as we do.
_OPERATORS = {
    "true_divide": "truediv", "floor_divide": "floordiv", "multiply": "mul", "subtract": "sub", "power": "pow",
    "get_item": "getitem", "equal": "eq", "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt",
    "greater_equal": "ge", "logical_and": "and_", "logical_or": "or_", "negative": "neg", "positive": "pos",
    "absolute": "abs", "invert": "invert",
}  # fmt: skip


#: What functions call their argument.
_ARGUMENT = "x"


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
        self._own_inputs: dict[Hashable, tuple[Structure, ...]] = {}  # what layers of the program are called on
        self._into = self.steps  # where steps go: those of the case, or of a function
        self._given: dict[int, int] = {}  # the tensors that the function is given, and their numbers
        self._count = 0

    def step(self, do: str, *, site: Any = None, **keys: Any) -> str:
        """Add a step; its id.  `site` is where the program does it."""
        self._count += 1
        ident = f"s{self._count}"
        if site is not None:
            self.sites[ident] = site
        self._into.append({"id": ident, "do": do, **{key: value for key, value in keys.items() if value is not None}})
        return ident

    # --- layers ------------------------------------------------------------------------------------------------------

    def layer(self, layer: Layer, inputs: Structure = None) -> str:
        """The id of the step that makes a layer, or of a model that is used as one; `inputs` are what it is called on."""
        if layer.key not in self._made:
            model = layer.arguments.get("model")
            with self._within(self.steps, {}):
                if isinstance(model, (Stack, Functional, Subclassed)):
                    self._made[layer.key] = self.model(model, layer.name)
                else:
                    self._made[layer.key] = self._make(layer, inputs)
        elif BODIES in layer.arguments and self._own_inputs.get(layer.key) != called_on(inputs):
            raise NotStated(f"{layer.title} is called on inputs of several shapes")
        return self._made[layer.key]

    @contextmanager
    def _within(self, steps: list[dict[str, Any]], given: dict[int, int]) -> Iterator[None]:
        """Steps go to another list, where other tensors are given."""
        before = self._into, self._given
        self._into, self._given = steps, given
        try:
            yield
        finally:
            self._into, self._given = before

    def _make(self, layer: Layer, inputs: Structure) -> str:
        if BODIES in layer.arguments:
            return self._own(layer, inputs)
        known = signature(layer.class_name, self.version)
        if known is None or layer.given_class is not None:
            raise NotStated(f"{layer.title} is a class of the program or of another library")
        kwargs = stated_arguments(layer, known, self.left_out, self.reference)
        return self.step(
            "make", name=f"keras.layers.{layer.class_name}", args=[], kwargs=kwargs, about=about(layer),
            site=layer.origin,
        )  # fmt: skip

    def reference(self, layer: Layer, inputs: Structure = None) -> dict[str, str]:
        """The value that refers to a layer."""
        return {"ref": self.layer(layer, inputs)}

    # --- functions of the program ------------------------------------------------------------------------------------

    def _own(self, layer: Layer, inputs: Structure) -> str:
        """A `Lambda`, or a layer or model of a class of the program: what its function does is operations of Keras."""
        body: Body | None = layer.arguments[BODIES].get(called_on(inputs))
        if body is None:
            raise NotStated(f"what {layer.title} does is not known in full")
        self._own_inputs[layer.key] = called_on(inputs)
        function = self._function(body.given, lambda: self._result(body.result))
        kwargs = {} if layer.name is None else {"name": layer.name}
        if layer.class_name == "Lambda":
            declared = layer.arguments.get("output_shape")
            if declared is not None:
                kwargs["output_shape"] = value_of(declared, f"`output_shape` of {layer.title}")
            return self.step(
                "make",
                name="keras.layers.Lambda",
                args=[function],
                kwargs=kwargs,
                about=about(layer),
                site=layer.origin,
            )
        held = [each for each in body.layers if each.key in self._made]
        for each in held:
            self._applies(each, self._made[each.key])
        inner = [{"ref": self._made[each.key]} for each in held]
        base = "Model" if body.is_model else "Layer"
        return self.step(
            "own", base=base, layers=inner, function=function, kwargs=kwargs, about=about(layer), site=layer.origin
        )

    def _function(self, given: Sequence[SymbolicTensor], write: Callable[[], Any]) -> dict[str, Any]:
        """A function of one argument: the tensors that are given, by what `write` makes of them."""
        steps: list[dict[str, Any]] = []
        with self._within(steps, {id(tensor): number for number, tensor in enumerate(given)}):
            result = write()
        return {"function": {"parameters": [_ARGUMENT], "steps": steps, "result": result}}

    def _result(self, result: Structure) -> Any:
        self._follow(flattened(result))
        return self.tensor(result)

    def _follow(self, tensors: Iterable[SymbolicTensor]) -> None:
        """Write the calls that tensors of a function come from, back to what it is given."""
        for tensor in tensors:
            node = tensor.node
            if id(tensor) in self._given or node is None or id(node) in self._calls:
                continue
            self._follow(node.parents)
            self.node(node)

    def inside(self, call: Any) -> str:
        """The step of an operation that a function of the program makes, on inputs of the shapes at hand: in a layer, too."""
        tensors = list({id(each.tensor): each.tensor for each in symbolic_arguments(call)}.values())
        inputs = [{"ref": self.input(tensor.shape, tensor.dtype)} for tensor in tensors]
        function = self._function(tensors, lambda: {"ref": self.operate(call, call.args, call.keywords)})
        made = self.step("own", base="Layer", layers=[], function=function, kwargs={})
        return self.step("call", callee=made, args=[inputs if len(inputs) > 1 else inputs[0]], kwargs={})

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
        if id(structure) in self._given:
            return {"ref": _ARGUMENT, "index": self._given[id(structure)]}
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
        callee = self.layer(layer, node.inputs)
        kwargs = stated_keywords(node.call_arguments, layer.title)
        if node.initial_state is not None:
            kwargs["initial_state"] = self.tensor(node.initial_state)
        inputs = self.tensor(node.inputs)
        if self._into is not self.steps and expected is not None:  # the steps of functions have no answers
            maker = next(step for step in self.steps if step["id"] == callee)
            maker["expected"] = {key: value for key, value in expected.items() if key == "params"}
        ident = self.step(
            "call", callee=callee, args=[inputs], kwargs=kwargs, expected=expected, about=about(layer), site=layer.origin,
        )  # fmt: skip
        return self._applies(layer, ident)

    def _applies(self, layer: Layer, ident: str) -> str:
        """Remember that a step of the case applies a layer."""
        if self._into is self.steps:
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
            if self._into is not self.steps:
                raise NotStated(f"an argument of `{call.name}` is a size that the source does not tell")
            return value.dim
        if isinstance(value, SliceValue):
            return {"slice": [self._operand(call, part) for part in (value.lower, value.upper, value.step)]}
        if isinstance(value, External) and value.name.startswith("tensorflow."):
            return value.name.rpartition(".")[2]  # a dtype
        items = call.items(value)
        if items is None:
            raise NotStated(f"an argument of `{call.name}` is not known")
        parts = [self._operand(call, item) for item in items]
        kind = value.kind if isinstance(value, Items) else "list"
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
        return self.layer(graph.layer, graph.input)

    def _sequential(self, graph: Stack, name: str | None, is_declared: bool, steps: int | None) -> str:
        model = self.step("make", name="keras.Sequential", args=[], kwargs={} if name is None else {"name": name})
        has_input = graph.input_layer is not None
        before: Structure = graph.input
        if graph.input_layer is not None and graph.input is not None:
            made = self.input(
                graph.input.shape, _plain(graph.input_layer.arguments.get("dtype")), graph.input_layer.name
            )
            self.step("add", model=model, layer={"ref": made})
        for each in graph.steps[:steps]:
            has_input = has_input or (each is graph.steps[0] and each.layer.declared is not None)
            layer = self.reference(each.layer, before)
            before = each.applied.output
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
