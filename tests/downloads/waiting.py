"""Which model these tests download, and how they wait for it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from explainers.checkpoints import Checkpoint, names
from explainers.checkpoints.downloads import Download, Progress

NAME = "bert-L2-H128"
HUB_ID = "google/bert_uncased_L-2_H-128_A-2"
SECONDS = 20.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def downloaded(name: str = NAME, *, token: bool | None = False) -> Progress:
    """How a download of the model ends."""
    download = Download(names.entry_of(name), token=token)
    download.start()
    assert download.wait(SECONDS)
    return download.progress


def weights(folder: Path) -> bytes:
    return (folder / "model.safetensors").read_bytes()


def copy(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target


def load_model(folder: Path) -> Any:
    return Checkpoint("tiny", folder).model
