"""Types of the elements of arrays: numpy's names, and two of our own where only part is known."""

from __future__ import annotations

from lstmlint.interpreter.values import Const, External, Value

#: Numbers of which it is not known whether they are whole.
NUMBERS = "number"

#: Single numbers or texts: what a cell of a text file holds.  None, in contrast, may also hold whole arrays or lists.
SCALARS = "scalar"

_SHORT = {
    "float": "float64",
    "double": "float64",
    "single": "float32",
    "half": "float16",
    "float_": "float64",
    "f": "float32",
    "f4": "float32",
    "f8": "float64",
    "d": "float64",
    "int": "int64",
    "int_": "int64",
    "long": "int64",
    "i": "int32",
    "i4": "int32",
    "i8": "int64",
    "u1": "uint8",
    "bool_": "bool",
    "str_": "str",
    "object_": "object",
    "U": "str",
    "O": "object",
}

_NUMERIC = ("bool", "int", "uint", "float", "complex")


def dtype_of(value: Value | None, default: str | None = None) -> str | None:
    """The dtype that an argument names (`"float32"`, `np.float32`, `float`); `default` when it is not given."""
    if value is None or (isinstance(value, Const) and value.value is None):
        return default
    if isinstance(value, External):
        word = value.name.rpartition(".")[2]
    elif isinstance(value, Const) and isinstance(value.value, str):
        word = value.value.lstrip("<>=|")
    else:
        return None
    word = _SHORT.get(word, word)
    return word if is_scalar(word) or word == "object" else None


def is_integer(dtype: str | None) -> bool:
    """Whether all elements are whole numbers, and not bools."""
    return dtype is not None and dtype.startswith(("int", "uint"))


def is_float(dtype: str | None) -> bool:
    """Whether all elements are real numbers that need not be whole."""
    return dtype is not None and (dtype.startswith("float") or dtype == NUMBERS)


def is_numeric(dtype: str | None) -> bool:
    """Whether all elements are numbers (or bools)."""
    return dtype is not None and (dtype.startswith(_NUMERIC) or dtype == NUMBERS)


def is_scalar(dtype: str | None) -> bool:
    """Whether no element is an array or a list."""
    return is_numeric(dtype) or dtype in (SCALARS, "str", "datetime64[ns]")


def promote(a: str | None, b: str | None) -> str | None:
    """The dtype that holds the elements of both."""
    if a == b:
        return a
    if is_numeric(a) and is_numeric(b):
        for dtype in (a, b):
            if dtype == NUMBERS:
                return NUMBERS
        floats = [dtype for dtype in (a, b) if dtype is not None and dtype.startswith(("float", "complex"))]
        if floats:
            return floats[0] if len(floats) == 1 else "float64"
        return "int64"
    return SCALARS if is_scalar(a) and is_scalar(b) else None
