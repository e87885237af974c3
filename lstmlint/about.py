"""What is running: our version and the parser's, told without importing either."""

from __future__ import annotations

import os
import sys

from lstmlint import __version__


def libcst_version() -> str:
    """The version in the name of libcst's metadata folder, without an import; empty when there is none."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or os.curdir)
        except OSError:
            continue
        for name in names:
            if name.startswith("libcst-") and name.endswith(".dist-info"):
                return name[len("libcst-") : -len(".dist-info")]
    return ""


def version_line() -> str:
    """What `--version` prints: `lstmlint 0.1.0 (libcst 1.8.6, Python 3.12.1)`."""
    python = ".".join(map(str, sys.version_info[:3]))
    return f"lstmlint {__version__} (libcst {libcst_version() or 'missing'}, Python {python})"
