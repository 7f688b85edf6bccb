"""Where a model's files gather until it is whole, and what is checked before they are fetched and afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from explainers.checkpoints import memory, names, settings, transfer
from explainers.checkpoints.checkpoint import Checkpoint
from explainers.checkpoints.families import family_of, read_configuration
from explainers.checkpoints.hub import DownloadError, HubFile, Listing
from explainers.checkpoints.names import Entry
from explainers.checkpoints.text import size_text
from explainers.checkpoints.vocabularies import TOKENIZER_FILES
from explainers.language import _

RESERVE_BYTES = 50 * 10**6  # what stays free on the disk
_LONGEST_CONFIGURATION_BYTES = 10**6


def work_folder(entry: Entry) -> Path:
    """Where the model's files are until they are all there."""
    return settings.folder() / ".incomplete" / entry.folder.name


def kept_bytes(entry: Entry) -> int:
    """What an earlier download left to go on from."""
    with suppress(OSError):
        return sum(file.stat().st_size for file in work_folder(entry).iterdir() if file.is_file())
    return 0


def free_bytes(folder: Path) -> int:
    """What is free on the disk of this folder."""
    return shutil.disk_usage(folder).free


@contextmanager
def alone(entry: Entry, work: Path) -> Iterator[None]:
    """Keep other processes from downloading the same model into the same folder; a killed one lets go."""
    from filelock import FileLock, Timeout

    work.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(work.with_name(work.name + ".lock"), timeout=0):
            yield
    except Timeout as error:
        raise DownloadError(
            _("{name} is being downloaded by another program into the same folder: wait for it.").format(
                name=entry.name
            )
        ) from error


def check_space(entry: Entry, listing: Listing) -> None:
    """Raise DownloadError where the disk or the memory is too small for the model."""
    needed = listing.total_bytes - min(listing.total_bytes, kept_bytes(entry)) + RESERVE_BYTES
    free = free_bytes(settings.folder())
    if free < needed:
        raise DownloadError(
            _("The disk is too full for {name}: {needed} are needed in {folder}, and {free} are free.").format(
                name=entry.name, needed=size_text(needed), folder=settings.folder(), free=size_text(free)
            )
        )
    if why := memory.refusal(entry.name, listing.weights_bytes):
        raise DownloadError(why)


def check_small_files(entry: Entry, work: Path) -> None:
    """The family and the tokenizer, before the weights are fetched."""
    config = work / "config.json"
    if config.stat().st_size > _LONGEST_CONFIGURATION_BYTES:
        raise DownloadError(_("The configuration of {name} is too long to be one.").format(name=entry.name))
    family = family_of(read_configuration(config), entry.name)
    if entry.family not in (None, family):
        raise DownloadError(
            _("{name} is a {family} model on the hub, which was not expected: it is not downloaded.").format(
                name=entry.name, family=family
            )
        )
    groups = TOKENIZER_FILES[family]
    if not any(all((work / name).is_file() for name in group) for group in groups):
        raise DownloadError(_("{name} has no tokenizer.json, which is needed here.").format(name=entry.name))


def is_whole(path: Path, file: HubFile) -> bool:
    """Whether this very file is there already from an earlier try."""
    if not path.is_file() or path.stat().st_size != file.size_bytes:
        return False
    return not file.checksum or transfer.checksum(path, is_sha256=file.is_sha256) == file.checksum


def finish(entry: Entry, work: Path, listing: Listing) -> None:
    """Throw away what does not belong to the model, read it once, and put it where `load` finds it."""
    for path in work.iterdir():
        if path.name not in {file.name for file in listing.files}:
            path.unlink()
    checkpoint = Checkpoint(entry.name, work)
    _ = checkpoint.sizes, checkpoint.tokenizer
    if entry.folder.exists():
        shutil.rmtree(entry.folder)
    work.replace(entry.folder)
    names.forget(entry.folder)
