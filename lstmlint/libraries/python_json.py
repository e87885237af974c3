"""json: texts and files in the project become the values that they stand for."""

from __future__ import annotations

import json
from typing import IO, Any

from lstmlint.interpreter import budget
from lstmlint.interpreter.call import Call
from lstmlint.interpreter.state import DictObject
from lstmlint.interpreter.values import Const, Sequence, Text, Value, unknown
from lstmlint.libraries.data_files import header, note
from lstmlint.libraries.python_files import content_path
from lstmlint.libraries.registry import model

MOST_BYTES = 200_000
MOST_VALUES = 5_000
"""Values of one document that are taken over; what has more is not known."""


@model("json.load", "json.loads")
def load(call: Call, source: Value | None = None) -> Value:
    """What a text says, or a file of the project that is opened or was read as a whole."""
    if call.keywords.keys() - {"encoding"} or call.open_keywords:
        return call.unknown()
    if call.name.endswith("loads") and isinstance(source, Const):
        return _parsed(call, source.value) or call.unknown()
    path = content_path(source)
    if path is None or (call.name.endswith("loads") is not isinstance(source, Text)):
        return call.unknown()
    found = header(call, Const(path), _document)
    if found is None:
        return call.unknown()
    (document,) = found[1]
    made = _made(call, document, [MOST_VALUES])
    note(call, path, f"JSON: {_words(document)}")
    return made


def _document(file: IO[bytes], size: int) -> tuple[Any] | None:
    """The document in a file, in a tuple (it may be None)."""
    data = file.read(MOST_BYTES + 1)
    return None if len(data) > MOST_BYTES else (json.loads(data.decode("utf-8")),)


def _parsed(call: Call, text: object) -> Value | None:
    if not isinstance(text, (str, bytes)):
        return None
    try:
        return _made(call, json.loads(text), [MOST_VALUES])
    except (ValueError, RecursionError):
        return None


def _made(call: Call, document: Any, left: list[int]) -> Value:
    """The value that a document stands for; `left` counts those that may still be made."""
    left[0] -= 1
    if left[0] < 0:
        return unknown()
    if isinstance(document, dict):
        entries = {Const(key).key: (Const(key), _made(call, value, left)) for key, value in document.items()}
        return call.interpreter.allocate(DictObject({**entries}), "dict")
    if isinstance(document, list):
        if len(document) > budget.MAX_ITEMS:
            return call.new_sequence(Sequence("list", None, len(document), unknown()))
        return call.new_list([_made(call, item, left) for item in document])
    if isinstance(document, str) and len(document) > budget.MAX_TEXT:
        return Text(("json", id(document)))
    if isinstance(document, int) and document.bit_length() > budget.MAX_INT_BITS:
        return unknown(number="int")
    return Const(document)


def _words(document: Any) -> str:
    if isinstance(document, dict):
        names = [f"`{name}`" for name in list(document)[:6]]
        return f"an object with {', '.join(names)}{', …' if len(document) > len(names) else ''}" if names else "{}"
    return f"a list of {len(document)}" if isinstance(document, list) else "a value"
