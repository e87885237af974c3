"""Measure what lstmlint costs beside the work that cannot be avoided: CPU time of whole processes.

    python benchmarks/measure.py [--repeat N] [--without-keras FOLDER] PATH...

Every measurement runs two processes in turn, lstmlint (A) and a yardstick (B), so that a machine that changes its pace
changes both, and prints the medians and the median ratio of the pairs beside the aim.  Processes that a process starts
count with it.  PATHs are files and folders of Keras programs; without one only what the script makes itself is measured.
The package under test is the one beside this script, run by the interpreter that runs this script.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUFFIXES = (".py", ".pyi", ".ipynb")

PARSE = """
import sys
import libcst
for name in open(sys.argv[1], encoding="utf-8").read().splitlines():
    with open(name, "rb") as file:
        source = file.read()
    try:
        libcst.parse_module(source)
    except Exception:
        pass
"""
"""Imports libcst, parses the files of a list, and does nothing else."""

READ = """
import sys
from lstmlint import runner
from lstmlint.cli import main
assert callable(runner._may_need_analysis)
runner._may_need_analysis = lambda *file: False
sys.exit(main(sys.argv[1:]))
"""
"""The same process, as far as it must go: it starts, finds the files and reads them."""

START = "pass"

FINE = '''
def windows_{n}(series, steps):
    """Cut a table into windows of `steps` rows, and what follows each."""
    inputs, targets = [], []
    for start in range(len(series) - steps):
        inputs.append(series[start : start + steps])
        targets.append(series[start + steps])
    return np.array(inputs), np.array(targets)


def model_{n}(steps, features, units=32, rate=0.2):
    model = Sequential()
    model.add(Input(shape=(steps, features)))
    model.add(LSTM(units, return_sequences=True, name="first_{n}"))
    model.add(Dropout(rate))
    model.add(LSTM(units // 2))
    model.add(Dense(features, activation="linear"))
    model.compile(optimizer="adam", loss="mse", metrics=["mae"])
    return model


series_{n} = np.random.normal(size=(1_000, 4))
x_{n}, y_{n} = windows_{n}(series_{n}, 12)
model_{n}(12, 4).fit(x_{n}, y_{n}, epochs=2, batch_size=32)
'''

FAULTY = FINE.replace('units, return_sequences=True, name="first_{n}"', 'units, name="first_{n}"')


@dataclass(frozen=True, slots=True)
class Pair:
    """CPU seconds of A and B, one after the other."""

    ours: float
    yardstick: float


def main() -> int:
    """Run all measurements that the arguments allow; the exit status tells nothing about the aims."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="Keras programs, or folders of them")
    parser.add_argument("--without-keras", type=Path, metavar="FOLDER", help="Python without Keras")
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="pairs of each measurement (default: 5)")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes of lstmlint (default: its own choice)")
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {options.repeat} pairs; CPU seconds, medians")
    print(f"{'measurement':<44}{'lstmlint':>10}{'yardstick':>11}{'ratio':>8}{'aim':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for path in options.paths:
            programs(path, Path(folder), options)
        thousand_lines(Path(folder), options)
        if options.without_keras is not None:
            without_keras(options.without_keras, options)
        report("lstmlint --version / bare starts", pairs(lint("--version"), start(), max(options.repeat, 15)), 2.5)
        for path in options.paths:
            cached(path, Path(folder), options)
    return 0


def programs(path: Path, folder: Path, options: argparse.Namespace) -> None:
    """(a) A whole run against parsing, with libcst, those of the same files that lstmlint has to parse."""
    files = [file for file in files_of(path) if b"keras" in file.read_bytes()]
    sources = folder / f"sources-{path.name}"
    sources.mkdir()
    listed = write_list(folder, (source_of(file, sources / f"{index}.py") for index, file in enumerate(files)))
    print(f"# {path}: {len(files)} files with Keras")
    report("check / import libcst and parse", pairs(check(options, path), script(PARSE, listed), options.repeat), 2.0)


def thousand_lines(folder: Path, options: argparse.Namespace) -> None:
    """(b) One file of 1,000 lines with findings: finding positions is what costs."""
    imports = "import numpy as np\nfrom keras import Input, Sequential\nfrom keras.layers import LSTM, Dense, Dropout\n"
    text, number = imports, 0
    while text.count("\n") < 1_000:
        text += (FAULTY if number % 4 == 0 else FINE).format(n=number)
        number += 1
    file = folder / "thousand_lines.py"
    file.write_text("\n".join(text.splitlines()[:1_000]) + "\n", encoding="utf-8")
    listed = write_list(folder, [file])
    report("1,000 lines / parse", pairs(check(options, file), script(PARSE, listed), options.repeat * 2), 1.5)


def without_keras(path: Path, options: argparse.Namespace) -> None:
    """(c) Files that need no parser against finding and reading them."""
    print(f"# {path}: {len(shown_files(path))} files without Keras")
    report(
        "no Keras / find and read",
        pairs(check(options, path), script(READ, *check(options, path)[3:]), options.repeat),
        1.3,
    )


def cached(path: Path, folder: Path, options: argparse.Namespace) -> None:
    """(e) A run that remembers everything, against bare starts of the interpreter and against the first run."""
    arguments = ["check", "--output-format", "concise", "--cache-dir", str(folder / f"cache-{path.name}"), str(path)]
    first = cpu_seconds(lint(*arguments))
    found = pairs(lint(*arguments), start(), options.repeat)
    again = statistics.median(pair.ours for pair in found)
    report(f"cached {path.name} / bare starts", found, None)
    print(f"  the first run took {first:.2f}, the cached one {again / first:.1%} of it")


def lint(*arguments: str) -> list[str]:
    """A command line of lstmlint."""
    return [sys.executable, "-m", "lstmlint", *arguments]


def check(options: argparse.Namespace, path: Path) -> list[str]:
    """The command line of an uncached check."""
    jobs = ["--jobs", str(options.jobs)] if options.jobs else []
    return lint("check", "--no-cache", "--output-format", "concise", *jobs, str(path))


def script(source: str, *arguments: Path | str) -> list[str]:
    """A bare process that runs `source`."""
    return [sys.executable, "-c", source, *map(str, arguments)]


def start() -> list[str]:
    """A bare start of the interpreter."""
    return script(START)


def pairs(ours: Sequence[str], yardstick: Sequence[str], repeat: int) -> list[Pair]:
    """`repeat` pairs, after one that warms the caches of the system."""
    cpu_seconds(ours), cpu_seconds(yardstick)
    return [Pair(cpu_seconds(ours), cpu_seconds(yardstick)) for _ in range(repeat)]


def cpu_seconds(command: Sequence[str]) -> float:
    """User and system time of a process and of all that it started and waited for.

    Errors: SystemExit when it fails: a run that is not one must not pass for a fast one.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, env=environment, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1) or b"Traceback" in done.stderr:
        sys.exit(
            f"{' '.join(command[:4])} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}"
        )
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def report(title: str, measured: Sequence[Pair], aim: float | None) -> None:
    """One line of the table."""
    ours = statistics.median(pair.ours for pair in measured)
    yardstick = statistics.median(pair.yardstick for pair in measured)
    ratio = statistics.median(pair.ours / pair.yardstick for pair in measured)
    wanted = "" if aim is None else f"{aim:.1f}"
    print(f"{title:<44}{ours:>10.3f}{yardstick:>11.3f}{ratio:>8.2f}{wanted:>6}", flush=True)


def files_of(path: Path) -> list[Path]:
    """The files that lstmlint checks below a path."""
    return [path] if path.is_file() else shown_files(path)


def shown_files(path: Path) -> list[Path]:
    """What `--show-files` names."""
    command = lint("check", "--show-files", str(path))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return [Path(line).absolute() for line in shown.splitlines() if line.endswith(SUFFIXES)]


def source_of(file: Path, copy: Path) -> Path:
    """The file itself, or for a notebook a file with the Python of its cells."""
    if file.suffix != ".ipynb":
        return file
    copy.write_text("\n".join(cells_of(file)), encoding="utf-8")
    return copy


def cells_of(notebook: Path) -> Iterator[str]:
    """The code of a notebook without what only IPython understands; nothing when it cannot be read."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8")).get("cells", [])
    except (ValueError, OSError, AttributeError):
        return
    for cell in cells:
        if cell.get("cell_type") == "code":
            source = cell.get("source", "")
            lines = ("".join(source) if isinstance(source, list) else source).splitlines()
            yield "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def write_list(folder: Path, files: Iterable[Path]) -> Path:
    """A file that names files, one on each line."""
    listed = folder / f"list-{len(list(folder.iterdir()))}"
    listed.write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
    return listed


if __name__ == "__main__":
    sys.exit(main())
