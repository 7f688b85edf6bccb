"""Padding: what pads change in the tokens of the text, and what they cost, in multiply-adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainers.trace import AXES, AttentionKind, Inputs, Request, run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.checkpoints import Checkpoint


@dataclass(frozen=True)
class PadInfluence:
    """How far the last hidden states of the text's own tokens move when pads are put behind them.

    masked, unmasked: the largest change of any of their numbers, with the pads masked and without. size: the mean size
    of these numbers, to compare with.
    """

    masked: float
    unmasked: float
    size: float


@dataclass(frozen=True)
class BatchWork:
    """Multiply-adds of one forward pass over a batch: every row as long as the longest, and every row at its length."""

    padded: int
    unpadded: int

    @property
    def wasted(self) -> float:
        """The share of the padded batch's work that is done for pads."""
        return 1 - self.unpadded / self.padded if self.padded else 0.0


def multiply_adds(checkpoint: Checkpoint, tokens: int, targets: int = 0) -> int:
    """The multiply-adds of all layers for one row of tokens; a mask changes none.

    tokens: that BERT, GPT-2 or T5's encoder gets; targets: that T5's decoder gets. A layer: four projections (d_model x
    all heads), two feed-forward matrices (d_model x d_ff, three where the first is gated), and q·k and the mix of
    values, both over the whole square of tokens. T5's decoder has four more projections, two of them of the encoder's
    tokens, and q·k and the mix over targets x tokens. Output head, norms, softmax: left out.
    """
    sizes, config = checkpoint.sizes, checkpoint.config
    heads = sizes.heads * int(config["d_kv"]) if checkpoint.family == "t5" else sizes.d_model
    matrices = 3 if str(config.get("feed_forward_proj", "")).startswith("gated") else 2
    projection = sizes.d_model * heads
    per_token = 4 * projection + matrices * sizes.d_model * sizes.d_ff
    layers = sizes.layers or sizes.decoder_layers
    work = layers * (tokens * per_token + 2 * tokens**2 * heads)
    if checkpoint.family == "t5":
        cross = 2 * (targets + tokens) * projection + 2 * targets * tokens * heads
        work += sizes.decoder_layers * (targets * per_token + 2 * targets**2 * heads + cross) if targets else 0
    return work


def batch_work(checkpoint: Checkpoint, lengths: Sequence[int], targets: Sequence[int] = ()) -> BatchWork:
    """The work for rows of these lengths, in tokens: padded to the longest, and not padded at all.

    targets: the lengths of T5's decoder, a row each.
    """
    written = targets or [0] * len(lengths)
    return BatchWork(
        len(lengths) * multiply_adds(checkpoint, max(lengths, default=0), max(written, default=0)),
        sum(multiply_adds(checkpoint, *row) for row in zip(lengths, written, strict=True)),
    )


def pad_id(checkpoint: Checkpoint) -> int:
    """The token that fills up a row; where there is none (GPT-2), any will do, and the end of text is usual."""
    own = checkpoint.config.get("pad_token_id")
    return int(own if own is not None else checkpoint.config.get("eos_token_id") or 0)


def pad_influence(
    checkpoint: Checkpoint,
    alone: Inputs,
    padded: Inputs,
    kind: AttentionKind,
    masks: Mapping[AttentionKind, NDArray[np.bool_]],
    without: Mapping[AttentionKind, NDArray[np.bool_]],
    *,
    stop: Callable[[], bool] | None = None,
) -> PadInfluence:
    """Run the model on the text alone, and padded under both masks; compare what becomes of the text's tokens.

    kind: of the attention that pads may reach; the tokens that look in it are compared. stop: asked between layers.
    """
    import numpy as np

    stack = AXES[kind][0]
    tokens = alone.tokens(stack)
    reference, *under = (
        run(checkpoint, inputs, Request(("hidden",), masks=each, stop=stop)).hidden[stack][-1][:tokens]
        for inputs, each in ((alone, {}), (padded, masks), (padded, without))
    )
    moved = [float(np.abs(each - reference).max()) for each in under]
    return PadInfluence(moved[0], moved[1], float(np.abs(reference).mean()))
