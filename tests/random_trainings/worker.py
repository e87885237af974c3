"""Runs programs that train with real Keras, one after the other, in one process: TensorFlow takes seconds to import.

Tells the version of Keras, then reads a request in a line of JSON from standard input: the `source` of a program.  Answers
with a line of JSON: `raised` (the name of the exception, or null), its `message` and the `line` of the program, and
`compared`: the name of the loss, the shapes of output and target, and whether the output had another rank before,
each time that a loss compared some.

Imports nothing but the standard library and Keras, so that any interpreter with a Keras may run it.
"""

import functools
import gc
import json
import os
import re
import sys
import traceback

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", TF_ENABLE_ONEDNN_OPTS="0")
FORGET_EVERY = 40

COMPARED = []


def load():
    """Keras, as `keras` or within TensorFlow, with the functions of its losses watched."""
    import tensorflow as tf

    try:
        import keras
    except ImportError:
        keras = tf.keras
    is_new = keras.__version__[0] >= "3"
    if is_new:
        from keras.src.losses import loss as base
        from keras.src.losses import losses
        from keras.src.trainers import trainer

        trainer.model_supports_jit = lambda model: False
        loss_class = base.Loss
    else:
        from keras.src import losses

        loss_class = losses.Loss
    watch(tf, losses.LossFunctionWrapper, loss_class)
    return keras


def watch(tf, wrapper, loss_class):
    """Note the shapes that every function of a loss gets while a model is trained, and every `call` of a user's class."""

    ranks = [None]

    def note(name, y_true, y_pred):
        is_squeezed = ranks[0] is not None and ranks[0] != len(y_pred.shape)

        def keep(output, target):
            COMPARED.append([name, list(map(int, output)), list(map(int, target)), is_squeezed])
            return 0

        tf.numpy_function(keep, [tf.shape(y_pred), tf.shape(y_true)], tf.int64)

    def watched(function):
        @tf.autograph.experimental.do_not_convert
        @functools.wraps(function)
        def seen(y_true, y_pred, **arguments):
            note(getattr(function, "__name__", "?"), y_true, y_pred)
            return function(y_true, y_pred, **arguments)

        return seen

    begun = wrapper.__init__

    def begin(self, fn, *args, **kwargs):
        begun(self, watched(fn), *args, **kwargs)

    wrapper.__init__ = begin
    called = loss_class.__call__

    def call(self, y_true, y_pred, *args, **kwargs):
        if hasattr(y_pred, "shape"):
            ranks[0] = len(y_pred.shape)
            if not isinstance(self, wrapper):
                note(type(self).__name__, y_true, y_pred)
        return called(self, y_true, y_pred, *args, **kwargs)

    loss_class.__call__ = call


def answered(request):
    """What Keras makes of a program."""
    COMPARED.clear()
    try:
        exec(compile(request["source"], "<program>", "exec"), {})  # noqa: S102 - our own programs
    except Exception as error:  # noqa: BLE001 - whatever Keras raises is the answer
        told = re.sub(r"\x1b\[\d*m", "", str(error)).strip()
        return {
            "raised": type(error).__name__,
            "message": shortened(told),
            "line": line_of(error),
            "compared": COMPARED,
        }
    return {"raised": None, "message": "", "line": None, "compared": COMPARED}


def shortened(told):
    """The ends of a message: TensorFlow tells its reason last."""
    return told if len(told) < 900 else f"{told[:200]} … {told[-600:]}"


def line_of(error):
    """The program's own line in the traceback, outside of what Keras calls."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno for frame in frames if frame.filename == "<program>"), None)


def main():
    """Answer requests until standard input ends.  What is printed meanwhile goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    keras = load()
    print(json.dumps(keras.__version__), file=answers, flush=True)
    for number, line in enumerate(sys.stdin, 1):
        print(json.dumps(answered(json.loads(line))), file=answers, flush=True)
        if number % FORGET_EVERY == 0:
            keras.backend.clear_session()
            gc.collect()


if __name__ == "__main__":
    main()
