"""Processes that analyse files side by side.

Every worker has a pipe of its own and one file at a time: when it dies (the parser is native code), it is known which
file it died of, another takes its place, and the rest goes on.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from lstmlint.analysis import FileResult, prepare
from lstmlint.classes import dataclass
from lstmlint.runner import FORKS, Job, analyse_safely, collect_seldom, defect

SECONDS_PER_FILE = 300.0
"""A worker that takes longer is ended, and its file reported.  The budget of the analysis is far below."""

SECONDS_BETWEEN_LOOKS = 5.0
"""How often an idle worker looks whether its parent is still there."""


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    job: int | None = None
    since: float = 0.0


def analyse_in_processes(jobs: Sequence[Job], processes: int) -> Iterator[tuple[int, FileResult]]:
    """Results as they come, each with the index of its job.  Closing the iterator ends the workers."""
    context: Any = multiprocessing.get_context("fork" if FORKS else "spawn")
    if FORKS:
        prepare()
        gc.freeze()  # or the workers would copy all of it when they look for garbage
    # Large files first, so that none is left to one worker at the end.
    waiting = sorted(range(len(jobs)), key=lambda index: len(jobs[index].data))
    workers: list[_Worker] = []
    try:
        while waiting or workers:
            while waiting and len(workers) < processes:
                workers.append(_start(context))
                _give(workers[-1], waiting, jobs)
            ready = wait([worker.pipe for worker in workers], timeout=1.0)
            for worker in tuple(workers):
                index = worker.job
                assert index is not None
                if worker.pipe in ready:
                    result = _receive(worker)
                elif time.monotonic() - worker.since > SECONDS_PER_FILE:
                    result = f"the analysis did not end within {SECONDS_PER_FILE:.0f} seconds"
                else:
                    continue
                if isinstance(result, str):
                    _end(worker)
                    workers.remove(worker)
                    yield index, defect(jobs[index], result)
                    continue
                if waiting:
                    _give(worker, waiting, jobs)
                else:
                    _end(worker)
                    workers.remove(worker)
                yield index, result
    finally:
        for worker in workers:
            _end(worker)
        gc.unfreeze()


def _start(context: Any) -> _Worker:
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _give(worker: _Worker, waiting: list[int], jobs: Sequence[Job]) -> None:
    worker.job = waiting.pop()
    worker.since = time.monotonic()
    try:
        worker.pipe.send(jobs[worker.job])
    except OSError:
        pass  # it died between two files: its pipe is at its end, which is seen next


def _receive(worker: _Worker) -> FileResult | str:
    """What the worker sends, or why it never will."""
    try:
        result: FileResult = worker.pipe.recv()
        return result
    except (EOFError, OSError):
        worker.process.join(1.0)
        code = worker.process.exitcode
        return f"the analysis was ended by signal {-code}" if code and code < 0 else "the analysis ended its process"


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.terminate()
    worker.process.join()


def _serve(pipe: Connection) -> None:
    """The life of a worker: jobs in, results out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends us
    parent = os.getppid()
    gc.disable()
    done = 0
    try:
        # Forked workers hold each other's pipes open, so a parent that was killed must be noticed another way.
        while os.getppid() == parent:
            if pipe.poll(SECONDS_BETWEEN_LOOKS):
                pipe.send(analyse_safely(pipe.recv()))
                collect_seldom(done)
                done += 1
    except (EOFError, OSError):
        pass
    os._exit(0)
