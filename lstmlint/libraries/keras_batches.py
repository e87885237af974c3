"""In which batches a training call goes through its data."""

from __future__ import annotations

from lstmlint.classes import dataclass
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import NONE, Const, Ref, Unknown, Value, as_dim, is_text
from lstmlint.keras.batching import Batching, is_stateful, split_rows
from lstmlint.keras.layers.base import UNKNOWN
from lstmlint.keras.model import Model
from lstmlint.keras.versions import Version
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import NDARRAY, Array, as_array, leading
from lstmlint.libraries.keras_data import Batches
from lstmlint.libraries.keras_values import version_of
from lstmlint.libraries.tensorflow_data import Dataset
from lstmlint.shapes.dims import Answer, Dim, at_most, ceil_div, divisible
from lstmlint.shapes.shape import Axis
from lstmlint.trace import ClassWeight, DataStructure, arrays_in


@dataclass(frozen=True, slots=True)
class How:
    """What a training call says of its batches; None: not given."""

    batch_size: Value | None = None
    split: Value | None = None
    steps: Value | None = None
    shuffle: Value | None = None
    class_weight: Value | None = None
    sample_weight: Value | None = None


def size_of(call: Call, asked: Value | None) -> Dim | None:
    """The `batch_size` that counts: 32 unless another is given, None where it is not known."""
    if asked is not None and given(asked):
        return as_dim(asked)
    return None if call.open_keywords else 32


def split_of(call: Call, how: How) -> float | None:
    """`validation_split`, 0 where none is given; None: not known."""
    split = 0.0 if how.split is None or how.split == NONE else call.constant(how.split)
    return split if isinstance(split, (int, float)) and not (call.open_keywords and how.split is None) else None


def rows_of(call: Call, x: Value, inputs: DataStructure) -> Dim | None:
    """How many samples (or rows of one batch) a model is given."""
    if isinstance(x, (Array, Unknown)):
        array = as_array(call, x)
        known = array is not None and (not array.shape.exact or array.shape.dims)
        return leading(array) if array is not None and known else None
    first = next(arrays_in(inputs), None)
    return first.shape.dims[0] if first is not None and first.shape.exact and first.shape.dims else None


def batching_of(
    call: Call, x: Value, inputs: DataStructure, how: How, *, streamed: bool, has_targets: bool
) -> Batching:
    """The batches of data; of arrays without those of `validation_split`."""
    if call.name.endswith("_on_batch"):
        return Batching(rows_of(call, x, inputs), None, at_once=True)
    if streamed:
        return _of_stream(call, x, inputs, how.steps)
    samples, _ = split_rows(rows_of(call, x, inputs), split_of(call, how))
    size = size_of(call, how.batch_size)
    if isinstance(x, Unknown) and not has_targets and (how.batch_size is None or not given(how.batch_size)):
        return Batching(None, None)  # it may be a data set
    return Batching(_used(call, samples, size, how.steps), size)


def _of_stream(call: Call, x: Value, inputs: DataStructure, steps: Value | None) -> Batching:
    """The batches of a generator or data set: of an unknown one at least the first."""
    rows = rows_of(call, x, inputs)
    found = call.payload(x)
    if isinstance(found, Batches):
        used = _used(call, leading(found.x), found.batch_size, steps)
        return Batching(used, found.batch_size, is_stream=True, is_open=True)
    if isinstance(x, Dataset) and x.length == 0:
        return Batching(0, x.batch, is_stream=True)  # `drop_remainder` left nothing
    if isinstance(x, Dataset) and x.batch is not None and rows is not None and at_most(rows, x.batch) is Answer.YES:
        samples = _used(call, x.rows, x.batch, steps)
        return Batching(samples, x.batch, all_full=x.is_full, is_stream=not x.is_full, is_cut=not x.is_full)
    return Batching(rows, rows, is_stream=True, is_open=not isinstance(x, Dataset))


def rows_of_stream(call: Call, x: Value, steps: Value | None) -> Dim | None:
    """How many samples a generator or data set gives in all its batches; None where it is not known."""
    if steps is not None and steps != NONE:
        return None
    found = call.payload(x)
    if isinstance(found, Batches):
        return leading(found.x)
    return x.rows if isinstance(x, Dataset) and not x.endless else None


def _used(call: Call, samples: Dim | None, size: Dim | None, steps: Value | None) -> Dim | None:
    """The samples, None where the number of steps may leave the last batch out."""
    if steps is None:
        return None if call.open_keywords else samples
    if steps == NONE or samples is None:
        return samples
    count = as_dim(steps)
    if count is None or size is None or size == 0:
        return None
    return samples if at_most(ceil_div(samples, size), count) is Answer.YES else None


def is_shuffled(call: Call, how: How) -> bool | None:
    """Whether the rows are surely given in another order each time; None: not known."""
    if how.shuffle is None:
        return None if call.open_keywords else True
    return bool(how.shuffle.value) if isinstance(how.shuffle, Const) else None


def batch_when_built(call: Call, method: str, graph: Model | None, batching: Batching) -> Axis:
    """The batch size that a model is built with that takes its shape from its first data.

    None where Keras leaves it open: everywhere but for stateful layers.  These it gives the size of the batches, if all
    of them have one.
    """
    if version_of(call) is Version.K2 or not is_stateful(graph):
        return None
    if method in ("fit", "evaluate") and not batching.is_stream and batching.samples is not None and batching.size:
        even = divisible(batching.samples, batching.size)
        if even is not Answer.CANNOT_KNOW:
            return batching.size if even is Answer.YES else None
    return call.symbol("batch size", lower=1)


def class_weight_of(call: Call, how: How) -> ClassWeight | None:
    """What stands for the classes' weights, where it is known what it is."""
    if how.class_weight is None or not given(how.class_weight):
        return None
    value = call.interpreter.state.resolve(how.class_weight)
    if is_text(value):
        return ClassWeight("str")
    if isinstance(value, Array):
        return ClassWeight("ndarray") if value.kind == NDARRAY else None
    mapping = call.mapping(value)
    if mapping is not None:
        keys = [key.value if isinstance(key, Const) else UNKNOWN for key, _ in mapping.entries.values()]
        return ClassWeight("dict", tuple(keys) if mapping.others is None and UNKNOWN not in keys else None)
    return ClassWeight("list") if isinstance(value, Ref) and value.kind == "list" else None
