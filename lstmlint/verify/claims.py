"""What a finding says, as a case of a plan: the steps that lead to its event, and what Keras does there.

For each type of event there is a function that writes the steps and gives the one that the finding is about.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from lstmlint.checks.report import Finding
from lstmlint.classes import dataclass, field
from lstmlint.interpreter.recorded import Recorded
from lstmlint.keras.layers.base import UNKNOWN, Structure, Tensor
from lstmlint.keras.model import Sequential, flattened
from lstmlint.keras.versions import Version
from lstmlint.libraries.tensor_graph import symbolic_arguments
from lstmlint.shapes.shape import Shape
from lstmlint.trace import (
    Crossed,
    GraphMade,
    LayerApplied,
    LayerConstructed,
    MethodCalled,
    ModelChanged,
    ModelState,
    NamesMissing,
    NotALayer,
    NotATensor,
    OperationRefused,
    Stray,
    Trained,
)
from lstmlint.verify.arguments import SIZES, NotStated, is_neutral, value_of
from lstmlint.verify.building import Writer
from lstmlint.verify.feeding import train


@dataclass(slots=True)
class Stated:
    """The steps of a claim: `step` is the one that it is about.  `more` are keys of the claim."""

    writer: Writer
    step: str
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """A finding with all that it may need: its event, and the whole trace."""

    finding: Finding
    recorded: Recorded
    events: Sequence[Recorded]
    version: Version

    @property
    def event(self) -> Any:
        return self.recorded.event


Statement: TypeAlias = Callable[[Asked], Stated]


def stated(asked: Asked) -> Stated:
    """The case of a finding.  Errors: NotStated."""
    for event_type, ways in _WAYS.items():
        if isinstance(asked.event, event_type):
            return _first(asked, ways)
    raise NotStated("it is not about what Keras does")


def _first(asked: Asked, ways: Iterable[Statement]) -> Stated:
    """The first way that works; the reason is that of the first that does not."""
    reason: NotStated | None = None
    for way in ways:
        try:
            return way(asked)
        except NotStated as error:
            reason = reason or error
    raise reason or NotStated("nothing of it is known")


# --- layers that refuse their input ----------------------------------------------------------------------------------


def _in_model(asked: Asked) -> Stated:
    """A layer of a Sequential, or a call of a graph, behind all that comes before it."""
    event: LayerApplied = asked.event
    if event.applied.refusal is None:
        raise NotStated("the layer refuses nothing")
    writer = Writer(asked.version)
    if event.in_sequential:
        return _in_sequential(asked, event, writer)
    if event.node is None:
        raise NotStated("the layer is called on data")
    if event.is_inside:
        raise NotStated("the layer is called inside of another")
    _earlier_calls(asked, writer)
    writer.ancestors(event.node.parents)
    called = writer.node(event.node)
    if event.applied.refusal.kind in ("state", "axis"):  # Keras 3 may find out only when the model runs
        return Stated(writer, called, {"late": [_run(writer, called)]})
    return Stated(writer, called)


def _earlier_calls(asked: Asked, writer: Writer) -> None:
    """The calls of the same layer before: its weights are those of the first."""
    for recorded in asked.events:
        if recorded is asked.recorded:
            return
        event = recorded.event
        if isinstance(event, LayerApplied) and event.layer.key == asked.event.layer.key and event.node is not None:
            writer.ancestors(event.node.parents)
            writer.node(event.node)


def _in_sequential(asked: Asked, event: LayerApplied, writer: Writer) -> Stated:
    index = next(n for n, each in enumerate(asked.events) if each is asked.recorded)
    for later in asked.events[index:]:
        state = later.event.model if isinstance(later.event, ModelChanged) else None
        graph = None if state is None else state.graph
        if state is None or not isinstance(graph, Sequential):
            continue
        for place, step in enumerate(graph.steps):
            if step.layer.key == event.layer.key and step.refusal is not None:
                return _built(writer, state, graph, place, event)
    raise NotStated("the model of the layer is not known")


def _built(writer: Writer, state: ModelState, graph: Sequential, place: int, event: LayerApplied) -> Stated:
    if graph.input is None:
        raise NotStated("the input of the model is not known")
    is_declared = state.is_declared and event.late is None
    model = writer.model(graph, is_declared=is_declared, steps=place + 1)
    if not is_declared:
        return Stated(writer, writer.build(model, graph.input.shape))
    added = next(n for n, step in reversed(list(enumerate(writer.steps))) if step["do"] == "add")
    # A model without an input layer is built behind its last layer.
    return Stated(writer, writer.steps[added]["id"], {"late": [step["id"] for step in writer.steps[added + 1 :]]})


def _alone(asked: Asked) -> Stated:
    """The one call, on inputs of these shapes."""
    event: LayerApplied = asked.event
    writer = Writer(asked.version)
    inputs = _inputs(writer, event.inputs)
    step = writer.step("call", callee=writer.layer(event.layer, event.inputs), args=[inputs], kwargs={})
    refusal = event.applied.refusal
    more: dict[str, Any] = {"alone": True}
    if refusal is None:
        if writer.version is Version.K2:
            raise NotStated("the model is not known")
        return Stated(writer, _run(writer, step), {**more, "constant": asked.finding.code == "LL401"})
    if refusal.kind in ("mask", "state", "name", "inside"):
        raise NotStated("the call alone does not show it")
    return Stated(writer, step, more)


def _inputs(writer: Writer, structure: Structure) -> Any:
    if isinstance(structure, tuple):
        return [_inputs(writer, part) for part in structure]
    if not isinstance(structure, Tensor) or not structure.shape.exact:
        raise NotStated("the shape of the input is not known")
    return {"ref": writer.input(structure.shape, structure.dtype)}


def _run(writer: Writer, output: str) -> str:
    """A model from all inputs to a tensor, and its prediction."""
    made = [step for step in writer.steps if step.get("name") == "keras.Input"]
    inputs = [{"ref": step["id"]} for step in made]
    model = writer.step("make", name="keras.Model", args=[], kwargs={"inputs": inputs, "outputs": {"ref": output}})
    data = [_fed(step["kwargs"]) for step in made]
    return writer.step("train", model=model, method="predict", x=data[0] if len(data) == 1 else data, kwargs={})


def _fed(kwargs: dict[str, Any]) -> dict[str, Any]:
    dims = [7 if dim is None else dim for dim in kwargs["shape"]["tuple"]]
    return {"shape": [kwargs.get("batch_size", 2), *dims], "kind": "ndarray", "dtype": kwargs.get("dtype", "float32")}


# --- training --------------------------------------------------------------------------------------------------------

#: Rules about the target, the loss or the labels: these have to be known.
_EXACT = ("LL3", "LL4")


def _trained(asked: Asked) -> Stated:
    event: Trained = asked.event
    if asked.finding.code == "LL607" and event.model.refused:
        return _late_string(event, asked.version)
    if event.model.graph is None:
        raise NotStated("the layers of the model are not known")
    writer = Writer(asked.version)
    model = writer.model(event.model.graph, is_declared=event.model.is_declared)
    made_for = event.model.graph.input if isinstance(event.model.graph, Sequential) else None
    if not event.model.is_declared and made_for is not None and _ran_before(asked, event):
        writer.build(model, made_for.shape)  # its weights are those of the first data
    is_exact = asked.finding.code.startswith(_EXACT)
    with_metrics = asked.finding.code == "LL305"
    step = train(writer, event, model, asked.recorded.site, is_exact=is_exact, with_metrics=with_metrics)
    return Stated(writer, step, {"compared": True} if asked.finding.code == "LL303" else {})


def _ran_before(asked: Asked, event: Trained) -> bool:
    """Whether a model was given data before."""
    before = itertools.takewhile(lambda recorded: recorded is not asked.recorded, asked.events)
    return any(isinstance(each.event, Trained) and each.event.model.key == event.model.key for each in before)


def _late_string(event: Trained, version: Version) -> Stated:
    """What `compile` was given and Keras refuses there or in the first training call."""
    problem, writer = event.model.refused[0], Writer(version)
    if problem.given is None:
        raise NotStated(f"`{problem.argument}` is not known")
    model = _small_model(writer)
    is_list = problem.argument != "loss"
    kwargs = {"optimizer": "sgd", "loss": "mse", problem.argument: [problem.given] if is_list else problem.given}
    compiled = writer.step("compile", model=model, kwargs=kwargs)
    return Stated(writer, compiled, {"late": [_train_small(writer, model)]})


def _small_model(writer: Writer) -> str:
    """Some model, for what is true of any."""
    model = writer.step("make", name="keras.Sequential", args=[], kwargs={})
    writer.step("add", model=model, layer={"ref": writer.input(Shape((None, 3)))})
    writer.step("add", model=model, layer={"ref": _small_layer(writer)})
    return model


def _small_layer(writer: Writer) -> str:
    return writer.step("make", name="keras.layers.Dense", args=[2], kwargs={})


def _train_small(writer: Writer, model: str, method: str = "fit", kwargs: dict[str, Any] | None = None) -> str:
    x = {"shape": [8, 3], "kind": "ndarray", "dtype": "float32"}
    y = (
        {"shape": [8, 2], "kind": "ndarray", "dtype": "float32"}
        if method in ("fit", "evaluate", "train_on_batch")
        else None
    )
    return writer.step("train", model=model, method=method, x=x, y=y, kwargs=kwargs or {})


# --- arguments and names ---------------------------------------------------------------------------------------------


def _constructed(asked: Asked) -> Stated:
    event: LayerConstructed = asked.event
    given, writer = event.given, Writer(asked.version)
    if given is None:
        raise NotStated("the call is not known")
    about = {problem.argument for problem in event.problems}
    if given.name.startswith("Model."):
        return Stated(
            writer, _method(writer, given.name.removeprefix("Model."), _keywords(writer, given.keywords, about))
        )
    args = []
    for value in given.args:
        args.append(3 if value is UNKNOWN else value_of(value, "an argument", writer.reference))
    name = f"keras.{given.name}"
    return Stated(writer, writer.step("make", name=name, args=args, kwargs=_keywords(writer, given.keywords, about)))


def _keywords(writer: Writer, keywords: Any, about: set[str]) -> dict[str, Any]:
    """The keywords of a call; unknown values of those that it is not about are left out, or made up."""
    found = {}
    for name, value in keywords.items():
        try:
            found[name] = value_of(value, f"`{name}`", writer.reference)
        except NotStated:
            if name in SIZES:
                found[name] = 3
            elif name in about:
                found[name] = 1
            elif not is_neutral(name) and name not in _OF_TRAINING:
                raise
    return found


_OF_TRAINING = frozenset({
    "x", "y", "generator", "validation_data", "callbacks", "optimizer", "loss", "metrics", "epochs", "nb_epoch", "batch_size",
    "validation_split", "class_weight", "sample_weight", "shuffle", "steps_per_epoch", "validation_steps", "initial_epoch", "steps",
    "learning_rate", "lr", "decay", "monitor", "patience", "factor", "filepath", "min_lr", "loss_weights", "workers", "nb_val_samples",
})  # fmt: skip


def _method(writer: Writer, method: str, keywords: dict[str, Any]) -> str:
    """A method of some model, with the keywords that it is about."""
    model = _small_model(writer)
    kept = {
        key: value
        for key, value in keywords.items()
        if key not in ("x", "y", "generator", "callbacks", "validation_data")
    }
    if method == "compile":
        return writer.step("compile", model=model, kwargs={"optimizer": "sgd", "loss": "mse", **kept})
    writer.step("compile", model=model, kwargs={"optimizer": "sgd", "loss": "mse"})
    if method in ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"):
        return _train_small(writer, model, method, kept)
    return writer.step("method", callee=model, method=method, args=[], kwargs=keywords)


def _removed_method(asked: Asked) -> Stated:
    event: MethodCalled = asked.event
    writer = Writer(asked.version)
    if event.release is not None and asked.version is not Version.K3:
        raise NotStated("it is about one release of Keras")
    return Stated(writer, writer.step("method", callee=_small_model(writer), method=event.method, args=[], kwargs={}))


def _missing_names(asked: Asked) -> Stated:
    event: NamesMissing = asked.event
    writer = Writer(asked.version)
    name, _ = event.found[0]
    if event.how == "member":
        layer = _small_layer(writer)
        return Stated(writer, writer.step("method", callee=layer, method=name, args=[], kwargs={}))
    if event.how == "call":
        raise NotStated("it is about one release of Keras")
    return Stated(writer, writer.step("import", name=f"{event.module}.{name}" if name else event.module))


# --- strays ----------------------------------------------------------------------------------------------------------


def _stray(writer: Writer, stray: Stray) -> Any:
    """Something that is given in place of something else."""
    if stray.kind in ("layer", "lone layer"):
        return {"ref": _small_layer(writer)}
    if stray.kind == "model":
        return {"ref": _small_model(writer)}
    if stray.kind == "class":
        return {"name": "keras.layers.Dense"}
    if stray.kind == "list":
        return [{"ref": _small_layer(writer)}]
    if stray.kind == "value":
        return 1
    if stray.kind == "tensor":
        made = writer.input(Shape((None, 3)))
        return {"ref": writer.step("call", callee=_small_layer(writer), args=[{"ref": made}], kwargs={})}
    return {"stand_in": stray.kind if stray.kind in ("function", "array") else "object"}


def _no_tensor(asked: Asked) -> Stated:
    event: NotATensor = asked.event
    writer = Writer(asked.version)
    given = _stray(writer, event.stray)
    if event.taker == "Model":
        kwargs = {"inputs": {"ref": writer.input(Shape((None, 3)))}, "outputs": given}
        return Stated(writer, writer.step("make", name="keras.Model", args=[], kwargs=kwargs))
    layer = writer.layer(event.layer) if event.layer is not None else _small_layer(writer)
    return Stated(writer, writer.step("call", callee=layer, args=[given], kwargs={}))


def _no_layer(asked: Asked) -> Stated:
    event: NotALayer = asked.event
    writer = Writer(asked.version)
    given = _stray(writer, event.stray)
    if event.stray.kind == "lone layer":
        return Stated(writer, writer.step("make", name="keras.Sequential", args=[given], kwargs={}))
    if event.taker in ("TimeDistributed", "Bidirectional"):
        return Stated(writer, writer.step("make", name=f"keras.layers.{event.taker}", args=[given], kwargs={}))
    model = writer.step("make", name="keras.Sequential", args=[], kwargs={})
    return Stated(writer, writer.step("add", model=model, layer=given))


# --- graphs, operations, predictions ---------------------------------------------------------------------------------


def _graph(asked: Asked) -> Stated:
    event: GraphMade = asked.event
    writer = Writer(asked.version)
    writer.ancestors((*flattened(event.graph.inputs), *flattened(event.graph.outputs)))
    return Stated(writer, writer.model(event.graph))


def _operation(asked: Asked) -> Stated:
    return _operated(asked, stand_ins=False)


def _operation_alone(asked: Asked) -> Stated:
    return _operated(asked, stand_ins=True)


def _operated(asked: Asked, *, stand_ins: bool) -> Stated:
    event: OperationRefused = asked.event
    if event.call is None:
        raise NotStated("the operation is not known")
    writer = Writer(asked.version)
    writer.stand_ins = stand_ins
    if not stand_ins and not any(tensor.is_inside for tensor in symbolic_arguments(event.call)):
        writer.ancestors_of_call(event.call)
    if any(tensor.is_inside for tensor in symbolic_arguments(event.call)):
        return Stated(writer, writer.inside(event.call), {"alone": True})
    step = writer.operate(event.call, event.call.args, event.call.keywords)
    return Stated(writer, step, {"alone": True} if stand_ins else {})


def _crossed(asked: Asked) -> Stated:
    event: Crossed = asked.event
    writer = Writer(asked.version)
    writer.shapes += [event.column, event.vector]
    rows = event.vector.dims[0]
    assert rows is not None
    args = [
        {"data": {"shape": list(shape.dims), "kind": "ndarray", "dtype": "float32"}}
        for shape in (event.column, event.vector)
    ]
    step = writer.step("operate", name="numpy.subtract", args=args, kwargs={}, expected={"shapes": [[rows, rows]]})
    return Stated(writer, step)


_WAYS: dict[type, tuple[Statement, ...]] = {
    LayerApplied: (_in_model, _alone),
    Trained: (_trained,),
    LayerConstructed: (_constructed,),
    MethodCalled: (_removed_method,),
    NamesMissing: (_missing_names,),
    NotATensor: (_no_tensor,),
    NotALayer: (_no_layer,),
    GraphMade: (_graph,),
    OperationRefused: (_operation, _operation_alone),
    Crossed: (_crossed,),
}
