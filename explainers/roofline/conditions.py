"""What may spoil a measurement, noticed: other programs that compute, and a clock that changes."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from explainers.roofline.devices import Call, Clock
from explainers.roofline.timing import measure

BUSY = 0.10  # the share of the processors that other programs may use
DRIFT = 1.10  # how many times as slow or as quick the same product may become

_DISTURBED = 0.25  # the same for a single point, which is too short for an exact share
_SHORTEST_SECONDS = 0.15  # the system counts processor time in hundredths of a second
_REFERENCE_SECONDS = 0.01
_BETWEEN_REFERENCES = 1.0


@dataclass(frozen=True)
class Conditions:
    """What was noticed while measuring.

    overhead_seconds: of a call that computes (nearly) nothing: what torch itself takes for every call. other_load: the
    share of the processors that other programs used, 0 to 1. drift: how many times as long the same small product took
    at worst (over 1), or if that is further away at best (below 1), as at the start.
    """

    overhead_seconds: float
    other_load: float = 0.0
    drift: float = 1.0

    @property
    def busy(self) -> bool:
        """Whether other programs used more than a tenth of the processors."""
        return self.other_load > BUSY

    @property
    def drifted(self) -> bool:
        """Whether the clock changed by more than a tenth."""
        return not 1 / DRIFT <= self.drift <= DRIFT


class Watch:
    """Looks at the machine while it measures."""

    def __init__(self, reference: Call, clock: Clock) -> None:
        """Time the reference product for the first time. clock: of the device that computes it."""
        self._reference, self._clock = reference, clock
        self._first = self._reference_seconds()
        self._drift, self._load = 1.0, 0.0
        self._referred = time.perf_counter()
        self._begin = self._last = _Usage.now()

    def look(self) -> bool:
        """Whether other programs computed much since the last look; times the reference product now and then."""
        now = _Usage.now()
        if now.seconds - self._last.seconds >= _SHORTEST_SECONDS:
            self._load, self._last = now.others_since(self._last), now
        if time.perf_counter() - self._referred >= _BETWEEN_REFERENCES:
            drift = self._reference_seconds() / self._first
            if abs(math.log(drift)) > abs(math.log(self._drift)):
                self._drift = drift
            self._referred = time.perf_counter()
        return self._load > _DISTURBED

    def conditions(self, overhead_seconds: float) -> Conditions:
        """What was noticed since the beginning."""
        return Conditions(overhead_seconds, _Usage.now().others_since(self._begin), self._drift)

    def _reference_seconds(self) -> float:
        return measure([self._reference], self._clock, _REFERENCE_SECONDS).low_seconds


@dataclass(frozen=True)
class _Usage:
    """Seconds of the clock, and of all processors' time, spent by everybody and by this process."""

    seconds: float
    everybody: float
    own: float
    processors: int

    @staticmethod
    def now() -> _Usage:
        import psutil

        times = psutil.cpu_times()._asdict()
        spent = sum(times.get(name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal"))
        return _Usage(time.perf_counter(), spent, time.process_time(), psutil.cpu_count() or 1)

    def others_since(self, before: _Usage) -> float:
        """The share of the processors that others used in between, 0 to 1."""
        seconds = max(self.seconds - before.seconds, 1e-9)
        others = (self.everybody - before.everybody) - (self.own - before.own)
        return min(1.0, max(0.0, others / (seconds * self.processors)))
