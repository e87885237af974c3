"""What IPython adds to Python, replaced by statements that do nothing, without moving a row or a column."""

from __future__ import annotations

import re

from lstmlint.classes import dataclass
from lstmlint.source.guard import logical_line_end


@dataclass(frozen=True, slots=True)
class Neutral:
    """A cell's text as Python: as many lines as before, `shift` columns of common indentation taken away."""

    text: str
    shift: int = 0
    installs: tuple[str, ...] = ()
    left_out: str | None = None


_SUSPECT = re.compile(r"^[ \t]*(?:[%!?/,;]|(?:pip3?|conda|mamba|cd)\b)|\?[ \t]*$|=[ \t]*[%!]|\A[ \t]+\S", re.MULTILINE)
_CELL_MAGIC = re.compile(r"\s*%%(\w+)([^\n]*)")
_PYTHON_CELL_MAGICS = frozenset(
    ["time", "timeit", "capture", "prun", "memit", "mprun", "scalene", "wandb", "snakeviz", "notify", "debug", "python",
     "python3", "py", "pyinstrument", "memray_flamegraph", "heat", "output", "ipytest", "flake8", "black", "skip_if"]
)  # fmt: skip
_LINE_MAGIC = re.compile(
    r"""(?P<indent>[ \t]*)(?:
        (?P<runs>%(?:time|timeit|prun|memit|mprun)[ \t]+(?:-\w+[ \t]+(?:\d+[ \t]+)?)*)(?P<rest>[^\n]*)
      | (?P<magic>%%?\w[^\n]*|![^\n]*|\?{1,2}[^\n]*|[/,;][ \t]*\w[^\n]*)
      | (?P<automagic>(?:pip3?|conda|mamba|cd)[ \t]+(?!(?:in|is|if|and|or|not)\b)[\w./~][^\n]*)
      | (?P<help>[%\w.*]+\?{1,2}[ \t]*(?=\n))
      | (?P<target>[\w.,\[\]'" \t]+=[ \t]*)(?P<value>![^\n=][^\n]*|%\w[^\n]*))""",
    re.VERBOSE,
)
_COMPOUND = re.compile(r"(?:if|for|while|with|try|def|class|async)\b|@|#|$")
_INSTALL = re.compile(
    r"""^\W*(?:sudo[ ]+)?(?:\{?sys\.executable\}?|python[\d.]*|uv|)[ ]*(?:-m[ ]+)?
        (?:pip[\d.]*|conda|mamba|pip)[ ]+(?:-\S+[ ]+)*install[ ]+(.*)""",
    re.VERBOSE,
)
_TENSORFLOW_1 = re.compile(r"%tensorflow_version[ \t]+1")


def neutralise(code: str) -> Neutral:
    """`code` (ends in a newline) as Python.  A cell in another language becomes blank lines."""
    if _SUSPECT.search(code) is None:
        return Neutral(code)
    code, shift = _dedent(code)
    cell_magic = _CELL_MAGIC.match(code)
    start = 0
    head = ""
    if cell_magic is not None:
        name = cell_magic.group(1)
        if name not in _PYTHON_CELL_MAGICS:
            return Neutral("\n" * code.count("\n"), left_out=f"%%{name} is not Python")
        start = cell_magic.end()
        head = "\n" * code.count("\n", 0, start)
    parts, installs = [head], list[str]()
    while start < len(code):
        found = _LINE_MAGIC.match(code, start)
        if found is None:
            end = logical_line_end(code, start)
            parts.append(code[start:end])
        elif found.group("runs") and not _COMPOUND.match(found.group("rest")):
            parts.append(found.group("indent") + "pass;".ljust(len(found.group("runs"))))
            start = found.start("rest")
            end = logical_line_end(code, start)
            parts.append(code[start:end])
        else:
            end = _command_end(code, found.start())
            command = code[found.end("indent") : end]
            parts.append(_replacement(found) + "\n" * command.count("\n"))
            installs.extend(_installed(command))
        start = end
    return Neutral("".join(parts), shift, tuple(installs))


def _dedent(code: str) -> tuple[str, int]:
    """Take away the indentation of the first line from all lines, as IPython does."""
    first = re.match(r"(?:[ \t]*\n)*([ \t]+)\S", code)
    if first is None:
        return code, 0
    indent = first.group(1)
    lines = code.split("\n")
    if any(line.strip() and not line.startswith(indent) for line in lines):
        return code, 0
    return "\n".join(line.removeprefix(indent) for line in lines), len(indent)


def _command_end(code: str, position: int) -> int:
    """The offset behind a command, with the lines that a backslash joins to it."""
    while True:
        end = code.find("\n", position)
        if end < 0:
            return len(code)
        if not code[position:end].rstrip(" \t").endswith("\\") or end + 1 >= len(code):
            return end + 1
        position = end + 1


def _replacement(found: re.Match[str]) -> str:
    if found.group("target"):
        # What the command gives is unknown, and so is what this name stands for outside of IPython.
        return found.group("indent") + found.group("target") + "get_ipython()"
    return found.group("indent") + "pass"


def _installed(command: str) -> list[str]:
    joined = " ".join(command.replace("\\\n", " ").split())
    if _TENSORFLOW_1.match(joined):
        return ["tensorflow==1.15"]
    found = _INSTALL.match(joined)
    return [found.group(1)] if found is not None and found.group(1) else []
