"""The models of numpy: against a table of wanted shapes, and the table against numpy itself."""

from __future__ import annotations

import pytest
from evaluation import run
from library_cases import cases, check_claim, check_truth

from lstmlint.libraries.arrays import Array, Range

PRELUDE = """
import numpy as np
x = np.zeros((n, 5, 3))
m = np.ones((n, 4))
v = np.arange(n)
k = int(n * 0.8)
"""


@pytest.mark.parametrize(("code", "shape"), cases("numpy"))
def test_shape_is_known(code: str, shape: str) -> None:
    check_claim(PRELUDE, code, shape)


@pytest.mark.parametrize(("code", "shape"), cases("numpy"))
@pytest.mark.filterwarnings("ignore")
def test_numpy_agrees(code: str, shape: str) -> None:
    pytest.importorskip("numpy")
    check_truth(PRELUDE, code, shape)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("np.array([0, 1, 2])", Range(0, 2, integral=True, reached=True)),
        ("np.array([[3, 1], [2, 1]])", Range(1, 3, integral=True, reached=True)),
        ("np.array([3, 1, 2]).reshape(-1, 1).astype('float32') - 1", Range(0, 2, integral=True, reached=True)),
        ("np.array([3, 1, 2])[:2]", Range(1, 3, integral=True)),
        ("np.array([3, 1, 2])[np.array([3, 1, 2]) > 1]", Range(1, 3, integral=True)),
        ("np.random.choice(np.array([3, 1, 2]), 2)", Range(1, 3, integral=True)),
        ("np.random.randint(0, 3, 200)", Range(0, 2, integral=True, reached=True, spans=(0, 2))),
        ("np.random.randint(0, 3, 20)", Range(0, 2, integral=True, spans=(0, 2))),
        ("np.random.randint(0, 3, 200)[50:] + 1", Range(1, 3, integral=True, spans=(1, 3))),
        ("np.random.randint(0, 3, 200)[np.random.randint(0, 3, 200) < 2]", Range(0, 2, integral=True)),
        ("np.arange(100) % 3", Range(0, 2, integral=True, spans=(0, 2))),
        ("np.array([0, 200]).astype('uint8') + 100", None),
        ("np.array([0, 200]).astype('uint8') / 255", Range(0, 200 / 255, reached=True)),
        ("np.array([0, 200]) % 3", Range(0, 2, integral=True)),
        ("np.random.randint(0, 3, size=n)", Range(0, 2, integral=True, spans=(0, 2))),
        ("np.random.randint(5, size=(n, 1))", Range(0, 4, integral=True, spans=(0, 4))),
        ("np.random.rand(n, 2)", Range(0, 1)),
        ("np.random.binomial(1, 0.5, n)", Range(0, 1, integral=True)),
        ("np.eye(3)[np.random.randint(0, 3, n)]", Range(0, 1, integral=True, one_hot=True)),
        ("np.argmax(m, axis=1)", Range(0, 3, integral=True)),
        ("np.random.randint(0, 3, n).reshape(-1, 1)", Range(0, 2, integral=True, spans=(0, 2))),
        ("np.random.randint(0, 3, n) + 1", Range(1, 3, integral=True, spans=(1, 3))),
        ("m * 2", None),
        ("np.where(m > 0, 1, 0)", Range(0, 1, integral=True, spans=(0, 1))),
    ],
)
def test_limits_of_values(code: str, values: Range | None) -> None:
    program = run(f"from data import mystery\nn = len(mystery)\n{PRELUDE}\nresult = {code}")
    result = program.value("result")
    assert isinstance(result, Array)
    assert result.range == values


def test_assignment_forgets_limits() -> None:
    program = run("import numpy as np\ny = np.random.randint(0, 3, 10)\ny[y == 2] = 1")
    result = program.value("y")
    assert isinstance(result, Array)
    assert result.range is None
    assert str(result.shape) == "(10,)"


UNKNOWN_FILE = """
import numpy as np
data = np.load("f.npz")
x = data["x"]
y = np.load("y.npy")
"""


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("x.shape[1] == x.shape[1]", "True"),
        ("data['x'].shape[1] == x.shape[1]", "True"),
        ("x.shape[1] == data['y'].shape[1]", "?bool"),
        ("x.reshape(-1, 10, 2)", "(result.shape[0], 10, 2)"),
        ("x.reshape(x.shape[0], 1, x.shape[1])", "(data['x'].shape[0], 1, data['x'].shape[1])"),
        ("np.zeros(x.shape[0])", "(data['x'].shape[0],) float64"),
        ("(x / 255.0).shape[2] == x.shape[2]", "True"),
        ("np.zeros(x.shape).shape[2] == x.shape[2]", "True"),
        ("x.reshape(-1, 8).shape[0] == y.reshape(-1, 8).shape[0]", "?bool"),
        ("np.stack([x, x], axis=-1).shape[-1]", "2"),
        ("np.stack([x, x], axis=-1)", "(…, 2)"),
        ("np.loadtxt('a.txt')", "(…)"),
    ],
)
def test_unknown_file(code: str, shown: str) -> None:
    assert run(f"{UNKNOWN_FILE}\nresult = {code}").show("result") == shown


def test_unpacking_proves_a_rank() -> None:
    program = run(f"{UNKNOWN_FILE}\nn, t, f = x.shape\nresult = x / 2.0\nother = x[:, 0]")
    assert program.show("result") == "(data['x'].shape[0], data['x'].shape[1], data['x'].shape[2])"
    assert program.show("other") == "(data['x'].shape[0], data['x'].shape[2])"


def test_shuffle_keeps_the_shape_and_forgets_the_order() -> None:
    program = run("import numpy as np\na = np.zeros((4, 2))\nb = [1, 'x']\nnp.random.shuffle(a)\nnp.random.shuffle(b)")
    assert program.show("a") == "(4, 2) float64"
    assert program.show("b") == "[? × 2]"


def test_rows_of_different_lengths() -> None:
    result = run("import numpy as np\nr = np.array([[1, 2], [3]], dtype=object)\ns = np.array([[1, 2], [3]])")
    ragged = result.value("s")
    assert isinstance(ragged, Array)
    assert ragged.ragged
    assert result.show("s") == "(2,) object"


def test_windows_of_a_loop() -> None:
    program = run(
        """
        import numpy as np
        from data import mystery
        series = np.zeros((len(mystery), 4))
        x, y = [], []
        for i in range(60, len(series)):
            x.append(series[i - 60:i, :])
            y.append(series[i, 0])
        x, y = np.array(x), np.array(y)
        """
    )
    assert program.show("x").endswith(", 60, 4) float64")
    assert program.show("y").count(",") == 1
