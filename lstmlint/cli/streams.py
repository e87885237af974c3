"""Standard output and standard error, whatever they are connected to."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # see lstmlint.cli
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO


def emit(text: str) -> int:
    """Write to standard output; 0, or 2 when that fails.  A reader that has gone away (`| head`) is no failure."""

    def write(stream: TextIO) -> None:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        stream.write(text)

    return _written(write)


def emit_bytes(data: bytes) -> int:
    """Write bytes to standard output as they are; 0, or 2 when that fails."""

    def write(stream: TextIO) -> None:
        stream.flush()
        stream.buffer.write(data)

    return _written(write)


def _written(write: Callable[[TextIO], None]) -> int:
    stream = sys.stdout
    if stream is None:
        return 0
    try:
        write(stream)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except OSError as error:
        _silence(stream)
        complain(f"standard output: {error.strerror or error}")
        return 2
    return 0


def _silence(stream: TextIO) -> None:
    """Let the interpreter's last flush go nowhere, as it would complain on its own."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        pass


def tell(text: str) -> None:
    """Write a line to standard error."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
        stream.write(text + "\n")
        stream.flush()
    except (OSError, ValueError):
        pass


def complain(message: str, kind: str = "error") -> None:
    """Tell about a problem: `lstmlint: error: ...`."""
    from lstmlint.words import printable

    tell(f"lstmlint: {kind}: {printable(message)}")


def wants_color(choice: str, stream: TextIO | None) -> bool:
    """Whether to colour: `always` and `never` decide, then NO_COLOR, FORCE_COLOR, then whether a person reads it."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and os.environ.get("TERM") != "dumb"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether the stream is a terminal; a closed one is not."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def width_of(stream: TextIO | None, otherwise: int) -> int:
    """The columns of the terminal that the stream goes to."""
    if stream is None or not is_terminal(stream):
        return otherwise
    try:
        return os.get_terminal_size(stream.fileno()).columns or otherwise
    except (OSError, ValueError):
        return otherwise
