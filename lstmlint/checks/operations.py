"""Operations on symbolic tensors that Keras refuses (LL1)."""

from __future__ import annotations

from lstmlint.checks.report import Report, check
from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.versions import Version
from lstmlint.trace import OperationRefused


@check(OperationRefused, "LL110")
def shapes_refused(event: OperationRefused, report: Report) -> None:
    """An operation on tensors whose shapes do not go together."""
    if event.refusal.kind != "operation" or report.recorded is None:
        return
    shapes = " and ".join(_shape(structure) for structure in event.inputs[:3])
    message = f"`{event.name}` cannot take {shapes}: {event.refusal.expected}"
    help_text = "Bring the tensors to shapes that go together before this operation."
    told = f"{event.refusal.exception}: {event.refusal.message}"
    found = report.tell("LL110", report.recorded.site, message, help=help_text, raises=True, words=told)
    if event.made is not None:
        found.trace.append((event.made, f"the first tensor is made here: {_shape(event.inputs[0])}"))


@check(OperationRefused, "LL111")
def foreign_operation(event: OperationRefused, report: Report) -> None:
    """A function of TensorFlow or numpy that is given a symbolic tensor of a Keras that does not know of it."""
    if event.refusal.kind not in ("foreign", "stray") or report.recorded is None:
        return
    message = f"`{event.name}` cannot take a symbolic tensor of Keras: it is not {event.refusal.expected}"
    if event.refusal.kind == "stray":
        message = f"A model needs the output of a layer, but this one gets what `{event.name}` makes"
    told = f"{event.refusal.exception}: {event.refusal.message}"
    found = report.tell("LL111", report.recorded.site, message, help=_help(event, report), raises=True, words=told)
    if event.made is not None:
        found.trace.append((event.made, f"the tensor is made here: {_shape(event.inputs[0])}"))


#: Functions whose counterpart in `keras.ops` is not called the same.
_COUNTERPARTS = {
    "concat": "concatenate", "gather": "take", "clip_by_value": "clip", "divide": "divide", "pow": "power",
    "floormod": "mod", "floordiv": "floor_divide", "truediv": "true_divide", "reduce_variance": "var",
    "reduce_logsumexp": "logsumexp", "l2_normalize": "normalize", "permute_dimensions": "transpose", "reverse": "flip",
    "repeat_elements": "repeat", "batch_dot": "matmul",
}  # fmt: skip


def _help(event: OperationRefused, report: Report) -> str:
    if event.refusal.kind == "stray":
        return f"Put `{event.name}` into a `Lambda` layer."
    name = event.name.rpartition(".")[2]
    counterpart = _COUNTERPARTS.get(name) or name.removeprefix("reduce_")
    if report.version is not Version.K3:
        return f"Use the function of TensorFlow: `tf.{counterpart}` and its like make a layer of the model."
    return (
        f"Use `keras.ops`, as in `keras.ops.{counterpart}`, or call it in a `Lambda` layer or in a layer of your own."
    )


def _shape(structure: Structure) -> str:
    return str(structure.shape) if isinstance(structure, Tensor) else "?"
