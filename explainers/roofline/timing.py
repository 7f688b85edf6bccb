"""One call, repeated until its median is known well enough, or the time for it is over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from explainers.roofline.devices import Call, Clock

_FEWEST_SAMPLES = 5
_ENOUGH = 0.01  # half the width of the confidence interval, as a part of the median
_ENOUGH_SAMPLES = 25  # before that is believed
_MOST_CALLS = 10_000  # in one sample
_WARM_UP_SECONDS = 0.01
_NORMAL_95 = 1.96


@dataclass(frozen=True)
class Timing:
    """Seconds of one call: the median of all samples and their quartiles.

    uncertainty: half the width of the median's 95 % confidence interval, as a part of the median. calls: in a sample.
    """

    seconds: float
    low_seconds: float
    high_seconds: float
    uncertainty: float
    samples: int
    calls: int


class StoppedError(Exception):
    """Measuring was asked to stop before enough was known."""


def measure(
    calls: Sequence[Call], clock: Clock, allowance_seconds: float, stopped: Callable[[], bool] = lambda: False
) -> Timing:
    """What one call takes; raises StoppedError where `stopped` became true before enough was measured.

    calls: the same operation on different buffers, taken in turn and again from the first; one where it is to find its
    numbers in the cache. The first runs are not counted: they set up what the library keeps for the shape.
    """
    turn = cycle(calls)
    in_sample = _warm_up(turn, clock, stopped)
    samples: list[float] = []
    until = time.perf_counter() + allowance_seconds
    while True:
        if stopped():
            raise StoppedError
        samples.append(clock.seconds(islice(turn, in_sample)) / in_sample)
        if len(samples) < _FEWEST_SAMPLES:
            continue
        known = len(samples) >= _ENOUGH_SAMPLES and uncertainty(samples) <= _ENOUGH
        if known or time.perf_counter() >= until:
            return summary(samples, in_sample)


def _warm_up(turn: Iterator[Call], clock: Clock, stopped: Callable[[], bool]) -> int:
    """Run what is to be measured for a while; how many calls a sample needs by the quickest of these runs."""
    clock.seconds(islice(turn, 1))
    quickest, calls, spent = math.inf, 1, 0.0
    while spent < _WARM_UP_SECONDS and not stopped():
        took = max(clock.seconds(islice(turn, calls)), 1e-7)
        quickest, spent = min(quickest, took / calls), spent + took
        calls = max(1, min(_MOST_CALLS, round(clock.sample_seconds / quickest)))
    return calls


def summary(samples: Sequence[float], calls: int) -> Timing:
    """The median, the quartiles, and how well the median is known."""
    ordered = sorted(samples)
    low, middle, high = (quantile(ordered, part) for part in (0.25, 0.5, 0.75))
    return Timing(middle, low, high, uncertainty(samples), len(ordered), calls)


def quantile(ordered: Sequence[float], part: float) -> float:
    """The value below which this part of the ordered numbers lies, between two of them in proportion."""
    at = part * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def uncertainty(samples: Sequence[float]) -> float:
    """Half the width of the median's 95 % confidence interval, as a part of the median; no shape is assumed.

    The interval runs between the samples of rank n/2 -+ 1.96 sqrt(n)/2, the normal limit of the binomial distribution
    (Conover, Practical Nonparametric Statistics, section 3.2).
    """
    ordered, n = sorted(samples), len(samples)
    reach = _NORMAL_95 * math.sqrt(n) / 2
    low = max(0, math.floor(n / 2 - reach))
    high = min(n - 1, math.ceil(n / 2 + reach) - 1)
    return (ordered[high] - ordered[low]) / 2 / quantile(ordered, 0.5)
