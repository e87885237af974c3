"""`lstmlint show` against what `model.summary()` prints: names, classes, shapes, parameters, connections and totals.

The programs lie in `fixtures/summaries`; beside them is what Keras prints (`scripts/measure_summaries.py`).
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lstmlint.analysis import analyse
from lstmlint.classes import replace
from lstmlint.keras.versions import Version
from lstmlint.report.models.values import shape_text
from lstmlint.settings import default_settings

FOLDER = Path(__file__).parent / "fixtures" / "summaries"
FACTS = {
    version: json.loads((FOLDER / f"{version.name.lower()}.json").read_text()) for version in (Version.T2, Version.K3)
}
CASES = [(version, program, fact) for version, facts in FACTS.items() for program in facts for fact in facts[program]]


def shown(program: str, version: Version) -> list[dict[str, Any]]:
    """What `show` says of the models of a program."""
    path = FOLDER / f"{program}.py"
    settings = replace(default_settings(str(FOLDER)), keras_version=version.value)
    return list(analyse(str(path), path.read_bytes(), settings, want_models=True).models)


@pytest.mark.parametrize(("version", "program", "fact"), CASES, ids=[f"{v.name}-{p}-{f['name']}" for v, p, f in CASES])
def test_equal_to_the_summary(version: Version, program: str, fact: dict[str, Any]) -> None:
    (model,) = [model for model in shown(program, version) if model["name"] == fact["name"]]
    assert (model["keras_name"], model["class"]) == (fact["title"], fact["class"])
    if fact["rows"] is None:  # a model that knows no input yet
        return
    are_connected = any(row[4] for row in fact["rows"])
    rows = [
        [row["name"], row["class"], shape_text(row["output_shape"]), str(row["params"]), row["inputs"] * are_connected]
        for row in model["layers"]
    ]
    assert rows == fact["rows"]
    totals = [model[f"{part}params"] for part in ("total_", "trainable_", "non_trainable_")]
    assert totals == [fact["total"], fact["trainable"], fact["non_trainable"]]


@pytest.mark.keras
def test_the_facts_are_those_of_keras_3() -> None:
    paths = sorted(FOLDER.glob("*.py"))
    done = subprocess.run(
        [sys.executable, str(FOLDER.parent.parent / "summary_worker.py")],
        input="".join(f"{path}\n" for path in paths),
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=300,
    )
    assert {path.stem: json.loads(line) for path, line in zip(paths, done.stdout.splitlines(), strict=True)} == FACTS[
        Version.K3
    ]
