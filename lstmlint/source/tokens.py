"""The scan of one logical line, token by token: the exact part of `guard.py`.

Strings, f-strings with their nested fields, comments and joined lines are read as libcst's tokenizer reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from lstmlint.source.guard import Limits, Stop

_TOKEN = re.compile(
    r"""[ \t\f]*(?:
      ((?!lambda\b|not\b|if\b|else\b|await\b|async\b|and\b|or\b|in\b|is\b|for\b|yield\b|from\b|print\b|exec\b)
        \w[\w.]*(?<!\.)(?!['"\w]))                                # 1 number, name, attribute
    | (,)                                                         # 2
    | ([(\[{])                                                    # 3
    | ([)\]}])                                                    # 4
    | (\n)                                                        # 5
    | (\*\*=?|//=?|<<=?|>>=?|[<>=!]=|<>|->|[-+*/%@&|^~<>=.]=?)    # 6 link
    | ((?:[rR][bB]?|[bB][rR]?|[uU])?(?:
          \'\'\'[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*\'\'\'
        | \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\"
        | '(?!'')[^'\\\n]*(?:\\.[^'\\\n]*)*'
        | "(?!"")[^"\\\n]*(?:\\.[^"\\\n]*)*"))                    # 7 string
    | ([fFtT][rR]?|[rR][fFtT])(\'\'\'|\"\"\"|'|")                 # 8, 9 start of an f-string
    | (\w+)                                                       # 10 a word that nests, or stands before quotes
    | (;)                                                         # 11
    | (:=?)                                                       # 12
    | (\#[^\n]*|\\\n)                                             # 13 comment, joined lines
    | (["'])                                                      # 14 a string without end
    | (.))                                                        # 15
    """,
    re.VERBOSE | re.DOTALL,
)
_WORD, _COMMA, _OPEN, _CLOSE, _NEWLINE, _LINK, _STRING, _F_PREFIX, _F_STRING = range(1, 10)
_NESTING, _SEMICOLON, _COLON, _SKIP, _UNENDED, _OTHER = range(10, 16)
_PARTNERS = {")": "(", "]": "[", "}": "{"}
_LAMBDA = 5  # links; a lambda costs the parser five times the stack of an operator


@cache
def _text_pattern(bracket: str) -> re.Pattern[str]:
    """The text of an f-string up to its end or a field; group 1 is what ends it."""
    quote = bracket.lstrip(":r")
    raw, specification = "r" in bracket, ":" in bracket
    newline = "\\n" if len(quote) == 1 else ""
    parts = [rf"[^\\{{}}{quote[0]}{newline}]+", r"\\[^{}]", r"\\(?=[{}])"]
    if not raw:
        parts.insert(0, r"\\N\{[^{}'\"\n]*\}")
    if not specification:
        parts += [r"\{\{", r"\}\}"]
    if len(quote) == 3:
        parts.append(f"{quote[0]}(?!{quote[0] * 2})")
    return re.compile(rf"(?:{'|'.join(parts)})*({quote}|\{{|\}}|)", re.DOTALL)


_TEXTS = frozenset(
    f"{colon}{raw}{quote}" for quote in ("'''", '"""', "'", '"') for raw in ("", "r") for colon in ("", ":")
)
"""What `Line.bracket` holds inside an f-string: the quotes, "r" in front, and ":" before in a format specification."""
_FIELD = "f{"


class Line:
    """The scan of one logical line.

    The frame of the innermost bracket is spread over attributes: `links` in the present element, `inner` the deepest
    bracket in it, `deepest` the deepest element before, `commas`, `strings` side by side, `started` the token count
    where the element began.  Outer frames wait in `stack`; `outer` is what they nest together.  `work` is in tokens.
    """

    __slots__ = (
        "bracket", "commas", "deepest", "inner", "limits", "links", "outer", "position", "stack", "started",
        "strings", "text", "tokens", "work",
    )  # fmt: skip

    def __init__(self, text: str, position: int, limits: Limits, nesting: int) -> None:
        self.text = text
        self.limits = limits
        self.position = position
        self.stack: list[tuple[str, int, int, int, int, int, int]] = []
        self.bracket = ""
        self.outer = nesting
        self.work = 0.0
        self.links = self.inner = self.deepest = self.commas = self.strings = self.started = self.tokens = 0

    def scan(self) -> int:
        """Go to the end of the logical line; the offset behind it.

        Errors: `Stop`.
        """
        ended = False
        while not ended:
            if self.bracket in _TEXTS:
                self._string_text()
            else:
                ended = self._code()
        return self.position

    def _code(self) -> bool:
        """Read tokens; True at the line's end, False where the text of an f-string goes on."""
        most, handlers = self.limits.max_chain, _HANDLERS
        for token in _TOKEN.finditer(self.text, self.position):
            kind = token.lastindex
            assert kind is not None  # every alternative of the pattern is a group
            self.tokens += 1
            if kind == _WORD:
                self.links += token.group(_WORD).count(".")
            elif kind == _SKIP or kind == _OTHER:
                continue
            elif handlers[kind](self, token):
                return kind == _NEWLINE
            if self.links + self.inner + self.outer > most:
                raise Stop(f"more than {most} operators, attributes or calls inside each other", token.start(kind))
        if self.stack:
            raise Stop(f"'{self.bracket[-1]}' was never closed", len(self.text), "syntax")
        self._end(len(self.text))
        return True

    # --- handlers: True ends `_code` ---------------------------------------------------------------------------------

    def _on_nesting_word(self, token: re.Match[str]) -> bool:
        self.links += _LAMBDA if token.group(_NESTING) == "lambda" else 1
        self.strings = 0
        return False

    def _on_string(self, token: re.Match[str]) -> bool:
        self.strings += 1
        if self.strings > self.limits.max_strings:
            raise Stop(f"more than {self.limits.max_strings} strings side by side", token.end() - 1)
        return False

    def _on_f_string(self, token: re.Match[str]) -> bool:
        self._on_string(token)
        raw = "r" if "r" in token.group(_F_PREFIX).lower() else ""
        return self._push(raw + token.group(_F_STRING), token)

    def _on_open(self, token: re.Match[str]) -> bool:
        self._push(token.group(_OPEN), token)
        return False

    def _push(self, bracket: str, token: re.Match[str]) -> bool:
        stack = self.stack
        stack.append((self.bracket, self.links, self.inner, self.deepest, self.commas, self.strings, self.started))
        if len(stack) > self.limits.max_depth:
            raise Stop(f"brackets nested more than {self.limits.max_depth} deep", token.end() - 1)
        self.outer += self.links + 1
        self.bracket = bracket
        self.links = self.inner = self.deepest = self.commas = self.strings = 0
        self.started = self.tokens
        self.position = token.end()
        return True

    def _pop(self) -> None:
        depth = max(self.deepest, self.links + self.inner) + 1
        self.bracket, links, inner, self.deepest, self.commas, self.strings, started = self.stack.pop()
        self.work += (self.tokens - started) * 0.125
        self.started = started
        self.outer -= links + 1
        self.links = links
        self.inner = max(inner, depth)

    def _on_close(self, token: re.Match[str]) -> bool:
        bracket = self.bracket
        if bracket[-1:] != _PARTNERS[token.group(_CLOSE)]:
            raise Stop(f"unmatched '{token.group(_CLOSE)}'", token.end() - 1, "syntax")
        self._pop()
        if bracket == _FIELD:
            self.position = token.end()
            return True
        self.links += 1
        return False

    def _on_comma(self, token: re.Match[str]) -> bool:
        self.commas += 1
        if self.commas > self.limits.max_elements:
            raise Stop(f"more than {self.limits.max_elements:,} elements side by side", token.end() - 1)
        self.deepest = max(self.deepest, self.links + self.inner)
        self.links = self.inner = self.strings = 0
        self.started = self.tokens
        return False

    def _on_link(self, token: re.Match[str]) -> bool:
        self.links += 1
        self.strings = 0
        self.work += (self.tokens - self.started) * 0.05
        return False

    def _on_colon(self, token: re.Match[str]) -> bool:
        self.strings = 0
        if self.bracket == _FIELD:
            self.bracket = ":" + self.stack[-1][0].lstrip(":")
            self.position = token.start(_COLON) + 1
            return True
        return False

    def _on_newline(self, token: re.Match[str]) -> bool:
        if self.stack:
            return False
        self._end(token.end())
        return True

    def _end(self, position: int) -> None:
        self.position = position
        self.work += self.tokens

    def _on_unended(self, token: re.Match[str]) -> bool:
        raise Stop("unterminated string literal", token.start(_UNENDED), "syntax")

    def _string_text(self) -> None:
        """Read the text of an f-string to its end or to the next field."""
        found = _text_pattern(self.bracket).match(self.text, self.position)
        assert found is not None  # the pattern matches the empty text
        ending = found.group(1)
        in_specification = self.bracket[0] == ":"
        self.tokens += 1
        self.position = found.end()
        if ending == "{":
            self._push(_FIELD, found)
        elif ending and (ending == "}") == in_specification:
            self._pop()
        else:
            raise Stop("unterminated string literal", self.position - len(ending), "syntax")


_HANDLERS: dict[int, Callable[[Line, re.Match[str]], bool]] = {
    _COMMA: Line._on_comma, _NESTING: Line._on_nesting_word, _OPEN: Line._on_open, _CLOSE: Line._on_close,
    _NEWLINE: Line._on_newline, _LINK: Line._on_link, _STRING: Line._on_string, _F_STRING: Line._on_f_string,
    _SEMICOLON: Line._on_comma, _COLON: Line._on_colon, _UNENDED: Line._on_unended,
}  # fmt: skip
