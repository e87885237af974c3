"""What lstmlint and real Keras make of a program that trains, and in what they differ."""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_process import KerasProcess

from lstmlint.analysis import analyse
from lstmlint.keras.versions import Version
from lstmlint.settings import Settings
from random_trainings.traits import traits

WORKER = Path(__file__).with_name("worker.py")


class Keras(KerasProcess):
    """Runs programs with the Keras of an interpreter."""

    def __init__(self, python: str = sys.executable) -> None:
        super().__init__(WORKER, python)

    def trained(self, source: str) -> dict[str, Any]:
        """What Keras makes of the program."""
        crashed = {"raised": "crashed", "message": "", "line": None, "compared": []}
        return self.ask({"source": source}) or crashed


_NAMES = {Version.K2: "2.2", Version.T2: "2.15", Version.K3: "3"}

#: What is told of data, targets, batches and calls: the matter of these programs.
_SHAPES = re.compile(r"LL[123]\d\d|LL40[23]|LL410|LL50[236]")
_COMPARED = re.compile(r"by broadcasting \((\(.*?\)) with (\(.*?\))\)")


def linted(source: str, version: Version = Version.K3) -> dict[str, Any]:
    """What lstmlint makes of a program: the errors that it sees, and the shapes that it says are compared in silence."""
    result = analyse("/program.py", source.encode(), Settings(root="/", keras_version=_NAMES[version]))
    assert not result.defects, result.defects
    found = [each for each in result.diagnostics if _SHAPES.fullmatch(each.code) and each.span is not None]
    errors = [(x.span.start.row, f"{x.code} {x.message}") for x in found if x.severity.value == "error" and x.span]
    silent = [match.groups() for x in found if (match := _COMPARED.search(x.message))]
    return {"errors": sorted(errors), "silent": silent}


def difference(ours: dict[str, Any], real: dict[str, Any]) -> str | None:
    """In what lstmlint and Keras differ."""
    if real["raised"] is not None:
        told = f"Keras raises in line {real['line']} {real['raised']}: {real['message']}"
        if not ours["errors"]:
            return told
        row, message = ours["errors"][0]
        return None if row == real["line"] else f"{told}\nbut we see first: line {row} {message}"
    if ours["errors"]:
        return f"Keras raises nothing, but: {ours['errors'][0]}"
    wrong = silent_pairs(real)
    if bool(wrong) != bool(ours["silent"]):
        return f"silent: {ours['silent']}, really {wrong or real['compared'][:3]}"
    for output, target in ours["silent"]:
        # Labels are the same with a last axis of 1.
        if not any(_reads(output, p) and (_reads(target, y) or _reads(target, [*y, 1])) for p, y in wrong):
            return f"silent: {output} with {target}, really {wrong}"
    return None


def silent_pairs(real: dict[str, Any]) -> list[tuple[list[int], list[int]]]:
    """The unlike shapes that losses have compared: of outputs and of targets."""
    return [
        (output, _labels(target, output) if "sparse" in name else target)
        for name, output, target, is_squeezed in real["compared"]
        if (is_squeezed or _labels(target, output) != output[:-1] if "sparse" in name else target != output)
    ]


def _labels(target: list[int], output: list[int]) -> list[int]:
    return target[:-1] if len(target) == len(output) and target[-1] == 1 else target


def _reads(text: str, dims: list[int]) -> bool:
    """Whether a shape in a message may be this one: a size that is not known fits any."""
    parts = [part.strip() for part in text.strip("()").split(",") if part.strip()]
    return len(parts) == len(dims) and all(not part.isdigit() or int(part) == dim for part, dim in zip(parts, dims))


@dataclass
class Tally:
    """What was drawn and how it went."""

    trainings: int = 0
    silent: int = 0
    raising: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    drawn: dict[str, Counter[str]] = field(default_factory=dict)
    differences: list[tuple[str, str]] = field(default_factory=list)

    @property
    def raised(self) -> int:
        return sum(self.raising.values())

    def add(self, source: str, ours: dict[str, Any], real: dict[str, Any]) -> None:
        self.trainings += 1
        for name, found in traits(source).items():
            self.drawn.setdefault(name, Counter()).update(found)
        if real["raised"] is not None:
            self.raising[real["raised"]] += 1
        else:
            self.silent += bool(silent_pairs(real))
        self.told.update(
            {message.split()[0] for _, message in ours["errors"]} | ({"LL303"} if ours["silent"] else set())
        )
        told = difference(ours, real)
        if told is not None:
            self.differences.append((source, told))


def compared(source: str, keras: Keras) -> tuple[dict[str, Any], dict[str, Any]]:
    """What both make of a program."""
    return linted(source, keras.version), keras.trained(source)
