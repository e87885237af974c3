"""The plan that the worker gets and the answer that it gives, both in plain data that JSON carries.

A plan is a set of *cases*.  A case is a small straight program, its *steps*: each makes one thing (a layer, a tensor, a
model) or does one thing with a model (compile, fit …), and later steps name what earlier ones made.  The worker runs the
steps of a case in order and answers each; the first that raises ends the case (what is not reached has no answer).
Nothing in a plan is code: names are looked up in Keras, and only those of `ROOTS` and `OPERATORS`.

*Claims* are what the findings say, one for each finding, in the order of the findings; `lstmlint.verify.verdicts` holds
them against the answers.  The worker does not look at them.

Only the standard library is used here, and nothing of it at run time but `typing`: the worker may be an older Python.

Values (arguments of steps) are written so:

| in the plan | in Python |
|---|---|
| null, true, a number, a string, an array | None, True, the number, the string, a list of values |
| `{"float": "nan"}` (or "inf", "-inf") | that float |
| `{"tuple": [VALUE, …]}` | a tuple |
| `{"dict": [[KEY, VALUE], …]}` | a dict |
| `{"slice": [START, STOP, STEP]}`, `{"ellipsis": true}` | a slice, `...` |
| `{"ref": ID}` | what the step of that id made |
| `{"ref": ID, "index": N}` | of several tensors (flattened, nested lists too) the one with that number |
| `{"name": NAME}` | the public thing of Keras of that qualified name (`keras.activations.relu`) |
| `{"name": NAME, "args": [VALUE, …], "kwargs": {NAME: VALUE}}` | what calling it gives (a regularizer, an optimizer) |
| `{"function": {"parameters": [ID, …], "steps": [STEP, …], "result": VALUE}}` | a function of these steps ("call", "operate") |
| `{"data": DATA}` | an array (or what the data say) |
| `{"stand_in": KIND}` | an object that is no layer: KIND "function", "object", "array" or "tensor" (a concrete one, (2, 3)) |

Data (what models are fed with) are a `Data`, an array of data (several inputs: a list), `{"dict": [[KEY, DATA], …]}`,
`{"tuple": [DATA, …]}`, or null.
"""

from __future__ import annotations

from typing import Any, TypedDict

#: The number of this format; a worker refuses plans of another one.
FORMAT = 1

#: Beginnings of the names that a plan may use.  `keras` is the Keras that is meant (in tf.keras `tensorflow.keras`).
ROOTS = (
    "keras.layers.", "keras.Input", "keras.Model", "keras.Sequential", "keras.activations.", "keras.initializers.",
    "keras.regularizers.", "keras.constraints.", "keras.losses.", "keras.metrics.", "keras.optimizers.", "keras.ops.",
    "keras.backend.", "keras.callbacks.", "tensorflow.", "operator.", "numpy.",
)  # fmt: skip

#: Functions of the standard library's `operator` that an "operate" step may call.
OPERATORS = frozenset({
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs", "eq", "ne", "lt", "le", "gt",
    "ge", "and_", "or_", "invert", "getitem",
})  # fmt: skip

#: Modules of `tensorflow` of which an "operate" step may call functions (and those of `tensorflow` itself).
TENSORFLOW_MODULES = ("math", "nn", "linalg", "image", "signal", "random")

#: Functions of `numpy` that an "operate" step never calls (and none of its modules).
NUMPY_FORBIDDEN = frozenset({
    "load", "save", "savez", "savez_compressed", "loadtxt", "savetxt", "genfromtxt", "fromfile", "memmap", "fromregex", "fromfunction",
    "frompyfunc", "vectorize", "apply_along_axis", "apply_over_axes", "piecewise", "DataSource",
})  # fmt: skip

#: Functions of `tensorflow` itself that are never called.
TENSORFLOW_FORBIDDEN = frozenset({
    "py_function", "numpy_function", "py_func", "load_op_library", "load_library", "init_scope", "function", "while_loop",
    "map_fn", "cond", "print",
})  # fmt: skip


class Data(TypedDict, total=False):
    """One array.  Units: `shape` counts elements, samples (of a batch in a stream: its rows) first.

    `kind`: "ndarray", "list" (nested Python lists), "number", "dataframe", "series", "tensor".  `dtype`: a numpy dtype, "object"
    (an array of arrays), "str".  Values lie between `low` and `high` (both taken on, at least once, where `reached`);
    `integral`: whole numbers; `one_hot`: one 1 in each row of the last axis.  Without bounds: floats between 0 and 1.
    `seed` makes the values those of every run.
    """

    shape: list[int]
    kind: str
    dtype: str | None
    low: float | None
    high: float | None
    integral: bool
    one_hot: bool
    reached: bool
    seed: int


class Stream(TypedDict):
    """Batches one by one.  `stream`: "generator", "sequence" (Keras's `Sequence` or `PyDataset`) or "dataset" (`tf.data`).

    Each batch is `[inputs]` or `[inputs, targets]`, in order; a generator begins anew at its end.
    """

    stream: str
    batches: list[list[Any]]


class Expected(TypedDict, total=False):
    """What lstmlint computed: `shapes` of the outputs, flattened (null: an axis that Keras does not know), `params` all
    parameters of the layer, `non_trainable` those of them that do not train.  What is not known is not there.
    """

    shapes: list[list[int | None]]
    params: int
    non_trainable: int


class _Step(TypedDict):
    id: str
    do: str


class Step(_Step, total=False):
    """One step.  `id` is unique in its case.  `do` says which keys it has:

    * "make": `name` (class or function of Keras), `args`, `kwargs`: calls it; the result is a layer, an input tensor, an
      optimizer … `name` may be "keras.Sequential" (and `kwargs` have its `layers`) or "keras.Model" (`inputs`, `outputs`).
    * "own": `base` ("Layer" or "Model"), `layers` (references), `function` (a value), `kwargs`: an instance of a class of its own
      that holds these layers and calls the function on its inputs.
    * "call": `callee` (id of a layer or model), `args`, `kwargs`: calls it on tensors.
    * "operate": `name` (`keras.ops.concatenate`, `tensorflow.concat`, `operator.add`), `args`, `kwargs`.
    * "add": `model` (id of a Sequential), `layer` (a value): `model.add(layer)`.
    * "build": `model`, `shape` (values, null for an open axis, batch first): `model.build(shape)`.
    * "method": `callee`, `method`, `args`, `kwargs`: any other public method (`reset_states`, `summary`).
    * "set": `callee`, `name`, `value`: sets an attribute (`trainable`).
    * "compile": `model`, `kwargs` (`loss`, `optimizer`, `metrics` …).
    * "train": `model`, `method` ("fit", "evaluate", "predict", "train_on_batch", "test_on_batch", "predict_on_batch"), `x` and
      perhaps `y` (data, or `x` a `Stream`), `kwargs` (`batch_size`, `steps_per_epoch`, `class_weight`, `validation_split` …, one epoch,
      `verbose=0` unless given).
    * "import": `name`: looks a qualified name up, as `from module import name` does.

    `expected` tells what lstmlint computed of a layer that is made, called or added; `about` names the step for people
    ("Dense, line 12").
    """

    name: str
    args: list[Any]
    kwargs: dict[str, Any]
    callee: str
    model: str
    layer: Any
    base: str
    layers: list[Any]
    function: Any
    shape: list[Any]
    method: str
    value: Any
    x: Any
    y: Any
    expected: Expected
    about: str


class Size(TypedDict):
    """An estimate.  Units: bytes.  `parameters` with gradients and optimizer, `activations` and `data` of a batch."""

    parameters: int
    activations: int
    data: int


class _Case(TypedDict):
    id: str
    steps: list[Step]
    size: Size


class Case(_Case, total=False):
    """Steps that need each other.

    `invented`: sizes that the program does not tell and the plan has made up, by their names; `left_out`: arguments that
    change no shapes and stay as Keras has them ("Dense.kernel_regularizer").
    """

    invented: dict[str, int]
    left_out: list[str]


class Plan(TypedDict):
    """What one worker is asked about one file.  `keras`: the generation that is meant: "K2", "T2" or "K3"."""

    format: int
    keras: str
    cases: list[Case]


class Claim(TypedDict, total=False):
    """What one finding says of a case.

    `code` is the rule's.  `case` is null where nothing can be verified, and `reason` then says why.  `step` is the step
    that it is about, `effect` what Keras does there: "raises" (there or, where `late` names them, at one of those steps) or
    "runs".  `compared`: targets and outputs that meet in the loss have other shapes; `constant`: the output
    is one and the same number.  `words`: what lstmlint expects Keras to say.
    `alone`: not the whole model is built, only this one call on inputs of these shapes.
    """

    code: str
    case: str | None
    reason: str
    step: str
    effect: str
    late: list[str]
    compared: bool
    constant: bool
    words: str
    alone: bool


# --- answers ---------------------------------------------------------------------------------------------------------


class Raised(TypedDict):
    """An exception: its class, without module, and its words (2,000 characters at most)."""

    type: str
    message: str


class Compared(TypedDict):
    """The shapes that met in a loss, as the loss function got them (null: not static)."""

    target: list[int | None]
    output: list[int | None]


class _StepAnswer(TypedDict):
    id: str
    raised: Raised | None


class StepAnswer(_StepAnswer, total=False):
    """What a step did.

    `shapes` of what it made, flattened, as Keras tells them (for "add" those of the layer's output, once known);
    `params` and `non_trainable` of the layer, where it has been built.
    Of "train": `compared`, each pair of shapes once; `loss` (null: not finite); `output` the least and greatest value of
    the model's outputs on (the first batch of) what it was fed, of each output.
    """

    shapes: list[list[int | None]]
    params: int
    non_trainable: int
    compared: list[Compared]
    loss: float | None
    output: list[list[float | None]]


class _CaseAnswer(TypedDict):
    id: str
    steps: list[StepAnswer]


class CaseAnswer(_CaseAnswer, total=False):
    """The answers to the steps of a case, up to the one that raised.

    `failed` where Keras has said nothing: "timeout", "memory", "crash" (the worker died), "plan" (a name that is not
    allowed or not there, a format that is not known); `words` says more.
    """

    failed: str
    words: str


class Answer(TypedDict):
    """What the worker says to a plan.  `keras` is its version ("3.15.0"), `generation` "K2", "T2" or "K3"."""

    format: int
    keras: str
    generation: str
    backend: str
    device: str
    cases: list[CaseAnswer]
