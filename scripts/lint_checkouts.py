"""Lint a folder of checkouts, one folder for each repository, and print a line of counts for each.

    python scripts/lint_checkouts.py FOLDER [--list-findings] [--json FILE] [--versions FILE] [--only NAME ...]

A finding on code that is known to run is a false alarm until real Keras shows that it is none, so every finding wants to
be read: `--list-findings` prints them, `--json` keeps them.  `--versions` names a file with lines "NAME VERSION" for
checkouts whose Keras is known; for the others lstmlint looks into the checkout.  The exit status is 1 when a run crashed,
hung or met a defect of lstmlint; findings do not change it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 1_800
"""After which a run counts as hung."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What linting one checkout gave.  `cpu` is in seconds; `trouble` is empty when all went well."""

    name: str
    findings: tuple[Mapping[str, Any], ...]
    files: int
    cpu: float
    trouble: str


def main() -> int:
    """Lint every checkout in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="checkouts to lint (default: all)")
    parser.add_argument("--versions", type=Path, metavar="FILE", help="lines of a checkout's name and its Keras")
    parser.add_argument("--list-findings", action="store_true", help="print the findings of every checkout")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all findings to a file")
    options = parser.parse_args()
    versions = dict(line.split() for line in options.versions.read_text().splitlines()) if options.versions else {}
    outcomes = []
    print(f"{'checkout':<52}{'files':>6}{'CPU s':>8}  findings")
    for checkout in sorted(path for path in options.folder.iterdir() if path.is_dir()):
        if options.only and checkout.name not in options.only:
            continue
        outcome = lint(checkout, versions.get(checkout.name))
        outcomes.append(outcome)
        print(line_of(outcome), flush=True)
        if options.list_findings:
            print("".join(f"    {text}\n" for text in map(finding_line, outcome.findings)), end="", flush=True)
    if options.json:
        kept = [{"checkout": outcome.name, **finding} for outcome in outcomes for finding in outcome.findings]
        options.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    total = Counter(finding["code"] for outcome in outcomes for finding in outcome.findings)
    print(f"{len(outcomes)} checkouts; {counts(total)}")
    return int(any(outcome.trouble for outcome in outcomes))


def lint(checkout: Path, version: str | None) -> Outcome:
    """One run, in the checkout's folder, as its owner would do it but without its configuration."""
    meant = ["--keras-version", version] if version else []
    arguments = ["check", "--isolated", "--no-cache", "--output-format", "json", *meant, "."]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = run(checkout, arguments)
    except subprocess.TimeoutExpired:
        return Outcome(checkout.name, (), 0, SECONDS, f"no end after {SECONDS} s")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    trouble = ""
    try:
        findings = tuple(json.loads(done.stdout))
    except ValueError:
        findings = ()
        trouble = "no report"
    if done.returncode not in (0, 1):
        trouble = f"status {done.returncode}: {done.stderr.strip()[-500:]}"
    files = run(checkout, ["check", "--isolated", "--show-files", "."]).stdout.count("\n")
    return Outcome(checkout.name, findings, files, cpu, trouble)


def run(folder: Path, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """A run of the lstmlint beside this script."""
    command = [sys.executable, "-m", "lstmlint", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False
    )


def line_of(outcome: Outcome) -> str:
    """The counts of a checkout."""
    found = counts(Counter(finding["code"] for finding in outcome.findings))
    trouble = f"  !! {outcome.trouble}" if outcome.trouble else ""
    return f"{outcome.name:<52}{outcome.files:>6}{outcome.cpu:>8.1f}  {found}{trouble}"


def counts(codes: Counter[str]) -> str:
    """`LL101 2, LL301 1`."""
    return ", ".join(f"{code} {number}" for code, number in sorted(codes.items())) or "none"


def finding_line(finding: Mapping[str, Any]) -> str:
    """A finding in one line."""
    location = finding["location"] or {"row": 0, "column": 0}
    cell = f"cell {finding['cell']}:" if finding["cell"] else ""
    place = f"{finding['filename']}:{cell}{location['row']}:{location['column']}"
    return f"{place}: {finding['code']} {finding['message']}"


if __name__ == "__main__":
    sys.exit(main())
