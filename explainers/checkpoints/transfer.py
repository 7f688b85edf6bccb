"""One file from the hub: with progress, cancelled at any time, resumed where it stopped, and checked at the end.

The hub's own library downloads from the start again after an interruption, and cannot be stopped.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from explainers.checkpoints.hub import DownloadError, HubFile
from explainers.language import _

if TYPE_CHECKING:
    from hashlib import _Hash

READ_SECONDS = 10.0
ATTEMPTS = 5
PAUSE_SECONDS = 1.0
_BLOCK_BYTES = 1 << 20


class CancelledError(Exception):
    """The download was stopped by somebody; what is there stays, to go on from."""


def part_path(folder: Path, file: HubFile) -> Path:
    """Where the file grows; the checksum in the name keeps parts of different versions from being mixed."""
    return folder / f"{file.name}.{file.checksum[:16]}.part"


def fetch(
    address: str,
    headers: dict[str, str],
    file: HubFile,
    folder: Path,
    *,
    on_bytes: Callable[[int], None],
    cancelled: threading.Event,
) -> None:
    """Download the file into the folder, going on from what is there; on_bytes is told how much of it has arrived.

    A broken connection is taken up again; only after ATTEMPTS in a row that brought nothing its error is raised. Raises
    CancelledError, OSError where the disk is full, DownloadError where what arrived is not what the hub stated.
    """
    part = part_path(folder, file)
    failures = 0
    while True:
        before = _size(part)
        if before > file.size_bytes:
            part.unlink()
            before = 0
        on_bytes(before)
        if before == file.size_bytes and part.exists():
            break
        try:
            _stream(address, headers, file, part, on_bytes, cancelled)
        except Exception as error:
            if not _is_transport(error):
                raise
            failures = 0 if _size(part) > before else failures + 1
            if failures >= ATTEMPTS:
                raise
        else:
            failures = 0 if _size(part) > before else failures + 1
            if failures >= ATTEMPTS:
                raise DownloadError(
                    _("The hub sends less of {file} than it stated: try again later.").format(file=file.name)
                )
            if _size(part) == file.size_bytes:
                continue
        if cancelled.wait(PAUSE_SECONDS * failures):
            raise CancelledError
    if file.checksum and checksum(part, is_sha256=file.is_sha256) != file.checksum:
        part.unlink()
        raise DownloadError(_("{file} arrived damaged, and was thrown away: try again.").format(file=file.name))
    part.replace(folder / file.name)


def checksum(path: Path, *, is_sha256: bool) -> str:
    """The file's SHA-256, or the SHA-1 that git gives it."""
    digest: _Hash = hashlib.sha256() if is_sha256 else hashlib.sha1(b"blob %d\0" % _size(path), usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _stream(
    address: str,
    headers: dict[str, str],
    file: HubFile,
    part: Path,
    on_bytes: Callable[[int], None],
    cancelled: threading.Event,
) -> None:
    """One request for what is missing, appended to the part."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import hf_raise_for_status  # type: ignore[attr-defined]

    have = _size(part)
    asked = {**headers, "Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with get_session().stream("GET", address, headers=asked, timeout=READ_SECONDS) as response:
        if response.status_code == 416:  # the server has less than the part: it is none of this file
            part.unlink()
            return
        if response.is_error:
            response.read()
        hf_raise_for_status(response)
        from_start = response.status_code != 206
        with part.open("wb" if from_start else "ab") as stream:
            _append(stream, response.iter_raw(), 0 if from_start else have, file, on_bytes, cancelled)


def _append(
    stream: BinaryIO,
    chunks: object,
    have: int,
    file: HubFile,
    on_bytes: Callable[[int], None],
    cancelled: threading.Event,
) -> None:
    for chunk in chunks:  # type: ignore[attr-defined]
        if cancelled.is_set():
            raise CancelledError
        have += len(chunk)
        if have > file.size_bytes:
            raise DownloadError(_("The hub sends more of {file} than it stated.").format(file=file.name))
        stream.write(chunk)
        on_bytes(have)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _is_transport(error: Exception) -> bool:
    """Whether the connection failed or broke, so that asking again may help; an answer with an error is none."""
    from httpx2 import HTTPError
    from huggingface_hub import errors

    if isinstance(error, errors.HfHubHTTPError):
        return error.response.status_code in (408, 429, 500, 502, 503, 504)
    return isinstance(error, HTTPError)
