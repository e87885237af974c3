"""Data files of the project: what their headers prove, and that no file can mislead or harm."""

from __future__ import annotations

import json
import os
import pickle
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


class TestWhichFile:
    def test_folders_above_are_looked_at(self, tmp_path: Path) -> None:
        save(tmp_path / "data" / "x.npy", 40, 30, 9)
        program = tmp_path / "src" / "train.py"
        text = PROGRAM.replace("'x.npy'", "'data/x.npy'")
        found = analyse(str(program), text.encode(), Settings(str(tmp_path))).diagnostics
        assert [each.code for each in found] == ["LL202"]

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
        assert [each.code for each in result.diagnostics if each.code != "LL004"] == found


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
