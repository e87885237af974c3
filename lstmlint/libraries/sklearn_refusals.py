"""Shapes that scikit-learn refuses: of what is transformed, and of what is compared by a metric.

Source: measured with scikit-learn 1.9; what older versions take is left out.
"""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.keras.versions import Version
from lstmlint.libraries.arrays import Array, is_fractional
from lstmlint.libraries.keras_values import version_of
from lstmlint.shapes.dims import Answer, Dim, equal, less
from lstmlint.shapes.shape import Shape
from lstmlint.trace import ArrayRefused

#: Transformers that work on each column by itself, so that those of the data must be those that they were fitted with.
_BY_COLUMN = frozenset({"StandardScaler", "MinMaxScaler", "RobustScaler", "MaxAbsScaler"})

#: Transformers that take nothing but rows and columns.
_TABLES = _BY_COLUMN | {
    "OneHotEncoder",
    "OrdinalEncoder",
    "PCA",
    "PowerTransformer",
    "QuantileTransformer",
    "Normalizer",
}


def note_transform(call: Call, name: str, fitted: Dim | None, data: Array, *, back: bool = False) -> None:
    """Leave in the trace that a transformer refuses the shape of its data.

    `fitted` is the width that it was fitted with, `back`: it is asked for the inverse.
    """
    rank = data.shape.rank
    if name not in _TABLES or rank is None:
        return
    if rank != 2:
        # Older releases of scikit-learn inverted a StandardScaler whatever the rank, those of tf.keras's days among them.
        lenient = name == "StandardScaler" and (rank < 2 or version_of(call) is not Version.K3)
        # Those of the first years of Keras took vectors, and only warned.
        if rank < 2 and version_of(call) is Version.K2:
            return
        if not back or (name in _BY_COLUMN and not lenient):
            _refuse(call, name, data.shape, "rows and columns (rank 2)", _of_rank(name, rank), data)
        return
    width = data.shape.dims[1]
    if name in _BY_COLUMN and fitted is not None and width is not None and _clashes(width, fitted):
        words = f"X has {width} features, but {name} is expecting {fitted} features as input."
        if back:
            rows = data.shape.dims[0]
            shapes = f"({rows},{width}) doesn't match the broadcast shape ({rows},{fitted})"
            words = f"non-broadcastable output operand with shape {shapes}"
            if width != 1:
                words = f"operands could not be broadcast together with shapes ({rows},{width}) ({fitted},)"
        _refuse(call, name, data.shape, f"the {fitted} columns that it was fitted with", words, data)


def _clashes(width: Dim, fitted: Dim) -> bool:
    """Whether columns surely cannot be laid over those of the fit; one column is laid over any number.

    Fewer columns are refused in any case: of one column, none would be left.
    """
    if less(width, fitted) is Answer.YES:
        return True
    return equal(width, fitted) is Answer.NO and equal(fitted, 1) is Answer.NO


def _of_rank(name: str, rank: int) -> str:
    if rank < 2:
        return f"Expected 2D array, got {'1D' if rank else 'scalar'} array instead"
    return f"Found array with dim {rank}, while dim <= 2 is required by {name}."


def _refuse(call: Call, name: str, shape: Shape, wants: str, words: str, data: Array) -> None:
    method = call.name.rpartition(".")[2]
    call.record(ArrayRefused("transformer", f"{name}.{method}", (shape,), wants, words, data.site))


# --- metrics ---------------------------------------------------------------------------------------------------------


def note_metric(call: Call, name: str, kind: str, truth: Array, predicted: Array) -> None:
    """Leave in the trace that a metric refuses what it is given.

    `kind`: "classes" (compares labels), "numbers" (compares outputs) or "scores" (labels with probabilities).
    """
    pair = (truth.shape, predicted.shape)
    if not all(shape.exact and shape.dims for shape in pair):
        return
    found = _refusal(call, name, kind, truth, predicted)
    if found is not None:
        call.record(ArrayRefused("metric", name, pair, *found, predicted.site))


def _refusal(call: Call, name: str, kind: str, truth: Array, predicted: Array) -> tuple[str, str] | None:
    """What a metric wants, and the words with which it refuses."""
    first, second = truth.shape, predicted.shape
    rank = max(len(first.dims), len(second.dims))
    if rank > 2:
        return "arrays of rank 1 or 2", f"Found array with dim {rank}, while dim <= 2 is required."
    if _differ(first, second, 0):
        rows = f"[{first.dims[0]}, {second.dims[0]}]"
        return "as many predictions as targets", f"Found input variables with inconsistent numbers of samples: {rows}"
    widths = [shape.dims[1] if len(shape.dims) == 2 else 1 for shape in (first, second)]
    if kind == "numbers" and _unequal(*widths):
        words = f"y_true and y_pred have different number of output ({widths[0]}!={widths[1]})"
        return "the same number of columns in both", words
    if name in ("roc_curve", "precision_recall_curve") and 1 in widths and any(_unequal(width, 1) for width in widths):
        shape = second if widths[0] == 1 else first
        return "one score for each row", f"y should be a 1d array, got an array of shape {shape} instead."
    if kind != "classes":
        return None
    if is_fractional(call, predicted):
        words = f"Classification metrics can't handle a mix of {_type_of(widths[0])} and {_type_of(widths[1], True)} targets"
        return "class ids, not probabilities", words
    if 1 in widths and any(_unequal(width, 1) for width in widths):
        words = f"Classification metrics can't handle a mix of {_type_of(widths[0])} and {_type_of(widths[1])} targets"
        return "class ids in both, or one column for each class in both", words
    return None


def _type_of(width: Dim | None, fractional: bool = False) -> str:
    """What scikit-learn calls a target with so many columns."""
    if fractional:
        return "continuous" if width == 1 else "continuous-multioutput"
    return "multiclass" if width == 1 else "multilabel-indicator"


def _differ(first: Shape, second: Shape, axis: int) -> bool:
    return _unequal(first.dims[axis], second.dims[axis])


def _unequal(a: Dim | None, b: Dim | None) -> bool:
    return a is not None and b is not None and equal(a, b) is Answer.NO
