"""The models of pandas: against a table of wanted shapes, and the table against pandas itself."""

from __future__ import annotations

import pytest
from evaluation import run
from library_cases import cases, check_claim, check_truth

PRELUDE = """
import numpy as np
import pandas as pd
df = pd.DataFrame(np.ones((n, 4)), columns=["a", "b", "c", "d"])
q = pd.DataFrame(np.ones((n, w)), columns=labels)
s = df["a"]
"""


@pytest.mark.parametrize(("code", "shape"), cases("pandas"))
def test_shape_is_known(code: str, shape: str) -> None:
    check_claim(PRELUDE, code, shape)


@pytest.mark.parametrize(("code", "shape"), cases("pandas"))
@pytest.mark.filterwarnings("ignore")
def test_pandas_agrees(code: str, shape: str) -> None:
    pytest.importorskip("pandas")
    check_truth(PRELUDE, code, shape)


FILE = """
import numpy as np
import pandas as pd
df = pd.read_csv("prices.csv")
"""


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("df.shape", "(len(df), df.shape[1])"),
        ("len(df)", "len(df)"),
        ("df.Close.values.reshape(-1, 1)", "(len(df), 1) scalar"),
        ("df['2017']", "?"),
        ("df['Close']", "(len(df),) scalar"),
        ("df[unknown_name]", "?"),
        ("df.groupby('a').mean()", "(len(result), result.shape[1]) float64"),
        ("df.groupby('a').apply(len)", "?"),
        ("df.groupby('a')[unknown_name].mean()", "?"),
        ("pd.read_csv('a.csv', names=['a', 'b']).values", "(len(result), 2) scalar"),
        ("pd.read_csv('a.csv', usecols=['a', 'b', 'c']).values", "(len(result), 3) scalar"),
        ("pd.read_csv('a.csv', usecols=['a', 'b', 'c'], index_col='a').values", "(len(result), 2) scalar"),
        ("pd.read_csv('a.csv', usecols=[1, 2], header=None).values", "(len(result), 2) scalar"),
        ("pd.read_csv('a.csv', header=[0, 1])", "?"),
        ("pd.read_csv('a.csv', chunksize=10)", "?"),
        (
            "pd.read_csv('a.csv', usecols=['a', 'b'], parse_dates={'t': ['a', 'b']})",
            "(len(result), result.shape[1]) scalar",
        ),
        ("pd.read_excel('a.xls', sheet_name=None)", "?"),
        ("df.iloc[:, 0:41]", "(len(df), 41) scalar"),
        ("df.iloc[:, 41]", "(len(df),) scalar"),
        ("df.as_matrix()", "(len(df), df.shape[1]) scalar"),
        ("df.ix[:, 0]", "(len(df),) scalar"),
        ("np.array([float(x) for x in df['Close']])", "(len(df),) float64"),
        ("df['Close'].values.astype('float32')", "(len(df),) float32"),
        ("df['tokens'].apply(lambda text: text.split())", "?"),
    ],
)
def test_unknown_file(code: str, shown: str) -> None:
    assert run(f"{FILE}\nresult = {code}").show("result") == shown


def test_columns_of_a_frame_are_followed_through_functions() -> None:
    program = run(
        """
        import pandas as pd
        frame = pd.read_csv("a.csv", names=["a", "b", "c"])
        def add(table):
            table["new"] = table["a"] - table["b"]
            table.drop("c", axis=1, inplace=True)
            table["more"] = 1
        add(frame)
        other = frame
        del other["a"]
        result = frame.shape[1]
        """
    )
    assert program.show("result") == "3"


def test_a_branch_that_adds_a_column_leaves_the_width_open() -> None:
    program = run(
        """
        import pandas as pd
        from settings import extra
        frame = pd.read_csv("a.csv", names=["a", "b", "c"])
        if extra:
            frame["new"] = 1
        result = frame.values
        """
    )
    assert program.show("result") != "(len(frame), 3) scalar"


@pytest.mark.parametrize(
    ("mapping", "limits"),
    [("{'neg': 0, 'pos': 1}", (0, 1)), ("{'a': 1, 'b': 2, 'c': 3}", (1, 3)), ("{'a': 'x'}", None)],
)
def test_a_map_tells_the_values(mapping: str, limits: tuple[int, int] | None) -> None:
    program = run(f"{FILE}\nresult = df['label'].map({mapping}).values")
    found = program.value("result").range  # type: ignore[attr-defined]
    assert (None if found is None else (found.low, found.high)) == limits
