"""Which Keras a project means, from what its files say: read, never run.

A program speaks first (`import tf_keras`, inline script metadata, `%pip install` in a notebook), then the folder nearest
to it whose files pin a version, up to the project's root and never above.  Within a folder the more exact statement
wins: what is installed in a virtual environment, then lock files, then `==`, then ranges; equals that disagree say nothing.

An open requirement (`tensorflow>=2`) allows the newest release and states nothing.

Programs that import `keras` and programs that import `tensorflow.keras` may mean different versions in one project
(`keras==2.2.4` beside `tensorflow==2.3`): see `_GENERATIONS`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from lstmlint.classes import dataclass
from lstmlint.keras.versions import Version

STANDALONE, TENSORFLOW = "keras", "tensorflow"
"""What a program imports, and the families of packages that decide about it."""

_GENERATIONS: dict[tuple[str, str], tuple[tuple[tuple[int, ...], Version], ...]] = {
    # (package, what the program imports): releases below the number are of this generation.
    (STANDALONE, STANDALONE): (((2, 4), Version.K2), ((3,), Version.T2)),
    # Keras 2.4 needs TensorFlow 2.2, so what runs with an older one is Keras 2.3 at the latest.
    (TENSORFLOW, STANDALONE): (((2, 2), Version.K2), ((2, 16), Version.T2)),
    # tf.keras of TensorFlow 1 and 2.0 to 2.3 was not measured; in names and arguments it is nearest to the later ones.
    (TENSORFLOW, TENSORFLOW): (((2, 16), Version.T2),),
    (STANDALONE, TENSORFLOW): (((3,), Version.T2),),
}
_LATEST = Version.K3

_RANGE, _EXACT, _LOCKED, _INSTALLED = range(4)
"""How exact a statement is."""

MOST_BYTES = 512 * 1024
"""Read of a file that people write; the rest of a longer one is not looked at."""
MOST_LOCK_BYTES = 8 * 1024 * 1024
"""Read of a lock file."""
MOST_ENTRIES = 20_000
"""Entries of a folder that are looked at."""
MOST_STATEMENTS = 200
"""Statements of a file that are weighed."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """A generation of Keras, and why: `requirements.txt: tensorflow==2.10.0`."""

    version: Version
    reason: str


@dataclass(frozen=True, slots=True)
class FolderPins:
    """What the files of a folder, or of the nearest one above it that says anything, mean.

    `standalone` holds for programs that import `keras`, `tensorflow` for those that import `tensorflow.keras`.
    `read` are the files that were read.  `key` tells apart all that an analysis can depend on.
    """

    standalone: Pinned | None = None
    tensorflow: Pinned | None = None
    read: tuple[Path, ...] = ()

    @property
    def key(self) -> str:
        """The generations meant, as text: equal keys, equal analyses (of files with equal content)."""
        return "/".join(pinned.version.value if pinned else "-" for pinned in (self.standalone, self.tensorflow))


def project_version(root: Path, module_text: str, installs: Sequence[str], folder: Path) -> Pinned | None:
    """The Keras that a program in `folder` means; `installs` are the arguments of its `%pip install` lines.

    Unknown: None when nothing states a version.  Errors: none; what cannot be read or understood is passed over.
    """
    imported = _imported(module_text)
    own = _said_by(module_text, installs, imported)
    if own is not None:
        return own
    pins = folder_pins(root, folder)
    return pins.standalone if imported == STANDALONE else pins.tensorflow


def folder_pins(root: Path, folder: Path) -> FolderPins:
    """What the files of `folder` and of the folders above it, up to `root`, pin.  Remembered until `forget`."""
    return _folder_pins(os.path.abspath(root), os.path.abspath(folder))


def forget() -> None:
    """Look at the disk anew from now on."""
    _folder_pins.cache_clear()


@cache
def _folder_pins(root: str, folder: str) -> FolderPins:
    statements, read = _folder_statements(folder, root)
    parent = os.path.dirname(folder)
    is_below_root = os.path.join(folder, "").startswith(os.path.join(root, "")) and folder != root
    above = _folder_pins(root, parent) if is_below_root and parent != folder else FolderPins()
    found = [
        _decide(statements, imported) if _speaks(statements, imported) else otherwise
        for imported, otherwise in ((STANDALONE, above.standalone), (TENSORFLOW, above.tensorflow))
    ]
    return FolderPins(found[0], found[1], (*map(Path, read), *above.read))


# --- what the program says -------------------------------------------------------------------------------------------

_IMPORTS_KERAS = r"^[ \t]*(?:import|from)[ \t]+keras\b"
_IMPORTS_TF_KERAS = r"^[ \t]*(?:import|from)[ \t]+tf_keras\b"
_SETS_LEGACY = (
    r"^[ \t]*(?:os\.)?(?:environ|putenv)\b[ \t]*[^#\n]{0,40}[\"']TF_USE_LEGACY_KERAS[\"']"
    r"[ \t]*(?:\][ \t]*=|,|:)[ \t]*(?:str\()?[\"']?(?:1|true)\b"
)
_SCRIPT_BLOCK = r"^# /// script[ \t]*\n(?:#[^\n]*\n){1,200}?# ///[ \t]*$"


def _imported(text: str) -> str:
    """Which of the two a program imports; one that imports none gets its models from modules, `keras` then."""
    if "tensorflow" in text and not _search(_IMPORTS_KERAS, text):
        return TENSORFLOW
    return STANDALONE


def _said_by(text: str, installs: Sequence[str], imported: str) -> Pinned | None:
    if "tf_keras" in text and _search(_IMPORTS_TF_KERAS, text):
        return Pinned(Version.T2, "the program imports tf_keras")
    if imported == TENSORFLOW and "TF_USE_LEGACY_KERAS" in text and _search(_SETS_LEGACY, text):
        return Pinned(Version.T2, "the program sets TF_USE_LEGACY_KERAS")
    if "# /// script" in text:
        block = re.search(_SCRIPT_BLOCK, text, re.MULTILINE)
        if block is not None:
            lines = re.sub(r"(?m)^# ?", "", block.group())
            found = _decide(list(_quoted(lines, "script metadata")), imported)
            if found is not None:
                return found
    # The last install is the one that a notebook runs with.
    for line in reversed(installs):
        found = _decide(list(_install_line(line, "pip install")), imported)
        if found is not None:
            return found
    return None


def _search(pattern: str, text: str) -> bool:
    return re.search(pattern, text, re.MULTILINE | re.IGNORECASE) is not None


# --- statements ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Range:
    """Releases from `low` up to below `high` (None: no bound)."""

    low: tuple[int, ...] = ()
    high: tuple[int, ...] | None = None
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class _Statement:
    """A package of a family, the releases allowed, how exact that is, and the words for people."""

    family: str
    releases: _Range
    exactness: int
    reason: str


def _generation(statement: _Statement, imported: str) -> Version | None:
    """The generation of the newest release allowed; None when that is whatever is newest today."""
    boundaries = _GENERATIONS[statement.family, imported]
    releases = statement.releases
    for boundary, version in boundaries:
        if releases.high is not None and releases.high <= boundary:
            return version
    return _LATEST if releases.low >= boundaries[-1][0] else None


def _speaks(statements: Iterable[_Statement], imported: str) -> bool:
    return any(_generation(statement, imported) is not None for statement in statements)


def _decide(statements: Sequence[_Statement], imported: str) -> Pinned | None:
    """What the most exact statements agree on; the package that is imported speaks before the other."""
    for family in (imported, TENSORFLOW if imported == STANDALONE else STANDALONE):
        found = [
            (statement.exactness, version, statement.reason)
            for statement in statements
            if statement.family == family and (version := _generation(statement, imported)) is not None
        ]
        if found:
            most = max(exactness for exactness, _, _ in found)
            best = [(version, reason) for exactness, version, reason in found if exactness == most]
            return Pinned(*best[0]) if len({version for version, _ in best}) == 1 else None
    return None


_NAME = (
    r"(?P<name>keras(?:[-_](?:gpu|base))?"
    r"|tensorflow(?:[-_](?:gpu|cpu|macos|intel|rocm|base|mkl|eigen|aarch64|cpu[-_]aws))?)(?![\w.-])"
)
_EXTRAS = r"(?:[ \t]*\[[\w\s,.-]{0,200}\])?"
_CLAUSE = r"(===|==|~=|!=|<=|>=|<|>|=|\^|~)?v?(\d+(?:\.\d+)*)(\.\*)?(?:[.=+!-]?[a-z][\w.]*|=[\w.]*)?"


def _statement(
    name: str, spec: str, source: str, *, bare: bool = False, exactness: int = _RANGE
) -> Iterator[_Statement]:
    """The statement that `name` with a version specifier makes.

    `bare` numbers are specifiers in some formats; `exactness` is that of the file's kind, where it has one.
    """
    releases = _releases(spec, bare)
    if releases is not None:
        family = TENSORFLOW if name.lower().startswith("tensorflow") else STANDALONE
        words = f"{name}{'' if spec[:1] in '=<>~!^' else ' '}{' '.join(spec.split())}"
        how_exact = exactness or (_EXACT if releases.is_exact else _RANGE)
        yield _Statement(family, releases, how_exact, f"{source}: {words}")


def _releases(spec: str, bare: bool) -> _Range | None:
    """The releases that a specifier of pip, Poetry or conda allows; None when it names none."""
    found = [releases for part in re.split(r"\|{1,2}", spec) if (releases := _all_of(part, bare)) is not None]
    if not found:
        return None
    highs = [releases.high for releases in found if releases.high is not None]
    return _Range(
        min(releases.low for releases in found),
        max(highs) if len(highs) == len(found) else None,
        all(releases.is_exact for releases in found),
    )


def _all_of(spec: str, bare: bool) -> _Range | None:
    low: tuple[int, ...] = ()
    high: tuple[int, ...] | None = None
    is_exact = False
    clauses = 0
    for token in re.split(r"[,\s]+", re.sub(r"([=<>~!^])\s+", r"\1", spec.strip()[:200])):
        clause = _pattern(_CLAUSE).fullmatch(token)
        if clause is None or clause[1] == "!=" or (clause[1] is None and not bare):
            continue
        number = tuple(int(part[:9]) for part in clause[2].split("."))
        from_, below = _bounds(clause[1] or "==", number, is_prefix=bool(clause[3]))
        low = max(low, from_)
        high = below if high is None or (below is not None and below < high) else high
        is_exact = is_exact or (clause[1] in (None, "=", "==", "===") and len(number) > 1)
        clauses += 1
    return _Range(low, high, is_exact) if clauses and (high is None or low < high) else None


def _bounds(
    operator: str, number: tuple[int, ...], *, is_prefix: bool
) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
    """First release allowed and first one not, for one clause."""
    stripped = _without_zeros(number)
    if operator in (">", ">="):
        return stripped, None
    if operator == "<":
        return (), stripped
    if operator == "<=":
        return (), (*number, 0)
    if operator == "^":
        digit = next((index for index, part in enumerate(number) if part), len(number) - 1)
        return stripped, _next(number[: digit + 1])
    if operator == "~":
        return stripped, _next(number[:2])
    if operator == "~=":
        return stripped, _next(number[:-1]) if len(number) > 1 else None
    if operator == "=" or is_prefix:
        return stripped, _next(number)
    return stripped, (*number, 0)


def _next(number: tuple[int, ...]) -> tuple[int, ...]:
    return (*number[:-1], number[-1] + 1)


def _without_zeros(number: tuple[int, ...]) -> tuple[int, ...]:
    while len(number) > 1 and not number[-1]:
        number = number[:-1]
    return number


# --- kinds of file: text, its name for people -> statements -----------------------------------------------------------

_Reader = Callable[[str, str], Iterator[_Statement]]


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """Compiled when the first file of its kind is met: most runs meet one or two kinds."""
    return re.compile(text.replace("NAME", _NAME).replace("EXTRAS", _EXTRAS), re.MULTILINE | re.IGNORECASE)


def _requirement_lines(text: str, source: str) -> Iterator[_Statement]:
    """`tensorflow==2.10.0 ; python_version < "3.11"  # why`, and wheels named by their address."""
    for found in _pattern(r"^[ \t]*NAMEEXTRAS[ \t]*(?P<spec>[=<>~!]{1,3}[ \t]*\d[^\n;#\\]{0,200})").finditer(text):
        yield from _statement(found["name"], found["spec"].strip(), source)
    for found in _pattern(_WHEEL).finditer(text):
        yield from _statement(found["name"], "==" + found["spec"], source)


_WHEEL = r"^[^#\n]{0,400}?/(?P<name>keras|tensorflow(?:_\w+)?)-(?P<spec>\d+\.\d+[\w.]*)-(?:py|cp)\d"


def _install_line(text: str, source: str) -> Iterator[_Statement]:
    """`-q "tensorflow<2.16" keras`."""
    for found in _pattern(r"(?<![\w.-])NAMEEXTRAS[ \t]*(?P<spec>[=<>~!]{1,3}[ \t]*\d[^\s\"';#]{0,200})").finditer(text):
        yield from _statement(found["name"], found["spec"], source)


def _quoted(text: str, source: str) -> Iterator[_Statement]:
    """Requirements as strings: `"tensorflow>=2.10,<2.16"`."""
    for found in _pattern(r"[\"']NAMEEXTRAS[ \t]*\(?(?P<spec>[=<>~!]{1,3}[ \t]*\d[^\"'\n;#)]{0,200})").finditer(text):
        yield from _statement(found["name"], found["spec"].strip(), source)


def _toml(text: str, source: str) -> Iterator[_Statement]:
    """Lists of requirements (PEP 621) and tables of them (Poetry, Pipfile, pixi)."""
    text = _without_comment_lines(text)
    yield from _quoted(text, source)
    value = r"(?P<value>\"[^\"\n]{0,200}\"|'[^'\n]{0,200}'|\{[^}]{0,1000}\}|\[[^\]]{0,1000}\])"
    table = r"^\[[\w.-]{1,100}\.NAME\][ \t]*\n(?:(?!\[)[^\n]{0,200}\n){0,9}?version[ \t]*=[ \t]*" + value
    for found in (
        *_pattern(rf"^[ \t]*[\"']?NAME[\"']?[ \t]*=[ \t]*{value}").finditer(text),
        *_pattern(table).finditer(text),
    ):
        value_text = found["value"]
        if value_text[0] in "\"'":
            specs = [value_text[1:-1]]
        else:
            specs = re.findall(r"\bversion[ \t]*=[ \t]*[\"']([^\"'\n]{1,200})[\"']", value_text)
        for spec in specs:
            yield from _statement(found["name"], spec.strip(), source, bare=True)


def _setup(text: str, source: str) -> Iterator[_Statement]:
    text = _without_comment_lines(text)
    yield from _quoted(text, source)
    yield from _requirement_lines(text, source)


def _lock(text: str, source: str) -> Iterator[_Statement]:
    """`name` and `version` in consecutive lines: Poetry, uv, PDM, `pylock.toml`."""
    for found in _pattern(r"^name = \"NAME\"[ \t]*\r?\nversion = \"(?P<spec>[\w.+!-]{1,80})\"").finditer(text):
        yield from _statement(found["name"], "==" + found["spec"], source, exactness=_LOCKED)


def _pipfile_lock(text: str, source: str) -> Iterator[_Statement]:
    for found in _pattern(r"\"NAME\":\s*\{[^{}]*\"version\":\s*\"(?P<spec>[^\"\n]{1,80})\"").finditer(text):
        yield from _statement(found["name"], found["spec"], source, exactness=_LOCKED)


def _conda(text: str, source: str) -> Iterator[_Statement]:
    """`- conda-forge::tensorflow=2.10=build` and, below `pip:`, `- tensorflow==2.10`."""
    line = r"^[ \t]*-[ \t]*[\"']?(?:[\w.-]{1,80}::)?NAMEEXTRAS[ \t]*(?P<spec>[=<>~!\d][^\n;#\"']{0,200})"
    for found in _pattern(line).finditer(text):
        yield from _statement(found["name"], found["spec"].strip(), source, bare=True)


def _without_comment_lines(text: str) -> str:
    return re.sub(r"(?m)^[ \t]*#[^\n]*$", "", text)


_BY_NAME: dict[str, _Reader] = {
    "pyproject.toml": _toml,
    "pipfile": _toml,
    "pixi.toml": _toml,
    "setup.py": _setup,
    "setup.cfg": _setup,
    "pipfile.lock": _pipfile_lock,
    "poetry.lock": _lock,
    "uv.lock": _lock,
    "pdm.lock": _lock,
}
_BY_PART: tuple[tuple[str, tuple[str, ...], _Reader], ...] = (
    # (part of the name, endings, reader)
    ("requirements", (".txt", ".in"), _requirement_lines),
    ("constraints", (".txt",), _requirement_lines),
    ("env", (".yml", ".yaml"), _conda),
    ("conda", (".yml", ".yaml"), _conda),
    ("pylock", (".toml",), _lock),
)
_REQUIREMENT_FOLDER = "requirements"
_ENVIRONMENTS = (".venv", "venv", "env")


def _reader_of(name: str) -> _Reader | None:
    lower = name.lower()
    reader = _BY_NAME.get(lower)
    if reader is None and lower.endswith((".txt", ".in", ".yml", ".yaml", ".toml")):
        reader = next((reader for part, ends, reader in _BY_PART if part in lower and lower.endswith(ends)), None)
    return reader


# --- folders ---------------------------------------------------------------------------------------------------------


def _folder_statements(folder: str, root: str) -> tuple[list[_Statement], list[str]]:
    """What the files of one folder state, and the files that were read."""
    statements: list[_Statement] = []
    read: list[str] = []
    for name, path, is_folder in _entries(folder):
        if not is_folder:
            reader = _reader_of(name)
            if reader is not None:
                statements += _file_statements(path, reader, root, read)
        elif name == _REQUIREMENT_FOLDER:
            for _, inner, inner_is_folder in _entries(path):
                if not inner_is_folder and inner.endswith((".txt", ".in")):
                    statements += _file_statements(inner, _requirement_lines, root, read)
        elif name in _ENVIRONMENTS:
            statements += _installed(path, root)
    return statements, read


def _entries(folder: str) -> list[tuple[str, str, bool]]:
    """Name, path and whether it is a folder, sorted; empty when the folder cannot be listed."""
    found: list[tuple[str, str, bool]] = []
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                found.append((entry.name, entry.path, entry.is_dir()))
                if len(found) >= MOST_ENTRIES:
                    break
    except OSError:
        pass
    return sorted(found)


def _file_statements(path: str, reader: _Reader, root: str, read: list[str]) -> list[_Statement]:
    most = MOST_LOCK_BYTES if path.endswith(".lock") or reader is _lock else MOST_BYTES
    try:
        if not os.path.isfile(path):  # a pipe could be read without end
            return []
        with open(path, "rb") as file:
            data = file.read(most)
    except (OSError, ValueError):
        return []
    read.append(path)
    lower = data.lower()
    if b"\0" in lower:
        # PowerShell writes `pip freeze > requirements.txt` as UTF-16.
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
        lower = data.lower()
    if b"tensorflow" not in lower and b"keras" not in lower:
        return []
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return list(islice(reader(text, _shown(path, root)), MOST_STATEMENTS))


def _installed(environment: str, root: str) -> list[_Statement]:
    """What a virtual environment holds, by the names of its metadata folders."""
    folders = [os.path.join(environment, "Lib", "site-packages")]
    folders += [
        os.path.join(path, "site-packages") for _, path, is_dir in _entries(os.path.join(environment, "lib")) if is_dir
    ]
    statements: list[_Statement] = []
    for folder in folders:
        for name, _, _ in _entries(folder):
            if not name[:1] in "kKtT" or not name.endswith(".dist-info"):
                continue
            package, _, version = name.removesuffix(".dist-info").partition("-")
            if _pattern("NAME").fullmatch(package):
                statements += _statement(package, "==" + version, _shown(environment, root), exactness=_INSTALLED)
    return statements


def _shown(path: str, root: str) -> str:
    return path.removeprefix(os.path.join(root, "")).replace(os.sep, "/")
