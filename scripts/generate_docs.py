"""Write the parts of the documents that are made from the code: rules, layers, limits, a run.

python scripts/generate_docs.py            write them, between their marks
python scripts/generate_docs.py --check    exit with 1 when a document holds an old part
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lstmlint.classes import fields
from lstmlint.keras.layers.registry import RULES
from lstmlint.rules import all_rules
from lstmlint.source.guard import Limits

FAMILIES = {
    "LL0": "Files and the tool itself",
    "LL1": "Layer to layer",
    "LL2": "Data into the model",
    "LL3": "Targets against outputs",
    "LL4": "Losses, heads and labels",
    "LL5": "State and batches",
    "LL6": "Arguments and versions of the interface",
    "LL7": "What is done with predictions",
    "LL9": "Housekeeping",
}

GRADES = {
    "full": "output shape and parameter count",
    "shape": "output shape",
    "opaque": "known by name; what comes out is unknown",
}


def rules_table() -> str:
    """A row for each rule, families set apart."""
    lines = ["| code | name | severity | fix | what it finds |", "|---|---|---|---|---|"]
    family = ""
    for rule in all_rules():
        if rule.code[:3] != family:
            family = rule.code[:3]
            lines.append(f"| | **{FAMILIES[family]}** | | | |")
        summary = rule.summary.replace("|", "\\|")
        page = f"rules/{Path(rule.path).name}"
        fix = "" if rule.fix == "none" else rule.fix
        lines.append(f"| [{rule.code}]({page}) | {rule.name} | {rule.severity.value} | {fix} | {summary} |")
    return "\n".join(lines)


def layers_table() -> str:
    """The layers with an entry, by grade."""
    lines = ["| known | layers |", "|---|---|"]
    for grade, words in GRADES.items():
        names = sorted(name for name, rule in RULES.items() if rule.grade == grade)
        lines.append(f"| {words} | {', '.join(names) or 'none'} |")
    return "\n".join(lines)


def reasons_table() -> str:
    """Why some layers are not known in full."""
    reasons: dict[str, list[str]] = {}
    for name, rule in sorted(RULES.items()):
        if rule.reason:
            reasons.setdefault(rule.reason, []).append(name)
    lines = ["| layers | why |", "|---|---|"]
    lines += [f"| {', '.join(names)} | {reason} |" for reason, names in reasons.items()]
    return "\n".join(lines)


def budgets_table() -> str:
    """The named limits on the interpreter's work, with the comment that stands above each."""
    source = (ROOT / "lstmlint/interpreter/budget.py").read_text(encoding="utf-8")
    lines = ["| limit | what it bounds |", "|---|---|"]
    for words, _, value in re.findall(r"((?:^#:[^\n]*\n)+)^(\w+) = ([\d_]+)$", source, re.MULTILINE):
        text = " ".join(line.removeprefix("#:").strip() for line in words.splitlines())
        lines.append(f"| {int(value.replace('_', '')):,} | {text} |")
    return "\n".join(lines)


def limits_table() -> str:
    """The limits on sources, as configuration calls them, with the text below each."""
    tree = ast.parse((ROOT / "lstmlint/source/guard.py").read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Limits")
    words = {
        one.target.id: " ".join(str(two.value.value).split())
        for one, two in pairwise(body)
        if isinstance(one, ast.AnnAssign)
        and isinstance(one.target, ast.Name)
        and isinstance(two, ast.Expr)
        and isinstance(two.value, ast.Constant)
    }
    lines = ["| key | default | what it bounds |", "|---|---|---|"]
    for limit in fields(Limits):
        lines.append(f"| `{limit.name.replace('_', '-')}` | {limit.default:,} | {words.get(limit.name, '')} |")
    return "\n".join(lines)


def shown_models() -> str:
    """What `lstmlint show` prints for the example without faults.

    Errors: CalledProcessError when it fails.
    """
    command = ["show", "examples/stacked.py"]
    done = subprocess.run(
        [sys.executable, "-m", "lstmlint", *command, "--isolated", "--no-cache", "--color", "never"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return f"```console\n$ lstmlint {' '.join(command)}\n{done.stdout.rstrip()}\n```"


PARTS: dict[tuple[str, str], Callable[[], str]] = {
    # (document, name of the mark) -> what stands there
    ("README.md", "rules"): rules_table,
    ("README.md", "show"): shown_models,
    ("docs/what-is-inferred.md", "layers"): layers_table,
    ("docs/what-is-inferred.md", "reasons"): reasons_table,
    ("docs/what-is-inferred.md", "budgets"): budgets_table,
    ("docs/configuration.md", "limits"): limits_table,
}


def replaced(document: str, mark: str, text: str) -> str:
    """The document with `text` between its two marks.

    Errors: ValueError when they are missing.
    """
    begin, end = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->"
    head, found, rest = document.partition(begin)
    _, found_end, tail = rest.partition(end)
    if not found or not found_end:
        raise ValueError(f"no marks {begin.strip()} and {end}")
    return f"{head}{begin}\n{text}\n\n{end}{tail}"


def main() -> int:
    """Write all parts, or check them."""
    old = []
    for (name, mark), make in PARTS.items():
        path = ROOT / name
        document = path.read_text(encoding="utf-8")
        wanted = replaced(document, mark, make())
        if document == wanted:
            continue
        old.append(f"{name}: {mark}")
        if "--check" not in sys.argv[1:]:
            path.write_text(wanted, encoding="utf-8")
    if old and "--check" in sys.argv[1:]:
        print(f"old: {', '.join(old)}; run python scripts/generate_docs.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
