"""Functions of the program as layers: the `call` of its own classes, and what `Lambda` is given.

Such a layer has a rule whose `apply` asks the interpreter to run the function on symbolic tensors of the shapes at hand.
What the function does to its tensors leaves events of its own, so a layer that refuses its input is told where it stands;
the layer around it only passes on that it failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter import sequences
from lstmlint.interpreter.attributes import find_in_class
from lstmlint.interpreter.budget import BudgetExceeded
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments
from lstmlint.interpreter.calls import call as call_value
from lstmlint.interpreter.interpreter import Interpreter, Unreachable
from lstmlint.interpreter.joins import leaves
from lstmlint.interpreter.state import DictObject, Instance
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Facets,
    Function,
    Method,
    Ref,
    Unknown,
    Value,
    fresh_key,
    unknown,
)
from lstmlint.interpreter.values import Sequence as Items
from lstmlint.keras.layers.base import Applied, Count, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import ZERO, join
from lstmlint.keras.model import SymbolicTensor, plain, summed, without_maker
from lstmlint.keras.subclassed import INSIDE, Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array, shape_of
from lstmlint.libraries.keras_tracking import has_unknown, subclassed_of, tracked_layers, update
from lstmlint.libraries.keras_values import (
    KerasTensor,
    Tracing,
    as_shape,
    is_refused,
    is_traced,
    shape_value,
    to_structure,
    tracing_of,
    version_of,
)
from lstmlint.shapes.shape import Shape
from lstmlint.trace import ModelState

#: Where the arguments of the call at hand stand in a layer's arguments.
GIVEN = "arguments of the call"

#: The `trainable` that Keras 3 is given by `super().__init__`: of the layer's own weights, not of those of layers inside.
OWN_TRAINABLE = "trainable weights of its own"


#: Where a layer keeps what its function makes, by what it is called on.
BODIES = "what the function makes"

#: Methods with which a class does more than its `call` says.
_MORE = (
    "__call__", "compute_output_shape", "compute_mask", "train_step", "test_step", "predict_step", "make_train_function",
    "fit", "evaluate", "predict", "compile", "compute_loss",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """What the function of a layer makes of symbolic tensors, `given` in order.  `layers` are those that the layer holds."""

    given: tuple[SymbolicTensor, ...]
    result: Structure
    layers: tuple[Layer, ...] = ()
    is_model: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """The arguments of a call.  `is_running`: on data, not to find out a shape."""

    arguments: Arguments
    is_running: bool = False


def given(layer: Layer, arguments: Arguments, *, is_running: bool = False) -> Layer:
    """The layer as it is called with these arguments."""
    return replace(layer, arguments={**layer.arguments, GIVEN: Given(arguments, is_running)})


# --- tensors in arguments --------------------------------------------------------------------------------------------


def tensors_in(call: Call, arguments: Arguments) -> list[Value]:
    """The tensors and arrays among the arguments, also those in lists, tuples and dicts, in order."""
    return [found for value in arguments.all() for found in _tensors(call, value)]


def _tensors(call: Call, value: Value) -> Iterator[Value]:
    value = call.interpreter.state.resolve(value)
    if isinstance(value, (KerasTensor, Array)):
        yield value
    for item in _parts(call, value):
        yield from _tensors(call, item)


def _parts(call: Call, value: Value) -> Sequence[Value]:
    """The known items of a list, tuple or dict."""
    mapping = call.mapping(value)
    if mapping is not None:
        return [entry for _, entry in mapping.entries.values()]
    if isinstance(value, Items) or (isinstance(value, Ref) and value.kind == "list"):
        return call.items(value) or ()
    return ()


def _symbolic(call: Call, value: Value, tensors: Iterator[Structure]) -> Value:
    """The value with a symbolic tensor of the next shape in place of each tensor in it."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, (KerasTensor, Array)):
        tensor = next(tensors)
        if isinstance(value, KerasTensor) and value.tensor.plain == tensor:
            return value  # it remembers the layer that made it
        return as_tensor(call, tensor)
    items = _parts(call, value)
    if not items:
        return value
    made = [_symbolic(call, item, tensors) for item in items]
    mapping = call.mapping(value)
    if mapping is None:
        kind = value.kind if isinstance(value, (Items, Ref)) else "list"
        return sequences.new(call.interpreter, Items(kind, tuple(made), len(made)))
    entries = {key: (name, item) for (key, (name, _)), item in zip(mapping.entries.items(), made)}
    return call.interpreter.allocate(DictObject(entries, mapping.other_key, mapping.others, mapping.length), "dict")


def as_tensor(call: Call, structure: Structure) -> Value:
    """Symbolic tensors of a structure, made by nothing that is known; several as a list."""
    if isinstance(structure, tuple):
        return call.new_list(as_tensor(call, part) for part in structure)
    if not isinstance(structure, Tensor):
        return Unknown(fresh_key(), "tensor")
    tensor = structure if isinstance(structure, SymbolicTensor) else without_maker(structure)
    return KerasTensor(tensor, None, is_inside=True)


def seen_of(call: Call, value: Value) -> Tensor:
    """What a layer sees of a tensor or array."""
    if isinstance(value, KerasTensor):
        return value.tensor
    assert isinstance(value, Array)
    return Tensor(shape_of(call, value), value.dtype)


def _leaves(structure: Structure) -> Iterator[Structure]:
    if isinstance(structure, tuple):
        for part in structure:
            yield from _leaves(part)
    else:
        yield structure


def _arguments(call: Call, layer: Layer, inputs: Structure) -> Arguments | None:
    """The arguments of a call with tensors of these shapes in them; None where too little is known to run anything."""
    told = layer.arguments.get(GIVEN)
    tensors = list(_leaves(inputs))
    if told is None:
        # Nothing is called yet, or by a container: a Sequential that waits for its input tells what is certain of any.
        known = all(isinstance(tensor, Tensor) and tensor.shape.exact for tensor in tensors)
        return Arguments([as_tensor(call, plain(inputs))]) if tensors and known else None
    arguments: Arguments = told.arguments
    if len(tensors_in(call, arguments)) != len(tensors):
        return arguments if tensors == [None] or not tensors_in(call, arguments) else None
    rest = iter(tensors)
    return Arguments(
        [_symbolic(call, value, rest) for value in arguments.args],
        {name: _symbolic(call, value, rest) for name, value in arguments.keywords.items()},
        arguments.open_args, arguments.open_keywords, arguments.rest,
    )  # fmt: skip


def structure_of(call: Call, value: Value) -> Structure:
    """What a function gives, as a layer's output: what is common to all that it may be."""
    value = call.interpreter.state.resolve(value)
    if not isinstance(value, Facets):
        return plain(to_structure(call, value))
    if any(map(is_refused, leaves(value))):
        return None
    return join(structure_of(call, value.then), structure_of(call, value.other))


def called_on(inputs: Structure) -> tuple[Structure, ...]:
    """The tensors that a layer is called on, without what they remember, in order."""
    return tuple(_leaves(plain(inputs)))


def _keep_body(
    call: Call, layer: Layer, inputs: Structure, arguments: Arguments, value: Value | None,
    layers: Sequence[Layer] = (), *, is_model: bool = False,
) -> None:  # fmt: skip
    """Keep what a function makes of its one argument, where that is told by what its tensors remember."""
    bodies = layer.arguments.get(BODIES)
    if bodies is None or value is None or len(arguments.args) != 1 or arguments.keywords:
        return
    tensors = [each.tensor for each in tensors_in(call, arguments) if isinstance(each, KerasTensor)]
    value = call.interpreter.state.resolve(value)
    result = None if isinstance(value, Facets) else to_structure(call, value)
    if result is not None and len(tensors) == len(list(_leaves(inputs))):
        bodies[called_on(inputs)] = Body(tuple(tensors), result, tuple(layers), is_model)


def has_failed(call: Call, value: Value | None) -> bool:
    """Whether something that a function surely gives comes from a call that Keras refuses."""
    if value is None:
        return False
    value = call.interpreter.state.resolve(value)
    return is_refused(value) or any(has_failed(call, item) for item in _parts(call, value))


# --- running ---------------------------------------------------------------------------------------------------------


def _caller(run: Interpreter) -> Call:
    """The call that a function of the program is run for."""
    return Call(run, run.calling or run.site(run.frame.module.tree), "keras.layers.Layer.call", [], {})


def _run(call: Call, function: Value, arguments: Arguments) -> Value | None:
    """The value of a call; None, in the state before it, where every path of it raises."""
    run = call.interpreter
    before, depth = run.state.fork(), len(run.frames)
    try:
        return call_value(run, arguments, function, call.site)
    except (Unreachable, BudgetExceeded):  # a program that is still running stops at its next statement
        run.state = before
        del run.frames[depth:]
        return None


def _with_context(call: Call, function: Function, arguments: Arguments, tensors: Iterable[Value]) -> Arguments:
    """The arguments with what Keras passes along: `training` is true in `fit` only, `mask` is that of the input."""
    given_args = function.node.args
    names = [p.arg for p in (*given_args.posonlyargs, *given_args.args)]
    named = {*names[len(arguments.args) :], *(p.arg for p in given_args.kwonlyargs)} - set(arguments.keywords)
    keywords = dict(arguments.keywords)
    if "training" in named and version_of(call) is not Version.K2:
        keywords["training"] = unknown("training")
    if "mask" in named:
        masked = any(seen_of(call, tensor).masked is not False for tensor in tensors)
        keywords["mask"] = unknown("mask") if masked else NONE
    return replace(arguments, keywords=keywords)


def apply_instance(run: Interpreter, ref: Ref, layer: Layer, inputs: Structure, version: Version) -> Applied:
    """What an instance of a class of the program makes of its input: the rule of the layer that it is."""
    if not run.frames or ref.address not in run.state.heap:
        return Applied(None)
    call = _caller(run)
    own, target = subclassed_of(call, ref), run.state.read(ref)
    if own is None or not isinstance(target, Instance):
        return Applied(None)
    if own.refusal is not None:
        return Applied(None, own.refusal)
    arguments = _arguments(call, layer, inputs)
    if arguments is None:
        return Applied(None)
    told = layer.arguments.get(GIVEN)
    return _Instance(call, ref, target.cls, told is not None and told.is_running).applied(arguments, layer, inputs)


@dataclass(frozen=True, slots=True)
class _Instance:
    """An instance that is called as a layer."""

    call: Call
    ref: Ref
    cls: Ref
    is_running: bool

    def method(self, name: str) -> Function | None:
        """The function of the program that its class has under this name."""
        found = find_in_class(self.call.interpreter, self.cls, name)
        return found if isinstance(found, Function) else None

    def applied(self, arguments: Arguments, layer: Layer, inputs: Structure) -> Applied:
        """What comes out, refused where something inside was refused; what Keras knows of the layer is brought up to date."""
        run, call = self.call.interpreter, self.call
        body = self.method("call")
        tracing = Tracing(frozenset(run.state.facts))
        traces = tracing_of(call)
        traces.append(tracing)
        only_shape = version_of(call) is Version.K3 and not self.is_running and self.method("compute_output_shape")
        run.expected += bool(only_shape)  # Keras 3 asks `compute_output_shape` instead and calls it when the model runs
        try:
            self._build(arguments)
            value = None if body is None else self._called(body, arguments)
        finally:
            run.expected -= bool(only_shape)
            traces.pop()
        traced = None if value is None else structure_of(call, value)
        refusal = _FAILED if has_failed(call, value) and not only_shape else None
        count = None if refusal is not None else self._count(tracing, traced)
        output = self._declared(arguments, traced)
        seen = [seen_of(call, tensor) for tensor in tensors_in(call, arguments)]
        own = subclassed_of(call, self.ref)
        if own is not None and own.base is None and own.weights == () and not any(map(self.method, _MORE)):
            is_model = isinstance(call.payload(self.ref), ModelState)
            _keep_body(call, layer, inputs, arguments, value, tracked_layers(call, self.ref), is_model=is_model)
        if own is not None:
            update(
                call, self.ref,
                replace(
                    own, layers=tuple(tracked_layers(call, self.ref)), output=output,
                    input=seen[0] if len(seen) == 1 else tuple(seen),
                    calls={key: noted.applied for key, noted in tracing.calls.items()}, count=count,
                    refusal=None if refusal is None or run.expected else refusal,
                ),
            )  # fmt: skip
        return Applied(output if refusal is None else None, refusal, count)

    def _called(self, body: Function, arguments: Arguments) -> Value | None:
        bound = arguments.behind(self.ref)
        bound = _with_context(self.call, body, bound, tensors_in(self.call, arguments))
        return _run(self.call, body, bound)

    def _build(self, arguments: Arguments) -> None:
        """Run `build` before the first call."""
        own, function = subclassed_of(self.call, self.ref), self.method("build")
        if own is None or own.is_built:
            return
        update(self.call, self.ref, replace(own, is_built=True))
        if function is not None:
            _run(self.call, function, Arguments([self.ref, *self._shapes(arguments, function)]))

    def _shapes(self, arguments: Arguments, function: Function) -> list[Value]:
        """The shapes that `build` and `compute_output_shape` are given: of the first argument, in Keras 3 of each."""
        wanted = max(len(function.node.args.args) - 1, 1) if version_of(self.call) is Version.K3 else 1
        given_args = [*arguments.args, *arguments.keywords.values()] or [unknown("input_shape")]
        return [_shape_of(self.call, value) for value in given_args[:wanted]]

    def _declared(self, arguments: Arguments, output: Structure) -> Structure:
        """The output by `compute_output_shape` where Keras asks that, or where nothing is known otherwise."""
        version, function = version_of(self.call), self.method("compute_output_shape")
        is_model = not isinstance(self.call.payload(self.ref), Subclassed)
        if function is None:
            if version is not Version.K2 or is_model:
                return output
            # Keras 2.2 takes the shape of the input for that of the output.
            seen = [seen_of(self.call, tensor).shape for tensor in tensors_in(self.call, arguments)]
            return output if isinstance(output, Tensor) and [output.shape] == seen else None
        if output is not None and (version is Version.T2 or is_model):
            return output
        value = _run(self.call, function, Arguments([self.ref, *self._shapes(arguments, function)]))
        declared = None if value is None else _declared_output(self.call, value)
        return declared if declared is not None else output

    def _count(self, tracing: Tracing, traced: Structure) -> Count | None:
        """The parameters: its own weights, and those of the layers in its attributes that were called.

        Those inside of another one (the cell of an `RNN`) count there.
        """
        own = subclassed_of(self.call, self.ref)
        if own is None or own.weights is None or not tracing.is_complete:
            return None
        layers = tracked_layers(self.call, self.ref)
        if traced is None and (layers or has_unknown(self.call, self.ref)):
            return None
        held = {own.layer.key, *(layer.key for layer in layers)} - {
            inner.key for inner in map(_inside, layers) if inner
        }
        called = [noted for key, noted in tracing.calls.items() if key in held]
        if any(not noted.is_certain and noted.applied.count != ZERO for noted in called):
            return None
        return summed([*map(partial(_as_own, own.layer), own.weights), *(noted.applied.count for noted in called)])


def _inside(layer: Layer) -> Layer | None:
    """The layer that another is made around."""
    found = layer.arguments.get("cell", layer.arguments.get("layer"))
    return found if isinstance(found, Layer) else None


def _as_own(layer: Layer, weight: Count) -> Count:
    """A weight that the layer made itself, by its `trainable`."""
    trainable = layer.arguments.get(OWN_TRAINABLE, True)
    if trainable is True:
        return weight
    return replace(weight, non_trainable=weight.total if trainable is False else None)


#: What a layer passes on where something inside of it was refused.
_FAILED = Refusal(INSIDE, "an input that what is inside takes", "another", "ValueError", "")


# --- Lambda ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LambdaFunction:
    """What a `Lambda` layer was given: `keywords` are its `arguments`, None where not known."""

    run: Interpreter
    function: Value
    keywords: dict[str, Value] | None
    output_shape: Value

    @property
    def rule(self) -> LayerRule:
        """The entry of a layer that calls the function."""
        return LayerRule("Lambda", self.apply, "reference: Lambda", "opaque")

    def apply(self, layer: Layer, inputs: Structure, version: Version) -> Applied:
        """What the function makes of the input; a declared shape counts before that, but in Keras 2.4 to 2.15."""
        arguments = _arguments(_caller(self.run), layer, inputs) if self.run.frames else None
        if arguments is None or self.keywords is None:
            return Applied(None, None, ZERO)
        call = _caller(self.run)
        declared = self._declared(call, arguments, inputs)
        hides = version is Version.K3 and declared is not None and not is_traced(call)
        traces = tracing_of(call)
        traces.append(Tracing(frozenset(self.run.state.facts)))
        self.run.expected += hides
        try:
            value = self._called(call, arguments)
        finally:
            self.run.expected -= hides
            traces.pop()
        if has_failed(call, value) and not hides:
            return Applied(None, _FAILED, ZERO)
        made = None if value is None else structure_of(call, value)
        _keep_body(call, layer, inputs, arguments, value)
        return Applied(made if declared is None or version is Version.T2 else declared, None, ZERO)

    def _called(self, call: Call, arguments: Arguments) -> Value | None:
        arguments = replace(arguments, keywords=dict(self.keywords or {}))
        if isinstance(self.function, Function):
            arguments = _with_context(call, self.function, arguments, tensors_in(call, arguments))
        return _run(call, self.function, arguments)

    def _declared(self, call: Call, arguments: Arguments, inputs: Structure) -> Structure:
        """The output that `output_shape` tells: without the batch, or by a function of the input's shape."""
        if self.output_shape == NONE:
            return None
        if isinstance(self.output_shape, (Function, Method)):
            value = _run(call, self.output_shape, Arguments([_shape_of(call, arguments.args[0])]))
            return None if value is None else _declared_output(call, value)
        shape = as_shape(call, self.output_shape)
        first = next(iter(_leaves(inputs)), None)
        if shape is None or not isinstance(first, Tensor) or not first.shape.exact or not first.shape.dims:
            return None
        return Tensor(Shape((first.shape.dims[0], *shape.dims)), masked=None)


def lambda_function(call: Call) -> LambdaFunction:
    """What the constructor of a `Lambda` is given."""
    names = ("function", "output_shape", "mask", "arguments")
    found = {**dict(zip(names, call.args)), **call.keywords}
    mapping = call.mapping(found.get("arguments"))
    keywords: dict[str, Value] | None = {}
    if mapping is not None:
        keywords = {key.value: value for key, value in mapping.entries.values() if isinstance(key, Const)}
    if found.get("arguments", NONE) != NONE and (mapping is None or mapping.others is not None):
        keywords = None
    function = found.get("function", unknown("function"))
    return LambdaFunction(call.interpreter, function, keywords, found.get("output_shape", NONE))


# --- shapes ----------------------------------------------------------------------------------------------------------


def _shape_of(call: Call, value: Value) -> Value:
    """The shape of an argument as programs read it: a tuple, a list of them for a list of tensors."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, (KerasTensor, Array)):
        return shape_value(seen_of(call, value).shape, value.key, "input")
    items = _parts(call, value) if call.mapping(value) is None else ()
    return call.new_list(_shape_of(call, item) for item in items) if items else unknown("input_shape")


def _declared_output(call: Call, value: Value) -> Structure:
    """The output of a shape that `compute_output_shape` gives."""
    value = call.interpreter.state.resolve(value)
    items = call.items(value)
    if items and all(call.items(item) is not None for item in items):
        return tuple(_declared_output(call, item) for item in items)
    shape = as_shape(call, value)
    return None if shape is None else Tensor(shape, masked=None)
