"""`lstmlint [check] PATH...`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

from lstmlint import baseline
from lstmlint.classes import fields, replace
from lstmlint.cli import STATUS_DEFECT, STATUS_FINDINGS, STATUS_USAGE
from lstmlint.cli.options import UsageError, resolver
from lstmlint.cli.streams import complain, emit, emit_bytes, is_terminal, tell, wants_color, width_of
from lstmlint.diagnostics import Diagnostic, Severity
from lstmlint.files import Discovery, discover
from lstmlint.report import WIDTH, Report, render
from lstmlint.report.concise import concise_line
from lstmlint.report.places import repository_root
from lstmlint.report.sources import Sources
from lstmlint.settings import FORMATS, ConfigError, Resolver, Settings
from lstmlint.words import count

if TYPE_CHECKING:
    from lstmlint.fixing import Fixing
    from lstmlint.runner import RunResult

INTERNAL_ERROR = "LL099"
UNPARSED = ("LL001", "LL005")
"""Findings of files that could not be parsed: they count whatever `--fail-on` says."""


def check(options: argparse.Namespace) -> int:
    """Check files, print what was found everywhere it is wanted, and return the exit status."""
    search = resolver(options)
    settings = search.for_folder(os.getcwd())
    if options.update_baseline and not settings.baseline:
        raise UsageError("`--update-baseline` needs `--baseline FILE`")
    if options.show_settings:
        return _show_settings(options, search)
    found = find_files(options, search)
    if options.show_files:
        return max(emit("".join(f"{file.display}\n" for file in found.files)), STATUS_USAGE * bool(found.problems))
    if options.verify and (options.diff or settings.fix):
        raise UsageError("`--verify` and fixes exclude each other: verify first, then fix")
    known = _open_baseline(options, settings)

    from lstmlint.runner import run

    outcome = run(found.files, found.unreadable, search, plan(options, settings))
    for problem in outcome.problems:
        complain(problem)
    failures = (*found.problems, *outcome.problems)
    if options.verify:
        from lstmlint.cli.verification import verify

        outcome, trouble = verify(options, settings, found.files, outcome, search)
        failures = (*failures, *trouble)
    texts = {file.display: file.data for file in found.files if file.data is not None}
    done = None
    if options.diff or settings.fix:
        from lstmlint.cli.fixes import fix

        done = fix(options, settings, found.files, outcome, search, known)
        outcome, failures = done.outcome, (*failures, *done.failures)
        texts |= {file.file.display: file.after for file in done.files if file.file.data is not None}
    if options.verbose:
        tell(f"{count(outcome.checked, 'file')} checked: {outcome.analysed} analysed, {outcome.cached} remembered")
    broken = max(STATUS_USAGE * bool(failures), STATUS_DEFECT * bool(outcome.defects))
    if done is not None and options.diff:
        from lstmlint.cli.fixes import print_diff

        status, has_failed = print_diff(options, settings, done), bool(done.mended)
    else:
        sources = Sources(texts)
        diagnostics: Sequence[Diagnostic] = outcome.diagnostics
        if known is not None:
            checked = [file.display for file in found.files]
            diagnostics = _apply_baseline(known, diagnostics, checked, sources, options)
        report = _report(diagnostics, sources, failures, outcome, done, settings, options)
        status = _print(report, settings, options) if done is None else _print_fixed(report, texts, settings, options)
        has_failed = fails(diagnostics, settings.fail_on)
    tell_defects(outcome.defects, options)
    return max(status, broken, STATUS_FINDINGS * (has_failed and not options.exit_zero))


def _report(
    diagnostics: Sequence[Diagnostic],
    sources: Sources,
    failures: Sequence[str],
    outcome: RunResult,
    done: Fixing | None,
    settings: Settings,
    options: argparse.Namespace,
) -> Report:
    return Report(
        diagnostics=tuple(diagnostics),
        root=repository_root(),
        sources=sources,
        color=wants_color(settings.color, sys.stdout),
        width=width_of(sys.stdout, WIDTH),
        quiet=options.quiet,
        failures=(*failures, *(defect.strip().splitlines()[-1] for defect in outcome.defects if defect.strip())),
        mended=None if done is None else done.mended,
        unsafe_fixes=settings.unsafe_fixes,
    )


def _print_fixed(report: Report, texts: dict[str, bytes], settings: Settings, options: argparse.Namespace) -> int:
    """The report after fixes.  As in other linters, a text from standard input goes to standard output, with the report
    out of its way."""
    if not texts:
        return _print(report, settings, options)
    with redirect_stdout(sys.stderr):
        status = _print(report, settings, options)
    return max(status, emit_bytes(b"".join(texts.values())))


def find_files(options: argparse.Namespace, search: Resolver) -> Discovery:
    """The files that the paths of the command line stand for; what is wrong with them is told at once."""
    found = discover(options.paths or ["."], search, stdin_filename=options.stdin_filename)
    for problem in found.problems:
        complain(problem)
    if not options.quiet:
        for note in found.notes:
            complain(note, kind="warning")
    if options.verbose:
        configs = {file.settings.config_file for file in found.files}
        tell(f"configuration: {', '.join(sorted(filter(None, configs))) or 'none'}")
    return found


def plan(options: argparse.Namespace, settings: Settings, *, want_models: bool = False) -> Any:
    """How to run: processes, and a bar for people who wait at a terminal."""
    from lstmlint.runner import Plan

    asks = bool(getattr(options, "verify", False))
    if options.quiet or not is_terminal(sys.stderr):
        return Plan(want_models, asks, settings.jobs)
    from lstmlint.cli.progress import Progress

    return Plan(want_models, asks, settings.jobs, Progress())


def tell_defects(defects: Sequence[str], options: argparse.Namespace) -> None:
    """Our own errors: a line, or with `--verbose` the whole story."""
    if not defects:
        return
    complain(f"{count(len(defects), 'defect')} of lstmlint itself, please report", kind="internal error")
    if options.verbose:
        for text in defects:
            tell(text.rstrip())


def fails(diagnostics: Sequence[Diagnostic], fail_on: str) -> bool:
    """Whether findings make exit status 1.  What real Keras has refuted does not."""
    least = Severity(fail_on).rank
    return any(
        (d.severity.rank >= least and (d.verified is None or d.verified.verdict != "refuted")) or d.code in UNPARSED
        for d in diagnostics
    )


def _print(report: Report, settings: Settings, options: argparse.Namespace) -> int:
    """Every report that was asked for; 2 when one could not be written."""
    chosen = settings.output_format
    targets = [_target(text, chosen) for text in settings.output_file]
    status = emit(_statistics(report, chosen) if options.statistics else render(chosen, report))
    for name, path in targets:
        try:
            with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write(render(name, replace(report, color=False, width=WIDTH)))
        except OSError as error:
            complain(f"{path}: cannot be written: {error.strerror or error}")
            status = STATUS_USAGE
    if "github" in (chosen, *(name for name, _ in targets)):
        _print_for_github(report)
    return status


def _target(text: str, otherwise: str) -> tuple[str, str]:
    """Format and path of `[FORMAT:]PATH`; what stands before a colon is a format only when it is one."""
    name, colon, path = text.partition(":")
    return (name, path) if colon and name in FORMATS else (otherwise, text)


def _print_for_github(report: Report) -> None:
    """What annotations leave out: findings that GitHub would drop, a readable list, a table on the job's page."""
    from lstmlint.report import github

    left_out = github.dropped(report)
    if left_out:
        complain(left_out, kind="warning")
    if os.environ.get("GITHUB_ACTIONS"):
        for diagnostic in report.diagnostics:
            tell(concise_line(diagnostic))
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        try:
            with open(page, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(github.summary(report))
        except OSError as error:
            complain(f"{page}: cannot be written: {error.strerror or error}", kind="warning")


def _statistics(report: Report, chosen: str) -> str:
    """Findings counted by rule, the most frequent first."""
    counts = Counter((d.code, d.name, d.severity.value) for d in report.diagnostics)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if chosen == "json":
        rows = [{"code": code, "name": name, "severity": s, "count": number} for (code, name, s), number in ranked]
        return json.dumps(rows, indent=2) + "\n"
    if chosen not in ("full", "concise", "grouped"):
        raise UsageError(f"`--statistics` has no format `{chosen}`; use full or json")
    width = max((len(str(number)) for number in counts.values()), default=0)
    lines = (f"{number:>{width}}  {code}  {severity:7}  {name}\n" for (code, name, severity), number in ranked)
    return "".join(lines) + report.closing_line


def _open_baseline(options: argparse.Namespace, settings: Settings) -> baseline.Baseline | None:
    if settings.baseline is None:
        return None
    if options.update_baseline and not os.path.exists(settings.baseline):
        return baseline.empty(settings.baseline)
    return baseline.load(settings.baseline)


def _apply_baseline(
    known: baseline.Baseline,
    diagnostics: Sequence[Diagnostic],
    checked: Sequence[str],
    sources: Sources,
    options: argparse.Namespace,
) -> Sequence[Diagnostic]:
    """The findings left to report.  An update names what it takes in, so that nothing is swallowed in silence."""
    defects = [diagnostic for diagnostic in diagnostics if diagnostic.code == INTERNAL_ERROR]
    others = [diagnostic for diagnostic in diagnostics if diagnostic.code != INTERNAL_ERROR]
    new, gone = known.split(others, checked, sources)
    if not options.update_baseline:
        if gone and not options.quiet:
            tell(f"{count(gone, 'finding')} of the baseline no longer found; `--update-baseline` removes them")
        return sorted([*new, *defects], key=lambda diagnostic: diagnostic.sort_key)
    try:
        known.updated(others, checked, sources).write()
    except OSError as error:
        raise ConfigError(f"{known.path}: cannot be written: {error.strerror or error}") from None
    for diagnostic in new:
        tell(f"added to the baseline: {concise_line(diagnostic)}")
    tell(f"baseline updated: {len(new)} added, {gone} removed, {len(others) - len(new)} kept")
    return defects


def _show_settings(options: argparse.Namespace, search: Resolver) -> int:
    """The settings for the first path, as they would stand in an `lstmlint.toml`, and the Keras that is meant there."""
    from lstmlint.runner import keras_of

    path = os.path.abspath((options.paths or ["."])[0])
    settings = search.for_folder(path) if os.path.isdir(path) else search.for_file(path)
    values = {field.name.replace("_", "-"): getattr(settings, field.name) for field in fields(settings)}
    values["limits"] = {name.replace("_", "-"): number for name, number in settings.limits}
    values["per-file-ignores"] = dict(settings.per_file_ignores)
    values["data"] = {path: json.loads(text) for path, text in settings.data}
    keras = keras_of(path, settings)
    if settings.output_format == "json":
        values["keras"] = keras
        return emit(json.dumps(values, indent=2) + "\n")
    head = (
        f"# {values.pop('config-file') or 'no configuration file'}\n# project: {values.pop('root')}\n# Keras: {keras}\n"
    )
    tables = {key: value for key, value in values.items() if isinstance(value, dict)}
    lines = [_assignment(key, value) for key, value in values.items() if key not in tables and value is not None]
    for name, table in tables.items():
        lines += [f"\n[{name}]\n", *(_assignment(json.dumps(key), value) for key, value in table.items())]
    return emit(head + "".join(lines))


def _assignment(key: str, value: object) -> str:
    return f"{key} = {_toml(value)}\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items()) + " }"
    return json.dumps(value)
