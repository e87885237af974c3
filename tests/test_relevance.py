"""Which files can have to do with Keras: by their words, and by what they import from the project."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from lstmlint.relevance import Relevance
from lstmlint.source.project import Project


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def concerns(folder: Path, name: str) -> bool:
    path = folder / name
    return Relevance(str(folder)).concerns_keras(str(path), path.read_bytes())


PROJECT = {
    "models.py": "import keras\n",
    "plain.py": "import os\n",
    "package/__init__.py": "",
    "package/layers.py": "from tensorflow import keras\n",
    "package/tools.py": "x = 1\n",
    "package/inner/deep.py": "from ..layers import build\n",
    "src/library/__init__.py": "from keras import layers\n",
    "uses_keras_twice_removed.py": "import package.inner.deep\n",
}

IMPORTS = [
    ("import keras\n", True),
    ("x = 1\n", False),
    ("import models\n", True),
    ("import plain\n", False),
    ("import plain, models\n", True),
    ("import models as m\n", True),
    ("from models import build\n", True),
    ("from models import (\n    build,  # (why)\n    train,\n)\n", True),
    ("if True:\n\timport models\n", True),
    ("import package.layers\n", True),
    ("from package import layers\n", True),
    ("from package import tools, layers\n", True),
    ("from package import (\n    tools,\n    layers as l,\n)\n", True),
    ("from package import tools, \\\n    layers\n", True),
    ("from package import tools\n", False),
    ("from package.tools import layers\n", False),
    ("import package\n", False),
    ("from . import models\n", True),
    ("from .models import build\n", True),
    ("from .package import layers\n", True),
    ("from . import plain\n", False),
    ("from .src.library import plain\n", True),
    ("import library\n", True),
    ("import uses_keras_twice_removed\n", True),
    ("import models_of_another\n", False),
    ("x = 'no import models here'\n", False),
    ("important = 1\nfrom_models = 2\n", False),
    ("import models\r\n", True),
    ("import os\rimport models\r", True),
    (">>> import models\n", True),
    ('  "import models\\n",\n', True),
    ('  "from models import build\\n",\n', True),
]


@pytest.mark.parametrize(("text", "expected"), IMPORTS, ids=[row[0] for row in IMPORTS])
def test_imports(text: str, expected: bool, tmp_path: Path) -> None:
    write(tmp_path, {**PROJECT, "main.py": text})
    assert concerns(tmp_path, "main.py") is expected


def test_circles_end(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "import b\n", "b.py": "import a, c\n", "c.py": "import b\n"})
    assert not concerns(tmp_path, "a.py")
    write(tmp_path, {"c.py": "import b, keras\n"})
    assert concerns(tmp_path, "a.py")


def test_nothing_outside_of_the_root_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"models.py": "import keras\n", "project/main.py": "import models\nfrom .. import models\n"})
    (tmp_path / "project" / "linked.py").symlink_to(tmp_path / "models.py")
    write(tmp_path, {"project/uses_link.py": "import linked\n"})
    assert not concerns(tmp_path / "project", "main.py")
    assert not concerns(tmp_path / "project", "uses_link.py")


@pytest.mark.parametrize(
    "data", [b"import", b"from import", b"from . import (", b"import \\", b"\0import a\xff", b"from ...... import x"]
)
def test_what_is_no_python_is_passed_over(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_bytes(data)
    assert not concerns(tmp_path, "main.py")


_IMPORT = re.compile(
    rb"""^[ \t\f]*(?:>>>[ ]|"[ ]*)?   # a line of code in a notebook is a JSON string
    (?:from[ \t]+(?P<dots>[. \t]*)(?P<source>[\w.]*)[ \t]+import\b(?P<names>(?:[^\r\n\#;"\\]|\\\r?\n)*)
     | import[ \t]+(?P<modules>[\w.][\w., \t]*))""",
    re.MULTILINE | re.VERBOSE,
)


def imported_modules(data: bytes) -> list[tuple[str, int]]:
    """A quick list of what the file may import: (module, leading dots), in order, without repetition.

    `from a import b` gives `a` and `a.b`, for `b` may be a module.  Found by pattern: imports in strings are listed
    too, imports that hide behind `;` or `exec` are not.
    """
    found: dict[tuple[str, int], None] = {}
    for match in _IMPORT.finditer(data):
        if match.group("modules") is not None:
            for module in match.group("modules").decode("utf-8", "replace").split(","):
                found[module.split(" as ")[0].strip(), 0] = None
            continue
        level = match.group("dots").count(b".")
        source = match.group("source").decode("utf-8", "replace")
        level += len(source) - len(source.lstrip("."))
        source = source.lstrip(".")
        if source:
            found[source, level] = None
        for name in _imported_names(data, match):
            found[f"{source}.{name}" if source else name, level] = None
    return [key for key in found if key[0]]


_CONTINUED = re.compile(rb"[ \t]*\(([^)]*)\)")
_COMMENT = re.compile(rb"#[^\r\n]*")


def _imported_names(data: bytes, match: re.Match[bytes]) -> list[str]:
    inside = _CONTINUED.match(data, match.start("names"))
    listed = _COMMENT.sub(b"", inside.group(1)) if inside else match.group("names")
    names = (part.split() for part in listed.decode("utf-8", "replace").replace("\\", " ").split(","))
    return [words[0] for words in names if words and words[0].isidentifier()]


def reference(project: Project, path: Path, seen: set[Path]) -> bool:
    """The same question, answered without a memory."""
    seen.add(path)
    data = path.read_bytes()
    if b"keras" in data:
        return True
    found = (project.resolve(module, level, path) for module, level in imported_modules(data))
    return any(reference(project, target, seen) for target in list(found) if target is not None and target not in seen)


@pytest.mark.parametrize("seed", range(20))
def test_agrees_with_a_search_without_memory(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    names = ["a", "b", "p.__init__", "p.c", "p.d", "p.q.__init__", "p.q.e", "src.f"]
    lines = [
        "import a",
        "import b, p",
        "from p import c, d",
        "from p.q import e",
    ]
    lines += ["from .q import (e,\n  c)", "import p.q.e as e", "import f", "from f import g", "x = 1", "import os"]
    for name in names:
        text = "\n".join(chance.sample(lines, 2)) + "\n" + ("import keras\n" if chance.random() < 0.12 else "")
        write(tmp_path, {name.replace(".", "/") + ".py": text})
    relevance, project = Relevance(str(tmp_path)), Project(tmp_path)
    paths = sorted(tmp_path.rglob("*.py"))
    chance.shuffle(paths)
    for path in paths:
        assert relevance.concerns_keras(str(path), path.read_bytes()) is reference(project, path, set()), path
