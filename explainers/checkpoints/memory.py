"""Which models are in memory: at most so many and so many bytes, the least recently used is released first."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from explainers.checkpoints import settings
from explainers.checkpoints.families import CheckpointError
from explainers.checkpoints.text import size_text
from explainers.language import _

if TYPE_CHECKING:
    from explainers.checkpoints.checkpoint import Checkpoint

# Beyond the weights: one forward pass of a long text, and the pages that are read while they load.
RESERVE_BYTES = 200 * 10**6

_CGROUP = Path("/sys/fs/cgroup")

_lock = threading.Lock()
_residents: list[Checkpoint] = []  # the least recently used first


def residents() -> Sequence[Checkpoint]:
    """The checkpoints whose weights are in memory, the most recently used first."""
    with _lock:
        return [checkpoint for checkpoint in reversed(_residents) if checkpoint.loaded]


def used(checkpoint: Checkpoint) -> None:
    """Note that this model was asked for just now, and release what is then too many."""
    with _lock:
        if checkpoint in _residents:
            _residents.remove(checkpoint)
        _residents.append(checkpoint)
        while len(_residents) > 1 and _too_much():
            _residents.pop(0).release()


def _too_much() -> bool:
    """Whether there are too many models in memory, or too large ones."""
    weights = sum(resident.resident_bytes for resident in _residents)
    return len(_residents) > settings.most_models() or weights > settings.model_bytes()


def make_room(checkpoint: Checkpoint, needed_bytes: int) -> None:
    """Release others, the least recently used first, until so many bytes are free.

    Raises CheckpointError, and releases none, where even that would not be enough.
    """
    wanted = needed_bytes + RESERVE_BYTES
    if available_bytes() >= wanted:
        return
    if why := refusal(checkpoint.name, needed_bytes):
        raise CheckpointError(why)
    for other in reversed(residents()):
        if other is not checkpoint:
            with _lock, suppress(ValueError):
                _residents.remove(other)
            other.release()
        if available_bytes() >= wanted:
            return


def refusal(name: str, needed_bytes: int) -> str:
    """Why a model of so many bytes cannot be loaded here, in a sentence; "" where it can."""
    free = available_bytes() + sum(checkpoint.resident_bytes for checkpoint in residents())
    if free >= needed_bytes + RESERVE_BYTES:
        return ""
    return _("{name} needs {needed} of memory, and {free} are free: choose a smaller model.").format(
        name=name, needed=size_text(needed_bytes + RESERVE_BYTES), free=size_text(free)
    )


def available_bytes() -> int:
    """The memory that this process can still get: the machine's, or less where its container is limited."""
    import psutil

    free = int(psutil.virtual_memory().available)
    with suppress(OSError, ValueError):
        limit = int((_CGROUP / "memory.max").read_text())  # "max" where there is no limit
        inactive = dict(line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines()).get(
            "inactive_file", 0
        )
        free = min(free, limit - int((_CGROUP / "memory.current").read_text()) + int(inactive))
    return max(0, free)
