"""`--verify` where things go wrong, from the command line: workers that break, and programs that must not run."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import environment, really_lint, write_files

from lstmlint.verify.format import FORMAT

FAULTY = """\
from keras import Sequential
from keras.layers import Input, LSTM
model = Sequential([Input((10, 3)), LSTM(8), LSTM({units})])
"""

#: A worker that answers as Keras does, but of what a layer of so many units says.
WORKER = """#!{python}
import json, os, sys, time
with open({log!r}, "a") as log:
    print(os.getpid(), file=log)
print(json.dumps({{"hello": {{"format": {format}, "keras": "{keras}", "generation": "{generation}", "backend": "tensorflow",
                             "device": "cpu"}}}}), flush=True)
for line in sys.stdin:
    case = json.loads(line)
    units = [step["kwargs"].get("units") for step in case["steps"] if step.get("name") == "keras.layers.LSTM"][-1]
    if units == 11:
        os.kill(os.getpid(), 9)
    if units == 12:
        time.sleep(600)
    if units == 13:
        print("2026-12-01 I tensorflow/core/util/port.cc", flush=True)
        continue
    steps = [{{"id": step["id"], "raised": None}} for step in case["steps"]]
    steps[-1]["raised"] = {{"type": "ValueError", "message": "Input 0 of layer is incompatible: expected ndim=3, found ndim=2"}}
    print(json.dumps({{"id": case["id"], "steps": steps}}), flush=True)
"""

needs_scripts = pytest.mark.skipif(os.name == "nt", reason="an interpreter is faked by a script")


def worker(folder: Path, *, keras: str = "3.15.0", generation: str = "K3") -> str:
    """A fake interpreter; the process ids of its runs go to `started`."""
    path = folder / "python"
    told = {"python": sys.executable, "log": str(folder / "started"), "format": FORMAT}
    path.write_text(WORKER.format(**told, keras=keras, generation=generation), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def verdicts(folder: Path, *options: str, timeout: float = 120) -> list[dict[str, Any]]:
    """What is said of the findings, file by file."""
    done = really_lint(
        folder, "--verify", "--isolated", "--output-format", "json", *options, "programs", timeout=timeout
    )
    assert done.returncode == 1, done.stderr
    found = sorted(json.loads(done.stdout), key=lambda each: each["filename"])
    return [each["verified"] for each in found]


def is_running(pid: int) -> bool:
    """Whether a process is there and not only waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@needs_scripts
def test_a_worker_that_dies_hangs_or_babbles_costs_one_answer(tmp_path: Path) -> None:
    write_files(tmp_path / "programs", {f"{units}.py": FAULTY.format(units=units) for units in range(10, 15)})
    said = verdicts(tmp_path, "--python", worker(tmp_path), "--verify-seconds", "1")
    fine, killed, hung, babbled, again = said
    assert {fine["verdict"], again["verdict"]} == {"confirmed"}
    assert {each["verdict"] for each in (killed, hung, babbled)} == {"not-verifiable"}
    assert killed["message"] == "crash: the worker died (exit status -9)"
    assert hung["message"] == "timeout: no answer within 1 seconds"
    assert babbled["message"] == "crash: the worker said what is no answer"
    assert fine["python"] == str(tmp_path / "python")
    assert len((tmp_path / "started").read_text().split()) == 4, "started again only where it broke"


@needs_scripts
def test_a_keras_of_another_generation_is_told(tmp_path: Path) -> None:
    write_files(tmp_path / "programs", {"program.py": FAULTY.format(units=8)})
    (said,) = verdicts(tmp_path, "--python", worker(tmp_path, keras="2.15.0", generation="T2"), "--keras-version", "3")
    assert said["verdict"] == "not-verifiable"
    assert said["message"] == "the program means Keras 3, and this is Keras 2.15.0"


@needs_scripts
def test_what_needs_too_much_memory_is_not_built(tmp_path: Path) -> None:
    large = "from keras.layers import Input, Dense\nhuge = Sequential([Input((160_000,)), Dense(80_000), LSTM(8)])\n"
    write_files(tmp_path / "programs", {"a.py": FAULTY.format(units=8) + large, "b.py": FAULTY.format(units=8)})
    said = verdicts(tmp_path, "--python", worker(tmp_path))
    assert sorted(each["verdict"] for each in said) == ["confirmed", "confirmed", "not-verifiable"]
    (too_large,) = [each for each in said if each["verdict"] == "not-verifiable"]
    assert too_large["message"] == "memory: it would take about 102.4 GB, and 4.3 GB are allowed in all"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="no processes to look at")
def test_an_interrupt_leaves_no_process(tmp_path: Path) -> None:
    write_files(tmp_path / "programs", {"program.py": FAULTY.format(units=12)})
    command = [sys.executable, "-m", "lstmlint", "--verify", "--isolated", "--python", worker(tmp_path), "programs"]
    # A shell starts what it puts into the background deaf to interrupts, and that is inherited.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    child = subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, encoding="utf-8")
    signal.signal(signal.SIGINT, before)
    started = tmp_path / "started"
    deadline = time.monotonic() + 60
    while not (started.exists() and started.read_text().strip()) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)
    pid = int(started.read_text())
    assert is_running(pid)
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=30)
    assert (child.returncode, said) == (130, "lstmlint: error: interrupted\n")
    assert not is_running(pid)


HOSTILE = {
    "writes.py": "open('written.txt', 'w').write('run')\n",
    "deletes.py": "import shutil\nshutil.rmtree('precious')\n",
    "connects.py": "import socket\nsocket.create_connection(('127.0.0.1', {port}))\n",
    "loops.py": "import itertools\nfor number in itertools.count():\n    pass\n",
    "imports.py": "import local\n",
}


@pytest.mark.keras
def test_nothing_of_a_program_runs(tmp_path: Path) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.1)
    port = server.getsockname()[1]
    faulty = FAULTY.format(units=8)
    programs = {name: faulty + text.format(port=port) for name, text in HOSTILE.items()}
    write_files(tmp_path / "programs", {**programs, "local.py": "open('written.txt', 'w')\n"})
    write_files(tmp_path, {"precious/kept.txt": "kept", "keras.py": "open('written.txt', 'w')\n"})
    write_files(tmp_path, {"sitecustomize.py": "open('written.txt', 'w')\n", "numpy.py": "open('written.txt', 'w')\n"})
    said = verdicts(tmp_path, "--verify-seconds", "300", timeout=600)
    assert [each["verdict"] for each in said] == ["confirmed"] * len(HOSTILE)
    assert not list(tmp_path.rglob("written.txt"))
    assert (tmp_path / "precious" / "kept.txt").exists()
    with pytest.raises(TimeoutError):
        server.accept()
    server.close()
