"""Shapes as users say them, in comments and in the configuration."""

from __future__ import annotations

from lstmlint.classes import dataclass

MOST_AXES = 32


@dataclass(frozen=True, slots=True)
class Said:
    """A shape in words: sizes, names of sizes, None for any size.  Not `exact`: more axes may stand in front."""

    dims: tuple[int | str | None, ...]
    exact: bool = True

    def __str__(self) -> str:
        words = ["..."] * (not self.exact) + ["?" if dim is None else str(dim) for dim in self.dims]
        return f"({', '.join(words)}{',' if len(words) == 1 else ''})"


@dataclass(frozen=True, slots=True)
class Frame:
    """A table of which users say the labels of its columns, and perhaps the number of its rows."""

    columns: tuple[str, ...]
    rows: int | None = None


def parse(text: str) -> Said | None:
    """A shape as users write it: `n, 30, 7`, with `?` or `_` for any size and `...` in front for any axes."""
    words = [word.strip() for word in text.split(",")]
    if words and not words[-1] and (len(words) > 1 or not text.strip()):
        words.pop()
    exact = not (words and words[0] == "...")
    dims: list[int | str | None] = []
    for word in words if exact else words[1:]:
        if word in ("?", "_"):
            dims.append(None)
        elif word.isdecimal() and word.isascii() and len(word) < 19:
            dims.append(int(word))
        elif word.isidentifier():
            dims.append(word)
        else:
            return None
    return Said(tuple(dims), exact) if len(dims) <= MOST_AXES else None


def described(spec: object) -> Said | dict[str, Said] | Frame | None:
    """What an entry of the table `data` says: a shape, shapes by name, or a frame; None when it says nothing."""
    if isinstance(spec, list | str):
        words = spec.strip("() ") if isinstance(spec, str) else ", ".join(map(str, spec))
        return parse(words)
    if not isinstance(spec, dict) or not spec:
        return None
    if spec.keys() <= {"columns", "rows"} and isinstance(spec.get("columns"), list):
        rows, columns = spec.get("rows"), spec["columns"]
        well = all(isinstance(label, str) for label in columns) and columns and type(rows) in (int, type(None))
        return Frame(tuple(columns), rows) if well else None
    shapes = {name: described(shape) for name, shape in spec.items()}
    known = {name: shape for name, shape in shapes.items() if shape is not None and not isinstance(shape, dict | Frame)}
    return known if len(known) == len(shapes) else None
