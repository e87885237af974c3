"""Shapes: the dims of an array or tensor, of known rank or a known end behind an unknown beginning."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Final, TypeAlias

from lstmlint.classes import dataclass
from lstmlint.shapes.dims import Answer, Dim, both, equal, product

#: The size of one axis.  None: a size that Keras itself does not know before it runs (the batch, a free length); two
#: Nones are neither equal nor different.  It does not occur in shapes of arrays.
Axis: TypeAlias = Dim | None


class UnknownAxis(enum.Enum):
    """The type of `UNKNOWN_AXIS`."""

    UNKNOWN_AXIS = "unknown axis"


#: What `Shape.axis` answers where it is not known what stands there, or whether anything does.
UNKNOWN_AXIS: Final = UnknownAxis.UNKNOWN_AXIS


@dataclass(frozen=True, slots=True)
class Shape:
    """The dims of an array.  Not `exact`: `dims` are the last axes, and what comes before them is not known."""

    dims: tuple[Axis, ...]
    exact: bool = True

    @property
    def rank(self) -> int | None:
        """The number of axes, None where unknown."""
        return len(self.dims) if self.exact else None

    @property
    def min_rank(self) -> int:
        """The number of axes that there are at least."""
        return len(self.dims)

    @property
    def size(self) -> Dim | None:
        """The number of elements, None where an axis or the rank is not known."""
        known = [dim for dim in self.dims if dim is not None]
        return product(known) if self.exact and len(known) == len(self.dims) else None

    def axis(self, index: int) -> Axis | UnknownAxis:
        """The size of an axis.  UNKNOWN_AXIS where it is not known, or where there is no such axis."""
        place = self._place(index)
        return UNKNOWN_AXIS if place is None else self.dims[place]

    def with_axis(self, index: int, dim: Axis) -> Shape:
        """The same shape with another size of one axis (an axis that does not exist: the shape as it is)."""
        place = self._place(index)
        if place is None:
            return self if self.exact or index < 0 else UNKNOWN_SHAPE
        return Shape((*self.dims[:place], dim, *self.dims[place + 1 :]), self.exact)

    def drop(self, index: int) -> Shape:
        """The shape without one axis (an axis that does not exist: the shape as it is)."""
        place = self._place(index)
        if place is None:
            return self if self.exact or index < 0 else UNKNOWN_SHAPE
        return Shape(self.dims[:place] + self.dims[place + 1 :], self.exact)

    def insert(self, index: int, dim: Axis) -> Shape:
        """The shape with a new axis, which has the number `index` in the result, as in `numpy.expand_dims`."""
        place = index if index >= 0 else len(self.dims) + 1 + index
        if not self.exact and index >= 0:
            return UNKNOWN_SHAPE
        if not 0 <= place <= len(self.dims):
            return self
        return Shape((*self.dims[:place], dim, *self.dims[place:]), self.exact)

    def prepend(self, dims: Sequence[Axis]) -> Shape:
        """The shape with axes put in front (behind an unknown beginning they cannot be seen)."""
        return Shape((*dims, *self.dims)) if self.exact else self

    def _place(self, index: int) -> int | None:
        """The position in `dims` of an axis, None where there is none or it is not known."""
        if index < 0:
            index += len(self.dims)
            return index if index >= 0 else None
        return index if self.exact and index < len(self.dims) else None

    def __str__(self) -> str:
        words = [str(dim) for dim in self.dims]
        if not self.exact:
            words.insert(0, "…")
        return f"({words[0]},)" if len(words) == 1 and self.exact else f"({', '.join(words)})"


UNKNOWN_SHAPE: Final = Shape((), exact=False)


def same_axis(a: Axis, b: Axis) -> Answer:
    """Whether two axes have the same size; a None cannot be known."""
    return Answer.CANNOT_KNOW if a is None or b is None else equal(a, b)


def same(a: Shape, b: Shape) -> Answer:
    """Whether two shapes agree in rank and in every axis."""
    if a.exact and b.exact and len(a.dims) != len(b.dims):
        return Answer.NO
    if (a.exact and len(a.dims) < len(b.dims)) or (b.exact and len(b.dims) < len(a.dims)):
        return Answer.NO
    answer = both(*(same_axis(x, y) for x, y in zip(reversed(a.dims), reversed(b.dims))))
    return answer if (a.exact and b.exact) or answer is Answer.NO else Answer.CANNOT_KNOW
