"""Targets against outputs: every measured row, with numbers and with symbols in their place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lstmlint.keras.losses import (
    OK,
    Batches,
    Effect,
    Loss,
    Outcome,
    accidents,
    canonical,
    sample_outcomes,
    target_outcomes,
    verdict,
)
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim, substitute, symbol, symbols
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

FACTS = json.loads((Path(__file__).parent / "fixtures/keras_facts/targets.json").read_text(encoding="utf-8"))
VERSIONS = [Version.K2, Version.T2, Version.K3]

SIZES = {"T": 3, "k": 4, "k'": 6, "T'": 7}
SAMPLES = {5: 10, 3: 9, 4: 8, 1: 2}
ENTRIES = {"fit": "fit", "ev": "evaluate", "tob": "train_on_batch"}
KINDS = {"int 0": "number", "list of N floats": "list", "list of N [v]": "nested_list"}
LOSSES = {
    "bce": "binary_crossentropy",
    "cce": "categorical_crossentropy",
    "scce": "sparse_categorical_crossentropy",
    "cosine": "cosine_similarity",
}

N, T, U = symbol("n", "n", lower=1), symbol("t", "t", lower=2), symbol("u", "u", lower=2)


def entries(cell: Any, measured: list[str]) -> Iterator[tuple[str, str]]:
    """Each run of a cell with its code; a cell with one code has it in all runs that were measured."""
    for code, runs in cell.items() if isinstance(cell, dict) else [(cell, " ".join(measured))]:
        for run in runs.split():
            yield run, code


def runs_of(targets: dict[str, Any]) -> list[str]:
    """The runs that were measured for a loss and an output: those of the cells that name them."""
    cells = [cell for cell in targets.values() if isinstance(cell, dict)]
    return sorted({run for cell in cells for runs in cell.values() for run in runs.split()}) or ["fit/5"]


def loss_of(name: str, version: Version) -> Loss | None:
    if name == "custom_mse":
        return Loss("user", name)
    if (name, version) == ("logcosh", Version.K3):
        name = "log_cosh"
    return canonical(LOSSES.get(name, name), version)


def axis(text: str, samples: int) -> int:
    return {"N": samples, "N-1": samples - 1, "1": 1, **SIZES}[text]


def output_shape(text: str) -> Shape:
    names = [name for name in text.strip("()").split(",") if name]
    return Shape(tuple(None if name == "None" else axis(name, 0) for name in names))


def target_shape(text: str, samples: int) -> Shape:
    if text in KINDS:
        return Shape((samples, 1) if KINDS[text] == "nested_list" else (samples,) if KINDS[text] == "list" else ())
    return Shape(tuple(axis(name, samples) for name in text.strip("()").split(",") if name))


def head_of(output: str) -> str:
    return "linear" if output == "(None,)" else "sigmoid" if output.endswith(",1)") else "softmax"


def cases(version: Version) -> Iterator[tuple[str, str, str, str, str]]:
    for loss, outputs in FACTS[version.name]["table"].items():
        for output, targets in outputs.items():
            measured = runs_of(targets)
            for target, cell in targets.items():
                for run, code in entries(cell, measured):
                    yield loss, output, target, run, code


def asked(
    version: Version, loss: Loss, output: Shape, target: Shape, run: str, words: str, head: str | None, samples: Axis
) -> tuple[Outcome, ...]:
    entry, size = run.split("/")
    return target_outcomes(
        output,
        target,
        loss,
        head=head,
        version=version,
        batches=Batches(samples, int(size)),
        entry=ENTRIES[entry],
        layer_name="lambda_1" if len(output.dims) == 1 else "dense_1",
        kind=KINDS.get(words, "array"),
    )


def samples_of(run: str) -> int:
    entry, size = run.split("/")
    return int(size) if entry == "tob" else SAMPLES[int(size)]


def running(shape: Shape) -> Shape:
    """Free lengths were 3 when the rows were measured."""
    values = {s: 3 for dim in shape.dims if dim is not None for s in symbols(dim) if s.name.startswith("length of")}
    return Shape(tuple(None if dim is None else substitute(dim, values) for dim in shape.dims))


def code_of(outcome: Outcome, messages: list[str], code: str) -> str:
    """An outcome in the code of the rows; a message that fits the measured one takes its number."""
    if outcome.effect is Effect.OK:
        return "ok"
    if outcome.compared is not None:
        p, y = ("x".join(map(str, running(shape).dims)) or "scalar" for shape in outcome.compared)
        return f"S {p}~{y}"
    if code.startswith("!") and fits(outcome, messages[int(code[1:])]):
        return code
    return f"{outcome.exception}: {outcome.message}"


def pattern(text: str) -> str:
    """A message without numbers, shapes and lists, up to where the rows cut it."""
    text = re.sub(r"\((?:(?:None|\d+)(?:, |,)?)*\)", "(..)", text.splitlines()[0])
    text = re.sub(r"\[[^\]]*\]", "[..]", text)
    return re.sub(r"\d+", "#", text)


def fits(outcome: Outcome, measured: str) -> bool:
    ours = re.sub(r"(\d+\*)?(\(length of axis 1\)|length of axis 1)", "3", f"{outcome.exception}: {outcome.message}")
    ours = pattern(ours)
    theirs = pattern(measured.removeprefix("at compile: "))
    if any(words in ours for words in ("list of Numpy arrays", "Unrecognized data type", "instance of list")):
        return ours[:36] == theirs[:36]
    if (
        "object has no attribute" in ours
        or "different structures" in ours
        or "data adapter" in ours
        or "does not start with" in ours
    ):
        return ours.split()[0] == theirs.split()[0]
    length = min(len(ours), len(theirs))
    return ours[:length] == theirs[:length] and length > 30


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_every_measured_row(version: Version) -> None:
    messages = FACTS[version.name]["messages"]
    wrong: list[str] = []
    count = 0
    for name, output, target, run, code in cases(version):
        loss = loss_of(name, version)
        if loss is None:
            assert "Unknown loss" in messages[int(code[1:])]
            continue
        samples = samples_of(run)
        head = head_of(output)
        outcomes = asked(version, loss, output_shape(output), target_shape(target, samples), run, target, head, samples)
        codes = {code_of(outcome, messages, code) for outcome in outcomes}
        count += 1
        if "None,None" in output and version is not Version.K2 and target not in KINDS:
            # With the length that it had, there is just one way.
            known = output_shape(output).with_axis(1, 3)
            known_target = target_shape(target, samples)
            outcomes = asked(version, loss, known, known_target, run, target, head, samples)
            assert {code_of(outcome, messages, code) for outcome in outcomes} == {code}
        if code not in codes or ("None,None" not in output and len(codes) > 1):
            wrong.append(
                f"{name} {output} {target} {run}: {code} {messages[int(code[1:])] if code[0] == '!' else ''}, not {codes}"
            )
    assert not wrong, f"{len(wrong)} of {count}:\n" + "\n".join(line[:300] for line in wrong[:40])


def lifted(shape: Shape, names: dict[int, Dim]) -> Shape:
    return Shape(tuple(names.get(dim, dim) if isinstance(dim, int) else dim for dim in shape.dims))


SAMPLED_LOSSES = ("mse", "bce", "cce", "scce", "custom_mse")
SAMPLED_RUNS = ("fit/5", "fit/4", "tob/3")

#: What hides the sizes of a row: time steps, units, both, both under the names of other sizes, the number of samples.
HIDDEN: list[dict[int, Dim]] = [
    {3: T},
    {4: U},
    {3: T, 4: U, 6: U + 2, 7: T + 4},
    {1: symbol("one", "one"), 3: T, 7: symbol("s", "s")},
]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("hidden", HIDDEN, ids=["time", "units", "related", "all"])
def test_what_happens_is_among_what_can_happen(version: Version, hidden: dict[int, Dim]) -> None:
    """With symbols for sizes, the outcome that was measured is a member of the set."""
    messages = FACTS[version.name]["messages"]
    for name, output, target, run, code in cases(version):
        loss = loss_of(name, version)
        if loss is None or name not in SAMPLED_LOSSES or run not in SAMPLED_RUNS or target in KINDS:
            continue
        samples = samples_of(run)
        for head in (head_of(output), None):
            out, tar = output_shape(output), target_shape(target, samples)
            known = Shape((*tar.dims[:1], *lifted(Shape(tar.dims[1:]), hidden).dims))
            outcomes = asked(version, loss, lifted(out, hidden), known, run, target, head, samples)
            effect = Effect.OK if code == "ok" else Effect.SILENT if code[0] == "S" else Effect.RAISES
            assert effect in {outcome.effect for outcome in outcomes}, (
                name,
                output,
                target,
                run,
                code,
                outcomes,
                messages,
            )
            if effect is Effect.OK:
                assert verdict(outcomes) is None or all(o.accidental for o in outcomes if o.effect is Effect.OK)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_what_happens_is_possible_for_an_unknown_number_of_samples(version: Version) -> None:
    for name, output, target, run, code in cases(version):
        loss = loss_of(name, version)
        if loss is None or name not in SAMPLED_LOSSES or run not in SAMPLED_RUNS or target in (*KINDS, "(N-1,)"):
            continue
        tar = Shape((N, *target_shape(target, 0).dims[1:]))
        effect = Effect.OK if code == "ok" else Effect.SILENT if code[0] == "S" else Effect.RAISES
        for batches in (Batches(N, int(run.split("/")[1])), Batches(N, None), Batches(None, None)):
            outcomes = target_outcomes(
                output_shape(output), tar, loss, head=head_of(output), version=version, batches=batches,
                entry=ENTRIES[run.split("/")[0]],
            )  # fmt: skip
            assert effect in {outcome.effect for outcome in outcomes}, (name, output, target, run, code, outcomes)


def ask(output: tuple[Axis, ...], target: tuple[Axis, ...], name: str = "mse", **changes: Any) -> tuple[Outcome, ...]:
    version = changes.pop("version", Version.K3)
    loss = changes.pop("loss", None) or canonical(name, version)
    assert loss is not None
    given: dict[str, Any] = {"head": "linear", "batches": Batches(N), **changes}
    return target_outcomes(Shape(output), Shape(target), loss, version=version, **given)


def test_silent_broadcast_is_told_with_the_shapes_compared() -> None:
    told = verdict(ask((None, 10, 1), (N, 7, 1), "mse"))
    assert told is not None
    assert told.effect is Effect.RAISES
    assert told.message == "Dimensions must be equal, but are 10 and 7"
    told = verdict(ask((None, 1), (N, 14)))
    assert told is not None
    assert told.effect is Effect.SILENT
    assert told.compared == (Shape((32, 1)), Shape((32, 14)))
    assert not told.accidental


def test_an_accident_of_the_batch_size_is_not_an_excuse() -> None:
    outcomes = ask((None, 14), (N,), batches=Batches(207, 32))
    told = verdict(outcomes)
    assert told is not None
    assert told.effect is Effect.RAISES
    outcomes = ask((None, 14), (N,), batches=Batches(N, 32))
    told = verdict(outcomes)
    assert told is not None
    assert told.effect is Effect.RAISES
    assert sorted(" or ".join(accidents(outcomes)).split(" or ")) == [
        "size of the last batch = 1",
        "size of the last batch = 14",
    ]


def test_where_all_batches_are_the_accident_it_is_what_happens() -> None:
    told = verdict(ask((None, 32), (N,), batches=Batches(64, 32)))
    assert told is not None
    assert told.effect is Effect.SILENT
    assert told.condition == "batch size = 32"


def test_symbols_that_may_fit_are_silent() -> None:
    assert verdict(ask((None, U), (N, T))) is None
    assert verdict(ask((None, U), (N, U))) is None
    assert verdict(ask((None, U), (N, U + 1))) is not None
    assert verdict(ask((None, None, 1), (N, 7))) is None


def test_the_unknown_stays_silent() -> None:
    assert target_outcomes(
        UNKNOWN_SHAPE, Shape((N, 3)), Loss("elementwise", "mse"), head=None, version=Version.K3, batches=Batches(N)
    ) == (OK,)
    assert ask((None, 3), (N, 4), loss=Loss("unknown", "f")) == (OK,)


MESSAGES = [
    (Version.K2, (None, 3, 7), (207, 7), "mse",
     "Error when checking target: expected dense_1 to have 3 dimensions, but got array with shape (207, 7)"),
    (Version.K2, (None, 3), (207, 7), "mse",
     "Error when checking target: expected dense_1 to have shape (3,) but got array with shape (7,)"),
    (Version.T2, (None, 3), (207, 7), "categorical_crossentropy", "Shapes (None, 7) and (None, 3) are incompatible"),
    (Version.T2, (None, 3), (64, 7), "categorical_crossentropy", "Shapes (32, 7) and (32, 3) are incompatible"),
    (Version.K3, (None, 3), (207, 7), "categorical_crossentropy",
     ("Arguments `target` and `output` must have the same shape. "
     "Received: target.shape=(None, 7), output.shape=(None, 3)")),
    (Version.K3, (None, 3), (207, 7), "mse", "Dimensions must be equal, but are 3 and 7"),
    (Version.K3, (None, 3), (207,), "mse", "Incompatible shapes: [32,3] vs. [32]"),
    (Version.K3, (None, 5, 3), (207, 5, 3), "sparse_categorical_crossentropy",
     ("Argument `output` must have rank (ndim) `target.ndim - 1`. "
     "Received: target.shape=(None, 5, 3), output.shape=(None, 5, 3)")),
]  # fmt: skip


@pytest.mark.parametrize(("version", "output", "target", "loss", "message"), MESSAGES)
def test_message(version: Version, output: tuple[Axis, ...], target: tuple[Axis, ...], loss: str, message: str) -> None:
    samples = target[0]
    told = verdict(ask(output, target, loss, version=version, batches=Batches(samples)))
    assert told is not None
    assert told.message == message


def test_a_series_is_a_column_in_keras_3_only() -> None:
    assert verdict(ask((None, 1), (N,), loss=Loss("user_class", "Mine"), kind="series")) is None
    told = verdict(ask((None, 1), (N,), loss=Loss("user_class", "Mine")))
    assert told is not None
    assert told.effect is Effect.SILENT


def test_names_of_losses() -> None:
    for version in VERSIONS:
        for name in FACTS[version.name]["table"]:
            known = loss_of(name, version)
            assert known is not None or (version, name) == (Version.K2, "huber")
    assert canonical("no_such_loss", Version.K3) is None
    assert canonical("BinaryCrossentropy", Version.K3) == Loss(
        "binary_crossentropy", "BinaryCrossentropy", function="binary_crossentropy"
    )


def test_samples() -> None:
    assert sample_outcomes(10, 10, Version.K3) == (OK,)
    assert verdict(sample_outcomes(N, T, Version.K3)) is None
    told = verdict(sample_outcomes(N, N - 1, Version.K2))
    assert told is not None
    assert told.message == (
        "Input arrays should have the same number of samples as target arrays. "
        "Found n input samples and n - 1 target samples."
    )


def test_an_open_number_of_labels_is_no_accident_of_the_batch() -> None:
    """Sizes of an image that are not known: the labels may fit for every size of a batch, so nothing is told."""
    height, width = (8 * ((symbol("?") + 7) // 8) for _ in range(2))
    loss = canonical("sparse_categorical_crossentropy", Version.K2)
    assert loss is not None
    for version in Version:
        outcomes = target_outcomes(
            Shape((None, height, width, 3)), Shape((symbol("n"), 200, 200, 1)), loss, head="softmax", version=version,
            batches=Batches(symbol("n"), 64),
        )  # fmt: skip
        assert verdict(outcomes) is None
