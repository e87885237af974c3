"""What the Keras at hand makes of expressions on symbolic tensors; runs by itself, on tf.keras 2 as on Keras 3.

Reads expressions, one a line, from standard input, and writes a JSON object: for each expression either `raises` and
`message`, or `shape`, and `layers` (class, name and output shape of each that stands behind the inputs).
"""

import json
import os
import sys

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")

INPUTS = "xyzvuosigb"
PRELUDE = """
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import Input, Model, layers
from tensorflow.keras import backend as K
x = Input((10, 3))
y = Input((10, 3))
z = Input((10, 4))
v = Input((3,))
u = Input((4,))
o = Input((10, 1))
s = Input((None, 3))
i = Input((10,), dtype="int32")
g = Input((8, 6, 3))
b = Input((10, 3), batch_size=2)
a = np.zeros((3, 5), "float32")
"""
#: What only Keras 3 has.
PRELUDE_3 = "from keras import ops, activations\n"


def shape(value):
    """The shapes of tensors; of anything else its text."""
    if type(value).__name__ == "KerasTensor":
        return list(value.shape)
    if isinstance(value, (list, tuple)):
        return [shape(part) for part in value]
    return f"value {value!r}"[:66]


def tensors(value):
    """The tensors in lists."""
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in tensors(part)]
    return [value] if type(value).__name__ == "KerasTensor" else []


def measured(code):
    """What becomes of one expression, in a session of its own; statements may stand before it."""
    import tensorflow as tf

    tf.keras.backend.clear_session()
    names = {}
    exec(PRELUDE + (PRELUDE_3 if hasattr(tf.keras, "ops") else ""), names)  # noqa: S102 - our own rows
    *before, last = code.split("; ")
    try:
        exec("\n".join(before), names)  # noqa: S102
        value = eval(last, names)
        found = {"shape": shape(value)}
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what Keras says
        return {"raises": type(error).__name__, "message": str(error)[:120]}
    if tensors(value):
        try:
            model = tf.keras.Model([names[name] for name in INPUTS], tensors(value))
        except Exception as error:  # noqa: BLE001
            return {**found, "model": type(error).__name__}
        made = [layer for layer in getattr(model, "operations", model.layers) if type(layer).__name__ != "InputLayer"]
        found["layers"] = [[type(layer).__name__, layer.name, shape(layer.output)] for layer in made]
    return found


def main():
    print(json.dumps({code: measured(code) for code in map(str.strip, sys.stdin) if code}))


if __name__ == "__main__":
    main()
