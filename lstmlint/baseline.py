"""Baselines: findings that are known and not reported again.

A baseline counts, per file, the findings with equal fingerprints (rule, text of the line, function around it).  Line
numbers play no part, so it survives edits elsewhere in the file; one more finding of the same kind is reported.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from lstmlint.classes import dataclass
from lstmlint.diagnostics import Diagnostic
from lstmlint.report.fingerprints import numbered
from lstmlint.report.sources import Sources
from lstmlint.settings import ConfigError

VERSION = 1

Key = tuple[str, str, str]
"""File (relative to the baseline's folder, with slashes), code, fingerprint."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the file at `path` holds: how often each finding is known, and its words for people who read the file."""

    path: str
    counts: Counter[Key]
    messages: dict[Key, str]

    def split(
        self, diagnostics: Sequence[Diagnostic], checked: Iterable[str], sources: Sources
    ) -> tuple[list[Diagnostic], int]:
        """The findings that are not in the baseline, and how many of the baseline's for `checked` files are gone."""
        new, seen = [], Counter[Key]()
        for diagnostic, key in self._keyed(diagnostics, sources):
            seen[key] += 1
            if seen[key] > self.counts[key]:
                new.append(diagnostic)
        files = {self._name(filename) for filename in checked}
        gone = sum((Counter({key: n for key, n in self.counts.items() if key[0] in files}) - seen).values())
        return new, gone

    def updated(self, diagnostics: Sequence[Diagnostic], checked: Iterable[str], sources: Sources) -> Baseline:
        """A baseline of these findings; what was known of other files stays while the file exists."""
        replaced = {self._name(filename) for filename in checked}
        counts = Counter(
            {
                key: number
                for key, number in self.counts.items()
                if key[0] not in replaced and os.path.exists(os.path.join(os.path.dirname(self.path), key[0]))
            }
        )
        messages = {key: message for key, message in self.messages.items() if key in counts}
        for diagnostic, key in self._keyed(diagnostics, sources):
            counts[key] += 1
            messages[key] = diagnostic.message
        return Baseline(self.path, counts, messages)

    def write(self) -> None:
        """Write the file, one finding per object, sorted, so that its diff can be read.

        Errors: OSError.
        """
        findings = [
            {"filename": key[0], "code": key[1], "fingerprint": key[2], "count": number, "message": self.messages[key]}
            for key, number in sorted(self.counts.items())
        ]
        text = json.dumps({"version": VERSION, "findings": findings}, indent=2) + "\n"
        with open(self.path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)

    def _keyed(self, diagnostics: Sequence[Diagnostic], sources: Sources) -> list[tuple[Diagnostic, Key]]:
        return [
            (diagnostic, (self._name(diagnostic.filename), diagnostic.code, fingerprint))
            for diagnostic, fingerprint, _ in numbered(diagnostics, sources)
        ]

    def _name(self, filename: str) -> str:
        try:
            relative = os.path.relpath(os.path.abspath(filename), os.path.dirname(self.path))
        except ValueError:  # another drive
            relative = os.path.abspath(filename)
        return relative.replace(os.sep, "/")


def empty(path: str) -> Baseline:
    """A baseline without findings, to be written to `path`."""
    return Baseline(os.path.abspath(path), Counter(), {})


def load(path: str) -> Baseline:
    """The baseline in the file at `path`.

    Errors: ConfigError when it cannot be read or is no baseline.
    """
    try:
        with open(path, encoding="utf-8") as file:
            table: Any = json.load(file)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such baseline; `--update-baseline` makes it") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not a baseline: {error}") from None
    try:
        if table["version"] != VERSION:
            raise ConfigError(f"{path}: a baseline of version {table['version']!r}; this lstmlint knows {VERSION}")
        entries = [(str(e["filename"]), str(e["code"]), str(e["fingerprint"]), e) for e in table["findings"]]
        counts = Counter({(name, code, print_): int(e["count"]) for name, code, print_, e in entries})
        messages = {(name, code, print_): str(e.get("message", "")) for name, code, print_, e in entries}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError(f"{path}: not a baseline of lstmlint") from None
    return Baseline(os.path.abspath(path), counts, messages)
