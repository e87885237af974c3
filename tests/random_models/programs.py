"""Draws a whole program: a Sequential or a functional model, with branches, merges, shared layers, models inside models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.signatures import signature
from lstmlint.keras.versions import Version
from random_models.arguments import Place
from random_models.layers import (
    ATTENDING,
    MERGING,
    RECURRENT,
    Spec,
    bidirectional,
    dims_of,
    drawn,
    fitting,
    guessed,
    is_small,
    rnn,
    tensor,
)

#: Shapes of inputs without the batch.  Sizes are small, and mostly differ from one another.
SHAPES: tuple[tuple[int | None, ...], ...] = (
    (8,), (12,), (2,), (10, 3), (7, 1), (6, 4), (1, 6), (None, 4), (6, 5, 2), (4, 4, 3), (8, 6, 1), (None, None, 2),
    (3, 8, 6), (5, 4, 4, 2), (3, 5, 6, 2), (4, 6, 5, 1), (2, 3, 4, 4, 2), (3, 4, 5, 4, 1), (None, 6, 5, 2), (),
)  # fmt: skip
PACKAGES = {Version.T2: "tensorflow.keras", Version.K3: "keras"}
_LAYERS = 7


def program(rng: Random, version: Version = Version.K3) -> str:
    """The source of a program that leaves a `model`; most run, some have a fault."""
    package = PACKAGES[version]
    header = [f"from {package} import Sequential, Model, Input", f"from {package}.layers import *"]
    draw = _sequential if rng.random() < 0.4 else _functional
    return "\n".join((*header, *draw(rng, version))) + "\n"


def _shape(rng: Random) -> tuple[int | None, ...]:
    return rng.choice(SHAPES)


# --- Sequential ------------------------------------------------------------------------------------------------------


def _sequential(rng: Random, version: Version) -> list[str]:
    shape = _shape(rng)
    if rng.random() < 0.3 and shape:  # Keras before 3 has no word for a scalar here.
        specs = _chain(rng, version, tensor(None, *shape), rng.randint(1, _LAYERS))
        if not specs or specs[0].class_name.endswith("Lookup"):  # they do not take it
            return _built(rng, [_input(rng, shape)])
        return _built(rng, [specs[0].with_keyword("input_shape", shape).text, *(spec.text for spec in specs[1:])])
    specs = _chain(rng, version, tensor(None, *shape), rng.randint(1, _LAYERS))
    return _built(rng, [_input(rng, shape), *(spec.text for spec in specs)])


def _built(rng: Random, layers: Sequence[str]) -> list[str]:
    if rng.random() < 0.4:
        return ["model = Sequential([", *(f"    {layer}," for layer in layers), "])"]
    return ["model = Sequential()", *(f"model.add({layer})" for layer in layers)]


def _input(rng: Random, shape: tuple[int | None, ...]) -> str:
    if rng.random() < 0.1:
        return f"Input(shape={shape}, batch_size={rng.randint(1, 4)})"
    return f"Input({shape})" if rng.random() < 0.5 else f"Input(shape={shape})"


def _chain(rng: Random, version: Version, start: Tensor, count: int) -> list[Spec]:
    specs: list[Spec] = []
    current: Structure = start
    for _ in range(count):
        if dims_of(current) is None:
            break
        found = fitting(Place(rng, version, "", dims_of(current)), current)
        if found is None:
            break
        spec, current = found
        specs.append(spec)
    return specs


# --- functional ------------------------------------------------------------------------------------------------------


@dataclass
class _Graph:
    """A program in the making: its lines, and the tensors with the guessed shapes."""

    rng: Random
    version: Version
    lines: list[str] = field(default_factory=list)
    values: list[tuple[str, Tensor]] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    shared: list[tuple[str, Spec]] = field(default_factory=list)
    models: list[tuple[str, Tensor, Structure]] = field(default_factory=list)
    counter: int = 0

    def name(self, start: str) -> str:
        self.counter += 1
        return f"{start}{self.counter}"

    def input(self, shape: tuple[int | None, ...]) -> None:
        name = self.name("i")
        self.lines.append(f"{name} = {_input(self.rng, shape)}")
        self.values.append((name, tensor(None, *shape)))
        self.inputs.append(name)

    def place(self, value: Structure, class_name: str = "") -> Place:
        return Place(self.rng, self.version, class_name, dims_of(value))

    def pick(self) -> tuple[str, Tensor]:
        """A tensor, mostly a late one."""
        if self.rng.random() < 0.6:
            return self.values[-1]
        return self.rng.choice(self.values)

    def assign(self, call: str, output: Structure) -> None:
        """A line that takes what the call gives; several tensors get several names."""
        if isinstance(output, tuple) and output and all(isinstance(item, Tensor) for item in output):
            names = [self.name("x") for _ in output]
            self.lines.append(f"{', '.join(names)} = {call}")
            self.values += [(name, item) for name, item in zip(names, output) if dims_of(item) is not None]
            return
        name = self.name("x")
        self.lines.append(f"{name} = {call}")
        if dims_of(output) is not None:
            self.values.append((name, output))


def _functional(rng: Random, version: Version) -> list[str]:
    graph = _Graph(rng, version)
    shape = _shape(rng)
    for _ in range(rng.choice((1, 1, 2, 3))):
        graph.input(shape if rng.random() < 0.5 else _shape(rng))
    for _ in range(rng.randint(1, _LAYERS + 2)):
        step = rng.choices(list(_STEPS), weights=list(_STEPS.values()))[0]
        step(graph)
    made = [name for name, _ in graph.values if name not in graph.inputs] or graph.inputs
    outputs = sorted(set(rng.choices(made, k=rng.choice((1, 1, 2, 3)))) | {made[-1]})
    inputs = graph.inputs if rng.random() < 0.96 else graph.inputs[:-1] or graph.inputs
    graph.lines.append(f"model = Model({_listed(rng, inputs)}, {_listed(rng, outputs)})")
    return graph.lines


def _listed(rng: Random, names: Sequence[str]) -> str:
    if len(names) == 1 and rng.random() < 0.7:
        return names[0]
    return f"[{', '.join(names)}]"


def _unary(graph: _Graph) -> None:
    name, value = graph.pick()
    found = fitting(graph.place(value), value)
    if found is None:
        return
    spec, output = found
    if graph.rng.random() < 0.25:
        layer = graph.name("layer")
        graph.lines.append(f"{layer} = {spec.text}")
        graph.shared.append((layer, spec))
        graph.assign(f"{layer}({name})", output)
    else:
        graph.assign(f"{spec.text}({name})", output)


def _again(graph: _Graph) -> None:
    """A layer that has been called is called on another tensor."""
    if not graph.shared:
        return _unary(graph)
    layer, spec = graph.rng.choice(graph.shared)
    for _ in range(6):
        name, value = graph.rng.choice(graph.values)
        applied = guessed(spec, value, graph.version)
        if applied is not None:
            break
    graph.assign(f"{layer}({name})", None if applied is None else applied.output)


def _many(graph: _Graph, classes: Sequence[str], counts: Sequence[int], text: Callable[[Spec, list[str]], str]) -> None:
    """A layer on several tensors, mostly on such as it takes."""
    known = [name for name in classes if signature(name, graph.version)]
    for attempt in range(25):
        class_name = graph.rng.choice(known)
        chosen = [graph.rng.choice(graph.values) for _ in range(graph.rng.choice(counts))]
        if graph.rng.random() < 0.5:
            alike = [each for each in graph.values if dims_of(each[1]) == dims_of(chosen[0][1])]
            chosen = [graph.rng.choice(alike) for _ in chosen]
        broken = graph.rng.random() < 0.03
        spec = drawn(graph.place(chosen[0][1], class_name), broken=broken)
        applied = guessed(spec, tuple(value for _, value in chosen), graph.version)
        if applied is None and not broken and attempt < 24 and graph.rng.random() < 0.97:
            continue
        if applied is not None and not is_small(applied.output):
            continue
        graph.assign(text(spec, [name for name, _ in chosen]), None if applied is None else applied.output)
        return


def _merge(graph: _Graph) -> None:
    def text(spec: Spec, names: list[str]) -> str:
        given = f"[{', '.join(names)}]"
        if graph.rng.random() < 0.3:
            rest = "".join(f", {part}" for part in _inside(spec))
            return f"{spec.class_name.lower()}({given}{rest})"
        return f"{spec.text}({given})"

    _many(graph, MERGING, (2, 2, 2, 3), text)


def _inside(spec: Spec) -> list[str]:
    inner = spec.text[len(spec.class_name) + 1 : -1]
    return [inner] if inner else []


def _attend(graph: _Graph) -> None:
    def text(spec: Spec, names: list[str]) -> str:
        if spec.class_name in ("MultiHeadAttention", "GroupQueryAttention"):
            if graph.rng.random() < 0.3:
                return f"{spec.text}({names[0]}, value={names[1]}" + "".join(f", key={key}" for key in names[2:]) + ")"
            return f"{spec.text}({', '.join(names)})"
        return f"{spec.text}([{', '.join(names)}])"

    _many(graph, ATTENDING, (2, 2, 3), text)


def _states(graph: _Graph) -> None:
    """A recurrent layer that gives its states, and one that takes them."""
    rng = graph.rng
    sequences = [each for each in graph.values if len(each[1].shape.dims) == 3]
    if not sequences:
        return _unary(graph)
    name, value = rng.choice(sequences)
    place = graph.place(value, rng.choice(RECURRENT))
    wrapped = rng.random()
    spec = rnn(place) if wrapped < 0.2 else drawn(place)
    if spec.class_name != "RNN":
        spec = spec.with_keyword("return_state", True)
    if wrapped > 0.8:
        spec = Spec("Bidirectional", (spec,), bidirectional(place).keywords)
    applied = guessed(spec, value, graph.version)
    before = len(graph.values)
    graph.assign(f"{spec.text}({name})", None if applied is None else applied.output)
    states = graph.values[before + 1 :]
    if spec.class_name not in RECURRENT or not states or rng.random() < 0.5:
        return
    units = spec.positional[0] if spec.positional and rng.random() < 0.9 else 3
    name, value = rng.choice(sequences)
    second = Spec(spec.class_name, (units,), {"return_sequences": rng.random() < 0.5})
    given = f"[{', '.join(state for state, _ in states)}]"
    applied = guessed(second, value, graph.version)
    graph.assign(f"{second.text}({name}, initial_state={given})", None if applied is None else applied.output)


def _model(graph: _Graph) -> None:
    """A model inside the model, called once; it may be called again."""
    rng = graph.rng
    name, value = graph.pick()
    dims = dims_of(value)
    if dims is None or any(not (dim is None or isinstance(dim, int)) for dim in dims):
        return
    specs = _chain(rng, graph.version, value, rng.randint(1, 3))
    output: Structure = value
    for spec in specs:
        applied = guessed(spec, output, graph.version) if isinstance(output, Tensor) else None
        output = None if applied is None else applied.output
    inner = graph.name("inner")
    shape = tuple(dims[1:])
    if rng.random() < 0.5:
        graph.lines.append(f"{inner} = Sequential([{', '.join((f'Input({shape})', *(spec.text for spec in specs)))}])")
    else:
        start = graph.name("i")
        graph.lines.append(f"{start} = Input({shape})")
        call = start
        for spec in specs:
            call = f"{spec.text}({call})"
        graph.lines.append(f"{inner} = Model({start}, {call})")
    graph.models.append((inner, value, output))
    graph.assign(f"{inner}({name})", output)


def _model_again(graph: _Graph) -> None:
    """A model inside is called on another tensor, mostly of the shape that it was made for."""
    if not graph.models:
        return _model(graph)
    inner, value, output = graph.rng.choice(graph.models)
    alike = [each for each in graph.values if dims_of(each[1]) == dims_of(value)]
    if alike and graph.rng.random() < 0.9:
        graph.assign(f"{inner}({graph.rng.choice(alike)[0]})", output)
    else:
        graph.assign(f"{inner}({graph.rng.choice(graph.values)[0]})", None)


_STEPS: dict[Callable[[_Graph], Any], float] = {
    _unary: 10, _again: 1.5, _merge: 3, _attend: 1.5, _states: 1.5, _model: 1, _model_again: 0.3,
}  # fmt: skip
