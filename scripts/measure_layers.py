"""Measure on the installed Keras what layers take and give, and write it beside the other facts.

python scripts/measure_layers.py           the cases of tests/layer_catalogue.py; Keras 3 or tf.keras 2.15, whichever runs
python scripts/measure_layers.py --check N measure N of them again, and exit with 1 where one came out otherwise

The rows go to tests/fixtures/keras_facts/layers-k3.json or -t2.json, whose legend explains them.
"""

from __future__ import annotations

import ast
import itertools
import json
import math
import os
import random
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
ROOT = Path(__file__).resolve().parent.parent
FACTS = ROOT / "tests" / "fixtures" / "keras_facts"
LEGEND = (
    "rows[layer][inputs] is what calling the layer on symbolic inputs of these shapes (without the batch) gave: "
    "[output shapes, parameters, of which not trainable], or the exception.  Several outputs are a list of shapes; "
    "' | ' parts the layer from further arguments of its call.  A fourth item is what a call on data gave, where that "
    "was another shape or an exception: 2 rows, 5 for each free axis of the first None on.  Layers that could not be "
    "constructed are left out.  masks[layer][inputs] tells whether the output is masked where the inputs are (those that "
    "the word names).  Random cases are those of the seed in tests/layer_catalogue.py."
)
#: The shape of a tensor whose number of axes TensorFlow does not know.
UNKNOWN_RANK = "?"
#: The number that Keras puts behind the name of a layer.
_NUMBERED = re.compile(r"\b([a-z]+(?:_[a-z0-9]+)*)_[0-9]+\b")
#: Called on their inputs one by one, not on a list.
_SEPARATE = ("MultiHeadAttention", "GroupQueryAttention")


def measured(keras: Any, layer: str, inputs: str) -> Any:
    """The row of one case, None where the layer cannot be constructed."""
    text, _, rest = layer.partition(" | ")
    try:
        made = eval(text, {"keras": keras, **vars(keras.layers)})
    except Exception:  # noqa: BLE001 - whatever Keras raises is the answer
        return None
    shapes, several, dtype = parsed(inputs)
    keywords = {name: ast.literal_eval(value) for name, value in (part.split("=") for part in rest.split(", ") if part)}
    tensors = [keras.Input(shape, dtype=dtype) for shape in shapes]
    try:
        output = _called(made, text, tensors, several, keywords)
    except Exception as error:  # noqa: BLE001
        return told(error)
    row = [
        _shapes(output),
        made.count_params(),
        sum(_size(w) for w in made.non_trainable_weights if hasattr(w, "shape")),
    ]
    ran = _ran(made, text, shapes, several, dtype, keywords)
    if ran is not None and not _agree(row[0], ran):
        row.append(ran)
    return row


def masked(keras: Any, layer: str, inputs: str) -> Any:
    """Whether the output of a layer behind `Masking` has a mask, or the exception."""
    shapes, _, which = inputs.rpartition("] ")
    dims, several, dtype = parsed(shapes + "]" if shapes else inputs)
    tensors = [keras.Input(shape, dtype=dtype) for shape in dims]
    for place, word in enumerate(("first", "second") if several else ("",)):
        if which in ("both", word) or not several:
            tensors[place] = keras.layers.Masking()(tensors[place])
    try:
        made = eval(layer, {"keras": keras, **vars(keras.layers)})
        output = _called(made, layer, tensors, several, {})
    except Exception as error:  # noqa: BLE001
        return told(error)
    first = output[0] if isinstance(output, (list, tuple)) else output
    return getattr(first, "_keras_mask", None) is not None


def parsed(inputs: str) -> tuple[list[tuple[int | None, ...]], bool, str]:
    """Shapes, whether they are several tensors, dtype."""
    text, _, dtype = inputs.partition(":")
    value = ast.literal_eval(text)
    return (value if isinstance(value, list) else [value]), isinstance(value, list), dtype or "float32"


def _called(layer: Any, text: str, tensors: list[Any], several: bool, keywords: dict[str, Any]) -> Any:
    if not several:
        return layer(tensors[0], **keywords)
    return layer(*tensors, **keywords) if text.startswith(_SEPARATE) else layer(tensors, **keywords)


def _ran(layer: Any, text: str, shapes: Iterable[Any], several: bool, dtype: str, keywords: dict[str, Any]) -> Any:
    import numpy as np
    import tensorflow as tf

    def data(shape: tuple[int | None, ...]) -> Any:
        dims = (2, *(5 if dim is None else dim for dim in shape))
        if dtype == "string":
            return tf.constant(np.full(dims, "a b"))
        return tf.constant(np.ones(dims, dtype))

    try:
        return _shapes(_called(layer, text, [data(shape) for shape in shapes], several, keywords))
    except Exception as error:  # noqa: BLE001
        return told(error)


def told(error: Exception) -> str:
    """The exception as a row: its class and the first line of its message that says more than where it was raised."""
    lines = [line for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("Exception encountered when calling")] or lines or [""]
    line = _NUMBERED.sub(r"\1", lines[0])[:160]
    return f"{type(error).__name__}: {line}"


def _shapes(output: Any) -> Any:
    if isinstance(output, (list, tuple)):
        return [_shapes(item) for item in output]
    rank = len(output.shape) if output.shape.__class__ is tuple else output.shape.rank
    return UNKNOWN_RANK if rank is None else [None if dim is None else int(dim) for dim in output.shape]


def _size(weight: Any) -> int:
    return math.prod(int(dim or 0) for dim in weight.shape)


def _agree(symbolic: Any, ran: Any) -> bool:
    """Whether a shape of data fits the symbolic one."""
    if isinstance(ran, str) or symbolic == UNKNOWN_RANK or len(symbolic) != len(ran):
        return symbolic == UNKNOWN_RANK and not isinstance(ran, str)
    return all(
        _agree(a, b) if isinstance(a, list) else a is None or a == b or (place == 0 and a is None)
        for place, (a, b) in enumerate(itertools.zip_longest(symbolic, ran))
    )


def _lines(table: dict[str, dict[str, Any]]) -> str:
    return ",\n".join(f"{json.dumps(layer)}: {json.dumps(found)}" for layer, found in table.items())


def installed() -> tuple[Any, str, str]:
    """Keras, what it is, and the name of its file."""
    import tensorflow as tf

    if tf.__version__.startswith("2.15"):
        return tf.keras, f"tf.keras of TensorFlow {tf.__version__}", "layers-t2.json"
    import keras

    return keras, f"Keras {keras.__version__}, TensorFlow {tf.__version__}", "layers-k3.json"


def measure(keras: Any) -> dict[str, dict[str, dict[str, Any]]]:
    """All rows of a version."""
    import layer_catalogue

    tables: dict[str, dict[str, dict[str, Any]]] = {"rows": {}, "masks": {}}
    for title, cases, one in (
        ("rows", layer_catalogue.cases(), measured),
        ("masks", layer_catalogue.masked_cases(), masked),
    ):
        for place, (layer, inputs) in enumerate(cases):
            if place % 200 == 0:
                keras.backend.clear_session()
            if hasattr(keras.layers, re.split(r"\W", layer)[0]):
                row = one(keras, layer, inputs)
                if row is not None:
                    tables[title].setdefault(layer, {})[inputs] = row
    return tables


def differing(keras: Any, rows: dict[str, dict[str, Any]], count: int) -> list[str]:
    """The rows, of `count` drawn at random, that come out otherwise.  Messages may differ."""
    drawn = random.sample([(layer, inputs) for layer in rows for inputs in rows[layer]], count)
    found = []
    for layer, inputs in drawn:
        row, known = measured(keras, layer, inputs), rows[layer][inputs]
        if (isinstance(row, str), row[:3]) != (isinstance(known, str), known[:3]) and not (
            isinstance(row, str) and isinstance(known, str)
        ):
            found.append(f"{layer} on {inputs}: {row}, not {known}")
    return found


def main() -> int:
    """Measure all cases and write them, or some and compare."""
    sys.path.insert(0, str(ROOT / "tests"))
    keras, about, name = installed()
    if "--check" in sys.argv:
        known = json.loads((FACTS / name).read_text(encoding="utf-8"))["rows"]
        found = differing(keras, known, int(sys.argv[-1]))
        print("\n".join(found))
        return 1 if found else 0
    head = f'"legend": {json.dumps(LEGEND)},\n"measured": {json.dumps(about)}'
    parts = [head, *(f'"{title}": {{\n{_lines(table)}\n}}' for title, table in measure(keras).items())]
    (FACTS / name).write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
