"""Tiny models with random weights and odd sizes, as checkpoints: a swapped axis cannot go unnoticed in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from explainers.checkpoints import Checkpoint, Family
from tests import small_tokenizers

WORDS = "the dog saw a cat and it ran home to sleep . [ ] un ##aff ##able bank"


def checkpoint(folder: Path, family: Family) -> Checkpoint:
    """A random model of the family: heads x d_head differs from d_model in T5, both its stacks differ in depth."""
    import torch

    tokenizers = {
        "bert": lambda: small_tokenizers.bert(WORDS),
        "gpt2": lambda: small_tokenizers.gpt2([("d", "o"), ("do", "g"), ("Ġ", "c")]),
        "t5": lambda: small_tokenizers.t5({"▁": -1, "▁the": -2, "▁dog": -3, "saw": -4, ".": -5}, fallback=True),
    }
    tokenizer = tokenizers[family]()
    torch.manual_seed(3)
    model = _model(family, tokenizer.get_vocab_size())
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return Checkpoint(f"tiny-{family}", folder)


def _model(family: Family, vocab: int) -> Any:
    from transformers import (
        BertConfig,
        BertForPreTraining,
        GPT2Config,
        GPT2LMHeadModel,
        T5Config,
        T5ForConditionalGeneration,
    )

    if family == "bert":
        return BertForPreTraining(
            BertConfig(
                vocab_size=vocab, hidden_size=15, num_hidden_layers=3, num_attention_heads=5, intermediate_size=22,
                max_position_embeddings=37, initializer_range=0.6,
            )
        )  # fmt: skip
    if family == "gpt2":
        end = vocab - 1
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=vocab, n_embd=21, n_layer=2, n_head=3, n_positions=29, initializer_range=0.4,
                scale_attn_by_inverse_layer_idx=True, bos_token_id=end, eos_token_id=end,
            )
        )  # fmt: skip
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=vocab, d_model=10, d_kv=3, d_ff=14, num_layers=2, num_decoder_layers=3, num_heads=4,
            relative_attention_num_buckets=12, relative_attention_max_distance=20, feed_forward_proj="gated-gelu",
            initializer_factor=1.5, pad_token_id=0, eos_token_id=1,
        )
    )  # fmt: skip
