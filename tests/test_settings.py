"""Configuration: which file counts, what may stand in it, and what lies on top."""

from pathlib import Path

import pytest
from command_line import write_files

from lstmlint.classes import fields
from lstmlint.cli.options import parse, resolver
from lstmlint.settings import (
    OPTIONS,
    ConfigError,
    Resolver,
    Settings,
    default_settings,
    load_values,
    project_root,
    selected_codes,
    validated,
)


def settings_of(folder: Path, **options: object) -> Settings:
    return Resolver(**options).for_folder(str(folder))  # type: ignore[arg-type]


class TestNearestFile:
    def test_the_closest_wins_and_nothing_is_merged(self, tmp_path: Path) -> None:
        write_files(
            tmp_path,
            {
                "pyproject.toml": '[tool.lstmlint]\nignore = ["LL001"]\nkeras-version = "2.15"\n',
                "a/lstmlint.toml": 'ignore = ["LL901"]\n',
                "a/b/m.py": "",
            },
        )
        outer, inner = settings_of(tmp_path), settings_of(tmp_path / "a" / "b")
        assert (outer.ignore, outer.keras_version, outer.root) == (("LL001",), "2.15", str(tmp_path))
        assert (inner.ignore, inner.keras_version, inner.root) == (("LL901",), None, str(tmp_path / "a"))

    def test_a_pyproject_without_our_table_is_passed_over(self, tmp_path: Path) -> None:
        write_files(
            tmp_path,
            {
                "pyproject.toml": '[tool.lstmlint]\nkeras-version = "2.3"\n',
                "a/pyproject.toml": '[tool.ruff]\n# lstmlint\n[project]\nname = "x"\n',
            },
        )
        assert settings_of(tmp_path / "a").keras_version == "2.3"

    def test_lstmlint_toml_before_pyproject(self, tmp_path: Path) -> None:
        write_files(
            tmp_path,
            {"pyproject.toml": '[tool.lstmlint]\nkeras-version = "2.3"\n', "lstmlint.toml": 'keras-version = "3"\n'},
        )
        assert settings_of(tmp_path).keras_version == "3"

    def test_isolated_reads_none(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"lstmlint.toml": "nonsense = = ="})
        assert settings_of(tmp_path, isolated=True).config_file is None

    def test_a_named_file_replaces_the_search(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        write_files(tmp_path, {"lstmlint.toml": 'keras-version = "3"\n', "other.toml": 'keras-version = "2.15"\n'})
        found = settings_of(tmp_path, config=str(tmp_path / "other.toml"))
        assert (found.keras_version, found.root) == ("2.15", str(tmp_path))

    def test_overrides_lie_on_top(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"lstmlint.toml": 'keras-version = "3"\nfail-on = "error"\n'})
        found = settings_of(tmp_path, overrides={"keras_version": "2.15"})
        assert (found.keras_version, found.fail_on) == ("2.15", "error")

    def test_paths_are_relative_to_the_file(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"lstmlint.toml": 'baseline = "known.json"\ncache-dir = "/abs"\n', "a/m.py": ""})
        found = settings_of(tmp_path / "a")
        assert (found.baseline, found.cache_dir) == (str(tmp_path / "known.json"), "/abs")


class TestExtend:
    def test_values_of_the_extended_file_lie_below(self, tmp_path: Path) -> None:
        write_files(
            tmp_path,
            {
                "base.toml": 'keras-version = "2.15"\nfail-on = "error"\nbaseline = "known.json"\n',
                "a/lstmlint.toml": 'extend = "../base.toml"\nfail-on = "info"\n',
            },
        )
        found = settings_of(tmp_path / "a")
        assert (found.keras_version, found.fail_on) == ("2.15", "info")
        assert found.baseline is not None
        assert Path(found.baseline).resolve() == tmp_path / "known.json"

    def test_a_circle_is_an_error(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.toml": 'extend = "b.toml"\n', "b.toml": 'extend = "a.toml"\n'})
        with pytest.raises(ConfigError, match="circle"):
            load_values(str(tmp_path / "a.toml"))

    def test_a_missing_file_is_an_error(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.toml": 'extend = "b.toml"\n'})
        with pytest.raises(ConfigError, match=r"b\.toml: cannot be read"):
            load_values(str(tmp_path / "a.toml"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "unknown key: `selct`; did you mean `select`?"),
        ("keras_version = '3'", "unknown key: `keras_version`; did you mean `keras-version`?"),
        ("zzz = 1", "unknown key: `zzz`$"),
        ("select = 'LL0'", "`select`: must be a list of strings"),
        ("select = [1]", "`select`: must be a list of strings"),
        ("select = ['LL77']", "unknown rule: `LL77`"),
        ("ignore = ['unused-supression']", "unknown rule: `unused-supression`; did you mean `unused-suppression`?"),
        ("keras-version = 'new'", "`keras-version`: not a version number"),
        ("keras-version = true", "`keras-version`: must be a string"),
        ("fail-on = 'eror'", "must be one of error, warning, info, not 'eror'; did you mean `error`?"),
        ("jobs = 0", "at least 1"),
        ("jobs = true", "at least 1"),
        ("no-cache = 1", "must be true or false"),
        ("per-file-ignores = []", "must be a table"),
        ("[per-file-ignores]\n'*' = ['LL77']", "unknown rule: `LL77`"),
        ("limits = 3", "must be a table of numbers"),
        ("[limits]\nmax-byts = 3", "unknown key: `max-byts`; did you mean `max-bytes`?"),
        ("[limits]\nmax-bytes = 'x'", "at least 1"),
        ("= 3", "not TOML"),
        ("a = " + "[" * 5000, "not TOML"),
    ],
)
def test_errors_name_file_key_and_reason(text: str, message: str, tmp_path: Path) -> None:
    write_files(tmp_path, {"lstmlint.toml": text})
    with pytest.raises(ConfigError, match=message.replace("(", r"\(").replace("?", r"\?")) as error:
        settings_of(tmp_path)
    assert str(tmp_path / "lstmlint.toml") in str(error.value)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[tool.lstmlint]\nx = '\xff'"])
def test_what_is_no_utf8(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "lstmlint.toml").write_bytes(content)
    with pytest.raises(ConfigError, match="not UTF-8"):
        settings_of(tmp_path)


def test_a_table_that_is_none(tmp_path: Path) -> None:
    write_files(tmp_path, {"pyproject.toml": "[tool]\nlstmlint = 3\n"})
    with pytest.raises(ConfigError, match="must be a table"):
        settings_of(tmp_path)


@pytest.mark.parametrize("version", ["2.2.4", "2.15", "3", "3.15.1", "17", 3, 2.15])
def test_any_number_is_a_keras_version(version: object) -> None:
    values = validated({"keras-version": version}, "here")
    assert values == {"keras_version": str(version)}
    assert Settings(root="/", **values).version is not None


def test_limits_reach_the_source_guard() -> None:
    found = Settings(root="/", **validated({"limits": {"max-depth": 7}}, "here"))
    assert found.source_limits.max_depth == 7
    assert found.analysis_key != default_settings("/").analysis_key


def test_every_option_is_a_field_of_the_settings() -> None:
    names = {name.replace("-", "_") for name in OPTIONS}
    assert names <= {field.name for field in fields(Settings)}


class TestOverrides:
    def overrides(self, *arguments: str) -> dict[str, object]:
        return dict(resolver(parse("check", arguments)).overrides)

    def test_nothing_is_overridden_by_default(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("LSTMLINT_OUTPUT_FORMAT", "LSTMLINT_CACHE_DIR", "LSTMLINT_NO_CACHE"):
            monkeypatch.delenv(name, raising=False)
        assert self.overrides() == {}

    def test_command_line_over_inline_over_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LSTMLINT_OUTPUT_FORMAT", "json")
        assert self.overrides()["output_format"] == "json"
        inline = ("--config", "output-format = 'sarif'")
        assert self.overrides(*inline)["output_format"] == "sarif"
        assert self.overrides(*inline, "--output-format", "junit")["output_format"] == "junit"

    def test_lists_may_be_repeated(self) -> None:
        found = self.overrides("--exclude", "a,b", "--exclude", "c", "--per-file-ignores", "t/*:LL0,LL9")
        assert found["exclude"] == ("a", "b", "c")
        assert found["per_file_ignores"] == (("t/*", ("LL0", "LL9")),)


def test_project_root_is_the_nearest_folder_with_a_marker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_files(tmp_path, {"one/setup.py": "", "one/a/b/m.py": "", "two/m.py": ""})
    assert project_root(str(tmp_path / "one" / "a" / "b")) == str(tmp_path / "one")
    monkeypatch.chdir(tmp_path)
    assert project_root(str(tmp_path / "two")) == str(tmp_path)
    monkeypatch.chdir(tmp_path / "one")
    assert project_root(str(tmp_path / "two" / "x")) == str(tmp_path / "two" / "x")


def test_a_whole_code_beats_a_prefix() -> None:
    is_selected = selected_codes(Settings(root="/", select=("LL9",), ignore=("LL",), extend_select=("LL001",)))
    assert [is_selected(code) for code in ("LL901", "LL001", "LL002", "LL101")] == [True, True, True, False]
