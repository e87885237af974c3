"""Layer to layer: what a layer refuses of its input (LL1)."""

from __future__ import annotations

from lstmlint.checks import repairs
from lstmlint.checks.fixes import Proposal
from lstmlint.checks.repairs import RECURRENT, innermost
from lstmlint.checks.report import Report, check
from lstmlint.interpreter.values import Site
from lstmlint.keras.layers.base import UNKNOWN, Layer, Refusal, Tensor
from lstmlint.trace import LayerApplied

#: Refusal kind: rule code and what to say of it.
CODES: dict[str, str] = {
    "rank": "LL102",
    "min-rank": "LL102",
    "window": "LL103",
    "undefined": "LL104",
    "axis": "LL105",
    "elements": "LL106",
    "merge": "LL107",
    "structure": "LL108",
    "argument": "LL603",
    "state": "LL105",
    "operation": "LL110",
    "name": "LL114",
    "mask": "LL115",
}
HELP: dict[str, str] = {
    "rank": "Give it an input with the axes it needs: check the layers before it and the declared input shape.",
    "min-rank": "Give it an input with the axes it needs: check the layers before it and the declared input shape.",
    "window": "Use a shorter kernel or pool, fewer of these layers, `padding='same'`, or longer sequences.",
    "undefined": "Declare this size in the input shape: only the batch and the time steps may stay None.",
    "axis": "Make the sizes agree.",
    "elements": "The new shape must have as many elements as the old one (one size may be -1).",
    "merge": "Bring the inputs to shapes that go together before they are merged.",
    "structure": "Call the layer on what it takes.",
    "name": "Give each layer a name of its own.",
    "mask": "Take the mask off before this layer, or leave out `mask_zero=True`.",
}


@check(LayerApplied, "LL101", "LL102", "LL103", "LL104", "LL105", "LL106", "LL107", "LL108", "LL114", "LL115", "LL204")
def refused_input(event: LayerApplied, report: Report) -> None:
    """A layer is called on an input that Keras refuses."""
    refusal = event.applied.refusal
    if refusal is None or refusal.kind not in CODES:
        return
    assert report.recorded is not None
    place = _place(event, report.recorded.site)
    code = _code(event, refusal)
    found = report.tell(
        code, place, _message(event, refusal), help=_help(code, event, refusal), raises=True, words=_words(refusal),
        fix=_fix(code, event, report),
    )  # fmt: skip
    if code == "LL101" and event.producer is not None and isinstance(event.producer.origin, Site):
        found.trace.append((event.producer.origin, f"this {_name(event.producer)} returns its last step only"))
    elif event.producer is not None and isinstance(event.producer.origin, Site):
        found.trace.append((event.producer.origin, f"this {_name(event.producer)} gives {refusal.found}"))
    elif event.made is not None:
        found.trace.append((event.made, f"the input is made here: {refusal.found}"))
    if event.late is not None:
        found.trace.append((event.late, "Keras notices when this call gives the model its input"))


def _place(event: LayerApplied, called: Site) -> Site:
    """The layer that refuses: where it is called, or, in a Sequential model, where it is made."""
    return event.layer.origin if event.in_sequential and isinstance(event.layer.origin, Site) else called


def _words(refusal: Refusal) -> str:
    return f"{refusal.exception}: {refusal.message}"


def _name(layer: Layer) -> str:
    inner = layer.arguments.get("layer")
    if isinstance(inner, Layer):
        return f"{layer.title}({inner.title})"
    return layer.title


def sequence_maker(layer: Layer | None) -> Layer | None:
    """The recurrent layer in `layer` (itself or wrapped) that drops its sequence, if it is one."""
    if layer is None or (inner := innermost(layer)).class_name not in RECURRENT:
        return None
    flag = inner.arguments.get("return_sequences", False)
    return inner if flag is not UNKNOWN and not flag else None


def _code(event: LayerApplied, refusal: Refusal) -> str:
    if refusal.kind in ("rank", "min-rank"):
        if _lacks_one_axis(event, refusal) and sequence_maker(event.producer) is not None:
            return "LL101"
        is_first = event.producer is None or event.producer.class_name == "InputLayer"
        if is_first and event.late is None and not event.eager and not event.is_inside and _declares_batch(event):
            return "LL204"
    return CODES[refusal.kind]


def _fix(code: str, event: LayerApplied, report: Report) -> Proposal | None:
    if code == "LL101":
        return repairs.keep_sequence(sequence_maker(event.producer))
    if code == "LL102" and event.producer is not None and _declares_batch(event):
        return repairs.drop_sequence(innermost(event.producer))
    if code == "LL103":
        return repairs.pad(event, report.version)
    return repairs.leave_out_batch(event) if code == "LL204" else None


def _lacks_one_axis(event: LayerApplied, refusal: Refusal) -> bool:
    """Whether the input has one axis less than the layer takes."""
    inputs = event.inputs[0] if isinstance(event.inputs, tuple) and event.inputs else event.inputs
    if not isinstance(inputs, Tensor) or inputs.shape.rank is None:
        return False
    return refusal.rank is not None and inputs.shape.rank == refusal.rank - 1


def _declares_batch(event: LayerApplied) -> bool:
    """Whether the declared input shape has exactly one axis too many."""
    refusal = event.applied.refusal
    if refusal is None or refusal.rank is None or refusal.kind != "rank" or not isinstance(event.inputs, Tensor):
        return False
    return event.inputs.shape.rank == refusal.rank + 1


def _message(event: LayerApplied, refusal: Refusal) -> str:
    name = _name(event.layer)
    if refusal.kind in ("rank", "min-rank", "axis"):
        return f"{name} needs {refusal.expected}, but gets {refusal.found}"
    if refusal.kind == "window":
        return f"{name} has a window longer than its input {refusal.found}: {refusal.expected}"
    if refusal.kind == "name":
        return f"the name `{refusal.found}` is used twice in one model"
    if refusal.kind == "undefined":
        return f"{name} needs to know {refusal.expected}, but gets {refusal.found}"
    return f"{name} cannot take {refusal.found}: it needs {refusal.expected}"


def _help(code: str, event: LayerApplied, refusal: Refusal) -> str | None:
    if code == "LL101" and event.producer is not None:
        recurrent = sequence_maker(event.producer)
        return (
            f"Add `return_sequences=True` to the {_name(event.producer) if recurrent is None else recurrent.class_name} "
            f"before it{line_of(event.producer)}, so that it hands on every step."
        )
    if code == "LL204":
        return "Leave the number of samples out of `input_shape`: Keras adds the batch axis itself."
    return HELP.get(refusal.kind)


def line_of(layer: Layer) -> str:
    """Where a layer is made, for a sentence about it."""
    span = layer.origin.module.span(layer.origin.node) if isinstance(layer.origin, Site) else None
    return f" (line {span.start.row})" if span is not None else ""
