"""What lstmlint claims of assigned values, as plain records, and whether a real value bears it out."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.joins import leaves
from lstmlint.interpreter.state import DictObject, ListObject
from lstmlint.interpreter.values import Const, Ref, Sequence, Site, Symbolic, Text, Value
from lstmlint.libraries.arrays import Array, shape_of
from lstmlint.libraries.keras_values import KerasTensor
from lstmlint.shapes.dims import Dim, Symbol, SymbolicDim, bounds, substitute, symbols
from lstmlint.source import tree
from lstmlint.source.module import SourceModule
from lstmlint.values import left_by

ARRAYS = ("numpy.", "pandas.", "tensorflow.", "keras.", "scipy.")
"""Where classes of arrays are defined."""


@dataclass(frozen=True)
class Claim:
    """A claim about one value.  `kind`: "array", "int", "const", "text", "items", or "unknown"."""

    kind: str
    dims: tuple[Any, ...] = ()
    exact: bool = True
    value: Any = None
    items: tuple[tuple[Claim, ...], ...] | None = None

    @property
    def is_full(self) -> bool:
        """Whether rank and all dims behind the first are numbers."""
        return self.exact and all(isinstance(dim, int) for dim in self.dims[1:])


UNKNOWN = Claim("unknown")


def claims(run: Interpreter, value: Value, site: Site, depth: int = 0) -> tuple[Claim, ...]:
    """A claim for each value that `value` may be."""
    return tuple(_claim(run, run.state.resolve(leaf), site, depth) for leaf in leaves(run.state.resolve(value)))


def _claim(run: Interpreter, value: Value, site: Site, depth: int) -> Claim:
    if isinstance(value, Array):
        shape = shape_of(Call(run, site, "reveal", [], {}), value)
        return Claim("array", shape.dims, shape.exact, value.dtype)
    if isinstance(value, KerasTensor):
        return Claim("array", value.shape.dims, value.shape.exact)
    if isinstance(value, Const):
        return Claim("const", value=value.value)
    if isinstance(value, Symbolic):
        return Claim("int", (value.dim,))
    if isinstance(value, Text):
        return Claim("text")
    held = run.state.read(value) if isinstance(value, Ref) and value.address in run.state.heap else None
    if isinstance(held, DictObject):
        return Claim("items", (len(held.entries) if held.others is None else held.length,), value="dict")
    content = held.content if isinstance(held, ListObject) else value
    if not isinstance(content, Sequence) or content.kind not in ("list", "tuple", "set"):
        return UNKNOWN
    parts = None
    if content.items is not None and content.kind != "set" and depth < 3:
        parts = tuple(claims(run, item, site, depth + 1) for item in content.items[:6])
    return Claim("items", (content.length,), value=content.kind, items=parts)


@dataclass
class Claimed:
    """The observer of one module: what is claimed of each name on each row."""

    module: SourceModule
    found: dict[tuple[int, str], list[Claim]] = field(default_factory=dict)

    def __call__(self, run: Interpreter, statement: tree.Statement) -> None:
        if not run.frames or run.frame.module is not self.module:
            return
        if not isinstance(statement, (tree.Assign, tree.AugAssign, tree.AnnAssign)):
            return
        span = self.module.module_span(statement)
        if span is None:
            return
        for name, value in left_by(run, statement):
            known = self.found.setdefault((span.start.row, name), [])
            known += claims(run, value, run.site(statement))


# --- held against the truth ---------------------------------------------------------------------------------------------


@dataclass
class Comparison:
    """What was found of one program: contradictions in words, and counts of what is known."""

    contradictions: list[str] = field(default_factory=list)
    arrays: int = 0
    ranked: int = 0
    full: int = 0
    unknown: list[str] = field(default_factory=list)
    sizes: dict[Symbol, int] = field(default_factory=dict)


def compare(claimed: dict[tuple[int, str], list[Claim]], seen: list[list[Any]], counts: list[list[Any]]) -> Comparison:
    """Each value that was seen against the claims of its row and name.

    A symbol stands for one number: where a row ran once and one claim was made of it, it is bound to what was seen,
    and all else that is claimed with it has to agree.
    """
    result = Comparison()
    once = {(row, name) for row, name, number in counts if number == 1}
    for row, name, real in seen:
        made = claimed.get((row, name), [])
        is_array = real[0] == "array" and len(real[2]) > 0
        if is_array:
            _count(result, made, f"{row}: {name} is {tuple(real[2])}")
        if not made:
            continue
        if len(made) == 1 and (row, name) in once:
            wrong = list(_wrong(made[0], real, result.sizes))
        else:
            wrongs = [list(_wrong(claim, real, None)) for claim in made]
            wrong = min(wrongs, key=len)
        result.contradictions += [f"{row}: {name}: {words} (it is {real})" for words in wrong]
    return result


def _count(result: Comparison, made: list[Claim], words: str) -> None:
    result.arrays += 1
    arrays = [claim for claim in made if claim.kind == "array"]
    is_ranked = bool(arrays) and len(arrays) == len(made) and all(claim.exact for claim in arrays)
    result.ranked += is_ranked
    result.full += is_ranked and all(claim.is_full for claim in arrays)
    if not is_ranked:
        result.unknown.append(words + ("" if made else " (never reached)"))


def _wrong(claim: Claim, real: list[Any], sizes: dict[Symbol, int] | None) -> Iterator[str]:
    """What reality contradicts.  `sizes`: what symbols are bound to; None: they may be anything within their bounds."""
    if claim.kind == "unknown":
        return
    if claim.kind == "array":
        if real[0] == "array":
            yield from _wrong_array(claim, real[2], real[3], sizes)
        elif (
            real[0] == "const"
            and real[1] in ("int", "float", "bool")
            and claim.exact
            and claim.dims
            or real[0] == "items"
        ):
            yield f"claimed an array {claim.dims}"
    elif claim.kind == "items":
        if real[0] == "array" and claim.value == "tuple" and real[1].startswith("tensorflow.") and len(real[2]) == 1:
            yield from _wrong_dim(
                claim.dims[0], real[2][0], sizes
            )  # `tf.shape(x)` is taken for the tuple of its elements
            return
        if real[0] != "items" or real[1] != claim.value:
            yield f"claimed a {claim.value}"
            return
        yield from _wrong_dim(claim.dims[0], real[2], sizes)
        for parts, item in zip(claim.items or (), real[3]):
            yield from min((list(_wrong(part, item, sizes if len(parts) == 1 else None)) for part in parts), key=len)
    else:
        yield from _wrong_scalar(claim, real, sizes)


def _wrong_scalar(claim: Claim, real: list[Any], sizes: dict[Symbol, int] | None) -> Iterator[str]:
    if real[0] == "array" and not real[2] and claim.kind in ("int", "const"):
        return  # a number of numpy
    if claim.kind == "text" and real[:2] != ["const", "str"]:
        yield "claimed a str"
    elif claim.kind == "int":
        if real[0] != "const" or real[1] not in ("int", "bool"):
            yield f"claimed an int {claim.dims[0]}"
        else:
            yield from _wrong_dim(claim.dims[0], int(real[2]), sizes)
    elif claim.kind == "const" and type(claim.value) in (int, float, bool, str, type(None)):
        value = claim.value[:200] if isinstance(claim.value, str) else claim.value
        alike = isinstance(value, float) and isinstance(real[2], float) and math.isclose(value, real[2], rel_tol=1e-9)
        if real[0] != "const" or (real[2] != value and not alike):
            yield f"claimed {value!r}"


def _wrong_array(claim: Claim, shape: list[Any], dtype: str, sizes: dict[Symbol, int] | None) -> Iterator[str]:
    dims = claim.dims
    words = f"claimed {'' if claim.exact else '… '}{tuple(map(str, dims))}"
    if len(shape) < len(dims) or (claim.exact and len(shape) > len(dims)):
        yield words
        return
    for dim, real in zip(dims, shape[len(shape) - len(dims) :]):
        if (
            dim is not None
            and real is not None
            and any(_wrong_dim(dim, real, sizes))
            or isinstance(dim, int)
            and real is None
        ):
            yield words
    kinds = [_kind_of(name) for name in (claim.value, dtype)]
    if None not in kinds and kinds[0] != kinds[1]:
        yield f"claimed {claim.value}"


def _kind_of(dtype: Any) -> str | None:
    found = str(dtype or "").rstrip("0123456789")
    return found if found in ("int", "uint", "float", "bool", "complex", "bfloat") else None


def _wrong_dim(dim: Dim | None, real: int, sizes: dict[Symbol, int] | None) -> Iterator[str]:
    if dim is None:
        return
    if isinstance(dim, int):
        if dim != real:
            yield f"claimed {dim}"
        return
    low, high = bounds(dim)
    if (low is not None and real < low) or (high is not None and real > high):
        yield f"claimed {dim}, which is in {low}..{high}"
        return
    if sizes is None:
        return
    free = [symbol for symbol in symbols(dim) if symbol not in sizes and not _stands_for_any(symbol)]
    if any(map(_stands_for_any, symbols(dim))):
        return
    if not free:
        if substitute(dim, dict(sizes)) != real:
            yield f"claimed {dim}, with {', '.join(f'{s.name} = {sizes[s]}' for s in symbols(dim))}"
    elif len(free) == 1:
        _solve(dim, free[0], real, sizes)


def _stands_for_any(symbol: Symbol) -> bool:
    """Whether a symbol is one for any element of something, another one each time."""
    return isinstance(symbol.key, tuple) and symbol.key[:1] in (("element",), ("distinct",))


def _solve(dim: SymbolicDim, free: Symbol, real: int, sizes: dict[Symbol, int]) -> None:
    """Bind the one free symbol of a linear dim."""
    at_zero, at_one, at_two = (substitute(dim, {**sizes, free: number}) for number in (0, 1, 2))
    if not isinstance(at_zero, int) or not isinstance(at_one, int) or not isinstance(at_two, int):
        return
    slope = at_one - at_zero
    if slope and at_two - at_one == slope and (real - at_zero) % slope == 0:
        sizes[free] = (real - at_zero) // slope
