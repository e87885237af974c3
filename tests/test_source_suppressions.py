"""Suppression comments: which there are, and which findings they hide."""

from __future__ import annotations

import pytest

from lstmlint.diagnostics import Diagnostic, Position, Severity, Span
from lstmlint.source.suppressions import Finding, Suppression, apply, find


def diagnostic(code: str = "LL101", name: str = "recurrent-input-rank") -> Diagnostic:
    return Diagnostic(code, name, Severity.ERROR, "message", "a.py")


def told(found: list[Suppression]) -> list[tuple[str, tuple[str, ...], int]]:
    return [(one.kind, one.codes, one.row) for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1  # lstmlint: ignore[LL101]\n", [("line", ("LL101",), 1)]),
        ("x\ny  # lstmlint: ignore[LL101, some-name]\n", [("line", ("LL101", "some-name"), 2)]),
        ("x  # lstmlint: ignore\n", [("line", (), 1)]),
        ("x  # lstmlint:ignore because\n", [("line", (), 1)]),
        ("# lstmlint: ignore-file\n", [("file", (), 1)]),
        ("# lstmlint: ignore-file[LL1]\n", [("file", ("LL1",), 1)]),
        ("x  # noqa: LL101,E501\n", [("line", ("LL101",), 1)]),
        ("x  # NOQA:E501 ll2 F4\n", [("line", ("LL2",), 1)]),
        ("x  # noqa\n", []),
        ("x  # noqa: E501\n", []),
        ("x  # lstmlint: ignored\n", []),
        ("x  # lstmlint: ignore[]\n", []),
        ("x  # lstmlint: ignore-files\n", []),
        ("x  # type: ignore # lstmlint: ignore[LL2]  # noqa: LL3\n", [("line", ("LL2",), 1), ("line", ("LL3",), 1)]),
        ("x = '# lstmlint: ignore'\n", []),
        ("x = '''\n# lstmlint: ignore-file\n'''\n", []),
        ("x = '# lstmlint: ignore'  # lstmlint: ignore[LL1]\n", [("line", ("LL1",), 1)]),
        ("x\r\ny  # lstmlint: ignore[LL1]\r\n", [("line", ("LL1",), 2)]),
        ("x\ry  # lstmlint: ignore[LL1]\r", [("line", ("LL1",), 2)]),
        ("x\x0c\u2028\ny  # lstmlint: ignore[LL1]\n", [("line", ("LL1",), 2)]),
        ("f(1,  # lstmlint: ignore[LL1]\n  2)\n", [("line", ("LL1",), 1)]),
    ],
)
def test_comments_are_found(text: str, expected: list[tuple[str, tuple[str, ...], int]]) -> None:
    assert told(find(text)) == expected


def test_the_span_is_that_of_the_directive() -> None:
    assert find("x = 'é'  # lstmlint: ignore[LL1] why\n")[0].span == Span(Position(1, 10), Position(1, 33))


@pytest.mark.parametrize(
    ("codes", "hides"),
    [
        ("[LL101]", True),
        ("[ll101]", True),
        ("[LL1]", True),
        ("[LL]", True),
        ("[recurrent-input-rank]", True),
        ("[Recurrent-Input-Rank]", True),
        ("", True),
        ("[LL102]", False),
        ("[LL1011]", False),
        ("[recurrent]", False),
        ("[LL102, LL101]", True),
    ],
)
def test_codes_match_by_code_prefix_or_name(codes: str, hides: bool) -> None:
    kept, unused = apply([Finding(diagnostic(), (1,))], find(f"x  # lstmlint: ignore{codes}\n"))
    assert (kept == []) == hides
    assert bool(unused) == (not hides or "," in codes)


def test_a_comment_counts_on_each_row_of_the_finding_and_nowhere_else() -> None:
    suppressions = find("f(\n  x,\n  # lstmlint: ignore\n)\n")
    assert apply([Finding(diagnostic(), (1, 3, 4))], suppressions) == ([], [])
    kept, unused = apply([Finding(diagnostic(), (1, 2, 4))], suppressions)
    assert kept == [diagnostic()] and [one.wholly for one in unused] == [True]


def test_a_file_comment_counts_everywhere() -> None:
    findings = [Finding(diagnostic(), (5,)), Finding(diagnostic("LL201", "other"), (6,))]
    kept, unused = apply(findings, find("# lstmlint: ignore-file[LL1]\n"))
    assert [one.code for one in kept] == ["LL201"] and unused == []


def test_unused_codes_are_told_one_by_one() -> None:
    suppressions = find("x  # lstmlint: ignore[LL101, LL205, LL3]\n")
    kept, unused = apply([Finding(diagnostic(), (1,))], suppressions)
    assert kept == []
    assert [(one.codes, one.wholly) for one in unused] == [(("LL205", "LL3"), False)]


def test_two_comments_that_hide_one_finding_are_both_used() -> None:
    suppressions = find("# lstmlint: ignore-file[LL1]\nx  # noqa: LL101\n")
    assert apply([Finding(diagnostic(), (2,))], suppressions) == ([], [])


def test_text_that_tokenize_does_not_know_raises_nothing() -> None:
    find("x = (  # lstmlint: ignore\n")
    find("  x\n y  # lstmlint: ignore\n")
    find("x = '\n# lstmlint: ignore\n")
