"""Who downloads: several visitors, several processes, the operator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from explainers.checkpoints import CheckpointError, catalogue, downloads, hub, load, names, settings, staging
from explainers.checkpoints.downloads import Download
from tests import stand_in_hub
from tests.downloads.waiting import HUB_ID, NAME, SECONDS, downloaded, until, weights
from tests.stand_in_hub import Hub, Repository

ROOT = Path(__file__).resolve().parents[2]


def test_two_visitors_share_one_download(server: Hub) -> None:
    server.hold_after = stand_in_hub.BLOCK
    downloads.start(NAME)
    until(lambda: len(server.bodies("model.safetensors")) == 1)
    downloads.start(NAME)
    downloads.start(HUB_ID)
    assert [name for name, _ in downloads.running()] == [NAME]
    server.go_on.set()
    until(lambda: not downloads.running())
    progress = downloads.progress(NAME)
    assert progress is not None
    assert progress.state == "done"
    assert len(server.bodies("model.safetensors")) == 1


def test_only_so_many_at_once(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloads, "MOST_AT_ONCE", 1)
    server.hold_after = stand_in_hub.BLOCK
    downloads.start(NAME)
    with pytest.raises(CheckpointError, match="being downloaded already"):
        downloads.start("gpt2")
    downloads.start(NAME)
    server.go_on.set()
    until(lambda: not downloads.running())


def test_two_processes_do_not_write_the_same_files(server: Hub) -> None:
    server.hold_after = stand_in_hub.BLOCK
    ours = Download(names.entry_of(NAME))
    ours.start()
    until(lambda: len(server.bodies("model.safetensors")) == 1)
    assert "by another program" in downloaded().sentence
    server.go_on.set()
    assert ours.wait(SECONDS)
    assert ours.progress.state == "done"


def test_a_killed_download_goes_on_in_the_next_process(server: Hub, models: Path) -> None:
    server.hold_after = 3 * stand_in_hub.BLOCK
    command = [sys.executable, "-m", "explainers.cli", "fetch", NAME]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ)
    )
    entry = names.entry_of(NAME)
    until(lambda: staging.kept_bytes(entry) > 3 * stand_in_hub.BLOCK or process.poll() is not None)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    server.go_on.set()
    assert downloaded().state == "done"
    assert server.bodies("model.safetensors")[1].startswith("bytes=")
    assert weights(models / NAME) == weights(server.repositories[HUB_ID].folder)


def test_other_models_are_for_the_operator_to_allow(
    server: Hub, tiny: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repositories["some/small-t5"] = Repository(tiny["t5"])
    with pytest.raises(CheckpointError, match="allowed by the person who runs"):
        downloads.start("some/small-t5")
    assert not server.requests
    monkeypatch.setenv(settings.ANY_MODEL, "1")
    downloads.start(" some/small-t5 ")
    until(lambda: not downloads.running())
    assert catalogue()["some/small-t5"] == "t5"
    assert load("some/small-t5").name == "some/small-t5"
    assert load("some/small-t5").model is not None


@pytest.mark.parametrize(
    "name", ["../../etc", "a/../b", "/etc/passwd", "a/b/c", "a--b/c", "http://x/y", "", "a b", "x" * 300]
)
def test_what_cannot_be_a_hub_id_is_refused(name: str, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.ANY_MODEL, "1")
    with pytest.raises(CheckpointError, match="is no model's name"):
        downloads.start(name)


def test_a_visitor_s_download_does_not_use_the_operator_s_login(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert downloaded().state == "done"
    assert set(server.tokens) == {""}


def test_the_operator_s_own_fetch_uses_the_login(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert downloaded(token=None).state == "done"
    assert "Bearer hf_secret" in server.tokens


def test_the_exact_size_is_asked_for(server: Hub, tiny: dict[str, Path]) -> None:
    listing = hub.ask(names.entry_of(NAME))
    assert listing.weights_bytes == len(weights(tiny["bert"]))
    assert listing.files[0].name == "config.json"
    assert listing.files[-1].is_weights
