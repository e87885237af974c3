"""One worker for many plans: started once, held to limits, and started again when a case has broken it."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from typing import Any, cast

from lstmlint.classes import dataclass, field
from lstmlint.verify.format import FORMAT, Answer, Case, CaseAnswer, Plan

WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "worker.py")

START_SECONDS = 300
"""How long an interpreter may take to import Keras; a cold disk needs half a minute."""

END_SECONDS = 5


class NoWorker(Exception):
    """There is no Keras to ask; the message says why and what to do, in one line.  Exit status 2."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one case may take.  Units: seconds, bytes.  What is estimated at more than half of the memory is not tried."""

    seconds: float = 60.0
    memory: int = 4 * 1024**3


def interpreter_of(path: str | None) -> str:
    """The interpreter that a path names (itself, or the environment's folder); lstmlint's own for None.

    Errors: NoWorker when there is none.
    """
    if path is None:
        return sys.executable
    path = os.path.abspath(os.path.expanduser(path))
    names = [path] if not os.path.isdir(path) else [
        os.path.join(path, *parts) for parts in (("bin", "python"), ("Scripts", "python.exe"), ("python.exe",))
    ]  # fmt: skip
    for name in names:
        if os.path.isfile(name) and os.access(name, os.X_OK):
            return name
    raise NoWorker(f"no Python interpreter: `{path}`")


def environment_of(device: str, backend: str | None, memory: int) -> dict[str, str]:
    """The environment of a worker.  `device`: "cpu", "gpu", "gpu:N" or "auto".

    Errors: NoWorker when the device is called otherwise.
    """
    if not re.fullmatch(r"cpu|auto|gpu(:\d+)?", device):
        raise NoWorker(f"unknown device: `{device}`; use cpu, gpu, gpu:N or auto")
    own = dict(os.environ)
    own |= {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_FORCE_GPU_ALLOW_GROWTH": "true"}
    own |= {"LSTMLINT_DEVICE": device, "LSTMLINT_MEMORY": str(memory), "PYTHONIOENCODING": "utf-8"}
    if device == "cpu":
        own["CUDA_VISIBLE_DEVICES"] = "-1"
    elif ":" in device:
        own["CUDA_VISIBLE_DEVICES"] = device.partition(":")[2]
    if backend is not None:
        own["KERAS_BACKEND"] = backend
    return own


class _Gone(Exception):
    """The worker has ended, or says what is no answer."""


class _Process:
    """A running worker; its lines come through a thread, so that waiting for one can end in time on every system."""

    def __init__(self, python: str, environment: Mapping[str, str]) -> None:
        try:
            self._child = subprocess.Popen(
                [python, "-I", WORKER],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(environment),
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # Ctrl-C reaches lstmlint alone, which then ends the worker
            )
        except OSError as error:
            raise NoWorker(f"`{python}` cannot be started: {error.strerror or error}") from None
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._printed: list[str] = []
        for target in (self._read, self._drain):
            threading.Thread(target=target, daemon=True).start()

    def _read(self) -> None:
        assert self._child.stdout is not None
        for line in self._child.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _drain(self) -> None:
        assert self._child.stderr is not None
        for line in self._child.stderr:
            self._printed.append(line)
            del self._printed[:-50]

    def receive(self, seconds: float) -> dict[str, Any]:
        """The next answer.

        Errors: TimeoutError; _Gone.
        """
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise TimeoutError from None
        if line is None:
            raise _Gone(f"the worker died (exit status {self._child.wait()})")
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise _Gone("the worker said what is no answer")
        return value

    def send(self, value: object) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(value) + "\n")
            self._child.stdin.flush()
        except OSError:
            raise _Gone("the worker died") from None

    @property
    def last_words(self) -> str:
        """The last line that the worker printed."""
        return next((line.strip() for line in reversed(self._printed) if line.strip()), "")

    def end(self) -> None:
        """End the process, whatever it does."""
        self._child.kill()
        try:
            self._child.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            return


@dataclass(slots=True)
class Client:
    """Asks real Keras.  Used with `with`, at whose end no process is left.

    `python` is what `interpreter_of` gives; `hello` what the worker said of itself, once it runs.
    """

    python: str
    device: str = "cpu"
    backend: str | None = None
    limits: Limits = field(default_factory=Limits)
    hello: dict[str, Any] = field(default_factory=dict)
    _process: Any = None

    def __enter__(self) -> Client:  # noqa: PYI034 - `Self` is younger than Python 3.10
        return self

    def __exit__(self, *exception: object) -> None:
        self._end()

    def start(self) -> None:
        """Start the worker, unless it runs.

        Errors: NoWorker.
        """
        if self._process is not None:
            return
        environment = environment_of(self.device, self.backend, self.limits.memory)
        self._process = _Process(self.python, environment)
        try:
            said = self._process.receive(START_SECONDS)
        except TimeoutError:
            self._end()
            raise NoWorker(f"`{self.python}` did not import Keras within {START_SECONDS} seconds") from None
        except _Gone as gone:
            words = self._process.last_words
            self._end()
            raise NoWorker(f"`{self.python}`: {gone}" + (f": {words}" if words else "")) from None
        hello = said.get("hello")
        if isinstance(hello, dict) and hello.get("format") == FORMAT:
            self.hello = hello
            return
        self._end()
        raise NoWorker(_problem(self.python, said))

    def ask(self, plan: Plan) -> Answer:
        """What real Keras says to a plan.  A case that breaks the worker costs its own answer only.

        Errors: NoWorker when there is no worker to begin with.
        """
        cases = [self._case(case) for case in plan["cases"]]
        if not self.hello:
            self.start()
        return Answer(
            format=FORMAT,
            keras=str(self.hello.get("keras")),
            generation=str(self.hello.get("generation")),
            backend=str(self.hello.get("backend")),
            device=str(self.hello.get("device")),
            cases=cases,
        )

    def _case(self, case: Case) -> CaseAnswer:
        needed = case["size"]["parameters"] + case["size"]["activations"] + case["size"]["data"]
        if needed > self.limits.memory // 2:
            words = f"it would take about {_bytes(needed)}, and {_bytes(self.limits.memory)} are allowed in all"
            return _failed(case, "memory", words)
        try:
            self.start()
        except NoWorker as problem:
            if not self.hello:
                raise
            return _failed(case, "crash", str(problem))  # it ran before: only what is left has no answer
        try:
            self._process.send(case)
            answer = self._process.receive(self.limits.seconds)
            if answer.get("id") != case["id"] or not isinstance(answer.get("steps"), list):
                raise _Gone("the worker said what is no answer")
        except TimeoutError:
            self._end()
            return _failed(case, "timeout", f"no answer within {self.limits.seconds:g} seconds")
        except _Gone as gone:
            self._end()
            return _failed(case, "crash", str(gone))
        return cast(CaseAnswer, answer)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.end()


def _failed(case: Case, failed: str, words: str) -> CaseAnswer:
    return CaseAnswer(id=case["id"], steps=[], failed=failed, words=words)


def _problem(python: str, said: Mapping[str, Any]) -> str:
    words = str(said.get("words", ""))
    if said.get("problem") == "missing":
        return f"`{python}` has no Keras ({words}): pip install 'lstmlint[verify]', or name an interpreter that has it"
    if said.get("problem"):
        return f"`{python}`: {words}"
    return f"`{python}` runs another worker than this lstmlint needs"


def _bytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB" if number >= 1e8 else f"{number / 1e6:.1f} MB"
