"""Checkpoints: what a folder says about itself, that its weights are transformers' own, and clear refusals."""

import json
import shutil
from pathlib import Path

import pytest

from explainers.checkpoints import FAMILIES, MODELS, Checkpoint, CheckpointError, Family, catalogue, load


def name_of(family: Family) -> str:
    return next(name for name, its_family in catalogue().items() if its_family == family)


def test_the_catalogue_has_a_built_in_model_of_every_family() -> None:
    assert dict(catalogue()) == {"bert-mini": "bert", "gpt2-mini": "gpt2", "t5-mini": "t5"}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_built_in_model_describes_itself(family: Family) -> None:
    checkpoint = load(name_of(family))
    sizes = checkpoint.sizes
    assert checkpoint.family == family
    assert checkpoint.context == 512
    assert checkpoint.licence == "apache-2.0"
    assert sizes.d_model == 256
    assert 8_000 <= sizes.vocab <= 16_000
    assert sizes.vocab == checkpoint.tokenizer.get_vocab_size()
    assert (sizes.layers > 0, sizes.decoder_layers > 0) == (family != "gpt2", family != "bert")
    assert all(head.trained for head in checkpoint.heads.values())
    assert sum(file.stat().st_size for file in checkpoint.folder.iterdir()) < 25 * 2**20


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_load_once_in_float32_with_every_parameter_counted(family: Family) -> None:
    import torch

    checkpoint = load(name_of(family))
    model = checkpoint.model
    assert checkpoint.loaded
    assert checkpoint.model is model
    assert not model.training
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}
    assert sum(tensor.numel() for tensor in model.parameters()) == checkpoint.sizes.parameters
    assert model.config._attn_implementation == "eager"


def test_loading_a_name_twice_gives_the_same_object() -> None:
    assert load("bert-mini") is load("bert-mini")


def test_a_local_folder_loads_like_a_built_in_model() -> None:
    checkpoint = load(str(MODELS / "gpt2-mini"))
    assert (checkpoint.name, checkpoint.family) == ("gpt2-mini", "gpt2")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no-such-model", "There is no model named no-such-model: choose one of bert-mini, gpt2-mini, t5-mini"),
        ("x" * 300, f"There is no model named {'x' * 80}: choose"),
        (" ", "There is no model named  : choose"),
        ("", "There is no model named : choose"),
    ],
)
def test_an_unknown_name_is_refused_in_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(CheckpointError, match=sentence):
        load(name)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (None, "choose a folder with a config.json"),
        ("{", "choose a folder with a config.json"),
        ("[1]", "not a configuration"),
        ('{"model_type": "llama"}', "choose a BERT, GPT-2 or T5"),
    ],
)
def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path, config: str | None, sentence: str) -> None:
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(CheckpointError, match=sentence):
        Checkpoint("here", tmp_path)


def test_missing_and_broken_files_are_refused_when_they_are_needed(tmp_path: Path) -> None:
    shutil.copy(MODELS / "bert-mini" / "config.json", tmp_path)
    checkpoint = Checkpoint("here", tmp_path)
    with pytest.raises(CheckpointError, match=r"no tokenizer\.json"):
        _ = checkpoint.tokenizer
    with pytest.raises(CheckpointError, match=r"no \.safetensors file"):
        _ = checkpoint.sizes
    (tmp_path / "tokenizer.json").write_text('{"version": "1.0"}')
    (tmp_path / "model.safetensors").write_bytes(b"\x00" * 64)
    with pytest.raises(CheckpointError, match="not a tokenizer that can be read"):
        _ = checkpoint.tokenizer
    with pytest.raises(CheckpointError):
        _ = checkpoint.sizes
    with pytest.raises(CheckpointError, match="not a weight file that can be read"):
        _ = checkpoint.model


def test_a_head_that_is_not_in_the_file_is_not_called_trained(tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=40, hidden_size=12, num_hidden_layers=1, num_attention_heads=3, intermediate_size=20)
    BertModel(config).save_pretrained(tmp_path)
    checkpoint = Checkpoint("plain", tmp_path)
    assert [head.trained for head in checkpoint.heads.values()] == [False, False]
    assert "no masked LM head" in checkpoint.heads["masked LM"].why
    assert checkpoint.licence == ""
    assert checkpoint.model is not None
    assert [head.trained for head in checkpoint.heads.values()] == [False, False]


def test_the_loading_report_has_the_last_word_on_heads(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copy(MODELS / "bert-mini" / "config.json", tmp_path)
    tensors = load_file(MODELS / "bert-mini" / "model.safetensors")
    del tensors["cls.predictions.transform.LayerNorm.weight"]
    save_file(tensors, tmp_path / "model.safetensors", metadata={"format": "pt"})
    checkpoint = Checkpoint("half a head", tmp_path)
    assert checkpoint.heads["masked LM"].trained
    _ = checkpoint.model
    assert not checkpoint.heads["masked LM"].trained
    assert checkpoint.heads["next sentence"].trained


def test_an_output_layer_that_is_not_tied_must_be_in_the_file(tmp_path: Path) -> None:
    from transformers import T5Config, T5Model

    config = T5Config(vocab_size=40, d_model=12, d_kv=4, d_ff=20, num_layers=1, num_heads=3)
    T5Model(config).save_pretrained(tmp_path)
    stated = json.loads((tmp_path / "config.json").read_text()) | {"tie_word_embeddings": False}
    (tmp_path / "config.json").write_text(json.dumps(stated))
    assert not Checkpoint("plain", tmp_path).heads["LM"].trained


def test_what_older_files_store_beside_the_weights_is_not_counted(tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copy(MODELS / "gpt2-mini" / "config.json", tmp_path)
    tensors = load_file(MODELS / "gpt2-mini" / "model.safetensors")
    old = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
    old |= {"h.0.attn.bias": torch.ones(1, 1, 512, 512), "h.0.attn.masked_bias": torch.tensor(-1e4)}
    save_file(old, tmp_path / "model.safetensors", metadata={"format": "pt"})
    checkpoint = Checkpoint("old", tmp_path)
    assert checkpoint.sizes == load("gpt2-mini").sizes
    assert checkpoint.model is not None
    assert checkpoint.heads["LM"].trained


def test_weights_under_their_first_names_load(tmp_path: Path) -> None:
    """bert-base-uncased was written when layer norms had a gamma and a beta."""
    import torch
    from safetensors.torch import load_file, save_file

    shutil.copy(MODELS / "bert-mini" / "config.json", tmp_path)
    tensors = load_file(MODELS / "bert-mini" / "model.safetensors")
    old = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): tensor
        for name, tensor in tensors.items()
    }
    save_file(old, tmp_path / "model.safetensors", metadata={"format": "pt"})
    checkpoint = Checkpoint("old", tmp_path)
    ours, theirs = checkpoint.model.state_dict(), load("bert-mini").model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert checkpoint.sizes == load("bert-mini").sizes
    assert all(head.trained for head in checkpoint.heads.values())


def test_a_model_without_its_body_is_refused(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copy(MODELS / "t5-mini" / "config.json", tmp_path)
    tensors = load_file(MODELS / "t5-mini" / "model.safetensors")
    kept = {name: tensor for name, tensor in tensors.items() if "block.1." not in name}
    save_file(kept, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lacks \d+ tensors"):
        _ = Checkpoint("half", tmp_path).model
