"""Small helpers for sentences that people read."""

from __future__ import annotations

import re
from collections.abc import Iterable

_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_ENDS = re.compile("[\n\x0b\x0c\r\x85\u2028\u2029]")


def closest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be, or None when none is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, tuple(known), n=1, cutoff=0.6)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of an error message: `; did you mean ...?`, or nothing when no known word is near."""
    near = closest(word, known)
    return f"; did you mean `{near}`?" if near else ""


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"


def enumerate_words(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def printable(text: str) -> str:
    """`text` on one line, without what could steer a terminal (escape sequences, bidirectional overrides).

    A line end becomes a space and the others the replacement character, so the number of code points stays the same.
    """
    return _LINE_ENDS.sub(" ", _UNPRINTABLE.sub("\ufffd", text))
