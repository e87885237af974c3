"""Answers held against claims: what real Keras says of each finding, of what lstmlint computed, and of the other models."""

from __future__ import annotations

import re
from typing import Any

from lstmlint.classes import dataclass, field
from lstmlint.diagnostics import Verification
from lstmlint.verify.format import Answer, Case, CaseAnswer, Claim, Compared, Raised, StepAnswer
from lstmlint.verify.plan import Place, Request

CONFIRMED, REFUTED, NOT_VERIFIABLE = "confirmed", "refuted", "not-verifiable"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Real Keras and lstmlint differ about a layer: a defect of lstmlint.  `what`: "shapes" or "params"."""

    case: str
    step: str
    about: str
    what: str
    computed: Any
    observed: Any


@dataclass(frozen=True, slots=True)
class RefusedModel:
    """Real Keras refuses a step of a model of which lstmlint found nothing."""

    case: str
    step: str
    about: str
    raised: Raised
    place: Place | None = None


@dataclass(slots=True)
class Judged:
    """What became of a request: a verdict for each claim, and what nobody claimed.  `checked` are the cases of whole models that ran."""

    verdicts: list[Verification] = field(default_factory=list)
    disagreements: list[Disagreement] = field(default_factory=list)
    refused: list[RefusedModel] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)


def judge(request: Request, answer: Answer) -> Judged:
    """The verdicts on a request."""
    judged = Judged()
    cases = {case["id"]: case for case in request.plan["cases"]}
    answers = {each["id"]: each for each in answer["cases"]}
    is_meant = answer["generation"] == request.plan["keras"]
    for claim in request.claims:
        judged.verdicts.append(_verdict(claim, cases, answers, answer, request.plan["keras"]))
    for ident, case in cases.items() if is_meant else ():
        found = answers.get(ident)
        if found is None or "failed" in found:
            continue
        judged.disagreements += _disagreements(case, found)
        if ident in request.models:
            refusal = _refused(case, found, request)
            if refusal is not None:
                judged.refused.append(refusal)
            elif all(step["raised"] is None for step in found["steps"]):
                judged.checked.append(ident)
    return judged


# --- findings --------------------------------------------------------------------------------------------------------


def _verdict(
    claim: Claim, cases: dict[str, Case], answers: dict[str, CaseAnswer], answer: Answer, meant: str
) -> Verification:
    def told(verdict: str, raised: Raised | None = None, message: str | None = None) -> Verification:
        exception = None if raised is None else raised["type"]
        words = message if raised is None else raised["message"]
        return Verification(verdict, answer["keras"], answer["backend"], answer["device"], exception, words)

    ident = claim["case"]
    if ident is None:
        return told(NOT_VERIFIABLE, message=claim["reason"])
    if answer["generation"] != meant:
        return told(NOT_VERIFIABLE, message=f"the program means {_NAMES[meant]}, and this is Keras {answer['keras']}")
    found = answers.get(ident)
    if found is None or "failed" in found:
        words = "there is no answer" if found is None else f"{found['failed']}: {found.get('words', '')}".rstrip(": ")
        return told(NOT_VERIFIABLE, message=words)
    order = [step["id"] for step in cases[ident]["steps"]]
    place = order.index(claim["step"])
    last = found["steps"][-1] if found["steps"] else None
    raised = None if last is None else last["raised"]
    if last is None or (raised is not None and order.index(last["id"]) < place):
        return told(NOT_VERIFIABLE, raised, "nothing was run")
    if raised is not None and "Data cardinality" in raised["message"] and claim["code"] != "LL206":
        return told(NOT_VERIFIABLE, raised, "the numbers of samples are made up")
    if claim["effect"] == "raises":
        if raised is None or last["id"] == claim["step"] or last["id"] in claim.get("late", ()):
            return _of_exception(claim, raised, answer, told)
        return told(NOT_VERIFIABLE, raised)
    if raised is not None and last["id"] == claim["step"]:
        # With sizes that were made up, something else may not fit; and what is known of silence is known of TensorFlow.
        is_other = "invented" in cases[ident] or answer["backend"] != "tensorflow"
        return told(NOT_VERIFIABLE if is_other else REFUTED, raised)
    return _shown(claim, cases[ident], found, told)


#: What only TensorFlow on a CPU raises: elsewhere a label or index out of range makes NaN, zeros or nonsense.
_ON_CPU = frozenset({"LL207", "LL211", "LL408"})


def _of_exception(claim: Claim, raised: Raised | None, answer: Answer, told: Any) -> Verification:
    """The verdict on a claim that Keras raises, where it runs on or raises at the very step."""
    verdict, backend = REFUTED if raised is None else CONFIRMED, answer["backend"]
    if raised is None and claim["code"] in _ON_CPU and (answer["device"] != "cpu" or backend != "tensorflow"):
        where = f"the {answer['device'].upper()} with {backend}"
        silent: Verification = told(
            NOT_VERIFIABLE, message=f"it raises with TensorFlow on the CPU; on {where} Keras runs on"
        )
        return silent
    if raised is not None and backend == "tensorflow" and not _fits(claim.get("words", ""), raised):
        verdict = NOT_VERIFIABLE
    said: Verification = told(verdict, raised, None if raised is not None else "Keras runs on")
    return said


def _fits(expected: str, raised: Raised) -> bool:
    """Whether an exception is of the kind that is expected: of that class, or with some of the same longer words."""
    if expected.startswith(f"{raised['type']}:"):
        return True
    wanted = set(re.findall(r"[A-Za-z_]{4,}", expected.lower()))
    said = set(re.findall(r"[A-Za-z_]{4,}", f"{raised['type']} {raised['message']}".lower()))
    return len(wanted & said) >= min(_FITTING, len(wanted))


#: So many words of what Keras was expected to say make an exception one of that kind.
_FITTING = 2

_NAMES = {"K2": "Keras up to 2.3", "T2": "tf.keras of TensorFlow 2.4 to 2.15", "K3": "Keras 3"}


def _shown(claim: Claim, case: Case, found: CaseAnswer, told: Any) -> Verification:
    """The verdict on a claim that Keras runs on: what it made has to show the fault."""
    step = next(each for each in found["steps"] if each["id"] == claim["step"])
    verdict, message = _of_silence(claim, case, step)
    shown: Verification = told(verdict, message=message)
    return shown


def _of_silence(claim: Claim, case: Case, step: StepAnswer) -> tuple[str, str | None]:
    if claim.get("compared"):
        return _of_loss(step.get("compared", []))
    if claim.get("constant"):
        same = [low == high for low, high in step.get("output", []) if low is not None]
        return (NOT_VERIFIABLE if not same else CONFIRMED if all(same) else REFUTED), None
    expected = next(each for each in case["steps"] if each["id"] == claim["step"]).get("expected", {}).get("shapes")
    if expected is not None and "shapes" in step and not _agree(expected, step["shapes"]):
        return REFUTED, f"the result is {_text(step['shapes'][0])}"
    return CONFIRMED, "Keras says nothing"


def _of_loss(met: list[Compared]) -> tuple[str, str | None]:
    """Whether what met in the loss was unlike."""
    if not met:
        return NOT_VERIFIABLE, "what met in the loss was not seen"
    for pair in met:
        if len(pair["target"]) != len(pair["output"]) or _differ(pair["target"], pair["output"]):
            return CONFIRMED, f"the loss got {_text(pair['target'])} and {_text(pair['output'])}"
    return REFUTED, "the loss got two equal shapes"


def _differ(a: list[int | None], b: list[int | None]) -> bool:
    return any(x is not None and y is not None and x != y for x, y in zip(a, b))


def _text(shape: list[int | None]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


# --- what lstmlint computed ------------------------------------------------------------------------------------------


def _disagreements(case: Case, answer: CaseAnswer) -> list[Disagreement]:
    """Layers of which real Keras tells other shapes or parameters."""
    observed = {step["id"]: step for step in answer["steps"]}
    found = []
    for step in case["steps"]:
        expected, seen = step.get("expected"), observed.get(step["id"])
        if expected is None or seen is None or seen["raised"] is not None:
            continue
        for what in ("shapes", "params"):
            computed, was = expected.get(what), seen.get(what)
            if computed is None or was is None:
                continue
            if computed != was if what == "params" else not _agree(computed, was):
                found.append(Disagreement(case["id"], step["id"], step.get("about", ""), what, computed, was))
    return found


def _agree(computed: Any, observed: Any) -> bool:
    """Whether shapes agree: as many, of equal rank, and equal where both are known."""
    if len(computed) != len(observed):
        return False
    return all(len(a) == len(b) and not _differ(a, b) for a, b in zip(computed, observed))


def _refused(case: Case, answer: CaseAnswer, request: Request) -> RefusedModel | None:
    """What Keras refuses of a model that is stated as the program has it, without sizes that were made up."""
    last: StepAnswer | None = answer["steps"][-1] if answer["steps"] else None
    if last is None or last["raised"] is None or "invented" in case or "left_out" in case:
        return None
    step = next(each for each in case["steps"] if each["id"] == last["id"])
    place = request.places.get(case["id"], {}).get(last["id"]) or request.models[case["id"]][1]
    return RefusedModel(case["id"], last["id"], step.get("about", step["do"]), last["raised"], place)
