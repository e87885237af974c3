"""TensorFlow Datasets: the elements of the data sets that tutorials use, by the name and split asked for."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import Const, Value, is_text, tuple_of
from lstmlint.libraries.array_arguments import UNCLEAR, flag, given
from lstmlint.libraries.arrays import TENSOR, Array, Range, derive, make
from lstmlint.libraries.registry import model
from lstmlint.libraries.tensorflow_data import Dataset, divisor, last_smaller, map_structure
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

#: Features by their order with `as_supervised`: name, shape (None: a size of its own for each example), dtype, the
#: greatest value.  Source: the catalog of tensorflow_datasets.
_FEATURES: dict[str, tuple[tuple[str, tuple[int | None, ...], str, int | None], ...]] = {
    "mnist": (("image", (28, 28, 1), "uint8", 255), ("label", (), "int64", 9)),
    "fashion_mnist": (("image", (28, 28, 1), "uint8", 255), ("label", (), "int64", 9)),
    "kmnist": (("image", (28, 28, 1), "uint8", 255), ("label", (), "int64", 9)),
    "cifar10": (("image", (32, 32, 3), "uint8", 255), ("label", (), "int64", 9)),
    "cifar100": (("image", (32, 32, 3), "uint8", 255), ("label", (), "int64", 99)),
    "cats_vs_dogs": (("image", (None, None, 3), "uint8", 255), ("label", (), "int64", 1)),
    "tf_flowers": (("image", (None, None, 3), "uint8", 255), ("label", (), "int64", 4)),
    "rock_paper_scissors": (("image", (300, 300, 3), "uint8", 255), ("label", (), "int64", 2)),
    "horses_or_humans": (("image", (300, 300, 3), "uint8", 255), ("label", (), "int64", 1)),
    "imdb_reviews": (("text", (), "str", None), ("label", (), "int64", 1)),
    "yelp_polarity_reviews": (("text", (), "str", None), ("label", (), "int64", 1)),
    "ag_news_subset": (("description", (), "str", None), ("label", (), "int64", 3)),
}

#: Names of data sets that give with `as_supervised` what the table says; without it they have further features.
_MORE_FEATURES = frozenset({"cifar10", "cifar100", "cats_vs_dogs", "ag_news_subset"})


@model("tensorflow_datasets.load")
def load(call: Call, name: Value | None = None, split: Value | None = None) -> Value:
    """A data set; of a list of splits a list; with `with_info` a pair of that and a description."""
    keywords = call.keywords
    supervised, informed = (flag(call, keywords.get(word)) for word in ("as_supervised", "with_info"))
    if call.open_keywords or call.open_args or len(call.args) > 2 or supervised is UNCLEAR or informed is UNCLEAR:
        return call.unknown()
    element = _element(call, call.constant(name), supervised=supervised is True)
    size = divisor(keywords["batch_size"]) if given(keywords.get("batch_size")) else None
    if given(keywords.get("batch_size")):
        element = map_structure(call, element, lambda part: _batched(call, part, size is not None and size == -1))
    data = _splits(call, split, Dataset(element, None, size))
    return tuple_of(data, call.unknown("info")) if informed else data


def _splits(call: Call, split: Value | None, data: Dataset) -> Value:
    if is_text(split):
        return data
    items = call.items(split) if given(split) else None
    return call.new_list(data for _ in items) if items is not None else call.unknown("splits")


def _batched(call: Call, part: Value, whole: bool) -> Value:
    if not isinstance(part, Array) or whole:
        return call.unknown("an element")
    return derive(call, part, part.shape.prepend([last_smaller(None)]), range=part.range)


def _element(call: Call, name: object, *, supervised: bool) -> Value:
    """A dict of the features, or a pair of input and label."""
    word = name.partition("/")[0].partition(":")[0] if isinstance(name, str) else ""
    features = _FEATURES.get(word)
    plain = isinstance(name, str) and "/" not in name
    if features is None or (word in _MORE_FEATURES and not supervised) or not plain:
        if supervised:
            return tuple_of(*(make(call, UNKNOWN_SHAPE, TENSOR) for _ in range(2)))
        return call.unknown("an element")
    tensors = []
    for what, sizes, dtype, most in features:
        dims = tuple(call.symbol(f"{what}.shape[{i}]", lower=1) if d is None else d for i, d in enumerate(sizes))
        tensors.append(make(call, Shape(dims), TENSOR, dtype, range=None if most is None else Range(0, most, True)))
    if supervised:
        return tuple_of(*tensors)
    keys = [Const(what) for what, *_ in features]
    entries = {key.key: (key, tensor) for key, tensor in zip(keys, tensors)}
    return call.interpreter.allocate(DictObject(entries), "dict")  # type: ignore[arg-type]
