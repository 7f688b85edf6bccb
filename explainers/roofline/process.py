"""The process that measures, as its server sees it: started, given its order, read, and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from explainers.roofline.messages import order
from explainers.roofline.requests import Request
from explainers.roofline.results import Result

GRACE_SECONDS = 0.35  # to end by itself; then it is ended

_ROOT = Path(__file__).resolve().parents[2]


class Process:
    """One worker; it imports torch at once and then waits for its order. Its methods may be called from any thread."""

    def __init__(self) -> None:
        """Start it."""
        path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", ""))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "explainers.roofline.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
            encoding="utf-8",
        )

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def lines(self, request: Request, earlier: Result | None) -> Iterator[dict[str, Any]]:
        """Give the order, and yield what it answers until it ends."""
        out = self._process.stdout
        with suppress(OSError, ValueError):  # it was ended in the meantime: then its output has ended, too
            assert self._process.stdin is not None  # noqa: S101 - a pipe
            self._process.stdin.write(order(request, earlier))
            self._process.stdin.flush()
        assert out is not None  # noqa: S101 - a pipe
        for line in out:
            with suppress(ValueError):  # half a line, when it was ended while it wrote
                yield json.loads(line)

    def stop(self) -> None:
        """Have it end within half a second; comes back at once."""
        with suppress(OSError, ValueError):
            assert self._process.stdin is not None  # noqa: S101 - a pipe
            self._process.stdin.close()
        timer = threading.Timer(GRACE_SECONDS, self._process.kill)
        timer.daemon = True
        timer.start()

    def end(self) -> None:
        """End it now, and let go of all that the system keeps for it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError, ValueError):
                assert pipe is not None  # noqa: S101 - a pipe
                pipe.close()
