"""The shape of each built-in model and how it is trained: one place for every number that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Family

if TYPE_CHECKING:
    from tokenizers import Tokenizer

NAMES: Mapping[Family, str] = {"bert": "bert-mini", "gpt2": "gpt2-mini", "t5": "t5-mini"}
CONTEXT = 512


@dataclass(frozen=True)
class Recipe:
    """The shape of a model, how long and how fast it is trained.

    layers is the depth of each stack. Rates are peaks: warmed up, held, then brought down linearly to zero. tokens
    counts what the model reads, padding not included. lengths: up to which share of the run which sequence length.
    repeated: the share of GPT-2's rows that say a run of shuffled tokens over and over, so that heads learn to copy
    (induction, Olsson et al. 2022). Muon trains the matrices inside the blocks, AdamW the rest.
    """

    layers: int = 4
    d_model: int = 256
    heads: int = 8
    tokens: int = 12_000_000
    tokens_per_step: int = 4_096
    lengths: tuple[tuple[float, int], ...] = ((0.97, 128), (1.0, 512))
    muon_rate: float = 0.02
    adamw_rate: float = 0.002
    weight_decay: float = 0.01
    warm_up: float = 0.05
    decay: float = 0.5
    clip: float = 1.0
    repeated: float = 0.03
    vocabulary_characters: int = 60_000_000


RECIPES: Mapping[Family, Recipe] = {
    "bert": Recipe(lengths=((0.6, 64), (0.97, 128), (1.0, 512)), muon_rate=0.01, adamw_rate=0.001),
    "gpt2": Recipe(),
    "t5": Recipe(adamw_rate=0.015),
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


def rate_factor(recipe: Recipe, progress: float) -> float:
    """The share of the peak rate at this progress (0 to 1): up, flat, and down in a line over the last part."""
    if progress < recipe.warm_up:
        return max(progress / recipe.warm_up, 0.01)
    if progress < 1 - recipe.decay:
        return 1.0
    return max((1 - progress) / recipe.decay, 0.0)


def sequence_length(recipe: Recipe, progress: float) -> int:
    """Short sequences first, long ones at the end, as in Devlin et al. 2019, appendix A.2 (90 % and 10 % there).

    Here fewer are long, since short rows stand anywhere in the context and so train all positions.
    """
    return next((length for until, length in recipe.lengths if progress < until), recipe.lengths[-1][1])
