"""The exact size of a download, asked of the hub in the background so that no page waits for an answer."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from explainers.checkpoints import hub
from explainers.checkpoints.families import CheckpointError
from explainers.checkpoints.names import Entry

VALID_SECONDS = 600.0
RETRY_SECONDS = 15.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Size:
    """What the hub said: total_bytes is 0 while it has not answered, sentence is why the model cannot be had."""

    asked_at: float
    answered: bool = False
    total_bytes: int = 0
    sentence: str = ""

    @property
    def is_old(self) -> bool:
        """Whether it is time to ask again."""
        valid = RETRY_SECONDS if self.sentence else VALID_SECONDS
        return self.answered and time.monotonic() - self.asked_at > valid


_sizes: dict[str, Size] = {}
_lock = threading.Lock()


def exact_size(entry: Entry) -> Size:
    """What is known now; the first call for a model asks the hub, and so does one after a while."""
    with _lock:
        known = _sizes.get(entry.hub)
        if known is None or known.is_old:
            _sizes[entry.hub] = known = Size(time.monotonic())
            threading.Thread(target=_ask, args=(entry, known), name=f"size of {entry.name}", daemon=True).start()
    return known


def _ask(entry: Entry, asked: Size) -> None:
    try:
        answer = Size(asked.asked_at, True, hub.ask(entry).total_bytes)
    except CheckpointError as error:
        answer = Size(asked.asked_at, True, sentence=str(error))
    except Exception as error:
        _log.warning("Asking for the size of %s failed: %r", entry.name, error)
        answer = Size(asked.asked_at, True, sentence=hub.sentence(error, entry.name))
    with _lock:
        _sizes[entry.hub] = answer
