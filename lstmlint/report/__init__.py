"""Reports: findings in one of the output formats, one module and one function each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from lstmlint.classes import dataclass, field
from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.report.sources import Sources
from lstmlint.words import count, enumerate_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
    out the closing line; `failures` are the problems of the run itself, in words.  `mended` are findings that were fixed and
    are no longer there (None: nothing was to be fixed); `unsafe_fixes` tells that unsafe fixes count as fixes.
    """

    diagnostics: tuple[Diagnostic, ...]
    root: str
    sources: Sources = field(default_factory=Sources)
    color: bool = False
    width: int = WIDTH
    quiet: bool = False
    failures: tuple[str, ...] = ()
    mended: tuple[Diagnostic, ...] | None = None
    unsafe_fixes: bool = False

    @property
    def closing_line(self) -> str:
        """`Found 2 errors and 1 warning.`, or that there is nothing to tell; nothing at all when quiet.

        A second line tells how many fixes there are.
        """
        if self.quiet:
            return ""
        found = (*self.diagnostics, *(self.mended or ()))
        if not found:
            return "" if self.failures else "All checks passed!\n"
        numbers = f" ({len(self.mended)} fixed, {len(self.diagnostics)} remaining)" if self.mended else ""
        return f"Found {counted(found)}{numbers}.\n{self._fixes}"

    @property
    def _fixes(self) -> str:
        more = hidden(self.diagnostics, self.unsafe_fixes)
        rest = f"{count(more, 'hidden fix', 'hidden fixes')} can be enabled with the `--unsafe-fixes` option"
        fixable = sum(map(self.is_fixable, self.diagnostics)) if self.mended is None else 0
        if fixable:
            return f"[*] {fixable} fixable with the `--fix` option{f' ({rest})' if more else ''}.\n"
        return f"No fixes available ({rest}).\n" if more else ""

    def is_fixable(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding has a fix of a kind that counts."""
        fix = diagnostic.fix
        return fix is not None and fix.applicability in ("safe", *(["unsafe"] * self.unsafe_fixes))

    def mark(self, diagnostic: Diagnostic) -> str:
        """`[*] ` for a finding that can be fixed, else nothing."""
        return "[*] " if self.is_fixable(diagnostic) else ""


def counted(diagnostics: Sequence[Diagnostic]) -> str:
    """How many findings of each severity there are: `2 errors and 1 warning`."""
    counts = [
        count(number, {Severity.INFO: "remark"}.get(severity, severity.value))
        for severity in Severity
        if (number := sum(diagnostic.severity is severity for diagnostic in diagnostics))
    ]
    return enumerate_words(counts)


def verdict_words(diagnostic: Diagnostic) -> str:
    """` (confirmed by Keras 3.15.0)` behind a finding that real Keras was asked about, else nothing."""
    verified = diagnostic.verified
    if verified is None:
        return ""
    by = f" by Keras {verified.keras}" if verified.keras and verified.verdict != "not-verifiable" else ""
    return f" ({verified.verdict.replace('-', ' ')}{by})"


def hidden(diagnostics: Sequence[Diagnostic], unsafe_fixes: bool) -> int:
    """How many findings have a fix that is not counted because it is unsafe."""
    if unsafe_fixes:
        return 0
    return sum(each.fix is not None and each.fix.applicability == "unsafe" for each in diagnostics)


def render(name: str, report: Report) -> str:
    """The report in the format called `name`, with its final line end."""
    reporter: Callable[[Report], str] = import_module(f"lstmlint.report.{_MODULES[name]}").render
    return reporter(report)
