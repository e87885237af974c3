"""Models: building, compiling, and giving them data."""

from __future__ import annotations

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.calls import Arguments
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Ref,
    Value,
    fresh_key,
    unknown,
)
from lstmlint.keras.batching import is_stateful
from lstmlint.keras.callables import no_flag
from lstmlint.keras.layers.base import Layer, Structure, Tensor
from lstmlint.keras.layers.registry import apply, opaque_rule
from lstmlint.keras.model import (
    Functional,
    Model,
    Sequential,
    flattened,
    functional,
    same_shape,
    shaping_layer,
)
from lstmlint.keras.subclassed import PREFIX, Subclassed
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array, mark_predicted, shape_of
from lstmlint.libraries.keras_calls import compile_problems, note_keywords
from lstmlint.libraries.keras_classes import LAYER, call_instance, class_of, made_at, method_of, subclass
from lstmlint.libraries.keras_functions import as_tensor, given, seen_of, tensors_in
from lstmlint.libraries.keras_graphs import graph_of, layer_called, listed_layers, ordered_inputs
from lstmlint.libraries.keras_layers import as_value, call_on, refused_value, set_trainable
from lstmlint.libraries.keras_misuse import note_layer, note_tensors
from lstmlint.libraries.keras_tracking import as_model_layer, layer_of, tracked_layers
from lstmlint.libraries.keras_values import (
    KerasTensor,
    LayerValue,
    as_given,
    as_shape,
    era_of,
    is_traced,
    next_name,
    shape_value,
    to_structure,
    version_of,
)
from lstmlint.libraries.registry import attribute, model
from lstmlint.libraries.tensor_graph import refuse_stray
from lstmlint.shapes.shape import Shape
from lstmlint.trace import (
    Data,
    GraphMade,
    LayerApplied,
    LayerConstructed,
    MethodCalled,
    ModelChanged,
    ModelState,
    NotALayer,
    Stray,
    Trained,
)

SEQUENTIAL = "keras.Sequential"
MODEL = "keras.Model"

BASES = {SEQUENTIAL: MODEL, MODEL: LAYER}


def state_of(call: Call, value: Value | None) -> ModelState | None:
    """The model behind a value."""
    found = call.payload(value)
    return found if isinstance(found, ModelState) else None


def change(call: Call, ref: Value, state: ModelState) -> None:
    """Put a model in place of the one behind `ref`, and leave that in the trace."""
    call.set_payload(ref, state)
    call.record(ModelChanged(state))


# --- building --------------------------------------------------------------------------------------------------------


@model(SEQUENTIAL)
def make_sequential(call: Call, layers: Value | None = None, name: Value | None = None) -> Value:
    """`Sequential([layers], name)`."""
    if not note_keywords(call, "Sequential") and version_of(call) is Version.K3 and len(call.args) > 1:
        problem = no_flag(call.constant(call.args[1]))
        if problem is not None:
            call.record(LayerConstructed("Sequential", (problem,), None, as_given(call, "Sequential")))
    state = _new_state(call, Sequential(), "Sequential", name)
    ref = call.new_object(SEQUENTIAL, state)
    _fill(call, ref, state, layers)
    return ref


def _new_state(call: Call, graph: Model | None, class_name: str, name: Value | None) -> ModelState:
    """A model that is being made; `name` is what the program calls it, None or NONE where it does not."""
    state = ModelState(graph, fresh_key(), class_name, call.interpreter.target_name, call.site)
    return _with_name(call, state, name)


def _with_name(call: Call, state: ModelState, name: Value | None) -> ModelState:
    if name is None or name == NONE:
        return replace(state, known_as=next_name(call, state.class_name))
    given = call.constant(name)
    return replace(state, known_as=given if isinstance(given, str) else None, is_named=True)


def _fill(call: Call, ref: Ref, state: ModelState, layers: Value | None) -> None:
    """Add the layers in a list to a model that has none."""
    if layers is not None and version_of(call) is Version.K3 and isinstance(layers, LayerValue):
        call.record(NotALayer("Sequential", Stray("lone layer", layers.layer.class_name, layers.layer.origin)))
    items = () if layers is None or layers == NONE else call.items(layers)
    if not items:
        change(call, ref, state if items is not None else replace(state, graph=None))
    for item in items or ():
        put_on_top(call, ref, item)
    _rebuilt(call, ref)


def _rebuilt(call: Call, target: Value) -> None:
    """Keras 3 makes a graph of a stack whose input is known, each time it has changed; graphs count their names."""
    state = state_of(call, target)
    if version_of(call) is not Version.K3 or state is None or not isinstance(state.graph, Sequential):
        return
    if state.graph.steps and state.graph.input is not None:
        next_name(call, "Functional")


@model("keras.Sequential.__init__")
def init_sequential(call: Call, target: Value, layers: Value | None = None) -> Value:
    """`super().__init__([layers])` of a class derived from `Sequential`."""
    if isinstance(target, Ref) and target.kind == "instance":
        is_own = method_of(call, target, "call") is not None
        state = _instance_state(call, target, None if is_own else Sequential())
        call.adopt(target, SEQUENTIAL, state)
        if not is_own:
            _fill(call, target, state, layers)
    return NONE


@model("keras.Model.__init__")
def init_model(call: Call, target: Value) -> Value:
    """`super().__init__()` of a class derived from `Model`; with inputs and outputs it is a functional model."""
    if not isinstance(target, Ref) or target.kind != "instance":
        return NONE
    inputs, outputs = (_end(call, place, name) for place, name in ((1, "input"), (2, "output")))
    graph: Model | None = subclass(call, target)
    if inputs is not None and outputs is not None:
        graph = None if method_of(call, target, "call") is not None else _graph(call, inputs, outputs)
    state = _instance_state(call, target, graph)
    call.adopt(target, MODEL, state)
    call.record(ModelChanged(state))
    return NONE


def _end(call: Call, place: int, name: str) -> Value | None:
    """The tensors that a model is given for one of its ends."""
    if place < len(call.args):
        return call.args[place]
    return call.keywords.get(f"{name}s", call.keywords.get(name))


def _instance_state(call: Call, ref: Ref, graph: Model | None) -> ModelState:
    cls = class_of(call, ref)
    site, name = made_at(call, ref)
    title = cls.name if cls is not None else "Model"
    state = ModelState(graph, ref.key, title, name, site, is_declared=not isinstance(graph, Subclassed))
    if not isinstance(graph, Subclassed):
        return _with_name(call, state, call.keywords.get("name"))
    layer = graph.layer
    return replace(state, known_as=layer.name or layer.given_name, is_named=layer.name is not None)


@model("keras.Sequential.add")
def add(call: Call, target: Value, layer: Value) -> Value:
    """`model.add(layer)`; the event tells what the layer makes of what comes to it."""
    note_keywords(call, "Sequential.add")
    put_on_top(call, target, layer)
    _rebuilt(call, target)
    return NONE


def put_on_top(call: Call, target: Value, layer: Value) -> None:
    """What adding a layer to a Sequential does."""
    state = state_of(call, target)
    if state is None:
        return
    added = None if note_layer(call, state.class_name, layer) else as_layer(call, layer)
    graph = state.graph
    if not isinstance(graph, Sequential) or added is None:
        change(call, target, replace(state, graph=None))
        return
    version = version_of(call)
    inputs, producer = graph.output, shaping_layer(graph.steps)
    grown = graph.add(added, version)
    if version is Version.K3 and grown.input is not None and grown.input_layer is None and graph.input is None:
        next_name(call, "InputLayer")
    if len(grown.steps) > len(graph.steps):
        step = grown.steps[-1]
        seen = inputs if graph.steps else grown.input
        call.record(LayerApplied(step.layer, seen, step.applied, producer, None, in_sequential=True))
    change(call, target, replace(state, graph=grown))


def as_layer(call: Call, value: Value) -> Layer | None:
    """The layer that a Sequential takes for `value`; one whose class is not known is opaque.  None: surely no layer."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, KerasTensor):
        node = value.tensor.node
        return node.layer if node is not None and node.layer.class_name == "InputLayer" else None
    layer = layer_of(call, value)
    if layer is not None:
        return layer
    cls = class_of(call, value) if isinstance(value, Ref) and value.kind == "instance" else None
    return opaque(call, PREFIX + cls.name if cls is not None else "?")


def opaque(call: Call, name: str) -> Layer:
    """A layer of which nothing is known."""
    title = name.removeprefix(PREFIX)
    given = None if name == "?" else next_name(call, title)
    return Layer(opaque_rule(name), {}, fresh_key(), None, None, call.site, given, title)


@model("keras.Sequential.pop")
def pop(call: Call, target: Value) -> Value:
    state = state_of(call, target)
    if state is not None and isinstance(state.graph, Sequential):
        change(call, target, replace(state, graph=state.graph.pop()))
        _rebuilt(call, target)
    return call.unknown("layer")


@model(MODEL)
def make_model(
    call: Call, inputs: Value | None = None, outputs: Value | None = None, name: Value | None = None
) -> Value:
    """`Model(inputs, outputs)`: the graph between them."""
    note_keywords(call, "Model")
    inputs = inputs if inputs is not None else call.keywords.get("input")
    outputs = outputs if outputs is not None else call.keywords.get("output")
    graph = None if inputs is None or outputs is None else _graph(call, inputs, outputs)
    state = _new_state(call, graph, "Functional", name)
    call.record(ModelChanged(state))
    return call.new_object(MODEL, state)


def _graph(call: Call, inputs: Value, outputs: Value) -> Functional | None:
    """The graph between two ends, where both are known."""
    ends = [*_leaves(call, inputs), *_leaves(call, outputs)]
    if note_tensors(call, "Model", ends):
        return None
    if refuse_stray(call, _leaves(call, outputs)):
        return None
    given, made = tensors(call, inputs), tensors(call, outputs)
    if given is None or made is None or not flattened(given) or not flattened(made):
        return None
    graph = functional(given, made)
    call.record(GraphMade(graph))
    return graph


def _leaves(call: Call, value: Value) -> list[Value]:
    """A value, or the items of a list of them."""
    mapping = call.mapping(value)
    if mapping is not None:
        return [each for _, each in mapping.entries.values()]
    items = None if call.payload(value) is not None or isinstance(value, KerasTensor) else call.items(value)
    return [value] if items is None else list(items)


def tensors(call: Call, value: Value) -> Structure:
    """The graph tensors in a value (a list of one is that one); an Unknown among them has no maker."""
    value = call.interpreter.state.resolve(value)
    if isinstance(value, KerasTensor):
        return value.tensor
    mapping = call.mapping(value)
    items = call.items(value) if mapping is None else tuple(v for _, v in mapping.entries.values())
    if items is None:
        return None
    parts = tuple(tensors(call, item) for item in items)
    if any(part is None for part in parts):
        return None
    return parts[0] if len(parts) == 1 else parts


@model("keras.models.clone_model")
def clone_model(call: Call, model: Value, input_tensors: Value | None = None) -> Value:
    """A model of the same layers, made anew and not compiled."""
    state = state_of(call, model)
    is_plain = not call.open_keywords and call.keywords.get("clone_function", NONE) == NONE and len(call.args) < 3
    if state is None or isinstance(state.graph, Subclassed) or not is_plain or input_tensors not in (None, NONE):
        return call.unknown("model")
    name = call.interpreter.target_name
    cloned = replace(state, key=fresh_key(), name=name, site=call.site, loss=None, compiled_at=None)
    call.record(ModelChanged(cloned))
    return call.new_object(SEQUENTIAL if isinstance(state.graph, Sequential) else MODEL, cloned)


# --- properties ------------------------------------------------------------------------------------------------------


@attribute("keras.Model.layers")
def model_layers(call: Call, target: Value) -> Value:
    state = state_of(call, target)
    state = None if state is None else with_layers(call, target, state)
    if state is None or state.graph is None:
        return call.unknown("layers")
    return call.new_list(LayerValue(layer) for layer in listed_layers(call, state))


@attribute("keras.Model.output", "keras.Model.outputs", "keras.Model.input", "keras.Model.inputs")
def model_ends(call: Call, target: Value) -> Value:
    """The tensors at one end of a model; the plural is always a list."""
    member = call.name.rpartition(".")[2]
    state = state_of(call, target)
    if state is None or state.graph is None:
        return call.unknown(member)
    whole = graph_of(call, state)
    if whole is None:
        return call.unknown(member)  # Keras raises: a model without inputs, or one of the program's own
    value = as_value(call, whole.outputs if member.startswith("output") else whole.inputs)
    return call.new_list([value]) if member.endswith("s") and isinstance(value, KerasTensor) else value


@attribute("keras.Model.output_shape")
def output_shape(call: Call, target: Value) -> Value:
    return _shape_of(call, target, "output")


@attribute("keras.Model.input_shape")
def input_shape(call: Call, target: Value) -> Value:
    return _shape_of(call, target, "input")


def _shape_of(call: Call, target: Value, side: str) -> Value:
    state = state_of(call, target)
    if state is None or state.graph is None:
        return call.unknown(f"{side}_shape")
    graph = state.graph
    if side == "output":
        found = graph.output
    else:
        found = graph.inputs if isinstance(graph, Functional) else graph.input
    return shape_value(found.shape, state.key, "model") if isinstance(found, Tensor) else call.unknown("shape")


@model("keras.Model.get_layer")
def get_layer(call: Call, target: Value, name: Value | None = None, index: Value | None = None) -> Value:
    state = state_of(call, target)
    state = None if state is None else with_layers(call, target, state)
    wanted = call.constant(index if name is None else name)
    found = None if state is None else layer_called(call, state, wanted)
    if found is not None:
        return found
    return call.unknown("layer")


# --- compiling and calling -------------------------------------------------------------------------------------------


@model("keras.Model.compile")
def compile_model(
    call: Call, target: Value, optimizer: Value | None = None, loss: Value | None = None, metrics: Value | None = None
) -> Value:
    """`model.compile(optimizer, loss, metrics)`: remembers the loss, and metrics that are named."""
    from lstmlint.libraries.keras_losses import count_of, listed_metrics, loss_of, measures_of

    is_refused = note_keywords(call)
    state = state_of(call, target)
    if state is not None:
        now, late = compile_problems(call, optimizer, loss)
        if now and not is_refused:
            call.record(LayerConstructed("`compile`", tuple(now), None, as_given(call, "Model.compile")))
        found = None if call.open_args or call.open_keywords else loss_of(call, loss)
        listed = listed_metrics(call, metrics)
        named = tuple(m.value for m in listed if isinstance(m, Const) and isinstance(m.value, str))
        compiled = replace(
            with_layers(call, target, state), loss=found, compiled_at=call.site, refused=tuple(late), metrics=named,
            measures=measures_of(call, metrics, call.keywords.get("weighted_metrics")),
            loss_weights=count_of(call, call.keywords.get("loss_weights")),
        )  # fmt: skip
        change(call, target, compiled)
    return NONE


def with_layers(call: Call, target: Value, state: ModelState) -> ModelState:
    """The model with the layers that its attributes hold by now."""
    if not isinstance(state.graph, Subclassed) or not isinstance(target, Ref):
        return state
    return replace(state, graph=replace(state.graph, layers=tuple(tracked_layers(call, target))))


@model("keras.Model.build")
def build(call: Call, target: Value, input_shape: Value | None = None) -> Value:
    """`model.build(input_shape)`, the batch axis included."""
    state = state_of(call, target)
    shape = None if input_shape is None else as_shape(call, input_shape)
    if state is None or shape is None:
        return NONE
    if isinstance(state.graph, Subclassed):
        if version_of(call) is not Version.K3:  # which only takes note that it is built
            feed_subclassed(call, target, state, as_tensor(call, Tensor(shape)))
    elif isinstance(state.graph, Sequential) and state.graph.input is None:
        feed_sequential(call, target, state, Tensor(shape), declares=True)
    return NONE


def feed_subclassed(call: Call, target: Value, state: ModelState, inputs: Value) -> ModelState:
    """A model of the program's own is called on symbolic tensors of the data's shape; what is refused leaves events."""
    assert isinstance(state.graph, Subclassed) and isinstance(target, Ref)
    layer = given(state.graph.layer, Arguments([inputs]), is_running=True)
    seen = tensors_in(call, Arguments([inputs]))
    apply(layer, tuple(seen_of(call, tensor) for tensor in seen) or None, version_of(call))
    fed = state_of(call, target)
    if fed is None:
        return replace(state, graph=None)
    change(call, target, fed)
    return fed


def feed_sequential(
    call: Call, target: Value, state: ModelState, tensor: Tensor, *, declares: bool = False
) -> ModelState:
    """A Sequential that did not know its input meets it: every layer is applied, and new refusals are events."""
    graph = state.graph
    assert isinstance(graph, Sequential)
    fed = graph.on(tensor, version_of(call))
    producer: Layer | None = None
    seen: Structure = tensor
    for before, after in zip(graph.steps, fed.steps):
        if after.refusal is not None and before.refusal is None:
            call.record(
                LayerApplied(after.layer, seen, after.applied, producer, None, late=call.site, in_sequential=True)
            )
        if not same_shape(after.applied.output, seen):
            producer = after.layer
        seen = after.applied.output
    changed = replace(state, graph=fed, is_declared=declares)
    change(call, target, changed)
    if version_of(call) is Version.K3:
        next_name(call, "InputLayer")
        _rebuilt(call, target)
    return changed


@model("keras.Model.__call__")
def call_model(call: Call, target: Value, inputs: Value | None = None) -> Value:
    """`model(x)`: the model as a layer of another graph, or run on data."""
    state = state_of(call, target)
    if state is None or state.graph is None:
        return unknown("model(…)")
    if isinstance(state.graph, Subclassed):
        return _called(call, target)
    inputs = unknown("inputs") if inputs is None else inputs
    if isinstance(state.graph, Sequential) and state.graph.input is None:
        seen = to_structure(call, inputs)
        if isinstance(seen, Tensor) and seen.shape.exact:  # it is built on its first input
            state = feed_sequential(call, target, state, seen if is_stateful(state.graph) else plain_tensor(seen))
            if state.graph is not None and state.graph.refusals:
                return refused_value(as_model_layer(state, state.graph))
    assert state.graph is not None
    ordered = ordered_inputs(call, state.graph, inputs) if isinstance(state.graph, Functional) else None
    inputs = inputs if ordered is None else ordered
    made = call_on(call, as_model_layer(state, state.graph), inputs)
    if not isinstance(made, Array):
        return made
    if isinstance(inputs, Array) and not is_traced(call):
        data = Data(shape_of(call, inputs), inputs.kind, inputs.dtype, inputs.site, inputs.name)
        call.record(Trained("call", state, data, None, False, None, is_batched=True))
    return mark_predicted(call, made)


def plain_tensor(tensor: Tensor) -> Tensor:
    """The tensor for a model to be built on: its batch left open."""
    return Tensor(Shape((None, *tensor.shape.dims[1:])) if tensor.shape.dims else tensor.shape, tensor.dtype)


def _called(call: Call, target: Value) -> Value:
    """A model of the program's own, called."""
    value = call_instance(call, target)
    state = state_of(call, target)
    if state is not None:
        call.record(ModelChanged(state))
    return value


@model("keras.Model.summary")
def summarise(call: Call, target: Value) -> Value:
    """`model.summary()`: by now a model of the program's own has all its layers."""
    state = state_of(call, target)
    if state is not None and isinstance(state.graph, Subclassed):
        change(call, target, with_layers(call, target, state))
    return NONE


@model(
    "keras.Model.load_weights", "keras.Model.set_weights", "keras.Model.reset_metrics", "keras.Model.export",
)  # fmt: skip
def no_effect(call: Call, target: Value) -> Value:
    """Methods that change no shape."""
    return NONE


@model("keras.Model.save", "keras.Model.save_weights")
def save(call: Call, target: Value) -> Value:
    """`model.save(path)`."""
    note_keywords(call)
    return NONE


def note_method(call: Call, target: Value) -> None:
    """Leave the call of a method that not every Keras has."""
    state = state_of(call, target)
    if state is not None:
        call.record(MethodCalled(state.class_name, call.name.rpartition(".")[2], era_of(call).number))


@model("keras.Model.reset_states", "keras.Model.predict_classes", "keras.Model.predict_proba", "keras.Model.to_yaml")
def removed_method(call: Call, target: Value) -> Value:
    """Methods that some Keras no longer has; what they return is not followed."""
    note_method(call, target)
    return call.unknown()


@model("keras.Model.__setattr__")
def set_model_attribute(call: Call, target: Value, name: Value, value: Value) -> Value:
    state = state_of(call, target)
    if state is not None and call.constant(name) == "trainable":
        inside = () if state.graph is None else state.graph.layers
        set_trainable(call, state.key, inside, value)
    return NONE


@model("keras.Model.__forget__")
def forget_model(call: Call, target: Value) -> Value:
    """Code that is not known had the model in hand: it may have added layers or compiled it."""
    state = state_of(call, target)
    if state is not None:
        call.set_payload(target, replace(state, graph=None, loss=None))
    return NONE


@model("keras.utils.plot_model", "keras.utils.vis_utils.plot_model", "keras.utils.print_summary")
def plot_model(call: Call) -> Value:
    return NONE
