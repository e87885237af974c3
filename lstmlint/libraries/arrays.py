"""The array value that numpy, pandas, TensorFlow and the Keras bindings share."""

from __future__ import annotations

from collections.abc import Hashable

from lstmlint.classes import dataclass, replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import FacetObject, LibraryObject
from lstmlint.interpreter.values import (
    Const,
    Foreign,
    Ref,
    Sequence,
    Site,
    Symbolic,
    Unknown,
    Value,
    fresh_key,
    is_text,
    top_of,
    unknown,
)
from lstmlint.libraries.dtypes import is_float, is_integer, is_scalar, promote
from lstmlint.shapes.dims import Answer, Dim, bounds, equal, symbol
from lstmlint.shapes.operations import Mismatch, stack
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape, same

NDARRAY = "numpy.ndarray"
DATAFRAME = "pandas.DataFrame"
SERIES = "pandas.Series"
INDEX = "pandas.Index"
TENSOR = "tensorflow.Tensor"

#: Kinds of sequence that `numpy.array` takes apart; it wraps others (a set, a generator) as one object.
_SEQUENCES = ("list", "tuple", "range")


@dataclass(frozen=True, slots=True)
class Range:
    """What is proved of the values of an array.  `low` and `high` are attained bounds' limits (inclusive).

    `integral`: all are whole numbers.  `one_hot`: rows along the last axis hold one 1 and else 0.
    `reached`: both limits surely occur; that holds of all the values together, not of some of them.
    `spans`: of the data that these are rows of, some values are at most the first and some at least the second number.
    `top`: the greatest whole number that is meant to occur, such as the size of a vocabulary.
    """

    low: float | None = None
    high: float | None = None
    integral: bool = False
    one_hot: bool = False
    reached: bool = False
    spans: tuple[float, float] | None = None
    top: Dim | None = None


@dataclass(frozen=True, slots=True)
class Array(Foreign):
    """An array of a library.

    `kind` is the qualified class (`NDARRAY`, `DATAFRAME`, `SERIES`, `TENSOR`): it travels through slices and splits.
    `ident` is its identity.  `shape_ident` is the identity of its shape (`ident` when None), from which the symbols of
    dims are derived while the rank is unknown.  `site` is where it was made.
    `columns` are the labels of a DataFrame or Index,
    where known.  `ragged`: an object array of rows of differing lengths.
    `cell` points to the heap object with the current value of something that the program can change in place.
    """

    shape: Shape
    kind: str = NDARRAY
    dtype: str | None = None
    ident: Hashable = None
    site: Site | None = None
    name: str = "?"
    range: Range | None = None
    columns: tuple[str, ...] | None = None
    ragged: bool = False
    shape_ident: Hashable = None
    cell: Ref | None = None

    @property
    def type(self) -> str:
        return self.kind

    @property
    def key(self) -> Hashable:
        return ("unknown", self.ident)

    def generalise(self, other: Value) -> Value | None:
        """An array of the same kind that covers both: dims that differ become fresh symbols, and a rank unknown.

        A number is an array of rank 0.
        """
        if not isinstance(other, Array):
            number = number_array(other)
            if number is None or self.shape != number.shape:
                return None
            other = replace(number, kind=self.kind)
        if other.kind != self.kind:
            return None
        return replace(
            self,
            shape=_generalise_shapes(self.shape, other.shape),
            dtype=promote(self.dtype, other.dtype),
            ident=fresh_key(),
            shape_ident=self.shape_ident if _same_identity(self, other) else None,
            range=cover(self.range, other.range),
            columns=self.columns if self.columns == other.columns else None,
            ragged=self.ragged and other.ragged,
            cell=self.cell if self.cell == other.cell else None,
        )


def _same_identity(a: Array, b: Array) -> bool:
    return a.shape_ident is not None and a.shape_ident == b.shape_ident


def _generalise_shapes(a: Shape, b: Shape) -> Shape:
    """The dims that both have, counted from the end."""
    if a.exact and b.exact and len(a.dims) == len(b.dims):
        return Shape(tuple(x if _agree(x, y) else symbol("?") for x, y in zip(a.dims, b.dims)))
    pairs = list(zip(reversed(a.dims), reversed(b.dims)))
    return Shape(tuple(x if _agree(x, y) else symbol("?") for x, y in reversed(pairs)), exact=False)


def _agree(a: Axis, b: Axis) -> bool:
    return a is not None and b is not None and equal(a, b) is Answer.YES


def cover(a: Range | None, b: Range | None) -> Range | None:
    """What holds of the values of both."""
    if a is None or b is None or a == b:
        return a if a == b else None
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    spans = None if a.spans is None or b.spans is None else (max(a.spans[0], b.spans[0]), min(a.spans[1], b.spans[1]))
    return Range(
        low,
        high,
        a.integral and b.integral,
        a.one_hot and b.one_hot,
        spans=spans,
        top=a.top if a.top == b.top else None,
    )


#: Rows for each class, of which so many surely hold every class: but for one case in a million.
_ENOUGH = 15


def covers_limits(array: Array) -> bool:
    """Whether both limits of an array's values occur, as far as the program tells which values there are."""
    found = array.range
    if found is None or found.low is None or found.high is None:
        return False
    if found.reached or found.spans is None:
        return found.reached
    count = array.shape.size if array.shape.exact else None
    enough = not isinstance(count, int) or count >= _ENOUGH * (found.high - found.low + 1)
    return enough and found.spans[0] <= found.low and found.spans[1] >= found.high


# --- making ----------------------------------------------------------------------------------------------------------


def make(call: Call, shape: Shape, kind: str = NDARRAY, dtype: str | None = None, **more: object) -> Array:
    """A new array that `call` makes; named after the variable it is assigned to.

    That limits of its values are reached is for the caller to say, of what is made.
    """
    name = call.interpreter.target_name or call.name.rpartition(".")[2]
    made = Array(shape, kind, dtype, fresh_key(), call.site, name, **more)  # type: ignore[arg-type]
    return _kept(call, _unreached(made))


def new_name(call: Call, found: Array) -> str:
    """The name of the variable that the result of a call is assigned to, else the name that the array has."""
    return call.interpreter.target_name or found.name


def derive(call: Call, array: Array, shape: Shape | Mismatch, **changes: object) -> Array:
    """A new array made from `array` (same kind and dtype unless changed), with no facts about its values.

    A mismatch: of unknown shape, for this line raises or something before it was not understood.
    """
    known = UNKNOWN_SHAPE if isinstance(shape, Mismatch) else shape
    name = new_name(call, array)
    made = Array(known, array.kind, array.dtype, fresh_key(), call.site, name)
    if changes:
        made = replace(made, **changes)  # type: ignore[arg-type]
    function = call.name.rpartition(".")[2]
    if is_fractional(call, array) and function in _KEEPING and is_float(made.dtype):
        call.interpreter.state.refined["fractional", made.ident] = True
    items = items_of(call, array) if function in _KEEPING_ORDER else None
    if items is not None and made.dtype == array.dtype and known.exact and known.size == len(items):
        note_items(call, made, items)
    return _kept(call, made if _as_many(array.shape, known) else _unreached(made))


def _unreached(array: Array) -> Array:
    """The array without the claim that the limits of its values occur."""
    if array.range is None or not array.range.reached:
        return array
    return replace(array, range=replace(array.range, reached=False))


def _as_many(a: Shape, b: Shape) -> bool:
    """Whether two shapes surely have equally many elements."""
    first, second = (shape.size if shape.exact else None for shape in (a, b))
    return first is not None and second is not None and equal(first, second) is Answer.YES


#: The rank of what always has one rank.
_RANKS = {DATAFRAME: 2, SERIES: 1, INDEX: 1}


def _kept(call: Call, made: Array) -> Array:
    """A frame or series can be changed in place; with another rank it is a plain array."""
    rank = _RANKS.get(made.kind)
    if rank is None:
        return made
    if made.shape.rank != rank:
        return replace(made, kind=NDARRAY, columns=None)
    return made if made.kind == INDEX else changeable(call, made)


def alike(call: Call, array: Array, **changes: object) -> Array:
    """A new array of the same shape as `array`, also where that is not known (same columns; no facts about values)."""
    same_shape: dict[str, object] = {
        "columns": array.columns,
        "ragged": array.ragged,
        "shape_ident": identity(array),
        "name": array.name if not array.shape.exact else new_name(call, array),
    }
    made = derive(call, array, array.shape, **{**same_shape, **changes})
    return mark_predicted(call, made) if is_predicted(call, array) else made


def unranked(call: Call, kind: str = NDARRAY, dtype: str | None = None) -> Array:
    """An array about whose shape nothing is known."""
    return make(call, UNKNOWN_SHAPE, kind, dtype)


def at_most_of_rank(call: Call, array: Array, rank: int) -> Array:
    """Remember that an array of unknown rank has no more axes than these."""
    call.interpreter.state.refined["at most", identity(array)] = rank
    return array


def of_indexed_rank(call: Call, array: Array, axes: int) -> Array:
    """The array with the rank that an index with a part for each of `axes` proves, where it can have no more."""
    refined = call.interpreter.state.refined
    if array.shape.exact or refined.get(("at most", identity(array))) != axes:
        return array
    refined["length", ("attr", identity(array), "shape")] = axes
    return replace(array, shape=shape_of(call, array))


# --- predictions ------------------------------------------------------------------------------------------------------


def mark_predicted(call: Call, array: Array) -> Array:
    """Remember that an array is what a model predicted, row by row."""
    call.interpreter.state.refined["predicted", array.ident] = True
    return array


def is_predicted(call: Call, array: Array) -> bool:
    """Whether an array is surely what a model predicted."""
    return ("predicted", array.ident) in call.interpreter.state.refined


#: Functions that leave every value as it is.
_KEEPING = frozenset({
    "reshape", "ravel", "flatten", "squeeze", "expand_dims", "transpose", "copy", "array", "asarray", "astype",
    "__getitem__", "numpy", "concatenate", "vstack",
})  # fmt: skip


#: Those of them that leave the elements in their order as well.
_KEEPING_ORDER = _KEEPING - {"transpose", "__getitem__", "concatenate", "vstack"}


def mark_fractional(call: Call, array: Array) -> Array:
    """Remember that the numbers of an array are surely not all whole."""
    call.interpreter.state.refined["fractional", array.ident] = True
    return array


def is_fractional(call: Call, array: Array) -> bool:
    """Whether the numbers of an array are surely not all whole."""
    return ("fractional", array.ident) in call.interpreter.state.refined


def note_items(call: Call, array: Array, items: tuple[Const, ...]) -> Array:
    """Remember the texts that an array holds, one by one (in the order of its elements)."""
    call.interpreter.state.refined["items", array.ident] = items
    return array


def items_of(call: Call, array: Array) -> tuple[Const, ...] | None:
    """The texts that an array holds; None where they are not known one by one."""
    found = call.interpreter.state.refined.get(("items", array.ident))
    return found if isinstance(found, tuple) else None


def distinct_items(call: Call, array: Array) -> tuple[Const, ...] | None:
    """The different texts that an array holds, sorted."""
    items = items_of(call, array)
    return None if items is None else tuple(sorted(set(items), key=lambda item: str(item.value)))


def forget_values(call: Call) -> None:
    """Something was written into an array, which others may be views of."""
    refined = call.interpreter.state.refined
    for key in [key for key in refined if isinstance(key, tuple) and key[0] in ("fractional", "items")]:
        del refined[key]


# --- shapes ----------------------------------------------------------------------------------------------------------


def identity(array: Array) -> Hashable:
    """What the symbols for the dims of an array of unknown rank are derived from."""
    return array.ident if array.shape_ident is None else array.shape_ident


def axis_symbol(ident: Hashable, name: str, axis: int) -> Dim:
    """The symbol for a dim of an array or Unknown whose rank may be unknown: the same for the same array and axis."""
    return symbol(f"{name}.shape[{axis}]", axis_key(ident, axis))


def axis_key(ident: Hashable, axis: int) -> Hashable:
    """The identity of that symbol."""
    return "item", ("attr", ident, "shape"), axis


def shape_of(call: Call, array: Array) -> Shape:
    """The shape that an array has now, with the rank that the program proved by unpacking it."""
    array = current(call, array)
    if array.shape.exact:
        return array.shape
    ident = identity(array)
    rank = call.known_rank(("attr", ident, "shape"))
    if rank is None or rank < len(array.shape.dims):
        return array.shape
    front = rank - len(array.shape.dims)
    return Shape(tuple(axis_symbol(ident, array.name, i) for i in range(front)) + array.shape.dims)


def leading(array: Array) -> Dim:
    """The length of an array of rank 1 or more along its first axis."""
    if array.shape.exact and array.shape.dims and array.shape.dims[0] is not None:
        return array.shape.dims[0]
    return axis_symbol(identity(array), array.name, 0)


# --- what the program changes in place -------------------------------------------------------------------------------


def current(call: Call, array: Array) -> Array:
    """The array as it is now: something changed in place has its present shape."""
    if array.cell is None:
        return array
    found = call.interpreter.state.read(array.cell)
    held = _either(found) if isinstance(found, FacetObject) else found
    payload = held.payload if isinstance(held, LibraryObject) else None
    if isinstance(payload, Array):
        return payload
    rank = array.shape.rank
    return replace(
        array,
        shape=UNKNOWN_SHAPE if rank is None else Shape(tuple(symbol("changed") for _ in range(rank))),
        dtype=None,
        ident=fresh_key(),
        range=None,
        columns=None,
    )


def _either(found: FacetObject) -> LibraryObject | None:
    """One object that covers both of two paths that changed an array differently."""
    sides = [_either(side) if isinstance(side, FacetObject) else side for side in (found.then, found.other)]
    payloads = [side.payload for side in sides if isinstance(side, LibraryObject) and isinstance(side.payload, Array)]
    return LibraryObject(payloads[0].generalise(payloads[1])) if len(payloads) == 2 else None


def changeable(call: Call, array: Array) -> Array:
    """The same array, kept in the heap so that it can be changed in place."""
    cell = call.new_object(array.kind, array)
    kept = replace(array, cell=cell)
    call.set_payload(cell, kept)
    return kept


def forget_columns(call: Call, frame: Array | None = None) -> None:
    """What was proved of the values in columns is not sure any more: of one frame, or (None) of any."""
    refined = call.interpreter.state.refined
    cell = frame.cell if frame is not None else None
    for key in [key for key in refined if isinstance(key, tuple) and key[0] == "columns"]:
        if cell is None or key[1] == cell.address:
            del refined[key]


def change(call: Call, array: Array, new: Array) -> None:
    """Change `array` in place: all names for it mean `new` from now on."""
    if array.cell is not None:
        forget_columns(call, array)
        call.set_payload(array.cell, replace(new, cell=array.cell))


# --- reading values as arrays ----------------------------------------------------------------------------------------


def number_array(value: Value) -> Array | None:
    """A number as an array of rank 0, None when `value` is not surely a number."""
    if isinstance(value, Const) and isinstance(value.value, (bool, int, float, complex)):
        number = value.value
        kind = {bool: "bool", int: "int64", float: "float64", complex: "complex128"}[type(number)]
        whole = not isinstance(number, complex) and float(number).is_integer()
        limits = None if isinstance(number, complex) else Range(number, number, whole, reached=True)
        return Array(Shape(()), NDARRAY, kind, fresh_key(), None, repr(number), limits)
    if isinstance(value, Symbolic):
        low = bounds(value.dim)[0] if (top := top_of(value)) is not None else None
        values = Range(low, integral=True, top=top)
        return Array(Shape(()), NDARRAY, "int64", fresh_key(), None, str(value.dim), values)
    if isinstance(value, Unknown) and value.number is not None:
        kind = "int64" if value.number == "int" else "float64"
        return Array(Shape(()), NDARRAY, kind, value.ident, None, value.name)
    return None


def as_array(call: Call, value: Value | None) -> Array | None:
    """`value` as numpy would see it: arrays as they are, numbers, nested lists and tuples, and Unknowns.

    Unknown: an Unknown becomes an array of unknown rank with its identity.  None: surely not an array (a str,
    an object).
    """
    if isinstance(value, Array):
        found = current(call, value)
        shape = shape_of(call, found)
        return found if shape is found.shape else replace(found, shape=shape)
    if value is None:
        return None
    number = number_array(value)
    if number is not None:
        return replace(number, site=call.site)
    if isinstance(value, Unknown):
        unshaped = Array(UNKNOWN_SHAPE, NDARRAY, None, value.ident, None, value.name)
        return replace(unshaped, shape=shape_of(call, unshaped))
    if isinstance(value, Sequence) or (isinstance(value, Ref) and value.kind in _SEQUENCES):
        sequence = call.sequence(value)
        if sequence is not None and sequence.kind in _SEQUENCES:
            return _from_sequence(call, sequence)
        return Array(UNKNOWN_SHAPE, NDARRAY, None, fresh_key(), call.site, "array")
    return None


def refuse_symbolic(call: Call, value: Value | None) -> None:
    """Leave the event of a symbolic tensor of Keras that a function of numpy is given, which wants its values."""
    if isinstance(value, Foreign) and value.type == "keras.KerasTensor":
        from lstmlint.libraries.tensor_graph import refuse_numpy

        refuse_numpy(call, value)


def operand(call: Call, value: Value | None) -> Array:
    """`value` as an array, of unknown shape where it is not surely one."""
    refuse_symbolic(call, value)
    return as_array(call, value) or Array(UNKNOWN_SHAPE, NDARRAY, None, fresh_key(), call.site, "array")


def _from_sequence(call: Call, sequence: Sequence) -> Array:
    """An array from (nested) sequences: one leading axis, behind it the shape that all items have."""
    found = Array(UNKNOWN_SHAPE, NDARRAY, None, fresh_key(), call.site, call.interpreter.target_name or "array")
    if sequence.items is not None:
        return _from_items(call, found, sequence.items)
    item = as_array(call, sequence.element)
    if item is None:
        text = sequence.element is not None and not isinstance(sequence.element, (Foreign, Ref))
        length = sequence.length if sequence.length is not None else call.symbol("len({})")
        return replace(found, shape=Shape((length,)), dtype="str") if text and is_text(sequence.element) else found
    length = sequence.length if sequence.length is not None else call.symbol("len({})")
    return replace(found, shape=_in_rows(item.shape, length), dtype=item.dtype, range=item.range)


def _in_rows(shape: Shape, length: Dim) -> Shape:
    """An axis in front; behind an unknown beginning it is some axis before those that are known."""
    return shape.prepend([length]) if shape.exact or not shape.dims else Shape((symbol("?"), *shape.dims), exact=False)


def _from_items(call: Call, found: Array, items: tuple[Value, ...]) -> Array:
    if not items:
        return replace(found, shape=Shape((0,)), dtype="float64")
    if all(map(is_text, items)):
        texts = tuple(item for item in items if isinstance(item, Const))
        made = replace(found, shape=Shape((len(items),)), dtype="str")
        return note_items(call, made, texts) if len(texts) == len(items) else made
    arrays = [as_array(call, item) for item in items]
    if any(array is None for array in arrays):
        return found
    known = [array for array in arrays if array is not None]
    dtype, values = known[0].dtype, known[0].range
    for array in known[1:]:
        dtype, values = promote(dtype, array.dtype), cover(values, array.range)
    if values is not None and all(array.range is not None and array.range.reached for array in known):
        values = replace(values, reached=True)
    shape = stack([array.shape for array in known], 0)
    if isinstance(shape, Mismatch):
        ragged = _first_axis_differs(known)
        return replace(found, shape=Shape((len(items),)), dtype="object", ragged=True) if ragged else found
    return replace(found, shape=shape, dtype=dtype, range=values)


def _first_axis_differs(arrays: list[Array]) -> bool:
    """Whether the items surely have different lengths, so that numpy makes an object array of them (or refuses)."""
    heads = [Shape(array.shape.dims[:1]) for array in arrays if array.shape.exact]
    return len(heads) == len(arrays) and any(same(heads[0], head) is Answer.NO for head in heads[1:])


# --- elements --------------------------------------------------------------------------------------------------------


def element(call: Call, array: Array) -> Value:
    """One element of `array`: a number, a scalar where it may be a text as well, else Unknown."""
    name = f"{array.name}[…]"
    if is_integer(array.dtype):
        return unknown(name, number="int")
    if is_float(array.dtype):
        return unknown(name, number="float")
    if is_scalar(array.dtype):
        return Array(Shape(()), NDARRAY, array.dtype, fresh_key(), call.site, name)
    return unknown(name)


def item_of(call: Call, array: Array) -> Value:
    """What iterating over `array` gives, standing for any of its items."""
    if not array.shape.exact:
        return Array(
            Shape(array.shape.dims[1:], exact=False), array.kind, array.dtype, fresh_key(), call.site, array.name
        )
    if len(array.shape.dims) < 2:
        return element(call, array)
    return derive(call, array, Shape(array.shape.dims[1:]), range=array.range)
