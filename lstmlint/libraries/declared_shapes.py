"""Shapes that users say: in comments, and in annotations in the style of jaxtyping."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lstmlint.classes import dataclass, field, replace
from lstmlint.datafiles.said import Said
from lstmlint.interpreter import expressions, scopes
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.values import Const, External, Facets, Site, Unknown, fresh_key
from lstmlint.libraries.arrays import NDARRAY, TENSOR, Array, as_array, axis_key, change, identity
from lstmlint.libraries.dtypes import NUMBERS
from lstmlint.shapes.dims import Answer, Dim, equal, symbol
from lstmlint.shapes.shape import Axis, Shape
from lstmlint.source import tree
from lstmlint.source.shape_comments import ShapeComment, find

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter
    from lstmlint.source.module import SourceModule

#: Types of jaxtyping, and the dtype that each tells.
_TYPES: dict[str, str | None] = {
    "Shaped": None, "Num": NUMBERS, "Real": NUMBERS, "Inexact": NUMBERS, "Float": NUMBERS, "Int": "int64", "Integer": "int64",
    "UInt": "uint64", "Bool": "bool", "Float16": "float16", "Float32": "float32", "Float64": "float64", "Int8": "int8",
    "Int16": "int16", "Int32": "int32", "Int64": "int64", "UInt8": "uint8", "UInt16": "uint16", "UInt32": "uint32", "UInt64": "uint64",
}  # fmt: skip
_KINDS = {"numpy.ndarray": NDARRAY, "tensorflow.Tensor": TENSOR}


@dataclass(slots=True)
class Declared:
    """What the comments and annotations of a program say; told each statement that has run and each function entered.

    `problems` has for comments what speaks against them where they were reached, and nothing where one held; `stray` the
    comments beside which there is nothing that they could speak of.
    """

    problems: dict[ShapeComment, str | None] = field(default_factory=dict)
    stray: list[ShapeComment] = field(default_factory=list)
    _comments: dict[int, list[ShapeComment]] = field(default_factory=dict)
    _modules: dict[int, SourceModule] = field(default_factory=dict)

    def __call__(self, run: Interpreter, statement: tree.Statement) -> None:
        """A statement has run."""
        if not run.frames:
            return
        self._read(run.frame.module)
        if isinstance(statement, tree.AnnAssign) and isinstance(statement.target, tree.Name):
            self._annotated(run, statement.target.id, statement.annotation)
        if not isinstance(statement, tree.FunctionDef):
            self._say(run, statement)

    def entered(self, run: Interpreter, function: tree.Node) -> None:
        """The parameters of a function are bound."""
        if not isinstance(function, tree.FunctionDef):
            return
        self._read(run.frame.module)
        given = function.args
        for parameter in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            if parameter.annotation is not None:
                self._annotated(run, parameter.arg, parameter.annotation)
        self._say(run, function)

    def _read(self, module: SourceModule) -> None:
        """Find the comments of a module, and what each speaks of."""
        if id(module) in self._modules:
            return
        self._modules[id(module)] = module
        comments = find(module.text)
        statements = dict(_statements(module)) if comments else {}
        lines = module.text.splitlines() if comments else []
        for comment in comments:
            row = comment.row
            while comment.alone and row < len(lines) and not lines[row].partition("#")[0].strip():
                row += 1
            found = statements.get(row + 1 if comment.alone else row)
            if found is None or comment.shapes is None:
                self.stray.append(comment)
            else:
                self._comments.setdefault(id(found), []).append(comment)

    def _say(self, run: Interpreter, node: tree.Node) -> None:
        names: dict[str, Dim] = {}
        for comment in self._comments.get(id(node), ()):
            for name, said in comment.shapes or ():
                against = declare(run, Site(run.frame.module, node), name, said, names)
                if self.problems.get(comment, "") is not None:
                    self.problems[comment] = against

    def _annotated(self, run: Interpreter, name: str, annotation: tree.Expression) -> None:
        """`name: Float[np.ndarray, "n t f"]`: what the program itself proves counts more."""
        found = _annotation(run, annotation)
        if found is None:
            return
        kind, dtype, said = found
        declare(run, Site(run.frame.module, annotation), name, said, {}, kind, dtype)


def _statements(module: SourceModule) -> Iterator[tuple[int, tree.Statement]]:
    """The rows of the statements that a comment can speak of: simple ones, and the heads of functions."""
    pending: list[tree.Node] = list(module.tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Statement) and (isinstance(node, tree.FunctionDef) or "body" not in node.FIELDS):
            span = module.module_span(node)
            if span is not None:
                first, last = module.statement_rows(span.start.row)
                yield from ((row, node) for row in range(first, last + 1))
        for name in node.FIELDS:
            child = getattr(node, name)
            pending.extend(
                part for part in (child if isinstance(child, list) else (child,)) if isinstance(part, tree.Node)
            )


def _annotation(run: Interpreter, annotation: tree.Expression) -> tuple[str, str | None, Said] | None:
    """Kind of array, dtype and shape that an annotation of jaxtyping tells."""
    if not isinstance(annotation, tree.Subscript) or not isinstance(annotation.value, (tree.Name, tree.Attribute)):
        return None
    word = annotation.value.id if isinstance(annotation.value, tree.Name) else annotation.value.attr
    pair = annotation.slice
    if not isinstance(pair, tree.Tuple) or len(pair.elts) != 2 or not word.isidentifier():
        return None
    of = run.state.resolve(expressions.evaluate(run, annotation.value))
    if not isinstance(of, External) or of.name.rpartition(".")[0] != "jaxtyping":
        return None
    dtype = of.name.rpartition(".")[2]
    array, dims = (run.state.resolve(expressions.evaluate(run, part)) for part in pair.elts)
    kind = _KINDS.get(array.name) if isinstance(array, External) else None
    if kind is None or dtype not in _TYPES or not isinstance(dims, Const) or not isinstance(dims.value, str):
        return None
    return kind, _TYPES[dtype], _axes(dims.value)


def _axes(text: str) -> Said:
    """The axes in a text of jaxtyping: names, numbers, `_`, `*several`, `...`, `#broadcast`, `name=3`."""
    dims: list[int | str | None] = []
    exact = True
    for word in text.split():
        plain = word.rpartition("=")[2]
        if word.startswith(("*", "...")):
            dims, exact = [], False
        elif plain.isdecimal():
            dims.append(int(plain))
        else:
            dims.append(plain if plain.isidentifier() and plain != "_" else None)
    return Said(tuple(dims), exact)


# --- what a value is, by what is said --------------------------------------------------------------------------------


def declare(
    run: Interpreter,
    site: Site,
    name: str,
    said: Said,
    names: dict[str, Dim],
    kind: str = NDARRAY,
    dtype: str | None = None,
) -> str | None:
    """Let a name have the shape that is said of it.  What speaks against it, in words, else None.

    A name of a size is one size in one call of one function; in a loop only within `names`.
    """
    value = run.state.resolve(scopes.lookup(run, name))
    if isinstance(value, Unknown) and isinstance(value.ident, tuple) and value.ident[:1] == ("name",):
        return f"`{name}` is not known here"
    if isinstance(value, Facets):
        return None
    call = Call(run, site, "shape", [], {})
    array = as_array(call, value) if isinstance(value, (Array, Unknown)) else None
    if array is None or (isinstance(value, Unknown) and value.number is not None):
        return f"`{name}` is no array here"
    shape = _agreed(run, array, name, said, names)
    if shape is None:
        return f"`{name}` has the shape {array.shape} here, and not {said}"
    if isinstance(value, Array):
        new = replace(array, shape=shape, dtype=array.dtype or dtype)
        if value.cell is not None:
            change(call, value, new)
            return None
    else:
        new = replace(array, shape=shape, kind=kind, dtype=dtype, site=site, name=name)
    scopes.assign(run, name, new)
    return None


def _agreed(run: Interpreter, array: Array, name: str, said: Said, names: dict[str, Dim]) -> Shape | None:
    """What is known of a shape and what is said of it, together; None when both cannot be."""
    known, words = array.shape, said.dims
    if known.exact and (len(words) > len(known.dims) or (said.exact and len(words) < len(known.dims))):
        return None
    if said.exact and len(words) < len(known.dims):
        return None
    exact = known.exact or said.exact
    rank = len(known.dims) if known.exact else len(words) if said.exact else max(len(words), len(known.dims))
    dims: list[Axis] = []
    for place in range(rank):
        old = known.dims[place - rank] if rank - place <= len(known.dims) else None
        word = words[place - rank] if rank - place <= len(words) else None
        if old is None:
            label = word if isinstance(word, str) else f"{name}.shape[{place}]"
            old = symbol(label, axis_key(identity(array), place) if exact else fresh_key())
        dim = _sized(run, word, old, names)
        if dim is None:
            return None
        dims.append(dim)
    return Shape(tuple(dims), exact)


def _sized(run: Interpreter, word: int | str | None, old: Dim, names: dict[str, Dim]) -> Dim | None:
    """The size that is called `word` where it was `old` before; None when it cannot be."""
    if word is None:
        return old
    in_loop = bool(run.frame.loops)
    key = ("said", run.frame.scope, word)
    new: Dim | None = word if isinstance(word, int) else names.get(word)
    if new is None and not in_loop:
        new = run.state.refined.get(key)
    if new is None:
        new = old
    elif equal(new, old) is Answer.NO:
        return None
    if isinstance(old, int):
        new = old
    if isinstance(word, str):
        names[word] = new
        if not in_loop:
            run.state.refined[key] = new
    return new


def shape_said(call: Call, said: Said) -> Shape:
    """The shape of a new array of which users say the shape in the configuration: one name is one size everywhere."""
    dims = [
        call.symbol(f"{{}}.shape[{place}]")
        if dim is None
        else dim
        if isinstance(dim, int)
        else symbol(dim, ("configured", dim))
        for place, dim in enumerate(said.dims)
    ]
    return Shape(tuple(dims), said.exact)
