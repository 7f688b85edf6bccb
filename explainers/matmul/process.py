"""The process that measures, as the server sees it: started before it is needed, ended in the middle of a step."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from explainers.matmul.measuring import Stop, Stopped, Timing
from explainers.matmul.messages import FAILED, STEP, order_line, timing_from
from explainers.matmul.networks import Load, Network
from explainers.matmul.tally import Mode

_ROOT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "explainers.matmul.worker")


class MeasureError(RuntimeError):
    """The process could not measure this, or has ended."""


class Measurer:
    """One process at most; `measure` is called by one thread at a time, `warm` by any."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def warm(self) -> None:
        """Have a process ready: it imports torch meanwhile."""
        self._running()

    def measure(self, network: Network, load: Load, mode: Mode, stop: Stop) -> Timing:
        """Time one mode there. Raises Stopped when stop says so, and MeasureError where it cannot be measured."""
        process = self._ordered(order_line(network, load, mode))
        assert process.stdout is not None  # noqa: S101 - it was started with a pipe
        for line in process.stdout:
            told = line.strip()
            if told == FAILED:
                raise MeasureError
            if told != STEP:
                return timing_from(line)
            if stop():
                self.end()
                raise Stopped
        self.end()
        raise MeasureError

    def end(self) -> None:
        """End the process, whatever it does."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ordered(self, order: str) -> subprocess.Popen[str]:
        """The process, with this order given to it; one that has ended meanwhile is replaced, once."""
        for _try in range(2):
            process = self._running()
            try:
                assert process.stdin is not None  # noqa: S101 - it was started with a pipe
                process.stdin.write(order)
                process.stdin.flush()
                return process
            except BrokenPipeError:
                self.end()
        raise MeasureError

    def _running(self) -> subprocess.Popen[str]:
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self._process.communicate()  # it was idle for long, and has ended
                self._process = None
            if self._process is None:
                self._process = subprocess.Popen(  # noqa: S603 - our own module, by Python itself
                    _COMMAND,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    env=os.environ | {"PYTHONPATH": path, "KINETO_LOG_LEVEL": "99"},  # or the profiler tells every step
                )
            return self._process
