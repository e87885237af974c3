"""The arrays in HDF5 files, listed by a process of its own; nothing is known where h5py is not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import IO, Any

from lstmlint.datafiles.arrays import Stored

SIGNATURE = b"\x89HDF\r\n\x1a\n"
SECONDS = 10
"""After which the process counts as hung."""

LONGEST_ANSWER = 1_000_000


def read_hdf5(file: IO[bytes], size: int) -> dict[str, Stored] | None:
    """The arrays in a file by their path in it (`group/array`)."""
    if file.read(len(SIGNATURE)) != SIGNATURE:
        return None
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "hdf5_process.py")
    try:
        done = subprocess.run(
            [sys.executable, "-I", script],
            stdin=file, capture_output=True, timeout=SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode or len(done.stdout) > LONGEST_ANSWER:
        return None
    answer = json.loads(done.stdout)
    return {name: stored for name, entry in answer.items() if (stored := _stored(entry)) is not None}


def _stored(entry: Any) -> Stored | None:
    dims, dtype = entry
    shape = tuple(dim for dim in dims if isinstance(dim, int) and dim > 0)
    return Stored(shape, dtype) if len(shape) == len(dims) else None
