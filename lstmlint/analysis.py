"""The analysis of one file: source text → trace → findings → diagnostics."""

from __future__ import annotations

import os
import sys
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lstmlint.classes import dataclass, field, replace
from lstmlint.diagnostics import Diagnostic, KerasEffect, Position, Span, TracePlace
from lstmlint.files import display_name
from lstmlint.relevance import Relevance
from lstmlint.settings import Settings

if TYPE_CHECKING:
    from lstmlint.checks.report import Finding
    from lstmlint.datafiles.finding import DataFiles
    from lstmlint.interpreter.interpreter import Interpreter
    from lstmlint.keras.versions import Version
    from lstmlint.pins import Pinned
    from lstmlint.source.guard import Limits
    from lstmlint.source.module import SourceModule
    from lstmlint.source.project import Project
    from lstmlint.source.text import SourceProblem
    from lstmlint.source.tree import Statement
    from lstmlint.values import Observed
    from lstmlint.verify.plan import Request

#: Python frames that an analysis may need: nesting of the source times calls inlined (see `interpreter.budget`).
RECURSION_LIMIT = 12_000


@dataclass(frozen=True, slots=True)
class FileResult:
    """What the analysis of one file found.

    `diagnostics` are sorted, after suppressions, and may lie in local modules that the file imports.  `models` are the
    rows that `show` prints.  `read` and `missed` are the local modules read and the paths looked for in vain (absolute),
    on which a remembered result depends, as it does on the data files looked for (each with size and time, None where there is
    none).  `defects` are internal errors.  `request` is what a worker can
    be asked, to verify them.
    """

    filename: str
    diagnostics: tuple[Diagnostic, ...] = ()
    models: tuple[dict[str, Any], ...] = ()
    read: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    data: tuple[tuple[str, str | None], ...] = ()
    defects: tuple[str, ...] = field(default=())
    request: Request | None = None


def needs_analysis(path: str, data: bytes, settings: Settings) -> bool:
    """Whether the file can have to do with Keras: it names it, or imports a module of the project that does."""
    found = _RELEVANCE.get(settings.root)
    if found is None:
        found = _RELEVANCE[settings.root] = Relevance(settings.root)
    return found.concerns_keras(path, data)


_RELEVANCE: dict[str, Relevance] = {}
_PROJECTS: dict[str, Any] = {}
_PARSED: dict[tuple[str, Limits], tuple[bytes, SourceModule]] = {}
"""Files parsed in this run with what they held, the last ones used: however many files import one, it is parsed once."""

NO_CONTENTS: Mapping[str, bytes] = {}

MOST_PARSED = 400_000
"""Bytes of the sources that are remembered; their trees take a thousand times as many."""


def start_run() -> None:
    """Forget what was found on disk: what is remembered serves one run."""
    _RELEVANCE.clear()
    _PROJECTS.clear()
    _PARSED.clear()


def prepare() -> None:
    """Import what every analysis needs, for processes that are forked afterwards."""
    from importlib import import_module

    from lstmlint.libraries.registry import shared_registry

    for name in ("libcst", "lstmlint.source.lower", "lstmlint.interpreter.program", "lstmlint.checks"):
        import_module(name)
    for name in ("builtins.print", "keras.layers.Dense", "numpy.array"):
        shared_registry().lookup(name)


def _project(settings: Settings) -> Project:
    """The project of a settings root; what it found on disk is remembered within the run."""
    from lstmlint.source.project import Project

    found = _PROJECTS.get(settings.root)
    if found is None:
        found = _PROJECTS[settings.root] = Project(Path(settings.root))
    project: Project = found
    return project


def _parsed(path: Path, data: bytes, limits: Limits) -> SourceModule | tuple[SourceProblem, ...]:
    """The file at `path`, which holds `data`, or why it cannot be analysed."""
    from lstmlint.source.module import SourceModule, load

    key = (str(path), limits)
    held, known = _PARSED.pop(key, (None, None))
    if known is None or held != data:
        loaded = load(data, display_name(str(path)), limits)
        if not isinstance(loaded, SourceModule):
            return loaded
        loaded.path = path
        known = loaded
    _PARSED[key] = data, known
    total = sum(len(held) for held, _ in _PARSED.values())
    while total > MOST_PARSED:
        total -= len(_PARSED.pop(next(iter(_PARSED)))[0])
    return known


class Modules:
    """The local modules that one analysis reads: the interpreter's loader."""

    def __init__(self, project: Project, limits: Limits, contents: Mapping[str, bytes]) -> None:
        self.project = project
        self.limits = limits
        self.contents = contents
        self.read: dict[Path, SourceModule | None] = {}

    def load(self, name: str, level: int, importer: SourceModule) -> SourceModule | None:
        """The local module `name` as `importer` sees it; None when it is not the project's or cannot be parsed."""
        from lstmlint.libraries.registry import SOURCES
        from lstmlint.source.module import SourceModule, read

        if importer.path is None or (not level and name.partition(".")[0] in SOURCES):
            return None
        path = self.project.resolve(name, level, importer.path)
        if path is None:
            return None
        if path not in self.read:
            data = self.contents[str(path)] if str(path) in self.contents else read(path, self.limits)
            loaded = _parsed(path, data, self.limits) if isinstance(data, bytes) else None
            self.read[path] = loaded if isinstance(loaded, SourceModule) else None
        return self.read[path]


def analyse(
    path: str,
    data: bytes,
    settings: Settings,
    *,
    want_models: bool = False,
    want_request: bool = False,
    contents: Mapping[str, bytes] = NO_CONTENTS,
) -> FileResult:
    """The findings in the file at `path` with content `data` (and in the local modules that it runs).

    With `want_request` the result has a request for verification, whose claims go with the diagnostics one by one (with the
    models there are none: these are asked about).
    `contents` is what other files are taken to hold, by absolute path, whatever is on disk.
    """
    from lstmlint.checks import findings
    from lstmlint.source import reveals
    from lstmlint.source.module import SourceModule

    limits = settings.source_limits
    name = display_name(path)
    loaded = _parsed(Path(path), data, limits)
    if not isinstance(loaded, SourceModule):
        return FileResult(name, tuple(sorted((_problem(name, p) for p in loaded), key=lambda d: d.sort_key)))
    project = _project(settings)
    project.forget()
    modules = Modules(project, limits, contents)
    version = _version(settings, loaded)
    reveal = reveals.find(loaded.text)
    observed = _observer(loaded) if reveal else None
    run = _run(loaded, modules, version, settings, observed)
    diagnostics = [_problem(name, problem) for problem in loaded.problems]
    behind: dict[Hashable, Finding] = {}
    found = list(findings(run.events, version))
    if found and run.data is not None and run.data.places:
        _tell_files(
            found, run.data, _run(loaded, modules, version, replace(settings, data_files=False, data=())), version
        )
    diagnostics += _diagnostics(found, version, loaded, behind)
    diagnostics += _unusable_comments(run, loaded)
    if observed is not None:
        diagnostics += [_revealed(observed, span) for span in reveal]
    diagnostics.sort(key=lambda diagnostic: diagnostic.sort_key)
    asked = None
    if want_request:
        from lstmlint.verify.plan import request

        claimed = [] if want_models else [(each.code, behind.get(_identity(each))) for each in diagnostics]
        asked = request(run.events, version, claimed)
    models: tuple[dict[str, Any], ...] = ()
    if want_models:
        from lstmlint.models import shown_models

        models = shown_models(run, version, None if asked is None else asked.whole)
    return FileResult(
        name,
        tuple(diagnostics),
        models,
        tuple(sorted(str(read) for read in modules.read)),
        tuple(sorted(str(missed) for missed in project.missing)),
        tuple(sorted(run.data.stamps.items())) if run.data is not None else (),
        request=asked,
    )


def _identity(diagnostic: Diagnostic) -> Hashable:
    """What a diagnostic keeps when several are told as one."""
    return diagnostic.code, diagnostic.filename, diagnostic.span


def _version(settings: Settings, module: SourceModule) -> Version:
    """The Keras that is meant: the one set, else what the project pins, else Keras 3."""
    from lstmlint.keras.versions import Version

    if settings.version is not None:
        return settings.version
    pinned = _pinned(settings, module)
    return pinned.version if pinned is not None else Version.K3


def _pinned(settings: Settings, module: SourceModule) -> Pinned | None:
    from lstmlint.pins import project_version

    installs = module.notebook.installs if module.notebook is not None else []
    folder = (module.path or Path(settings.root)).absolute().parent
    return project_version(Path(settings.root), module.text, installs, folder)


def meant_keras(path: str, data: bytes, settings: Settings) -> str:
    """Which Keras a file means, and what says so: `2.15 (requirements.txt: tensorflow==2.10.0)`."""
    from lstmlint.source.module import SourceModule

    if settings.keras_version is not None:
        return f"{settings.keras_version} (keras-version is set)"
    loaded = _parsed(Path(path), data, settings.source_limits)
    pinned = _pinned(settings, loaded) if isinstance(loaded, SourceModule) else None
    return "3 (nothing states a version)" if pinned is None else f"{pinned.version.value} ({pinned.reason})"


def values(path: str, data: bytes, settings: Settings) -> str | tuple[SourceProblem, ...]:
    """The source of a file with the shapes of the arrays and tensors that it assigns beside it, or why there is none."""
    from lstmlint.source.module import SourceModule
    from lstmlint.values import annotated

    loaded = _parsed(Path(path), data, settings.source_limits)
    if not isinstance(loaded, SourceModule):
        return loaded
    observed = _observer(loaded)
    modules = Modules(_project(settings), settings.source_limits, {})
    _run(loaded, modules, _version(settings, loaded), settings, observed)
    return annotated(observed)


def _observer(module: SourceModule) -> Observed:
    from lstmlint.values import Observed

    return Observed(module)


def _run(
    module: SourceModule, modules: Modules, version: Version, settings: Settings, observed: Observed | None = None
) -> Interpreter:
    """The interpreter after it has run the program; again without the data files that the program turns out to change."""
    data = _data_files(module, settings)
    run = _run_once(module, modules, version, settings, data, observed)
    again = data.again() if data is not None else None
    if again is None:
        return run
    if observed is not None:
        observed.forget()
    return _run_once(module, modules, version, settings, again, observed)


def _data_files(module: SourceModule, settings: Settings) -> DataFiles | None:
    """The data files that a program may mean; None when they are not to be looked at, and nothing is said of them."""
    import json

    from lstmlint.datafiles.finding import DataFiles, folders_above
    from lstmlint.datafiles.said import described

    if module.path is None or not (settings.data_files or settings.data):
        return None
    root = os.path.realpath(settings.root)
    said = {os.path.normpath(path): described(json.loads(text)) for path, text in settings.data}
    folders = folders_above(os.path.dirname(os.path.realpath(module.path)), root)
    data = DataFiles(root, folders, settings.data_files, said)
    for command in module.notebook.commands if module.notebook is not None else ():
        data.changes.texts.add(command)
        data.changes.moved |= "cd" in command.split()[0]
    return data


def _run_once(
    module: SourceModule,
    modules: Modules,
    version: Version,
    settings: Settings,
    data: DataFiles | None,
    observed: Observed | None,
) -> Interpreter:
    from lstmlint.interpreter.program import run_program
    from lstmlint.libraries.data_files import watcher
    from lstmlint.libraries.declared_shapes import Declared
    from lstmlint.libraries.keras_values import KerasContext
    from lstmlint.libraries.registry import shared_registry

    declared = Declared()

    def observer(run: Interpreter, statement: Statement) -> None:
        declared(run, statement)
        if observed is not None:
            observed(run, statement)

    def prepare(run: Interpreter) -> None:
        run.declared, run.entered = declared, declared.entered
        if data is not None:
            run.data, run.watch = data, watcher(run, data.changes)

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        context = KerasContext(version, settings.keras_version)
        return run_program(module, shared_registry(), modules, context, observer, prepare)
    finally:
        sys.setrecursionlimit(before)


# --- findings to diagnostics -----------------------------------------------------------------------------------------


def _problem(path: str, problem: SourceProblem) -> Diagnostic:
    from lstmlint import rules
    from lstmlint.checks.problems import code_of

    rule = rules.rule(code_of(problem))
    span = None
    if problem.row is not None:
        start = Position(problem.row, problem.column or 1)
        span = Span(start, Position(start.row, start.column + 1), problem.cell)
    elif problem.cell is not None:
        span = Span(Position(1, 1), Position(1, 2), problem.cell)
    return Diagnostic(rule.code, rule.name, rule.severity, problem.message, path, span, url=rule.url)


#: Files that the trace of a finding names.
MAX_FILES_TOLD = 3


def _tell_files(found: list[Finding], data: DataFiles, without: Interpreter, version: Version) -> None:
    """Name the files in the traces of those findings that nothing proves `without` them."""
    from lstmlint.checks import findings

    proven = {(finding.code, id(finding.site.node)) for finding in findings(without.events, version)}
    for finding in found:
        if (finding.code, id(finding.site.node)) not in proven:
            finding.trace += list(data.places.values())[:MAX_FILES_TOLD]


def _diagnostics(
    all_found: list[Finding], version: Version, entry: SourceModule, behind: dict[Hashable, Finding]
) -> list[Diagnostic]:
    """The findings of the checks without what comments hide; unused comments of the entry file are found, too.

    `behind` gets the finding behind each diagnostic.
    """
    from lstmlint.source import suppressions

    found: dict[tuple[str, int, str], tuple[Finding, Diagnostic]] = {}
    for finding in all_found:
        diagnostic = _diagnostic(finding, version)
        key = (finding.code, id(finding.site.node), diagnostic.message)
        if key not in found or len(diagnostic.trace) < len(found[key][1].trace):
            found[key] = (finding, diagnostic)
            behind.setdefault(_identity(diagnostic), finding)
    topics = {id(diagnostic): finding.topic for finding, diagnostic in found.values() if finding.topic is not None}
    kept: list[Diagnostic] = []
    by_module: dict[int, tuple[SourceModule, list[tuple[Finding, Diagnostic]]]] = {id(entry): (entry, [])}
    for finding, diagnostic in found.values():
        module = finding.site.module
        by_module.setdefault(id(module), (module, []))[1].append((finding, diagnostic))
    for module, listed in by_module.values():
        comments = suppressions.find(module.text)
        if not comments:
            kept += [diagnostic for _, diagnostic in listed]
            continue
        placed = [suppressions.Finding(d, _statement_rows(module, f.site)) for f, d in listed]
        shown, unused = suppressions.apply(placed, comments)
        kept += shown
        if module is entry:
            kept += [_unused(module, item) for item in unused]
    return _gathered(kept, topics)


def _gathered(diagnostics: list[Diagnostic], topics: dict[int, Hashable]) -> list[Diagnostic]:
    """The findings with those of one topic in one file as one: the first, with the places of the others."""
    groups: dict[Hashable, list[Diagnostic]] = {}
    for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.sort_key):
        topic = topics.get(id(diagnostic))
        key = id(diagnostic) if topic is None else (diagnostic.filename, topic)
        groups.setdefault(key, []).append(diagnostic)
    return [group[0] if len(group) == 1 else _as_one(group) for group in groups.values()]


#: Places of one finding that are told; with more, their number says enough.
MAX_PLACES = 8


def _as_one(group: list[Diagnostic]) -> Diagnostic:
    from lstmlint.words import count

    first, *others = group
    places = [
        TracePlace(each.filename, each.span, each.message) for each in others[:MAX_PLACES] if each.span is not None
    ]
    fixes = [each.fix for each in group if each.fix is not None]
    fix = fixes[0] if fixes else None
    if fix is not None and len(group) > 1:
        edits = dict.fromkeys(edit for each in fixes if each.applicability == fix.applicability for edit in each.edits)
        fix = replace(fix, message=f"{fix.message} (and so in other places)", edits=tuple(edits))
    message = f"{first.message}; {count(len(others), 'more place')} like it"
    return replace(first, message=message, trace=(*first.trace, *places), fix=fix)


def _diagnostic(finding: Finding, version: Version) -> Diagnostic:
    from lstmlint import rules

    rule = rules.rule(finding.code)
    module = finding.site.module
    fix = None
    if finding.fix is not None:
        from lstmlint.fix.edits import fix_of

        fix = fix_of(finding.fix, module)
    keras = None
    if finding.raises is not None:
        keras = KerasEffect(version.value, "raises" if finding.raises else "silent", finding.words)
    places = tuple(
        TracePlace(site.module.name, span, message)
        for site, message in finding.trace
        if (span := site.module.span(site.node)) is not None
    )
    return Diagnostic(
        rule.code, rule.name, rule.severity, finding.message, module.name, module.span(finding.site.node), finding.help,
        keras, places, fix, rule.url,
    )  # fmt: skip


def _statement_rows(module: SourceModule, site: Any) -> tuple[int, ...]:
    """Rows of the module text on which a comment hides a finding: its first and last row and its statement's."""
    from lstmlint.source import tree

    span = module.module_span(site.node)
    if span is None:
        return ()
    statement = tree.simple_statement(module.tree, site.node)
    whole = module.module_span(statement) if statement is not None else None
    return tuple(row for place in (span, whole) if place is not None for row in (place.start.row, place.end.row))


def _revealed(observed: Observed, span: Span) -> Diagnostic:
    """What is known of the values on the line of a comment, which stands at `span` of the module's text."""
    from lstmlint import rules
    from lstmlint.values import revealed

    module = observed.module
    message, made = revealed(observed, span.start.row)
    places = [TracePlace(module.name, place, text) for place, text in made]
    rule = rules.rule("LL902")
    return Diagnostic(
        rule.code, rule.name, rule.severity, message, module.name, module.shown(span), trace=tuple(places), url=rule.url
    )


def _unusable_comments(run: Interpreter, module: SourceModule) -> list[Diagnostic]:
    """Comments about shapes that say nothing, or something else than what is proven."""
    from lstmlint import rules
    from lstmlint.source import shape_comments

    rule = rules.rule("LL903")
    comments = shape_comments.find(module.text)
    told = []
    for comment in comments:
        message = None
        if comment.shapes is None:
            message = "this comment cannot be read: it is written `# lstmlint: shape(x) = (n, 30, 7)`"
        elif comment in run.declared.stray:
            message = "this comment stands beside no statement that it could speak of"
        else:
            message = run.declared.problems.get(comment)
        if message is not None:
            place = module.shown(comment.span)
            told.append(Diagnostic(rule.code, rule.name, rule.severity, message, module.name, place, url=rule.url))
    return told


def _unused(module: SourceModule, unused: Any) -> Diagnostic:
    from lstmlint import rules
    from lstmlint.fix.comments import comment_fix

    rule = rules.rule("LL901")
    suppression = unused.suppression
    listed = ", ".join(unused.codes)
    message = "this comment hides no finding" if unused.wholly else f"this comment hides no finding of {listed}"
    span = suppression.span if module.notebook is None else module.notebook.cells.span(suppression.span)
    return Diagnostic(
        rule.code, rule.name, rule.severity, message, module.name, span, "Remove it." if unused.wholly else None,
        fix=comment_fix(module, unused), url=rule.url,
    )  # fmt: skip
