"""Keras's tools for data: labels as one-hot rows, padded sequences, windows of time series, and its data sets."""

from __future__ import annotations

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Ref,
    Sequence,
    Text,
    Value,
    as_dim,
    element_ident,
    from_dim,
    tuple_of,
)
from lstmlint.keras.versions import Version
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import (
    NDARRAY,
    TENSOR,
    Array,
    Range,
    alike,
    as_array,
    cover,
    covers_limits,
    derive,
    leading,
    make,
)
from lstmlint.libraries.dtypes import dtype_of
from lstmlint.libraries.keras_calls import note_keywords
from lstmlint.libraries.keras_values import clear_names, version_of
from lstmlint.libraries.python_values import length_of, member, members, shortest, spelled
from lstmlint.libraries.registry import attribute, model
from lstmlint.libraries.tensorflow_data import Dataset, divisor, last_smaller
from lstmlint.shapes.dims import Answer, Dim, at_most, ceil_div, divisible, equal, minimum, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape, same
from lstmlint.source import tree

#: The dtype of an array of lists of ints, which differ in length (the texts of `imdb`).
INT_LISTS = "list[int]"

BASES: dict[str, str] = {"keras.preprocessing.sequence.TimeseriesGenerator": "keras.utils.Sequence.batches"}

# --- labels ----------------------------------------------------------------------------------------------------------


@model(
    "keras.utils.to_categorical", "keras.utils.np_utils.to_categorical", "keras.utils.numerical_utils.to_categorical",
)  # fmt: skip
def to_categorical(
    call: Call,
    y: Value | None = None,
    num_classes: Value | None = None,
    dtype: Value | None = None,
    x: Value | None = None,
    nb_classes: Value | None = None,
) -> Value:
    """One-hot rows.  Shapes: (N,) or (N, 1) -> (N, classes), (N, t) -> (N, t, classes).

    Unknown: the rank, where the last dim may be 1.  Source: keras.utils.to_categorical of 2.2, 2.15 and 3.
    """
    note_keywords(call, "utils.to_categorical")
    given_labels = y if y is not None else x
    found = as_array(call, given_labels)
    if found is None or isinstance(given_labels, Const):
        return call.unknown()
    classes = num_classes if num_classes is not None else nb_classes
    count = as_dim(classes) if classes is not None and given(classes) else _greatest_plus_one(found)
    if count is None:
        count = call.symbol("num_classes")
    newest = version_of(call) is Version.K3
    kind = TENSOR if found.kind == TENSOR and newest else NDARRAY
    default = "float64" if newest and kind == NDARRAY else "float32"
    values = Range(0, 1, integral=True, one_hot=True)
    return make(call, _categorical_shape(found.shape, count), kind, dtype_of(dtype, default), range=values)


def _greatest_plus_one(found: Array) -> Dim:
    """The number of classes when none is given: the same for the same labels, of which there are at least two."""
    if found.range is not None and found.range.high is not None and covers_limits(found):
        return int(found.range.high) + 1
    return symbol(f"max({found.name}) + 1", ("max + 1", found.ident), lower=2)


def _categorical_shape(labels: Shape, count: Dim) -> Shape:
    if not labels.exact:
        return Shape((count,), exact=False)
    if len(labels.dims) < 2:
        return Shape((*labels.dims, count))
    last = labels.dims[-1]
    answer = Answer.CANNOT_KNOW if last is None else equal(last, 1)
    if answer is Answer.CANNOT_KNOW:
        return Shape((count,), exact=False)
    return Shape((*(labels.dims[:-1] if answer is Answer.YES else labels.dims), count))


@model("keras.utils.normalize", "keras.utils.np_utils.normalize")
def normalize(call: Call, x: Value) -> Value:
    """Each row divided by its length."""
    found = as_array(call, x)
    return call.unknown() if found is None else alike(call, found, kind=NDARRAY, dtype="float64")


# --- sequences -------------------------------------------------------------------------------------------------------


@model(
    "keras.preprocessing.sequence.pad_sequences", "keras.utils.pad_sequences",
    "keras.utils.sequence_utils.pad_sequences",
)  # fmt: skip
def pad_sequences(
    call: Call,
    sequences: Value,
    maxlen: Value | None = None,
    dtype: Value | None = None,
    padding: Value | None = None,
    truncating: Value | None = None,
    value: Value | None = None,
) -> Value:
    """Sequences of one length.  Shapes: N sequences of (length, …) -> (N, maxlen, …).

    Unknown: the rank, where it is not known what the sequences hold.
    """
    kind = dtype_of(dtype, "int32")
    found = _sequences(call, sequences)
    if found is None:
        return make(call, UNKNOWN_SHAPE, NDARRAY, kind)
    length = as_dim(maxlen) if maxlen is not None and given(maxlen) else found.longest
    if length is None:
        length = symbol(f"max(len(s) for s in {spelled(call)})", None)
    count = found.count if found.count is not None else symbol(f"len({spelled(call)})", None)
    shape = UNKNOWN_SHAPE if found.each is None else Shape((count, length, *found.each.dims))
    made = make(call, shape, NDARRAY, kind)
    if (value is not None and value != Const(0)) or found.range is None:
        return made
    whole = found.range.reached and found.longest is not None and at_most(found.longest, length) is Answer.YES
    low = None if found.range.low is None else min(found.range.low, 0)
    return replace(made, range=replace(found.range, low=low, reached=whole))


@dataclass(frozen=True, slots=True)
class _Sequences:
    """`count` sequences of at most `longest` steps of the shape `each` (None: not known)."""

    count: Dim | None
    longest: Dim | None
    each: Shape | None
    range: Range | None = None


def _sequences(call: Call, value: Value) -> _Sequences | None:
    if isinstance(value, Array):
        found = as_array(call, value)
        assert found is not None
        if found.dtype == INT_LISTS and found.shape.rank == 1:
            return _Sequences(leading(found), None, Shape(()), found.range)
        if not found.shape.exact or len(found.shape.dims) < 2:
            return _Sequences(leading(found), None, None)
        dims = found.shape.dims
        return _Sequences(leading(found), dims[1], Shape(dims[2:]), found.range)
    content = call.sequence(value) if isinstance(value, (Ref, Sequence)) else None
    if content is None:
        return None
    arrays = [as_array(call, item) for item in members(content)]
    known = [array for array in arrays if array is not None and array.shape.exact and array.shape.dims]
    if len(known) < len(arrays) or not known:
        return _Sequences(content.length, None, None)
    each = Shape(known[0].shape.dims[1:])
    if any(same(each, Shape(array.shape.dims[1:])) is not Answer.YES for array in known):
        return _Sequences(content.length, None, None)
    longest = [array.shape.dims[0] for array in known]
    most = max((dim for dim in longest if isinstance(dim, int)), default=None)
    exact = content.items is not None and all(isinstance(dim, int) for dim in longest)
    values = known[0].range
    for array in known[1:]:
        values = cover(values, array.range)
    if values is not None and exact and all(array.range is not None and array.range.reached for array in known):
        values = replace(values, reached=True)
    return _Sequences(content.length, most if exact else None, each, values)


# --- texts -----------------------------------------------------------------------------------------------------------

TOKENIZER = "keras.preprocessing.text.Tokenizer"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A Tokenizer: its `num_words` (NONE without), and its dicts once it is fitted."""

    num_words: Value
    word_index: Value = NONE
    index_word: Value = NONE


@model(TOKENIZER)
def tokenizer(call: Call, num_words: Value | None = None, nb_words: Value | None = None) -> Value:
    """A tokenizer that has seen nothing."""
    return call.new_object(TOKENIZER, Tokens(num_words or nb_words or NONE))


@model(f"{TOKENIZER}.fit_on_texts", f"{TOKENIZER}.fit_on_sequences")
def fit_on_texts(call: Call, self: Value) -> Value:
    """A vocabulary of unknown size."""
    found = call.payload(self)
    if isinstance(found, Tokens):
        length = symbol(f"len({_receiver(call)}.word_index)", None, lower=1)
        word: Value = Text(element_ident("distinct"))
        number: Value = from_dim(symbol("index", element_ident("distinct"), lower=1))
        run = call.interpreter
        words = run.allocate(DictObject({}, word, number, length), "dict")
        numbers = run.allocate(DictObject({}, number, word, length), "dict")
        call.set_payload(self, replace(found, word_index=words, index_word=numbers))
    return NONE


def _receiver(call: Call) -> str:
    """The variable whose method is called."""
    node = call.site.node
    owner = node.func.value if isinstance(node, tree.Call) and isinstance(node.func, tree.Attribute) else None
    return owner.id if isinstance(owner, tree.Name) else "tokenizer"


@model(f"{TOKENIZER}.texts_to_sequences", f"{TOKENIZER}.texts_to_sequences_generator")
def texts_to_sequences(call: Call, self: Value, texts: Value) -> Value:
    """A list of ints for each text."""
    found = call.payload(self)
    if not isinstance(found, Tokens):
        return call.unknown()
    length = symbol("len(sequence)", None)
    vocabulary = call.mapping(found.word_index) if found.num_words == NONE else None
    top = None if vocabulary is None else vocabulary.length
    number = from_dim(symbol("index", element_ident(top=top), lower=1, upper=_most(found)))
    return call.new_sequence(Sequence("list", None, _count(call, texts), Sequence("list", None, length, number)))


def _most(found: Tokens) -> int | None:
    """The greatest index that a tokenizer gives: below `num_words`."""
    limit = as_dim(found.num_words)
    return limit - 1 if isinstance(limit, int) else None


def _count(call: Call, texts: Value) -> Dim | None:
    """How many texts there are."""
    if isinstance(texts, Array):
        return leading(texts)
    content = call.sequence(texts) if isinstance(texts, (Ref, Sequence)) else None
    if content is not None:
        return content.length
    return as_dim(length_of(call, texts))


@model(f"{TOKENIZER}.texts_to_matrix", f"{TOKENIZER}.sequences_to_matrix")
def texts_to_matrix(call: Call, self: Value, texts: Value) -> Value:
    """A row for each text.  Shapes: N texts -> (N, num_words), without `num_words` (N, len(word_index) + 1)."""
    found = call.payload(self)
    if not isinstance(found, Tokens):
        return call.unknown()
    words = as_dim(found.num_words) if given(found.num_words) else None
    vocabulary = call.mapping(found.word_index)
    if words is None and vocabulary is not None and vocabulary.length is not None:
        words = vocabulary.length + 1
    count = _count(call, texts)
    dims = [call.symbol("len({})") if dim is None else dim for dim in (count, words)]
    return make(call, Shape(tuple(dims)), NDARRAY, "float64")


@attribute(*(f"{TOKENIZER}.{name}" for name in ("num_words", "word_index", "index_word")))
def tokenizer_attribute(call: Call, self: Value) -> Value:
    """`word_index` and `index_word` after a fit, `num_words`."""
    found = call.payload(self)
    name = member(call)
    value = getattr(found, name, None)
    return value if isinstance(value, Value) and (value != NONE or name == "num_words") else call.unknown()


@model("keras.preprocessing.text.one_hot", "keras.preprocessing.text.hashing_trick")
def hashed(call: Call, text: Value, n: Value | None = None) -> Value:
    """A list of ints, one for each word."""
    limit = as_dim(n) if n is not None else None
    upper = limit - 1 if isinstance(limit, int) else None
    top = None if limit is None else limit - 1
    number = from_dim(symbol("index", element_ident(top=top), lower=1, upper=upper))
    return call.new_sequence(Sequence("list", None, call.symbol("len({})"), number))


@model("keras.preprocessing.text.text_to_word_sequence")
def words(call: Call, text: Value) -> Value:
    """The words of a text."""
    return call.new_sequence(Sequence("list", None, call.symbol("len({})"), Text(element_ident())))


# --- windows of time series ------------------------------------------------------------------------------------------

GENERATOR = "keras.preprocessing.sequence.TimeseriesGenerator"
#: Any object that gives batches.
BATCHES = "keras.utils.Sequence.batches"


@dataclass(frozen=True, slots=True)
class Batches:
    """What a generator object gives `fit`: as if it were given `x` and `y` (None: no targets) in batches of that size.

    `x` and `y` hold all samples; the last batch may be smaller.
    """

    x: Array
    y: Array | None
    batch_size: Dim | None


@model(GENERATOR)
def timeseries_generator(
    call: Call,
    data: Value,
    targets: Value,
    length: Value,
    sampling_rate: Value | None = None,
    stride: Value | None = None,
    start_index: Value | None = None,
    end_index: Value | None = None,
    shuffle: Value | None = None,
    reverse: Value | None = None,
    batch_size: Value | None = None,
) -> Value:
    """Windows of `length` steps and the target behind each.

    Shapes: data (n, …), targets (n, …) -> x (n - length, length / sampling_rate, …), y (n - length, …).
    Source: keras_preprocessing.sequence.TimeseriesGenerator.
    """
    series, wanted = as_array(call, data), as_array(call, targets)
    window, rate = as_dim(length), divisor(sampling_rate or Const(1))
    step, start = divisor(stride or Const(1)), as_dim(start_index or Const(0))
    if series is None or wanted is None or window is None or rate is None or step is None or start is None:
        return call.unknown()
    ends = end_index is not None and given(end_index)
    last = as_dim(end_index) if ends and end_index is not None else leading(series) - 1
    count = None if last is None else (last - start - window) // step + 1
    samples = symbol("samples", None) if count is None else count
    x = _windows(call, series, samples, ceil_div(window, rate))
    y = derive(call, wanted, _rows(wanted.shape, samples), kind=NDARRAY, range=wanted.range)
    return call.new_object(GENERATOR, Batches(x, y, divisor(batch_size or Const(128))))


def _windows(call: Call, series: Array, samples: Dim, steps: Dim) -> Array:
    """Windows over the first axis."""
    rows = _rows(series.shape, samples)
    return derive(call, series, rows.insert(1, steps) if rows.exact else rows, kind=NDARRAY, range=series.range)


def _rows(shape: Shape, samples: Dim) -> Shape:
    return Shape((samples, *shape.dims[1:])) if shape.exact and shape.dims else UNKNOWN_SHAPE


@model(f"{BATCHES}.__getitem__")
def one_batch(call: Call, self: Value, index: Value) -> Value:
    """One batch: the first is full unless there are fewer samples."""
    found = call.payload(self)
    if not isinstance(found, Batches):
        return call.unknown()
    return _batch(call, found, whole=index == Const(0))


def _batch(call: Call, found: Batches, *, whole: bool) -> Value:
    samples, size = leading(found.x), found.batch_size
    full = size is not None and (whole or divisible(samples, size) is Answer.YES)
    dim = minimum(size, samples) if full and size is not None else symbol("batch", lower=1)
    parts = [part for part in (found.x, found.y) if part is not None]
    return tuple_of(*(derive(call, p, p.shape.with_axis(0, dim), range=p.range) for p in parts))


@model(f"{BATCHES}.__len__")
def batch_count(call: Call, self: Value) -> Value:
    """The number of batches."""
    found = call.payload(self)
    if not isinstance(found, Batches) or found.batch_size is None:
        return call.unknown(number="int")
    return from_dim(ceil_div(leading(found.x), found.batch_size))


@model(f"{BATCHES}.__iter__")
def batches(call: Call, self: Value) -> Value:
    """All batches."""
    found = call.payload(self)
    element = _batch(call, found, whole=False) if isinstance(found, Batches) else None
    return Sequence("iterator", None, as_dim(batch_count(call, self)), element)


@model(
    "keras.preprocessing.timeseries_dataset_from_array", "keras.utils.timeseries_dataset_from_array",
    "keras.preprocessing.timeseries.timeseries_dataset_from_array",
    "keras.preprocessing.sequence.timeseries_dataset_from_array",
)  # fmt: skip
def timeseries_dataset(
    call: Call,
    data: Value,
    targets: Value,
    sequence_length: Value,
    sequence_stride: Value | None = None,
    sampling_rate: Value | None = None,
    batch_size: Value | None = None,
    shuffle: Value | None = None,
    seed: Value | None = None,
    start_index: Value | None = None,
    end_index: Value | None = None,
) -> Value:
    """A data set of batches of windows, with targets where there are any.

    Shapes: data (n, …), targets (n, …) -> (batch, sequence_length, …), (batch, …).
    Source: keras.utils.timeseries_dataset_from_array.
    """
    series = as_array(call, data)
    wanted = as_array(call, targets) if given(targets) else None
    steps, size = as_dim(sequence_length), divisor(batch_size or Const(128))
    if series is None or steps is None or (given(targets) and wanted is None):
        return call.unknown()
    windows = _window_count(series, wanted, steps, sequence_stride, sampling_rate, start_index, end_index)
    unbatched = batch_size is not None and not given(batch_size)
    if size is None and not unbatched:
        size = call.symbol("batch_size")
    full = size is not None and windows is not None and divisible(windows, size) is Answer.YES
    front = size if full and size is not None else last_smaller(size)
    x = _windows(call, replace(series, kind=TENSOR), front, steps)
    y = None if wanted is None else derive(call, wanted, _rows(wanted.shape, front), range=wanted.range)
    parts = [replace(part, kind=TENSOR) for part in (x, y) if part is not None]
    if unbatched:
        parts = [derive(call, part, part.shape.drop(0), range=part.range) for part in parts]
        return Dataset(parts[0] if len(parts) == 1 else tuple_of(*parts), windows)
    length = None if windows is None or size is None else ceil_div(windows, size)
    return Dataset(parts[0] if len(parts) == 1 else tuple_of(*parts), length, size)


def _window_count(
    series: Array, wanted: Array | None, steps: Dim, stride: Value | None, rate: Value | None, *ends: Value | None
) -> Dim | None:
    """How many windows there are; None where it is not known."""
    every, apart = divisor(stride or Const(1)), as_dim(rate or Const(1))
    if any(end is not None and given(end) for end in ends) or every is None or apart is None:
        return None
    count = leading(series) - (steps - 1) * apart
    if wanted is not None:
        count = shortest([count, leading(wanted)]) or count
    return ceil_div(count, every)


# --- data sets -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Data:
    """Shapes and dtypes of the training and test samples of a data set, and the greatest label."""

    train: int
    test: int
    sample: tuple[int, ...]
    label: tuple[int, ...] = ()
    dtype: str = "uint8"
    label_dtype: str = "uint8"
    labels: int | None = None


#: So many of the most frequent words surely occur in the texts of a data set.
_COMMON_WORDS = 20000

#: What `load_data()` gives.  Source: the pages of `keras.datasets` and the files themselves.
_DATA: dict[str, _Data] = {
    "mnist": _Data(60000, 10000, (28, 28), labels=9),
    "fashion_mnist": _Data(60000, 10000, (28, 28), labels=9),
    "cifar10": _Data(50000, 10000, (32, 32, 3), (1,), labels=9),
    "cifar100": _Data(50000, 10000, (32, 32, 3), (1,), label_dtype="int64", labels=99),
    "imdb": _Data(25000, 25000, (), dtype=INT_LISTS, label_dtype="int64", labels=1),
    "reuters": _Data(8982, 2246, (), dtype=INT_LISTS, label_dtype="int64", labels=45),
    "boston_housing": _Data(404, 102, (13,), dtype="float64", label_dtype="float64"),
    "california_housing": _Data(16512, 4128, (8,), dtype="float32", label_dtype="float32"),
}


@model(*(f"keras.datasets.{name}.load_data" for name in _DATA))
def load_data(call: Call, *args: Value) -> Value:
    """`(x_train, y_train), (x_test, y_test)`."""
    name = call.name.split(".")[-2]
    data = _DATA[name]
    sizes: list[Dim] = [data.train, data.test]
    texts = data.dtype == INT_LISTS
    if (
        call.open_keywords
        or call.open_args
        or (texts and given(call.keywords.get("maxlen")))
        or "test_split" in call.keywords
        or (name == "california_housing" and (args or "version" in call.keywords))
    ):
        sizes = [symbol("len(x_train)", None, lower=1), symbol("len(x_test)", None)]
    return tuple_of(*(tuple_of(*_load(call, data, size)) for size in sizes))


def _load(call: Call, data: _Data, size: Dim) -> list[Value]:
    x_range = Range(0, 255, integral=True) if data.dtype == "uint8" else None
    if data.dtype == INT_LISTS:
        limit = as_dim(call.keywords.get("num_words") or call.keywords.get("nb_words") or NONE)
        x_range = Range(0, limit - 1 if isinstance(limit, int) else None, integral=True)
        if isinstance(limit, int) and limit <= _COMMON_WORDS:
            x_range = replace(x_range, spans=(0, limit - 1))
    y_range = None if data.labels is None else Range(0, data.labels, integral=True)
    ragged = data.dtype == INT_LISTS
    x = make(call, Shape((size, *data.sample)), NDARRAY, data.dtype, range=x_range, ragged=ragged)
    if data.dtype == "uint8" and x_range is not None:
        x = replace(x, range=replace(x_range, reached=True))
    y = make(call, Shape((size, *data.label)), NDARRAY, data.label_dtype, range=y_range)
    if data.labels is not None and y_range is not None:
        y = replace(y, range=replace(y_range, reached=True, spans=(0, data.labels)))
    return [x, y]


@model("keras.datasets.imdb.get_word_index", "keras.datasets.reuters.get_word_index")
def get_word_index(call: Call, path: Value | None = None) -> Value:
    """The index of each word."""
    length = 88584 if ".imdb." in call.name else 30979
    number = from_dim(symbol("index", element_ident("distinct"), lower=1, upper=length))
    return call.interpreter.allocate(DictObject({}, Text(element_ident("distinct")), number, length), "dict")


# --- settings --------------------------------------------------------------------------------------------------------


@model("keras.backend.clear_session", "keras.utils.clear_session")
def clear_session(call: Call) -> Value:
    clear_names(call)
    return NONE


@model(
    "keras.backend.set_floatx", "keras.backend.set_epsilon", "keras.config.set_floatx",
    "keras.backend.set_session",
    "keras.backend.set_learning_phase", "keras.utils.set_random_seed",
    "keras.config.set_epsilon", "keras.config.set_dtype_policy",
    "keras.mixed_precision.set_global_policy", "keras.backend.manual_variable_initialization",
    "keras.backend.set_value", "keras.config.disable_interactive_logging",
    "keras.config.enable_interactive_logging", "keras.utils.disable_interactive_logging",
)  # fmt: skip
def to_none(call: Call, *args: Value) -> Value:
    """Settings, which change no values."""
    return NONE


_SETTINGS: dict[str, Value] = {
    "image_data_format": Const("channels_last"), "floatx": Const("float32"), "epsilon": Const(1e-7),
}  # fmt: skip


@model(*(f"keras.{module}.{name}" for name in ("floatx", "epsilon") for module in ("backend", "config")))
def setting(call: Call) -> Value:
    """A setting as it is when nobody changes it."""
    return _SETTINGS[call.name.rpartition(".")[2]]


_ORDERINGS = {"th": "channels_first", "tf": "channels_last"}


@model(
    "keras.backend.set_image_data_format", "keras.config.set_image_data_format", "keras.backend.set_image_dim_ordering"
)
def set_data_format(call: Call, data_format: Value | None = None) -> Value:
    """The data format of layers made from here on; under an open condition it is not known any more."""
    word = call.constant(data_format)
    word = _ORDERINGS.get(word, word) if isinstance(word, str) else None
    call.interpreter.set_option("image_data_format", Const(word) if word is not None else call.unknown())
    return NONE


@model("keras.backend.image_data_format", "keras.config.image_data_format")
def data_format_set(call: Call) -> Value:
    """The data format of layers that name none."""
    return call.interpreter.options.get("image_data_format", _SETTINGS["image_data_format"])


@model("keras.backend.image_dim_ordering")
def dim_ordering(call: Call) -> Value:
    """The same in the words of Keras 1."""
    found = call.constant(data_format_set(call))
    return (
        Const({word: old for old, word in _ORDERINGS.items()}[found])
        if found in _ORDERINGS.values()
        else call.unknown()
    )


@model("keras.utils.get_file", "keras.utils.data_utils.get_file")
def get_file(call: Call, fname: Value | None = None) -> Value:
    """The path of a downloaded file."""
    return Text(element_ident())
