"""Operations on symbolic tensors: what lstmlint says of each expression is what Keras made of it.

`fixtures/operations/` has what was measured on Keras 3 and tf.keras 2.15 with `operation_worker.py`: shapes, the layers of
a model with that output, and what raises.  `unknown` lists the expressions of which lstmlint does not know all.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from operation_worker import INPUTS, PRELUDE, PRELUDE_3

from lstmlint.analysis import analyse
from lstmlint.settings import Settings

FIXTURES = Path(__file__).parent / "fixtures" / "operations"
KERAS = {"k3": "3", "t2": "2.15"}
RULES = ("LL110", "LL111")

#: Functions of which tf.keras makes several layers; lstmlint knows what comes out, and makes one of them.
SEVERAL_LAYERS = ("tf.nn.moments", "K.batch_flatten", "K.switch", "K.pool2d")


def measured(epoch: str) -> dict[str, Any]:
    return dict(json.loads((FIXTURES / f"{epoch}.json").read_text()))


def claimed(code: str, epoch: str) -> tuple[list[str], list[Any] | None]:
    """The findings in a model whose output is the value of `code`, and its layers behind the inputs (None: not known)."""
    *before, last = code.split("; ")
    ends = f"model = Model([{', '.join(INPUTS)}], result)"
    prelude = PRELUDE + (PRELUDE_3 if epoch == "k3" else "")
    source = "\n".join([prelude, *before, f"result = {last}", ends, ""])
    settings = Settings(root=str(FIXTURES), keras_version=KERAS[epoch])
    result = analyse(str(FIXTURES / "program.py"), source.encode(), settings, want_models=True)
    assert not result.defects, (code, result.defects)
    told = [f"{found.code} {found.message}" for found in result.diagnostics]
    models = [model for model in result.models if model["name"] == "model"]
    rows = [row for model in models for row in model["layers"] if row["class"] != "InputLayer"]
    return told, [[row["class"], row["name"], row["output_shape"]] for row in rows] if models else None


def is_open(shape: Any) -> bool:
    """Whether a shape has sizes that are not known."""
    return any(map(is_open, shape)) if isinstance(shape, list) else isinstance(shape, str)


def judged(code: str, epoch: str, truth: dict[str, Any]) -> str:
    """`agree`, `unknown` where lstmlint claims less than is true, else in what they differ."""
    told, rows = claimed(code, epoch)
    if "raises" not in truth and "layers" not in truth:  # no tensor, which cannot be the output of a model
        told = [found for found in told if found.startswith(RULES)]
    if "raises" in truth:
        return "agree" if told else "unknown"
    if told:
        return f"Keras does not raise: {told}"
    wanted = truth.get("layers")
    if not wanted or rows is None:
        return "unknown" if wanted else "agree"
    if code.startswith(SEVERAL_LAYERS):
        wanted = [[*rows[-1][:2], truth["shape"]]]
        rows = rows[-1:]
    if [row[:2] for row in rows] != [row[:2] for row in wanted]:
        return f"layers: {rows}"
    shapes = [(row[2], want[2]) for row, want in zip(rows, wanted, strict=True)]
    if any(ours != real and not is_open(ours) for ours, real in shapes):
        return f"shapes: {rows}"
    return "agree" if all(ours == real for ours, real in shapes) else "unknown"


@pytest.mark.parametrize("epoch", KERAS)
@pytest.mark.parametrize("first", ["ops.", "tf.", "K.", "np.", "x", "s", "b", "other"])
def test_claims_are_true(epoch: str, first: str) -> None:
    facts = measured(epoch)
    starts = ("ops.", "tf.", "K.", "np.", "x", "s", "b")
    rows = facts["rows"].items()
    mine = {c: t for c, t in rows if (c.startswith(first) if first != "other" else not c.startswith(starts))}
    answers = {code: judged(code, epoch, truth) for code, truth in mine.items()}
    wrong = {code: answer for code, answer in answers.items() if answer not in ("agree", "unknown")}
    assert not wrong
    unknown = {code for code, answer in answers.items() if answer == "unknown"}
    assert unknown == {code for code in facts["unknown"] if code in mine}


def really(codes: list[str]) -> dict[str, Any]:
    """What the Keras at hand makes of expressions."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("operation_worker.py"))],
        input="\n".join(codes),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.keras
def test_keras_still_does_so() -> None:
    pytest.importorskip("tensorflow")
    rows = measured("k3")["rows"]
    found = really(list(rows))
    plain = {code: {k: v for k, v in truth.items() if k != "message"} for code, truth in found.items()}
    wanted = {code: {k: v for k, v in truth.items() if k != "message"} for code, truth in rows.items()}
    assert {code: truth for code, truth in plain.items() if truth != wanted[code]} == {}


# --- random expressions ----------------------------------------------------------------------------------------------

SEED, PROGRAMS = 3, 150
SHAPES = "xyzvosb"
STEPS = (
    "ops.expand_dims({}, {axis})", "ops.squeeze({}, {axis})", "ops.transpose({})", "ops.mean({}, axis={axis})",
    "ops.sum({}, axis={axis}, keepdims=True)", "ops.argmax({}, axis={axis})", "ops.concatenate([{}, {}], axis={axis})",
    "ops.stack([{}, {}], axis={axis})", "ops.matmul({}, {})", "ops.dot({}, a)", "{} + {}", "{} * {}", "{} @ {}",
    "{}[:, {place}]", "{}[..., {place}]", "{}[:, {place}:]", "{}[:, ::2]", "{}[..., None]", "{}[:, None]", "{}[0]",
    "ops.reshape({}, (-1, {n}))", "ops.reshape({}, (-1, {n}, 3))", "ops.repeat({}, {n}, axis={axis})",
    "ops.tile({}, ({n}, 2))", "ops.split({}, {n}, axis={axis})[0]", "ops.swapaxes({}, 0, {axis})", "ops.relu({})",
    "ops.pad({}, 1)", "ops.cumsum({}, axis={axis})", "ops.flip({}, axis={axis})", "ops.where({} > 0, {}, {})",
    "ops.take({}, [0, 2], axis={axis})", "ops.max({}, axis=({axis}, 0))", "ops.squeeze({})", "ops.cumsum({})",
    "ops.moveaxis({}, 1, {axis})", "ops.unstack({}, axis={axis})[0]", "ops.softmax({}, axis={axis})", "2 - {}", "-{}",
    "layers.Dense(5)({})", "Model({0}, {0} * 2)({0})", "ops.tensordot({}, {}, axes=1)",
)  # fmt: skip


def expression(rng: random.Random) -> str:
    """A few operations one after the other, each on what the last one made or on inputs."""
    lines = []
    names = list(SHAPES)
    for number in range(rng.randint(1, 4)):
        step = rng.choice(STEPS)
        latest = names[-1] if number else rng.choice(names)
        used = [latest, *(rng.choice([latest, *names]) for _ in range(3))]
        line = step.format(
            *used, axis=rng.choice([-2, -1, 0, 1, 2, 3]), place=rng.choice([-3, -1, 0, 2, 9]), n=rng.choice([2, 3, 5])
        )
        names.append(f"t{number}")
        lines.append(f"t{number} = {line}")
    return "; ".join([*lines, names[-1]])


@pytest.mark.keras
def test_random_expressions() -> None:
    pytest.importorskip("tensorflow")
    rng = random.Random(SEED)
    codes = list(dict.fromkeys(expression(rng) for _ in range(PROGRAMS)))
    answers = {code: (judged(code, "k3", truth), truth) for code, truth in really(codes).items()}
    assert not {code: both for code, both in answers.items() if both[0] not in ("agree", "unknown")}
    known = sum(answer == "agree" for answer, _ in answers.values())
    assert known > 0.8 * len(codes), [code for code, (answer, _) in answers.items() if answer == "unknown"]
