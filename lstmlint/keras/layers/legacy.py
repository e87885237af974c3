"""Layers that only Keras before 2.4 has: of Keras 1, and the parts of its convolutional recurrence.

Source: parameters, Highway and MaxoutDense; `keras/legacy/layers.py` and `convolutional_recurrent.py` of Keras 2.2.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmlint.classes import replace
from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, LayerRule, Structure, Tensor
from lstmlint.keras.layers.call import Call, InputSpec, Output, activation_name, one_input, opaque, weights
from lstmlint.keras.layers.convolutional_recurrent import RULES as CONVOLUTIONAL
from lstmlint.keras.layers.recurrent import STEP, without_states
from lstmlint.keras.versions import Version

_VECTOR = InputSpec(("batch", "features"))
_SOURCE = "parameters; `keras/legacy/layers.py` of Keras 2.2.4"


def _bias(call: Call) -> int | None:
    flag = call.flag("bias", True)
    return None if flag is None else int(flag)


def _highway(call: Call) -> Output:
    """(batch, features) -> the same: a dense layer mixed with its input."""
    if call.axis(1) is None:
        return call.refuse("dense-features", "undefined", "known features")
    return Tensor(call.shape, activation=None)


def _highway_values(call: Call) -> Mapping[str, Any]:
    return {"features": call.axis(1), "bias": _bias(call)}


def _maxout(call: Call) -> Output:
    """(batch, features) -> (batch, output_dim): the largest of several dense layers."""
    if call.axis(1) is None:
        return call.refuse("dense-features", "undefined", "known features")
    return call.tensor_of(call.axis(0), call.size("output_dim"), activation=activation_name(None))


def _maxout_values(call: Call) -> Mapping[str, Any]:
    return {
        "nb_feature": call.size("nb_feature"),
        "features": call.axis(1),
        "units": call.size("output_dim"),
        "bias": _bias(call),
    }


def _around_cell(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """`ConvRNN2D(cell)` does what `ConvLSTM2D` does with the cell's arguments."""
    cell = layer.arguments.get("cell", UNKNOWN)
    if not isinstance(cell, Layer) or cell.class_name != "ConvLSTM2DCell":
        return Applied(None)
    rule = next(rule for rule in CONVOLUTIONAL if rule.name == "ConvLSTM2D")
    return rule.apply(replace(layer, rule=rule, arguments={**cell.arguments, **layer.arguments}), inputs, version)


RULES: tuple[LayerRule, ...] = (
    one_input(
        "Highway",
        _highway,
        _SOURCE,
        spec=_VECTOR,
        count=weights("2*(features*features+features*bias)", _highway_values),
    ),
    one_input(
        "MaxoutDense",
        _maxout,
        _SOURCE,
        spec=_VECTOR,
        count=weights("nb_feature*(features*units+units*bias)", _maxout_values),
    ),
    LayerRule("ConvRNN2D", _around_cell, "`convolutional_recurrent.py` of Keras 2.2.4"),
    LayerRule(
        "ConvLSTM2DCell",
        without_states,
        "`convolutional_recurrent.py` of Keras 2.2.4",
        "opaque",
        "called by `ConvRNN2D`, whose entry tells what comes out",
        inputs=STEP,
    ),
    opaque("ConvRecurrent2D", "a base class: what it does is written in classes made of it"),
)
