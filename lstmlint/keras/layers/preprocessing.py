"""Layers that make numbers of categories and text.

Symbolic and real shapes of some of them differ in K3; what is told here is what both have in common.
Source: measured rows, encodings, lookups, text.
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.classes import replace
from lstmlint.keras.layers.base import UNKNOWN, Applied, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import (
    UNKNOWN_TENSOR,
    ZERO,
    Call,
    Output,
    as_flag,
    one_input,
    shapes_of,
    unknown_axes,
    untold,
)
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape

_SOURCE = "measured: encodings"
_MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_COUNTED = "the words that it knows may be learned by `adapt`"


# --- from categories to codes ----------------------------------------------------------------------------------------


def _encoded(call: Call, depth: Dim, *, by_element: bool = False) -> Output:
    """The input (int), or `depth` codes for each element (one_hot) or for each sample (multi_hot, count, tf_idf).

    `by_element`: K3's symbolic shape for one_hot drops the last axis, which its data keep.
    """
    mode, shape = call.word("output_mode", "int"), call.shape
    if mode == "int":
        return replace(call.tensor, shape=shape, dtype=None, activation=None)
    if mode not in _MODES or not shape.exact or not shape.dims or call.flag("sparse") is not False:
        return Tensor(UNKNOWN_SHAPE)
    if call.version is not Version.K3:
        return _encoded_to_rank_2(call, depth, mode)
    if mode == "one_hot":
        return Tensor(_one_hot(shape, depth, by_element=by_element))
    return Tensor(_per_sample(shape, depth))


def _encoded_to_rank_2(call: Call, depth: Dim, mode: str) -> Output:
    """T2 makes one vector of codes for each sample."""
    dims = call.shape.dims
    last = dims[-1]
    single = len(dims) == 1 or (last is not None and equal(last, 1) is not Answer.NO)
    if len(dims) > 2 or (mode == "one_hot" and not single):
        return call.refuse("encoded-rank", "rank", "(batch, 1)" if mode == "one_hot" else "(batch, …)", mode=mode)
    if len(dims) == 1:
        return Tensor(Shape((*dims, depth) if mode == "one_hot" else (depth,)))
    return Tensor(Shape((dims[0], depth)))


def _one_hot(shape: Shape, depth: Dim, *, by_element: bool) -> Shape:
    """Codes behind the last axis, or in its place where its size is 1."""
    last = shape.dims[-1]
    if len(shape.dims) == 1:
        return Shape((depth,), exact=False) if by_element else Shape((*shape.dims, depth))
    if last == 1:
        return Shape((*shape.dims[:-1], depth))
    if by_element or (last is not None and equal(last, 1) is Answer.CANNOT_KNOW):
        return Shape((depth,), exact=False)
    return Shape((*shape.dims, depth))


def _per_sample(shape: Shape, depth: Dim) -> Shape:
    """One vector of codes for the last axis: the symbolic shape keeps those in front, the data those behind."""
    front, behind = shape.dims[1:-1], shape.dims[2:]
    kept = (a if a == b else None if a is None else untold() for a, b in zip(front, behind))
    return Shape((*shape.dims[:1], *kept, depth) if len(shape.dims) > 1 else (depth,))


def _categories(call: Call) -> Output:
    return _encoded(call, call.size("num_tokens"))


def _hashed(call: Call) -> Output:
    return _encoded(call, call.size("num_bins"), by_element=True)


def _binned(call: Call) -> Output:
    """One bin more than there are boundaries.  K3 counts for each position along the second axis."""
    boundaries = call.value("bin_boundaries")
    depth: Dim = untold(call.layer.key, "bins")
    if isinstance(boundaries, tuple):
        depth = len(boundaries) + 1
    elif boundaries is None and call.version is Version.K3:
        depth = call.size("num_bins")
    per_sample = call.word("output_mode", "int") in ("multi_hot", "count")
    if call.version is Version.K3 and per_sample and call.shape.exact and call.flag("sparse") is False:
        dims = call.shape.dims
        return Tensor(Shape((*dims[:1], *dims[2:], depth) if len(dims) > 1 else (depth,)))
    return _encoded(call, depth)


def _looked_up(call: Call) -> Output:
    return _encoded(call, _words(call))


def _words(call: Call) -> Dim:
    """How many codes a lookup makes: of a vocabulary that is given, and of words out of it."""
    if call.flag("pad_to_max_tokens"):
        return call.size("max_tokens")
    given = call.value("vocabulary")
    spared = (call.value("oov_token", "[UNK]"), call.value("mask_token", ""))
    out_of_it = call.value("num_oov_indices", 1)
    is_plain = isinstance(given, tuple) and all(isinstance(word, (str, int)) and word not in spared for word in given)
    if not is_plain or not isinstance(out_of_it, int) or call.flag("pad_to_max_tokens") is None:
        return untold(call.layer.key, "words")
    return len(given) + out_of_it


# --- text ------------------------------------------------------------------------------------------------------------


def _vectorized(call: Call) -> Output:
    """(batch, [1]) -> (batch, words) in mode int, else (batch, vocabulary)."""
    split, mode = call.value("split", UNKNOWN), call.word("output_mode", "int")
    if (
        call.flag("ragged") is not False
        or split is UNKNOWN
        or mode is None
        or not (call.shape.exact and call.shape.dims)
    ):
        return Tensor(UNKNOWN_SHAPE)
    if split is None:
        return Tensor(UNKNOWN_SHAPE) if mode == "int" or call.shape.rank == 1 else _encoded(call, _words(call))
    refusal = _refused_texts(call)
    if refusal is not None:
        return refusal
    if mode == "int":
        return _sequences(call)
    return _bags(call)


def _refused_texts(call: Call) -> Refusal | None:
    """Text that is split must be one for each row."""
    last = call.shape.dims[-1]
    if call.shape.min_rank < 2 or (last is not None and equal(last, 1) is not Answer.NO):
        return None
    if last is None and call.version is Version.K3:
        return None
    return call.refuse("texts", "axis", "(batch,) or (batch, 1)", rank=2)


def _sequences(call: Call) -> Output:
    dims = call.shape.dims
    length: Axis = None
    if call.value("output_sequence_length") is not None:
        length = call.size("output_sequence_length")
    if len(dims) > 2 and call.version is Version.K3:
        return Tensor(Shape((), exact=False))
    return Tensor(Shape((*(dims[:1] if len(dims) < 2 else dims[:-1]), length)))


def _bags(call: Call) -> Output:
    """K3's symbolic shape keeps the axis of one text, which its data lose."""
    dims, depth = call.shape.dims, _words(call)
    if len(dims) == 1:
        return Tensor(Shape((*dims, depth)))
    if call.version is Version.K3:
        return Tensor(Shape((depth,), exact=False))
    if len(dims) > 2:
        return call.refuse("encoded-rank", "rank", "(batch, 1)", mode=call.word("output_mode"))
    return Tensor(Shape((dims[0], depth)))


# --- two categories at once ------------------------------------------------------------------------------------------


def _crossed(layer: Layer, inputs: Structure, version: Version) -> Applied:
    """Two tensors (batch, 1) or (batch,) -> one of their crossing."""
    tensor = inputs if isinstance(inputs, Tensor) else UNKNOWN_TENSOR
    call = Call(layer, version, tensor, tensor.shape)
    if isinstance(inputs, Tensor) and inputs.shape.dims:
        return Applied(None, call.refuse("crossed", "structure", "two tensors"))
    if not isinstance(inputs, tuple):
        return Applied(None)
    shapes = shapes_of(inputs)
    call = Call(layer, version, inputs[0] if isinstance(inputs[0], Tensor) else UNKNOWN_TENSOR, shapes[0])
    wrong = next((shape for shape in shapes if _is_no_column(shape)), None)
    if wrong is not None or (version is Version.K3 and len(inputs) != 2):
        return Applied(None, call.refuse("crossed", "rank", "two tensors (batch, 1)", ", ".join(map(str, shapes))))
    if not all(shape.exact for shape in shapes):
        return Applied(None)
    codes = call.word("output_mode", "int") == "one_hot"
    if call.word("output_mode", "int") not in ("int", "one_hot") or as_flag(call.value("sparse", False)) is not False:
        return Applied(Tensor(unknown_axes(shapes[0])), None, ZERO)
    ended = Shape((*shapes[0].dims[:1], call.size("num_bins"))) if codes else shapes[0]
    return Applied(Tensor(ended), None, ZERO)


def _is_no_column(shape: Shape) -> bool:
    last = shape.dims[-1] if shape.dims else 1
    return shape.min_rank > 2 or (shape.rank == 2 and (last is None or equal(last, 1) is Answer.NO))


Encoding = Callable[[Call], Output]
_ENCODINGS: dict[str, Encoding] = {"CategoryEncoding": _categories, "Hashing": _hashed, "Discretization": _binned}
_LOOKUPS: dict[str, Encoding] = {
    "IntegerLookup": _looked_up,
    "StringLookup": _looked_up,
    "TextVectorization": _vectorized,
}
RULES: tuple[LayerRule, ...] = (
    *(one_input(name, outputs, _SOURCE) for name, outputs in _ENCODINGS.items()),
    *(one_input(name, outputs, _SOURCE, reason=_COUNTED) for name, outputs in _LOOKUPS.items()),
    LayerRule("HashedCrossing", _crossed, _SOURCE),
)
