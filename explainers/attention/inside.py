"""One query and one key inside one head: from their vectors to the score, the weights and the mixed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.attention.weights import PairScore, masked_scores, pair_score, softmax
from explainers.trace import HeadParts

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class InsideHead:
    """What one head computes for one query, and for one of its keys in detail.

    q, k, v, mix (d_head,): of the query, of the key twice, and what the head gives for the query. pair: their score.
    allowed: whether the mask lets the query see the key. scores (keys,): with scale and bias, -inf where the mask
    forbids. weights (keys,): their softmax. shares (keys, d_head): each key's weight times its value; they sum to mix.
    """

    q: Floats
    k: Floats
    v: Floats
    pair: PairScore
    allowed: bool
    scores: Floats
    weights: Floats
    shares: Floats
    mix: Floats


def inside_head(parts: HeadParts, head: int, query: int, key: int) -> InsideHead:
    """Work out again, from q, k and v alone, what the model computed for one query and one key of one head."""
    q, k, v = parts.q[head], parts.k[head], parts.v[head]
    bias = None if parts.bias is None else parts.bias[head, query]
    scores = q[query] @ k.T * parts.scale
    if bias is not None:
        scores = scores + bias
    masked = masked_scores(scores[None], parts.mask[query][None])[0]
    weights = softmax(masked)
    shares = weights[:, None] * v
    return InsideHead(
        q=q[query],
        k=k[key],
        v=v[key],
        pair=pair_score(q[query], k[key], scale=parts.scale, bias=0.0 if bias is None else float(bias[key])),
        allowed=bool(parts.mask[query, key]),
        scores=masked,
        weights=weights,
        shares=shares,
        mix=shares.sum(axis=0),
    )
