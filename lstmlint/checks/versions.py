"""What is said to programs that are written for another Keras than the one that is meant."""

from __future__ import annotations

from lstmlint.keras.versions import Version


def advice(version: Version, repair: str | None, made_for: Version | None) -> str | None:
    """What to do about something of another Keras: the repair, or another version to check against.

    `made_for` is the generation that has it, where there is one.
    """
    told = [] if repair is None else [f"{repair}."]
    if made_for is not None and made_for is not version:
        number = made_for.value
        told.append(
            f"If the program is meant for Keras {number}, say so: `--keras-version {number}`, or `keras-version` in the "
            "configuration."
        )
    return " ".join(told) or None
