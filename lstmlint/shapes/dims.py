"""Symbolic dims: exact integer arithmetic over names whose value the source does not tell.

A dim is a plain `int`, or a `SymbolicDim` such as `len(data) - 60`.  Every symbolic dim is kept in one normal form, a
sum of integer coefficients times products of factors plus a constant, so that two ways of writing the same number are
equal: `n // b * b` leaves no rest modulo `b`, `x[:k]` and `x[k:]` add up to `len(x)`.  There are three kinds of
factor: a symbol, a floor division that does not come out even, and a negative part (`min(dim, 0)`); remainders,
minima, maxima and rounding up are written with these.

Comparisons answer YES or NO only when that holds for every value of the symbols.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Iterable, Mapping
from math import gcd
from typing import TypeAlias

from lstmlint.shapes.intervals import ANY_INTEGER, Interval, add, divide, hull, intersect, multiply, scale

#: What would be written with more symbols than this becomes one opaque symbol: equal to itself and nothing else.
_MAX_WEIGHT = 64
#: Bounds of a sum with more quotients and negative parts than this are those of plain interval arithmetic.
_MAX_COMPOUND = 4
#: How many quotients and negative parts of one sum are looked into at once for its bounds: work grows with this power.
_MAX_RELAXED = 3


class Answer(enum.Enum):
    """Whether something holds for every value of the symbols (YES), for none (NO), or neither is proved."""

    YES = "yes"
    NO = "no"
    CANNOT_KNOW = "cannot know"

    @classmethod
    def of(cls, truth: bool) -> Answer:
        """YES for True, NO for False."""
        return cls.YES if truth else cls.NO


def both(*answers: Answer) -> Answer:
    """The conjunction: NO if one is NO, YES if all are YES."""
    if Answer.NO in answers:
        return Answer.NO
    return Answer.CANNOT_KNOW if Answer.CANNOT_KNOW in answers else Answer.YES


def either(*answers: Answer) -> Answer:
    """The disjunction: YES if one is YES, NO if all are NO."""
    return negate(both(*map(negate, answers)))


def negate(answer: Answer) -> Answer:
    """YES and NO swapped."""
    return _NEGATED[answer]


_NEGATED = {Answer.YES: Answer.NO, Answer.NO: Answer.YES, Answer.CANNOT_KNOW: Answer.CANNOT_KNOW}


class Symbol:
    """One integer that the source does not tell.

    `name` is for people; `key` is the identity, and equality is by key alone.  `lower` and `upper` are inclusive, None
    where there is no bound.
    """

    __slots__ = ("_hash", "key", "lower", "name", "upper")
    weight = 1

    def __init__(self, name: str, key: Hashable, lower: int | None = 0, upper: int | None = None) -> None:
        self.name = name
        self.key = key
        self.lower = lower
        self.upper = upper
        self._hash = hash(key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Symbol) and self.key == other.key)

    def __repr__(self) -> str:
        return f"Symbol({self.name!r}, {self.key!r}, {self.lower}, {self.upper})"


class Quotient:
    """A floor division `dividend // divisor` that does not come out even."""

    __slots__ = ("_hash", "dividend", "divisor", "weight")

    def __init__(self, dividend: Dim, divisor: Dim, weight: int) -> None:
        self.dividend = dividend
        self.divisor = divisor
        self.weight = weight
        self._hash = hash((dividend, divisor, "//"))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Quotient)
            and self._hash == other._hash
            and self.dividend == other.dividend
            and self.divisor == other.divisor
        )


class NegativePart:
    """`min(dim, 0)` for a dim whose sign is not known."""

    __slots__ = ("_hash", "dim", "weight")

    def __init__(self, dim: SymbolicDim, weight: int) -> None:
        self.dim = dim
        self.weight = weight
        self._hash = hash((dim, "min"))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, NegativePart) and self._hash == other._hash and self.dim == other.dim
        )


Factor: TypeAlias = Symbol | Quotient | NegativePart
Monomial: TypeAlias = tuple[Factor, ...]


class SymbolicDim:
    """A sum of coefficients times products of factors, plus a constant; never constant as a whole.

    `==` and `hash` are structural: equal objects are equal numbers, different objects may be (ask `equal`).
    """

    __slots__ = ("_bounds", "_hash", "constant", "terms")

    def __init__(self, terms: tuple[tuple[Monomial, int], ...], constant: int) -> None:
        self.terms = terms
        self.constant = constant
        self._hash: int | None = None
        self._bounds: Interval | None = None

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, SymbolicDim) and self.constant == other.constant and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.terms, 2 * self.constant + 1))  # odd, for -1 and -2 have one hash
        return self._hash

    def __str__(self) -> str:
        from lstmlint.shapes.printing import text

        return text(self)

    def __repr__(self) -> str:
        return f"<{self}>"

    @property
    def weight(self) -> int:
        """How many symbols it takes to write it down."""
        return _weight(self.terms)

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return SymbolicDim(self.terms, self.constant + other) if other else self
        if not isinstance(other, SymbolicDim):
            return NotImplemented
        return _sum(self, other, 1)

    __radd__ = __add__

    def __neg__(self) -> SymbolicDim:
        return SymbolicDim(tuple((monomial, -coefficient) for monomial, coefficient in self.terms), -self.constant)

    def __pos__(self) -> SymbolicDim:
        return self

    def __sub__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return SymbolicDim(self.terms, self.constant - other) if other else self
        return _sum(self, other, -1) if isinstance(other, SymbolicDim) else NotImplemented

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            if other == 0 or other == 1:
                return self if other else 0
            terms = tuple((monomial, coefficient * other) for monomial, coefficient in self.terms)
            return SymbolicDim(terms, self.constant * other)
        if not isinstance(other, SymbolicDim):
            return NotImplemented
        return _expand(self, other)

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return _divide_by_number(self, other)
        return _divide_by_symbolic(self, other) if isinstance(other, SymbolicDim) else NotImplemented

    def __rfloordiv__(self, other: int) -> Dim:
        return _divide_by_symbolic(other, self)

    def __mod__(self, other: Dim) -> Dim:
        if not isinstance(other, (int, SymbolicDim)):
            return NotImplemented
        return self - (self // other) * other

    def __rmod__(self, other: int) -> Dim:
        return other - (other // self) * self


Dim: TypeAlias = int | SymbolicDim


# --- building --------------------------------------------------------------------------------------------------------


def symbol(name: str, key: Hashable = None, *, lower: int | None = 0, upper: int | None = None) -> SymbolicDim:
    """A dim that is one symbol.  Without a `key` it has a fresh identity and equals no other."""
    return of_factor(Symbol(name, object() if key is None else key, lower, upper))


def of_factor(factor: Factor) -> SymbolicDim:
    """A dim that is one factor."""
    return SymbolicDim((((factor,), 1),), 0)


def _term_order(term: tuple[Monomial, int]) -> int:
    return hash(term[0])


def _weight(terms: Iterable[tuple[Monomial, int]]) -> int:
    weight = 0
    for monomial, _ in terms:
        for factor in monomial:
            weight += factor.weight
    return weight


def _sum(a: SymbolicDim, b: SymbolicDim, times: int) -> Dim:
    """`a + times * b`."""
    sums = dict(a.terms)
    for monomial, coefficient in b.terms:
        sums[monomial] = sums.get(monomial, 0) + times * coefficient
    return _build(sums, a.constant + times * b.constant)


def _build(coefficients: Mapping[Monomial, int], constant: int) -> Dim:
    """The normal form of a sum: an int when nothing else is left."""
    terms = [term for term in coefficients.items() if term[1]]
    if not terms:
        return constant
    if len(terms) > 1:
        if _weight(terms) > _MAX_WEIGHT:
            return _opaque("a long sum")
        terms.sort(key=_term_order)
    return SymbolicDim(tuple(terms), constant)


def _opaque(name: str) -> SymbolicDim:
    return symbol(name, lower=None)


def _expand(a: SymbolicDim, b: SymbolicDim) -> Dim:
    """The product, multiplied out."""
    if a.weight * len(b.terms) + b.weight * len(a.terms) > _MAX_WEIGHT:
        return _opaque("a long product")
    sums: dict[Monomial, int] = {}
    for left, i in a.terms:
        for right, j in b.terms:
            monomial = tuple(sorted(left + right, key=hash))
            sums[monomial] = sums.get(monomial, 0) + i * j
        sums[left] = sums.get(left, 0) + i * b.constant
    for right, j in b.terms:
        sums[right] = sums.get(right, 0) + j * a.constant
    return _build(sums, a.constant * b.constant)


def _quotient(dividend: Dim, divisor: Dim) -> SymbolicDim:
    weight = 0 if isinstance(dividend, int) else dividend.weight
    if isinstance(divisor, SymbolicDim):
        weight += divisor.weight
    if weight > _MAX_WEIGHT:
        return _opaque("a long division")
    return of_factor(Quotient(dividend, divisor, weight))


def _divide_by_number(a: Dim, by: int) -> Dim:
    """`a // by`.  What divides evenly comes out; the rest is one quotient with coefficients below `by`.

    Errors: ZeroDivisionError, as for ints.
    """
    if isinstance(a, int) or by == 0:
        return a // by if isinstance(a, int) else a.constant // by
    if by < 0:
        return _divide_by_number(-a, -by)
    if by == 1:
        return a
    outside: list[tuple[Monomial, int]] = []
    inside: list[tuple[Monomial, int]] = []
    common = by
    for monomial, coefficient in a.terms:
        whole, rest = divmod(coefficient, by)
        if whole:
            outside.append((monomial, whole))
        if rest:
            inside.append((monomial, rest))
            common = gcd(common, rest)
    whole, rest = divmod(a.constant, by)
    even: Dim = SymbolicDim(tuple(outside), whole) if outside else whole  # the order of terms is that of `a`
    if not inside:
        return even
    if common > 1:
        inside = [(monomial, coefficient // common) for monomial, coefficient in inside]
    return even + _small_quotient(SymbolicDim(tuple(inside), rest // common), by // common)


def _small_quotient(inner: SymbolicDim, by: int) -> Dim:
    """`inner // by` where nothing can be taken out: nested divisions are joined, known results are numbers."""
    if by == 1:
        return inner
    monomial, coefficient = inner.terms[0]
    if coefficient == 1 and len(monomial) == 1 and len(inner.terms) == 1:
        factor = monomial[0]
        if isinstance(factor, Quotient) and isinstance(factor.divisor, int):
            return _divide_by_number(factor.dividend + inner.constant * factor.divisor, by * factor.divisor)
    low, high = bounds(inner)
    if low is not None and high is not None and low // by == high // by:
        return low // by
    if 2 * coefficient > by:
        return -_divide_by_number(by - 1 - inner, by)  # 3*n // 4 and n - ceil(n / 4) are one number
    return _quotient(inner, by)


def _divide_by_symbolic(a: Dim, by: SymbolicDim) -> Dim:
    """`a // by` where `by` is not a number; that it is not 0 is taken for granted, for the program runs on."""
    whole, rest = _divide_out(a, by)
    low = bounds(rest)[0]
    if rest == 0 or (low is not None and low >= 0 and less(rest, by) is Answer.YES):
        return whole
    least, most = divide(bounds(rest), bounds(by))
    return whole + (least if least is not None and least == most else _quotient(rest, by))


def _divide_out(a: Dim, by: SymbolicDim) -> tuple[Dim, Dim]:
    """Polynomial division: `whole` and `rest` with `a == whole * by + rest`, the rest 0 where it comes out even."""
    lead, lead_coefficient = max(by.terms, key=lambda term: len(term[0]))
    whole: Dim = 0
    rest = a
    for _ in range(len(a.terms) + 1 if isinstance(a, SymbolicDim) else 0):
        if isinstance(rest, int):
            break
        for monomial, coefficient in sorted(rest.terms, key=lambda term: -len(term[0])):
            left_over = _without(monomial, lead)
            if left_over is not None and coefficient % lead_coefficient == 0:
                part = (
                    _build({left_over: coefficient // lead_coefficient}, 0)
                    if left_over
                    else (coefficient // lead_coefficient)
                )
                whole, rest = whole + part, rest - part * by
                break
        else:
            break
    if len(by.terms) > 1 and rest != 0:
        return 0, a
    return whole, rest


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    """`monomial` divided by `part`, None where it does not contain it."""
    left_over = list(monomial)
    for factor in part:
        if factor not in left_over:
            return None
        left_over.remove(factor)
    return tuple(left_over)


def ceil_div(a: Dim, by: Dim) -> Dim:
    """`a / by` rounded up."""
    return (a + (by - 1)) // by


def minimum(a: Dim, b: Dim) -> Dim:
    """The smaller of the two."""
    if isinstance(a, int) and isinstance(b, int):
        return min(a, b)
    difference = a - b
    return b + _negative_part(difference)


def maximum(a: Dim, b: Dim) -> Dim:
    """The greater of the two."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return a - _negative_part(a - b)


def _negative_part(d: Dim) -> Dim:
    """`min(d, 0)`, of a dim and its negative written with the same factor, whichever comes first."""
    if isinstance(d, int):
        return min(d, 0)
    low, high = bounds(d)
    if low is not None and low >= 0:
        return 0
    if high is not None and high <= 0:
        return d
    common = gcd(d.constant, *(coefficient for _, coefficient in d.terms))
    if d.terms[0][1] < 0:
        common = -common
    base = d
    if common != 1:
        base = SymbolicDim(tuple((m, c // common) for m, c in d.terms), d.constant // common)
    weight = base.weight
    part = _opaque("a long minimum") if weight > _MAX_WEIGHT else of_factor(NegativePart(base, weight))
    return part * common if common > 0 else d - part * common  # min(d, 0) == d + min(-d, 0)


def product(dims: Iterable[Dim]) -> Dim:
    """All dims multiplied; 1 for none."""
    result: Dim = 1
    for dim in dims:
        result = result * dim
    return result


# --- knowing ---------------------------------------------------------------------------------------------------------


def bounds(d: Dim) -> Interval:
    """The least and greatest value that `d` can have, None where there is no bound or none is found."""
    if isinstance(d, int):
        return d, d
    if d._bounds is None:
        d._bounds = _find_bounds(d, _MAX_RELAXED)
    return d._bounds


def _find_bounds(d: Dim, relaxed: int) -> Interval:
    """Bounds from those of the factors, and from what ties up to `relaxed` factors to the rest of the sum.

    Nothing but the sum itself decides how far this goes, so that bounds do not depend on what was asked before.
    """
    if isinstance(d, int):
        return d, d
    low: int | None = d.constant
    high: int | None = d.constant
    compound: list[tuple[Monomial, int]] = []
    for term in d.terms:
        monomial, coefficient = term
        least, most = _factor_bounds(monomial[0])
        simple = type(monomial[0]) is Symbol
        for factor in monomial[1:]:
            least, most = multiply((least, most), _factor_bounds(factor))
            simple = simple and type(factor) is Symbol
        if not simple:
            compound.append(term)
        if coefficient < 0:
            least, most = most, least
        low = None if low is None or least is None else low + least * coefficient
        high = None if high is None or most is None else high + most * coefficient
    if relaxed and 0 < len(compound) <= _MAX_COMPOUND and len(d.terms) > 1:
        for term in compound:
            low, high = intersect((low, high), _relaxed(d, *term, relaxed - 1))
    return low, high


def _factor_bounds(factor: Factor) -> Interval:
    if isinstance(factor, Symbol):
        return factor.lower, factor.upper
    if isinstance(factor, Quotient):
        return divide(bounds(factor.dividend), bounds(factor.divisor))
    low, high = bounds(factor.dim)
    return None if low is None else min(low, 0), 0 if high is None else min(high, 0)


def _relaxed(d: SymbolicDim, monomial: Monomial, coefficient: int, relaxed: int) -> Interval:
    """Bounds of `d` from what ties one factor of one term to the rest of the sum."""
    others = tuple(term for term in d.terms if term[0] is not monomial)
    rest = SymbolicDim(others, d.constant)
    if len(monomial) == 1 and isinstance(monomial[0], NegativePart):
        return _relaxed_minimum(rest, monomial[0].dim, coefficient, relaxed)
    for factor in monomial:
        if isinstance(factor, Quotient):
            return _relaxed_quotient(rest, monomial, factor, coefficient, relaxed)
    return ANY_INTEGER


def _relaxed_minimum(rest: Dim, d: Dim, coefficient: int, relaxed: int) -> Interval:
    """Bounds of `rest + coefficient * min(d, 0)`: one of two sums, and at most (or at least) both."""
    zero, whole = _find_bounds(rest, relaxed), _find_bounds(rest + coefficient * d, relaxed)
    low, high = hull(zero, whole)
    if coefficient > 0:
        return low, intersect(zero, whole)[1]
    return intersect(zero, whole)[0], high


def _relaxed_quotient(rest: Dim, monomial: Monomial, quotient: Quotient, coefficient: int, relaxed: int) -> Interval:
    """Bounds of `rest + coefficient * … * (a // b)` from `b * (a // b) == a - r` with `0 <= r < b`."""
    a, b = quotient.dividend, quotient.divisor
    if isinstance(b, int):
        if len(monomial) != 1 or b <= 0:
            return ANY_INTEGER
        times_b = add(_find_bounds(rest * b + coefficient * a, relaxed), scale((0, b - 1), -coefficient))
        low, high = times_b
        return None if low is None else -(-low // b), None if high is None else high // b
    low, high = bounds(b)
    if low is None or low < 0 or _without(monomial, (quotient,)) != b.terms[0][0] or b != _build(dict(b.terms[:1]), 0):
        return ANY_INTEGER
    share, uneven = divmod(coefficient, b.terms[0][1])
    if uneven:
        return ANY_INTEGER
    remainder: Interval = (0, None if high is None else max(high - 1, 0))
    return add(_find_bounds(rest + share * a, relaxed), scale(remainder, -share))


def equal(a: Dim, b: Dim) -> Answer:
    """Whether the two are the same number."""
    if isinstance(a, int) and isinstance(b, int):
        return Answer.YES if a == b else Answer.NO
    if a == b:
        return Answer.YES
    difference = a - b
    if isinstance(difference, int):
        return Answer.of(difference == 0)
    low, high = bounds(difference)
    if (low is not None and low > 0) or (high is not None and high < 0):
        return Answer.NO
    if low == 0 == high:
        return Answer.YES
    if difference.constant % gcd(*(coefficient for _, coefficient in difference.terms)):
        return Answer.NO  # 2*n == 7
    return Answer.CANNOT_KNOW


def at_most(a: Dim, b: Dim) -> Answer:
    """Whether `a <= b`."""
    low, high = bounds(b - a)
    if low is not None and low >= 0:
        return Answer.YES
    return Answer.NO if high is not None and high < 0 else Answer.CANNOT_KNOW


def less(a: Dim, b: Dim) -> Answer:
    """Whether `a < b`."""
    return negate(at_most(b, a))


def divisible(a: Dim, by: Dim) -> Answer:
    """Whether `a` is a multiple of `by`; by 0: CANNOT_KNOW."""
    return Answer.CANNOT_KNOW if by == 0 else equal(a % by, 0)


def substitute(d: Dim, values: Mapping[Symbol, Dim]) -> Dim:
    """`d` with symbols replaced.  Errors: ZeroDivisionError when a divisor becomes 0."""
    if isinstance(d, int):
        return d
    result: Dim = d.constant
    for monomial, coefficient in d.terms:
        result = result + product(_substitute_factor(factor, values) for factor in monomial) * coefficient
    return result


def _substitute_factor(factor: Factor, values: Mapping[Symbol, Dim]) -> Dim:
    if isinstance(factor, Symbol):
        return values.get(factor, of_factor(factor))
    if isinstance(factor, Quotient):
        return substitute(factor.dividend, values) // substitute(factor.divisor, values)
    return minimum(substitute(factor.dim, values), 0)


def symbols(d: Dim) -> frozenset[Symbol]:
    """The symbols that `d` depends on."""
    if isinstance(d, int):
        return frozenset()
    found: set[Symbol] = set()
    for monomial, _ in d.terms:
        for factor in monomial:
            if isinstance(factor, Symbol):
                found.add(factor)
            elif isinstance(factor, Quotient):
                found |= symbols(factor.dividend) | symbols(factor.divisor)
            else:
                found |= symbols(factor.dim)
    return frozenset(found)
