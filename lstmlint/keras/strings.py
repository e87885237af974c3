"""Strings that stand for activations, losses, metrics, optimizers, initializers …: which each Keras knows.

Source: `signatures/strings.json`, from the measured aliases of each Keras and the names in the modules in which its releases
look strings up; a string that only some releases of a generation know is known.  Facts: renames, section 10.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path

from lstmlint.keras.layers.base import Argument, ArgumentProblem
from lstmlint.keras.spelling import nearest
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import SymbolicDim

_FILE = Path(__file__).with_name("signatures") / "strings.json"
K2, T2, K3 = Version.K2, Version.T2, Version.K3

#: What arguments of layers are, by the end of their names.
_ARGUMENTS = {
    "activation": "activations",
    "_initializer": "initializers",
    "_regularizer": "regularizers",
    "_constraint": "constraints",
}

#: What Keras raises: exception and words.
_WORDS: Mapping[str, Mapping[Version, tuple[str, str]]] = {
    "activations": {
        K2: ("ValueError", "Unknown activation function:{0}"),
        T2: ("ValueError", "Unknown activation function '{0}' cannot be deserialized."),
        K3: ("ValueError", "Could not interpret activation function identifier: {0}"),
    },
    "losses": {
        K2: ("ValueError", "Unknown loss function:{0}"),
        T2: ("ValueError", "Unknown loss function: '{0}'."),
        K3: ("ValueError", "Could not interpret loss identifier: {0}"),
    },
    "metrics": {
        K2: ("ValueError", "Unknown metric function:{0}"),
        T2: ("TypeError", "'str' object is not callable"),
        K3: ("ValueError", "Could not interpret metric identifier: {0}"),
    },
    **{
        kind: {
            K2: ("ValueError", f"Unknown {name}: {{0}}"),
            T2: ("ValueError", f"Unknown {name}: '{{0}}'."),
            K3: ("ValueError", f"Could not interpret {name} identifier: {{0}}"),
        }
        for kind, name in (
            ("optimizers", "optimizer"), ("initializers", "initializer"), ("regularizers", "regularizer"),
            ("constraints", "constraint"),
        )
    },
}  # fmt: skip


def unknown_strings(given: Mapping[str, Argument], version: Version) -> list[ArgumentProblem]:
    """What Keras says to the strings among the arguments of a layer's constructor."""
    found = []
    for argument, value in given.items():
        kind = next((kind for end, kind in _ARGUMENTS.items() if argument.endswith(end)), None)
        problem = None
        if kind is not None:
            problem = unknown_string(kind, value, version, argument) or _number(kind, value, argument)
        if problem is not None:
            found.append(problem)
    return found


def _number(kind: str, value: Argument, argument: str) -> ArgumentProblem | None:
    """What every Keras says to a number where an initializer, a regularizer or a constraint is due."""
    if kind == "activations" or not isinstance(value, (int, float, SymbolicDim)):
        return None
    words = f"Could not interpret {kind.removesuffix('s')} identifier: {value}"
    return ArgumentProblem("value", argument, None, True, "ValueError", words)


def unknown_string(kind: str, value: Argument, version: Version, argument: str) -> ArgumentProblem | None:
    """What Keras says to one string; None where it knows it, or where that is not known."""
    known = _known(version).get(kind)
    if not isinstance(value, str) or known is None or ">" in value or _is_known(kind, value, known):
        return None
    exception, words = _WORDS[kind][version]
    others = (each for each in (T2, K2, K3) if each is not version)
    made_for = next((each for each in others if _is_known(kind, value, _known(each).get(kind, frozenset()))), None)
    return ArgumentProblem(
        "string", argument, _suggestion(kind, value, known), True, exception, words.format(value), made_for, value
    )


#: Strings of old and what stands for the same.
_NEWER = {
    "kullback_leibler_divergence": "kl_divergence", "logcosh": "log_cosh", "huber_loss": "huber", "maxnorm": "max_norm",
    "cosine_proximity": "cosine_similarity", "cosine": "cosine_similarity", "glorot": "glorot_uniform", "he": "he_uniform",
    "bce": "binary_crossentropy",
}  # fmt: skip


def _suggestion(kind: str, value: str, known: frozenset[str]) -> str | None:
    newer = _NEWER.get(value)
    if newer in known:
        return newer
    return nearest(value, sorted(known, key=lambda name: (not name.islower(), name)))


def _is_known(kind: str, value: str, known: frozenset[str]) -> bool:
    return value in known or (kind == "optimizers" and value.lower() in known)


@functools.cache
def _known(version: Version) -> dict[str, frozenset[str]]:
    loaded: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {kind: frozenset(names.split()) for kind, names in loaded[version.value].items()}
