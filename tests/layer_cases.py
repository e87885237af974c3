"""How the layers of the measured facts are constructed: their short names, as arguments."""

from __future__ import annotations

import ast
import functools
import json
from pathlib import Path
from typing import Any

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import Layer, Named
from lstmlint.keras.versions import Version

FACTS = Path(__file__).parent / "fixtures" / "keras_facts"

#: Arguments that the short names leave out.
_IMPLIED: dict[str, tuple[Any, ...]] = {
    "Dropout": (0.5,),
    "SpatialDropout1D": (0.5,),
    "SpatialDropout2D": (0.5,),
    "SpatialDropout3D": (0.5,),
    "GaussianNoise": (0.5,),
    "GaussianDropout": (0.5,),
    "AlphaDropout": (0.5,),
}
_PADDINGS = ("valid", "same", "causal")


@functools.cache
def facts(name: str) -> dict[str, Any]:
    """A file of measured facts."""
    loaded: dict[str, Any] = json.loads((FACTS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def layer(text: str, version: Version) -> Layer:
    """The layer that a short name of the facts stands for: `LSTM(4,return_sequences)`, `TimeDistributed(Flatten)`."""
    node = ast.parse(text, mode="eval").body
    return _layer(node, version)


def _layer(node: ast.expr, version: Version) -> Layer:
    name = node.func.id if isinstance(node, ast.Call) else node.id  # type: ignore[attr-defined]
    positional: list[Any] = list(_IMPLIED.get(name, ()))
    keywords: dict[str, Any] = {}
    if isinstance(node, ast.Call):
        keywords = {item.arg: ast.literal_eval(item.value) for item in node.keywords if item.arg}
        for item in node.args:
            _add(item, positional, keywords, version)
    constructed = construct(name, positional, keywords, version, key=object())
    assert constructed.layer is not None, constructed.problems
    return constructed.layer


def _add(item: ast.expr, positional: list[Any], keywords: dict[str, Any], version: Version) -> None:
    if isinstance(item, ast.Call):
        positional.append(_layer(item, version))
    elif isinstance(item, ast.List):
        positional.append(tuple(_layer(element, version) for element in item.elts))
    elif isinstance(item, ast.Name):
        _add_word(item.id, positional, keywords, version)
    else:
        positional.append(ast.literal_eval(item))


def _add_word(word: str, positional: list[Any], keywords: dict[str, Any], version: Version) -> None:
    if word == "return_sequences":
        keywords["return_sequences"] = True
    elif word in _PADDINGS:
        keywords["padding"] = word
    elif word == "channels_first":
        keywords["data_format"] = word
    elif word[0].isupper():
        positional.append(_layer(ast.Name(word), version))
    else:
        positional.append(word)


# --- layers as they are written --------------------------------------------------------------------------------------


def written(text: str, version: Version) -> Layer | None:
    """The layer that an expression of a program makes; None where that version does not have it or refuses it."""
    return _written(ast.parse(text, mode="eval").body, version)


def _written(node: ast.expr, version: Version) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        positional = [_written(item, version) for item in node.args]
        keywords = {item.arg: _written(item.value, version) for item in node.keywords if item.arg}
        return construct(node.func.id, positional, keywords, version, key=object()).layer
    if isinstance(node, (ast.List, ast.Tuple)):
        return tuple(_written(item, version) for item in node.elts)
    if isinstance(node, ast.Attribute):
        return Named(ast.unparse(node))
    if isinstance(node, ast.BinOp):
        return eval(compile(ast.Expression(node), "<case>", "eval"))
    return ast.literal_eval(node)
