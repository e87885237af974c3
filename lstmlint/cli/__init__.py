"""The command line: `lstmlint [check] PATH...`, `show`, `explain` and `rules`."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # importing typing for it takes as long as all the rest of `--version`
if TYPE_CHECKING:
    from collections.abc import Sequence

STATUS_CLEAN, STATUS_FINDINGS, STATUS_USAGE, STATUS_DEFECT = range(4)
STATUS_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status.

    0: nothing found; 1: something found; 2: wrong usage or configuration, or a path that cannot be read; 3: a defect of
    lstmlint itself.  The highest wins.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["--version"], ["-V"]):
        from lstmlint.about import version_line
        from lstmlint.cli.streams import emit

        return max(STATUS_CLEAN, emit(f"{version_line()}\n"))
    from lstmlint.cli.commands import dispatch

    return dispatch(arguments)


def run() -> None:
    """`main` as a process, which ends at once: to take apart all that it made would be a tenth of a short run."""
    status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # none, closed, or gone: told where it was written
            pass
    os._exit(status)
