"""How the time of a sweep is divided among its tasks, and how long the rest will take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from explainers.roofline.tasks import Group, Task

# Of a sweep at most, and for each share of it; where points take longer than theirs, those after them get less.
TOTAL_SECONDS = 24.0
SHARE_SECONDS = 0.2

_LEAST_SECONDS, _MOST_SECONDS = 0.03, 0.5  # for one point
_SHARES: dict[Group, float] = {"bandwidth": 0.5, "peak": 3.0, "product": 1.0, "prefill": 1.0, "decode": 1.0}


class Pace:
    """The clock of one sweep: what each of the tasks that are left may take."""

    def __init__(self, tasks: Sequence[Task], left: Sequence[Task], scale: float) -> None:
        """Start. tasks: of the whole sweep; left: those that are to be measured now; scale: of all its time."""
        self._scale = scale
        self._shares_left = self._shares_here = _shares(left)
        share_seconds = min(SHARE_SECONDS, TOTAL_SECONDS / max(_shares(tasks), 1e-9))
        self._total_seconds = share_seconds * scale * self._shares_here
        self._began = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self._began

    @property
    def seconds_left(self) -> float:
        """What the others will take, if they take as long for their share as those that are done."""
        done = self._shares_here - self._shares_left
        return self.seconds * self._shares_left / done if done else self._total_seconds

    @property
    def behind(self) -> bool:
        """Whether the tasks so far took clearly more than their share."""
        done = 1 - self._shares_left / max(self._shares_here, 1e-9)
        return self.seconds > 1.2 * self._total_seconds * done

    def allowance(self, task: Task) -> float:
        """The seconds for this task: its share of what is left."""
        left = (self._total_seconds - self.seconds) * _SHARES[task.group] / max(self._shares_left, 1e-9)
        return min(_MOST_SECONDS * self._scale, max(_LEAST_SECONDS * self._scale, left))

    def done(self, task: Task) -> None:
        """Note that this task is behind us."""
        self._shares_left -= _SHARES[task.group]


def _shares(tasks: Iterable[Task]) -> float:
    return sum(_SHARES[task.group] for task in tasks)
