"""What a model on the hub consists of, whether it may be downloaded, and what went wrong in one sentence.

HF_ENDPOINT names another hub than https://huggingface.co, as everywhere in Hugging Face's libraries.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from explainers.checkpoints import settings
from explainers.checkpoints.families import CheckpointError
from explainers.checkpoints.names import Entry
from explainers.checkpoints.text import size_text
from explainers.language import _

ASK_SECONDS = 10.0

# No other file is ever fetched: no pickle, no code.
_WEIGHTS = re.compile(r"model(-\d{5}-of-\d{5})?\.safetensors", re.ASCII)
_TOKENIZERS = (("tokenizer.json",), ("vocab.txt", "tokenizer_config.json", "vocab.json", "merges.txt"))
_OTHERS = ("config.json", "generation_config.json", "README.md", "model.safetensors.index.json")


class DownloadError(CheckpointError):
    """A model that could not be downloaded; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class HubFile:
    """One file: its name, its size, and the checksum that the hub states (git's own for what is small)."""

    name: str
    size_bytes: int
    checksum: str
    is_sha256: bool

    @property
    def is_weights(self) -> bool:
        """Whether it holds weights."""
        return self.name.endswith(".safetensors")


@dataclass(frozen=True)
class Listing:
    """The files of one model at one commit: the small ones first, config.json at their head, the weights last."""

    repository: str
    commit: str
    files: tuple[HubFile, ...]

    @property
    def total_bytes(self) -> int:
        """All that there is to download."""
        return sum(file.size_bytes for file in self.files)

    @property
    def weights_bytes(self) -> int:
        """What of it are weights."""
        return sum(file.size_bytes for file in self.files if file.is_weights)

    def address(self, file: HubFile) -> str:
        """Where the file is, at exactly this commit."""
        from huggingface_hub import hf_hub_url

        return hf_hub_url(self.repository, file.name, revision=self.commit, endpoint=endpoint())


def endpoint() -> str | None:
    """The hub that the environment names; None for the usual one."""
    return (os.environ.get("HF_ENDPOINT") or "").rstrip("/") or None


def ask(entry: Entry, *, token: bool | None = False) -> Listing:
    """What there is to download for the model, at the commit of this moment; token None uses the operator's own.

    Raises DownloadError where the hub cannot be reached or has no such model, or where it may not be downloaded: its
    weights are not safetensors, or larger than the operator allows.
    """
    listing = _list(entry, None, token)
    if not listing.weights_bytes and entry.revision:
        listing = _list(entry, entry.revision, token)
    if not any(file.name == "config.json" for file in listing.files):
        raise DownloadError(_("{name} has no config.json: it is no model of transformers.").format(name=entry.name))
    if not listing.weights_bytes:
        raise DownloadError(
            _("{name} has no weights in the safetensors format, the only one that is safe to load.").format(
                name=entry.name
            )
        )
    if listing.total_bytes > settings.largest_bytes():
        raise DownloadError(
            _("{name} has {size}, and at most {limit} are allowed here: choose a smaller model.").format(
                name=entry.name, size=size_text(listing.total_bytes), limit=size_text(settings.largest_bytes())
            )
        )
    return listing


def _list(entry: Entry, revision: str | None, token: bool | None) -> Listing:
    from huggingface_hub import HfApi

    try:
        api = HfApi(endpoint=endpoint(), token=token)
        info = api.model_info(entry.hub, revision=revision, files_metadata=True, timeout=ASK_SECONDS)
    except Exception as error:
        raise DownloadError(sentence(error, entry.name)) from error
    files = {
        file.rfilename: HubFile(
            file.rfilename,
            int((file.lfs.size if file.lfs else file.size) or 0),
            (file.lfs.sha256 if file.lfs else file.blob_id) or "",
            is_sha256=bool(file.lfs),
        )
        for file in info.siblings or []
    }
    commit = info.sha or ""
    if not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise DownloadError(_("The hub's answer on {name} is not understood.").format(name=entry.name))
    return Listing(entry.hub, commit, tuple(files[name] for name in _wanted(files)))


def _wanted(names: Iterable[str]) -> list[str]:
    """Of all files those that are needed. One whole file of weights is preferred to the same in shards."""
    there = set(names)
    weights = sorted(name for name in there if _WEIGHTS.fullmatch(name))
    if "model.safetensors" in weights:
        weights = ["model.safetensors"]
        there.discard("model.safetensors.index.json")
    tokenizer = next((group for group in _TOKENIZERS if group[0] in there), _TOKENIZERS[-1])
    return [*(name for name in (*_OTHERS, *tokenizer) if name in there), *weights]


def sentence(error: Exception, name: str) -> str:
    """What went wrong and what to do, for people; the library's own messages are for the log."""
    from httpx2 import HTTPError
    from huggingface_hub import errors

    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else 0
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return _(
            "{name} is behind a form: accept its terms on the hub, then let the person who runs this server log in "
            'with "hf auth login" and run "explainers fetch {name}".'
        ).format(name=name)
    if isinstance(error, errors.RepositoryNotFoundError) or status in (401, 404):
        return _("The hub has no public model named {name}: check the spelling.").format(name=name)
    if status:
        return _("The hub answers with status {status}: try again later.").format(status=status)
    if isinstance(error, errors.OfflineModeIsEnabled):
        return _("HF_HUB_OFFLINE is set, so nothing is downloaded. The built-in models need no network.")
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _("The disk is full: make room in {folder}, and go on where it stopped.").format(
            folder=settings.folder()
        )
    if isinstance(error, PermissionError) or (isinstance(error, OSError) and error.errno == errno.EROFS):
        return _("{folder} cannot be written to: choose another folder with {setting}.").format(
            folder=settings.folder(), setting=settings.FOLDER
        )
    if isinstance(error, HTTPError):
        return _("The hub cannot be reached: check the network. The built-in models work without it.")
    return _("The download of {name} failed: {error}").format(name=name, error=str(error).split("\n")[0][:200])
