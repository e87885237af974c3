"""Tables without frames: a line for each layer, for pipes and `grep`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lstmlint.report.ansi import BOLD, DIM, painter
from lstmlint.report.models import Model, Shown
from lstmlint.report.models.formulas import counting
from lstmlint.report.models.values import (
    count_text,
    is_chain,
    name_of,
    place_of,
    shape_text,
    totals_of,
    verdict_of,
    verdict_text,
)
from lstmlint.words import printable

_HEADINGS = ("layer", "class", "output shape", "parameters", "connected to")


def render(shown: Shown) -> str:
    """One table for each model."""
    return "\n".join(_table(model, shown) + (counting(model) if shown.explains else "") for model in shown.models)


def _table(model: Model, shown: Shown) -> str:
    """One model: a heading, its layers in columns, its counts."""
    paint = painter(shown.color)
    heading = (
        f"{paint(name_of(model), BOLD)} ({model['class']}, Keras {model['keras']}) {paint(place_of(model), DIM)}\n"
    )
    headings = _HEADINGS[:-1] if is_chain(model) else _HEADINGS
    rows = [tuple(map(printable, _row(layer)))[: len(headings)] for layer in model["layers"]]
    verdict = verdict_of(model)
    if verdict:
        headings = (*headings, "real Keras")
        rows = [(*row, verdict_text(layer)) for row, layer in zip(rows, model["layers"])]
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    lines = [_line(headings, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    return heading + "".join(f"  {line}\n" for line in [*lines, *totals_of(model), *verdict])


def _row(layer: Model) -> tuple[str, ...]:
    return (
        str(layer["name"]),
        str(layer["class"]),
        shape_text(layer["output_shape"]),
        count_text(layer["params"]),
        ", ".join(map(str, layer["inputs"])),
    )


def _line(cells: Sequence[str], widths: Iterable[int]) -> str:
    aligned = [
        cell.rjust(width) if heading == "parameters" else cell.ljust(width)
        for cell, width, heading in zip(cells, widths, (*_HEADINGS, ""), strict=False)
    ]
    return "  ".join(aligned).rstrip()
