"""Lint programs beside the data files that they read.

usage: python scripts/with_data_files.py FOLDER [--only NAME ...] [--keep FOLDER]

FOLDER holds one folder per case: `case.py` (a program with one bug), `fixed.py` (the same, repaired) and `meta.json`, whose
`prelude` is Python that writes the files which the program reads.  Each prelude runs in a folder of its own, the programs are put
beside the files, and lstmlint is run there.  Printed are the cases that are hit (a finding on `line` or one of
`also_ok_lines`) and missed, and findings in repaired programs.  Exit status 0 when nothing was missed and nothing is false.
"""

from __future__ import annotations

import argparse
import collections
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_HEAD = "import numpy as np, pandas as pd\nnp.random.seed(0)\n"


def lint(folder: Path, keras: str) -> list[Any]:
    """The errors and warnings in the programs of a folder."""
    version = ["--keras-version", "2.15"] if keras == "2" else []
    command = [sys.executable, "-m", "lstmlint", "--isolated", "--no-cache", "--output-format", "json", *version]
    done = subprocess.run([*command, "case.py", "fixed.py"], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{folder.name}: lstmlint ended with status {done.returncode}\n{done.stderr[-2000:]}")
    return [finding for finding in json.loads(done.stdout) if finding["severity"] in ("error", "warning")]


def prepared(case: Path, folder: Path, prelude: str) -> None:
    """The programs of a case in `folder`, beside the files that its prelude writes."""
    folder.mkdir(parents=True)
    for name in ("case.py", "fixed.py"):
        shutil.copy(case / name, folder / name)
    if prelude:
        subprocess.run([sys.executable, "-c", _HEAD + prelude], cwd=folder, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="beginnings of the names of cases")
    parser.add_argument("--keep", type=Path, help="where to leave programs and files")
    options = parser.parse_args()
    counts: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory() as temporary:
        place = options.keep or Path(temporary)
        for path in sorted(options.folder.glob("*/meta.json")):
            case, meta = path.parent, json.loads(path.read_text(encoding="utf-8"))
            if options.only and not case.name.startswith(tuple(options.only)):
                continue
            prepared(case, place / case.name, meta.get("prelude", ""))
            found = lint(place / case.name, meta["keras"])
            accepted = {meta["line"], *meta.get("also_ok_lines", ())}
            expected = meta["expect"]
            hit = any(f["filename"] == "case.py" and f["location"]["row"] in accepted for f in found)
            counts[expected] += 1
            counts[f"{expected} hit"] += hit
            if not hit:
                print(f"missed  {case.name}:{meta['line']} ({expected})")
            for each in found:
                if each["filename"] == "fixed.py":
                    counts["false"] += 1
                    print(f"false   {case.name}/fixed.py:{each['location']['row']} {each['code']} {each['message']}")
    print(
        f"must {counts['must hit']}/{counts['must']}, may {counts['may hit']}/{counts['may']}, false {counts['false']}"
    )
    return int(counts["must hit"] < counts["must"] or counts["false"] > 0)


if __name__ == "__main__":
    sys.exit(main())
