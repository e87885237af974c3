"""Measure the installed Keras afresh and say what changed against the stored data: a new release is a day's work.

usage: python scripts/measure_keras.py [--only PART ...] [--quick] [--write]

Runs with the interpreter of the Keras to be measured (Keras 3, or tf.keras of TensorFlow 2.4 to 2.15) and imports nothing but
the standard library, NumPy and Keras.  Parts: `signatures` (arguments and defaults of every public layer, the words for
activations, initializers …), `keywords` (what they take through `**kwargs`), `values` (which values the constructors refuse), `chains` (layer and input shape, layer behind
layer, merges, unknown lengths) and `parameters` (the formulas).  `--quick` takes a few rows of each part.  `--write` puts the
new data in place of the old; what then fails in the tests is what lstmlint has to learn.  Status 1 where anything changed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from keras_measure import chains, keywords, parameters, signatures, values
from keras_measure.installed import installed

PARTS = {
    "signatures": signatures,
    "keywords": keywords,
    "values": values,
    "chains": chains,
    "parameters": parameters,
}
FILES = {"K3": "k3", "T2": "t2"}
_QUICK = 6
#: Parts that are quick as they are.
_WHOLE = ("signatures", "keywords")


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), metavar="PART")
    parser.add_argument("--quick", action="store_true", help="a few rows of each part")
    parser.add_argument("--write", action="store_true", help="store what was measured")
    options = parser.parse_args()
    keras, version = installed()
    print(f"Keras {getattr(keras, '__version__', 'of TensorFlow')}, against the stored {version}")
    changed = False
    for name in options.only:
        part = PARTS[name]
        path = ROOT / part.PATH.format(FILES[version])
        data = json.loads(path.read_text(encoding="utf-8"))
        known = part.stored(data, version)
        known = _few(known) if options.quick and name not in _WHOLE else known
        found = part.measured(keras, known)
        lines = list(differences(known, found, name))
        print("\n".join(lines) if lines else f"{name}: nothing changed")
        changed = changed or bool(lines)
        if options.write and lines and not options.quick:
            path.write_text(compact(part.written(data, version, found)), encoding="utf-8")
    if "signatures" in options.only:
        print_missing(keras, version)
    return 1 if changed else 0


def _few(value: Any) -> Any:
    """Some rows of every table in the data, spread over it."""
    if isinstance(value, dict) and len(value) > _QUICK and all(isinstance(item, dict) for item in value.values()):
        names = sorted(value)[:: max(1, len(value) // _QUICK)]
        return {name: value[name] for name in names}
    if isinstance(value, dict):
        return {name: _few(item) for name, item in value.items()}
    return value[:: max(1, len(value) // _QUICK)] if isinstance(value, list) else value


def differences(before: Any, after: Any, where: str) -> Any:
    """A line for each place in which two structures differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            if name not in after:
                yield f"{where}: {name} is gone"
            elif name not in before:
                yield f"{where}: {name} is new: {json.dumps(after[name])}"
            else:
                yield from differences(before[name], after[name], f"{where}: {name}")
    elif isinstance(before, list) and isinstance(after, list) and before and isinstance(before[0], list) and where:
        for old, new in zip(before, after):
            if old != new:
                yield f"{where}: {json.dumps(old)} is now {json.dumps(new)}"
    elif before != after:
        yield f"{where}: {json.dumps(before)} is now {json.dumps(after)}"


def print_missing(keras: Any, version: str) -> None:
    """The public layers without an entry: those that the table of known layers, which is generated, does not have."""
    written = set(re.findall(r"\b[A-Z]\w+", (ROOT / "docs" / "what-is-inferred.md").read_text(encoding="utf-8")))
    data = json.loads((ROOT / signatures.PATH.format(FILES[version])).read_text(encoding="utf-8"))
    found = signatures.measured(keras, signatures.stored(data, version))
    missing = [name for name in found["layers"] if name not in written and name not in ("Layer", "Wrapper")]
    print("layers without an entry: " + (", ".join(missing) or "none"))


def compact(data: dict[str, Any], depth: int = 2) -> str:
    """JSON with a line for each entry of the upper levels."""
    return _lines(data, depth) + "\n"


def _lines(value: Any, depth: int, indent: str = "") -> str:
    if depth == 0 or not isinstance(value, dict) or not value:
        return json.dumps(value)
    inner = indent + " "
    rows = ",\n".join(f"{inner}{json.dumps(name)}: {_lines(item, depth - 1, inner)}" for name, item in value.items())
    return f"{{\n{rows}\n{indent}}}"


if __name__ == "__main__":
    sys.exit(main())
