"""A hub of our own with tiny models, and an empty folder for what is downloaded from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from explainers.checkpoints import downloads, names, settings, transfer
from tests import small_models, stand_in_hub
from tests.downloads.waiting import HUB_ID
from tests.stand_in_hub import Hub, Repository


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small checkpoint of each family, as the hub would have it: with a card, and files that nobody needs."""
    folders = {}
    for family in ("bert", "gpt2", "t5"):
        folder = tmp_path_factory.mktemp(family)
        small_models.checkpoint(folder, family)
        (folder / "README.md").write_text("---\nlicense: mit\n---\n")
        (folder / "modeling_evil.py").write_text("raise SystemExit\n")
        (folder / "pytorch_model.bin").write_bytes(b"pickle")
        folders[family] = folder
    return folders


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder for downloads."""
    folder = tmp_path / "models"
    monkeypatch.setenv(settings.FOLDER, str(folder))
    monkeypatch.setattr(downloads, "_downloads", {})
    monkeypatch.setattr(transfer, "PAUSE_SECONDS", 0.01)
    names.forget()
    yield folder
    names.forget()


@pytest.fixture
def server(models: Path, tiny: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has the smallest of Google's BERTs; its content is that of our tiny one."""
    with stand_in_hub.serving() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        running.repositories[HUB_ID] = Repository(tiny["bert"])
        yield running
