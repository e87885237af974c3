"""What lstmlint claims of the values in programs holds when they run (`truth/harness.py` measures other programs)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from truth.harness import Worker, held_against, programs

FOLDER = Path(__file__).parent / "fixtures" / "truth"
PLAIN = sorted(FOLDER.glob("*.py"))
WITH_KERAS = sorted((FOLDER / "keras").glob("*.py"))


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    made = Worker(keras=False)
    yield made
    made.close()


@pytest.fixture(scope="module")
def keras_worker() -> Iterator[Worker]:
    pytest.importorskip("tensorflow")
    made = Worker(keras=True)
    yield made
    made.close()


def held(path: Path, worker: Worker) -> None:
    (program,) = programs([path])
    found, raised = held_against(worker, program)
    assert raised is None
    assert found.contradictions == []
    assert found.arrays > 0


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: path.stem)
def test_claims_hold(path: Path, worker: Worker) -> None:
    held(path, worker)


@pytest.mark.keras
@pytest.mark.parametrize("path", WITH_KERAS, ids=lambda path: path.stem)
def test_claims_hold_with_keras(path: Path, keras_worker: Worker) -> None:
    held(path, keras_worker)


FALSE = [
    ("import numpy as np\nx = np.zeros((3, 2))\n", 2, "x", ["array", "numpy.ndarray", [3, 4], "float64"]),
    ("import numpy as np\nx = np.zeros((3, 2))\n", 2, "x", ["array", "numpy.ndarray", [3, 2], "int64"]),
    ("x = [1, 2]\n", 1, "x", ["items", "list", 3, []]),
    ("x = 'a' + input()\n", 1, "x", ["const", "int", 3]),
]


@pytest.mark.parametrize(("text", "row", "name", "real"), FALSE)
def test_a_false_claim_is_told(text: str, row: int, name: str, real: list[object]) -> None:
    from truth.claims import compare
    from truth.harness import claimed_of

    assert compare(claimed_of(text).found, [[row, name, real]], [[row, name, 1]]).contradictions


def test_one_symbol_stands_for_one_number() -> None:
    from truth.claims import compare
    from truth.harness import claimed_of

    text = "import numpy as np\nd = np.load('d.npy')\na = np.zeros(len(d))\nb = np.zeros(len(d) + 1)\n"
    seen = [[3, "a", ["array", "numpy.ndarray", [5], "float64"]], [4, "b", ["array", "numpy.ndarray", [7], "float64"]]]
    claimed = claimed_of(text).found
    assert compare(claimed, seen, [[3, "a", 1], [4, "b", 1]]).contradictions
    seen[1][2][2] = [6]  # type: ignore[index]
    assert not compare(claimed, seen, [[3, "a", 1], [4, "b", 1]]).contradictions
