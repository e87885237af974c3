"""What models are fed with, and their loss, as steps of a plan."""

from __future__ import annotations

import math
import re
from typing import Any

from lstmlint.classes import replace
from lstmlint.keras.batching import is_stateful, occurring
from lstmlint.keras.layers.base import Structure, Tensor
from lstmlint.keras.losses import Loss
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.shape import Shape
from lstmlint.trace import Data, DataStructure, Trained, arrays_in
from lstmlint.verify.arguments import NotStated
from lstmlint.verify.building import Writer

_KINDS = {
    "list of numbers": "list", "list of lists": "list", "number": "number", "pandas.DataFrame": "dataframe", "pandas.Series": "series", "tensorflow.Tensor": "tensor",
}  # fmt: skip
_DTYPE = re.compile(r"(u?int|float)\d+|bool|object|str")

#: Methods of models as the worker calls them.
_METHODS = {"validation": "evaluate"}
_NEEDS_LOSS = frozenset({"fit", "evaluate", "train_on_batch"})
_COUNT_OF_STEPS = {"fit": "steps_per_epoch", "evaluate": "steps", "predict": "steps"}

#: More rows than this are made fewer, if the batches at the end stay as they are.
_MANY_ROWS = 256


def train(writer: Writer, event: Trained, model: str, site: Any, *, is_exact: bool, with_metrics: bool = False) -> str:
    """The id of the step in which a model is fed; it is compiled before.

    `with_metrics`: with those that are objects, too, made without arguments.
    `is_exact`: what is not known is not stated.  Otherwise a loss that takes anything, and targets of the shape of the
    output, stand for what is not known.
    """
    method = _METHODS.get(event.method, event.method)
    if method in _NEEDS_LOSS:
        writer.step(
            "compile",
            model=model,
            kwargs=_compiled(writer, event, is_exact, with_metrics),
            site=event.model.compiled_at,
        )
    kwargs: dict[str, Any] = {}
    inputs, targets = event.inputs, event.targets
    if event.has_targets and targets is None:
        targets = None if is_exact else _as_output(event)
        if targets is None:
            raise NotStated("the targets are not known")
    if event.is_batched:
        if event.batching is not None and not event.batching.is_open and is_stateful(event.model.graph):
            raise NotStated("a data set tells Keras how large its batches are, and the batches fed here do not")
        x = _stream(event, inputs, targets)
        if method in _COUNT_OF_STEPS:
            kwargs[_COUNT_OF_STEPS[method]] = len(x["batches"])
        _count_rows(writer, inputs, targets)
        return writer.step("train", model=model, method=method, x=x, kwargs=kwargs, site=site)
    if not method.endswith("_on_batch"):
        _batch_arguments(event, method, kwargs)
    small = _fewer_rows(event, inputs, targets, event.weights)
    if method in _COUNT_OF_STEPS and (steps := _counted_steps(event, small)) is not None:
        kwargs[_COUNT_OF_STEPS[method]] = steps
    x = data_value(_with_rows(inputs, small))
    y = data_value(_with_rows(targets, small)) if event.has_targets else None
    if event.weights is not None:
        kwargs["sample_weight"] = {"data": data_value(_with_rows(event.weights, small))}
        _count_rows(writer, event.weights)
    _count_rows(writer, inputs, targets)
    return writer.step("train", model=model, method=method, x=x, y=y, kwargs=kwargs, site=site)


def _batch_arguments(event: Trained, method: str, kwargs: dict[str, Any]) -> None:
    if event.batch_size is None:
        raise NotStated("`batch_size` is not known")
    if event.batch_size != 32:
        kwargs["batch_size"] = event.batch_size
    if method != "fit":
        return
    if event.validation_split is None:
        raise NotStated("`validation_split` is not known")
    if event.validation_split:
        kwargs["validation_split"] = event.validation_split
    weight = event.class_weight
    if weight is not None and weight.kind == "dict" and weight.keys is not None:
        kwargs["class_weight"] = {"dict": [[key, 1.0] for key in weight.keys]}
    elif weight is not None and weight.kind == "str":
        kwargs["class_weight"] = "balanced"
    elif weight is not None and weight.kind == "list":
        kwargs["class_weight"] = [1.0, 1.0]
    elif weight is not None and weight.kind == "ndarray":
        kwargs["class_weight"] = {"data": {"shape": [2], "kind": "ndarray", "dtype": "float32"}}
    elif weight is not None:
        raise NotStated("`class_weight` is not known")


# --- the loss --------------------------------------------------------------------------------------------------------


def _compiled(writer: Writer, event: Trained, is_exact: bool, with_metrics: bool) -> dict[str, Any]:
    loss = event.model.loss
    found = None if loss is None and is_exact else loss_value(writer, loss, is_exact)
    if found is None:
        raise NotStated("the loss is not known")
    kwargs = {"optimizer": "sgd", "loss": found}
    if with_metrics:
        kwargs["metrics"] = [_metric(name) for name in event.model.measures]
    elif event.model.metrics:
        kwargs["metrics"] = list(event.model.metrics)
    return kwargs


def _metric(name: str) -> Any:
    return {"name": f"keras.metrics.{name}", "args": [], "kwargs": {}} if name[:1].isupper() else name


def loss_value(writer: Writer, loss: Any, is_exact: bool) -> Any:
    """The loss that `compile` gets, None where it is not known."""
    if isinstance(loss, dict):
        parts = {key: loss_value(writer, part, is_exact) for key, part in loss.items()}
        return None if None in parts.values() else {"dict": [[key, part] for key, part in parts.items()]}
    if isinstance(loss, tuple):
        items = [loss_value(writer, part, is_exact) for part in loss]
        return None if None in items else items
    if not isinstance(loss, Loss) or loss.kind == "unknown":
        return None if is_exact else _mean_of_output(writer.version)
    if loss.kind in ("user", "user_class"):
        return _function("operator.sub", [{"ref": "t"}, {"ref": "p"}])
    if loss.from_logits is None or loss.spares:
        return None
    if loss.name[:1].isupper() and not loss.name.isupper():
        kwargs = {"from_logits": True} if loss.from_logits else {}
        return {"name": f"keras.losses.{loss.name}", "args": [], "kwargs": kwargs}
    return loss.name


def _mean_of_output(version: Version) -> Any:
    """A loss that takes anything for a target."""
    return _function("keras.ops.mean" if version is Version.K3 else "tensorflow.reduce_mean", [{"ref": "p"}])


def _function(name: str, args: list[Any]) -> Any:
    step = {"id": "r", "do": "operate", "name": name, "args": args, "kwargs": {}}
    return {"function": {"parameters": ["t", "p"], "steps": [step], "result": {"ref": "r"}}}


# --- data ------------------------------------------------------------------------------------------------------------


def data_value(structure: DataStructure) -> Any:
    """Data as the plan has them.  Errors: NotStated where they are not known."""
    if isinstance(structure, tuple):
        return [data_value(part) for part in structure]
    if isinstance(structure, dict):
        return {"dict": [[key, data_value(part)] for key, part in structure.items()]}
    if structure is None or not structure.shape.exact:
        raise NotStated("the shape of the data is not known")
    if any(dim is None for dim in structure.shape.dims):
        raise NotStated("a size of the data is not known")
    dtype = structure.dtype
    stated: dict[str, Any] = {
        "shape": list(structure.shape.dims),
        "kind": _KINDS.get(structure.kind, "ndarray"),
        "dtype": dtype if dtype is not None and _DTYPE.fullmatch(dtype) else "int64" if structure.integral else None,
    }
    for name in ("low", "high"):
        bound = getattr(structure, name)
        if bound is not None and math.isfinite(bound):
            stated[name] = bound
    for name, flag in (
        ("integral", structure.integral),
        ("one_hot", structure.one_hot),
        ("reached", structure.is_reached),
    ):
        if flag:
            stated[name] = True
    return stated


def _as_output(event: Trained) -> DataStructure:
    """Targets of the shape of the output."""
    rows = next((each.shape.dims[0] for each in arrays_in(event.inputs) if each.shape.exact and each.shape.dims), None)
    graph = event.model.graph
    if rows is None or graph is None:
        return None

    def like(output: Structure) -> DataStructure:
        if isinstance(output, tuple):
            return tuple(map(like, output))
        if not isinstance(output, Tensor) or not output.shape.exact or None in output.shape.dims[1:]:
            return None
        return Data(Shape((rows, *output.shape.dims[1:])), "numpy.ndarray")

    return like(graph.output)


def _count_rows(writer: Writer, *structures: DataStructure) -> None:
    """Tell the writer which sizes are numbers of samples."""
    for structure in structures:
        for each in arrays_in(structure):
            if each.shape.exact and each.shape.dims and not isinstance(each.shape.dims[0], (int, type(None))):
                writer.rows.append(each.shape.dims[0])
            writer.shapes.append(each.shape)


# --- fewer rows ------------------------------------------------------------------------------------------------------


def _fewer_rows(event: Trained, *structures: DataStructure) -> dict[int, int]:
    """Smaller numbers of samples in place of great ones: different ones stay different, the last batch as it is."""
    rows = {
        each.shape.dims[0]
        for structure in structures
        for each in arrays_in(structure)
        if each.shape.exact and each.shape.dims
    }
    known = sorted(row for row in rows if isinstance(row, int))
    size = event.batch_size
    if len(known) != len(rows) or not isinstance(size, int) or size < 1 or not known or known[-1] <= _MANY_ROWS:
        return {}
    found: dict[int, int] = {}
    for row in known:
        fewer = _fewer(row, size, event.validation_split or 0.0, set(found.values()))
        found[row] = fewer
    return found


def _fewer(rows: int, size: int, split: float, taken: set[int]) -> int:
    """The least number with the same last batches, and at least one full one where there was one."""

    def batches(count: int) -> tuple[int, bool, int, bool]:
        kept = math.floor(count * (1.0 - split))
        left = count - kept
        return kept % size, kept >= size, left % size, left >= size

    wanted = batches(rows)
    return next((n for n in range(1, rows) if n not in taken and batches(n) == wanted), rows)


def _counted_steps(event: Trained, small: dict[int, int]) -> int | None:
    """The full batches, where the program counts its steps and may leave the last one out; None where it does not.

    Errors: NotStated where it is not known how many there are.
    """
    batching, first = event.batching, next(arrays_in(event.inputs), None)
    if batching is None or batching.samples is not None or event.validation_split or first is None:
        return None
    rows = first.shape.dims[0] if first.shape.exact and first.shape.dims else None
    if not isinstance(rows, int) or not isinstance(batching.size, int) or not 0 < batching.size <= rows:
        raise NotStated("which batches there are is not known")
    return small.get(rows, rows) // batching.size


def _with_rows(structure: DataStructure, small: dict[int, int]) -> DataStructure:
    if not small:
        return structure
    if isinstance(structure, tuple):
        return tuple(_with_rows(part, small) for part in structure)
    if isinstance(structure, dict):
        return {key: _with_rows(part, small) for key, part in structure.items()}
    if structure is None or not structure.shape.exact or not structure.shape.dims:
        return structure
    rows = structure.shape.dims[0]
    return _resized(structure, small.get(rows, rows)) if isinstance(rows, int) else structure


def _resized(data: Data, rows: Dim) -> Data:
    return replace(data, shape=data.shape.with_axis(0, rows))


# --- streams ---------------------------------------------------------------------------------------------------------


def _stream(event: Trained, inputs: DataStructure, targets: DataStructure) -> dict[str, Any]:
    """Batches one by one: those that surely occur, else one as it is."""
    first = next(arrays_in(inputs), None)
    rows = first.shape.dims[0] if first is not None and first.shape.exact and first.shape.dims else None
    known = occurring(event.batching) if event.batching is not None else []
    occurring_rows: list[Any] = [alternatives[0].rows for alternatives in known]
    batches: list[list[Any]] = []
    for count in occurring_rows or [rows]:
        parts: list[DataStructure] = [inputs, targets] if event.has_targets else [inputs]
        batches.append([data_value(_batch(part, rows, count)) for part in parts])
    return {"stream": "generator", "batches": batches}


def _batch(structure: DataStructure, rows: Any, count: Any) -> DataStructure:
    if isinstance(structure, tuple):
        return tuple(_batch(part, rows, count) for part in structure)
    if isinstance(structure, dict):
        return {key: _batch(part, rows, count) for key, part in structure.items()}
    same = structure is not None and structure.shape.exact and structure.shape.dims and structure.shape.dims[0] == rows
    return _resized(structure, count) if structure is not None and same else structure
