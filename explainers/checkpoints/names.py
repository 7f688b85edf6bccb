"""The names of models: the catalogue, what of it is on this computer, and `load`, the only way to a checkpoint."""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from explainers.checkpoints import settings
from explainers.checkpoints.checkpoint import Checkpoint
from explainers.checkpoints.families import CheckpointError, Family, family_of, read_configuration
from explainers.language import _

ASSETS = Path(__file__).resolve().parents[2] / "assets"
MODELS = ASSETS / "models"
LOCAL = "local:"
_LONGEST_SHOWN = 80  # characters of a name that somebody made up

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?", re.ASCII)

_LOCAL_NAME = re.compile(r"\w[\w .-]{0,80}")

_checkpoints: dict[Path, Checkpoint] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Entry:
    """A model that can be had: built in, on the hub, or in the operator's folder.

    download_bytes and parameters are 0 where they are not known before the hub is asked; family is None likewise.
    revision: where the weights are if the hub's main branch has none that are safe to load.
    """

    name: str
    family: Family | None
    folder: Path
    hub: str = ""
    revision: str = ""
    download_bytes: int = 0
    parameters: int = 0
    licence: str = ""
    note: str = ""

    @property
    def built_in(self) -> bool:
        """Whether it comes with the application."""
        return not self.hub and not self.name.startswith(LOCAL)

    @property
    def here(self) -> bool:
        """Whether it is on this computer, whole."""
        return self.built_in or (self.folder / "config.json").is_file()


def entries() -> tuple[Entry, ...]:
    """Every model that is offered: the catalogue in its order, then what else was downloaded, then the local folder."""
    return (*_catalogue().values(), *_others(), *_locals())


def entry_of(name: str) -> Entry:
    """The entry of that name, or of that hub id, known or not; raises CheckpointError where it can be neither."""
    for entry in entries():
        if name == entry.name or (entry.hub and name == entry.hub):
            return entry
    if not is_hub_id(name):
        raise CheckpointError(
            _("{name} is no model's name: choose one of {names}, or a model of the hub as owner/name.").format(
                name=name[:100], names=", ".join(_catalogue())
            )
        )
    return Entry(name, None, settings.folder() / name.replace("/", "--"), hub=name)


def is_hub_id(name: str) -> bool:
    """Whether the hub could have a model of that name, so that it is safe in an address and as a folder's name."""
    return bool(_HUB_ID.fullmatch(name)) and "--" not in name and ".." not in name


def built_in() -> tuple[str, ...]:
    """The names of the models that come with the application."""
    return tuple(entry.name for entry in _catalogue().values() if entry.built_in)


def catalogue() -> Mapping[str, Family]:
    """The names that `load` can open now, each with its family: the built-in ones, and what was downloaded."""
    return {entry.name: entry.family for entry in entries() if entry.family and entry.here}


def load(name_or_path: str) -> Checkpoint:
    """The checkpoint of that name in the catalogue, or in that local folder; cheap, and the same object every time.

    Raises CheckpointError where there is none.
    """
    entry = next((entry for entry in entries() if entry.name == name_or_path), None)
    if entry is not None and not entry.here:
        raise CheckpointError(
            _("{name} is not on this computer yet: download it with `explainers fetch {name}`.").format(name=entry.name)
        )
    folder = entry.folder if entry else Path(name_or_path).expanduser()
    if not entry and not (name_or_path.strip() and _is_folder(folder)):
        raise CheckpointError(
            _("There is no model named {name}: choose one of {names}, or the path of a folder.").format(
                name=name_or_path[:_LONGEST_SHOWN], names=", ".join(catalogue())
            )
        )
    with _lock:
        if folder not in _checkpoints:
            _checkpoints[folder] = Checkpoint(entry.name if entry else folder.name, folder)
        return _checkpoints[folder]


def _is_folder(path: Path) -> bool:
    """Whether it is one; a name that is too long for any is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def forget(folder: Path | None = None) -> None:
    """Read the checkpoint of this folder (or every one) anew when it is next asked for: what was there has changed."""
    with _lock:
        for known in [folder] if folder else list(_checkpoints):
            if dropped := _checkpoints.pop(known, None):
                dropped.release()


def _catalogue() -> dict[str, Entry]:
    return {
        name: Entry(name, folder=settings.folder() / name if "hub" in stated else MODELS / name, **stated)
        for name, stated in _stated().items()
    }


@lru_cache(maxsize=1)
def _stated() -> dict[str, dict[str, Any]]:
    return tomllib.loads((ASSETS / "models.toml").read_text(encoding="utf-8"))


def _others() -> list[Entry]:
    """What was downloaded beside the catalogue: folders named owner--name."""
    found = []
    for folder in _subfolders(settings.folder()):
        hub = folder.name.replace("--", "/")
        if "--" in folder.name and is_hub_id(hub):
            found += _entry(hub, folder, hub)
    return found


def _locals() -> list[Entry]:
    """The checkpoints in the operator's local folder; what a link leads out of it is not one of them."""
    root = settings.local_folder()
    found = []
    for folder in _subfolders(root) if root else []:
        if (
            root
            and _LOCAL_NAME.fullmatch(folder.name)
            and all(file.resolve().is_relative_to(root.resolve()) for file in (folder, *folder.iterdir()))
        ):
            found += _entry(LOCAL + folder.name, folder)
    return found


def _subfolders(root: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    return []


def _entry(name: str, folder: Path, hub: str = "") -> list[Entry]:
    """The entry of a folder, or none where it is no checkpoint of our families."""
    config = folder / "config.json"
    with suppress(OSError):
        family = _family(config, config.stat().st_mtime_ns)
        return [Entry(name, family, folder, hub=hub)] if family else []
    return []


@lru_cache(maxsize=256)
def _family(config: Path, _changed: int) -> Family | None:
    with suppress(CheckpointError):
        return family_of(read_configuration(config), config)
    return None
