"""What users say of shapes: comments, annotations and the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import really_lint

from lstmlint.analysis import analyse
from lstmlint.datafiles.said import Said, described, parse
from lstmlint.diagnostics import Diagnostic
from lstmlint.settings import ConfigError, Settings, validated

HEAD = """
import numpy as np
from keras import Input, Sequential
from keras.layers import LSTM, Dense
from elsewhere import load
"""
MODEL = """
model = Sequential([Input((30, 7)), LSTM(8), Dense(1)])
model.compile("adam", "mse")
"""


def lint(folder: Path, program: str, **settings: object) -> tuple[Diagnostic, ...]:
    values = validated(settings, "test")
    result = analyse(str(folder / "program.py"), program.encode(), Settings(root=str(folder), **values))
    assert not result.defects
    return result.diagnostics


def codes(folder: Path, program: str, **settings: object) -> list[str]:
    return [found.code for found in lint(folder, program, **settings)]


class TestWriting:
    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("n, 30, 7", Said(("n", 30, 7))),
            ("n,", Said(("n",))),
            ("3", Said((3,))),
            ("", Said(())),
            ("?, _, 7", Said((None, None, 7))),
            ("..., 7", Said((7,), exact=False)),
            ("...", Said((), exact=False)),
        ],
    )
    def test_shapes(self, text: str, said: Said) -> None:
        assert parse(text) == said

    @pytest.mark.parametrize(
        "text", ["n 30", "n,,7", "-1, 7", "n, ...", "n-1", "3.5", "9" * 30, ", ".join("n" * 99), "²"]
    )
    def test_what_is_no_shape(self, text: str) -> None:
        assert parse(text) is None

    @pytest.mark.parametrize(
        "spec", [None, 3, {}, {"columns": []}, {"columns": [1]}, {"x": {"y": [1]}}, {"x": 1}, ["a b"]]
    )
    def test_what_is_no_entry(self, spec: object) -> None:
        assert described(spec) is None


class TestComments:
    @pytest.mark.parametrize(
        "code",
        [
            "x = load()  # lstmlint: shape(x) = (n, 30, 9)",
            "x, y = load()  # lstmlint: shape(y) = (n, 1), shape(x) = (n, 30, 9)",
            "# lstmlint: shape(x) = (n, 30, 9)\nx = load()",
            "# lstmlint: shape(x) = (n, 30, 9)\n\n# the data\nx = load(\n    1\n)",
            "x = load(\n    1\n)  # lstmlint: shape(x) = (..., 30, 9)",
            "x = load()\nprint(x)  # LSTMLINT:SHAPE(x)=(?, 30, 9) as measured",
            "for part in load():\n    x = part.values  # lstmlint: shape(x) = (n, 30, 9)",
        ],
    )
    def test_they_are_evidence(self, tmp_path: Path, code: str) -> None:
        program = f"{HEAD}{MODEL}{code}\nmodel.predict(x)\n"
        assert codes(tmp_path, program) == ["LL201" if "..." in code else "LL202"]
        assert codes(tmp_path, program.replace("9)", "7)")) == []

    def test_parameters(self, tmp_path: Path) -> None:
        code = "def train(x, y):  # lstmlint: shape(x) = (n, 30, 9)\n    model.fit(x, y)\n"
        assert codes(tmp_path, HEAD + MODEL + code) == ["LL202"]
        assert codes(tmp_path, HEAD + MODEL + code.replace("9", "7")) == []

    def test_one_name_is_one_size(self, tmp_path: Path) -> None:
        code = "x, y = load()  # lstmlint: shape(x) = (n, 30, 7), shape(y) = (n, 1)\nmodel.fit(x, np.vstack([y, np.zeros((1, 1))]))\n"
        assert codes(tmp_path, HEAD + MODEL + code) == ["LL206"]
        assert codes(tmp_path, HEAD + MODEL + code.replace("(n, 1)", "(m, 1)")) == []

    def test_but_not_in_two_calls_or_rounds(self, tmp_path: Path) -> None:
        call = "def clean(x):  # lstmlint: shape(x) = (n, 30, 7)\n    return x\n"
        code = (
            f"{call}x, y = clean(load(1)), clean(load(2))[:, 0, :1]\nmodel.fit(x, np.vstack([y, np.zeros((1, 1))]))\n"
        )
        assert codes(tmp_path, HEAD + MODEL + code) == []

    def test_names_are_those_of_the_code(self, tmp_path: Path) -> None:
        code = "x = load()\ncount = len(x)\ny = np.zeros((count + 1, 1))\nx  # lstmlint: shape(x) = (n, 30, 7)\nmodel.fit(x, y)\n"
        assert codes(tmp_path, HEAD + MODEL + code) == ["LL206"]

    @pytest.mark.parametrize(
        "code",
        [
            "x = np.zeros((5, 30, 7))  # lstmlint: shape(x) = (n, 30, 9)",
            "x = np.zeros((5, 30, 7))  # lstmlint: shape(x) = (n, 30)",
            "x = np.zeros((5, 30, 7))  # lstmlint: shape(x) = (..., 1, 1, 1, 1)",
            "x = np.zeros((5, 30, 7))  # lstmlint: shape(x) = (n, n, 7)",
            "x = load()  # lstmlint: shape(x) = n, 30",
            "x = load()  # lstmlint: shape(x)",
            "x = load()  # lstmlint: shape = (3,)",
            "x = load()  # lstmlint: shape(x) = (n - 1,)",
            "x = load()  # lstmlint: shape(z) = (n,)",
            "x = 'text'  # lstmlint: shape(x) = (n,)",
            "# lstmlint: shape(x) = (n,)",
            "if load():  # lstmlint: shape(x) = (n,)\n    pass",
        ],
    )
    def test_what_cannot_be_used_is_told(self, tmp_path: Path, code: str) -> None:
        assert codes(tmp_path, f"{HEAD}{code}\n") == ["LL903"]

    @pytest.mark.parametrize(
        "code",
        [
            "text = '# lstmlint: shape(x'",
            "x = np.zeros((5, 30, 7))  # lstmlint: shape(x) = (n, 30, 7)",
            "x = load()  # lstmlint: shapes of x",
            "def f(x):  # lstmlint: shape(x) = (n, 3)\n    return x\nf(np.zeros((4, 3)))\nf(np.zeros(4))",
        ],
    )
    def test_nothing_is_told(self, tmp_path: Path, code: str) -> None:
        assert codes(tmp_path, f"{HEAD}{code}\n") == []

    def test_proven_sizes_count_more(self, tmp_path: Path) -> None:
        code = "x = np.zeros((5, 30, 9))  # lstmlint: shape(x) = (n, 30, 7)\nmodel.predict(x)\n"
        assert codes(tmp_path, HEAD + MODEL + code) == ["LL202", "LL903"] or codes(tmp_path, HEAD + MODEL + code) == [
            "LL903",
            "LL202",
        ]

    def test_in_imported_modules(self, tmp_path: Path) -> None:
        (tmp_path / "data.py").write_text("from elsewhere import load\nx = load()  # lstmlint: shape(x) = (n, 30, 9)\n")
        assert codes(tmp_path, f"{HEAD}{MODEL}from data import x\nmodel.predict(x)\n") == ["LL202"]


class TestAnnotations:
    @pytest.mark.parametrize(
        "code",
        [
            'x: Float[np.ndarray, "n 30 9"] = load()\nmodel.predict(x)',
            'x: jaxtyping.Float32[np.ndarray, "*many t=30 9"] = load()\nmodel.predict(x)',
            'def run(x: Float[np.ndarray, "n 30 9"]):\n    model.predict(x)',
            'def run(*, x: Float[np.ndarray, "_ #t 9"] = None):\n    model.predict(x)',
        ],
    )
    def test_they_are_evidence(self, tmp_path: Path, code: str) -> None:
        program = f"{HEAD}import jaxtyping\nfrom jaxtyping import Float\n{MODEL}{code}\n"
        assert codes(tmp_path, program) == ["LL201" if "*many" in code else "LL202"]
        assert codes(tmp_path, program.replace(' 9"', ' 7"')) == []

    @pytest.mark.parametrize(
        "code",
        [
            'Float = load()\nx: Float[np.ndarray, "n 30 9"] = load()',
            'from jaxtyping import Float\nx: Float[load(), "n 30 9"] = load()',
            'from jaxtyping import Float\nx: Float["n 30 9"] = load()',
            "from jaxtyping import Float\nx: Float[np.ndarray, load()] = load()",
            'from jaxtyping import Float\nx: Float[np.ndarray, "n 30 9"] = np.zeros((5, 30, 7))',
            "x: dict[str, int] = load()",
            'x: "Float" = load()',
        ],
    )
    def test_others_say_nothing(self, tmp_path: Path, code: str) -> None:
        assert codes(tmp_path, f"{HEAD}{MODEL}{code}\nmodel.predict(x)\n") == []


class TestConfiguration:
    @pytest.mark.parametrize(
        ("data", "reading"),
        [
            ({"x.npy": ["n", 30, 9]}, "np.load('x.npy')"),
            ({"sub/x.npy": "(n, 30, 9)"}, "np.load('./sub/x.npy')"),
            ({"/mnt/x.npy": ["...", 30, 9]}, "np.load('/mnt/x.npy')"),
            ({"d.npz": {"x": ["n", 30, 9]}}, "np.load('d.npz')['x']"),
            ({"t.txt": ["n", 270]}, "np.loadtxt('t.txt').reshape(-1, 30, 9)"),
        ],
    )
    def test_it_is_evidence(self, tmp_path: Path, data: object, reading: str) -> None:
        program = f"{HEAD}{MODEL}x = {reading}\nmodel.predict(x)\n"
        (found,) = lint(tmp_path, program, data=data)
        assert found.code == ("LL201" if "..." in str(data) else "LL202")
        if "reshape" not in reading:
            assert any("the configuration says what" in place.message for place in found.trace)
            assert codes(tmp_path, program) == []

    def test_frames(self, tmp_path: Path) -> None:
        program = (
            f"{HEAD}import pandas as pd\ndf = pd.read_csv('t.csv')\nmodel = Sequential([Input((3,)), Dense(1)])\n"
            "model.compile('adam', 'mse')\nmodel.fit(df.drop(columns=['y']), df['y'])\n"
        )
        assert codes(tmp_path, program, data={"t.csv": {"columns": ["a", "b", "c", "y"], "rows": 40}}) == []
        assert codes(tmp_path, program, data={"t.csv": {"columns": ["a", "b", "y"]}}) == ["LL202"]
        assert codes(tmp_path, program, data={"t.csv": ["n", 3]}) == ["LL202"]

    def test_the_words_count_more_than_the_file(self, tmp_path: Path) -> None:
        np = pytest.importorskip("numpy")
        np.save(tmp_path / "x.npy", np.zeros((4, 30, 9)))
        program = f"{HEAD}{MODEL}x = np.load('x.npy')\nmodel.predict(x)\n"
        assert codes(tmp_path, program) == ["LL202"]
        assert codes(tmp_path, program, data={"x.npy": ["n", 30, 7]}) == []

    def test_what_is_wrong_is_told(self) -> None:
        with pytest.raises(ConfigError, match="`x.npy`: must be a shape"):
            validated({"data": {"x.npy": 3}}, "test")

    def test_from_a_file_and_printed(self, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text(
            '[tool.lstmlint.data]\n"x.npy" = ["n", 30, 9]\n"d.npz" = { x = [3] }\n'
        )
        (tmp_path / "program.py").write_text(f"{HEAD}{MODEL}x = np.load('x.npy')\nmodel.predict(x)\n")
        assert really_lint(tmp_path, "program.py").returncode == 1
        printed = really_lint(tmp_path, "--show-settings", "program.py").stdout
        (tmp_path / "lstmlint.toml").write_text(
            "\n".join(line for line in printed.splitlines() if "backend" not in line)
        )
        (tmp_path / "pyproject.toml").unlink()
        done = really_lint(tmp_path, "program.py")
        assert (done.returncode, done.stderr) == (1, "")
