"""Where the boxes of a graph stand: in ranks from top to bottom, each below all that it takes from.

The classic way in four steps: ranks by longest path; a stand-in wherever an arrow passes a rank; an order within each
rank that avoids crossings (barycentres, swept down and up); places as near as may be to the neighbours above and below.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from lstmlint.classes import dataclass

SWEEPS = 8
"""Rounds of ordering and of moving; more change little."""


@dataclass(slots=True)
class Node:
    """A box, or a stand-in of an arrow; `x` is its middle.  Units: of `widths`."""

    width: float
    rank: int
    x: float = 0.0
    box: int | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """All nodes, the first ones being the boxes; the nodes of each rank from left to right; the way of each arrow."""

    nodes: tuple[Node, ...]
    ranks: tuple[tuple[int, ...], ...]
    ways: Mapping[tuple[int, int], tuple[int, ...]]


def placed(widths: Sequence[float], arrows: Sequence[tuple[int, int]], gap: float, thin: float) -> Placed:
    """The layout of boxes of these widths; `gap` is the least space between two, `thin` the width of a stand-in."""
    arrows = list(dict.fromkeys((min(pair), max(pair)) for pair in arrows if pair[0] != pair[1]))
    nodes = [Node(width, rank, box=i) for i, (width, rank) in enumerate(zip(widths, _ranks(len(widths), arrows)))]
    ways = {arrow: _way(arrow, nodes, thin) for arrow in arrows}
    above: list[list[int]] = [[] for _ in nodes]
    below: list[list[int]] = [[] for _ in nodes]
    for way in ways.values():
        for upper, lower in pairwise(way):
            below[upper].append(lower)
            above[lower].append(upper)
    ranks: list[list[int]] = [[] for _ in range(1 + max((node.rank for node in nodes), default=-1))]
    for index, node in enumerate(nodes):
        ranks[node.rank].append(index)
    _order(ranks, above, below)
    _place(nodes, ranks, above, below, gap)
    return Placed(tuple(nodes), tuple(map(tuple, ranks)), ways)


def _ranks(count: int, arrows: Sequence[tuple[int, int]]) -> list[int]:
    """Each box right below the lowest that it takes from; what takes from nothing right above the highest that takes it."""
    ranks = [0] * count
    for source, target in sorted(arrows, key=lambda arrow: arrow[1]):
        ranks[target] = max(ranks[target], ranks[source] + 1)
    targets = {target for _, target in arrows}
    for box in range(count):
        following = [ranks[target] for source, target in arrows if source == box]
        if box not in targets and following:
            ranks[box] = min(following) - 1
    return ranks


def _way(arrow: tuple[int, int], nodes: list[Node], thin: float) -> tuple[int, ...]:
    """The nodes that an arrow goes through; stand-ins are made."""
    source, target = arrow
    way = [source]
    for rank in range(nodes[source].rank + 1, nodes[target].rank):
        way.append(len(nodes))
        nodes.append(Node(thin, rank))
    return (*way, target)


def _order(ranks: list[list[int]], above: list[list[int]], below: list[list[int]]) -> None:
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for rank in ranks if down else ranks[::-1]:
            places = {node: place for other in ranks for place, node in enumerate(other)} if len(rank) > 1 else {}
            if places:
                rank.sort(key=lambda node: _middle([places[n] for n in neighbours[node]], places[node]))


def _middle(places: Sequence[float], otherwise: float) -> float:
    """The median of places, without the import of `statistics`."""
    ordered, half = sorted(places), len(places) // 2
    if not ordered:
        return otherwise
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _place(
    nodes: list[Node], ranks: list[list[int]], above: list[list[int]], below: list[list[int]], gap: float
) -> None:
    for rank in ranks:
        _spread(nodes, rank, [0.0] * len(rank), gap)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for rank in ranks if down else ranks[::-1]:
            wanted = [_middle([nodes[n].x for n in neighbours[node]], nodes[node].x) for node in rank]
            _spread(nodes, rank, wanted, gap)


def _spread(nodes: list[Node], rank: Sequence[int], wanted: Sequence[float], gap: float) -> None:
    """Nodes as near to the wanted places as they can stand side by side: runs that touch stand around their mean."""
    runs: list[tuple[list[int], float, list[float]]] = []  # nodes, where the first stands, what each wants of the first
    for node, want in zip(rank, wanted):
        run = ([node], want, [want])
        while runs and runs[-1][1] + _extent(nodes, runs[-1][0], run[0], gap) > run[1]:
            before = runs.pop()
            shift = _extent(nodes, before[0], run[0], gap)
            wants = [*before[2], *(each - shift for each in run[2])]
            run = ([*before[0], *run[0]], sum(wants) / len(wants), wants)
        runs.append(run)
    for members, start, _ in runs:
        x = start
        for index, node in enumerate(members):
            x += (nodes[members[index - 1]].width + nodes[node].width) / 2 + gap if index else 0
            nodes[node].x = x


def _extent(nodes: list[Node], first: Sequence[int], second: Sequence[int], gap: float) -> float:
    """From the first of some nodes to the first of those that stand behind them."""
    widths = [nodes[node].width for node in (*first, second[0])]
    return sum((a + b) / 2 + gap for a, b in pairwise(widths))
