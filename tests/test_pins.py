"""Which Keras a project means: the files, the program's own words, nearness and exactness."""

from __future__ import annotations

from pathlib import Path

import pytest

from lstmlint import pins
from lstmlint.keras.versions import Version

K2, T2, K3 = Version.K2, Version.T2, Version.K3
OLD = "from keras.models import Sequential\n"
TF = "import tensorflow as tf\nfrom tensorflow.keras import layers\n"


@pytest.fixture(autouse=True)
def _fresh() -> None:
    pins.forget()


def version(root: Path, text: str = OLD, installs: tuple[str, ...] = (), folder: Path | None = None) -> Version | None:
    """The generation found for a program in `folder`."""
    found = pins.project_version(root, text, installs, folder or root)
    return found.version if found else None


def write(folder: Path, **files: str) -> None:
    """Files by name, `__` standing for a dot and `___` for a slash."""
    for name, text in files.items():
        path = folder / name.replace("___", "/").replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


SPECIFIERS = [
    # (requirement, for `import keras`, for `import tensorflow.keras`)
    ("keras==2.2.4", K2, T2),
    ("Keras==2.3.1", K2, T2),
    ("keras==2.4.3", T2, T2),
    ("keras==2.15.0", T2, T2),
    ("keras==3.3.3", K3, K3),
    ("keras<2.4", K2, T2),
    ("keras<3", T2, T2),
    ("keras<3.0.0", T2, T2),
    ("keras~=2.10", T2, T2),
    ("keras>=2.0,<2.4", K2, T2),
    ("keras>=3", K3, K3),
    ("keras>=2", None, None),
    ("keras", None, None),
    ("keras-tuner==1.4.7", None, None),
    ("keras-preprocessing==1.1.2", None, None),
    ("tensorflow==1.15.0", K2, T2),
    ("tensorflow-gpu==1.14", K2, T2),
    ("tensorflow==2.3.1", T2, T2),
    ("tensorflow==2.10.0", T2, T2),
    ("tensorflow_cpu==2.10", T2, T2),
    ("tensorflow[and-cuda]==2.15.0.post1", T2, T2),
    ("tensorflow == 2.15.*", T2, T2),
    ("tensorflow<2.16", T2, T2),
    ("tensorflow<2.16.0", T2, T2),
    ("tensorflow<=2.15", T2, T2),
    ("tensorflow<=2.16", None, None),
    ("tensorflow~=2.15.0", T2, T2),
    ("tensorflow~=2.10", None, None),
    ("tensorflow>=1.15, <2", K2, T2),
    ("tensorflow>=2", None, None),
    ("tensorflow!=2.11", None, None),
    ("tensorflow==2.16.1", K3, K3),
    ("tensorflow>=2.16", K3, K3),
    ("tensorflow-datasets==1.0", None, None),
    ("tensorflow==2.10.0 ; python_version < '3.11'  # the last with a GPU on Windows", T2, T2),
    ("    tensorflow==2.10.0 \\\n    --hash=sha256:0123", T2, T2),
    ("# tensorflow==2.10.0", None, None),
    ("https://storage.googleapis.com/tensorflow/linux/cpu/tensorflow-1.15.0-cp37-cp37m-linux_x86_64.whl", K2, T2),
    ("tensorflow @ https://example.org/tensorflow_cpu-2.9.1-cp39-cp39-linux_x86_64.whl", T2, T2),
    ("tensorflow==abc", None, None),
    ("tensorflow>=2.12,<2.10", None, None),
]


@pytest.mark.parametrize(("requirement", "standalone", "tensorflow"), SPECIFIERS, ids=[row[0] for row in SPECIFIERS])
def test_requirement(requirement: str, standalone: Version | None, tensorflow: Version | None, tmp_path: Path) -> None:
    write(tmp_path, requirements__txt=f"numpy==1.26\n{requirement}\npandas\n")
    assert version(tmp_path, OLD) is standalone
    assert version(tmp_path, TF) is tensorflow


FILES = [
    # (file, content, for `import tensorflow.keras`)
    ("pyproject.toml", '[project]\ndependencies = ["numpy", "tensorflow>=2.8,<2.16"]\n', T2),
    ("pyproject.toml", "[project.optional-dependencies]\nml = ['tensorflow[and-cuda] == 2.12.*']\n", T2),
    ("pyproject.toml", '[tool.poetry.dependencies]\npython = "^3.9"\ntensorflow = "2.10"\n', T2),
    ("pyproject.toml", '[tool.poetry.dependencies]\ntensorflow = "~2.10.1"\n', T2),
    ("pyproject.toml", '[tool.poetry.dependencies]\ntensorflow = "^2.10"\n', None),
    ("pyproject.toml", '[tool.poetry.dependencies]\nkeras = "^2.10"\n', T2),
    ("pyproject.toml", '[tool.poetry.dependencies]\ntensorflow = {version = "2.10.0", extras = ["x"]}\n', T2),
    ("pyproject.toml", '[tool.poetry.dependencies.tensorflow]\nextras = ["x"]\nversion = "==2.10.0"\n', T2),
    ("pyproject.toml", '[tool.poetry.dependencies.tensorflow]\nversion = "==2.10.0"\noptional = true\n', T2),
    (
        "pyproject.toml",
        '[tool.poetry.dependencies]\ntensorflow = [\n {version = "2.10", markers = "a"},\n {version = "2.12"},\n]\n',
        T2,
    ),
    ("pyproject.toml", '[project]\nname = "x"\ndescription = "Keras 2.2 and TensorFlow 1.15 models"\n', None),
    ("pyproject.toml", '[project]\nkeywords = ["keras", "tensorflow"]\n', None),
    ("pyproject.toml", '[project]\ndependencies = [\n  # "tensorflow==2.10",\n  "tensorflow",\n]\n', None),
    ("pyproject.toml", '[tool.lstmlint]\nkeras-version = "2.2"\n', None),
    ("requirements-dev.txt", "tensorflow==2.11\n", T2),
    ("dev-requirements.txt", "tensorflow==2.11\n", T2),
    ("requirements/base.txt", "tensorflow==2.11\n", T2),
    ("constraints.txt", "tensorflow<2.12\n", T2),
    ("setup.cfg", "[options]\ninstall_requires =\n    numpy\n    tensorflow==2.4.1\n", T2),
    ("setup.py", "setup(install_requires=['numpy', 'tensorflow>=2.0,<2.5'])\n", T2),
    ("setup.py", "setup(install_requires=[\n    # 'tensorflow==2.0',\n])\n", None),
    ("Pipfile", '[packages]\ntensorflow = "==2.10"\nkeras = "*"\n', T2),
    ("Pipfile.lock", '{"default": {"tensorflow": {"hashes": ["sha256:1"], "version": "==2.9.1"}}}', T2),
    ("poetry.lock", '[[package]]\nname = "tensorflow"\nversion = "2.13.0"\ndescription = ""\n', T2),
    ("uv.lock", '[[package]]\nname = "keras"\nversion = "3.6.0"\nsource = { registry = "x" }\n', K3),
    ("pdm.lock", '[[package]]\nname = "tensorflow-intel"\nversion = "2.13.0"\n', T2),
    ("environment.yml", "name: keras\ndependencies:\n  - python=3.8\n  - tensorflow=2.3\n", T2),
    ("environment.yaml", "dependencies:\n  - conda-forge::tensorflow-gpu=2.4.1=h30adc30_0\n", T2),
    ("environment.yml", "dependencies:\n  - pip:\n    - tensorflow==2.10.1\n", T2),
    ("conda.yaml", "dependencies:\n  - tensorflow >=2.3,<2.4.0a0\n", T2),
    ("environment.yml", "dependencies:\n  - tensorflow=2\n", None),
    ("pixi.toml", '[dependencies]\ntensorflow = ">=2.10,<2.11"\n', T2),
    (".venv/lib/python3.9/site-packages/tensorflow-2.10.1.dist-info/METADATA", "", T2),
    ("venv/Lib/site-packages/tensorflow_intel-2.10.1.dist-info/METADATA", "", T2),
    ("env/lib/python3.11/site-packages/keras-3.4.1.dist-info/METADATA", "", K3),
    (".venv/lib/python3.11/site-packages/tf_keras-2.16.0.dist-info/METADATA", "", None),
    (".venv/lib/python3.11/site-packages/tensorflow_datasets-1.0.dist-info/METADATA", "", None),
    ("notes.txt", "tensorflow==2.10\n", None),
]


@pytest.mark.parametrize(("name", "content", "expected"), FILES, ids=[f"{row[0]}: {row[1]!r}" for row in FILES])
def test_file(name: str, content: str, expected: Version | None, tmp_path: Path) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    assert version(tmp_path, TF) is expected


PROGRAMS = [
    # (program, installs, expected)
    ("import tf_keras\n", (), T2),
    ("from tf_keras.layers import LSTM\n", (), T2),
    ("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nimport tensorflow as tf\n", (), T2),
    ('import os\nos.environ.setdefault("TF_USE_LEGACY_KERAS", "True")\nimport tensorflow as tf\n', (), T2),
    ("# os.environ['TF_USE_LEGACY_KERAS'] = '1'\nimport tensorflow as tf\n", (), None),
    ("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '0'\nimport tensorflow as tf\n", (), None),
    ("import os\nos.environ['TF_USE_LEGACY_KERAS'] = '1'\nimport keras\n", (), None),
    ('# /// script\n# dependencies = [\n#   "tensorflow<2.16",\n# ]\n# ///\nimport tensorflow\n', (), T2),
    (TF, ("tensorflow==2.10",), T2),
    (TF, ('-q "tensorflow<2.16" pandas',), T2),
    (TF, ("tensorflow==2.10", "tensorflow==2.18"), K3),
    (TF, ("tensorflow", "-U keras"), None),
    (OLD, ("tensorflow==1.15",), K2),
    (OLD, ("tensorflow==1.15 keras==2.3.1",), K2),
]


@pytest.mark.parametrize(("text", "installs", "expected"), PROGRAMS)
def test_program(text: str, installs: tuple[str, ...], expected: Version | None, tmp_path: Path) -> None:
    assert version(tmp_path, text, installs) is expected


def test_nothing_is_known_of_an_empty_project(tmp_path: Path) -> None:
    assert version(tmp_path) is None


def test_the_nearest_folder_wins_and_the_program_before_it(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="keras==3.0\n", old___requirements__txt="keras==2.2.4\n")
    inner = tmp_path / "old" / "models"
    inner.mkdir()
    assert version(tmp_path, folder=inner) is K2
    assert version(tmp_path, folder=tmp_path) is K3
    assert version(tmp_path, folder=inner, installs=("keras==2.10",)) is T2


def test_an_open_requirement_nearby_does_not_hide_a_pin_further_up(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="keras==2.2.4\n", inner___requirements__txt="keras>=2\n")
    assert version(tmp_path, folder=tmp_path / "inner") is K2


def test_nothing_above_the_root_is_read(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="keras==2.2.4\n", project___lib___x__py="")
    assert version(tmp_path / "project", folder=tmp_path / "project" / "lib") is None


def test_a_folder_outside_the_root_speaks_for_itself_only(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="keras==2.2.4\n", root___x__py="", elsewhere___x__py="")
    assert version(tmp_path / "root", folder=tmp_path / "elsewhere") is None


def test_the_more_exact_statement_wins(tmp_path: Path) -> None:
    write(
        tmp_path,
        pyproject__toml='[project]\ndependencies = ["tensorflow>=2.16"]\n',
        requirements__txt="tensorflow==2.10\n",
    )
    assert version(tmp_path, TF) is T2
    pins.forget()
    write(tmp_path, uv__lock='[[package]]\nname = "tensorflow"\nversion = "2.18.0"\n')
    assert version(tmp_path, TF) is K3
    pins.forget()
    (tmp_path / ".venv/lib/python3.10/site-packages/tensorflow-2.12.0.dist-info").mkdir(parents=True)
    assert version(tmp_path, TF) is T2


def test_equals_that_disagree_say_nothing(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="tensorflow==2.10\n", requirements_new__txt="")
    (tmp_path / "requirements-new.txt").write_text("tensorflow==2.18\n")
    assert version(tmp_path, TF) is None


def test_the_package_that_is_imported_decides(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="keras==2.3.1\ntensorflow==2.2.0\n")
    assert version(tmp_path, OLD) is K2
    assert version(tmp_path, TF) is T2


def test_reason_and_files_are_told(tmp_path: Path) -> None:
    write(tmp_path, requirements__txt="tensorflow==2.10.0\n", sub___environment__yml="dependencies:\n  - numpy\n")
    found = pins.project_version(tmp_path, TF, (), tmp_path / "sub")
    assert found == pins.Pinned(T2, "requirements.txt: tensorflow==2.10.0")
    folder = pins.folder_pins(tmp_path, tmp_path / "sub")
    assert folder.read == (tmp_path / "sub/environment.yml", tmp_path / "requirements.txt")
    assert folder.key == "2.15/2.15"


def test_requirements_of_powershell_are_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes("tensorflow==2.10.0\r\n".encode("utf-16"))
    assert version(tmp_path, TF) is T2


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\x00" * 100, b"tensorflow==" + b"9" * 10_000, b"[" * 100_000])
@pytest.mark.parametrize(
    "name", ["requirements.txt", "pyproject.toml", "poetry.lock", "Pipfile.lock", "environment.yml"]
)
def test_garbage_is_passed_over(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert version(tmp_path, TF) in (None, K3)


@pytest.mark.parametrize(
    "name", ["requirements.txt", "pyproject.toml", "poetry.lock", "Pipfile.lock", "environment.yml", "setup.py"]
)
@pytest.mark.parametrize(
    "unit", ['tensorflow["', '"tensorflow": {', "\ntensorflow = [", "- tensorflow=", '\nname = "keras"', "/keras-1.1"]
)
def test_long_hostile_files_are_read_in_linear_time(name: str, unit: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(unit * (pins.MOST_BYTES // len(unit)))
    assert version(tmp_path, TF) is None


def test_folders_in_place_of_files_and_dangling_links_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").mkdir()
    (tmp_path / "pyproject.toml").symlink_to(tmp_path / "gone")
    (tmp_path / ".venv").write_text("")
    assert version(tmp_path, TF) is None
