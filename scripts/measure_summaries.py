"""Run the programs in `tests/fixtures/summaries` with real Keras and keep what it prints of their models.

    measure_summaries.py VERSION PYTHON

VERSION is T2 or K3, PYTHON an interpreter that has that Keras (tf.keras 2.15 or Keras 3).
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "tests" / "fixtures" / "summaries"


def main() -> None:
    """Measure, and write the facts of one version."""
    version, python = sys.argv[1:]
    paths = sorted(PROGRAMS.glob("*.py"))
    done = subprocess.run(
        [python, str(ROOT / "tests" / "summary_worker.py")],
        input="".join(f"{path}\n" for path in paths),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    facts = {path.stem: json.loads(line) for path, line in zip(paths, done.stdout.splitlines(), strict=True)}
    text = json.dumps(facts, indent=1)
    (PROGRAMS / f"{version.lower()}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
