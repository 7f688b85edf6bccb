"""What a head does, in a few numbers: how spread out it is, how far it looks, and at which kind of token."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from explainers.attention.patterns import roles
from explainers.checkpoints import Checkpoint
from explainers.trace import AXES, AttentionKind, Trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.floating[Any]]


Measure = Literal["entropy", "distance", "first", "previous", "following", "itself", "delimiter"]
MEASURES: tuple[Measure, ...] = get_args(Measure)


@dataclass(frozen=True, eq=False)
class HeadMeasures:
    """Means over the queries of each head; arrays (..., heads) of float64.

    entropy: in bits; 0 where every query looks at one key only. distance: in tokens. first, previous, following,
    itself, delimiter: the share of attention, 0 to 1, on the first key, on the token before the query, after it, on the
    query itself, on all delimiters together; previous and following over those queries that have such a token.
    distance, previous, following and itself are None in cross-attention, whose queries and keys are of two texts.
    """

    entropy: Floats
    distance: Floats | None
    first: Floats
    previous: Floats | None
    following: Floats | None
    itself: Floats | None
    delimiter: Floats

    def by_name(self) -> dict[Measure, Floats]:
        """Every measure that there is."""
        found = {name: getattr(self, name) for name in MEASURES}
        return {name: values for name, values in found.items() if values is not None}


def measures_of(
    checkpoint: Checkpoint, trace: Trace, kind: AttentionKind, place: tuple[int, int] | None = None
) -> HeadMeasures:
    """All measures of one kind of attention of a pass; arrays (layers, heads).

    place: of the one layer and head that is asked for; numbers instead of arrays.
    """
    import numpy as np

    keys = trace.ids[AXES[kind][1]].tolist()
    delimiters = roles(checkpoint, keys).delimiter
    attentions = trace.attentions[kind]
    if place is not None:
        return head_measures(attentions[place], delimiters, same_text=kind != "cross")
    # A head at a time: the copies that are made on the way are small enough to be made in the same memory again.
    heads = [
        [head_measures(weights, delimiters, same_text=kind != "cross") for weights in layer] for layer in attentions
    ]

    def stacked(name: str) -> Any:
        rows = [[getattr(head, name) for head in layer] for layer in heads]
        return None if any(number is None for row in rows for number in row) else np.array(rows)

    return HeadMeasures(**{field.name: stacked(field.name) for field in fields(HeadMeasures)})


def head_measures(weights: Floats, delimiters: ArrayLike, *, same_text: bool = True) -> HeadMeasures:
    """All measures of heads; weights (..., heads, queries, keys), delimiters (keys,) True at [SEP] and the like.

    same_text: queries and keys are the same tokens, which they are not in cross-attention. Where there is no query or
    no key to look at, a measure is 0.
    """
    import numpy as np

    keys = weights.shape[-1]
    marked = np.asarray(delimiters, np.bool_).reshape(keys)
    return HeadMeasures(
        entropy=_mean(entropy_bits(weights)),
        distance=_mean(distances(weights)) if same_text else None,
        first=_mean(share_on(weights, np.arange(keys) == 0)),
        previous=_mean(_beside(weights, -1)) if same_text else None,
        following=_mean(_beside(weights, 1)) if same_text else None,
        itself=_mean(_beside(weights, 0)) if same_text else None,
        delimiter=_mean(share_on(weights, marked)),
    )


def entropy_bits(weights: Floats) -> Floats:
    """How undecided each query is (..., queries), in bits: 0 for one key, log2(n) for n keys alike (Shannon 1948)."""
    import numpy as np

    p = weights.astype(np.float64)
    bits: Floats = -np.sum(p * np.log2(np.where(p > 0, p, 1)), axis=-1)
    return np.abs(bits)  # a certain query's -0.0 becomes 0.0


def distances(weights: Floats) -> Floats:
    """How far each query looks (..., queries), in tokens: the mean of |query - key|, weighted by attention."""
    import numpy as np

    queries, keys = weights.shape[-2:]
    apart = np.abs(np.arange(queries)[:, None] - np.arange(keys)[None, :]).astype(np.float64)
    return np.asarray(np.einsum("...qk,qk->...q", weights.astype(np.float64), apart))


def share_on(weights: Floats, chosen: NDArray[np.bool_]) -> Floats:
    """How much of each query's attention is on the chosen keys (..., queries); chosen (keys,) or (queries, keys)."""
    import numpy as np

    return np.asarray(np.where(chosen, weights, 0).sum(axis=-1, dtype=np.float64))


def _beside(weights: Floats, step: int) -> Floats:
    """The attention on the key that is step tokens after the query, for the queries that have one."""
    import numpy as np

    return np.diagonal(weights, step, axis1=-2, axis2=-1).astype(np.float64)


def _mean(values: Floats) -> Floats:
    """The mean over the last axis; 0 where it is empty."""
    import numpy as np

    return np.asarray(values.sum(axis=-1) / max(values.shape[-1], 1))
