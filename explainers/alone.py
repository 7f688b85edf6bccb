"""Measuring while nothing else on this computer does: two that share processors would spoil each other's numbers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explainers.language import _

FOLDER = "EXPLAINERS_CACHE"  # an environment variable: where results are kept, in place of the user's cache folder


class BusyError(RuntimeError):
    """Something else on this computer is measuring now."""


def folder() -> Path:
    """Where results are kept."""
    named = os.environ.get(FOLDER)
    if named:
        return Path(named).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "explainers"


@contextmanager
def alone() -> Iterator[None]:
    """Measure while no other program on this computer does; the system opens the lock of one that was killed.

    Raises BusyError where another one measures now.
    """
    from filelock import FileLock, Timeout

    place = folder()
    with suppress(OSError):
        place.mkdir(parents=True, exist_ok=True)
    if not os.access(place, os.W_OK):
        place = Path(tempfile.gettempdir())
    try:
        with FileLock(place / "measuring.lock", timeout=0, thread_local=False):
            yield
    except Timeout as error:
        raise BusyError(
            _("Another program on this computer is measuring: wait until it has finished, and measure then.")
        ) from error
