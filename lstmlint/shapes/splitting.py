"""Running a decision procedure over symbolic sizes: every way it can end, with what must hold for each.

A procedure asks a `Decider` whether two sizes are equal.  Where that cannot be known, it is run once for each answer;
what an answer implies is kept for the questions that follow, so that no two answers on one path contradict each other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import gcd
from typing import Generic, TypeVar

from lstmlint.classes import dataclass
from lstmlint.shapes.dims import (
    Answer,
    Dim,
    Symbol,
    SymbolicDim,
    equal,
    substitute,
    symbols,
)

#: Past so many endings the rest is left out, and `explore` says so.
_MAX_PATHS = 96

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Assumption:
    """What one path takes for granted: that two sizes are equal, or that they are not (`holds` is False).

    A `choice` is a question that is not about sizes; `left` and `right` are then 0.
    """

    left: Dim
    right: Dim
    holds: bool
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Ending(Generic[Result]):
    """One way a procedure can end.

    `coincidences` are the equalities that held because a symbol was given just this value.
    """

    result: Result
    assumptions: tuple[Assumption, ...] = ()
    coincidences: tuple[Assumption, ...] = ()


class Decider:
    """Answers the questions of one run: as they are proved, else as the script says."""

    __slots__ = ("_apart", "_given", "_script", "_step", "_together", "_values", "assumptions", "coincidences")

    def __init__(self, script: tuple[bool, ...] = (), given: Mapping[Symbol, Dim] | None = None) -> None:
        self.assumptions: list[Assumption] = []
        self.coincidences: list[Assumption] = []
        self._given = frozenset(given or ())
        self._script = script
        self._step = 0
        self._values: list[tuple[Symbol, Dim]] = list((given or {}).items())
        self._apart: list[Dim] = []
        self._together: list[Dim] = []

    def equal(self, a: Dim, b: Dim) -> bool:
        """Whether the two sizes are the same."""
        if isinstance(a, int) and isinstance(b, int):
            return a == b
        plain = _reduced(a - b)
        if isinstance(plain, int):
            return plain == 0
        difference = _reduced(self.known(plain))
        answer = equal(difference, 0)
        if answer is Answer.CANNOT_KNOW:
            answer = self._remembered(difference)
        if answer is Answer.YES and not self._given.isdisjoint(symbols(plain)):
            self.coincidences.append(Assumption(a, b, True))
        if answer is not Answer.CANNOT_KNOW:
            return answer is Answer.YES
        holds = self._next()
        self.assumptions.append(Assumption(a, b, holds))
        if holds:
            self._learn(difference)
        else:
            self._apart.append(difference)
        return holds

    def choose(self, choice: str) -> bool:
        """The answer to a question that is not about sizes; asked twice, it is answered alike."""
        for assumption in self.assumptions:
            if assumption.choice == choice:
                return assumption.holds
        holds = self._next()
        self.assumptions.append(Assumption(0, 0, holds, choice))
        return holds

    def _next(self) -> bool:
        self._step += 1
        return self._script[self._step - 1] if self._step <= len(self._script) else True

    def known(self, dim: Dim) -> Dim:
        """A size with what this path has learned put in."""
        for symbol, value in self._values:
            if isinstance(dim, int):
                break
            dim = substitute(dim, {symbol: value})
        return dim

    def _remembered(self, difference: Dim) -> Answer:
        """What the path's assumptions say of a difference that is not known by itself."""
        for together in self._together:
            if difference in (together, -together):
                return Answer.YES
        for apart in self._apart:
            known = _reduced(self.known(apart))
            if difference in (known, -known):
                return Answer.NO
        solved = _solve(difference)
        if solved is not None:
            for apart in self._apart:
                if substitute(self.known(apart), dict([solved])) == 0:
                    return Answer.NO
        return Answer.CANNOT_KNOW

    def _learn(self, difference: Dim) -> None:
        solved = _solve(difference)
        if solved is None:
            self._together.append(difference)
        else:
            self._values.append(solved)


def _solve(difference: Dim) -> tuple[Symbol, Dim] | None:
    """A symbol that stands alone in a sum that is 0, and its value."""
    if isinstance(difference, int):
        return None
    for monomial, coefficient in difference.terms:
        factor = monomial[0]
        if len(monomial) == 1 and isinstance(factor, Symbol) and abs(coefficient) == 1:
            rest = difference - SymbolicDim(((monomial, coefficient),), 0)
            if factor not in symbols(rest):
                return factor, rest * -coefficient
    return None


def _reduced(difference: Dim) -> Dim:
    """A sum without the numbers and the positive symbols that multiply all of it: it is 0 when the sum is."""
    if isinstance(difference, int):
        return difference
    common = gcd(difference.constant, *(coefficient for _, coefficient in difference.terms))
    if common > 1:
        difference = SymbolicDim(tuple((m, c // common) for m, c in difference.terms), difference.constant // common)
    if difference.constant:
        return difference
    for factor in difference.terms[0][0]:
        if isinstance(factor, Symbol) and factor.lower is not None and factor.lower > 0:
            unit = SymbolicDim((((factor,), 1),), 0)
            rest = difference // unit
            if rest * unit == difference:
                return _reduced(rest)
    return difference


def explore(
    procedure: Callable[[Decider], Result], given: Mapping[Symbol, Dim] | None = None
) -> tuple[list[Ending[Result]], bool]:
    """All endings of a procedure, and whether these are all (False: there were too many).

    `given` are values of symbols: questions are answered with them, and a YES that rests on one is a coincidence.
    """
    endings: list[Ending[Result]] = []
    scripts: list[tuple[bool, ...]] = [()]
    while scripts:
        if len(endings) >= _MAX_PATHS:
            return endings, False
        script = scripts.pop()
        decider = Decider(script, given)
        result = procedure(decider)
        answers = tuple(assumption.holds for assumption in decider.assumptions)
        endings.append(Ending(result, tuple(decider.assumptions), tuple(decider.coincidences)))
        for step in range(len(script), len(answers)):
            scripts.append((*answers[:step], not answers[step]))
    return endings, True
