"""The registry of rules: pages under `rules/`, read one at a time when somebody asks for them.

A page is the single source of a rule's code, name, severity and words.  Its file is called `CODE-name.md`, so that codes
and names are known from one look at the folder and a page is read only when its severity or its words are needed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache

from lstmlint.classes import dataclass
from lstmlint.diagnostics import Severity

DOCS_URL = "https://github.com/lstmlint/lstmlint/blob/main/rules/"
"""Where the pages are on the web.  The one place that knows the host."""

_HERE = os.path.dirname(os.path.abspath(__file__))
PAGE_FOLDERS = (os.path.join(_HERE, "rules"), os.path.join(os.path.dirname(_HERE), "rules"))
"""Where pages are looked for: in an installed wheel, then beside the package in a working copy."""

_FILE_NAME = re.compile(r"(LL\d{3})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
_FENCE = re.compile(r"^```(\w+)[ \t]+(bad|good|fixed)\b[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")
_FRONT_MATTER_KEYS = ("code", "name", "severity", "fix", "since", "keras")


class RulePageError(ValueError):
    """A page that does not follow the format; the message names the file and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Example:
    """A code block of a page.  `kind` is "bad", "good" or "fixed"; `row` (from 1) is where its first line stands."""

    kind: str
    source: str
    row: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as its page tells it.  `text` has no front matter.

    `fix` is "none", or the least that a fix of it needs: "safe", "unsafe" (where some of them are) or "display-only".
    """

    code: str
    name: str
    severity: Severity
    summary: str
    fix: str
    since: str
    keras: tuple[str, ...]
    text: str
    examples: tuple[Example, ...]
    url: str
    path: str


def rule(code_or_name: str) -> Rule:
    """The rule with this code or name.

    Errors: KeyError when there is none; RulePageError when its page is malformed.
    """
    code = code_of(code_or_name)
    if code is None:
        raise KeyError(code_or_name)
    return _read(*_pages()[code])


def all_rules() -> tuple[Rule, ...]:
    """Every rule, by code."""
    return tuple(_read(*page) for page in _pages().values())


def codes() -> tuple[str, ...]:
    """The codes of all rules, sorted.  Reads no page."""
    return tuple(_pages())


def names() -> dict[str, str]:
    """Rule name -> code, for all rules.  Reads no page."""
    return {name: code for code, (_, name) in _pages().items()}


def code_of(code_or_name: str) -> str | None:
    """The code that a code (in any case) or a rule's name stands for; None when no rule is called so."""
    upper = code_or_name.upper()
    return upper if upper in _pages() else names().get(code_or_name.lower())


def expand(selector: str) -> frozenset[str] | None:
    """The codes a selector stands for: `ALL`, a code, the beginning of codes (`LL1`) or a name; None when unknown."""
    if selector.upper() == "ALL":
        return frozenset(_pages())
    code = code_of(selector)
    if code is not None:
        return frozenset((code,))
    prefix = selector.upper()
    found = frozenset(code for code in _pages() if prefix.startswith("LL") and code.startswith(prefix))
    return found or None


def nearest(word: str) -> str | None:
    """The code or name that `word` was most likely meant to be, for "did you mean"."""
    from lstmlint.words import closest

    known = names()
    return closest(word.lower(), known) or closest(word.upper(), known.values())


@cache
def _pages() -> dict[str, tuple[str, str]]:
    """Code -> (path, name), sorted by code, from the first folder that has pages."""
    for folder in PAGE_FOLDERS:
        try:
            files = os.listdir(folder)
        except OSError:
            continue
        matches = sorted(match.groups() for match in map(_FILE_NAME.fullmatch, files) if match)
        if matches:
            return {code: (os.path.join(folder, f"{code}-{name}.md"), name) for code, name in matches}
    return {}


@cache
def _read(path: str, name: str) -> Rule:
    with open(path, encoding="utf-8") as file:
        return parse_page(file.read(), path)


def parse_page(page: str, path: str) -> Rule:
    """The rule that a page describes.

    Errors: RulePageError when front matter, file name or the section "What it finds" are not as they should be.
    """

    def wrong(what: str) -> RulePageError:
        return RulePageError(f"{path}: {what}")

    head, front, text = (page.replace("\r\n", "\n").split("---\n", 2) + ["", ""])[:3]
    if head or not text:
        raise wrong("a page begins with front matter between two lines of three dashes")
    values = dict(_front_matter_lines(front, wrong))
    missing = [key for key in _FRONT_MATTER_KEYS if key not in values]
    if missing:
        raise wrong(f"the front matter lacks {', '.join(missing)}")
    file_name = os.path.basename(path)
    if file_name != f"{values['code']}-{values['name']}.md":
        raise wrong(f"the file should be called {values['code']}-{values['name']}.md")
    try:
        severity = Severity(values["severity"])
    except ValueError:
        raise wrong(f"no such severity: {values['severity']}") from None
    if values["fix"] not in ("none", "safe", "unsafe", "display-only"):
        raise wrong(f"no such kind of fix: {values['fix']}")
    offset = page.count("\n", 0, len(page) - len(text)) + 1
    return Rule(
        code=values["code"],
        name=values["name"],
        severity=severity,
        summary=_summary(text, wrong),
        fix=values["fix"],
        since=values["since"],
        keras=tuple(filter(None, re.split(r"[\[\],\s]+", values["keras"]))),
        text=text.strip() + "\n",
        examples=tuple(
            Example(match[2], match[3], offset + text.count("\n", 0, match.start(3))) for match in _FENCE.finditer(text)
        ),
        url=DOCS_URL + file_name,
        path=path,
    )


def _front_matter_lines(front: str, wrong: Callable[[str], RulePageError]) -> list[tuple[str, str]]:
    pairs = []
    for line in filter(str.strip, front.splitlines()):
        key, colon, value = line.partition(":")
        if not colon or key.strip() not in _FRONT_MATTER_KEYS:
            raise wrong(f"not a line of front matter: {line!r}")
        pairs.append((key.strip(), value.strip()))
    return pairs


def _summary(text: str, wrong: Callable[[str], RulePageError]) -> str:
    """The first sentence of the section "What it finds"."""
    section = re.search(r"^## What it finds[ \t]*\n+(.+?)(?:\n[ \t]*\n|\n#|\Z)", text, re.MULTILINE | re.DOTALL)
    if section is None:
        raise wrong('there is no section "What it finds"')
    return _SENTENCE_END.split(" ".join(section[1].split()), maxsplit=1)[0]
