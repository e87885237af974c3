"""Expressions whose shapes the interpreter must know and the real library must confirm.

A row is `[code, shape]`: the shape is a tuple in Python, in which `n` is the number of samples,
`w` that of the labels in
`labels`, `ANY` a size that only the data tell,
and `?` stands for a shape that need not be known.  The code runs twice for
real, with two values of `n`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluation import Program, run

from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, Sequence, Site, Symbolic, Unknown, Value, as_dim
from lstmlint.libraries.arrays import Array, as_array
from lstmlint.shapes.dims import Dim, Symbol, substitute, symbols
from lstmlint.shapes.shape import Shape

FIXTURES = Path(__file__).parent / "fixtures" / "libraries"
ANY = "any size"
SAMPLES = (17, 24)
LABELS = ["p", "q", "r", "s", "t", "u"]


def cases(name: str) -> list[Any]:
    """The rows of a fixture as pytest parameters, named by their code."""
    return [pytest.param(code, shape, id=code) for code, shape in json.loads((FIXTURES / f"{name}.json").read_text())]


def claimed(prelude: str, code: str) -> tuple[Shape | None, list[Symbol]]:
    """The shape that the interpreter gives the value of `code` (None: unknown), and the symbols of `n` and `w`."""
    source = "\n".join([
        "from data import labels, mystery",
        "n, w = len(mystery), len(labels)",
        prelude,
        *(f"{line}" for line in code.split("; ")[:-1]),
        f"result = {code.split('; ')[-1]}",
    ])  # fmt: skip
    program = run(source)
    dims = [as_dim(program.value(name)) for name in ("n", "w")]
    known = [next(iter(symbols(dim))) for dim in dims if dim is not None]
    return shape_of(program, program.value("result")), known


def shape_of(program: Program, value: Value) -> Shape | None:
    """The shape of a value: of a number, a list or an array."""
    if isinstance(value, Unknown):
        return Shape(()) if value.number else None
    if isinstance(value, (Const, Symbolic)):
        return Shape(())
    if isinstance(value, Sequence) and value.kind == "tuple":
        return Shape((len(value.items or ()),))
    entry = program.run.entry
    call = Call(program.run, Site(entry, entry.tree), "test", [], {})
    array = as_array(call, program.run.state.resolve(value))
    return array.shape if isinstance(array, Array) and array.shape.exact else None


def real_shape(prelude: str, code: str, n: int) -> tuple[int, ...]:
    """The shape of the value of `code` when it runs."""
    import numpy as np

    names: dict[str, Any] = {"n": n, "w": len(LABELS), "mystery": range(n), "labels": LABELS}
    exec(prelude, names)  # noqa: S102 - our own rows
    *statements, last = code.split("; ")
    exec("\n".join(statements), names)  # noqa: S102
    return tuple(np.shape(eval(last, names)))


def evaluated(dim: Dim, known: list[Symbol], n: int) -> int | str:
    """A claimed dim with `n` and `w` put in; ANY where it has other symbols too."""
    value = substitute(dim, dict(zip(known, (n, len(LABELS)))))
    return value if isinstance(value, int) else ANY


def expected(shape: str, n: int) -> tuple[int | str, ...]:
    found: tuple[int | str, ...] = eval(shape, {"n": n, "w": len(LABELS), "ANY": ANY, "min": min, "max": max})
    return found


def check_claim(prelude: str, code: str, shape: str) -> None:
    """What the interpreter says is what the row wants."""
    found, known = claimed(prelude, code)
    if shape == "?":
        assert found is None, f"known now: {found}"
        return
    assert found is not None, "unknown"
    for n in SAMPLES:
        assert tuple(evaluated(dim, known, n) for dim in found.dims if dim is not None) == expected(shape, n)


def check_truth(prelude: str, code: str, shape: str) -> None:
    """What the row wants is what the library does."""
    for n in SAMPLES:
        real = real_shape(prelude, code, n)
        if shape == "?":
            continue
        wanted = expected(shape, n)
        assert len(real) == len(wanted)
        assert all(want in (ANY, size) for want, size in zip(wanted, real)), (real, wanted)
