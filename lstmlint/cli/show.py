"""`lstmlint show PATH...`: the models of a file as tables."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from lstmlint.cli import STATUS_DEFECT, STATUS_FINDINGS, STATUS_USAGE
from lstmlint.cli.check import UNPARSED, find_files, plan, tell_defects
from lstmlint.cli.options import resolver
from lstmlint.cli.streams import complain, emit, tell, wants_color
from lstmlint.report.ansi import BOLD, DIM, painter
from lstmlint.report.concise import concise_line
from lstmlint.words import printable

Model = dict[str, Any]

_HEADINGS = ("layer", "class", "output shape", "parameters", "connected to")
_TOTALS = (("total_params", "Total"), ("trainable_params", "Trainable"), ("non_trainable_params", "Non-trainable"))


def show(options: argparse.Namespace) -> int:
    """Print every model of the files; what hinders reading a file goes to standard error."""
    search = resolver(options)
    settings = search.for_folder(os.getcwd())
    found = find_files(options, search)

    from lstmlint.runner import run

    outcome = run(found.files, found.unreadable, search, plan(options, settings, want_models=True))
    for problem in outcome.problems:
        complain(problem)
    unparsed = [diagnostic for diagnostic in outcome.diagnostics if diagnostic.code in UNPARSED]
    for diagnostic in outcome.diagnostics:
        if diagnostic.code.startswith("LL0"):
            tell(concise_line(diagnostic))
    # LSTMLINT_OUTPUT_FORMAT and configuration speak of findings; only JSON means the same for models.
    if settings.output_format == "json":
        status = emit(json.dumps(list(outcome.models), indent=2) + "\n")
    else:
        color = wants_color(settings.color, sys.stdout)
        texts = [
            _table(model, color) + (_counting(model) if options.explain_params else "") for model in outcome.models
        ]
        status = emit("\n".join(texts))
        if not outcome.models and not options.quiet:
            tell("no models found")
    tell_defects(outcome.defects, options)
    return max(
        status,
        STATUS_FINDINGS * bool(unparsed),
        STATUS_USAGE * bool(found.problems or outcome.problems),
        STATUS_DEFECT * bool(outcome.defects),
    )


def _table(model: Model, color: bool) -> str:
    """One model: a heading, its layers in columns, its counts."""
    paint = painter(color)
    name = printable(str(model["name"] or "(no name)"))
    place = printable(f"{model['filename']}:{model['line']}")
    heading = f"{paint(name, BOLD)} ({model['class']}, Keras {model['keras']}) {paint(place, DIM)}\n"
    layers = model["layers"]
    connected = any(layer.get("inputs") for layer in layers)
    headings = _HEADINGS if connected else _HEADINGS[:-1]
    rows = [tuple(map(printable, _row(layer)))[: len(headings)] for layer in layers]
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    lines = [_line(headings, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    totals = [f"{title} parameters: {_count(model.get(key))}" for key, title in _TOTALS]
    return heading + "".join(f"  {line}\n" for line in lines) + "".join(f"  {total}\n" for total in totals)


def _counting(model: Model) -> str:
    """How each count comes about: its formula, and the values in it."""
    counted = [layer for layer in model["layers"] if layer.get("formula") and layer.get("values")]
    if not counted:
        return ""
    names = [printable(str(layer["name"])) for layer in counted]
    counts = [_count(layer["params"]) for layer in counted]
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


def _row(layer: Model) -> tuple[str, ...]:
    inputs = layer.get("inputs") or ()
    return (
        str(layer["name"]),
        str(layer["class"]),
        shape_text(layer["output_shape"]),
        _count(layer["params"]),
        ", ".join(map(str, inputs)) if isinstance(inputs, list | tuple) else str(inputs),
    )


def _line(cells: Sequence[str], widths: Iterable[int]) -> str:
    aligned = [
        cell.rjust(width) if heading == "parameters" else cell.ljust(width)
        for cell, width, heading in zip(cells, widths, _HEADINGS, strict=False)
    ]
    return "  ".join(aligned).rstrip()


def _count(number: object) -> str:
    return f"{number:,}" if isinstance(number, int) else str("?" if number is None else number)


def _given(value: object) -> str:
    return shape_text(value) if isinstance(value, list | tuple) else _count(value)


def shape_text(shape: object) -> str:
    """A shape as Keras writes it, `(None, 20, 8)`; several in brackets; `?` for what is not known."""
    if not isinstance(shape, list | tuple):
        return "?" if shape is None else str(shape)
    if any(isinstance(dim, list | tuple) for dim in shape):
        return "[" + ", ".join(map(shape_text, shape)) + "]"
    dims = ["None" if dim is None else str(dim) for dim in shape]
    return f"({dims[0]},)" if len(dims) == 1 else f"({', '.join(dims)})"
