"""Operations on tensors and `tf.data`: shapes and dtypes, and the same for real."""

from __future__ import annotations

import pytest
from evaluation import described, really, run

IMPORTS = """
import numpy as np
import tensorflow as tf
import keras
from keras import ops
K = tf.keras.backend
a = tf.zeros((8, 10, 3))
v = tf.constant([1, 2, 3])
"""

#: Expressions, and the shape and dtype of the tensor.
OPERATIONS = {
    "tf.reshape(a, (-1, 5, 3))": "(16, 5, 3) float32",
    "tf.reshape(a, [8, -1])": "(8, 30) float32",
    "tf.reshape(a, [-1])": "(240,) float32",
    "tf.expand_dims(a, -1)": "(8, 10, 3, 1) float32",
    "tf.expand_dims(a, axis=0)": "(1, 8, 10, 3) float32",
    "tf.squeeze(tf.zeros((1, 4, 1)))": "(4,) float32",
    "tf.squeeze(tf.zeros((1, 4, 1)), axis=-1)": "(1, 4) float32",
    "tf.squeeze(tf.zeros((1, 4, 1)), [0])": "(4, 1) float32",
    "tf.transpose(a)": "(3, 10, 8) float32",
    "tf.transpose(a, perm=[0, 2, 1])": "(8, 3, 10) float32",
    "tf.reduce_mean(a)": "() float32",
    "tf.reduce_sum(a, axis=1)": "(8, 3) float32",
    "tf.reduce_max(a, axis=[0, 2])": "(10,) float32",
    "tf.reduce_mean(a, -1, keepdims=True)": "(8, 10, 1) float32",
    "tf.math.reduce_std(a, axis=0)": "(10, 3) float32",
    "tf.cast(v, tf.float32)": "(3,) float32",
    "tf.cast(v, 'float64')": "(3,) float64",
    "tf.concat([a, a], axis=1)": "(8, 20, 3) float32",
    "tf.concat((a, a), -1)": "(8, 10, 6) float32",
    "tf.stack([v, v])": "(2, 3) int32",
    "tf.stack([v, v], axis=-1)": "(3, 2) int32",
    "tf.split(a, 2, axis=1)[0]": "(8, 5, 3) float32",
    "tf.split(a, [3, 7], axis=1)[1]": "(8, 7, 3) float32",
    "tf.unstack(a, axis=1)[0]": "(8, 3) float32",
    "tf.convert_to_tensor([[1.0, 2.0]])": "(1, 2) float32",
    "tf.convert_to_tensor(np.zeros((2, 3)))": "(2, 3) float64",
    "tf.convert_to_tensor(np.zeros((2, 3)), dtype=tf.float32)": "(2, 3) float32",
    "tf.constant(3.0)": "() float32",
    "tf.constant(7, shape=(2, 2))": "(2, 2) int32",
    "tf.zeros((3, 4))": "(3, 4) float32",
    "tf.ones([2], dtype=tf.int32)": "(2,) int32",
    "tf.fill([2, 3], 9.0).shape[1]": "3",
    "tf.zeros_like(v)": "(3,) int32",
    "tf.eye(4)": "(4, 4) float32",
    "tf.random.normal((5, 2))": "(5, 2) float32",
    "tf.random.uniform(shape=[5], maxval=3, dtype=tf.int32)": "(5,) int32",
    "tf.one_hot([0, 2], 4)": "(2, 4) float32",
    "tf.one_hot(v, depth=5)": "(3, 5) float32",
    "tf.range(7)": "(7,) int32",
    "tf.range(2, 11, 3)": "(3,) int32",
    "tf.matmul(tf.zeros((2, 3)), tf.zeros((3, 5)))": "(2, 5) float32",
    "tf.matmul(tf.zeros((4, 2, 3)), tf.zeros((4, 5, 3)), transpose_b=True)": "(4, 2, 5) float32",
    "tf.zeros((2, 3)) @ tf.zeros((3, 5))": "(2, 5) float32",
    "tf.gather(a, [0, 2, 4], axis=1)": "(8, 3, 3) float32",
    "tf.gather(a, 1)": "(10, 3) float32",
    "tf.tile(a, [1, 2, 1])": "(8, 20, 3) float32",
    "tf.repeat(v, 2, axis=0)": "(6,) int32",
    "tf.pad(v, [[1, 2]])": "(6,) int32",
    "tf.argmax(a, axis=-1)": "(8, 10) int64",
    "tf.argmax(a)": "(10, 3) int64",
    "tf.nn.softmax(a)": "(8, 10, 3) float32",
    "tf.nn.relu(v)": "(3,) int32",
    "tf.square(a)": "(8, 10, 3) float32",
    "tf.abs(v)": "(3,) int32",
    "tf.add(a, 1.0)": "(8, 10, 3) float32",
    "tf.maximum(a, tf.zeros((10, 1)))": "(8, 10, 3) float32",
    "tf.equal(v, 2)": "(3,) bool",
    "tf.where(a > 0, a, tf.zeros_like(a))": "(8, 10, 3) float32",
    "tf.clip_by_value(a, 0.0, 1.0)": "(8, 10, 3) float32",
    "tf.reverse(a, [1])": "(8, 10, 3) float32",
    "tf.Variable(tf.zeros((2, 2)))[0]": "(2,) float32",
    "a[:, -1]": "(8, 3) float32",
    "a[:, 2:5, tf.newaxis]": "(8, 3, 1, 3) float32",
    "a + a[:, :1]": "(8, 10, 3) float32",
    "tf.rank(a) + 0 == 3": None,
    "tf.shape(a)[1] * 1 == 10": None,
    "a.shape[1]": "10",
    "a.shape.as_list()": "[8, 10, 3]",
    "a.get_shape()[2]": "3",
    "a.numpy()": "(8, 10, 3) float32",
    "v.dtype == tf.int32": None,
    "K.concatenate([a, a])": "(8, 10, 6) float32",
    "K.mean(a, axis=1)": "(8, 3) float32",
    "K.expand_dims(a)": "(8, 10, 3, 1) float32",
    "K.permute_dimensions(a, (0, 2, 1))": "(8, 3, 10) float32",
    "K.batch_flatten(a)": "(8, 30) float32",
    "K.flatten(a)": "(240,) float32",
    "K.repeat(tf.zeros((8, 4)), 6)": "(8, 6, 4) float32",
    "K.dot(a, tf.zeros((3, 7)))": "(8, 10, 7) float32",
    "K.argmax(a)": "(8, 10) int64",
    "ops.mean(a, axis=1, keepdims=True)": "(8, 1, 3) float32",
    "ops.concatenate([a, a], axis=-1)": "(8, 10, 6) float32",
    "ops.reshape(a, (8, 30))": "(8, 30) float32",
    "ops.expand_dims(a, 1)": "(8, 1, 10, 3) float32",
    "ops.transpose(a, (1, 0, 2))": "(10, 8, 3) float32",
    "ops.matmul(a, ops.zeros((3, 2)))": "(8, 10, 2) float32",
    "ops.swapaxes(a, 0, -1)": "(3, 10, 8) float32",
    "ops.stack([v, v], axis=1)": "(3, 2) int32",
}

BASE = "ds = tf.data.Dataset.from_tensor_slices((np.zeros((100, 10, 3)), np.zeros((100, 1))))\n"

#: Programs on data sets and the shape and dtype of `x`, from `x, y = next(iter(ds))` where there is none of its own.
DATASETS = {
    "an element": ("", "(10, 3) float64"),
    "a batch": ("ds = ds.batch(20)", "(20, 10, 3) float64"),
    "a batch that may be smaller": ("ds = ds.batch(32)", "(32, 10, 3) float64"),
    "batches without a rest": ("ds = ds.batch(32, drop_remainder=True)", "(32, 10, 3) float64"),
    "endless batches": ("ds = ds.repeat().batch(32)", "(32, 10, 3) float64"),
    "in another order": ("ds = ds.shuffle(10).cache().batch(20).prefetch(tf.data.AUTOTUNE)", "(20, 10, 3) float64"),
    "mapped": ("ds = ds.map(lambda p, q: (p[1:], q), num_parallel_calls=2).batch(20)", "(20, 9, 3) float64"),
    "mapped to one": ("ds = ds.map(lambda p, q: p).batch(20)\nx = next(iter(ds))", "(20, 10, 3) float64"),
    "mapped to a dict": ("ds = ds.map(lambda p, q: ({'p': p}, q))\nx = next(iter(ds))[0]['p']", "(10, 3) float64"),
    "batches apart": ("ds = ds.batch(20).unbatch()", "(10, 3) float64"),
    "windows": (
        ("ds = tf.data.Dataset.from_tensor_slices(np.zeros((50, 2))).window(6, shift=1, drop_remainder=True)\n"
        "ds = ds.flat_map(lambda w: w.batch(6)).map(lambda w: (w[:-1], w[-1])).batch(15)"), "(15, 5, 2) float64"),
    "a number of elements": ("x = len(ds.batch(32))", "4"),
    "a number of full batches": ("x = len(ds.batch(32, drop_remainder=True))", "3"),
    "the first ones": ("x = len(ds.take(30).batch(20))", "2"),
    "all but the first ones": ("x = len(ds.skip(30).batch(20))", "4"),
    "repeated": ("x = len(ds.repeat(3))", "300"),
    "side by side": (
        "ds = tf.data.Dataset.zip((ds, tf.data.Dataset.range(7)))\nx = len(ds)", "7"),
    "side by side, an element": (
        "ds = tf.data.Dataset.zip((ds, tf.data.Dataset.range(7)))\nx = next(iter(ds))[1]", "() int64"),
    "numbered": ("x = next(iter(ds.enumerate()))[1][0]", "(10, 3) float64"),
    "one after another": ("x = len(ds.concatenate(ds))", "200"),
    "a loop": ("for p, q in ds.batch(20):\n    x = p", "(20, 10, 3) float64"),
    "as ndarrays": ("x, y = next(ds.batch(20).as_numpy_iterator())", "(20, 10, 3) float64"),
    "a generator": (
        ("ds = tf.data.Dataset.from_generator(lambda: iter([(np.zeros((4, 2)), 1)]), output_signature=("
        "tf.TensorSpec(shape=(4, 2), dtype=tf.float32), tf.TensorSpec(shape=(), dtype=tf.int32)))"),
        "(4, 2) float32"),
    "a generator with types": (
        ("ds = tf.data.Dataset.from_generator(lambda: iter([(np.zeros((4, 2)), 1)]), (tf.float32, tf.int32), "
        "(tf.TensorShape([4, 2]), tf.TensorShape([])))"), "(4, 2) float32"),
    "a lone tensor": ("ds = tf.data.Dataset.from_tensors((np.zeros((2, 3)), 1))", "(2, 3) float64"),
}  # fmt: skip


def program_of(source: str) -> str:
    own = "x = " in source or "x, y = " in source
    return IMPORTS + BASE + source + ("" if own else "\nx, y = next(iter(ds))\n")


@pytest.mark.parametrize("expression", OPERATIONS)
def test_operations(expression: str) -> None:
    expected = OPERATIONS[expression]
    if expected is not None:
        assert run(f"{IMPORTS}\nx = {expression}").show("x") == expected


@pytest.mark.parametrize("name", DATASETS)
def test_datasets(name: str) -> None:
    source, expected = DATASETS[name]
    found = run(program_of(source)).show("x")
    # Of a batch that may be the last one the size is not known.
    assert found.replace("(batch,", f"({expected[1:].partition(',')[0]},") == expected


def test_a_size_that_may_differ_is_not_a_number() -> None:
    assert run(program_of("ds = ds.batch(32)")).show("x") == "(batch, 10, 3) float64"
    assert run(program_of("ds = ds.batch(25)")).show("x") == "(25, 10, 3) float64"


#: What is not claimed.
UNKNOWN = {
    "an operation on something unknown": ("x = tf.reshape(unknown(), (2, 3))", "?"),
    "an operation on a symbolic tensor": ("x = tf.nn.relu(keras.Input((3,))) is None", "?bool"),
    "a dim of a generator": (
        ("ds = tf.data.Dataset.from_generator(f, output_signature=tf.TensorSpec((None, 4), tf.float32))\n"
        "x = next(iter(ds)).shape[0] == next(iter(ds)).shape[1]"), "?bool"),
    "a filtered data set": ("x = ds.filter(lambda p, q: True).batch(2).cardinality()", "?int"),
    "a generator without shapes": (
        "x = next(iter(tf.data.Dataset.from_generator(f, tf.float32)))", "(…) float32"),
    "records": ("x = tf.data.TFRecordDataset('a')", "?"),
}  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known(name: str) -> None:
    source, expected = UNKNOWN[name]
    assert run(IMPORTS + BASE + source).show("x") == expected


def test_decorators_and_scopes_change_nothing() -> None:
    program = run(
        """
        import tensorflow as tf
        strategy = tf.distribute.MirroredStrategy()
        @tf.function
        def f(n):
            return n + 1
        @tf.function(reduce_retracing=True)
        def g(n):
            return n + 2
        with strategy.scope():
            with tf.GradientTape() as tape:
                x = f(1)
                y = g(1)
        """
    )
    assert (program.show("x"), program.show("y")) == ("2", "3")


@pytest.mark.parametrize(
    "expression",
    [
        "tf.reshape()", "tf.reshape(a, 'b')", "tf.reshape(a, (7, 7))", "tf.concat([a, v], 0)", "tf.concat(3, 4)",
        "tf.concat([], 0)", "tf.stack([a, v])", "tf.split(a, 0)", "tf.split(a, 'b', axis=9)", "tf.squeeze(a, axis=7)",
        "tf.expand_dims(a, 9)", "tf.transpose(a, [0, 0])", "tf.reduce_sum(a, axis=9)", "tf.matmul(a, v)", "tf.matmul()",
        "tf.one_hot(a, 'b')", "tf.range(0, 5, 0)", "tf.range('a')", "tf.zeros('a')", "tf.tile(a, 3)", "tf.pad(a, 3)",
        "tf.gather(a, 'b')", "tf.argmax(a, axis=7)", "tf.where(a)", "tf.cast()", "tf.eye('a')", "tf.unstack(3)",
        "tf.zeros(*b)", "K.repeat(a)", "ops.swapaxes(a, 5, 6)", "tf.data.Dataset.from_tensor_slices()",
        "tf.data.Dataset.from_tensor_slices(3).batch('a')", "tf.data.Dataset.from_tensor_slices([1]).batch(0)",
        "tf.data.Dataset.from_tensor_slices([1]).map(3)", "tf.data.Dataset.zip(3)", "tf.data.Dataset.range()",
        "tf.data.Dataset.range(3).window()", "tf.data.Dataset.range(3).flat_map(3)", "tf.data.Dataset.range(3).take()",
        "tf.data.Dataset.range(3).concatenate(3)", "tf.data.Dataset.from_generator()", "tf.TensorSpec('a')",
        "tf.data.Dataset.range(3).apply(3)", "tf.data.Dataset.range(3).padded_batch()",
    ],
)  # fmt: skip
def test_nothing_breaks(expression: str) -> None:
    assert run(f"{IMPORTS}x = {expression}\ny = 1").show("y") == "1"


# --- the same for real -----------------------------------------------------------------------------------------------


@pytest.mark.keras
@pytest.mark.parametrize("expression", OPERATIONS)
def test_tensorflow_agrees(expression: str) -> None:
    found = really(f"{IMPORTS}\nx = {expression}")["x"]
    assert described(found) == OPERATIONS[expression] or (OPERATIONS[expression] is None and bool(found))


@pytest.mark.keras
@pytest.mark.parametrize("name", DATASETS)
def test_tensorflow_datasets_agree(name: str) -> None:
    source, expected = DATASETS[name]
    assert described(really(program_of(source))["x"]) == expected
