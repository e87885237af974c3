"""What each command does, from arguments to exit status."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

from lstmlint.cli import STATUS_CLEAN, STATUS_DEFECT, STATUS_INTERRUPTED, STATUS_USAGE
from lstmlint.cli.options import COMMANDS, UsageError, parse
from lstmlint.cli.streams import complain, tell
from lstmlint.settings import ConfigError


def dispatch(arguments: Sequence[str]) -> int:
    """Run the command that the arguments name; `check` when they name none."""
    command, rest = ("check", arguments)
    if arguments and arguments[0] in COMMANDS:
        command, rest = arguments[0], arguments[1:]
    verbose = "-v" in rest or "--verbose" in rest
    try:
        return _command(command)(parse(command, rest))
    except SystemExit as leave:  # argparse after --help
        return leave.code if isinstance(leave.code, int) else STATUS_CLEAN
    except UsageError as error:
        complain(f"{error} (see `lstmlint {command} --help`)")
        return STATUS_USAGE
    except ConfigError as error:
        complain(str(error))
        return STATUS_USAGE
    except KeyboardInterrupt:
        complain("interrupted")
        return STATUS_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost boundary: whatever goes wrong is told in one line
        complain(f"lstmlint itself failed, please report this: {type(error).__name__}: {error}", kind="internal error")
        if verbose:
            from traceback import format_exc

            tell(format_exc())
        return STATUS_DEFECT


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    if name == "show":
        from lstmlint.cli.show import show

        return show
    if name in ("explain", "rules"):
        from lstmlint.cli import pages

        return pages.explain if name == "explain" else pages.list_rules
    from lstmlint.cli.check import check

    return check
