"""Downloads: one at a time a model, shared by everybody who looks at it, in a folder of its own until it is whole."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from explainers.checkpoints import hub, names, settings, staging, transfer
from explainers.checkpoints.families import CheckpointError
from explainers.checkpoints.hub import DownloadError
from explainers.checkpoints.names import Entry
from explainers.language import _

State = Literal["asking", "downloading", "checking", "done", "cancelled", "failed"]

MOST_AT_ONCE = 3  # models; more would only slow each other down

_SPEED_SECONDS = 8.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a download is; the sentence says why it failed."""

    state: State
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_second: float = 0.0
    sentence: str = ""

    @property
    def running(self) -> bool:
        """Whether it goes on by itself."""
        return self.state in ("asking", "downloading", "checking")

    @property
    def fraction(self) -> float:
        """The part that has arrived, 0 to 1."""
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The time until the end at the speed of the last seconds; None where nothing arrived in them."""
        return (self.total_bytes - self.done_bytes) / self.bytes_per_second if self.bytes_per_second else None


class Download:
    """One model on its way to this computer; every method may be called from any thread."""

    def __init__(self, entry: Entry, *, token: bool | None = False) -> None:
        """Prepare to download the entry; token None lets the hub see the operator's own login, for `fetch` alone."""
        self.entry = entry
        self._token = token
        self._progress = Progress("asking")
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._arrivals: deque[tuple[float, int]] = deque()

    @property
    def progress(self) -> Progress:
        """How far it is now."""
        return self._progress

    def start(self) -> None:
        """Download in a thread of its own; where one is at work already, let it go on, also if it was cancelled."""
        with self._lock:
            self._cancelled.clear()
            if self._thread is None:
                self._progress = Progress("asking")
                self._thread = threading.Thread(target=self._work, name=f"download {self.entry.name}", daemon=True)
                self._thread.start()
            elif self._progress.state == "cancelled":
                self._progress = replace(self._progress, state="downloading")

    def cancel(self) -> None:
        """Stop as soon as possible and keep what has arrived; does nothing where nothing is at work."""
        with self._lock:
            if self._thread is not None:
                self._cancelled.set()
                self._progress = replace(self._progress, state="cancelled", bytes_per_second=0.0)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the thread to end; whether it has."""
        thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _work(self) -> None:
        while True:
            try:
                self._download()
                ended = Progress("done", self._progress.total_bytes, self._progress.total_bytes)
            except transfer.CancelledError:
                ended = replace(self._progress, state="cancelled", bytes_per_second=0.0)
            except CheckpointError as error:
                ended = replace(self._progress, state="failed", bytes_per_second=0.0, sentence=str(error))
            except Exception as error:
                _log.warning("Downloading %s failed: %r", self.entry.name, error)
                why = hub.sentence(error, self.entry.name)
                ended = replace(self._progress, state="failed", bytes_per_second=0.0, sentence=why)
            with self._lock:
                if ended.state == "cancelled" and not self._cancelled.is_set():
                    self._progress = Progress("asking")
                    continue  # somebody has started it again in the meantime
                self._progress = ended
                self._thread = None
                return

    def _download(self) -> None:
        entry = self.entry
        work = staging.work_folder(entry)
        with staging.alone(entry, work):
            listing = hub.ask(entry, token=self._token)
            self._report("downloading", staging.kept_bytes(entry), listing.total_bytes)
            staging.check_space(entry, listing)
            arrived = 0
            for file in listing.files:
                if self._cancelled.is_set():
                    raise transfer.CancelledError
                if file.is_weights:
                    staging.check_small_files(entry, work)
                if not staging.is_whole(work / file.name, file):
                    transfer.fetch(
                        listing.address(file),
                        _headers(self._token),
                        file,
                        work,
                        on_bytes=self._counter(arrived, listing.total_bytes),
                        cancelled=self._cancelled,
                    )
                arrived += file.size_bytes
                self._report("downloading", arrived, listing.total_bytes)
            self._report("checking", listing.total_bytes, listing.total_bytes)
            staging.finish(entry, work, listing)

    def _counter(self, before: int, total: int) -> Callable[[int], None]:
        return lambda arrived: self._report("downloading", before + arrived, total)

    def _report(self, state: State, done_bytes: int, total_bytes: int) -> None:
        now = time.monotonic()
        arrivals = self._arrivals
        if not arrivals or done_bytes < arrivals[-1][1] or self._progress.state == "asking":
            arrivals.clear()
        if not arrivals or now - arrivals[-1][0] > 0.1:
            arrivals.append((now, done_bytes))
        while now - arrivals[0][0] > _SPEED_SECONDS and len(arrivals) > 2:
            arrivals.popleft()
        seconds = now - arrivals[0][0]
        speed = (done_bytes - arrivals[0][1]) / seconds if seconds > 0.2 else self._progress.bytes_per_second
        with self._lock:
            if not self._cancelled.is_set():
                self._progress = Progress(state, done_bytes, total_bytes, speed)


_downloads: dict[str, Download] = {}
_registry = threading.Lock()


def start(name: str) -> None:
    """Start downloading the model for everybody, or join the download that is at work.

    Raises CheckpointError where the name is none, where visitors may not download what the catalogue lacks, or where
    MOST_AT_ONCE are on their way already.
    """
    entry = permitted(name)
    with _registry:
        if len([other for other, _progress in running() if other != entry.name]) >= MOST_AT_ONCE:
            raise DownloadError(_("Several models are being downloaded already: wait until one of them has arrived."))
        download = _downloads.setdefault(entry.name, Download(entry))
    download.start()


def permitted(name: str) -> Entry:
    """The entry of a model that a visitor may download; raises CheckpointError for any other."""
    entry = names.entry_of(name.strip())
    if not entry.hub:
        raise CheckpointError(_("{name} is on this computer already.").format(name=entry.name))
    if entry.family is None and not settings.any_model():
        raise CheckpointError(
            _("Other models than those listed have to be allowed by the person who runs this server.")
        )
    return entry


def cancel(name: str) -> None:
    """Stop the download of this model, if there is one."""
    with _registry:
        download = _downloads.get(name)
    if download:
        download.cancel()


def progress(name: str) -> Progress | None:
    """How far the download of this model is; None where nobody has started one since the server was."""
    download = _downloads.get(name)
    return download.progress if download else None


def running() -> list[tuple[str, Progress]]:
    """Every download that is at work, by name."""
    return [(name, download.progress) for name, download in list(_downloads.items()) if download.progress.running]


def _headers(token: bool | None) -> dict[str, str]:
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    return dict(build_hf_headers(token=token))
