"""The short names of the facts as layers of the installed Keras: `LSTM(4,return_sequences)`, `TimeDistributed(Flatten)`."""

from __future__ import annotations

import ast
from typing import Any

#: Arguments that the short names leave out.
_IMPLIED = {name: (0.5,) for name in (
    "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
)}  # fmt: skip
_WORDS = {"valid": "padding", "same": "padding", "causal": "padding", "channels_first": "data_format"}


def layer(keras: Any, text: str) -> Any:
    """A new layer."""
    return _layer(keras, ast.parse(text.replace("(q,v)", ""), mode="eval").body)


def _layer(keras: Any, node: ast.expr) -> Any:
    name = node.func.id if isinstance(node, ast.Call) else node.id  # type: ignore[attr-defined]
    positional: list[Any] = list(_IMPLIED.get(name, ()))
    keywords: dict[str, Any] = {}
    if isinstance(node, ast.Call):
        keywords = {item.arg: ast.literal_eval(item.value) for item in node.keywords if item.arg}
        for item in node.args:
            _add(keras, item, positional, keywords)
    return getattr(keras.layers, name)(*positional, **keywords)


def _add(keras: Any, item: ast.expr, positional: list[Any], keywords: dict[str, Any]) -> None:
    if isinstance(item, ast.Call):
        positional.append(_layer(keras, item))
    elif isinstance(item, ast.List):
        positional.append([_layer(keras, element) for element in item.elts])
    elif not isinstance(item, ast.Name):
        positional.append(ast.literal_eval(item))
    elif item.id in _WORDS:
        keywords[_WORDS[item.id]] = item.id
    elif item.id == "return_sequences":
        keywords["return_sequences"] = True
    elif item.id == "identity":
        positional.append(lambda x: x)
    else:
        positional.append(_layer(keras, item) if item.id[0].isupper() else item.id)
