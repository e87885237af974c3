"""sklearn: the data sets that come with it, and those that it makes up."""

from __future__ import annotations

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, Foreign, Sequence, Value, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, as_size, flag, given, whole
from lstmlint.libraries.arrays import Array, Range, make
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

#: Samples, features and classes (None: a regression) of the data sets that come with the package.
_DATASETS: dict[str, tuple[int, int, int | None]] = {
    "load_iris": (150, 4, 3),
    "load_digits": (1797, 64, 10),
    "load_wine": (178, 13, 3),
    "load_breast_cancer": (569, 30, 2),
    "load_diabetes": (442, 10, None),
    "load_boston": (506, 13, None),
    "fetch_california_housing": (20640, 8, None),
}

#: Samples, features and classes that the generators make unless asked for others.
_GENERATORS: dict[str, tuple[int, int, int | None]] = {
    "make_regression": (100, 100, None),
    "make_classification": (100, 20, 2),
    "make_moons": (100, 2, 2),
    "make_circles": (100, 2, 2),
    "make_blobs": (100, 2, 3),
    "make_friedman1": (100, 10, None),
}


class Bunch(Foreign):
    """A data set: `data`, `target`, `images` where it has pictures, and texts about them."""

    __slots__ = ("data", "images", "target")
    type_name = "sklearn.Bunch"

    def __init__(self, data: Array, target: Array, images: Array | None = None) -> None:
        self.data = data
        self.target = target
        self.images = images


def _samples(call: Call, rows: Dim, width: Dim, classes: int | None) -> tuple[Array, Array]:
    values = None if classes is None else Range(0, classes - 1, integral=True, spans=(0, classes - 1))
    target = make(call, Shape((rows,)), dtype="float64" if classes is None else "int64", range=values)
    return make(call, Shape((rows, width)), dtype="float64"), target


@model(*(f"sklearn.datasets.{name}" for name in _DATASETS))
def load_dataset(call: Call, return_X_y: Value | None = None) -> Value:
    """A data set of known size."""
    pair = flag(call, call.keywords.get("return_X_y"))
    if given(call.keywords.get("as_frame")) or given(call.keywords.get("n_class")) or pair is UNCLEAR:
        return call.unknown()
    data, target = _samples(call, *_DATASETS[member(call)])
    pictures = make(call, Shape((1797, 8, 8)), dtype="float64") if member(call) == "load_digits" else None
    return tuple_of(data, target) if pair else Bunch(data, target, pictures)


@model("sklearn.Bunch.__getitem__")
def bunch_item(call: Call, bunch: Value, key: Value) -> Value:
    """`bunch["data"]`."""
    name = call.constant(key)
    known = getattr(bunch, name) if isinstance(bunch, Bunch) and name in ("data", "target", "images") else None
    return known if isinstance(known, Array) else call.unknown()


@attribute("sklearn.Bunch.data", "sklearn.Bunch.target", "sklearn.Bunch.images")
def bunch_member(call: Call, bunch: Value) -> Value:
    """`bunch.data`."""
    return bunch_item(call, bunch, Const(member(call)))


@model(*(f"sklearn.datasets.{name}" for name in _GENERATORS))
def make_dataset(call: Call, n_samples: Value | None = None, n_features: Value | None = None) -> Value:
    """Made-up data of the size asked for."""
    name = member(call)
    samples, features, classes = _GENERATORS[name]
    if given(call.keywords.get("coef")) or given(call.keywords.get("return_centers")):
        return call.unknown()
    fixed = name in ("make_moons", "make_circles")
    rows = as_size(call.dim(n_samples)) if n_samples is not None else samples
    width = as_size(call.dim(n_features)) if n_features is not None and not fixed else features
    named = classes
    if classes is not None and not fixed:
        asked = call.keywords.get("n_classes" if name == "make_classification" else "centers")
        count = whole(asked, classes)
        named = count if isinstance(count, int) else None
    if rows is None or (isinstance(n_samples, Sequence)):
        rows = call.symbol("len({})")
    data, target = _samples(call, rows, call.symbol("{}.shape[1]") if width is None else width, named)
    if classes is not None and named is None:
        target = replace(target, dtype="int64")  # classes of a number that is not known
    targets = call.dim(call.keywords["n_targets"]) if "n_targets" in call.keywords else 1
    if targets != 1:
        target = make(call, Shape((rows, targets)) if isinstance(targets, int) else UNKNOWN_SHAPE, dtype="float64")
    return tuple_of(data, target)
