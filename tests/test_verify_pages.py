"""`--verify` on the programs of the rule pages: what is told is not refuted, and what is right is not refused."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from command_line import really_lint
from page_programs import all_programs

#: Of the programs without a fault, one in so many: they take minutes.
EVERY = 5


def verified(folder: Path, kind: str, every: int = 1) -> list[dict[str, Any]]:
    """The findings in the programs of one kind for Keras 3, all in one run."""
    for program in [each for each in all_programs() if each.kind == kind and each.keras == "3"][::every]:
        (folder / f"{program}.py").write_text(program.runnable, encoding="utf-8")
    done = really_lint(
        folder, "--verify", "--isolated", "--keras-version", "3", "--output-format", "json", ".", timeout=1200
    )
    assert done.returncode in (0, 1), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.keras
def test_what_is_told_is_not_refuted(tmp_path: Path) -> None:
    found = [each for each in verified(tmp_path, "bad") if each["severity"] != "info" and each["keras"] is not None]
    said = Counter(each["verified"]["verdict"] for each in found)
    assert [(each["filename"], each["code"]) for each in found if each["verified"]["verdict"] == "refuted"] == []
    assert "LL007" not in {each["code"] for each in found}
    assert said["confirmed"] > 0.8 * said.total()


@pytest.mark.keras
@pytest.mark.parametrize("kind", ["good", "fixed"])
def test_what_is_right_is_not_refused(kind: str, tmp_path: Path) -> None:
    assert [each for each in verified(tmp_path, kind, EVERY) if each["severity"] != "info"] == []
