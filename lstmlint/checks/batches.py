"""State and batches: what stateful layers demand of the batches that they are given (LL5)."""

from __future__ import annotations

from lstmlint.checks import repairs
from lstmlint.checks.report import Finding, Report, check
from lstmlint.checks.targets import rows_outcome
from lstmlint.classes import replace
from lstmlint.interpreter.values import Site
from lstmlint.keras.batching import Binding, Met, binding_of, is_stateful, unfit_batch, without_batch
from lstmlint.keras.outcomes import Effect
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, equal, less
from lstmlint.trace import LayerApplied, NoBatch, Trained

_DECLARE = {
    Version.K2: "`batch_input_shape=(batch, time, features)` on the first layer",
    Version.T2: "`batch_input_shape=(batch, time, features)` on the first layer",
    Version.K3: "`Input(batch_shape=(batch, time, features))` as the first layer",
}


@check(LayerApplied, "LL501")
def batch_not_declared(event: LayerApplied, report: Report) -> None:
    """A stateful layer is built without a batch size."""
    refusal = event.applied.refusal
    if refusal is None or refusal.kind != "batch":
        return
    assert report.recorded is not None
    origin = event.layer.origin
    built = event.in_sequential and event.late is None and isinstance(origin, Site)
    found = report.tell(
        "LL501",
        origin if built and isinstance(origin, Site) else report.recorded.site,
        f"{event.layer.title} is stateful, so it needs to know the batch size, but gets {refusal.found}",
        help=f"Declare the batch size: {_DECLARE[report.version]}; or leave out `stateful=True`.",
        raises=True,
        words=f"{refusal.exception}: {refusal.message}",
    )
    if not built and isinstance(origin, Site):
        found.trace.append((origin, "this layer is stateful"))


@check(Trained, "LL502", "LL503", "LL504")
def batch_sizes(event: Trained, report: Report) -> None:
    """The data come in batches of another size than the model was made for."""
    binding = binding_of(event.model.graph, report.version)
    if binding is None or event.batching is None:
        return
    met = unfit_batch(binding, event.batching, event.method, report.version)
    if met is None:
        return
    if met.outcome.effect is Effect.SILENT and event.has_targets:
        met = replace(met, outcome=rows_outcome(event, report, binding.size, 1) or met.outcome)
    assert report.recorded is not None
    raises = met.outcome.effect is Effect.RAISES
    found = report.tell(
        _code(met),
        report.recorded.site,
        _message(event, binding, met),
        help=_help(event, binding, met),
        raises=raises,
        words=f"{met.outcome.exception}: {met.outcome.message}" if raises else None,
    )
    _explain(event, found, binding)


def _code(met: Met) -> str:
    if met.outcome.effect is Effect.SILENT:
        return "LL504"
    return "LL503" if met.batch.is_rest else "LL502"


def _message(event: Trained, binding: Binding, met: Met) -> str:
    assert event.batching is not None
    rows, size = met.batch.rows, binding.size
    if _is_alike(binding, met):
        return "the data come in batches whose size Keras does not know beforehand, and so the states of one row have no fixed shape"
    what = "the validation data" if event.method == "validation" else "the data"
    if met.outcome.effect is Effect.SILENT:
        return f"a batch of one row meets the states of {size} rows: Keras says nothing and takes it for all of them"
    if met.batch.is_rest:
        how = f"{what} are {event.batching.samples} rows in batches of {event.batching.size}"
        return f"{how}: the last batch has {rows}, and the model takes {size} at a time"
    return f"{what} come in batches of {rows}, but the model takes {size} rows at a time"


def _help(event: Trained, binding: Binding, met: Met) -> str:
    size = binding.size
    if _is_alike(binding, met):
        return "Use `.batch(1, drop_remainder=True)`, or arrays with `batch_size=1`."
    if met.batch.is_rest or met.outcome.effect is Effect.SILENT:
        return f"Cut the data to a multiple of the batch size: `n = len(x) // {size} * {size}`, then `x[:n]`."
    if event.method == "predict":
        return (
            f"Pass `batch_size={size}`, or predict with a second model that is made for another batch size and takes over "
            "the weights (`set_weights(model.get_weights())`)."
        )
    return f"Use batches of {size} rows here, or declare the batch size that is used."


def _is_alike(binding: Binding, met: Met) -> bool:
    """Whether it is not the number of rows that is refused."""
    return equal(met.batch.rows, binding.size) is Answer.YES


def _explain(event: Trained, found: Finding, binding: Binding) -> None:
    layer = binding.layer
    if layer is not None and isinstance(layer.origin, Site):
        found.trace.append((layer.origin, f"this layer keeps the states of {binding.size} rows"))
    elif event.model.site is not None:
        found.trace.append((event.model.site, f"the model is declared for {binding.size} rows"))


@check(NoBatch, "LL506", "LL507")
def no_batch(event: NoBatch, report: Report) -> None:
    """The data give not one batch."""
    outcome = without_batch(event.batching, event.method, report.version)
    assert report.recorded is not None
    raises = outcome.effect is Effect.RAISES
    size = event.batching.size
    what = "there is no row" if size is None or not event.batching.is_stream else f"fewer rows than a batch of {size}"
    report.tell(
        "LL506" if raises else "LL507",
        report.recorded.site,
        f"the data give not one batch ({what})" + ("" if raises else ": Keras says nothing, and nothing is computed"),
        help="Leave out `drop_remainder=True`, or take a smaller batch size." if event.batching.is_stream else None,
        raises=raises,
        words=f"{outcome.exception}: {outcome.message}" if raises else None,
    )


@check(Trained, "LL505")
def shuffled_state(event: Trained, report: Report) -> None:
    """Rows are shuffled though the states go on from batch to batch."""
    batching = event.batching
    if event.method != "fit" or not event.is_shuffled or batching is None or batching.is_stream:
        return
    if not is_stateful(event.model.graph) or batching.samples is None or batching.size is None:
        return
    several = less(batching.size, batching.samples)
    if several is Answer.NO or (several is Answer.CANNOT_KNOW and not isinstance(batching.size, int)):
        return
    assert report.recorded is not None
    report.tell(
        "LL505",
        report.recorded.site,
        "the model is stateful, but `fit` shuffles the rows: states are carried over between rows that do not follow one "
        "another",
        help="Pass `shuffle=False`.",
        raises=False,
        fix=repairs.keep_order(event.model, report.recorded.site),
    )
