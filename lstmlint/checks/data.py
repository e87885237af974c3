"""Data into the model: what the first layer and the declared input make of it (LL2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from lstmlint.checks.report import Report, check
from lstmlint.classes import dataclass
from lstmlint.interpreter.values import Site
from lstmlint.keras.feeding import LAYER_CHECKS, Accepts, input_outcomes
from lstmlint.keras.heads import missing_index, uncovered_index
from lstmlint.keras.layers.base import Layer, Structure
from lstmlint.keras.losses import sample_outcomes
from lstmlint.keras.model import Functional, Node, Sequential, SymbolicTensor, flattened
from lstmlint.keras.naming import Names
from lstmlint.keras.outcomes import Effect, Outcome, verdict
from lstmlint.keras.running import run_on
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, Dim, equal, less
from lstmlint.shapes.shape import Shape
from lstmlint.trace import UNCLEAR, Data, DataStructure, SlicesDiffer, Trained, arrays_in


@check(Trained, "LL201", "LL202", "LL203", "LL205")
def accepted_shapes(event: Trained, report: Report) -> None:
    """The data do not have the shape that the model was declared with."""
    # A model called by hand gives what it gives: nothing is compared with what was declared.  Of several arrays for one
    # input it is told that all but the first are left out.
    only_raises = event.method == "call" or _leaves_out(event)
    for met in _met(event, report):
        if met.outcome is not None and (not only_raises or met.outcome.effect is Effect.RAISES):
            _tell(event, report, met.outcome, met.declared, met.data, met.first)


def _leaves_out(event: Trained) -> bool:
    several = isinstance(event.inputs, tuple) and len(event.inputs) > 1
    return several and isinstance(event.model.graph, Sequential)


def is_refused(event: Trained, report: Report) -> bool:
    """Whether an input surely does not get through to its layer."""
    return any(met.outcome is not None and met.outcome.effect is Effect.RAISES for met in _met(event, report))


@dataclass(frozen=True, slots=True)
class _Met:
    """An input with the data that it is given, the layer that reads it, and what comes of it (None: nothing to tell)."""

    place: int
    declared: Shape
    data: Data
    first: Layer | None
    outcome: Outcome | None


def _met(event: Trained, report: Report) -> Iterator[_Met]:
    graph = event.model.graph
    for place, (declared, first, data, name) in enumerate(_pairs(event, report)):
        if not isinstance(data, Data) or data.kind in UNCLEAR or data.dtype == "object":
            continue
        # What a model took from its first data binds later data in old Keras; in Keras 3 their rank does.
        later = report.version is Version.K3 and data.shape.exact and declared.rank != data.shape.rank
        binding = declared if event.model.is_declared or report.version is Version.K2 or later else None
        outcome = verdict(
            input_outcomes(
                binding, data.shape, _accepts(event, report, place, first), functional=isinstance(graph, Functional),
                version=report.version, layer_name=name.removesuffix("_input"),
                layer_class=first.class_name if first is not None else "", input_name=_told_name(name, report.version),
                built=None if event.builds or event.model.is_declared else declared,
            )
        )  # fmt: skip
        yield _Met(place, declared, data, first, outcome)


def _accepts(event: Trained, report: Report, place: int, first: Layer | None) -> Accepts:
    """What the layers themselves demand of one input, while the others have the shapes they were declared with."""
    graph, version = event.model.graph, report.version
    if version is Version.K2 or not isinstance(graph, (Sequential, Functional)):
        check = LAYER_CHECKS[version].get(first.class_name) if first is not None else None
        return check.accepts if check is not None else lambda given, built: Answer.CANNOT_KNOW
    shapes = _declared(graph)
    return lambda given, built: run_on(graph, [*shapes[:place], given, *shapes[place + 1 :]], version).answer


def _declared(graph: Sequential | Functional) -> list[Shape]:
    if isinstance(graph, Sequential):
        return [graph.input.shape] if graph.input is not None else []
    return [tensor.shape for tensor in flattened(graph.inputs)]


def running_output(event: Trained, report: Report) -> Structure:
    """What the model gives on the data at hand: not what it was declared to, where Keras takes other data in silence.

    None where that is not known.
    """
    graph = event.model.graph
    if not isinstance(graph, (Sequential, Functional)):
        return None if graph is None else graph.output
    if report.version is Version.K2:
        return graph.output
    silent = {met.place: met.outcome for met in _met(event, report) if met.outcome is not None}
    shapes = _declared(graph)
    if not silent:
        filled = [_filled(shape, pair[2]) for shape, pair in zip(shapes, _pairs(event, report))]
        given = (
            run_on(graph, filled, report.version).output if len(filled) == len(shapes) and filled != shapes else None
        )
        return graph.output if given is None else given
    for place, outcome in silent.items():
        if outcome.accepted is None:
            return None
        shapes[place] = outcome.accepted
    return run_on(graph, shapes, report.version).output


def _filled(declared: Shape, data: DataStructure) -> Shape:
    """The declared shape with the data's sizes where it leaves axes open; the batch stays open."""
    if not isinstance(data, Data) or not data.shape.exact or declared.rank != data.shape.rank:
        return declared
    given = (own if own is not None else size for own, size in zip(declared.dims[1:], data.shape.dims[1:]))
    return Shape((*declared.dims[:1], *given))


def _told_name(name: str, version: Version) -> str | None:
    """The input's name in messages: only old Keras names it after the layer."""
    return name if version is Version.K2 else None


def _pairs(event: Trained, report: Report) -> Iterator[tuple[Shape, Layer | None, DataStructure, str]]:
    """Each declared input with the first layer behind it and the data that it is given."""
    graph, data = event.model.graph, event.inputs
    if isinstance(graph, Sequential):
        if graph.input is not None and graph.layers:
            if isinstance(data, tuple) and data and (len(data) == 1 or report.version is Version.K3):
                data = data[0]  # Keras 3 leaves the others out
            names = Names(report.version).of(graph.layers)
            first = graph.layers[0]
            yield graph.input.shape, first, data, f"{first.name or names[first.key]}_input"
        return
    if not isinstance(graph, Functional):
        return
    inputs = flattened(graph.inputs)
    names = Names(report.version).of(graph.layers)
    for index, tensor in enumerate(inputs):
        name = names.get(tensor.node.layer.key, "input") if tensor.node is not None else "input"
        yield tensor.shape, _reader(graph.nodes, tensor), _input_part(data, index, len(inputs), name), name


def _input_part(data: DataStructure, index: int, count: int, name: str) -> DataStructure:
    if isinstance(data, dict):
        return data.get(name)
    if isinstance(data, tuple):
        return data[index] if len(data) == count else None
    return data if count == 1 else None


def _reader(nodes: tuple[Node, ...], tensor: SymbolicTensor) -> Layer | None:
    """The layer that takes this input and nothing else; None when several do, or one takes it beside others."""
    found = [node for node in nodes if any(parent is tensor for parent in node.parents)]
    return found[0].layer if len(found) == 1 and found[0].inputs is tensor else None


def _tell(event: Trained, report: Report, outcome: Outcome, declared: Shape, data: Data, first: Layer | None) -> None:
    assert report.recorded is not None
    code = _code(outcome, declared, data.shape)
    found = report.tell(
        code,
        report.recorded.site,
        _message(code, declared, data, outcome),
        help=_help(code, declared, data),
        raises=outcome.effect is Effect.RAISES,
        words=f"{outcome.exception}: {outcome.message}" if outcome.exception else outcome.message,
    )
    if first is not None and isinstance(first.origin, Site):
        found.trace.append((first.origin, f"the model is declared for {declared} here"))
    if data.site is not None:
        found.trace.append((data.site, f"the data are made here: {data.shape}"))


def _code(outcome: Outcome, declared: Shape, data: Shape) -> str:
    if outcome.effect is Effect.SILENT:
        return "LL203"
    if declared.rank != data.rank:
        return "LL201"
    return "LL205" if _is_swapped(declared, data) else "LL202"


def _is_swapped(declared: Shape, data: Shape) -> bool:
    """Whether the data have the declared steps and features the other way round."""
    if not declared.exact or not data.exact or len(declared.dims) != 3 or len(data.dims) != 3:
        return False
    (_, steps, features), (_, first, second) = declared.dims, data.dims
    if None in (steps, features, first, second) or steps is None or features is None or first is None or second is None:
        return False
    return equal(steps, second) is Answer.YES and equal(features, first) is Answer.YES


def _message(code: str, declared: Shape, data: Data, outcome: Outcome) -> str:
    if code == "LL203":
        return f"the model is declared for {declared}, but gets {data.shape}: Keras says nothing and runs on"
    if code == "LL205":
        return f"the data {data.shape} have steps and features swapped: the model is declared for {declared}"
    return f"the data {data.shape} do not fit the model, which is declared for {declared}"


def _help(code: str, declared: Shape, data: Data) -> str | None:
    if code == "LL205":
        return "Swap the last two axes of the data (`np.transpose(x, (0, 2, 1))`), not by `reshape`."
    if code == "LL201":
        if data.shape.rank is not None and declared.rank == data.shape.rank + 1:
            return f"Give the data one axis more (`reshape` or `np.expand_dims`), to have {declared}."
        return f"Bring the data to {declared}, or declare the model for what they are."
    return "Declare the model for the shape of the data: `input_shape=x.shape[1:]`."


@check(Trained, "LL207", "LL211")
def embedded_indices(event: Trained, report: Report) -> None:
    """The data surely have an index that the table of the first `Embedding` does not have."""
    for _, first, data, _ in _pairs(event, report):
        if first is None or first.class_name != "Embedding" or not isinstance(data, Data) or not data.integral:
            continue
        index = missing_index(first.arguments.get("input_dim"), data.high, data.low, data.is_reached)
        if index is None:
            _vocabulary(first, data, report)
            continue
        assert report.recorded is not None
        rows = first.arguments["input_dim"]
        told = report.tell(
            "LL207", report.recorded.site, f"there are indices of {index:g}, but the Embedding has the rows 0 to {rows - 1}",
            help=f"Give the Embedding the greatest index plus one as `input_dim`: {index + 1:g}.  On a GPU nothing is raised, and "
            "other values are read.", raises=True,
            words=f"InvalidArgumentError: indices[…] = {index:g} is not in [0, {rows})",
        )  # fmt: skip
        if isinstance(first.origin, Site):
            told.trace.append((first.origin, "the table is made here"))
        if data.site is not None:
            told.trace.append((data.site, "the indices are made here"))


def _vocabulary(first: Layer, data: Data, report: Report) -> None:
    """The table has no row for the last index that is meant to occur."""
    index = uncovered_index(first.arguments.get("input_dim"), data.top, data.spans)
    if index is None:
        return
    assert report.recorded is not None
    rows = first.arguments["input_dim"]
    told = report.tell(
        "LL211", report.recorded.site, f"the indices go up to {index}, but the Embedding has the rows 0 to {rows - 1}",
        help="Give the Embedding one row more: index 0 is that of the padding, and words count from 1.", raises=False,
    )  # fmt: skip
    if isinstance(first.origin, Site):
        told.trace.append((first.origin, "the table is made here"))
    if data.site is not None:
        told.trace.append((data.site, "the indices are made here"))


@check(Trained, "LL212")
def cut_fractions(event: Trained, report: Report) -> None:
    """Numbers between two whole ones are taken for indices."""
    for _, first, data, _ in _pairs(event, report):
        if first is None or first.class_name != "Embedding" or not isinstance(data, Data) or data.integral:
            continue
        if (
            data.low is None
            or data.high is None
            or data.low < 0
            or data.high > 1
            or not (data.dtype or "").startswith("float")
        ):
            continue
        assert report.recorded is not None
        told = report.tell(
            "LL212", report.recorded.site, f"the Embedding takes whole numbers, and gets fractions from {data.low:g} to "
            f"{data.high:g}: all of them are cut to {data.low:g} or {data.high:g}",
            help="Give it the class ids or word indices themselves, not scaled.", raises=False,
        )  # fmt: skip
        if data.site is not None:
            told.trace.append((data.site, "the fractions are made here"))


@check(SlicesDiffer, "LL206")
def slices_of_one_length(event: SlicesDiffer, report: Report) -> None:
    """The tensors of a data set have different numbers of samples."""
    assert report.recorded is not None
    report.tell(
        "LL206", report.recorded.site, f"the data have {event.first} and {event.second} samples",
        help="Cut or build them so that every sample has its target.", raises=True,
        words=f"ValueError: Dimensions {event.first} and {event.second} are not compatible",
    )  # fmt: skip


@check(Trained, "LL206")
def sample_counts(event: Trained, report: Report) -> None:
    """Inputs and targets have different numbers of samples."""
    at_once = event.batching is not None and event.batching.at_once
    if event.is_batched or (at_once and report.version is Version.K3):
        return
    assert report.recorded is not None
    arrays = [*_arrays(event.inputs), *(_arrays(event.targets) if event.has_targets else ())]
    for first, second in combinations(arrays, 2):
        a, b = first.shape.dims[0], second.shape.dims[0]
        if a is None or b is None or _is_cut(event, report, a, b):
            continue
        outcome = verdict(sample_outcomes(a, b, report.version))
        if outcome is None:
            continue
        found = report.tell(
            "LL206", report.recorded.site, f"the data have {a} and {b} samples",
            help="Cut or build them so that every sample has its target.", raises=True,
            words=f"{outcome.exception}: {outcome.message}",
        )  # fmt: skip
        for data in (first, second):
            if data.site is not None:
                found.trace.append((data.site, f"{data.shape} is made here"))
        return


def _is_cut(event: Trained, report: Report, first: Dim, second: Dim) -> bool:
    """Whether `validation_split` may cut the second array to the first: Keras 3 counts only behind it."""
    return bool(event.validation_split) and report.version is Version.K3 and less(second, first) is not Answer.YES


def _arrays(structure: DataStructure) -> Iterator[Data]:
    for data in arrays_in(structure):
        if data.shape.exact and data.shape.dims and data.kind not in UNCLEAR:
            yield data
