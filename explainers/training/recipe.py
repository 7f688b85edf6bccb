"""The shape of each built-in model and how it is trained: one place for every number that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from explainers.checkpoints import Family

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NAMES: Mapping[Family, str] = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}
CONTEXT = 512


@dataclass(frozen=True)
class Recipe:
    """The shape of a model, how long and how fast it is trained.

    layers is the depth of each stack. Rates are peaks: warmed up over `warm_up` steps, held, then brought down linearly
    to zero over the last `decay` of the run. tokens counts what the model reads, padding not included. lengths: which
    share of the steps has rows of which length. repeated: the share of GPT-2's rows that say a run of shuffled tokens
    over and over, so that heads learn to copy (induction, Olsson et al. 2022). Muon trains the matrices inside the
    blocks, AdamW the rest.
    """

    layers: int = 6
    d_model: int = 256
    heads: int = 8
    tokens: int = 300_000_000
    tokens_per_step: int = 65_536
    lengths: tuple[tuple[float, int], ...] = ((1.0, 512),)
    muon_rate: float = 0.02
    adamw_rate: float = 0.002
    weight_decay: float = 0.01
    warm_up: int = 100
    decay: float = 0.5
    clip: float = 1.0
    repeated: float = 0.03
    vocabulary_characters: int = 60_000_000


RECIPES: Mapping[Family, Recipe] = {
    "bert": Recipe(tokens=420_000_000, lengths=((0.85, 128), (0.15, 512)), adamw_rate=0.004),
    "gpt2": Recipe(tokens=450_000_000, adamw_rate=0.005),
    "t5": Recipe(
        layers=4,
        tokens=400_000_000,
        lengths=((0.6, 64), (0.4, 256)),
        adamw_rate=0.015,
        vocabulary_characters=12_000_000,
    ),
}


def new_model(family: Family, recipe: Recipe, tokenizer: Tokenizer) -> Any:
    """A freshly initialised model of the family's transformers class, with this recipe's shape, for this vocabulary.

    Dropout is 0: no text is read often enough to be learned by heart.
    """
    from transformers import (
        BertConfig,
        BertForPreTraining,
        GPT2Config,
        GPT2LMHeadModel,
        T5Config,
        T5ForConditionalGeneration,
    )

    vocab, token = tokenizer.get_vocab_size(), tokenizer.token_to_id
    if family == "bert":
        return BertForPreTraining(
            BertConfig(
                vocab_size=vocab, hidden_size=recipe.d_model, num_hidden_layers=recipe.layers,
                num_attention_heads=recipe.heads, intermediate_size=4 * recipe.d_model, pad_token_id=token("[PAD]"),
                max_position_embeddings=CONTEXT, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            )
        )  # fmt: skip
    if family == "gpt2":
        end = token("<|endoftext|>")
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=vocab, n_embd=recipe.d_model, n_layer=recipe.layers, n_head=recipe.heads,
                n_positions=CONTEXT, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
                bos_token_id=end, eos_token_id=end,
            )
        )  # fmt: skip
    config = T5Config(
        vocab_size=vocab, d_model=recipe.d_model, d_kv=recipe.d_model // recipe.heads, d_ff=4 * recipe.d_model,
        num_layers=recipe.layers, num_decoder_layers=recipe.layers, num_heads=recipe.heads, dropout_rate=0.0,
        pad_token_id=token("<pad>"), eos_token_id=token("</s>"),
    )  # fmt: skip
    config.n_positions, config.decoder_start_token_id = CONTEXT, token("<pad>")
    return T5ForConditionalGeneration(config)


def rate_factor(recipe: Recipe, step: int, progress: float) -> float:
    """The share of the peak rate at this step since the start, and at this progress of the run (0 to 1): up, flat, and
    down in a line over the last part.
    """
    up = min((step + 1) / recipe.warm_up, 1.0)
    return up * min(max((1 - progress) / recipe.decay, 0.0), 1.0)


def sequence_length(recipe: Recipe, rng: np.random.Generator) -> int:
    """The length of one step's rows, drawn: mostly short and now and then the whole context, as the shares say.

    Devlin et al. 2019, appendix A.2, train short first and long at the end; in runs as short as ours, positions that
    come late stay untrained.
    """
    shares, lengths = zip(*recipe.lengths, strict=True)
    return int(rng.choice(lengths, p=shares))
