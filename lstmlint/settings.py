"""Configuration: what may be set, by file, environment and command line, and the settings that result for a file.

`Settings` is what configures the check of one file; the nearest configuration file decides, nothing is merged.  Command
line options lie on top.  Every option is one row of `OPTIONS`, and the same row serves file and command line.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lstmlint import rules
from lstmlint.classes import dataclass, field, fields, replace
from lstmlint.words import did_you_mean, enumerate_words

if TYPE_CHECKING:
    from lstmlint.keras.versions import Version
    from lstmlint.source.guard import Limits

CONFIG_FILES = ("lstmlint.toml", "pyproject.toml")
ROOT_MARKERS = (*CONFIG_FILES, "setup.py", "setup.cfg", ".git", ".hg")
FORMATS = ("full", "concise", "grouped", "json", "jsonl", "sarif", "github", "gitlab", "junit")
SEVERITIES = ("error", "warning", "info")
BACKENDS = ("tensorflow", "jax", "torch")
COLORS = ("auto", "always", "never")

DEFAULT_EXCLUDE = (
    *(".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".lstmlint_cache", ".mypy_cache", ".nox"),
    *(".pyenv", ".pytest_cache", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__"),
    *("_build", "build", "dist", "node_modules", "site-packages", "venv", ".#*"),
)
"""Folders that hold no sources of the project, and the lock files of Emacs (dangling links)."""


class ConfigError(ValueError):
    """Wrong configuration or usage; the message says where and what.  Exit status 2."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one file is checked.

    `analysis_key` holds all that the analysis may depend on; the rest selects from its findings or prints them.
    `root` is the absolute path of the project's folder, `config_file` the file the settings come from.
    """

    root: str
    config_file: str | None = None
    select: tuple[str, ...] = ("ALL",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fix: bool = False
    unsafe_fixes: bool = False
    fixable: tuple[str, ...] = ("ALL",)
    unfixable: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    keras_version: str | None = None
    data_files: bool = True
    data: tuple[tuple[str, str], ...] = ()
    limits: tuple[tuple[str, int], ...] = ()
    output_format: str = "full"
    output_file: tuple[str, ...] = ()
    fail_on: str = "warning"
    baseline: str | None = None
    cache_dir: str | None = None
    no_cache: bool = False
    jobs: int | None = None
    color: str = "auto"
    python: str | None = None
    device: str = "cpu"
    backend: str | None = None
    verify_seconds: int = 60
    verify_memory: int = 4096

    @property
    def version(self) -> Version | None:
        """The Keras that is meant, or None when the project decides."""
        if self.keras_version is None:
            return None
        from lstmlint.keras.versions import Version

        return Version.parse(self.keras_version)

    @property
    def source_limits(self) -> Limits:
        """The limits for sources, with the configured ones put in."""
        from lstmlint.source.guard import Limits

        return replace(Limits(), **dict(self.limits))

    @property
    def analysis_key(self) -> tuple[object, ...]:
        """What the analysis of a file may depend on besides its text: the part of the settings a cache must know."""
        return self.keras_version, self.data_files, self.data, self.limits


def default_settings(root: str | None = None) -> Settings:
    """Settings without any configuration; `root` is the current folder unless given."""
    return Settings(root=os.path.abspath(root or os.curdir))


# Validation: one function per kind of value, value -> value or ValueError.


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _positive(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number of at least 1")
    return value


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise ValueError("must be a list of strings")
    return tuple(value)


def _one_of(choices: tuple[str, ...]) -> Callable[[object], str]:
    def check(value: object) -> str:
        if value not in choices:
            raise ValueError(f"must be one of {', '.join(choices)}, not {value!r}{did_you_mean(str(value), choices)}")
        return str(value)

    return check


def _device(value: object) -> str:
    text = _string(value)
    kind, colon, number = text.partition(":")
    if kind not in ("cpu", "gpu", "auto") or (colon and not (kind == "gpu" and number.isdecimal())):
        raise ValueError(f"must be cpu, gpu, gpu:N or auto, not {text!r}")
    return text


def _selectors(value: object) -> tuple[str, ...]:
    selectors = tuple(_strings(value))
    for selector in selectors:
        if rules.expand(selector) is None:
            near = rules.nearest(selector)
            raise ValueError(f"unknown rule: `{selector}`" + (f"; did you mean `{near}`?" if near else ""))
    return selectors


def _per_file_ignores(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of patterns and lists of rules")
    return tuple((pattern, _selectors(selectors)) for pattern, selectors in value.items())


def _data(value: object) -> tuple[tuple[str, str], ...]:
    """What users say of data files, as JSON by path: it is hashed with the settings, and printed as it was written."""
    import json

    from lstmlint.datafiles.said import described

    if not isinstance(value, dict):
        raise ValueError("must be a table of paths and shapes")
    for path, spec in value.items():
        if described(spec) is None:
            raise ValueError(
                f'`{path}`: must be a shape (`["n", 30, 7]`), a table of them by name, or of `columns` (and `rows`)'
            )
    return tuple((path, json.dumps(spec)) for path, spec in value.items())


def _keras_version(value: object) -> str:
    from lstmlint.keras.versions import Version

    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else _string(value)
    Version.parse(text)
    return text


def _limits(value: object) -> tuple[tuple[str, int], ...]:
    from lstmlint.source.guard import Limits

    if not isinstance(value, dict):
        raise ValueError("must be a table of numbers")
    known = {limit.name.replace("_", "-"): limit.name for limit in fields(Limits)}
    for key in value:
        if key not in known:
            raise ValueError(f"unknown key: `{key}`{did_you_mean(str(key), known)}")
    return tuple(sorted((known[key], _positive(number)) for key, number in value.items()))


OPTIONS: Mapping[str, Callable[[object], object]] = {
    "select": _selectors,
    "extend-select": _selectors,
    "ignore": _selectors,
    "per-file-ignores": _per_file_ignores,
    "fix": _flag,
    "unsafe-fixes": _flag,
    "fixable": _selectors,
    "unfixable": _selectors,
    "exclude": _strings,
    "extend-exclude": _strings,
    "force-exclude": _flag,
    "respect-gitignore": _flag,
    "keras-version": _keras_version,
    "data-files": _flag,
    "data": _data,
    "limits": _limits,
    "output-format": _one_of(FORMATS),
    "output-file": _strings,
    "fail-on": _one_of(SEVERITIES),
    "baseline": _string,
    "cache-dir": _string,
    "no-cache": _flag,
    "jobs": _positive,
    "color": _one_of(COLORS),
    "python": _string,
    "device": _device,
    "backend": _one_of(BACKENDS),
    "verify-seconds": _positive,
    "verify-memory": _positive,
}
"""Every key of a configuration file, as options are called on the command line, with its check."""

_PATH_KEYS = ("baseline", "cache-dir", "python")
"""Paths in a file are relative to that file's folder."""


def validated(values: Mapping[str, object], where: str) -> dict[str, Any]:
    """Checked values by field name of `Settings`.

    Errors: ConfigError, which names `where` and the key, and for an unknown key the nearest known one.
    """
    checked: dict[str, Any] = {}
    for key, value in values.items():
        check = OPTIONS.get(key)
        if check is None:
            raise ConfigError(f"{where}: unknown key: `{key}`{did_you_mean(key, (*OPTIONS, 'extend'))}")
        try:
            checked[key.replace("-", "_")] = check(value)
        except ValueError as error:
            raise ConfigError(f"{where}: `{key}`: {error}") from None
    return checked


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """The table of a TOML text.

    Errors: ConfigError when it is not TOML.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        table: dict[str, Any] = tomllib.loads(text)
        return table
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{where}: not TOML: {error}") from None


def read_config(path: str, *, required: bool = True) -> dict[str, Any] | None:
    """The table of lstmlint in a configuration file; None when a `pyproject.toml` has none and none is `required`.

    Errors: ConfigError when the file cannot be read or understood.
    """
    in_pyproject = os.path.basename(path) == "pyproject.toml"
    try:
        with open(path, "rb") as file:
            data = file.read()
        if in_pyproject and b"lstmlint" not in data and not required:
            return None
        table: object = parse_toml(data.decode("utf-8-sig"), path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8") from None
    if in_pyproject:
        for key in ("tool", "lstmlint"):
            table = table.get(key) if isinstance(table, dict) else None
        if table is None:
            return {} if required else None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.lstmlint` must be a table")
    return table


def load_values(path: str) -> dict[str, Any]:
    """The validated values of a configuration file, those of the files it extends below its own.

    Errors: ConfigError, also when files extend each other in a circle.
    """
    chain: list[dict[str, Any]] = []
    seen: list[str] = []
    following: str | None = path
    while following is not None:
        if following in seen:
            raise ConfigError(f"{path}: `extend` leads in a circle: {enumerate_words(seen)}")
        seen.append(following)
        table = dict(read_config(following) or {})
        extended = table.pop("extend", None)
        values = validated(table, following)
        folder = os.path.dirname(following)
        for key in _PATH_KEYS:
            name = key.replace("-", "_")
            if name in values:
                values[name] = os.path.join(folder, os.path.expanduser(values[name]))
        chain.append(values)
        if extended is not None and not isinstance(extended, str):
            raise ConfigError(f"{following}: `extend`: must be a string")
        following = os.path.abspath(os.path.join(folder, os.path.expanduser(extended))) if extended else None
    return {key: value for values in reversed(chain) for key, value in values.items()}


@dataclass(frozen=True, slots=True)
class Resolver:
    """Finds the settings of files.

    `overrides` lie on top of every file's settings (command line and environment, as `validated` gives them);
    `config` replaces the search by one file, `isolated` by none.
    """

    overrides: Mapping[str, Any] = field(default_factory=dict)
    config: str | None = None
    isolated: bool = False
    _known: dict[str, Settings] = field(default_factory=dict)

    def for_folder(self, folder: str) -> Settings:
        """The settings for files in the absolute path `folder`.

        Errors: ConfigError.
        """
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._resolve(folder)
        return known

    def for_file(self, path: str) -> Settings:
        """The settings for the file at the absolute path `path`."""
        return self.for_folder(os.path.dirname(path))

    def _resolve(self, folder: str) -> Settings:
        if self.config is not None:
            # As in other linters, the patterns of a file that was named are meant from where the user stands.
            return self._build(os.getcwd(), self.config)
        found = None if self.isolated else _config_in(folder)
        if found is not None:
            return self._build(folder, found)
        parent = os.path.dirname(folder)
        if parent == folder or self.isolated:
            return self._build(project_root(folder), None)
        above = self.for_folder(parent)
        return above if above.config_file else replace(above, root=project_root(folder))

    def _build(self, root: str, config_file: str | None) -> Settings:
        values = load_values(config_file) if config_file else {}
        return Settings(**{"root": root, "config_file": config_file, **values, **self.overrides})


def _config_in(folder: str) -> str | None:
    for name in CONFIG_FILES:
        path = os.path.join(folder, name)
        if os.path.isfile(path) and read_config(path, required=False) is not None:
            return path
    return None


@cache
def project_root(folder: str) -> str:
    """The nearest folder, from `folder` upwards, that looks like a project's.

    Without one: the current folder for what lies in it, else `folder`.
    """
    marked = _marked_root(folder)
    if marked is not None:
        return marked
    here = os.getcwd()
    return here if os.path.join(folder, "").startswith(os.path.join(here, "")) else folder


@cache
def _marked_root(folder: str) -> str | None:
    """The nearest folder upwards that holds a mark of a project's root; each folder is looked at once in a run."""
    if any(os.path.exists(os.path.join(folder, marker)) for marker in ROOT_MARKERS):
        return folder
    parent = os.path.dirname(folder)
    return None if parent == folder else _marked_root(parent)


def selected_codes(settings: Settings) -> Callable[[str], bool]:
    """The test whether findings of a code are wanted, before `per-file-ignores`.

    The more exact selector wins, and `ignore` among equals, so that `--ignore LL1 --extend-select LL101` keeps LL101.
    Findings about files (LL0) need no selecting: a file that was not checked must not pass for one without findings.
    """
    wanted = [(_exactness(s), s) for s in (*settings.select, *settings.extend_select, "LL0")]
    unwanted = [(_exactness(s), s) for s in settings.ignore]

    @cache
    def is_selected(code: str) -> bool:
        best = max((exactness for exactness, selector in wanted if _matches(selector, code)), default=-1)
        worst = max((exactness for exactness, selector in unwanted if _matches(selector, code)), default=-1)
        return best > worst

    return is_selected


def selects(selectors: Iterable[str], code: str) -> bool:
    """Whether one of the selectors stands for `code`."""
    return any(_matches(selector, code) for selector in selectors)


def _matches(selector: str, code: str) -> bool:
    upper = selector.upper()
    return upper == "ALL" or (upper.startswith("LL") and code.startswith(upper)) or rules.code_of(selector) == code


def _exactness(selector: str) -> int:
    """0 for `ALL`, then the number of characters of a prefix; a name is as exact as a whole code."""
    upper = selector.upper()
    if upper == "ALL":
        return 0
    return len(upper) if upper.startswith("LL") and upper[2:].isdigit() or upper == "LL" else len("LL000")
