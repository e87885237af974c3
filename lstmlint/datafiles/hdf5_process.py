"""A process of its own that lists the arrays of an HDF5 file: `python -I hdf5_process.py < FILE`.

HDF5 is read by a library in C, which a broken file may crash; and it needs NumPy, which lstmlint does not import.  Printed is a
JSON object: names (`group/array`) to shape and dtype.  Links to other files are not followed, and no data are read.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

MOST_ARRAYS = 1_000
DEEPEST = 8


def arrays(group: Any, h5py: Any, prefix: str, found: dict[str, Any], depth: int) -> None:
    """Add the arrays of a group, and of the groups in it."""
    for name in group:
        if len(found) >= MOST_ARRAYS or depth > DEEPEST:
            return
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        member = group[name]
        if isinstance(member, h5py.Group):
            arrays(member, h5py, f"{prefix}{name}/", found, depth + 1)
        elif isinstance(member, h5py.Dataset) and member.shape is not None:
            found[prefix + name] = [list(member.shape), member.dtype.name if member.dtype.kind in "fiu" else None]


def main() -> int:
    try:
        import h5py
    except ImportError:
        return 1
    found: dict[str, Any] = {}
    try:
        with os.fdopen(os.dup(0), "rb") as file, h5py.File(file, "r") as archive:
            arrays(archive, h5py, "", found, 0)
    except Exception:  # noqa: BLE001 - whatever is wrong with the file, nothing is known of it
        return 1
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
