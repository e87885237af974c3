"""Arithmetic on intervals of integers, both ends inclusive, None where an end is open."""

from __future__ import annotations

from typing import TypeAlias

Interval: TypeAlias = tuple[int | None, int | None]

ANY_INTEGER: Interval = (None, None)


def add(a: Interval, b: Interval) -> Interval:
    """All sums."""
    low = None if a[0] is None or b[0] is None else a[0] + b[0]
    high = None if a[1] is None or b[1] is None else a[1] + b[1]
    return low, high


def scale(a: Interval, factor: int) -> Interval:
    """All products with one number."""
    if factor == 0:
        return 0, 0
    low = None if a[0] is None else a[0] * factor
    high = None if a[1] is None else a[1] * factor
    return (low, high) if factor > 0 else (high, low)


def multiply(a: Interval, b: Interval) -> Interval:
    """All products."""
    if a == (1, 1):
        return b
    if None not in a and None not in b:
        products = [x * y for x in a for y in b if x is not None and y is not None]
        return min(products), max(products)
    if a[0] is not None and a[0] >= 0 and b[0] is not None and b[0] >= 0:
        return a[0] * b[0], None if a[1] is None or b[1] is None else a[1] * b[1]
    if (0, 0) in (a, b):
        return 0, 0
    return ANY_INTEGER


def divide(a: Interval, b: Interval) -> Interval:
    """All floor divisions by the positive members of `b`; nothing is known if it has negative ones."""
    if b[0] is None or b[0] < 0:
        return ANY_INTEGER
    least, most = max(b[0], 1), b[1]
    low, high = a
    if low is not None:
        low = low // least if low < 0 else 0 if most is None else low // max(most, 1)
    if high is not None:
        high = high // least if high >= 0 else -1 if most is None else high // max(most, 1)
    return low, high


def intersect(a: Interval, b: Interval) -> Interval:
    """What lies in both."""
    low = b[0] if a[0] is None else a[0] if b[0] is None else max(a[0], b[0])
    high = b[1] if a[1] is None else a[1] if b[1] is None else min(a[1], b[1])
    return low, high


def hull(a: Interval, b: Interval) -> Interval:
    """The least interval around both."""
    low = None if a[0] is None or b[0] is None else min(a[0], b[0])
    high = None if a[1] is None or b[1] is None else max(a[1], b[1])
    return low, high
