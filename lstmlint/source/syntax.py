"""Words for syntax errors: where, and why in one line."""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING

from lstmlint.source.text import Lines, SourceProblem

if TYPE_CHECKING:
    import libcst

_PLACE = re.compile(r"error at (\d+):(\d+):? ?")
_PYTHON_2 = re.compile(
    r"""^[ \t]*(?:(?:el|else:|if\b[^:]*:|for\b[^:]*:)[ \t]*)?
        (?:print[ \t]+(?:["'\w%]|>>)            # print "x", print x, print >>f
         | print[ \t]*(?:\#.*)?$                # a bare print
         | exec[ \t]+["'\w]
         | raise[ \t]+[\w.]+[ \t]*,
         | except[ \t]+[\w.(), ]+,[ \t]*\w+[ \t]*:)
      | <>
      | `[^`\n]+`
      | \b0[0-7]+[lL]?\b(?!\.) | \b\d+[lL]\b
      | \bur["']""",
    re.VERBOSE,
)


def syntax_problem(text: str, error: libcst.ParserSyntaxError) -> SourceProblem:
    """The problem that libcst's `error` stands for."""
    message, row, column = _libcst_says(error)
    return worded(text, SourceProblem("syntax", message, row, column))


def worded(text: str, problem: SourceProblem) -> SourceProblem:
    """A syntax problem in the words and at the place of Python's own parser, which tells both best, if it agrees."""
    message, row, column = _python_says(text) or (problem.message, problem.row or 1, problem.column or 1)
    lines = Lines(text)
    row = min(max(row, 1), len(lines.all))
    if _PYTHON_2.search(lines.line(row)):
        message = f"this is Python 2 code ({message})"
    return SourceProblem("syntax", message, row, max(column, 1))


def parse_ast(text: str) -> ast.Module | SyntaxError | None:
    """What Python's parser makes of `text`; None when it is too deep or otherwise beyond it.  No warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError, OverflowError):
            return None


def _python_says(text: str) -> tuple[str, int, int] | None:
    error = parse_ast(text)
    if not isinstance(error, SyntaxError) or error.lineno is None:
        return None
    return " ".join(str(error.msg).split()), error.lineno, error.offset or 1


def _libcst_says(error: libcst.ParserSyntaxError) -> tuple[str, int, int]:
    message = " ".join(error.message.split())
    found = _PLACE.search(message)
    if found is None:
        return f"invalid syntax: {message.removeprefix('tokenizer error: ')}", error.raw_line or 1, error.raw_column + 1
    reason = message[found.end() :]
    reason = "invalid syntax" if reason.startswith("expected one of") else f"invalid syntax: {reason}"
    return reason, int(found.group(1)), int(found.group(2))
