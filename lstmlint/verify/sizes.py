"""Numbers for sizes that the source does not tell: equal names equal numbers, different names different ones.

The numbers are small primes, so that sizes that have nothing to do with each other do not fit by accident.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lstmlint.shapes.dims import Dim, Symbol, SymbolicDim, substitute, symbols
from lstmlint.shapes.shape import Shape
from lstmlint.verify.arguments import NotStated

#: Where the search for numbers begins: later starts are for models that need longer inputs.
_STARTS = (5, 23, 101, 211, 499, 1009)
#: Numbers of samples are a little larger than a usual batch, and leave more than one row for the last one.
_ROW_STARTS = (37, 67, 131, 263, 521, 1031)


def primes(start: int) -> Iterator[int]:
    """All primes from `start` on."""
    return (n for n in itertools.count(start) if n > 1 and all(n % d for d in range(2, int(n**0.5) + 1)))


def settled(
    steps: list[dict[str, Any]], shapes: Iterable[Shape], rows: Sequence[Dim]
) -> tuple[list[Any], dict[str, int]]:
    """The steps with numbers in place of symbolic sizes, and the numbers that were made up, by name.

    `shapes` have to be shapes of something; `rows` are the numbers of samples among the sizes.
    Errors: NotStated where no numbers are found.
    """
    dims = [*_dims_in(steps), *(dim for shape in shapes for dim in shape.dims if isinstance(dim, SymbolicDim)), *rows]
    found: dict[Symbol, None] = dict.fromkeys(
        part for dim in dims for part in sorted(symbols(dim), key=lambda s: s.name)
    )
    if not found:
        return _replaced(steps, {}), {}
    of_rows = {part for dim in rows for part in symbols(dim)}
    for attempt in range(len(_STARTS)):
        values = _chosen(found, of_rows, attempt)
        if values is not None and _fit(dims, values):
            names = {
                f"{part.name} #{n}" if part.name == "?" else part.name: values[part] for n, part in enumerate(found)
            }
            replaced: list[Any] = _replaced(steps, values)
            return replaced, names
    raise NotStated("no numbers were found for the sizes that the source does not tell")


def _chosen(found: Iterable[Symbol], of_rows: set[Symbol], attempt: int) -> dict[Symbol, int] | None:
    sizes, rows = primes(_STARTS[attempt]), primes(_ROW_STARTS[attempt])
    values: dict[Symbol, int] = {}
    taken: set[int] = set()
    for part in found:
        low, high = part.lower if part.lower is not None else 1, part.upper
        pool = rows if part in of_rows else sizes
        if high is not None and high < (_ROW_STARTS if part in of_rows else _STARTS)[attempt] * 2:
            number = next((n for n in range(high, max(low, 1) - 1, -1) if n not in taken), max(low, min(1, high)))
        elif low > 1000:
            number = next(primes(low))
        else:
            number = next(n for n in pool if n >= low and n not in taken)
        if high is not None and number > high:
            return None
        values[part] = number
        taken.add(number)
    return values


def _fit(dims: Iterable[Dim], values: dict[Symbol, int]) -> bool:
    """Whether every size is one: a whole number, at least 1."""
    try:
        numbers = [substitute(dim, values) for dim in dims]
    except ZeroDivisionError:
        return False
    return all(isinstance(number, int) and number >= 1 for number in numbers)


def _dims_in(tree: Any) -> Iterator[SymbolicDim]:
    if isinstance(tree, SymbolicDim):
        yield tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key != "expected":
                yield from _dims_in(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _dims_in(item)


def _replaced(tree: Any, values: dict[Symbol, int]) -> Any:
    """The tree with numbers; of what was expected, only what is a number then."""
    if isinstance(tree, SymbolicDim):
        return substitute(tree, values)
    if isinstance(tree, dict):
        made = {key: _replaced(value, values) for key, value in tree.items()}
        if "expected" in made:
            made["expected"] = {k: v for k, v in made["expected"].items() if not any(True for _ in _dims_in(v))}
        return made
    return [_replaced(item, values) for item in tree] if isinstance(tree, list) else tree
