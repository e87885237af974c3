"""The models of scikit-learn: against a table of wanted shapes, and the table against scikit-learn itself."""

from __future__ import annotations

import pytest
from evaluation import run
from library_cases import cases, check_claim, check_truth

from lstmlint.libraries.arrays import Array, Range

PRELUDE = """
import numpy as np
import pandas as pd
from sklearn.datasets import (
    load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine, make_blobs, make_classification, make_moons,
    make_regression,
)
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.metrics import confusion_matrix, mean_squared_error
from sklearn.model_selection import KFold, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    LabelBinarizer, LabelEncoder, MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler,
    label_binarize,
    normalize, scale,
)
from sklearn.utils import shuffle
from sklearn.utils.class_weight import compute_class_weight, compute_sample_weight
x = np.zeros((n, 5, 3))
m = np.ones((n, 4))
r = np.random.rand(n, 4)
y = np.arange(n) % 2
df = pd.DataFrame(np.ones((n, 4)), columns=["a", "b", "c", "d"])
"""


@pytest.mark.parametrize(("code", "shape"), cases("sklearn"))
def test_shape_is_known(code: str, shape: str) -> None:
    check_claim(PRELUDE, code, shape)


@pytest.mark.parametrize(("code", "shape"), cases("sklearn"))
@pytest.mark.filterwarnings("ignore")
def test_sklearn_agrees(code: str, shape: str) -> None:
    pytest.importorskip("sklearn")
    check_truth(PRELUDE, code, shape)


IMPORTS = """
import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MinMaxScaler
df = pd.read_csv("x.csv")
x, y = df.values[:, :-1], df["label"]
"""


def test_a_split_keeps_kind_columns_and_limits() -> None:
    program = run(
        f"{IMPORTS}\nlabels = y.map({{'a': 0, 'b': 1}})\n"
        "x_train, x_test, y_train, y_test = train_test_split(df[['p', 'q']], labels, test_size=0.2)"
    )
    x_train, y_test = program.value("x_train"), program.value("y_test")
    assert isinstance(x_train, Array) and isinstance(y_test, Array)
    assert x_train.kind == "pandas.DataFrame"
    assert x_train.columns == ("p", "q")
    assert y_test.kind == "pandas.Series"
    assert y_test.range == Range(0, 1, integral=True, spans=(0, 1))


def test_two_splits_of_one_length_agree() -> None:
    program = run(
        f"{IMPORTS}\na, b = train_test_split(x, test_size=0.2)\nc, d = train_test_split(y, test_size=0.2)\n"
        "same = a.shape[0] == c.shape[0]\nother = a.shape[0] == len(df)\nboth = len(a) + len(b) == len(df)"
    )
    assert program.show("same") == "True"
    assert program.show("both") == "True"
    assert program.show("other") == "?bool"


def test_old_modules() -> None:
    program = run(
        "from sklearn.cross_validation import train_test_split\nimport numpy as np\n"
        "a, b = train_test_split(np.zeros((10, 2)), test_size=0.5)"
    )
    assert program.show("a") == "(5, 2) float64"


@pytest.mark.parametrize(("arguments", "ends"), [("", (0, 1)), ("feature_range=(-1, 1)", (-1, 1)), ("(0, 5)", (0, 5))])
def test_scaled_values(arguments: str, ends: tuple[int, int]) -> None:
    program = run(
        f"{IMPORTS}\nscaler = MinMaxScaler({arguments})\na = scaler.fit_transform(x)\nb = scaler.transform(x)"
    )
    fitted, other = program.value("a"), program.value("b")
    assert isinstance(fitted, Array) and isinstance(other, Array)
    assert fitted.range == Range(*ends, spans=ends)
    assert other.range == Range(spans=ends)  # other data may lie outside


def test_a_binarizer_has_one_width() -> None:
    program = run(
        f"{IMPORTS}\nb = LabelBinarizer()\none = b.fit_transform(y)\ntwo = b.transform(y[:10])\n"
        "same = one.shape[1] == two.shape[1]\nclasses = one.shape[1] == len(b.classes_)"
    )
    assert program.show("same") == "True"
    assert program.show("classes") == "?bool"


def test_folds_leave_their_number_open_by_default() -> None:
    program = run(
        f"{IMPORTS}\na = [x[i] for i, j in KFold().split(x)]\nb = [x[i] for i, j in KFold(n_splits=3).split(x)]"
    )
    assert "× ?" in program.show("a") or "× len" in program.show("a")
    assert program.show("b").endswith("× 3]")
