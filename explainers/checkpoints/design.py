"""What a configuration says about a model's shape, and nothing of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from explainers.checkpoints.checkpoint import Checkpoint
from explainers.checkpoints.families import CheckpointError, Family, sizes_of
from explainers.language import _

Kind = Literal["bert", "gpt1", "gpt2", "t5"]

D_HEAD = 64  # of the heads in the reader's own sizes, as in nearly all published ones


@dataclass(frozen=True)
class Design:
    """The shape of one model, in the papers' words; the letter of each size in formulas stands behind it.

    layers (L): of the encoder, 0 in GPT. decoder_layers (D): 0 in BERT. heads (h) of width d_head (k) in each layer.
    d_model (d), d_ff (f: inside the feed-forward layers), vocab (V: rows of the token matrix), context (P: learned
    positions; T5 has none, there it is the length it was trained at), segments (S), buckets (B: T5's distances).
    gated: three feed-forward matrices a layer in place of two (T5 1.1). tied: the output layer is the token matrix.
    name: what the model is called, if it has a name; models of one shape are equal, whatever they are called.
    """

    kind: Kind
    layers: int
    decoder_layers: int
    heads: int
    d_model: int
    d_head: int
    d_ff: int
    vocab: int
    context: int
    segments: int = 2
    buckets: int = 32
    gated: bool = False
    tied: bool = True
    name: str = field(default="", compare=False)

    @property
    def family(self) -> Family:
        """The family that it is shown in."""
        return "gpt2" if self.kind in ("gpt1", "gpt2") else self.kind  # type: ignore[return-value]

    @property
    def d_inner(self) -> int:
        """The width of all heads of a layer together; d_model but in some T5s."""
        return self.heads * self.d_head

    @property
    def symbols(self) -> dict[str, int]:
        """The letters of the formulas."""
        return {
            "L": self.layers,
            "D": self.decoder_layers,
            "h": self.heads,
            "k": self.d_head,
            "d": self.d_model,
            "f": self.d_ff,
            "V": self.vocab,
            "P": self.context,
            "S": self.segments,
            "B": self.buckets,
        }


def of_checkpoint(checkpoint: Checkpoint) -> Design:
    """The design of a model on this computer, from its configuration; raises CheckpointError where a size is bad."""
    return _of_config(checkpoint.family, checkpoint.config, checkpoint.context, checkpoint.name)


def own(family: Family, layers: int, d_model: int, vocab: int, context: int) -> Design:
    """A model of the reader's sizes: heads 64 wide, feed-forward layers four times as wide as the model.

    A T5 gets the layers twice, in its encoder and in its decoder.
    """
    heads = max(1, d_model // D_HEAD)
    return Design(
        family,
        0 if family == "gpt2" else layers,
        0 if family == "bert" else layers,
        heads,
        d_model,
        d_model // heads,
        4 * d_model,
        vocab,
        context,
    )


def _of_config(family: Family, config: Mapping[str, Any], context: int, owner: str) -> Design:
    sizes = sizes_of(family, config, 0, owner)
    try:
        d_head = int(config.get("d_kv", D_HEAD)) if family == "t5" else sizes.d_model // sizes.heads
        segments, buckets = int(config.get("type_vocab_size", 2)), int(config.get("relative_attention_num_buckets", 32))
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise CheckpointError(
            _("The configuration of {owner} lacks a size, or has one that is no number.").format(owner=owner)
        ) from error
    return Design(
        family,
        sizes.layers,
        sizes.decoder_layers,
        sizes.heads,
        sizes.d_model,
        d_head,
        sizes.d_ff,
        sizes.vocab,
        context,
        segments,
        buckets,
        gated="gated" in str(config.get("feed_forward_proj", "")),
        tied=bool(config.get("tie_word_embeddings", True)),
        name=owner,
    )
