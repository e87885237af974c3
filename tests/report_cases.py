"""One fixed list of findings, and the files they lie in, from which all reports are drawn."""

import json

from lstmlint.diagnostics import Diagnostic, Edit, Fix, KerasEffect, Position, Severity, Span, TracePlace

FILES = {
    "model.py": (
        "import keras\n"
        "from helpers import window\n"
        "\n"
        "def build(steps):\n"
        "    model = keras.Sequential()\n"
        "    model.add(keras.layers.LSTM(32, input_shape=(steps, 8)))\n"
        "\n"
        "    größe, 名前 = 16, '時系列'; model.add(keras.layers.LSTM(größe, name=名前))\n"
        "    model.compile(loss='mse')\n"
        "    return model\n"
        "\n"
        "x, y = window(20)\n"
        "build(20).fit(\n"
        "\tx,\n"
        '\ty,  # <targets> & "more"\n'
        ")\n"
        "weights = [" + "0.125, " * 40 + "keras.layers.Dense(1), " + "0.25, " * 40 + "]\n"
    ),
    "helpers.py": "import numpy as np\n\ndef window(n):\n    return np.zeros((100, n, 8)), np.zeros((100, n))\n",
    "book.ipynb": json.dumps(
        {
            "cells": [
                {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "text"]},
                {
                    "cell_type": "code",
                    "metadata": {},
                    "outputs": [],
                    "source": ["import keras\n", "model = keras.Sequential()\n", "model.add(keras.layers.LSTM('x'))"],
                },
            ],
            "metadata": {},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
    ),
    "broken.py": "import keras\nmodel = (\n",
    "binary.py": "keras\0",
}


def _span(row: int, column: int, end_row: int, end_column: int, cell: int | None = None) -> Span:
    return Span(Position(row, column), Position(end_row, end_column), cell)


def _url(page: str) -> str:
    return f"https://example.org/rules/{page}.md"


DIAGNOSTICS = (
    Diagnostic(
        code="LL101",
        name="recurrent-input-rank",
        severity=Severity.ERROR,
        message="`LSTM` needs (batch, time, features), got (None, 32)",
        filename="model.py",
        span=_span(8, 39, 8, 73),
        help="let the layer before it return the whole sequence: `return_sequences=True`",
        keras=KerasEffect(
            "3",
            "raises",
            'ValueError: Input 0 of layer "lstm_1" is incompatible with the layer: expected ndim=3, found ndim=2.',
        ),
        trace=(TracePlace("model.py", _span(6, 15, 6, 60), "hands on its last step only: (None, 32)"),),
        fix=Fix("unsafe", "add `return_sequences=True`", (Edit(", return_sequences=True", _span(6, 59, 6, 59)),)),
        url=_url("LL101-recurrent-input-rank"),
    ),
    Diagnostic(
        code="LL301",
        name="target-rank",
        severity=Severity.WARNING,
        message="the targets (100, 20) are broadcast against the output (None, 16): 100% of the loss is noise,\nor: worse",
        filename="model.py",
        span=_span(13, 1, 16, 2),
        keras=KerasEffect("3", "silent", None),
        trace=(
            TracePlace("helpers.py", _span(4, 12, 4, 53), "made here"),
            TracePlace("model.py", _span(12, 1, 12, 17), "handed on here"),
        ),
        url=_url("LL301-target-rank"),
    ),
    Diagnostic(
        code="LL102",
        name="dense-on-sequence",
        severity=Severity.INFO,
        message="far to the right \x1b[31m",
        filename="model.py",
        span=_span(17, 292, 17, 313),
        url=_url("LL102-dense-on-sequence"),
    ),
    Diagnostic(
        code="LL101",
        name="recurrent-input-rank",
        severity=Severity.ERROR,
        message="units must be a number, not 'x'",
        filename="book.ipynb",
        span=_span(3, 11, 3, 33, cell=2),
        keras=KerasEffect("2.15", "raises", None),
        trace=(TracePlace("book.ipynb", _span(2, 9, 2, 27, cell=2), "in this model"),),
        url=_url("LL101-recurrent-input-rank"),
    ),
    Diagnostic(
        code="LL001",
        name="syntax-error",
        severity=Severity.ERROR,
        message="'(' was never closed",
        filename="broken.py",
        span=_span(2, 9, 2, 10),
    ),
    Diagnostic(
        code="LL003",
        name="not-text",
        severity=Severity.INFO,
        message="contains zero bytes",
        filename="binary.py",
    ),
)
