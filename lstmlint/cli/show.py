"""`lstmlint show PATH...`: the models of a file, as tables or drawn."""

from __future__ import annotations

import argparse
import os
import sys

from lstmlint.cli import STATUS_DEFECT, STATUS_FINDINGS, STATUS_USAGE
from lstmlint.cli.check import UNPARSED, find_files, plan, tell_defects
from lstmlint.cli.options import resolver
from lstmlint.cli.streams import complain, emit, is_terminal, tell, wants_color
from lstmlint.files import Discovery
from lstmlint.report.concise import concise_line
from lstmlint.report.models import ENDINGS, FORMATS, Shown, render
from lstmlint.settings import Settings


def show(options: argparse.Namespace) -> int:
    """Print every model of the files; what hinders reading a file goes to standard error."""
    search = resolver(options)
    settings = search.for_folder(os.getcwd())
    found = find_files(options, search)
    if options.values:
        return _show_values(found, options)

    from lstmlint.runner import run

    outcome = run(found.files, found.unreadable, search, plan(options, settings, want_models=True))
    for problem in outcome.problems:
        complain(problem)
    trouble: tuple[str, ...] = ()
    if options.verify:
        from lstmlint.cli.verification import verify

        outcome, trouble = verify(options, settings, found.files, outcome, search)
    unparsed = [diagnostic for diagnostic in outcome.diagnostics if diagnostic.code in UNPARSED]
    for diagnostic in outcome.diagnostics:
        if diagnostic.code.startswith("LL0"):
            tell(concise_line(diagnostic))
    status = _print(
        Shown(outcome.models, wants_color(settings.color, sys.stdout), options.explain_params), settings, options
    )
    if not outcome.models and not options.quiet:
        tell("no models found")
    tell_defects(outcome.defects, options)
    return max(
        status,
        STATUS_FINDINGS * bool(unparsed),
        STATUS_USAGE * bool(found.problems or outcome.problems or trouble),
        STATUS_DEFECT * bool(outcome.defects),
    )


def _show_values(found: Discovery, options: argparse.Namespace) -> int:
    """The source of each file with the shapes of what it assigns beside it."""
    from lstmlint.runner import values_of

    status = STATUS_USAGE * bool(found.problems)
    several = len(found.files) > 1
    defects: list[str] = []
    for number, (file, (text, problems, defect)) in enumerate(zip(found.files, values_of(found.files))):
        heading = f"{chr(10) if number else ''}# {file.display}\n" if several else ""
        status = max(status, emit(heading + text) if text is not None else 0, STATUS_FINDINGS * bool(problems))
        for problem in problems:
            tell(f"{file.display}: {problem}")
        defects += [defect] if defect else []
    tell_defects(defects, options)
    return max(status, STATUS_DEFECT * bool(defects))


def _print(shown: Shown, settings: Settings, options: argparse.Namespace) -> int:
    """The models in every format that was asked for; 2 when one could not be written."""
    status = emit(render(_format(settings, options), shown))
    for target in options.models_file or ():
        name, path = _target(target)
        try:
            with open(path, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.write(render(name, Shown(shown.models, explains=shown.explains)))
        except OSError as error:
            complain(f"{path}: cannot be written: {error.strerror or error}")
            status = STATUS_USAGE
    return status


def _format(settings: Settings, options: argparse.Namespace) -> str:
    """The format for standard output: frames are for people, who sit at a terminal."""
    if options.models_format:
        return str(options.models_format)
    # LSTMLINT_OUTPUT_FORMAT and configuration speak of findings; only JSON means the same for models.
    if settings.output_format == "json":
        return "json"
    return "table" if is_terminal(sys.stdout) else "plain"


def _target(text: str) -> tuple[str, str]:
    """Format and path of `[FORMAT:]PATH`; without a format the end of the path tells it."""
    name, colon, path = text.partition(":")
    if colon and name in FORMATS:
        return name, path
    return ENDINGS.get(os.path.splitext(text)[1].lower(), "plain"), text
