"""What models are made of: layers, tensors, and ways from the inputs to the outputs (LL109, LL112 to LL114)."""

from __future__ import annotations

from lstmlint.checks.report import Report, check
from lstmlint.interpreter.values import Site
from lstmlint.keras.connected import missing_input, shared_name
from lstmlint.keras.layers.base import Layer
from lstmlint.keras.versions import Version
from lstmlint.trace import GraphMade, NotALayer, NotATensor, Stray

_NOT_TENSORS = {
    Version.K2: "ValueError: Layer {taker} was called with an input that isn't a symbolic tensor.",
    Version.T2: "TypeError: Inputs to a layer should be tensors. Got '{what}'",
    Version.K3: "ValueError: Only input tensors may be passed as positional arguments.",
}
_NOT_OUTPUTS = {
    Version.K2: "ValueError: Output tensors to a Model must be the output of a Keras `Layer`",
    Version.T2: "ValueError: Output tensors of a Functional model must be the output of a TensorFlow `Layer`",
    Version.K3: "ValueError: All values must be KerasTensors.",
}
_NOT_LAYERS = {
    Version.K2: "TypeError: The added layer must be an instance of class Layer.",
    Version.T2: "TypeError: The added layer must be an instance of class Layer.",
    Version.K3: "ValueError: Only instances of `keras.Layer` can be added to a Sequential model.",
}
_REPAIRS = {
    "layer": "Call that layer on its own input first, and hand on what comes out.",
    "model": "Call the model on an input (`model(x)`), and hand on what comes out.",
    "class": "Make a layer of the class first: `{name}(…)`.",
    "tensor": "Add the layer, not what it returns; models with tensors of their own are made with `Model(inputs, outputs)`.",
    "function": "Wrap the function: `Lambda({name})`, or `Activation({name})`.",
    "list": "Add the layers one by one.",
    "lone layer": "Put the layers into a list.",
}


def _told(stray: Stray) -> str:
    """What was given, for a sentence."""
    if stray.kind == "class":
        return f"the class `{stray.name}` itself"
    if stray.kind in ("layer", "lone layer"):
        return f"a layer ({stray.name})"
    if stray.kind == "model":
        return f"a model ({stray.name})"
    if stray.kind == "function":
        return f"the function `{stray.name}`"
    return {"list": "a list", "tensor": f"a tensor {stray.name}", "array": f"an array {stray.name}"}.get(
        stray.kind, stray.name
    )


@check(NotATensor, "LL109")
def not_a_tensor(event: NotATensor, report: Report) -> None:
    """A layer is called on a layer, a model or a class."""
    assert report.recorded is not None
    if report.recorded.splits:
        return  # one of several values; which, the program may ask in ways that are not followed
    is_model = event.taker == "Model"
    words = (_NOT_OUTPUTS if is_model else _NOT_TENSORS)[report.version]
    found = report.tell(
        "LL109", report.recorded.site, f"{event.taker} needs a tensor, but gets {_told(event.stray)}",
        help=_repair(event.stray), raises=True, words=words.format(taker=event.taker, what=event.stray.name),
    )  # fmt: skip
    _add_origin(found.trace, event.stray.made, report.recorded.site, "it is made here")


@check(NotALayer, "LL112")
def not_a_layer(event: NotALayer, report: Report) -> None:
    """A model gets something that is no layer."""
    assert report.recorded is not None
    if report.recorded.splits:
        return
    wanted = "a list of layers" if event.stray.kind == "lone layer" else "a layer"
    words = _NOT_LAYERS[report.version]
    if event.stray.kind == "lone layer":
        words = f"TypeError: '{event.stray.name}' object is not iterable"
    found = report.tell(
        "LL112", report.recorded.site, f"{event.taker} needs {wanted}, but gets {_told(event.stray)}",
        help=_repair(event.stray), raises=True, words=words,
    )  # fmt: skip
    _add_origin(found.trace, event.stray.made, report.recorded.site, "it is made here")


def _repair(stray: Stray) -> str | None:
    repair = _REPAIRS.get(stray.kind)
    return None if repair is None else repair.format(name=stray.name)


@check(GraphMade, "LL113", "LL114")
def faulty_graph(event: GraphMade, report: Report) -> None:
    """An output needs an input that the model is not given, or two layers have one name."""
    assert report.recorded is not None
    site, version = report.recorded.site, report.version
    missing = missing_input(event.graph)
    if missing is not None:
        source, needed_by = missing
        words = "Graph disconnected: cannot obtain value for tensor"
        found = report.tell(
            "LL113", site, f"an output of this model comes from an input that it is not given ({_title(source)})",
            help="Add it to the inputs of the model, or make the outputs from the inputs that it has.", raises=True,
            words=f"ValueError: {'Output with path `…` is not connected to `inputs`' if version is Version.K3 else words}",
        )  # fmt: skip
        _add_origin(found.trace, source.origin, site, "the input that is missing")
        _add_origin(found.trace, needed_by.origin, site, f"this {needed_by.class_name} takes it")
        return
    twice = shared_name(event.graph)
    if twice is not None:
        layer, first = twice
        what = "operation" if version is Version.K3 else "layer"
        found = report.tell(
            "LL114", site, f"the name `{layer.name}` is used twice in one model", help="Give each layer a name of its own.",
            raises=True, words=f'ValueError: The name "{layer.name}" is used 2 times in the model. All {what} names should be unique.',
        )  # fmt: skip
        for each in (first, layer):
            _add_origin(found.trace, each.origin, site, "one of the layers of that name")


def _title(layer: Layer) -> str:
    return f"`{layer.name}`" if layer.name is not None else "an `Input`"


def _add_origin(trace: list[tuple[Site, str]], origin: object, site: Site, words: str) -> None:
    if isinstance(origin, Site) and origin.node is not site.node:
        trace.append((origin, words))
