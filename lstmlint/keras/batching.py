"""State and batches: the batch size that a model is bound to, and what comes of batches of another size.

Source: facts, recurrent (stateful); `tests/fixtures/keras_facts/batches.json`, measured with every entry point.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

from lstmlint.classes import dataclass
from lstmlint.keras.layers.base import Layer, Structure, Tensor
from lstmlint.keras.model import Functional, Model, Sequential, flattened
from lstmlint.keras.outcomes import OK, Effect, Outcome, raises
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, at_most, divisible, equal, symbol

#: What a floor of `samples * (1 - split)` is computed with: floats, as in Keras.
_ONE = 1.0


@dataclass(frozen=True, slots=True)
class Batching:
    """Which batches occur: `samples` rows in batches of `size`, a smaller last one included.  None: not known.

    `all_full`: there is no smaller last one.  `at_once`: all samples are one batch (`train_on_batch`).
    `is_stream`: they come from a generator or data set.  `is_open`: from one that tells no sizes beforehand, as all do
    but data sets.  `is_cut`: a data set cuts them, and keeps a smaller last one.
    """

    samples: Dim | None
    size: Dim | None
    all_full: bool = False
    at_once: bool = False
    is_stream: bool = False
    is_open: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch that occurs: its number of rows, whether it is the smaller one at the end, and whether the only one."""

    rows: Dim
    is_rest: bool = False
    is_alone: bool = False


#: Batching of which at least one occurs.
Alternatives: TypeAlias = "list[Batch]"


def split_rows(samples: Dim | None, split: float | None) -> tuple[Dim | None, Dim | None]:
    """How many rows `validation_split` leaves for training, and how many it takes."""
    if samples is None or split is None:
        return None, None
    if not split:
        return samples, None
    if not isinstance(samples, int):
        return None, None
    kept = math.floor(samples * (_ONE - split))
    return kept, samples - kept


def occurring(batches: Batching) -> list[Alternatives]:
    """The batches that occur: of each list, at least one."""
    samples, size = batches.samples, batches.size
    if batches.at_once:
        return [] if samples is None else [[Batch(samples)]]
    if size is None or size == 0:
        return []
    if batches.all_full or size == 1:
        return [[Batch(size)]]
    upper = size - 1 if isinstance(size, int) else None
    last = Batch(symbol("size of the last batch", "keras.batching: the last batch", lower=1, upper=upper), is_rest=True)
    if samples is None:
        return [[Batch(size), last]]
    return _of_rows(samples, size, last)


def without_batch(batches: Batching, entry: str, version: Version) -> Outcome:
    """What comes of data that give not one batch; OK where there is one, or it is not known.

    `entry` is the method.  Keras 3 trains on nothing and says nothing, but cannot predict nothing.
    Unknown: what Keras up to 2.3 does gives OK.
    """
    if (
        batches.at_once
        or version is Version.K2
        or batches.samples is None
        or equal(batches.samples, 0) is not Answer.YES
    ):
        return OK
    if version is Version.T2:
        return raises("ValueError", "Expected input data to be non-empty.")
    if entry == "predict":
        told = "cannot access local variable 'batch_outputs' where it is not associated with a value"
        return raises("UnboundLocalError", told)
    return Outcome(Effect.SILENT)


def _of_rows(samples: Dim, size: Dim, last: Batch) -> list[Alternatives]:
    """The batches of so many rows."""
    if isinstance(samples, int) and isinstance(size, int):
        full, rest = divmod(samples, size)
        return ([[Batch(size)]] if full else []) + ([[Batch(rest, is_rest=True, is_alone=not full)]] if rest else [])
    even = divisible(samples, size)
    if even is Answer.YES:
        return [[Batch(size)]]
    found = [[Batch(size)] if at_most(size, samples) is Answer.YES else [Batch(size), last]]
    left = samples % size
    if even is Answer.NO:
        found.append([Batch(left, is_rest=True)])
    return found


# --- the size that a model is bound to -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Binding:
    """A model that takes batches of one size: `size`, and the stateful `layer` that makes it so.

    Without a layer Keras up to 2.3 holds the program to what it declared.
    """

    size: Dim
    layer: Layer | None


def binding_of(graph: Model | None, version: Version) -> Binding | None:
    """The batch size that a model is bound to; None where there is none, or it is not known."""
    declared = _declared(graph)
    if declared is None:
        return None
    for layer, inputs in _applications(graph):
        if stateful_in(layer) is None:
            continue
        batch = _batch_of(inputs)
        return Binding(declared, stateful_in(layer)) if batch == declared else None
    return Binding(declared, None) if version is Version.K2 else None


def stateful_in(layer: Layer) -> Layer | None:
    """The layer, or one inside of it, that surely keeps its state from batch to batch."""
    if layer.arguments.get("stateful") is True:
        return layer
    inner, model = layer.arguments.get("layer"), layer.arguments.get("model")
    parts = [inner] if isinstance(inner, Layer) else []
    if isinstance(model, (Sequential, Functional)):
        parts = list(model.layers)
    return next((found for part in parts if (found := stateful_in(part)) is not None), None)


def is_stateful(graph: Model | None) -> bool:
    """Whether a layer of the model surely keeps its state."""
    return graph is not None and any(stateful_in(layer) is not None for layer in graph.layers)


def _declared(graph: Model | None) -> Dim | None:
    if isinstance(graph, Sequential):
        return _batch_of(graph.input)
    if isinstance(graph, Functional):
        sizes = {_batch_of(tensor) for tensor in flattened(graph.inputs)}
        return sizes.pop() if len(sizes) == 1 else None
    return None


def _batch_of(structure: Structure) -> Dim | None:
    if isinstance(structure, tuple):
        return _batch_of(structure[0]) if structure else None
    if not isinstance(structure, Tensor) or not structure.shape.exact or not structure.shape.dims:
        return None
    return structure.shape.dims[0]


def _applications(graph: Model | None) -> Iterator[tuple[Layer, Structure]]:
    """Every layer of a model with what comes to it."""
    if isinstance(graph, Sequential):
        seen: Structure = graph.input
        for step in graph.steps:
            yield step.layer, seen
            seen = step.applied.output
    elif isinstance(graph, Functional):
        for node in graph.nodes:
            yield node.layer, node.inputs


# --- what Keras does -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Met:
    """A batch that does not have the size that the model is bound to, and what Keras does with it."""

    batch: Batch
    outcome: Outcome


def unfit_batch(binding: Binding, batches: Batching, entry: str, version: Version) -> Met | None:
    """The first batch that surely occurs and surely is of another size; None where all may fit.

    `entry` is the method that is given the data.  One that Keras runs on with counts only where no other raises.
    """
    if _is_loop_refused(binding, batches, version):
        return Met(
            Batch(binding.size), raises("ValueError", _LOOP.format(layer=binding.layer and binding.layer.class_name))
        )
    silent: Met | None = None
    for alternatives in occurring(batches):
        found = [_met(binding, batch, batches, entry, version) for batch in alternatives]
        if any(met.outcome.effect is Effect.OK for met in found):
            continue
        raised = next((met for met in found if met.outcome.effect is Effect.RAISES), None)
        if raised is not None:
            return raised
        silent = silent or found[0]
    return silent


_LOOP = (
    "Exception encountered when calling {layer}.call(). Input tensor … enters the loop with shape (1, …), but has shape "
    "(None, …) after one iteration."
)


def _is_loop_refused(binding: Binding, batches: Batching, version: Version) -> bool:
    """Whether the states of one row go into a loop of TensorFlow's that does not know the rows of a batch.

    With several rows it does know them: of an open size and another than 1 it takes the latter.
    """
    layer = binding.layer
    if version is not Version.K3 or binding.size != 1 or layer is None or not (batches.is_open or batches.is_cut):
        return False
    return layer.class_name in ("LSTM", "GRU", "SimpleRNN") and layer.arguments.get("unroll", False) is False


def _met(binding: Binding, batch: Batch, batches: Batching, entry: str, version: Version) -> Met:
    if equal(batch.rows, binding.size) is not Answer.NO:
        return Met(batch, OK)
    if version is Version.K2:
        return Met(batch, _k2(binding, batch, batches, entry))
    if _is_broadcast(batch, batches, entry, version):
        return Met(batch, Outcome(Effect.SILENT))
    return Met(batch, _raised(binding, batch, batches, entry, version))


def _k2(binding: Binding, batch: Batch, batches: Batching, entry: str) -> Outcome:
    if binding.layer is not None and batch.is_rest and entry != "predict" and not batches.is_stream:
        told = "In a stateful network, you should only pass inputs with a number of samples that can be divided by the batch size."
        return raises("ValueError", f"{told} Found: {batches.samples} samples")
    return raises("InvalidArgumentError", f"Incompatible shapes: [{binding.size},…] vs. [{batch.rows},…]")


def _is_broadcast(batch: Batch, batches: Batching, entry: str, version: Version) -> bool:
    """Whether a batch of one row is silently taken for all rows: where the graph does not know its size."""
    if batch.rows != 1 or batches.at_once or _is_static(batches):
        return False
    return version is Version.T2 or entry != "predict" or not batch.is_alone


def _is_static(batches: Batching) -> bool:
    """Whether Keras knows the size of the batches before they run."""
    if batches.at_once or batches.all_full:
        return True
    if batches.is_stream or batches.samples is None or batches.size is None:
        return False
    return divisible(batches.samples, batches.size) is Answer.YES


def _raised(binding: Binding, batch: Batch, batches: Batching, entry: str, version: Version) -> Outcome:
    if version is Version.K3 and (
        _is_static(batches) or (entry == "predict" and (not batch.is_rest or batch.is_alone))
    ):
        return raises(
            "ValueError",
            "If an RNN is stateful, the batch size of the input sequences must be the same as the batch size of the "
            "initial state.",
        )
    if version is Version.T2 and _is_static(batches):
        return raises("ValueError", f"expected shape=({binding.size}, …), found shape=({batch.rows}, …)")
    return raises("InvalidArgumentError", f"Incompatible shapes: [{batch.rows},…] vs. [{binding.size},…]")
