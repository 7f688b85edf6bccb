"""What one head computes under a mask, from the scores to the weights: the model's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.trace import AttentionKind, Inputs, Request, run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.checkpoints import Checkpoint


@dataclass(frozen=True, eq=False)
class HeadScores:
    """One head of one layer; arrays (queries, keys).

    scores: q·k times scale. bias: T5's for the distance, None where there is none. weights: the softmax of scores and
    bias where the mask is open. size: d_head.
    """

    scores: NDArray[np.floating[Any]]
    bias: NDArray[np.floating[Any]] | None
    weights: NDArray[np.floating[Any]]
    scale: float
    size: int


def head_scores(
    checkpoint: Checkpoint,
    inputs: Inputs,
    kind: AttentionKind,
    layer: int,
    head: int,
    masks: Mapping[AttentionKind, NDArray[np.bool_]],
    *,
    stop: Callable[[], bool] | None = None,
) -> HeadScores:
    """Run the model under the masks and keep what this head (layer and head count from 0) did.

    In the first layer the scores are the same under every mask; deeper ones read what the masked layers before gave.
    """
    parts = run(checkpoint, inputs, Request(("heads",), layer=(kind, layer), masks=masks, stop=stop)).heads
    if parts is None:
        raise ValueError("there is no token to look at")
    return HeadScores(
        parts.scores[head].copy(),
        None if parts.bias is None else parts.bias[head].copy(),
        parts.weights[head].copy(),
        parts.scale,
        parts.q.shape[-1],
    )
