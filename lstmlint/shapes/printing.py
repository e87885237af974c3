"""Dims as people write them: the normal form read back into `%`, `min` and `max` where that is shorter."""

from __future__ import annotations

import re

from lstmlint.shapes.dims import Dim, Factor, NegativePart, Quotient, Symbol, SymbolicDim, of_factor

#: What takes more symbols to write down tells nobody anything.
_MAX_WEIGHT = 16

_ATOM = re.compile(r"[\w.]+(\([^()]*\)|\[[^\[\]]*\])*(\.\w+)*(\([^()]*\)|\[[^\[\]]*\])*\Z")


def text(d: Dim) -> str:
    """The source text of a dim, such as `len(data) - 60` or `(n - 1) // 2`."""
    if isinstance(d, int):
        return str(d)
    if d.weight > _MAX_WEIGHT:
        return "a long expression"
    (monomial, coefficient), *others = d.terms
    if not others and coefficient == 1 and not d.constant and len(monomial) == 1 and isinstance(monomial[0], Symbol):
        return monomial[0].name
    return _Writer().text(d)


class _Writer:
    """Writes one dim.  The parts of what is nested are written many times over, so each is remembered."""

    def __init__(self) -> None:
        self._known: dict[SymbolicDim, str] = {}

    def text(self, d: Dim) -> str:
        """The text of a part."""
        if isinstance(d, int):
            return str(d)
        found = self._known.get(d)
        if found is None:
            found = self._known[d] = self._sum_text(d)
        return found

    def _sum_text(self, d: SymbolicDim) -> str:
        pieces: list[tuple[int, str]] = []
        rest: Dim = d
        for monomial, coefficient in sorted(d.terms, key=self._reading_order):
            if isinstance(monomial[-1], Symbol) and isinstance(monomial[0], Symbol):
                continue
            rest = self._read_compound(rest, monomial, coefficient, pieces)
        if isinstance(rest, SymbolicDim):
            plain = sorted(rest.terms, key=self._reading_order)
            pieces = [(number, self._product_text(monomial)) for monomial, number in plain] + pieces
            rest = rest.constant
        pieces.sort(key=lambda piece: piece[0] < 0)
        return _join(pieces, rest)

    def _read_compound(
        self, rest: Dim, monomial: tuple[Factor, ...], coefficient: int, pieces: list[tuple[int, str]]
    ) -> Dim:
        """What is left of `rest` after one term with a quotient or a negative part went into `pieces`, if that is shorter."""
        own = SymbolicDim(((monomial, coefficient),), 0)
        choices = [
            (rest - amount, number, words) for amount, number, words in self._readings(own, monomial, coefficient)
        ]
        if not choices:
            return rest
        left, number, words = min(choices, key=lambda choice: _size(choice[0]))
        pieces.append((number, words))
        return left

    def _readings(self, own: SymbolicDim, monomial: tuple[Factor, ...], coefficient: int) -> list[tuple[Dim, int, str]]:
        """Ways to write one term: (the dim it stands for, its coefficient, its text)."""
        plain: tuple[Dim, int, str] = (own, coefficient, self._product_text(monomial))
        for factor in monomial:
            if isinstance(factor, Quotient):
                return [plain, *self._quotient_readings(own, factor, coefficient, len(monomial) == 1)]
        factor = monomial[0]
        if len(monomial) == 1 and isinstance(factor, NegativePart):
            return self._minimum_readings(factor.dim, own, coefficient)
        return [plain]

    def _quotient_readings(
        self, own: SymbolicDim, factor: Quotient, coefficient: int, alone: bool
    ) -> list[tuple[Dim, int, str]]:
        a, b = factor.dividend, factor.divisor
        readings: list[tuple[Dim, int, str]] = []
        if alone and isinstance(b, int) and coefficient == 1 and isinstance(a, SymbolicDim) and a.constant:
            readings.append((own - 1, 1, f"({self.text(a - b)}) // {_atom(self.text(b))}"))
        if alone and isinstance(b, int) and coefficient == -1 and isinstance(a, SymbolicDim) and a.constant == b - 1:
            even = a - a.constant  # n - (n + 4) // 5 == 4*n // 5
            readings.append((own + even, 1, f"{self.text((b - 1) * even)} // {_atom(self.text(b))}"))
        # -k*b*(a//b) == k*(a % b) - k*a
        times = own // (of_factor(factor) * b) if b != 0 else 0
        if isinstance(times, int) and times < 0 and own == of_factor(factor) * b * times:
            readings.append((own - times * a, -times, f"{_atom(self.text(a))} % {_atom(self.text(b))}"))
        return readings

    def _minimum_readings(self, d: SymbolicDim, own: SymbolicDim, coefficient: int) -> list[tuple[Dim, int, str]]:
        """`k*min(d, 0)` as a minimum of its two sides, or as a maximum where k is negative."""
        positive: Dim = max(d.constant, 0)
        for monomial, number in d.terms:
            if number > 0:
                positive = positive + SymbolicDim(((monomial, number),), 0)
        negative = positive - d
        number = abs(coefficient)
        if coefficient > 0:
            return [
                (own + number * negative, number, f"min({self.text(positive)}, {self.text(negative)})"),
                (own, number, f"min({self.text(d)}, 0)"),
            ]
        return [
            (own + number * positive, number, f"max({self.text(positive)}, {self.text(negative)})"),
            (own + number * d, number, f"max({self.text(d)}, 0)"),
            (own, number, f"max({self.text(-d)}, 0)"),
        ]

    def _reading_order(self, term: tuple[tuple[Factor, ...], int]) -> tuple[int, str]:
        return -len(term[0]), " ".join(self._factor_text(factor) for factor in term[0])

    def _product_text(self, monomial: tuple[Factor, ...]) -> str:
        texts = [self._factor_text(factor) for factor in monomial]
        if len(texts) == 1 and isinstance(monomial[0], Quotient):
            return texts[0]
        return "*".join(sorted(_atom(words) for words in texts))

    def _factor_text(self, factor: Factor) -> str:
        if isinstance(factor, Symbol):
            return factor.name
        if isinstance(factor, Quotient):
            return f"{_atom(self.text(factor.dividend))} // {_atom(self.text(factor.divisor))}"
        return f"min({self.text(factor.dim)}, 0)"


def _join(pieces: list[tuple[int, str]], constant: int) -> str:
    parts: list[str] = []
    for number, words in pieces:
        if ("//" in words or "%" in words) and not (number == 1 or (number == -1 and parts)):
            words = _atom(words)
        times = words if abs(number) == 1 else f"{abs(number)}*{words}"
        if parts:
            parts.append(f" - {times}" if number < 0 else f" + {times}")
        else:
            parts.append(times if number > 0 else f"{constant} - {times}" if constant > 0 else f"-{times}")
            constant = 0 if number < 0 < constant else constant
    if constant or not parts:
        parts.append(f" {'-' if constant < 0 else '+'} {abs(constant)}" if parts else str(constant))
    return "".join(parts)


def _size(d: Dim) -> int:
    return int(d != 0) if isinstance(d, int) else len(d.terms) + int(d.constant != 0)


def _atom(words: str) -> str:
    """In brackets unless it reads as one operand."""
    return words if _ATOM.match(words) else f"({words})"
