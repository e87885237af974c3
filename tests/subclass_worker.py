"""Runs programs with real Keras, one after the other, in one process: TensorFlow takes seconds to import.

Reads the source of a program per line (as a JSON string) from standard input.  Answers with a line of JSON: `raised` (the
name of the exception, or null), `message`, `shape` of its `out` (several as a list), and of its `model` the numbers of
`params` and of those `trainable`.
"""

import json
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")


def shape(value: object) -> object:
    """The shape of a tensor or array, or of each of several."""
    if isinstance(value, (list, tuple)):
        return [shape(item) for item in value]
    return list(value.shape) if hasattr(value, "shape") else None


def told(source: str) -> dict[str, object]:
    """What Keras makes of a program."""
    import numpy

    names: dict[str, object] = {}
    try:
        exec(source, names)  # noqa: S102 - our own programs
    except Exception as error:  # noqa: BLE001 - whatever Keras raises is the answer
        return {"raised": type(error).__name__, "message": str(error).strip()[:500]}
    model = names.get("model")
    counts = [
        sum(int(numpy.prod(weight.shape)) for weight in weights)
        for weights in ((model.weights, model.trainable_weights) if model is not None else ())
    ]
    return {"raised": None, "shape": shape(names.get("out")), "params": counts[:1], "trainable": counts[1:]}


def main() -> None:
    """Answer requests until standard input ends.  What is printed meanwhile goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(told(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
