"""What users see: whole reports, in every format, of one fixed list of findings.

Set LSTMLINT_UPDATE_SNAPSHOTS=1 to write the snapshots anew, and read the diff.
"""

import json
import os
import re
import xml.etree.ElementTree
from pathlib import Path

import jsonschema
import pytest
import report_cases
from command_line import TESTS, lint, write_files

from lstmlint import __version__
from lstmlint.cli.check import fails
from lstmlint.diagnostics import Diagnostic, Position, Severity, Span, Verification
from lstmlint.report import Report, github, junit, render
from lstmlint.report.sources import Sources, cell_rows, cell_sources, decode
from lstmlint.settings import FORMATS

SNAPSHOTS = TESTS / "snapshots" / "reports"

SUFFIXES = {"json": "json", "jsonl": "jsonl", "sarif": "sarif", "gitlab": "json", "junit": "xml"}

CASES = {
    **{name: (("--output-format", name), {}) for name in FORMATS},
    "full-colour": (("--output-format", "full", "--color", "always"), {}),
    "concise-colour": (("--output-format", "concise"), {"FORCE_COLOR": "1"}),
    "statistics": (("--statistics",), {}),
    "statistics-json": (("--statistics", "--output-format", "json"), {}),
    "concise-unsafe-fixes": (("--output-format", "concise", "--unsafe-fixes"), {}),
    "full-unsafe-fixes": (("--unsafe-fixes",), {}),
    "github-on-github": (("--output-format", "github"), {"GITHUB_ACTIONS": "true"}),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    write_files(tmp_path, report_cases.FILES)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "gone.py").symlink_to("nowhere.py")
    return tmp_path


def normalised(text: str, project: Path) -> str:
    """Without what differs between runs: the folder, our version, the numbers that rich gives links."""
    text = text.replace(project.as_uri(), "file:///project").replace(str(project), "/project")
    text = text.replace(f'"{__version__}"', '"VERSION"')
    return re.sub(r"\x1b]8;id=-?\d+(?:-\d+)?;", "\x1b]8;id=0;", text)


def check_snapshot(name: str, text: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("LSTMLINT_UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES)
def test_whole_report(case: str, project: Path) -> None:
    arguments, env = CASES[case]
    done = lint("--no-cache", *arguments, cwd=project, env=env)
    assert done.returncode == 1
    errors = f"--- standard error ---\n{done.stderr}" if done.stderr else ""
    suffix = SUFFIXES.get(case, "txt")
    check_snapshot(f"{case}.{suffix}", normalised(done.stdout + errors, project))


def test_no_snapshot_is_orphaned() -> None:
    expected = {f"{case}.{SUFFIXES.get(case, 'txt')}" for case in CASES} | {"step-summary.md"}
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected


def test_step_summary_of_github(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    page = tmp_path_factory.mktemp("summary") / "summary.md"
    page.write_text("earlier step\n")
    lint("--no-cache", "--output-format", "github", cwd=project, env={"GITHUB_STEP_SUMMARY": str(page)})
    check_snapshot("step-summary.md", normalised(page.read_text(encoding="utf-8"), project))


@pytest.mark.parametrize("name", FORMATS)
def test_report_without_findings(name: str, tmp_path: Path) -> None:
    expected = {
        **dict.fromkeys(("full", "concise", "grouped"), "All checks passed!\n"),
        **dict.fromkeys(("json", "gitlab"), "[]\n"),
        **dict.fromkeys(("jsonl", "github"), ""),
    }
    text = render(name, Report((), str(tmp_path)))
    if name in expected:
        assert text == expected[name]
    else:
        assert text.startswith("{" if name == "sarif" else "<?xml")


def finding(**changes: object) -> Diagnostic:
    values = {
        "code": "LL101",
        "name": "recurrent-input-rank",
        "severity": Severity.ERROR,
        "message": "wrong",
        "filename": "model.py",
        "span": Span(Position(1, 1), Position(1, 2)),
    }
    return Diagnostic(**{**values, **changes})  # type: ignore[arg-type]


HOSTILE = "".join(map(chr, [*range(32), 127, 0x9B, 0x2028, 0x202E, 0xDCFF, 0xFFFE])) + "]]><!--%%,:\"'&"


@pytest.mark.parametrize("name", FORMATS)
def test_hostile_words_break_no_format(name: str, tmp_path: Path) -> None:
    diagnostics = (finding(message=HOSTILE, help=HOSTILE, filename=f"a{HOSTILE.replace(chr(0), '')}.py"),)
    text = render(name, Report(diagnostics, str(tmp_path)))
    text.encode("utf-8")
    assert not set("\x00\x1b\x9b\u202e\udcff") & set(text)
    if name in ("json", "gitlab", "sarif"):
        json.loads(text)
    elif name == "junit":
        xml.etree.ElementTree.fromstring(text)
    elif name in ("github", "jsonl"):
        assert len(text.split("\n")) == 2


class TestSarif:
    def test_is_valid(self, project: Path) -> None:
        done = lint("--no-cache", "--output-format", "sarif", cwd=project)
        schema = json.loads((TESTS / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
        jsonschema.Draft4Validator(schema).validate(json.loads(done.stdout))

    def test_fix_and_failures_are_valid(self, tmp_path: Path) -> None:
        report = Report((report_cases.DIAGNOSTICS[0], finding(code="LL777", url=None)), str(tmp_path), failures=("x",))
        log = json.loads(render("sarif", report))
        schema = json.loads((TESTS / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
        jsonschema.Draft4Validator(schema).validate(log)
        assert log["runs"][0]["invocations"][0]["executionSuccessful"] is False

    def test_what_code_scanning_requires(self, project: Path) -> None:
        run = json.loads(lint("--no-cache", "--output-format", "sarif", cwd=project).stdout)["runs"][0]
        for rule in run["tool"]["driver"]["rules"]:
            for key in ("shortDescription", "fullDescription", "help"):
                assert 0 < len(rule[key]["text"]) <= 1024
        for result in run["results"]:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
            location = result["locations"][0]["physicalLocation"]
            assert not location["artifactLocation"]["uri"].startswith(("/", "file:", "."))
            assert {"startLine", "startColumn", "endLine", "endColumn"} <= location["region"].keys()
            assert re.fullmatch(r"[0-9a-f]{16}:\d+", result["partialFingerprints"]["primaryLocationLineHash"])

    def test_uri_of_odd_names(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        log = json.loads(render("sarif", Report((finding(filename="a b/ü#%.py"),), str(tmp_path))))
        artifact = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "a%20b/%C3%BC%23%25.py", "uriBaseId": "%SRCROOT%"}


def test_gitlab_follows_its_schema(project: Path) -> None:
    issues = json.loads(lint("--no-cache", "--output-format", "gitlab", cwd=project).stdout)
    schema = json.loads((TESTS / "schemas" / "gitlab-code-quality.json").read_text(encoding="utf-8"))
    jsonschema.validate(issues, schema)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)


def test_json_follows_its_schema(project: Path) -> None:
    records = json.loads(lint("--no-cache", "--output-format", "json", cwd=project).stdout)
    schema = json.loads((TESTS / "schemas" / "lstmlint-json.json").read_text(encoding="utf-8"))
    jsonschema.validate(records, schema)
    lines = lint("--no-cache", "--output-format", "jsonl", cwd=project).stdout.splitlines()
    assert [json.loads(line) for line in lines] == records


def test_junit_counts_and_structure(project: Path) -> None:
    root = xml.etree.ElementTree.fromstring(lint("--no-cache", "--output-format", "junit", cwd=project).stdout)
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert int(suite.attrib["tests"]) == int(suite.attrib["failures"]) == len(suite)
        for case in suite:
            assert {"classname", "name", "file"} <= case.attrib.keys()
            (failure,) = case
            assert failure.tag == "failure"
            assert failure.attrib["message"]
    assert sum(int(suite.attrib["tests"]) for suite in root) == int(root.attrib["tests"])
    assert xml.etree.ElementTree.fromstring(junit.render(Report((), "/"))).attrib["failures"] == "0"


class TestGithub:
    def test_severe_first_and_the_rest_counted(self) -> None:
        many = [finding(severity=s, span=None) for s in (Severity.INFO, Severity.WARNING, Severity.ERROR) * 12]
        report = Report(tuple(many), "/")
        kinds = [line.split(" ")[0] for line in github.render(report).splitlines()]
        assert kinds == ["::error"] * 12 + ["::warning"] * 12 + ["::notice"] * 12
        told = github.dropped(report)
        assert told == (
            "2 more errors, 2 more warnings, 2 more notices not shown as annotations: "
            "GitHub shows 10 of each kind per step"
        )
        assert github.dropped(Report(tuple(many[:9]), "/")) is None

    def test_path_is_relative_to_the_repository(self, project: Path) -> None:
        write_files(project, {"sub/m.py": "import keras  # finding: LL101 wrong\n"})
        done = lint("--no-cache", "--output-format", "github", "m.py", cwd=project / "sub")
        assert "file=sub/m.py,line=1," in done.stdout


class TestFull:
    @pytest.mark.parametrize("width", [1, 30, 80, 400])
    def test_any_width(self, width: int, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(project)
        text = render("full", Report(report_cases.DIAGNOSTICS, str(project), width=width))
        assert text.count("LL101 ") == 2

    @pytest.mark.parametrize("row", [1, 2, 3, 99])
    @pytest.mark.parametrize("column", [1, 4, 5, 99])
    def test_places_outside_of_the_text(self, row: int, column: int) -> None:
        span = Span(Position(row, column), Position(row + 1, 1))
        report = Report((finding(span=span),), "/", sources=Sources({"model.py": b"abc\n\nd"}))
        assert "LL101 wrong" in render("full", report)

    @pytest.mark.parametrize("line", ["x = LSTM(1)", "\tx = LSTM(1)", "名 = LSTM(1)", "e\u0301 = LSTM(1)"])
    def test_marks_stand_under_what_they_mean(self, line: str) -> None:
        from rich.cells import cell_len

        start = line.index("LSTM") + 1
        span = Span(Position(1, start), Position(1, start + 4))
        report = Report((finding(span=span),), "/", sources=Sources({"model.py": line.encode()}))
        shown, marks = (text[4:] for text in render("full", report).splitlines()[3:5])
        assert cell_len(shown[: shown.index("LSTM")]) == marks.index("^")
        assert marks.strip() == "^^^^"

    def test_long_spans_are_shown_in_part(self) -> None:
        text = "".join(f"line{row}\n" for row in range(1, 40)).encode()
        report = Report(
            (finding(span=Span(Position(5, 1), Position(35, 3))),), "/", sources=Sources({"model.py": text})
        )
        shown = render("full", report)
        assert "line6" in shown
        assert "line20" not in shown
        assert "line35" in shown


class TestSources:
    def test_missing_files_have_no_lines(self) -> None:
        assert Sources().lines("/no/such/file.py") == ("",)
        assert Sources().lines("/no/such/file.ipynb", 3) == ()

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"\xef\xbb\xbfx", "x"),
            (b"# coding: latin-1\n\xe9", "# coding: latin-1\n\xe9"),
            (b"#!/x\n# -*- coding: cp1252 -*-\n\x80", "#!/x\n# -*- coding: cp1252 -*-\n\u20ac"),
            (b"# coding: nonsense\n\xff", "# coding: nonsense\n\ufffd"),
            (b"# coding: rot13\nx", "# coding: rot13\nx"),
        ],
    )
    def test_encodings(self, data: bytes, text: str) -> None:
        assert decode(data) == text

    def test_form_feeds_end_no_line(self) -> None:
        assert Sources({"a": b"a\x0cb\r\nc\rd"}).lines("a") == ("a\x0cb", "c", "d")

    @pytest.mark.parametrize("indent", [None, 1])
    def test_rows_of_cells(self, indent: int | None) -> None:
        notebook = {
            "metadata": {"cells": [{"source": "no"}]},
            "cells": [
                {"source": [], "metadata": {"source": ["no"]}},
                {"outputs": [{"source": "no"}], "source": ["a\n", '"b,]}']},
                {"source": "c\nd\n"},
            ],
        }
        text = json.dumps(notebook, indent=indent)
        rows = cell_rows(text)
        lines = text.split("\n")
        assert [len(cell) for cell in rows] == [0, 2, 3]
        assert '"a\\n"' in lines[rows[1][0] - 1]
        assert "b,]}" in lines[rows[1][1] - 1]
        assert '"c\\nd\\n"' in lines[rows[2][1] - 1]
        assert cell_sources(text.encode()) == (("",), ("a", '"b,]}'), ("c", "d", ""))

    @pytest.mark.parametrize(
        "data", [b"", b"[", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [3, {"source": 4}]}', b"[" * 99999]
    )
    def test_odd_notebooks(self, data: bytes) -> None:
        for cell in cell_sources(data):
            assert cell in ((), ("",))
        cell_rows(data.decode())


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_what_real_keras_said(name: str, tmp_path: Path) -> None:
    verified = Verification("confirmed", "3.15.0", "tensorflow", "cpu", "ValueError", "Input 0 of layer")
    text = render(name, Report((finding(verified=verified),), str(tmp_path)))
    assert "confirmed" in text and "3.15.0" in text
    assert "not verifiable" in render("concise", Report((finding(verified=Verification("not-verifiable")),), ""))


def test_refuted_findings_do_not_fail() -> None:
    assert fails([finding()], "warning")
    assert not fails([finding(verified=Verification("refuted", "3.15.0"))], "warning")
