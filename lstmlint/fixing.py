"""Fixing files: fixes are applied, the files analysed again, and what would leave anything new is left out.

A fix may uncover what could not be seen before: behind a layer that Keras refuses nothing is known.  So a step goes on
with the fixes of what it uncovers, and counts only when in the end nothing is found that was not there at its beginning.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from lstmlint.analysis import FileResult
from lstmlint.classes import dataclass, field, replace
from lstmlint.diagnostics import Diagnostic, Edit, Position, Span
from lstmlint.files import SourceFile
from lstmlint.fix.texts import apply, moved, overlap
from lstmlint.runner import Job, RunResult, all_diagnostics, analyse_job, kept, read_file
from lstmlint.settings import Resolver

MAX_ROUNDS = 100
"""Steps in one file.  Each mends something, so this is reached by files with more faults than that only."""

MAX_CHAIN = 10
"""Times that a step goes on with what it uncovers."""

Place: TypeAlias = "tuple[str, str, Span]"
"""A finding by file, code and where it begins: what stays the same of it when its words change."""

Chooser: TypeAlias = Callable[[Sequence[Diagnostic], SourceFile, bytes], Sequence[Diagnostic]]
"""The findings (of a file, which holds these bytes) that are reported, and so may be fixed."""


@dataclass(frozen=True, slots=True)
class FixedFile:
    """A file that fixes change, and what they mend in it."""

    file: SourceFile
    before: bytes
    after: bytes
    mended: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Fixing:
    """What came of fixing.  `outcome` is the run as if it had found the files as they are now; `left_out` tells, in words,
    of fixes that were not made; `failures` of files that could not be written."""

    files: tuple[FixedFile, ...]
    outcome: RunResult
    left_out: tuple[str, ...]
    failures: tuple[str, ...]

    @property
    def mended(self) -> tuple[Diagnostic, ...]:
        """All findings that are mended."""
        return tuple(diagnostic for file in self.files for diagnostic in file.mended)


@dataclass(frozen=True, slots=True)
class Request:
    """What to fix: `unsafe` fixes too or not, `write` the files or only tell, and the findings that `wanted` chooses."""

    unsafe: bool
    write: bool
    wanted: Chooser

    def may_apply(self, diagnostic: Diagnostic) -> bool:
        """Whether a finding has a fix of a kind that was asked for."""
        return diagnostic.fix is not None and diagnostic.fix.applicability in ("safe", *(["unsafe"] * self.unsafe))


def fix_files(files: Sequence[SourceFile], outcome: RunResult, resolver: Resolver, request: Request) -> Fixing:
    """Fix what a run has found in its files, file by file."""
    state = _State(files, outcome, resolver)
    fixed: list[FixedFile] = []
    left_out: list[str] = []
    failures: list[str] = []
    for name in dict.fromkeys(d.filename for d in outcome.diagnostics if request.may_apply(d)):
        file = state.files.get(name)
        if file is None:
            continue  # a module that is only imported: it was not asked for
        mender = _Mender(state, file, request)
        done = mender.mend()
        left_out += mender.left_out
        if done is None:
            continue
        problem = _write(file.path, done.after) if request.write and file.data is None else None
        if problem is not None:
            failures.append(f"`{file.display}`: cannot be written: {problem}")
            continue
        state.accept(file, done.after, mender.results)
        fixed.append(done)
    return Fixing(tuple(fixed), state.outcome(outcome), tuple(left_out), tuple(failures))


class _State:
    """The files of a run with what was found in them, fixed ones as they are now."""

    def __init__(self, files: Sequence[SourceFile], outcome: RunResult, resolver: Resolver) -> None:
        self.files = {file.display: file for file in files}
        self._resolver = resolver
        self._results = {result.filename: result for result in outcome.results}
        self._contents: dict[str, bytes] = {}

    def look(self, file: SourceFile, data: bytes) -> dict[str, FileResult]:
        """What is found when `file` holds `data`: in it, and in all files that read it."""
        readers = [name for name, result in self._results.items() if file.path in result.read and name in self.files]
        contents = {**self._contents, file.path: data}
        return {name: analyse_job(_job(self.files[name], contents)) for name in dict.fromkeys((file.display, *readers))}

    def findings(self, results: dict[str, FileResult]) -> tuple[Diagnostic, ...]:
        """The selected findings of some results."""
        found = (diagnostic for result in results.values() for diagnostic in all_diagnostics(result))
        return kept(found, tuple(self.files.values()), self._resolver)

    def accept(self, file: SourceFile, data: bytes, results: dict[str, FileResult]) -> None:
        """Take a file as fixed."""
        self._contents[file.path] = data
        self._results.update(results)

    def outcome(self, before: RunResult) -> RunResult:
        """The run with what is found now."""
        return replace(before, results=tuple(self._results.values()), diagnostics=self.findings(self._results))


def _job(file: SourceFile, contents: dict[str, bytes]) -> Job:
    data = contents.get(file.path)
    if data is None:
        data = file.data if file.data is not None else read_file(file)
    return Job(file.path, file.display, data, file.settings, contents=contents)


@dataclass(slots=True)
class _Step:
    """What came of a step: the content with its findings and what was mended, or `reason` why it cannot be made."""

    data: bytes = b""
    results: dict[str, FileResult] = field(default_factory=dict)
    mended: tuple[Diagnostic, ...] = ()
    edits: tuple[tuple[Edit, ...], ...] = ()
    reason: str | None = None


class _Mender:
    """Fixes one file, step by step."""

    def __init__(self, state: _State, file: SourceFile, request: Request) -> None:
        self._state = state
        self._file = file
        self._request = request
        self._refused: set[Place] = set()
        self.left_out: list[str] = []
        self.results: dict[str, FileResult] = {}

    def mend(self) -> FixedFile | None:
        """The file after all fixes that can be made; None when there are none."""
        try:
            before = self._file.data if self._file.data is not None else read_file(self._file)
        except OSError:
            return None
        data, mended = before, list[Diagnostic]()
        self.results = self._state.look(self._file, data)
        for _ in range(MAX_ROUNDS):
            known = self._state.findings(self.results)
            step = self._next(data, known)
            if step is None:
                break
            data, self.results = step.data, step.results
            mended += step.mended
            for edits in step.edits:
                self._refused = {_moved(place, self._file.display, edits) for place in self._refused}
        return FixedFile(self._file, before, data, tuple(mended)) if data != before else None

    def _next(self, data: bytes, known: Sequence[Diagnostic]) -> _Step | None:
        """The next step that can be made: all fixes together, or else the first that can be made alone."""
        reported = set(map(_place, self._request.wanted(known, self._file, data)))
        waiting = [d for d in self._mendable(known) if _place(d) in reported and _place(d) not in self._refused]
        if not waiting:
            return None
        together = self._step(data, known, waiting)
        if together.reason is None:
            return together
        for diagnostic in waiting:
            alone = self._step(data, known, [diagnostic]) if len(waiting) > 1 else together
            if alone.reason is None:
                return alone
            self._refused.add(_place(diagnostic))
            self.left_out.append(f"{_words(diagnostic)}: the fix is left out: {alone.reason}")
        return None

    def _mendable(self, found: Iterable[Diagnostic]) -> list[Diagnostic]:
        return [d for d in found if d.filename == self._file.display and self._request.may_apply(d)]

    def _step(self, data: bytes, known: Sequence[Diagnostic], seeds: Sequence[Diagnostic]) -> _Step:
        """Fix `seeds`, and then what that uncovers, until all that is found was known before."""
        places = Counter(place for diagnostic in known for place in _places(diagnostic))
        step = _Step(data)
        limits = self._file.settings.source_limits
        for _ in range(MAX_CHAIN):
            seeds = list(_without_overlaps(seeds))
            edits = tuple(edit for seed in seeds if seed.fix is not None for edit in seed.fix.edits)
            after = apply(self._file.path, step.data, edits, limits)
            if after is None or after == step.data:
                return _Step(reason="its text cannot be put into the file")
            name = self._file.display
            left = places - Counter(map(_place, filter(_is_mended_here, seeds)))
            places = Counter(_moved(place, name, edits) for place in left.elements())
            step = _Step(after, self._state.look(self._file, after), (*step.mended, *seeds), (*step.edits, edits))
            new = _unknown(self._state.findings(step.results), places)
            if not new:
                return step
            seeds = self._mendable(new)
            if len(seeds) < len(new):
                other = next(d for d in new if d not in seeds)
                return _Step(reason=f"with it, there would be {_words(other)}")
        return _Step(reason="it leads to more and more of them")


def _without_overlaps(found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    """The findings whose fixes can be made together: of two that touch the same text, the first."""
    taken: list[tuple[Edit, ...]] = []
    for diagnostic in found:
        edits = diagnostic.fix.edits if diagnostic.fix is not None else ()
        if not any(overlap(edits, others) for others in taken):
            taken.append(edits)
            yield diagnostic


def _unknown(found: Iterable[Diagnostic], known: Counter[Place]) -> list[Diagnostic]:
    """The findings at places where there are more of a code than were known."""
    left = known.copy()
    left.subtract(map(_place, found := list(found)))
    return [diagnostic for diagnostic in found if left[_place(diagnostic)] < 0]


def _place(diagnostic: Diagnostic) -> Place:
    span = diagnostic.span
    return diagnostic.filename, diagnostic.code, moved(span, ()) if span is not None else _NOWHERE


def _places(diagnostic: Diagnostic) -> Iterator[Place]:
    """Where a finding is, and where the others are that are told with it: names and arguments of another Keras."""
    yield _place(diagnostic)
    if diagnostic.code.startswith("LL6"):
        yield from ((place.filename, diagnostic.code, moved(place.span, ())) for place in diagnostic.trace)


def _is_mended_here(diagnostic: Diagnostic) -> bool:
    """Whether a finding has to be gone after its fix: one that is told for several places may be mended in others only."""
    if not diagnostic.code.startswith("LL6") or diagnostic.fix is None or diagnostic.span is None:
        return True
    return overlap([Edit("", diagnostic.span)], diagnostic.fix.edits)


def _moved(place: Place, filename: str, edits: Sequence[Edit]) -> Place:
    """The place of a finding after edits in the file of that name."""
    return (*place[:2], moved(place[2], edits)) if place[0] == filename and place[2] != _NOWHERE else place


_NOWHERE = Span(Position(0, 0), Position(0, 0))


def _words(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    cell = f"cell {span.cell}:" if span is not None and span.cell is not None else ""
    place = f":{cell}{span.start.row}:{span.start.column}" if span is not None else ""
    return f"{diagnostic.filename}{place}: {diagnostic.code}"


def _write(path: str, data: bytes) -> str | None:
    """Replace a file as a whole, or say why that is not possible."""
    target = os.path.realpath(path)
    temporary = f"{target}.{os.getpid()}.tmp"
    try:
        mode = os.stat(target).st_mode
        if not mode & 0o222 or not os.access(target, os.W_OK):
            return "it is read-only"
        with open(temporary, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode & 0o7777)
        os.replace(temporary, target)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        return error.strerror or str(error)
    return None
