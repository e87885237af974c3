"""Sequential models, functional graphs, models in models, summaries."""

from __future__ import annotations

from typing import Any

import pytest

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import UNKNOWN, Layer, Structure, Tensor
from lstmlint.keras.model import Called, Sequential, SymbolicTensor, call, functional, model_layer
from lstmlint.keras.naming import Names
from lstmlint.keras.summary import summary
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import symbol
from lstmlint.shapes.shape import Shape

K2, T2, K3 = Version.K2, Version.T2, Version.K3
VERSIONS = pytest.mark.parametrize("version", Version)


def made(class_name: str, version: Version, /, *positional: Any, **keywords: Any) -> Layer:
    constructed = construct(class_name, positional, keywords, version, key=object())
    assert constructed.layer is not None, constructed.problems
    return constructed.layer


def stacked(version: Version, *layers: Layer) -> Sequential:
    model = Sequential()
    for layer in layers:
        model = model.add(layer, version)
    return model


def shape(structure: Structure) -> Shape:
    assert isinstance(structure, Tensor)
    return structure.shape


def symbolic(called: Called) -> SymbolicTensor:
    assert isinstance(called.output, SymbolicTensor)
    return called.output


def given(version: Version, *dims: int | None) -> SymbolicTensor:
    return symbolic(call(made("Input", version, dims), None, version))


# --- Sequential ------------------------------------------------------------------------------------------------------


@VERSIONS
def test_a_stack_of_lstms_without_sequences_is_refused_at_the_second(version: Version) -> None:
    first, second = made("LSTM", version, 4, input_shape=(5, 3)), made("LSTM", version, 4)
    model = stacked(version, first, second, made("Dense", version, 1))
    assert [layer for layer, _ in model.refusals] == [second]
    assert model.refusals[0][1].found == "(None, 4)"


@VERSIONS
def test_the_same_without_a_declared_input(version: Version) -> None:
    model = stacked(version, made("LSTM", version, 4), made("LSTM", version, 4))
    assert not model.is_built and len(model.refusals) == 1
    assert model.refusals[0][1].kind == "rank"


@VERSIONS
def test_build_tells_what_was_not_declared(version: Version) -> None:
    model = stacked(version, made("LSTM", version, 4, return_sequences=True), made("Dense", version, 1))
    assert summary(model, version).total is None
    built = model.build(Shape((None, 5, 3)), version)
    assert built.is_built and shape(built.output) == Shape((None, 5, 1))
    assert summary(built, version).total == 4 * (4 * (4 + 3) + 4) + 5


@VERSIONS
def test_an_input_layer_in_front(version: Version) -> None:
    model = stacked(version, made("Input", version, (5, 3)), made("LSTM", version, 4))
    assert shape(model.output) == Shape((None, 4))
    assert [layer.class_name for layer in model.layers] == ["LSTM"]
    assert model.input_layer is not None


@VERSIONS
def test_models_are_immutable_and_pop_takes_the_last_layer(version: Version) -> None:
    one = stacked(version, made("LSTM", version, 4, input_shape=(5, 3)))
    two = one.add(made("Dense", version, 1), version)
    assert len(one.steps) == 1 and two.pop() == one
    assert one.pop() == Sequential()


@pytest.mark.parametrize(("version", "exception"), [(K2, "TypeError"), (T2, "ValueError")])
def test_states_do_not_fit_in_a_sequential(version: Version, exception: str) -> None:
    first = made("LSTM", version, 4, return_sequences=True, input_shape=(5, 3))
    model = stacked(version, first, made("LSTM", version, 4, return_state=True))
    assert model.refusals[0][1].exception == exception
    alone = stacked(version, made("LSTM", version, 4, return_state=True, input_shape=(5, 3)))
    assert alone.refusals[0][1].exception == "ValueError"


def test_keras_3_takes_states_in_the_last_layer_only() -> None:
    model = stacked(K3, made("LSTM", K3, 4, return_state=True, input_shape=(5, 3)))
    assert not model.refusals
    refusal = model.add(made("Dense", K3, 1), K3).refusals[0][1]
    assert refusal.message == 'Layer "dense" expects 1 input(s), but it received 3 input tensors.'


@VERSIONS
def test_the_same_layer_may_come_again_but_not_its_name(version: Version) -> None:
    dense, dropout = made("Dense", version, 4, input_shape=(3,)), made("Dropout", version, 0.5, name="drop")
    assert not stacked(version, dense, dropout, made("Dense", version, 4), dropout).refusals
    model = stacked(version, dense, dropout, made("Dense", version, 4), made("Dropout", version, 0.5, name="drop"))
    assert [refusal.kind for _, refusal in model.refusals] == ["name"]


@pytest.mark.parametrize("version", [K2, T2])
def test_an_embedding_without_a_length_does_not_flatten(version: Version) -> None:
    model = stacked(version, made("Embedding", version, 10, 4), made("Flatten", version), made("Dense", version, 1))
    place = {K2: "Flatten", T2: "Dense"}[version]
    assert [(layer.class_name, refusal.kind) for layer, refusal in model.refusals] == [(place, "undefined")]


def test_an_embedding_without_a_length_is_built_from_data_in_keras_3() -> None:
    model = stacked(K3, made("Embedding", K3, 10, 4), made("Flatten", K3), made("Dense", K3, 1))
    assert not model.refusals
    assert shape(model.build(Shape((None, 5)), K3).output) == Shape((None, 1))


@VERSIONS
def test_an_encoder_and_decoder(version: Version) -> None:
    steps = symbol("n_steps", "n")
    model = stacked(
        version,
        made("LSTM", version, 16, input_shape=(steps, 3)),
        made("RepeatVector", version, steps),
        made("LSTM", version, 16, return_sequences=True),
        made("TimeDistributed", version, made("Dense", version, 1)),
    )
    assert not model.refusals
    assert shape(model.output) == Shape((None, steps, 1))


# --- graphs ----------------------------------------------------------------------------------------------------------


@VERSIONS
def test_a_graph_with_a_shared_layer(version: Version) -> None:
    left, right = given(version, 5, 3), given(version, 5, 3)
    shared = made("LSTM", version, 4)
    ends = tuple(symbolic(call(shared, tensor, version)) for tensor in (left, right))
    merged = symbolic(call(made("Concatenate", version), ends, version))
    output = symbolic(call(made("Dense", version, 1), merged, version))
    model = functional((left, right), output)
    table = summary(model, version)
    assert [row.class_name for row in table.rows] == ["InputLayer", "InputLayer", "LSTM", "Concatenate", "Dense"]
    assert table.rows[2].inputs == (table.rows[0].name, table.rows[1].name)
    assert table.total == 4 * (4 * (4 + 3) + 4) + 9
    assert model.output == Tensor(Shape((None, 1)), activation="linear")


@VERSIONS
def test_an_encoder_and_decoder_with_states(version: Version) -> None:
    source, target = given(version, None, 7), given(version, None, 9)
    encoded = call(made("LSTM", version, 16, return_state=True), source, version).output
    assert isinstance(encoded, tuple)
    decoder = made("LSTM", version, 16, return_sequences=True, return_state=True)
    decoded = call(decoder, target, version, initial_state=encoded[1:]).output
    assert isinstance(decoded, tuple)
    output = symbolic(call(made("Dense", version, 9, activation="softmax"), decoded[0], version))
    model = functional((source, target), output)
    assert not model.refusals
    assert output.shape == Shape((None, None, 9)) and output.activation == "softmax"
    assert {row.class_name for row in summary(model, version).rows} == {"InputLayer", "LSTM", "Dense"}


@VERSIONS
def test_what_is_not_known_keeps_its_place_in_the_graph(version: Version) -> None:
    source = given(version, 5, 3)
    unknown = symbolic(call(made("Lambda", version, UNKNOWN), source, version))
    output = symbolic(call(made("Dense", version, 2), unknown, version))
    model = functional(source, output)
    assert [row.class_name for row in summary(model, version).rows] == ["InputLayer", "Lambda", "Dense"]
    assert summary(model, version).total is None
    assert output.shape == Shape((2,), exact=False)


@VERSIONS
def test_a_refused_call_is_told_with_its_layer(version: Version) -> None:
    refused = call(made("LSTM", version, 4), given(version, 3), version)
    assert refused.refusal is not None and refused.refusal.kind == "rank"


@VERSIONS
def test_a_model_inside_a_model(version: Version) -> None:
    inner = stacked(version, made("LSTM", version, 4, input_shape=(5, 3)), made("Dense", version, 2))
    layer = model_layer(inner, "inner", name="encoder")
    outer = stacked(version, layer, made("Dense", version, 1))
    table = summary(outer, version)
    assert shape(outer.output) == Shape((None, 1))
    assert table.rows[0].name == "encoder"
    assert table.total == 4 * (4 * (4 + 3) + 4) + 10 + 3


@VERSIONS
def test_a_graph_as_a_layer_over_time(version: Version) -> None:
    source = given(version, 8, 8, 1)
    flat = symbolic(call(made("Flatten", version), source, version))
    inner = functional(source, symbolic(call(made("Dense", version, 6), flat, version)))
    distributed = made("TimeDistributed", version, model_layer(inner, "inner"))
    model = stacked(version, made("Input", version, (10, 8, 8, 1)), distributed, made("LSTM", version, 4))
    assert [shape(step.applied.output) for step in model.steps] == [Shape((None, 10, 6)), Shape((None, 4))]
    assert summary(model, version).total == (64 * 6 + 6) + 4 * (4 * (4 + 6) + 4)


# --- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (K2, ["lstm_1", "max_pooling1d_1", "mine", "time_distributed_1", "dense_2", "lstm_2"]),
        (T2, ["lstm", "max_pooling1d", "mine", "time_distributed", "dense_1", "lstm_1"]),
        (K3, ["lstm", "max_pooling1d", "mine", "time_distributed", "dense_1", "lstm_1"]),
    ],
)
def test_automatic_names(version: Version, expected: list[str]) -> None:
    layers = [
        made("LSTM", version, 4),
        made("MaxPool1D", version, 2),
        made("Dense", version, 4, name="mine"),
        made("TimeDistributed", version, made("Dense", version, 4)),
        made("Dense", version, 4),
        made("LSTM", version, 4),
    ]
    names = Names(version).of(layers)
    assert [names[layer.key] for layer in layers] == expected


def test_input_layers_have_counters_of_their_own() -> None:
    wanted = {K2: ["input_1", "input_2"], T2: ["input_1", "input_2"], K3: ["input_layer", "input_layer_1"]}
    for version, expected in wanted.items():
        layers = [made("Input", version, (3,)) for _ in range(2)]
        assert list(Names(version).of(layers).values()) == expected


def test_cudnn_layers_are_spelt_as_keras_2_spells_them() -> None:
    layer = made("CuDNNLSTM", K2, 4)
    assert Names(K2).of([layer])[layer.key] == "cu_dnnlstm_1"
