"""What Keras does with a target of a given shape: the target procedures of the three versions.

Everything works on the shapes of one batch, whose size is a symbol; which sizes occur is settled at the end.  The
result is the set of ways it can go, so a size that is not known splits it.

Source: facts, targets (measured for every pair of 7 output and 17 target shapes, 11 losses, three entry points).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from lstmlint.classes import dataclass, replace
from lstmlint.keras.containers import cardinality, refused_target, sample_outcomes
from lstmlint.keras.loss_names import KINDS, NAMES
from lstmlint.keras.outcomes import OK, Effect, Outcome, accidents, merged, raises, verdict
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import (
    Answer,
    Dim,
    Symbol,
    divisible,
    equal,
    product,
    substitute,
    symbol,
    symbols,
)
from lstmlint.shapes.shape import Axis, Shape
from lstmlint.shapes.splitting import Assumption, Decider, Ending, explore

_BATCH = symbol("batch size", "keras.losses: the size of a batch", lower=1)
_BATCH_SYMBOL = next(iter(symbols(_BATCH)))

#: Entry points that get one batch, as it is.
_AT_ONCE = frozenset({"train_on_batch", "batch", "generator"})


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss as `compile` gets it.

    `kind`: "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy", "elementwise" (mse,
    mae, huber, …), "user" (a function that is not Keras's own and combines both its arguments element by element),
    "user_class" (a subclass of `Loss` that does), "unknown" (nothing is said about it).  `name` is as written;
    `from_logits` is None where not known; `spares`: it may leave labels out (`ignore_class`).
    `function` is that of Keras behind it, by its newest name.
    """

    kind: str
    name: str
    from_logits: bool | None = False
    spares: bool = False
    function: str | None = None


def canonical(name: str, version: Version) -> Loss | None:
    """The loss behind a string alias, or behind the name of a function or class of `keras.losses`; None: no such loss."""
    function = NAMES[version].get(name)
    return None if function is None else Loss(KINDS.get(function, "elementwise"), name, function=function)


@dataclass(frozen=True, slots=True)
class Batches:
    """Which batches occur: `samples` of x in batches of `batch_size` (None: not known), a smaller last one included.

    With `drop_remainder` there is no smaller last one.
    """

    samples: Dim | None
    batch_size: Dim | None = 32
    drop_remainder: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One question: shapes of one batch, and the circumstances."""

    output: tuple[Dim, ...]
    target: tuple[Dim, ...]
    loss: Loss
    head: str | None
    entry: str
    #: Whether the graph knows the size of the batch, so that a clash with it is found while tracing.
    static_batch: bool
    version: Version
    size: Dim = _BATCH
    #: Whether both sides are brought to one rank where one ends in 1.
    adjusts: bool = True

    def shape(self, *dims: Dim) -> Shape:
        """A shape with the size of the batch at hand."""
        return Shape(tuple(substitute(dim, {_BATCH_SYMBOL: self.size}) for dim in dims))

    def static(self, dims: tuple[Dim, ...]) -> Shape:
        """A shape as the graph knows it."""
        if self.static_batch:
            return self.shape(*dims)
        return Shape(tuple(None if dim == _BATCH else dim for dim in dims))


def target_outcomes(
    output: Shape,
    target: Shape,
    loss: Loss,
    *,
    head: str | None,
    version: Version,
    batches: Batches,
    entry: str = "fit",
    layer_name: str = "dense_1",
    kind: str = "array",
) -> tuple[Outcome, ...]:
    """All ways in which a target can meet an output.

    Shapes: `output` (batch, …) with None for the batch and for lengths that Keras does not know; `target` (samples, …).
    `head` is the activation that made the output (None: not known).  `entry`: "fit", "evaluate" or "train_on_batch"
    (which takes all samples as one batch), "batch" (one of a data set, whose rows nobody counts) or "generator" (of a generator or `Sequence`).  `kind` is what holds the target, next to inputs that are arrays: "array",
    "series" (pandas), "list" (of numbers), "nested_list", "number".
    Numbers of samples count as equal unless they provably differ.
    Unknown: a rank or loss that is not known gives OK (among others).
    """
    if not output.exact or not target.exact or not output.dims or loss.kind == "unknown":
        return (OK,)
    if version is Version.K2 and len(output.dims) == 1 and loss.kind == "sparse_categorical_crossentropy":
        return (raises("TypeError", "__int__ returned non-int (type NoneType)"),)  # compile already fails
    refused = refused_target(kind, version, entry=entry, rows=target.dims[0] if target.dims else None)
    if refused is not None:
        return (refused,)
    whole = _held(target.dims, kind, version)
    differ = bool(whole) and _differ(batches.samples, whole[0])
    if (
        differ
        and entry not in ("batch", "generator")
        and (version is Version.T2 or (version is Version.K3 and entry != "train_on_batch"))
    ):
        return (cardinality(version, batches.samples, whole[0]),)
    checked: list[Ending[Outcome | None]] = [Ending(None)]
    complete = True
    if version is Version.K2:
        checked, complete = explore(lambda d: _k2_whole(d, output, whole, loss, layer_name, batches.samples, differ))
    case = _first_case(output, whole, loss, head, version, batches, entry)
    results: list[Outcome] = [] if complete else [OK]
    for ending in checked:
        if ending.result is not None:
            results.append(_told(ending.result, ending.assumptions, {}))
        else:
            results += over_batches(case, batches, ending.assumptions)
    return merged(results)


def first_case(
    output: Shape,
    target: Shape,
    loss: Loss,
    *,
    head: str | None,
    version: Version,
    batches: Batches,
    entry: str,
    kind: str,
) -> Case | None:
    """The question that one batch puts; None where a rank is not known.  Arguments: as of `target_outcomes`."""
    if not output.exact or not target.exact or not output.dims:
        return None
    return _first_case(output, _held(target.dims, kind, version), loss, head, version, batches, entry)


def _first_case(
    output: Shape, whole: tuple[Dim, ...], loss: Loss, head: str | None, version: Version, batches: Batches, entry: str
) -> Case:
    differ = bool(whole) and _differ(batches.samples, whole[0])
    return Case(
        (_BATCH, *(_running_length(axis, place) for place, axis in enumerate(output.dims[1:], 1))),
        _one_batch(whole, entry, differ=differ),
        loss,
        head,
        entry,
        version is not Version.K2 and (entry in _AT_ONCE or _divides(batches)),
        version,
    )


#: Functions of Keras 3 that bring both sides to one rank; the others leave that to the classes around them.
ADJUSTING = frozenset(
    {"mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error", "mean_squared_logarithmic_error",
     "cosine_similarity", "huber", "log_cosh"}
)  # fmt: skip


def called_outcomes(
    output: Shape, target: Shape, loss: Loss, *, version: Version, as_function: bool = False
) -> tuple[Outcome, ...]:
    """All ways in which a loss that the program calls itself can compare two tensors, whose sizes TensorFlow knows.

    `as_function`: a function of `keras.losses`, not an object of one of its classes.  Unknown: as `target_outcomes`.
    """
    known = None not in (*output.dims, *target.dims)
    if not known or not output.exact or not target.exact or loss.kind == "unknown" or version is Version.K2:
        return (OK,)
    raw = as_function and (version is Version.T2 or loss.function not in ADJUSTING)
    p, y = (tuple(dim for dim in shape.dims if dim is not None) for shape in (output, target))
    case = Case(p, y, loss, None, "call", True, version, adjusts=not raw)
    endings, complete = explore(lambda d: _PROCEDURES[version](d, case))
    found = [_told(ending.result, ending.assumptions, {}) for ending in endings]
    return merged(found if complete else [OK, *found])


# --- before the batches ----------------------------------------------------------------------------------------------


def _differ(a: Axis, b: Axis) -> bool:
    return a is not None and b is not None and equal(a, b) is Answer.NO


def _held(dims: tuple[Axis, ...], kind: str, version: Version) -> tuple[Dim, ...]:
    """The target as an array: Keras 3 makes columns of pandas Series."""
    known = tuple(_running_length(axis, f"target {place}") for place, axis in enumerate(dims))
    if kind == "number":
        return ()
    if kind == "list" and version is Version.K3:
        return known[1:]
    if kind == "nested_list":
        return known[1:]
    if kind == "series" and version is Version.K3 and len(known) == 1:
        return (*known, 1)
    return known


def _running_length(axis: Axis, place: int | str) -> Dim:
    """The size of an axis when the model runs."""
    return symbol(f"length of axis {place}", ("keras.losses", place)) if axis is None else axis


def _divides(batches: Batches) -> bool:
    """Whether all batches are of one size, so that the graph knows it."""
    if batches.drop_remainder:
        return True
    if batches.samples is None or batches.batch_size is None:
        return False
    return divisible(batches.samples, batches.batch_size) is Answer.YES


def _one_batch(whole: tuple[Dim, ...], entry: str, *, differ: bool) -> tuple[Dim, ...]:
    """The target's shape within a batch; one that comes by itself with another number of rows keeps that number."""
    if not whole:
        return ()
    return whole if differ and entry in _AT_ONCE else (_BATCH, *whole[1:])


def _k2_whole(
    d: Decider,
    output: Shape,
    target: tuple[Dim, ...],
    loss: Loss,
    layer_name: str,
    samples: Dim | None,
    differ: bool,
) -> Outcome | None:
    """Keras 2.2 and 2.3 check the whole array against the output before the first batch; None: it passes."""
    if len(target) == 1:
        target = (*target, 1)
    if loss.kind != "user" and not (loss.kind == "user_class" and d.choose("a subclass of Loss is not checked")):
        wanted = output.dims
        if loss.kind == "sparse_categorical_crossentropy":
            wanted = (*wanted[:-1], 1)
        told = f"Error when checking target: expected {layer_name} to have"
        if len(wanted) != len(target):
            got = f"but got array with shape {Shape(target)}"
            return raises("ValueError", f"{told} {len(wanted)} dimensions, {got}")
        for want, have in zip(wanted[1:], target[1:]):
            if want is not None and not d.equal(want, have):
                got = f"but got array with shape {Shape(target[1:])}"
                return raises("ValueError", f"{told} shape {Shape(wanted[1:])} {got}")
    if differ:
        return cardinality(Version.K2, samples, target[0])
    if loss.kind == "categorical_crossentropy" and d.equal(target[-1], 1):
        return raises(
            "ValueError",
            f"You are passing a target array of shape {Shape(target)} while using as loss `categorical_crossentropy`. "
            "`categorical_crossentropy` expects targets to be binary matrices (1s and 0s) of shape (samples, classes).",
        )
    return None


# --- one batch -------------------------------------------------------------------------------------------------------


def _k2(d: Decider, case: Case) -> Outcome:
    p, y = case.output, case.target
    if len(y) == 1:
        y = (*y, 1)
    if case.loss.kind == "sparse_categorical_crossentropy":
        rows, labels = product(p[:-1]), product(y)
        return OK if _same_count(d, y, p[:-1]) else _first_dimension((rows, p[-1]), (labels,), case)
    result = _elementwise(d, p, y, case)
    if len(y) <= len(p) or result.effect is Effect.RAISES:
        return result
    if case.entry != "evaluate":
        return raises("InvalidArgumentError", "data.shape does not start with indices.shape")
    # The loss has an axis too many and meets the sample weights, one per row.
    kept = p[-2] if len(p) > 1 and d.equal(y[-2], 1) else y[-2]
    return result if d.equal(kept, 1) or d.equal(kept, _BATCH) else _incompatible(p, y, case)


def _same_count(d: Decider, labels: tuple[Dim, ...], rows: tuple[Dim, ...]) -> bool:
    """Whether two shapes have equally many elements.

    Axis by axis where that answers it, and without the batch that both begin with: what is open is then never a matter of
    the size of a batch.
    """
    plain = labels[:-1] if len(labels) == len(rows) + 1 and labels[-1] == 1 else labels
    if len(plain) == len(rows) and all(equal(d.known(a), d.known(b)) is Answer.YES for a, b in zip(plain, rows)):
        return True
    if labels and rows and labels[0] == rows[0]:
        labels, rows = labels[1:], rows[1:]
    return d.equal(product(labels), product(rows))


def _t2(d: Decider, case: Case) -> Outcome:
    p, y = case.output, case.target
    if len(y) == 1 and len(p) == 2 and case.entry != "call":
        y = (*y, 1)
    squeezed = False
    if case.adjusts and case.loss.kind != "user_class":
        refused = t2_unsqueezed(d, p, y, case)
        if refused is not None:
            return refused
        p, y, squeezed = t2_squeezed(d, p, y)
    kind = case.loss.kind
    # A generator tells the rank only: what the losses hold against each other beforehand fits where that does.
    is_open = case.entry == "generator" and len(p) == len(y)
    if kind == "categorical_crossentropy" and not is_open:
        if _same(d, p, y):
            return OK
        return raises("ValueError", f"Shapes {case.static(y)} and {case.static(p)} are incompatible")
    if kind == "sparse_categorical_crossentropy":
        return _t2_labels(d, p, y, squeezed, case)
    if kind == "binary_crossentropy" and not is_open and _t2_checks_logits(d, case, squeezed):
        if _same(d, p, y):
            return OK
        shapes = f"({case.static(p)} vs {case.static(y)})"
        return raises("ValueError", f"`logits` and `labels` must have the same shape, received {shapes}.")
    return _elementwise(d, p, y, case)


def t2_squeezed(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...]) -> tuple[tuple[Dim, ...], tuple[Dim, ...], bool]:
    """When the ranks differ by one, the longer side loses a last axis of 1 (and whether the output lost it)."""
    if len(p) - len(y) == 1 and d.equal(p[-1], 1):
        return p[:-1], y, True
    if len(y) - len(p) == 1 and d.equal(y[-1], 1):
        return p, y[:-1], False
    return p, y, False


def t2_unsqueezed(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...], case: Case) -> Outcome | None:
    """A target of one axis more loses its last one even before its size is known, where no graph knows sizes."""
    if case.entry != "generator" or len(y) - len(p) != 1 or d.equal(y[-1], 1):
        return None
    return raises(
        "InvalidArgumentError",
        f"Can not squeeze dim[{len(y) - 1}], expected a dimension of 1, got {case.shape(y[-1]).dims[0]}",
    )


def _t2_checks_logits(d: Decider, case: Case, squeezed: bool) -> bool:
    """Whether binary_crossentropy takes the way over the logits, which compares shapes."""
    logits = case.loss.from_logits
    if logits is None:
        logits = d.choose("from_logits")
    if logits or squeezed:
        return logits
    return d.choose("the head is a sigmoid or softmax") if case.head is None else case.head in ("sigmoid", "softmax")


def _t2_labels(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...], squeezed: bool, case: Case) -> Outcome:
    rows, labels = product(p[:-1]), product(y)
    fits = _same(d, y, p[:-1]) if len(y) == len(p) - 1 else _same_count(d, y, p[:-1])
    if fits:
        ones = (1,) * (len(y) - len(p) + 1 if case.entry == "call" else 1)
        meant = not squeezed and (_same(d, y, p[:-1]) or _same(d, y, (*p[:-1], *ones)))
        return OK if meant else _silent(p, y, case)
    if not case.static_batch:
        return _first_dimension((rows, p[-1]), (labels,), case)
    if len(y) != len(p) - 1:
        p, y = (rows, p[-1]), (labels,)
    return raises(
        "ValueError",
        "`labels.shape` must equal `logits.shape` except for the last dimension. "
        f"Received: labels.shape={case.shape(*y)} and logits.shape={case.shape(*p)}",
    )


def _k3(d: Decider, case: Case) -> Outcome:
    p, y = case.output, case.target
    squeezed = False
    if case.adjusts and case.loss.kind != "user_class":
        p, y, squeezed = k3_squeezed(d, p, y)
    if case.loss.kind in ("categorical_crossentropy", "binary_crossentropy"):
        return _k3_same(d, p, y, case)
    if case.loss.kind == "sparse_categorical_crossentropy":
        return _k3_labels(d, p, y, squeezed, case)
    if not p and not y:
        return raises("ValueError", "Invalid reduction dimension -1 for input with 0 dimensions.")
    return _elementwise(d, p, y, case)


def k3_squeezed(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...]) -> tuple[tuple[Dim, ...], tuple[Dim, ...], bool]:
    """When the ranks differ by one and the longer side ends in 1: a side of rank 1 gains an axis, else the 1 goes."""
    if len(y) == len(p) + 1 and d.equal(y[-1], 1):
        return ((*p, 1), y, True) if len(p) == 1 else (p, y[:-1], False)
    if len(p) == len(y) + 1 and d.equal(p[-1], 1):
        return (p, (*y, 1), False) if len(y) == 1 else (p[:-1], y, True)
    return p, y, False


def _k3_same(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...], case: Case) -> Outcome:
    if _same(d, p, y):
        return OK
    what = "shape" if len(p) == len(y) else "rank (ndim)"
    return raises("ValueError", f"Arguments `target` and `output` must have the same {what}. {_received(p, y, case)}")


def _k3_labels(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...], changed: bool, case: Case) -> Outcome:
    if not p:
        return raises("IndexError", "tuple index out of range")
    if len(y) == len(p) and d.equal(y[-1], 1):
        y = y[:-1]
    if len(y) != len(p) - 1:
        told = "Argument `output` must have rank (ndim) `target.ndim - 1`."
        return raises("ValueError", f"{told} {_received(p, y, case)}")
    if not _same(d, y, p[:-1]):
        shapes = f"target.shape={case.static(y)}, output.shape={case.static(p)}"
        told = "Arguments `target` and `output` must have the same shape up until the last dimension:"
        return raises("ValueError", f"{told} {shapes}")
    return _silent(p, y, case) if changed else OK


#: What comes of the shapes of one batch.
Procedure: TypeAlias = Callable[[Decider, Case], Outcome]

_PROCEDURES: dict[Version, Procedure] = {Version.K2: _k2, Version.T2: _t2, Version.K3: _k3}


# --- comparing -------------------------------------------------------------------------------------------------------


def _same(d: Decider, a: tuple[Dim, ...], b: tuple[Dim, ...]) -> bool:
    return len(a) == len(b) and all(d.equal(x, y) for x, y in zip(a, b))


def _silent(p: tuple[Dim, ...], y: tuple[Dim, ...], case: Case) -> Outcome:
    return Outcome(Effect.SILENT, compared=(case.shape(*p), case.shape(*y)))


def _elementwise(d: Decider, p: tuple[Dim, ...], y: tuple[Dim, ...], case: Case) -> Outcome:
    """Numpy broadcasting; a clash that the graph cannot see comes out when the batch runs."""
    rank = max(len(p), len(y))
    same = len(p) == len(y)
    late = False
    for left, right in zip((1,) * (rank - len(p)) + p, (1,) * (rank - len(y)) + y):
        if d.equal(left, right):
            continue
        same = False
        if d.equal(left, 1) or d.equal(right, 1):
            continue
        if (
            case.version is not Version.K2
            and case.entry != "call"
            and (case.static_batch or _BATCH not in (left, right))
        ):
            sizes = case.shape(left, right).dims
            return raises("ValueError", f"Dimensions must be equal, but are {sizes[0]} and {sizes[1]}")
        late = True
    if late:
        return _incompatible(p, y, case)
    return OK if same else _silent(p, y, case)


def _incompatible(p: tuple[Dim, ...], y: tuple[Dim, ...], case: Case) -> Outcome:
    return raises("InvalidArgumentError", f"Incompatible shapes: {_listed(p, case)} vs. {_listed(y, case)}")


def _first_dimension(logits: tuple[Dim, ...], labels: tuple[Dim, ...], case: Case) -> Outcome:
    return raises(
        "InvalidArgumentError",
        "logits and labels must have the same first dimension, "
        f"got logits shape {_listed(logits, case)} and labels shape {_listed(labels, case)}",
    )


def _listed(dims: tuple[Dim, ...], case: Case) -> str:
    """A shape as TensorFlow's kernels print it."""
    return f"[{','.join(map(str, case.shape(*dims).dims))}]"


def _received(p: tuple[Dim, ...], y: tuple[Dim, ...], case: Case) -> str:
    return f"Received: target.shape={case.static(y)}, output.shape={case.static(p)}"


# --- over all batches ------------------------------------------------------------------------------------------------


def procedure(loss: Loss, version: Version, *, adjusts: bool) -> Procedure:
    """The procedure of a loss, for questions that are put in other words."""
    return lambda d, case: _PROCEDURES[version](d, replace(case, loss=loss, adjusts=adjusts))


def over_batches(
    case: Case, batches: Batches, before: tuple[Assumption, ...], compare: Procedure | None = None
) -> list[Outcome]:
    """The outcomes of a whole run: it raises if one of its batches raises, and is silent if one is."""
    runs: list[list[Outcome]] = []
    for sizes in _sizes(batches, case.entry):
        run: list[Outcome] = []
        for size in sizes:
            run += _of_batches(replace(case, size=size), before, compare or _PROCEDURES[case.version])
        runs.append(run)
    for effects in ({Effect.OK}, {Effect.OK, Effect.SILENT}):
        # What one of the batches cannot be, the whole run cannot be.
        if any(all(outcome.effect not in effects for outcome in run) for run in runs):
            runs = [[outcome for outcome in run if outcome.effect not in effects] for run in runs]
    return [outcome for run in runs for outcome in run]


def _of_batches(case: Case, before: tuple[Assumption, ...], compare: Procedure) -> list[Outcome]:
    """The outcomes of batches of one size."""
    given = {_BATCH_SYMBOL: case.size}
    endings, complete = explore(lambda d: compare(d, case), given)
    outcomes = [] if complete else [OK]
    for ending in endings:
        outcomes.append(_told(ending.result, before + ending.assumptions + ending.coincidences, given))
    return outcomes


def _sizes(batches: Batches, entry: str) -> list[list[Dim]]:
    """The sizes of the batches that occur: of each list, at least one."""
    samples, size = batches.samples, batches.batch_size
    if entry in _AT_ONCE:
        return [[_BATCH if samples is None else samples]]
    if size is None:
        upper = samples if isinstance(samples, int) else None
        return [[symbol("batch size", "keras.losses: a batch", lower=1, upper=upper)]]
    if isinstance(samples, int) and isinstance(size, int) and size > 0:
        full, rest = divmod(samples, size)
        occurring = [(size, full), (rest, rest and not batches.drop_remainder)]
        return [[dim] for dim, occurs in occurring if occurs]
    if size == 1 or _divides(batches):
        return [[size]]
    upper = size - 1 if isinstance(size, int) else None
    return [[size, symbol("size of the last batch", "keras.losses: the last batch", lower=1, upper=upper)]]


def _told(outcome: Outcome, assumptions: tuple[Assumption, ...], given: Mapping[Symbol, Dim]) -> Outcome:
    """The outcome with the equalities that it rests on."""
    held = [assumption for assumption in assumptions if assumption.holds]
    words = dict.fromkeys(assumption.choice or _equality(assumption, given) for assumption in held)
    accidental = any(_about_batch(assumption) for assumption in held)
    return replace(outcome, condition=" and ".join(words) or None, accidental=accidental)


def _equality(assumption: Assumption, given: Mapping[Symbol, Dim]) -> str:
    left, right = assumption.left, assumption.right
    if _BATCH in (left, right):
        size, other = given.get(_BATCH_SYMBOL, _BATCH), right if left == _BATCH else left
        return f"{'batch size' if isinstance(size, int) else size} = {other}"
    return f"{substitute(left, given)} = {substitute(right, given)}"


def _about_batch(assumption: Assumption) -> bool:
    return _BATCH_SYMBOL in symbols(assumption.left - assumption.right)


__all__ = [
    "ADJUSTING", "OK", "Batches", "Case", "Effect", "Loss", "Outcome", "accidents", "called_outcomes", "canonical",
    "first_case", "k3_squeezed", "merged", "over_batches", "procedure", "sample_outcomes", "t2_squeezed", "t2_unsqueezed",
    "target_outcomes", "verdict",
]  # fmt: skip
