"""What is told to people: finished findings, independent of how they are printed."""

from __future__ import annotations

import enum

from lstmlint.classes import dataclass, field


class Severity(enum.Enum):
    """How bad: Keras raises (`error`), runs on and is wrong (`warning`), or is worth knowing (`info`)."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANKS[self]


_RANKS = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a text.  Units: row and column from 1, columns in code points."""

    row: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` to `end` (exclusive).  In a notebook the rows count within `cell` (from 1, over all cells)."""

    start: Position
    end: Position
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class TracePlace:
    """A second place that explains the first: where the other shape was made, for example."""

    filename: str
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class KerasEffect:
    """What the Keras that is meant does: `effect` is "raises" or "silent"; `version` "2.3", "2.15" or "3"."""

    version: str
    effect: str
    message: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `content`."""

    content: str
    span: Span


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits with their applicability: "safe", "unsafe" or "display-only"."""

    applicability: str
    message: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """What real Keras said: `verdict` is "confirmed", "refuted" or "not-verifiable"; the rest describes that run.

    `python` is the interpreter whose Keras was asked.
    """

    verdict: str
    keras: str | None = None
    backend: str | None = None
    device: str | None = None
    exception: str | None = None
    message: str | None = None
    python: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.  `span` is None for a finding about a whole file."""

    code: str
    name: str
    severity: Severity
    message: str
    filename: str
    span: Span | None = None
    help: str | None = None
    keras: KerasEffect | None = None
    trace: tuple[TracePlace, ...] = field(default=())
    fix: Fix | None = None
    url: str | None = None
    verified: Verification | None = None

    @property
    def sort_key(self) -> tuple[str, tuple[int, int, int, int], str, str]:
        """File, place (cell, row, column), code, message: the order of every report."""
        span = self.span
        place = (0, 0, 0, 0) if span is None else (span.cell or 0, span.start.row, span.start.column, span.end.row)
        return self.filename, place, self.code, self.message
