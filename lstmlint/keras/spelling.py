"""The name that a wrong one was most likely meant to be."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar of some names, None where none is near: case counts less than letters."""
    # difflib is needed for wrong programs only.
    from difflib import get_close_matches

    known = list(names)
    folded = {each.lower().replace("_", ""): each for each in reversed(known)}
    same = folded.get(name.lower().replace("_", ""))
    return same or next(iter(get_close_matches(name, known, n=1, cutoff=0.75)), None)
