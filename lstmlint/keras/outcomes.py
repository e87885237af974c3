"""What can come of feeding a model: the outcomes of Keras's own checks, and which of them is worth reporting."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from lstmlint.classes import dataclass, replace
from lstmlint.shapes.shape import Shape


class Effect(enum.Enum):
    """What Keras does: what was meant, an exception, or something else without a word."""

    OK = "ok"
    RAISES = "raises"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way it can go.

    `exception` and `message` are what that Keras raises (with the numbers and names of the case).  `compared` are the
    two shapes that a loss compares within one batch, output first, where they are broadcast (SILENT).  `accepted` is
    the shape that the first layer gets instead of the declared one (SILENT).  `condition` is what must hold for this
    outcome where it was undecided ("batch size = 14"); `accidental`: it holds for particular batch sizes, or a
    single sample, only.
    """

    effect: Effect
    exception: str | None = None
    message: str | None = None
    compared: tuple[Shape, Shape] | None = None
    accepted: Shape | None = None
    condition: str | None = None
    accidental: bool = False


OK = Outcome(Effect.OK)


def raises(exception: str, message: str) -> Outcome:
    """Keras raises."""
    return Outcome(Effect.RAISES, exception, message)


def verdict(outcomes: Iterable[Outcome]) -> Outcome | None:
    """The outcome to report, None where one of them may be right.

    Outcomes that hold only for particular batch sizes do not count, unless there are no others.  A silent outcome
    comes before an exception: the program may run to its end.
    """
    everything = tuple(outcomes)
    real = [outcome for outcome in everything if not outcome.accidental] or everything
    if not real or any(outcome.effect is Effect.OK for outcome in real):
        return None
    return next((outcome for outcome in real if outcome.effect is Effect.SILENT), real[0])


def accidents(outcomes: Iterable[Outcome]) -> tuple[str, ...]:
    """The conditions under which Keras runs on all the same, because a batch size happens to fit."""
    return tuple(
        outcome.condition
        for outcome in outcomes
        if outcome.accidental and outcome.condition and outcome.effect is not Effect.RAISES
    )


def merged(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes without repetitions: one that holds without a condition swallows those that have one."""
    grouped: dict[Outcome, list[Outcome]] = {}
    for outcome in outcomes:
        grouped.setdefault(replace(outcome, condition=None, accidental=False), []).append(outcome)
    result: list[Outcome] = []
    for plain, group in grouped.items():
        conditions = list(dict.fromkeys(outcome.condition for outcome in group))
        known = [condition for condition in conditions if condition is not None]
        joined = " or ".join(known) if len(known) == len(conditions) else None
        result.append(replace(plain, condition=joined, accidental=all(outcome.accidental for outcome in group)))
    return tuple(result)
