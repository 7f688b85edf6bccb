"""Many heads and layers as one map: the average of heads, and attention rollout."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


def head_average(weights: Floats, heads: Collection[int] | None = None) -> Floats:
    """The mean of the chosen heads, or of all; weights (..., heads, queries, keys) -> (..., queries, keys).

    Raises ValueError where no head is chosen.
    """
    import numpy as np

    chosen = list(range(weights.shape[-3]) if heads is None else heads)
    if not chosen:
        raise ValueError("no head is chosen")
    total = weights[..., chosen[0], :, :].astype(np.float64)
    for head in chosen[1:]:  # a head at a time: all of them at once would be copied
        total += weights[..., head, :, :]
    return np.asarray(total / len(chosen))


def rollout(attentions: Floats) -> Floats:
    """How much of each input token reaches each token, layer by layer (Abnar and Zuidema 2020, section 3).

    attentions (layers, heads, tokens, tokens) of one stack -> (layers, tokens, tokens), rows sum to 1. Heads are
    averaged; each layer passes on half of a token by the residual connection and half by attention. That the halves are
    equal, and that feed-forward layers mix nothing, are the method's assumptions, not the model's numbers.
    """
    import numpy as np

    tokens = attentions.shape[-1]
    reached = np.eye(tokens)
    through = np.empty((len(attentions), tokens, tokens))
    for layer, weights in enumerate(head_average(attentions)):
        reached = (weights + np.eye(tokens)) / 2 @ reached
        through[layer] = reached
    return through
