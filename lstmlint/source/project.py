"""Where a local import leads: files of the same project only, found by looking and never by importing."""

from __future__ import annotations

from pathlib import Path

from lstmlint.classes import dataclass, field

_ROOT_MARKS = ("lstmlint.toml", "pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")


def project_root(file: Path) -> Path:
    """The nearest folder above `file` that looks like a project's root, else the file's own folder."""
    folder = _absolute(file).parent
    for candidate in (folder, *folder.parents):
        if any(_exists(candidate / mark) for mark in _ROOT_MARKS):
            return candidate
    return folder


@dataclass(slots=True)
class Project:
    """Finds modules below `root`.

    `missing` holds the paths that were looked for in vain since the last call of `forget`: a file that appears at one
    of them changes what an import means, so a remembered result depends on them.
    """

    root: Path
    missing: set[Path] = field(default_factory=set)
    _known: dict[tuple[str, int, Path], Path | None] = field(default_factory=dict, repr=False)
    _missed: dict[tuple[str, int, Path], tuple[Path, ...]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.root = _resolved(self.root)

    @classmethod
    def of(cls, file: Path) -> Project:
        """The project to which `file` belongs."""
        return cls(project_root(file))

    def resolve(self, module: str, level: int, importer: Path) -> Path | None:
        """The file that `from <level dots><module> import …` in `importer` reads.

        Absolute names are looked for in the importer's folder, then in the root and in `root/src`; relative ones from
        the importer's package.  A package is its `__init__.py`.
        Unknown: None for a module that is not a file of the project (the standard library, installed packages).
        """
        folder = _absolute(importer).parent
        key = (module, level, folder)
        if key not in self._known:
            missed: list[Path] = []
            self._known[key] = self._search(module, level, folder, missed)
            self._missed[key] = tuple(missed)
        self.missing.update(self._missed[key])
        return self._known[key]

    def forget(self) -> None:
        """Start a new list of `missing` paths."""
        self.missing = set()

    def _search(self, module: str, level: int, folder: Path, missed: list[Path]) -> Path | None:
        parts = [part for part in module.split(".") if part]
        if any(not part.isidentifier() for part in parts) or (not parts and not level):
            return None
        if level:
            for _ in range(min(level - 1, 100)):
                folder = folder.parent
            folders = [folder]
        else:
            folders = list(dict.fromkeys((folder, self.root, self.root / "src")))
        for start in folders:
            found = self._module(start, parts, missed)
            if found is not None:
                return found
        return None

    def _module(self, start: Path, parts: list[str], missed: list[Path]) -> Path | None:
        target = start.joinpath(*parts)
        candidates = [target / "__init__.py"]
        if parts:
            candidates.append(target.with_name(target.name + ".py"))
        for candidate in candidates:
            if not self._is_inside(candidate):
                continue
            if _is_file(candidate):
                return candidate
            missed.append(candidate)
        return None

    def _is_inside(self, path: Path) -> bool:
        """Whether `path`, links followed, lies below the root."""
        return _resolved(path).is_relative_to(self.root)


def _absolute(path: Path) -> Path:
    try:
        return path.absolute()
    except OSError:  # the current folder is gone
        return path


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL in the name
        return path


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
