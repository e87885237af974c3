"""Every program on the rule pages, through lstmlint: what is marked is found and nothing else is."""

import ast
from collections.abc import Sequence
from pathlib import Path

import pytest
from page_programs import Program, all_programs, pages, programs

from lstmlint import rules
from lstmlint.analysis import analyse
from lstmlint.diagnostics import Diagnostic, Fix
from lstmlint.fix.texts import apply
from lstmlint.settings import Settings
from lstmlint.source.guard import Limits


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


OTHER_REPAIRS: dict[str, str] = {
    # Rule -> why the fix of some of its bad programs is another repair than the one that their page shows.
    "LL103": "a page pads all layers alike, or causally; the fix is the least that runs",
    "LL402": "a page may give class ids; the fix takes the other loss",
    "LL403": "a page may make labels one-hot; the fix takes the other loss",
}


def repairs() -> list[tuple[Program, Program]]:
    """The bad programs of pages whose rule has fixes, each with the repaired one that follows it."""
    fixing = [page for page in pages() if rules.rule(page.name[:5]).fix != "none"]
    pairs = [pair for page in fixing for pair in zip(programs(page), programs(page)[1:], strict=False)]
    return [(bad, after) for bad, after in pairs if (bad.kind, after.kind) == ("bad", "fixed")]


@pytest.mark.parametrize(("bad", "repaired"), repairs(), ids=str)
def test_fix_makes_the_repaired_program(bad: Program, repaired: Program, tmp_path: Path) -> None:
    """A fix, where one is offered, does what the page does, whatever the order of keywords."""
    fixes = [each.fix for each in findings(bad.unmarked, tmp_path, bad.keras) if each.fix]
    if not fixes:
        pytest.skip("there is no fix for this one")
    after = fixed(bad.unmarked, fixes)
    assert not findings(after, tmp_path, bad.keras)
    assert bad.code in OTHER_REPAIRS or meaning(after) == meaning(repaired.source)


@pytest.mark.parametrize("page", [page for page in pages() if rules.rule(page.name[:5]).fix != "none"], ids=name)
def test_rule_with_fixes_offers_some(page: Path, tmp_path: Path) -> None:
    bad = [program for program in programs(page) if program.kind == "bad"]
    offered = {
        each.fix.applicability for one in bad for each in findings(one.unmarked, tmp_path, one.keras) if each.fix
    }
    assert rules.rule(page.name[:5]).fix in offered


def meaning(source: str) -> str:
    """The program without its layout, keywords sorted."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            node.keywords.sort(key=lambda keyword: keyword.arg or "")
    return ast.dump(tree)


@pytest.mark.parametrize("page", [page for page in pages() if rules.rule(page.name[:5]).fix == "none"], ids=name)
def test_rule_without_fix_offers_none(page: Path, tmp_path: Path) -> None:
    bad = [program for program in programs(page) if program.kind == "bad"]
    assert not [each.fix for program in bad for each in findings(program.source, tmp_path, program.keras) if each.fix]


def fixed(source: str, fixes: Sequence[Fix]) -> str:
    """The source with all edits made."""
    edits = {edit for fix in fixes for edit in fix.edits}
    after = apply("program.py", source.encode("utf-8"), tuple(edits), Limits())
    assert after is not None
    return after.decode("utf-8")


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
