"""Layers of which nothing but the name is known, each with the reason: what they do is written elsewhere."""

from __future__ import annotations

from lstmlint.keras.layers.base import LayerRule
from lstmlint.keras.layers.call import opaque

_ELSEWHERE = "what it does is written for another library"
_BASE = "a base class: what it does is written in classes made of it"
_OPAQUE = {
    "AbstractRNNCell": _BASE,
    "DenseFeatures": "its columns are objects of TensorFlow",
    "FlaxLayer": _ELSEWHERE,
    "JaxLayer": _ELSEWHERE,
    "Layer": _BASE,
    "Recurrent": _BASE,
    "TFSMLayer": "what it does is read from a saved model",
    "TorchModuleWrapper": _ELSEWHERE,
    "Wrapper": _BASE,
}
RULES: tuple[LayerRule, ...] = tuple(opaque(name, reason) for name, reason in _OPAQUE.items())
