"""Bytes to modules: encodings, problems as data, and questions that need no parser."""

from __future__ import annotations

import gc
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmlint.source.guard import Limits
from lstmlint.source.module import SourceModule, load
from lstmlint.source.text import Decoded, Lines, SourceProblem, decode

STDLIB = Path(sysconfig.get_paths()["stdlib"])


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"x = 1\n", "x = 1\n", "utf-8"),
        (b"", "", "utf-8"),
        ("x = 'é😀'\n".encode(), "x = 'é😀'\n", "utf-8"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8"),
        (b"\xef\xbb\xbf# coding: utf-8\nx\n", "# coding: utf-8\nx\n", "utf-8"),
        (b"# -*- coding: latin-1 -*-\n'\xe9'\n", "# -*- coding: latin-1 -*-\n'é'\n", "iso8859-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n'\x80'\n", "\u20ac", "cp1252"),
        (b"\r\n# coding: latin-1\r\n'\xe9'", "é", "iso8859-1"),
        (b"x = 1\n# coding: latin-1\n", "coding", "utf-8"),
        ("# coding: gbk\n'中'\n".encode("gbk"), "中", "gbk"),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n", "utf-8"),
        (b"\x0ca\n\x0c\n", "\x0ca\n\x0c\n", "utf-8"),
    ],
)
def test_texts_are_decoded_as_python_does(data: bytes, text: str, encoding: str) -> None:
    decoded = decode(data, 1000)
    assert isinstance(decoded, Decoded)
    assert text in decoded.text and decoded.encoding == encoding
    assert decoded.encode(decoded.text) == data


@pytest.mark.parametrize(
    ("data", "kind", "place"),
    [
        (b"x\0", "binary", (1, None)),
        (b"a\nb\0", "binary", (2, None)),
        ("x".encode("utf-16"), "binary", (None, None)),
        ("x".encode("utf-32"), "binary", (None, None)),
        (b"x = 1\ny = '\xff'\n", "undecodable", (2, 6)),
        ("é = '".encode() + b"\xff'\n", "undecodable", (1, 6)),
        (b"# coding: nonsense\n", "undecodable", (1, None)),
        (b"# coding: rot13\n", "undecodable", (1, None)),
        (b"# coding: zlib\n", "undecodable", (1, None)),
        (b"# coding: idna\n", "undecodable", (1, None)),
        (b"# coding: undefined\n", "undecodable", (1, None)),
        (b"# coding: utf-16\nabc", "undecodable", None),
        (b"\xef\xbb\xbf# coding: latin-1\n", "undecodable", (1, None)),
        (b"\xef\xbb\xbf\xef\xbb\xbfx", "syntax", (1, 1)),
        (b"x" * 1001, "too-large", (None, None)),
    ],
)
def test_what_has_no_text_is_a_problem(data: bytes, kind: str, place: tuple[int | None, int | None] | None) -> None:
    problem = decode(data, 1000)
    assert isinstance(problem, SourceProblem)
    assert problem.kind == kind
    if place is not None:
        row = problem.row if kind != "binary" else problem.row and place[0]
        assert (row, problem.column) == place
    assert load(data, "x.py", Limits(max_bytes=1000)) == (problem,)


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        ("x = (\n", 1, "never closed"),
        ("a\nb c\n", 2, "invalid syntax"),
        ("if a:\nb\n", 2, "indented block"),
        ("  a\n b\n", None, "indent"),
        ("print 'a'\n", 1, "Python 2"),
        ("x\nprint x\n", 2, "Python 2"),
        ("print >>f, x\nexec 'a' in b\n", None, "Python 2"),
        ("exec code in b\n", 1, "Python 2"),
        ("x = `a`\n", 1, "Python 2"),
        ("if a <> b: pass\n", 1, "Python 2"),
        ("raise A, 'b'\n", 1, "Python 2"),
        ("x = 0777\n", 1, "Python 2"),
        ("x = 10L\n", 1, "Python 2"),
        ("x = ur'a'\n", 1, "Python 2"),
        ("b'a' 'b'\n", 1, "bytes"),
        ("x = 'a\n", 1, "unterminated"),
        ("f(a=1, 2)\n", 1, "positional argument"),
        ("x = $\n", 1, "invalid"),
        ("x = '\n" + "(" * 50_000, 1, "unterminated"),
    ],
)
def test_syntax_errors_are_problems(text: str, row: int | None, words: str) -> None:
    found = load(text.encode(), "x.py")
    assert isinstance(found, tuple) and len(found) == 1
    assert found[0].kind == "syntax" and words in found[0].message and "\n" not in found[0].message
    if row is not None:
        assert found[0].row == row
    assert found[0].column is not None and found[0].column >= 1


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"import keras\r\nx = 1\r\n")
    found = load(path)
    assert isinstance(found, SourceModule)
    assert (found.path, found.name, found.is_notebook, len(found.tree.body)) == (path, str(path), False, 2)
    assert found.lines.line(1) == "import keras"


@pytest.mark.parametrize("name", ["nothing.py", ".", "a\0b.py", "x" * 5000])
def test_a_path_that_cannot_be_read_is_a_problem(name: str, tmp_path: Path) -> None:
    found = load(tmp_path / name)
    assert isinstance(found, tuple) and found[0].kind == "unreadable"


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        load(b"x = 1", "x.py")
        load(b"x = ", "x.py")
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "import lstmlint.source, lstmlint.source.module, lstmlint.source.project, lstmlint.source.suppressions\n"
        "heavy = {'libcst', 'json', 'rich', 'numpy', 'logging', 'asyncio', 'importlib.metadata'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    load(data, "x.py")
    load(data, "x.ipynb")


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12_000), st.integers(0, 30), st.binary(max_size=4), st.sampled_from(["textwrap.py", "string.py"]))
def test_no_mutilated_module_raises(at: int, length: int, put: bytes, name: str) -> None:
    data = (STDLIB / name).read_bytes()[:12_000]
    load(data[:at], "x.py")
    found = load(data[:at] + put + data[at + length :], "x.py")
    if isinstance(found, SourceModule):
        for statement in found.tree.body:
            assert found.span(statement) is not None


def test_lines_are_pythons_lines() -> None:
    lines = Lines("a\r\nb\rc\nd\x0ce\u2028f\n")
    assert lines.all == ["a", "b", "c", "d\x0ce\u2028f", ""]
    assert lines.line(0) == lines.line(99) == ""
    assert lines.offset(2, 1) == 3
    assert lines.offset(99, 1) == len(lines.text)
