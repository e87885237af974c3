"""Draws one layer: its class, its arguments, and what lstmlint guesses that it makes of an input.

The guess only steers the drawing, so that most models fit together; what Keras says of the program is the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lstmlint.keras.construct import construct
from lstmlint.keras.layers.base import Applied, Layer, Structure, Tensor
from lstmlint.keras.layers.registry import RULES, apply
from lstmlint.keras.signatures import signature
from lstmlint.keras.versions import Version
from lstmlint.shapes.shape import Shape
from random_models.arguments import NEEDED, Place, argument, undrawable

#: Classes with a drawing of their own in `programs`, or that stand only inside others.
MERGING = ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")
ATTENDING = ("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention")
RECURRENT = ("LSTM", "GRU", "SimpleRNN")
CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell")
WRAPPERS = ("Bidirectional", "TimeDistributed", "SpectralNormalization")
APART = {
    *MERGING,
    *ATTENDING,
    "GroupedQueryAttention",
    *CELLS,
    "StackedRNNCells",
    "RNN",
    *WRAPPERS,
    "InputLayer",
    "Lambda",
    "Layer",
    "Wrapper",
}
#: In a graph Keras 3.15 takes them for a part of a cycle, as they give back the tensor that they get.
_BROKEN_IN_KERAS = {"Equalization"}
#: What T2 does not call on the numbers that the models are about.
_NOT_OF_NUMBERS = {"Discretization", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization"}
#: Biggest tensor that is drawn, in elements of one sample.
_LARGEST = 4000


@dataclass(frozen=True)
class Spec:
    """A constructor call: literals and other specs."""

    class_name: str
    positional: tuple[Any, ...] = ()
    keywords: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        given = [_text(value) for value in self.positional]
        given += [f"{name}={_text(value)}" for name, value in self.keywords.items()]
        return f"{self.class_name}({', '.join(given)})"

    def with_keyword(self, name: str, value: Any) -> Spec:
        return Spec(self.class_name, self.positional, {**self.keywords, name: value})


def _text(value: Any) -> str:
    if isinstance(value, Spec):
        return value.text
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return repr(value)


def made(spec: Spec, version: Version) -> Layer | None:
    """The layer as lstmlint constructs it, None where it is refused."""
    positional = [_argument(value, version) for value in spec.positional]
    keywords = {name: _argument(value, version) for name, value in spec.keywords.items()}
    return construct(spec.class_name, positional, keywords, version, key=object()).layer


def _argument(value: Any, version: Version) -> Any:
    if isinstance(value, Spec):
        return made(value, version)
    return tuple(_argument(item, version) for item in value) if isinstance(value, (list, tuple)) else value


def guessed(spec: Spec, inputs: Structure, version: Version) -> Applied | None:
    """What lstmlint thinks comes out, None where it thinks that Keras refuses the layer or its input."""
    layer = made(spec, version)
    if layer is None:
        return None
    applied = apply(layer, inputs, version)
    return None if applied.refusal is not None else applied


def plain_classes(version: Version) -> tuple[str, ...]:
    """The classes that take one tensor and can be drawn from the table alone."""
    apart = APART | _BROKEN_IN_KERAS | (_NOT_OF_NUMBERS if version is Version.T2 else set())
    known = {name: signature(name, version) for name in RULES if name not in apart and RULES[name].grade != "opaque"}
    return tuple(sorted(name for name, found in known.items() if found and not undrawable(name, found.required)))


def drawn(place: Place, *, options: float = 0.25, broken: bool = False) -> Spec:
    """A constructor call of the class; `broken`: with one thing wrong, or at least unusual."""
    rng, known = place.rng, signature(place.class_name, place.version)
    assert known is not None
    needed = () if broken and rng.random() < 0.3 else NEEDED.get(place.class_name, ())
    values = {name: _value(place, name) for name in (*known.required, *needed)}
    for name in _drawable_options(place):
        if rng.random() < options * _weight(name):
            values[name] = _value(place, name)
    fault = rng.choice(("value", "value", "value", "keyword", "missing", "extra")) if broken else ""
    if fault == "value":
        _spoil(place, values)
    if fault == "missing" and known.required:
        del values[rng.choice(known.required)]
    count = 0
    while count < len(known.required) and known.required[count] in values and rng.random() < 0.8:
        count += 1
    positional = tuple(values.pop(name) for name in known.required[:count])
    if fault == "keyword":
        values[_misspelt(rng, known.names)] = 1
    if fault == "extra" and not values and count == len(known.required):
        positional += tuple(_value(place, name) for name in known.optional if argument(place.class_name, name))
        positional += (1,)
    return Spec(place.class_name, positional, values)


def _drawable_options(place: Place) -> list[str]:
    known = signature(place.class_name, place.version)
    assert known is not None
    return [name for name in (*known.optional, "trainable") if argument(place.class_name, name)]


def _weight(name: str) -> float:
    """Initializers and their like are many and change nothing."""
    rare = name.endswith(("_initializer", "_regularizer", "_constraint", "_activation"))
    return 0.15 if rare or name in ("trainable", "seed") else 1.0


def _value(place: Place, name: str) -> Any:
    found = argument(place.class_name, name)
    return None if found is None else found.usual(place)


def _spoil(place: Place, values: dict[str, Any]) -> None:
    known = signature(place.class_name, place.version)
    assert known is not None
    names = [*known.required, *_drawable_options(place)]
    choices = [name for name in names if (found := argument(place.class_name, name)) and found.unusual]
    if choices:
        name = place.rng.choice(choices)
        values[name] = place.rng.choice(argument(place.class_name, name).unusual)


def _misspelt(rng: Random, names: tuple[str, ...]) -> str:
    name = rng.choice(names) if names else "units"
    return rng.choice((name + "s", name.replace("_", "") + "_", "input_sahpe", "unit", "return_sequence"))


# --- layers around layers --------------------------------------------------------------------------------------------


def recurrent(place: Place) -> Spec:
    """A recurrent layer, mostly with sequences."""
    spec = drawn(_for(place, place.rng.choice(RECURRENT)))
    return spec.with_keyword("return_sequences", True) if place.rng.random() < 0.4 else spec


def bidirectional(place: Place) -> Spec:
    inner = recurrent(place)
    keywords: dict[str, Any] = {}
    if place.rng.random() < 0.5:
        keywords["merge_mode"] = _value(_for(place, "Bidirectional"), "merge_mode")
    if place.rng.random() < 0.1:
        keywords["backward_layer"] = inner.with_keyword("go_backwards", True)
    return Spec("Bidirectional", (inner,), keywords)


def time_distributed(place: Place) -> Spec:
    shape = None if place.shape is None else (place.shape[0], *place.shape[2:])
    inside = Place(place.rng, place.version, "", shape, place.depth + 1)
    return Spec("TimeDistributed", (unary(inside),))


def rnn(place: Place) -> Spec:
    """`RNN` over one cell or several."""
    cells = [drawn(_for(place, place.rng.choice(CELLS)), options=0.1) for _ in range(place.rng.choice((1, 1, 2, 3)))]
    inside: Any = cells[0] if len(cells) == 1 else cells
    if len(cells) > 1 and place.rng.random() < 0.5:
        inside = Spec("StackedRNNCells", (cells,))
    keywords = {name: True for name in ("return_sequences", "return_state") if place.rng.random() < 0.3}
    return Spec("RNN", (inside,), keywords)


def spectral(place: Place) -> Spec:
    name = place.rng.choice(("Dense", "Conv1D", "Conv2D", "Embedding"))
    return Spec("SpectralNormalization", (drawn(_for(place, name)),))


_MAKERS: dict[str, Callable[[Place], Spec]] = {
    "Bidirectional": bidirectional,
    "TimeDistributed": time_distributed,
    "RNN": rnn,
    "SpectralNormalization": spectral,
}


def _for(place: Place, class_name: str) -> Place:
    return Place(place.rng, place.version, class_name, place.shape, place.depth)


def unary(place: Place) -> Spec:
    """Any layer that takes one tensor, with usual arguments."""
    made_here = [name for name in _MAKERS if name in RULES and signature(name, place.version)]
    if place.depth < 2 and place.rng.random() < 0.15:
        return _MAKERS[place.rng.choice(made_here)](place)
    return drawn(_for(place, place.rng.choice(plain_classes(place.version))))


def fitting(place: Place, tensor: Tensor, draw: Callable[[Place], Spec] = unary) -> tuple[Spec, Structure] | None:
    """A layer and its guessed output: mostly one that takes the input, now and then any, or one with a fault."""
    kind = place.rng.random()
    if kind < 0.05:
        spec = drawn(_for(place, place.rng.choice(plain_classes(place.version))), broken=True)
        applied = guessed(spec, tensor, place.version)
        return spec, None if applied is None else applied.output
    for _ in range(60):
        spec = draw(place)
        applied = guessed(spec, tensor, place.version)
        is_known = applied is not None and (isinstance(applied.output, tuple) or dims_of(applied.output) is not None)
        if applied is not None and is_small(applied.output) and (is_known or place.rng.random() < 0.05):
            return spec, applied.output
        if applied is None and kind < 0.08:
            return spec, None
    return None


def is_small(output: Structure) -> bool:
    """Whether the tensors are of a size that costs little."""
    if isinstance(output, tuple):
        return all(map(is_small, output))
    size = 1
    for dim in output.shape.dims if isinstance(output, Tensor) else ():
        size *= dim if isinstance(dim, int) else 1
    return size <= _LARGEST


def dims_of(structure: Structure) -> tuple[Any, ...] | None:
    """The shape of one tensor, None where it is not known in numbers."""
    if not isinstance(structure, Tensor) or not structure.shape.exact:
        return None
    dims = structure.shape.dims
    return dims if all(dim is None or isinstance(dim, int) for dim in dims) else None


def tensor(*dims: Any) -> Tensor:
    return Tensor(Shape(dims))
