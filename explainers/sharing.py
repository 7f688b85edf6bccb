"""Results that all visitors share, bounded in bytes, and the long computations that make them.

A computation runs in the caller's thread (`value`), or in a thread of its own (`ask`) while a page shows how far it is.
There it is given up between two steps once nobody asks any more: the visitor stopped it, changed the text, or is gone.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from explainers.pace import Expectation, Pace

Stop = Callable[[], bool]  # asked between two steps; True: give up
Make = Callable[[Stop], object]

PATIENCE_SECONDS = 10.0  # without a question, until a visitor is taken to be gone
_LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Progress:
    """How far a computation is.

    work: of every step, in one unit. done: how many steps are over, which took so many seconds; seconds_in_step: since
    then. queued: it waits for another computation. began: whether the first step has begun; before, it waits, or a
    model's weights are read. expected: how long all of it takes, as far as that is known before.
    """

    work: tuple[float, ...]
    done: int = 0
    seconds: float = 0.0
    seconds_in_step: float = 0.0
    queued: bool = False
    began: bool = False
    expected: Expectation | None = None

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.work)

    @property
    def measured(self) -> bool:
        """Whether the time is told from this computation's own steps."""
        return sum(self.work[: self.done]) > 0

    @property
    def whole_seconds(self) -> float | None:
        """How long all steps take: as measured on those that are over, or, before any is, as expected."""
        if self.measured:
            return self.seconds * sum(self.work) / sum(self.work[: self.done])
        return None if self.expected is None else self.expected.seconds

    @property
    def seconds_left(self) -> float | None:
        """The time until the end; None where nothing is known. A step that takes too long counts as nearly over."""
        whole, all_work = self.whole_seconds, sum(self.work)
        if whole is None or not all_work:
            return None
        left = [whole * work / all_work for work in self.work[self.done :]]
        return sum(left) - min(self.seconds_in_step, left[0]) if left else 0.0

    @property
    def fraction(self) -> float:
        """The part that is over, 0 to 1."""
        whole, left = self.whole_seconds, self.seconds_left
        return min(1.0, max(0.0, 1 - left / whole)) if whole and left is not None else 0.0


@dataclass(eq=False)
class _Job:
    """One computation in a thread of its own, and when each visitor asked for it last."""

    work: tuple[float, ...]
    patience_seconds: float
    pace: Pace | None
    asked: dict[str, float] = field(default_factory=dict)
    queued: bool = True
    asks: int = 0  # of `stop`, the first of them before the first step
    began: float = 0.0
    step_over: float = 0.0
    given_up: bool = False
    failed: Exception | None = None

    def abandoned(self) -> bool:
        """Whether nobody asks any more; once that is so, it stays so."""
        latest = max(list(self.asked.values()), default=0.0)
        self.given_up = self.given_up or time.monotonic() - latest >= self.patience_seconds
        return self.given_up

    def stop(self) -> bool:
        """Count a step, and say whether the computation should end here."""
        self.step_over = time.monotonic()
        self.began = self.began or self.step_over
        self.asks += 1
        return self.abandoned()

    def over(self) -> None:
        """Let the pace of its steps be known."""
        done = self.progress
        if self.pace is not None:
            self.pace.note(sum(self.work[: done.done]), done.seconds)

    @property
    def progress(self) -> Progress:
        return Progress(
            self.work,
            max(0, self.asks - 1),
            self.step_over - self.began,
            time.monotonic() - self.step_over if self.asks else 0.0,
            queued=self.queued,
            began=self.asks > 0,
            expected=self.pace.expect(sum(self.work)) if self.pace else None,
        )


class SharedResults:
    """The results that were used last, as many as fit into so many bytes; every method may be called from any thread.

    The newest is kept even where it alone is larger. Computations in threads of their own run one after the other.
    """

    def __init__(
        self,
        most_bytes: int,
        bytes_of: Callable[[object], int],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        pace: Pace | None = None,
    ) -> None:
        """Keep so many bytes, as bytes_of counts them, and wait so long for a visitor who does not ask any more.

        pace: what long computations are judged by before they begin, and what they teach.
        """
        self._pace = pace
        self._most_bytes = most_bytes
        self._bytes_of = bytes_of
        self._patience_seconds = patience_seconds
        self._values: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()  # the least recently used first
        self._busy: set[Hashable] = set()
        self._jobs: dict[Hashable, _Job] = {}
        self._changed = threading.Condition()
        self._turn = threading.Lock()

    @property
    def bytes(self) -> int:
        """What is kept now."""
        with self._changed:
            return sum(size for _value, size in self._values.values())

    def holds(self, key: Hashable) -> bool:
        """Whether the result is there."""
        with self._changed:
            return key in self._values

    def value(self, key: Hashable, make: Make) -> object:
        """The result; computed here and now where it is not there. Who wants the same meanwhile waits for it."""
        return self._value(key, make, lambda: False)

    def ask(self, key: Hashable, make: Make, work: Sequence[float], who: str) -> Progress:
        """Say that a visitor wants this result, which is computed in the background, and how far it is.

        work: of every step. make is given `stop`, which it asks before the first step and between any two (after the
        last if it likes), and raises where it says True. What else it raises is raised here, to the next who asks.
        `who` tells visitors apart.
        """
        with self._changed:
            job = self._jobs.get(key)
            if job is None or job.given_up:
                job = self._jobs[key] = _Job(tuple(work), self._patience_seconds, self._pace, {who: time.monotonic()})
                context = contextvars.copy_context()  # the language of what goes wrong
                threading.Thread(
                    target=context.run, args=(self._work, key, make, job), name="computing", daemon=True
                ).start()
            elif job.failed is not None:
                del self._jobs[key]
                raise job.failed
            job.asked[who] = time.monotonic()
            return job.progress

    def leave(self, key: Hashable, who: str) -> None:
        """Say that a visitor does not want this result any more; the computation ends if nobody else does."""
        with self._changed:
            if key in self._jobs:
                self._jobs[key].asked.pop(who, None)

    @property
    def running(self) -> int:
        """How many computations are at work in the background, or wait for their turn."""
        with self._changed:
            return sum(job.failed is None for job in self._jobs.values())

    def _value(self, key: Hashable, make: Make, stop: Stop) -> object:
        with self._changed:
            while key in self._busy:
                self._changed.wait()
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][0]
            self._busy.add(key)
        try:
            value = make(stop)
            self._keep(key, value)
        finally:
            with self._changed:
                self._busy.discard(key)
                self._changed.notify_all()
        return value

    def _keep(self, key: Hashable, value: object) -> None:
        size = self._bytes_of(value)
        with self._changed:
            self._values[key] = (value, size)
            kept = sum(size for _value, size in self._values.values())
            while kept > self._most_bytes and len(self._values) > 1:
                kept -= self._values.popitem(last=False)[1][1]

    def _work(self, key: Hashable, make: Make, job: _Job) -> None:
        """Compute in this thread, when it is its turn, until it is done or nobody wants it any more."""
        while not self._turn.acquire(timeout=_LOOK_SECONDS):
            if job.abandoned():
                self._end(key, job)
                return
        try:
            job.queued = False
            if self._pace is not None:
                self._pace.try_out()
            self._value(key, make, job.stop)
        except Exception as error:  # whatever went wrong: whoever asks next is told
            job.failed = None if job.given_up else error
        finally:
            job.over()
            self._turn.release()
            self._end(key, job)

    def _end(self, key: Hashable, job: _Job) -> None:
        with self._changed:
            if job.failed is None and self._jobs.get(key) is job:
                del self._jobs[key]
