"""Tables of models with what real Keras says of each row: `show --verify`."""

from __future__ import annotations

from typing import Any

from lstmlint.verify.format import Answer, CaseAnswer
from lstmlint.verify.plan import Request, Whole
from lstmlint.verify.verdicts import CONFIRMED, NOT_VERIFIABLE, REFUTED, Judged

#: Where tables say what is asked, and then what real Keras says.
VERIFIED = "verified"


def marked(model: dict[str, Any], request: Request, answer: Answer, judged: Judged, python: str) -> dict[str, Any]:
    """A model of `lstmlint.models` with verdicts in the place of what was asked.

    A row is confirmed where shapes or parameters are known to both sides and all agree; `message` tells of others.
    """
    whole: Whole | None = model[VERIFIED]
    said = {each["id"]: each for each in answer["cases"]}
    found = said.get(whole.case) if whole is not None and whole.case is not None else None
    differs = {each.step: each for each in judged.disagreements if whole is not None and each.case == whole.case}
    steps = _compared(request, found)
    rows = []
    for layer in model["layers"]:
        own = whole.layers.get(layer[VERIFIED], []) if whole is not None else []
        wrong = next((differs[step] for step in own if step in differs), None)
        verdict = REFUTED if wrong else CONFIRMED if own and steps.issuperset(own) else NOT_VERIFIABLE
        message = f"Keras gives {wrong.what} {wrong.observed}" if wrong else None
        rows.append({**layer, VERIFIED: {"verdict": verdict, "message": message}})
    verdicts = {row[VERIFIED]["verdict"] for row in rows}
    verdict = next((each for each in (REFUTED, NOT_VERIFIABLE) if each in verdicts), CONFIRMED)
    run = {key: answer[key] for key in ("keras", "backend", "device")} | {"python": python}
    return {**model, "layers": rows, VERIFIED: {"verdict": verdict, "message": _reason(whole, found), **run}}


def _compared(request: Request, found: CaseAnswer | None) -> set[str]:
    """The steps of a case of which both sides know something."""
    if found is None:
        return set()
    expected = {
        step["id"]: step.get("expected", {})
        for case in request.plan["cases"]
        if case["id"] == found["id"]
        for step in case["steps"]
    }
    return {
        step["id"]
        for step in found["steps"]
        if step["raised"] is None
        and any(what in step and what in expected[step["id"]] for what in ("shapes", "params"))
    }


def _reason(whole: Whole | None, found: CaseAnswer | None) -> str | None:
    """Why not all of a model could be verified, where that is known."""
    if whole is None:
        return "Keras refuses it, or it is not known in full"
    if found is None:
        return whole.reason
    if "failed" in found:
        return f"{found['failed']}: {found.get('words', '')}"
    raised = next((step["raised"] for step in found["steps"] if step["raised"] is not None), None)
    return None if raised is None else f"{raised['type']}: {raised['message']}"
