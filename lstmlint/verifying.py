"""Verifying a run: real Keras is asked about every file, and each finding gets what it said."""

from __future__ import annotations

from collections.abc import Iterator

from lstmlint import rules
from lstmlint.analysis import FileResult
from lstmlint.classes import replace
from lstmlint.diagnostics import Diagnostic, KerasEffect, Position, Span
from lstmlint.files import SourceFile
from lstmlint.runner import RunResult, all_diagnostics, kept
from lstmlint.settings import Resolver
from lstmlint.verify.client import Client
from lstmlint.verify.plan import Place
from lstmlint.verify.tables import marked
from lstmlint.verify.verdicts import Disagreement, RefusedModel, judge

REFUSED = "LL007"

_GENERATIONS = {"K2": "2.3", "T2": "2.15", "K3": "3"}


def verified(files: tuple[SourceFile, ...], outcome: RunResult, resolver: Resolver, client: Client) -> RunResult:
    """The run with verdicts, models that Keras alone refuses, and what Keras computes otherwise as defects.

    Errors: NoWorker.
    """
    results = tuple(_verified(result, client) for result in outcome.results)
    return replace(
        outcome,
        results=results,
        diagnostics=kept((d for result in results for d in all_diagnostics(result)), files, resolver),
        models=tuple(model for result in sorted(results, key=lambda each: each.filename) for model in result.models),
        defects=tuple(defect for result in results for defect in result.defects),
    )


def _verified(result: FileResult, client: Client) -> FileResult:
    request = result.request
    if request is None or not (request.claims or request.plan["cases"] or result.models):
        return result
    answer = client.ask(request.plan)
    judged = judge(request, answer)
    found = list(result.diagnostics)
    if request.claims:
        found = [
            replace(each, verified=replace(said, python=client.python))
            for each, said in zip(result.diagnostics, judged.verdicts)
        ]
    found += _refusals(judged.refused, result.filename, request.plan["keras"])
    return replace(
        result,
        diagnostics=tuple(sorted(found, key=lambda each: each.sort_key)),
        models=tuple(marked(model, request, answer, judged, client.python) for model in result.models),
        defects=(*result.defects, *(_defect(each, result.filename) for each in judged.disagreements)),
        request=None,
    )


def _refusals(refused: list[RefusedModel], filename: str, generation: str) -> Iterator[Diagnostic]:
    rule = rules.rule(REFUSED)
    for each in refused:
        raised = f"{each.raised['type']}: {each.raised['message']}"
        first = each.raised["message"].strip().splitlines() or [""]
        yield Diagnostic(
            rule.code,
            rule.name,
            rule.severity,
            f"real Keras refuses this model at {each.about}: {first[0]}",
            each.place.filename if each.place is not None else filename,
            _span(each.place),
            help="Please report it: lstmlint should have found this.",
            keras=KerasEffect(_GENERATIONS[generation], "raises", raised),
            url=rule.url,
        )


def _span(place: Place | None) -> Span | None:
    return None if place is None else Span(Position(*place.start), Position(*place.end), place.cell)


def _defect(found: Disagreement, filename: str) -> str:
    """What to report, in one line."""
    return (
        f"{filename}: real Keras gives {found.what} {found.observed} for {found.about or found.step}, and lstmlint "
        f"computed {found.computed}"
    )
