"""Random Sequential models: shapes, parameter counts and refusals as real Keras has them.

The whole way is tried: the source of a program is made, linted and shown, and run with Keras.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lstmlint.analysis import analyse
from lstmlint.settings import default_settings

pytestmark = pytest.mark.keras

MODELS = 400
SEED = 20240607

Random = random.Random


def _some(*values: object) -> Callable[[Random], str]:
    return lambda rng: repr(rng.choice(values))


def _recurrent(name: str) -> Callable[[Random, int], str]:
    def make(rng: Random, rank: int) -> str:
        text = f"{name}({rng.randint(1, 6)}"
        if rng.random() < 0.6:
            text += f", return_sequences={rng.random() < 0.8}"
        if rng.random() < 0.2:
            text += ", use_bias=False"
        if name == "GRU" and rng.random() < 0.3:
            text += f", reset_after={rng.random() < 0.5}"
        if rng.random() < 0.2:
            text += f", {rng.choice(['go_backwards', 'unroll'])}=True"
        return text + ")"

    return make


def _with(
    name: str, *required: Callable[[Random], str], **options: Callable[[Random], str]
) -> Callable[[Random, int], str]:
    def make(rng: Random, rank: int) -> str:
        given = [each(rng) for each in required]
        given += [f"{key}={value(rng)}" for key, value in options.items() if rng.random() < 0.4]
        return f"{name}({', '.join(given)})"

    return make


def _wrapped(wrapper: str, *inner: str, **options: Callable[[Random], str]) -> Callable[[Random, int], str]:
    def make(rng: Random, rank: int) -> str:
        given = [LAYERS[rng.choice(inner)][1](rng, rank)]
        given += [f"{key}={value(rng)}" for key, value in options.items() if rng.random() < 0.5]
        return f"{wrapper}({', '.join(given)})"

    return make


def _permute(rng: Random, rank: int) -> str:
    axes = list(range(1, max(rank, 2)))
    rng.shuffle(axes)
    return f"Permute({tuple(axes)})"


_padding = _some("same", "valid")
_size1, _size2 = _some(1, 2, 3, (2,)), _some(1, 2, (2, 1), (1, 3))

# Name: ranks of input that it likes (0: any), and how to write one.
LAYERS: dict[str, tuple[tuple[int, ...], Callable[[Random, int], str]]] = {
    "LSTM": ((3,), _recurrent("LSTM")),
    "GRU": ((3,), _recurrent("GRU")),
    "SimpleRNN": ((3,), _recurrent("SimpleRNN")),
    "Bidirectional": ((3,), _wrapped("Bidirectional", "LSTM", "GRU", merge_mode=_some("sum", "concat", "ave"))),
    "TimeDistributed": ((3, 4), _wrapped("TimeDistributed", "Dense", "Dropout", "Flatten", "LSTM", "Conv1D")),
    "Dense": ((2, 3), _with("Dense", _some(1, 2, 5), use_bias=_some(False), activation=_some("relu", "softmax"))),
    "Dropout": ((0,), _with("Dropout", _some(0.1, 0.5))),
    "SpatialDropout1D": ((3,), _with("SpatialDropout1D", _some(0.2))),
    "GaussianNoise": ((0,), _with("GaussianNoise", _some(0.2))),
    "Activation": ((0,), _with("Activation", _some("relu", "tanh"))),
    "LeakyReLU": ((0,), _with("LeakyReLU")),
    "PReLU": ((2, 3), _with("PReLU", shared_axes=_some([1]))),
    "Embedding": ((2,), _with("Embedding", _some(10, 30), _some(3, 4), mask_zero=_some(True))),
    "Conv1D": (
        (3,),
        _with(
            "Conv1D",
            _some(2, 4),
            _size1,
            padding=_some("same", "valid", "causal"),
            strides=_some(1, 2),
            use_bias=_some(False),
            dilation_rate=_some(1, 2),
        ),
    ),
    "Conv2D": ((4,), _with("Conv2D", _some(2, 4), _size2, padding=_padding, strides=_some(1, 2, (2, 1)))),
    "MaxPooling1D": ((3,), _with("MaxPooling1D", _size1, padding=_padding, strides=_some(1, 2))),
    "AveragePooling1D": ((3,), _with("AveragePooling1D", pool_size=_size1, padding=_padding)),
    "MaxPooling2D": ((4,), _with("MaxPooling2D", _size2, padding=_padding)),
    "AveragePooling2D": ((4,), _with("AveragePooling2D", _size2, strides=_some(1, 2))),
    "GlobalMaxPooling1D": ((3,), _with("GlobalMaxPooling1D", keepdims=_some(True))),
    "GlobalAveragePooling1D": ((3,), _with("GlobalAveragePooling1D")),
    "GlobalMaxPooling2D": ((4,), _with("GlobalMaxPooling2D")),
    "GlobalAveragePooling2D": ((4,), _with("GlobalAveragePooling2D", keepdims=_some(True))),
    "Flatten": ((2, 3, 4), _with("Flatten")),
    "Reshape": (
        (2, 3, 4),
        _with("Reshape", _some((-1,), (-1, 1), (-1, 2), (2, -1), (4, 3), (-1, 2, 2), (6,), (1, -1))),
    ),
    "RepeatVector": ((2,), _with("RepeatVector", _some(1, 3, 5))),
    "Permute": ((3, 4), _permute),
    "BatchNormalization": ((0,), _with("BatchNormalization", scale=_some(False), center=_some(False))),
    "LayerNormalization": ((0,), _with("LayerNormalization", scale=_some(False), axis=_some(-1, [1, -1]))),
    "Masking": ((3,), _with("Masking")),
}
SHAPES = [(8,), (10, 3), (7, 1), (None, 4), (12,), (6, 5, 2), (4, 4, 3), (1, 6), (None, None, 2), (2,)]


def program(rng: Random) -> str:
    """The source of a model of up to seven layers; most fit their input, some do not."""
    shape = rng.choice(SHAPES)
    rank = len(shape) + 1
    lines = ["from keras import Sequential, Input", "from keras.layers import *", "model = Sequential()"]
    lines.append(f"model.add(Input({shape}))")
    for _ in range(rng.randint(1, 7)):
        fitting = [name for name, (ranks, _) in LAYERS.items() if ranks == (0,) or rank in ranks]
        name = rng.choice(fitting if rng.random() < 0.93 else list(LAYERS))
        text = LAYERS[name][1](rng, rank)
        lines.append(f"model.add({text})")
        rank = _next_rank(name, text, rank)
    return "\n".join(lines) + "\n"


def _next_rank(name: str, text: str, rank: int) -> int:
    """A guess, to choose the next layer by."""
    if name in ("LSTM", "GRU", "SimpleRNN", "Bidirectional"):
        return 3 if "return_sequences=True" in text else 2
    if name == "Reshape":
        return text.count(",") + (1 if text.endswith(",))") else 2)
    if name in ("Embedding", "RepeatVector"):
        return 3
    if name == "Flatten" or (name.startswith("Global") and "keepdims" not in text):
        return 2
    return rank


def linted(source: str, folder: Path) -> dict[str, Any]:
    """What lstmlint makes of a program: whether it sees an error, and the table of layers."""
    result = analyse(str(folder / "program.py"), source.encode(), default_settings(str(folder)), want_models=True)
    assert not result.defects
    errors = [f"{each.code} {each.message}" for each in result.diagnostics if each.severity.value == "error"]
    layers = [(x["class"], x["output_shape"], x["params"]) for model in result.models for x in model["layers"]]
    return {"errors": errors, "layers": layers}


def difference(ours: dict[str, Any], real: dict[str, Any]) -> str | None:
    """In what lstmlint and Keras differ; what lstmlint does not know is no difference, but a missed refusal is."""
    if real["raised"] is not None:
        return None if ours["errors"] else f"Keras raises {real['raised']}: {real['message']}"
    if ours["errors"]:
        return f"Keras raises nothing, but: {ours['errors']}"
    if len(ours["layers"]) != len(real["layers"]):
        return f"layers: {ours['layers']}, really {real['layers']}"
    for (name, shape, params), (real_name, real_shape, real_params) in zip(ours["layers"], real["layers"], strict=True):
        if name != real_name or shape not in (real_shape, "?") or params not in (real_params, "?"):
            return f"{name} {shape} {params}, really {real_name} {real_shape} {real_params}"
    return None


def test_random_models(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    rng = random.Random(SEED)
    sources = [program(rng) for _ in range(MODELS)]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("model_worker.py"))],
        input="".join(json.dumps(source) + "\n" for source in sources),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(sources)
    pairs = [(source, linted(source, tmp_path), real) for source, real in zip(sources, answers, strict=True)]
    raising = sum(real["raised"] is not None for *_, real in pairs)
    assert MODELS * 0.1 < raising < MODELS * 0.7, f"{raising} of {MODELS} models raise: too few or too many to tell"
    wrong = [f"{source}{told}" for source, ours, real in pairs if (told := difference(ours, real)) is not None]
    wrong.sort(key=len)
    assert not wrong, f"{len(wrong)} differences\n\n" + "\n\n".join(wrong[:15])
    unknown = [
        f"{source}{layer}"
        for source, ours, real in pairs
        if real["raised"] is None
        for layer in ours["layers"]
        if "?" in layer
    ]
    assert not unknown, f"{len(unknown)} are not known\n\n" + "\n\n".join(unknown[:15])
