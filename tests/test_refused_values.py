"""Every measured value of every argument: what the constructor of tf.keras 2.15 and Keras 3.15 takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from layer_cases import facts

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.registry import RULES
from lstmlint.keras.signatures import layer_names
from lstmlint.keras.versions import Version

T2, K3 = Version.T2, Version.K3

#: What the constructor takes and the first call refuses: version, start of the class, argument, values (none: any).
LATE = [
    (K3, ("MaxPooling", "AveragePooling"), "padding", ()),
    (T2, ("MaxPooling", "AveragePooling", "Conv1DTranspose"), "padding", ("'causal'",)),
    (T2, ("Dropout", "SpatialDropout"), "rate", ("1", "1.0")),
    (K3, ("Adaptive",), "output_size", ("-1",)),
    (T2, ("Concatenate",), "axis", ("None",)),
    (K3, ("Concatenate",), "axis", ("None",)),
    (T2, ("AlphaDropout", "GaussianDropout"), "rate", ("'0.5'",)),
    (T2, ("GRU", "SimpleRNN"), "units", ("2.5", "3.0")),
    (T2, ("MultiHeadAttention",), "dropout", ()),
    (K3, ("MaxPooling", "AveragePooling"), "strides", ()),
    (T2, ("CenterCrop", "RandomCrop"), "height", ("0", "-1", "'3'")),
    (T2, ("CenterCrop", "RandomCrop"), "width", ("0", "-1", "'3'")),
    (T2, ("Resizing",), "height", ("'3'",)),
    (T2, ("Resizing",), "width", ("'3'",)),
    (K3, ("CenterCrop", "RandomCrop", "Resizing"), "height", ("-1", "'3'")),
    (K3, ("CenterCrop", "RandomCrop", "Resizing"), "width", ("-1", "'3'")),
    (T2, ("Concatenate",), "axis", ("'1'",)),
    (K3, ("Concatenate",), "axis", ("'1'",)),
    (T2, ("Softmax",), "axis", ("'1'",)),
    (T2, ("",), "activity_regularizer", ()),
    (T2, ("GroupNormalization",), "axis", ("None",)),
    (T2, ("GroupNormalization",), "groups", ("0", "'2'")),
    (T2, ("Conv2DTranspose",), "dilation_rate", ()),
    (T2, ("ConvLSTM",), "filters", ()),
    (K3, ("ConvLSTM",), "filters", ()),
    (T2, ("",), "filters", ("None",)),
    (K3, ("",), "filters", ("None",)),
    (T2, ("Reshape",), "target_shape", ("'6'", "(2.0, -1)")),
    (K3, ("MultiHeadAttention", "Group"), "dropout", ()),
]


def is_late(version: Version, class_name: str, argument: str, value: str) -> bool:
    return any(
        version is when and class_name.startswith(classes) and argument == name and (not values or value in values)
        for when, classes, name, values in LATE
    )


#: What the constructor refuses and we do not tell: version, start of the class, argument.
LET_THROUGH = [
    (K3, ("Hashing",), "dtype"),
    (K3, ("Equalization",), "value_range"),
    (K3, ("IntegerLookup", "StringLookup"), "input_shape"),
    (T2, ("TextVectorization", "HashedCrossing", "IntegerLookup", "StringLookup"), "dtype"),
    (T2, ("TextVectorization",), "output_mode"),
]


def is_let_through(version: Version, class_name: str, argument: str) -> bool:
    return any(
        version is when and class_name.startswith(classes) and argument == name for when, classes, name in LET_THROUGH
    )


CASES = [pytest.param(name, version, id=f"{name}, {version.name}") for version in (T2, K3) for name in facts("values")[version.name]]  # fmt: skip


@pytest.mark.parametrize(("class_name", "version"), CASES)
def test_values_are_refused_as_measured(class_name: str, version: Version) -> None:
    def inner(name: str) -> Any:
        return lambda *positional: construct(name, positional, {}, version, key=object()).layer

    names = {name: inner(name) for name in layer_names(version) if name in RULES}
    entry = facts("values")[version.name][class_name]
    given = eval(f"dict({entry['given']})", dict(names))
    wrong = []
    for argument, rows in entry["values"].items():
        for value, exception in rows.items():
            keywords = {key: plain(item) for key, item in {**given, argument: eval(value, dict(names))}.items()}
            constructed = construct(class_name, (), keywords, version, key=object())
            if (constructed.layer is None) != (exception is not None):
                excused = (
                    is_late(version, class_name, argument, value)
                    if exception is None
                    else is_let_through(version, class_name, argument)
                )
                if not excused:
                    wrong.append((argument, value, exception, constructed.problems))
    assert not wrong


def plain(value: Any) -> Any:
    return tuple(map(plain, value)) if isinstance(value, list) else value
