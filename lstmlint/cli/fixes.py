"""`--fix` and `--diff`: what is fixed, and how that is shown."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

from lstmlint import baseline
from lstmlint.cli.streams import complain, emit, tell, wants_color
from lstmlint.diagnostics import Diagnostic
from lstmlint.files import SourceFile
from lstmlint.report import counted, hidden
from lstmlint.report.ansi import painter
from lstmlint.report.sources import Sources, decode
from lstmlint.settings import Resolver, Settings
from lstmlint.words import count

if TYPE_CHECKING:
    from lstmlint.fixing import FixedFile, Fixing
    from lstmlint.runner import RunResult

_STYLES = {"-": "31", "+": "32", "@": "36"}


def fix(
    options: argparse.Namespace,
    settings: Settings,
    files: Sequence[SourceFile],
    outcome: RunResult,
    search: Resolver,
    known: baseline.Baseline | None,
) -> Fixing:
    """Make the fixes that were asked for (with `--diff`, in memory only) and tell what is left out."""
    from lstmlint.fixing import Request, fix_files

    def wanted(found: Sequence[Diagnostic], file: SourceFile, data: bytes) -> Sequence[Diagnostic]:
        if known is None:
            return found
        return known.split(found, [file.display], Sources({file.display: data}))[0]

    done = fix_files(files, outcome, search, Request(settings.unsafe_fixes, not options.diff, wanted))
    for text in done.left_out:
        complain(text, kind="warning")
    for text in done.failures:
        complain(text)
    return done


def print_diff(options: argparse.Namespace, settings: Settings, done: Fixing) -> int:
    """Print what would change and, on standard error, how much it would mend; 2 when it could not be written."""
    paint = painter(wants_color(settings.color, sys.stdout))
    lines = [line for file in done.files for line in _diff(file)]
    status = emit("".join(paint(line[:-1], _STYLES[line[0]]) + "\n" if line[0] in _STYLES else line for line in lines))
    if not options.quiet:
        more = hidden(done.outcome.diagnostics, settings.unsafe_fixes)
        rest = f" ({count(more, 'more fix', 'more fixes')} with `--unsafe-fixes`)" if more else ""
        would = f"Would fix {counted(done.mended)}" if done.mended else "Nothing would be fixed"
        tell(f"{would}{rest}.")
    return status


def _diff(file: FixedFile) -> Iterator[str]:
    """The lines of a unified diff, cell by cell for a notebook."""
    name = file.file.display
    if not file.file.path.lower().endswith(".ipynb"):
        yield from _text_diff(name, decode(file.before), decode(file.after))
        return
    for number, (before, after) in enumerate(zip(_cells(file.before), _cells(file.after), strict=True), 1):
        yield from _text_diff(f"{name}:cell {number}", f"{before}\n", f"{after}\n")


def _text_diff(name: str, before: str, after: str) -> Iterator[str]:
    lines = (_lines(before), _lines(after))
    for line in unified_diff(*lines, fromfile=name, tofile=name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _cells(data: bytes) -> list[str]:
    """The text of every cell."""
    content = json.loads(data.decode("utf-8-sig"))
    sheets = content.get("worksheets") or [content]
    found = [cell for sheet in sheets for cell in sheet.get("cells", ())]
    sources = [cell.get("source", cell.get("input", "")) for cell in found]
    return ["".join(source) if isinstance(source, list) else str(source) for source in sources]
