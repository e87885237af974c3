"""numpy.random: arrays of random numbers, from the module, a `RandomState` or a `Generator`."""

from __future__ import annotations

from lstmlint.classes import replace
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import ListObject
from lstmlint.interpreter.values import NONE, Const, Foreign, Ref, Sequence, Symbolic, Unknown, Value, unknown
from lstmlint.libraries.array_arguments import as_size, given, shape_argument
from lstmlint.libraries.arrays import NDARRAY, Array, Range, alike, as_array, item_of, make, operand, unranked
from lstmlint.libraries.python_values import member
from lstmlint.libraries.registry import model
from lstmlint.shapes.operations import Mismatch, broadcast
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Shape


class Random(Foreign):
    """A `RandomState` or `Generator`: a source of random numbers with the functions of the module as methods."""

    __slots__ = ()
    type_name = "numpy.random.Source"


#: Distributions: how many parameters come before `size`, the dtype, and the limits of the values.
_DISTRIBUTIONS: dict[str, tuple[int, str, Range | None]] = {
    "random": (0, "float64", Range(0, 1)),
    "random_sample": (0, "float64", Range(0, 1)),
    "ranf": (0, "float64", Range(0, 1)),
    "sample": (0, "float64", Range(0, 1)),
    "standard_normal": (0, "float64", None),
    "standard_exponential": (0, "float64", None),
    "standard_cauchy": (0, "float64", None),
    "uniform": (2, "float64", None),
    "normal": (2, "float64", None),
    "laplace": (2, "float64", None),
    "logistic": (2, "float64", None),
    "gumbel": (2, "float64", None),
    "lognormal": (2, "float64", None),
    "beta": (2, "float64", Range(0, 1)),
    "gamma": (2, "float64", None),
    "binomial": (2, "int64", None),
    "negative_binomial": (2, "int64", None),
    "triangular": (3, "float64", None),
    "exponential": (1, "float64", None),
    "poisson": (1, "int64", Range(0, None, integral=True)),
    "geometric": (1, "int64", Range(1, None, integral=True)),
    "chisquare": (1, "float64", None),
    "standard_t": (1, "float64", None),
    "pareto": (1, "float64", None),
    "rayleigh": (1, "float64", None),
    "weibull": (1, "float64", None),
    "power": (1, "float64", None),
    "standard_gamma": (1, "float64", None),
}


def _everywhere(*names: str) -> tuple[str, ...]:
    """The functions of the module, and the same as methods."""
    return tuple(f"numpy.random.{prefix}{name}" for name in names for prefix in ("", "Source."))


def _without_source(call: Call, args: tuple[Value, ...]) -> list[Value]:
    """The positional arguments behind the receiver."""
    return list(args[1:] if args and isinstance(args[0], Random) else args)


def _argument(call: Call, args: list[Value], position: int, *names: str) -> Value | None:
    for name in names:
        if name in call.keywords:
            return call.keywords[name]
    return args[position] if position < len(args) else None


def sampled(call: Call, size: Value | None, dtype: str, values: Range | None, *parameters: Value | None) -> Value:
    """An array of the size asked for; without a size of the shape that the parameters have together."""
    if given(size):
        shape, whose = shape_argument(call, size)
        return make(call, shape, dtype=dtype, range=values, shape_ident=whose)
    common: Shape | Mismatch = Shape(())
    for parameter in parameters:
        if parameter is not None and isinstance(common, Shape):
            common = broadcast(common, operand(call, parameter).shape)
    if common == Shape(()):
        return unknown(member(call), number="int" if dtype == "int64" else "float")
    return (
        unranked(call, dtype=dtype) if isinstance(common, Mismatch) else make(call, common, dtype=dtype, range=values)
    )


@model(
    "numpy.random.RandomState", "numpy.random.default_rng", "numpy.random.Generator", "numpy.random.mtrand.RandomState",
    "sklearn.utils.check_random_state",
)  # fmt: skip
def source(call: Call, seed: Value | None = None) -> Value:
    """A source of random numbers."""
    return Random()


@model(*_everywhere("seed", "set_state", "get_state"))
def seed(call: Call, *args: Value) -> Value:
    """Changes no array."""
    return NONE


@model(*_everywhere("rand", "randn"))
def rand(call: Call, *args: Value) -> Value:
    """Random numbers; every argument is a dim."""
    sizes = _without_source(call, args)
    if call.open_args:
        return unranked(call, dtype="float64")
    values = Range(0, 1) if call.name.endswith("rand") else None
    if not sizes:
        return call.unknown(number="float")
    dims = [as_size(call.dim(size)) for size in sizes]
    return make(
        call,
        Shape(tuple(call.symbol(f"{{}}.shape[{i}]") if dim is None else dim for i, dim in enumerate(dims))),
        dtype="float64",
        range=values,
    )


@model(*_everywhere(*_DISTRIBUTIONS))
def distribution(call: Call, *args: Value) -> Value:
    """Random numbers of a distribution: `name(parameters…, size)`."""
    name = member(call)
    count, dtype, values = _DISTRIBUTIONS[name]
    plain = _without_source(call, args)
    parameters = plain[:count]
    bounds = [call.constant(parameter) for parameter in parameters]
    if name == "binomial" and parameters and isinstance(bounds[0], int):
        values = Range(0, bounds[0], integral=True)
    elif name == "uniform" and len(bounds) == 2 and all(isinstance(bound, (int, float)) for bound in bounds):
        values = Range(*bounds)
    elif name == "uniform" and not call.args:
        values = None
    return sampled(call, _argument(call, plain, count, "size"), dtype, values, *parameters)


@model(*_everywhere("randint", "random_integers", "integers"))
def randint(call: Call, *args: Value) -> Value:
    """Whole numbers from `low` up to `high` (exclusive), or below `low` when only that is given."""
    plain = _without_source(call, args)
    low, high = _argument(call, plain, 0, "low"), _argument(call, plain, 1, "high")
    first, last = (call.constant(low, 0.5), call.constant(high, 0.5)) if given(high) else (0, call.constant(low, 0.5))
    inclusive = call.name.endswith("random_integers") or "endpoint" in call.keywords
    if call.name.endswith("random_integers") and not given(high):
        first = 1
    values = Range(
        first if isinstance(first, int) else None,
        last - (0 if inclusive else 1) if isinstance(last, int) else None,
        integral=True,
    )
    if values.low is not None and values.high is not None:
        values = replace(values, spans=(values.low, values.high))
    made = sampled(call, _argument(call, plain, 2, "size"), "int64", values, low, high)
    if isinstance(made, Array) and made.range is not None and _surely_reached(made.shape, made.range):
        return replace(made, range=replace(made.range, reached=True))
    return made


def _surely_reached(shape: Shape, values: Range) -> bool:
    """Whether so many are drawn that both limits are among them: but for one case in a million."""
    count = shape.size if shape.exact else None
    if not isinstance(count, int) or values.low is None or values.high is None:
        return False
    return count >= 15 * (values.high - values.low + 1) > 0


@model(*_everywhere("choice"))
def choice(call: Call, *args: Value) -> Value:
    """Elements of `a` (or of `arange(a)`), of the size asked for."""
    plain = _without_source(call, args)
    a, size = _argument(call, plain, 0, "a"), _argument(call, plain, 1, "size")
    found = as_array(call, a)
    if found is not None and found.shape == Shape(()) and isinstance(a, (Const, Symbolic)):
        count = call.constant(a)
        values = Range(0, count - 1 if isinstance(count, int) else None, integral=True)
        return sampled(call, size, "int64", values)
    if found is None or found.shape.rank is None or "axis" in call.keywords:
        return call.unknown()
    item = item_of(call, found) if found.shape.dims else None
    if not given(size):
        return item if item is not None else call.unknown(number="int")
    shape, whose = shape_argument(call, size)
    inner = item.shape if isinstance(item, Array) else Shape(())
    joined = Shape(shape.dims + inner.dims) if shape.exact and inner.exact else UNKNOWN_SHAPE
    return make(call, joined, dtype=found.dtype, range=found.range, shape_ident=whose if not inner.dims else None)


@model(*_everywhere("permutation", "permuted"))
def permutation(call: Call, *args: Value) -> Value:
    """The same in another order; of a number n those below n."""
    plain = _without_source(call, args)
    x = _argument(call, plain, 0, "x")
    if isinstance(x, (Const, Symbolic)) or (isinstance(x, Unknown) and x.number == "int"):
        dim = call.dim(x)
        values = Range(0, dim - 1 if isinstance(dim, int) else None, integral=True)
        return make(call, Shape((call.symbol("n") if dim is None else dim,)), dtype="int64", range=values)
    if isinstance(x, Unknown):
        return call.unknown()
    found = operand(call, x)
    return alike(call, found, kind=NDARRAY, range=found.range, columns=None)


@model(*_everywhere("shuffle"))
def shuffle(call: Call, *args: Value) -> Value:
    """In place: an array keeps its shape; the items of a list are no longer known by their places."""
    plain = _without_source(call, args)
    x = _argument(call, plain, 0, "x")
    sequence = call.sequence(x) if isinstance(x, Ref) and x.kind == "list" else None
    if isinstance(x, Ref) and sequence is not None and sequence.items:
        written = call.interpreter.state.write(x)
        merged = _merged(call, sequence)
        if isinstance(written, ListObject):
            written.content = Sequence("list", None, sequence.length, merged)
    return NONE


def _merged(call: Call, sequence: Sequence) -> Value | None:
    from lstmlint.interpreter.joins import generalise_all

    return generalise_all(list(sequence.items or ()))


@model(*_everywhere("multivariate_normal", "multinomial", "dirichlet"))
def vectors(call: Call, *args: Value) -> Value:
    """Random vectors: `size`, and behind it the length of the parameter."""
    plain = _without_source(call, args)
    name = member(call)
    owner = operand(call, plain[1] if name == "multinomial" and len(plain) > 1 else plain[0] if plain else None)
    size = _argument(call, plain, 1 if name == "dirichlet" else 2, "size")
    dtype = "int64" if name == "multinomial" else "float64"
    if owner.shape.rank != 1:
        return unranked(call, dtype=dtype)
    shape, _ = shape_argument(call, size)
    return make(call, Shape(shape.dims + owner.shape.dims, shape.exact), dtype=dtype)
