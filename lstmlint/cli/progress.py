"""A bar on standard error for people who wait at a terminal."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

SECONDS_BEFORE_BAR = 1.5
"""Runs that end sooner show none, and never import rich for it."""

SECONDS_BETWEEN_DRAWINGS = 0.1


class Progress:
    """Called with the number of files done and of all files; draws without a thread, as workers are forked."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._drawn = 0.0
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if self._bar is None and now - self._started > SECONDS_BEFORE_BAR and done < total:
            self._start(total)
        if self._bar is None or self._task is None:
            return
        if done >= total:
            self._bar.stop()
        elif now - self._drawn > SECONDS_BETWEEN_DRAWINGS:
            self._drawn = now
            self._bar.update(self._task, completed=done, refresh=True)

    def _start(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn())
        self._bar = Bar(*columns, console=Console(stderr=True), auto_refresh=False, transient=True)
        self._bar.start()
        self._task = self._bar.add_task("checking", total=total)
