"""What is known of the values on the lines of a file: `show --values` prints it, `# lstmlint: reveal` asks for it."""

from __future__ import annotations

from collections.abc import Iterator

from lstmlint.classes import dataclass, field
from lstmlint.diagnostics import Span
from lstmlint.interpreter import scopes
from lstmlint.interpreter.interpreter import Interpreter
from lstmlint.interpreter.state import Instance
from lstmlint.interpreter.values import NONE, Ref, Value
from lstmlint.libraries.described import Described, describe, joined
from lstmlint.source import tree
from lstmlint.source.module import SourceModule

MOST_SEEN = 64
"""Values of one name on one line that are told apart."""

COLUMN = 88
"""Where comments stand at the latest; behind longer lines they follow at once."""


@dataclass(slots=True)
class Observed:
    """The observer of one module: what each of its statements left, by name ("" for the value of an expression).

    A statement that runs several times (a loop, a function called twice, both sides of a condition) leaves several.
    """

    module: SourceModule
    seen: dict[int, dict[str, list[Described]]] = field(default_factory=dict)
    statements: dict[int, tree.Statement] = field(default_factory=dict)

    def forget(self) -> None:
        """Start anew, for another run of the same program."""
        self.seen.clear()
        self.statements.clear()

    def rows_of(self, statement: tree.Statement) -> range:
        """The rows of the module's text on which a statement stands; of a block those of its head."""
        span = self.module.module_span(statement)
        if span is None:
            return range(0)
        first, last = self.module.statement_rows(span.start.row)
        return range(first, last + 1)

    def __call__(self, run: Interpreter, statement: tree.Statement) -> None:
        """Note what a statement has left."""
        if not run.frames or run.frame.module is not self.module:
            return
        site = run.site(statement)
        for name, value in left_by(run, statement):
            self.statements[id(statement)] = statement
            known = self.seen.setdefault(id(statement), {}).setdefault(name, [])
            if len(known) < MOST_SEEN:
                known += (found for found in describe(run, value, site) if found not in known)


def left_by(run: Interpreter, statement: tree.Statement) -> Iterator[tuple[str, Value]]:
    """The names that a statement binds, with their values; or the value of an expression."""
    if isinstance(statement, tree.Assign):
        for target in statement.targets:
            yield from _bound(run, target)
    elif isinstance(statement, (tree.AugAssign, tree.AnnAssign, tree.For)):
        yield from _bound(run, statement.target)
    elif isinstance(statement, tree.With):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from _bound(run, item.optional_vars)
    elif isinstance(statement, tree.Return):
        if run.frame.returns and statement.value is not None:
            yield "", run.frame.returns[-1][1]
    elif isinstance(statement, tree.ExpressionStatement):
        yield from _expressed(run, statement.value)


def _bound(run: Interpreter, target: tree.Expression) -> Iterator[tuple[str, Value]]:
    if isinstance(target, tree.Name):
        yield target.id, scopes.lookup(run, target.id)
    elif isinstance(target, (tree.Tuple, tree.List)):
        for part in target.elts:
            yield from _bound(run, part)
    elif isinstance(target, tree.Starred):
        yield from _bound(run, target.value)
    elif isinstance(target, tree.Attribute) and isinstance(target.value, tree.Name):
        holder = run.state.resolve(scopes.lookup(run, target.value.id))
        held = run.state.read(holder) if isinstance(holder, Ref) and holder.address in run.state.heap else None
        if isinstance(held, Instance) and target.attr in held.attributes:
            yield f"{target.value.id}.{target.attr}", held.attributes[target.attr]


def _expressed(run: Interpreter, expression: tree.Expression) -> Iterator[tuple[str, Value]]:
    """The value of an expression; of a method that returns nothing, what it was called on."""
    function = expression.func if isinstance(expression, tree.Call) else None
    if run.result == NONE and isinstance(function, tree.Attribute) and isinstance(function.value, tree.Name):
        yield function.value.id, scopes.lookup(run, function.value.id)
    elif isinstance(expression, tree.Name):
        yield expression.id, run.result
    else:
        yield "", run.result


# --- in words -----------------------------------------------------------------------------------------------------------


def annotated(observed: Observed) -> str:
    """The source with the shapes of arrays and tensors in a column of comments, cell by cell for a notebook."""
    notes = _notes(observed)
    module = observed.module
    lines = module.text.splitlines()
    widths = [len(lines[row - 1]) for row in notes if row <= len(lines)]
    column = max((width for width in widths if width <= COLUMN), default=0)
    printed = [
        f"{line.ljust(column)}  # {notes[row]}" if row in notes else line for row, line in enumerate(lines, start=1)
    ]
    return "".join(f"{line}\n" for line in _with_cells(module, printed))


def _with_cells(module: SourceModule, lines: list[str]) -> Iterator[str]:
    starts = {} if module.notebook is None else {cell.row: cell.number for cell in module.notebook.cells.cells}
    for row, line in enumerate(lines, start=1):
        if row in starts:
            yield from ([] if row == 1 else [""])
            yield f"# cell {starts[row]}"
        yield line


def _notes(observed: Observed) -> dict[int, str]:
    """What to write beside each row of the module's text."""
    notes: dict[int, list[str]] = {}
    for key, names in observed.seen.items():
        span = observed.module.module_span(observed.statements[key])
        arrays = {name: found for name, each in names.items() if name and (found := [d for d in each if d.is_array])}
        if span is not None and arrays:
            notes.setdefault(span.start.row, []).extend(
                f"{name}: {_short(joined(found))}" for name, found in arrays.items()
            )
    return {row: ", ".join(dict.fromkeys(texts)) for row, texts in notes.items()}


def _short(text: str) -> str:
    """Most arrays are NumPy's, so that need not be said."""
    return text.replace("ndarray ", "")


def revealed(observed: Observed, row: int) -> tuple[str, list[tuple[Span, str]]]:
    """What is known of the values on a row of the module's text, in words, and where they were made."""
    names: dict[str, list[Described]] = {}
    for key, statement in observed.statements.items():
        if row in observed.rows_of(statement):
            for name, found in observed.seen[key].items():
                names.setdefault(name, []).extend(found)
    if not names:
        return "nothing is known here: the line assigns nothing, or is not reached", []
    texts = [f"`{name}` is {joined(found)}" if name else f"this is {joined(found)}" for name, found in names.items()]
    return "; ".join(texts), list(_places(observed.module, names, row))


def _places(module: SourceModule, names: dict[str, list[Described]], row: int) -> Iterator[tuple[Span, str]]:
    told = set()
    for name, found in names.items():
        for each in found:
            where = module.module_span(each.made.node) if each.made is not None and each.made.module is module else None
            if where is not None and where.start.row != row and (where, name) not in told:
                told.add((where, name))
                yield module.shown(where), f"{each.text} is made here"
