"""One sweep in a process of its own: no other thread of the server disturbs it, and with it all that it held is gone.

It reads one line of JSON, which says what to measure, and writes one for every measurement. The end of its input
stops it at once, so that none outlives its server; it also ends when it is asked for nothing in a while.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from typing import Any, TextIO

from explainers import language
from explainers.roofline.messages import order_from, update_line
from explainers.roofline.requests import RooflineError
from explainers.roofline.sweep import sweep

IDLE_SECONDS = 120.0


def main(lines: TextIO, out: TextIO) -> None:
    """Measure what the first line asks for; the last line written says why it failed, where it did."""
    asked, stopped = threading.Event(), threading.Event()
    orders: list[str] = []

    def read() -> None:
        orders.append(lines.readline())
        asked.set()
        lines.read()  # comes back when the server closes it, or is gone
        stopped.set()

    threading.Thread(target=read, name="orders", daemon=True).start()
    import torch  # noqa: F401 - takes seconds, which a process that waits for its order spends before

    if not asked.wait(IDLE_SECONDS) or not orders[0]:
        return
    request, earlier, spoken = order_from(orders[0])
    language.use(spoken)
    try:
        for number, update in enumerate(sweep(request, earlier, stopped.is_set)):
            _write(out, update_line(update, whole=number == 0))
    except RooflineError as error:
        _write(out, {"failed": str(error)})


def _write(out: TextIO, told: Mapping[str, Any]) -> None:
    out.write(json.dumps(told) + "\n")
    out.flush()


def _run() -> int:
    """Measure as the server says; the status of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the server's, whose end is ours
    try:
        main(sys.stdin, sys.stdout)
    except BrokenPipeError:
        return 1  # the server is gone
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    os._exit(_run())  # without waiting for the thread that reads
