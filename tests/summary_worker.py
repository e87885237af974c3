"""Runs programs with real Keras and tells what `model.summary()` prints of each of their models.

Reads the path of a program per line from standard input and answers with a line of JSON: a list with one object per
model in a name of the program, in the order of the names: `name`, `class`, `title` (the name that Keras gives it), `rows`
(lists of name, class, output shape, parameters and the names of the layers connected to, as printed), and the totals as
printed (None: not printed).  Runs with Keras 3 and with tf.keras 2.15.
"""

import json
import os
import re
import runpy
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0", COLUMNS="400")

_TOTALS = {
    "total": "Total params",
    "trainable": "Trainable params",
    "non_trainable": "Non-trainable params",
}


def models(path):
    """What is printed of the models that the program at `path` leaves in its names."""
    from tensorflow import keras

    keras.backend.clear_session()
    found = runpy.run_path(path, run_name="__main__")
    seen = {}
    for name, value in found.items():
        if isinstance(value, keras.Model) and id(value) not in seen:
            seen[id(value)] = told(name, value)
    return list(seen.values())


def told(name, model):
    """One model."""
    if not model.built:
        return {"name": name, "class": type(model).__name__, "title": model.name, "rows": None}
    lines = []
    model.summary(line_length=400, print_fn=lambda text, *more, **others: lines.append(str(text)))
    text = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(lines))
    numbers = {key: re.search(rf"^\W*{word}: ([\d,]+)", text, re.MULTILINE) for key, word in _TOTALS.items()}
    return {
        "name": name,
        "class": type(model).__name__,
        "title": model.name,
        "rows": _boxed(text) if "│" in text else _with_shapes(_aligned(text), model),
        **{key: hit and int(hit[1].replace(",", "")) for key, hit in numbers.items()},
    }


def _boxed(text):
    """The rows of a table with lines between its columns (Keras 3)."""
    rows = []
    for line in text.splitlines():
        if line[:1] != "│":
            continue
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        if cells[0]:
            rows.append(_row(cells))
        elif rows and len(cells) > 3:
            rows[-1][4] += _names(cells[3])
    return rows


def _aligned(text):
    """The rows of a table with blanks between its columns (tf.keras)."""
    rows = []
    for line in text.splitlines():
        cells = re.split(r"\s{2,}", line.strip())
        if re.match(r"\s", line) and len(cells) > 1 and re.fullmatch(r"(?!Layer )\S+ \(\w+\)", cells[0]):
            rows.append(_row(cells))
        elif rows and re.match(r"\s{20}", line) and line.strip():
            rows[-1][4] += _names(line)
    return rows


def _with_shapes(rows, model):
    """The rows with the output shapes whole: tf.keras breaks long ones over lines.  A list of one is that one."""
    layers = {layer.name: layer for layer in model.layers}
    for row in rows:
        shape = getattr(layers[row[0]], "output_shape", "multiple")
        row[2] = str(shape[0] if isinstance(shape, list) and len(shape) == 1 else shape)
    return rows


def _row(cells):
    name, kind = re.match(r"(\S+) \((\w+)\)", cells[0]).groups()
    shape, count = cells[1], cells[2].split()[0]
    return [name, kind, shape, count.replace(",", ""), _names(cells[3] if len(cells) > 3 else "")]


def _names(cell):
    return re.findall(r"([^\s,'\[\]]+)\[\d+\]\[\d+\]", cell)


def main():
    """Answer requests until standard input ends.  What the programs print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = models(line.rstrip("\n"))
        except Exception as error:  # noqa: BLE001 - whatever a program raises is the answer
            answer = f"{type(error).__name__}: {error}"
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
