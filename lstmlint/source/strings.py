"""Values of string and number literals, as `ast.literal_eval` gives them, without its cost, warnings or errors."""

from __future__ import annotations

import re
import unicodedata

MAX_INT_DIGITS = 4000
"""Decimal digits up to which an int literal is evaluated; longer ones (Python itself refuses 4301) are unknown."""

_LITERAL = re.compile(r"([a-zA-Z]*)('''|\"\"\"|'|\")(.*)\2\Z", re.DOTALL)
_NEWLINE = re.compile(r"\r\n?")
_ESCAPE = re.compile(
    r"\\(?:(\n)|([\\'\"abfnrtv])|([0-7]{1,3})|x([0-9a-fA-F]{2})"
    r"|N\{([^}]*)\}|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([xNuU]))"
)
_BYTES_ESCAPE = re.compile(r"\\(?:(\n)|([\\'\"abfnrtv])|([0-7]{1,3})|x([0-9a-fA-F]{2})|(x))")
_SIMPLE = dict(zip("\\'\"abfnrtv", "\\'\"\a\b\f\n\r\t\v", strict=True))


class BadLiteral(ValueError):
    """The literal is not one that Python accepts (an unknown `\\N{name}`, for example)."""


def prefix(literal: str) -> str:
    """The letters in front of the first quote, in lower case."""
    return literal[: _first_quote(literal)].lower()


def string_value(literal: str) -> str | bytes:
    """The value of one string or bytes literal (no f-string).

    Errors: BadLiteral.
    """
    found = _LITERAL.match(literal)
    if found is None:
        raise BadLiteral(literal[:20])
    letters, _, body = found.groups()
    letters = letters.lower()
    if "b" in letters:
        return _bytes_body(body, raw="r" in letters)
    return string_body(body, raw="r" in letters)


def string_body(body: str, *, raw: bool) -> str:
    """The value of the text between the quotes.

    Errors: BadLiteral.
    """
    if "\r" in body:
        body = _NEWLINE.sub("\n", body)
    if raw or "\\" not in body:
        return body
    return _ESCAPE.sub(_unescape, body)


def int_value(text: str) -> int:
    """The value of an int literal.

    Errors: BadLiteral when Python refuses it or it has more than `MAX_INT_DIGITS` digits.
    """
    if len(text) > MAX_INT_DIGITS:
        raise BadLiteral("int")
    try:
        return int(text, 0)
    except ValueError:
        raise BadLiteral(text) from None


def _first_quote(literal: str) -> int:
    for index, character in enumerate(literal):
        if character in "'\"":
            return index
    return len(literal)


def _bytes_body(body: str, *, raw: bool) -> bytes:
    if "\r" in body:
        body = _NEWLINE.sub("\n", body)
    if not raw and "\\" in body:
        body = _BYTES_ESCAPE.sub(_unescape_byte, body)
    try:
        return body.encode("latin-1")
    except UnicodeEncodeError:
        raise BadLiteral("bytes literal with characters that are not ASCII") from None


def _unescape(found: re.Match[str]) -> str:
    newline, simple, octal, byte, name, short, long, cut_off = found.groups()
    if simple:
        return _SIMPLE[simple]
    if newline:
        return ""
    if octal:
        return chr(int(octal, 8))
    try:
        if cut_off:
            raise BadLiteral("incomplete escape")
        return unicodedata.lookup(name) if name is not None else chr(int(byte or short or long, 16))
    except (KeyError, ValueError, OverflowError):
        raise BadLiteral(found.group()) from None


def _unescape_byte(found: re.Match[str]) -> str:
    newline, simple, octal, byte, cut_off = found.groups()
    if simple:
        return _SIMPLE[simple]
    if newline:
        return ""
    if cut_off:
        raise BadLiteral("incomplete escape")
    return chr(int(octal, 8) & 0xFF) if octal else chr(int(byte, 16))
