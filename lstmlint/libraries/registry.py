"""The table of library models: marked with `@model`, found under their qualified names, loaded when first asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from lstmlint.interpreter.call import Handler
from lstmlint.interpreter.values import Site, Value

if TYPE_CHECKING:
    from lstmlint.interpreter.interpreter import Interpreter

F = TypeVar("F", bound=Handler)
#: How a library module tells what is not there (see `Library.absent`).
Absentees: TypeAlias = "Callable[[Interpreter, str, tuple[str, ...], Site | None, str], dict[str, Value]]"

#: Modules of this package by the first part of the qualified names that they model.
MODULES: dict[str, tuple[str, ...]] = {
    "argparse": ("python_argparse",),
    "builtins": ("python", "python_containers", "python_deques", "python_files", "python_text", "python_modules"),
    "codecs": ("python_files",),
    "collections": (
        "python_containers",
        "python_deques",
    ),
    "copy": (
        "python_containers",
        "python_deques",
    ),
    "cv2": ("media",),
    "functools": ("python_modules",),
    "gc": ("python",),
    "glob": ("python_text",),
    "h5py": ("hdf5",),
    "imblearn": ("sklearn_models",),
    "io": ("python_files",),
    "itertools": ("python_modules",),
    "json": ("python_json",),
    "keras": (
        "keras_applications",
        "keras_calls",
        "keras_layers",
        "keras_weights",
        "keras_classes",
        "keras_models",
        "keras_graphs",
        "keras_training",
        "keras_loss_calls",
        "keras_builders",
        "keras_wrappers",
        "keras_data",
        "keras_images",
        "keras_names",
        "tensorflow",
    ),
    "keras_tuner": ("keras_builders",),
    "librosa": ("media",),
    "logging": ("python",),
    "math": ("python", "python_modules"),
    "numpy": (
        "numpy",
        "numpy_elementwise",
        "numpy_files",
        "numpy_indexing",
        "numpy_joining",
        "numpy_random",
        "numpy_reductions",
        "numpy_shapes",
        "numpy_transforms",
    ),
    "operator": ("python_modules",),
    "os": ("python_text",),
    "pandas": ("pandas", "pandas_files", "pandas_groups", "pandas_indexing", "pandas_members"),
    "platform": ("python_modules",),
    "pprint": ("python",),
    "random": ("python", "python_modules"),
    "scikeras": ("keras_wrappers",),
    "scipy": ("media", "numpy_elementwise"),
    "shutil": ("python_text",),
    "sklearn": ("sklearn", "sklearn_datasets", "sklearn_metrics", "sklearn_models", "keras_wrappers"),
    "socket": ("python_modules",),
    "string": ("python_modules",),
    "sys": ("python_modules",),
    "tensorflow": ("tensorflow", "tensorflow_data", "keras_names"),
    "tensorflow_datasets": ("tensorflow_datasets",),
    "time": ("python", "python_modules", "python_text"),
    "tqdm": ("python_progress",),
    "warnings": ("python",),
}

#: Prefixes of qualified names that mean the same thing; the first match counts.
SYNONYMS: tuple[tuple[str, str], ...] = (
    ("tensorflow.python.keras.", "keras."),
    ("tensorflow.compat.v1.keras.", "keras."),
    ("tensorflow.compat.v2.keras.", "keras."),
    ("tensorflow.contrib.keras.", "keras."),
    ("tensorflow.keras.", "keras."),
    ("tf_keras.", "keras."),
    ("kerastuner.", "keras_tuner."),
    ("keras.src.", "keras."),
    ("keras.api.", "keras."),
    ("keras.legacy.", "keras."),
    ("keras._tf_keras.keras.", "keras."),
    ("keras_preprocessing.", "keras.preprocessing."),
)

#: Packages of which it is known which names they have.
VERSIONED = frozenset({"keras", "tensorflow"})

#: Packages that give Keras names of their own when they are imported.
REGISTERING = ("keras_", "efficientnet", "segmentation_models", "classification_models", "tensorflow_addons", "bert")

#: Packages that are meant as they are modelled also in a working copy of their own sources.
SOURCES = frozenset({"keras", "numpy", "pandas", "sklearn", "tensorflow", "tf_keras"})

#: Packages whose functions, unless modelled, change none of their arguments.
HARMLESS = frozenset({
    "argparse", "builtins", "collections", "copy", "csv", "cv2", "datetime", "gc", "glob", "gzip", "h5py", "hashlib",
    "imblearn", "IPython", "itertools", "joblib", "json", "keras", "librosa", "logging", "math", "matplotlib", "numpy", "operator", "os",
    "pandas", "pathlib", "pickle", "PIL", "platform", "plotly", "pprint", "random", "re", "requests", "scipy",
    "seaborn", "shutil", "sklearn", "socket", "statsmodels", "string", "sys", "tensorflow", "tensorflow_datasets", "time", "tqdm",
    "warnings",
})  # fmt: skip


def model(*names: str, method: str | None = None) -> Callable[[F], F]:
    """Mark a function as the model of the given qualified names (`method`: the same as a method of a type)."""

    def mark(function: F) -> F:
        function.qualified_names = names + ((method,) if method else ())  # type: ignore[attr-defined]
        return function

    return mark


def attribute(*names: str) -> Callable[[F], F]:
    """Mark a function as the model of properties: it is called at once when the attribute is read.

    A model of `TYPE.__getattr__` marked so stands for every attribute of the type that nothing else models.
    """

    def mark(function: F) -> F:
        function.qualified_names = names  # type: ignore[attr-defined]
        function.is_property = True  # type: ignore[attr-defined]
        return function

    return mark


def canonical(name: str) -> str:
    """The one qualified name for all that mean the same: `tensorflow.keras.layers.LSTM` is `keras.layers.LSTM`."""
    for prefix, replacement in SYNONYMS:
        if name.startswith(prefix):
            return canonical(replacement + name[len(prefix) :])
        if name == prefix[:-1]:
            return replacement[:-1]
    return name


class Registry:
    """All models.  `aliases` of a library module map one qualified name to another, `bases` a type to its base type."""

    def __init__(self) -> None:
        self._models: dict[str, Handler | Value] = {}
        self._aliases: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._rewrites: list[Callable[[str], str]] = []
        self._families: list[Callable[[str], Handler | Value | None]] = []
        self._absentees: list[Absentees] = []
        self._loaded: set[str] = set()
        self._found: dict[str, Handler | Value | None] = {}

    def lookup(self, name: str) -> Handler | Value | None:
        """The model or constant of `name`, following synonyms, aliases and base types."""
        try:
            return self._found[name]
        except KeyError:
            found = self._found[name] = self._lookup(name)
            return found

    def absent(
        self, run: Interpreter, module: str, names: tuple[str, ...], site: Site | None, how: str
    ) -> dict[str, Value]:
        """What stands for the names that a module of a library does not have (see `Library.absent`)."""
        top = module.partition(".")[0]
        if top not in VERSIONED and not top.startswith(REGISTERING):
            return {}
        self._load("keras")
        self._load(top)
        return {name: value for find in self._absentees for name, value in find(run, module, names, site, how).items()}

    def harmless(self, name: str) -> bool:
        return name.partition(".")[0] in HARMLESS

    def _lookup(self, name: str) -> Handler | Value | None:
        name = canonical(name)
        self._load(name.partition(".")[0])
        for rewrite in self._rewrites:
            name = rewrite(name)
        name = self._aliases.get(name, name)
        found = self._models.get(name)
        for family in self._families if found is None else ():
            found = found or family(name)
        owner, _, member = name.rpartition(".")
        while found is None and owner in self._bases:
            owner = self._bases[owner]
            self._load(owner.partition(".")[0])
            found = self._models.get(f"{owner}.{member}")
        if found is None and not member.startswith("__"):
            found = self._models.get(f"{name.rpartition('.')[0]}.__getattr__")
        return found

    def _load(self, top: str) -> None:
        if top in self._loaded:
            return
        self._loaded.add(top)
        for part in MODULES.get(top, ()):
            if f"module {part}" in self._loaded:
                continue
            self._loaded.add(f"module {part}")
            self._collect(importlib.import_module(f"lstmlint.libraries.{part}"))

    def _collect(self, module: object) -> None:
        """Take over what a library module models.

        Errors: ValueError when a name is modelled twice.
        """
        for value in vars(module).values():
            if getattr(value, "__module__", None) != getattr(module, "__name__", None):
                continue
            for name in getattr(value, "qualified_names", ()):
                if self._models.get(name, value) is not value:
                    raise ValueError(f"two library models of {name}")
                self._models[name] = value
        self._models.update(getattr(module, "CONSTANTS", {}))
        self._aliases.update(getattr(module, "ALIASES", {}))
        self._bases.update(getattr(module, "BASES", {}))
        family = getattr(module, "family", None)
        if family is not None and family not in self._families:
            self._families.append(family)
        absentees = getattr(module, "absent", None)
        if absentees is not None and absentees not in self._absentees:
            self._absentees.append(absentees)
        rewrite = getattr(module, "rewrite", None)
        if rewrite is not None and rewrite not in self._rewrites:
            self._rewrites.append(rewrite)


_SHARED: list[Registry] = []


def shared_registry() -> Registry:
    """The registry that all analyses of a process use: models are loaded once."""
    if not _SHARED:
        _SHARED.append(Registry())
    return _SHARED[0]
