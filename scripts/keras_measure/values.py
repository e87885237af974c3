"""Which values of which arguments the constructors refuse."""

from __future__ import annotations

from typing import Any

from keras_measure.installed import exception

PATH = "tests/fixtures/keras_facts/values.json"


def stored(data: dict[str, Any], version: str) -> dict[str, Any]:
    return data[version]


def measured(keras: Any, known: dict[str, Any]) -> dict[str, Any]:
    """The exception of each call, None where there is none."""
    names = dict(vars(keras.layers))
    found: dict[str, Any] = {}
    for class_name, entry in known.items():
        if class_name in names:
            values = {
                argument: {value: _outcome(names, class_name, entry["given"], argument, value) for value in rows}
                for argument, rows in entry["values"].items()
            }
            found[class_name] = {"given": entry["given"], "values": values}
    return found


def _outcome(names: dict[str, Any], class_name: str, given: str, argument: str, value: str) -> str | None:
    try:
        keywords = {**eval(f"dict({given})", dict(names)), argument: eval(value, dict(names))}
        names[class_name](**keywords)
    except Exception as error:  # noqa: BLE001 - whatever it raises is the answer
        return exception(error)
    return None


def written(data: dict[str, Any], version: str, found: dict[str, Any]) -> dict[str, Any]:
    return {**data, version: found}
