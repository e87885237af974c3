"""What Keras 3 does with the weights of samples: they meet the values of the loss, one for each row or each step.

tf.keras gives weights of rows the axes that they lack.  Source: `losses/loss.py` of Keras 3.15; random trainings.
"""

from __future__ import annotations

from lstmlint.keras.losses import Batches, Case, Loss, first_case, k3_squeezed, over_batches
from lstmlint.keras.outcomes import OK, Outcome, merged, raises
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Dim
from lstmlint.shapes.operations import broadcast_dims
from lstmlint.shapes.shape import Shape
from lstmlint.shapes.splitting import Decider

Dims = tuple[Dim, ...]

#: Losses of which it is known what they leave: all axes but the last.
_REDUCING = frozenset(
    {"categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy", "elementwise"}
)


def weight_outcomes(
    output: Shape,
    target: Shape,
    weights: Shape,
    loss: Loss,
    *,
    version: Version,
    batches: Batches,
    entry: str,
    kind: str,
) -> tuple[Outcome, ...]:
    """All ways in which weights (samples first) can meet the values of a loss that takes output and target.

    Unknown: a loss of the program's own, and what has no known rank, gives OK.
    """
    case = first_case(output, target, loss, head=None, version=version, batches=batches, entry=entry, kind=kind)
    unclear = not weights.exact or not weights.dims or None in weights.dims
    if case is None or unclear or version is not Version.K3 or loss.kind not in _REDUCING:
        return (OK,)
    rest = tuple(dim for dim in weights.dims[1:] if dim is not None)
    return merged(over_batches(case, batches, (), lambda d, case: _weighted(d, case, rest)))


def _weighted(d: Decider, case: Case, rest: Dims) -> Outcome:
    p, y, _ = k3_squeezed(d, case.output, case.target)
    values: Dims | None = p[:-1]
    if case.loss.kind != "sparse_categorical_crossentropy":
        met = broadcast_dims(d.equal, p, y)
        values = None if met is None else met[:-1]
    if values is None:
        return OK  # the loss itself is told
    values, weights, _ = k3_squeezed(d, values, (case.output[0], *rest))
    if broadcast_dims(d.equal, values, weights) is not None:
        return OK
    shapes = f"{case.shape(*values)} vs. {case.shape(*weights)}"
    return raises("InvalidArgumentError", f"Incompatible shapes: {shapes}")
