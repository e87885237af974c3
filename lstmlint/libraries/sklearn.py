"""scikit-learn: splits, scalers, encoders and example data."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import elements, generalise_all
from lstmlint.interpreter.values import Const, Foreign, Ref, Sequence, Value, as_dim, fresh_key, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, as_size, flag, given
from lstmlint.libraries.arrays import (
    NDARRAY,
    Array,
    Range,
    alike,
    as_array,
    derive,
    distinct_items,
    is_predicted,
    leading,
    make,
    mark_predicted,
    note_items,
    operand,
)
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.libraries.sklearn_refusals import note_transform
from lstmlint.shapes.dims import Dim, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

SPARSE = "sklearn.SparseMatrix"

#: What nobody models for a sparse matrix is an ndarray's (`shape`, indexing).
BASES: dict[str, str] = {SPARSE: "numpy.ndarray"}

#: Modules of old versions, and private ones, by the public name.
_MOVED = (
    ("sklearn.cross_validation.", "sklearn.model_selection."),
    ("sklearn.grid_search.", "sklearn.model_selection."),
    ("sklearn.model_selection._split.", "sklearn.model_selection."),
    ("sklearn.preprocessing.data.", "sklearn.preprocessing."),
    ("sklearn.preprocessing._data.", "sklearn.preprocessing."),
    ("sklearn.preprocessing.label.", "sklearn.preprocessing."),
    ("sklearn.preprocessing._label.", "sklearn.preprocessing."),
    ("sklearn.datasets.samples_generator.", "sklearn.datasets."),
)


def rewrite(name: str) -> str:
    """The public name of what stands in a private module or an old one."""
    if name.startswith("sklearn."):
        for old, new in _MOVED:
            if name.startswith(old):
                return new + name[len(old) :]
    return name


# --- splitting -------------------------------------------------------------------------------------------------------


@model("sklearn.model_selection.train_test_split")
def train_test_split(
    call: Call,
    *arrays: Value,
    test_size: Value | None = None,
    train_size: Value | None = None,
) -> Value:
    """For each array its training and its test part.  Shapes: k arrays (n, …) -> 2k, of n_train and n_test rows.

    Kinds and trailing dims are kept.  n_test is n * test_size rounded up; both together are n unless both are given.
    """
    if call.open_args or not arrays:
        return call.unknown()
    total = _common_length(call, arrays)
    first = arrays[0].name if isinstance(arrays[0], Array) else "samples"
    train, test = _split_sizes(call, total, test_size, train_size, first)
    parts: list[Value] = []
    for value in arrays:
        parts += [_rows(call, value, train, "train"), _rows(call, value, test, "test")]
    return call.new_list(parts)


def _common_length(call: Call, arrays: tuple[Value, ...]) -> Dim | None:
    """The number of samples, which is the same for all arrays."""
    lengths = [length for value in arrays if (length := _length(call, value)) is not None]
    return next((length for length in lengths if isinstance(length, int)), lengths[0] if lengths else None)


def _length(call: Call, value: Value) -> Dim | None:
    if isinstance(value, (Ref, Sequence)):
        sequence = call.sequence(value)
        return None if sequence is None else sequence.length
    array = as_array(call, value)
    return None if array is None or array.shape == Shape(()) else leading(array)


def _split_sizes(
    call: Call, total: Dim | None, test_size: Value | None, train_size: Value | None, name: str
) -> tuple[Dim, Dim]:
    """The numbers of rows of both parts, for the same total and shares the same.  `name` is for people."""
    train_name, test_name = f"len({name}_train)", f"len({name}_test)"
    test = call.constant(test_size, UNCLEAR) if given(test_size) else None
    train = call.constant(train_size, UNCLEAR) if given(train_size) else None
    if test is None and train is None:
        test = 0.25
    n_test, n_train = _share(total, test, test_size, math.ceil), _share(total, train, train_size, math.floor)
    if total is None:
        return n_train or call.symbol(train_name, lower=1), n_test or call.symbol(test_name, lower=1)
    if n_train is None and n_test is None:
        keys = tuple(v.key if v is not None else None for v in (test_size, train_size))
        n_train = symbol(train_name, ("train_test_split", total, *keys), lower=1)
    if n_train is not None and n_test is None and test is not None and train is not None:
        return n_train, call.symbol(test_name, lower=1)
    if n_train is None and n_test is not None and test is not None and train is not None:
        return call.symbol(train_name, lower=1), n_test
    return (
        n_train if n_train is not None else total - (n_test or 0),
        n_test if n_test is not None else total - (n_train or 0),
    )


def _share(total: Dim | None, size: object, value: Value | None, rounded: Callable[[float], int]) -> Dim | None:
    """The rows of one part where they are known: an int that was given, or a share of a known number."""
    if isinstance(size, bool) or size is None:
        return None
    if isinstance(size, int):
        return size
    if isinstance(size, float):
        return rounded(total * size) if isinstance(total, int) else None
    dim = as_dim(value) if value is not None else None
    return as_size(dim)


def _rows(call: Call, value: Value, rows: Dim, which: str) -> Value:
    """Some rows of an array, or some items of a list."""
    if isinstance(value, Ref) and value.kind == "list" or isinstance(value, Sequence):
        sequence = call.sequence(value)
        element = generalise_all(elements(sequence)) if sequence is not None else None
        return call.new_sequence(Sequence("list", None, rows, element))
    if not isinstance(value, Array):
        return call.unknown(which)
    array = operand(call, value)
    if not array.shape.exact:
        return derive(call, array, Shape(array.shape.dims[1:], exact=False), name=f"{array.name}_{which}")
    return derive(
        call,
        array,
        array.shape.with_axis(0, rows),
        columns=array.columns,
        range=array.range,
        name=f"{array.name}_{which}",
    )


class Splitter(Foreign):
    """A `KFold` or the like; `count` is the number of splits."""

    __slots__ = ("complete", "count")
    type_name = "sklearn.Splitter"

    def __init__(self, count: Dim | None, complete: bool) -> None:
        self.count = count
        self.complete = complete


#: Splitters by their default number of splits, and whether both parts together are all samples.
_SPLITTERS: dict[str, tuple[int | None, bool]] = {
    "KFold": (5, True),
    "StratifiedKFold": (5, True),
    "GroupKFold": (5, True),
    "RepeatedKFold": (None, True),
    "RepeatedStratifiedKFold": (None, True),
    "LeaveOneOut": (None, True),
    "TimeSeriesSplit": (5, False),
    "ShuffleSplit": (10, False),
    "StratifiedShuffleSplit": (10, False),
    "GroupShuffleSplit": (5, False),
}


@model(*(f"sklearn.model_selection.{name}" for name in _SPLITTERS))
def splitter(call: Call, n_splits: Value | None = None) -> Value:
    """A splitter.  (Its default number of splits depends on the version.)"""
    default, complete = _SPLITTERS[member(call)]
    count = call.dim(n_splits) if given(n_splits) and default is not None else None
    return Splitter(count, complete)


@model("sklearn.Splitter.split")
def split(call: Call, splitter: Value, X: Value | None = None, y: Value | None = None) -> Value:
    """Pairs of index arrays, for training and test."""
    if not isinstance(splitter, Splitter):
        return call.unknown()
    total = _length(call, X) if X is not None else None
    train = call.symbol("len(train)", lower=1)
    test = total - train if splitter.complete and total is not None else call.symbol("len(test)", lower=1)
    indices = [make(call, Shape((dim,)), dtype="int64", range=Range(0, None, integral=True)) for dim in (train, test)]
    return Sequence("iterator", None, splitter.count, tuple_of(*indices))


@model("sklearn.Splitter.get_n_splits")
def get_n_splits(call: Call, splitter: Value) -> Value:
    """The number of splits."""
    return call.integer(splitter.count if isinstance(splitter, Splitter) else None)


@model("sklearn.utils.shuffle", "sklearn.utils.resample")
def shuffle(call: Call, *arrays: Value, n_samples: Value | None = None) -> Value:
    """The same arrays in another order; a list of them when there are several."""
    if call.open_args or not arrays:
        return call.unknown()
    total = _common_length(call, arrays)
    rows = call.dim(n_samples) if given(n_samples) else total
    number = call.symbol("n_samples") if rows is None else rows
    made = [_rows(call, value, number, "shuffled") for value in arrays]
    return made[0] if len(made) == 1 else call.new_list(made)


# --- transformers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transformer:
    """What a transformer object holds.

    `family` decides what comes out, `fitted` is the width that it was fitted with, `width` that of its output,
    `classes` the number of classes that it found, `limits` those of the values of the data it was fitted with,
    `name` the class (nothing where an argument changes what it does to shapes).
    """

    family: str
    fitted: Dim | None = None
    width: Dim | None = None
    classes: Dim | None = None
    limits: Range | None = None
    sparse: bool | None = False
    name: str = ""
    labels: tuple[Const, ...] | None = None


Output: TypeAlias = Callable[[Call, Transformer, Array], Array]

#: The classes of each family.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "scaler": (
        "preprocessing.StandardScaler", "preprocessing.MinMaxScaler", "preprocessing.RobustScaler",
        "preprocessing.MaxAbsScaler", "preprocessing.Normalizer", "preprocessing.QuantileTransformer",
        "preprocessing.PowerTransformer", "preprocessing.Binarizer", "preprocessing.OrdinalEncoder",
        "feature_extraction.text.TfidfTransformer",
    ),
    "labels": ("preprocessing.LabelEncoder",),
    "binarizer": ("preprocessing.LabelBinarizer", "preprocessing.MultiLabelBinarizer"),
    "one_hot": ("preprocessing.OneHotEncoder",),
    "reducer": (
        "decomposition.PCA", "decomposition.KernelPCA", "decomposition.FastICA", "decomposition.TruncatedSVD",
        "decomposition.NMF", "decomposition.IncrementalPCA", "decomposition.SparsePCA", "manifold.TSNE",
        "manifold.Isomap",
        "feature_selection.SelectKBest", "preprocessing.PolynomialFeatures", "impute.SimpleImputer",
        "impute.KNNImputer",
        "preprocessing.Imputer", "feature_selection.VarianceThreshold", "feature_selection.SelectFromModel",
    ),
    "vectorizer": (
        "feature_extraction.text.TfidfVectorizer", "feature_extraction.text.CountVectorizer",
        "feature_extraction.text.HashingVectorizer",
    ),
}  # fmt: skip

_FAMILY_OF = {f"sklearn.{name}": family for family, names in _FAMILIES.items() for name in names}

#: The argument that sets the width of the output.
_WIDTHS = {"SelectKBest": "k", "HashingVectorizer": "n_features"}


@model(*_FAMILY_OF)
def transformer(call: Call, *args: Value) -> Value:
    """A transformer, not yet fitted."""
    name = member(call)
    family = next((family for full, family in _FAMILY_OF.items() if full.endswith(f".{name}")), "scaler")
    asked = call.keywords.get(_WIDTHS.get(name, "n_components"))
    if asked is None and args and family == "reducer" and name != "SelectKBest":
        asked = args[0]
    plain = isinstance(asked, Const) and isinstance(asked.value, int) and not isinstance(asked.value, bool)
    width = as_size(as_dim(asked)) if asked is not None and (plain or not isinstance(asked, Const)) else None
    if name in ("PolynomialFeatures", "SimpleImputer", "KNNImputer", "Imputer"):
        width = None
    limits = _feature_range(call, args) if name == "MinMaxScaler" else _STANDARD if name == "StandardScaler" else None
    switched = (
        any(
            word.startswith(("with_", "drop", "categories", "max_categories", "min_frequency"))
            for word in call.keywords
        )
        or call.open_keywords
    )
    made = Transformer(family, None, width, None, limits, _is_sparse(call, family), "" if switched else name)
    return call.new_object("sklearn.Transformer", made)


def _is_sparse(call: Call, family: str) -> bool | None:
    """Whether the output is a sparse matrix; None: not known."""
    if family != "one_hot":
        return family == "vectorizer"
    for word in ("sparse", "sparse_output"):
        if word in call.keywords:
            value = flag(call, call.keywords[word])
            return None if value is UNCLEAR else bool(value)
    return True


#: Scaled to mean 0, so that there are numbers on both sides of it.
_STANDARD = Range(spans=(-1e-9, 1e-9))


def _feature_range(call: Call, args: tuple[Value, ...]) -> Range | None:
    """The limits that a MinMaxScaler gives the values of the data it is fitted with."""
    asked = call.keywords.get("feature_range", args[0] if args else None)
    if asked is None:
        return Range(0, 1, spans=(0, 1))
    items = call.items(asked)
    bounds = [call.constant(item) for item in items] if items is not None else []
    if len(bounds) != 2 or not all(isinstance(b, (int, float)) for b in bounds):
        return None
    return Range(bounds[0], bounds[1], spans=(bounds[0], bounds[1]))


def payload_of(call: Call, transformer: Value) -> Transformer | None:
    """What a transformer object holds."""
    found = call.payload(transformer)
    return found if isinstance(found, Transformer) else None


def _data(call: Call, value: Value | None) -> Array:
    """The data that a transformer is given; texts in a list are rows."""
    array = as_array(call, value)
    if array is not None and (array.shape.exact or array.shape.dims):
        return array
    length = _length(call, value) if value is not None else None
    if array is None or length is None:
        return array or operand(call, value)
    return array


@model("sklearn.Transformer.fit", "sklearn.Transformer.partial_fit")
def fit(call: Call, transformer: Value, X: Value | None = None) -> Value:
    """The transformer itself, which now knows the width and the classes of the data."""
    payload = payload_of(call, transformer)
    if payload is not None:
        data = _data(call, X)
        note_transform(call, payload.name, None, data)
        call.set_payload(transformer, _fitted(call, payload, data))
    return transformer


def _fitted(call: Call, payload: Transformer, data: Array) -> Transformer:
    seen = data.shape.dims[1] if data.shape.rank == 2 else None
    made = replace(payload, fitted=seen)
    labels = distinct_items(call, data) if seen in (None, 1) else None
    if labels is not None and payload.name in ("LabelEncoder", "LabelBinarizer", "OneHotEncoder"):
        return _of_labels(made, labels)
    if payload.family in ("labels", "binarizer", "one_hot"):
        made = replace(made, classes=symbol("classes", fresh_key(), lower=1))
    if payload.family in ("binarizer", "one_hot", "vectorizer", "reducer") and payload.width is None:
        # Of two classes a binarizer makes one column, so its width is not the number of classes.
        least = 2 if payload.name in ("OneHotEncoder", "MultiLabelBinarizer") else 1  # docs/assumptions.md
        name = f"{call.interpreter.target_name or 'output'}.shape[1]"
        made = replace(made, width=symbol(name, fresh_key(), lower=least))
    return made


def _of_labels(payload: Transformer, labels: tuple[Const, ...]) -> Transformer:
    """A transformer fitted with labels that stand in the program: a class for each that differs.

    Source: sklearn.preprocessing.LabelBinarizer (of two classes one column), OneHotEncoder.
    """
    count = len(labels)
    made = replace(payload, classes=count, labels=labels)
    if payload.name == "LabelBinarizer":
        return replace(made, width=1 if count == 2 else count)
    if payload.name == "OneHotEncoder":
        return replace(made, width=count)
    return made


@model("sklearn.Transformer.transform")
def transform(call: Call, transformer: Value, X: Value | None = None) -> Value:
    """The data transformed: an ndarray (or a sparse matrix) with as many rows."""
    payload = payload_of(call, transformer)
    if payload is None:
        return call.unknown()
    data = _data(call, X)
    note_transform(call, payload.name, payload.fitted, data)
    made = _OUTPUTS[payload.family](call, payload, data)
    if payload.limits is None or not payload.name:
        return made
    # Other data than those of the fit may lie outside of its limits.
    return derive(call, made, made.shape, range=Range(spans=payload.limits.spans), shape_ident=made.shape_ident)


@model("sklearn.Transformer.fit_transform")
def fit_transform(call: Call, transformer: Value, X: Value | None = None) -> Value:
    """`fit` and `transform` at once."""
    payload = payload_of(call, transformer)
    if payload is None:
        return call.unknown()
    data = _data(call, X)
    note_transform(call, payload.name, None, data)
    fitted = _fitted(call, payload, data)
    call.set_payload(transformer, fitted)
    made = _OUTPUTS[fitted.family](call, fitted, data)
    return derive(call, made, made.shape, range=fitted.limits, shape_ident=made.shape_ident) if fitted.limits else made


@model("sklearn.Transformer.inverse_transform")
def inverse_transform(call: Call, transformer: Value, X: Value | None = None) -> Value:
    """Back again: the width with which the transformer was fitted (labels: one for each row)."""
    payload = payload_of(call, transformer)
    data = _data(call, X)
    if payload is None:
        return call.unknown()
    note_transform(call, payload.name, payload.fitted, data, back=True)
    if payload.family == "scaler":
        back = alike(call, data, kind=NDARRAY, dtype="float64", columns=None)
        return mark_predicted(call, back) if is_predicted(call, data) else back
    rows = leading(data)
    if payload.family in ("labels", "binarizer"):
        return make(call, Shape((rows,)), dtype=None)
    return make(call, Shape((rows, payload.fitted)) if payload.fitted is not None else UNKNOWN_SHAPE, dtype=None)


def _scaled(call: Call, payload: Transformer, data: Array) -> Array:
    return alike(call, data, kind=NDARRAY, dtype="float64", columns=None)


def _labelled(call: Call, payload: Transformer, data: Array) -> Array:
    count = payload.classes
    values = Range(0, count - 1 if isinstance(count, int) else None, integral=True)
    made = make(call, Shape((leading(data),)), dtype="int64", range=values)
    if payload.labels is None or payload.labels != distinct_items(call, data):
        return made
    return replace(made, range=replace(values, reached=True))


#: Those that give whole numbers unless asked for others.
_COUNTING = ("LabelBinarizer", "MultiLabelBinarizer", "CountVectorizer")


def _widened(call: Call, payload: Transformer, data: Array) -> Array:
    """Rows as before, and the width of the transformer."""
    width = call.symbol("{}.shape[1]", lower=1) if payload.width is None else payload.width
    if payload.sparse is None:
        return make(call, UNKNOWN_SHAPE)
    values = Range(0, 1, integral=True) if payload.family in ("binarizer", "one_hot") else None
    if payload.family == "one_hot" and payload.fitted == 1:
        values = Range(0, 1, integral=True, one_hot=True)
    dtype = "int64" if payload.name in _COUNTING else "float64"
    return make(call, Shape((leading(data), width)), SPARSE if payload.sparse else NDARRAY, dtype, range=values)


_OUTPUTS: dict[str, Output] = {
    "scaler": _scaled,
    "labels": _labelled,
    "binarizer": _widened,
    "one_hot": _widened,
    "reducer": _widened,
    "vectorizer": _widened,
}


@attribute("sklearn.Transformer.classes_")
def classes(call: Call, transformer: Value) -> Value:
    """The classes found."""
    payload = payload_of(call, transformer)
    length = payload.classes if payload is not None else None
    made = make(call, Shape((call.symbol("classes", lower=1) if length is None else length,)))
    if payload is None or payload.labels is None:
        return made
    return note_items(call, replace(made, dtype="str"), payload.labels)


@model("sklearn.Transformer.set_params", "sklearn.Transformer.set_output")
def reconfigured(call: Call, transformer: Value) -> Value:
    """Its results are not followed any more."""
    call.set_payload(transformer, None) if isinstance(transformer, Ref) else None
    return transformer


@model(f"{SPARSE}.toarray", f"{SPARSE}.todense")
def to_array(call: Call, matrix: Value) -> Value:
    """The same numbers as an ndarray."""
    found = operand(call, matrix)
    return alike(call, found, kind=NDARRAY, range=found.range)


@attribute(f"{SPARSE}.A")
def to_array_attribute(call: Call, matrix: Value) -> Value:
    """As `toarray()`."""
    return to_array(call, matrix)


@model(*(f"sklearn.preprocessing.{name}" for name in (
    "scale", "minmax_scale", "normalize", "maxabs_scale", "robust_scale", "power_transform", "quantile_transform",
)))  # fmt: skip
def scale(call: Call, X: Value | None = None) -> Value:
    """Scaled data: of the same shape."""
    return alike(call, operand(call, X), kind=NDARRAY, dtype="float64", columns=None)


@model("sklearn.preprocessing.label_binarize")
def label_binarize(call: Call, y: Value | None = None, classes: Value | None = None) -> Value:
    """A column for each class; of two classes one column."""
    count = _length(call, classes) if classes is not None else None
    width = call.symbol("{}.shape[1]", lower=1) if not isinstance(count, int) else 1 if count == 2 else count
    return make(call, Shape((leading(operand(call, y)), width)), dtype="int64", range=Range(0, 1, integral=True))


# --- weights ---------------------------------------------------------------------------------------------------------


@model("sklearn.utils.class_weight.compute_class_weight")
def compute_class_weight(call: Call, *args: Value) -> Value:
    """A weight for each class."""
    return make(call, Shape((call.symbol("classes", lower=1),)), dtype="float64")


@model("sklearn.utils.class_weight.compute_sample_weight")
def compute_sample_weight(call: Call, class_weight: Value | None = None, y: Value | None = None) -> Value:
    """A weight for each sample."""
    return make(call, Shape((leading(operand(call, y)),)), dtype="float64")
