"""The trace: what a program does with its models, in the order in which it does it.  Events carry no judgement."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, TypeAlias, Union

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.values import Site
from lstmlint.keras.batching import Batching
from lstmlint.keras.layers.base import Applied, Argument, ArgumentProblem, Layer, Refusal, Structure
from lstmlint.keras.losses import Loss
from lstmlint.keras.model import Functional, Model, Node
from lstmlint.keras.names import Missing
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Shape


@dataclass(frozen=True, slots=True)
class Given:
    """A call as it is written: what is called ("layers.Dense", "optimizers.Adam", "Model.fit") and its arguments.

    `is_open`: there are more, which are not known.
    """

    name: str
    args: tuple[Argument, ...]
    keywords: Mapping[str, Argument]
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class LayerConstructed:
    """A layer's constructor was called; `problems` is what Keras says about its arguments, `given` the call itself."""

    class_name: str
    problems: tuple[ArgumentProblem, ...]
    layer: Layer | None
    given: Given | None = None


@dataclass(frozen=True, slots=True)
class LayerApplied:
    """A layer met its input: in a Sequential model, in a functional graph, or called on data (`eager`).

    `producer` is the layer that made the input, where there is one; `made` where the input value was made.
    `node` is the call in the graph.  `is_inside`: in a function that runs as a layer.  `late`: Keras finds out only when `fit`, `predict` or `build` gives the model its input (`call` is that place).
    """

    layer: Layer
    inputs: Structure
    applied: Applied
    producer: Layer | None = None
    made: Site | None = None
    eager: bool = False
    late: Site | None = None
    in_sequential: bool = False
    is_inside: bool = False
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class OperationRefused:
    """An operation on symbolic tensors that Keras refuses: `name` as a person calls it, `made` where the first was made.

    `call` is the interpreter's, for those who want its arguments.
    """

    name: str
    inputs: tuple[Structure, ...]
    refusal: Refusal
    made: Site | None = None
    call: Any = None


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model at one moment.

    `graph` is None when its layers are not known; `key` its identity, `name` the variable that holds it, `site` where it
    was made; `known_as` is what Keras calls it, `is_named` tells that the program chose that.  `is_declared`: its input shape was declared, not taken from the first data.  `loss` is what `compile` was given (see `Trained.losses`), `compiled_at` where.
    `metrics` are the names in a list of them, where they are known; `measures` those of all that `compile` is given for the one
    output, objects by their classes.  `loss_weights` is the number of them in a list or dict, None without.
    `refused` is what Keras says to the arguments of `compile` once the model is trained.
    """

    graph: Model | None
    key: Hashable
    class_name: str
    name: str | None
    site: Site
    loss: Any = None
    compiled_at: Site | None = None
    metrics: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    loss_weights: int | None = None
    refused: tuple[ArgumentProblem, ...] = ()
    is_declared: bool = True
    known_as: str | None = None
    is_named: bool = False

    def generalise(self, other: object) -> ModelState:
        """The model that a loop leaves: one with the layers of both only if they are the same."""
        if isinstance(other, ModelState) and other.graph is self.graph:
            return replace(other, loss=self.loss if self.loss == other.loss else None)
        return replace(self, graph=None, loss=None)


@dataclass(frozen=True, slots=True)
class ModelChanged:
    """A model was made, or got a layer, a shape or a loss."""

    model: ModelState


@dataclass(frozen=True, slots=True)
class TrainableSet:
    """`trainable` of layers (and of models, with all that they hold) was set, after they were made; None: not known."""

    keys: tuple[Hashable, ...]
    value: bool | None


@dataclass(frozen=True, slots=True)
class Stray:
    """What is given in place of something else.

    `kind`: "layer", "model", "class", "tensor", "array", "function", "list" or "value"; `name` says which one,
    `made` where it was made, as far as that is known.
    """

    kind: str
    name: str
    made: Any = None


@dataclass(frozen=True, slots=True)
class NotATensor:
    """A layer (or a model's constructor), `taker`, was called on what is no tensor."""

    taker: str
    stray: Stray
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class NotALayer:
    """`taker`, a model or a wrapper, was given what is no layer."""

    taker: str
    stray: Stray


@dataclass(frozen=True, slots=True)
class GraphMade:
    """A functional model was made between its inputs and outputs."""

    graph: Functional


@dataclass(frozen=True, slots=True)
class NamesMissing:
    """Names were taken from a module that does not have them: `how` is "import", "from" or "attribute"; "member" is one of an
    object, whose class stands for the module, and "call" calls what is no function.

    `found` are the names as written ("" for the module itself) and what is known of each.
    """

    how: str
    module: str
    found: tuple[tuple[str, Missing], ...]


@dataclass(frozen=True, slots=True)
class MethodCalled:
    """A method of a model was called that not every Keras has; `release` is the one that is meant, where that is told."""

    class_name: str
    method: str
    release: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Data:
    """One array that a model is given.  Shapes: samples (or the batch) first.

    `kind` is its qualified class, "number" for an int; of a Python list "list of numbers", "list of lists" (of numbers), "list of
    arrays", or "list" where that is not known; `site` where it was made, `name` what the
    program calls it.  No value is below `low` or above `high`; `is_reached`: both surely occur.  `spans`: of the data
    that these are rows of, some values are at most the first and some at least the second number; `top`: the greatest whole
    number that is meant to occur.
    """

    shape: Shape
    kind: str
    dtype: str | None = None
    site: Site | None = None
    name: str = "data"
    one_hot: bool = False
    integral: bool = False
    low: float | None = None
    high: float | None = None
    is_reached: bool = False
    spans: tuple[float, float] | None = None
    top: Dim | None = None


#: Kinds of data whose treatment depends on more than their shape.
UNCLEAR = frozenset({"list", "list of numbers", "list of lists", "list of arrays", "number", "unknown"})


@dataclass(frozen=True, slots=True)
class Crossed:
    """A column of predictions met a vector of as many numbers: every one meets every other.

    `column` and `vector` are their shapes, `predicted` is where the prediction was made.
    """

    column: Shape
    vector: Shape
    predicted: Site | None = None


@dataclass(frozen=True, slots=True)
class ArrayRefused:
    """A function of numpy or scikit-learn refuses arrays for their shapes.

    `kind`: "transformer", "metric" or "reshape"; `name` is what the program calls, `shapes` what it gives, `wants` what
    would be taken.  `exception` and `message` are what is raised; `made` is where the first array was made.
    """

    kind: str
    name: str
    shapes: tuple[Shape, ...]
    wants: str
    message: str
    made: Site | None = None
    exception: str = "ValueError"


@dataclass(frozen=True, slots=True)
class SlicesDiffer:
    """`tf.data.Dataset.from_tensor_slices` was given tensors of `first` and `second` rows."""

    first: Dim
    second: Dim


@dataclass(frozen=True, slots=True)
class NoBatch:
    """A training call or prediction (`method`, as of `Trained`) whose data surely give not one batch."""

    method: str
    model: ModelState
    batching: Batching


@dataclass(frozen=True, slots=True)
class LossCalled:
    """The program itself called a loss of type `keras.losses.Loss` (as the function of `loss` with `as_function`).

    `is_prediction`: `output` is surely what a model made of data.
    """

    loss: Loss
    output: Data
    target: Data
    as_function: bool
    is_prediction: bool


@dataclass(frozen=True, slots=True)
class ClassWeight:
    """What `fit` is given as `class_weight`.

    `kind`: "dict", "str", "list" or "ndarray", anything else is not kept.  `keys` of a dict are None where not known.
    """

    kind: str
    keys: tuple[object, ...] | None = None


#: One array, several (a list or tuple), by name, or None where nothing is known.
DataStructure: TypeAlias = Union[Data, "tuple[DataStructure, ...]", "dict[str, DataStructure]", None]


def arrays_in(structure: DataStructure) -> Iterator[Data]:
    """The arrays in lists and dicts of them, in their order."""
    if isinstance(structure, Data):
        yield structure
    elif structure is not None:
        for part in structure.values() if isinstance(structure, dict) else structure:
            yield from arrays_in(part)


@dataclass(frozen=True, slots=True)
class Trained:
    """`fit`, `evaluate`, `train_on_batch`, `predict` … was called.

    `inputs` and `targets` are None where not known; `has_targets` tells whether any were given.  `batch_size` is None
    where not known.  `is_batched`: the data are single batches (from a generator or data set).
    `batching` tells in which batches they come, `is_shuffled` whether in another order each time (None: not known).
    `weights` is what is given as `sample_weight`.  `lacks_targets`: there surely are none, and Keras's own step is taken.
    `builds`: the model takes its shape from these data.
    """

    method: str
    model: ModelState
    inputs: DataStructure
    targets: DataStructure
    has_targets: bool
    batch_size: Dim | None
    is_batched: bool = False
    validation_split: float | None = 0.0
    batching: Batching | None = None
    is_shuffled: bool | None = None
    class_weight: ClassWeight | None = None
    weights: DataStructure = None
    lacks_targets: bool = False
    builds: bool = False
