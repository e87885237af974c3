"""Models that come with Keras (`keras.applications`): built as their own code builds them.

Source: `keras/applications/vgg16.py`, `vgg19.py` and `imagenet_utils.py`; tests/fixtures/summaries/applications.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, TRUE, Const, Value, fresh_key, tuple_of, unknown
from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import Layer, Structure
from lstmlint.keras.model import call as call_graph
from lstmlint.keras.model import functional
from lstmlint.libraries.keras_layers import remember_call
from lstmlint.libraries.keras_models import MODEL
from lstmlint.libraries.keras_values import as_shape, named, version_of
from lstmlint.libraries.registry import model
from lstmlint.shapes.shape import Axis
from lstmlint.trace import ModelChanged, ModelState

#: Layers by block: how many convolutions, of how many filters.
_BLOCKS = {
    "VGG16": ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)),
    "VGG19": ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)),
}
_POOLINGS = {"avg": "GlobalAveragePooling2D", "max": "GlobalMaxPooling2D"}
_SIZE = 224
"""Of pictures, unless told otherwise.  Units: pixels."""
_CLASSES = Const(1000)

_MODULES = {"VGG16": "vgg16", "VGG19": "vgg19"}
_NAMES = tuple(
    f"keras.applications.{prefix}{name}" for name, module in _MODULES.items() for prefix in ("", f"{module}.")
)


@model(*_NAMES)
def make_vgg(
    call: Call,
    include_top: Value = TRUE,
    weights: Value | None = None,
    input_tensor: Value = NONE,
    input_shape: Value = NONE,
    pooling: Value = NONE,
    classes: Value = _CLASSES,
    classifier_activation: Value | None = None,
    name: Value | None = None,
) -> Value:
    """`VGG16(include_top, weights, input_shape=…)`; with a tensor of the program's as input it is not followed."""
    kind = call.name.rpartition(".")[2]
    top, pooled, number = (call.constant(value, "?") for value in (include_top, pooling, classes))
    known = (
        isinstance(top, bool) and pooled in (None, "avg", "max") and isinstance(number, int) and input_tensor == NONE
    )
    shape = _picture_shape(call, input_shape, has_top=bool(top))
    if not known or shape is None or call.open_args or call.open_keywords:
        return unknown(kind)
    builder = _Builder(call)
    first = builder.start(shape)
    last = first
    for class_name, arguments in _layers(kind, top, pooled, number):
        last = builder.add(last, class_name, arguments)
    title = call.constant(name) if name is not None and name != NONE else _MODULES[kind]
    state = ModelState(
        functional(first, last), fresh_key(), "Functional", call.interpreter.target_name, call.site,
        known_as=title if isinstance(title, str) else None, is_named=True,
    )  # fmt: skip
    call.record(ModelChanged(state))
    return call.new_object(MODEL, state)


def _layers(kind: str, top: bool, pooled: str | None, classes: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The layers behind the input, with their arguments."""
    for block, (count, filters) in enumerate(_BLOCKS[kind], start=1):
        for number in range(1, count + 1):
            name = f"block{block}_conv{number}"
            yield "Conv2D", {"filters": filters, "kernel_size": (3, 3), "padding": "same", "name": name}
        yield "MaxPooling2D", {"pool_size": (2, 2), "strides": (2, 2), "name": f"block{block}_pool"}
    if top:
        yield "Flatten", {"name": "flatten"}
        yield "Dense", {"units": 4096, "activation": "relu", "name": "fc1"}
        yield "Dense", {"units": 4096, "activation": "relu", "name": "fc2"}
        yield "Dense", {"units": classes, "activation": "softmax", "name": "predictions"}
    elif pooled is not None:
        yield _POOLINGS[pooled], {}


class _Builder:
    """Makes a functional graph, layer by layer."""

    def __init__(self, call: Call) -> None:
        self.call = call

    def start(self, shape: tuple[Axis, ...]) -> Structure:
        """The input, without its batch."""
        return self._called(self._layer("Input", {"shape": shape}), None)

    def add(self, inputs: Structure, class_name: str, arguments: dict[str, Any]) -> Structure:
        """What one more layer makes of a tensor."""
        return self._called(self._layer(class_name, arguments), inputs)

    def _layer(self, class_name: str, arguments: dict[str, Any]) -> Layer:
        made = construct(class_name, [], arguments, version_of(self.call), key=fresh_key(), origin=self.call.site)
        assert made.layer is not None
        return named(self.call, made.layer)

    def _called(self, layer: Layer, inputs: Structure) -> Structure:
        called = call_graph(layer, inputs, version_of(self.call))
        remember_call(self.call, layer, called)
        return called.output


def _picture_shape(call: Call, given: Value, *, has_top: bool) -> tuple[Axis, ...] | None:
    """The shape of the pictures, None where it is not known."""
    if given != NONE:
        shape = as_shape(call, given)
        return shape.dims if shape is not None and shape.rank == 3 else None
    return (_SIZE, _SIZE, 3) if has_top else (None, None, 3)


@model(
    "keras.applications.imagenet_utils._obtain_input_shape",
    "keras.applications.imagenet_utils.obtain_input_shape",
)
def obtain_input_shape(
    call: Call,
    input_shape: Value,
    default_size: Value | None = None,
    min_size: Value | None = None,
    data_format: Value | None = None,
    require_flatten: Value = TRUE,
    include_top: Value | None = None,
    weights: Value = NONE,
) -> Value:
    """The input shape of a model for pictures: the one given, else the default where the top needs one."""
    needs = call.constant(include_top if include_top is not None else require_flatten)
    size, order = call.constant(default_size), call.constant(data_format, "channels_last")
    if input_shape != NONE:
        return input_shape
    if not isinstance(needs, bool) or not isinstance(size, int) or order not in ("channels_last", "channels_first"):
        return call.unknown("input_shape")
    pixels: Value = Const(size) if needs else NONE
    items = (pixels, pixels, Const(3)) if order == "channels_last" else (Const(3), pixels, pixels)
    return tuple_of(*items)
