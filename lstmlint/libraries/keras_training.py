"""Training: what `fit`, `evaluate`, `predict` and their relatives are given."""

from __future__ import annotations

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Foreign,
    Generator,
    Ref,
    Sequence,
    Symbolic,
    Unknown,
    Value,
    fresh_key,
    unknown,
)
from lstmlint.keras.batching import Batching, split_rows, without_batch
from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.model import Functional, Sequential, flattened
from lstmlint.keras.outcomes import OK
from lstmlint.keras.subclassed import Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import (
    NDARRAY,
    Array,
    as_array,
    covers_limits,
    mark_fractional,
    mark_predicted,
    number_array,
    shape_of,
)
from lstmlint.libraries.keras_batches import (
    How,
    batch_when_built,
    batching_of,
    class_weight_of,
    is_shuffled,
    rows_of,
    rows_of_stream,
    size_of,
    split_of,
)
from lstmlint.libraries.keras_calls import note_keywords
from lstmlint.libraries.keras_classes import method_of
from lstmlint.libraries.keras_functions import as_tensor
from lstmlint.libraries.keras_models import feed_sequential, feed_subclassed, note_method, state_of
from lstmlint.libraries.keras_values import Configured, version_of
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Axis, Shape
from lstmlint.trace import UNCLEAR, Data, DataStructure, ModelState, NoBatch, Trained

_CONFIGURED = (
    "keras.losses.", "keras.optimizers.", "keras.metrics.", "keras.callbacks.", "keras.regularizers.", "keras.initializers.",
    "keras.constraints.",
)  # fmt: skip


def family(name: str) -> Handler | Value | None:
    """Classes of which only name and arguments matter: losses, optimizers, callbacks …"""
    if name.startswith(_CONFIGURED) and name.rpartition(".")[2][:1].isupper():
        return _configured
    return None


def _configured(call: Call) -> Value:
    note_keywords(call)
    given_by_place = dict(zip(_BY_PLACE.get(call.name, ()), call.args))
    if call.open_args or call.open_keywords:
        given_by_place |= {name: call.unknown() for name in _BY_PLACE.get(call.name, ())}
    return Configured(call.name, tuple((given_by_place | call.keywords).items()))


#: What losses and initializers take first, where it matters.
_BY_PLACE: dict[str, tuple[str, ...]] = {
    "keras.initializers.Constant": ("value",),
    "keras.losses.BinaryCrossentropy": ("from_logits",),
    "keras.losses.CategoricalCrossentropy": ("from_logits",),
    "keras.losses.SparseCategoricalCrossentropy": ("from_logits", "ignore_class"),
}


# --- data ------------------------------------------------------------------------------------------------------------


def data_of(call: Call, value: Value | None) -> DataStructure:
    """What a model sees of a value that it is given."""
    if value is None:
        return None
    value = call.interpreter.state.resolve(value)
    if isinstance(value, Array):
        found = value.range
        return Data(
            shape_of(call, value), value.kind, "object" if value.ragged else value.dtype, value.site, value.name,
            *((found.one_hot, found.integral, found.low, found.high, covers_limits(value), found.spans, found.top) if found else ()),
        )  # fmt: skip
    if isinstance(value, Unknown):
        array = as_array(call, value)
        return None if array is None else Data(array.shape, "unknown", None, None, value.name)
    if isinstance(value, (Symbolic,)) or (isinstance(value, Const) and isinstance(value.value, (int, float))):
        return Data(Shape(()), "number", None, call.site)
    mapping = call.mapping(value)
    if mapping is not None:
        if mapping.others is not None:
            return None
        return {str(key.value): data_of(call, v) for key, v in mapping.entries.values() if isinstance(key, Const)}
    return _items(call, value)


def _items(call: Call, value: Value) -> DataStructure:
    """A list: of arrays (several inputs), or of numbers and lists (one array in disguise)."""
    sequence = call.sequence(value) if isinstance(value, (Sequence, Ref)) else None
    if sequence is None or sequence.items is None:
        array = as_array(call, value) if sequence is not None else None
        if array is None or sequence is None:
            return None
        return Data(array.shape, _list_kind(call, sequence), array.dtype, call.site)
    items = [call.interpreter.state.resolve(item) for item in sequence.items]
    if any(isinstance(item, Array) or (isinstance(item, Unknown) and item.number is None) for item in items):
        return tuple(data_of(call, item) for item in items)
    array = as_array(call, value)
    return Data(array.shape, _list_kind(call, sequence), array.dtype, call.site) if array is not None else None


def _list_kind(call: Call, sequence: Sequence) -> str:
    """What a list surely holds: "list of numbers", "list of lists" (of numbers), "list of arrays", else "list"."""
    items = sequence.items if sequence.items is not None else (sequence.element,)
    kinds = {_item_kind(call, item) for item in items if item is not None}
    return f"list of {kinds.pop()}" if len(kinds) == 1 and None not in kinds else "list"


def _item_kind(call: Call, item: Value) -> str | None:
    item = call.interpreter.state.resolve(item)
    if isinstance(item, Array):
        return "arrays" if item.shape.exact and item.shape.dims else None
    if number_array(item) is not None:
        return "numbers"
    inner = call.sequence(item) if isinstance(item, (Sequence, Ref)) else None
    if inner is None or inner.kind not in ("list", "tuple"):
        return None
    return "lists" if _list_kind(call, inner) in ("list of numbers", "list of lists") else None


def is_stream(value: Value) -> bool:
    """Whether a value yields batches: a generator, a data set, a library object or instance with `__getitem__`."""
    if isinstance(value, (Generator,)):
        return True
    if isinstance(value, Foreign):
        return not isinstance(value, Array)
    if isinstance(value, Sequence):
        return value.kind == "iterator"
    return isinstance(value, Ref) and value.kind not in ("list", "dict", "set", "class", "module")


def batch_of(call: Call, value: Value) -> tuple[DataStructure, DataStructure, bool]:
    """Inputs and targets of one batch of a stream, and whether there are targets."""
    sequence = call.sequence(value)
    if sequence is None and isinstance(value, Ref):
        element: Value | None = call.interpreter.subscript(value, Const(0), call.site)
    elif sequence is not None and sequence.items:
        element = call.interpreter.state.resolve(sequence.items[0])
    else:
        element = sequence.element if sequence is not None else None
    if element is None:
        return None, None, False
    element = call.interpreter.state.resolve(element)
    parts = element.items if isinstance(element, Sequence) else None
    if parts is None and isinstance(element, Ref) and element.kind == "list":
        parts = call.items(element)
    if parts is None or not 1 <= len(parts) <= 3:
        return (data_of(call, element) if isinstance(element, Array) else None), None, False
    return data_of(call, parts[0]), data_of(call, parts[1]) if len(parts) > 1 else None, len(parts) > 1


# --- the methods -----------------------------------------------------------------------------------------------------


@model("keras.Model.fit")
def fit(
    call: Call, target: Value, x: Value | None = None, y: Value | None = None, batch_size: Value | None = None,
    epochs: Value | None = None, verbose: Value | None = None, callbacks: Value | None = None,
    validation_split: Value | None = None, validation_data: Value | None = None, shuffle: Value | None = None,
    class_weight: Value | None = None, sample_weight: Value | None = None, initial_epoch: Value | None = None,
    steps_per_epoch: Value | None = None, validation_steps: Value | None = None,
    validation_batch_size: Value | None = None,
) -> Value:  # fmt: skip
    """`model.fit(x, y)`, and the evaluation of `validation_data` that goes with it."""
    note_keywords(call)
    how = How(batch_size, validation_split, steps_per_epoch, shuffle, class_weight, sample_weight)
    _train(call, "fit", target, x, y, how)
    later = How(
        batch_size if validation_batch_size is None or not given(validation_batch_size) else validation_batch_size,
        None,
        validation_steps,
    )
    pair = call.items(validation_data) if validation_data is not None else None
    if pair is not None and len(pair) in (2, 3):
        _train(call, "validation", target, pair[0], pair[1], later)
    elif validation_data is not None and is_stream(validation_data):
        _train(call, "validation", target, validation_data, None, later)
    return Unknown(fresh_key(), "history")


@model("keras.Model.evaluate")
def evaluate(
    call: Call, target: Value, x: Value | None = None, y: Value | None = None, batch_size: Value | None = None,
    verbose: Value | None = None, sample_weight: Value | None = None, steps: Value | None = None,
) -> Value:  # fmt: skip
    note_keywords(call)
    _train(call, "evaluate", target, x, y, How(batch_size, steps=steps, sample_weight=sample_weight))
    return call.unknown("score")


@model("keras.Model.train_on_batch", "keras.Model.test_on_batch")
def train_on_batch(call: Call, target: Value, x: Value | None = None, y: Value | None = None) -> Value:
    note_keywords(call)
    _train(call, "train_on_batch", target, x, y, How())
    return call.unknown("loss")


@model("keras.Model.fit_generator", "keras.Model.evaluate_generator")
def fit_generator(
    call: Call, target: Value, generator: Value | None = None, steps_per_epoch: Value | None = None
) -> Value:
    note_method(call, target)
    note_keywords(call)
    steps = call.keywords.get("steps", steps_per_epoch)
    _train(call, "fit", target, generator, None, How(steps=steps))
    return Unknown(fresh_key(), "history")


@model("keras.Model.predict", "keras.Model.predict_on_batch")
def predict(
    call: Call, target: Value, x: Value | None = None, batch_size: Value | None = None, verbose: Value | None = None,
    steps: Value | None = None,
) -> Value:  # fmt: skip
    """`model.predict(x)`: a numpy array for each output, with as many rows as x."""
    note_keywords(call)
    fed = _train(call, "predict", target, x, None, How(batch_size, steps=steps))
    state = state_of(call, target)
    if state is None or state.graph is None:
        return call.unknown("predict(…)")
    first = fed[0] if isinstance(fed, tuple) and fed else fed
    declared = _declared(state)
    rows: Dim | None = None
    if isinstance(first, Data) and first.shape.exact and isinstance(declared, Tensor):
        if first.shape.rank == declared.shape.rank and first.shape.dims:
            rows = first.shape.dims[0]
    streamed = x is not None and is_stream(call.interpreter.state.resolve(x))
    if streamed and x is not None:
        rows = rows_of_stream(call, call.interpreter.state.resolve(x), steps)
    return _predicted(call, state.graph.output, rows)


def _declared(state: ModelState) -> Structure:
    graph = state.graph
    if isinstance(graph, Functional):
        inputs = flattened(graph.inputs)
        return inputs[0] if inputs else None
    return graph.input if isinstance(graph, (Sequential, Subclassed)) else None


def _predicted(call: Call, output: Structure, rows: Dim | None) -> Value:
    if isinstance(output, tuple):
        return call.new_list(_predicted(call, part, rows) for part in output)
    if not isinstance(output, Tensor) or not output.shape.exact or not output.shape.dims:
        return call.unknown("predict(…)")
    size = rows if rows is not None else call.symbol("len({})")
    dims = [size, *(dim if dim is not None else call.symbol("{}.shape") for dim in output.shape.dims[1:])]
    name = call.interpreter.target_name or "predict(…)"
    made = Array(Shape(tuple(dims)), NDARRAY, "float32", fresh_key(), call.site, name)
    if output.activation in _FRACTIONS:
        mark_fractional(call, made)
    return mark_predicted(call, made)


#: Activations that give no whole numbers.
_FRACTIONS = frozenset({"sigmoid", "softmax", "tanh", "linear"})


@model("keras.Model.predict_generator")
def predict_generator(call: Call, target: Value, generator: Value | None = None) -> Value:
    note_method(call, target)
    note_keywords(call)
    return call.unknown("predict(…)")


def _train(call: Call, method: str, target: Value, x: Value | None, y: Value | None, how: How) -> DataStructure:
    """Leave the event of one training call; a Sequential without a shape gets it from the data first."""
    state = state_of(call, target)
    if state is None or call.open_args or x is None:
        return None
    x = call.interpreter.state.resolve(x)
    streamed = is_stream(x)
    if streamed:
        inputs, targets, has_targets = batch_of(call, x)
    else:
        inputs, targets = data_of(call, x), data_of(call, y)
        has_targets = y is not None and y != NONE
        inputs, targets = _arrays_of_lists(call, state, inputs, targets)
    batching = batching_of(call, x, inputs, how, streamed=streamed, has_targets=has_targets)
    graph = state.graph
    builds = isinstance(graph, Sequential) and graph.input is None
    if isinstance(graph, Sequential) and builds and isinstance(inputs, Data):
        batch = batch_when_built(call, method, graph, batching)
        state = feed_sequential(call, target, state, _as_input(inputs, batch))
    if isinstance(graph, Subclassed):
        state = _feed(call, method, target, state, inputs, batching)
    if state.graph is not None and state.graph.refusals:
        return inputs  # Keras does not get as far as this call
    split = split_of(call, how)
    if not split and without_batch(batching, method, version_of(call)) is not OK:
        call.record(NoBatch(method, state, batching))
        return inputs
    call.record(
        Trained(
            method, state, inputs, targets, has_targets, size_of(call, how.batch_size), streamed, split, batching,
            is_shuffled(call, how) if method == "fit" and not streamed else False, class_weight_of(call, how),
            None if streamed else data_of(call, how.sample_weight),
            not has_targets and _is_sure(inputs) and not call.open_keywords and not _steps_itself(call, method, target),
            builds,
        )
    )  # fmt: skip
    if split and not streamed:
        kept_back = split_rows(rows_of(call, x, inputs), split)[1]
        rest = Batching(kept_back, batching.size)
        call.record(Trained("validation", state, None, None, False, batching.size, batching=rest))
    return inputs


def _arrays_of_lists(
    call: Call, state: ModelState, inputs: DataStructure, targets: DataStructure
) -> tuple[DataStructure, DataStructure]:
    """The lists that Keras makes arrays of.

    tf.keras: where nothing else is given.  Keras 2.2 and 2.3: one of plain numbers, for a model that declares one input.
    """
    version = version_of(call)
    if version is Version.T2 and not call.name.endswith("_on_batch"):
        if all(isinstance(part, Data) and part.kind in _LISTS for part in (inputs, targets or inputs)):
            return _as_array(inputs, _LISTS), _as_array(targets, _LISTS)
    elif version is Version.K2 and _declares_one_input(state):
        return _as_array(inputs, _LISTS[:1]), _as_array(targets, _LISTS[:1])
    return inputs, targets


def _declares_one_input(state: ModelState) -> bool:
    if isinstance(state.graph, Sequential):
        return state.is_declared and state.graph.input is not None
    return isinstance(state.graph, Functional) and len(flattened(state.graph.inputs)) == 1


def _as_array(part: DataStructure, kinds: tuple[str, ...]) -> DataStructure:
    return replace(part, kind=NDARRAY) if isinstance(part, Data) and part.kind in kinds else part


_LISTS = ("list of numbers", "list of lists")

#: What a class of the program may do in its own way in each step; then it is not known what is given to the model.
_STEPS = {"predict": "predict_step", "evaluate": "test_step", "validation": "test_step"}


def _steps_itself(call: Call, method: str, target: Value) -> bool:
    """Whether a model of the program's own may take its data in a way of its own."""
    own = (_STEPS.get(method, "train_step"), "compute_loss" if method != "predict" else "predict_step")
    return isinstance(target, Ref) and any(method_of(call, target, name) is not None for name in own)


def _is_sure(structure: DataStructure) -> bool:
    """Whether all of it surely is data."""
    if isinstance(structure, Data):
        return structure.kind not in UNCLEAR
    return bool(structure) and all(
        map(_is_sure, structure.values() if isinstance(structure, dict) else structure or ())
    )


def _feed(
    call: Call, method: str, target: Value, state: ModelState, inputs: DataStructure, batching: Batching
) -> ModelState:
    """A model of the program's own meets its data: its `call` runs on their shape."""
    if not isinstance(target, Ref) or _steps_itself(call, method, target):
        return replace(state, graph=None)
    return feed_subclassed(
        call, target, state, _as_tensors(call, inputs, batch_when_built(call, method, state.graph, batching))
    )


def _as_tensors(call: Call, inputs: DataStructure, batch: Axis) -> Value:
    """Symbolic tensors of the shape of data."""
    if isinstance(inputs, tuple):
        return call.new_list(_as_tensors(call, part, batch) for part in inputs)
    if isinstance(inputs, dict):
        made = DictObject({})
        for name, part in inputs.items():
            made.entries[Const(name).key] = (Const(name), _as_tensors(call, part, batch))
        return call.interpreter.allocate(made, "dict")
    if inputs is None or inputs.kind in UNCLEAR:
        return Unknown(fresh_key(), "inputs")
    return as_tensor(call, _as_input(inputs, batch))


def _as_input(data: Data, batch: Axis) -> Tensor:
    """What the model is built on: the data's axes behind the size of the batch (None: left open)."""
    shape = data.shape
    if shape.exact and shape.dims:
        shape = Shape((batch, *shape.dims[1:]))
        if len(shape.dims) == 1:  # a vector of samples is given a feature axis
            shape = Shape((batch, 1))
    return Tensor(shape, data.dtype)


@model(
    "keras.models.load_model",
    "keras.models.model_from_json",
    "keras.models.model_from_yaml",
)
def load_model(call: Call) -> Value:
    return unknown("model")
