"""`Attention`, `AdditiveAttention`, `MultiHeadAttention`.

Source: facts: layer chains, merge; parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Applied, Count, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import UNKNOWN_COUNT, UNKNOWN_TENSOR, Call, as_dim, as_flag, counted, shapes_of, untold
from lstmlint.keras.layers.core import use_bias
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, SymbolicDim, equal, product
from lstmlint.shapes.operations import Mismatch, broadcast, matmul
from lstmlint.shapes.shape import UNKNOWN_AXIS, Axis, Shape

_SOURCE = "facts: layer chains, merge; measured: attention; parameters"
Attend = Callable[[Call, Shape, Shape, Shape], "Shape | Refusal | None"]
Score = Callable[[Call, Shape, Shape], "Shape | None"]
Weigh = Callable[[Call, Shape, Shape, Shape], Count]


def _rule(name: str, attend: Attend, score: Score, weigh: Weigh, *, separate: bool = False) -> LayerRule:
    """The entry of a layer that is called on query, value and perhaps key; `separate`: not on a list of them."""

    def apply(layer: Layer, inputs: Structure, version: Version) -> Applied:
        if not isinstance(inputs, tuple) or not 2 <= len(inputs) <= 3:
            return Applied(None, None if separate else _refused_number(layer, inputs, version))
        shapes = shapes_of(inputs)
        query, value, key = shapes if len(shapes) == 3 else (*shapes, shapes[1])
        tensor = inputs[0] if isinstance(inputs[0], Tensor) else UNKNOWN_TENSOR
        call = Call(layer, version, tensor, query)
        output = attend(call, query, value, key)
        if isinstance(output, Refusal):
            return Applied(None, output)
        attended = None if output is None else Tensor(output)
        return Applied(_with_scores(call, attended, score(call, query, value)), None, weigh(call, query, value, key))

    inputs = ("query", "value", "key") if separate else ()
    return LayerRule(name, apply, _SOURCE, called_with=("return_attention_scores",), inputs=inputs)


def _refused_number(layer: Layer, inputs: Structure, version: Version) -> Refusal | None:
    """The refusal of anything but a list of two or three tensors."""
    if inputs is None:
        return None
    count = len(inputs) if isinstance(inputs, tuple) else 1
    tensor = inputs if isinstance(inputs, Tensor) else UNKNOWN_TENSOR
    call = Call(layer, version, tensor, tensor.shape)
    return call.refuse(
        "attention-list", "structure", "a list [query, value] or [query, value, key]", f"{count} tensors"
    )


def _with_scores(call: Call, attended: Structure, scores: Shape | None) -> Structure:
    """The scores behind the output, where the call asks for them."""
    asked = call.value("return_attention_scores", False)
    if asked is False:
        return attended
    return (attended, None if scores is None else Tensor(scores)) if asked is True else None


def _one_head_scores(call: Call, query: Shape, value: Shape) -> Shape | None:
    """(batch, …, Tq, Tv)."""
    if not query.exact or len(query.dims) < 2 or len(value.dims) < 2:
        return None
    return Shape((*query.dims[:-1], value.dims[-2]))


def _many_heads_scores(call: Call, query: Shape, value: Shape) -> Shape | None:
    """(batch, free axes, heads, Tq, Tv) for the axes that are attended; K3's symbolic shape has Tq twice."""
    if not (query.exact and value.exact) or len(query.dims) != len(value.dims) or len(query.dims) < 3:
        return None
    axes = _attended_axes(call, len(query.dims))
    if axes is None or (call.version is Version.K3 and (len(query.dims) > 3 or query.dims[1] != value.dims[1])):
        return None
    free = [dim for place, dim in enumerate(query.dims[1:-1], 1) if place not in axes]
    sides = [[shape.dims[place] for place in axes] for shape in (query, value)]
    return Shape((query.dims[0], *free, call.size("num_heads"), *sides[0], *sides[1]))


def _attended_axes(call: Call, rank: int) -> tuple[int, ...] | None:
    """The axes that `attention_axes` names, by default all between batch and features; None where that is not known."""
    value = call.value("attention_axes")
    axes = tuple(range(1, rank - 1)) if value is None else value if isinstance(value, tuple) else (value,)
    known = all(isinstance(axis, int) and 0 < axis < rank - 1 for axis in axes)
    return axes if known else None


def _last(shape: Shape) -> Axis:
    size = shape.axis(-1)
    return None if size is UNKNOWN_AXIS else size


def _ended(query: Shape, last: Axis) -> Shape:
    """The query's axes with another last one."""
    return query.with_axis(-1, last) if query.dims else Shape((last,), exact=False)


def _dot_product(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """(batch, Tq, dim), (batch, Tv, features) -> (batch, Tq, features); query and key need the same dim."""
    left, right = _last(query), _last(key)
    if call.value("score_mode", "dot") == "dot" and _differ(left, right):
        return _refused_last(call, query, key)
    return _attended(call, query, value, key)


def _additive(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """As dot-product attention, but a last axis of 1 broadcasts."""
    left, right = _last(query), _last(key)
    if call.version is Version.K3 and _use_scale(call) == 1 and query.exact and left is None:
        return call.refuse("features", "undefined", "a query with known features", str(query))
    if _differ(left, right) and _differ(left, 1) and _differ(right, 1):
        return _refused_last(call, query, key)
    return _attended(call, query, value, key)


def _differ(left: Axis, right: Axis) -> bool:
    return left is not None and right is not None and equal(left, right) is Answer.NO


def _refused_last(call: Call, query: Shape, key: Shape) -> Refusal:
    """T2 raises at once, K3 when the model runs."""
    found = f"{query} and {key}"
    wanted = "one size along the last axes"
    return call.refuse("attention", "merge", wanted, found, left=_last(query), right=_last(key))


def _attended(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """The query's axes with the value's features.  T2 runs at once: there all axes meet as in its matrix products."""
    if call.version is Version.T2 and query.exact and value.exact and key.exact:
        return _multiplied(call, query, value, key)
    if any(shape.exact and shape.min_rank < 2 for shape in (query, value)):
        return None
    return _ended(query, value.dims[-1]) if value.dims else None


def _multiplied(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal:
    """softmax(scores of query and key) times value, as tensors of any rank are broadcast."""
    found = f"{query}, {value} and {key}"
    ranks = [len(shape.dims) for shape in (query, value, key)]
    if min(ranks) < 2:
        return call.refuse("op-rank", "rank", "two sequences", found, rank=2, ndim=min(ranks))
    attended: Shape | Mismatch = _scores(call, query, value, key)
    if isinstance(attended, Shape):
        attended = matmul(attended, value)
    if isinstance(attended, Mismatch):
        return call.refuse("attention", "merge", "axes that agree", found, left=attended.left, right=attended.right)
    return attended


def _scores(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Mismatch:
    """(…, Tq, Tv) by T2: products of query and key, or sums over features that are laid over one another."""
    if call.layer.class_name == "Attention" and call.value("score_mode", "dot") == "dot":
        return matmul(query, Shape((*key.dims[:-2], key.dims[-1], key.dims[-2])))
    together = broadcast(Shape((*query.dims[:-1], 1, *query.dims[-1:])), Shape((*key.dims[:-2], 1, *key.dims[-2:])))
    if isinstance(together, Shape) and call.layer.class_name == "AdditiveAttention" and _use_scale(call) == 1:
        together = broadcast(together, Shape(value.dims[-1:]))
    return together if isinstance(together, Mismatch) else Shape(together.dims[:-1])


def _multi_head(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """The query's shape, its last axis replaced by `output_shape` if that is given."""
    target = call.value("output_shape")
    if target is UNKNOWN or not query.dims:
        return None
    if call.version is Version.T2:
        if not (query.exact and value.exact and key.exact):
            return None
        refusal = _refused_heads(call, query, value, key)
        if refusal is not None or _attended_axes(call, len(query.dims)) is None:
            return refusal
    elif (refusal := _refused_pair(call, query, value, key)) is not None:
        return refusal
    if value.exact and value.min_rank < 2:
        return None
    if target is None:
        return query
    ends = target if isinstance(target, tuple) else (target,)
    sizes = (as_dim(size, (call.layer.key, "output_shape", place), 1) for place, size in enumerate(ends))
    return Shape((*query.dims[:-1], *sizes), query.exact)


def _refused_pair(call: Call, query: Shape, value: Shape, key: Shape) -> Refusal | None:
    """K3 needs the features of all, and a value and a key that agree in all but the features (a None is no number)."""
    if any(shape.exact and _last(shape) is None for shape in (query, value, key)):
        return call.refuse("features", "undefined", "a query, value and key with known features")
    if not (value.exact and key.exact):
        return None
    left, right = value.dims[1:-1], key.dims[1:-1]
    if len(left) == len(right) and not any(_differ(a, b) or (a is None) != (b is None) for a, b in zip(left, right)):
        return None
    found = f"{value} and {key}"
    return call.refuse("value-and-key", "merge", "a value and a key of the same steps", found, value=value, key=key)


def _refused_heads(call: Call, query: Shape, value: Shape, key: Shape) -> Refusal | None:
    """T2 needs the same rank, of 3 or more, attended axes on which value and key agree, and others on which all do."""
    found, rank = f"{query}, {value} and {key}", len(query.dims)
    other = next((len(shape.dims) for shape in (value, key) if len(shape.dims) != rank), None)
    if call.value("attention_axes") is not None and (rank < 3 or other is not None):
        return None
    if rank < 3 or other is not None:
        wanted = "sequences of the same rank"
        return call.refuse("op-rank", "rank", wanted, found, rank=3, ndim=rank if other is None else other)
    axes = _attended_axes(call, rank)
    if axes is None:
        return None
    for place in range(1, rank - 1):
        sizes = [shape.dims[place] for shape in (query, value, key)]
        pairs = [(sizes[1], sizes[2])] if place in axes else [(sizes[0], sizes[1]), (sizes[0], sizes[2])]
        if any(_differ(*pair) for pair in pairs):
            return call.refuse("attention", "merge", "axes that agree", found, left=sizes[1], right=sizes[2])
    return None


def _grouped_query(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """(batch, Tq, features) -> the same."""
    if key.exact and key.min_rank < 3:
        return call.refuse("index", "rank", "a key (batch, time, features)", str(key), rank=3)
    for shape in (query, value):
        if shape.min_rank > 3 or (shape.exact and shape.min_rank < 3):
            found = f"{query} and {value}"
            return call.refuse("grouped-rank", "rank", "two sequences (batch, time, features)", found, rank=3)
    left, right = _last(query), _last(value)
    if _differ(left, right):
        found = f"{query} and {value}"
        return call.refuse("grouped-last", "merge", "one size along the last axes", found, left=left, right=right)
    return query if query.exact else Shape((None, untold(), *query.dims[-1:])) if query.dims else None


def _grouped_scores(call: Call, query: Shape, value: Shape) -> Shape | None:
    """What K3 says of them differs from what it gives."""
    return None


# --- parameters ------------------------------------------------------------------------------------------------------

_HEADS = (
    "(q_dim*key_dim*num_heads+key_dim*num_heads*use_bias)"
    "+(k_dim*key_dim*num_heads+key_dim*num_heads*use_bias)"
    "+(v_in*value_dim*num_heads+value_dim*num_heads*use_bias)"
    "+(value_dim*num_heads*out_dim+out_dim*use_bias)"
)


def _use_scale(call: Call) -> int | None:
    flag = as_flag(call.value("use_scale", False))
    return None if flag is None else int(flag)


def _scale_count(call: Call, query: Shape, value: Shape, key: Shape) -> Count:
    mode = call.value("score_mode", "dot")
    if mode is UNKNOWN:
        return UNKNOWN_COUNT
    return counted("1+use_scale" if mode == "concat" else "use_scale", {"use_scale": _use_scale(call)})


def _additive_count(call: Call, query: Shape, value: Shape, key: Shape) -> Count:
    size = _last(value if call.version is Version.T2 else query)
    return counted("dim*use_scale", {"dim": size, "use_scale": _use_scale(call)})


def _heads_count(call: Call, query: Shape, value: Shape, key: Shape) -> Count:
    if call.value("use_gate", False) is not False:
        return UNKNOWN_COUNT
    return counted(_HEADS, _head_values(call, query, value, key))


def _head_values(call: Call, query: Shape, value: Shape, key: Shape) -> Mapping[str, Any]:
    target = call.value("output_shape")
    key_dim = call.size("key_dim")
    return {
        "q_dim": _last(query),
        "k_dim": _last(key),
        "v_in": _last(value),
        "num_heads": call.size("num_heads"),
        "key_dim": key_dim,
        "value_dim": key_dim if call.value("value_dim") is None else call.size("value_dim"),
        "out_dim": _last(query) if target is None else _size(target),
        "use_bias": use_bias(call),
    }


def _size(target: Any) -> Dim | None:
    """The number of elements that `output_shape` says."""
    items = target if isinstance(target, tuple) else (target,)
    return product(items) if all(isinstance(item, (int, SymbolicDim)) for item in items) else None


_GROUPS = (
    "(q_dim*num_query_heads*head_dim+num_query_heads*head_dim*use_bias)"
    "+(k_dim*num_key_value_heads*head_dim+num_key_value_heads*head_dim*use_bias)"
    "+(v_in*num_key_value_heads*head_dim+num_key_value_heads*head_dim*use_bias)"
    "+(num_query_heads*head_dim*q_dim+q_dim*use_bias)"
)


def _grouped_count(call: Call, query: Shape, value: Shape, key: Shape) -> Count:
    if call.value("use_gate", False) is not False:
        return UNKNOWN_COUNT
    sizes = {name: call.size(name) for name in ("head_dim", "num_query_heads", "num_key_value_heads")}
    inputs = {"q_dim": _last(query), "k_dim": _last(key), "v_in": _last(value), "use_bias": use_bias(call)}
    return counted(_GROUPS, {**sizes, **inputs})


RULES = (
    _rule("Attention", _dot_product, _one_head_scores, _scale_count),
    _rule("AdditiveAttention", _additive, _one_head_scores, _additive_count),
    _rule("MultiHeadAttention", _multi_head, _many_heads_scores, _heads_count, separate=True),
    _rule("GroupedQueryAttention", _grouped_query, _grouped_scores, _grouped_count, separate=True),
)
