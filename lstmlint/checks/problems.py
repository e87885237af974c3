"""Files that cannot be analysed: which rule tells each kind of source problem (LL0)."""

from __future__ import annotations

from lstmlint.source.text import SourceProblem

CODES: dict[str, str] = {
    "syntax": "LL001",
    "unreadable": "LL002",
    "binary": "LL003",
    "undecodable": "LL003",
    "too-large": "LL004",
    "too-complex": "LL004",
    "notebook": "LL005",
    "cell": "LL006",
}


def code_of(problem: SourceProblem) -> str:
    """The rule that tells a source problem."""
    return CODES[problem.kind]
