"""What a check proposes as a repair: changes of nodes, in words of the source, before anybody looks at the text.

A check says *what* should change; `lstmlint.fix` finds the exact characters, or gives the proposal up where it cannot be
sure of them (arguments behind `*` or `**`, for example).  A proposal with a change that cannot be made is dropped as a
whole.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TypeAlias

from lstmlint.classes import dataclass
from lstmlint.interpreter.values import Site

SAFE, UNSAFE, DISPLAY_ONLY = "safe", "unsafe", "display-only"
"""How far a fix may go on its own: what the program means stays as it is; it changes, so that a person should look;
it is never applied, only shown."""


@dataclass(frozen=True, slots=True)
class RenameKeyword:
    """`old=` becomes `new=` in the call at `site`."""

    site: Site
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RemoveArgument:
    """An argument of the call at `site` goes, with its comma: a keyword by name, a positional one by index (from 0)."""

    site: Site
    name_or_index: str | int


@dataclass(frozen=True, slots=True)
class SetArgument:
    """The argument `name` of the call at `site` gets the value `text`; where it is not given, it is added at the end.

    `position` is where it may stand without its name (from 0).
    """

    site: Site
    name: str
    text: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class RenameInArgument:
    """In an argument of the call at `site`, the one string or member that is an old name becomes the new one.

    `names` are pairs of old and new.
    """

    site: Site
    name: str
    names: tuple[tuple[str, str], ...]
    position: int | None = None


@dataclass(frozen=True, slots=True)
class RemoveFirstItem:
    """A shape given as an argument of the call at `site` loses its first size: `(n, 3)` becomes `(3,)`, `x.shape`
    becomes `x.shape[1:]`."""

    site: Site
    name: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class ReplaceNode:
    """The expression at `site` becomes `text`."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class RenameMember:
    """A name at `site` becomes another: the attribute of an expression (or of the function of a call), or an imported
    name, whose uses are not touched: `as` keeps the old one."""

    site: Site
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RemoveStatement:
    """The statement at `site` goes; where its block would be empty, `pass` takes its place."""

    site: Site


Change: TypeAlias = (
    RenameKeyword
    | RemoveArgument
    | SetArgument
    | RenameInArgument
    | RemoveFirstItem
    | ReplaceNode
    | RenameMember
    | RemoveStatement
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A repair of one finding: its applicability, what it does as a sentence in the imperative, and its changes.

    `subject` is the key of the layer or model that the changed call makes or changes, where it is not the layer that the
    event constructs.  A call that several of them come from is changed only when all of them need it.
    """

    applicability: str
    message: str
    changes: tuple[Change, ...]
    subject: Hashable = None
