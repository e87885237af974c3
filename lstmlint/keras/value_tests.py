"""What can be wrong with the value of an argument: tests that hold for certain, with symbolic sizes and unknown parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lstmlint.keras.layers.base import UNKNOWN, Argument, Layer, Named
from lstmlint.keras.signatures import layer_class
from lstmlint.keras.versions import Version
from lstmlint.shapes.dims import Answer, SymbolicDim, at_most, less

#: Whether a value is certainly wrong, and for which version.
Test = Callable[[Argument, Version], bool]


def any_of(*tests: Test) -> Test:
    """Wrong by one of several tests."""
    return lambda value, version: any(test(value, version) for test in tests)


def below(limit: int) -> Test:
    """A number that is certainly below `limit`."""

    def is_wrong(value: Argument, version: Version) -> bool:
        if isinstance(value, (int, SymbolicDim)):
            return less(value, limit) is Answer.YES
        return isinstance(value, float) and value < limit

    return is_wrong


def no_whole_number(value: Argument, version: Version) -> bool:
    """Neither an int nor something that may be one."""
    return isinstance(value, (float, str, tuple))


def is_text(value: Argument, version: Version) -> bool:
    return isinstance(value, str)


def is_float(value: Argument, version: Version) -> bool:
    return isinstance(value, float)


def is_none(value: Argument, version: Version) -> bool:
    return value is None


def is_sequence(value: Argument, version: Version) -> bool:
    return isinstance(value, tuple)


def is_whole(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, SymbolicDim)) and not isinstance(value, bool)


def is_number(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, float, SymbolicDim))


def is_fraction(value: Argument, version: Version) -> bool:
    return isinstance(value, float) and not value.is_integer()


def no_activation(value: Argument, version: Version) -> bool:
    """Nothing that could be an activation; strings are looked at in `strings`."""
    return isinstance(value, (int, float, tuple, SymbolicDim))


def text_or_number(value: Argument, version: Version) -> bool:
    return isinstance(value, (str, int, float, SymbolicDim))


def reads_as_false(value: Argument, version: Version) -> bool:
    """A string that people read as false; any string with letters is true."""
    return isinstance(value, str) and value.strip().lower() in ("false", "no", "none", "0", "off")


def is_layer_class(value: Argument, version: Version) -> bool:
    """A class of Keras's own layers where a layer is due."""
    if not isinstance(value, Named):
        return False
    module, _, name = value.name.rpartition(".")
    return module.endswith("keras.layers") and name[:1].isupper() and layer_class(name, version) is not None


def outside_unit(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, float)) and not 0 <= value <= 1


def drops_all(value: Argument, version: Version) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == 1


def not_among(*names: str | None) -> Test:
    def is_wrong(value: Argument, version: Version) -> bool:
        return (value is None or isinstance(value, (str, int))) and value not in names

    return is_wrong


def word_not_among(*names: str) -> Test:
    """A word of another kind; words are lower-cased first."""

    def is_wrong(value: Argument, version: Version) -> bool:
        return isinstance(value, str) and value.lower() not in names

    return is_wrong


def no_name(value: Argument, version: Version) -> bool:
    """What is no string, or one with a slash."""
    return isinstance(value, (int, float, tuple)) or (isinstance(value, str) and "/" in value)


def no_word(value: Argument, version: Version) -> bool:
    """Something that cannot be lower-cased."""
    return value is None or isinstance(value, (int, float)) and not isinstance(value, bool)


def not_of_length(count: int) -> Test:
    return lambda value, version: isinstance(value, tuple) and len(value) != count


def has_none_left(value: Argument, version: Version) -> bool:
    """A size, or one of several, that is certainly 0 or less."""
    return has_below(1)(value, version)


def has_below(least: int) -> Test:
    """A size, or one of several, that is certainly below `least`."""

    def is_wrong(value: Argument, version: Version) -> bool:
        items = value if isinstance(value, tuple) else (value,)
        return any(isinstance(i, (int, SymbolicDim)) and at_most(i, least - 1) is Answer.YES for i in items)

    return is_wrong


def has_zero(value: Argument, version: Version) -> bool:
    items = value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, int) and item == 0 for item in items)


def no_sizes(count: int, least: int, *, none: bool = False) -> Test:
    """No size, nor `count` of them, all of them at least `least`; `none`: None is wrong, too."""
    by_number = has_below(least)

    def is_wrong(value: Argument, version: Version) -> bool:
        if isinstance(value, tuple):
            return len(value) != count or by_number(value, version)
        if value is None:
            return none
        return isinstance(value, (str, float)) or by_number(value, version)

    return is_wrong


def no_pairs(axes: int) -> Test:
    """Neither one number nor one for each axis nor a pair for each (for one axis: a number or a pair)."""
    pair = no_sizes(2, 0)
    if axes == 1:
        return pair

    def is_wrong(value: Argument, version: Version) -> bool:
        if isinstance(value, str):
            return len(value) != axes
        if isinstance(value, tuple):
            return len(value) != axes or any(item is not UNKNOWN and pair(item, version) for item in value)
        return isinstance(value, float)

    return is_wrong


def no_range(low: int, high: int) -> Test:
    """Neither a number between `low` and `high` nor two of them."""

    def is_wrong(value: Argument, version: Version) -> bool:
        items = value if isinstance(value, tuple) else (value,)
        numbers = [item for item in items if isinstance(item, (int, float))]
        wrong_count = isinstance(value, tuple) and len(value) != 2
        return isinstance(value, str) or wrong_count or any(not low <= number <= high for number in numbers)

    return is_wrong


def no_bounds(is_wrong: Callable[[float, float], bool], *, mirrored: bool = True) -> Test:
    """Wrong as a lower and an upper bound: the first two of a tuple, or one number for `-number` (`mirrored`) or itself."""

    def tested(value: Argument, version: Version) -> bool:
        if isinstance(value, tuple):
            bounds = value[:2]
        else:
            bounds = (-value if mirrored else value, value) if isinstance(value, (int, float)) else ()
        return len(bounds) == 2 and all(isinstance(each, (int, float)) for each in bounds) and is_wrong(*bounds)

    return tested


def two_unknown(value: Argument, version: Version) -> bool:
    return isinstance(value, tuple) and sum(isinstance(item, int) and item == -1 for item in value) > 1


def has_negative_size(value: Argument, version: Version) -> bool:
    """A size below -1, which stands for what is left over."""
    return isinstance(value, tuple) and any(isinstance(item, int) and item < -1 for item in value)


def not_all_equal(value: Argument, version: Version) -> bool:
    """Numbers of which some differ."""
    return isinstance(value, tuple) and all(isinstance(item, int) for item in value) and len(set(value)) > 1


def has_no_whole(value: Argument, version: Version) -> bool:
    """A size, among several, that is no whole number."""
    return isinstance(value, tuple) and any(isinstance(item, (float, str)) for item in value)


def no_order(value: Argument, version: Version) -> bool:
    if not isinstance(value, tuple) or not all(isinstance(item, int) for item in value):
        return False
    return sorted(value) != list(range(1, len(value) + 1))


def not_recurrent(recurrent: frozenset[str]) -> Test:
    """A layer of Keras's own that certainly cannot run backwards."""

    def is_wrong(value: Argument, version: Version) -> bool:
        return isinstance(value, Layer) and value.rule.grade != "opaque" and value.class_name not in recurrent

    return is_wrong


def no_cell(recurrent: frozenset[str]) -> Test:
    """A number, or a layer of Keras's own that is not called on a step and its states.

    The recurrent layers of K3 look like cells; it is their call that fails.
    """

    def is_wrong(value: Argument, version: Version) -> bool:
        if isinstance(value, Layer):
            looks_right = "states" in value.rule.inputs or (version is Version.K3 and value.class_name in recurrent)
            return value.rule.grade != "opaque" and not looks_right
        return is_number(value, version)

    return is_wrong


def no_axes(value: Any, version: Version) -> bool:
    """Neither an axis nor several."""
    return value is None or isinstance(value, (str, float))
