"""`Attention`, `AdditiveAttention`, `MultiHeadAttention`.

Source: facts: layer chains, merge; parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Applied, Count, Layer, LayerRule, Refusal, Structure, Tensor
from lstmlint.keras.layers.call import UNKNOWN_COUNT, UNKNOWN_TENSOR, Call, as_flag, counted, shapes_of
from lstmlint.keras.layers.core import use_bias
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal
from lstmlint.shapes.shape import UNKNOWN_AXIS, Axis, Shape

_SOURCE = "facts: layer chains, merge; parameters"
Attend = Callable[[Call, Shape, Shape, Shape], "Shape | Refusal | None"]
Weigh = Callable[[Call, Shape, Shape, Shape], Count]


def _rule(name: str, attend: Attend, weigh: Weigh) -> LayerRule:
    """The entry of a layer that is called on (query, value[, key])."""

    def apply(layer: Layer, inputs: Structure, version: Version) -> Applied:
        if not isinstance(inputs, tuple) or not 2 <= len(inputs) <= 3:
            return Applied(None)
        shapes = shapes_of(inputs)
        query, value, key = shapes if len(shapes) == 3 else (*shapes, shapes[1])
        tensor = inputs[0] if isinstance(inputs[0], Tensor) else UNKNOWN_TENSOR
        call = Call(layer, version, tensor, query)
        output = attend(call, query, value, key)
        if isinstance(output, Refusal):
            return Applied(None, output)
        return Applied(None if output is None else Tensor(output), None, weigh(call, query, value, key))

    return LayerRule(name, apply, _SOURCE)


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
    return _attended(call, query, value)


def _additive(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """As dot-product attention, but a last axis of 1 broadcasts."""
    left, right = _last(query), _last(key)
    if _differ(left, right) and _differ(left, 1) and _differ(right, 1):
        return _refused_last(call, query, key)
    return _attended(call, query, value)


def _differ(left: Axis, right: Axis) -> bool:
    return left is not None and right is not None and equal(left, right) is Answer.NO


def _refused_last(call: Call, query: Shape, key: Shape) -> Refusal:
    """T2 raises at once, K3 when the model runs."""
    found = f"{query} and {key}"
    wanted = "one size along the last axes"
    return call.refuse("attention", "merge", wanted, found, left=_last(query), right=_last(key))


def _attended(call: Call, query: Shape, value: Shape) -> Shape | Refusal | None:
    if any(shape.exact and shape.min_rank < 2 for shape in (query, value)):
        if call.version is Version.T2:
            found = f"{query} and {value}"
            return call.refuse(
                "op-rank", "rank", "two sequences", found, rank=2, ndim=min(query.min_rank, value.min_rank)
            )
        return None
    return _ended(query, value.dims[-1]) if value.dims else None


def _multi_head(call: Call, query: Shape, value: Shape, key: Shape) -> Shape | Refusal | None:
    """The query's shape, its last axis replaced by `output_shape` if that is given."""
    target = call.value("output_shape")
    if call.value("attention_axes") is not None or target is UNKNOWN:
        return None
    if call.version is Version.T2 and (query.rank, value.rank) != (3, 3):
        return _refused_ranks(call, query, value) if query.exact and value.exact else None
    if value.exact and value.min_rank < 2:
        return None
    if target is None:
        return query if query.min_rank > 1 else None
    ends = target if isinstance(target, tuple) else (target,)
    return Shape((*query.dims[:-1], *ends), query.exact) if query.dims else None


def _refused_ranks(call: Call, query: Shape, value: Shape) -> Refusal | None:
    """T2 needs the same rank of 3 or more; above that what comes out was not measured."""
    rank = query.min_rank
    if rank == value.min_rank and rank > 2:
        return None
    found = f"{query} and {value}"
    return call.refuse("op-rank", "rank", "two sequences of the same rank", found, rank=3, ndim=value.min_rank)


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
    return counted("dim*use_scale", {"dim": _last(key), "use_scale": _use_scale(call)})


def _heads_count(call: Call, query: Shape, value: Shape, key: Shape) -> Count:
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
        "out_dim": _last(query) if target is None else target if isinstance(target, int) else None,
        "use_bias": use_bias(call),
    }


RULES = (
    _rule("Attention", _dot_product, _scale_count),
    _rule("AdditiveAttention", _additive, _additive_count),
    _rule("MultiHeadAttention", _multi_head, _heads_count),
)
