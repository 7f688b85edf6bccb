"""Fair comparisons: two things measured in turn, so that both meet the same machine, and their medians compared."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

BUSY_PERCENT = 15.0
LOOK_SECONDS = 3.0


class BusyError(RuntimeError):
    """Something else uses the machine; the message is one sentence that says how much, and what to do."""


@dataclass(frozen=True)
class Ratio:
    """Medians in seconds of what was measured and of what it is compared with, and the goal for their ratio."""

    name: str
    seconds: float
    reference_seconds: float
    goal: float

    @property
    def value(self) -> float:
        """How many times as long it takes as the reference."""
        return self.seconds / self.reference_seconds

    def __str__(self) -> str:
        verdict = "met" if self.value <= self.goal else "NOT met"
        return (
            f"{self.name:<44} {self.value:5.2f} times  (goal {self.goal:g}: {verdict}; "
            f"{self.seconds * 1e3:,.3f} ms against {self.reference_seconds * 1e3:,.3f} ms)"
        )


def check_idle() -> None:
    """Raise BusyError where other work would be measured along with ours."""
    percent = psutil.cpu_percent(interval=LOOK_SECONDS)
    if percent > BUSY_PERCENT:
        raise BusyError(
            f"The machine is busy ({percent:.0f} % of its processors are in use): wait until it is idle, and run again."
        )


def seconds_of(call: Callable[[], object]) -> Callable[[], float]:
    """A measurement of one call."""

    def seconds() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return seconds


def medians_in_turn(
    first: Callable[[], float], second: Callable[[], float], repeats: int, warm_up: int = 1
) -> tuple[float, float]:
    """The medians of two measurements (each returns seconds), taken in turn and starting with either as often."""
    pairs = []
    for repeat in range(repeats + warm_up):
        pair = (first(), second()) if repeat % 2 else (second(), first())[::-1]
        pairs.append(pair)
    measured = pairs[warm_up:]
    return statistics.median(a for a, _ in measured), statistics.median(b for _, b in measured)
