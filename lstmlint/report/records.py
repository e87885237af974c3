"""Findings as plain data: the JSON contract, and what the cache remembers."""

from __future__ import annotations

from typing import Any

from lstmlint.diagnostics import Diagnostic, Edit, Fix, Position, Span, TracePlace, Verification


def to_record(diagnostic: Diagnostic) -> dict[str, Any]:
    """One finding as an object of the JSON format; absent things are null, never missing."""
    span, keras, fix, verified = diagnostic.span, diagnostic.keras, diagnostic.fix, diagnostic.verified
    return {
        "code": diagnostic.code,
        "name": diagnostic.name,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "filename": diagnostic.filename,
        "location": span and _position(span.start),
        "end_location": span and _position(span.end),
        "cell": span and span.cell,
        "help": diagnostic.help,
        "keras": keras and {"version": keras.version, "effect": keras.effect, "message": keras.message},
        "trace": [_trace_place(place) for place in diagnostic.trace],
        "fix": fix and _fix(fix),
        "verified": verified and verification_record(verified),
        "url": diagnostic.url,
    }


def verification_record(verified: Verification) -> dict[str, str | None]:
    """What real Keras said, as an object."""
    return {
        "verdict": verified.verdict,
        "keras": verified.keras,
        "backend": verified.backend,
        "device": verified.device,
        "exception": verified.exception,
        "message": verified.message,
        "python": verified.python,
    }


def _position(position: Position) -> dict[str, int]:
    return {"row": position.row, "column": position.column}


def _trace_place(place: TracePlace) -> dict[str, Any]:
    return {"filename": place.filename, "location": _position(place.span.start), "message": place.message}


def _fix(fix: Fix) -> dict[str, Any]:
    return {"applicability": fix.applicability, "message": fix.message, "edits": [_edit(edit) for edit in fix.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    return {
        "content": edit.content,
        "location": _position(edit.span.start),
        "end_location": _position(edit.span.end),
        "cell": edit.span.cell,
    }


def span_numbers(span: Span) -> tuple[int | None, int, int, int, int]:
    """A span as five numbers: cell, start row and column, end row and column."""
    return span.cell, span.start.row, span.start.column, span.end.row, span.end.column
