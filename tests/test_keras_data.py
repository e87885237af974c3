"""Keras's tools for data: what they give, by its shape and dtype, and the same for real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from evaluation import described, really, run

from lstmlint.libraries.arrays import Array, covers_limits

IMPORTS = "import numpy as np\nimport keras\nimport tensorflow as tf\n"

#: Programs and the shape and dtype of their `x`.
CASES = {
    "labels": ("x = keras.utils.to_categorical(np.array([0, 2, 1]), 3)", "(3, 3) float64"),
    "labels as a column": ("x = keras.utils.to_categorical(np.zeros((5, 1)), num_classes=4)", "(5, 4) float64"),
    "labels for each time step": ("x = keras.utils.to_categorical(np.zeros((5, 7)), 3)", "(5, 7, 3) float64"),
    "labels of a list": ("x = keras.utils.to_categorical([0, 1, 2, 1], 3)", "(4, 3) float64"),
    "labels of a tensor": ("x = keras.utils.to_categorical(tf.constant([0, 1]), 3)", "(2, 3) float32"),
    "padded to a length": (
        "x = tf.keras.utils.pad_sequences([[1, 2], [3]], maxlen=5)", "(2, 5) int32"),
    "padded to the longest": ("x = keras.utils.pad_sequences([[1, 2], [3]])", "(2, 2) int32"),
    "padded as floats": ("x = keras.utils.pad_sequences([[1.5]], dtype='float32', padding='post')", "(1, 1) float32"),
    "padded rows of features": ("x = keras.utils.pad_sequences(np.zeros((4, 6, 3)), maxlen=9)", "(4, 9, 3) int32"),
    "windows with targets": (
        ("ds = keras.utils.timeseries_dataset_from_array(np.zeros((100, 3)), np.zeros((100, 2)), 10, batch_size=13)\n"
        "x, _ = next(iter(ds))"), "(13, 10, 3) float64"),
    "targets of windows": (
        ("ds = keras.utils.timeseries_dataset_from_array(np.zeros((100, 3)), np.zeros((100, 2)), 10, batch_size=13)\n"
        "_, x = next(iter(ds))"), "(13, 2) float64"),
    "windows without targets": (
        ("ds = keras.utils.timeseries_dataset_from_array(np.zeros((41, 3)), None, sequence_length=2, batch_size=8)\n"
        "x = next(iter(ds))"), "(8, 2, 3) float64"),
    "windows without batches": (
        ("ds = keras.utils.timeseries_dataset_from_array(np.zeros((41, 3)), None, sequence_length=2, batch_size=None)\n"
        "x = next(iter(ds))"), "(2, 3) float64"),
    "the number of batches of windows": (
        ("ds = keras.utils.timeseries_dataset_from_array("
        "np.zeros((100, 3)), np.zeros((80, 2)), 10, sequence_stride=3, batch_size=8)\n"
        "x = len(ds)"), "4"),
    "normalized rows": ("x = keras.utils.normalize(np.ones((4, 3)))", "(4, 3) float64"),
    "a setting": ("x = keras.backend.image_data_format()", "'channels_last'"),
    "the type of floats": ("x = keras.backend.floatx()", "'float32'"),
    "nothing": ("x = keras.backend.clear_session()", "None"),
}  # fmt: skip

MAKER = (
    "from tensorflow.keras.preprocessing.image import ImageDataGenerator, img_to_array, load_img\n"
    "maker = ImageDataGenerator(rescale=1 / 255)\n"
)
#: Programs in a folder with pictures of two kinds, six of each, and the shapes and dtypes of `a` and `b`.
PICTURES = {
    "of an array": (
        "a, b = next(maker.flow(np.zeros((9, 8, 8, 1)), np.zeros((9, 2)), batch_size=4))",
        "(4, 8, 8, 1) float32", "(4, 2) float64"),
    "of a folder": (
        "a, b = next(maker.flow_from_directory('.', target_size=(16, 12), batch_size=5))",
        "(min(samples, 5), 16, 12, 3) float32", "(min(samples, 5), classes) float32"),
    "of two kinds": (
        "a, b = maker.flow_from_directory('.', class_mode='binary', color_mode='grayscale')[0]",
        "(min(samples, 32), 256, 256, 1) float32", "(min(samples, 32),) float32"),
    "numbered": (
        "a, b = next(maker.flow_from_directory('.', class_mode='sparse', batch_size=2))",
        "(min(samples, 2), 256, 256, 3) float32", "(min(samples, 2),) float32"),
    "their kinds": (
        ("it = maker.flow_from_directory('.', classes=['a', 'b'])\n"
        "a, b = np.zeros((it.num_classes, len(it.class_indices))), it.classes"),
        "(2, 2) float64", "(samples,) int32"),
    "a data set": (
        "a, b = next(iter(keras.utils.image_dataset_from_directory('.', image_size=(16, 12))))",
        "(batch, 16, 12, 3) float32", "(batch,) int32"),
    "a data set of classes": (
        "a, b = next(iter(keras.utils.image_dataset_from_directory('.', label_mode='categorical')))",
        "(batch, 256, 256, 3) float32", "(batch, classes) float32"),
    "a data set of two kinds": (
        "a, b = next(iter(keras.utils.image_dataset_from_directory('.', label_mode='binary', batch_size=3)))",
        "(batch, 256, 256, 3) float32", "(batch, 1) float32"),
    "two data sets": (
        ("one, two = keras.utils.image_dataset_from_directory("
        "'.', subset='both', validation_split=0.5, seed=1, batch_size=None)\na, b = next(iter(two))"),
        "(256, 256, 3) float32", "() int32"),
    "a single picture": (
        "b = load_img('a/0.png', target_size=(6, 7))\na = img_to_array(b)\nb = np.expand_dims(a, axis=0)",
        "(6, 7, 3) float32", "(1, 6, 7, 3) float32"),
}  # fmt: skip

GENERATOR = "x = TimeseriesGenerator(np.zeros((200, 3)), np.zeros((200, 2)), "
LEGACY = "from tensorflow.keras.preprocessing.sequence import TimeseriesGenerator\n"
#: Arguments of a TimeseriesGenerator, its length, and the shapes of its first batch.
GENERATORS = {
    "plain": ("length=10, batch_size=8)", "24", "(8, 10, 3)", "(8, 2)"),
    "default batches": ("length=10)", "2", "(128, 10, 3)", "(128, 2)"),
    "every other step": ("length=9, sampling_rate=2, batch_size=4)", "48", "(4, 5, 3)", "(4, 2)"),
    "every third window": ("length=10, stride=3, batch_size=8)", "8", "(8, 10, 3)", "(8, 2)"),
    "a part": ("length=10, start_index=20, end_index=99, batch_size=16)", "5", "(16, 10, 3)", "(16, 2)"),
    "fewer than a batch": ("length=190, batch_size=50)", "1", "(10, 190, 3)", "(10, 2)"),
}

TOKENS = """
from tensorflow.keras.preprocessing.text import Tokenizer
tokens = Tokenizer(num_words=50)
texts = ["a b c", "a b"]
tokens.fit_on_texts(texts)
"""

TEXTS = {
    "one list for each text": ("len(tokens.texts_to_sequences(texts))", "2"),
    "a matrix": ("tokens.texts_to_matrix(texts)", "(2, 50) float64"),
    "one vocabulary": ("len(tokens.word_index) - len(tokens.word_index)", "0"),
    "a vocabulary both ways": ("len(tokens.word_index) - len(tokens.index_word)", "0"),
    "padded texts": ("keras.utils.pad_sequences(tokens.texts_to_sequences(texts), maxlen=7)", "(2, 7) int32"),
    "the limit": ("tokens.num_words", "50"),
}

#: Shapes of the data sets; those of the training samples and labels, then of the test samples and labels.
DATA = {
    "mnist": ("(60000, 28, 28) uint8", "(60000,) uint8", "(10000, 28, 28) uint8", "(10000,) uint8"),
    "fashion_mnist": ("(60000, 28, 28) uint8", "(60000,) uint8", "(10000, 28, 28) uint8", "(10000,) uint8"),
    "cifar10": ("(50000, 32, 32, 3) uint8", "(50000, 1) uint8", "(10000, 32, 32, 3) uint8", "(10000, 1) uint8"),
    "imdb": ("(25000,) list[int]", "(25000,) int64", "(25000,) list[int]", "(25000,) int64"),
    "reuters": ("(8982,) list[int]", "(8982,) int64", "(2246,) list[int]", "(2246,) int64"),
    "boston_housing": ("(404, 13) float64", "(404,) float64", "(102, 13) float64", "(102,) float64"),
    "california_housing": ("(16512, 8) float32", "(16512,) float32", "(4128, 8) float32", "(4128,) float32"),
}

#: Programs on data that are not known, and what is known of `x`.
UNKNOWN = {
    "labels of unknown rank": ("x = keras.utils.to_categorical(np.load('y.npy'), 5)", r"\(…, 5\) float64"),
    "labels of unknown width": (
        "y = np.load('y.npy').reshape(10, width())\nx = keras.utils.to_categorical(y, 5)", r"\(…, 5\) float64"),
    "labels without a count": (
        "y = np.zeros((5,))\nx = keras.utils.to_categorical(y).shape[1] - keras.utils.to_categorical(y).shape[1]", "0"),
    "padded things": ("x = keras.utils.pad_sequences(load(), maxlen=9)", r"\(…\) int32"),
    "padded reviews": (
        "(a, b), c = keras.datasets.imdb.load_data(num_words=500)\nx = keras.utils.pad_sequences(a, maxlen=80)",
        r"\(25000, 80\) int32"),
    "some reviews": (
        "(a, b), c = keras.datasets.imdb.load_data(num_words=500)\nx = keras.utils.pad_sequences(a[:100], 80)",
        r"\(100, 80\) int32"),
    "short reviews": ("(x, b), c = keras.datasets.imdb.load_data(maxlen=50)", r"\(\(?len\(x_train\)\)?,\) list\[int\]"),
    "words of a file": (
        ("from tensorflow.keras.preprocessing.text import Tokenizer\n"
        "tokens = Tokenizer()\ntexts = open('a').read().split('.')\ntokens.fit_on_texts(texts)\n"
        "x = len(tokens.texts_to_sequences(texts)) - len(texts)"), "0"),
    "one list for a lone text": (
        ("from tensorflow.keras.preprocessing.text import Tokenizer\n"
        "tokens = Tokenizer()\ntokens.fit_on_texts(load())\nx = len(tokens.texts_to_sequences(['a'])[0]) > 0"), r"\?bool"),
    "an unfitted tokenizer": (
        "from tensorflow.keras.preprocessing.text import Tokenizer\nx = Tokenizer().word_index", r"\?"),
    "windows of a series": (
        "x, _ = next(iter(keras.utils.timeseries_dataset_from_array(load_csv(), None, 10)))", r"\?"),
    "pictures": (
        "x, _ = next(iter(keras.utils.image_dataset_from_directory('a', color_mode=load())))",
        r"\(batch, 256, 256, channels\) float32"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_shapes(name: str) -> None:
    source, expected = CASES[name]
    found = run(IMPORTS + source).show("x")
    # A batch that may be the last one has a size of its own.
    assert found == expected or re.sub(r"^\(batch", f"({expected[1:].partition(',')[0]}", found) == expected


@pytest.mark.parametrize("name", GENERATORS)
def test_generators(name: str) -> None:
    arguments, *expected = GENERATORS[name]
    program = run(f"{IMPORTS}{LEGACY}{GENERATOR}{arguments}\nn = len(x)\na, b = x[0]\nfor c, d in x:\n    break\n")
    found = [program.show("n"), *(program.show(one).removesuffix(" float64") for one in "ab")]
    assert found == expected
    assert program.show("c").rpartition(",")[0].partition(",")[2] == expected[1].rpartition(",")[0].partition(",")[2]


@pytest.mark.parametrize("name", TEXTS)
def test_texts(name: str) -> None:
    expression, expected = TEXTS[name]
    assert run(f"{IMPORTS}{TOKENS}\nx = {expression}").show("x") == expected


@pytest.mark.parametrize("name", DATA)
def test_data_sets(name: str) -> None:
    program = run(f"import keras\n(a, b), (c, d) = keras.datasets.{name}.load_data()")
    assert tuple(program.show(one) for one in "abcd") == DATA[name]


#: Values of labels and words after the way that they take to a model, and whether the limits surely occur.
VALUES = {
    "classes of a data set": (
        "(_, y), _ = keras.datasets.cifar10.load_data()\nx = keras.utils.to_categorical(y)", "(50000, 10) float64", None),
    "rows drawn at random": (
        ("from sklearn.model_selection import train_test_split\n"
        "y = np.random.randint(0, 4, 500)\nx, _ = train_test_split(y, test_size=0.2)"), "(400,) int64", (0, 3, True)),
    "few rows drawn at random": (
        ("from sklearn.model_selection import train_test_split\n"
        "y = np.random.randint(0, 4, 500)\n_, x = train_test_split(y, test_size=0.08)"), "(40,) int64", (0, 3, False)),
    "the first rows": (
        ("from sklearn.model_selection import train_test_split\n"
        "y = np.array([0] * 300 + [1] * 100)\nx, _ = train_test_split(y, test_size=0.2, shuffle=False)"),
        "(320,) int64", (0, 1, False)),
    "words of texts": (
        ("(t, _), _ = keras.datasets.imdb.load_data(num_words=5000)\nx = keras.utils.pad_sequences(t, maxlen=80)"),
        "(25000, 80) int32", (0, 4999, True)),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values(name: str) -> None:
    source, shown, limits = VALUES[name]
    program = run(IMPORTS + source)
    found = program.value("x")
    assert program.show("x") == shown
    assert isinstance(found, Array) and found.range is not None
    assert limits is None or (found.range.low, found.range.high, covers_limits(found)) == limits


#: Streams, and the shape of what a model predicts for all their batches.
PREDICTED = {
    "a data set": ("tf.data.Dataset.from_tensor_slices(np.zeros((50, 10, 3))).batch(8)", "(50, 1) float32"),
    "a data set without the rest": (
        "tf.data.Dataset.from_tensor_slices(np.zeros((50, 10, 3))).batch(8, drop_remainder=True)", "(len(x), 1) float32"),
    "windows": (
        ("tf.keras.preprocessing.sequence.TimeseriesGenerator("
        "np.zeros((100, 3)), np.zeros(100), length=10, batch_size=8)"), "(90, 1) float32"),
}  # fmt: skip


@pytest.mark.parametrize("name", PREDICTED)
def test_predictions_for_streams(name: str) -> None:
    stream, shown = PREDICTED[name]
    layers = "[keras.Input((10, 3)), keras.layers.LSTM(4), keras.layers.Dense(1)]"
    assert run(f"{IMPORTS}x = keras.Sequential({layers}).predict({stream})").show("x") == shown


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known(name: str) -> None:
    source, expected = UNKNOWN[name]
    found = run(IMPORTS + source).show("x")
    assert re.fullmatch(expected, found), found


@pytest.mark.parametrize(
    "module",
    [
        "keras.utils", "keras.utils.np_utils", "tensorflow.keras.utils", "tensorflow.python.keras.utils.np_utils",
        "tf_keras.utils",
    ],
)  # fmt: skip
def test_one_function_under_many_names(module: str) -> None:
    program = run(f"from {module} import to_categorical\nx = to_categorical([1, 2], 4)")
    assert program.show("x") == "(2, 4) float64"


@pytest.mark.parametrize("module", ["keras.preprocessing.sequence", "keras_preprocessing.sequence", "tf_keras.utils"])
def test_padding_under_many_names(module: str) -> None:
    assert run(f"from {module} import pad_sequences\nx = pad_sequences([[1]], maxlen=4)").show("x") == "(1, 4) int32"


@pytest.mark.parametrize(
    "expression",
    [
        "keras.utils.to_categorical()", "keras.utils.to_categorical('a')", "keras.utils.to_categorical(None, None)",
        "keras.utils.to_categorical([[1], [1, 2]], 'a')", "keras.utils.pad_sequences()", "keras.utils.pad_sequences(3)",
        "keras.utils.pad_sequences([3])", "keras.utils.pad_sequences([], maxlen='a')",
        "keras.preprocessing.text.Tokenizer().texts_to_sequences(3)", "keras.preprocessing.text.Tokenizer('a', *b)",
        "keras.preprocessing.text.Tokenizer().texts_to_matrix()", "keras.datasets.imdb.load_data(**b)",
        "keras.preprocessing.sequence.TimeseriesGenerator()", "keras.preprocessing.sequence.TimeseriesGenerator(3, 4, 5)",
        "keras.preprocessing.sequence.TimeseriesGenerator([1], [2], 1, stride=0)[0]",
        "keras.preprocessing.sequence.TimeseriesGenerator([1], [2], 1, batch_size=0)[0]",
        "keras.utils.timeseries_dataset_from_array()", "keras.utils.timeseries_dataset_from_array([1], None, 0, 0, 0)",
        "keras.utils.timeseries_dataset_from_array([1], [2], 3, batch_size=0)",
    ],
)  # fmt: skip
def test_nothing_breaks(expression: str) -> None:
    assert run(f"{IMPORTS}x = {expression}\ny = 1").show("y") == "1"


def test_texts_cut_into_windows() -> None:
    program = run(
        """
        import numpy as np
        from keras.utils import np_utils
        text = open("a.txt").read().lower()
        chars = sorted(list(set(text)))
        numbers = dict((c, i) for i, c in enumerate(chars))
        data, labels = [], []
        for i in range(0, len(text) - 100, 1):
            data.append([numbers[c] for c in text[i:i + 100]])
            labels.append(numbers[text[i + 100]])
        x = np.reshape(data, (len(data), 100, 1)) / float(len(chars))
        y = np_utils.to_categorical(labels, len(chars))
        """
    )
    assert program.show("x") == "(len(text) - 100, 100, 1) float64"
    assert program.show("y") == "(len(text) - 100, len(set(text))) float64"


def test_the_beginnings_of_all_lines() -> None:
    program = run(
        """
        from tensorflow.keras.preprocessing.text import Tokenizer
        from tensorflow.keras.preprocessing.sequence import pad_sequences
        tokens = Tokenizer()
        lines = open("a.txt").read().split("\\n")
        tokens.fit_on_texts(lines)
        beginnings = []
        for line in lines:
            numbers = tokens.texts_to_sequences([line])[0]
            for i in range(1, len(numbers)):
                beginnings.append(numbers[: i + 1])
        longest = max([len(b) for b in beginnings])
        padded = pad_sequences(beginnings, maxlen=longest, padding="pre")
        x, y = padded[:, :-1], padded[:, -1]
        """
    )
    assert program.show("x").endswith("longest - 1) int32")
    assert program.show("y").count(",") == 1


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name: str) -> None:
    source, *expected = PICTURES[name]
    program = run(f"{IMPORTS}{MAKER}{source}")
    assert [program.show(one) for one in "ab"] == expected


# --- the same for real -----------------------------------------------------------------------------------------------


@pytest.mark.keras
@pytest.mark.parametrize("name", CASES)
def test_keras_agrees(name: str) -> None:
    source, expected = CASES[name]
    assert described(really(IMPORTS + source)["x"]) == expected


@pytest.mark.keras
@pytest.mark.parametrize("name", GENERATORS)
def test_the_real_generator_agrees(name: str) -> None:
    arguments, *expected = GENERATORS[name]
    generator = really(f"{IMPORTS}{LEGACY}{GENERATOR}{arguments}")["x"]
    a, b = generator[0]
    assert [str(len(generator)), str(a.shape), str(b.shape)] == expected


@pytest.mark.keras
@pytest.mark.parametrize("name", TEXTS)
def test_the_real_tokenizer_agrees(name: str) -> None:
    expression, expected = TEXTS[name]
    assert described(really(f"{IMPORTS}{TOKENS}\nx = {expression}")["x"]) == expected


@pytest.mark.keras
@pytest.mark.parametrize("name", PICTURES)
def test_real_pictures_agree(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, *expected = PICTURES[name]
    pytest.importorskip("PIL")
    monkeypatch.chdir(tmp_path)
    pictures = (
        "import os\nfor kind in 'ab':\n    os.makedirs(kind)\n    for i in range(6):\n"
        "        keras.utils.save_img(f'{kind}/{i}.png', np.zeros((20, 10, 3)))\n"
    )
    names = really(f"{IMPORTS}{pictures}{MAKER}{source}")
    for one, claim in zip("ab", expected):
        pattern = re.sub(r"min\\\(samples,\\ \d+\\\)|samples|batch|classes", r"\\d+", re.escape(claim))
        assert re.fullmatch(pattern, described(names[one])), (claim, described(names[one]))
