"""Fingerprints: what stays the same of a finding when lines above it come and go.

A fingerprint is made of the rule, the line's text without white space and the header of the function or class around
it; never of line numbers.  Equal findings in one file are told apart by counting them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b

from lstmlint.diagnostics import Diagnostic
from lstmlint.report.sources import Sources

_HEADER = re.compile(r"\s*(?:async\s+def|def|class)\b")


def fingerprint(diagnostic: Diagnostic, sources: Sources) -> str:
    """16 hexadecimal digits for rule, line and context; equal for equal findings in one file."""
    parts = (diagnostic.code, "".join(sources.line(diagnostic).split()), "".join(_context(diagnostic, sources).split()))
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def numbered(diagnostics: Iterable[Diagnostic], sources: Sources) -> list[tuple[Diagnostic, str, int]]:
    """Each finding with its fingerprint and its number (from 1) among the equal ones of its file."""
    seen: Counter[tuple[str, str]] = Counter()
    result = []
    for diagnostic in diagnostics:
        print_ = fingerprint(diagnostic, sources)
        seen[diagnostic.filename, print_] += 1
        result.append((diagnostic, print_, seen[diagnostic.filename, print_]))
    return result


def _context(diagnostic: Diagnostic, sources: Sources) -> str:
    """The header of the innermost function or class around the finding; empty at the top level."""
    span = diagnostic.span
    if span is None:
        return ""
    lines = sources.lines(diagnostic.filename, span.cell)[: span.start.row]
    depth = _indentation(lines[-1]) if lines else 0
    for line in reversed(lines[:-1]):
        if depth == 0:
            break
        if line.strip() and _indentation(line) < depth:
            if _HEADER.match(line):
                return line
            depth = _indentation(line)
    return ""


def _indentation(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())
