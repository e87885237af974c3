"""The three behaviours of Keras, and how version numbers map to them."""

from __future__ import annotations

import enum


class Version(enum.Enum):
    """K2: standalone Keras to 2.3; T2: tf.keras 2.4 to 2.15; K3: Keras 3.  The value is what reports print."""

    K2 = "2.3"
    T2 = "2.15"
    K3 = "3"

    @classmethod
    def parse(cls, text: str) -> Version:
        """The behaviour of Keras version `text` ("2.2.4", "2.15", "3"); any number is accepted.

        Errors: ValueError when `text` is not a version number.
        """
        numbers = text.strip().lstrip("v").split(".")
        if not numbers[0].isdigit():
            raise ValueError(f"not a version number: {text!r}")
        major = int(numbers[0])
        minor = int(numbers[1]) if len(numbers) > 1 and numbers[1].isdigit() else (15 if major == 2 else 0)
        if (major, minor) < (2, 4):
            return cls.K2
        if (major, minor) < (2, 16):
            return cls.T2
        return cls.K3
