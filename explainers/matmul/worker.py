"""Measures in a process of its own: no other thread of the server holds Python's lock while a step is timed.

It reads orders, a line of JSON each, and writes a line whenever `measure` asks whether to stop, and one for the result.
Who wants it to stop ends it. It ends by itself with its input, so that none outlives its server, and when it was asked
for nothing in a while.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback
from typing import TextIO

from explainers.matmul.measuring import measure
from explainers.matmul.messages import FAILED, STEP, order_from, timing_line

IDLE_SECONDS = 120.0


def main(orders: TextIO, out: TextIO, idle_seconds: float = IDLE_SECONDS) -> None:
    """Carry out orders until there are none for a while."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in orders:
            waiting.put(line)
        os._exit(0)  # the server closed it, or is gone: what is being measured is of no use

    threading.Thread(target=read, name="orders", daemon=True).start()
    import torch  # noqa: F401 - takes seconds, which a process that waits for its order spends before
    import transformers  # noqa: F401

    def tell(line: str) -> None:
        out.write(line)
        out.flush()

    def stop() -> bool:
        tell(f"{STEP}\n")
        return False

    while True:
        try:
            line = waiting.get(timeout=idle_seconds)
        except queue.Empty:
            return
        try:
            tell(timing_line(measure(*order_from(line), stop)))
        except (RuntimeError, MemoryError):  # what torch raises where memory does not suffice
            traceback.print_exc()
            tell(f"{FAILED}\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the server's, whose end is ours
    main(sys.stdin, sys.stdout)
    os._exit(0)  # without waiting for the thread that reads
