"""What a layer entry is, and the plain data that go in and out of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeAlias, Union

from lstmlint.classes import dataclass, field
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim, SymbolicDim
from lstmlint.shapes.shape import Axis, Shape


class UnknownArgument:
    """The one value of an argument that the source does not tell (`UNKNOWN`)."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = UnknownArgument()


@dataclass(frozen=True, slots=True)
class Perhaps:
    """A value of which only this is known: if it is a size, it is `dim` (a parameter that nobody passes)."""

    dim: Dim


#: What a layer's argument may be: plain Python data, a symbolic dim, a layer (wrappers), or UNKNOWN.  Tuples and lists
#: arrive as tuples of these; a callable or object (an activation, an initializer) as its qualified name in a `Named`.
Argument: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Named:
    """A function, class or instance of some library, known by its qualified name (`keras.activations.relu`)."""

    name: str


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor as a layer sees it.

    Shapes: the batch axis comes first and is None unless declared.  A dim of None is one that Keras itself does not
    know; a symbolic dim is one that Keras knows and the source does not tell as a number.
    `activation` is the activation that made the values ("softmax", "sigmoid", "linear", …; None: unknown).
    `masked`: whether a mask travels with the values (None: unknown).
    `sizes`: the elements of a tensor that holds sizes (`tf.shape(x)`), None among them for one that Keras does not know.
    """

    shape: Shape
    dtype: str | None = None
    activation: str | None = None
    masked: bool | None = False
    sizes: tuple[Axis, ...] | None = None


#: One tensor, a tuple of structures (several outputs, states), or None where nothing is known.
Structure: TypeAlias = Union[Tensor, "tuple[Structure, ...]", None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Keras raises here, whatever values the symbols have.

    `kind` names the reason: "rank" (another rank), "min-rank", "axis" (an axis has another size than the layer was
    built for or needs), "window" (kernel or pool longer than the sequence), "undefined" (a dim that Keras needs is
    None), "elements" (Reshape), "merge" (shapes that cannot be merged), "structure" (a list where one tensor is due, or
    the reverse), "argument" (a value refused), "mask" (a mask where none is supported), "batch" (a stateful layer
    without a fixed batch size), "state" (an initial state that does not fit), "name" (a name used twice in a model).
    `expected` and `found` are for people ("(batch, time, features)", "(None, 10)"); `exception` and `message` are what
    the Keras that is meant raises.  `rank` is the (least) number of axes that the layer takes, where it is about that.
    """

    kind: str
    expected: str
    found: str
    exception: str
    message: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A parameter count: `total` elements, of which `non_trainable`; None where unknown.

    `formula` is the expression over the names in `values` (units, features, …), for `show --explain-params`.
    """

    total: Dim | None
    non_trainable: Dim | None
    formula: str
    values: Mapping[str, Dim | tuple[Dim, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of calling a layer: the output structure, its parameters, and a refusal if it is certain."""

    output: Structure
    refusal: Refusal | None = None
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class ArgumentProblem:
    """A constructor call that Keras refuses or misreads.

    `kind`: "unknown" (a keyword that the layer does not have), "missing" (a required argument), "excess" (too many
    positional arguments), "value" (refused value), "duplicate".  `argument` names it; `suggestion` is the nearest or
    the newer name, if any; `raises` is False where Keras runs on (and `message` then says what it does).
    `made_for` is the generation that takes it, where another one does; `given` the string, where the value is one.
    """

    kind: str
    argument: str
    suggestion: str | None
    raises: bool
    exception: str | None
    message: str
    made_for: Version | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """A constructed layer: its entry, bound arguments (defaults of the version filled in) and identity.

    `declared` is the full input shape given by `input_shape=`, `batch_input_shape=`, `input_dim=` … (batch first), or
    None.  `key` is the layer's identity (shared layers keep it); `origin` is the caller's business and never read here.
    `name` is the one that the program gave, `given_name` the one that Keras gives where it gave none.
    `given_class` is the class of the program that it is an instance of.
    """

    rule: LayerRule
    arguments: Mapping[str, Argument]
    key: Hashable
    name: str | None = None
    declared: Shape | None = None
    origin: Any = None
    given_name: str | None = None
    given_class: str | None = None

    @property
    def class_name(self) -> str:
        """The class of Keras that it behaves like: what tables have."""
        return self.rule.name

    @property
    def title(self) -> str:
        """The name of its class, for people."""
        return self.given_class or self.rule.name


@dataclass(frozen=True, slots=True)
class LayerRule:
    """One layer of Keras: what it accepts, what comes out, how many parameters it has.

    `apply(layer, inputs, version)` returns an `Applied`; it never raises and never guesses.  `source` names the facts
    or the reference page it was written from.  `grade`: "full" (shape and parameters), "shape", "opaque", or
    "operation" (no layer of the program, but what Keras makes of `x + y`); `reason` says why it is not full.
    `called_with` are arguments of the call that change what comes out: `apply` finds them among the layer's.  `inputs` names the tensors of a layer that is called on several, one by one.
    """

    name: str
    apply: Callable[[Layer, Structure, Version], Applied]
    source: str
    grade: str = "full"
    reason: str = ""
    called_with: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()


__all__ = [
    "UNKNOWN", "Applied", "Argument", "ArgumentProblem", "Count", "Layer", "LayerRule", "Named", "Perhaps", "Refusal", "Structure",
    "SymbolicDim", "Tensor", "UnknownArgument",
]  # fmt: skip
