"""Local imports lead to files of the same project, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lstmlint.source.project import Project, project_root

FILES = [
    "pyproject.toml", "main.py", "models.py", "package/__init__.py", "package/layers.py", "package/deep/__init__.py",
    "package/deep/one.py", "src/library/__init__.py", "src/library/core.py", "scripts/run.py", "scripts/models.py",
    "namespace/inner.py",
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Project:
    root = tmp_path / "project"
    for name in FILES:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "outside.py").write_text("")
    return Project.of(root / "main.py")


@pytest.mark.parametrize(
    ("importer", "module", "level", "expected"),
    [
        ("main.py", "models", 0, "models.py"),
        ("main.py", "package", 0, "package/__init__.py"),
        ("main.py", "package.layers", 0, "package/layers.py"),
        ("main.py", "package.deep", 0, "package/deep/__init__.py"),
        ("main.py", "library.core", 0, "src/library/core.py"),
        ("main.py", "namespace.inner", 0, "namespace/inner.py"),
        ("main.py", "namespace", 0, None),
        ("main.py", "numpy", 0, None),
        ("scripts/run.py", "models", 0, "scripts/models.py"),
        ("scripts/run.py", "package", 0, "package/__init__.py"),
        ("package/deep/one.py", "", 1, "package/deep/__init__.py"),
        ("package/deep/one.py", "one", 1, "package/deep/one.py"),
        ("package/deep/one.py", "layers", 2, "package/layers.py"),
        ("package/deep/one.py", "", 2, "package/__init__.py"),
        ("package/deep/one.py", "models", 3, "models.py"),
        ("package/deep/one.py", "outside", 4, None),
        ("package/deep/one.py", "outside", 9999, None),
        ("main.py", "", 0, None),
        ("main.py", "../outside", 0, None),
        ("main.py", "a b", 0, None),
        ("main.py", "a\0b", 0, None),
        ("main.py", "x" * 5000, 0, None),
    ],
)
def test_where_imports_lead(project: Project, importer: str, module: str, level: int, expected: str | None) -> None:
    found = project.resolve(module, level, project.root / importer)
    assert found == (None if expected is None else project.root / expected)


def test_what_was_looked_for_in_vain_is_remembered_on_every_call(project: Project) -> None:
    importer = project.root / "scripts/run.py"
    for _ in range(2):
        project.forget()
        assert project.resolve("library", 0, importer) == project.root / "src/library/__init__.py"
        assert {project.root / "scripts/library.py", project.root / "library/__init__.py"} <= project.missing
        assert project.root / "src/library.py" not in project.missing


def test_the_root_is_the_nearest_marked_folder(tmp_path: Path) -> None:
    inner = tmp_path / "a/b/c"
    inner.mkdir(parents=True)
    (tmp_path / "a/setup.py").write_text("")
    (tmp_path / ".git").mkdir()
    assert project_root(inner / "x.py") == tmp_path / "a"
    (tmp_path / "a/b/lstmlint.toml").write_text("")
    assert project_root(inner / "x.py") == tmp_path / "a/b"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_links_that_loop_or_lead_out_are_harmless(project: Project, tmp_path: Path) -> None:
    (project.root / "loop").symlink_to(project.root / "loop")
    (project.root / "self").symlink_to(project.root)
    (project.root / "away.py").symlink_to(tmp_path / "outside.py")
    (project.root / "near.py").symlink_to(project.root / "models.py")
    main = project.root / "main.py"
    assert project.resolve("loop", 0, main) is None
    assert project.resolve("loop.x", 0, main) is None
    assert project.resolve("away", 0, main) is None
    assert project.resolve("near", 0, main) == project.root / "near.py"
    assert project.resolve("self.models", 0, main) == project.root / "self/models.py"
