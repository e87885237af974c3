"""Predictions: what is done with them (LL7)."""

from __future__ import annotations

from lstmlint.checks.report import Report, check
from lstmlint.trace import Crossed


@check(Crossed, "LL701")
def crossed_predictions(event: Crossed, report: Report) -> None:
    """Every prediction meets every target, not its own."""
    assert report.recorded is not None
    rows = event.vector.dims[0]
    told = report.tell(
        "LL701",
        report.recorded.site,
        f"the prediction {event.column} and the vector {event.vector} give ({rows}, {rows}): every row meets all others",
        help="Make a vector of the prediction (`[:, 0]`, `.flatten()`), or a column of the other (`.reshape(-1, 1)`).",
        raises=False,
    )
    if event.predicted is not None:
        told.trace.append((event.predicted, f"the prediction is made here: {event.column}"))
