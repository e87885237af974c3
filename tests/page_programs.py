"""The programs on the rule pages: blocks of Python, what is marked in them, and the words of Keras that follow them.

A block begins with ```` ```python bad ````, `good` or `fixed`.  Behind that may stand `keras=2.15` (the generation the
program is written for; 3 unless said) and `call=EXPRESSION` (what to run once the definitions of the block are made, so
that a function which nobody calls can be tried).  In a `bad` block the lines that a finding is due for end in the comment
`# error`, `# warning` or `# info`.  A block ```` ```text keras ```` after a `bad` one has what Keras says to it; `…` stands for
anything.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGES = Path(__file__).resolve().parent.parent / "rules"
KERAS_FAMILIES = re.compile(r"LL[1-8]\d\d-.*\.md")

_FENCE = re.compile(r"^```(?P<language>\w+)(?P<tags>[^\n]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"[ \t]*# (error|warning|info)$")

PREPARE = """
import numpy as np, pandas as pd
rng = np.random.default_rng(0)
np.save("x_train.npy", rng.random((24, 20, 8), dtype="float32"))
np.save("y_train.npy", rng.integers(0, 5, 24))
prices = pd.DataFrame(rng.random((60, 5)), columns=["open", "high", "low", "close", "volume"])
prices.insert(0, "date", pd.date_range("2024-01-01", periods=60))
prices["trend"] = rng.integers(0, 3, 60)
prices.to_csv("prices.csv", index=False)
"""
"""The files that the programs read."""


@dataclass(frozen=True)
class Program:
    """A block of a page.  `row` is where it begins in the page; `words` is what Keras says to it, "" where not told."""

    page: Path
    kind: str
    source: str
    row: int
    keras: str
    call: str
    words: str

    @property
    def code(self) -> str:
        """The code of the page's rule."""
        return self.page.name[:5]

    @property
    def marks(self) -> list[tuple[int, str]]:
        """The lines, from 1, that a finding is due for, with its severity."""
        found = ((row, _MARK.search(line)) for row, line in enumerate(self.source.splitlines(), 1))
        return [(row, mark[1]) for row, mark in found if mark]

    @property
    def unmarked(self) -> str:
        """The source without its marks."""
        return "".join(_MARK.sub("", line) + "\n" for line in self.source.splitlines())

    @property
    def runnable(self) -> str:
        """The source with the call that tries it."""
        return f"{self.source}\n{self.call}\n" if self.call else self.source

    def __str__(self) -> str:
        return f"{self.code}-line{self.row}-{self.kind}"


@cache
def programs(page: Path) -> tuple[Program, ...]:
    """The programs of a page, in its order."""
    text = page.read_text(encoding="utf-8")
    blocks = list(_FENCE.finditer(text))
    found = []
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        kind, *tags = block["tags"].split() or [""]
        if block["language"] != "python" or kind not in ("bad", "good", "fixed"):
            continue
        values = dict(tag.split("=", 1) for tag in tags)
        said = following is not None and (following["language"], following["tags"].strip()) == ("text", "keras")
        found.append(
            Program(
                page=page,
                kind=kind,
                source=block["body"],
                row=text.count("\n", 0, block.start()) + 1,
                keras=values.pop("keras", "3"),
                call=values.pop("call", ""),
                words=following["body"].strip() if following is not None and said else "",
            )
        )
        if values:
            raise ValueError(f"{page.name}: unknown tags {sorted(values)}")
    return tuple(found)


def pages() -> list[Path]:
    """The pages of the rules about Keras, by code."""
    return sorted(page for page in PAGES.iterdir() if KERAS_FAMILIES.fullmatch(page.name))


def all_programs() -> list[Program]:
    """Every program on these pages."""
    return [program for page in pages() for program in programs(page)]


def says(words: str, message: str) -> bool:
    """Whether `words` are in `message`; spaces do not matter and `…` stands for anything."""
    pattern = ".*?".join(re.escape("".join(part.split())) for part in words.split("…"))
    return re.search(pattern, "".join(message.split()), re.DOTALL) is not None
