"""The command line as users meet it: options, streams, exit status, and what is never imported."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import ROOT, TESTS, environment, lint, write_files

from lstmlint.about import version_line

BAD = "import keras\nx = 1  # finding: LL101 wrong\n"
WARNING = "import keras\nx = 1  # finding: LL102 doubtful\n"
INFO = "import keras\nx = 1  # finding: LL003 by the way\n"
CLEAN = "import keras\n"


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [record["code"] for record in json.loads(done.stdout)]


class TestExitStatus:
    @pytest.mark.parametrize(
        ("source", "options", "status"),
        [
            (CLEAN, (), 0),
            (BAD, (), 1),
            (WARNING, (), 1),
            (INFO, (), 0),
            (BAD, ("--exit-zero",), 0),
            (BAD, ("--fail-on", "error"), 1),
            (WARNING, ("--fail-on", "error"), 0),
            (INFO, ("--fail-on", "info"), 1),
            ("import keras  # finding: LL001 no Python\n", ("--fail-on", "error"), 1),
            ("import keras  # raises\n", (), 3),
            ("import keras  # raises\n", ("--exit-zero",), 3),
        ],
    )
    def test_follows_from_the_findings(
        self, source: str, options: tuple[str, ...], status: int, tmp_path: Path
    ) -> None:
        write_files(tmp_path, {"a.py": source})
        assert lint("--no-cache", *options, "a.py", cwd=tmp_path).returncode == status

    def test_a_missing_path_is_2_and_the_rest_is_checked(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        done = lint("--output-format", "json", "a.py", "missing.py", cwd=tmp_path)
        assert done.returncode == 2
        assert codes(done) == ["LL101"]
        assert done.stderr == "lstmlint: error: `missing.py`: no such file or folder\n"

    def test_a_defect_wins_and_the_rest_is_checked(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD, "b.py": "import keras  # raises\n"})
        done = lint("--output-format", "json", "a.py", "b.py", "missing.py", cwd=tmp_path)
        assert done.returncode == 3
        assert codes(done) == ["LL101", "LL099"]
        assert "report" in json.loads(done.stdout)[1]["message"]
        assert "Traceback" not in done.stderr
        assert "Traceback" in lint("--verbose", "b.py", cwd=tmp_path).stderr

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--selct", "LL1"), "unknown option: `--selct`; did you mean `--select`?"),
            (("--select", "LL77"), "unknown rule: `LL77`"),
            (("--select", "recurrent-inputrank"), "did you mean `recurrent-input-rank`?"),
            (("--output-format", "xml"), "invalid choice: 'xml'"),
            (("--jobs", "0"), "`jobs`: must be a whole number of at least 1"),
            (("--keras-version", "new"), "`keras-version`: not a version number"),
            (("--config", "none.toml"), "none.toml: no such configuration file"),
            (("--config", "selct = []"), "unknown key: `selct`; did you mean `select`?"),
            (("--config", "select = ["), "not TOML"),
            (("--per-file-ignores", "x"), "PATTERN:RULES"),
            (("--update-baseline",), "needs `--baseline FILE`"),
            (("--baseline", "none.json"), "none.json: no such baseline"),
            (("explain", "LL1O1"), "unknown rule: `LL1O1`; did you mean `LL101`?"),
            (("explain",), "RULE"),
            (("--statistics", "--output-format", "junit"), "`--statistics` has no format `junit`"),
        ],
    )
    def test_wrong_usage_is_2(self, arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
        done = lint(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


class TestCommands:
    def test_version(self, tmp_path: Path) -> None:
        for option in ("--version", "-V"):
            assert lint(option, cwd=tmp_path).stdout == f"{version_line()}\n"
        assert lint("--no-cache", "--version", cwd=tmp_path).stdout == f"{version_line()}\n"

    @pytest.mark.parametrize("command", ["check", "show", "explain", "rules"])
    def test_help(self, command: str, tmp_path: Path) -> None:
        done = lint(command, "--help", cwd=tmp_path)
        assert done.returncode == 0
        assert done.stdout.startswith("usage: lstmlint")

    def test_check_is_the_default(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        assert lint("a.py", cwd=tmp_path).stdout == lint("check", "a.py", cwd=tmp_path).stdout
        assert lint(cwd=tmp_path).stdout == lint(".", cwd=tmp_path).stdout

    def test_explain(self, tmp_path: Path) -> None:
        by_code = lint("explain", "ll101", cwd=tmp_path)
        assert by_code.stdout.startswith("# LL101 recurrent-input-rank (error)\n")
        assert by_code.stdout == lint("explain", "recurrent-input-rank", cwd=tmp_path).stdout
        assert "\x1b[" in lint("explain", "LL101", "--color", "always", cwd=tmp_path).stdout
        page = json.loads(lint("explain", "LL101", "--output-format", "json", cwd=tmp_path).stdout)
        assert page["severity"] == "error"
        assert page["text"].startswith("## What it finds")

    def test_rules(self, tmp_path: Path) -> None:
        done = lint("rules", cwd=tmp_path)
        assert "LL101  error    recurrent-input-rank" in done.stdout
        listed = json.loads(lint("rules", "--output-format", "json", cwd=tmp_path).stdout)
        assert [rule["code"] for rule in listed] == sorted(rule["code"] for rule in listed)

    def test_show(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import keras  # model\n", "b.py": "import keras  # finding: LL101 wrong\n"})
        assert lint("show", "a.py", cwd=tmp_path).stdout == (
            "model (Sequential, Keras 3) a.py:1\n"
            "  layer  class  output shape                parameters\n"
            "  -----  -----  --------------------------  ----------\n"
            "  lstm   LSTM   (None, len(data) - 60, 32)       5,248\n"
            "  split  Split  [(None, 1), (None, 2)]               ?\n"
            "  Total parameters: ?\n"
            "  Trainable parameters: ?\n"
            "  Non-trainable parameters: 0\n"
        )
        done = lint("show", "--output-format", "json", ".", cwd=tmp_path)
        assert done.returncode == 0
        (model,) = json.loads(done.stdout)
        assert (model["filename"], model["class"], model["line"]) == ("a.py", "Sequential", 1)
        assert lint("show", "--output-format", "json", "b.py", cwd=tmp_path).stdout == "[]\n"
        assert lint("show", "b.py", cwd=tmp_path).stderr == "no models found\n"

    def test_show_tells_what_could_not_be_parsed(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import keras  # finding: LL001 no Python\n"})
        done = lint("show", "a.py", cwd=tmp_path)
        assert done.returncode == 1
        assert "a.py:1:1: LL001 no Python\n" in done.stderr

    def test_show_files(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"b.py": "", "a.ipynb": "{}", "c.txt": "", "venv/d.py": "", "e/f.pyi": ""})
        done = lint("--show-files", cwd=tmp_path)
        assert done.stdout.split() == ["a.ipynb", "b.py", "e/f.pyi"]

    def test_show_settings(self, tmp_path: Path) -> None:
        write_files(
            tmp_path,
            {"lstmlint.toml": 'select = ["LL1"]\nkeras-version = "2.15"\n[per-file-ignores]\n"t/*" = ["LL101"]\n'},
        )
        shown = lint("--show-settings", cwd=tmp_path).stdout
        assert 'select = ["LL1"]\n' in shown
        assert 'keras-version = "2.15"\n' in shown
        # What is shown is itself a configuration with the same meaning.
        write_files(tmp_path, {"copy/lstmlint.toml": shown})
        again = lint("--show-settings", cwd=tmp_path / "copy").stdout
        assert again.splitlines()[2:] == shown.splitlines()[2:]
        assert json.loads(lint("--show-settings", "--output-format", "json", cwd=tmp_path).stdout)["select"] == ["LL1"]

    def test_show_settings_tells_which_keras_was_found_and_where(self, tmp_path: Path) -> None:
        write_files(
            tmp_path,
            {
                "requirements.txt": "tensorflow==2.10.0\n",
                "a.py": "import tensorflow\n",
                "own/lstmlint.toml": 'keras-version = "2.3"\n',
            },
        )
        assert (
            "# Keras: 2.15 (requirements.txt: tensorflow==2.10.0)\n"
            in lint("--show-settings", "a.py", cwd=tmp_path).stdout
        )
        assert "# Keras: 2.15 (requirements.txt: tensorflow==2.10.0)\n" in lint("--show-settings", cwd=tmp_path).stdout
        assert "# Keras: 2.3 (keras-version is set)\n" in lint("--show-settings", "own", cwd=tmp_path).stdout
        shown = json.loads(lint("--show-settings", "--output-format", "json", "own", cwd=tmp_path).stdout)
        assert shown["keras"] == "2.3 (keras-version is set)"


class TestStreams:
    def test_standard_input(self, tmp_path: Path) -> None:
        done = lint("-", "--output-format", "concise", cwd=tmp_path, stdin=BAD.encode())
        assert done.stdout.splitlines()[0] == "<stdin>:2:1: LL101 wrong"
        done = lint("-", "--stdin-filename", "sub/m.py", "--output-format", "concise", cwd=tmp_path, stdin=BAD.encode())
        assert done.stdout.splitlines()[0] == "sub/m.py:2:1: LL101 wrong"
        assert "x = 1  # finding" in lint("-", cwd=tmp_path, stdin=BAD.encode()).stdout
        assert not (tmp_path / ".lstmlint_cache").exists()

    def test_standard_input_has_the_settings_of_its_place(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"sub/lstmlint.toml": 'ignore = ["LL101"]\n'})
        for name, status in (("m.py", 1), ("sub/m.py", 0)):
            assert lint("-", "--stdin-filename", name, cwd=tmp_path, stdin=BAD.encode()).returncode == status

    def test_several_reports_in_one_run(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        done = lint(
            *("--output-file", "sarif:out.sarif", "--output-file", "junit:out.xml", "--output-file", "out.txt"),
            *("--output-format", "concise", "--color", "always", "a.py"),
            cwd=tmp_path,
        )
        assert done.returncode == 1
        assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
        assert (tmp_path / "out.xml").read_text().startswith("<?xml")
        assert (tmp_path / "out.txt").read_text().startswith("a.py:2:1: LL101 wrong\n")
        assert "\x1b[" in done.stdout

    def test_a_report_that_cannot_be_written(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": CLEAN})
        done = lint("--output-file", "json:no/such/folder.json", "a.py", cwd=tmp_path)
        assert done.returncode == 2
        assert done.stdout == "All checks passed!\n"
        assert "no/such/folder.json: cannot be written" in done.stderr

    def test_quiet(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": CLEAN, "b.py": BAD})
        done = lint("-q", "a.py", cwd=tmp_path)
        assert (done.stdout, done.stderr) == ("", "")
        assert lint("-q", "--output-format", "concise", "b.py", cwd=tmp_path).stdout == "b.py:2:1: LL101 wrong\n"

    def test_a_folder_without_python(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"docs/a.txt": ""})
        done = lint("docs", cwd=tmp_path)
        assert done.returncode == 0
        assert done.stderr == "lstmlint: warning: no Python files or notebooks found in `docs`\n"

    @pytest.mark.parametrize(
        ("env", "options", "coloured"),
        [
            ({}, (), False),
            ({"FORCE_COLOR": "1"}, (), True),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, (), False),
            ({"NO_COLOR": "1"}, ("--color", "always"), True),
            ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
        ],
    )
    def test_colour(self, env: dict[str, str], options: tuple[str, ...], coloured: bool, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        assert ("\x1b[" in lint(*options, "a.py", cwd=tmp_path, env=env).stdout) is coloured

    def test_environment_variables(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        env = {"LSTMLINT_OUTPUT_FORMAT": "json", "LSTMLINT_CACHE_DIR": "elsewhere"}
        assert codes(lint("a.py", cwd=tmp_path, env=env)) == ["LL101"]
        assert (tmp_path / "elsewhere" / "CACHEDIR.TAG").exists()
        assert lint("--output-format", "concise", "a.py", cwd=tmp_path, env=env).stdout.startswith("a.py:2:1")
        lint("a.py", cwd=tmp_path, env={"LSTMLINT_NO_CACHE": "1"})
        assert not (tmp_path / ".lstmlint_cache").exists()
        wrong = lint("a.py", cwd=tmp_path, env={"LSTMLINT_OUTPUT_FORMAT": "jsn"})
        assert wrong.returncode == 2
        assert "environment: `output-format`" in wrong.stderr

    def test_an_output_that_knows_no_unicode(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"ü.py": "import keras\nx = 'é'  # finding: LL101 wröng\n"})
        done = lint("ü.py", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
        assert done.returncode == 1
        assert "wr\\xf6ng" in done.stdout

    @pytest.mark.skipif(os.name == "nt", reason="needs a shell")
    @pytest.mark.parametrize("redirection", ["| true", "| head -c 5", ">&-", ">&- 2>&-"])
    def test_readers_that_go_away(self, redirection: str, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import keras\n" + "x  # finding: LL101 wrong\n" * 5000})
        command = f"{sys.executable} {TESTS / 'driver.py'} a.py {redirection}"
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, check=False)
        assert done.stderr == b""

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full device")
    def test_a_full_disk(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        command = f"{sys.executable} {TESTS / 'driver.py'} a.py > /dev/full"
        done = subprocess.run(command, shell=True, cwd=tmp_path, env=environment(), capture_output=True, check=False)
        assert done.returncode == 2
        assert done.stderr.decode().startswith("lstmlint: error: standard output:")


class TestSelection:
    SOURCE = "import keras\na  # finding: LL101 m # finding: LL102 m # finding: LL901 m # finding: LL001 m\n"

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ((), ["LL001", "LL101", "LL102", "LL901"]),
            (("--select", "LL101"), ["LL001", "LL101"]),
            (("--select", "LL1,LL901"), ["LL001", "LL101", "LL102", "LL901"]),
            (("--select", "LL1", "--select", "unused-suppression"), ["LL001", "LL101", "LL102", "LL901"]),
            (("--ignore", "LL1"), ["LL001", "LL901"]),
            (("--ignore", "recurrent-input-rank"), ["LL001", "LL102", "LL901"]),
            (("--ignore", "ALL"), ["LL001"]),
            (("--ignore", "ALL,LL0"), []),
            (("--select", "LL102", "--extend-select", "LL9"), ["LL001", "LL102", "LL901"]),
            (("--ignore", "LL1", "--extend-select", "LL101"), ["LL001", "LL101", "LL901"]),
            (("--select", "LL1", "--ignore", "LL101"), ["LL001", "LL102"]),
            (("--select", "LL101", "--ignore", "LL101"), ["LL001"]),
            (("--per-file-ignores", "*.py:LL1,LL901"), ["LL001"]),
            (("--per-file-ignores", "b.py:LL1"), ["LL001", "LL101", "LL102", "LL901"]),
        ],
    )
    def test_selectors(self, options: tuple[str, ...], expected: list[str], tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": self.SOURCE})
        done = lint("--no-cache", "--output-format", "json", *options, "a.py", cwd=tmp_path)
        assert codes(done) == expected


class TestManyFiles:
    def test_findings_in_a_shared_module_are_told_once(self, tmp_path: Path) -> None:
        entry = "import keras  # in: shared.py LL101 wrong\n"
        files = {"a.py": entry, "b.py": entry, "c.py": entry, "shared.py": "# no entry\n"}
        write_files(tmp_path, files)
        for options in (("--jobs", "1"), ("--jobs", "3"), ("--jobs", "3")):
            done = lint(*options, "--output-format", "json", *files, cwd=tmp_path)
            assert [(r["filename"], r["code"]) for r in json.loads(done.stdout)] == [("shared.py", "LL101")]
        assert codes(lint("--output-format", "json", "a.py", "--exclude", "shared.py", cwd=tmp_path)) == []

    def test_processes_find_the_same(self, tmp_path: Path) -> None:
        files = {f"d{n % 5}/m{n}.py": BAD if n % 3 else WARNING for n in range(30)}
        write_files(tmp_path, files)
        outputs = {lint("--no-cache", "--jobs", jobs, cwd=tmp_path).stdout for jobs in ("1", "2", "7")}
        assert len(outputs) == 1

    def test_a_dying_worker_is_one_finding(self, tmp_path: Path) -> None:
        write_files(tmp_path, {**{f"m{n}.py": BAD for n in range(9)}, "deadly.py": "import keras  # dies\n"})
        done = lint("--no-cache", "--jobs", "2", "--output-format", "json", cwd=tmp_path)
        assert done.returncode == 3
        assert sorted(codes(done)) == ["LL099", *["LL101"] * 9]
        (defect,) = (record for record in json.loads(done.stdout) if record["code"] == "LL099")
        assert defect["filename"] == "deadly.py"
        assert "signal" in defect["message"]

    @pytest.mark.skipif(os.name == "nt", reason="signals")
    @pytest.mark.parametrize("jobs", ["1", "2"])
    def test_an_interrupt_ends_quietly(self, jobs: str, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import keras  # waits\n", "b.py": "import keras  # waits\n"})
        log = tmp_path / "log"
        process = subprocess.Popen(
            [sys.executable, str(TESTS / "driver.py"), "--no-cache", "--jobs", jobs, "a.py", "b.py"],
            cwd=tmp_path,
            env=environment(LSTMLINT_TEST_LOG=str(log)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            # A test run in the background inherits that interrupts are ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        while not (log.exists() and len(log.read_text().split()) == int(jobs)):
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        assert process.returncode == 130
        assert (output, errors) == (b"", b"lstmlint: error: interrupted\n")


class TestBaseline:
    def test_known_findings_are_not_reported(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        made = lint("--baseline", "known.json", "--update-baseline", "a.py", cwd=tmp_path)
        assert made.returncode == 0
        assert "added to the baseline: a.py:2:1: LL101 wrong\n" in made.stderr
        assert lint("--baseline", "known.json", "a.py", cwd=tmp_path).returncode == 0
        # Lines above, and spaces within, change nothing.
        write_files(tmp_path, {"a.py": "import keras\n\n\n# more\nx  =  1  # finding: LL101 wrong\n"})
        assert lint("--baseline", "known.json", "a.py", cwd=tmp_path).returncode == 0

    def test_one_more_of_the_same_kind_is_reported(self, tmp_path: Path) -> None:
        line = "f()  # finding: LL101 wrong\n"
        write_files(tmp_path, {"a.py": "import keras\n" + line * 2})
        lint("--baseline", "known.json", "--update-baseline", "a.py", cwd=tmp_path)
        write_files(tmp_path, {"a.py": "import keras\n" + line * 3})
        done = lint("--baseline", "known.json", "--output-format", "json", "a.py", cwd=tmp_path)
        assert done.returncode == 1
        assert [record["location"]["row"] for record in json.loads(done.stdout)] == [4]

    def test_the_function_around_is_part_of_it(self, tmp_path: Path) -> None:
        body = "def {}():\n    if y:\n        f()  # finding: LL101 wrong\n"
        write_files(tmp_path, {"a.py": "import keras\n" + body.format("one")})
        lint("--baseline", "known.json", "--update-baseline", "a.py", cwd=tmp_path)
        write_files(tmp_path, {"a.py": "import keras\n" + body.format("two") + body.format("one")})
        done = lint("--baseline", "known.json", "--output-format", "json", "a.py", cwd=tmp_path)
        assert [record["location"]["row"] for record in json.loads(done.stdout)] == [4]

    def test_update_names_what_comes_and_goes(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD, "sub/b.py": BAD})
        lint("--baseline", "known.json", "--update-baseline", cwd=tmp_path)
        write_files(tmp_path, {"a.py": "import keras\ny  # finding: LL102 new\n"})
        stale = lint("--baseline", "known.json", "a.py", cwd=tmp_path)
        assert "1 finding of the baseline no longer found" in stale.stderr
        done = lint("--baseline", "../known.json", "--update-baseline", "../a.py", cwd=tmp_path / "sub")
        assert done.stderr.endswith("baseline updated: 1 added, 1 removed, 0 kept\n")
        # What was known of files that were not checked stays.
        assert lint("--baseline", "known.json", cwd=tmp_path).returncode == 0

    @pytest.mark.parametrize(
        "content", ["", "{", "[]", '{"version": 2, "findings": []}', '{"version": 1, "findings": [3]}']
    )
    def test_what_is_no_baseline(self, content: str, tmp_path: Path) -> None:
        write_files(tmp_path, {"known.json": content, "a.py": BAD})
        done = lint("--baseline", "known.json", "a.py", cwd=tmp_path)
        assert done.returncode == 2
        assert "baseline" in done.stderr

    def test_a_defect_is_no_part_of_it(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import keras  # raises\n"})
        for _ in range(2):
            done = lint("--baseline", "known.json", "--update-baseline", "--output-format", "json", cwd=tmp_path)
            assert done.returncode == 3
            assert codes(done) == ["LL099"]


HEAVY = ("libcst", "rich", "pathspec", "numpy", "asyncio", "logging", "concurrent.futures", "importlib.metadata")

PROBE = """
import sys
sys.argv = ["lstmlint", *{arguments!r}]
{prelude}
from lstmlint.cli import main
status = main()
print([name for name in {names!r} if name in sys.modules], file=sys.stderr)
"""


def imported(tmp_path: Path, arguments: tuple[str, ...], names: tuple[str, ...], prelude: str = "") -> list[str]:
    code = PROBE.format(arguments=arguments, names=names, prelude=prelude)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False
    )
    found: list[str] = eval(done.stderr.splitlines()[-1])
    return found


class TestImports:
    def test_version_imports_next_to_nothing(self, tmp_path: Path) -> None:
        names = (*HEAVY, "argparse", "dataclasses", "json", "lstmlint.settings")
        assert imported(tmp_path, ("--version",), names) == []

    def test_files_without_keras_need_no_parser(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": "import os\n", "b.py": "import a\n"})
        assert imported(tmp_path, ("--no-cache", "."), HEAVY) == []

    def test_remembered_results_need_no_parser(self, tmp_path: Path) -> None:
        write_files(tmp_path, {"a.py": BAD})
        assert lint("a.py", cwd=tmp_path).returncode == 1
        for name in ("concise", "json", "github", "gitlab", "junit"):
            assert imported(tmp_path, ("--output-format", name, "a.py"), HEAVY, "import driver") == []
        assert imported(tmp_path, ("a.py",), HEAVY, "import driver") == ["rich"]

    def test_the_current_folder_is_no_place_for_imports(self, tmp_path: Path) -> None:
        trap = "raise SystemExit('imported from the current folder')\n"
        names = ("rich", "libcst", "argparse", "json", "dataclasses", "lstmlint_trap", "tomllib", "pathspec")
        write_files(
            tmp_path,
            {**{f"{name}.py": trap for name in names}, "m.py": "import keras\nmodel = keras.Sequential()\n"},
        )
        done = subprocess.run(
            [sys.executable, "-m", "lstmlint", "--no-cache", "m.py"],
            cwd=tmp_path,
            env=environment(PYTHONPATH=str(ROOT)),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
