"""Measurements that all visitors share: one at a time on a server, in a process of its own, the last of each kept."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import Literal, cast

import psutil

from explainers.alone import BusyError, alone
from explainers.matmul.measuring import MOST_FLOPS, Timing, needed_bytes, stop_asked
from explainers.matmul.networks import Load, Network
from explainers.matmul.process import MeasureError, Measurer
from explainers.matmul.tally import Count, Mode
from explainers.sharing import Progress, SharedResults, Stop

MODES: tuple[Mode, ...] = ("inference", "training")

Refusal = Literal["work", "memory"]

_KEPT_BYTES = 4_000_000
_OPERATOR_BYTES = 500
_PATIENCE_SECONDS = 20.0  # without a question, until a visitor is taken to be gone: pages are slow while we measure
_PART_OF_FREE_MEMORY = 0.5


class Timings:
    """What was measured last of each network and load; every method may be called from any thread."""

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self._shared = SharedResults(_KEPT_BYTES, _bytes_of, patience_seconds=_PATIENCE_SECONDS)
        self._measurer = Measurer()
        self._takes: dict[tuple[Network, Load], int] = {}
        self._lock = threading.Lock()

    def found(self, network: Network, load: Load, mode: Mode) -> Timing | None:
        """What was measured, or None."""
        key = self._key(network, load, mode)
        if not self._shared.holds(key):
            return None
        try:
            return cast("Timing", self._shared.value(key, _gone))
        except KeyError:
            return None

    def ask(self, network: Network, load: Load, mode: Mode, who: str) -> Progress:
        """Have it measured when it is its turn, and say how far that is; `who` tells visitors apart.

        Raises MeasureError where it could not be measured, also because another program was measuring.
        """

        def make(stop: Stop) -> Timing:
            try:
                with alone():  # a roofline that is begun meanwhile must not share the processors
                    return self._measurer.measure(network, load, mode, stop)
            except BusyError as error:
                raise MeasureError from error

        return self._shared.ask(self._key(network, load, mode), make, [1.0] * stop_asked(network, mode), who)

    def leave(self, network: Network, load: Load, who: str) -> None:
        """This visitor does not want it any more; it ends before the next layer if nobody else does."""
        for mode in MODES:
            self._shared.leave(self._key(network, load, mode), who)

    def forget(self, network: Network, load: Load) -> None:
        """The next who asks has it measured anew."""
        with self._lock:
            self._takes[network, load] = self._takes.get((network, load), 0) + 1

    def warm(self) -> None:
        """Have the process that measures ready, so that the first result comes soon; it ends by itself when unused."""
        self._measurer.warm()

    def close(self) -> None:
        """End that process now."""
        self._measurer.end()

    @property
    def running(self) -> int:
        """Measurements at work, or waiting for their turn."""
        return self._shared.running

    def _key(self, network: Network, load: Load, mode: Mode) -> tuple[object, ...]:
        with self._lock:
            return network, load, mode, self._takes.get((network, load), 0)


@lru_cache(maxsize=1)
def timings() -> Timings:
    """The measurements of this process."""
    return Timings()


def refusal(network: Network, counted: Count, mode: Mode) -> Refusal | None:
    """Why this is not measured here: a step would take too long, or more than half of the memory that is free."""
    if counted.flops() > MOST_FLOPS:
        return "work"
    free = psutil.virtual_memory().available
    return "memory" if needed_bytes(network, counted, mode) > _PART_OF_FREE_MEMORY * free else None


def _gone(_stop: Stop) -> object:
    """What stands in for a result that others have just pushed out."""
    raise KeyError


def _bytes_of(value: object) -> int:
    return _OPERATOR_BYTES * len(value.operators) if isinstance(value, Timing) else _OPERATOR_BYTES
