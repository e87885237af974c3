"""Runs programs with real Keras, one after the other, in one process: TensorFlow takes seconds to import.

Reads the path of a program per line from standard input and answers with a line of JSON: `raised` (the name of the
exception, or null), `message` and `line` (where the program itself was when it raised).
"""

import json
import os
import re
import runpy
import sys
import traceback

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")


def plain(text: str) -> str:
    """The text without colours: Keras prints parts of its messages in bold."""
    return re.sub(r"\x1b\[\d*m", "", text)


def run(path: str) -> dict[str, object]:
    """What happens when the program at `path` runs, in a fresh session and with fixed seeds."""
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    try:
        runpy.run_path(path, run_name="__main__")
    except Exception as error:  # noqa: BLE001 - whatever a program raises is the answer
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame.lineno for frame in frames if frame.filename == path]
        return {"raised": type(error).__name__, "message": plain(str(error)), "line": own[-1] if own else None}
    return {"raised": None, "message": "", "line": None}


def main() -> None:
    """Answer requests until standard input ends.  What the programs print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(run(line.rstrip("\n"))), file=answers, flush=True)


if __name__ == "__main__":
    main()
