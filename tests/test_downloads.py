"""Downloads against a stand-in hub on loopback: what is fetched, what is refused, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from explainers.checkpoints import (
    Checkpoint,
    CheckpointError,
    catalogue,
    downloads,
    hub,
    load,
    memory,
    names,
    settings,
    staging,
    transfer,
)
from explainers.checkpoints.downloads import Download, Progress
from tests import small_models, stand_in_hub
from tests.stand_in_hub import Hub, Repository

ROOT = Path(__file__).resolve().parents[1]
NAME = "bert-L2-H128"
HUB_ID = "google/bert_uncased_L-2_H-128_A-2"
SECONDS = 20.0


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


def load_model(folder: Path) -> Any:
    return Checkpoint("tiny", folder).model


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


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (404, "RepoNotFound", "no public model named"),
        (401, "", "no public model named"),
        (403, "GatedRepo", "accept its terms"),
        (401, "GatedRepo", "accept its terms"),
        (503, "", "status 503: try again later"),
    ],
)
def test_what_the_hub_refuses_is_told_in_a_sentence(server: Hub, status: int, code: str, sentence: str) -> None:
    server.repositories[HUB_ID].status = status
    server.repositories[HUB_ID].error_code = code
    ended = downloaded()
    assert ended.state == "failed"
    assert sentence in ended.sentence
    assert "\n" not in ended.sentence
    assert not server.bodies("model.safetensors")


def test_a_model_that_the_hub_lacks(server: Hub) -> None:
    assert "no public model named some/thing" in downloaded("some/thing").sentence


def test_without_a_network(models: Path) -> None:
    ended = downloaded()
    assert ended.state == "failed"
    assert ended.sentence == "The hub cannot be reached: check the network. The built-in models work without it."


def change_config(folder: Path, **values: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | values))


@pytest.mark.parametrize("name", [NAME, "some/llama"])
def test_another_family_is_refused_before_its_weights_are_fetched(
    server: Hub, tiny: dict[str, Path], tmp_path: Path, name: str
) -> None:
    folder = copy(tiny["bert"], tmp_path / "llama")
    change_config(folder, model_type="llama", auto_map={"AutoModel": "modeling_evil.Evil"})
    server.repositories[names.entry_of(name).hub] = Repository(folder)
    assert "holds a model of type llama: choose a BERT, GPT-2 or T5" in downloaded(name).sentence
    assert not server.bodies("model.safetensors")


def test_a_family_that_is_not_the_catalogue_s_is_refused(server: Hub, tiny: dict[str, Path]) -> None:
    server.repositories[HUB_ID] = Repository(tiny["gpt2"])
    assert "is a gpt2 model on the hub" in downloaded().sentence
    assert not server.bodies("model.safetensors")


def test_weights_that_are_no_safetensors_are_refused(server: Hub, tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = copy(tiny["bert"], tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    server.repositories[HUB_ID] = Repository(folder)
    assert "no weights in the safetensors format" in downloaded().sentence


def test_safetensors_in_the_revision_that_the_catalogue_names_are_found(
    server: Hub, tiny: dict[str, Path], tmp_path: Path
) -> None:
    entry = names.entry_of("bert-L4-H256")
    folder = copy(tiny["bert"], tmp_path / "pickled")
    (folder / "model.safetensors").unlink()
    server.repositories[entry.hub] = Repository(folder, revisions={entry.revision: tiny["bert"]})
    assert downloaded(entry.name).state == "done"


def test_weights_in_several_files_load(server: Hub, models: Path, tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = copy(tiny["bert"], tmp_path / "shards")
    (folder / "model.safetensors").unlink()
    load_model(tiny["bert"]).save_pretrained(folder, max_shard_size="12KB")
    server.repositories[HUB_ID] = Repository(folder)
    assert downloaded().state == "done"
    assert len(list((models / NAME).glob("model-*-of-*.safetensors"))) > 1
    assert load(NAME).model is not None
    assert load(NAME).sizes == Checkpoint("whole", tiny["bert"]).sizes


def test_vocab_txt_is_fetched_where_there_is_no_tokenizer_json(
    server: Hub, models: Path, tiny: dict[str, Path], tmp_path: Path
) -> None:
    folder = copy(tiny["bert"], tmp_path / "old")
    vocabulary = Checkpoint("old", folder).tokenizer.get_vocab()
    (folder / "tokenizer.json").unlink()
    (folder / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=lambda piece: vocabulary[piece])))
    server.repositories[HUB_ID] = Repository(folder)
    assert downloaded().state == "done"
    assert load(NAME).tokenizer.get_vocab() == vocabulary


def test_a_model_without_a_tokenizer_is_refused_before_its_weights(
    server: Hub, tiny: dict[str, Path], tmp_path: Path
) -> None:
    folder = copy(tiny["bert"], tmp_path / "mute")
    (folder / "tokenizer.json").unlink()
    server.repositories[HUB_ID] = Repository(folder)
    assert "no tokenizer.json" in downloaded().sentence
    assert not server.bodies("model.safetensors")


def test_too_large_a_model_is_refused(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.LARGEST_BYTES, "10000")
    assert "at most 10 kB are allowed here" in downloaded().sentence


def test_a_full_disk_is_told_before_anything_is_fetched(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staging, "free_bytes", lambda _folder: 1_000)
    assert "The disk is too full" in downloaded().sentence
    assert len(server.requests) == 1


def test_too_little_memory_is_told_before_anything_is_fetched(server: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1_000)
    assert "of memory, and" in downloaded().sentence
    assert len(server.requests) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20k", "tmpfs", folder], check=False)  # noqa: S607
    if mounted.returncode:
        pytest.skip("a disk of a given size can only be made by root")
    yield folder
    subprocess.run(["umount", folder], check=True)  # noqa: S607


def test_a_disk_that_fills_up_on_the_way(server: Hub, small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.FOLDER, str(small_disk))
    monkeypatch.setattr(staging, "free_bytes", lambda _folder: 10**12)
    ended = downloaded()
    assert ended.state == "failed"
    assert ended.sentence.startswith("The disk is full: make room in")
    subprocess.run(["mount", "-o", "remount,size=2m", small_disk], check=True)  # noqa: S607
    assert downloaded().state == "done"


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
