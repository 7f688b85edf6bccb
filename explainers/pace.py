"""How long a computation will take, said before it has begun: by the pace of an earlier one, or of a short trial."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, NamedTuple

Basis = Literal["earlier", "trial"]


class Expectation(NamedTuple):
    """A time, and what it is judged by: the latest computation of this process, or a trial."""

    seconds: float
    basis: Basis


class Pace:
    """Seconds a unit of work takes in this process, as measured; the unit is the caller's, such as a FLOP.

    The latest measurement counts: it knows best how busy the machine is. Every method may be called from any thread.
    """

    def __init__(self, trial: Callable[[], float]) -> None:
        """trial: measures the seconds a unit takes on something short; run once at most, where nothing is known."""
        self._trial = trial
        self._known: tuple[float, Basis] | None = None
        self._lock = threading.Lock()

    def note(self, work: float, seconds: float) -> None:
        """Learn from work that is over."""
        if work > 0 and seconds > 0:
            with self._lock:
                self._known = (seconds / work, "earlier")

    def try_out(self) -> None:
        """Run the trial, unless something is known already."""
        with self._lock:
            known = self._known
        if known is None:
            seconds = self._trial()
            with self._lock:
                self._known = self._known or (seconds, "trial")

    def expect(self, work: float) -> Expectation | None:
        """How long so much work takes; None where nothing was measured yet."""
        with self._lock:
            return None if self._known is None else Expectation(work * self._known[0], self._known[1])
