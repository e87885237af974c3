"""What Keras says about the things that hold data: lists where arrays are due, and numbers of samples that differ.

Source: facts, targets ("Other entry points and containers") and inputs ("Containers").
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.classes import replace
from lstmlint.keras.outcomes import OK, Outcome, raises
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal
from lstmlint.shapes.shape import Axis


def refused_target(kind: str, version: Version, *, entry: str, rows: Axis) -> Outcome | None:
    """What is refused as a target for what it is, whatever its shape; None: nothing.

    `kind`: "array", "series", "list" (of numbers), "nested_list" or "number"; `rows` is the length of a list.
    """
    single = rows is not None and equal(rows, 1) is Answer.YES
    return _REFUSALS[version](kind, entry == "train_on_batch", single)


def _refused_by_k2(kind: str, alone: bool, single: bool) -> Outcome | None:
    if kind == "number":
        return raises("AttributeError", "'int' object has no attribute 'ndim'")
    if kind == "nested_list" and not (single and alone):
        return raises(
            "ValueError",
            "Error when checking model target: the list of Numpy arrays that you are passing to your model is not the "
            "size the model expected. Expected to see 1 array(s), but instead got the following list of arrays: …",
        )
    return None


_CONTENTS = {
    "number": "<class 'int'>",
    "list": "(<class 'list'> containing values of types {\"<class 'float'>\"})",
    "nested_list": "(<class 'list'> containing values of types "
    "{'(<class \\'list\\'> containing values of types {\"<class \\'float\\'>\"})'})",
}


def _refused_by_t2(kind: str, alone: bool, single: bool) -> Outcome | None:
    if kind not in _CONTENTS:
        return None
    if alone:
        holds = "int" if kind == "number" else "float"
        return raises("AttributeError", f"'{holds}' object has no attribute 'shape'")
    return raises(
        "ValueError", f"Failed to find data adapter that can handle input: <class 'numpy.ndarray'>, {_CONTENTS[kind]}"
    )


def _refused_by_k3(kind: str, alone: bool, single: bool) -> Outcome | None:
    if kind not in _CONTENTS:
        return None
    if not alone:
        return raises("ValueError", "Unrecognized data type: x=… (of type <class 'numpy.ndarray'>)")
    if kind == "number" or (kind == "list" and single):
        return None
    if single:
        return raises("ValueError", "Expected an instance of list, got <tf.Tensor …>")
    return raises("ValueError", "y_true and y_pred have different structures. y_true: ['*', …] y_pred: *")


_REFUSALS: dict[Version, Callable[[str, bool, bool], Outcome | None]] = {
    Version.K2: _refused_by_k2,
    Version.T2: _refused_by_t2,
    Version.K3: _refused_by_k3,
}


def cardinality(version: Version, x: Axis, y: Axis) -> Outcome:
    """What is raised for different numbers of samples in x and y."""
    return raises("ValueError", _CARDINALITY[version].format(x=x, y=y))


_CARDINALITY = {
    Version.K2: "Input arrays should have the same number of samples as target arrays. "
    "Found {x} input samples and {y} target samples.",
    Version.T2: "Data cardinality is ambiguous:\n  x sizes: {x}\n  y sizes: {y}\n"
    "Make sure all arrays contain the same number of samples.",
    Version.K3: "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples."
    "'x' sizes: {x}\n'y' sizes: {y}\n",
}


def sample_outcomes(x_samples: Axis, y_samples: Axis, version: Version) -> tuple[Outcome, ...]:
    """Whether the numbers of samples of x and y agree (`fit` and `evaluate`)."""
    if x_samples is None or y_samples is None:
        return (OK,)
    answer = equal(x_samples, y_samples)
    refusal = cardinality(version, x_samples, y_samples)
    if answer is Answer.CANNOT_KNOW:
        return (replace(OK, condition=f"{x_samples} = {y_samples}"), refusal)
    return (OK,) if answer is Answer.YES else (refusal,)


def refused_input(
    kind: str, version: Version, *, declared: bool, layer_class: str, entry: str = "predict", mixed: bool = False
) -> Outcome | None:
    """What is refused as input data for what it is, whatever its shape; None: nothing.

    `kind`: "array", "int" (an array of whole numbers), "object", "str" (arrays of such), "list" or "nested_list".
    `entry` is "train_on_batch" for all methods of that kind; `mixed`: targets are not lists as well.
    """
    if kind == "int" and version is Version.T2 and not declared and layer_class in _FLOAT_ONLY:
        return raises("TypeError", _FLOAT_ONLY[layer_class])
    if kind == "str" and version is Version.T2 and not declared and layer_class in _PASSING_ON:
        return None
    if kind in ("list", "nested_list") and version is Version.K2 and not declared and layer_class != "Embedding":
        told = "Please provide as model inputs either a single array or a list of arrays. You passed: x=…"
        return raises("ValueError", told)
    if kind in ("list", "nested_list") and version is Version.T2 and (mixed or entry == "train_on_batch"):
        return _refused_by_t2("nested_list", entry == "train_on_batch", False)
    if entry == "train_on_batch" and version is Version.K3:
        return _ON_BATCH.get(kind)
    return _INPUT_REFUSALS[version].get(kind)


#: What the methods for one batch of Keras 3 say, which make tensors of what they are given.
_ON_BATCH = {
    "list": raises("ValueError", "Only input tensors may be passed as positional arguments."),
    "nested_list": raises("ValueError", "Only input tensors may be passed as positional arguments."),
    "object": raises("ValueError", "Failed to convert a NumPy array to a Tensor (Unsupported object type float)."),
}


#: Layers that hand strings on, where no declared input casts them.
_PASSING_ON = {"Activation", "Dropout", "Flatten", "Permute", "RepeatVector", "Reshape"}


_FLOAT_MATRIX = "Input 'b' of 'MatMul' Op has type float32 that does not match type int64 of argument 'a'."

#: What tf.keras layers say to whole numbers, which only a declared input casts to float.
_FLOAT_ONLY = {
    "LSTM": _FLOAT_MATRIX,
    "GRU": _FLOAT_MATRIX,
    "SimpleRNN": _FLOAT_MATRIX,
    "Bidirectional": _FLOAT_MATRIX,
    "Conv1D": "Value passed to parameter 'input' has DataType int64 not in list of allowed values: "
    "float16, bfloat16, float32, float64, int32",
    "Masking": "Expected int64 passed to parameter 'y' of op 'NotEqual', got 0.0 of type 'float' instead.",
}

_LIST_OF_ARRAYS = raises(
    "ValueError",
    "Error when checking model input: the list of Numpy arrays that you are passing to your model is not the size the "
    "model expected. Expected to see 1 array(s), but instead got the following list of arrays: …",
)

_UNRECOGNIZED = raises("ValueError", "Unrecognized data type: x=…")

_INPUT_REFUSALS: dict[Version, dict[str, Outcome]] = {
    Version.K2: {
        "list": _LIST_OF_ARRAYS,
        "nested_list": _LIST_OF_ARRAYS,
        "str": raises("ValueError", "could not convert string to float"),
    },
    Version.T2: {
        "object": raises("ValueError", "Failed to convert a NumPy array to a Tensor (Unsupported object type float)."),
        "str": raises("UnimplementedError", "Graph execution error: Cast string to float is not supported"),
    },
    Version.K3: {
        "list": _UNRECOGNIZED,
        "nested_list": _UNRECOGNIZED,
        "object": raises("ValueError", "Invalid dtype: object"),
        "str": raises("ValueError", "Invalid dtype: str"),
    },
}
