"""From a trace and its findings to a plan: a case for each finding, and one for each model without any."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, cast

from lstmlint.checks.report import Finding, is_provable
from lstmlint.classes import dataclass, field
from lstmlint.interpreter.recorded import Recorded
from lstmlint.keras.versions import Version
from lstmlint.trace import GraphMade, ModelChanged, Trained
from lstmlint.verify.arguments import NotStated
from lstmlint.verify.building import Writer
from lstmlint.verify.claims import Asked, Stated, stated
from lstmlint.verify.feeding import train
from lstmlint.verify.format import FORMAT, Case, Claim, Plan, Size
from lstmlint.verify.sizes import settled

#: More models of one file are not built.
MAX_MODELS = 50
#: The size of an axis that stays open, where one is needed for an estimate.
_OPEN = 64
_ITEM = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Where the program does something.  Units: rows and columns from 1; the cell of a notebook."""

    filename: str
    start: tuple[int, int]
    end: tuple[int, int]
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A model as it is asked about: its case and the steps of each layer by key; else `reason`."""

    case: str | None = None
    layers: dict[Hashable, list[str]] = field(default_factory=dict)
    reason: str | None = None


@dataclass(slots=True)
class Request:
    """What is asked of one file: the plan for the worker, and what its answer is held against.

    `claims` go with the findings, one by one.  `places` tell where the program does what a step does, by case and step.
    `models` are the ids of the cases of whole models, with what they are called and where they are made; `whole` tells of
    each model, by its key, its case or why there is none.
    """

    plan: Plan
    claims: list[Claim] = field(default_factory=list)
    places: dict[str, dict[str, Place]] = field(default_factory=dict)
    models: dict[str, tuple[str, Place | None]] = field(default_factory=dict)
    whole: dict[Hashable, Whole] = field(default_factory=dict)


def request(
    events: Sequence[Recorded],
    version: Version,
    findings: Iterable[tuple[str, Finding | None]],
) -> Request:
    """The request for one file.

    `findings` are the codes of its diagnostics with the findings behind them (None: a finding about the file itself).
    """
    made = Request(Plan(format=FORMAT, keras=version.name, cases=[]))
    told: set[Hashable] = set()
    for code, finding in findings:
        made.claims.append(_claim(made, events, version, code, finding))
        event = None if finding is None or finding.recorded is None else finding.recorded.event
        if isinstance(event, Trained):
            told.add(event.model.key)
        elif isinstance(event, GraphMade):
            told.add(id(event.graph))
    for state, fed in _models(events):
        if not {state.key, id(state.graph)} & told and len(made.models) < MAX_MODELS:
            _add_model(made, version, state, fed)
    return made


def _claim(made: Request, events: Sequence[Recorded], version: Version, code: str, finding: Finding | None) -> Claim:
    if finding is None or finding.recorded is None or finding.raises is None:
        return Claim(code=code, case=None, reason="it is not about what Keras does")
    try:
        found = stated(Asked(finding, finding.recorded, events, version))
        case = _add_case(made, found.writer)
    except NotStated as error:
        return Claim(code=code, case=None, reason=str(error))
    claim = Claim(code=code, case=case["id"], step=found.step, effect="raises" if finding.raises else "runs")
    claim.update(cast(Claim, found.more))
    if finding.raises and finding.words:
        claim["words"] = finding.words
    return claim


def _add_case(made: Request, writer: Writer) -> Case:
    steps, invented = settled(writer.steps, writer.shapes, writer.rows)
    case = Case(id=f"c{len(made.plan['cases']) + 1}", steps=steps, size=estimated(steps))
    if invented:
        case["invented"] = invented
    if writer.left_out:
        case["left_out"] = writer.left_out
    made.plan["cases"].append(case)
    places = {step: place for step, site in writer.sites.items() if (place := place_of(site)) is not None}
    made.places[case["id"]] = places
    return case


def place_of(site: Any) -> Place | None:
    """Where a node of a program stands."""
    module = getattr(site, "module", None)
    span = module.span(site.node) if module is not None else None
    if module is None or span is None:
        return None
    return Place(module.name, (span.start.row, span.start.column), (span.end.row, span.end.column), span.cell)


# --- whole models ----------------------------------------------------------------------------------------------------


def _models(events: Iterable[Recorded]) -> Iterator[tuple[Any, list[Recorded]]]:
    """Each model as it is at last, with what it is fed with: the last call of each method."""
    states: dict[Hashable, Any] = {}
    fed: dict[Hashable, dict[str, Recorded]] = {}
    for recorded in events:
        event = recorded.event
        if isinstance(event, ModelChanged) and is_provable(recorded):
            states[event.model.key] = event.model
        elif isinstance(event, Trained) and is_provable(recorded) and not recorded.splits:
            states[event.model.key] = event.model
            fed.setdefault(event.model.key, {})[event.method] = recorded
    for key, state in states.items():
        if state.graph is not None and not state.graph.refusals:
            yield state, list(fed.get(key, {}).values())


def _add_model(made: Request, version: Version, state: Any, fed: list[Recorded]) -> None:
    """The case of a whole model; what cannot be stated is left out."""
    made.whole[state.key] = Whole(reason="it is not known in full")
    for calls in (fed, []):
        writer = Writer(version)
        try:
            model = writer.model(state.graph, is_declared=state.is_declared)
            for recorded in calls:
                train(writer, recorded.event, model, recorded.site, is_exact=True)
            case = _add_case(made, writer)
        except NotStated as error:
            made.whole[state.key] = Whole(reason=str(error))
            continue
        made.models[case["id"]] = (state.name or "model", place_of(state.site))
        made.whole[state.key] = Whole(case["id"], writer.layers)
        return


# --- sizes -----------------------------------------------------------------------------------------------------------


def estimated(steps: Iterable[Any]) -> Size:
    """What the steps of a case take, from what lstmlint computed of its layers.  Units: bytes."""
    parameters = activations = data = 0
    batch = 1
    for step in steps:
        if step["do"] == "train":
            rows = step["kwargs"].get("batch_size", 32)
            batch = max(batch, rows if isinstance(rows, int) else 32)
            data += sum(map(_bytes, _data_in([step["x"], step.get("y")])))
    for step in steps:
        expected = step.get("expected", {})
        parameters += 2 * _ITEM * expected.get("params", 0)
        for shape in expected.get("shapes", ()):
            rest = [_OPEN if dim is None else dim for dim in shape[1:]]
            activations += 2 * _ITEM * math.prod(rest) * (batch if not shape or shape[0] is None else shape[0])
    return Size(parameters=parameters, activations=activations, data=data)


def _bytes(data: dict[str, Any]) -> int:
    return _ITEM * int(math.prod(data["shape"]))


def _data_in(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict) and "shape" in tree:
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _data_in(value)
    elif isinstance(tree, list):
        for item in tree:
            yield from _data_in(item)


__all__ = ["Place", "Request", "Stated", "estimated", "request"]
