"""Many files -> results: cache, processes, crashes, and what is kept of the findings."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from functools import lru_cache
from typing import Any

from lstmlint import rules
from lstmlint.analysis import FileResult, analyse, meant_keras, needs_analysis, start_run, values
from lstmlint.cache import Cache, open_cache
from lstmlint.classes import dataclass, field, replace
from lstmlint.diagnostics import Diagnostic
from lstmlint.files import SourceFile, display_name, ignored_selectors, is_excluded
from lstmlint.settings import Resolver, Settings, selected_codes, selects

UNREADABLE = "LL002"
INTERNAL_ERROR = "LL099"

FORKS = sys.platform == "linux"
"""Whether workers are forked: it saves them the import of what the parent has.  Elsewhere it is unsafe, or missing."""

PARALLEL_BYTES = 40_000 if FORKS else 200_000
"""Sources to analyse, in bytes, from which on processes pay.  Below, starting them costs more than they save.

Measured: two forked workers cost 40 ms more than none, and parsing alone takes 6 ms for 1 kB; a spawned one has to
import everything, which takes some 350 ms.
"""

FILES_PER_COLLECTION = 64
"""Files after which a process looks for garbage.  Python itself would look all the time and find next to none."""

READ_LIMIT = 64 * 1024 * 1024
"""Bytes that are read of a file.  What is larger is refused by the limits for sources in any case."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to analyse, as it travels to a worker.

    `contents` is what other files are taken to hold, by absolute path.
    """

    path: str
    display: str
    data: bytes
    settings: Settings
    want_models: bool = False
    want_request: bool = False
    contents: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found.

    `diagnostics` are selected, without duplicates and sorted; `problems` are paths that cannot be read (exit status 2);
    `results` is what they come from, file by file; `defects` our own errors in words (exit status 3); the numbers count files.
    """

    diagnostics: tuple[Diagnostic, ...]
    models: tuple[dict[str, Any], ...]
    problems: tuple[str, ...]
    defects: tuple[str, ...]
    checked: int
    cached: int
    analysed: int
    results: tuple[FileResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How to run: `jobs` is the number of processes (None: one per core), `progress` is told (done, all).

    With `want_request` the results have requests for verification: nothing remembered is used, and all is done in this process.
    """

    want_models: bool = False
    want_request: bool = False
    jobs: int | None = None
    progress: Callable[[int, int], None] = lambda done, total: None


def run(files: Iterable[SourceFile], unreadable: Iterable[SourceFile], resolver: Resolver, plan: Plan) -> RunResult:
    """Check `files`; `unreadable` folders met on the way to them become findings."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _run(tuple(files), unreadable, resolver, plan)
    finally:
        if collecting:
            gc.enable()


def _run(files: tuple[SourceFile, ...], unreadable: Iterable[SourceFile], resolver: Resolver, plan: Plan) -> RunResult:
    start_run()
    caches = _Caches()
    problems: list[str] = []
    results: list[FileResult] = [_not_readable(folder.display, "Permission denied") for folder in unreadable]
    waiting: list[tuple[SourceFile, Job]] = []
    cached = 0
    for file in files:
        try:
            data = file.data if file.data is not None else read_file(file)
        except OSError as error:
            reason = error.strerror or str(error)
            if file.named:
                problems.append(f"`{file.display}`: cannot be read: {reason}")
            else:
                results.append(_not_readable(file.display, reason))
            continue
        cache = None if plan.want_request else caches.of(file)
        known = cache and cache.get(file, data, want_models=plan.want_models)
        if known:
            cached += 1
            results.append(known)
        elif _may_need_analysis(file, data):
            waiting.append(
                (file, Job(file.path, file.display, data, file.settings, plan.want_models, plan.want_request))
            )
    try:
        for (file, job), result in _analyse_all(waiting, plan):
            cache = None if plan.want_request else caches.of(file)
            if cache:
                cache.put(file, job.data, result, want_models=plan.want_models)
            results.append(result)
    finally:
        caches.save()
    return RunResult(
        diagnostics=kept((d for result in results for d in all_diagnostics(result)), files, resolver),
        models=tuple(model for result in sorted(results, key=lambda r: r.filename) for model in result.models),
        problems=tuple(problems),
        defects=tuple(defect for result in results for defect in result.defects),
        checked=len(files) - len(problems),
        cached=cached,
        analysed=len(waiting),
        results=tuple(results),
    )


def _analyse_all(
    waiting: list[tuple[SourceFile, Job]], plan: Plan
) -> Iterator[tuple[tuple[SourceFile, Job], FileResult]]:
    """Results as they come, from this process when there is little to do, else from several."""
    jobs = [job for _, job in waiting]
    processes = 1 if plan.want_request else min(plan.jobs or _cores(), len(jobs))
    if processes < 2 or (plan.jobs is None and sum(len(job.data) for job in jobs) < PARALLEL_BYTES):
        results = _analyse_here(jobs)
    else:
        from lstmlint.workers import analyse_in_processes

        results = analyse_in_processes(jobs, processes)
    plan.progress(0, len(jobs))
    with closing(results):  # type: ignore[type-var]
        for done, (index, result) in enumerate(results, start=1):
            plan.progress(done, len(jobs))
            yield waiting[index], _renamed(result, jobs[index])


def _analyse_here(jobs: list[Job]) -> Iterator[tuple[int, FileResult]]:
    for index, job in enumerate(jobs):
        yield index, analyse_safely(job)
        collect_seldom(index)


def collect_seldom(done: int) -> None:
    """Look for garbage after some of the files that a process has done."""
    if done % FILES_PER_COLLECTION == FILES_PER_COLLECTION - 1:
        gc.collect()


def analyse_job(job: Job) -> FileResult:
    """The result for a file under the name that it is reported by."""
    return _renamed(analyse_safely(job), job)


def analyse_safely(job: Job) -> FileResult:
    """The result for a file, whatever happens: an exception becomes a defect with its traceback."""
    try:
        return analyse(
            job.path, job.data, job.settings,
            want_models=job.want_models, want_request=job.want_request, contents=job.contents,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - the boundary between our own defects and the user's run
        from traceback import format_exc

        summary = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        return defect(job, summary, details=format_exc())


def values_of(files: Iterable[SourceFile]) -> Iterator[tuple[str | None, list[str], str | None]]:
    """For each file what `_values_safely` gives."""
    start_run()
    return map(_values_safely, files)


def _values_safely(file: SourceFile) -> tuple[str | None, list[str], str | None]:
    """The source of a file with the shapes beside it, or the problems that prevent it, or a defect of ours."""
    try:
        data = file.data if file.data is not None else read_file(file)
        found = values(file.path, data, file.settings)
    except OSError as error:
        return None, [error.strerror or str(error)], None
    except Exception:  # noqa: BLE001 - the boundary between our own defects and the user's run
        from traceback import format_exc

        return None, [], format_exc()
    return (found, [], None) if isinstance(found, str) else (None, [problem.message for problem in found], None)


def defect(job: Job, summary: str, *, details: str = "") -> FileResult:
    """The result for a file on which lstmlint itself failed."""
    return _tool_result(job.display, _internal_error(job.display, summary), (details or summary,))


def _internal_error(filename: str, summary: str) -> Diagnostic:
    short = " ".join(summary.split())[:300]
    return tool_finding(
        INTERNAL_ERROR,
        filename,
        f"lstmlint failed on this file ({short}): please report this, with the file if you can share it",
        help_="the other files were checked; `--verbose` shows the traceback",
    )


def tool_finding(code: str, filename: str, message: str, *, help_: str | None = None) -> Diagnostic:
    """A finding about a whole file, of a rule for files and the tool itself."""
    rule = rules.rule(code)
    return Diagnostic(rule.code, rule.name, rule.severity, message, filename, help=help_, url=rule.url)


def _not_readable(display: str, reason: str) -> FileResult:
    finding = tool_finding(UNREADABLE, display, f"cannot be read: {reason}")
    return _tool_result(display, finding)


def _tool_result(display: str, finding: Diagnostic, defects: tuple[str, ...] = ()) -> FileResult:
    return FileResult(filename=display, diagnostics=(finding,), models=(), read=(), missed=(), defects=defects)


def keras_of(path: str, settings: Settings) -> str:
    """Which Keras a file means, or the files of a folder, and what says so."""
    data = b""
    if not os.path.isdir(path):
        try:
            with open(path, "rb") as file:
                data = file.read(READ_LIMIT)
        except OSError:
            pass
    else:
        path = os.path.join(path, "program.py")  # any file in it, of which nothing is known but its place
    return meant_keras(path, data, settings)


def read_file(file: SourceFile) -> bytes:
    limit = max([READ_LIMIT, *(number for name, number in file.settings.limits if name.endswith("_bytes"))])
    with open(file.path, "rb") as stream:
        return stream.read(limit + 1)


def _may_need_analysis(file: SourceFile, data: bytes) -> bool:
    try:
        return needs_analysis(file.path, data, file.settings)
    except Exception:  # noqa: BLE001 - the analysis meets the same defect, and reports it
        return True


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1


@dataclass(slots=True)
class _Caches:
    """The caches of a run, one for each set of settings that an analysis can tell apart."""

    _open: dict[tuple[object, ...], Cache]

    def __init__(self) -> None:
        self._open = {}

    def of(self, file: SourceFile) -> Cache | None:
        """The cache for a file; None for standard input and where caching is off."""
        settings = file.settings
        if settings.no_cache or file.data is not None:
            return None
        key = settings.root, settings.cache_dir, settings.analysis_key
        if key not in self._open:
            self._open[key] = open_cache(settings)
        return self._open[key]

    def save(self) -> None:
        for cache in self._open.values():
            cache.save()


def _renamed(result: FileResult, job: Job) -> FileResult:
    """The result with the display name of the job, where that is not the one of its path (standard input)."""
    wrong = display_name(job.path)
    if wrong == job.display:
        return result

    def right(name: str) -> str:
        return job.display if name == wrong else name

    return replace(
        result,
        filename=job.display,
        diagnostics=tuple(
            replace(
                diagnostic,
                filename=right(diagnostic.filename),
                trace=tuple(replace(place, filename=right(place.filename)) for place in diagnostic.trace),
            )
            for diagnostic in result.diagnostics
        ),
        models=tuple({**model, "filename": job.display} for model in result.models),
    )


def all_diagnostics(result: FileResult) -> tuple[Diagnostic, ...]:
    """The findings of a result; one with a defect always says so."""
    if not result.defects or any(diagnostic.code == INTERNAL_ERROR for diagnostic in result.diagnostics):
        return result.diagnostics
    last_line = (result.defects[0].strip().splitlines() or ["no details"])[-1]
    return (*result.diagnostics, _internal_error(result.filename, last_line))


def kept(found: Iterable[Diagnostic], files: tuple[SourceFile, ...], resolver: Resolver) -> tuple[Diagnostic, ...]:
    """The findings to report: selected, outside of what is excluded, each once, sorted.

    A local module is analysed with every file that imports it.  Of findings that differ in their explanation only, the
    one with the shortest is kept, whatever the order in which they came.
    """
    checked = {file.display: file.settings for file in files}
    wants = _Wants(checked, resolver)
    best: dict[tuple[object, ...], Diagnostic] = {}
    for diagnostic in found:
        key = (diagnostic.filename, diagnostic.code, diagnostic.span, diagnostic.message)
        other = best.get(key)
        if other is None or _explanation(diagnostic) < _explanation(other):
            best[key] = diagnostic
    wanted = (wants.without_fix(diagnostic) for diagnostic in best.values() if wants(diagnostic))
    return tuple(sorted(wanted, key=lambda diagnostic: diagnostic.sort_key))


def _explanation(diagnostic: Diagnostic) -> tuple[int, str]:
    return len(diagnostic.trace), repr((diagnostic.trace, diagnostic.help))


class _Wants:
    """The test whether a finding is wanted where it lies."""

    def __init__(self, checked: Mapping[str, Settings], resolver: Resolver) -> None:
        self._checked = checked
        self._resolver = resolver
        self._file = lru_cache(maxsize=None)(self._for_file)

    def __call__(self, diagnostic: Diagnostic) -> bool:
        if diagnostic.code == INTERNAL_ERROR:
            return True
        _, is_selected, ignored = self._file(diagnostic.filename)
        return is_selected(diagnostic.code) and not selects(ignored, diagnostic.code)

    def without_fix(self, diagnostic: Diagnostic) -> Diagnostic:
        """The finding without its fix, if the settings want none for its rule."""
        if diagnostic.fix is None:
            return diagnostic
        settings, _, _ = self._file(diagnostic.filename)
        fixable = selects(settings.fixable, diagnostic.code) and not selects(settings.unfixable, diagnostic.code)
        return diagnostic if fixable else replace(diagnostic, fix=None)

    def _for_file(self, filename: str) -> tuple[Settings, Callable[[str], bool], tuple[str, ...]]:
        path = os.path.abspath(filename)
        settings = self._checked.get(filename)
        if settings is None:
            settings = self._resolver.for_file(path)
            if is_excluded(path, settings):
                return settings, (lambda code: False), ()
        return settings, selected_codes(settings), ignored_selectors(path, settings)
