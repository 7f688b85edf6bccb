"""The catalogue's numbers against transformers' own count, the operator's folder, and what is kept in memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from explainers import cli
from explainers.checkpoints import MODELS, CheckpointError, Entry, catalogue, entries, load, memory, names, settings
from explainers.checkpoints.text import count_text, size_text, time_text
from tests import small_models, stand_in_hub
from tests.stand_in_hub import Repository

MIB = 2**20

# layers, d_model and vocab as in the released configurations; more where they differ from the library's defaults
BERTS = {
    "bert-base-uncased": (12, 768, 30_522),
    "bert-base-cased": (12, 768, 28_996),
    "bert-base-multilingual-cased": (12, 768, 119_547),
    "klue-bert-base": (12, 768, 32_000),
    "bert-L2-H128": (2, 128, 30_522),
    "bert-L2-H256": (2, 256, 30_522),
    "bert-L2-H512": (2, 512, 30_522),
    "bert-L4-H128": (4, 128, 30_522),
    "bert-L4-H256": (4, 256, 30_522),
    "bert-L4-H512": (4, 512, 30_522),
}
GPT2S = {"gpt2": (12, 768), "gpt2-medium": (24, 1024), "distilgpt2": (6, 768)}
T5S: dict[str, dict[str, Any]] = {
    "t5-small": {},
    "t5-base": {"d_model": 768, "d_ff": 3072, "num_layers": 12, "num_heads": 12},
    "flan-t5-small": {"d_ff": 1024, "num_layers": 8, "num_heads": 6, "feed_forward_proj": "gated-gelu"},
}


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(settings.FOLDER, str(tmp_path / "models"))
    names.forget()
    yield
    names.forget()


def on_the_hub() -> list[Entry]:
    return [entry for entry in entries() if entry.hub]


def parameters(name: str) -> int:
    """The library's own count, without a byte of weights."""
    import torch
    from transformers import (
        BertConfig,
        BertForPreTraining,
        GPT2Config,
        GPT2LMHeadModel,
        T5Config,
        T5ForConditionalGeneration,
    )

    with torch.device("meta"):
        if name in BERTS:
            layers, width, vocab = BERTS[name]
            sizes: dict[str, Any] = {
                "hidden_size": width,
                "num_attention_heads": width // 64,
                "intermediate_size": 4 * width,
            }
            model: Any = BertForPreTraining(BertConfig(vocab_size=vocab, num_hidden_layers=layers, **sizes))
        elif name in GPT2S:
            layers, width = GPT2S[name]
            model = GPT2LMHeadModel(GPT2Config(n_layer=layers, n_embd=width, n_head=width // 64))
        else:
            model = T5ForConditionalGeneration(T5Config(vocab_size=32_128, **T5S[name]))
    counted: int = sum(tensor.numel() for tensor in model.parameters())
    return counted + (32_128 * 512 if name == "flan-t5-small" else 0)  # its output layer is a matrix of its own


@pytest.mark.parametrize("entry", on_the_hub(), ids=lambda entry: entry.name)
def test_parameters_and_sizes_follow_from_the_configurations(entry: Entry) -> None:
    assert entry.parameters == parameters(entry.name)
    masks = 4 * MIB * GPT2S[entry.name][0] if entry.family == "gpt2" else 0
    assert entry.download_bytes == pytest.approx(4 * entry.parameters + masks, rel=1e-3)


def test_every_model_of_the_hub_says_what_it_is() -> None:
    assert len(on_the_hub()) == len(BERTS) + len(GPT2S) + len(T5S)
    for entry in on_the_hub():
        assert names.is_hub_id(entry.hub)
        assert entry.licence in {"apache-2.0", "mit", "cc-by-sa-4.0"}
        assert entry.note.endswith(".")
        assert not entry.here


def test_the_local_folder_is_offered_and_nothing_outside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "mine"
    shutil.copytree(MODELS / "gpt2-mini", root / "own")
    shutil.copytree(MODELS / "t5-mini", tmp_path / "outside")
    (root / "linked").symlink_to(tmp_path / "outside")
    (root / "half").mkdir()
    for file in (tmp_path / "outside").iterdir():
        (root / "half" / file.name).symlink_to(file)
    (root / "empty").mkdir()
    assert not [name for name in catalogue() if name.startswith("local:")]
    monkeypatch.setenv(settings.LOCAL_FOLDER, str(root))
    assert {name for name in catalogue() if name.startswith("local:")} == {"local:own"}
    assert load("local:own").name == "local:own"
    for name in ("local:linked", "local:half", "local:../outside", "local:/etc"):
        with pytest.raises(CheckpointError, match="no model named"):
            load(name)


def test_at_most_so_many_models_stay_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.MOST_MODELS, "2")
    monkeypatch.setattr(memory, "_residents", [])
    a, b, c = (small_models.checkpoint(tmp_path / family, family) for family in ("bert", "gpt2", "t5"))
    _ = a.model, b.model, a.model, c.model
    assert [checkpoint.loaded for checkpoint in (a, b, c)] == [True, False, True]
    assert list(memory.residents()) == [c, a]
    assert b.resident_bytes == 0
    assert a.resident_bytes >= 4 * a.sizes.parameters
    _ = b.model
    assert list(memory.residents()) == [b, c]


def test_the_models_in_memory_take_at_most_so_many_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_residents", [])
    a, b, c = (small_models.checkpoint(tmp_path / family, family) for family in ("bert", "gpt2", "t5"))
    _ = a.model, b.model
    monkeypatch.setenv(settings.MODEL_BYTES, str(a.resident_bytes + b.resident_bytes))
    _ = a.model
    assert list(memory.residents()) == [a, b]
    _ = c.model
    assert b.resident_bytes == 0
    monkeypatch.setenv(settings.MODEL_BYTES, "1")
    _ = a.model
    assert list(memory.residents()) == [a]  # the one that is used stays, however large


def test_what_does_not_fit_releases_others_and_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_residents", [])
    a, b = (small_models.checkpoint(tmp_path / family, family) for family in ("bert", "gpt2"))
    _ = a.model
    needed = 4 * b.sizes.parameters + memory.RESERVE_BYTES
    monkeypatch.setattr(memory, "available_bytes", lambda: needed - a.resident_bytes - 1)
    with pytest.raises(CheckpointError, match=r"of memory, and .* are free: choose a smaller model"):
        _ = b.model
    assert a.loaded
    monkeypatch.setattr(memory, "available_bytes", lambda: needed - a.resident_bytes)
    assert b.model is not None
    assert not a.loaded


def test_many_threads_get_the_same_checkpoint_and_model() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        models = list(pool.map(lambda _: load("gpt2-mini").model, range(8)))
    assert len({id(model) for model in models}) == 1


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (17_734_000, "17.7 MB"), (440e6, "440 MB"), (999.6e6, "1 GB"),
     (1.5199e9, "1.52 GB"), (12.34e9, "12.3 GB")],
)  # fmt: skip
def test_sizes_as_people_read_them(size: float, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 second"),
        (40.2, "40 seconds"),
        (89, "89 seconds"),
        (90, "2 minutes"),
        (3_000, "50 minutes"),
        (9e3, "2 hours"),
    ],
)
def test_times_as_people_read_them(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_counts_as_people_read_them() -> None:
    assert [count_text(count) for count in (4_433_468, 11_267_900, 110_106_428)] == [
        "4.4 million",
        "11 million",
        "110 million",
    ]


def test_fetch_brings_models_here_and_proves_that_they_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stick = tmp_path / "stick"
    small_models.checkpoint(tmp_path / "bert", "bert")
    with stand_in_hub.serving() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        hub.repositories["some/other"] = Repository(tmp_path / "bert")
        assert cli.main(["fetch", "some/other", "gpt2", "--folder", str(stick)]) == 2
    shown = capsys.readouterr()
    assert shown.out.startswith("some/other: ")
    assert shown.out.count("loads without a network") == 1
    assert "gpt2: The hub has no public model named gpt2" in shown.err
    assert cli.main(["models", "--folder", str(stick)]) == 0
    rows = {row.split()[0]: row for row in capsys.readouterr().out.splitlines()}
    assert "on this computer" in rows["some/other"]
    assert "about 548 MB" in rows["gpt2"]


@pytest.mark.parametrize(
    "attempt", ["socket.create_connection(('127.0.0.1', 9))", "socket.getaddrinfo('localhost', 9)"]
)
def test_the_proof_refuses_every_connection(attempt: str) -> None:
    code = (
        f"import socket, sys; from explainers.checkpoints import offline; sys.addaudithook(offline._refuse); {attempt}"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "ConnectionRefusedError: socket." in done.stderr


def test_a_model_that_does_not_load_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = settings.folder() / "gpt2"
    small_models.checkpoint(folder, "gpt2")
    (folder / "model.safetensors").write_bytes(bytes(64))
    assert cli.main(["fetch", "gpt2"]) == 2
    assert "does not load" in capsys.readouterr().err
