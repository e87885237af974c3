"""Arguments -> options, and options -> the settings of files."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from lstmlint.about import version_line
from lstmlint.report.models import FORMATS as MODEL_FORMATS
from lstmlint.settings import BACKENDS, COLORS, FORMATS, SEVERITIES, ConfigError, Resolver, parse_toml, validated
from lstmlint.words import did_you_mean

COMMANDS = {
    "check": "find wrong shapes (the default: `lstmlint PATH...`)",
    "show": "print the models of a file, with shapes and parameter counts",
    "explain": "print the page of a rule",
    "rules": "list all rules",
}


class UsageError(Exception):
    """Wrong usage; the message says what.  Exit status 2."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises, and knows the option that was meant."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """All arguments.

        Errors: UsageError.
        """
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            near = did_you_mean(unknown[0].split("=")[0], self._option_string_actions)
            raise UsageError(f"unknown option: `{unknown[0]}`{near}")
        return options


def parse(command: str, arguments: Sequence[str]) -> argparse.Namespace:
    """The options of one command.

    Errors: UsageError; SystemExit with status 0 after `--help`.
    """
    description = COMMANDS[command]
    parser = _Parser(
        prog="lstmlint" if command == "check" else f"lstmlint {command}",
        description=f"{description[0].upper()}{description[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _BUILDERS[command](parser)
    return parser.parse(arguments)


def _words(parser: argparse.ArgumentParser | argparse._ArgumentGroup, *names: str, metavar: str, help: str) -> None:
    """An option that takes a list with commas, and may stand several times."""
    parser.add_argument(
        *names, action="extend", type=lambda text: list(filter(None, text.split(","))), metavar=metavar, help=help
    )


def _check(parser: argparse.ArgumentParser) -> None:
    width = max(map(len, COMMANDS))
    lines = "\n".join(f"  lstmlint {name.ljust(width)}  {text}" for name, text in COMMANDS.items())
    parser.epilog = (
        f"commands (`lstmlint COMMAND --help` tells more):\n{lines}\n\n"
        "exit status: 0 nothing found (or left), 1 something found, 2 wrong usage or a path that cannot be read,\n"
        "3 a defect of lstmlint"
    )
    _paths(parser)
    rules = parser.add_argument_group("rules")
    _words(rules, "--select", metavar="RULES", help="codes, prefixes, names or ALL, with commas (default: ALL)")
    _words(rules, "--extend-select", metavar="RULES", help="rules on top of the selected ones")
    _words(rules, "--ignore", metavar="RULES", help="rules to leave out; the more exact of both lists wins")
    rules.add_argument(
        "--per-file-ignores", action="append", metavar="PATTERN:RULES", help="rules to leave out in some files"
    )
    rules.add_argument("--fail-on", choices=SEVERITIES, help="least severity for exit status 1 (default: warning)")
    rules.add_argument("--exit-zero", action="store_true", help="exit with 0 also when something was found")
    rules.add_argument("--baseline", metavar="FILE", help="do not report the findings in FILE")
    rules.add_argument("--update-baseline", action="store_true", help="put all findings into the baseline")
    _fixes(parser)
    _verification(parser)
    output = parser.add_argument_group("output")
    output.add_argument("--output-format", choices=FORMATS, metavar="FORMAT", help=f"one of {', '.join(FORMATS)}")
    output.add_argument(
        "--output-file",
        action="append",
        metavar="[FORMAT:]PATH",
        help="also write a report to a file; may stand several times",
    )
    output.add_argument("--statistics", action="store_true", help="count the findings by rule, do not list them")
    output.add_argument("--show-settings", action="store_true", help="print the settings for PATH and stop")
    output.add_argument("--show-files", action="store_true", help="print the files that would be checked and stop")
    _common_output(output)
    _files_and_configuration(parser)


def _fixes(parser: argparse.ArgumentParser) -> None:
    fixes = parser.add_argument_group("fixes")
    _switch(fixes, "fix", "mend what has a safe fix, in the files themselves")
    _switch(fixes, "unsafe-fixes", "count, show and make also fixes that may change what a program does")
    fixes.add_argument("--diff", action="store_true", help="print what would be fixed, write nothing")
    _words(fixes, "--fixable", metavar="RULES", help="rules whose fixes may be made (default: ALL)")
    _words(fixes, "--unfixable", metavar="RULES", help="rules whose fixes may not be made")


def _verification(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("verification")
    group.add_argument("--verify", action="store_true", help="build and train the models with real Keras, to confirm")
    group.add_argument(
        "--python",
        metavar="PATH",
        help="the interpreter, or environment, whose Keras is asked (default: lstmlint's own)",
    )
    group.add_argument("--device", metavar="DEVICE", help="cpu (default), gpu, gpu:N or auto")
    group.add_argument("--backend", choices=BACKENDS, help="backend of Keras 3 (default: its own choice)")
    group.add_argument("--verify-seconds", type=int, metavar="N", help="longest time for one model (default: 60)")
    group.add_argument("--verify-memory", type=int, metavar="MB", help="most memory for one model (default: 4096)")


def _switch(group: argparse._ArgumentGroup, name: str, help: str) -> None:
    """`--name`, and `--no-name` against what a configuration says."""
    target = name.replace("-", "_")
    group.add_argument(f"--{name}", dest=target, action="store_true", default=None, help=help)
    group.add_argument(f"--no-{name}", dest=target, action="store_false", help="not so, whatever the settings say")


def _show(parser: argparse.ArgumentParser) -> None:
    _paths(parser)
    output = parser.add_argument_group("output")
    names = ", ".join(MODEL_FORMATS)
    output.add_argument(
        "--output-format",
        dest="models_format",
        choices=MODEL_FORMATS,
        metavar="FORMAT",
        help=f"one of {names} (default: table at a terminal, else plain)",
    )
    output.add_argument(
        "--output-file",
        dest="models_file",
        action="append",
        metavar="[FORMAT:]PATH",
        help="also write the models to a file; its ending tells the format (.svg, .mmd, .json); may stand several times",
    )
    output.add_argument(
        "--values", action="store_true", help="print the source instead, with the shapes of its arrays and tensors"
    )
    output.add_argument(
        "--explain-params", action="store_true", help="also print the formula behind each parameter count"
    )
    _verification(parser)
    _common_output(output)
    _files_and_configuration(parser)


def _explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("rule", metavar="RULE", help="a code or a name")
    _page_output(parser)


def _rules(parser: argparse.ArgumentParser) -> None:
    _page_output(parser)


_BUILDERS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "check": _check,
    "show": _show,
    "explain": _explain,
    "rules": _rules,
}


def _paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-V", "--version", action="version", version=version_line())
    parser.add_argument(
        "paths", nargs="*", metavar="PATH", help="files, folders, notebooks, or - for standard input (default: .)"
    )
    parser.add_argument("--stdin-filename", metavar="PATH", help="what to call standard input, and where it belongs")


def _common_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--color", choices=COLORS, help="when to colour (default: auto)")
    group.add_argument("-q", "--quiet", action="store_true", help="print findings and errors only")
    group.add_argument("-v", "--verbose", action="store_true", help="tell on standard error what is done")


def _page_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output-format", choices=("full", "json"), metavar="FORMAT", help="full or json")
    parser.add_argument("--color", choices=COLORS, help="when to colour (default: auto)")


def _files_and_configuration(parser: argparse.ArgumentParser) -> None:
    files = parser.add_argument_group("files and configuration")
    _words(files, "--exclude", metavar="PATTERNS", help="files and folders to pass over, instead of the default ones")
    _words(files, "--extend-exclude", metavar="PATTERNS", help="files and folders to pass over as well")
    files.add_argument("--force-exclude", action="store_true", default=None, help="pass over also what was named")
    files.add_argument(
        "--no-respect-gitignore",
        dest="respect_gitignore",
        action="store_false",
        default=None,
        help="check also what .gitignore names",
    )
    files.add_argument("--keras-version", metavar="VERSION", help="the Keras that is meant, for example 2.15 or 3")
    files.add_argument(
        "--no-data-files",
        dest="data_files",
        action="store_false",
        default=None,
        help="do not look at the data files that programs name",
    )
    files.add_argument("--config", action="append", metavar="FILE|'KEY = VALUE'", help="configuration to use")
    files.add_argument("--isolated", action="store_true", help="read no configuration files")
    files.add_argument(
        "--no-cache", action="store_true", default=None, help="neither read nor write remembered results"
    )
    files.add_argument("--cache-dir", metavar="FOLDER", help="where to remember results")
    files.add_argument(
        "--jobs", type=int, metavar="N", help="processes (default: one per core, when there is much to do)"
    )


_SETTINGS = (
    *("select", "extend-select", "ignore", "per-file-ignores", "fail-on", "baseline", "output-format", "output-file"),
    *("fix", "unsafe-fixes", "fixable", "unfixable"),
    *("color", "exclude", "extend-exclude", "force-exclude", "respect-gitignore", "keras-version"),
    *("data-files", "no-cache"),
    *("cache-dir", "jobs", "python", "device", "backend", "verify-seconds", "verify-memory"),
)
"""Options that are also keys of configuration files."""


def resolver(options: argparse.Namespace) -> Resolver:
    """The search for settings with what environment and command line say on top.

    Errors: ConfigError, UsageError.
    """
    config_files = [text for text in getattr(options, "config", None) or () if not _is_inline(text)]
    inline = [text for text in getattr(options, "config", None) or () if _is_inline(text)]
    if len(config_files) > 1:
        raise UsageError("`--config` takes one file; `extend` in a file joins several")
    if config_files and options.isolated:
        raise UsageError("`--isolated` and a file after `--config` exclude each other")
    if config_files and not os.path.isfile(config_files[0]):
        raise ConfigError(f"{config_files[0]}: no such configuration file")
    overrides = validated(_from_environment(), "environment")
    for text in inline:
        overrides |= validated(parse_toml(text, f"--config '{text}'"), f"--config '{text}'")
    overrides |= validated(_from_arguments(options), "command line")
    return Resolver(overrides, os.path.abspath(config_files[0]) if config_files else None, bool(options.isolated))


def _is_inline(text: str) -> bool:
    return "=" in text and not os.path.exists(text)


def _from_environment() -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key in ("output-format", "cache-dir"):
        text = os.environ.get("LSTMLINT_" + key.upper().replace("-", "_"))
        if text:
            values[key] = text
    if os.environ.get("LSTMLINT_NO_CACHE", "").lower() not in ("", "0", "false", "no"):
        values["no-cache"] = True
    return values


def _from_arguments(options: argparse.Namespace) -> dict[str, Any]:
    values = {key: value for key in _SETTINGS if (value := getattr(options, key.replace("-", "_"), None)) is not None}
    if "per-file-ignores" in values:
        table: dict[str, list[str]] = {}
        for text in values["per-file-ignores"]:
            pattern, colon, selectors = text.rpartition(":")
            if not colon:
                raise UsageError(f"`--per-file-ignores` takes PATTERN:RULES, not `{text}`")
            table.setdefault(pattern, []).extend(filter(None, selectors.split(",")))
        values["per-file-ignores"] = table
    return values
