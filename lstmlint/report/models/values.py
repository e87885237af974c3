"""Shapes and counts of models as text."""

from __future__ import annotations

from lstmlint.report.models import Model
from lstmlint.words import count, printable

TOTALS = (("total_params", "Total"), ("trainable_params", "Trainable"), ("non_trainable_params", "Non-trainable"))


def shape_text(shape: object) -> str:
    """A shape as Keras writes it, `(None, 20, 8)`; several in brackets; `?` for what is not known."""
    if not isinstance(shape, list | tuple):
        return "?" if shape is None else str(shape)
    if any(isinstance(dim, list | tuple) for dim in shape):
        return "[" + ", ".join(map(shape_text, shape)) + "]"
    dims = ["None" if dim is None else str(dim) for dim in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"


def count_text(number: object) -> str:
    """A count with commas, or its expression; `?` for what is not known."""
    return f"{number:,}" if isinstance(number, int) else str("?" if number is None else number)


def name_of(model: Model) -> str:
    """The variable that holds a model, else what Keras calls it."""
    return printable(str(model["name"] or model.get("keras_name") or "(no name)"))


def place_of(model: Model) -> str:
    """Where a model was made: `file:line`, in a notebook with its cell."""
    cell = f"cell {model['cell']}:" if model.get("cell") else ""
    return printable(f"{model['filename']}:{cell}{model['line']}")


def totals_of(model: Model) -> list[str]:
    """The lines with the numbers of parameters."""
    return [f"{title} parameters: {printable(count_text(model.get(key)))}" for key, title in TOTALS]


def verdict_text(layer: Model) -> str:
    """What real Keras says of a row: that it agrees, what it gives instead, or nothing."""
    said = layer["verified"]
    if said["verdict"] == "refuted":
        return printable(str(said["message"]))
    return "checked" if said["verdict"] == "confirmed" else "-"


def verdict_of(model: Model) -> list[str]:
    """The line about the verification of a model; none where it was not asked for."""
    said = model.get("verified")
    if said is None:
        return []
    rows = [layer["verified"]["verdict"] for layer in model["layers"]]
    reason = " ".join(str(said["message"] or "").split())
    line = f"{rows.count('confirmed')} of {count(len(rows), 'row')} checked with Keras {said['keras']}"
    return [printable(line + (f": {reason[:_MOST_WORDS]}" if reason else ""))]


_MOST_WORDS = 200


def is_chain(model: Model) -> bool:
    """Whether each layer takes from the one before and nothing else; Keras shows no connections then."""
    layers = model["layers"]
    names = [layer["name"] for layer in layers]
    return len(set(names)) == len(names) and all(
        list(layer["inputs"]) in ([], [before]) if index else not layer["inputs"]
        for index, (layer, before) in enumerate(zip(layers, ["", *names], strict=False))
    )
