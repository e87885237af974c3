"""Data files of the project: what their headers prove, and that no file can mislead or harm."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from command_line import really_lint

from lstmlint.analysis import analyse
from lstmlint.classes import replace
from lstmlint.diagnostics import Diagnostic
from lstmlint.settings import Settings

MODEL = """
from keras import Input, Sequential
from keras.layers import LSTM, Dense
model = Sequential([Input((30, 7)), LSTM(8), Dense(1)])
model.compile("adam", "mse")
"""
#: A model for 30 steps of 7 features, fed with what a file holds.
PROGRAM = f"import numpy as np\n{MODEL}x = np.load('x.npy')\nmodel.fit(x, np.zeros((len(x), 1)))\n"


def lint(folder: Path, program: str, **settings: object) -> tuple[Diagnostic, ...]:
    """The findings in a program that lies in the folder."""
    path = folder / "program.py"
    result = analyse(str(path), program.encode(), replace(Settings(root=str(folder)), **settings))
    assert not result.defects
    return result.diagnostics


def codes(folder: Path, program: str, **settings: object) -> list[str]:
    return [found.code for found in lint(folder, program, **settings)]


def save(path: Path, *shape: int, dtype: str = "f4") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.zeros(shape, dtype))


class TestArrays:
    def test_a_shape_that_does_not_fit_is_found_and_the_file_is_named(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        (found,) = lint(tmp_path, PROGRAM)
        assert found.code == "LL202"
        assert "`x.npy` holds (40, 30, 9) float32" in [place.message for place in found.trace]

    def test_a_shape_that_fits_is_silent(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 40, 30, 7)
        assert codes(tmp_path, PROGRAM) == []

    def test_switched_off_nothing_is_read(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        assert codes(tmp_path, PROGRAM, data_files=False) == []
        assert (
            analyse(str(tmp_path / "program.py"), PROGRAM.encode(), Settings(str(tmp_path), data_files=False)).data
            == ()
        )

    def test_what_needs_no_file_names_none(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 40, 30, 7)
        (found,) = lint(tmp_path, PROGRAM + "model.predict(np.zeros((4, 5)))\n")
        assert not any("x.npy" in place.message for place in found.trace)

    @pytest.mark.parametrize(
        "reading",
        [
            "x = np.load('d.npz')['x']",
            "with np.load('d.npz') as z:\n    x = z['x']",
            "z = np.load('d.npz')\nx = z['x.npy']",
            "import os\nx = np.load(os.path.join('.', 'd.npz'))['x']",
            "z = np.load('d.npz')\nx = z[z.files[0]]",
        ],
    )
    @pytest.mark.parametrize("save_archive", [np.savez, np.savez_compressed])
    def test_archives(self, tmp_path: Path, reading: str, save_archive: object) -> None:
        save_archive(tmp_path / "d.npz", x=np.zeros((40, 30, 9)), y=np.zeros(40))  # type: ignore[operator]
        program = PROGRAM.replace("x = np.load('x.npy')", reading)
        assert codes(tmp_path, program) == ["LL202"]
        assert codes(tmp_path, program.replace("Input((30, 7))", "Input((30, 9))")) == []

    @pytest.mark.parametrize(
        "dtype", ["f8", "i1", "u2", "?", "c8", "U5", "S3", ">f4", "M8[ns]", [("a", "f4"), ("b", "i4", (2,))]]
    )
    def test_every_dtype_has_its_shape(self, tmp_path: Path, dtype: object) -> None:
        np.save(tmp_path / "x.npy", np.zeros((6, 5), dtype))  # type: ignore[call-overload]
        text = "import keras\nimport numpy as np\nx = np.load('x.npy')  # lstmlint: reveal\n"
        (found,) = lint(tmp_path, text)
        assert "ndarray (6, 5)" in found.message


#: Tables, and the arguments they are read with.  All that lstmlint claims must hold for pandas, and these must be known.
PLAIN = "a,b,c\n1,2,3\n4,5,6\n"
KNOWN_TABLES = [
    (PLAIN, ""),
    (PLAIN, "header=0"),
    (PLAIN, "header=None"),
    (PLAIN, "names=['p', 'q', 'r']"),
    (PLAIN, "names=['p', 'q', 'r'], header=0"),
    (PLAIN, "index_col=0"),
    (PLAIN, "index_col='b'"),
    (PLAIN, "index_col=['a', 'b']"),
    (PLAIN, "usecols=['c', 'a']"),
    (PLAIN, "usecols=[2, 0]"),
    (PLAIN, "usecols=[1]"),
    (PLAIN, "usecols=['a', 'b'], index_col='a'"),
    (PLAIN, "skiprows=1"),
    (PLAIN, "skiprows=1, header=None"),
    (PLAIN, "header=1"),
    (PLAIN, "nrows=1"),
    (PLAIN, "index_col=False"),
    (PLAIN, "parse_dates=['a']"),
    (PLAIN.replace("\n", "\r\n"), ""),
    (PLAIN.replace("\n", "\n\n"), ""),
    (PLAIN.rstrip("\n"), ""),
    ("\ufeff" + PLAIN, ""),
    (PLAIN.replace(",", ";"), "sep=';'"),
    (PLAIN.replace(",", "\t"), "sep='\\t'"),
    (PLAIN.replace(",", "\t"), "delimiter='\\t'"),
    ('"a, b","c","d"\n"x\ny",2,3\n', ""),
    ('"a","b"\n"say ""x""",2\n', ""),
    ("date,x\n2020-01-01,1\n", "parse_dates=['date'], index_col='date'"),
    (",x,y\n0,1,2\n1,3,4\n", ""),
    (",x,y\n0,1,2\n1,3,4\n", "index_col=0"),
    ("a,b,\n1,2,\n3,4,\n", ""),
    ("a,a,b\n1,2,3\n", ""),
    ("a,b,c\n1\n2,3\n", ""),
    ("a\n1\n2\n", ""),
    ("caf\u00e9,x\n1,2\n", ""),
    ("x,y\x0bz\n1,2\n", ""),
]
#: Tables that need not be known, only not told wrong.
OTHER_TABLES = [
    ("", ""),
    ("\n\n", ""),
    ("a,b\n", ""),
    ("a,b\n1,2,3\n4,5,6\n", ""),
    ("a,b\n1,2\n3,4,5\n", ""),
    ("a,b\n1,2\n3,4,5\n", "on_bad_lines='skip'"),
    ('a,b\n"1,2\n3,4\n', ""),
    ("# note\na,b\n1,2\n", "comment='#'"),
    ("a b  c\n1 2 3\n", "sep=r'\\s+'"),
    ("a b c\n1 2 3\n", "delim_whitespace=True"),
    ("a\n1\n\n2\n", "skip_blank_lines=False"),
    ('a\n1\n""\n2\n', ""),
    ("a\n1\n  \n2\n", ""),
    (PLAIN, "header=[0, 1]"),
    (PLAIN, "skipfooter=1, engine='python'"),
    (PLAIN, "skiprows=[1]"),
    (PLAIN, "skiprows=lambda i: i % 2"),
    (PLAIN, "usecols=lambda name: name != 'a'"),
    (PLAIN, "names=['p', 'q']"),
    (PLAIN, "chunksize=2"),
    (PLAIN, "nrows=0"),
    (PLAIN, "usecols=['b', 'c'], index_col=0"),
    (PLAIN, "encoding='utf-16'"),
    (PLAIN, "compression='gzip'"),
    (PLAIN, 'quotechar="\'"'),
    (PLAIN, "dtype=str"),
    ("a;b\n1;2\n", ""),
]


class TestTables:
    def claim(self, folder: Path, content: bytes, call: str) -> str:
        (folder / "t.csv").write_bytes(content)
        head = "import keras\nimport numpy as np\nimport pandas as pd\n"
        (found,) = lint(folder, f"{head}x = {call}  # lstmlint: reveal\n")
        return found.message

    def claimed_shape(self, message: str) -> list[int | None]:
        found = re.search(r"(?:DataFrame|ndarray) \((.*)\)(?: \w+)?$", message)
        assert found is not None or "DataFrame" not in message
        dims = [] if found is None else [dim for dim in found[1].split(",") if dim.strip()]
        return [int(dim) if dim.strip().isdigit() else None for dim in dims]

    @pytest.mark.parametrize(("content", "options"), KNOWN_TABLES + OTHER_TABLES)
    def test_what_is_told_is_what_pandas_reads(
        self, tmp_path: Path, content: str, options: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pd = pytest.importorskip("pandas")
        monkeypatch.chdir(tmp_path)
        claimed = self.claimed_shape(self.claim(tmp_path, content.encode(), f"pd.read_csv('t.csv', {options})"))
        try:
            real = eval(f"pd.read_csv('t.csv', {options})", {"pd": pd})
        except Exception:  # noqa: BLE001 - then nothing that follows is reached
            real = None
        if isinstance(real, pd.DataFrame):
            assert all(dim in (None, size) for dim, size in zip(claimed, real.shape, strict=False))
        if (content, options) in KNOWN_TABLES:
            assert claimed == list(real.shape)

    @pytest.mark.parametrize(("content", "options"), KNOWN_TABLES)
    def test_labels(self, tmp_path: Path, content: str, options: str, monkeypatch: pytest.MonkeyPatch) -> None:
        pd = pytest.importorskip("pandas")
        monkeypatch.chdir(tmp_path)
        (tmp_path / "t.csv").write_bytes(content.encode())
        real = eval(f"pd.read_csv('t.csv', {options})", {"pd": pd})
        for label in [label for label in real.columns if isinstance(label, str)]:
            message = self.claim(
                tmp_path, content.encode(), f"pd.read_csv('t.csv', {options}).drop(columns=[{label!r}])"
            )
            assert self.claimed_shape(message)[1] in (None, real.shape[1] - 1)

    @pytest.mark.parametrize(
        ("content", "call"),
        [
            (b"1,2\n3,4\n", "np.loadtxt('t.csv', delimiter=',')"),
            (b"1 2\n3   4\n\n# more\n5\t6 # x\n", "np.loadtxt('t.csv')"),
            (b"1\n3\n", "np.loadtxt('t.csv')"),
            (b"1 2 3\n", "np.loadtxt('t.csv')"),
            (b"1 2 3\n", "np.loadtxt('t.csv', ndmin=2)"),
            (b"a,b\n1,2\n3,4\n5,6\n", "np.loadtxt('t.csv', delimiter=',', skiprows=1)"),
            (b"a,b\n1,2\n3,4\n5,6\n", "np.loadtxt('t.csv', delimiter=',', skiprows=1, usecols=1)"),
            (b"a,b\n1,2\n3,4\n5,6\n", "np.loadtxt('t.csv', delimiter=',', skiprows=1, usecols=(0, 1))"),
            (b"a,b\n1,2\n3,4\n5,6\n", "np.genfromtxt('t.csv', delimiter=',')"),
            (b"a,b\n1,2\n3,\n5,6\n", "np.genfromtxt('t.csv', delimiter=',', skip_header=1)"),
            (b"1,2\n3,4\n", "np.loadtxt('t.csv', delimiter=',', dtype=int)"),
        ],
    )
    def test_what_is_told_is_what_numpy_reads(
        self, tmp_path: Path, content: bytes, call: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert self.claimed_shape(self.claim(tmp_path, content, call)) == list(eval(call, {"np": np}).shape)

    @pytest.mark.parametrize(
        ("content", "call"),
        [
            (b"a,b\n1,2\n", "np.loadtxt('t.csv', delimiter=',')"),
            (b"1 2\n3\n", "np.loadtxt('t.csv')"),
            (b"1 2\n3 4\n", "np.loadtxt('t.csv', unpack=True)"),
            (b"a,b\n1,2\n3,4\n", "np.genfromtxt('t.csv', delimiter=',', names=True)"),
            (b"a,b\n1,2\n3,4\n", "np.genfromtxt('t.csv', delimiter=',', dtype=None)"),
            (b"", "np.loadtxt('t.csv')"),
            (b"# x\n", "np.genfromtxt('t.csv')"),
        ],
    )
    def test_what_is_not_understood_is_not_known(self, tmp_path: Path, content: bytes, call: str) -> None:
        assert self.claimed_shape(self.claim(tmp_path, content, call)) in ([], [None])

    def test_rows_of_a_large_file_are_not_counted(self, tmp_path: Path) -> None:
        message = self.claim(tmp_path, b"a,b\n" + b"1,2\n" * 300_000, "pd.read_csv('t.csv')")
        assert self.claimed_shape(message) == [None, 2]

    @pytest.mark.parametrize(
        "content", [b"\xff\xfea\x00", b"a,\xe9\n1,2\n", b"a,b\n\0\n", b'"' * 99_999, b"," * 99_999, b"\r" * 999]
    )
    def test_strange_bytes(self, tmp_path: Path, content: bytes) -> None:
        assert self.claimed_shape(self.claim(tmp_path, content, "pd.read_csv('t.csv')")) == [None, None]

    def test_latin_1_where_the_program_says_so(self, tmp_path: Path) -> None:
        call = "pd.read_csv('t.csv', encoding='latin-1')"
        assert self.claimed_shape(self.claim(tmp_path, b"a,\xe9\n1,2\n", call)) == [1, 2]

    def test_a_model_for_other_columns(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("a,b,c,target\n" + "1,2,3,4\n" * 9)
        program = (
            "import pandas as pd\nfrom keras import Input, Sequential\nfrom keras.layers import Dense\n"
            "df = pd.read_csv('t.csv')\nx = df.drop(columns=['target']).values\ny = df['target'].values\n"
            "model = Sequential([Input((4,)), Dense(1)])\nmodel.compile('adam', 'mse')\nmodel.fit(x, y)\n"
        )
        (found,) = lint(tmp_path, program)
        assert found.code == "LL202"
        assert "`t.csv` holds 9 rows, 4 columns" in [place.message for place in found.trace]
        assert codes(tmp_path, program.replace("(4,)", "(3,)")) == []
        assert codes(tmp_path, program + "df.to_csv('t.csv')\n") == []


CONFIGURED = """
import json
from keras import Input, Sequential
from keras.layers import LSTM, Dense
READ
model = Sequential([Input((config["steps"], 7))])
for layer in config["layers"]:
    if layer["type"] == "lstm":
        model.add(LSTM(layer["units"], return_sequences=layer.get("sequences", False)))
    else:
        model.add(Dense(layer["units"]))
"""


#: A document with which the program fails.
FAILING = '{"steps": 30, "layers": [{"type": "lstm", "units": 8}, {"type": "lstm", "units": 8}]}'


class TestJson:
    @pytest.mark.parametrize(
        "reading",
        [
            "config = json.load(open('c.json'))",
            "config = json.load(open('c.json', 'rb'))",
            "with open('c.json') as file:\n    config = json.load(file)",
            "with open('c.json', encoding='utf-8') as file:\n    config = json.loads(file.read())",
            "config = json.loads(open('c.json').read())",
            "config = json.loads(TEXT)",
        ],
    )
    def test_a_configuration_is_read(self, tmp_path: Path, reading: str) -> None:
        layers = [{"type": "lstm", "units": 8, "sequences": first} for first in (False, True)]
        for wrong in (True, False):
            text = json.dumps({"steps": 30, "layers": layers if wrong else layers[::-1]})
            (tmp_path / "c.json").write_text(text)
            program = CONFIGURED.replace("READ", reading.replace("TEXT", repr(text)))
            assert codes(tmp_path, program) == (["LL101"] if wrong else [])

    @pytest.mark.parametrize(
        ("text", "reading"),
        [
            (FAILING[:-1], "json.load(open('c.json'))"),
            ("[" * 100_000, "json.load(open('c.json'))"),
            ('{"steps": ' + "9" * 10_000 + "}", "json.load(open('c.json'))"),
            ("[" + FAILING.replace("]", ", 1" * 99_999 + "]") + "]", "json.load(open('c.json'))[0]"),
            (FAILING.replace("[", "[\udcff"), "json.load(open('c.json'))"),
            ("", "json.load(open('c.json'))"),
            (FAILING, "json.load(open('c.json'), object_hook=f)"),
            (FAILING, "json.load(open('c.json', 'w+'))"),
            (FAILING, "json.load(open('d.json'))"),
        ],
    )
    def test_what_is_broken_large_or_strange_proves_nothing(self, tmp_path: Path, text: str, reading: str) -> None:
        (tmp_path / "c.json").write_text(text, errors="surrogateescape")
        assert codes(tmp_path, CONFIGURED.replace("READ", f"config = {reading}")) == []


class TestWhichFile:
    def test_folders_above_are_looked_at(self, tmp_path: Path) -> None:
        save(tmp_path / "data" / "x.npy", 40, 30, 9)
        program = tmp_path / "src" / "train.py"
        text = PROGRAM.replace("'x.npy'", "'data/x.npy'")
        found = analyse(str(program), text.encode(), Settings(str(tmp_path))).diagnostics
        assert [each.code for each in found] == ["LL202"]

    @pytest.mark.parametrize(
        "folder",
        [
            "os.path.dirname(__file__)",
            "os.path.dirname(os.path.abspath(__file__))",
            "os.path.join(os.path.dirname(os.path.realpath(__file__)), '..', 'src')",
        ],
    )
    def test_beside_the_program(self, tmp_path: Path, folder: str) -> None:
        save(tmp_path / "src" / "x.npy", 40, 30, 9)
        save(tmp_path / "x.npy", 40, 30, 7)
        text = "import os\n" + PROGRAM.replace("'x.npy'", f"os.path.join({folder}, 'x.npy')")
        (found,) = analyse(str(tmp_path / "src" / "train.py"), text.encode(), Settings(str(tmp_path))).diagnostics
        assert found.code == "LL202"
        assert any(place.message.startswith("`src/") for place in found.trace)

    def test_two_files_that_may_be_meant_prove_nothing(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        save(tmp_path / "src" / "x.npy", 40, 30, 7)
        found = analyse(str(tmp_path / "src" / "train.py"), PROGRAM.encode(), Settings(str(tmp_path))).diagnostics
        assert found == ()

    @pytest.mark.parametrize("path", ["../x.npy", "{outside}/x.npy", "link.npy", "~/x.npy", "file://x.npy", "a\\0b"])
    def test_nothing_outside_of_the_project_is_opened(
        self, tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project = tmp_path / "project"
        project.mkdir()
        save(tmp_path / "x.npy", 40, 30, 9)
        (project / "link.npy").symlink_to(tmp_path / "x.npy")
        monkeypatch.setenv("HOME", str(tmp_path))
        assert codes(project, PROGRAM.replace("x.npy", path.format(outside=tmp_path))) == []

    def test_a_link_inside_the_project_is_followed(self, tmp_path: Path) -> None:
        save(tmp_path / "real" / "x.npy", 40, 30, 9)
        (tmp_path / "x.npy").symlink_to("real/x.npy")
        assert codes(tmp_path, PROGRAM) == ["LL202"]

    @pytest.mark.parametrize("change", ["import os\nos.chdir('elsewhere')\n", "import os\nos.chdir(os.environ['D'])\n"])
    def test_another_working_directory_is_another_file(self, tmp_path: Path, change: str) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        assert codes(tmp_path, change + PROGRAM) == []


class TestFilesThatTheProgramChanges:
    @pytest.mark.parametrize(
        "change",
        [
            "np.save('x.npy', make())",
            "np.save('x', make())",
            "np.save('./x.npy', make())",
            "open('x.npy', 'wb').write(b'')",
            "with open('x.npy', mode='wb') as f:\n    np.save(f, make())",
            "def write(path):\n    np.save(path, make())\nwrite('x.npy')",
            "import shutil\nshutil.copy('y.npy', 'x.npy')",
            "import urllib.request\nurllib.request.urlretrieve('http://h/x', 'x.npy')",
            "import subprocess\nsubprocess.run(['python', 'prepare.py', 'x.npy'])",
            "import os\nos.system('cp y.npy x.npy')",
            "from elsewhere import fetch\nfetch('x.npy')",
            "np.save(make(), make())",
            "for name in make():\n    np.save(name + '.npy', make())",
        ],
    )
    def test_what_is_on_disk_proves_nothing(self, tmp_path: Path, change: str) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        program = "import numpy as np\nfrom made import make\n"
        assert codes(tmp_path, f"{program}{change}\n{PROGRAM}") == []

    @pytest.mark.parametrize(
        "change", ["np.save('y.npy', x)", "np.savetxt('x.txt', x)", "open('log.txt', 'a').write('x')"]
    )
    def test_other_files_are_no_matter(self, tmp_path: Path, change: str) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        assert codes(tmp_path, f"{PROGRAM}{change}\n") == ["LL202"]

    def test_a_write_behind_the_read_may_come_first_the_next_time(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        assert codes(tmp_path, f"{PROGRAM}def prepare():\n    np.save('x.npy', 1)\n") == []

    @pytest.mark.parametrize(
        ("cell", "found"),
        [("!wget http://h/x.npy", []), ("%cd sub", []), ("%%bash\nmv y.npy x.npy", []), ("!ls", ["LL202"])],
    )
    def test_commands_in_notebooks(self, tmp_path: Path, cell: str, found: list[str]) -> None:
        save(tmp_path / "x.npy", 40, 30, 9)
        cells = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": []} for text in (cell, PROGRAM)]
        book = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
        result = analyse(str(tmp_path / "book.ipynb"), book.encode(), Settings(root=str(tmp_path)))
        assert [each.code for each in result.diagnostics if each.code != "LL006"] == found


class TestHostileFiles:
    def broken(self, folder: Path, content: bytes) -> None:
        (folder / "x.npy").write_bytes(content)
        assert codes(folder, PROGRAM) == []

    def test_truncated_at_any_byte(self, tmp_path: Path) -> None:
        save(tmp_path / "x.npy", 4, 30, 9)
        content = (tmp_path / "x.npy").read_bytes()
        for length in (*range(0, 130, 3), len(content) - 1):
            self.broken(tmp_path, content[:length])

    @pytest.mark.parametrize(
        "header",
        [
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 30, 9), }",
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999, 30, 9), }",
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 30, 9), }",
            b"{'descr': '<f4', 'fortran_order': False, 'shape': " + b"(" * 5000,
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"1, " * 60 + b"), }",
            b"{'shape': (1, 30, 9), 'descr': '<f4', 'fortran_order': False, }" + b"\0" * 50,
            b"__import__('os').system('touch harm')",
            b"\xff\xfe" * 40,
        ],
    )
    def test_strange_headers(self, tmp_path: Path, header: bytes) -> None:
        self.broken(tmp_path, b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header + b"\0" * 5000)

    def test_a_huge_header(self, tmp_path: Path) -> None:
        self.broken(tmp_path, b"\x93NUMPY\x02\0" + struct.pack("<I", 2**31) + b" " * 100_000)

    def test_pickles_are_not_loaded(self, tmp_path: Path) -> None:
        harm = f"import os\nos.mkdir({str(tmp_path / 'harm')!r})"
        self.broken(tmp_path, pickle.dumps(_Harm(harm)))
        np.save(tmp_path / "x.npy", np.array([_Harm(harm)] * 4, dtype=object), allow_pickle=True)
        assert codes(tmp_path, PROGRAM) == []
        assert codes(tmp_path, PROGRAM.replace("'x.npy'", "'x.npy', allow_pickle=True")) != []
        assert not (tmp_path / "harm").exists()

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "x.npy")
        assert codes(tmp_path, PROGRAM) == []

    def test_folders_devices_and_loops_of_links(self, tmp_path: Path) -> None:
        place = tmp_path / "x.npy"
        place.mkdir()
        assert codes(tmp_path, PROGRAM) == []
        place.rmdir()
        for target in ("/dev/zero", "x.npy", "missing"):
            place.symlink_to(target)
            assert codes(tmp_path, PROGRAM) == []
            place.unlink()

    def test_a_bomb_is_not_inflated(self, tmp_path: Path) -> None:
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (400000, 30, 9), }\n"
        with (
            zipfile.ZipFile(tmp_path / "d.npz", "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("x.npy", "w") as member,
        ):
            member.write(b"\x93NUMPY\x01\0" + struct.pack("<H", len(header)) + header)
            for _ in range(432):
                member.write(b"\0" * 1_000_000)
        program = PROGRAM.replace("np.load('x.npy')", "np.load('d.npz')['x']")
        assert codes(tmp_path, program) == ["LL202"]

    @pytest.mark.parametrize("damage", [30, 60, -40, -15, -8])
    def test_damaged_archives(self, tmp_path: Path, damage: int) -> None:
        np.savez_compressed(tmp_path / "d.npz", x=np.zeros((40, 30, 9)))
        content = bytearray((tmp_path / "d.npz").read_bytes())
        content[damage : damage + 4] = b"\xff\xff\xff\xff"
        (tmp_path / "d.npz").write_bytes(content)
        codes(tmp_path, PROGRAM.replace("np.load('x.npy')", "np.load('d.npz')['x']"))

    def test_many_members_and_other_members(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
            for number in range(1_200):
                archive.writestr(f"{number}.txt", b"")
        program = PROGRAM.replace("np.load('x.npy')", "np.load('d.npz')['x']")
        assert codes(tmp_path, program) == []


class _Harm:
    def __init__(self, source: str) -> None:
        self.source = source

    def __reduce__(self) -> tuple[object, ...]:
        return exec, (self.source,)


class TestRememberedResults:
    def codes(self, folder: Path, *options: str) -> int:
        return really_lint(folder, "program.py", *options).returncode

    def test_they_hold_while_the_data_files_are_the_same(self, tmp_path: Path) -> None:
        (tmp_path / "program.py").write_text(PROGRAM)
        assert self.codes(tmp_path) == 0
        save(tmp_path / "x.npy", 40, 30, 9)
        assert self.codes(tmp_path) == 1
        assert "1 remembered" in really_lint(tmp_path, "--verbose", "program.py").stderr
        assert self.codes(tmp_path, "--no-data-files") == 0
        save(tmp_path / "x.npy", 41, 30, 7)
        assert self.codes(tmp_path) == 0
        shutil.rmtree(tmp_path / ".lstmlint_cache")
        assert self.codes(tmp_path) == 0

    def test_the_setting(self, tmp_path: Path) -> None:
        (tmp_path / "program.py").write_text(PROGRAM)
        save(tmp_path / "x.npy", 40, 30, 9)
        (tmp_path / "lstmlint.toml").write_text("data-files = false\n")
        assert self.codes(tmp_path) == 0


class TestHdf5:
    READINGS = ("f['x'][:]", "f['g']['x'][...]", "f['g/x'][()]", "np.array(f.get('x'))")

    @pytest.mark.parametrize("reading", READINGS)
    def test_arrays(self, tmp_path: Path, reading: str) -> None:
        h5py = pytest.importorskip("h5py")
        with h5py.File(tmp_path / "d.h5", "w") as file:
            file["x"] = file["g/x"] = np.zeros((40, 30, 9), "f4")
        for opening in ("f = h5py.File('d.h5', 'r')", "f = h5py.File('d.h5')"):
            program = PROGRAM.replace("x = np.load('x.npy')", f"import h5py\n{opening}\nx = {reading}")
            assert codes(tmp_path, program) == ["LL202"]
            assert codes(tmp_path, program.replace("Input((30, 7))", "Input((30, 9))")) == []
        assert codes(tmp_path, program.replace("'d.h5'", "'d.h5', 'a'")) == []

    def test_links_are_not_followed_and_damage_does_no_harm(self, tmp_path: Path) -> None:
        h5py = pytest.importorskip("h5py")
        program = PROGRAM.replace("x = np.load('x.npy')", "import h5py\nx = h5py.File('d.h5', 'r')['x'][:]")
        with h5py.File(tmp_path / "other.h5", "w") as file:
            file["x"] = np.zeros((40, 30, 9))
        with h5py.File(tmp_path / "d.h5", "w") as file:
            file["x"] = h5py.ExternalLink("other.h5", "x")
            file["loop"] = h5py.SoftLink("/loop")
            file["g/self"] = file["/"]
        assert codes(tmp_path, program) == []
        whole = (tmp_path / "other.h5").read_bytes()
        for place in (9, 40, 100, 500, 800):
            (tmp_path / "d.h5").write_bytes(whole[:place] + b"\xff\xff\xff" + whole[place + 3 :])
            codes(tmp_path, program)
            (tmp_path / "d.h5").write_bytes(whole[:place])
            assert codes(tmp_path, program) == []
