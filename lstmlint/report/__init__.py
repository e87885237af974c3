"""Reports: findings in one of the output formats, one module and one function each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lstmlint.classes import dataclass, field
from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.report.sources import Sources
from lstmlint.words import count, enumerate_words

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 120
"""Columns of a report that goes to no terminal."""

_MODULES = {
    "full": "full",
    "concise": "concise",
    "grouped": "grouped",
    "json": "json_array",
    "jsonl": "json_lines",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter gets: sorted `diagnostics`, the texts behind them, and how to print.

    `root` is the absolute path of the repository, to which formats for code hosts relate their paths; `quiet` leaves
    out the closing line; `failures` are the problems of the run itself, in words.
    """

    diagnostics: tuple[Diagnostic, ...]
    root: str
    sources: Sources = field(default_factory=Sources)
    color: bool = False
    width: int = WIDTH
    quiet: bool = False
    failures: tuple[str, ...] = ()

    @property
    def closing_line(self) -> str:
        """`Found 2 errors and 1 warning.`, or that there is nothing to tell; nothing at all when quiet."""
        if self.quiet:
            return ""
        counts = [
            count(number, {Severity.INFO: "remark"}.get(severity, severity.value))
            for severity in Severity
            if (number := sum(diagnostic.severity is severity for diagnostic in self.diagnostics))
        ]
        if counts:
            return f"Found {enumerate_words(counts)}.\n"
        return "" if self.failures else "All checks passed!\n"


def render(name: str, report: Report) -> str:
    """The report in the format called `name`, with its final line end."""
    reporter: Callable[[Report], str] = import_module(f"lstmlint.report.{_MODULES[name]}").render
    return reporter(report)
