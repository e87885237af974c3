"""What the documents say is so: commands run, options and settings exist, snippets parse, links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import copy_of_working_tree, skip_without_network
from command_line import environment

from lstmlint import __version__, rules
from lstmlint.settings import OPTIONS, parse_toml, validated

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")])
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in DOCUMENTS if path.exists()}

BAD = (
    "from keras import Sequential\nfrom keras.layers import LSTM\nSequential([LSTM(8, input_shape=(5, 3)), LSTM(8)])\n"
)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def lint(*arguments: str, cwd: Path, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the lstmlint of this working tree."""
    return subprocess.run(
        [sys.executable, "-m", "lstmlint", *arguments],
        cwd=cwd,
        env=environment(**variables),
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a finding in a program and a folder of notebooks."""
    (tmp_path / "lstmlint.toml").touch()
    (tmp_path / "model.py").write_text(BAD)
    cell = {"cell_type": "code", "source": BAD, "metadata": {}, "outputs": [], "execution_count": None}
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "notebook.ipynb").write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    return tmp_path


def first_command() -> str:
    return next(block for block in blocks(README, "bash") if "examples/" in block)


def test_the_first_command_in_a_fresh_clone(tmp_path: Path) -> None:
    clone = copy_of_working_tree(tmp_path)
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LSTMLINT_", "VIRTUAL_ENV"))
    }
    # The interpreter of the tests stands for `python3`, which may be another one on this machine.
    command = first_command().replace("python3 ", shlex.quote(sys.executable) + " ", 1)
    done = subprocess.run(
        ["bash", "-c", command], cwd=clone, env=kept, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 1:
        skip_without_network(done.stdout + done.stderr)
    assert done.returncode == 1, done.stderr
    assert "LL101" in done.stdout
    assert "examples/forecast.py:27" in done.stdout


def test_the_commands_differ_in_what_they_install_and_run_only() -> None:
    tests = re.search(r"<!-- tests: begin -->\n```bash\n(.*?)```\n<!-- tests: end -->", README, re.DOTALL)
    assert tests is not None
    assert tests[1].strip().endswith("-m pytest")
    assert tests[1].split(" && ")[0] == first_command().split(" && ")[0]


def test_the_picture_shows_what_is_printed() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/render_picture.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_made_from_the_code_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/generate_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def commands() -> list[str]:
    """Every command line of lstmlint in the README that is not an installation."""
    lines = [line for language in ("bash", "yaml") for block in blocks(README, language) for line in block.splitlines()]
    found = [re.sub(r"^\s*(?:- )?(?:run: )?|\s+#.*$", "", line) for line in lines]
    return [line for line in found if re.match(r"lstmlint(?: |$)", line)]


@pytest.mark.parametrize("command", [line for line in commands() if "--baseline" not in line])
def test_command(command: str, project: Path) -> None:
    line, _, stdin = command.partition(" < ")
    source = (project / stdin).read_text() if stdin else ""
    done = lint(*shlex.split(line)[1:], cwd=project, stdin=source)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    for option in re.findall(r"--output-file \w+:(\S+)", line):
        assert json.loads((project / option).read_text(encoding="utf-8"))


def test_there_are_commands() -> None:
    assert len(commands()) > 10


def test_the_baseline_hides_what_is_known(project: Path) -> None:
    update, use = [line for line in commands() if "--baseline" in line]
    lint(*shlex.split(update)[1:], cwd=project)
    done = lint(*shlex.split(use)[1:], cwd=project)
    assert done.returncode == 0, done.stdout + done.stderr


def test_annotations_and_summary_on_github(project: Path) -> None:
    command = next(line for line in commands() if "github" in line)
    summary = project / "summary.md"
    done = lint(*shlex.split(command)[1:], cwd=project, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 1
    assert re.search(r"^::error .*file=model\.py,line=3", done.stdout, re.MULTILINE)
    assert "LL101" in summary.read_text(encoding="utf-8")
    assert json.loads((project / "lstmlint.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_options_exist(name: str) -> None:
    known = "".join(lint(*command, "--help", cwd=ROOT).stdout for command in ((), ("show",), ("explain",), ("rules",)))
    others = {"--strict", "--all-files", "--durations", "--hook-stage"}  # of mypy, pre-commit and pytest
    for script in (*ROOT.glob("scripts/**/*.py"), *ROOT.glob("benchmarks/*.py"), *ROOT.glob("tests/truth/*.py")):
        others |= set(re.findall(r'"(--[a-z][a-z-]+)"', script.read_text(encoding="utf-8")))
    written = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", TEXTS[name]))
    assert not {option for option in written - others if not re.search(rf"{option}(?![\w-])", known)}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_toml_snippets_are_settings(name: str) -> None:
    for block in blocks(TEXTS[name], "toml"):
        table = parse_toml(block, name)
        values = table.get("tool", {}).get("lstmlint", table)
        assert validated(values, name)


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_yaml_snippets_parse(name: str) -> None:
    yaml = pytest.importorskip("yaml")
    for block in blocks(TEXTS[name], "yaml"):
        assert isinstance(yaml.safe_load(block), dict)


def test_the_hook_of_the_snippet_exists() -> None:
    yaml = pytest.importorskip("yaml")
    snippet = next(block for block in blocks(README, "yaml") if block.startswith("repos:"))
    repository = yaml.safe_load(snippet)["repos"][0]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["id"] for hook in repository["hooks"]} <= {hook["id"] for hook in hooks}
    assert repository["rev"] == f"v{__version__}"
    assert rules.DOCS_URL.startswith(repository["repo"] + "/")


def test_every_setting_is_explained() -> None:
    page = TEXTS["configuration.md"]
    assert not [key for key in OPTIONS if f"| `{key}` |" not in page]
    assert not [
        key for key in re.findall(r"^\| `([a-z-]+)` \| (?!\d)", page, re.MULTILINE) if key not in {*OPTIONS, "extend"}
    ]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_links_lead_to_files_and_headings(name: str) -> None:
    folder = next(path for path in DOCUMENTS if path.name == name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[name]):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        file = folder / path if path else folder / name
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_rules_that_are_named_exist(name: str) -> None:
    assert not [code for code in re.findall(r"\bLL\d{3}\b", TEXTS[name]) if rules.code_of(code) is None]


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_files_that_are_named_exist(name: str) -> None:
    """Paths in backticks below the folders of this project, and names of things in them after `::`."""
    for path in re.findall(r"`((?:lstmlint|tests|rules|scripts|benchmarks|docs|examples|\.ci)/[\w./-]+)`", TEXTS[name]):
        assert (ROOT / path).exists(), path


EXCERPTS = re.findall(r"^( *)```\w+ from=(\S+)\n(.*?)^ *```", TEXTS["CONTRIBUTING.md"], re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    ("indent", "path", "excerpt"), EXCERPTS, ids=[f"{row[1]}: {row[2].strip()[:40]}" for row in EXCERPTS]
)
def test_excerpts_of_the_walkthroughs_are_the_code(indent: str, path: str, excerpt: str) -> None:
    wanted = [line.removeprefix(indent).strip() for line in excerpt.splitlines()]
    have = [line.strip() for line in (ROOT / path).read_text(encoding="utf-8").splitlines()]
    if len(wanted) == 1:
        assert any(wanted[0] in line for line in have)
    else:
        assert any(have[start : start + len(wanted)] == wanted for start in range(len(have)))


def test_the_walkthroughs_have_excerpts() -> None:
    assert len(EXCERPTS) > 6
