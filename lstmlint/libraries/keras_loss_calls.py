"""Losses that a program calls itself, on targets and predictions: a training step by hand."""

from __future__ import annotations

from lstmlint.interpreter.call import Call, Handler
from lstmlint.interpreter.values import Value
from lstmlint.keras.loss_names import NAMES
from lstmlint.keras.losses import Loss, canonical
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array, is_predicted, shape_of
from lstmlint.libraries.keras_losses import loss_of
from lstmlint.libraries.keras_training import data_of
from lstmlint.libraries.keras_values import is_traced, version_of
from lstmlint.libraries.registry import model
from lstmlint.trace import Data, LossCalled

_LOSSES = "keras.losses."
_FUNCTIONS = frozenset(name for names in NAMES.values() for name in names if not name[0].isupper())


def family(name: str) -> Handler | Value | None:
    """The functions of `keras.losses`, and the objects of its classes when they are called."""
    if not name.startswith(_LOSSES):
        return None
    rest = name.removeprefix(_LOSSES)
    if rest.endswith(".__call__"):
        return call_loss
    return call_function if rest in _FUNCTIONS else None


def call_function(call: Call, y_true: Value | None = None, y_pred: Value | None = None) -> Value:
    """`keras.losses.mse(y, model(x))`."""
    _note(call, canonical(call.name.rpartition(".")[2], version_of(call)), y_true, y_pred, as_function=True)
    return call.unknown("loss")


@model("keras.losses.Loss.__call__")
def call_loss(call: Call, target: Value, y_true: Value | None = None, y_pred: Value | None = None) -> Value:
    """`loss_fn(y, model(x))`."""
    found = loss_of(call, target)
    _note(call, found if isinstance(found, Loss) else None, y_true, y_pred)
    return call.unknown("loss")


def _note(
    call: Call, loss: Loss | None, y_true: Value | None, y_pred: Value | None, *, as_function: bool = False
) -> None:
    """Leave the call with a trace, if it is known what meets; inside of a layer shapes are not those of data."""
    if loss is None or y_true is None or y_pred is None or version_of(call) is Version.K2 or is_traced(call):
        return
    target, output = data_of(call, y_true), call.interpreter.state.resolve(y_pred)
    if not isinstance(target, Data) or not isinstance(output, Array):
        return
    made = Data(shape_of(call, output), output.kind, output.dtype, output.site, output.name)
    call.record(LossCalled(loss, made, target, as_function, is_predicted(call, output)))
