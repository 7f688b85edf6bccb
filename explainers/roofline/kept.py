"""The last result of this machine, on disk, so that the next start shows it at once."""

from __future__ import annotations

import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from explainers.alone import folder
from explainers.roofline.export import from_json, to_json
from explainers.roofline.results import Result

_DEVICES = ("cpu", "cuda", "mps")
_MOST_BYTES = 10 * 10**6  # of a file that is read: a result has a tenth of it

_log = logging.getLogger(__name__)


def last_result(device: str = "") -> Result | None:
    """The last result that was kept, of this device or of any; None where there is none (or none that can be read)."""
    found = [result for name in ([device] if device else _DEVICES) if (result := _read(_path(name)))]
    return max(found, key=lambda result: result.started, default=None)


def keep(result: Result) -> None:
    """Write the result in place of the last one of its device; where nothing can be written, only the log says so."""
    path = _path(result.machine.device)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(to_json(result))
        os.replace(file.name, path)
    except OSError as error:
        _log.warning("The measurement could not be kept in %s: %s", path.parent, error)


def forget() -> None:
    """Delete what was kept."""
    for device in _DEVICES:
        with suppress(OSError):
            _path(device).unlink()


def _path(device: str) -> Path:
    return folder() / f"roofline-{device}.json"


def _read(path: Path) -> Result | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None
        return from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
