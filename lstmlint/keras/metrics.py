"""What Keras does with a target of a given shape when it computes a metric: raises, or gives some number.

Source: `metrics` and `trainers/compile_utils.py` of Keras 3.15, `metrics` and `engine/compile_utils.py` of tf.keras 2.15;
random trainings on both.
"""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.keras.losses import (
    ADJUSTING,
    Batches,
    Case,
    Loss,
    canonical,
    first_case,
    k3_squeezed,
    over_batches,
    procedure,
    t2_squeezed,
)
from lstmlint.keras.outcomes import OK, Effect, Outcome, merged, raises
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim, product
from lstmlint.shapes.operations import broadcast_dims
from lstmlint.shapes.shape import Shape
from lstmlint.shapes.splitting import Decider

Dims = tuple[Dim, ...]

#: Metrics that compare element by element, whatever their name; those of losses are known from there.
_ELEMENTWISE = frozenset({"binary_accuracy", "BinaryAccuracy", "Accuracy", "RootMeanSquaredError"})
_CONFUSION = frozenset({"Precision", "Recall", "TruePositives", "TrueNegatives", "FalsePositives", "FalseNegatives"})
_CHOSEN = frozenset({"accuracy", "acc"})
_CLASSES = {"CategoricalAccuracy": "categorical_accuracy", "SparseCategoricalAccuracy": "sparse_categorical_accuracy"}


def metric_outcomes(
    name: str,
    output: Shape,
    target: Shape,
    *,
    head: str | None,
    version: Version,
    batches: Batches,
    entry: str,
    kind: str,
) -> tuple[Outcome, ...]:
    """All ways in which a metric can meet a target: OK, or what is raised.

    `name` is a string as `compile` takes it, or the name of a class made without arguments that matter here; the rest is as
    in `target_outcomes`.  Unknown: a metric, rank or version that is not known gives OK.
    """
    compare = _procedure(name, version)
    case = first_case(
        output, target, Loss("metric", name), head=head, version=version, batches=batches, entry=entry, kind=kind
    )
    if compare is None or case is None:
        return (OK,)
    return merged(over_batches(case, batches, (), compare))


def _procedure(name: str, version: Version) -> Callable[[Decider, Case], Outcome] | None:
    """The way of a metric through the shapes of one batch; None: not known."""
    if version is Version.K2:
        return None
    name = _CLASSES.get(name, name)
    if name in _CHOSEN:
        return _accuracy
    if name in _ELEMENTWISE:
        return _elementwise
    if name in _CONFUSION or name == "AUC":
        return _confusion
    if name in _CATEGORICAL:
        return _CATEGORICAL[name]
    loss = canonical(name, version)
    if loss is None or loss.kind == "unknown":
        return None
    raw = version is Version.K3 and loss.function not in ADJUSTING
    compare = procedure(loss, version, adjusts=not raw)
    return lambda d, case: _number(compare(d, case))


def _number(outcome: Outcome) -> Outcome:
    """A metric that broadcasts gives some number."""
    return outcome if outcome.effect is Effect.RAISES else OK


def _adjusted(d: Decider, case: Case) -> tuple[Dims, Dims]:
    """Output and target at one rank where one of them ends in 1."""
    p, y = case.output, case.target
    if case.version is Version.K3:
        return k3_squeezed(d, p, y)[:2]
    if len(y) == 1 and len(p) == 2:
        y = (*y, 1)
    return t2_squeezed(d, p, y)[:2]


def _elementwise(d: Decider, case: Case) -> Outcome:
    p, y = _adjusted(d, case)
    return OK if broadcast_dims(d.equal, p, y) is not None else _unequal(p, y, case)


def _accuracy(d: Decider, case: Case) -> Outcome:
    """`accuracy` is one of three, chosen by the shapes."""
    p, y = case.output, case.target
    if not p or not y:
        return OK
    if d.equal(p[-1], 1):
        return _elementwise(d, case)
    is_known = case.version is not Version.T2 or case.entry != "generator"
    is_sparse = len(y) < len(p) or (is_known and d.equal(y[-1], 1))
    return _sparse(d, case) if is_sparse else _categorical(d, case)


def _matched(d: Decider, p: Dims, y: Dims, case: Case, *, drops: bool) -> Outcome:
    """Labels against the class of each row; labels that lost an axis get it back, if the matches have room for it."""
    labels = y[:-1] if drops else y
    found = broadcast_dims(d.equal, p[:-1], labels)
    if found is None:
        return _unequal(p[:-1], labels, case)
    if drops and not d.equal(product(found), product(y)):
        return raises("InvalidArgumentError", f"Input to reshape is a tensor with {product(found)} values")
    return OK


def _sparse(d: Decider, case: Case) -> Outcome:
    p, y = (case.output, case.target) if case.version is Version.K3 else _adjusted(d, case)
    same = len(y) == len(p)
    if same and case.version is Version.T2 and not d.equal(y[-1], 1):
        return _no_squeeze(y)
    return _matched(d, p, y, case, drops=same and d.equal(y[-1], 1))


def _categorical(d: Decider, case: Case) -> Outcome:
    p, y = (case.output, case.target) if case.version is Version.K3 else _adjusted(d, case)
    y = y[:-1]
    if len(y) == len(p) and not d.equal(y[-1], 1):
        return _no_squeeze(y)
    return _matched(d, p, y, case, drops=len(y) == len(p))


_CATEGORICAL = {"categorical_accuracy": _categorical, "sparse_categorical_accuracy": _sparse}


def _confusion(d: Decider, case: Case) -> Outcome:
    """Precision, recall and their relatives: Keras 3 counts elements, tf.keras compares shapes."""
    p, y = _adjusted(d, case)
    if case.version is Version.T2:
        if len(p) == len(y) and all(d.equal(a, b) for a, b in zip(p, y)):
            return OK
        if len(p) == len(y) and case.entry == "generator":
            return _counted(d, p, y, case)
        return raises("ValueError", f"Shapes {case.static(p)} and {case.static(y)} are incompatible")
    return _counted(d, p, y, case)


def _counted(d: Decider, p: Dims, y: Dims, case: Case) -> Outcome:
    """As many elements on both sides, or a single one."""
    one = case.loss.name != "AUC" and (d.equal(product(p), 1) or d.equal(product(y), 1))
    if one or _same_count(d, p, y):
        return OK
    have, want = case.shape(product(y), product(p)).dims
    if case.static_batch:
        return raises("ValueError", f"Dimensions must be equal, but are {have} and {want}")
    return raises("InvalidArgumentError", f"Incompatible shapes: [1,{have}] vs. [1,{want}]")


def _same_count(d: Decider, p: Dims, y: Dims) -> bool:
    if p and y and p[0] == y[0]:
        p, y = p[1:], y[1:]
    return d.equal(product(p), product(y))


def _unequal(p: Dims, y: Dims, case: Case) -> Outcome:
    return raises("ValueError", f"Dimensions must be equal, but are {case.shape(*y)} and {case.shape(*p)}")


def _no_squeeze(y: Dims) -> Outcome:
    return raises("ValueError", f"Can not squeeze dim[{len(y) - 1}], expected a dimension of 1, got {y[-1]}")
