"""Recurrent layers and their cells.

Source: facts, recurrent layers (output structures, flags, Bidirectional, cells); layer chains; parameter formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lstmlint.classes import dataclass, replace
from lstmlint.keras.layers.base import UNKNOWN, Applied, Count, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import (
    T2_AND_K3,
    UNKNOWN_COUNT,
    Call,
    InputSpec,
    Output,
    as_dim,
    as_flag,
    choose,
    counted,
    first_tensor,
    one_input,
)
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, SymbolicDim, equal

_SOURCE = "facts: recurrent, output structures; parameters"
SEQUENCE = InputSpec(("batch", "time", "features"))
#: `RNN(cell)` has no spec of its own in T2 and K3: more axes fail, or not, inside the cell.
_CELL_SEQUENCE = InputSpec(SEQUENCE.axes, open=T2_AND_K3, below={Version.T2: "features", Version.K3: "features"})


# --- what a cell is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: `units` of its output, `states` of that size, and the formula of its parameters with its values.

    `trainable`: whether they are, None where that is not known.
    """

    units: Dim
    states: int
    formula: str
    values: Mapping[str, Any]
    trainable: bool | None = True


@dataclass(frozen=True, slots=True)
class CellKind:
    """`gates` weight matrices and `states` states; `biases` per gate, None where `reset_after` decides."""

    gates: int
    states: int
    biases: int | None = 1

    def formula(self, arguments: Mapping[str, Any]) -> str:
        """Parameters of one such cell.  Source: parameter formulas."""
        biases = self.biases if self.biases is not None else 2 if arguments.get("reset_after") else 1
        doubled = "2*" if biases == 2 else ""
        return f"{self.gates}*(units*(units+features)+{doubled}units*use_bias)"


KINDS: Mapping[str, CellKind] = {
    "LSTM": CellKind(4, 2),
    "GRU": CellKind(3, 1, None),
    "SimpleRNN": CellKind(1, 1),
    "CuDNNLSTM": CellKind(4, 2, 2),
    "CuDNNGRU": CellKind(3, 1, 2),
    "LSTMCell": CellKind(4, 2),
    "GRUCell": CellKind(3, 1, None),
    "SimpleRNNCell": CellKind(1, 1),
}


def cell_of(layer: Layer) -> Cell | None:
    """The cell that a recurrent layer or cell layer stands for, None where it is not one of Keras's own."""
    kind = KINDS.get(layer.class_name)
    if kind is None:
        return _own_cell(layer)
    units = as_dim(layer.arguments.get("units", UNKNOWN), (layer.key, "units"), 1)
    use_bias = as_flag(layer.arguments.get("use_bias", True))
    values = {"units": units, "use_bias": None if use_bias is None else int(use_bias)}
    if kind.biases is None and as_flag(layer.arguments.get("reset_after", UNKNOWN)) is None:
        values["use_bias"] = None
    return Cell(
        units, kind.states, kind.formula(layer.arguments), values, as_flag(layer.arguments.get("trainable", True))
    )


def _own_cell(layer: Layer) -> Cell | None:
    """A cell of a class of the program, by its `state_size`; its parameters are not known."""
    sizes = layer.arguments.get("state_size", UNKNOWN)
    sizes = sizes if isinstance(sizes, tuple) else (sizes,)
    units = layer.arguments.get("output_size", sizes[0] if sizes else UNKNOWN)
    is_known = all(isinstance(size, (int, SymbolicDim)) for size in (*sizes, units))
    values = {"units": None, "use_bias": None}
    return Cell(units, len(sizes), "", values) if is_known else None


def cells_of(argument: Any) -> tuple[Cell, ...] | None:
    """The cells that `RNN(cell=…)` stacks, None where one is not known."""
    if isinstance(argument, Layer) and argument.class_name == "StackedRNNCells":
        argument = argument.arguments.get("cells", UNKNOWN)
    items = argument if isinstance(argument, tuple) else (argument,)
    cells = [cell_of(item) if isinstance(item, Layer) else None for item in items]
    known = tuple(cell for cell in cells if cell is not None)
    return known if known and len(known) == len(cells) else None


# --- outputs ---------------------------------------------------------------------------------------------------------


def recurrent_outputs(call: Call, units: Dim, states: tuple[Structure, ...]) -> Output:
    """Last output or sequence, and the states if asked for.

    Shapes: (batch, time, features) -> (batch, [time,] units).
    """
    refusal = _refused_sequence(call)
    if refusal is not None:
        return refusal
    whole = call.tensor_of(call.axis(0), call.axis(1), units)
    output = choose(call.flag("return_sequences"), whole, _state(call, units))
    return choose(call.flag("return_state"), (output, *states), output)


def _refused_sequence(call: Call) -> Refusal | None:
    """What a recurrent layer refuses of a sequence of the right rank."""
    expected = "(batch, time, features)"
    if call.axis(-1) is None:
        return call.refuse("features", "undefined", f"{expected} with known features")
    is_late = call.flag("time_major")
    if is_late is None:
        return None
    batch, time = (call.axis(1), call.axis(0)) if is_late else (call.axis(0), call.axis(1))
    if call.tensor.shape.exact and batch is None and call.flag("stateful"):
        return call.refuse("stateful", "batch", f"{expected} with a fixed batch size")
    if time == 0 and call.version is Version.T2:
        return call.refuse("no-steps", "axis", f"{expected} with a time step")
    # Keras 3 unrolls over the steps of the data, which are fixed when it does.
    if (
        call.flag("unroll")
        and call.version is not Version.K3
        and (time is None or (call.version is Version.K2 and time == 1))
    ):
        return call.refuse("unroll", "undefined", f"{expected} with a known number of time steps")
    return None


def _state(call: Call, units: Dim) -> Structure:
    """One row for each sample; with `time_major` the samples are the second axis."""
    early, late = (call.tensor_of(call.axis(axis), units) for axis in (0, 1))
    return choose(call.flag("time_major"), late, early)


def _states(call: Call, units: Dim, count: int) -> tuple[Structure, ...]:
    return (_state(call, units),) * count


def _layer_outputs(call: Call) -> Output:
    cell = cell_of(call.layer)
    if cell is None:
        return None
    call = _with_batch_of_states(call)
    return refused_states(call, cell) or recurrent_outputs(call, cell.units, _states(call, cell.units, cell.states))


def _with_batch_of_states(call: Call) -> Call:
    """In T2 a batch that only the initial states have is the output's."""
    sizes = [
        state.shape.dims[0]
        for state in call.more
        if isinstance(state, Tensor) and state.shape.exact and state.shape.dims
    ]
    batch = next((size for size in sizes if size is not None), None)
    if call.version is not Version.T2 or batch is None or not call.shape.dims or call.shape.dims[0] is not None:
        return call
    return replace(call, shape=call.shape.with_axis(0, batch))


def refused_initial_states(
    layer: Layer, inputs: Structure, states: tuple[Structure, ...], version: Version
) -> Refusal | None:
    """The refusal of the initial states that a plain recurrent layer is given, if it is certain."""
    cell = None if layer.class_name.endswith("Cell") else cell_of(layer)
    if cell is None or not isinstance(inputs, Tensor):
        return None
    return refused_states(Call(layer, version, inputs, inputs.shape, states), cell)


def refused_states(call: Call, cell: Cell) -> Refusal | None:
    """The refusal of initial states that are certain not to fit."""
    tensors = [state for state in call.more if isinstance(state, Tensor)]
    if not tensors or len(tensors) < len(call.more):
        return None
    sizes = [state.shape.dims[-1] for state in tensors if state.shape.dims]
    fits = len(tensors) == cell.states and not any(
        size is not None and equal(size, cell.units) is Answer.NO for size in sizes
    )
    found = ", ".join(str(state.shape) for state in tensors)
    return None if fits else call.refuse("initial-state", "state", f"{cell.states} × (batch, {cell.units})", found)


def _layer_count(call: Call) -> Count:
    cell = cell_of(call.layer)
    return counted(cell.formula, {"features": call.axis(-1), **cell.values}) if cell else UNKNOWN_COUNT


# --- RNN(cell) -------------------------------------------------------------------------------------------------------


#: Layers that hold a cell and are none.
_PLAIN = frozenset({"LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU"})


def _rnn_outputs(call: Call) -> Output:
    if call.version is Version.T2 and len(call.shape.dims) > len(SEQUENCE.axes):
        # It fails inside the cell, whatever the sizes; in K3 that depends on them, and the model is built.
        return call.refuse("rank", "rank", SEQUENCE.words(call.version), rank=3, ndim=call.shape.min_rank)
    cell = call.value("cell", UNKNOWN)
    if isinstance(cell, Layer) and cell.class_name in _PLAIN:
        return call.refuse("no-cell", "argument", "a cell", cell.class_name)
    cells = cells_of(cell)
    if cells is None:
        refusal = _refused_sequence(call) if call.shape.exact else None
        return refusal
    groups = [_states(call, cell.units, cell.states) for cell in cells]
    flat = tuple(state for group in groups for state in group)
    nested = tuple(group if len(group) > 1 else group[0] for group in groups)
    stacked = len(groups) > 1 and call.version is not Version.K2
    return recurrent_outputs(call, cells[-1].units, nested if stacked else flat)


def _stacked_count(call: Call) -> Count:
    """The parameters of stacked cells: each takes the output of the one before."""
    cells = cells_of(call.value("cell", UNKNOWN))
    if cells is None:
        return UNKNOWN_COUNT
    terms: list[str] = []
    values: dict[str, Any] = {"features": call.axis(-1)}
    before = "features"
    for place, cell in enumerate(cells, 1):
        suffix = f"_{place}" if len(cells) > 1 else ""
        names = {"units": "units" + suffix, "features": before, "use_bias": "use_bias" + suffix}
        terms.append(_substituted(cell.formula, names))
        values |= {names["units"]: cell.units, names["use_bias"]: cell.values["use_bias"]}
        before = names["units"]
    fixed = "+".join(term for term, cell in zip(terms, cells) if not cell.trainable)
    count = counted("+".join(terms), values, fixed or "0")
    return replace(count, non_trainable=None) if any(cell.trainable is None for cell in cells) else count


def _substituted(formula: str, names: Mapping[str, str]) -> str:
    for old in ("use_bias", "features", "units"):
        formula = formula.replace(old, "{" + old + "}")
    return formula.format(**names)


# --- cells -----------------------------------------------------------------------------------------------------------


def _cell_step(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """One step: (batch, features) and the states -> (batch, units) and the new states."""
    cell = cell_of(layer)
    tensor, more = first_tensor(inputs)
    call = Call(layer, version, tensor, tensor.shape, more)
    if cell is None or not more:
        return without_states(layer, inputs, version)
    state = call.tensor_of(call.axis(0), cell.units)
    given = more[0]
    states = (state,) * cell.states if isinstance(given, tuple) else state if isinstance(given, Tensor) else None
    return Applied((state, states), None, _layer_count(call))


def without_states(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """A cell is called on its input and its states, one by one."""
    if not isinstance(inputs, Tensor):
        return Applied(None)
    call = Call(layer, version, inputs, inputs.shape)
    return Applied(None, call.refuse("no-states", "structure", "a step and its states"))


#: What a cell is called on, one by one.
STEP = ("inputs", "states")
RULES = (
    *(
        one_input(name, _layer_outputs, _SOURCE, spec=SEQUENCE, count=_layer_count, states=True)
        for name in ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU")
    ),
    one_input("RNN", _rnn_outputs, "facts: recurrent, cells", spec=_CELL_SEQUENCE, count=_stacked_count, states=True),
    *(
        LayerRule(name, _cell_step, "facts: recurrent, cells; parameters", inputs=STEP)
        for name in ("LSTMCell", "GRUCell", "SimpleRNNCell")
    ),
    LayerRule(
        "StackedRNNCells",
        without_states,
        "facts: recurrent, cells",
        "opaque",
        "called by `RNN`, whose entry tells what comes out",
        inputs=STEP,
    ),
)
