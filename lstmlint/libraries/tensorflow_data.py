"""`tf.data`: datasets as the structure of one element and the number of elements."""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.joins import generalise
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import (
    NONE,
    Const,
    Foreign,
    Sequence,
    Unknown,
    Value,
    as_dim,
    from_dim,
    tuple_of,
    unknown,
)
from lstmlint.libraries.array_arguments import flag, given
from lstmlint.libraries.arrays import NDARRAY, TENSOR, Array, as_array, derive, leading, make
from lstmlint.libraries.dtypes import dtype_of
from lstmlint.libraries.python_values import shortest
from lstmlint.libraries.registry import attribute, model
from lstmlint.shapes.dims import Answer, Dim, ceil_div, divisible, equal, less, maximum, symbol
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape
from lstmlint.trace import SlicesDiffer

DATASET = "tensorflow.data.Dataset"

CONSTANTS: dict[str, Value] = {
    "tensorflow.data.AUTOTUNE": Const(-1),
    "tensorflow.data.experimental.AUTOTUNE": Const(-1),
    "tensorflow.data.INFINITE_CARDINALITY": Const(-1),
}


@dataclass(frozen=True, slots=True, eq=False)
class Dataset(Foreign):
    """A dataset: `element` is what iterating gives (tensors in tuples and dicts), `length` how many, None if unknown.

    `batch` is the size that `batch` was asked for: the last batch may be smaller unless `is_full`.  `endless`: it repeats
    for ever.  `rows` is the number of samples in all batches.
    """

    element: Value
    length: Dim | None = None
    batch: Dim | None = None
    endless: bool = False
    is_full: bool = False
    rows: Dim | None = None

    type_name = DATASET

    def generalise(self, other: Value) -> Value | None:
        """A dataset whose element covers those of both."""
        if not isinstance(other, Dataset):
            return None
        same = self.length is not None and other.length is not None and equal(self.length, other.length) is Answer.YES
        batch = self.batch if self.batch == other.batch else None
        element = generalise(self.element, other.element)
        full = self.is_full and other.is_full
        return Dataset(element, self.length if same else None, batch, self.endless and other.endless, full)


@dataclass(frozen=True, slots=True)
class Spec(Foreign):
    """`tf.TensorSpec`: the shape and dtype of a tensor to come."""

    shape: Shape
    dtype: str | None = None

    type_name = "tensorflow.TensorSpec"


# --- structures of tensors -------------------------------------------------------------------------------------------


def map_structure(call: Call, value: Value, change: Callable[[Value], Value]) -> Value:
    """The same tuples and dicts with each part changed."""
    if isinstance(value, Sequence) and value.kind == "tuple" and value.items is not None:
        return tuple_of(*(map_structure(call, item, change) for item in value.items))
    found = call.mapping(value)
    if found is not None and found.others is None:
        entries = {ident: (key, map_structure(call, item, change)) for ident, (key, item) in found.entries.items()}
        return call.interpreter.allocate(DictObject(entries), "dict")
    return change(value)


def parts_of_structure(call: Call, value: Value) -> list[Value]:
    """The parts of tuples and dicts in one list."""
    parts: list[Value] = []

    def keep(part: Value) -> Value:
        parts.append(part)
        return part

    map_structure(call, value, keep)
    return parts


def tensor(call: Call, value: Value) -> Value:
    """A value as a tensor, where it is surely an array or a number."""
    if isinstance(value, (Dataset, Spec)):
        return value
    found = as_array(call, value)
    return value if found is None else replace(found, kind=TENSOR, columns=None, cell=None)


def _without_first(call: Call, value: Value) -> Value:
    """One of the arrays along the first axis."""
    found = as_array(call, value)
    if found is None:
        return unknown("an element")
    return derive(call, found, Shape(found.shape.dims[1:], found.shape.exact), kind=TENSOR, range=found.range)


def _length_along(call: Call, value: Value) -> Dim | None:
    found = as_array(call, value)
    return None if found is None or (found.shape.exact and not found.shape.dims) else leading(found)


def _prepended(call: Call, value: Value, dim: Dim) -> Value:
    if isinstance(value, Dataset):
        return unknown("an element")
    if isinstance(value, Unknown):  # perhaps a tuple or a dict
        return value
    found = as_array(call, value)
    return value if found is None else derive(call, found, found.shape.prepend([dim]), kind=TENSOR, range=found.range)


# --- making ----------------------------------------------------------------------------------------------------------


@model(f"{DATASET}.from_tensor_slices")
def from_tensor_slices(call: Call, tensors: Value) -> Value:
    """One element for each place along the first axis of the tensors."""
    lengths = [_length_along(call, part) for part in parts_of_structure(call, tensors)]
    known = [dim for dim in lengths if dim is not None and dim != 0]  # what is empty has been filled out of sight
    other = next((dim for dim in known if equal(known[0], dim) is Answer.NO), None)
    if other is not None:
        call.record(SlicesDiffer(known[0], other))
        return call.unknown()
    return Dataset(
        map_structure(call, tensors, lambda part: _without_first(call, part)), known[0] if known else None
    )  # fmt: skip


@model(f"{DATASET}.from_tensors")
def from_tensors(call: Call, tensors: Value) -> Value:
    """One element: the tensors as they are."""
    return Dataset(map_structure(call, tensors, lambda part: tensor(call, part)), 1)


@model(f"{DATASET}.range")
def range_(call: Call, *args: Value) -> Value:
    """Whole numbers."""
    dims = [as_dim(arg) for arg in args]
    length = dims[0] if len(dims) == 1 else None
    if len(dims) == 2 and dims[0] is not None and dims[1] is not None:
        length = dims[1] - dims[0]
    return Dataset(Array(Shape(()), TENSOR, "int64", call.unknown().ident, call.site, "i"), length)


@model("tensorflow.TensorSpec", "tensorflow.RaggedTensorSpec")
def tensor_spec(call: Call, shape: Value | None = None, dtype: Value | None = None) -> Value:
    """The shape and dtype; a size of None becomes a symbol."""
    found = spec_shape(call, shape) if not call.name.endswith("RaggedTensorSpec") else UNKNOWN_SHAPE
    return Spec(found, dtype_of(dtype, "float32"))


def spec_shape(call: Call, value: Value | None) -> Shape:
    """The shape that a tuple, list or TensorShape tells; a size of None becomes a symbol."""
    if value is None or value == NONE:
        return UNKNOWN_SHAPE
    dims = call.dims(value)
    if dims is None:
        return UNKNOWN_SHAPE
    return Shape(tuple(symbol(f"shape[{axis}]") if dim is None else dim for axis, dim in enumerate(dims)))


@model("tensorflow.TensorShape")
def tensor_shape(call: Call, dims: Value | None = None) -> Value:
    """The tuple of its dims."""
    items = call.items(dims)
    return call.unknown() if items is None else tuple_of(*items)


@model(f"{DATASET}.from_generator")
def from_generator(
    call: Call,
    generator: Value,
    output_types: Value | None = None,
    output_shapes: Value | None = None,
    args: Value | None = None,
    output_signature: Value | None = None,
) -> Value:
    """Elements as the signature tells; without one of unknown shape."""
    if output_signature is not None and given(output_signature):
        return Dataset(map_structure(call, output_signature, lambda spec: _of_spec(call, spec)))
    types = NONE if output_types is None else output_types
    shapes = NONE if output_shapes is None else output_shapes
    return Dataset(_of_types(call, types, shapes))


def _of_spec(call: Call, spec: Value) -> Value:
    return make(call, spec.shape, TENSOR, spec.dtype) if isinstance(spec, Spec) else unknown("an element")


def _of_types(call: Call, types: Value, shapes: Value) -> Value:
    """The element for `output_types` and `output_shapes`, which are nested alike."""
    many = call.items(types) if isinstance(types, Sequence) else None
    if many is None:
        return make(call, spec_shape(call, shapes), TENSOR, dtype_of(types))
    parts = call.items(shapes) if shapes != NONE else None
    known = parts if parts is not None and len(parts) == len(many) else (NONE,) * len(many)
    return tuple_of(*(_of_types(call, one, shape) for one, shape in zip(many, known)))


@model(f"{DATASET}.zip")
def zip_(call: Call, *datasets: Value) -> Value:
    """Elements of several datasets side by side."""
    structure = datasets[0] if len(datasets) == 1 else tuple_of(*datasets)
    parts = parts_of_structure(call, structure)
    known = [part for part in parts if isinstance(part, Dataset)]
    if call.open_args or len(known) < len(parts):
        return call.unknown()

    def element(part: Value) -> Value:
        return part.element if isinstance(part, Dataset) else part

    length = shortest(part.length for part in known if not part.endless)
    batch = known[0].batch if all(part.batch == known[0].batch for part in known) else None
    return Dataset(map_structure(call, structure, element), length, batch, all(part.endless for part in known))


# --- changing --------------------------------------------------------------------------------------------------------

_UNCHANGED = ("cache", "prefetch", "shuffle", "with_options", "ignore_errors", "snapshot")


@model(*(f"{DATASET}.{name}" for name in _UNCHANGED))
def unchanged(call: Call, self: Value) -> Value:
    """The same elements, perhaps in another order."""
    return self


@model(f"{DATASET}.repeat")
def repeat(call: Call, self: Value, count: Value | None = None) -> Value:
    """The elements several times, or for ever."""
    assert isinstance(self, Dataset)
    times = NONE if count is None else count
    if times == NONE or times == Const(-1):
        return replace(self, length=None, endless=True)
    dim = as_dim(times)
    return replace(self, length=None if dim is None or self.length is None else self.length * dim)


@model(f"{DATASET}.batch", f"{DATASET}.padded_batch")
def batch(
    call: Call,
    self: Value,
    batch_size: Value,
    drop_remainder: Value | None = None,
    padded_shapes: Value | None = None,
) -> Value:
    """Elements put together along a new first axis; the last batch may be smaller."""
    assert isinstance(self, Dataset)
    if call.name.endswith("padded_batch"):
        drop_remainder = call.keywords.get("drop_remainder")
    size = divisor(batch_size)
    dropped = flag(call, drop_remainder)
    dim = size if size is not None and (dropped is True or _fills(self, size)) else last_smaller(size)
    if dropped is False and size is not None and self.length not in (None, 0) and _is_one(self, size):
        dim = self.length
    element = map_structure(call, self.element, lambda part: _prepended(call, part, dim))
    if call.name.endswith("padded_batch"):
        element = map_structure(call, element, lambda part: _padded(call, part, dim))
    length = None
    if size is not None and self.length is not None and isinstance(dropped, bool):
        length = self.length // size if dropped else ceil_div(self.length, size)
    known = size if isinstance(dropped, bool) else None
    return Dataset(element, length, known, self.endless, dropped is True, None if dropped else self.length)


def _fills(dataset: Dataset, size: Dim) -> bool:
    """Whether every batch is full."""
    if dataset.endless:
        return True
    return dataset.length is not None and divisible(dataset.length, size) is Answer.YES


def _is_one(dataset: Dataset, size: Dim) -> bool:
    """Whether all elements are one batch that is not full."""
    return not dataset.endless and dataset.length is not None and less(dataset.length, size) is Answer.YES


def divisor(value: Value) -> Dim | None:
    """A size that something is divided by, None where it is not known or 0."""
    dim = as_dim(value)
    return None if dim == 0 else dim


def last_smaller(size: Dim | None) -> Dim:
    """The size of a batch of at most `size`."""
    return symbol("batch", lower=1, upper=size if isinstance(size, int) else None)


def _padded(call: Call, value: Value, dim: Dim) -> Value:
    """A tensor whose other dims are those of the longest element."""
    found = as_array(call, value)
    if found is None or not found.shape.exact:
        return value
    padded = tuple(symbol(f"padded[{axis}]") for axis in range(1, len(found.shape.dims)))
    return derive(call, found, Shape((dim, *padded)))


@model(f"{DATASET}.unbatch")
def unbatch(call: Call, self: Value) -> Value:
    """The elements of the batches one by one."""
    assert isinstance(self, Dataset)
    return Dataset(map_structure(call, self.element, lambda part: _without_first(call, part)), endless=self.endless)


@model(f"{DATASET}.take")
def take(call: Call, self: Value, count: Value) -> Value:
    """The first elements."""
    assert isinstance(self, Dataset)
    size = as_dim(count)
    length = size if self.endless else shortest([self.length, size])
    return replace(self, length=length, endless=False, rows=None)


@model(f"{DATASET}.skip")
def skip(call: Call, self: Value, count: Value) -> Value:
    """All but the first elements."""
    assert isinstance(self, Dataset)
    size = as_dim(count)
    if size is None or self.length is None:
        return replace(self, length=None, rows=None)
    return replace(self, length=maximum(self.length - size, 0), rows=None)


@model(f"{DATASET}.filter", f"{DATASET}.shard", f"{DATASET}.take_while")
def some(call: Call, self: Value) -> Value:
    """Some of the elements."""
    assert isinstance(self, Dataset)
    return replace(self, length=None, rows=None)


@model(f"{DATASET}.concatenate")
def concatenate(call: Call, self: Value, dataset: Value) -> Value:
    """The elements of one dataset and then of another."""
    if not isinstance(self, Dataset) or not isinstance(dataset, Dataset):
        return call.unknown()
    both = self.generalise(dataset)
    total = None if self.length is None or dataset.length is None else self.length + dataset.length
    return replace(both, length=total, rows=None) if isinstance(both, Dataset) else call.unknown()


@model(f"{DATASET}.enumerate")
def enumerate_(call: Call, self: Value) -> Value:
    """Pairs of a number and an element."""
    assert isinstance(self, Dataset)
    index = Array(Shape(()), TENSOR, "int64", call.unknown().ident, call.site, "i")
    return Dataset(tuple_of(index, self.element), self.length, None, self.endless)


@model(f"{DATASET}.map")
def map_(call: Call, self: Value, map_func: Value) -> Value:
    """What the function makes of each element (of a tuple: of its parts as arguments)."""
    assert isinstance(self, Dataset)
    return replace(self, element=map_structure(call, _applied(call, self, map_func), lambda part: tensor(call, part)))


def _applied(call: Call, dataset: Dataset, function: Value) -> Value:
    parts = call.items(dataset.element) if isinstance(dataset.element, Sequence) else None
    return call.call(function, *(parts if parts is not None else (dataset.element,)))


@model(f"{DATASET}.window")
def window(
    call: Call,
    self: Value,
    size: Value,
    shift: Value | None = None,
    stride: Value | None = None,
    drop_remainder: Value | None = None,
) -> Value:
    """Datasets of `size` elements each."""
    assert isinstance(self, Dataset)
    width = as_dim(size) if flag(call, drop_remainder) is True else None
    return Dataset(map_structure(call, self.element, lambda part: Dataset(part, width)), None, None, self.endless)


@model(f"{DATASET}.flat_map", f"{DATASET}.interleave")
def flat_map(call: Call, self: Value, map_func: Value) -> Value:
    """The elements of all datasets that the function makes."""
    assert isinstance(self, Dataset)
    made = _applied(call, self, map_func)
    return Dataset(made.element, None, made.batch) if isinstance(made, Dataset) else call.unknown()


@model(f"{DATASET}.apply")
def apply(call: Call, self: Value, transformation_func: Value) -> Value:
    """What the function makes of the dataset."""
    return call.call(transformation_func, self)


# --- reading ---------------------------------------------------------------------------------------------------------


@model(f"{DATASET}.__iter__", f"{DATASET}.as_numpy_iterator")
def iterate(call: Call, self: Value) -> Value:
    """The elements, as tensors or ndarrays."""
    assert isinstance(self, Dataset)
    element = self.element
    if call.name.endswith("as_numpy_iterator"):
        element = map_structure(call, element, lambda p: replace(p, kind=NDARRAY) if isinstance(p, Array) else p)
    return Sequence("iterator", None, self.length, element)


@model(f"{DATASET}.__next__", f"{DATASET}.get_next", f"{DATASET}.get_single_element")
def next_(call: Call, self: Value) -> Value:
    """Any element."""
    assert isinstance(self, Dataset)
    return self.element


@model(f"{DATASET}.__len__", f"{DATASET}.cardinality")
def length_of(call: Call, self: Value) -> Value:
    """The number of elements."""
    assert isinstance(self, Dataset)
    return call.unknown(number="int") if self.length is None else from_dim(self.length)


@attribute(f"{DATASET}.element_spec")
def element_spec(call: Call, self: Value) -> Value:
    """The specifications of the element's tensors."""
    assert isinstance(self, Dataset)

    def spec(part: Value) -> Value:
        return Spec(part.shape, part.dtype) if isinstance(part, Array) else unknown("a specification")

    return map_structure(call, self.element, spec)
