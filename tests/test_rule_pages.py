"""Every program on the rule pages, through lstmlint: what is marked is found and nothing else is."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from page_programs import Program, all_programs, pages, programs

from lstmlint import rules
from lstmlint.analysis import analyse
from lstmlint.diagnostics import Diagnostic, Edit, Fix
from lstmlint.settings import Settings


def name(page: Path) -> str:
    return page.stem


def findings(source: str, folder: Path, keras: str) -> Sequence[Diagnostic]:
    settings = Settings(root=str(folder), keras_version=keras)
    result = analyse(str(folder / "program.py"), source.encode("utf-8"), settings)
    assert not result.defects
    return result.diagnostics


def told(diagnostics: Sequence[Diagnostic]) -> list[tuple[str, int | None, str]]:
    """Code, line and severity of each finding, by line."""
    return sorted((each.code, each.span.start.row if each.span else None, each.severity.value) for each in diagnostics)


@pytest.mark.parametrize("program", [each for each in all_programs() if each.kind == "bad"], ids=str)
def test_bad_program_is_found_on_its_marked_lines(program: Program, tmp_path: Path) -> None:
    found = findings(program.source, tmp_path, program.keras)
    assert told(found) == [(program.code, row, severity) for row, severity in program.marks], [
        each.message for each in found
    ]


@pytest.mark.parametrize("program", [each for each in all_programs() if each.kind != "bad"], ids=str)
def test_other_programs_are_clean(program: Program, tmp_path: Path) -> None:
    found = findings(program.source, tmp_path, program.keras)
    assert not told(found), [each.message for each in found]


def repairs() -> list[tuple[Program, Program]]:
    """The bad programs of pages whose rule has a fix, each with the repaired one that follows it."""
    fixing = [page for page in pages() if rules.rule(page.name[:5]).fix in ("safe", "unsafe")]
    pairs = [pair for page in fixing for pair in zip(programs(page), programs(page)[1:], strict=False)]
    return [(bad, after) for bad, after in pairs if (bad.kind, after.kind) == ("bad", "fixed")]


@pytest.mark.parametrize(("bad", "repaired"), repairs(), ids=str)
def test_fix_makes_the_repaired_program(bad: Program, repaired: Program, tmp_path: Path) -> None:
    fixes = [each.fix for each in findings(bad.unmarked, tmp_path, bad.keras) if each.fix]
    assert fixes, "no fix is offered"
    assert fixed(bad.unmarked, fixes) == repaired.source


@pytest.mark.parametrize("page", [page for page in pages() if rules.rule(page.name[:5]).fix == "none"], ids=name)
def test_rule_without_fix_offers_none(page: Path, tmp_path: Path) -> None:
    bad = [program for program in programs(page) if program.kind == "bad"]
    assert not [each.fix for program in bad for each in findings(program.source, tmp_path, program.keras) if each.fix]


def fixed(source: str, fixes: Sequence[Fix]) -> str:
    """The source with all edits made."""
    lines = source.splitlines(keepends=True)
    starts = [sum(map(len, lines[:row])) for row in range(len(lines) + 1)]

    def place(edit: Edit) -> tuple[int, int]:
        start, end = edit.span.start, edit.span.end
        return starts[start.row - 1] + start.column - 1, starts[end.row - 1] + end.column - 1

    edits = {edit for fix in fixes for edit in fix.edits}
    for edit in sorted(edits, key=place, reverse=True):
        start, end = place(edit)
        source = source[:start] + edit.content + source[end:]
    return source


@pytest.mark.parametrize("page", pages(), ids=name)
def test_page_shows_what_it_needs_to(page: Path) -> None:
    rule = rules.rule(page.name[:5])
    kinds = [program.kind for program in programs(page)]
    assert set(kinds) == {"bad", "good", "fixed"}
    assert kinds.count("bad") >= 3 and kinds.count("good") >= 3, "three faults and three near misses at least"
    for bad in (program for program in programs(page) if program.kind == "bad"):
        assert bad.marks and {severity for _, severity in bad.marks} == {rule.severity.value}, bad
    assert not [program for program in programs(page) if program.kind != "bad" and program.marks]
    for section in ("What it finds", "Why it fails", "How to repair", "When it stays silent"):
        assert f"\n## {section}\n" in "\n" + rule.text
