"""The clocks: what a number of calls takes, by the processor's own clock or between two events of a GPU."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

Call = Callable[[], object]


class Clock(Protocol):
    """Times calls on one device. sample_seconds: what a sample should last at least, so that the clock is exact."""

    sample_seconds: float

    def seconds(self, calls: Iterable[Call]) -> float:
        """What all these calls take, one after the other, until the last has come to its end."""
        ...


class HostClock:
    """The processor computes while it is called."""

    sample_seconds = 0.001

    def seconds(self, calls: Iterable[Call]) -> float:
        """What all these calls take, one after the other."""
        started = time.perf_counter()
        for call in calls:
            call()
        return time.perf_counter() - started


class EventClock:
    """A GPU computes after it is called: it notes itself when it begins with the first call and ends the last."""

    sample_seconds = 0.002

    def __init__(self, device: str) -> None:
        """Make the two events. device: cuda or mps."""
        import torch

        library: Any = getattr(torch, device)
        self._started, self._ended = (library.Event(enable_timing=True) for _ in range(2))
        self._synchronize: Callable[[], None] = library.synchronize

    def seconds(self, calls: Iterable[Call]) -> float:
        """What all these calls take on the GPU, one after the other."""
        self._synchronize()
        self._started.record()
        for call in calls:
            call()
        self._ended.record()
        self._synchronize()
        return float(self._started.elapsed_time(self._ended)) / 1e3


def clock_of(device: str) -> Clock:
    """The clock of cpu, cuda or mps."""
    return HostClock() if device == "cpu" else EventClock(device)
