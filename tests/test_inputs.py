"""Data against inputs: every measured row of `predict`, with numbers and with symbols in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lstmlint.keras.feeding import LAYER_CHECKS, Effect, LayerCheck, Outcome, input_outcomes, verdict
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, both, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

FACTS = json.loads((Path(__file__).parent / "fixtures/keras_facts/inputs.json").read_text(encoding="utf-8"))
TABLES = {"K2": Version.K2, "T2": Version.T2, "K3": Version.K3, "K3J": Version.K3}
SAMPLES = 4

#: The layers of the rows: class and kernel or pool sizes.
LAYERS: dict[str, tuple[str, tuple[int, ...]]] = {
    "LSTM_seq": ("LSTM", ()),
    "Bidirectional(LSTM)": ("Bidirectional", ()),
    "TimeDistributed(Dense)": ("TimeDistributed", ()),
    "Reshape(6)": ("Reshape", ()),
    "Conv1D": ("Conv1D", (2,)),
    "Conv2D": ("Conv2D", (2, 2)),
    "MaxPooling1D": ("MaxPooling1D", (2,)),
    "ConvLSTM1D": ("ConvLSTM1D", (1, 2)),
    "ConvLSTM2D": ("ConvLSTM2D", (1, 2, 2)),
}


def cases(table: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Layer, declaration, data, style and code of each row of `predict`."""
    for layer, declarations in FACTS[table]["table"].items():
        for declared, rows in declarations.items():
            for data, cell in rows.items():
                for code, runs in cell.items() if isinstance(cell, dict) else [(cell, "layer-kw predict")]:
                    for run in runs.split(", "):
                        style, what = run.split()
                        if what == "predict":
                            yield layer, declared, data, style, code


def dims(text: str) -> tuple[int | None, ...]:
    return tuple(None if name == "None" else int(name) for name in text.split(",") if name)


def declared_shape(text: str) -> Shape | None:
    if text == "undeclared":
        return None
    if text.startswith("batch_shape"):
        return Shape(dims(text.removeprefix("batch_shape (").rstrip(")")))
    return Shape((None, *dims(text.strip("()"))))


def data_shape(text: str) -> tuple[Shape, str]:
    kind, _, rest = text.rpartition(":")
    names = rest.strip("()").split(",")
    return Shape((SAMPLES, *(int(name) for name in names[1:]))), kind or "array"


def takes(check: LayerCheck, windows: tuple[int, ...], layer: str, given: Shape, built: Shape) -> Answer:
    """A layer's check of the rows' layers, with what their arguments add."""
    if layer == "Reshape":
        built = Shape((None, 6))  # Reshape((6,))
    if layer == "Permute":
        return Answer.of(len(given.dims) == 3)  # Permute((2, 1))
    return both(check.accepts(built, built) if layer != "Reshape" else Answer.YES, check.accepts(given, built, windows))


def ask(table: str, layer: str, declared: Shape | None, data: Shape, style: str, kind: str) -> tuple[Outcome, ...]:
    version = TABLES[table]
    name, windows = LAYERS.get(layer, (layer, ()))
    if declared is None and version is Version.K2 and name == "Embedding":
        declared = Shape((None, None))
    return input_outcomes(
        declared,
        data,
        partial(takes, LAYER_CHECKS[version][name], windows, name),
        functional=style == "functional" and table != "K3J",
        version=version,
        layer_name=f"{name.lower()}_1",
        layer_class=name,
        kind=kind,
    )


def effect_of(code: str) -> Effect:
    return Effect.OK if code.startswith("ok") else Effect.SILENT if code.startswith("S") else Effect.RAISES


def refused_for_other_reasons(table: str, declared: str, code: str) -> bool:
    """The layer could not be made, whatever the data; or the batches of 2 do not fill a declared batch of 4."""
    told = FACTS[table]["messages"][int(code[1:])] if code[0] == "!" else ""
    return "Unrecognized keyword" in told or (declared.startswith("batch_shape (4") and "Incompatible shapes" in told)


@pytest.mark.parametrize("table", TABLES)
def test_every_measured_row(table: str) -> None:
    wrong: list[str] = []
    count = 0
    for layer, declared, data, style, code in cases(table):
        if refused_for_other_reasons(table, declared, code):
            continue
        count += 1
        shape, kind = data_shape(data)
        outcomes = ask(table, layer, declared_shape(declared), shape, style, kind)
        if {outcome.effect for outcome in outcomes} != {effect_of(code)}:
            told = FACTS[table]["messages"][int(code[1:])] if code[0] == "!" else ""
            wrong.append(f"{layer} {declared} {data} {style}: {code} {told[:150]}, not {outcomes}")
    assert count > 500
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(line[:400] for line in wrong[:40])


T, F, G = symbol("t", "t", lower=2), symbol("f", "f", lower=1), symbol("g", "g")

#: What hides the sizes of a row.
HIDDEN: list[dict[int, Dim]] = [{3: T}, {2: F}, {3: T, 5: T + 2}, {1: G, 2: F, 3: T}]


@pytest.mark.parametrize("table", ["K2", "T2", "K3"])
@pytest.mark.parametrize("hidden", HIDDEN, ids=["time", "features", "related", "all"])
def test_what_happens_is_among_what_can_happen(table: str, hidden: dict[int, Dim]) -> None:
    for layer, declared, data, style, code in cases(table):
        if refused_for_other_reasons(table, declared, code) or layer not in (
            "LSTM",
            "Dense",
            "Conv1D",
            "Embedding",
            "Conv2D",
        ):
            continue
        shape, kind = data_shape(data)
        given = Shape((SAMPLES, *lifted(shape.dims[1:], hidden)))
        known = declared_shape(declared)
        built = None if known is None else Shape((None, *lifted(known.dims[1:], hidden)))
        outcomes = ask(table, layer, built, given, style, kind)
        assert effect_of(code) in {outcome.effect for outcome in outcomes}, (
            layer,
            declared,
            data,
            style,
            code,
            outcomes,
        )


def lifted(axes: tuple[Axis, ...], hidden: dict[int, Dim]) -> tuple[Axis, ...]:
    return tuple(hidden.get(dim, dim) if isinstance(dim, int) else dim for dim in axes)


def lstm(version: Version, declared: tuple[Axis, ...], data: tuple[Axis, ...], **changes: Any) -> tuple[Outcome, ...]:
    given: dict[str, Any] = {
        "functional": False,
        "layer_name": "lstm_1" if version is Version.K2 else "lstm",
        **changes,
    }
    check = LAYER_CHECKS[version]["LSTM"]
    return input_outcomes(Shape(declared), Shape(data), check.accepts, version=version, layer_class="LSTM", **given)


MESSAGES = [
    (Version.K2, (None, 60, 1), (207, 60), False,
     "Error when checking input: expected lstm_1_input to have 3 dimensions, but got array with shape (207, 60)"),
    (Version.K2, (None, 60, 1), (207, 60, 2), False,
     "Error when checking input: expected lstm_1_input to have shape (60, 1) but got array with shape (60, 2)"),
    (Version.T2, (None, 3, 1), (207, 3, 2), False,
     ("Exception encountered when calling layer 'sequential' (type Sequential). Input 0 of layer \"lstm\" is "
     "incompatible with the layer: expected shape=(None, None, 1), found shape=(None, 3, 2)")),
    (Version.T2, (None, 3, 2), (207, 2, 3), False,
     ("Input 0 of layer \"sequential\" is incompatible with the layer: "
     "expected shape=(None, 3, 2), found shape=(None, 2, 3)")),
    (Version.T2, (None, 3, 2), (207, 3), False,
     ("Exception encountered when calling layer 'sequential' (type Sequential). Input 0 of layer \"lstm\" is "
     "incompatible with the layer: expected ndim=3, found ndim=2. Full shape received: (None, 3)")),
    (Version.K3, (None, 3, 2), (207, 2, 3), True,
     ("Input 0 with name 'input_layer' of layer 'functional' is incompatible with the layer: "
     "expected shape=(None, 3, 2), found shape=(None, 2, 3)")),
    (Version.K3, (None, 3, 2), (207, 2, 3), False,
     "Exception encountered when calling LSTMCell.call(). Dimensions must be equal, but are 3 and 2"),
    (Version.K3, (None, 3, 2), (207, 3), False,
     ("Exception encountered when calling Sequential.call(). Invalid input shape for input … with name 'keras_tensor' "
     "and path ''. Expected shape (None, 3, 2), but input has incompatible shape (None, 3)")),
]  # fmt: skip


@pytest.mark.parametrize(("version", "declared", "data", "functional", "message"), MESSAGES)
def test_message(
    version: Version, declared: tuple[Axis, ...], data: tuple[Axis, ...], functional: bool, message: str
) -> None:
    told = verdict(lstm(version, declared, data, functional=functional))
    assert told is not None
    assert told.message == message


def test_messages_begin_as_measured() -> None:
    """The words before the numbers are those that Keras printed."""
    measured = "\n".join(re.sub(r"[#\d]+", "", line) for table in FACTS if table != "legend"
                         for line in FACTS[table]["messages"])  # fmt: skip
    for _, _, _, _, message in MESSAGES:
        words = re.sub(r"\d+", "", message).split("(None")[0].split("lstm_")[0].split(", but")[0].split(" … ")[0]
        assert words.split(" shape=")[0] in measured or words[:60] in measured


def test_one_step_instead_of_many_is_told() -> None:
    for version in (Version.T2, Version.K3):
        told = verdict(lstm(version, (None, 60, 1), (207, 1)))
        assert told is not None
        assert told.effect is Effect.SILENT
        assert told.accepted == Shape((207, 1, 1))


def test_symbols() -> None:
    assert verdict(lstm(Version.K3, (None, T, 1), (207, T))) is None
    assert verdict(lstm(Version.K3, (None, T, F), (207, T, F))) is None
    assert verdict(lstm(Version.K3, (None, T, F), (207, T, G))) is None
    told = verdict(lstm(Version.K3, (None, T, F), (207, T, F + 1)))
    assert told is not None
    assert told.effect is Effect.RAISES
    told = verdict(lstm(Version.K3, (None, T, F), (207, T + 1, F)))
    assert told is not None
    assert told.effect is Effect.SILENT
    assert told.accepted == Shape((207, T + 1, F))


def test_the_unknown_stays_silent() -> None:
    outcomes = input_outcomes(
        Shape((None, 3, 2)), UNKNOWN_SHAPE, LAYER_CHECKS[Version.K3]["LSTM"].accepts, functional=False,
        version=Version.K3, layer_name="lstm", layer_class="LSTM",
    )  # fmt: skip
    assert verdict(outcomes) is None
