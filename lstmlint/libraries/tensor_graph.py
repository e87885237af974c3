"""Operations on the symbolic tensors of a functional graph: the layers that Keras makes of them, and what it refuses.

Keras 3 makes operations of `keras.ops`, operators and slices, and refuses `tf` and numpy.  tf.keras 2 makes layers of
`tf`, `keras.backend`, operators and slices.  Keras before 2.4 makes nothing: the result belongs to no graph, as inside a
layer, where Keras calls the program's code on TensorFlow's own tensors.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.values import Sequence, Value, fresh_key, unknown
from lstmlint.keras.layers.base import Applied, Layer, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import ZERO
from lstmlint.keras.model import SymbolicTensor, joined, without_maker
from lstmlint.keras.operations import BACKEND, OPERATORS, Identity, identities, operation_rule
from lstmlint.keras.versions import Version
from lstmlint.libraries.keras_layers import as_value, refused_value, remember_call
from lstmlint.libraries.keras_values import KerasTensor, is_refused, is_traced, next_name, version_of
from lstmlint.libraries.tensor_operands import Result, Rule, made_of_data, package
from lstmlint.shapes.operations import Mismatch
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape
from lstmlint.trace import OperationRefused

#: What `tf` functions say in Keras 3, and what numpy says.
_NO_TENSORFLOW = (
    "A KerasTensor cannot be used as input to a TensorFlow function. A KerasTensor is a symbolic placeholder for a shape "
    "and dtype, used when constructing Keras Functional models or Keras Functions. You can only use it as input to a "
    "Keras layer or a Keras operation (from the namespaces `keras.layers` and `keras.ops`)."
)
_NO_NUMPY = (
    "A KerasTensor is symbolic: it's a placeholder for a shape an a dtype. It doesn't have any actual numerical value. "
    "You cannot convert it to a NumPy array."
)
_NO_NUMPY_T2 = (
    "You are passing KerasTensor(…), an intermediate Keras symbolic input/output, to a TF API that does not allow "
    "registering custom dispatchers, such as `tf.cond`, `tf.function`, gradient tapes, or `tf.map_fn`."
)

_STRAY = Refusal(
    "stray", "the output of a layer", "a tensor that no layer made", "ValueError",
    "Output tensors to a Model must be the output of a Keras `Layer` (thus holding past layer metadata).",
)  # fmt: skip

#: Functions of numpy that look at no values.
_STATIC = frozenset({"shape", "ndim", "size", "isscalar", "iterable", "broadcast_shapes", "result_type"})

#: Operators as people write them.
_SYMBOLS = {
    "add": "+", "subtract": "-", "multiply": "*", "true_divide": "/", "floor_divide": "//", "mod": "%", "power": "**",
    "matmul": "@", "equal": "==", "not_equal": "!=", "less": "<", "less_equal": "<=", "greater": ">",
    "greater_equal": ">=", "get_item": "[…]", "logical_and": "&", "logical_or": "|",
}  # fmt: skip

#: Activations of which later checks want to know that they made the values.
_ACTIVATIONS = frozenset({"softmax", "sigmoid", "relu", "tanh", "elu", "selu", "softplus", "hard_sigmoid"})


def perform(rule: Rule) -> Handler:
    """The model of a function that is an operation on tensors."""

    def handler(call: Call, *args: Value) -> Value:
        tensors = symbolic_arguments(call)
        result = rule(call)
        if not tensors:
            return call.unknown() if result is None else made_of_data(call, result)
        return symbolic_result(call, rule, result, tensors)

    return handler


def symbolic_arguments(call: Call) -> list[KerasTensor]:
    """The symbolic tensors among the arguments of a call, in order, those in lists included."""
    return [tensor for value in (*call.args, *call.keywords.values()) for tensor in _tensors_in(call, value)]


def _tensors_in(call: Call, value: Value, depth: int = 0) -> list[KerasTensor]:
    value = call.interpreter.state.resolve(value)
    if isinstance(value, KerasTensor):
        return [value]
    kind = getattr(value, "kind", None)
    items = call.items(value) if kind in ("list", "tuple") and depth < 3 else None
    return [tensor for item in items or () for tensor in _tensors_in(call, item, depth + 1)]


def belongs_to_graph(call: Call, tensor: KerasTensor) -> bool:
    """Whether a tensor is surely a symbol of a graph, and no tensor of TensorFlow's inside a layer."""
    return tensor.tensor.is_rooted and not tensor.is_inside and not is_traced(call)


def symbolic_result(call: Call, rule: Rule, result: Result | None, tensors: list[KerasTensor]) -> Value:
    """What an operation on symbolic tensors gives; what Keras refuses leaves an event."""
    version = version_of(call)
    if any(map(is_refused, (*call.args, *call.keywords.values()))):
        return refused(call)
    is_rooted = any(belongs_to_graph(call, tensor) for tensor in tensors)
    if is_rooted and version is Version.K3 and (reason := foreign_words(call)) is not None:
        return refused(
            call, Refusal("foreign", "an operation of `keras.ops`", call.name, "ValueError", reason), tensors
        )
    if package(call) == BACKEND and version is Version.K3 and is_rooted:
        return call.unknown()  # Keras 3 has no such function
    if result is None:
        return call.unknown()
    if isinstance(result.output, Mismatch):
        return refused(call, _refusal(call, result.output), tensors)
    if is_traced(call):
        return _inside(call, rule, result, tensors)
    if not is_rooted or version is Version.K2:
        return _without_makers(call, _structure(call, result), _told(call) if is_rooted else None)
    structure = tensors[0].tensor if len(tensors) == 1 else tuple(tensor.tensor for tensor in tensors)
    *before, last = identities(package(call), _function(call), version, result.layers)
    for identity in before:
        made = joined(_layer(call, identity, None), structure, Applied(Tensor(UNKNOWN_SHAPE), None, ZERO)).output
        assert isinstance(made, SymbolicTensor)
        structure = made
    again = None if before else Replay(call, rule, tensors)
    layer = _layer(call, last, again)
    called = joined(layer, structure, _applied(call, result))
    remember_call(call, layer, called)
    value = as_value(call, called.output)
    is_list = isinstance(result.output, tuple) and len(result.output) == 1
    return call.new_list([value]) if is_list else value


def _function(call: Call) -> str:
    """The function that is called; `K.relu` is one of three, as its arguments ask."""
    name = call.name.rpartition(".")[2]
    if name == "relu" and package(call) in (BACKEND, "keras.activations"):
        if "alpha" in call.keywords:
            return "leaky_relu"
        if call.constant(call.keywords.get("max_value")) == 6:
            return "relu6"
    return name


def foreign_words(call: Call) -> str | None:
    """What Keras 3 says to a function of TensorFlow that is given a symbolic tensor; None for its own functions."""
    module = package(call)
    if module.startswith("tensorflow") or (module == BACKEND and call.name.startswith("tensorflow.")):
        return _NO_TENSORFLOW
    return None


def refuse_numpy(call: Call, value: Value | None) -> None:
    """Leave the event of a symbolic tensor in the hands of numpy, which wants its values."""
    module, _, name = call.name.rpartition(".")
    if module != "numpy" or name in _STATIC or version_of(call) is Version.K2:
        return
    if not isinstance(value, KerasTensor) or not belongs_to_graph(call, value):
        return
    is_new = version_of(call) is Version.K3
    exception, words = ("ValueError", _NO_NUMPY) if is_new else ("TypeError", _NO_NUMPY_T2)
    refused(call, Refusal("foreign", "an operation of `keras.ops`", call.name, exception, words), [value])


def refuse_stray(call: Call, outputs: list[Value]) -> bool:
    """Whether a model is given what no layer made, which is an event: Keras before 2.4 knows of layers only."""
    for value in outputs:
        if isinstance(value, KerasTensor) and value.stray is not None and not is_traced(call):
            call.record(OperationRefused(value.stray, (value.tensor.plain,), _STRAY, value.site))
            return True
    return False


def refused(call: Call, refusal: Refusal | None = None, tensors: list[KerasTensor] | None = None) -> Value:
    """What stands for the result of an operation that Keras refuses."""
    name = call.name.rpartition(".")[2]
    if refusal is not None and tensors:
        inputs = tuple(tensor.tensor.plain for tensor in tensors)
        call.record(OperationRefused(_told(call), inputs, refusal, tensors[0].site, call))
    return refused_value(Layer(operation_rule(name), {}, fresh_key()))


def _told(call: Call) -> str:
    """The function as a person calls it: `tf.concat`, `keras.ops.concatenate`, `+`."""
    if package(call) == OPERATORS:
        function = call.name.rpartition(".")[2]
        return _SYMBOLS.get(function, function)
    return call.name.replace("tensorflow.", "tf.", 1).replace("numpy.", "np.", 1) if "." in call.name else call.name


def _refusal(call: Call, mismatch: Mismatch) -> Refusal:
    version = version_of(call)
    return Refusal("operation", mismatch.reason, _told(call), "ValueError", _words(call, mismatch, version))


def _words(call: Call, mismatch: Mismatch, version: Version) -> str:
    """What the Keras that is meant says, as far as it is measured."""
    shapes = [str(list(t.tensor.shape.dims)) for t in symbolic_arguments(call)]
    if version is Version.K3 and "broadcast" in mismatch.reason and len(shapes) == 2:
        told = f"the failure dim has value {mismatch.left}, which cannot be broadcasted to {mismatch.right}"
        return f"Cannot broadcast shape, {told}. Input shapes are: {shapes[0]} and {shapes[1]}."
    if version is not Version.K3 and mismatch.left is not None and mismatch.right is not None:
        return f"Dimensions must be equal, but are {mismatch.left} and {mismatch.right}"
    return mismatch.reason


# --- making ----------------------------------------------------------------------------------------------------------


def _inside(call: Call, rule: Rule, result: Result, tensors: list[KerasTensor]) -> Value:
    """What an operation gives inside a function that runs as a layer: it remembers how it was made, and no layer counts."""
    structure = tensors[0].tensor if len(tensors) == 1 else tuple(tensor.tensor for tensor in tensors)
    layer = Layer(
        operation_rule(call.name.rpartition(".")[2]),
        {"again": Replay(call, rule, tensors)},
        fresh_key(),
        None,
        None,
        call.site,
    )
    value = as_value(call, joined(layer, structure, _applied(call, result)).output)
    is_list = isinstance(result.output, tuple) and len(result.output) == 1
    return call.new_list([value]) if is_list else value


def _without_makers(call: Call, output: Structure, stray: str | None) -> Value:
    """Tensors that no graph knows the maker of; `stray`: the function that made them of tensors of a graph."""
    if isinstance(output, tuple):
        return call.new_list(_without_makers(call, part, stray) for part in output)
    if not isinstance(output, Tensor):
        return call.unknown()
    return KerasTensor(without_maker(output), call.site, is_traced(call), stray)


def _applied(call: Call, result: Result) -> Applied:
    return Applied(_structure(call, result), None, ZERO)


def _structure(call: Call, result: Result) -> Structure:
    name = call.name.rpartition(".")[2]
    activation = name if name in _ACTIVATIONS else None
    if isinstance(result.output, tuple) and len(result.output) != 1:
        return tuple(Tensor(shape, result.dtype) for shape in result.output)
    shape = result.output[0] if isinstance(result.output, tuple) else result.output
    assert isinstance(shape, Shape)
    return Tensor(shape, result.dtype, activation, sizes=result.sizes)


def _layer(call: Call, identity: Identity, again: Replay | None) -> Layer:
    """The layer that Keras makes of an operation; its name counts among those of layers."""
    rule, name = operation_rule(identity.class_name), next_name(call, identity.prefix)
    return Layer(rule, {"again": again}, fresh_key(), None, None, call.site, name)


class Replay:
    """An operation for other inputs: the same rule with other tensors in the places of the first."""

    def __init__(self, call: Call, rule: Rule, tensors: list[KerasTensor]) -> None:
        self.call, self._rule = call, rule
        self.args = [_frozen(call, value) for value in call.args]
        self.keywords = {name: _frozen(call, value) for name, value in call.keywords.items()}
        self._places = [tensor.key for tensor in tensors]

    def __call__(self, inputs: Structure) -> Applied:
        given = inputs if isinstance(inputs, tuple) else (inputs,)
        if len(given) != len(self._places):
            return Applied(None, None, ZERO)
        others: dict[Hashable, Value] = {
            key: KerasTensor(without_maker(part)) if isinstance(part, Tensor) else unknown("tensor")
            for key, part in zip(self._places, given)
        }
        first = self.call
        args = [_exchanged(value, others) for value in self.args]
        keywords = {name: _exchanged(value, others) for name, value in self.keywords.items()}
        call = Call(first.interpreter, first.site, first.name, args, keywords, first.open_args, first.open_keywords)
        result = self._rule(call)
        if result is None:
            return Applied(None, None, ZERO)
        if isinstance(result.output, Mismatch):
            return Applied(None, _refusal(call, result.output))
        return _applied(call, result)


def _frozen(call: Call, value: Value) -> Value:
    """The value with tuples in place of lists, which the program may change."""
    value = call.interpreter.state.resolve(value)
    items = call.items(value) if getattr(value, "kind", None) in ("list", "tuple") else None
    return value if items is None else Sequence("tuple", tuple(_frozen(call, item) for item in items), len(items))


def _exchanged(value: Value, others: Mapping[Hashable, Value]) -> Value:
    if isinstance(value, KerasTensor):
        return others.get(value.key, value)
    if isinstance(value, Sequence) and value.items is not None:
        items = tuple(_exchanged(item, others) for item in value.items)
        return Sequence(value.kind, items, value.length)
    return value
