"""What lstmlint and real Keras make of a program, and in what they differ."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_process import KerasProcess

from lstmlint.analysis import analyse
from lstmlint.keras.versions import Version
from lstmlint.settings import Settings

WORKER = Path(__file__).with_name("worker.py")
#: Programs on which lstmlint and Keras once differed, with what that Keras made of them.
FOUND = Path(__file__).parent.parent / "fixtures" / "random_models.json"
UNKNOWN = "?"


class Keras(KerasProcess):
    """Builds models with the Keras of an interpreter."""

    def __init__(self, python: str = sys.executable) -> None:
        super().__init__(WORKER, python)

    def built(self, source: str, *, run: bool = False) -> dict[str, Any]:
        """What Keras makes of the program; `run`: the model is also called on data, where many things fail only then."""
        answer = self.ask({"source": source, "run": run})
        assert answer is not None or run, f"Keras crashed on\n{source}"
        crashed = {"raised": None, "line": None, "message": None, "layers": [], "ran": "crashed"}
        return answer or crashed


_NAMES = {Version.K2: "2.2", Version.T2: "2.15", Version.K3: "3"}


def linted(source: str, version: Version = Version.K3) -> dict[str, Any]:
    """What lstmlint makes of a program, through its whole way: the errors that it sees, and the table of layers."""
    settings = Settings(root="/", keras_version=_NAMES[version])
    result = analyse("/program.py", source.encode(), settings, want_models=True)
    assert not result.defects, result.defects
    errors = [
        (each.span.start.row, f"{each.code} {each.message}")
        for each in result.diagnostics
        if each.severity.value == "error" and each.span is not None
    ]
    shown = [model for model in result.models if model["name"] == "model"]
    layers = [
        (x["class"], _flattened(x["output_shape"]), x["params"], x["trainable_params"])
        for model in shown
        for x in model["layers"]
    ]
    return {"errors": errors, "layers": layers}


def _flattened(shape: Any) -> Any:
    """One shape, a list of several (as Keras 3 remembers them), or unknown."""
    if isinstance(shape, list) and any(isinstance(part, list) or part == UNKNOWN for part in shape):
        leaves: list[Any] = []
        for part in shape:
            found = _flattened(part)
            several = isinstance(found, list) and any(isinstance(item, list) for item in found)
            leaves += found if several else [found]
        return leaves
    return shape


def difference(source: str, ours: dict[str, Any], real: dict[str, Any]) -> str | None:
    """In what lstmlint and Keras differ; what lstmlint does not know is no difference, but a missed refusal is."""
    errors = ours["errors"]
    if real["raised"] is not None:
        told = f"Keras raises in line {real['line']} {real['raised']}: {real['message']}"
        if not errors:
            return None if is_unsure(ours) else told
        row, message = min(errors)
        if row == real["line"] or _makes_what_fails(source, row, real["line"]) or real.get("late"):
            return None
        return f"{told}\nbut we see first: line {row} {message}"
    if errors:
        return None if real["ran"] else f"Keras raises nothing, but: {min(errors)}"
    if len(ours["layers"]) != len(real["layers"]):
        return f"layers: {ours['layers']}, really {real['layers']}"
    for row, real_row in zip(ours["layers"], real["layers"]):
        if not all(_agrees(mine, wanted) for mine, wanted in zip(row, real_row)):
            return f"{row}, really {real_row}"
    return None


def _makes_what_fails(source: str, row: int, line: int) -> bool:
    """Whether a layer is made in `row` and first called in `line` (some values are looked at only then), or in its list."""
    lines = source.splitlines()
    if lines[line - 1].endswith("Sequential(["):
        return row > line
    name, _, _ = lines[row - 1].partition(" = ")
    return row < line and f"{name}(" in lines[line - 1]


def _ended(source: str, row: int) -> str | None:
    """The program to the end of line `row`, which makes a tensor or adds a layer, and a model to run; None for others."""
    lines = source.splitlines()[:row]
    if lines[-1].startswith("model.add("):
        return "\n".join(lines) + "\n"
    name, is_assigned, made = lines[-1].partition(" = ")
    inputs = [line.partition(" = ")[0] for line in lines if " = Input(" in line]
    if name.startswith("inner"):
        return "\n".join((*lines, f"model = {name}")) + "\n"
    if not is_assigned or "(" not in made or name.startswith("layer"):
        return None
    return "\n".join((*lines, f"model = Model([{', '.join(inputs)}], [{name}])")) + "\n"


def _agrees(ours: Any, real: Any) -> bool:
    if isinstance(ours, list) and isinstance(real, list):
        return len(ours) == len(real) and all(map(_agrees, ours, real))
    return ours == UNKNOWN or real == UNKNOWN or ours == real


def is_unsure(ours: dict[str, Any]) -> bool:
    """Whether there is something in the model that lstmlint does not know: it says nothing of what comes behind."""
    return any(map(is_unknown, ours["layers"]))


def is_unknown(row: tuple[Any, ...]) -> bool:
    return UNKNOWN in json.dumps(row)


@dataclass
class Tally:
    """What was drawn and how it went."""

    models: int = 0
    raised: int = 0
    rows: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    raising: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[str, str]] = field(default_factory=list)
    unsure: int = 0

    def add(self, source: str, ours: dict[str, Any], real: dict[str, Any]) -> None:
        self.models += 1
        self.raised += real["raised"] is not None
        self.raising[real["raised"] or "-"] += 1
        self.unsure += real["raised"] is not None and not ours["errors"] and is_unsure(ours)
        told = difference(source, ours, real)
        if told is not None:
            self.differences.append((source, told))
        for row in real["layers"] or ():
            self.classes[row[0]] += 1
        if real["raised"] is None:
            self.rows += len(ours["layers"])
            self.unknown.update(row[0] for row in ours["layers"] if is_unknown(row))


def compared(source: str, keras: Keras) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both make of a program; Keras calls the model on data only where lstmlint alone sees an error, or sees one first.

    Keras 3 looks at many things only when a model runs, and then at those that were made first.
    """
    ours = linted(source, keras.version)
    real = keras.built(source)
    if ours["errors"] and real["raised"] is None:
        return ours, keras.built(source, run=True)
    row = min(ours["errors"])[0] if ours["errors"] else 0
    if 0 < row < (real["line"] or 0) and (ended := _ended(source, row)) is not None:
        early = keras.built(ended, run=True)
        real["late"] = early["raised"] or early["ran"]
    return ours, real


def keep(source: str, version: Version, real: dict[str, Any]) -> None:
    """Add a program and what Keras makes of it to those that are tried without Keras, too."""
    found = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else []
    answer = {name: real.get(name) for name in ("raised", "message", "line", "layers", "ran", "late")}
    row = {"version": version.value, "source": source, "keras": answer}
    if row not in found:
        rows = ",\n".join(json.dumps(each, ensure_ascii=False) for each in (*found, row))
        FOUND.write_text(f"[\n{rows}\n]\n", encoding="utf-8")


def tally(sources: Iterable[str], keras: Keras) -> Tally:
    """All programs compared."""
    result = Tally()
    for source in sources:
        result.add(source, *compared(source, keras))
    return result


def shortened(source: str, keras: Keras) -> str:
    """The program without the lines that its difference does not need."""
    lines = source.splitlines()
    index = len(lines) - 1
    while index > 1:
        shorter = [*lines[:index], *lines[index + 1 :]]
        text = "\n".join(shorter) + "\n"
        if _same_kind(text, keras):
            lines = shorter
        index -= 1
    return "\n".join(lines) + "\n"


def _same_kind(source: str, keras: Keras) -> bool:
    """Whether the shorter program still shows a difference, and is a program."""
    try:
        compile(source, "program", "exec")
        ours, real = compared(source, keras)
    except (SyntaxError, AssertionError):
        return False
    return real["raised"] not in ("NameError", "KeyError") and difference(source, ours, real) is not None
