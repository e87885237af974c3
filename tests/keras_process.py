"""A process with another interpreter's Keras, asked one question after the other: JSON lines out and in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from lstmlint.keras.versions import Version


class KerasProcess:
    """Runs `worker` under `python`; its first line is the version of its Keras, then it answers each question with one."""

    def __init__(self, worker: Path, python: str = sys.executable) -> None:
        self._command = [python, str(worker)]
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )
        self.version = Version.parse(json.loads(self._line()))

    def __enter__(self) -> KerasProcess:  # noqa: PYI034 - Python 3.10 has no Self
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:  # a thread that feeds a stream without an end
            self._process.kill()

    def ask(self, question: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None where TensorFlow has crashed, and the process has been started again."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._line()
        if not line:
            self._start()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()
