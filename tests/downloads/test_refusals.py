"""What is refused, in a sentence and before the weights are fetched; and which files a model may consist of."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from explainers.checkpoints import Checkpoint, load, memory, names, settings, staging
from tests.downloads.waiting import HUB_ID, NAME, copy, downloaded, load_model
from tests.stand_in_hub import Hub, Repository

ROOT = Path(__file__).resolve().parents[2]


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
