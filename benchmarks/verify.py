"""Measure what `lstmlint --verify` costs beside a script that does the same: CPU time of whole processes.

    python benchmarks/verify.py [--models N] [--repeat N] [--python PATH] [--keras-version VERSION]

The script defines, compiles and trains N models on small data, one after the other in one process; lstmlint verifies that very
script, with nothing to find in it.  The processes that a process starts count with it.  Aim: three times the script.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from measure import Pair, cpu_seconds, lint, report

HEAD = """\
import numpy as np
from {keras} import Input, Model, Sequential
from {keras}.layers import GRU, LSTM, Bidirectional, Conv1D, Dense, Dropout, Embedding, Flatten, TimeDistributed, concatenate
"""

STACKED = """
model_{n} = Sequential([Input((12, 4)), LSTM({units}, return_sequences=True), Dropout(0.2), LSTM(8), Dense(1)])
model_{n}.compile(optimizer="adam", loss="mse")
model_{n}.fit(np.random.rand(40, 12, 4), np.random.rand(40, 1), verbose=0)
"""

CLASSES = """
model_{n} = Sequential([Input((12, 4)), Conv1D({units}, 3, activation="relu"), Bidirectional(GRU(8)), Dense(3, activation="softmax")])
model_{n}.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model_{n}.fit(np.random.rand(40, 12, 4), np.random.randint(0, 3, size=(40,)), verbose=0)
"""

BRANCHES = """
words_{n} = Input((10,))
numbers_{n} = Input((10, 2))
both_{n} = concatenate([Embedding(50, {units})(words_{n}), numbers_{n}])
model_{n} = Model([words_{n}, numbers_{n}], Dense(1, activation="sigmoid")(LSTM(8)(both_{n})))
model_{n}.compile(optimizer="adam", loss="binary_crossentropy")
model_{n}.fit([np.random.randint(0, 50, size=(40, 10)), np.random.rand(40, 10, 2)], np.random.randint(0, 2, size=(40, 1)), verbose=0)
"""

STEPS = """
model_{n} = Sequential([Input((12, 4)), LSTM({units}, return_sequences=True), TimeDistributed(Dense(2))])
model_{n}.compile(optimizer="adam", loss="mae")
model_{n}.fit(np.random.rand(40, 12, 4), np.random.rand(40, 12, 2), verbose=0)
"""

DENSE = """
model_{n} = Sequential([Input((12, 4)), Flatten(), Dense({units}, activation="relu"), Dense(1)])
model_{n}.compile(optimizer="adam", loss="mse")
model_{n}.fit(np.random.rand(40, 12, 4), np.random.rand(40, 1), verbose=0)
"""

KINDS = (STACKED, CLASSES, BRANCHES, STEPS, DENSE)
AIM = 3.0


def main() -> int:
    """Print one line; exit status 1 when the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=50, metavar="N")
    parser.add_argument("--repeat", type=int, default=1, metavar="N", help="pairs (default: 1)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has Keras (default: this one)")
    parser.add_argument("--keras-version", default="3")
    options = parser.parse_args()
    package = "keras" if options.keras_version == "3" else "tensorflow.keras"
    text = HEAD.format(keras=package)
    text += "".join(KINDS[n % len(KINDS)].format(n=n, units=8 + n) for n in range(options.models))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "models.py"
        file.write_text(text, encoding="utf-8")
        ours = lint(
            "--verify", "--isolated", "--python", options.python, "--keras-version", options.keras_version, str(file)
        )
        found = [Pair(cpu_seconds(ours), cpu_seconds([options.python, str(file)])) for _ in range(options.repeat)]
    report(f"--verify of {options.models} models / the script itself", found, AIM)
    return int(statistics.median(pair.ours / pair.yardstick for pair in found) > AIM)


if __name__ == "__main__":
    sys.exit(main())
