"""Constructor calls against the measured rename tables: which version takes them, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import UNKNOWN, ArgumentProblem, Layer, Named
from lstmlint.keras.signatures import base_keywords, function_signature, layer_class, layer_names, signature
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

K2, T2, K3 = Version.K2, Version.T2, Version.K3
OK = "ok"


def parse(call: str, version: Version) -> tuple[Layer | None, tuple[ArgumentProblem, ...]]:
    """A constructor call as it stands in a program."""

    def function(name: str) -> Any:
        def made(*positional: Any, **keywords: Any) -> Any:
            tuples = {key: tuple(value) if isinstance(value, list) else value for key, value in keywords.items()}
            return construct(name, positional, tuples, version, key=object())

        return made

    names = {name: function(name) for name in (*layer_names(version), "Input")}
    inner = {name: (lambda *p, _n=name, **k: names[_n](*p, **k).layer) for name in ("LSTM", "Dense", "LSTMCell")}
    outer, _, rest = call.partition("(")
    constructed = eval(f"outer({rest}", {"outer": names[outer], **inner})
    return constructed.layer, constructed.problems


#: call, then what K2, T2 and K3 do: OK or the exception, with a piece of its message.
MEASURED = [
    ("LSTM(output_dim=4, input_dim=2, input_length=3)", OK,
     "TypeError: LSTM.__init__() missing 1 required positional argument: 'units'",
     "TypeError: LSTM.__init__() missing 1 required positional argument: 'units'"),
    ("LSTM(4, input_dim=2, input_length=3)", OK, OK, "ValueError: Unrecognized keyword arguments passed to LSTM"),
    ("LSTM(4, init='glorot_uniform', inner_init='orthogonal', activation='tanh', inner_activation='hard_sigmoid')", OK,
     "TypeError: ('Keyword argument not understood:', 'init')", "ValueError: Unrecognized keyword arguments passed to"),
    ("LSTM(4, dropout_W=0.2, dropout_U=0.2)", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized keyword"),
    ("LSTM(4, consume_less='gpu')", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized keyword"),
    ("Dense(output_dim=4, input_dim=2)", OK, "TypeError: Dense.__init__() missing 1", "TypeError: Dense.__init__()"),
    ("Dense(4, init='uniform', activation='relu', input_dim=2)", OK, "TypeError: ('Keyword argument not understood:'",
     "ValueError: Unrecognized keyword arguments passed to Dense"),
    ("Dropout(p=0.5)", OK, "TypeError: Dropout.__init__() missing 1", "TypeError: Dropout.__init__() missing 1"),
    ("Convolution1D(nb_filter=64, filter_length=3, border_mode='same', activation='relu')", OK,
     "TypeError: Conv1D.__init__() missing 2 required positional arguments: 'filters' and 'kernel_size'",
     "TypeError: Conv1D.__init__() missing 2 required positional arguments: 'filters' and 'kernel_size'"),
    ("Convolution2D(32, 3, 3)", OK, OK, OK),
    ("Convolution2D(32, 3, 3, border_mode='same')", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized"),
    ("MaxPooling1D(pool_length=2)", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized"),
    ("MaxPooling1D(2, stride=2)", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized"),
    ("Embedding(10, 4, dropout=0.2)", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized"),
    ("BatchNormalization(mode=0)", OK, "TypeError: ('Keyword argument", "ValueError: Unrecognized"),
    ("BatchNormalization(mode=2)", "TypeError: The `mode` argument of `BatchNormalization` no longer exists.",
     "TypeError: ('Keyword argument", "ValueError: Unrecognized"),
    ("Conv1D(filters=64, kernel_size=3, input_dim=6, input_length=8)", OK, "TypeError: ('Keyword argument",
     "ValueError: Unrecognized"),
    ("ConvLSTM2D(nb_filter=4, nb_row=3, nb_col=3)", OK, "TypeError: ConvLSTM2D.__init__() missing 2",
     "TypeError: ConvLSTM2D.__init__() missing 2"),
    ("LSTM(4, input_shape=(3, 2))", OK, OK, OK),
    ("LSTM(4, input_shape=3)", "TypeError: 'int' object is not", "TypeError: 'int' object is not iterable", OK),
    ("LSTM(4, input_shape=[3, 2])", OK, OK, OK),
    ("LSTM(4, input_shape=(3, 2.0))", OK, OK, OK),
    ("LSTM(4, input_shape=(-1, 2))", OK, OK, OK),
    ("LSTM(4, batch_input_shape=(5, 3, 2))", OK, OK, "ValueError: Unrecognized keyword"),
    ("LSTM(4, batch_shape=(5, 3, 2))", "TypeError: ('Keyword", "TypeError: ('Keyword", "ValueError: Unrecognized"),
    ("LSTM(4, input_shape=(3, 2), batch_size=5)", OK, OK, "ValueError: Unrecognized"),
    ("Dense(4, input_dtype='int32')", OK, "TypeError: ('Keyword", "ValueError: Unrecognized"),
    ("Dense(4, weights=[1])", OK, OK, "ValueError: Unrecognized"),
    ("Embedding(10, 4, weights=[1], input_length=3, trainable=False)", OK, OK, OK),
    ("Embedding(10, 4, input_length=3)", OK, OK, OK),
    ("Dropout(0.5, input_dim=3)", "TypeError: ('Keyword argument not understood:', 'input_dim')", OK, OK),
    ("Dense(4, dtype='float32', name='x', trainable=False)", OK, OK, OK),
    ("Input(shape=3)", "TypeError: 'int' object", OK, "ValueError: Cannot convert '3' to a shape."),
    ("Input((3, 2), batch_size=5)", "TypeError: Input() got an unexpected keyword argument 'batch_size'", OK, OK),
    ("Input(batch_input_shape=(5, 3, 2))", "TypeError: Input() got an unexpected keyword argument", OK,
     "TypeError: Input() got an unexpected keyword argument 'batch_input_shape'"),
    ("Input(batch_shape=(5, 3, 2))", OK, OK, OK),
    ("Input(shape=(3.0, 2))", OK, "TypeError: Dimension value must be integer", "ValueError: Cannot convert"),
    ("Input(shape=(3, -1))", "ValueError", "ValueError: Dimension -1 must be >= 0", "ValueError: Cannot convert"),
    ("InputLayer(input_shape=(3, 2))", OK, OK, OK),
    ("InputLayer(shape=(3, 2))", "TypeError: __init__() got an unexpected keyword argument 'shape'",
     "ValueError: Unrecognized keyword arguments: ['shape']", OK),
    ("InputLayer(batch_input_shape=(5, 3, 2))", OK, OK, OK),
    ("InputLayer(batch_shape=(5, 3, 2))", "TypeError: __init__() got an unexpected keyword argument 'batch_shape'",
     "ValueError: Unrecognized keyword arguments: ['batch_shape']", OK),
    ("Flatten(input_shape=(3, 2))", OK, OK, OK),
    ("Dense('4')", OK, OK, "ValueError: Received an invalid value for `units`"),
    ("Dense(4.0)", OK, OK, "ValueError: Received an invalid value for `units`"),
    ("Dense(0)", OK, OK, "ValueError: Received an invalid value for `units`"),
    ("Dense(-1)", OK, "ValueError: Received an invalid value for `units`", "ValueError: Received an invalid value for"),
    ("Dense(4, 4)", "TypeError: `Dense` can accept only 1 positional arguments ('units',)", "ValueError",
     "ValueError: Could not interpret activation function identifier: 4"),
    ("Dense(4, activation='Relu')", "ValueError: Unknown activation function:Relu",
     "ValueError: Unknown activation function 'Relu' cannot be deserialized.",
     "ValueError: Could not interpret activation function identifier: Relu"),
    ("Dense(4, activation='leaky_relu')", "ValueError: Unknown activation function:leaky_relu", OK, OK),
    ("Dense(4, activation='LeakyReLU')", "ValueError: Unknown", OK, "ValueError: Could not interpret activation"),
    ("LSTM(4.0)", OK, "TypeError: Dimension value must be integer or None", OK),
    ("LSTM('4')", OK, "TypeError: '<=' not supported between", "TypeError: '<=' not supported between"),
    ("LSTM(0)", OK, "ValueError: Received an invalid value for argument `units`", "ValueError: Received an invalid"),
    ("LSTM(4, return_sequence=True)", "TypeError: ('Keyword argument not understood:', 'return_sequence')",
     "TypeError: ('Keyword argument not understood:', 'return_sequence')",
     "ValueError: Unrecognized keyword arguments passed to LSTM: {'return_sequence'"),
    ("LSTM(4, return_sequences='True')", OK, OK, OK),
    ("LSTM(4, dropout=1.5)", OK, OK, OK),
    ("LSTM(4, implementation=2)", OK, OK, OK),
    ("LSTM(4, time_major=True)", "TypeError: ('Keyword", OK, "ValueError: Unrecognized"),
    ("Dropout(1.5)", OK, "ValueError: Invalid value 1.5 received for `rate`", "ValueError: Invalid value received for"),
    ("Dropout(-0.1)", OK, "ValueError: Invalid value -0.1 received", "ValueError: Invalid value received for argument"),
    ("Embedding(0, 4)", OK, "ValueError: Both `input_dim` and `output_dim`", "ValueError: `input_dim` must be"),
    ("Embedding(10.0, 4)", OK, OK, "ValueError: `input_dim` must be a positive integer."),
    ("Conv1D(64, 3, padding='SAME')", OK, OK, OK),
    ("Conv1D(64, 3, padding='full')", "ValueError: The `padding` argument must be one of", "ValueError: The `padding`",
     "ValueError: The `padding` argument must be a list/tuple or one of"),
    ("Conv1D(64, 3, padding='causal')", OK, OK, OK),
    ("Conv1D(64, 3, strides=2, dilation_rate=2)", "ValueError", "ValueError: `strides > 1` not supported in",
     "ValueError: `strides > 1` not supported in conjunction with `dilation_rate > 1`."),
    ("Conv1D(64)", "TypeError: __init__() missing 1 required positional argument: 'kernel_size'",
     "TypeError: Conv1D.__init__() missing 1 required positional argument: 'kernel_size'",
     "TypeError: Conv1D.__init__() missing 1 required positional argument: 'kernel_size'"),
    ("Conv1D(64, 0)", OK, "ValueError: The `kernel_size` argument must be", "ValueError: The `kernel_size` argument"),
    ("Conv1D(0, 3)", OK, "ValueError: Invalid value for argument `filters`", "ValueError: Invalid value for argument"),
    ("Conv1D(64, kernel_size=(3, 3))", "ValueError: The `kernel_size` argument must be a tuple of 1 integers.",
     "ValueError: The `kernel_size` argument must be a tuple of 1 integers.",
     "ValueError: The `kernel_size` argument must be a tuple of 1 integers."),
    ("Conv1D(64, 3, strides=0)", OK, "ValueError: The argument `strides` cannot contain", "ValueError: The `strides`"),
    ("Bidirectional(LSTM(4), merge_mode='avg')", "ValueError: Invalid merge mode.", "ValueError: Invalid merge mode.",
     "ValueError: Invalid merge mode. Received: avg."),
    ("Bidirectional(Dense(4))", "KeyError: 'go_backwards'", "KeyError: 'go_backwards'", "TypeError"),
    ("RepeatVector(3.0)", OK, "TypeError: Expected an integer value for `n`", "TypeError: Expected an integer value"),
    ("Reshape((-1, -1))", OK, OK, "ValueError: There must be at most one unknown dimension (-1) in `target_shape`."),
    ("Reshape(6)", "TypeError: 'int' object is not iterable", "TypeError: 'int' object", "TypeError: 'int' object"),
    ("Reshape(dims=(6,))", "TypeError: __init__() missing 1 required positional argument: 'target_shape'",
     "TypeError: Reshape.__init__() missing 1 required positional argument: 'target_shape",
     "TypeError: Reshape.__init__() missing 1 required positional argument: 'target_shape"),
    ("Permute((0, 1))", OK, "ValueError: Invalid permutation argument `dims`", "ValueError: Invalid permutation"),
    ("LeakyReLU(alpha=0.3)", OK, OK, OK),
    ("LeakyReLU(negative_slope=0.3)", "TypeError: ('Keyword argument not understood:', 'negative_slope')",
     "TypeError: ('Keyword argument not understood:', 'negative_slope')", OK),
    ("RNN(LSTM(4))", "ValueError: The RNN cell should have a", "ValueError: The RNN cell should have a", OK),
    ("SpatialDropout1D(0.2, seed=1)", OK, OK, OK),
]  # fmt: skip


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("row", MEASURED, ids=[row[0] for row in MEASURED])
def test_measured_calls(row: tuple[str, str, str, str], version: Version) -> None:
    wanted = row[1 + list(Version).index(version)]
    made, problems = parse(row[0], version)
    raising = [problem for problem in problems if problem.raises]
    if wanted == OK:
        assert not raising and made is not None
        return
    assert made is None and raising
    told = f"{raising[0].exception}: {raising[0].message}"
    assert told.startswith(wanted)


@pytest.mark.parametrize(
    ("call", "version", "argument", "suggestion"),
    [
        ("LSTM(4, return_sequence=True)", K3, "return_sequence", "return_sequences"),
        ("LSTM(4, dropuot=0.1)", T2, "dropuot", "dropout"),
        ("LSTM(output_dim=4)", T2, "output_dim", "units"),
        ("LSTM(4, consume_less='gpu')", T2, "consume_less", "implementation"),
        ("Conv1D(64, filter_length=3)", K3, "filter_length", "kernel_size"),
        ("Dropout(p=0.5)", K2, "p", "rate"),
        ("LeakyReLU(alpha=0.3)", K3, "alpha", "negative_slope"),
        ("LeakyReLU(negative_slope=0.3)", T2, "negative_slope", "alpha"),
        ("LSTM(4, zebra=1)", K3, "zebra", None),
    ],
)
def test_suggestions(call: str, version: Version, argument: str, suggestion: str | None) -> None:
    _, problems = parse(call, version)
    assert [(problem.argument, problem.suggestion) for problem in problems] == [(argument, suggestion)]


@pytest.mark.parametrize(
    ("call", "version", "declared"),
    [
        ("LSTM(4, input_shape=(3, 2))", K2, (None, 3, 2)),
        ("LSTM(4, input_shape=(None, 2))", K3, (None, None, 2)),
        ("LSTM(4, batch_input_shape=(5, 3, 2))", T2, (5, 3, 2)),
        ("LSTM(4, input_shape=(3, 2), batch_size=5)", T2, (5, 3, 2)),
        ("LSTM(4, input_dim=2)", K2, (None, None, 2)),
        ("LSTM(4, input_dim=2, input_length=3)", K2, (None, 3, 2)),
        ("LSTM(4, input_dim=2)", T2, (None, None, 2)),
        ("LSTM(4, input_length=3, input_dim=2)", T2, (None, 3, 2)),
        ("LSTM(4, input_dim=2)", K3, (None, 2)),
        ("Conv1D(4, 3, input_dim=2, input_length=9)", K2, (None, 9, 2)),
        ("Conv1D(4, 3, input_dim=2)", T2, (None, 2)),
        ("Dense(4, input_dim=7)", K2, (None, 7)),
        ("Dense(4, input_dim=7)", K3, (None, 7)),
        ("Embedding(10, 4, input_length=5)", K2, (None, 5)),
        ("Embedding(10, 4)", T2, (None, None)),
        ("Embedding(10, 4, input_length=5)", K3, None),
        ("Input((3, 2))", K3, (None, 3, 2)),
        ("Input(batch_shape=(5, 3, 2))", K2, (5, 3, 2)),
        ("Input(shape=(3, 2), batch_size=5)", T2, (5, 3, 2)),
        ("Input(shape=3)", T2, (None, 3)),
        ("InputLayer(input_shape=(3, 2))", K2, (None, 3, 2)),
        ("InputLayer(input_shape=(3, 2))", K3, (None, 3, 2)),
        ("InputLayer(batch_shape=(5, 3, 2))", K3, (5, 3, 2)),
        ("LSTM(4)", K3, None),
    ],
)
def test_declared_shapes(call: str, version: Version, declared: tuple[int | None, ...] | None) -> None:
    made, problems = parse(call, version)
    assert made is not None, problems
    assert made.declared == (None if declared is None else Shape(declared))


def test_keras_1_kernels_in_keras_2() -> None:
    for call in ("Convolution2D(32, 3, 5)", "Convolution2D(32, 3, nb_col=5)", "Convolution2D(32, nb_row=3, nb_col=5)"):
        made, problems = parse(call, K2)
        assert made is not None and made.arguments["kernel_size"] == (3, 5)
        assert [problem.suggestion for problem in problems] == ["kernel_size"]
    made, _ = parse("Convolution2D(32, 3, 3)", K3)
    assert made is not None and (made.arguments["kernel_size"], made.arguments["strides"]) == (3, 3)


def test_defaults_are_those_of_the_version() -> None:
    gru = {version: construct("GRU", (4,), {}, version, key=1).layer for version in Version}
    assert [layer and layer.arguments["reset_after"] for layer in gru.values()] == [False, True, True]
    lstm = {version: construct("LSTM", (4,), {}, version, key=1).layer for version in Version}
    assert [layer and layer.arguments["recurrent_activation"] for layer in lstm.values()] == [
        "hard_sigmoid", "sigmoid", "sigmoid",
    ]  # fmt: skip


def test_unknown_keywords_hide_everything_that_was_not_given() -> None:
    constructed = construct("LSTM", (), {"units": 4}, K3, key=1, open_keywords=True)
    assert constructed.layer is not None and not constructed.problems
    assert constructed.layer.arguments["units"] == 4
    assert constructed.layer.arguments["return_sequences"] is UNKNOWN
    assert construct("LSTM", (), {}, K3, key=1, open_keywords=True).problems == ()


@pytest.mark.parametrize("value", [UNKNOWN, Named("my.thing"), symbol("n", "n")])
@pytest.mark.parametrize("version", Version)
def test_values_that_are_not_known_are_not_judged(value: Any, version: Version) -> None:
    for class_name, arguments in [
        ("Dense", {"units": value}),
        ("LSTM", {"units": value}),
        ("Embedding", {"input_dim": value, "output_dim": 4}),
        ("Conv1D", {"filters": value, "kernel_size": value, "strides": value}),
        ("RepeatVector", {"n": value}),
    ]:
        assert not construct(class_name, (), arguments, version, key=1).problems


@pytest.mark.parametrize("value", [UNKNOWN, Named("my.thing")])
def test_anything_may_be_an_activation(value: Any) -> None:
    for version in Version:
        assert not construct("Dense", (4,), {"activation": value}, version, key=1).problems


def test_a_class_that_a_version_does_not_have_is_nobodys_business() -> None:
    assert construct("CuDNNLSTM", (4,), {}, K3, key=1) == construct("NoSuchLayer", (), {"a": 1}, K3, key=1)
    assert construct("CuDNNLSTM", (4,), {}, K3, key=1).layer is None


def test_an_opaque_layer_has_arguments_all_the_same() -> None:
    constructed = construct("JaxLayer", ("function",), {}, K3, key=1)
    assert constructed.layer is not None and constructed.layer.rule.grade == "opaque"
    assert [problem.kind for problem in construct("JaxLayer", ("f",), {"anything": 1}, K3, key=1).problems] == [
        "unknown"
    ]


def test_aliases() -> None:
    assert layer_class("Convolution1D", K3) == "Conv1D"
    assert layer_class("MaxPool1D", K2) == "MaxPooling1D"
    assert layer_class("Deconvolution2D", K2) == "Conv2DTranspose"
    assert layer_class("Deconvolution2D", K3) is None
    assert layer_class("Convolution2D", T2) == "Conv2D"


def test_signatures() -> None:
    known = signature("LSTM", K3)
    assert known is not None and known.names[0] == "units" and known.required == ("units",)
    assert signature("LSTM", K2) != known
    assert function_signature("concatenate", K3) is not None
    assert function_signature("nothing", K3) is None
    assert "batch_input_shape" in base_keywords(T2) and "batch_input_shape" not in base_keywords(K3)
    assert construct("Input", ("x",), {}, K3, key=1).layer is not None
    unknown = construct("LSTM", (4,), {"input_shape": UNKNOWN}, K3, key=1).layer
    assert unknown is not None and unknown.declared == UNKNOWN_SHAPE


@pytest.mark.parametrize(
    ("class_name", "keyword", "version"),
    [
        ("Resizing", "bounding_box_format", K3),
        ("RandomFlip", "bounding_box_format", K3),
        ("RandomBrightness", "data_format", K3),
        ("StringLookup", "vocabulary_size", K3),
        ("HashedCrossing", "anything", K3),
        ("CategoryEncoding", "max_tokens", T2),
        ("Discretization", "bins", T2),
        ("IntegerLookup", "oov_value", T2),
        ("DepthwiseConv2D", "kernel_initializer", T2),
        ("SeparableConv2D", "kernel_regularizer", K2),
    ],
)
def test_keywords_that_a_class_takes_without_naming_them(class_name: str, keyword: str, version: Version) -> None:
    found = construct(class_name, (), {keyword: UNKNOWN}, version, key=1, open_keywords=True).problems
    assert not [problem for problem in found if problem.kind == "unknown"]
