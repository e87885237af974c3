"""Keywords of what is no layer: the methods of models, optimizers, losses, metrics, callbacks.

Source: `signatures/calls.json`, from the measured signatures of each Keras, with what its functions take through `**kwargs`;
a keyword that only some releases of a generation take is taken.  Facts: renames, sections 7 and 8.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import ArgumentProblem
from lstmlint.keras.names import Era
from lstmlint.keras.spelling import nearest
from lstmlint.keras.versions import Version

_FILE = Path(__file__).with_name("signatures") / "calls.json"
_OPEN = "**"
K2, T2, K3 = Version.K2, Version.T2, Version.K3

#: Names of old for arguments that mean the same.
RENAMED: Mapping[str, str] = {
    "nb_epoch": "epochs", "lr": "learning_rate", "max_q_size": "max_queue_size", "nb_worker": "workers", "input": "inputs",
    "output": "outputs", "nb_classes": "num_classes", "learning_rate": "lr", "pickle_safe": "use_multiprocessing",
    "nb_val_samples": "validation_steps", "samples_per_epoch": "steps_per_epoch", "val_samples": "steps",
}  # fmt: skip
#: Of these, those whose values count something else.
OTHER_UNITS = frozenset({"nb_val_samples", "samples_per_epoch", "val_samples"})


@dataclass(frozen=True, slots=True)
class Refused:
    """A keyword that some releases of a generation refuse: from which one on, and in which words."""

    first: tuple[int, int]
    exception: str
    message: str


_NO_DECAY = "{name} is deprecated in the new Keras optimizer, please check the docstring for valid arguments"
#: Keywords of optimizers that went with one release of tf.keras.
_REFUSED_T2 = {
    "decay": Refused((2, 11), "ValueError", _NO_DECAY),
    "schedule_decay": Refused((2, 11), "TypeError", "{name} is not a valid argument, kwargs should be empty"),
}

#: What each Keras says to an unknown keyword, by the beginning of the names of what is called: exception and message.
_WORDS: Mapping[Version, tuple[tuple[str, str, str], ...]] = {
    K2: (
        ("Model.fit", "TypeError", "Unrecognized keyword arguments: {{'{name}': …}}"),
        ("optimizers.", "TypeError", "Unexpected keyword argument passed to optimizer: {name}"),
    ),
    T2: (
        ("Model.compile", "TypeError", "Invalid keyword argument(s) in `compile()`: ({{'{name}'}},)"),
        ("Model.evaluate", "TypeError", "Invalid keyword arguments: ['{name}']"),
        ("Model.", "TypeError", "Model.{function}() got an unexpected keyword argument '{name}'"),
        ("Model", "TypeError", "('Keyword argument not understood:', '{name}')"),
        ("optimizers.", "TypeError", "{name} is not a valid argument, kwargs should be empty"),
    ),
    K3: (
        ("Model.compile", "TypeError", "Trainer.compile() got an unexpected keyword argument '{name}'"),
        ("Model.evaluate", "ValueError", "Arguments not recognized: {{'{name}': …}}"),
        ("Model.", "TypeError", "TensorFlowTrainer.{function}() got an unexpected keyword argument '{name}'"),
        ("Model", "ValueError", "Unrecognized keyword arguments passed to Model: {{'{name}': …}}"),
        ("optimizers.", "ValueError", "Argument(s) not recognized: {{'{name}': …}}"),
    ),
}
_METHOD = ("TypeError", "{function}() got an unexpected keyword argument '{name}'")
_CLASS = ("TypeError", "{function}.__init__() got an unexpected keyword argument '{name}'")


def unknown_keywords(callable_: str, keywords: Iterable[str], era: Era) -> tuple[ArgumentProblem, ...]:
    """What Keras says to the keywords of a call of "Model.fit", "optimizers.Adam", …; nothing where that is not known."""
    names = _data(era.version).get(callable_)
    if names is None or _OPEN in names:
        return ()
    found = [_refused(callable_, name, names, era) for name in keywords]
    return tuple(problem for problem in found if problem is not None)


def optimizer_class(name: str) -> ArgumentProblem:
    """What Keras says to the class of an optimizer where an optimizer is due."""
    words = f"Could not interpret optimizer identifier: <class '{name}'>"
    return ArgumentProblem("value", "optimizer", f"{name}()", True, "ValueError", words)


def lone_metric(text: str, version: Version) -> ArgumentProblem | None:
    """What Keras says to a string where a list of metrics is due; tf.keras takes it."""
    said = {
        K2: ("TypeError", "Type of `metrics` argument not understood. Expected a list or dictionary"),
        K3: (
            "ValueError",
            f"Expected `metrics` argument to be a list, tuple, or dict. Received instead: metrics={text}",
        ),
    }.get(version)
    return None if said is None else ArgumentProblem("value", "metrics", f'["{text}"]', True, *said)


def no_flag(value: object) -> ArgumentProblem | None:
    """What Keras 3 says to the second argument of `Sequential` where it is the name, as it was before."""
    if not isinstance(value, str):
        return None
    words = f"Expected `trainable` to be a boolean. Received: trainable={value}"
    return ArgumentProblem("value", "trainable", f'name="{value}"', True, "ValueError", words, T2)


#: What the path of a file must end in, by what is called and whether it is for weights only.
_SUFFIXES_K3: Mapping[tuple[str, bool], tuple[tuple[str, ...], str]] = {
    ("Model.save", False): ((".keras", ".h5", ".hdf5"), "Invalid filepath extension for saving."),
    ("Model.save_weights", False): ((".weights.h5",), "The filename must end in `.weights.h5`."),
    ("callbacks.ModelCheckpoint", False): ((".keras", ".h5"), "The filepath provided must end in `.keras`"),
    ("callbacks.ModelCheckpoint", True): (
        (".weights.h5",), "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must end in `.weights.h5`",
    ),
}  # fmt: skip


def refused_path(callable_: str, path: str, weights_only: bool, version: Version) -> ArgumentProblem | None:
    """What Keras 3 says to the path of a file to save to; its predecessors take any."""
    suffixes, words = _SUFFIXES_K3.get((callable_, weights_only), ((), ""))
    if version is not K3 or not suffixes or path.endswith(suffixes):
        return None
    repair = path.removesuffix(".h5").removesuffix(".hdf5") + suffixes[0]
    return ArgumentProblem(
        "value", "filepath", f'"{repair}"', True, "ValueError", f"{words} Received: filepath={path}", T2
    )


#: Arguments of training that are whole numbers, with what Python says to another one.
_COUNTS = {
    "epochs": "'{kind}' object cannot be interpreted as an integer",
    "batch_size": "Expected int32, but got {value} of type '{kind}'.",
}


def no_count(argument: str, value: object, kind: str) -> ArgumentProblem | None:
    """What is said to a float or a string where a whole number is due (`kind` is its type)."""
    words = _COUNTS.get(argument)
    if words is None:
        return None
    return ArgumentProblem("value", argument, None, True, "TypeError", words.format(kind=kind, value=value))


def refused_value(callable_: str, argument: str, value: object, version: Version) -> ArgumentProblem | None:
    """What is said to the value of an argument of an optimizer or a callback, as far as that was measured."""
    said = None
    if callable_.startswith("optimizers.") and argument == "learning_rate" and isinstance(value, str):
        said = {
            T2: ("TypeError", f"Cannot convert '{value}' to EagerTensor of dtype float"),
            K3: ("ValueError", "Argument `learning_rate` should be float, or an instance of LearningRateSchedule"),
        }.get(version)
    if callable_ == "callbacks.ReduceLROnPlateau" and argument == "factor" and isinstance(value, (int, float)):
        said = ("ValueError", "ReduceLROnPlateau does not support a factor >= 1.0.") if value >= 1 else None
    return None if said is None else ArgumentProblem("value", argument, None, True, *said)


def _refused(callable_: str, name: str, names: tuple[str, ...], era: Era) -> ArgumentProblem | None:
    if name in names:
        return _gone(callable_, name, era)
    newer = RENAMED.get(name)
    suggestion = newer if newer in names else nearest(name, names)
    exception, message = next(
        ((raised, text) for start, raised, text in _WORDS[era.version] if callable_.startswith(start)),
        _CLASS if callable_.rpartition(".")[2][:1].isupper() else _METHOD,
    )
    said = message.format(name=name, function=callable_.rpartition(".")[2])
    return ArgumentProblem("unknown", name, suggestion, True, exception, said, _others(callable_, name, era.version))


def _gone(callable_: str, name: str, era: Era) -> ArgumentProblem | None:
    """The refusal of a keyword that releases from some on do not take, where the release is known."""
    entry = _REFUSED_T2.get(name) if callable_.startswith("optimizers.") and era.version is T2 else None
    number = None if entry is None or era.release is None else era.number
    if entry is None or number is None or number < entry.first:
        return None
    return ArgumentProblem("unknown", name, None, True, entry.exception, entry.message.format(name=name), K2)


def _others(callable_: str, name: str, version: Version) -> Version | None:
    """The generation that takes the keyword, None where none does (it is misspelt)."""
    others = [each for each in (T2, K2, K3) if each is not version]
    takes = [each for each in others if name in _data(each).get(callable_, ())]
    return takes[0] if takes else K2 if name in RENAMED and name != "learning_rate" else None


@functools.cache
def _data(version: Version) -> dict[str, tuple[str, ...]]:
    loaded: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: tuple(words.split()) for name, words in loaded[version.value].items()}
