"""How the time of a sweep is divided among its visits to tasks, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from explainers.roofline.tasks import Group, Task

# Of a sweep at most, and for each share of it; where visits take longer than theirs, those after them get less.
TOTAL_SECONDS = 24.0
SHARE_SECONDS = 0.1

_LEAST_SECONDS, _MOST_SECONDS = 0.015, 0.25  # for the samples of one visit
_WARM_UP_SECONDS = 0.012  # what a visit takes before
_LAG = 0.15  # of the whole: what the sweep may be late, for what is later is quicker: large arrays come first
_SHARES: dict[Group, float] = {"bandwidth": 0.5, "peak": 3.0, "product": 1.0, "prefill": 1.0, "decode": 1.0}


class Pace:
    """The clock of one sweep: what each of the visits that are left may take."""

    def __init__(self, visits: Sequence[Task], rounds: Sequence[Sequence[Task]], scale: float) -> None:
        """Start. visits: to tasks, in the whole sweep; rounds: of those that are to be made now; scale: of all time.

        Each round has its share of the time, and what is late in one is made up for in the same one: so a task gets as
        many samples in both.
        """
        self._scale = scale
        self._rounds = [list(each) for each in rounds]
        self._shares_here = self._shares_left
        self._share_seconds = scale * min(SHARE_SECONDS, TOTAL_SECONDS / max(_shares(visits), 1e-9))
        self._total_seconds = self._share_seconds * self._shares_here
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._began

    @property
    def seconds_left(self) -> float:
        """What the others will take: at first what is planned, and the more are done, the more as those took.

        The first ones tell little of the others: they are streams over large arrays, the slowest for their share.
        """
        left = self._shares_left / max(self._shares_here, 1e-9)
        return left * (left * self._total_seconds + self.seconds)

    @property
    def behind(self) -> bool:
        """Whether the visits so far took so much more than their share that nothing can be measured again."""
        done = 1 - self._shares_left / max(self._shares_here, 1e-9)
        return self.seconds > self._total_seconds * (done + _LAG)

    def allowance(self, task: Task) -> float:
        """The seconds for the samples of a visit to this task: its share of what is left of the round."""
        here = next((_shares(each) for each in self._rounds if each), 0.0)
        later_seconds = self._share_seconds * (self._shares_left - here)
        left = (self._total_seconds - later_seconds - self.seconds) * _SHARES[task.group] / max(here, 1e-9)
        return min(_MOST_SECONDS * self._scale, max(_LEAST_SECONDS * self._scale, left - _WARM_UP_SECONDS))

    def done(self, task: Task) -> None:
        """Note that the next visit to this task is behind us."""
        next(each for each in self._rounds if task in each).remove(task)

    @property
    def _shares_left(self) -> float:
        return sum(_shares(each) for each in self._rounds)


def _shares(tasks: Iterable[Task]) -> float:
    return sum(_SHARES[task.group] for task in tasks)
