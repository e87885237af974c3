"""Where the data of a call come from, read off the names in a file: what `known_data.py` counts by."""

from __future__ import annotations

import ast
from collections.abc import Iterator

MADE, READ, ELSEWHERE = "made in the file", "read from files", "from elsewhere"

#: Calls (by the end of their names) that bring in what stands in files, archives or services.
READERS = frozenset(
    [
        "read_csv",
        "read_table",
        "read_fwf",
        "read_excel",
        "read_json",
        "read_parquet",
        "read_feather",
        "read_sql",
        "read_pickle",
        "read_hdf",
        "read_html",
        "loadtxt",
        "genfromtxt",
        "fromfile",
        "memmap",
        "load",
        "loads",
        "open",
        "File",
        "loadmat",
        "imread",
        "load_img",
        "imdecode",
        "open_dataset",
        "listdir",
        "glob",
        "rglob",
        "iglob",
        "walk",
        "scandir",
        "flow_from_directory",
        "flow_from_dataframe",
        "image_dataset_from_directory",
        "text_dataset_from_directory",
        "audio_dataset_from_directory",
        "TFRecordDataset",
        "TextLineDataset",
        "CsvDataset",
        "FixedLengthRecordDataset",
        "make_csv_dataset",
        "list_files",
        "as_dataset",
        "builder",
        "get_file",
        "urlopen",
        "urlretrieve",
        "get",
        "DataReader",
        "download",
        "make",
        "reader",
        "DictReader",
        "fetch_openml",
        "fetch_mldata",
        "fetch_20newsgroups",
        "fetch_lfw_people",
        "read_file",
        "readlines",
        "sents",
        "tagged_sents",
        "words",
        "load_from_json",
        "parse",
    ]
)


class Sources(ast.NodeVisitor):
    """What each name of a file is bound to or filled with, wherever that happens, and what is nobody's."""

    def __init__(self, tree: ast.AST) -> None:
        self.values: dict[str, list[ast.AST]] = {}
        self.foreign: set[str] = set()
        self.called = {_last(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        self.visit(tree)

    def _bind(self, target: ast.AST, value: ast.AST) -> None:
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                self.values.setdefault(part.id, []).append(value)
            elif isinstance(part, ast.Attribute):
                self.values.setdefault(part.attr, []).append(value)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            self._bind(target, node.value)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._bind(node.target, node.value)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self._bind(node.target, node.value)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self._bind(node.target, node.iter)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        self._bind(node.target, node.iter)
        self.generic_visit(node)

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self._bind(node.optional_vars, node.context_expr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """`windows.append(part)` fills `windows`; arguments go to the parameters of the file's own functions."""
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("append", "extend", "insert", "add", "update"):
            for value in node.args:
                self._bind(node.func.value, value)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.values.setdefault(node.name, []).append(node)
        names = [p.arg for p in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        is_called = node.name in self.called or node.name.startswith("__")
        if not is_called and not node.decorator_list:
            self.foreign.update(name for name in names if name not in ("self", "cls"))
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.values.setdefault(node.name, []).append(node)
        self.generic_visit(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or (node.module or "").partition(".")[0] not in LIBRARIES:
            self.foreign.update(alias.asname or alias.name for alias in node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.partition(".")[0] not in LIBRARIES:
                self.foreign.add(alias.asname or alias.name.partition(".")[0])


#: Libraries that bring no data of their own.
LIBRARIES = frozenset(
    [
        "__future__",
        "abc",
        "argparse",
        "collections",
        "copy",
        "csv",
        "datetime",
        "functools",
        "gc",
        "glob",
        "io",
        "itertools",
        "json",
        "logging",
        "math",
        "operator",
        "os",
        "pathlib",
        "pickle",
        "random",
        "re",
        "shutil",
        "string",
        "sys",
        "time",
        "types",
        "typing",
        "unicodedata",
        "warnings",
        "zipfile",
        "tarfile",
        "gzip",
        "urllib",
        "requests",
        "numpy",
        "pandas",
        "scipy",
        "sklearn",
        "keras",
        "tensorflow",
        "matplotlib",
        "seaborn",
        "cv2",
        "PIL",
        "h5py",
        "librosa",
        "tqdm",
        "nltk",
        "gensim",
        "joblib",
        "tensorflow_datasets",
        "tensorflow_hub",
        "tensorflow_text",
        "tensorflow_probability",
        "tf_keras",
        "keras_nlp",
        "keras_hub",
        "keras_cv",
        "statsmodels",
        "imblearn",
        "plotly",
        "skimage",
        "xgboost",
        "lightgbm",
        "theano",
        "torch",
        "jax",
        "six",
        "pylab",
        "IPython",
        "google",
        "yfinance",
        "pandas_datareader",
        "gym",
        "gymnasium",
    ]
)


def _last(function: ast.AST) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _mentioned(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr


def source_of(sources: Sources, call: ast.Call) -> str:
    """Where the data of a training come from: the widest reading, in which every value of a name counts."""
    data = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg in ("x", "y", "generator"))]
    seen: set[str] = set()
    waiting: list[ast.AST] = list(data)
    is_read = is_foreign = False
    while waiting:
        node = waiting.pop()
        is_read = is_read or any(_reads(part) for part in ast.walk(node) if isinstance(part, ast.Call))
        for name in _mentioned(node):
            is_foreign = is_foreign or (name in sources.foreign and name not in sources.values)
            if name not in seen:
                seen.add(name)
                waiting += sources.values.get(name, ())
    return ELSEWHERE if is_foreign else READ if is_read else MADE


def _reads(call: ast.Call) -> bool:
    name = _last(call.func)
    if name == "get" or name == "make" or name == "parse":  # of `requests`, of `gym`; a dict's are none
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        return isinstance(owner, ast.Name) and owner.id in ("requests", "gym", "gymnasium", "web")
    return name in READERS
