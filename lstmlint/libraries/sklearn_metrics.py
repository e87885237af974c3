"""sklearn.metrics: what they give, and what they refuse to compare."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Value
from lstmlint.libraries.array_arguments import given
from lstmlint.libraries.arrays import as_array, make
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.libraries.sklearn_refusals import note_metric
from lstmlint.shapes.shape import Shape

#: Metrics by what they compare.
_KINDS: dict[str, tuple[str, ...]] = {
    "numbers": (
        "mean_squared_error", "mean_absolute_error", "r2_score", "mean_absolute_percentage_error",
        "explained_variance_score", "median_absolute_error", "root_mean_squared_error", "mean_squared_log_error",
    ),
    "classes": (
        "accuracy_score", "f1_score", "precision_score", "recall_score", "confusion_matrix", "classification_report",
        "cohen_kappa_score", "balanced_accuracy_score", "matthews_corrcoef", "fbeta_score", "jaccard_score",
        "precision_recall_fscore_support", "zero_one_loss",
    ),
    "scores": ("roc_auc_score", "log_loss", "average_precision_score", "roc_curve", "precision_recall_curve"),
}  # fmt: skip

_KIND_OF = {name: kind for kind, names in _KINDS.items() for name in names}

#: Metrics that give more than one number, whatever is asked for.
_SEVERAL = frozenset(
    {"classification_report", "precision_recall_fscore_support", "roc_curve", "precision_recall_curve"}
)


@model(*(f"sklearn.metrics.{name}" for name in _KIND_OF))
def score(call: Call, y_true: Value | None = None, y_pred: Value | None = None) -> Value:
    """A number, unless one for each output or class is asked for."""
    name = member(call)
    second = y_pred
    for word in ("y_score", "y_prob", "probas_pred"):
        second = call.keywords.get(word, second)
    truth, predicted = as_array(call, y_true), as_array(call, second)
    if truth is not None and predicted is not None:
        note_metric(call, name, _KIND_OF[name], truth, predicted)
    if name == "confusion_matrix":
        count = call.symbol("classes", lower=1)
        return make(call, Shape((count, count)), dtype="int64")
    several = any(given(call.keywords.get(word)) for word in ("multioutput", "average")) or name in _SEVERAL
    return call.unknown() if several else call.unknown(number="float")
