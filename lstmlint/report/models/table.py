"""Tables with frames, for people at a terminal: as `model.summary()` of Keras 3 draws them.

Drawn here and not by rich, whose import takes longer than many an analysis.
"""

from __future__ import annotations

from collections.abc import Sequence

from lstmlint.report.ansi import BOLD, CYAN, DIM, GREEN, painter
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

_HEADINGS = ("Layer (type)", "Output Shape", "Param #", "Connected to")
_STYLES = ("", CYAN, GREEN, DIM, "")
_RIGHT = 2

Cell = tuple[str, ...]
"""The lines of one cell."""


def render(shown: Shown) -> str:
    """One table for each model."""
    return "\n".join(_table(model, shown) + (counting(model) if shown.explains else "") for model in shown.models)


def _table(model: Model, shown: Shown) -> str:
    paint = painter(shown.color)
    columns = len(_HEADINGS) - is_chain(model)
    heading: list[Cell] = [(text,) for text in _HEADINGS[:columns]]
    rows = [_cells(layer)[:columns] for layer in model["layers"]]
    verdict = verdict_of(model)
    if verdict:
        heading.append(("Real Keras",))
        rows = [[*row, (verdict_text(layer),)] for row, layer in zip(rows, model["layers"])]
        columns += 1
    widths = [max(len(line) for row in (heading, *rows) for line in row[column]) for column in range(columns)]
    lines = [_rule(widths, "┏┳┓", "━"), *_lines(heading, widths, "┃", [BOLD] * columns, shown.color)]
    lines.append(_rule(widths, "┡╇┩", "━"))
    for row in rows:
        lines += _lines(row, widths, "│", _STYLES, shown.color)
    lines.append(_rule(widths, "└┴┘", "─"))
    title = f"{paint(name_of(model), BOLD)} ({model['class']}, Keras {model['keras']}) {paint(place_of(model), DIM)}"
    return "\n".join([title, *lines, *(f" {total}" for total in [*totals_of(model), *verdict])]) + "\n"


def _cells(layer: Model) -> list[Cell]:
    names = tuple(dict.fromkeys(printable(str(name)) for name in layer["inputs"])) or ("-",)
    return [
        (printable(f"{layer['name']} ({layer['class']})"),),
        (printable(shape_text(layer["output_shape"])),),
        (printable(count_text(layer["params"])),),
        names,
    ]


def _rule(widths: Sequence[int], corners: str, line: str) -> str:
    return corners[0] + corners[1].join(line * (width + 2) for width in widths) + corners[2]


def _lines(row: Sequence[Cell], widths: Sequence[int], bar: str, styles: Sequence[str], color: bool) -> list[str]:
    paint = painter(color)
    lines = []
    for number in range(max(map(len, row))):
        cells = []
        for column, (cell, width) in enumerate(zip(row, widths, strict=True)):
            text = cell[number] if number < len(cell) else ""
            padded = text.rjust(width) if column == _RIGHT else text.ljust(width)
            cells.append(f" {paint(padded, styles[column]) if styles[column] else padded} ")
        lines.append(bar + bar.join(cells) + bar)
    return lines
