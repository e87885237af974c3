"""The few terminal styles of the formats that do not draw frames; they never import rich."""

from __future__ import annotations

from collections.abc import Callable

from lstmlint.diagnostics import Severity

BOLD = "1"
DIM = "2"
GREEN = "32"
CYAN = "36"
SEVERITY_STYLES = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;34"}


def painter(color: bool) -> Callable[[str, str], str]:
    """A function (text, style) -> text with the style's escape sequences, or as it is when there is no colour."""
    return (lambda text, style: f"\x1b[{style}m{text}\x1b[0m") if color else (lambda text, style: text)
