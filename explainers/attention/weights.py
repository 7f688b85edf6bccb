"""Scaled dot-product attention in plain numpy, every step of it kept (Vaswani et al. 2017, equation 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.language import _

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Attention:
    """One head, or several, step by step; arrays (..., queries, keys), but for the mix (..., queries, d_head).

    products: q·k. scores: products times scale, plus the bias. masked: scores, -inf where the mask forbids to look.
    weights: the softmax of each row of masked. mix: the values, mixed by the weights.
    """

    products: Floats
    scores: Floats
    masked: Floats
    weights: Floats
    mix: Floats


@dataclass(frozen=True, eq=False)
class PairScore:
    """How one query and one key make one score: products (d_head,) sum to `dot`; score = dot times scale plus bias."""

    products: Floats
    dot: float
    scale: float
    bias: float
    score: float


def attention(
    q: Floats,
    k: Floats,
    v: Floats,
    mask: NDArray[np.bool_] | None = None,
    *,
    scale: float | None = None,
    bias: Floats | None = None,
) -> Attention:
    """Every step from queries and keys to mixed values.

    q (..., queries, d_head), k and v (..., keys, d_head); mask (queries, keys), True = may look, None = all may; scale:
    1 / sqrt(d_head) if None (T5: 1); bias (..., queries, keys), added to the scaled products (T5). Raises ValueError
    where a query may look at nothing.
    """
    import numpy as np

    products = q @ np.swapaxes(k, -1, -2)
    scores = products * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if bias is not None:
        scores = scores + bias
    masked = masked_scores(scores, mask)
    weights = softmax(masked)
    return Attention(products, scores, masked, weights, weights @ v)


def attention_weights(
    q: Floats,
    k: Floats,
    mask: NDArray[np.bool_] | None = None,
    *,
    scale: float | None = None,
    bias: Floats | None = None,
) -> Floats:
    """How strongly each query looks at each key; every row sums to 1. Arguments as for `attention`."""
    return attention(q, k, k, mask, scale=scale, bias=bias).weights


def masked_scores(scores: Floats, mask: NDArray[np.bool_] | None) -> Floats:
    """The scores (..., queries, keys), -inf where the mask (queries, keys) forbids; ValueError for an empty row."""
    import numpy as np

    if mask is None:
        return scores
    if not mask.any(axis=-1).all():
        raise ValueError(_("Let every token look at one token at least: a row of the mask is empty."))
    return np.where(mask, scores, -np.inf).astype(scores.dtype, copy=False)


def softmax(scores: Floats) -> Floats:
    """Shares (..., keys) that sum to 1, each in proportion to exp(score); -inf gets none."""
    import numpy as np

    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def pair_score(q: Floats, k: Floats, *, scale: float | None = None, bias: float = 0.0) -> PairScore:
    """The score of one query q (d_head,) and one key k (d_head,), with what each dimension adds to it."""
    products = q * k
    factor = 1 / math.sqrt(len(q)) if scale is None else scale
    dot = float(products.sum())
    return PairScore(products, dot, factor, bias, dot * factor + bias)
