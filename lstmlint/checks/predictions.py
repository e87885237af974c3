"""Predictions: what is done with them and with other arrays (LL7)."""

from __future__ import annotations

from lstmlint.checks.report import Report, check
from lstmlint.trace import ArrayRefused, Crossed


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


_CODES = {"transformer": "LL702", "metric": "LL703", "reshape": "LL704"}

_HELP = {
    "transformer": "Give it the columns that it was fitted with, as rows and columns; for predictions, fit one more "
    "scaler on the target alone.",
    "metric": "Bring both to one shape: class ids with `argmax(axis=-1)` or `(p > 0.5).astype(int)`, numbers with "
    "`reshape(-1, columns)`.",
    "reshape": "The sizes must multiply to the number of elements; one of them may be -1.",
}


@check(ArrayRefused, "LL702", "LL703", "LL704")
def refused_arrays(event: ArrayRefused, report: Report) -> None:
    """A function of numpy or scikit-learn raises for the shapes of its arrays."""
    assert report.recorded is not None
    shapes = " and ".join(map(str, event.shapes))
    told = report.tell(
        _CODES[event.kind],
        report.recorded.site,
        f"`{event.name}` wants {event.wants}, and is given {shapes}",
        help=_HELP[event.kind],
        raises=True,
        words=f"{event.exception}: {event.message}",
    )
    if event.made is not None:
        told.trace.append((event.made, f"{event.shapes[-1]} is made here"))
