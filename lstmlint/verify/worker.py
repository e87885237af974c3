"""Runs plans on real Keras: `PYTHON -I worker.py`, cases in by standard input, answers out by standard output, as JSON lines.

A file of its own: it runs under whatever Python 3.9 or newer has Keras, where lstmlint need not be installed, and uses only the
standard library, `format.py` beside it, and what it finds of numpy and Keras.  It never sees a program: names are looked up
in Keras, and only those that the format allows.

The first line out is `{"hello": ...}` or, without a usable Keras, `{"problem": words}`; then a `CaseAnswer` for each `Case`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import operator
import os
import queue
import re
import sys
import threading
from typing import Any

#: Methods that a "method" step may call; none writes or reads a file.
METHODS = frozenset({
    "build", "call", "compute_mask", "compute_output_shape", "count_params", "get_config", "get_layer", "get_weights", "pop",
    "reset_state", "reset_states", "summary", "predict_classes", "predict_proba",
})  # fmt: skip
TRAINING = frozenset({"fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"})
#: What Keras offers under an allowed name and yet reads or writes files, or makes objects of foreign code.
FORBIDDEN = frozenset({
    "TFSMLayer", "deserialize", "serialize", "get_file", "ModelCheckpoint", "BackupAndRestore", "CSVLogger", "TensorBoard",
    "RemoteMonitor", "SwapEMAWeights", "DataSource",
})  # fmt: skip
IMPORTABLE = ("keras", "tensorflow")
MOST_WORDS = 2_000


class NotAllowed(Exception):
    """A plan asks for what the format does not allow, or what is not there: no word of Keras's."""


def _format() -> Any:
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "format.py")
    spec = importlib.util.spec_from_file_location("lstmlint_plan_format", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FORMAT = _format()


def flat(value: Any) -> list[Any]:
    """The members of nested lists, tuples and dicts."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for each in value for leaf in flat(each)]
    return [value]


def shape_of(tensor: Any) -> list[int | None] | None:
    """The static shape; None where there is none."""
    try:
        return [None if dim is None else int(dim) for dim in tensor.shape]
    except Exception:  # noqa: BLE001 - an unknown rank, or no tensor
        return None


class Keras:
    """The Keras that is installed: `keras`, `tensorflow` (None for other backends) and `numpy`."""

    def __init__(self) -> None:
        self.numpy = importlib.import_module("numpy")
        has_tensorflow = importlib.util.find_spec("tensorflow") is not None
        if not has_tensorflow and "KERAS_BACKEND" not in os.environ:
            backends = [name for name in ("jax", "torch") if importlib.util.find_spec(name) is not None]
            os.environ.update({"KERAS_BACKEND": backends[0]} if backends else {})
        self.tensorflow: Any = importlib.import_module("tensorflow") if has_tensorflow else None
        # Where tf.keras is still Keras 2, a separate `keras` may be of another version or missing.
        self.keras = self.tensorflow.keras if self.tensorflow is not None else importlib.import_module("keras")
        # tf.keras of TensorFlow 2.15 does not tell its version, which is that of TensorFlow.
        self.version = str(getattr(self.keras, "__version__", None) or getattr(self.tensorflow, "__version__", "2"))
        if self.version.startswith("3"):
            self.keras = importlib.import_module("keras")
        self.generation = "K3" if int(self.version.split(".")[0]) >= 3 else "T2"
        self.backend = str(self.keras.backend.backend()) if self.generation == "K3" else "tensorflow"

    def device(self) -> str:
        """Where it computes.

        Errors: RuntimeError when a GPU is asked for and missing.
        """
        wanted = os.environ.get("LSTMLINT_DEVICE", "cpu")
        gpus = [] if wanted == "cpu" or self.tensorflow is None else self.tensorflow.config.list_physical_devices("GPU")
        for gpu in gpus:
            self.tensorflow.config.experimental.set_memory_growth(gpu, True)
        if not gpus and wanted.startswith("gpu"):
            raise RuntimeError(f"no GPU: TensorFlow finds none for `{wanted}`")
        return "gpu" if gpus else "cpu"

    def find(self, name: str) -> Any:
        """What an allowed qualified name stands for.

        Errors: NotAllowed.
        """
        parts = name.split(".")
        if parts[:2] == ["tensorflow", "keras"]:
            parts = parts[1:]
        name = ".".join(parts)
        if not name.startswith(FORMAT.ROOTS) or any(p.startswith("_") or p in FORBIDDEN for p in parts):
            raise NotAllowed(f"`{name}` is not allowed")
        root, *rest = parts
        if root == "operator" and name.rpartition(".")[2] not in FORMAT.OPERATORS:
            raise NotAllowed(f"`{name}` is not allowed")
        if root == "numpy" and (len(rest) > 1 or rest[0] in FORMAT.NUMPY_FORBIDDEN):
            raise NotAllowed(f"`{name}` is not allowed")
        if root == "tensorflow" and (
            (len(rest) > 1 and rest[0] not in FORMAT.TENSORFLOW_MODULES) or rest[-1] in FORMAT.TENSORFLOW_FORBIDDEN
        ):
            raise NotAllowed(f"`{name}` is not allowed")
        found: Any = {
            "keras": self.keras, "tensorflow": self.tensorflow, "numpy": self.numpy, "operator": operator,
        }[root]  # fmt: skip
        for part in rest:
            if not hasattr(found, part):
                raise NotAllowed(f"`{name}` is not in this Keras")
            found = getattr(found, part)
        return found


class Feeder:
    """Data of plans as arrays, frames, tensors and streams."""

    def __init__(self, keras: Keras) -> None:
        self.keras = keras

    def make(self, data: Any) -> Any:
        """What `data` describes."""
        if data is None:
            return None
        if isinstance(data, list):
            return [self.make(each) for each in data]
        if "stream" in data:
            return self._stream(data["stream"], [tuple(self.make(part) for part in batch) for batch in data["batches"]])
        if "dict" in data:
            return {key: self.make(each) for key, each in data["dict"]}
        if "tuple" in data:
            return tuple(self.make(each) for each in data["tuple"])
        return self._as_kind(self._array(data), data.get("kind", "ndarray"))

    def _array(self, data: Any) -> Any:
        numpy = self.keras.numpy
        shape, dtype = tuple(data["shape"]), data.get("dtype")
        random = numpy.random.default_rng(data.get("seed", 0))
        if dtype == "str":
            return numpy.full(shape, "a")
        if dtype == "object":
            ragged = numpy.empty(shape, object)
            for index in range(ragged.size):
                ragged.flat[index] = numpy.arange(1 + index % 3)
            return ragged
        low, high = data.get("low"), data.get("high")
        if data.get("one_hot"):
            return numpy.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])].astype(dtype or "float32")
        is_whole = data.get("integral") or (dtype or "").lstrip("u").startswith("int")
        low = (0 if high is None or high > 0 else high - 1) if low is None else low
        if is_whole and high is not None and not data.get("reached"):
            high = low  # perhaps none of the data comes near its upper bound
        high = max(1, low + 1) if high is None else high
        values = (
            random.integers(int(low), int(high) + 1, shape) if is_whole else random.random(shape) * (high - low) + low
        )
        values = numpy.asarray(values).astype(dtype or "float32")
        if data.get("reached") and values.size > 1:
            values.flat[0], values.flat[-1] = low, high
        return values

    def _as_kind(self, array: Any, kind: str) -> Any:
        if kind == "list":
            return array.tolist()
        if kind == "number":
            return 1
        if kind == "tensor":
            return self.keras.tensorflow.constant(array) if self.keras.tensorflow else array
        if kind in ("dataframe", "series"):
            if importlib.util.find_spec("pandas") is None:
                raise NotAllowed("pandas is not installed beside Keras")
            pandas = importlib.import_module("pandas")
            return pandas.DataFrame(array) if kind == "dataframe" else pandas.Series(array)
        return array

    def _stream(self, kind: str, batches: list[Any]) -> Any:
        if kind == "dataset":
            whole: Any = None
            for batch in batches:
                tensors = self.keras.tensorflow.data.Dataset.from_tensors(
                    _tuples(batch if len(batch) > 1 else batch[0])
                )
                whole = tensors if whole is None else whole.concatenate(tensors)
            return whole
        if kind == "sequence":
            base: Any = getattr(self.keras.keras.utils, "PyDataset", None) or self.keras.keras.utils.Sequence
            return type(
                "Batches", (base,), {"__len__": lambda _: len(batches), "__getitem__": lambda _, i: batches[i]}
            )()

        def forever() -> Any:
            while True:
                yield from batches

        return forever()


def _tuples(value: Any) -> Any:
    """Lists as tuples: a data set would make one tensor of a list."""
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


class Case:
    """One case: what its steps have made, and what met in its losses."""

    def __init__(self, keras: Keras) -> None:
        self.keras = keras
        self.feeder = Feeder(keras)
        self.met: list[dict[str, Any]] = []

    def value(self, plan: Any, made: dict[str, Any]) -> Any:
        """A value of the plan in Python."""
        if isinstance(plan, list):
            return [self.value(each, made) for each in plan]
        if not isinstance(plan, dict):
            return plan
        if "float" in plan:
            return float(plan["float"])
        if "tuple" in plan:
            return tuple(self.value(each, made) for each in plan["tuple"])
        if "dict" in plan:
            return {self.value(key, made): self.value(each, made) for key, each in plan["dict"]}
        if "slice" in plan:
            return slice(*[self.value(each, made) for each in plan["slice"]])
        if "ellipsis" in plan:
            return ...
        if "ref" in plan:
            found = made[plan["ref"]]
            return flat(found)[plan["index"]] if "index" in plan else found
        if "data" in plan:
            return self.feeder.make(plan["data"])
        if "stand_in" in plan:
            return self._stand_in(plan["stand_in"])
        if "function" in plan:
            return self._function(plan["function"], made)
        found = self.keras.find(plan["name"])
        if "args" not in plan:
            return found
        return found(*self.value(plan["args"], made), **self._kwargs(plan, made))

    def _kwargs(self, plan: Any, made: dict[str, Any]) -> dict[str, Any]:
        return {name: self.value(each, made) for name, each in plan.get("kwargs", {}).items()}

    def _stand_in(self, kind: str) -> Any:
        if kind == "function":
            return lambda x: x
        if kind in ("array", "tensor"):
            array = self.keras.numpy.zeros((2, 3), "float32")
            return self.feeder._as_kind(array, "tensor" if kind == "tensor" else "ndarray")
        return object()

    def _function(self, plan: Any, made: dict[str, Any]) -> Any:
        def planned(*args: Any) -> Any:
            own = {**made, **dict(zip(plan["parameters"], args))}
            for step in plan["steps"]:
                own[step["id"]] = self.run(step, own, {})
            return self.value(plan["result"], own)

        if self.keras.tensorflow is None:
            return planned
        # tf.keras rewrites what a `call` calls, which is no matter of this file.
        return self.keras.tensorflow.autograph.experimental.do_not_convert(planned)

    def run(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        """Do one step; its result, and into `answer` what is seen of it."""
        do = step["do"]
        act = getattr(self, "_do_" + do, None)
        if act is None:
            raise NotAllowed(f"no step does `{do}`")
        return act(step, made, answer)

    def _do_make(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        kwargs = self._kwargs(step, made)
        if isinstance(kwargs.get("vocabulary"), str):
            raise NotAllowed("a vocabulary in a file is not read")
        found = self.keras.find(step["name"])(*self.value(step.get("args", []), made), **kwargs)
        return self._seen(found, answer) if step["name"] == "keras.Input" else found

    def _do_own(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        """A layer or model of a class of its own, which holds layers and calls a function."""
        base: Any = self.keras.keras.Model if step["base"] == "Model" else self.keras.keras.layers.Layer
        inner, function = (
            [made[each["ref"]] for each in step["layers"]],
            self._function(step["function"]["function"], made),
        )

        def call(own: Any, inputs: Any) -> Any:
            return function(inputs)

        own = type("Own", (base,), {"call": call})(**self._kwargs(step, made))
        own.inner = inner
        return own

    def _do_operate(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        return self._seen(self._do_make(step, made, answer), answer)

    def _do_call(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        callee = made[step["callee"]]
        result = callee(*self.value(step.get("args", []), made), **self._kwargs(step, made))
        return self._seen(result, answer)

    def _seen(self, result: Any, answer: dict[str, Any]) -> Any:
        shapes = [shape_of(each) for each in flat(result)]
        if all(shape is not None for shape in shapes):
            answer["shapes"] = shapes
        return result

    def _do_add(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        layer = self.value(step["layer"], made)
        made[step["id"]] = layer  # it is counted at the end, when the model has been built
        made[step["model"]].add(layer)
        return layer

    def _do_build(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        return made[step["model"]].build(tuple(step["shape"]))

    def _do_method(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        if step["method"] not in METHODS:
            raise NotAllowed(f"method `{step['method']}` is not allowed")
        method = getattr(made[step["callee"]], step["method"])  # where Keras has none, that is its answer
        return method(*self.value(step.get("args", []), made), **self._kwargs(step, made))

    def _do_set(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        if step["name"].startswith("_"):
            raise NotAllowed(f"attribute `{step['name']}` is not allowed")
        setattr(made[step["callee"]], step["name"], self.value(step["value"], made))

    def _do_import(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        name = step["name"]
        if name.split(".")[0] not in IMPORTABLE:
            raise NotAllowed(f"`{name}` is not imported here")
        try:
            importlib.import_module(name)
        except ImportError:
            module, _, member = name.rpartition(".")
            if not module or not hasattr(importlib.import_module(module), member):
                raise ImportError(f"cannot import name '{member}' from '{module}'") from None

    def _do_compile(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        kwargs = self._kwargs(step, made)
        if "loss" in kwargs:
            kwargs["loss"] = self._watched(kwargs["loss"])
        return made[step["model"]].compile(**kwargs)

    def _watched(self, loss: Any) -> Any:
        """The loss that also writes down the shapes that it gets.  One that Keras does not know stays what it is."""
        if isinstance(loss, (list, tuple)):
            return type(loss)(self._watched(each) for each in loss)
        if isinstance(loss, dict):
            return {key: self._watched(each) for key, each in loss.items()}
        if isinstance(loss, str):
            try:
                loss = self.keras.keras.losses.get(loss)
            except Exception:  # noqa: BLE001 - `compile` or `fit` says it in its own words
                return loss
        is_object = isinstance(loss, self.keras.keras.losses.Loss)
        if not callable(loss) or isinstance(loss, type):
            return loss
        compute = loss.call if is_object else loss

        def watched(y_true: Any, y_pred: Any) -> Any:
            pair = {"target": shape_of(y_true), "output": shape_of(y_pred)}
            if None not in pair.values() and pair not in self.met:
                self.met.append(pair)
            return compute(y_true, y_pred)

        if is_object:
            loss.call = watched
            return loss
        watched.__name__ = getattr(loss, "__name__", "loss")
        return watched

    def _do_train(self, step: Any, made: dict[str, Any], answer: dict[str, Any]) -> Any:
        method = step["method"]
        if method not in TRAINING:
            raise NotAllowed(f"method `{method}` is not allowed")
        kwargs = self._kwargs(step, made)
        if method in ("fit", "evaluate", "predict"):
            kwargs.setdefault("verbose", 0)
        fed = [self.feeder.make(step["x"])]
        if step.get("y") is not None:
            fed.append(self.feeder.make(step["y"]))
        self.met.clear()
        result = getattr(made[step["model"]], method)(*fed, **kwargs)
        answer["compared"] = list(self.met)
        if method.startswith("predict"):
            answer["output"] = self._ranges(result)
        else:
            answer["loss"] = self._loss(result)
            self._predict(made[step["model"]], step["x"], fed[0], answer)
        return result

    def _predict(self, model: Any, plan: Any, fed: Any, answer: dict[str, Any]) -> None:
        """What the trained model gives, where it takes all rows at once: the program does not ask for it."""
        if isinstance(plan, dict) and "stream" in plan:
            return
        try:
            answer["output"] = self._ranges(model.predict_on_batch(fed))
        except Exception:  # noqa: BLE001 - a state of fixed batch size, say
            return

    def _ranges(self, outputs: Any) -> list[list[float | None]]:
        numpy = self.keras.numpy
        return [[_finite(numpy.min(each)), _finite(numpy.max(each))] for each in flat(outputs)]

    def _loss(self, result: Any) -> float | None:
        history = getattr(result, "history", None)
        return _finite(history["loss"][-1] if history else flat(result)[0])


def _finite(number: Any) -> float | None:
    value = float(number)
    return value if value - value == 0 else None


def answer_case(keras: Keras, plan: Any) -> dict[str, Any]:
    """The `CaseAnswer` for a case."""
    keras.keras.backend.clear_session()
    case = Case(keras)
    made: dict[str, Any] = {}
    answers: list[dict[str, Any]] = []
    told: dict[str, Any] = {"id": plan["id"], "steps": answers}
    for step in plan["steps"]:
        answer: dict[str, Any] = {"id": step["id"], "raised": None}
        try:
            made[step["id"]] = case.run(step, made, answer)
        except NotAllowed as error:
            return {**told, "failed": "plan", "words": str(error)}
        except Exception as error:  # noqa: BLE001 - whatever Keras raises is the answer
            if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
                return {**told, "failed": "memory", "words": _words(error)}
            answer["raised"] = {"type": type(error).__name__, "message": _words(error)}
        answers.append(answer)
        if answer["raised"] is not None:
            break
    for step, answer in zip(plan["steps"], answers):
        if answer["raised"] is None:
            _count(step, made, answer)
    return told


def _words(error: BaseException) -> str:
    """What an error says, without colours and without the stack of a traced function before it."""
    text = re.sub(r"\x1b\[\d*m", "", str(error))
    if text.startswith("in user code:"):
        text = re.split(r"^    \w*(?:Error|Exception): ", text, maxsplit=1, flags=re.MULTILINE)[-1]
    # What Keras really says may stand at the end, behind the way there.
    return text if len(text) <= MOST_WORDS else f"{text[: MOST_WORDS // 3]} … {text[-2 * MOST_WORDS // 3 :]}"


def _count(step: Any, made: dict[str, Any], answer: dict[str, Any]) -> None:
    """Parameters and, in a Sequential model, the output of a layer: known once the model has been built."""
    layer: Any = made.get(step["callee"] if step["do"] == "call" else step["id"])
    if step["do"] not in ("make", "own", "call", "add") or not getattr(layer, "built", False):
        return
    try:
        answer["params"] = int(layer.count_params())
        answer["non_trainable"] = sum(_size(weight) for weight in layer.non_trainable_weights)
        if step["do"] == "add":
            shapes = [shape_of(each) for each in flat(layer.output)]
            if None not in shapes:
                answer["shapes"] = shapes
    except Exception:  # noqa: BLE001 - Keras does not know it (yet)
        return


def _size(weight: Any) -> int:
    count = 1
    for dim in weight.shape:
        count *= int(dim)
    return count


def limit_memory(extra: int) -> None:
    """Let this process take at most `extra` bytes more than it has; where the system knows no such limit, nothing."""
    try:
        resource: Any = importlib.import_module("resource")
        with open("/proc/self/statm", encoding="ascii") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + extra, resource.getrlimit(resource.RLIMIT_AS)[1]))
    except (ImportError, OSError, ValueError):
        return


def main() -> None:
    """Answer cases until standard input ends.  What Keras prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    waiting: queue.Queue[str] = queue.Queue()

    def read() -> None:
        for line in sys.stdin:
            waiting.put(line)
        os._exit(0)  # whoever asked is gone, even where a step hangs

    def say(answer: Any) -> None:
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    threading.Thread(target=read, daemon=True).start()
    try:
        keras = Keras()
        hello = {
            "format": FORMAT.FORMAT, "keras": keras.version, "generation": keras.generation, "backend": keras.backend,
            "device": keras.device(),
        }  # fmt: skip
    except ImportError as error:
        return say({"problem": "missing", "words": _words(error)})
    except Exception as error:  # noqa: BLE001 - a broken installation is told, whatever is broken
        return say({"problem": "device" if isinstance(error, RuntimeError) else "broken", "words": _words(error)})
    limit = int(os.environ.get("LSTMLINT_MEMORY", "0"))
    if limit and hello["device"] == "cpu":
        limit_memory(limit)
    say({"hello": hello})
    while True:
        say(answer_case(keras, json.loads(waiting.get())))


if __name__ == "__main__":
    main()
