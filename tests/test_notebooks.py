"""Notebooks as modules, and back to cells, rows and the file's lines."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmlint.diagnostics import Position, Span
from lstmlint.source import tree
from lstmlint.source.magics import neutralise
from lstmlint.source.module import SourceModule, load
from lstmlint.source.notebooks import Notebook, read_notebook
from lstmlint.source.text import SourceProblem


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "outputs": [], "source": source, **more}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def written(cells: list[Any], **more: Any) -> bytes:
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}, **more}, indent=1).encode()


def notebook(cells: list[Any], **more: Any) -> Notebook:
    found = read_notebook(written(cells, **more))
    assert isinstance(found, Notebook), found
    return found


def module(cells: list[Any]) -> SourceModule:
    found = load(written(cells), "a.ipynb")
    assert isinstance(found, SourceModule), found
    return found


def test_code_cells_follow_each_other_and_cells_count_over_all() -> None:
    found = notebook([markdown("# Title"), code(["a = 1\n", "b = 2"]), markdown("x"), code("c = 3\n"), code("")])
    assert found.text == "a = 1\nb = 2\nc = 3\n\n"
    assert [found.cells.locate(row) for row in (1, 2, 3, 4)] == [(2, 1), (2, 2), (4, 1), (5, 1)]
    assert found.problems == ()


def test_positions_of_nodes_are_within_their_cell() -> None:
    found = module([markdown("x"), code("import keras"), code("\nmodel = f(\n  x)")])
    statement = found.tree.body[1]
    assert found.span(statement) == Span(Position(2, 1), Position(3, 5), 3)
    assert found.module_span(statement) == Span(Position(3, 1), Position(4, 5))


def test_worksheets_of_nbformat_3() -> None:
    cells = [{"cell_type": "code", "input": ["a = 1\n", "b"]}, {"cell_type": "heading", "source": "x"}]
    data = json.dumps({"nbformat": 3, "metadata": {}, "worksheets": [{"cells": cells}, {"cells": [*cells]}]}, indent=1)
    found = read_notebook(data.encode())
    assert isinstance(found, Notebook)
    assert found.text == "a = 1\nb\na = 1\nb\n"
    assert found.cells.locate(4) == (3, 2)
    assert "b" in data.split("\n")[(found.cells.file_row(3, 2) or 0) - 1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("%matplotlib inline\nx = 1\n", "pass\nx = 1\n"),
        ("!pip install a\n", "pass\n"),
        ("  !ls\n", "pass\n"),
        ("if a:\n    !ls\n    %cd b\n", "if a:\n    pass\n    pass\n"),
        ("!a \\\n  b \\\n  c\nx\n", "pass\n\n\nx\n"),
        ("%time x = f(1)\n", "pass; x = f(1)\n"),
        ("%timeit -n 10 -r 3 f(\n  1)\n", "pass;              f(\n  1)\n"),
        ("%time for x in y: z\n", "pass\n"),
        ("%time\nx\n", "pass\nx\n"),
        ("%%time\nx = 1\n", "\nx = 1\n"),
        ("\n%%capture out\nx = 1\n", "\n\nx = 1\n"),
        ("%%bash\nls -l\necho 'it\n", "\n\n\n"),
        ("x = !ls\ny = %magic a b\n", "x = get_ipython()\ny = get_ipython()\n"),
        ("a, b = !ls 'x\n", "a, b = get_ipython()\n"),
        ("?f\nf?\nf.g??\n%time?\n??x\n", "pass\npass\npass\npass\npass\n"),
        ("!echo it's \"\nx = 1\n", "pass\nx = 1\n"),
        ("pip install keras\ncd foo\n", "pass\npass\n"),
        ("x = ('a'\n  % b)\n", "x = ('a'\n  % b)\n"),
        ("x = '''\n!ls\n%cd\n'''\n", "x = '''\n!ls\n%cd\n'''\n"),
        ("x = a \\\n  % b\n", "x = a \\\n  % b\n"),
        ("x != y\nx = a % b\nf(x=1)\n", "x != y\nx = a % b\nf(x=1)\n"),
        ("# what?\n'a?'\n", "# what?\n'a?'\n"),
        ("pip = 3\ncd = pip\n", "pip = 3\ncd = pip\n"),
        ("cd in x\n", "cd in x\n"),
        ("x = 1  # %time\n%%html\n", "x = 1  # %time\npass\n"),
        ("/f 1\n,f a b\n", "pass\npass\n"),
    ],
)
def test_what_is_no_python_is_neutralised(before: str, after: str) -> None:
    neutral = neutralise(before)
    assert neutral.text == after
    assert neutral.text.count("\n") == before.count("\n")
    ast.parse(neutral.text)


def test_an_indented_cell_keeps_its_columns() -> None:
    found = module([code("    x = f(1)\n    y = x\n")])
    assert found.text == "x = f(1)\ny = x\n"
    assert found.span(found.tree.body[0]) == Span(Position(1, 5), Position(1, 13), 1)


@pytest.mark.parametrize(
    ("line", "installs"),
    [
        ("%pip install tensorflow==2.10", ("tensorflow==2.10",)),
        ("!pip install -q keras==2.3.1 numpy", ("-q keras==2.3.1 numpy",)),
        ("!pip3 install 'tensorflow<2.16'", ("'tensorflow<2.16'",)),
        ("!python -m pip install --upgrade tensorflow", ("--upgrade tensorflow",)),
        ("!{sys.executable} -m pip install keras", ("keras",)),
        ("%conda install keras", ("keras",)),
        ("pip install keras", ("keras",)),
        ("!pip install a \\\n   b", ("a b",)),
        ("%tensorflow_version 1.x", ("tensorflow==1.15",)),
        ("%tensorflow_version 2.x", ()),
        ("!ls", ()),
        ("!pip list", ()),
    ],
)
def test_installs_are_told(line: str, installs: tuple[str, ...]) -> None:
    assert notebook([code(line)]).installs == installs


def test_cells_in_other_languages_are_left_out_with_a_note() -> None:
    found = notebook([markdown("x"), code("%%javascript\nalert('"), code("x = 1")])
    assert found.text == "\n\nx = 1\n"
    assert [(note.kind, note.cell) for note in found.problems] == [("cell", 2)]
    assert "%%javascript" in found.problems[0].message


def test_a_broken_cell_does_not_keep_the_others_from_being_read() -> None:
    found = module([code("import keras"), code("print 'a'"), code("x = (1,"), code("y = 2")])
    assert [type(statement) for statement in found.tree.body] == [tree.Import, tree.Assign]
    assert [(note.kind, note.cell) for note in found.problems] == [("cell", 2), ("cell", 3)]
    assert "Python 2" in found.problems[0].message
    assert found.span(found.tree.body[1]) == Span(Position(1, 1), Position(1, 6), 4)


def test_too_complex_a_cell_is_placed_in_its_cell() -> None:
    found = load(written([markdown(""), code("x\ny = " + "(" * 1000)]), "a.ipynb")
    assert isinstance(found, tuple)
    assert (found[0].kind, found[0].cell, found[0].row) == ("too-complex", 2, 2)


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_rows_of_the_file(indent: int | None) -> None:
    cells = [markdown("a\nb"), code(["a = 1\n", "b = 2\n", "\n", "c = 'é'"], id="x"), code("d\ne\n")]
    data = json.dumps({"metadata": {"k": [{}, []]}, "cells": cells, "nbformat": 4}, indent=indent)
    found = read_notebook(data.encode())
    assert isinstance(found, Notebook)
    lines = data.split("\n")
    for row, text in enumerate(["a = 1", "b = 2", "", "c = '"], 1):
        assert text in lines[(found.cells.file_row(2, row) or 0) - 1]
    assert "d\\ne" in lines[(found.cells.file_row(3, 2) or 0) - 1]
    assert found.cells.file_row(9, 1) is None
    if indent:
        assert found.cells.file_row(2, 2) == (found.cells.file_row(2, 1) or 0) + 1


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x", b"[]", b"{}", b"1", b"null", b'{"cells": 1}', b'{"cells": {}}', b'{"worksheets": 3}', b"\xff\xfe", b"\0",
        b"[" * 100_000, b'{"a":' * 100_000, b'{"cells": [' + b"1" * 10_000 + b"]}", b'{"cells": [', b'{"cells": NaN}',
    ],
)  # fmt: skip
def test_what_is_no_notebook_is_one_problem(data: bytes) -> None:
    found = load(data, "a.ipynb")
    assert isinstance(found, tuple) and len(found) == 1
    assert found[0].kind == "notebook" and "\n" not in found[0].message


@pytest.mark.parametrize(
    "cells",
    [
        [], [1, None, "x", []], [{}], [{"cell_type": "code"}], [code(None)], [code(5)], [code({"a": 1})],
        [code(["a", 1, None, "\n", "b"])], [code("\ud800")], [code("a\0b")], [code("\ufeffx = 1")], [code("x\r\ny\rz")],
        [{"cell_type": 3, "source": "("}],
    ],
)  # fmt: skip
def test_odd_cells_are_harmless(cells: list[Any]) -> None:
    found = load(written(cells), "a.ipynb")
    assert isinstance(found, SourceModule)
    assert found.notebook is not None
    found.notebook.cells.file_row(1, 1)
    found.notebook.cells.locate(1)


def test_a_notebook_in_another_language_is_a_problem() -> None:
    found = read_notebook(written([code("x <- 1")], metadata={"kernelspec": {"language": "R", "name": "ir"}}))
    assert isinstance(found, SourceProblem) and found.kind == "notebook"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "source", "cell_type", "worksheets", "input", "metadata", "x"]), inner
        )
    ),
    max_leaves=10,
)


@settings(max_examples=100, deadline=None)
@given(_JSON)
def test_no_json_raises(content: Any) -> None:
    load(json.dumps(content).encode(), "a.ipynb")


_LINES = st.sampled_from(
    ["%time x", "!ls 'a", "x = !ls", "%%bash", "%%time", "x?", "?x", "if a:", "    !ls", "    pass", "x = '''", "'''",
     "f(", ")", "y \\", "%pip install b", "é = 1", "", "  ", "%", "!", "?", "%%", "x = %", "=!", "/", "\\"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(_LINES, max_size=6), max_size=4))
def test_no_cells_raise_and_rows_are_kept(cells: list[list[str]]) -> None:
    data = written([code("\n".join(lines)) for lines in cells])
    found = read_notebook(data)
    assert isinstance(found, Notebook)
    assert found.text.count("\n") == sum(max(len(lines), 1) - (len(lines) > 1 and not lines[-1]) for lines in cells)
    load(data, "a.ipynb")
