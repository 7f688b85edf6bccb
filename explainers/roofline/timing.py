"""One call, repeated until its median is known well enough, or the time for it is over; and two such visits as one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from explainers.roofline.devices import Call, Clock

_ENOUGH = 0.01  # half the width of the confidence interval, as a part of the median
_TIMES_FEWEST = 5  # so many times the fewest samples, before that is believed
_MOST_CALLS = 10_000  # in one sample
_WARM_UP_SECONDS = 0.01
_NORMAL_95 = 1.96


@dataclass(frozen=True)
class Timing:
    """Seconds of one call: the median of all samples and their quartiles.

    uncertainty: half the width of the median's 95 % confidence interval, as a part of the median. samples: in seconds,
    in the order in which they were taken. calls: in a sample.
    """

    seconds: float
    low_seconds: float
    high_seconds: float
    uncertainty: float
    samples: tuple[float, ...]
    calls: int


class StoppedError(Exception):
    """Measuring was asked to stop before enough was known."""


def measure(
    calls: Sequence[Call],
    clock: Clock,
    allowance_seconds: float,
    stopped: Callable[[], bool] = lambda: False,
    *,
    fewest: int = 5,
    like: Timing | None = None,
) -> Timing:
    """What one call takes; raises StoppedError where `stopped` became true before enough was measured.

    calls: the same operation on different buffers, taken in turn and again from the first; one where it is to find its
    numbers in the cache. The first runs are not counted: they set up what the library keeps for the shape.
    fewest: samples, whatever their time. like: an earlier visit to the same; then as many calls make a sample, and no
    more samples are taken than it took, as no more would count.
    """
    turn = cycle(calls)
    in_sample = _warm_up(turn, clock, stopped, like.calls if like else 0)
    samples: list[float] = []
    until = time.perf_counter() + allowance_seconds
    while True:
        if stopped():
            raise StoppedError
        samples.append(clock.seconds(islice(turn, in_sample)) / in_sample)
        if len(samples) < fewest:
            continue
        known = len(samples) >= _TIMES_FEWEST * fewest and uncertainty(samples) <= _ENOUGH
        as_many = like is not None and len(samples) >= len(like.samples)
        if known or as_many or time.perf_counter() >= until:
            return summary(samples, in_sample)


def _warm_up(turn: Iterator[Call], clock: Clock, stopped: Callable[[], bool], known_calls: int) -> int:
    """Run what is to be measured for a while; how many calls a sample needs by the quickest of these runs.

    known_calls: how many it needs, where that is known; then the first run, which sets things up, is enough if it was
    long. 0 where it is not.
    """
    spent = clock.seconds(islice(turn, 1))
    if known_calls:
        while spent < _WARM_UP_SECONDS and not stopped():
            spent += max(clock.seconds(islice(turn, known_calls)), 1e-7)
        return known_calls
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
    return Timing(middle, low, high, uncertainty(samples), tuple(samples), calls)


def pooled(first: Timing, second: Timing) -> Timing:
    """The samples of two visits as those of one: a median over two moments of the machine's clock.

    Both moments count alike: of the visit that took more samples, as many are left out, evenly, as it has more. Else
    the median would be that of the moment with more of them, which is the one that was the less steady.
    """
    count = min(len(first.samples), len(second.samples))
    return summary([*_evenly(first.samples, count), *_evenly(second.samples, count)], second.calls)


def _evenly(samples: Sequence[float], count: int) -> list[float]:
    """So many of the samples, from the first on at even distances."""
    return [samples[at * len(samples) // count] for at in range(count)]


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
