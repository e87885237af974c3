"""An event of the trace together with the circumstances in which it happened."""

from __future__ import annotations

from typing import Any

from lstmlint.classes import dataclass
from lstmlint.interpreter.state import Assumption
from lstmlint.interpreter.values import Site


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event with its circumstances.

    `splits` are conditions on which values of the event were split (they were made on one side of a branch);
    `path` are the conditions under which the line itself runs.  `calls` are the calls that lead to it, outermost first.
    `expected`: the program catches or expects what Keras would raise.  `repeated`: needs a second pass of a loop.
    """

    event: Any
    site: Site
    splits: tuple[Assumption, ...] = ()
    path: tuple[Assumption, ...] = ()
    calls: tuple[Site, ...] = ()
    expected: bool = False
    repeated: bool = False
