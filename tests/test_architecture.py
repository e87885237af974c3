"""The plan of the house as a test: which room imports which, what is imported late, and how long a file may be."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "lstmlint"
FILES = sorted(PACKAGE.rglob("*.py"))

ARROWS: dict[str, tuple[str, ...]] = {
    # Room or module -> what of ours it may import.  A room may always import itself.
    "shapes": (),
    "keras": ("shapes",),
    "diagnostics": (),
    "words": (),
    "source": ("datafiles.said", "diagnostics"),
    "interpreter": ("shapes", "source"),
    "trace": ("interpreter.values", "keras", "shapes"),
    "datafiles": (),
    "libraries": (
        "datafiles",
        "interpreter",
        "keras",
        "shapes",
        "source.module",
        "source.shape_comments",
        "source.tree",
        "trace",
    ),
    "checks": (
        "interpreter.recorded",
        "interpreter.state",
        "interpreter.values",
        "keras",
        "shapes",
        "source.text",
        "source.tree",
        "trace",
        "words",
    ),
    "models": ("interpreter", "keras", "shapes", "trace"),
    "values": ("diagnostics", "interpreter", "libraries", "source"),
    "fix": ("checks.fixes", "diagnostics", "source"),
    "rules": ("diagnostics", "words"),
    "report": ("__version__", "diagnostics", "rules", "words"),
    "pins": ("keras.versions",),
    "relevance": (),
    "settings": ("datafiles.said", "keras.versions", "rules", "source.guard", "words"),
    "files": ("settings",),
    "baseline": ("diagnostics", "report", "settings"),
    "analysis": (
        *(
            "checks",
            "datafiles",
            "diagnostics",
            "files",
            "fix",
            "interpreter",
            "keras.naming",
            "keras.versions",
            "libraries",
            "models",
            "pins",
            "relevance",
            "values",
            "verify.plan",
        ),
        *("rules", "settings", "source", "words"),
    ),
    "verify": ("checks", "diagnostics", "interpreter", "keras", "libraries", "shapes", "trace", "words"),
    "about": ("__version__",),
    "cache": (
        "__version__",
        "about",
        "analysis",
        "datafiles",
        "diagnostics",
        "files",
        "keras.versions",
        "pins",
        "report.records",
        "settings",
    ),
    "workers": ("analysis", "runner"),
    "verifying": ("analysis", "diagnostics", "files", "rules", "runner", "settings", "verify"),
    "fixing": ("analysis", "diagnostics", "files", "fix.texts", "runner", "settings"),
    "runner": ("analysis", "cache", "diagnostics", "files", "pins", "rules", "settings", "workers"),
    "cli": (
        "about",
        "baseline",
        "diagnostics",
        "files",
        "fixing",
        "pins",
        "report",
        "rules",
        "runner",
        "settings",
        "verify.client",
        "verifying",
        "words",
    ),
    "__main__": ("cli",),
    "__init__": (),
    "classes": (),
}

EVERYWHERE = ("classes",)
"""What every room may import: how classes of ours are made."""

LATE: dict[str, tuple[str, ...]] = {
    # Package that costs much to import -> modules that may do so at their top, and are themselves imported late.
    "libcst": ("source/lower.py", "source/lower_expressions.py", "source/names.py"),
    "rich": ("report/drawing.py", "report/frames.py"),
    "pathspec": (),
    "tomllib": (),
    "tomli": (),
    "numpy": (),
    "dataclasses": (),  # `classes.py` has what is needed
    "inspect": (),
    "asyncio": (),
    "logging": (),
    "importlib.metadata": (),
    "multiprocessing": ("workers.py",),
}

NEVER = ("tensorflow", "keras", "numpy", "pandas", "sklearn", "torch", "jax")
"""Packages of the programs that are checked: no module of ours imports one, early or late."""

EVALUATES = {
    "classes.py": "methods made of the names of fields of our own classes",
    "keras/layers/call.py": "the formulas of parameter counts, constants of this package",
}
"""Where `eval` or `exec` is called, and on what."""

LINES = 600
LONGER: dict[str, str] = {
    # File -> why it is one file all the same.
}


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def _room(module: str) -> str:
    return module.split(".")[0]


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere, with its line; names imported from a package count as modules of it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def _early(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """What importing the module imports."""
    waiting: list[ast.stmt] = list(tree.body)
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _imports(ast.Module([statement], []))
        elif isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            waiting += statement.orelse
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting += [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_imports_follow_the_arrows(path: Path) -> None:
    room = _room(_module(path))
    allowed = (room, *EVERYWHERE, *ARROWS[room])
    wrong = [
        f"line {line}: {target}"
        for module, line in _imports(ast.parse(path.read_text(encoding="utf-8")))
        if _is_within(module, "lstmlint")
        and (target := module.removeprefix("lstmlint").lstrip("."))
        and not any(_is_within(target, name) for name in allowed)
    ]
    assert not wrong, f"{room} may import {', '.join(ARROWS[room]) or 'nothing of ours'}"


def test_every_room_has_its_arrows() -> None:
    assert {_room(_module(path)) for path in FILES} == set(ARROWS)


def test_every_room_is_in_the_plan() -> None:
    plan = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rooms = ARROWS.keys() - {"__init__", "__main__"}
    assert not [room for room in rooms if f"`lstmlint/{room}/`" not in plan and f"`lstmlint/{room}.py`" not in plan]


def test_arrows_lead_in_no_circle() -> None:
    # A cache remembers what an analysis found, and workers run what the runner gives them: both import their other late.
    late = {("workers", "runner"), ("cache", "analysis")}
    left = {
        room: {_room(target) for target in targets if (room, _room(target)) not in late}
        for room, targets in ARROWS.items()
    }
    left["__version__"] = set()
    while True:
        ready = [room for room, targets in left.items() if not targets & left.keys()]
        if not ready:
            break
        for room in ready:
            del left[room]
    assert not left


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_costly_packages_are_imported_late(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    early = {
        package
        for module, _ in _early(tree)
        for package, places in LATE.items()
        if _is_within(module, package) and _name(path) not in places
    }
    assert not early
    assert not [module for module, _ in _imports(tree) if any(_is_within(module, package) for package in NEVER)]


def test_places_of_costly_imports_exist() -> None:
    assert not [place for places in LATE.values() for place in places if not (PACKAGE / place).is_file()]


def test_files_are_short() -> None:
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    long = {name: length for name, length in lengths.items() if length > LINES}
    assert not {name: length for name, length in long.items() if name not in LONGER}
    assert not LONGER.keys() - long.keys(), "these are short again"


def test_nothing_is_executed_or_loaded_from_the_user() -> None:
    """No module of ours calls `eval`, `exec` or `__import__` on what it reads, or loads pickles."""
    found = []
    for path in FILES:
        if _name(path) in EVALUATES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        found += [
            f"{_name(path)}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"eval", "exec", "compile", "__import__"} - own
        ]
        found += [f"{_name(path)}:{line}" for module, line in _imports(tree) if _is_within(module, "pickle")]
    assert not found
