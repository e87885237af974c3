"""Every layer entry against what Keras was measured to do: outputs, refusals, parameters, masks, symbols."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from layer_cases import facts, layer

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, Structure, Tensor
from lstmlint.keras.layers.registry import RULES, apply
from lstmlint.keras.reuse import refused_reuse
from lstmlint.keras.signatures import layer_names, signature
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Symbol, SymbolicDim, substitute, symbol, symbols
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

K2, T2, K3 = Version.K2, Version.T2, Version.K3
RAISES = "raises"
OPAQUE = "Lambda(identity)"

#: Where we say "unknown" and Keras has an answer: version, start of the layer's short name, reason.
UNKNOWN_HERE = [
    (K3, "TimeDistributed(MaxPooling1D", "the inner layer's rank is not checked, and fits by accident"),
    (K3, "TimeDistributed(LSTM", "the inner layer's rank is not checked, and fits by accident"),
    (K2, "Dot", "K2's batch_dot of more than three axes was measured to fail in five cases only"),
    (K2, "Conv1D(4,3,channels_first)", "one step missing gives length 0 or raises, by accident of the other sizes"),
    (K3, "Attention", "the model is built and fails when it runs"),
    (K3, "AdditiveAttention", "the model is built and fails when it runs"),
    (K3, "MultiHeadAttention", "a value without features: only this case was measured"),
]


def shape_of(text: str) -> Shape:
    """An input of the facts, the batch put in front."""
    return Shape((None, *ast.literal_eval(text)))


def outcome(applied: Applied) -> Any:
    """What came out, in the terms of the facts; UNKNOWN where it is not fully known."""
    if applied.refusal is not None:
        return RAISES
    output = applied.output
    if not isinstance(output, Tensor) or not output.shape.exact:
        return UNKNOWN
    dims = output.shape.dims
    return UNKNOWN if any(isinstance(dim, SymbolicDim) for dim in dims) else list(dims)


def measured(value: Any) -> list[Any]:
    """The outcomes that agree with a measured one: a model that is built and fails when it runs may be either."""
    if isinstance(value, dict):
        ran = [RAISES] if isinstance(value["ran"], str) else []
        return [*measured(value["symbolic"]), *ran]
    return [RAISES] if isinstance(value, str) else [value]


def is_unknown_here(version: Version, name: str) -> bool:
    return any(version is where and name.startswith(start) for where, start, _ in UNKNOWN_HERE)


def disagreement(version: Version, name: str, ours: Any, wanted: Any) -> bool:
    if ours is UNKNOWN:
        return not is_unknown_here(version, name)
    return ours not in measured(wanted)


def names(version: Version) -> Iterator[str]:
    return (name for name in facts("chains")[version.name]["layers"] if name != OPAQUE)


LAYERS = [pytest.param(name, version, id=f"{name}, {version.name}") for version in Version for name in names(version)]


@pytest.mark.parametrize(("name", "version"), LAYERS)
def test_outputs_and_refusals_are_those_measured(name: str, version: Version) -> None:
    subject = layer(name, version)
    rows = facts("chains")[version.name]["layers"][name]
    wrong = {
        text: (ours, wanted)
        for text, wanted in rows.items()
        if disagreement(version, name, ours := outcome(apply(subject, Tensor(shape_of(text)), version)), wanted)
    }
    assert not wrong


@pytest.mark.parametrize(("before", "version"), LAYERS)
def test_every_layer_behind_every_layer(before: str, version: Version) -> None:
    rows = facts("chains")[version.name]["pairs"][before]
    made = rows["LeakyReLU"]
    made = made["symbolic"] if isinstance(made, dict) else made
    tensor = Tensor(Shape(tuple(made)), masked=before == "Masking")
    wrong = {
        name: (ours, wanted)
        for name, wanted in rows.items()
        if name != OPAQUE
        and disagreement(version, name, ours := outcome(apply(layer(name, version), tensor, version)), wanted)
    }
    assert not wrong


@pytest.mark.parametrize("version", Version)
def test_merging_layers(version: Version) -> None:
    wrong = []
    for text, first, second, wanted in facts("chains")[version.name]["merge"]:
        name = text.replace("(q,v)", "")
        inputs = tuple(Tensor(Shape((None, *dims))) for dims in (first, second))
        ours = outcome(apply(layer(name, version), inputs, version))
        if disagreement(version, name, ours, wanted):
            wrong.append((name, first, second, ours, wanted))
    assert not wrong


@pytest.mark.parametrize("version", Version)
def test_cropping(version: Version) -> None:
    wrong = []
    for argument, length, wanted, _ran in facts("chains")[version.name]["cropping1d [arg, L, symbolic, ran]"]:
        cropping = tuple(argument) if isinstance(argument, list) else argument
        subject = made("Cropping1D", version, cropping)
        ours = outcome(apply(subject, Tensor(Shape((None, length, 2))), version))
        if ours not in measured(wanted):
            wrong.append((argument, length, ours, wanted))
    assert not wrong


@pytest.mark.parametrize("version", Version)
def test_an_unknown_length_stays_unknown(version: Version) -> None:
    for name in {row[0] for row in facts("chains")[version.name]["unknown_length"]}:
        applied = apply(layer(name, version), Tensor(Shape((None, None, 2))), version)
        assert applied.refusal is None, name
        assert isinstance(applied.output, Tensor) and applied.output.shape.exact, name


def made(class_name: str, version: Version, /, *positional: Any, **keywords: Any) -> Layer:
    constructed = construct(class_name, positional, keywords, version, key=object())
    assert constructed.layer is not None, constructed.problems
    return constructed.layer


# --- symbols ---------------------------------------------------------------------------------------------------------


def with_symbols(shape: Shape) -> tuple[Shape, tuple[Axis, ...]]:
    """The shape with a symbol for each number."""
    dims = tuple(None if dim is None else symbol(f"n{place}", ("n", place)) for place, dim in enumerate(shape.dims))
    return Shape(dims), shape.dims


def solved(structure: Structure, values: dict[Symbol, int]) -> Any:
    """The output for these values; UNKNOWN where it depends on more."""
    if not isinstance(structure, Tensor) or not structure.shape.exact:
        return UNKNOWN
    dims = [dim if dim is None else substitute(dim, values) for dim in structure.shape.dims]
    return UNKNOWN if any(isinstance(dim, SymbolicDim) for dim in dims) else dims


@pytest.mark.parametrize(("name", "version"), LAYERS)
def test_with_symbols_nothing_is_said_that_a_number_contradicts(name: str, version: Version) -> None:
    subject = layer(name, version)
    wrong = {}
    for text in facts("chains")[version.name]["layers"][name]:
        numbers = shape_of(text)
        shape, dims = with_symbols(numbers)
        values = {next(iter(symbols(s))): n for s, n in zip(shape.dims, dims) if isinstance(s, SymbolicDim)}
        general = apply(subject, Tensor(shape), version)
        special = outcome(apply(subject, Tensor(numbers), version))
        if general.refusal is not None and special != RAISES:
            wrong[text] = (general.refusal, special)
        told = solved(general.output, values)
        if general.refusal is None and special != RAISES and told is not UNKNOWN and told != special:
            wrong[text] = (told, special)
    assert not wrong


@pytest.mark.parametrize(("name", "version"), LAYERS)
def test_an_unknown_input_is_never_refused(name: str, version: Version) -> None:
    assert apply(layer(name, version), Tensor(UNKNOWN_SHAPE), version).refusal is None
    assert apply(layer(name, version), None, version).refusal is None


@pytest.mark.parametrize("class_name", sorted(RULES))
@pytest.mark.parametrize("version", Version)
def test_unknown_arguments_are_refused_only_for_the_rank(class_name: str, version: Version) -> None:
    constructed = construct(class_name, (), {}, version, key=1, open_keywords=True)
    if constructed.layer is None:
        pytest.skip(f"{version.name} has no {class_name}")
    for rank in range(1, 7):
        tensor = Tensor(Shape((None, *(symbol("n") for _ in range(rank - 1)))))
        refusal = apply(constructed.layer, tensor, version).refusal
        allowed = {"rank", "min-rank", "structure"} | ({"undefined"} if rank == 1 else set())
        assert refusal is None or refusal.kind in allowed


# --- recurrent layers ------------------------------------------------------------------------------------------------

SEQUENCE = Tensor(Shape((None, 5, 3)))


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize(("class_name", "states"), [("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1)])
def test_output_structures(class_name: str, states: int, version: Version) -> None:
    last, whole = Shape((None, 4)), Shape((None, 5, 4))
    expected = {
        (False, False): [last],
        (True, False): [whole],
        (False, True): [last] + [last] * states,
        (True, True): [whole] + [last] * states,
    }
    for (sequences, state), shapes in expected.items():
        subject = made(class_name, version, 4, return_sequences=sequences, return_state=state)
        output = apply(subject, SEQUENCE, version).output
        tensors = output if isinstance(output, tuple) else (output,)
        assert [tensor.shape for tensor in tensors if isinstance(tensor, Tensor)] == shapes


def test_an_unknown_flag_leaves_what_both_outcomes_share() -> None:
    output = apply(made("LSTM", K3, 4, return_sequences=UNKNOWN), SEQUENCE, K3).output
    assert isinstance(output, Tensor)
    assert output.shape == Shape((4,), exact=False)


@pytest.mark.parametrize(
    ("mode", "sequences", "expected"),
    [
        ("concat", False, [(None, 8)]),
        ("concat", True, [(None, 5, 8)]),
        ("sum", True, [(None, 5, 4)]),
        ("ave", False, [(None, 4)]),
        (None, True, [(None, 5, 4), (None, 5, 4)]),
    ],
)
@pytest.mark.parametrize("version", Version)
def test_bidirectional(mode: str | None, sequences: bool, expected: list[tuple[int, ...]], version: Version) -> None:
    inner = made("LSTM", version, 4, return_sequences=sequences)
    output = apply(made("Bidirectional", version, inner, merge_mode=mode), SEQUENCE, version).output
    tensors = output if isinstance(output, tuple) else (output,)
    assert [tensor.shape.dims for tensor in tensors if isinstance(tensor, Tensor)] == expected


@pytest.mark.parametrize(("class_name", "count"), [("LSTM", 5), ("GRU", 3)])
@pytest.mark.parametrize("version", Version)
def test_bidirectional_states_follow_the_output(class_name: str, count: int, version: Version) -> None:
    inner = made(class_name, version, 4, return_state=True)
    output = apply(made("Bidirectional", version, inner), SEQUENCE, version).output
    assert isinstance(output, tuple) and len(output) == count


@pytest.mark.parametrize("version", [K2, T2])
def test_initial_states_of_another_size_are_refused(version: Version) -> None:
    subject = made("LSTM", version, 4)
    right, wrong = Tensor(Shape((None, 4))), Tensor(Shape((None, 5)))
    assert apply(subject, SEQUENCE, version, initial_state=(right, right)).refusal is None
    refusal = apply(subject, SEQUENCE, version, initial_state=(right, wrong)).refusal
    assert refusal is not None and refusal.kind == "state"
    assert apply(subject, SEQUENCE, version, initial_state=(right,)).refusal is not None


def test_stateful_needs_a_batch_size() -> None:
    for version in Version:
        subject = made("LSTM", version, 4, stateful=True)
        refusal = apply(subject, SEQUENCE, version).refusal
        assert refusal is not None and refusal.kind == "batch"
        assert apply(subject, Tensor(Shape((8, 5, 3))), version).refusal is None
        assert apply(subject, None, version).refusal is None


def test_messages_are_what_keras_prints() -> None:
    flat = Tensor(Shape((None, 10)))
    expected = {
        K2: "Input 0 is incompatible with layer lstm_1: expected ndim=3, found ndim=2",
        T2: 'Input 0 of layer "lstm" is incompatible with the layer: expected ndim=3, found ndim=2. '
        "Full shape received: (None, 10)",
        K3: "Input 0 with name 'None' of layer 'lstm' is incompatible with the layer: expected ndim=3, found ndim=2. "
        "Full shape received: (None, 10)",
    }
    for version, message in expected.items():
        refusal = apply(made("LSTM", version, 4), flat, version).refusal
        assert refusal is not None
        assert (refusal.exception, refusal.message) == ("ValueError", message)
        assert (refusal.expected, refusal.found) == ("(batch, time, features)", "(None, 10)")


# --- activations and masks -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        ([("Dense", (3,), {"activation": "softmax"})], "softmax"),
        ([("Dense", (3,), {})], "linear"),
        ([("Dense", (3,), {}), ("Activation", ("sigmoid",), {})], "sigmoid"),
        ([("Dense", (3,), {}), ("Softmax", (), {})], "softmax"),
        ([("Dense", (3,), {"activation": "softmax"}), ("Dropout", (0.5,), {})], "softmax"),
        ([("Dense", (3,), {"activation": "softmax"}), ("Reshape", ((3, 1),), {})], "softmax"),
        ([("Dense", (3,), {"activation": "softmax"}), ("BatchNormalization", (), {})], None),
        ([("Dense", (3,), {"activation": "tanh"}), ("Activation", ("linear",), {})], "tanh"),
    ],
)
def test_the_activation_that_made_the_values(chain: list[Any], expected: str | None) -> None:
    tensor: Structure = Tensor(Shape((None, 6)))
    for name, positional, keywords in chain:
        tensor = apply(made(name, K3, *positional, **keywords), tensor, K3).output
    assert isinstance(tensor, Tensor)
    assert tensor.activation == expected


def test_masks_travel_until_they_are_used_up() -> None:
    embedded = apply(made("Embedding", K3, 10, 4, mask_zero=True), Tensor(Shape((None, 5))), K3).output
    assert isinstance(embedded, Tensor) and embedded.masked is True
    sequence = apply(made("LSTM", K3, 4, return_sequences=True), embedded, K3).output
    assert isinstance(sequence, Tensor) and sequence.masked is True
    last = apply(made("LSTM", K3, 4), sequence, K3).output
    assert isinstance(last, Tensor) and last.masked is False


# --- parameters ------------------------------------------------------------------------------------------------------

#: Entries whose short name is not the class alone: name -> (class, fixed arguments).
_VARIANTS: dict[str, tuple[str, dict[str, Any]]] = {
    "GRU(reset_after=False)": ("GRU", {"reset_after": False}),
    "GRU(reset_after=True)": ("GRU", {"reset_after": True}),
    "GRU(default)": ("GRU", {}),
    "Conv1D(groups)": ("Conv1D", {}),
    "Attention(score_mode='concat')": ("Attention", {"score_mode": "concat"}),
}
_WRAPPED = {"Bidirectional(LSTM)": "LSTM", "Bidirectional(GRU)": "GRU", "Bidirectional(SimpleRNN)": "SimpleRNN"}
#: Names in the formulas that are no arguments, but dims of the input or output.
_DIMS = {"features", "channels", "c", "dims", "shape", "out_spatial", "q_dim", "k_dim", "v_in", "dim", "out_dim"}
_PARAMETERS = [
    pytest.param(name, version, id=f"{name}, {version.name}")
    for name, entry in facts("params").items()
    if not name.startswith("_") and "example" in entry
    for version in Version
    if version.name in entry["verified_cases"]
]


def example_layer(name: str, values: dict[str, Any], version: Version) -> Layer:
    """The layer of an example: its arguments are the values that are arguments."""
    arguments = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    arguments = {key: value for key, value in arguments.items() if key not in _DIMS}
    for flag in ("use_bias", "scale", "center", "use_scale"):
        if flag in arguments:
            arguments[flag] = bool(arguments[flag])
    if name in _WRAPPED:
        return made("Bidirectional", version, made(_WRAPPED[name], version, **arguments))
    if name == "TimeDistributed(Dense)":
        return made("TimeDistributed", version, made("Dense", version, **arguments))
    if name.startswith("RNN("):
        cells = tuple(made("LSTMCell", version, arguments[letter]) for letter in "ab")
        return made("RNN", version, cells)
    if name == "SpectralNormalization(Dense)":
        return made("SpectralNormalization", version, made("Dense", version, **arguments))
    if name == "MaxoutDense":
        return made(name, version, arguments["units"], nb_feature=arguments["nb_feature"])
    if name.startswith("EinsumDense"):
        bias = "d" if arguments["bias"] else None
        return made("EinsumDense", version, "abc,cd->abd", (None, arguments["units"]), bias_axes=bias)
    class_name, fixed = _VARIANTS.get(name, (name, {}))
    if name == "GroupNormalization":
        fixed = {"groups": 2}
    return made(class_name, version, **{**arguments, **fixed})


@pytest.mark.parametrize(("name", "version"), _PARAMETERS)
def test_parameter_counts(name: str, version: Version) -> None:
    entry = facts("params")[name]
    example = entry["example"]
    dims = example["input_shape"]
    several = bool(dims) and isinstance(dims[0], list)
    inputs: Structure = tuple(Tensor(Shape((None, *one))) for one in dims) if several else Tensor(Shape((None, *dims)))
    if name == "Embedding":
        inputs = Tensor(Shape((None, 5)))
    applied = apply(example_layer(name, example["values"], version), inputs, version)
    assert applied.refusal is None and applied.count is not None
    formula = entry["total"][version.name] if isinstance(entry["total"], dict) else entry["total"]
    expected = eval(formula, {"prod": lambda items: __import__("math").prod(items)}, dict(example["values"]))
    assert applied.count.total == expected
    if "non_trainable" in entry:
        assert applied.count.non_trainable == eval(entry["non_trainable"], {}, dict(example["values"]))


@pytest.mark.parametrize("name", [name for name, entry in facts("params").items() if entry.get("total") == "0"])
def test_layers_without_weights(name: str) -> None:
    if "example" in facts("params")[name]:
        pytest.skip("has an example")
    subject = layer({"RepeatVector": "RepeatVector(3)", "Reshape": "Reshape((-1,))", "Permute": "Permute((2,1))",
                     "Activation": "Activation(relu)"}.get(name, name), K2)  # fmt: skip
    shape = Shape((None, 6)) if name == "RepeatVector" else Shape((None, 8, 6))
    count = apply(subject, Tensor(shape), K2).count
    assert count is not None and count.total == 0


def test_a_count_over_symbols_is_an_expression() -> None:
    features = symbol("n_features", "f")
    count = apply(made("LSTM", K3, 50), Tensor(Shape((None, 60, features))), K3).count
    assert count is not None
    assert count.formula == "4*(units*(units+features)+units*use_bias)"
    assert count.total == 4 * (50 * (50 + features) + 50)


def test_a_count_is_unknown_where_the_source_does_not_tell() -> None:
    count = apply(made("LSTM", K3, 50), None, K3).count
    assert count is not None and count.total is None
    fixed = apply(made("Dense", K3, 3, trainable=False), Tensor(Shape((None, 2))), K3).count
    assert fixed is not None and fixed.non_trainable == fixed.total == 9


def test_every_entry_names_its_source() -> None:
    assert all(rule.source and rule.grade in ("full", "shape", "opaque") for rule in RULES.values())


# --- whatever comes --------------------------------------------------------------------------------------------------

SENSELESS: list[Any] = [UNKNOWN, 2, "x", (2, 3), (), None]
ANY_SHAPES = [
    Shape(()), Shape((None,)), Shape((0,)), Shape((None, 0, 0)), Shape((None,) * 7), UNKNOWN_SHAPE,
    Shape((5, symbol("n"), symbol("m"), 3)), Shape((3,), exact=False),
]  # fmt: skip


@pytest.mark.parametrize("version", Version)
def test_no_entry_raises_whatever_it_is_given(version: Version) -> None:
    tensors = [Tensor(shape) for shape in ANY_SHAPES]
    inputs: list[Structure] = [None, (), (None, None), *tensors, *((t, t) for t in tensors)]
    for name in sorted(layer_names(version)):
        known = signature(name, version)
        assert known is not None
        for value in SENSELESS:
            subject = construct(name, [value] * len(known.required), {}, version, key=name).layer
            for given in inputs if subject is not None else ():
                assert isinstance(apply(subject, given, version), Applied), (name, value, given)
        subject = construct(name, [2] * len(known.required), {}, version, key=name).layer
        for built in ANY_SHAPES if subject is not None else ():
            for again in ANY_SHAPES:
                assert built != again or refused_reuse(subject, built, again, version) is None, (name, built)
                refused_reuse(subject, built, again, version)
