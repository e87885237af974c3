"""Write the table of rules in the README from the pages under `rules/`.

python scripts/rules_table.py            write it
python scripts/rules_table.py --check    exit with 1 when the README holds an old one
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- rules: begin -->\n", "<!-- rules: end -->\n"

sys.path.insert(0, str(ROOT))

from lstmlint.rules import all_rules

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


def table() -> str:
    """One table, a row for each rule, families set apart."""
    lines = ["| code | name | severity | what it finds |", "|---|---|---|---|"]
    family = ""
    for rule in all_rules():
        if rule.code[:3] != family:
            family = rule.code[:3]
            lines.append(f"| **{family}** | **{FAMILIES[family]}** | | |")
        summary = rule.summary.replace("|", "\\|")
        page = f"rules/{Path(rule.path).name}"
        lines.append(f"| [{rule.code}]({page}) | {rule.name} | {rule.severity.value} | {summary} |")
    return "\n".join(lines) + "\n"


def with_table(readme: str) -> str:
    """The README with the table as it should be.

    Errors: ValueError when the two marks are missing.
    """
    head, found, rest = readme.partition(BEGIN)
    _, found_end, tail = rest.partition(END)
    if not found or not found_end:
        raise ValueError(f"README.md lacks {BEGIN.strip()} or {END.strip()}")
    return f"{head}{BEGIN}{table()}{END}{tail}"


def main() -> int:
    """Write the table, or check it."""
    readme = README.read_text(encoding="utf-8")
    wanted = with_table(readme)
    if "--check" not in sys.argv[1:]:
        README.write_text(wanted, encoding="utf-8")
        return 0
    if readme == wanted:
        return 0
    print("the table of rules in README.md is old; run python scripts/rules_table.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
