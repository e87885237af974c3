"""One scan over a text before libcst's parser sees it.

That parser uses the C stack for every level of nesting (some 20 KiB for a block, 7 for a bracket, 2 for an operator)
and ends the process when it is used up; it also copies what it has read at each level, so that time grows with depth
times size.  The scan knows no grammar: it counts blocks, brackets, links (operators, attributes, words that nest) and
elements, and errs on the side of counting too much.

Most statements are dealt with in bulk: each line is reduced to its quotes, brackets and commas, there are few
different reductions, and what each does to the depth of brackets is remembered.  Only a statement that is long and
rich in links, or that holds triple quotes or backslashes, is scanned token by token (`tokens.py`).
"""

from __future__ import annotations

import re
from functools import lru_cache

from lstmlint.classes import dataclass
from lstmlint.source.text import SourceProblem


@dataclass(frozen=True, slots=True)
class Limits:
    """What is not analysed any more.  A file past one of these gets one note that says so, and no findings.

    Source: libcst 1.9 survives twice `max_depth` on a stack of 1 MiB (Windows), twenty times on 8 MiB; the times are
    its own (20 µs for a token).
    """

    max_bytes: int = 1_000_000
    """Size of a Python file.  Units: bytes.  Ordinary code of this size takes libcst 4 s."""
    max_notebook_bytes: int = 50_000_000
    """Size of a notebook, whose stored outputs are not parsed.  Units: bytes."""
    max_depth: int = 60
    """Brackets, and fields of f-strings, inside each other."""
    max_chain: int = 200
    """Whatever nests, together: blocks, branches of an `if`, brackets, operators, attributes, calls in a row."""
    max_elements: int = 20_000
    """Commas in one bracket.  Twenty thousand numbers take libcst 0.8 s."""
    max_strings: int = 1_000
    """String literals side by side."""
    max_indent: int = 50
    """Blocks inside each other; Python itself stops at 100."""
    max_work: int = 400_000
    """The whole text.  Units: tokens, one more for each 8 brackets around it.  Takes libcst some 8 s."""


DEFAULT_LIMITS = Limits()


_SAFE_WIDTH = 120
"""A statement of so many characters cannot hold enough links to matter."""

_KEPT = b"'\"#()[]{}\\\n,:="
_DROPPED = bytes(set(range(256)) - set(_KEPT))
_NOT_LINKS = bytes(set(range(256)) - set(b".+-*/%@&|^~<>!=([{"))
_LONGEST_REDUCTION = 200

# A string is whole in itself when no reading of its quotes and braces (f-string or not) could leave anything open.
_REDUCED = re.compile(
    rb"""(?P<string>'(?!'')(?:[^'{}\\]|\{[()\[\],:=]*(?:""(?!")[()\[\],:=]*)*\})*'(?!')
                  | "(?!"")(?:[^"{}\\]|\{[()\[\],:=]*(?:''(?!')[()\[\],:=]*)*\})*"(?!"))
       | (?P<opens>[(\[{]) | (?P<closes>[)\]}]) | [,:=] | (?P<comment>\#.*)""",
    re.VERBOSE,
)
_NESTING_WORD = re.compile(r"\b(?:not|if|else|await|async|and|or|in|is|for|yield|from|lambda|print|exec)\b")


class Stop(Exception):
    """The scan ends at `offset`: a limit is passed, or the text cannot be Python."""

    def __init__(self, message: str, offset: int, kind: str = "too-complex") -> None:
        self.message, self.offset, self.kind = message, offset, kind


def find_problem(text: str, limits: Limits = DEFAULT_LIMITS) -> SourceProblem | None:
    """The first thing in `text` that libcst might not survive or not finish, or None.  Linear in the text.

    A string without end and a bracket that closes another are told too (kind "syntax"): what follows them cannot be
    counted.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        _Scan(text, limits).run()
    except Stop as stop:
        before = text[: stop.offset]
        row, column = before.count("\n") + 1, stop.offset - before.rfind("\n")
        message = f"not analysed: {stop.message}" if stop.kind == "too-complex" else stop.message
        return SourceProblem(stop.kind, message, row, column)
    return None


@lru_cache(maxsize=4096)
def _effect(reduced: bytes) -> tuple[int, int] | None:
    """What a line does to the depth of brackets: the change, and the most on the way.

    Unknown: None when the line may leave a string open or is joined to the next.
    """
    depth = peak = position = 0
    for token in _REDUCED.finditer(reduced):
        if token.start() != position:
            return None
        position = token.end()
        kind = token.lastgroup
        if kind == "opens":
            depth += 1
            peak = max(peak, depth)
        elif kind == "closes":
            depth -= 1
        elif kind == "string" and b"{" in token.group():
            fields = sum(token.group().count(bracket) for bracket in (b"{", b"(", b"["))
            peak = max(peak, depth + fields + 1)
    return (depth, peak) if position == len(reduced) else None


class _Scan:
    """Goes from statement to statement, and keeps what reaches beyond one: open blocks, and the work so far."""

    __slots__ = ("blocks", "chained", "limits", "lines", "nesting", "reduced", "text", "work")

    def __init__(self, text: str, limits: Limits) -> None:
        self.text = text
        self.limits = limits
        self.lines = text.split("\n")
        self.reduced = text.encode("utf-8", "replace").translate(None, _DROPPED).split(b"\n")
        self.work = 0.0
        self.blocks: list[list[int]] = [[0, 0]]  # indentation, and the `elif`s of the present chain there
        self.nesting = 0  # blocks and `elif`s around the present line
        self.chained = False

    def run(self) -> None:
        row = offset = indentation = 0
        lines, reduced, limits = self.lines, self.reduced, self.limits
        plain = "\t" not in self.text and "\f" not in self.text
        while row < len(lines):
            line = lines[row]
            code = line.lstrip(" \t\f")
            if not code or code[0] == "#":
                row += 1
                offset += len(line) + 1
                continue
            start = len(line) - len(code)
            width = start if plain else len(line[:start].rpartition("\f")[2].expandtabs(8))
            if width != indentation or self.chained or code.startswith("elif"):
                self._enter_line(width, code, offset + start)
                indentation = width
            effect = _effect(reduced[row]) if len(reduced[row]) < _LONGEST_REDUCTION else None
            if effect is not None and effect[0] <= 0 and len(line) <= _SAFE_WIDTH and effect[1] <= limits.max_depth:
                self.work += len(code) * 0.3
                if self.nesting + _SAFE_WIDTH <= limits.max_chain:
                    row += 1
                    offset += len(line) + 1
                    continue
            row, offset = self._long_statement(row, offset, offset + start)
            if self.work > limits.max_work:
                break
        if self.work > limits.max_work:
            raise Stop(f"more than {limits.max_work:,} tokens (nested ones count more)", min(offset, len(self.text)))

    def _long_statement(self, row: int, offset: int, start: int) -> tuple[int, int]:
        """Look at the statement that begins at `start`; the row and offset behind it."""
        end_row, end, depth, peak = row, offset, 0, 0
        while end_row < len(self.lines):
            reduced = self.reduced[end_row]
            effect = _effect(reduced) if len(reduced) < _LONGEST_REDUCTION else None
            if effect is None:
                break
            peak = max(peak, depth + effect[1])
            depth += effect[0]
            end += len(self.lines[end_row]) + 1
            end_row += 1
            if depth <= 0:
                if self._is_harmless(self.text[start:end], peak):
                    return end_row, end
                break
        from lstmlint.source.tokens import Line

        line = Line(self.text, start, self.limits, self.nesting)
        end = line.scan()
        self.work += line.work
        return row + self.text.count("\n", offset, end) + (end == len(self.text)), end

    def _is_harmless(self, statement: str, peak: int) -> bool:
        """Whether even the coarsest count of a statement stays below all limits."""
        limits = self.limits
        commas = statement.count(",") + statement.count(";")
        links = len(statement.encode("utf-8", "replace").translate(None, _NOT_LINKS))
        words = sum(5 if word == "lambda" else 1 for word in _NESTING_WORD.findall(statement))
        strings = (statement.count('"') + statement.count("'")) // 2
        self.work += max(len(statement) * 0.3, (commas + links) * 2) * (1 + peak / 8)
        return (
            peak <= limits.max_depth
            and commas <= limits.max_elements
            and strings <= limits.max_strings
            and self.nesting + peak + links + words <= limits.max_chain
        )

    def _enter_line(self, width: int, code: str, offset: int) -> None:
        """Note a line of other indentation, or of an `elif`."""
        blocks = self.blocks
        while blocks[-1][0] > width:
            blocks.pop()
        if width > blocks[-1][0]:
            blocks.append([width, 0])
            if len(blocks) > self.limits.max_indent:
                raise Stop(f"blocks nested more than {self.limits.max_indent} deep", offset)
        if code.startswith("elif"):
            blocks[-1][1] += 1
            self.chained = True
        elif self.chained:
            if not code.startswith("else"):
                blocks[-1][1] = 0
            self.chained = any(block[1] for block in blocks)
        self.nesting = len(blocks) - 1
        if self.chained:
            self.nesting += sum(block[1] for block in blocks)
            if self.nesting > self.limits.max_chain:
                raise Stop(f"more than {self.limits.max_chain} blocks and branches inside each other", offset)


def logical_line_end(text: str, start: int) -> int:
    """The offset behind the logical line (with its newline) that begins at `start`.

    Where the text is no Python, the end of the physical line.  Lines end in a newline only.
    """
    from lstmlint.source.tokens import Line

    try:
        return Line(text, start, DEFAULT_LIMITS, 0).scan()
    except Stop:
        end = text.find("\n", start)
        return len(text) if end < 0 else end + 1
