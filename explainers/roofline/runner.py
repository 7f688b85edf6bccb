"""One sweep at a time for all visitors of a server, in a process of its own, which ends when nobody asks after it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from explainers import language
from explainers.language import _
from explainers.roofline.kept import keep, last_result
from explainers.roofline.messages import update_from
from explainers.roofline.process import Process
from explainers.roofline.requests import Request
from explainers.roofline.results import Result

Phase = Literal["idle", "waiting", "starting", "measuring", "stopped", "done", "failed"]

_MOST_VISITS = 64  # that are remembered, with their points

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RunState:
    """What one visitor sees.

    phase: of this visitor's own sweep ("idle": has none). ahead: sweeps that come before it. result: this visitor's
    points so far, or where there are none the last result that was kept, or None. mine: whether `result` is of this
    visitor's own sweep. others: whether another visitor's sweep is being measured now; then `done` of `steps`
    measurements and `seconds_left` are those of that one, and else of this visitor's own. sentence: why it failed.
    version: changes whenever anything else here does.
    """

    phase: Phase
    ahead: int = 0
    done: int = 0
    steps: int = 0
    seconds_left: float | None = None
    result: Result | None = None
    mine: bool = False
    others: bool = False
    sentence: str = ""
    version: int = 0

    @property
    def active(self) -> bool:
        """Whether the page should ask again soon."""
        return self.others or self.working

    @property
    def working(self) -> bool:
        """Whether this visitor's own sweep is under way, or waits for its turn."""
        return self.phase in ("waiting", "starting", "measuring")


@dataclass
class _Visit:
    """One visitor's sweep; changed under the runner's lock alone."""

    request: Request
    seen: float
    spoken: str  # the visitor's language
    phase: Phase = "waiting"
    done: int = 0
    steps: int = 0
    seconds_left: float | None = None
    result: Result | None = None
    sentence: str = ""


class Runner:
    """Queues the sweeps of visitors (any string that names a session); every method may be called from any thread.

    A visitor who does not ask for `state` for `patience_seconds` while waiting or measuring is gone: the sweep stops,
    and the next one begins. No thread is left when nothing is measured; the lock is one of the system, which the death
    of its process opens.
    """

    def __init__(self, *, patience_seconds: float = 20.0) -> None:
        """Prepare; starts nothing."""
        self._patience_seconds = patience_seconds
        self._lock = threading.RLock()
        self._visits: dict[str, _Visit] = {}
        self._queue: list[str] = []
        self._measuring: str | None = None  # the visitor whose sweep it is
        self._process: Process | None = None  # of that sweep
        self._ready: Process | None = None  # for the next one
        self._thread: threading.Thread | None = None
        self._listeners: list[Callable[[], None]] = []
        self._last: Result | None = None
        self._read_last = False
        self._version = 0
        self._closed = False

    def warm(self) -> None:
        """Have a process ready (it imports torch), so that the first point comes soon; ends by itself when unused."""
        with self._lock:
            if not self._closed and self._process is None:
                self._ready = self._fresh()

    def start(self, visitor: str, request: Request) -> None:
        """Measure this as soon as it is this visitor's turn, in place of what the visitor asked for before."""
        with self._lock:
            self.stop(visitor)
            self._visits[visitor] = _Visit(request, time.monotonic(), language.current())
            self._enqueue(visitor)
        self._tell()

    def stop(self, visitor: str) -> None:
        """Stop this visitor's sweep within half a second, or leave the queue; the points so far stay."""
        with self._lock:
            visit = self._visits.get(visitor)
            if visit is None or visit.phase not in ("waiting", "starting", "measuring"):
                return
            visit.phase = "stopped"
            if visitor in self._queue:
                self._queue.remove(visitor)
            if self._measuring == visitor and self._process is not None:
                self._process.stop()
        self._tell()

    def resume(self, visitor: str) -> None:
        """Go on where this visitor's sweep was stopped, when it is its turn; does nothing where nothing was."""
        with self._lock:
            visit = self._visits.get(visitor)
            if visit is None or visit.phase not in ("stopped", "failed"):
                return
            visit.phase, visit.sentence = "waiting", ""
            visit.seen, visit.spoken = time.monotonic(), language.current()
            self._enqueue(visitor)
        self._tell()

    def state(self, visitor: str) -> RunState:
        """What this visitor sees now; asking says that the visitor is still there."""
        with self._lock:
            visit = self._visits.get(visitor)
            if visit is not None:
                visit.seen = time.monotonic()
            others = self._measuring is not None and self._measuring != visitor
            shown = self._visits.get(self._measuring or "") if others else visit
            own = visit.result if visit else None
            return RunState(
                phase=visit.phase if visit else "idle",
                ahead=self._ahead(visitor),
                done=shown.done if shown else 0,
                steps=shown.steps if shown else 0,
                seconds_left=shown.seconds_left if shown else None,
                result=own or self._last_result(),
                mine=own is not None,
                others=others,
                sentence=visit.sentence if visit else "",
                version=self._version,
            )

    @property
    def measuring(self) -> bool:
        """Whether a process measures now."""
        return self._measuring is not None

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call the listener (from another thread) whenever a state changes, until the returned function is called."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def close(self) -> None:
        """End everything now, for good; comes back when the thread and the processes are gone."""
        with self._lock:
            self._closed = True
            self._queue.clear()
            if self._measuring is not None:
                self.stop(self._measuring)
            ready, self._ready, thread = self._ready, None, self._thread
        if ready is not None:
            ready.end()
        if thread is not None:
            thread.join()

    def _enqueue(self, visitor: str) -> None:
        if self._closed:
            return
        self._queue.append(visitor)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="roofline", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """Measure for one visitor after the other until nobody waits."""
        while True:
            with self._lock:
                self._forget_gone()
                if not self._queue:
                    self._thread = self._measuring = None
                    return
                self._measuring = self._queue.pop(0)
                visit = self._visits[self._measuring]
                visit.phase = "starting"
                self._process, self._ready = self._fresh(), None
            language.use(visit.spoken)
            self._tell()
            try:
                self._measure(visit, self._process)
            except Exception:
                _log.exception("Measuring failed")
                visit.phase, visit.sentence = "failed", _("Measuring failed: the server's log says why.")
            finally:
                self._process.end()
                with self._lock:
                    self._process = self._measuring = None
            self._tell()

    def _measure(self, visit: _Visit, process: Process) -> None:
        """Read what the process finds for this visit until it ends."""
        for told in process.lines(visit.request, visit.result):
            with self._lock:
                if "failed" in told:
                    visit.phase, visit.sentence = "failed", told["failed"]
                else:
                    self._note(visit, told)
                if time.monotonic() - visit.seen > self._patience_seconds and visit.phase == "measuring":
                    visit.phase = "stopped"
                    process.stop()
            self._tell()
        with self._lock:
            if visit.phase in ("starting", "measuring"):
                visit.phase, visit.sentence = "failed", _("The process that measured has ended: start it again.")

    def _note(self, visit: _Visit, told: dict[str, Any]) -> None:
        """Take over a measurement."""
        update = update_from(told, visit.result)
        visit.result, visit.done, visit.steps = update.result, update.done, update.steps
        visit.seconds_left = update.seconds_left
        if visit.phase == "starting":
            visit.phase = "measuring"
        if update.result.complete:
            visit.phase, self._last, self._read_last = "done", update.result, True
            keep(update.result)

    def _fresh(self) -> Process:
        """The process that waits, or a new one."""
        if self._ready is not None and self._ready.alive:
            return self._ready
        if self._ready is not None:
            self._ready.end()
        return Process()

    def _forget_gone(self) -> None:
        """Take out of the queue who no longer asks, and forget who asked long ago."""
        now = time.monotonic()
        for visitor in [each for each in self._queue if now - self._visits[each].seen > self._patience_seconds]:
            self._queue.remove(visitor)
            self._visits[visitor].phase = "stopped"
        oldest = sorted(self._visits, key=lambda visitor: self._visits[visitor].seen)
        for visitor in oldest[: max(0, len(oldest) - _MOST_VISITS)]:
            if visitor not in self._queue:
                del self._visits[visitor]

    def _ahead(self, visitor: str) -> int:
        if visitor not in self._queue:
            return 0
        return self._queue.index(visitor) + (self._measuring not in (None, visitor))

    def _last_result(self) -> Result | None:
        if not self._read_last:
            self._last, self._read_last = last_result(), True
        return self._last

    def _tell(self) -> None:
        """Say that something has changed."""
        with self._lock:
            self._version += 1
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener()


@lru_cache(maxsize=1)
def runner() -> Runner:
    """The runner of this process."""
    return Runner()
