"""Products of tensors as rules from shapes to a shape: matrices, batches of them, sums over named axes."""

from __future__ import annotations

from lstmlint.interpreter.call import Call
from lstmlint.keras.versions import Version
from lstmlint.libraries.array_arguments import UNCLEAR, axes_of, flag
from lstmlint.libraries.keras_values import version_of
from lstmlint.libraries.tensor_operands import Operand, Result, common_dtype, operand, package, pick
from lstmlint.libraries.tensor_rules import turned
from lstmlint.shapes.dims import Answer
from lstmlint.shapes.operations import Mismatch, matmul
from lstmlint.shapes.shape import UNKNOWN_SHAPE, Axis, Shape, same_axis

#: What `K.dot` makes of tensors with more than two axes.
_DOT = "tf.reshape tf.compat.v1.shape tf.linalg.matmul tf.unstack tf.reshape"


def _pair(call: Call) -> tuple[Operand, Operand] | None:
    left, right = operand(call, pick(call, 0, "a", "x1", "x")), operand(call, pick(call, 1, "b", "x2", "y"))
    return None if left is None or right is None else (left, right)


def _clash(x: Axis, y: Axis) -> Mismatch | None:
    return Mismatch(f"the inner sizes {x} and {y} differ", None, x, y) if same_axis(x, y) is Answer.NO else None


def product(call: Call) -> Result | None:
    """The matrix product."""
    pair = _pair(call)
    if pair is None:
        return None
    asked = [flag(call, pick(call, place, name)) for place, name in ((2, "transpose_a"), (3, "transpose_b"))]
    if UNCLEAR in asked:
        return Result(UNKNOWN_SHAPE, common_dtype(list(pair)))
    a, b = (turned(one.shape) if turn else one.shape for one, turn in zip(pair, asked))
    return Result(matmul(a, b), common_dtype(list(pair)))


def dot(call: Call) -> Result | None:
    """The last axis of the first tensor meets the last but one (or only) axis of the second."""
    pair = _pair(call)
    if pair is None:
        return None
    dtype, (a, b) = common_dtype(list(pair)), (one.shape for one in pair)
    if Shape(()) in (a, b):
        return Result(b if a == Shape(()) else a, dtype) if package(call) != "keras.backend" else None
    if not a.exact or not b.exact:
        return Result(UNKNOWN_SHAPE, dtype)
    inner = b.dims[-2] if len(b.dims) > 1 else b.dims[-1]
    clash = _clash(a.dims[-1], inner)
    shape = clash or Shape((*a.dims[:-1], *b.dims[:-2], *(b.dims[-1:] if len(b.dims) > 1 else ())))
    return Result(shape, dtype, layers=_DOT if len(a.dims) > 2 or len(b.dims) > 2 else "")


def batch_dot(call: Call) -> Result | None:
    """Products of the samples of two tensors, over an axis of each (`axes`: one number for both, or two)."""
    pair = _pair(call)
    axes = axes_of(call, pick(call, 2, "axes"))
    if pair is None:
        return None
    dtype, (a, b) = common_dtype(list(pair)), (one.shape for one in pair)
    if axes is UNCLEAR or a.rank is None or b.rank is None or a.rank < 2 or b.rank < 2:
        return Result(UNKNOWN_SHAPE, dtype)
    if axes is None:
        axes = (a.rank - 1, b.rank - 1 if b.rank == 2 else b.rank - 2)
    x, y = (axes[0], axes[0]) if len(axes) == 1 else axes[:2]
    if not -a.rank <= x < a.rank or not -b.rank <= y < b.rank or 0 in (x % a.rank, y % b.rank):
        return Result(UNKNOWN_SHAPE, dtype)
    clash = _clash(a.dims[x], b.dims[y])
    if clash is not None:
        return Result(clash)
    dims = (*a.drop(x).dims, *b.drop(y).dims[1:])
    vectors = (a.rank == 2) + (b.rank == 2)
    turned_first, turned_second = a.rank > 2 and x % a.rank != a.rank - 1, b.rank > 2 and y % b.rank != b.rank - 2
    layers = "tf.expand_dims " * vectors + "tf.compat.v1.transpose " * (turned_first + turned_second)
    layers += "tf.linalg.matmul" + " tf.compat.v1.squeeze" * (vectors > 0)
    return Result(Shape(dims if len(dims) > 1 else (*dims, 1)), dtype, layers=layers)


def tensordot(call: Call) -> Result | None:
    """The sum over axes of both: the last of one and the first of the other, or those named."""
    pair = _pair(call)
    if pair is None:
        return None
    dtype, (a, b) = common_dtype(list(pair)), (one.shape for one in pair)
    asked = pick(call, 2, "axes")
    count = 2 if asked is None else call.constant(asked)
    if a.rank is None or b.rank is None:
        return Result(UNKNOWN_SHAPE, dtype)
    if isinstance(count, int):
        if not 0 <= count <= min(a.rank, b.rank):
            return Result(UNKNOWN_SHAPE, dtype)
        left, right = tuple(range(a.rank - count, a.rank)), tuple(range(count))
    else:
        found = [axes_of(call, item) for item in call.items(asked) or ()]
        if len(found) != 2 or None in found or UNCLEAR in found:
            return Result(UNKNOWN_SHAPE, dtype)
        left, right = (axes if isinstance(axes, tuple) else () for axes in found)
    return Result(_contracted(call, a, b, left, right), dtype)


def _contracted(call: Call, a: Shape, b: Shape, left: tuple[int, ...], right: tuple[int, ...]) -> Shape | Mismatch:
    if len(left) != len(right) or any(
        not -len(s.dims) <= x < len(s.dims) for s, p in ((a, left), (b, right)) for x in p
    ):
        return UNKNOWN_SHAPE
    for x, y in zip(left, right):
        clash = _clash(a.dims[x], b.dims[y])
        if clash is not None and version_of(call) is Version.K3:
            return clash
    kept = [
        dim
        for shape, places in ((a, left), (b, right))
        for index, dim in enumerate(shape.dims)
        if index not in {place % len(shape.dims) for place in places}
    ]
    return Shape(tuple(kept))


def einsum(call: Call) -> Result | None:
    """`"bij,jk->bik"`: the dims of the letters; `...` stands for the axes that have none."""
    text = call.constant(pick(call, 0, "equation", "subscripts"))
    parts = [operand(call, value) for value in call.args[1:]]
    known = [part for part in parts if part is not None]
    if not isinstance(text, str) or not known or len(known) < len(parts):
        return None
    dtype = common_dtype(known)
    inputs, arrow, output = text.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if not arrow or len(terms) != len(known) or any(part.shape.rank is None for part in known):
        return Result(UNKNOWN_SHAPE, dtype)
    sizes: dict[str, Axis] = {}
    rest: tuple[Axis, ...] = ()
    for letters, part in zip(terms, known):
        named, dims = letters.replace("...", ""), part.shape.dims
        spare = len(dims) - len(named)
        if spare < 0 or (spare and "..." not in letters):
            return Result(UNKNOWN_SHAPE, dtype)
        head = len(letters.partition("...")[0]) if "..." in letters else len(dims)
        rest = dims[head : head + spare] if spare > len(rest) else rest
        for letter, dim in zip(named, dims[:head] + dims[head + spare :]):
            clash = _clash(sizes.get(letter), dim)
            if clash is not None:
                return Result(clash if version_of(call) is not Version.K3 else UNKNOWN_SHAPE, dtype)
            sizes[letter] = dim if sizes.get(letter) is None else sizes[letter]
    head_letters, dots, tail = output.partition("...")
    if any(letter not in sizes for letter in head_letters + tail):
        return Result(UNKNOWN_SHAPE, dtype)
    first, last = ([sizes[letter] for letter in letters] for letters in (head_letters, tail))
    return Result(Shape((*first, *(rest if dots else ()), *last)), dtype)
