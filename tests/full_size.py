"""Randomly initialised models in the released sizes: bert-base, gpt2 and t5-small, with as many layers as asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from explainers.checkpoints import Checkpoint, Family, load

PIECES: dict[Family, int] = {"bert": 30_522, "gpt2": 50_257, "t5": 32_100}
T5_ROWS = 32_128  # the released T5 has more rows than pieces
NAMES: dict[Family, str] = {"bert": "bert-base", "gpt2": "gpt2", "t5": "t5-small"}


def checkpoint(folder: Path, family: Family, layers: int | None = None) -> Checkpoint:
    """The family's usual model with random weights, and a vocabulary of the released size that begins as ours does."""
    import torch

    torch.manual_seed(7)
    _model(family, layers).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer(family)), encoding="utf-8")
    return Checkpoint(f"random {NAMES[family]}", folder)


def _model(family: Family, layers: int | None) -> Any:
    from transformers import (
        BertConfig,
        BertForPreTraining,
        GPT2Config,
        GPT2LMHeadModel,
        T5Config,
        T5ForConditionalGeneration,
    )

    if family == "bert":
        return BertForPreTraining(BertConfig(num_hidden_layers=layers or 12))
    if family == "gpt2":
        return GPT2LMHeadModel(GPT2Config(n_layer=layers or 12))
    return T5ForConditionalGeneration(T5Config(vocab_size=T5_ROWS, num_layers=layers or 6))


def _tokenizer(family: Family) -> dict[str, Any]:
    """The built-in tokenizer with filler up to the released number of pieces; special tokens stay at their end."""
    tokenizer: dict[str, Any] = json.loads(load(f"{family}-mini").tokenizer.to_str())
    vocabulary, added = tokenizer["model"]["vocab"], tokenizer["added_tokens"]
    if family == "t5":
        filler = [[f"▁filler{number}", -30.0] for number in range(PIECES["t5"] - len(vocabulary))]
        vocabulary[-100:-100] = filler
        at = {piece: index for index, (piece, _) in enumerate(vocabulary)}
        for token in added:
            token["id"] = at[token["content"]]
        return tokenizer
    end = PIECES[family] - (1 if family == "gpt2" else 0)
    start = max(vocabulary.values()) + 1
    vocabulary.pop("<|endoftext|>", None)
    vocabulary |= {f"filler{number}": number for number in range(start, end)}
    if family == "gpt2":
        added[0]["id"] = end
    return tokenizer
