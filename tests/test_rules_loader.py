"""Rule pages: found, read, and refused when malformed."""

import re
from pathlib import Path

import pytest

from lstmlint import rules
from lstmlint.diagnostics import Severity

PAGE = """---
code: LL123
name: some-rule
severity: warning
fix: unsafe
since: 0.1.0
keras: [K2, K3]
---
## What it finds

A thing in `model.py` that is 2.15 wide,
and long. More about it.

## Why it fails

```python bad
x = 1  # warning
```

```python fixed
x = 2
```

```python
y = 3
```

```python good
z = 4
```
"""


def test_a_page_is_read() -> None:
    rule = rules.parse_page(PAGE, "rules/LL123-some-rule.md")
    assert (rule.code, rule.name, rule.severity, rule.fix) == ("LL123", "some-rule", Severity.WARNING, "unsafe")
    assert rule.keras == ("K2", "K3")
    assert rule.summary == "A thing in `model.py` that is 2.15 wide, and long."
    assert [(example.kind, example.source) for example in rule.examples] == [
        ("bad", "x = 1  # warning\n"),
        ("fixed", "x = 2\n"),
        ("good", "z = 4\n"),
    ]
    rows = PAGE.splitlines()
    assert [rows[example.row - 1] for example in rule.examples] == ["x = 1  # warning", "x = 2", "z = 4"]
    assert rule.url == rules.DOCS_URL + "LL123-some-rule.md"
    assert rule.text.startswith("## What it finds")


def test_line_ends_of_windows() -> None:
    assert rules.parse_page(PAGE.replace("\n", "\r\n"), "LL123-some-rule.md").summary.endswith("and long.")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("---\ncode", "code", "front matter between two lines"),
        ("severity: warning\n", "", "lacks severity"),
        ("severity: warning", "severity: awful", "no such severity: awful"),
        ("fix: unsafe", "fixes: unsafe", "not a line of front matter"),
        ("code: LL123", "code: LL124", "should be called LL124-some-rule.md"),
        ("## What it finds", "## What", 'no section "What it finds"'),
    ],
)
def test_malformed_pages_are_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(rules.RulePageError, match=re.escape(message)) as error:
        rules.parse_page(PAGE.replace(old, new), "rules/LL123-some-rule.md")
    assert str(error.value).startswith("rules/LL123-some-rule.md: ")


class TestRegistry:
    def test_by_code_and_by_name(self) -> None:
        assert rules.rule("LL001") is rules.rule("syntax-error") is rules.rule("ll001")
        with pytest.raises(KeyError):
            rules.rule("LL0")

    def test_selectors(self) -> None:
        assert rules.expand("ALL") == frozenset(rules.codes())
        assert rules.expand("unused-suppression") == {"LL901"}
        assert rules.expand("LL90") == {"LL901", "LL902", "LL903"}
        assert rules.expand("ll0") == {code for code in rules.codes() if code.startswith("LL0")}
        assert rules.expand("LL") == frozenset(rules.codes())
        for unknown in ("", "L", "LL77", "syntax", "LL0011"):
            assert rules.expand(unknown) is None

    def test_the_nearest(self) -> None:
        assert rules.nearest("sintax-error") == "syntax-error"
        assert rules.nearest("LL9O1") == "LL901"
        assert rules.nearest("qqqqqqqq") is None

    def test_other_files_are_no_pages(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("README.md", "LL1-x.md", "LL200-two.md", "LL100-one.md", "LL100-one.md~"):
            (tmp_path / name).touch()
        monkeypatch.setattr(rules, "PAGE_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
        rules._pages.cache_clear()
        try:
            assert rules.names() == {"one": "LL100", "two": "LL200"}
        finally:
            rules._pages.cache_clear()


class TestPages:
    """All pages of the project."""

    def test_all_can_be_read(self) -> None:
        assert [rule.code for rule in rules.all_rules()] == sorted(rules.codes())
        assert len(rules.names()) == len(rules.codes())

    @pytest.mark.parametrize("code", rules.codes())
    def test_words(self, code: str) -> None:
        rule = rules.rule(code)
        assert rule.fix in ("none", "safe", "unsafe", "display-only")
        assert set(rule.keras) <= {"K2", "T2", "K3"}
        assert 20 < len(rule.summary) < 250
        assert rule.summary.endswith(".")
        for section in ("What it finds", "Why it fails", "How to repair", "When it stays silent"):
            assert f"\n## {section}\n" in "\n" + rule.text

    def test_the_codes_that_the_command_line_knows(self) -> None:
        from lstmlint.cli.check import INTERNAL_ERROR, UNPARSED
        from lstmlint.runner import UNREADABLE

        assert {INTERNAL_ERROR, *UNPARSED, UNREADABLE} <= set(rules.codes())
