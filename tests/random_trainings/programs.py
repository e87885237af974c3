"""Programs that train a small model, drawn at random: model, data, loss, metrics, entry point, batches.

Sizes are few and small, so that accidents happen (a batch of as many rows as there are steps, a last batch of one row).
Every statement stands on one line: the line that raises is the line that a finding is due for.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from lstmlint.keras.versions import Version

Dims = tuple[int, ...]

ELEMENTWISE = [
    "mse", "mae", "mean_squared_error", "mape", "msle", "poisson", "kl_divergence", "cosine_similarity", "huber", "log_cosh",
    "hinge", "squared_hinge", "categorical_hinge",
]  # fmt: skip
CLASSES = {
    "mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "huber": "Huber", "log_cosh": "LogCosh", "hinge": "Hinge",
    "poisson": "Poisson", "cosine_similarity": "CosineSimilarity", "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy", "binary_crossentropy": "BinaryCrossentropy",
    "kl_divergence": "KLDivergence", "squared_hinge": "SquaredHinge", "categorical_hinge": "CategoricalHinge",
}  # fmt: skip
CROSSENTROPIES = ["categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy"]

USER_FUNCTION = """def own_loss(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)
"""
USER_CLASS = """class OwnLoss(losses.Loss):
    def call(self, y_true, y_pred):
        return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)
"""


@dataclass
class Program:
    """What is drawn so far."""

    rng: random.Random
    version: Version
    lines: list[str] = field(default_factory=list)
    helpers: list[str] = field(default_factory=list)
    #: The rows of each batch, where a layer keeps its state.
    batch: int | None = None

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def add(self, line: str) -> None:
        self.lines.append(line)


def program(rng: random.Random, version: Version = Version.K3) -> str:
    """The source of one program."""
    made = Program(rng, version)
    inputs, outputs = _model(made)
    losses = [_loss_name(made, output) for output in outputs]
    names = [_loss(made, loss) for loss in losses]
    rows = rng.randint(3, 12)
    if made.batch is not None and made.maybe(0.7):
        rows = made.batch * rng.choice([1, 2, 3])
    if made.batch is None and len(outputs) == len(inputs) == 1 and made.maybe(0.12):
        _by_hand(made, rows, inputs[0], outputs[0], losses[0])
    else:
        _compile(made, names, losses)
        _train(made, rows, inputs, outputs, losses)
    package = "keras" if version is Version.K3 else "tensorflow.keras"
    head = [
        "import numpy as np",
        *(["import pandas as pd"] if version is Version.K3 else []),
        "import tensorflow as tf",
        f"from {package} import Input, Model, Sequential, layers, losses, metrics, utils",
    ]
    return "\n".join([*head, *made.helpers, *made.lines]) + "\n"


# --- the model -------------------------------------------------------------------------------------------------------


def _model(made: Program) -> tuple[list[Dims], list[Dims]]:
    """The declared shapes of inputs, and the shapes of outputs, both without the batch."""
    rng = made.rng
    steps, features = rng.choice([1, 2, 3, 3, 4, 5]), rng.choice([1, 1, 2, 3])
    shape: Dims = (steps, features) if made.maybe(0.8) else (features,)
    if len(shape) == 2 and made.maybe(0.12):
        return _stateful(made, shape)
    if made.maybe(0.65):
        body, output = _stack(made, shape)
        made.add(f"model = Sequential([{', '.join([f'Input(shape={shape})', *body])}])")
        return [shape], [output]
    if made.maybe(0.3):
        other = (rng.choice([1, 2, 3]),)
        made.add(f"first, second = Input(shape={shape}, name='first'), Input(shape={other}, name='second')")
        body, output = _stack(made, shape, rank=1)
        made.add(f"hidden = {_applied(body, 'first')}")
        units, head = _head(made)
        made.add(f"model = Model([first, second], {head}(layers.Concatenate()([hidden, second])))")
        return [shape, other], [(units,)]
    made.add(f"first = Input(shape={shape}, name='first')")
    if made.maybe(0.35):
        body, output = _stack(made, shape)
        made.add(f"model = Model(first, {_applied(body, 'first')})")
        return [shape], [output]
    (left, one), (right, two) = _stack(made, shape, name="left"), _stack(made, shape, name="right")
    made.add(f"left, right = {_applied(left, 'first')}, {_applied(right, 'first')}")
    made.add("model = Model(first, [left, right])")
    return [shape], [one, two]


def _stateful(made: Program, shape: Dims) -> tuple[list[Dims], list[Dims]]:
    """A model whose layer keeps its state from batch to batch, so that all batches are to have one size."""
    rng = made.rng
    made.batch = rng.choice([1, 2, 3, 4])
    kind, units, keeps = rng.choice(["LSTM", "GRU", "SimpleRNN"]), rng.choice([2, 3]), made.maybe(0.4)
    body = [f"layers.{kind}({units}{', return_sequences=True' if keeps else ''}, stateful=True)"]
    if keeps and made.maybe(0.3):
        body.append(f"layers.LSTM({units}, stateful=True)")
        keeps = False
    size, head = _head(made)
    source = f"Input(batch_shape={(made.batch, *shape)})"
    if made.maybe(0.6):
        made.add(f"model = Sequential([{', '.join([source, *body, head])}])")
    else:
        made.add(f"first = {source}")
        made.add(f"model = Model(first, {_applied([*body, head], 'first')})")
    return [shape], [(*shape[:1], size) if keeps else (size,)]


def _applied(body: list[str], source: str) -> str:
    for layer in body:
        source = f"{layer}({source})"
    return source


def _stack(made: Program, shape: Dims, rank: int | None = None, name: str | None = None) -> tuple[list[str], Dims]:
    """Layers over an input of that shape, and the shape of what comes out."""
    rng, body = made.rng, []
    if len(shape) == 2:
        wanted = rank or rng.choice([1, 1, 2])
        kind = rng.choice(["LSTM", "GRU", "SimpleRNN", "Conv1D", "Flatten", "none"])
        if kind == "Conv1D":
            body.append("layers.Conv1D(3, 1)")
            shape = (shape[0], 3)
            kind = "none"
        if kind == "Flatten" or (kind == "none" and wanted == 1):
            body.append("layers.Flatten()" if made.maybe(0.5) else "layers.GlobalAveragePooling1D()")
            shape = (shape[0] * shape[1],) if body[-1] == "layers.Flatten()" else (shape[1],)
        elif kind != "none":
            units = rng.choice([2, 3])
            flag = ", return_sequences=True" if wanted == 2 else ""
            body.append(f"layers.{kind}({units}{flag})")
            shape = (shape[0], units) if wanted == 2 else (units,)
    if made.maybe(0.15) and len(shape) == 1:
        steps = rng.choice([1, 2, 3])
        body.append(f"layers.RepeatVector({steps})")
        shape = (steps, *shape)
    if rank is not None and len(shape) != rank:
        body.append("layers.Flatten()")
        shape = (shape[0] * shape[1],)
    units, head = _head(made, name)
    if made.maybe(0.1) and len(shape) == 2:
        head = f"layers.TimeDistributed({_head(made)[1]})" if name is None else head
        units = int(head.split("Dense(")[1].split(",")[0].split(")")[0])
    body.append(head)
    return body, (*shape[:-1], units)


def _head(made: Program, name: str | None = None) -> tuple[int, str]:
    units = made.rng.choice([1, 1, 2, 3, 4])
    activation = made.rng.choice(["", "", ", activation='sigmoid'", ", activation='tanh'"])
    if units > 1 and made.maybe(0.4):
        activation = ", activation='softmax'"
    return units, f"layers.Dense({units}{activation}{f', name={name!r}' if name else ''})"


# --- losses ----------------------------------------------------------------------------------------------------------


def _loss_name(made: Program, output: Dims) -> str:
    if made.maybe(0.5):
        return made.rng.choice([*CROSSENTROPIES, "sparse_categorical_crossentropy"])
    if made.maybe(0.25):
        return made.rng.choice(["own_loss", "OwnLoss()"])
    return made.rng.choice(ELEMENTWISE)


def _loss(made: Program, name: str) -> str:
    """The loss as an expression."""
    if name == "own_loss":
        made.helpers = list(dict.fromkeys([*made.helpers, USER_FUNCTION.rstrip()]))
        return name
    if name == "OwnLoss()":
        made.helpers = list(dict.fromkeys([*made.helpers, USER_CLASS.rstrip()]))
        return name
    if name in CLASSES and made.maybe(0.4):
        logits = "from_logits=True" if name in CROSSENTROPIES and made.maybe(0.4) else ""
        reduction = made.rng.choice(["", "", "reduction='sum'"])
        return f"losses.{CLASSES[name]}({', '.join(filter(None, [logits, reduction]))})"
    if name in (*CROSSENTROPIES, "mean_squared_error", "kl_divergence", "hinge") and made.maybe(0.2):
        return f"losses.{name}"
    return repr(name)


def _compile(made: Program, names: list[str], losses: list[str]) -> None:
    loss = names[0]
    if len(names) == 2:
        loss = made.rng.choice([f"[{', '.join(names)}]", f"{{'left': {names[0]}, 'right': {names[1]}}}", names[0]])
        if loss == names[0]:
            losses[1] = losses[0]
    weights = ", loss_weights=[1.0, 0.5]" if len(names) == 2 and loss[0] != "{" and made.maybe(0.2) else ""
    metric = _metrics(made) if len(names) == 1 and made.maybe(0.4) else ""
    made.add(f"model.compile(optimizer='sgd', loss={loss}{weights}{metric})")


_METRICS = [
    "'accuracy'", "'accuracy'", "'acc'", "'mae'", "'mse'", "'binary_accuracy'", "'categorical_accuracy'",
    "'sparse_categorical_accuracy'", "metrics.Precision()", "metrics.Recall()", "metrics.AUC()",
    "metrics.MeanAbsoluteError()", "metrics.RootMeanSquaredError()", "metrics.CategoricalAccuracy()",
    "metrics.SparseCategoricalAccuracy()", "metrics.BinaryAccuracy()",
]  # fmt: skip


def _metrics(made: Program) -> str:
    argument = "weighted_metrics" if made.version is Version.K3 and made.maybe(0.15) else "metrics"
    return f", {argument}=[{made.rng.choice(_METRICS)}]"


# --- data ------------------------------------------------------------------------------------------------------------


def _right_target(made: Program, output: Dims, loss: str) -> Dims:
    if loss == "sparse_categorical_crossentropy":
        return output[:-1] if made.maybe(0.7) else (*output[:-1], 1)
    if output[-1] == 1 and made.maybe(0.5):
        return output[:-1]
    return output


def _target(made: Program, output: Dims, loss: str) -> Dims:
    """The shape of a target, without the samples."""
    right = _right_target(made, output, loss)
    return right if made.maybe(0.55) else _mutated(made, right)


def _mutated(made: Program, dims: Dims) -> Dims:
    """A shape that is a little another."""
    rng = made.rng
    how = rng.choice(["drop", "append", "change", "insert", "one"])
    if how == "drop" and dims:
        return dims[:-1]
    if how == "append":
        return (*dims, rng.choice([1, 1, 2, 3]))
    if how == "insert":
        return (rng.choice([1, 2, 3]), *dims)
    if how == "one" and dims:
        return (*dims[:-1], 1)
    if dims:
        place = rng.randrange(len(dims))
        return (*dims[:place], rng.choice([1, 2, 3, 4, 5]), *dims[place + 1 :])
    return (rng.choice([1, 2, 3]),)


def _values(shape: Dims, *, labels: bool) -> str:
    """An array as an expression: labels are all 0, so that they are within every range."""
    return f"np.zeros({shape}, dtype='int64')" if labels else f"np.random.random_sample({shape}).astype('float32')"


def _held(made: Program, expression: str, shape: Dims, name: str) -> str:
    """The expression for an array of that shape, in one of the things that hold data."""
    kinds = ["array"] * 10 + ["tensor", "tensor", "list"]
    if len(shape) <= 2 and made.version is Version.K3:
        kinds += ["Series" if len(shape) == 1 else "DataFrame"] * 3
    if name == "x":
        kinds += ["object"]
    kind = made.rng.choice(kinds)
    if kind == "tensor":
        return f"tf.constant({expression})"
    if kind == "list":
        return f"{expression}.tolist()"
    if kind == "object":
        return f"{expression}.astype('object')"
    return expression if kind == "array" else f"pd.{kind}({expression})"


def _rows(made: Program, rows: int, share: float = 0.03) -> int:
    return rows + made.rng.choice([-1, 1]) if made.maybe(share) else rows


def _data(
    made: Program,
    rows: int,
    inputs: list[Dims],
    outputs: list[Dims],
    losses: list[str],
    suffix: str = "",
    *,
    plain: bool = False,
) -> tuple[str, str]:
    """Lines that make x and y; returns the expressions for them."""
    xs, ys = [], []
    for index, dims in enumerate(inputs):
        shape = (_rows(made, rows), *(_mutated(made, dims) if made.maybe(0.12) else dims))
        value = _values(shape, labels=False)
        made.add(f"x{index}{suffix} = {value if plain else _held(made, value, shape, 'x')}")
        xs.append(f"x{index}{suffix}")
    for index, (dims, loss) in enumerate(zip(outputs, losses)):
        shape = (_rows(made, rows), *_target(made, dims, loss))
        value = _values(
            shape, labels=loss == "sparse_categorical_crossentropy" or (loss in CROSSENTROPIES and made.maybe(0.3))
        )
        made.add(f"y{index}{suffix} = {value if plain else _held(made, value, shape, 'y')}")
        ys.append(f"y{index}{suffix}")
    return _joined(made, xs, ["first", "second"]), _joined(made, ys, ["left", "right"])


def _joined(made: Program, parts: list[str], names: list[str]) -> str:
    if len(parts) == 1 and made.version is not Version.K3:
        return parts[0]  # tf.keras has words of its own for a metric and a list of one target
    if len(parts) == 1:
        if made.maybe(0.02):
            return f"[{parts[0]}, {parts[0]}]"
        return f"[{parts[0]}]" if made.maybe(0.03) else parts[0]
    pairs = list(zip(names, parts))
    if made.maybe(0.3):
        if made.maybe(0.1):
            pairs[1] = ("other", pairs[1][1])
        return "{" + ", ".join(f"{name!r}: {part}" for name, part in pairs) + "}"
    if made.maybe(0.06):
        return parts[0]
    return f"[{', '.join(parts)}]" if made.maybe(0.8) else f"({', '.join(parts)})"


# --- training --------------------------------------------------------------------------------------------------------


def _train(made: Program, rows: int, inputs: list[Dims], outputs: list[Dims], losses: list[str]) -> None:
    rng = made.rng
    size = rng.choice([1, 2, 3, 4, 5, 6, 8, 32])
    if made.batch is not None and made.maybe(0.7):
        size = made.batch
    entry = rng.choices(
        ["fit", "evaluate", "train_on_batch", "test_on_batch", "dataset", "generator", "PyDataset", "predict"],
        [10, 3, 2, 1, 3, 2, 1, 1],
    )[0]
    if entry in ("dataset", "generator", "PyDataset"):
        _streamed(made, entry, rows, size, inputs, outputs, losses)
        return
    if entry.endswith("on_batch") and made.batch is not None and made.maybe(0.7):
        rows = made.batch
    x, y = _data(made, rows, inputs, outputs, losses, plain=entry.endswith("on_batch"))
    if entry == "predict":
        made.add(f"model.predict({x}, batch_size={size}, verbose=0)")
    elif entry.endswith("on_batch"):
        made.add(f"model.{entry}({x}, {y})")
    else:
        batch = f", batch_size={size}" if made.maybe(0.8) else ""
        extra = _weights(made, rows, outputs, losses, entry)
        if entry == "fit":
            extra += _validation(made, rows, inputs, outputs, losses)
            extra += f", steps_per_epoch={rng.choice([1, 2])}" if made.maybe(0.06) else ""
            extra += ", shuffle=False" if made.batch is not None and made.maybe(0.5) else ""
        made.add(f"model.{entry}({x}, {y}{batch}, verbose=0{extra})")


def _weights(made: Program, rows: int, outputs: list[Dims], losses: list[str], entry: str) -> str:
    """Weights of samples or of classes, for losses of which it is known what they leave."""
    if len(outputs) > 1 or losses[0] in ("own_loss", "OwnLoss()"):
        return ""
    if made.maybe(0.1):
        return f", sample_weight={_weight(made, rows, outputs[0])}"
    if entry == "fit" and made.maybe(0.08):
        weights = ["{0: 1.0, 1: 2.0}", "{0: 1.0, 1: 2.0, 2: 0.5}", "{0: 1.0, 2: 0.5}", "[1.0, 2.0]", "'balanced'"]
        return f", class_weight={made.rng.choice(weights)}"
    return ""


def _weight(made: Program, rows: int, output: Dims) -> str:
    if made.version is Version.K3 and len(output) == 2 and made.maybe(0.5):
        return f"np.ones(({rows}, {output[0]}))"
    return f"np.ones({rows})"


def _validation(made: Program, rows: int, inputs: list[Dims], outputs: list[Dims], losses: list[str]) -> str:
    if made.maybe(0.1):
        return f", validation_split={made.rng.choice([0.2, 0.5])}"
    if not made.maybe(0.2):
        return ""
    if made.maybe(0.2):
        return f", validation_data={_dataset(made, made.rng.randint(2, 6), 2, inputs, outputs, losses, '_val')}"
    x, y = _data(made, made.rng.randint(1, 6), inputs, outputs, losses, "_val")
    return f", validation_data=({x}, {y})"


def _pair(x: str, y: str) -> str:
    """Input and target as a stream gives them: lists are taken for arrays there."""
    x, y = (f"({part[1:-1]},)" if part.startswith("[") and "," not in part else part for part in (x, y))
    x, y = (f"({part[1:-1]})" if part.startswith("[") else part for part in (x, y))
    return f"{x}, {y}"


def _dataset(
    made: Program, rows: int, size: int, inputs: list[Dims], outputs: list[Dims], losses: list[str], suffix: str = ""
) -> str:
    pair = _pair(*_data(made, rows, inputs, outputs, losses, suffix, plain=True))
    made.add(f"data{suffix} = tf.data.Dataset.from_tensor_slices(({pair})).batch({size})")
    return f"data{suffix}"


def _streamed(
    made: Program, entry: str, rows: int, size: int, inputs: list[Dims], outputs: list[Dims], losses: list[str]
) -> None:
    """Data that come in batches."""
    rng = made.rng
    if entry != "dataset" and made.batch is not None and made.maybe(0.7):
        rows = made.batch
    parts = _pair(*_data(made, rows, inputs, outputs, losses, plain=True))
    is_weighted = len(outputs) == 1 and losses[0] not in ("own_loss", "OwnLoss()") and made.maybe(0.08)
    if is_weighted:
        parts += f", {_weight(made, rows, outputs[0])}"
    method = "fit" if made.maybe(0.8) else "evaluate"
    steps = "steps_per_epoch" if method == "fit" else "steps"
    if entry == "dataset":
        again = ".shuffle(8)" if made.maybe(0.1) else ""
        batched = f".batch({size}{', drop_remainder=True' if made.maybe(0.3) else ''})" if made.maybe(0.9) else ""
        endless = made.maybe(0.15)
        made.add(
            f"data = tf.data.Dataset.from_tensor_slices(({parts})){again}{batched}{'.repeat()' if endless else ''}"
        )
        made.add(f"model.{method}(data{f', {steps}={rng.choice([1, 2, 3])}' if endless else ''}, verbose=0)")
    elif entry == "generator":
        made.add("def batches():")
        made.add("    while True:")
        made.add(f"        yield {parts}")
        made.add(f"model.{method}(batches(), {steps}={rng.choice([1, 2])}, verbose=0)")
    else:
        base = "utils.PyDataset" if made.version is Version.K3 else "utils.Sequence"
        made.add(f"class Batches({base}):")
        made.add("    def __len__(self):")
        made.add("        return 2")
        made.add("    def __getitem__(self, index):")
        made.add(f"        return {parts}")
        made.add(f"model.{method}(Batches(), verbose=0)")


def _by_hand(made: Program, rows: int, shape: Dims, output: Dims, loss: str) -> None:
    """A step of training as a program writes it itself; its own arithmetic on data is no matter of Keras's."""
    loss = "mse" if loss == "own_loss" else loss
    dims = _mutated(made, shape) if made.maybe(0.1) else shape
    made.add(f"x = tf.constant({_values((rows, *dims), labels=False)})")
    target = (_rows(made, rows), *_target(made, output, loss))
    made.add(f"y = tf.constant({_values(target, labels=loss == 'sparse_categorical_crossentropy')})")
    name = (
        loss
        if loss in ("own_loss", "OwnLoss()")
        else f"losses.{CLASSES[loss]}()"
        if loss in CLASSES
        else "losses.MeanSquaredError()"
    )
    if loss in (*CROSSENTROPIES, "mean_squared_error", "kl_divergence", "hinge") and made.maybe(0.4):
        name = f"losses.{loss}"
    made.add(f"compare = {name}")
    made.add("with tf.GradientTape() as tape:")
    made.add("    predicted = model(x, training=True)")
    made.add("    value = compare(y, predicted)")
    made.add("gradients = tape.gradient(value, model.trainable_variables)")
