"""Loads the built-in models in the background, so that the first question about one does not wait for it.

Importing torch and transformers takes seconds in which Python's lock is often held. The loading therefore waits until
the first page was served, or until nobody came for a while. Its thread has the usual priority: a slow thread that holds
the lock would slow down everybody who waits for it.
"""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from explainers import checkpoints
from explainers.checkpoints import CheckpointError, load
from explainers.language import _

State = Literal["waiting", "loading", "ready", "failed"]

QUIET_SECONDS = 5.0
PAINT_SECONDS = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelState:
    """Where one model is on its way into memory, and one sentence on it for people."""

    name: str
    state: State
    sentence: str


class Warming:
    """Loads models one after the other in a thread of its own; every method may be called from any thread."""

    def __init__(
        self,
        names: Sequence[str],
        load_weights: Callable[[str], object],
        *,
        quiet_seconds: float = QUIET_SECONDS,
        paint_seconds: float = PAINT_SECONDS,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Prepare to call load_weights for each name, at the earliest paint_seconds after the first page was served.

        Where no page is asked for, loading starts quiet_seconds after `start`. then: called after the last model.
        """
        self._load_weights = load_weights
        self._then = then
        self._quiet_seconds = quiet_seconds
        self._paint_seconds = paint_seconds
        self._states = {name: ModelState(name, "waiting", _("Waits for the first page.")) for name in names}
        self._served = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def states(self) -> tuple[ModelState, ...]:
        """Every model's state, in the order in which they load."""
        return tuple(self._states.values())

    @property
    def ready(self) -> bool:
        """Whether every model is in memory."""
        return all(model.state == "ready" for model in self.states)

    def start(self) -> None:
        """Start the thread; a second call does nothing."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="warming", daemon=True)
                self._thread.start()

    def page_served(self) -> None:
        """Say that a page has been sent, so that loading no longer delays the first one."""
        self._served.set()

    def stop(self) -> None:
        """Load no further model; the one that is loading now comes to its end."""
        self._stopped.set()
        self._served.set()

    def _run(self) -> None:
        if self._served.wait(self._quiet_seconds):
            self._stopped.wait(self._paint_seconds)
        for name in self._states:
            if self._stopped.is_set():
                return
            self._warm(name)
        self._then()

    def _warm(self, name: str) -> None:
        self._set(name, "loading", _("Loads its weights."))
        try:
            self._load_weights(name)
        except CheckpointError as error:
            self._set(name, "failed", str(error))
        except Exception:
            _log.exception("Loading %s failed", name)
            self._set(name, "failed", _("The weights could not be loaded: the server's log says why."))
        else:
            self._set(name, "ready", _("Ready."))

    def _set(self, name: str, state: State, sentence: str) -> None:
        self._states[name] = replace(self._states[name], state=state, sentence=sentence)


@lru_cache(maxsize=1)
def built_in() -> Warming:
    """The warming of the built-in models, one a process."""
    return Warming(checkpoints.built_in(), lambda name: load(name).model, then=spare_the_collector)


def spare_the_collector() -> None:
    """Let the garbage collector leave out what is in memory now: it stays, or is freed without its help.

    Streamlit has it look through everything after every run of a page. The libraries and the models are 500,000
    objects, for which it keeps Python's lock for a third of a second: a long pass in the background would stand still.
    """
    gc.collect()
    gc.freeze()
