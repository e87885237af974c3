"""How each parameter count comes about: its formula, and the values in it."""

from __future__ import annotations

from lstmlint.report.models import Model
from lstmlint.report.models.values import count_text, shape_text
from lstmlint.words import printable


def counting(model: Model) -> str:
    """The formulas of a model, a line for each layer that has weights; nothing where none has."""
    counted = [layer for layer in model["layers"] if layer.get("formula") and layer.get("values")]
    if not counted:
        return ""
    names = [printable(str(layer["name"])) for layer in counted]
    counts = [count_text(layer["params"]) for layer in counted]
    lines = ["  How the parameters are counted:"]
    for layer, name, count in zip(counted, names, counts, strict=True):
        values = ", ".join(f"{key} = {_given(value)}" for key, value in layer["values"].items())
        lines.append(
            f"    {name.ljust(max(map(len, names)))}  {count.rjust(max(map(len, counts)))} = "
            f"{printable(str(layer['formula']))}, where {printable(values)}"
        )
    lines.append("  Time steps play no part: the same weights serve every step.")
    if any(layer["class"] == "Flatten" for layer in model["layers"]):
        lines.append("  (Behind a Flatten the steps are features: their number counts there.)")
    return "\n".join(lines) + "\n"


def _given(value: object) -> str:
    return shape_text(value) if isinstance(value, list | tuple) else count_text(value)
