"""What real Keras says of every finding in programs whose faults are known: the table of verdicts.

    python scripts/verdict_table.py [--python PATH] [--keras-version VERSION] [--backend NAME] [FOLDER...]

Runs `lstmlint --verify` over all programs of the rule pages and over each FOLDER, whose sub-folders hold a `case.py` with a
fault and a `fixed.py` without one.  Counted are the errors and warnings about what Keras does, once for each.  Exit status 1 when
a finding is refuted, a sound program has a finding or a model that Keras refuses, lstmlint and Keras differ about a layer, or
fewer than 80 % of the findings are confirmed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from page_programs import all_programs

LEAST = 0.8
VERDICTS = ("confirmed", "refuted", "not-verifiable")
REFUSED = "LL007"


def sources(folders: Sequence[Path], keras: str) -> Iterator[tuple[str, str, str]]:
    """Group, name and text of each program."""
    for program in all_programs():
        if program.keras == keras or program.kind == "bad":
            yield ("pages, faulty" if program.kind == "bad" else "pages, sound"), str(program), program.runnable
    for folder in folders:
        for kind, group in (("case", "faulty"), ("fixed", "sound")):
            for path in sorted(folder.glob(f"*/{kind}.py")):
                yield f"{folder.name}, {group}", f"{path.parent.name}-{kind}", path.read_text(encoding="utf-8")


def verified(folder: Path, options: Sequence[str]) -> tuple[list[dict[str, Any]], str]:
    """The findings in the programs of a folder with their verdicts, and what went to standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "lstmlint", "--verify", "--verbose", "--isolated", "--output-format", "json", *options, "."],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.stderr)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found, done.stderr


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--python")
    parser.add_argument("--backend")
    parser.add_argument("--keras-version", default="3")
    parser.add_argument("folders", nargs="*", type=Path)
    options = parser.parse_args()
    given = ["--keras-version", options.keras_version]
    for name in ("python", "backend"):
        given += [f"--{name}", getattr(options, name)] if getattr(options, name) else []
    groups: dict[str, list[tuple[str, str]]] = {}
    for group, name, text in sources(options.folders, options.keras_version):
        groups.setdefault(group, []).append((name, text))
    lines, is_right = [], True
    for group, programs in groups.items():
        with tempfile.TemporaryDirectory(prefix="lstmlint-verdicts-") as folder:
            for name, text in programs:
                (Path(folder) / f"{name}.py").write_text(text, encoding="utf-8")
            found, said = verified(Path(folder), given)
        print(f"== {group}: {len(programs)} programs", *said.strip().splitlines()[-3:], sep="\n   ")
        line, fine = _judged(group, found)
        lines.append(line)
        is_right = is_right and fine and "defect" not in said
    print(f"\n{'group':24}{'findings':>10}" + "".join(f"{name:>16}" for name in VERDICTS) + f"{REFUSED:>8}")
    print(*lines, sep="\n")
    return int(not is_right)


def _judged(group: str, found: Sequence[dict[str, Any]]) -> tuple[str, bool]:
    """A line of the table, and whether all is as it should be; what is not confirmed is printed."""
    refused = [each for each in found if each["code"] == REFUSED]
    told = [each for each in found if each["severity"] != "info" and each["keras"] is not None and each not in refused]
    counts = Counter((each["verified"] or {}).get("verdict", "none") for each in told)
    for each in [*told, *refused]:
        said = each["verified"] or {}
        if said.get("verdict") != "confirmed":
            place = f"{Path(each['filename']).name}:{each['location']['row'] if each['location'] else 0}"
            print(
                f"   {said.get('verdict', 'none')}: {place} {each['code']} {said.get('exception') or ''} {said.get('message') or ''}"[
                    :240
                ]
            )
    row = f"{group:24}{len(told):>10}" + "".join(f"{counts[name]:>16}" for name in VERDICTS) + f"{len(refused):>8}"
    is_sound = group.endswith("sound")
    enough = is_sound or counts["confirmed"] >= LEAST * len(told)
    return row, not counts["refuted"] and enough and not (is_sound and (told or refused))


if __name__ == "__main__":
    sys.exit(main())
