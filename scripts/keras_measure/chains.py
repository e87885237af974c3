"""Which layer takes which input and what comes out, layer behind layer, merges, lengths that are not known.

A row says a shape, or what is raised; where a call on data fails or gives another shape, both.  Messages are stored once, by
number; what counts as a change is the exception.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from keras_measure.installed import exception, forget
from keras_measure.names import layer

PATH = "tests/fixtures/keras_facts/chains.json"
_CROPPING = "cropping1d [arg, L, symbolic, ran]"
_PARTS = ("layers", "pairs", "merge", "unknown_length", _CROPPING)


def stored(data: dict[str, Any], version: str) -> dict[str, Any]:
    """The rows with exceptions in place of the numbers of messages."""
    messages = data[version]["messages"]
    return {part: _with_exceptions(data[version][part], messages) for part in _PARTS}


def _with_exceptions(value: Any, messages: list[str]) -> Any:
    if isinstance(value, str) and re.fullmatch(r"!\d+", value):
        return "!" + messages[int(value[1:])].partition(":")[0]
    if isinstance(value, list):
        return [_with_exceptions(item, messages) for item in value]
    if isinstance(value, dict):
        return {key: _with_exceptions(item, messages) for key, item in value.items()}
    return value


def measured(keras: Any, known: dict[str, Any]) -> dict[str, Any]:
    """The same rows of the installed Keras."""
    return {
        "layers": {
            name: {shape: _row(keras, name, ast.literal_eval(shape), row) for shape, row in rows.items()}
            for name, rows in _cleaned(keras, known["layers"])
        },
        "pairs": {first: _behind(keras, first, rows) for first, rows in _cleaned(keras, known["pairs"])},
        "merge": [[name, a, b, _merged(keras, name, a, b, row)] for name, a, b, row in known["merge"]],
        "unknown_length": [
            [name, size, _unknown_length(keras, name, size)] for name, size, _ in known["unknown_length"]
        ],
        _CROPPING: [[argument, size, *_cropped(keras, argument, size)] for argument, size, *_ in known[_CROPPING]],
    }


def _cleaned(keras: Any, rows: dict[str, Any]) -> Any:
    for item in rows.items():
        forget(keras)
        yield item


def _dims(tensor: Any) -> list[int | None]:
    return [None if dim is None else int(dim) for dim in tensor.shape]


def _data(shape: Any) -> Any:
    import numpy

    return numpy.ones((2, *(5 if dim is None else dim for dim in shape)), "float32")


def _row(keras: Any, name: str, shape: Any, known: Any) -> Any:
    """One layer on one input.  The call on data is repeated where it has a story of its own."""
    made = _made(keras, name)
    if isinstance(made, str):
        return made
    try:
        symbolic = _dims(made(keras.Input(shape)))
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        return "!" + exception(error)
    return _with_run(symbolic, known, lambda: made(_data(shape)))


def _with_run(symbolic: Any, known: Any, run: Any) -> Any:
    if not isinstance(known, dict):
        return symbolic
    try:
        ran = _dims(run())
    except Exception as error:  # noqa: BLE001
        ran = "!" + exception(error)
    return {"symbolic": symbolic, "ran": ran}


def _made(keras: Any, name: str) -> Any:
    try:
        return layer(keras, name)
    except Exception as error:  # noqa: BLE001
        return "!" + exception(error)


#: What each kind of layer usually gets, the first that it takes.
_USUAL = (
    (8, 6),
    (6,),
    (8, 7, 6),
    (5, 8, 7, 6),
    (2, 5, 8, 7, 6),
    (5, 8, 6),
    (2, 8, 6),
    (7,),
    (5, 6),
    (10,),
    (10, 6),
    (5, 7, 6),
)


def _behind(keras: Any, first: str, rows: dict[str, Any]) -> dict[str, Any]:
    """Every layer on what the first makes, which is what `LeakyReLU` hands on."""
    tensor = _usual_output(keras, first, _symbolic(rows["LeakyReLU"]))
    if tensor is None:
        return {second: "no usual input gives the stored output" for second in rows}
    return {second: _on(_made(keras, second), tensor, row) for second, row in rows.items()}


def _usual_output(keras: Any, name: str, wanted: Any) -> Any:
    for shape in _USUAL:
        try:
            tensor = layer(keras, name)(keras.Input(shape))
        except Exception:  # noqa: BLE001, S112 - the next shape may do
            continue
        if _dims(tensor) == wanted:
            return tensor
    return None


def _symbolic(row: Any) -> Any:
    return row["symbolic"] if isinstance(row, dict) else row


def _on(made: Any, tensor: Any, known: Any) -> Any:
    if isinstance(made, str):
        return made
    try:
        symbolic = _dims(made(tensor))
    except Exception as error:  # noqa: BLE001
        return "!" + exception(error)
    return {**known, "symbolic": symbolic} if isinstance(known, dict) else symbolic


def _merged(keras: Any, name: str, a: Any, b: Any, known: Any) -> Any:
    made = _made(keras, name)
    if isinstance(made, str):
        return made

    def call(first: Any, second: Any) -> Any:
        return made(first, second) if name.endswith("(q,v)") else made([first, second])

    try:
        symbolic = _dims(call(keras.Input(a), keras.Input(b)))
    except Exception as error:  # noqa: BLE001
        return "!" + exception(error)
    return _with_run(symbolic, known, lambda: call(_data(a), _data(b)))


def _unknown_length(keras: Any, name: str, size: int) -> Any:
    """A model with a length of None, on data of that length: the shape and whether all of it is finite."""
    import numpy

    try:
        model = keras.Sequential([keras.Input((None, 2)), layer(keras, name)])
        ran = numpy.asarray(model.predict(numpy.ones((2, size, 2), "float32"), verbose=0))
    except Exception as error:  # noqa: BLE001
        return "!" + exception(error)
    return [list(ran.shape), bool(numpy.isfinite(ran).all())]


def _cropped(keras: Any, argument: Any, size: int) -> tuple[Any, Any]:
    cropping = tuple(argument) if isinstance(argument, list) else argument
    try:
        made = keras.layers.Cropping1D(cropping)
        symbolic = _dims(made(keras.Input((size, 2))))
    except Exception as error:  # noqa: BLE001
        return "!" + exception(error), None
    try:
        return symbolic, _dims(made(_data((3 if size is None else size, 2))))
    except Exception as error:  # noqa: BLE001
        return symbolic, "!" + exception(error)


def written(data: dict[str, Any], version: str, found: dict[str, Any]) -> dict[str, Any]:
    """The rows with the numbers of messages: the old number where the exception is the same, else that of the exception."""
    messages = list(data[version]["messages"])
    rows = {part: _numbered(found[part], data[version][part], messages) for part in _PARTS}
    return {**data, version: {**data[version], **rows, "messages": messages}}


def _numbered(value: Any, before: Any, messages: list[str]) -> Any:
    if isinstance(value, str) and value.startswith("!"):
        if (
            isinstance(before, str)
            and re.fullmatch(r"!\d+", before)
            and messages[int(before[1:])].startswith(value[1:] + ":")
        ):
            return before
        text = value[1:] + ":"
        if text not in messages:
            messages.append(text)
        return f"!{messages.index(text)}"
    if isinstance(value, list):
        old = before if isinstance(before, list) and len(before) == len(value) else [None] * len(value)
        return [_numbered(item, each, messages) for item, each in zip(value, old)]
    if isinstance(value, dict):
        old = before if isinstance(before, dict) else {}
        return {key: _numbered(item, old.get(key), messages) for key, item in value.items()}
    return value
