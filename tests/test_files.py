"""Which files are checked, and what they are called."""

import io
import os
import sys
from pathlib import Path

import pytest
from command_line import write_files

from lstmlint.files import Discovery, discover, display_name, ignored_selectors, is_excluded
from lstmlint.settings import Resolver, Settings


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*paths: str, **overrides: object) -> list[str]:
    return names(discover(paths, Resolver(overrides)))


def names(discovery: Discovery) -> list[str]:
    return [file.display.replace(os.sep, "/") for file in discovery.files]


class TestWalking:
    def test_python_files_and_notebooks(self, here: Path) -> None:
        write_files(here, dict.fromkeys(("b.py", "a/c.pyi", "a/d.ipynb", "a/e.txt", "f.pyc", "g.PY"), ""))
        assert found(".") == ["a/c.pyi", "a/d.ipynb", "b.py"]

    def test_folders_that_hold_no_sources(self, here: Path) -> None:
        write_files(
            here, {f"{name}/m.py": "" for name in (".venv", "a/node_modules", "build", "x/site-packages/y", "ok")}
        )
        write_files(here, {".#lock.py": ""})
        assert found(".") == ["ok/m.py"]

    @pytest.mark.parametrize(
        ("patterns", "expected"),
        [
            (("a",), ["b/a.py", "c/m.py"]),
            (("a.py",), ["a/x/m.py", "c/m.py"]),
            (("*.py",), []),
            (("a/x",), ["b/a.py", "c/m.py"]),
            (("/a",), ["b/a.py", "c/m.py"]),
            (("x/",), ["b/a.py", "c/m.py"]),
            (("a/*/m.py",), ["b/a.py", "c/m.py"]),
            (("**/m.py",), ["b/a.py"]),
            (("[bc]",), ["a/x/m.py"]),
            (("./c",), ["a/x/m.py", "b/a.py"]),
            ((), ["a/x/m.py", "b/a.py", "c/m.py"]),
        ],
    )
    def test_patterns(self, patterns: tuple[str, ...], expected: list[str], here: Path) -> None:
        write_files(here, dict.fromkeys(("a/x/m.py", "b/a.py", "c/m.py", "setup.cfg"), ""))
        assert found(".", extend_exclude=patterns) == expected

    def test_a_folder_has_its_own_configuration(self, here: Path) -> None:
        write_files(
            here,
            {"lstmlint.toml": 'exclude = ["x"]', "a/lstmlint.toml": 'exclude = ["y"]', "b/x/m.py": "", "b/y/m.py": ""},
        )
        write_files(here, {"a/x/m.py": "", "a/y/m.py": ""})
        assert found(".") == ["a/x/m.py", "b/y/m.py"]

    def test_each_file_once(self, here: Path) -> None:
        write_files(here, {"a/m.py": "", "b.py": ""})
        assert found(".", "a", "a/m.py", "./b.py", str(here / "b.py")) == ["a/m.py", "b.py"]

    def test_names_of_files_elsewhere(self, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_files(here, {"a/m.py": "", "b/n.py": ""})
        monkeypatch.chdir(here / "a")
        assert found("../b", "m.py") == sorted([(here / "b" / "n.py").as_posix(), "m.py"])
        assert display_name("../b/n.py") == str(here / "b" / "n.py")

    @pytest.mark.skipif(os.name == "nt", reason="needs links")
    def test_links(self, here: Path) -> None:
        write_files(here, {"a/m.py": "", "other/n.py": ""})
        (here / "a" / "loop").symlink_to(here / "a")
        (here / "a" / "self.py").symlink_to("self.py")
        (here / "a" / "n.py").symlink_to(here / "other" / "n.py")
        (here / "a" / "folder.py").symlink_to(here / "other")
        (here / "named").symlink_to(here / "other")
        assert found("a") == ["a/m.py", "a/n.py", "a/self.py"]
        assert found("named") == ["named/n.py"]

    def test_a_deep_tree(self, here: Path) -> None:
        deep = here
        for _ in range(300):
            deep = deep / "d"
        deep.mkdir(parents=True)
        (deep / "m.py").touch()
        assert len(found(".")) == 1

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that bind")
    def test_a_folder_that_cannot_be_listed(self, here: Path) -> None:
        write_files(here, {"a/b/m.py": "", "a/c.py": ""})
        (here / "a" / "b").chmod(0)
        try:
            discovery = discover(["a"], Resolver())
            assert names(discovery) == ["a/c.py"]
            assert [folder.display for folder in discovery.unreadable] == ["a/b"]
            assert discover(["a/b"], Resolver()).problems == ("`a/b`: cannot be read: Permission denied",)
        finally:
            (here / "a" / "b").chmod(0o700)


class TestGitignore:
    def test_patterns_hold_below_their_folder(self, here: Path) -> None:
        write_files(
            here,
            {
                ".gitignore": "# comment\n\n*.tmp.py\n/out/\nlogs/*\n!logs/keep.py\n",
                "a/.gitignore": "x.py\n!y.tmp.py\n",
                **dict.fromkeys(
                    ("x.py", "a/x.py", "y.tmp.py", "a/y.tmp.py", "out/m.py", "a/out/m.py", "logs/m.py", "logs/keep.py"),
                    "",
                ),
            },
        )
        assert found(".") == ["a/out/m.py", "a/y.tmp.py", "logs/keep.py", "x.py"]
        assert len(found(".", respect_gitignore=False)) == 8

    def test_files_above_count_within_a_repository_only(self, here: Path) -> None:
        write_files(here, {".gitignore": "m.py\n", "a/m.py": "", "a/n.py": ""})
        assert found("a") == ["a/m.py", "a/n.py"]
        (here / ".git").mkdir()
        assert found("a") == ["a/n.py"]

    def test_the_exclude_file_of_a_repository(self, here: Path) -> None:
        write_files(here, {".git/info/exclude": "m.py\n", "a/m.py": "", "a/n.py": ""})
        assert found(".") == ["a/n.py"]
        assert found("a") == ["a/n.py"]

    def test_named_files_are_checked(self, here: Path) -> None:
        write_files(here, {".gitignore": "m.py\n", "m.py": ""})
        assert found("m.py") == ["m.py"]

    def test_odd_patterns_do_no_harm(self, here: Path) -> None:
        (here / ".gitignore").write_bytes(b"\xff\xfe\n[\n\\\n!\n/\nm.py\n")
        write_files(here, {"m.py": "", "n.py": ""})
        assert found(".") == ["n.py"]


class TestNamedPaths:
    def test_exclusion_of_named_files_must_be_forced(self, here: Path) -> None:
        write_files(here, {"build/m.py": "", "m.txt": ""})
        assert found("build/m.py", "m.txt") == ["build/m.py", "m.txt"]
        assert found("build/m.py", "build", force_exclude=True) == []

    def test_missing_ones_are_problems(self) -> None:
        discovery = discover(["none.py", "a\0b", "x" * 5000], Resolver())
        assert len(discovery.problems) == 3
        assert discovery.problems[0] == "`none.py`: no such file or folder"

    def test_a_folder_without_python(self, here: Path) -> None:
        (here / "empty").mkdir()
        assert discover(["empty"], Resolver()).notes == ("no Python files or notebooks found in `empty`",)

    def test_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, display in ((None, "<stdin>"), ("a/m.ipynb", "a/m.ipynb")):
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x = 1")))
            (file,) = discover(["-"], Resolver(), stdin_filename=name).files
            assert (file.display, file.data) == (display, b"x = 1")


def test_exclusion_and_ignores_look_below_the_root_only() -> None:
    settings = Settings(root="/build/project", per_file_ignores=(("tests", ("LL1",)), ("*.ipynb", ("LL9",))))
    assert not is_excluded("/build/project/m.py", settings)
    assert is_excluded("/build/project/build/m.py", settings)
    assert ignored_selectors("/build/project/tests/a/m.py", settings) == ("LL1",)
    assert ignored_selectors("/build/project/tests/m.ipynb", settings) == ("LL1", "LL9")
    assert ignored_selectors("/elsewhere/tests/m.py", settings) == ()
