"""`--verify`: which Keras is asked, and what becomes of the run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstmlint.cli.streams import complain, is_terminal, tell
from lstmlint.files import SourceFile
from lstmlint.settings import Resolver, Settings

if TYPE_CHECKING:
    from lstmlint.runner import RunResult


def verify(
    options: argparse.Namespace, settings: Settings, files: Sequence[SourceFile], outcome: RunResult, search: Resolver
) -> tuple[RunResult, tuple[str, ...]]:
    """The run with what real Keras said of it, and what went wrong (told at once): there may be no Keras to ask."""
    from lstmlint.verify.client import Client, Limits, NoWorker, interpreter_of
    from lstmlint.verifying import verified

    try:
        python = interpreter_of(settings.python)
        if not options.quiet and is_terminal(sys.stderr):
            tell(f"asking the Keras of {python} …")
        limits = Limits(settings.verify_seconds, settings.verify_memory * 1024**2)
        with Client(python, settings.device, settings.backend, limits) as client:
            done = verified(tuple(files), outcome, search, client)
            if options.verbose and client.hello:
                keras, backend, device = (client.hello.get(name) for name in ("keras", "backend", "device"))
                tell(f"verified with Keras {keras} ({backend}, {device}) of {python}")
    except NoWorker as problem:
        complain(str(problem))
        return outcome, (str(problem),)
    return done, ()
