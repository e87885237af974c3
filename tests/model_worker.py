"""Builds models with real Keras, one after the other, in one process: TensorFlow takes seconds to import.

Reads the source of a program per line (as a JSON string) from standard input; each leaves a `model`.  Answers with a line
of JSON: `raised` (the name of the exception, or null), `message`, and `layers`: class, output shape and parameters of each.
"""

import json
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")


def built(source: str) -> dict[str, object]:
    """What Keras makes of a program."""
    names: dict[str, object] = {}
    try:
        exec(source, names)  # noqa: S102 - our own programs
        model = names["model"]
        layers = [(type(x).__name__, list(x.output.shape), x.count_params()) for x in model.layers]
    except Exception as error:  # noqa: BLE001 - whatever Keras raises is the answer
        return {"raised": type(error).__name__, "message": str(error).strip().splitlines()[0], "layers": None}
    return {"raised": None, "message": "", "layers": layers}


def main() -> None:
    """Answer requests until standard input ends.  What is printed meanwhile goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(built(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
