"""Measures which names each release of Keras has, and writes `lstmlint/keras/names.json`.

usage: keras_names.py RELEASE=FOLDER ...

FOLDER holds an unpacked wheel: the package `keras`, or `tensorflow` (for the releases of tf.keras that came inside it).
Sources are read and not run: a name is there when some statement of the module binds it, also under an `if` or in a `try`, so
what is missing here is missing whatever the machine.
"""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "lstmlint" / "keras" / "names.json"
#: Where `tensorflow.keras` lies in the packages of one time or another.
TF_KERAS = ("keras/_tf_keras/keras", "keras/api/_v2/keras", "tensorflow/python/keras/api/_v2/keras", "tensorflow/keras")
#: Where the public modules of `keras` lie besides the package itself.
PUBLIC = ("keras", "keras/api")
#: Releases whose modules are all public; of the others, modules that none of these has are told without their names.
PLAIN = ("1.2", "2.0", "2.1", "2.2", "2.3", "2.4", "2.13", "2.14", "2.15", "3.0", "3.6", "3.15")
PRIVATE = ("src", "api", "tests", "_tf_keras", "integration_test", "testing_infra", "benchmarks")
OPEN = "*"


class Package:
    """The modules of one package on disk."""

    def __init__(self, *roots: Path) -> None:
        self.roots = roots
        self.names: dict[str, set[str]] = {}
        self.busy: set[str] = set()

    def modules(self) -> list[str]:
        """Dotted names of all modules, the package itself as ""."""
        found = {
            ".".join(path.relative_to(root).with_suffix("").parts).removesuffix("__init__").rstrip(".")
            for root in self.roots
            for path in root.rglob("*.py")
        }
        return sorted(name for name in found if not any(p.startswith("_") or p in PRIVATE for p in name.split(".")))

    def of(self, module: str) -> set[str]:
        """The names of a module with its submodules; `*` among them where more may come from elsewhere."""
        if module in self.names:
            return self.names[module]
        if module in self.busy:
            return set()
        self.busy.add(module)
        found: set[str] = set()
        for root in self.roots:
            base = root.joinpath(*module.split(".")) if module else root
            for path in (base / "__init__.py", base.with_suffix(".py")):
                if path.is_file():
                    found |= self._bound(
                        ast.parse(path.read_text(encoding="utf-8")), module, path.name == "__init__.py"
                    )
            if base.is_dir():
                found |= {entry.stem for entry in base.iterdir() if entry.suffix == ".py" or entry.is_dir()}
        self.busy.discard(module)
        self.names[module] = found = {name for name in found if not name.startswith("_")}
        return found

    def _bound(self, tree: ast.AST, module: str, is_package: bool) -> set[str]:
        found: set[str] = set()
        for node in _statements(tree):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.Import):
                found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= self._imported(node, module, is_package)
            elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.For)):
                found |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        return found

    def _imported(self, node: ast.ImportFrom, module: str, is_package: bool) -> set[str]:
        if all(alias.name != "*" for alias in node.names):
            return {alias.asname or alias.name for alias in node.names}
        parts = module.split(".") if module else []
        if node.level:
            parts = parts[: len(parts) - (node.level - is_package)]
            target = ".".join([*parts, *(node.module or "").split(".")]).strip(".")
        elif (node.module or "").startswith("keras."):
            target = (node.module or "").removeprefix("keras.")
        else:
            return {OPEN}
        return set(self.of(target))


def _statements(tree: ast.AST) -> list[ast.AST]:
    """All statements at the level of the module, those under conditions included."""
    found: list[ast.AST] = []
    for node in ast.iter_child_nodes(tree):
        found.append(node)
        if isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.ExceptHandler)):
            found += _statements(node)
    return found


def surfaces(folder: Path) -> dict[str, Package]:
    """The packages that programs import from one release."""
    found: dict[str, Package] = {}
    roots = [root for root in map(folder.joinpath, PUBLIC) if (root / "__init__.py").is_file()]
    roots = [root for root in roots if root.name != "api" or (root / "layers" / "__init__.py").is_file()]
    if roots:
        found["keras"] = Package(*roots)
    roots = [folder / part for part in TF_KERAS if (folder / part / "layers" / "__init__.py").is_file()]
    if roots:
        found["tensorflow.keras"] = Package(roots[0])
    return found


def main() -> None:
    """Write the table of the releases given, oldest first."""
    table: dict[str, dict[str, object]] = {}
    for argument in sys.argv[1:]:
        release, _, folder = argument.partition("=")
        for namespace, package in surfaces(Path(folder)).items():
            entry = table.setdefault(namespace, {"releases": [], "modules": {}})
            releases, modules = entry["releases"], entry["modules"]
            assert isinstance(releases, list) and isinstance(modules, dict)
            if release not in releases:
                releases.append(release)
            for module in package.modules():
                names = package.of(module) if release in PLAIN or module in modules else {OPEN}
                for name in names | {""}:
                    modules.setdefault(module, {}).setdefault(name, []).append(len(releases) - 1)
    for entry in table.values():
        modules = entry["modules"]
        assert isinstance(modules, dict)
        entry["modules"] = {module: _grouped(names) for module, names in sorted(modules.items())}
    TARGET.write_text(json.dumps(table, indent=0, separators=(",", ":")) + "\n", encoding="utf-8")


def _grouped(names: dict[str, list[int]]) -> dict[str, str]:
    """Names by the releases that have them: the sum of 2 to the power of each release's place, in hexadecimal."""
    groups: dict[str, list[str]] = {}
    for name, places in sorted(names.items()):
        groups.setdefault(f"{sum(1 << place for place in set(places)):x}", []).append(name)
    return {mask: " ".join(group) for mask, group in sorted(groups.items())}


if __name__ == "__main__":
    main()
