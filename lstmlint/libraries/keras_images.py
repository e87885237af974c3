"""Keras's tools for pictures and texts in folders: generators of batches, data sets, single pictures."""

from __future__ import annotations

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import NONE, Const, Foreign, Text, Value, element_ident, from_dim, tuple_of
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import NDARRAY, TENSOR, Array, Range, alike, as_array, derive, leading, make
from lstmlint.libraries.dtypes import dtype_of
from lstmlint.libraries.keras_data import BATCHES, Batches
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import attribute, model
from lstmlint.libraries.tensorflow_data import Dataset, divisor, last_smaller
from lstmlint.shapes.dims import Dim, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape

MAKER = "keras.preprocessing.image.ImageDataGenerator"
ITERATOR = "keras.preprocessing.image.Iterator"

#: What nobody models for such an iterator is that of any object that gives batches (`len`, indexing, iteration).
BASES: dict[str, str] = {ITERATOR: BATCHES}

_CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


# --- batches of pictures ---------------------------------------------------------------------------------------------


@model(MAKER)
def image_generator(call: Call) -> Value:
    """An object that makes batches of changed pictures."""
    return call.new_object(MAKER, None)


@model(f"{MAKER}.fit")
def fit_generator_to(call: Call, self: Value) -> Value:
    """What it learns of the data changes no shapes."""
    return NONE


@model(f"{MAKER}.flow")
def flow(
    call: Call,
    self: Value,
    x: Value | None = None,
    y: Value | None = None,
    batch_size: Value | None = None,
    shuffle: Value | None = None,
    sample_weight: Value | None = None,
) -> Value:
    """Batches of the pictures of an array.  Shapes: x (n, …), y (n, …) -> x (batch, …), y (batch, …).

    Source: keras.preprocessing.image.ImageDataGenerator.flow.
    """
    pictures = as_array(call, x) if isinstance(x, Array) else None
    labels = as_array(call, y) if given(y) else None
    if pictures is None or (given(y) and labels is None) or given(sample_weight) or call.open_keywords:
        return call.unknown()
    rows = call.symbol("samples", lower=1) if given(call.keywords.get("subset")) else leading(pictures)
    parts = [
        None if part is None else derive(call, part, _with_rows(part.shape, rows), kind=NDARRAY, range=values)
        for part, values in ((pictures, None), (labels, labels.range if labels is not None else None))
    ]
    first = parts[0]
    assert first is not None
    return call.new_object(
        ITERATOR, Batches(replace(first, dtype="float32"), parts[1], divisor(batch_size or Const(32)))
    )


def _with_rows(shape: Shape, rows: Dim) -> Shape:
    return Shape((rows, *shape.dims[1:])) if shape.exact and shape.dims else UNKNOWN_SHAPE


@model(f"{MAKER}.flow_from_directory", f"{MAKER}.flow_from_dataframe")
def flow_from(
    call: Call,
    self: Value,
    target_size: Value | None = None,
    color_mode: Value | None = None,
    classes: Value | None = None,
    class_mode: Value | None = None,
    batch_size: Value | None = None,
) -> Value:
    """Batches of the pictures of a folder, or of files named in a frame; targets as `class_mode` says.

    Shapes: x (batch, height, width, channels), y (batch, classes) or (batch,).
    Source: keras.preprocessing.image.ImageDataGenerator.flow_from_directory.
    """
    keywords = call.keywords
    if call.open_keywords or call.open_args or len(call.args) > 4:
        return call.unknown()  # after the folder, or the frame and the folder, arguments go by their names
    rows = call.symbol("samples", lower=1)
    size, colors = keywords.get("target_size"), keywords.get("color_mode")
    x = make(call, Shape((rows, *_picture(call, size, colors))), NDARRAY, "float32")
    mode = call.constant(keywords.get("class_mode"), None if "class_mode" in keywords else "categorical")
    unclear = "class_mode" in keywords and not isinstance(keywords["class_mode"], Const)
    count = _class_count(call, keywords.get("classes"))
    if unclear or mode not in ("categorical", "binary", "sparse", "input", None):
        return call.unknown()
    y = x if mode == "input" else _labels(call, rows, mode, count, "float32")
    return call.new_object(ITERATOR, Batches(x, y, divisor(keywords.get("batch_size") or Const(32))))


def _picture(call: Call, size: Value | None, colors: Value | None) -> tuple[Dim, ...]:
    """Height, width and channels of a picture that is read."""
    sides = call.dims(size) if given(size) else (256, 256)
    names = ("height", "width")
    if sides is None or len(sides) != len(names):
        sides = (None, None)
    named = [call.symbol(name, lower=1) if side is None else side for side, name in zip(sides, names)]
    mode = call.constant(colors, None) if given(colors) else "rgb"
    return (*named, _CHANNELS[mode] if mode in _CHANNELS else call.symbol("channels", lower=1))


def _class_count(call: Call, names: Value | None) -> Dim:
    """The number of classes: of the names given, else of the folders, of which there are at least two."""
    found = call.sequence(names) if given(names) else None
    return found.length if found is not None and found.length is not None else call.symbol("classes", lower=2)


def _labels(call: Call, rows: Dim, mode: object, count: Dim, dtype: str) -> Array | None:
    """Targets for pictures or texts: one-hot rows, numbers of classes, 0 and 1, or none."""
    if mode == "categorical":
        return make(call, Shape((rows, count)), NDARRAY, "float32", range=Range(0, 1, integral=True, one_hot=True))
    if mode == "binary":
        return make(call, Shape((rows,)), NDARRAY, dtype, range=Range(0, 1, integral=True))
    high = count - 1 if isinstance(count, int) else None
    return None if mode is None else make(call, Shape((rows,)), NDARRAY, dtype, range=Range(0, high, integral=True))


@attribute(f"{ITERATOR}.samples", f"{ITERATOR}.n")
def sample_count(call: Call, self: Value) -> Value:
    """How many pictures there are."""
    found = call.payload(self)
    return from_dim(leading(found.x)) if isinstance(found, Batches) else call.unknown(number="int")


@attribute(f"{ITERATOR}.batch_size")
def size_of_batches(call: Call, self: Value) -> Value:
    """How many pictures a batch has."""
    found = call.payload(self)
    return from_dim(found.batch_size if isinstance(found, Batches) else None)


@attribute(f"{ITERATOR}.num_classes")
def class_count(call: Call, self: Value) -> Value:
    """How many folders there are."""
    return from_dim(_classes_of(call, self))


def _classes_of(call: Call, iterator: Value) -> Dim:
    found = call.payload(iterator)
    y = found.y if isinstance(found, Batches) else None
    if y is not None and y.shape.rank == 2 and y.shape.dims[1] is not None:
        return y.shape.dims[1]
    return call.symbol("classes", lower=1) if y is None else symbol("classes", ("classes", y.ident), lower=1)


@attribute(f"{ITERATOR}.class_indices")
def class_indices(call: Call, self: Value) -> Value:
    """The number of each class by its name."""
    number = from_dim(symbol("index", element_ident("distinct"), lower=0))
    words = DictObject({}, Text(element_ident("distinct")), number, _classes_of(call, self))
    return call.interpreter.allocate(words, "dict")


@attribute(f"{ITERATOR}.classes", f"{ITERATOR}.labels")
def class_of_each(call: Call, self: Value) -> Value:
    """The number of each picture's class."""
    found = call.payload(self)
    if not isinstance(found, Batches):
        return call.unknown()
    return make(call, Shape((leading(found.x),)), NDARRAY, "int32", range=Range(0, None, integral=True))


@model(f"{ITERATOR}.next", f"{ITERATOR}.__next__")
def next_batch(call: Call, self: Value) -> Value:
    """One batch."""
    return call.interpreter.subscript(self, Const(0), call.site)


# --- data sets of folders --------------------------------------------------------------------------------------------


@model(
    "keras.utils.image_dataset_from_directory", "keras.preprocessing.image_dataset_from_directory",
    "keras.preprocessing.image_dataset.image_dataset_from_directory",
    "keras.utils.text_dataset_from_directory", "keras.preprocessing.text_dataset_from_directory",
)  # fmt: skip
def dataset_from_directory(
    call: Call,
    directory: Value | None = None,
    labels: Value | None = None,
    label_mode: Value | None = None,
) -> Value:
    """A data set of batches of pictures (or texts) and labels; two of them with `subset="both"`.

    Shapes: (batch, height, width, channels) or (batch,), labels (batch,), (batch, 1) or (batch, classes).
    Source: keras.utils.image_dataset_from_directory, text_dataset_from_directory.
    """
    keywords = call.keywords
    if call.open_keywords or call.open_args or len(call.args) > 3 or given(keywords.get("data_format")):
        return call.unknown()
    mode = "int" if label_mode is None else call.constant(label_mode, "?")
    if mode not in ("int", "binary", "categorical", None) or (labels is not None and labels != Const("inferred")):
        return call.unknown()
    whole = "batch_size" in keywords and not given(keywords["batch_size"])
    size = None if whole else divisor(keywords.get("batch_size") or Const(32))
    count = _class_count(call, keywords.get("class_names"))
    both = call.constant(keywords.get("subset")) == "both"
    made = [_folder(call, mode, count, size, whole=whole) for _ in range(2 if both else 1)]
    return tuple_of(*made) if both else made[0]


def _folder(call: Call, mode: object, count: Dim, size: Dim | None, *, whole: bool) -> Dataset:
    """The data set of a folder; `whole`: it is not cut in batches."""
    rows = last_smaller(size)
    if "text" in member(call):
        x = make(call, Shape((rows,)), TENSOR, "str")
    else:
        picture = _picture(call, call.keywords.get("image_size"), call.keywords.get("color_mode"))
        x = make(call, Shape((rows, *picture)), TENSOR, "float32", range=Range(0, 255))
    y = _labels(call, rows, "sparse" if mode == "int" else mode, count, "int32")
    if y is not None and mode == "binary":
        y = derive(call, y, Shape((rows, 1)), dtype="float32", range=y.range)
    parts = [replace(part, kind=TENSOR) for part in (x, y) if part is not None]
    if whole:
        parts = [derive(call, part, part.shape.drop(0), range=part.range) for part in parts]
    return Dataset(parts[0] if len(parts) == 1 else tuple_of(*parts), None, size)


# --- single pictures -------------------------------------------------------------------------------------------------


class Picture:
    """A picture that was read: `size` its height and width where they were asked for."""

    __slots__ = ("shape",)

    def __init__(self, shape: tuple[Dim, ...]) -> None:
        self.shape = shape


PICTURE = "keras.preprocessing.image.Picture"


@model("keras.utils.load_img", "keras.preprocessing.image.load_img")
def load_img(
    call: Call,
    path: Value | None = None,
    color_mode: Value | None = None,
    grayscale: Value | None = None,
    target_size: Value | None = None,
) -> Value:
    """A picture of a file, in the size asked for."""
    keywords = call.keywords
    if len(call.args) > 1 or call.open_keywords or given(keywords.get("grayscale")):
        return call.unknown()
    sides = call.dims(keywords.get("target_size")) if given(keywords.get("target_size")) else (None, None)
    if sides is None or len(sides) != 2:
        sides = (None, None)
    size = tuple_of(*(from_dim(call.symbol("side", lower=1) if side is None else side) for side in sides))
    return call.new_object(PICTURE, Picture(_picture(call, size, keywords.get("color_mode"))))


@model("keras.utils.img_to_array", "keras.preprocessing.image.img_to_array")
def img_to_array(
    call: Call, img: Value | None = None, data_format: Value | None = None, dtype: Value | None = None
) -> Value:
    """The picture as an array.  Shapes: (height, width, channels)."""
    found = call.payload(img) if img is not None else None
    kind = dtype_of(dtype, "float32")
    if given(data_format):
        return call.unknown()
    if isinstance(found, Picture):
        return make(call, Shape(found.shape), NDARRAY, kind, range=Range(0, 255))
    array = as_array(call, img) if isinstance(img, Array) else None
    if array is not None and array.shape.rank == 3:
        return alike(call, array, kind=NDARRAY, dtype=kind, range=array.range)
    return make(
        call, Shape(tuple(call.symbol(side, lower=1) for side in ("height", "width", "channels"))), NDARRAY, kind
    )


_NETWORKS = (
    "vgg16", "vgg19", "resnet", "resnet50", "resnet_v2", "inception_v3", "inception_resnet_v2", "xception", "mobilenet",
    "mobilenet_v2", "mobilenet_v3", "densenet", "nasnet", "efficientnet", "efficientnet_v2", "convnext", "imagenet_utils",
)  # fmt: skip


@model(*(f"keras.applications.{name}.preprocess_input" for name in _NETWORKS))
def preprocess_input(call: Call, x: Value | None = None) -> Value:
    """Pictures with other values: of the same shape."""
    found = as_array(call, x) if isinstance(x, Array) else None
    if found is not None:
        return alike(call, found, dtype="float32")
    return x if isinstance(x, Foreign) and x.type == "keras.KerasTensor" else call.unknown()
