"""The cache: what is remembered, what makes it forget, and that nothing in it can do harm."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import report_cases
from command_line import TESTS, environment, lint, write_files

from lstmlint import cache as cache_module
from lstmlint.analysis import FileResult
from lstmlint.cache import STAMPS_KEPT, Cache, content_hash, libcst_version, open_cache
from lstmlint.classes import replace
from lstmlint.files import SourceFile
from lstmlint.settings import Settings

SOURCE = "import keras\nx  # finding: LL101 wrong\n"


class Project:
    """A folder, and the names of the files that a run analysed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.parent / "log"

    def analysed(self, *arguments: str, cwd: Path | None = None, stdout: str | None = None) -> list[str]:
        self.log.unlink(missing_ok=True)
        done = lint(
            *arguments, "--output-format", "json", cwd=cwd or self.folder, env={"LSTMLINT_TEST_LOG": str(self.log)}
        )
        assert done.returncode in (0, 1), done.stderr
        self.output = json.loads(done.stdout)
        return sorted(self.log.read_text().split()) if self.log.exists() else []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    write_files(tmp_path, {"p/setup.cfg": "", "p/a.py": SOURCE, "p/sub/b.py": SOURCE})
    return Project(tmp_path / "p")


class TestRemembering:
    def test_a_second_run_analyses_nothing_and_finds_the_same(self, project: Project) -> None:
        assert project.analysed() == ["a.py", "b.py"]
        first = project.output
        assert project.analysed() == []
        assert project.output == first

    def test_a_changed_file_is_analysed(self, project: Project) -> None:
        project.analysed()
        write_files(project.folder, {"a.py": SOURCE + "\n"})
        assert project.analysed() == ["a.py"]

    def test_names_follow_the_current_folder(self, project: Project) -> None:
        project.analysed()
        assert project.analysed("..", cwd=project.folder / "sub") == []
        assert [r["filename"] for r in project.output] == [str(project.folder / "a.py"), "b.py"]

    def test_it_moves_with_the_project(self, project: Project) -> None:
        project.analysed()
        moved = Project(project.folder.parent / "moved")
        shutil.move(project.folder, moved.folder)
        assert moved.analysed() == []
        assert [r["filename"] for r in moved.output] == ["a.py", "sub/b.py"]

    def test_settings_that_matter_have_their_own_results(self, project: Project) -> None:
        project.analysed()
        assert project.analysed("--keras-version", "2.15") == ["a.py", "b.py"]
        assert project.analysed("--keras-version", "2.15") == []
        assert project.analysed() == []

    def test_selection_is_not_part_of_it(self, project: Project) -> None:
        project.analysed("--ignore", "LL1")
        assert project.output == []
        assert project.analysed() == []
        assert len(project.output) == 2

    def test_models_are_remembered_apart(self, project: Project) -> None:
        write_files(project.folder, {"a.py": "import keras  # model\n"})
        project.analysed()
        assert project.analysed("show", "a.py") if False else True
        first = lint("show", "--output-format", "json", cwd=project.folder)
        again = lint("show", "--output-format", "json", cwd=project.folder)
        assert json.loads(first.stdout)
        assert first.stdout == again.stdout
        assert project.analysed() == []

    @pytest.mark.parametrize("options", [("--no-cache",), ("--isolated", "--no-cache")])
    def test_it_can_be_turned_off(self, options: tuple[str, ...], project: Project) -> None:
        for _ in range(2):
            assert project.analysed(*options) == ["a.py", "b.py"]
        assert not (project.folder / ".lstmlint_cache").exists()

    def test_it_is_marked_as_a_cache(self, project: Project) -> None:
        project.analysed()
        folder = project.folder / ".lstmlint_cache"
        assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
        assert (folder / ".gitignore").read_text() == "*\n"

    def test_defects_are_not_remembered(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import keras  # raises\n"})
        for _ in range(2):
            assert lint("a.py", cwd=tmp_path).returncode == 3


class TestDependencies:
    def test_a_module_that_was_read(self, project: Project) -> None:
        write_files(project.folder, {"a.py": "import keras  # reads: c.py\n", "c.py": "one\n"})
        project.analysed()
        assert project.analysed() == []
        write_files(project.folder, {"c.py": "two\n"})
        assert project.analysed() == ["a.py"]
        (project.folder / "c.py").unlink()
        assert project.analysed() == ["a.py"]
        assert project.analysed() == []
        write_files(project.folder, {"c.py": "two\n"})
        assert project.analysed() == ["a.py"]

    def test_a_module_that_was_missed(self, project: Project) -> None:
        write_files(project.folder, {"a.py": "import keras  # misses: c.py\n"})
        project.analysed()
        assert project.analysed() == []
        write_files(project.folder, {"c.py": "\n"})
        assert project.analysed() == ["a.py"]


DAMAGES = [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"a.py": 3}', b'{"a.py": {}}', b'{"a.py": []}', b"[" * 100_000]


class TestHarm:
    @pytest.mark.parametrize("damage", DAMAGES, ids=range(len(DAMAGES)))
    def test_damaged_buckets_are_misses(self, damage: bytes, project: Project) -> None:
        project.analysed()
        before = project.output
        for bucket in (project.folder / ".lstmlint_cache").glob("*/*.json"):
            bucket.write_bytes(damage)
        assert project.analysed() == ["a.py", "b.py"]
        assert project.output == before
        assert project.analysed() == []

    def test_entries_of_another_shape_are_misses(self, tmp_path: Path) -> None:
        cache, file, data = make_cache(tmp_path)
        cache.put(file, data, result())
        cache.save()
        (bucket,) = Path(cache.folder).glob("*/*.json")
        good = json.loads(bucket.read_text())
        for key in ("hash", "read", "missed", "diagnostics"):
            for wrong in (None, 3, "x", [3], [[3]], {"x": 3}, [[None] * 11]):
                bucket.write_text(json.dumps({name: {**entry, key: wrong} for name, entry in good.items()}))
                fresh = open_cache(file.settings)
                known = fresh.get(file, data)
                assert known is None or known.diagnostics in (result().diagnostics, ())

    @pytest.mark.parametrize("name", [".lstmlint_cache", ".lstmlint_cache/CACHEDIR.TAG"])
    def test_something_else_of_that_name(self, name: str, project: Project) -> None:
        path = project.folder / name
        path.parent.mkdir(exist_ok=True)
        if name.endswith("TAG"):
            path.mkdir()
        else:
            path.touch()
        for _ in range(2):
            assert len(project.analysed()) in (0, 2)
            assert len(project.output) == 2

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that bind")
    def test_a_folder_that_cannot_be_written(self, project: Project) -> None:
        project.folder.chmod(0o500)
        try:
            assert project.analysed() == ["a.py", "b.py"]
        finally:
            project.folder.chmod(0o700)

    def test_runs_at_the_same_time(self, project: Project) -> None:
        write_files(project.folder, {f"m{n}.py": SOURCE for n in range(20)})
        command = [sys.executable, str(TESTS / "driver.py"), "--output-format", "json"]
        runs = [
            subprocess.Popen(command, cwd=project.folder, env=environment(), stdout=subprocess.PIPE) for _ in range(4)
        ]
        outputs = {run.communicate()[0] for run in runs}
        assert len(outputs) == 1
        assert len(json.loads(outputs.pop())) == 22
        assert not list((project.folder / ".lstmlint_cache").glob("**/*.json.*"))
        assert project.analysed() == []


def make_cache(folder: Path) -> tuple[Cache, SourceFile, bytes]:
    settings = Settings(root=str(folder))
    path = folder / "model.py"
    path.write_text("x")
    return open_cache(settings), SourceFile(str(path), "model.py", settings), b"x"


def result() -> FileResult:
    return FileResult("model.py", report_cases.DIAGNOSTICS, (), (), (), ())


def test_results_come_back_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache, file, data = make_cache(tmp_path)
    full = replace(result(), models=({"name": "m", "filename": "model.py"},), missed=(str(tmp_path / "no.py"),))
    cache.put(file, data, full, want_models=True)
    cache.put(file, data, full)
    cache.save()
    assert open_cache(file.settings).get(file, data, want_models=True) == full
    assert open_cache(file.settings).get(file, data) == replace(full, models=())
    assert open_cache(file.settings).get(file, data + b"y") is None


def test_files_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    cache, file, data = make_cache(tmp_path)
    gone = replace(file, path=str(tmp_path / "gone.py"))
    cache.put(gone, data, result())
    cache.put(file, data, result())
    cache.save()
    (bucket,) = Path(cache.folder).glob("*/*.json")
    assert list(json.loads(bucket.read_text())) == ["model.py"]


def test_old_stamps_are_dropped(tmp_path: Path) -> None:
    for number in range(STAMPS_KEPT + 5):
        _, file, data = make_cache(tmp_path)
        cache = open_cache(replace(file.settings, keras_version=f"3.{number}"))
        cache.put(file, data, result())
        cache.save()
    assert len([path for path in Path(cache.folder).iterdir() if path.is_dir()]) == STAMPS_KEPT


def test_other_versions_have_other_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(root=str(tmp_path))
    stamps = {open_cache(settings).stamp}
    monkeypatch.setattr(cache_module, "libcst_version", lambda: "0.0")
    stamps.add(open_cache(settings).stamp)
    monkeypatch.setattr(cache_module, "__version__", "0.0")
    stamps.add(open_cache(settings).stamp)
    assert len(stamps) == 3


def test_our_own_code_is_part_of_the_stamp(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.py": "", "sub/b.json": "", "sub/c.txt": ""})
    before = sorted(cache_module._code_stamps(str(tmp_path)))
    assert [name for name, _, _ in before] == ["a.py", "b.json"]
    write_files(tmp_path, {"sub/b.json": "{}"})
    assert sorted(cache_module._code_stamps(str(tmp_path))) != before


def test_version_of_libcst_is_known_without_an_import() -> None:
    from importlib.metadata import version

    assert libcst_version() == version("libcst")


def test_equal_contents_have_equal_hashes() -> None:
    assert content_hash(b"a") == content_hash(b"a") != content_hash(b"b")
