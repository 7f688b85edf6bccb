"""What is fetched from a stand-in hub, how far it is said to be, and what an interruption leaves."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from explainers.checkpoints import CheckpointError, catalogue, load, names, staging, transfer
from explainers.checkpoints.downloads import Download
from tests import stand_in_hub
from tests.downloads.waiting import HUB_ID, NAME, SECONDS, downloaded, until, weights
from tests.stand_in_hub import Hub

ROOT = Path(__file__).resolve().parents[2]


def test_a_download_brings_what_is_needed_and_nothing_else(server: Hub, models: Path, tiny: dict[str, Path]) -> None:
    assert NAME not in catalogue()
    with pytest.raises(CheckpointError, match="not on this computer yet"):
        load(NAME)
    ended = downloaded()
    assert (ended.state, ended.sentence, ended.fraction) == ("done", "", 1.0)
    wanted = {"config.json", "model.safetensors", "tokenizer.json", "README.md"}
    assert {path.name for path in (models / NAME).iterdir()} == wanted
    assert ended.total_bytes == sum((tiny["bert"] / name).stat().st_size for name in wanted)
    assert catalogue()[NAME] == "bert"
    assert load(NAME).licence == "mit"
    assert load(NAME).model is not None
    assert not any(".py" in path or ".bin" in path for path, _ in server.requests)


def test_progress_is_told_in_bytes_with_the_time_left(server: Hub, tiny: dict[str, Path]) -> None:
    server.seconds_a_block = 0.1
    download = Download(names.entry_of(NAME))
    seen = []

    def ended() -> bool:
        seen.append(download.progress)
        return download.wait(0.02)

    download.start()
    until(ended)
    arriving = [progress for progress in seen if progress.state == "downloading"]
    assert all(a.done_bytes <= b.done_bytes for a, b in pairwise(arriving))
    assert 0 <= arriving[0].fraction < arriving[-1].fraction <= 1
    left = [progress.seconds_left for progress in arriving if progress.seconds_left is not None]
    assert left
    assert 0 <= left[-1] < SECONDS
    assert download.progress.state == "done"


@pytest.mark.parametrize("again_at_once", [False, True])
def test_a_cancelled_download_goes_on_where_it_stopped(server: Hub, models: Path, again_at_once: bool) -> None:
    server.hold_after = 2 * stand_in_hub.BLOCK
    download = Download(names.entry_of(NAME))
    download.start()
    until(lambda: download.progress.done_bytes > stand_in_hub.BLOCK and len(server.bodies("model.safetensors")) == 1)
    download.cancel()
    cancelled = download.progress
    assert cancelled.state == "cancelled"
    if again_at_once:
        download.start()
        server.go_on.set()
    else:
        server.go_on.set()
        assert download.wait(SECONDS)
        assert download.progress.state == "cancelled"
        assert staging.kept_bytes(download.entry) > stand_in_hub.BLOCK
        assert NAME not in catalogue()
        download.start()
    assert download.wait(SECONDS)
    assert download.progress.state == "done"
    assert weights(models / NAME) == weights(server.repositories[HUB_ID].folder)
    if not again_at_once:
        first, second = server.bodies("model.safetensors")
        assert first == ""
        assert int(second.removeprefix("bytes=").rstrip("-")) >= stand_in_hub.BLOCK


def test_a_broken_connection_is_taken_up_again(server: Hub, models: Path) -> None:
    server.break_after = [2 * stand_in_hub.BLOCK, stand_in_hub.BLOCK]
    assert downloaded().state == "done"
    first, *others = server.bodies("model.safetensors")
    assert first == ""
    assert len(others) == 2
    assert all(asked.startswith("bytes=") for asked in others)
    assert weights(models / NAME) == weights(server.repositories[HUB_ID].folder)


def test_a_connection_that_brings_nothing_any_more_fails_and_can_be_resumed(server: Hub) -> None:
    server.break_after = [2 * stand_in_hub.BLOCK, *[0] * transfer.ATTEMPTS]
    ended = downloaded()
    assert ended.state == "failed"
    assert "cannot be reached" in ended.sentence
    assert staging.kept_bytes(names.entry_of(NAME)) > stand_in_hub.BLOCK
    assert downloaded().state == "done"


def test_a_server_without_ranges_starts_again_and_the_file_is_right(server: Hub, models: Path) -> None:
    server.break_after = [2 * stand_in_hub.BLOCK]
    server.ignores_ranges = True
    assert downloaded().state == "done"
    assert weights(models / NAME) == weights(server.repositories[HUB_ID].folder)


def test_what_arrives_damaged_is_thrown_away(server: Hub) -> None:
    server.damaged = True
    ended = downloaded()
    assert (ended.state, "damaged" in ended.sentence) == ("failed", True)
    assert NAME not in catalogue()
    server.damaged = False
    assert downloaded().state == "done"


def test_an_earlier_part_of_another_version_is_not_used(server: Hub, models: Path, tiny: dict[str, Path]) -> None:
    work = staging.work_folder(names.entry_of(NAME))
    work.mkdir(parents=True)
    (work / "model.safetensors.0000000000000000.part").write_bytes(b"old")
    (work / "config.json").write_text("{}")
    assert downloaded().state == "done"
    assert {path.suffix for path in (models / NAME).iterdir()} == {".json", ".safetensors", ".md"}
