"""How formats name places: `path:row:column`, paths from the repository's root, and URIs."""

from __future__ import annotations

import os

from lstmlint.diagnostics import Span
from lstmlint.words import printable

REPOSITORY_VARIABLES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


def place(filename: str, span: Span | None) -> str:
    """`model.py:3:1`, `book.ipynb:cell 2:1:8`, or the bare name for a finding about a whole file."""
    name = printable(filename)
    if span is None:
        return name
    cell = "" if span.cell is None else f"cell {span.cell}:"
    return f"{name}:{cell}{span.start.row}:{span.start.column}"


def repository_root() -> str:
    """The absolute path of the checkout that the current folder lies in, by the variables of CI or a `.git` above."""
    here = os.getcwd()
    for variable in REPOSITORY_VARIABLES:
        root = os.environ.get(variable)
        if root and os.path.isabs(root) and os.path.join(here, "").startswith(os.path.join(root, "")):
            return os.path.normpath(root)
    above = here
    while not os.path.exists(os.path.join(above, ".git")):
        parent = os.path.dirname(above)
        if parent == above:
            return here
        above = parent
    return above


def path_from(filename: str, root: str) -> str:
    """The path of a file from `root`, with slashes; absolute when it lies outside."""
    prefix = os.path.join(root, "")
    return os.path.abspath(filename).removeprefix(prefix).replace(os.sep, "/")
