"""Builds models with real Keras, one after the other, in one process: TensorFlow takes seconds to import.

Tells the version of Keras, then reads a request in a line of JSON from standard input: `source` of a program that leaves
a `model`, and whether to `run` that.  Answers with a line of JSON: `raised` (the name of the exception, or null), its
`message` and the `line` of the program, `ran` (the exception of a call on data), and `layers`: class, shape of the outputs
("?" for a shared layer with several), parameters, trainable parameters.

Imports nothing but the standard library, NumPy and Keras, so that any interpreter with a Keras may run it.
"""

import gc
import json
import os
import sys
import traceback

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
FORGET_EVERY = 50


def version():
    """The version of the Keras that programs mean: `tensorflow.keras` where there is no Keras 3."""
    try:
        import keras

        return keras.__version__
    except ImportError:
        import tensorflow

        return tensorflow.keras.__version__


def answered(request):
    """What Keras makes of a program."""
    names = {}
    try:
        exec(compile(request["source"], "<program>", "exec"), names)  # noqa: S102 - our own programs
        model = names["model"]
        layers = [row(layer) for layer in model.layers]
    except Exception as error:  # noqa: BLE001 - whatever Keras raises is the answer
        return {"raised": type(error).__name__, "message": first_line(error), "line": line_of(error), "layers": None}
    ran = called(names) if request["run"] else None
    return {"raised": None, "message": "", "line": None, "layers": layers, "ran": ran}


def first_line(error):
    return (str(error).strip().splitlines() or [""])[0][:300]


def line_of(error):
    """The program's own line in the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in frames if frame.filename == "<program>"), None)


def row(layer):
    if not layer.built:
        return type(layer).__name__, "?", "?", "?"
    shapes = [outputs(node) for node in layer._inbound_nodes]
    shape = shapes[0] if shapes and all(each == shapes[0] for each in shapes) else "?"
    trainable = sum(size(weight) for weight in layer.trainable_weights)
    return type(layer).__name__, shape, layer.count_params(), trainable


def outputs(node):
    found = flattened(node.outputs)
    return found[0] if len(found) == 1 else found


def flattened(value):
    if isinstance(value, (list, tuple)):
        return [shape for item in value for shape in flattened(item)]
    if isinstance(value, dict):
        return [shape for key in sorted(value) for shape in flattened(value[key])]
    return [list(value.shape)]


def size(weight):
    count = 1
    for dim in weight.shape:
        count *= int(dim)
    return count


def called(names):
    """The exception of the model, with all tensors that the program makes, on zeros; None where it runs."""
    import numpy

    model = names["model"]
    values = [item for value in names.values() for item in (value if isinstance(value, list) else [value])]
    made = [value for value in values if type(value).__name__ == "KerasTensor"]
    try:
        model = names["Model"](model.inputs, [*model.outputs, *made]) if made else model
    except Exception:  # noqa: BLE001, S110 - some of them need other inputs
        pass
    inputs = [numpy.zeros([2 if dim is None else dim for dim in x.shape], "float32") for x in model.inputs]
    for training in (False, True):  # some layers look at their arguments only while they train
        try:
            model(inputs if len(inputs) > 1 else inputs[0], training=training)
        except Exception as error:  # noqa: BLE001
            return type(error).__name__
    return None


def forget():
    """Frees what the models hold."""
    if "3" <= version()[0]:
        import keras
    else:
        from tensorflow import keras
    keras.backend.clear_session()
    gc.collect()


def main():
    """Answer requests until standard input ends.  What is printed meanwhile goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    print(json.dumps(version()), file=answers, flush=True)
    for number, line in enumerate(sys.stdin, 1):
        print(json.dumps(answered(json.loads(line))), file=answers, flush=True)
        if number % FORGET_EVERY == 0:
            forget()


if __name__ == "__main__":
    main()
