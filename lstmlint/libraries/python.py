"""Python's built-in functions and the constructors of its numbers."""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.interpreter import budget
from lstmlint.interpreter.attributes import ancestors
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import ClassObject, Instance
from lstmlint.interpreter.values import (
    FALSE,
    NONE,
    STEP,
    TRUE,
    Const,
    External,
    Foreign,
    Function,
    Ref,
    Sequence,
    SliceValue,
    Symbolic,
    Text,
    Truth,
    Unknown,
    Value,
    as_dim,
    element_ident,
    fresh_key,
    from_dim,
    is_number,
    is_text,
    tuple_of,
    unknown,
)
from lstmlint.libraries.python_values import (
    Identity,
    class_of,
    element_of,
    fold,
    index_element,
    is_int,
    iterable,
    length_of,
    member,
    named,
    of_items,
    pure_key,
    quotient,
    shortest,
    special,
    spelled,
    type_name,
    unordered,
)
from lstmlint.libraries.registry import model
from lstmlint.shapes.dims import Answer, Dim, bounds, ceil_div, less, maximum, minimum, of_factor, symbol, symbols

# --- iteration -------------------------------------------------------------------------------------------------------


@model("builtins.len")
def length(call: Call, obj: Value) -> Value:
    """`len(obj)`, the same symbol for the same content."""
    return length_of(call, obj)


@model("builtins.range", "builtins.xrange")
def range_(call: Call, start: Value | None = None, stop: Value | None = None, step: Value | None = None) -> Value:
    """The numbers of a range.  Symbolic ends: the difference of the ends, for a loop is taken to run at least once."""
    if start is None or call.open_args:
        return Sequence("range", None, None, index_element(lower=None))
    first, last = (Const(0), start) if stop is None else (start, stop)
    begin, end, stride = as_dim(first), as_dim(last), as_dim(step or Const(1))
    if begin is None or end is None or stride is None or stride == 0:
        return Sequence("range", None, None, unknown("index", number="int"))
    if isinstance(begin, int) and isinstance(end, int) and isinstance(stride, int):
        numbers = range(begin, end, stride)
        if len(numbers) <= budget.MAX_ITEMS:
            return Sequence("range", tuple(map(Const, numbers)), len(numbers))
        return Sequence("range", None, len(numbers), index_element("i", *sorted((numbers[0], numbers[-1]))))
    return Sequence("range", None, _range_length(begin, end, stride), _range_element(begin, stride))


def _range_length(begin: Dim, end: Dim, stride: Dim) -> Dim:
    backward = less(stride, 0) is Answer.YES
    count = ceil_div(begin - end, -stride) if backward else ceil_div(end - begin, stride)
    return 0 if less(count, 0) is Answer.YES else count


def _range_element(begin: Dim, stride: Dim) -> Value:
    low, high = bounds(begin)
    limits = (None, high) if less(stride, 0) is Answer.YES else (low if less(0, stride) is Answer.YES else None, None)
    ident = ("distinct", (_RANGE, begin, stride, fresh_key()))
    return Symbolic(symbol("i", ident, lower=limits[0], upper=limits[1]))


#: What begins the identity of the element of a range, before its start and step.
_RANGE = "range"


@model("builtins.enumerate")
def enumerate_(call: Call, iterable_: Value, start: Value | None = None) -> Value:
    """Pairs of a number and an item."""
    found = iterable(call, iterable_)
    offset = as_dim(start or Const(0))
    if found is None or offset is None:
        length = None if found is None else found.length
        element = unknown("an element") if found is None else element_of(call, found)
        return Sequence("iterator", None, length, tuple_of(index_element(lower=None), element))
    if found.items is not None:
        pairs = [tuple_of(from_dim(offset + index), item) for index, item in enumerate(found.items)]
        return of_items(call, "iterator", pairs)
    last = None if found.length is None else offset + found.length - 1
    index = symbol("i", element_ident("distinct", last), lower=bounds(offset)[0])
    return Sequence("iterator", None, found.length, tuple_of(from_dim(index), element_of(call, found)))


@model("builtins.zip", "itertools.izip")
def zip_(call: Call, *iterables: Value) -> Value:
    """Tuples of the items at the same place, as many as the shortest has."""
    parts = [iterable(call, value) for value in iterables]
    known = [part for part in parts if part is not None]
    if call.open_args:
        return _transposed(call) if not iterables else Sequence("iterator", None, None, unknown("an element"))
    if len(known) == len(parts) and all(part.items is not None for part in known):
        rows = zip(*(part.items for part in known if part.items is not None))
        return of_items(call, "iterator", [tuple_of(*row) for row in rows])
    length = shortest(None if part is None else part.length for part in parts)
    row = [unknown("an element") if part is None else element_of(call, part) for part in parts]
    return Sequence("iterator", None, length, tuple_of(*_in_step(row)))


def _in_step(row: list[Value]) -> list[Value]:
    """The items of one row: ranges of one step go on together, so that their items differ by as much as their starts."""
    ranges = {place: _start_and_step(item) for place, item in enumerate(row)}
    known = {place: found for place, found in ranges.items() if found is not None}
    if len(known) < 2 or len({step for _, step in known.values()}) > 1:
        return row
    index = symbol("i", ("distinct", (STEP, fresh_key())))
    return [
        from_dim(known[place][0] + index * known[place][1]) if place in known else item
        for place, item in enumerate(row)
    ]


def _start_and_step(item: Value) -> tuple[Dim, int] | None:
    """Where the range starts whose element an item is, and its step."""
    found = list(symbols(item.dim)) if isinstance(item, Symbolic) else []
    key = found[0].key if len(found) == 1 else None
    inner = key[1] if isinstance(key, tuple) and len(key) == 2 else None
    if not isinstance(inner, tuple) or inner[0] != _RANGE or item != Symbolic(of_factor(found[0])):
        return None
    return (inner[1], inner[2]) if isinstance(inner[2], int) else None


def _transposed(call: Call) -> Sequence:
    """`zip(*rows)`: one tuple for each item of a row, as long as there are rows."""
    row = call.sequence(call.rest)
    if row is None or row.items is None:
        return Sequence("iterator", None, None, unknown("an element"))
    columns = tuple(Sequence("tuple", None, None, item) for item in row.items)
    return Sequence("iterator", columns, len(columns))


@model("builtins.map", "itertools.imap")
def map_(call: Call, function: Value, *iterables: Value) -> Value:
    """The function's value for each item; called once for all when the items are not known."""
    zipped = zip_(call, *iterables)
    assert isinstance(zipped, Sequence)
    if zipped.items is not None and len(zipped.items) <= budget.MAX_UNROLLED_ITEMS:
        rows = [row.items for row in zipped.items if isinstance(row, Sequence) and row.items is not None]
        return of_items(call, "iterator", [call.call(function, *row) for row in rows])
    if call.open_args:
        return Sequence("iterator", None, None, unknown("an element"))
    element = element_of(call, zipped)
    arguments = element.items if isinstance(element, Sequence) and element.items is not None else (element,)
    return Sequence("iterator", None, zipped.length, call.call(function, *arguments))


@model("builtins.filter")
def filter_(call: Call, function: Value, iterable_: Value) -> Value:
    """The items for which the function's value is true."""
    found = iterable(call, iterable_)
    if found is None:
        return Sequence("iterator", None, None, unknown("an element"))
    plain = isinstance(function, Const) and function.value is None
    if found.items is not None and len(found.items) <= budget.MAX_UNROLLED_ITEMS:
        truths = [call.interpreter.truth(item if plain else call.call(function, item)) for item in found.items]
        if None not in truths:
            return of_items(call, "iterator", [item for item, truth in zip(found.items, truths) if truth])
    elif not plain:
        call.call(function, element_of(call, found))
    return Sequence("iterator", None, call.symbol("len({})"), element_of(call, found))


@model("builtins.reversed")
def reversed_(call: Call, sequence: Value) -> Value:
    """The items in reverse."""
    found = iterable(call, sequence)
    if found is None:
        return Sequence("iterator", None, None, unknown("an element"))
    if found.items is not None:
        return of_items(call, "iterator", found.items[::-1])
    return Sequence("iterator", None, found.length, found.element)


@model("builtins.sorted")
def sorted_(call: Call, iterable_: Value, key: Value | None = None, reverse: Value | None = None) -> Value:
    """A list of the items in order; constants of one type are sorted, of others the order is not known."""
    found = iterable(call, iterable_)
    if found is None:
        return call.new_sequence(Sequence("list", None, None, unknown("an element")))
    return call.new_sequence(sorted_content(call, found, key, reverse))


def sorted_content(call: Call, found: Sequence, key: Value | None, reverse: Value | None) -> Sequence:
    """The list that sorting makes."""
    plain = (key is None or key == NONE) and (reverse is None or isinstance(reverse, Const))
    if plain and found.items is not None and all(isinstance(item, Const) for item in found.items):
        constants = [item.value for item in found.items if isinstance(item, Const)]
        try:
            ordered = sorted(constants, reverse=bool(isinstance(reverse, Const) and reverse.value))
        except TypeError:
            return unordered(call, "list", found)
        return of_items(call, "list", map(Const, ordered))
    return unordered(call, "list", found)


@model("builtins.iter")
def iter_(call: Call, object_: Value, sentinel: Value | None = None) -> Value:
    """Any element, of a number that is not known: `next` takes some away.  A library's object stays what it is."""
    if isinstance(object_, (Foreign, Unknown)) or (
        isinstance(object_, Ref) and object_.kind not in ("list", "set", "dict")
    ):
        return object_
    found = iterable(call, object_)
    return Sequence("iterator", None, None, None if found is None else element_of(call, found))


@model("builtins.next")
def next_(call: Call, iterator: Value, default: Value | None = None) -> Value:
    """Any element: how far the iterator has come is not followed."""
    if isinstance(iterator, Unknown):
        return unknown(f"next({iterator.name})")
    found = special(call, iterator, "__next__")
    if found is not None:
        return found
    sequence = iterable(call, iterator)
    return unknown("next(…)") if sequence is None or default is not None else element_of(call, sequence)


# --- numbers ---------------------------------------------------------------------------------------------------------


@model("builtins.int", "builtins.long", "math.trunc")
def int_(call: Call, x: Value | None = None, base: Value | None = None) -> Value:
    """The whole part.  `int(n / 2)` is `n // 2`; of another float a symbol, the same for the same float."""
    if x is None:
        return Const(0)
    folded = fold(int, x) if base is None else fold(int, x, base)
    if folded is not None:
        return folded
    if is_int(x):
        return x
    parts = quotient(x)
    if parts is not None and _at_least(parts[0], 0) and _at_least(parts[1], 1):
        return from_dim(parts[0] // parts[1])
    return rounded(call, "int", x)


def rounded(call: Call, function: str, x: Value) -> Value:
    """The symbol for an int made from something that is not known."""
    return Symbolic(symbol(named(call, function), (function, pure_key(x)), lower=None))


def _at_least(dim: Dim, low: int) -> bool:
    return less(dim, low) is Answer.NO


@model("math.floor")
def floor(call: Call, x: Value) -> Value:
    """The next whole number below."""
    return _to_whole(call, x, lambda above, below: above // below)


@model("math.ceil")
def ceil(call: Call, x: Value) -> Value:
    """The next whole number above."""
    return _to_whole(call, x, ceil_div)


def _to_whole(call: Call, x: Value, divide: Callable[[Dim, Dim], Dim]) -> Value:
    import math

    folded = fold(getattr(math, member(call)), x)
    if folded is not None or is_int(x):
        return folded or x
    parts = quotient(x)
    if parts is not None and _at_least(parts[1], 1):
        return from_dim(divide(*parts))
    return rounded(call, member(call), x)


@model("builtins.round")
def round_(call: Call, number: Value, ndigits: Value | None = None) -> Value:
    """The nearest whole number, or a float when digits are asked for."""
    given = ndigits is not None and ndigits != NONE
    folded = fold(round, number, ndigits) if given and ndigits is not None else fold(round, number)
    if folded is not None:
        return folded
    if is_int(number) and not given:
        return number
    found = special(call, number, "__round__")
    if found is not None:
        return found
    return rounded(call, "round", number) if is_number(number) and not given else call.unknown(number=_kind(number))


def _kind(value: Value) -> str | None:
    return "int" if is_int(value) else "float" if is_number(value) else None


@model("builtins.float")
def float_(call: Call, x: Value | None = None) -> Value:
    """A float, the same for the same argument."""
    if x is None:
        return Const(0.0)
    return fold(float, x) or Unknown(("float", pure_key(x)), f"float({spelled(call)})", "float")


@model("builtins.bool")
def bool_(call: Call, x: Value | None = None) -> Value:
    """The truth of a value."""
    if x is None or isinstance(x, Truth):
        return x or FALSE
    known = call.interpreter.truth(x)
    return Unknown(("bool", pure_key(x)), f"bool({spelled(call)})") if known is None else Const(known)


@model("builtins.complex")
def complex_(call: Call, real: Value | None = None, imag: Value | None = None) -> Value:
    return call.unknown()


@model("builtins.abs")
def abs_(call: Call, x: Value) -> Value:
    """The size of a number without its sign."""
    dim = x.dim if isinstance(x, Symbolic) else None
    if dim is not None and _at_least(dim, 0):
        return x
    found = fold(abs, x) or special(call, x, "__abs__")
    return found or Unknown(("abs", pure_key(x)), f"abs({spelled(call)})", _kind(x))


@model("builtins.divmod")
def divmod_(call: Call, a: Value, b: Value) -> Value:
    """Quotient and remainder."""
    run = call.interpreter
    return tuple_of(run.binary(a, "//", b, call.site), run.binary(a, "%", b, call.site))


@model("builtins.pow")
def pow_(call: Call, base: Value, exp: Value, mod: Value | None = None) -> Value:
    return call.interpreter.binary(base, "**", exp, call.site) if mod is None else call.unknown(number="int")


@model("builtins.sum", "math.fsum")
def sum_(call: Call, iterable_: Value, start: Value | None = None) -> Value:
    """The items added up."""
    found = iterable(call, iterable_)
    if found is None:
        return call.unknown()
    if found.items is not None and len(found.items) <= budget.MAX_ITEMS:
        total: Value = start or Const(0)
        for item in found.items:
            total = call.interpreter.binary(total, "+", item, call.site)
        return total
    element = element_of(call, found)
    if is_number(element):
        return unknown(named(call, "sum"), number=_kind(element))
    return call.interpreter.binary(element, "+", element, call.site) if isinstance(element, Foreign) else call.unknown()


@model("builtins.min", "builtins.max")
def extreme(call: Call, *args: Value, key: Value | None = None, default: Value | None = None) -> Value:
    """The least or greatest of several values or of a sequence."""
    name = member(call)
    if call.open_args or not args:
        return call.unknown()
    if len(args) > 1:
        return _extreme_of(call, name, list(args), plain=key is None or key == NONE)
    found = iterable(call, args[0])
    if found is None or isinstance(args[0], (Unknown, Foreign)):
        return Unknown((name, pure_key(args[0])), named(call, name))
    if default is not None and not found.items:
        return default if found.items is not None else call.unknown()
    if found.items:
        return _extreme_of(call, name, list(found.items), plain=key is None or key == NONE)
    element = element_of(call, found)
    if not is_int(element):
        return Unknown((name, Identity(found)), named(call, name), _kind(element))
    low, high = bounds(as_dim(element) or 0) if isinstance(element, Symbolic) else (None, None)
    return from_dim(symbol(named(call, name), (name, Identity(found)), lower=low, upper=high))


def _extreme_of(call: Call, name: str, values: list[Value], *, plain: bool) -> Value:
    if not plain:
        return element_of(call, of_items(call, "list", values))
    folded = fold(max if name == "max" else min, *values)
    if folded is not None or len(values) == 1:
        return folded or values[0]
    if all(isinstance(value, (Const, Symbolic)) and is_int(value) for value in values):
        choose = maximum if name == "max" else minimum
        result = as_dim(values[0]) or 0
        for value in values[1:]:
            result = choose(result, as_dim(value) or 0)
        return from_dim(result)
    kind = "int" if all(map(is_int, values)) else "float" if all(map(is_number, values)) else None
    return Unknown((name, tuple(map(pure_key, values))), f"{name}(…)", kind)


@model("builtins.any", "builtins.all")
def quantified(call: Call, iterable_: Value) -> Value:
    """Whether any, or every, item is true."""
    found = iterable(call, iterable_)
    deciding = member(call) == "any"
    if found is None or found.items is None or isinstance(iterable_, Unknown):
        return call.unknown()
    truths = [call.interpreter.truth(item) for item in found.items]
    if deciding in truths:
        return Const(deciding)
    return call.unknown() if None in truths else Const(not deciding)


# --- types and attributes --------------------------------------------------------------------------------------------

#: Types of which no value is an instance of another one of them.
_APART = frozenset({
    "builtins.str", "builtins.bytes", "builtins.int", "builtins.float", "builtins.list", "builtins.tuple",
    "builtins.dict", "builtins.set", "builtins.NoneType", "numpy.ndarray", "pandas.DataFrame", "pandas.Series",
    "tensorflow.Tensor",
})  # fmt: skip


@model("builtins.isinstance")
def isinstance_(call: Call, object_: Value, classinfo: Value) -> Value:
    """Whether a value has one of the types; undecided it is the same condition for the same value and types."""
    own = class_of(call, object_)
    wanted = call.items(classinfo) if isinstance(classinfo, Sequence) else (classinfo,)
    answers = [_descends(call, own, cls) for cls in wanted or ()]
    if TRUE in answers:
        return TRUE
    if answers and all(answer == FALSE for answer in answers):
        return FALSE
    name = f"isinstance({spelled(call)}, {spelled(call, 1)})"
    return Unknown(("isinstance", object_.key, classinfo.key), name)


def _descends(call: Call, own: Value | None, wanted: Value) -> Value | None:
    if own is None:
        return None
    classes = ancestors(call.interpreter, own) if isinstance(own, Ref) else [own]
    if wanted in classes or wanted == External("builtins.object"):
        return TRUE
    if own == External("builtins.bool"):
        return TRUE if wanted == External("builtins.int") else FALSE if _apart(wanted) else None
    if _apart(own):
        return FALSE if _apart(wanted) or wanted == External("builtins.bool") or isinstance(wanted, Ref) else None
    complete = all(isinstance(cls, Ref) or cls == External("builtins.object") for cls in classes)
    return FALSE if complete and isinstance(wanted, Ref) else None


def _apart(cls: Value) -> bool:
    return isinstance(cls, External) and cls.name in _APART


@model("builtins.type")
def type_(call: Call, object_: Value, bases: Value | None = None, namespace: Value | None = None) -> Value:
    """The class of a value."""
    found = class_of(call, object_) if bases is None else None
    return found or Unknown(("type", pure_key(object_)), f"type({spelled(call)})")


@model("builtins.callable")
def callable_(call: Call, object_: Value) -> Value:
    """Whether a value can be called, where that is sure."""
    if isinstance(object_, Function) or (isinstance(object_, Ref) and object_.kind == "class"):
        return TRUE
    name = type_name(object_)
    return FALSE if name in _APART else call.unknown()


@model("builtins.hasattr")
def hasattr_(call: Call, object_: Value, name: Value) -> Value:
    """A condition, the same for the same object and name: what is behind it is for other versions as well."""
    return Unknown(("hasattr", object_.key, name.key), f"hasattr({spelled(call)}, {call.constant(name, '…')!r})")


@model("builtins.getattr")
def getattr_(call: Call, object_: Value, name: Value, default: Value | None = None) -> Value:
    """`object.name` for a constant name.  With a default: unknown where the attribute is."""
    text = call.constant(name)
    return call.attribute(object_, text) if isinstance(text, str) else call.unknown()


@model("builtins.setattr")
def setattr_(call: Call, object_: Value, name: Value, value: Value) -> Value:
    """`object.name = value` on an instance or class of the program; elsewhere the object is forgotten."""
    text = call.constant(name)
    found = call.interpreter.state.write(object_) if isinstance(object_, Ref) else None
    if isinstance(found, (Instance, ClassObject)) and isinstance(text, str):
        found.attributes[text] = value
    else:
        call.forget(object_)
    return NONE


@model("builtins.vars")
def vars_(call: Call, object_: Value | None = None) -> Value:
    """The attributes of an instance as a dict of its own."""
    found = call.interpreter.state.read(object_) if isinstance(object_, Ref) else None
    if not isinstance(found, Instance) or found.open_:
        return call.unknown()
    from lstmlint.libraries.python_containers import new_dict

    return new_dict(call, [(Const(name), value) for name, value in found.attributes.items()])


# --- text and the rest -----------------------------------------------------------------------------------------------


@model("builtins.str", "builtins.unicode", "builtins.repr", "builtins.ascii")
def str_(call: Call, object_: Value | None = None, encoding: Value | None = None, errors: Value | None = None) -> Value:
    """The text of a value."""
    if object_ is None:
        return Const("")
    if is_text(object_) and member(call) in ("str", "unicode"):
        return object_
    convert: Callable[..., object] = {"repr": repr, "ascii": ascii}.get(member(call), str)
    return fold(convert, object_) or Text((member(call), pure_key(object_)))


@model("builtins.chr")
def chr_(call: Call, i: Value) -> Value:
    return fold(chr, i) or Text(("chr", pure_key(i)))


@model("builtins.ord", "builtins.hash", "builtins.id")
def to_int(call: Call, object_: Value) -> Value:
    """A number that is known only for `ord` of a constant."""
    folded = fold(ord, object_) if member(call) == "ord" else None
    return folded or Unknown((member(call), pure_key(object_)), f"{member(call)}({spelled(call)})", "int")


@model("builtins.input", "builtins.raw_input", "builtins.hex", "builtins.oct", "builtins.bin")
def to_text(call: Call, object_: Value | None = None) -> Value:
    return Text(fresh_key())


@model("builtins.print", "builtins.delattr", "pprint.pprint", "gc.collect", "warnings.filterwarnings",
       "warnings.simplefilter", "time.sleep", "random.seed", "logging.info", "logging.basicConfig")  # fmt: skip
def to_none(call: Call, *args: Value) -> Value:
    return NONE


@model("builtins.slice")
def slice_(call: Call, start: Value, stop: Value | None = None, step: Value | None = None) -> Value:
    if stop is None:
        return SliceValue(NONE, start, NONE)
    return SliceValue(start, stop, step or NONE)
