"""Modules of the standard library: math, functools, itertools, operator, random, and constants of others."""

from __future__ import annotations

import itertools
import math
import string
from types import NoneType

from lstmlint.interpreter import budget
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import (
    NONE,
    Const,
    External,
    Partial,
    Sequence,
    Text,
    Unknown,
    Value,
    as_dim,
    fresh_key,
    from_dim,
    tuple_of,
    unknown,
)
from lstmlint.libraries.python_values import (
    change_list,
    element_of,
    fold,
    index_element,
    is_int,
    iterable,
    joined,
    member,
    of_items,
    pure_key,
    spelled,
    unordered,
)
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Dim, maximum, product, symbol
from lstmlint.shapes.operations import slice_length

_MATH = ("e", "inf", "pi", "tau")
_STRING = (
    "ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits", "octdigits", "printable",
    "punctuation", "whitespace",
)  # fmt: skip

CONSTANTS: dict[str, Value] = {
    **{f"math.{name}": Const(getattr(math, name)) for name in _MATH},
    **{f"string.{name}": Const(getattr(string, name)) for name in _STRING},
    "sys.maxsize": Const(2**63 - 1),
}

# --- math ------------------------------------------------------------------------------------------------------------

_FLOATS = (
    "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "ceil_", "copysign", "cos", "cosh", "degrees", "dist",
    "erf", "exp", "expm1", "fabs", "fmod", "gamma", "hypot", "ldexp", "log", "log10", "log1p", "log2", "pow", "radians",
    "sin", "sinh", "sqrt", "tan", "tanh",
)  # fmt: skip


@model(*(f"math.{name}" for name in _FLOATS))
def math_float(call: Call, *args: Value) -> Value:
    """A float, the same for the same arguments."""
    name = member(call)
    folded = fold(getattr(math, name), *args) if hasattr(math, name) and not call.open_args else None
    return folded or Unknown((name, tuple(map(pure_key, args))), f"{name}({spelled(call)})", "float")


@model("math.gcd", "math.lcm", "math.isqrt", "math.factorial", "math.comb", "math.perm")
def math_int(call: Call, *args: Value) -> Value:
    """An int, the same for the same arguments."""
    name = member(call)
    small = all(isinstance(arg, Const) and isinstance(arg.value, int) and abs(arg.value) < 100_000 for arg in args)
    if name in ("factorial", "comb", "perm"):
        small = small and all(isinstance(arg, Const) and arg.value < budget.MAX_INT_BITS for arg in args)
    folded = fold(getattr(math, name), *args) if small and not call.open_args else None
    return folded or Unknown((name, tuple(map(pure_key, args))), f"{name}({spelled(call)})", "int")


@model("math.prod")
def prod(call: Call, iterable_: Value, start: Value | None = None) -> Value:
    """All items multiplied."""
    found = iterable(call, iterable_)
    dims = None if found is None or found.items is None else [as_dim(item) for item in found.items]
    if found is None or dims is None or not all(map(is_int, found.items or ())) or start is not None:
        return call.unknown()
    return from_dim(product(dim for dim in dims if dim is not None))


# --- functools -------------------------------------------------------------------------------------------------------


@model("functools.partial")
def partial(call: Call, func: Value, *args: Value) -> Value:
    """A callable with arguments filled in."""
    if call.open_args or call.open_keywords:
        call.forget(*args, *call.keywords.values())
        return call.unknown()
    return Partial(func, args, tuple(call.keywords.items()))


@model("functools.reduce", "builtins.reduce")
def reduce(call: Call, function: Value, iterable_: Value, initial: Value | None = None) -> Value:
    """The items put together two by two; where they are not known, nothing is known of the result."""
    found = iterable(call, iterable_)
    if found is None or found.items is None or len(found.items) > budget.MAX_UNROLLED_ITEMS:
        call.forget(iterable_)
        return call.unknown()
    parts = [*([initial] if initial is not None else []), *found.items]
    if not parts:
        return call.unknown()
    result = parts[0]
    for part in parts[1:]:
        result = call.call(function, result, part)
    return result


@model("functools.wraps", "functools.lru_cache", "functools.cache", "functools.total_ordering")
def decorator(call: Call, function: Value | None = None, *args: Value) -> Value:
    """A decorator that leaves what it decorates as it is; `lru_cache(maxsize=…)` and `wraps(f)` give one."""
    plain = member(call) in ("cache", "total_ordering") or (member(call) == "lru_cache" and function is not None)
    known = function is None or not isinstance(function, Const)
    return function if plain and known and function is not None else External("functools.identity")


@model("functools.identity")
def identity(call: Call, function: Value) -> Value:
    """What it is given: stands for decorators that change nothing."""
    return function


@model("functools.update_wrapper")
def update_wrapper(call: Call, wrapper: Value, wrapped: Value) -> Value:
    return wrapper


# --- itertools -------------------------------------------------------------------------------------------------------


@model("itertools.chain")
def chain(call: Call, *iterables: Value) -> Value:
    """Sequences one after another."""
    if call.open_args:
        return Sequence("iterator", None, None)
    return joined(call, "iterator", *(iterable(call, value) or Sequence("iterator", None, None) for value in iterables))


@model("itertools.chain.from_iterable")
def chain_from(call: Call, iterable_: Value) -> Value:
    """The items of all items."""
    found = iterable(call, iterable_)
    if found is None or isinstance(iterable_, Unknown):
        return Sequence("iterator", None, None)
    if found.items is not None:
        return chain(call, *found.items)
    inner = iterable(call, element_of(call, found))
    if inner is None:
        return Sequence("iterator", None, None)
    length = None if found.length is None or inner.length is None else found.length * inner.length
    return Sequence("iterator", None, length, element_of(call, inner))


@model(
    "itertools.product", "itertools.combinations", "itertools.permutations", "itertools.combinations_with_replacement"
)
def selections(call: Call, *args: Value, repeat: Value | None = None) -> Value:
    """Tuples of items: one by one where there are few."""
    name = member(call)
    if name == "product":
        parts = [iterable(call, value) for value in args] * (call.constant(repeat, 1) if repeat is not None else 1)
        size: object = None
    else:
        parts = [iterable(call, args[0])] if args else []
        size = call.constant(args[1]) if len(args) > 1 else None
        if len(args) == 1 and name == "permutations" and parts[0] is not None:
            size = parts[0].length
    known = [part.items for part in parts if part is not None and part.items is not None]
    if call.open_args or len(known) < len(parts) or not parts or not _few(name, known, size):
        return Sequence("iterator", None, None)
    rows = itertools.product(*known) if name == "product" else getattr(itertools, name)(known[0], size)
    return of_items(call, "iterator", [tuple_of(*row) for row in rows])


def _few(name: str, known: list[tuple[Value, ...]], size: object) -> bool:
    if name == "product":
        return math.prod(len(items) for items in known) <= budget.MAX_ITEMS
    return isinstance(size, int) and 0 <= size <= 8 and (len(known[0]) + size) ** size <= 64 * budget.MAX_ITEMS


@model("itertools.repeat")
def repeat_(call: Call, object_: Value, times: Value | None = None) -> Value:
    """One value again and again."""
    count = call.dim(times)
    if isinstance(count, int) and count <= budget.MAX_ITEMS:
        return of_items(call, "iterator", [object_] * max(count, 0))
    return Sequence("iterator", None, None if count is None else maximum(count, 0), object_)


@model("itertools.cycle")
def cycle(call: Call, iterable_: Value) -> Value:
    """The items over and over."""
    found = iterable(call, iterable_)
    return Sequence("iterator", None, None, None if found is None else element_of(call, found))


@model("itertools.count")
def count(call: Call, start: Value | None = None, step: Value | None = None) -> Value:
    """Numbers without end."""
    first = as_dim(start or Const(0))
    lower = first if isinstance(first, int) and step is None else None
    return Sequence("iterator", None, None, index_element("i", lower))


@model("itertools.islice")
def islice(call: Call, iterable_: Value, *args: Value) -> Value:
    """Some of the items."""
    found = iterable(call, iterable_)
    bounds = [Const(None), *args] if len(args) == 1 else list(args)
    parts = [None if part == NONE else as_dim(part) for part in (*bounds, NONE, NONE, NONE)[:3]]
    if found is None:
        return Sequence("iterator", None, None)
    constants = [part.value for part in bounds if isinstance(part, Const) and isinstance(part.value, (int, NoneType))]
    if found.items is not None and len(constants) == len(bounds) and 0 not in constants[2:]:
        return of_items(call, "iterator", found.items[slice(*constants)])
    unclear = found.length is None or any(part is None and bound != NONE for part, bound in zip(parts, bounds))
    length = None if unclear or found.length is None else slice_length(found.length, *parts)
    return Sequence("iterator", None, length, element_of(call, found))


@model("itertools.zip_longest")
def zip_longest(call: Call, *iterables: Value, fillvalue: Value | None = None) -> Value:
    """Tuples of items; what is missing is filled."""
    return Sequence("iterator", None, None, tuple_of(*(unknown("an element") for _ in iterables)))


# --- operator --------------------------------------------------------------------------------------------------------

_OPERATORS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
}
_COMPARISONS = {"lt": "<", "le": "<=", "eq": "==", "ne": "!=", "gt": ">", "ge": ">="}


@model(*(f"operator.{name}" for name in _OPERATORS))
def arithmetic(call: Call, a: Value, b: Value) -> Value:
    return call.interpreter.binary(a, _OPERATORS[member(call)], b, call.site)


@model(*(f"operator.{name}" for name in _COMPARISONS))
def comparison(call: Call, a: Value, b: Value) -> Value:
    return call.interpreter.compare(a, _COMPARISONS[member(call)], b, call.site)


@model("operator.getitem")
def getitem(call: Call, a: Value, b: Value) -> Value:
    return call.interpreter.subscript(a, b, call.site)


@model("operator.itemgetter", "operator.attrgetter")
def getter(call: Call, item: Value, *more: Value) -> Value:
    """A function that takes one item or attribute."""
    if more or call.open_args:
        return call.unknown()
    return Partial(External(f"operator.{member(call)}.apply"), (item,), ())


@model("operator.itemgetter.apply")
def get_item(call: Call, item: Value, subject: Value) -> Value:
    return call.interpreter.subscript(subject, item, call.site)


@model("operator.attrgetter.apply")
def get_attribute(call: Call, name: Value, subject: Value) -> Value:
    text = call.constant(name)
    return call.attribute(subject, text) if isinstance(text, str) and text.isidentifier() else call.unknown()


# --- random ----------------------------------------------------------------------------------------------------------

_RANDOM_FLOATS = (
    "random", "uniform", "gauss", "normalvariate", "triangular", "betavariate", "expovariate", "gammavariate",
    "lognormvariate", "vonmisesvariate", "paretovariate", "weibullvariate",
)  # fmt: skip


@model(*(f"random.{name}" for name in _RANDOM_FLOATS), "time.time", "time.perf_counter", "time.process_time",
       "time.monotonic")  # fmt: skip
def random_float(call: Call) -> Value:
    """A float that is never the same again."""
    return call.unknown(number="float")


@model("random.randint", "random.randrange")
def random_int(call: Call, a: Value, b: Value | None = None, step: Value | None = None) -> Value:
    """An int between the ends."""
    low, high = (Const(0), a) if b is None else (a, b)
    first, last = call.constant(low), call.constant(high)
    if isinstance(last, int) and member(call) == "randrange":
        last -= 1
    lower = first if isinstance(first, int) else None
    upper = last if isinstance(last, int) else None
    return from_dim(symbol(f"{member(call)}(…)", None, lower=lower, upper=upper))


@model("random.choice")
def choice(call: Call, seq: Value) -> Value:
    """Any item."""
    found = iterable(call, seq)
    return call.unknown() if found is None or isinstance(seq, Unknown) else element_of(call, found)


@model("random.sample", "random.choices")
def sample(call: Call, population: Value, k: Value | None = None, weights: Value | None = None) -> Value:
    """A list of `k` items."""
    found = iterable(call, population)
    size: Dim | None = 1 if member(call) == "choices" else None
    if member(call) == "choices":
        k = call.keywords.get("k")
    if k is not None:
        size = call.dim(k)
    return call.new_sequence(Sequence("list", None, size, None if found is None else element_of(call, found)))


@model("random.shuffle")
def shuffle(call: Call, x: Value) -> Value:
    """The items in another order; arrays keep their shape."""
    change_list(call, x, lambda content: unordered(call, content.kind, content))
    return NONE


@model("random.Random", "random.SystemRandom")
def generator(call: Call, seed: Value | None = None) -> Value:
    """A generator of its own has the functions of the module as methods."""
    return External("random")


# --- input and output ------------------------------------------------------------------------------------------------


@model("platform.system", "platform.node", "socket.gethostname", "platform.python_version")
def machine_text(call: Call) -> Value:
    return Text(fresh_key())
