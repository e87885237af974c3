"""Fixing files: what users see, what is in the files afterwards, and what is left out."""

import json
import os
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmlint.cli import main

Run = Callable[..., tuple[int, str, str]]

STACKED = b"""from keras import Sequential, layers
model = Sequential()
model.add(layers.LSTM(8, input_shape=(5, 3)))
model.add(layers.LSTM(8))
model.add(layers.LSTM(8))
"""
OLD = b"from keras.layers import LSTM\nlayer = LSTM(output_dim=3)\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()

    def run_(*arguments: str) -> tuple[int, str, str]:
        status = main(["--no-cache", "--output-format", "concise", *arguments])
        said = capfd.readouterr()
        return status, said.out, said.err

    return run_


def test_unsafe_fixes_are_only_hinted_at(run: Run) -> None:
    Path("a.py").write_bytes(STACKED)
    status, out, _ = run("--fix", "a.py")
    assert (status, Path("a.py").read_bytes()) == (1, STACKED)
    assert out.splitlines()[1:] == [
        "Found 1 error.",
        "No fixes available (1 hidden fix can be enabled with the `--unsafe-fixes` option).",
    ]
    assert "[*]" not in run("a.py")[1]


def test_without_fix_they_are_marked_and_counted(run: Run) -> None:
    Path("a.py").write_bytes(STACKED)
    Path("b.py").write_bytes(OLD)
    _, out, _ = run("a.py", "b.py")
    assert "b.py:2:9: LL601 [*]" in out and "a.py:4:11: LL101 LSTM" in out
    assert out.endswith(
        "[*] 1 fixable with the `--fix` option (1 hidden fix can be enabled with the `--unsafe-fixes` option).\n"
    )
    _, out, _ = run("--unsafe-fixes", "a.py", "b.py")
    assert "a.py:4:11: LL101 [*] LSTM" in out and out.endswith("[*] 2 fixable with the `--fix` option.\n")


def test_what_a_fix_uncovers_is_fixed_too(run: Run) -> None:
    """Behind the second layer nothing is known: only when it is mended, the third one is found."""
    Path("a.py").write_bytes(STACKED)
    status, out, err = run("--fix", "--unsafe-fixes", "a.py")
    assert (status, out, err) == (0, "Found 2 errors (2 fixed, 0 remaining).\n", "")
    lines = Path("a.py").read_text().splitlines()
    assert lines[2] == "model.add(layers.LSTM(8, input_shape=(5, 3), return_sequences=True))"
    assert lines[3:] == ["model.add(layers.LSTM(8, return_sequences=True))", "model.add(layers.LSTM(8))"]
    assert run("--fix", "--unsafe-fixes", "a.py")[:2] == (0, "All checks passed!\n")


def test_diff_writes_nothing(run: Run) -> None:
    Path("a.py").write_bytes(OLD + b"# end")
    status, out, err = run("--diff", "a.py")
    assert (status, err) == (1, "Would fix 1 error.\n")
    assert out == (
        "--- a.py\n+++ a.py\n@@ -1,3 +1,3 @@\n from keras.layers import LSTM\n-layer = LSTM(output_dim=3)\n"
        "+layer = LSTM(units=3)\n # end\n\\ No newline at end of file\n"
    )
    assert Path("a.py").read_bytes() == OLD + b"# end"
    Path("a.py").write_bytes(STACKED)
    assert run("--diff", "a.py") == (0, "", "Nothing would be fixed (1 more fix with `--unsafe-fixes`).\n")


#: Every step handed on would meet targets without a time axis, and be broadcast in silence.
UNCOVERS = b"""import numpy as np
from keras import Sequential, layers
model = Sequential([layers.Input((5, 3)), layers.LSTM(8), layers.Conv1D(4, 2), layers.Dense(1)])
model.compile(loss='mse')
model.fit(np.zeros((9, 5, 3)), np.zeros((9,)))
"""


def test_a_fix_that_brings_something_new_is_left_out(run: Run) -> None:
    Path("a.py").write_bytes(UNCOVERS)
    status, out, err = run("--fix", "--unsafe-fixes", "a.py")
    assert (status, Path("a.py").read_bytes()) == (1, UNCOVERS)
    assert err == (
        "lstmlint: warning: a.py:3:59: LL101: the fix is left out: with it, there would be a.py:5:1: LL303\n"
    )
    assert out.endswith("Found 1 error.\n")


def test_a_fix_that_is_left_out_does_not_stop_the_others(run: Run) -> None:
    Path("a.py").write_bytes(UNCOVERS + OLD)
    status, out, _ = run("--fix", "--unsafe-fixes", "a.py")
    assert (status, out.splitlines()[-1]) == (1, "Found 2 errors (1 fixed, 1 remaining).")
    assert Path("a.py").read_bytes() == UNCOVERS + OLD.replace(b"output_dim", b"units")


@pytest.mark.parametrize(
    "options",
    [("--unfixable", "LL601"), ("--fixable", "LL1"), ("--ignore", "LL601"), ("--config", "unfixable = ['LL6']")],
)
def test_rules_that_may_not_be_fixed(run: Run, options: tuple[str, ...]) -> None:
    Path("a.py").write_bytes(OLD)
    run("--fix", *options, "a.py")
    assert Path("a.py").read_bytes() == OLD


def test_settings_turn_fixes_on_and_options_off(run: Run) -> None:
    Path("lstmlint.toml").write_text("fix = true\nunsafe-fixes = true\n")
    Path("a.py").write_bytes(STACKED)
    assert run("--no-unsafe-fixes", "a.py")[0] == run("--no-fix", "a.py")[0] == 1
    assert Path("a.py").read_bytes() == STACKED
    assert run("a.py")[0] == 0
    assert Path("a.py").read_bytes() != STACKED


def test_standard_input_comes_out_fixed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for source, after in [
        (b"\xef\xbb\xbf# \xc3\xa9\r\n" + OLD, b"\xef\xbb\xbf# \xc3\xa9\r\n" + OLD.replace(b"output_dim", b"units")),
        (b"x = 1\r\n", b"x = 1\r\n"),
    ]:
        monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(source)))
        status, out, err = run("--fix", "--stdin-filename", "a.py", "-")
        assert (status, out.encode()) == (0, after)
        assert err in ("Found 1 error (1 fixed, 0 remaining).\n", "All checks passed!\n")
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"import keras\nx = (\n")))
    assert run("--fix", "-")[:2] == (1, "import keras\nx = (\n")


def test_hidden_and_known_findings_are_not_fixed(run: Run) -> None:
    hidden = OLD.replace(b"3)", b"3)  # lstmlint: ignore[LL601]")
    Path("a.py").write_bytes(hidden)
    Path("b.py").write_bytes(OLD)
    run("--baseline", "known.json", "--update-baseline", "b.py")
    assert run("--fix", "--baseline", "known.json", "a.py", "b.py")[:2] == (0, "All checks passed!\n")
    assert (Path("a.py").read_bytes(), Path("b.py").read_bytes()) == (hidden, OLD)


def test_a_file_that_cannot_be_written(run: Run) -> None:
    Path("a.py").write_bytes(OLD)
    os.chmod("a.py", 0o444)
    status, out, err = run("--fix", "a.py")
    assert (status, err) == (2, "lstmlint: error: `a.py`: cannot be written: it is read-only\n")
    assert "LL601" in out and Path("a.py").read_bytes() == OLD
    assert set(os.listdir()) == {".git", "a.py"}


def test_mode_and_links_are_kept(run: Run) -> None:
    Path("real.py").write_bytes(OLD)
    os.chmod("real.py", 0o755)
    os.symlink("real.py", "a.py")
    assert run("--fix", "a.py")[0] == 0
    assert Path("a.py").is_symlink() and os.stat("real.py").st_mode & 0o777 == 0o755
    assert b"units" in Path("real.py").read_bytes()


def test_a_helper_module_is_fixed_with_what_calls_it(run: Run) -> None:
    Path("net.py").write_bytes(
        b"from keras import Sequential, layers\ndef build(n):\n    return Sequential([layers.Input((n, 2)), layers.LSTM(4), layers.LSTM(4)])\n"
    )
    Path("a.py").write_bytes(b"from net import build\nbuild(3)\nbuild(4)\n")
    assert run("--fix", "--unsafe-fixes", ".")[:2] == (0, "Found 1 error (1 fixed, 0 remaining).\n")
    assert b"LSTM(4, return_sequences=True), layers.LSTM(4)" in Path("net.py").read_bytes()


def test_a_call_that_makes_several_layers_is_left_alone(run: Run) -> None:
    source = (
        b"from keras import Input, layers\ndef block(x):\n    return layers.LSTM(4)(x)\n"
        b"x = layers.LSTM(4)(block(Input((5, 3))))\ny = layers.Dense(3)(block(Input((5, 3))))\n"
    )
    Path("a.py").write_bytes(source)
    status, out, _ = run("--fix", "--unsafe-fixes", "a.py")
    assert status == 1 and "LL101" in out and Path("a.py").read_bytes() == source


COMMENTS = [
    (b"x = 1  # lstmlint: ignore[LL101]\n", b"x = 1\n"),
    (b"# lstmlint: ignore[LL101]\nx = 1\n", b"x = 1\n"),
    (b"    \nx = 1  # noqa: LL101, E501\n", b"    \nx = 1  # noqa: E501\n"),
    (b"x = 1  # lstmlint: ignore  # type: ignore\n", b"x = 1  # type: ignore\n"),
    (b"x = 1  # noqa: LL101 the data say so\r\n", b"x = 1  # the data say so\r\n"),
    (b"x = 1  # why # lstmlint: ignore[LL101, LL102]", b"x = 1  # why"),
]


@pytest.mark.parametrize(("before", "after"), COMMENTS)
def test_comments_that_hide_nothing(run: Run, before: bytes, after: bytes) -> None:
    head = b"import keras\n"
    Path("a.py").write_bytes(head + before)
    status, out, _ = run("--fix", "a.py")
    assert (status, Path("a.py").read_bytes()) == (0, head + after), out


# --- notebooks -------------------------------------------------------------------------------------------------------

CELLS = [
    "# %% é 😀\nfrom keras import Sequential, layers\n",
    "%matplotlib inline\nmodel = Sequential()\nmodel.add(layers.LSTM(\n    8,  # units, ü\n    input_shape=(5, 3),\n))\n",
    "model.add(layers.LSTM(8))",
    "layers.LSTM(output_dim=3)  # lstmlint: ignore[LL102]\n# lstmlint: ignore[LL103]\n!ls",
]


def notebook(
    cells: list[str], *, indent: int | str | None, ascii_: bool, end: str, as_list: bool, old: bool = False
) -> bytes:
    key = "input" if old else "source"
    made = [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
        *(
            {
                "cell_type": "code",
                "metadata": {},
                key: cell.splitlines(keepends=True) if as_list else cell,
                "outputs": [],
            }
            for cell in cells
        ),
    ]
    whole: dict[str, Any] = (
        {"cells": made, "nbformat": 4} if not old else {"worksheets": [{"cells": made}], "nbformat": 3}
    )
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii_)
    return (text.replace("\n", "\r\n") if end.startswith("\r") else text).encode() + end.strip(" ").encode()


def sources(data: bytes) -> list[str]:
    whole = json.loads(data)
    found = [cell for sheet in whole.get("worksheets", [whole]) for cell in sheet["cells"]]
    texts = [cell.get("source", cell.get("input")) for cell in found]
    return ["".join(text) for text in texts if text is not None]


FIXED = [
    "# Title",
    CELLS[0],
    CELLS[1].replace("(5, 3),\n", "(5, 3),\n    return_sequences=True,\n"),
    CELLS[2],
    "layers.LSTM(units=3)\n!ls",
]


@pytest.mark.parametrize("indent", [None, 1, 2, "\t"])
@pytest.mark.parametrize("ascii_", [True, False])
@pytest.mark.parametrize(("end", "as_list", "old"), [("\n", True, False), (" ", True, True), ("\r\n", False, False)])
def test_notebooks_keep_their_layout(
    run: Run, indent: int | str | None, ascii_: bool, end: str, as_list: bool, old: bool
) -> None:
    style: dict[str, Any] = {"indent": indent, "ascii_": ascii_, "end": end, "as_list": as_list, "old": old}
    Path("a.ipynb").write_bytes(notebook(CELLS, **style))
    status, out, err = run("--fix", "--unsafe-fixes", "a.ipynb")
    after = Path("a.ipynb").read_bytes()
    assert sources(after) == FIXED, out + err
    assert after == notebook(FIXED[1:], **style)
    assert status == 0


def test_diff_of_a_notebook_names_cells(run: Run) -> None:
    Path("a.ipynb").write_bytes(notebook(CELLS, indent=1, ascii_=True, end="\n", as_list=True))
    _, out, _ = run("--diff", "a.ipynb")
    assert "--- a.ipynb:cell 5\n+++ a.ipynb:cell 5\n" in out and "+layers.LSTM(units=3)\n" in out


def test_lines_of_ipython_are_never_touched(run: Run) -> None:
    cell = "from keras import layers\n%time layers.LSTM(output_dim=3)\n"
    data = notebook([cell], indent=1, ascii_=True, end="\n", as_list=True)
    Path("a.ipynb").write_bytes(data)
    status, out, _ = run("--fix", "a.ipynb")
    assert status == 1 and "LL601" in out and Path("a.ipynb").read_bytes() == data


# --- any text --------------------------------------------------------------------------------------------------------

GAPS = st.sampled_from(["", " ", "\n", "  # why\n ", "\t", "\r\n"])


@given(
    st.lists(GAPS, min_size=6, max_size=6),
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1"]),
    st.sampled_from(["", "\n", "\r\n\r\n"]),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_programs_in_any_layout(run: Run, gaps: list[str], encoding: str, end: str) -> None:
    """The finding is gone, nothing else has changed, and a second time nothing happens."""
    a, b, c, d, e, f = gaps
    head = "# coding: latin-1\n# é\n" if encoding == "latin-1" else "# é\n"
    source = (
        f"{head}from keras import Sequential, layers\nm = Sequential([\n layers.Input((5, 3)),{a}layers.LSTM({b}8{c}){d},"
        f"{e}layers.LSTM({f}4),  \n])  # é{end}"
    )
    Path("a.py").write_bytes(source.encode(encoding))
    status, out, err = run("--fix", "--unsafe-fixes", "a.py")
    after = Path("a.py").read_bytes()
    text = after.decode(encoding)
    assert (status, out, err) == (0, "Found 1 error (1 fixed, 0 remaining).\n", "")
    assert "".join(text.replace("return_sequences=True", "").split()).replace("8,", "8") == "".join(source.split())
    assert text.startswith(source[: source.index("8")]) and text.endswith(source[source.index("8") + 1 :].lstrip(c))
    assert run("--fix", "--unsafe-fixes", "a.py")[1] == "All checks passed!\n"
    assert Path("a.py").read_bytes() == after


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
def test_findings_told_as_one_are_fixed_as_far_as_that_goes(run: Run, order: tuple[int, ...]) -> None:
    lines = (
        "from keras.utils.np_utils import to_categorical\n",
        "from keras.engine.topology import Container\n",
        "from keras.utils.np_utils import normalize\n",
    )
    source = "".join(lines[index] for index in order)
    Path("a.py").write_text(source)
    status, _, err = run("--fix", "a.py")
    assert (status, err) == (1, "")
    assert Path("a.py").read_text() == source.replace("keras.utils.np_utils", "keras.utils")
