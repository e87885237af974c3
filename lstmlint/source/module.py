"""One file as the rest of the program sees it: text, tree and positions, or the problems that prevent them."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmlint.classes import dataclass, field
from lstmlint.diagnostics import Span
from lstmlint.source.guard import DEFAULT_LIMITS, Limits, find_problem
from lstmlint.source.text import Decoded, Lines, SourceProblem, decode
from lstmlint.source.tree import Module, Node

if TYPE_CHECKING:
    from lstmlint.source.notebooks import Notebook
    from lstmlint.source.positions import Positions


@dataclass(slots=True, eq=False)
class SourceModule:
    """A parsed file.  `text` is what was parsed: for a notebook its code cells, one after the other."""

    path: Path | None
    name: str
    text: str
    tree: Module
    cst: Any
    decoded: Decoded
    notebook: Notebook | None = None
    problems: tuple[SourceProblem, ...] = ()
    _positions: Positions | None = field(default=None, repr=False)
    _lines: Lines | None = field(default=None, repr=False)

    @property
    def is_notebook(self) -> bool:
        return self.notebook is not None

    @property
    def lines(self) -> Lines:
        """The lines of `text`."""
        if self._lines is None:
            self._lines = Lines(self.text)
        return self._lines

    @property
    def positions(self) -> Positions:
        """Where nodes stand in `text`; computed at the first request."""
        if self._positions is None:
            from lstmlint.source.positions import Positions

            self._positions = Positions(self.text, self.tree, self.cst)
        return self._positions

    def span(self, node: Node) -> Span | None:
        """Where `node` stands for people: in a notebook, the cell and the rows in it.

        Unknown: None for a node of another module, or one that has no place (`Parameters`).
        """
        span = self.positions.span(node)
        return None if span is None else self.shown(span)

    def shown(self, span: Span) -> Span:
        """A place in `text` as people see it: within its cell if this is a notebook."""
        return span if self.notebook is None else self.notebook.cells.span(span)

    def statement_rows(self, row: int) -> tuple[int, int]:
        """First and last row of the statement on `row` of `text`; of a block only what stands before its colon."""
        return self.positions.statement_rows(row)

    def module_span(self, node: Node) -> Span | None:
        """Where `node` stands in `text`, whether notebook or not."""
        return self.positions.span(node)


def load(
    source: Path | bytes,
    name: str | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> SourceModule | tuple[SourceProblem, ...]:
    """Read and parse one file, or bytes that a file called `name` would hold.

    A name that ends in `.ipynb` is read as a notebook.  Errors: none are raised; problems are returned.
    """
    path = source if isinstance(source, Path) else None
    name = name or (str(path) if path is not None else "<string>")
    if isinstance(source, Path):
        found = read(source, limits)
        if isinstance(found, SourceProblem):
            return (found,)
        data = found
    else:
        data = source
    if name.lower().endswith(".ipynb"):
        from lstmlint.source.notebooks import read_notebook

        notebook = read_notebook(data, limits)
        if isinstance(notebook, SourceProblem):
            return (notebook,)
        return _parse(path, name, Decoded(notebook.text), notebook, limits)
    decoded = decode(data, limits.max_bytes)
    if isinstance(decoded, SourceProblem):
        return (decoded,)
    return _parse(path, name, decoded, None, limits)


def read(path: Path, limits: Limits) -> bytes | SourceProblem:
    """What a file holds, up to one byte more than the limits allow, or why it cannot be read."""
    most = max(limits.max_bytes, limits.max_notebook_bytes) + 1
    try:
        if not path.is_file():  # a pipe or a device could be read without end
            return SourceProblem("unreadable", "not a file" if path.exists() else "no such file")
        with path.open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        return SourceProblem("unreadable", getattr(error, "strerror", None) or str(error) or type(error).__name__)


def _parse(
    path: Path | None, name: str, decoded: Decoded, notebook: Notebook | None, limits: Limits
) -> SourceModule | tuple[SourceProblem, ...]:
    parsed = _checked(decoded.text, limits)
    if isinstance(parsed, SourceProblem) and notebook is not None and parsed.kind == "syntax":
        broken = {
            cell.number: problem for cell in notebook.cells.cells if (problem := _cell_problem(cell.text, limits))
        }
        if broken:
            notebook = notebook.without(broken)
            decoded = Decoded(notebook.text)
            parsed = _checked(decoded.text, limits)
    notes = notebook.problems if notebook is not None else ()
    if isinstance(parsed, SourceProblem):
        return (parsed if notebook is None else notebook.cells.problem(parsed), *notes)
    module, lowered = parsed
    return SourceModule(path, name, decoded.text, lowered, module, decoded, notebook, notes)


def _cell_problem(text: str, limits: Limits) -> SourceProblem | None:
    """Why one cell, taken alone, is not Python."""
    parsed = _checked(text, limits)
    return parsed if isinstance(parsed, SourceProblem) else None


def _checked(text: str, limits: Limits) -> tuple[Any, Module] | SourceProblem:
    problem = find_problem(text, limits)
    if problem is None:
        return parse_text(text)
    if problem.kind == "syntax":
        from lstmlint.source.syntax import worded

        return worded(text, problem)
    return problem


def parse_text(text: str) -> tuple[Any, Module] | SourceProblem:
    """The libcst module and the tree of `text`, which `guard.find_problem` has let through.

    Garbage collection pauses meanwhile: nothing of a new tree is garbage, and looking costs a tenth of the parse.
    """
    import libcst

    from lstmlint.source.lower import lower
    from lstmlint.source.syntax import syntax_problem, worded

    collecting = gc.isenabled()
    gc.disable()
    try:
        module = libcst.parse_module(text)
        return module, lower(module)
    except libcst.ParserSyntaxError as error:
        return syntax_problem(text, error)
    except (RecursionError, MemoryError):
        return SourceProblem("too-complex", "not analysed: the code is nested too deeply")
    except BaseException as error:
        # `CSTValidationError` for what the grammar alone lets pass; a panic, which is no `Exception`, for a defect of
        # the parser, which is written in Rust.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        return worded(text, SourceProblem("syntax", "the parser gave up", 1, 1))
    finally:
        if collecting:
            gc.enable()
