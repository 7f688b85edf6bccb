"""Which tokens leave the text, and the input and labels that this gives (Raffel et al. 2020, section 3.3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

DENSITY = 0.15
MEAN_LENGTH = 3.0


@dataclass(frozen=True)
class SpanCorruption:
    """The encoder's input and the labels, both 1-d arrays of ids that end with </s>."""

    inputs: NDArray[np.int64]
    labels: NDArray[np.int64]


def span_counts(tokens: int, density: float = DENSITY, mean_length: float = MEAN_LENGTH) -> tuple[int, int]:
    """How many tokens are removed from a text of that many tokens, and in how many spans; at least one of each is
    left.
    """
    removed = min(max(round(tokens * density), 1), tokens - 1)
    spans = min(max(round(removed / mean_length), 1), tokens - removed)
    return removed, spans


def random_spans(
    tokens: int, rng: np.random.Generator, density: float = DENSITY, mean_length: float = MEAN_LENGTH
) -> NDArray[np.bool_]:
    """Which tokens are removed, (tokens,): spans and gaps in turn, every split of the counts into lengths equally
    likely.

    The text begins with a gap, as in the released code. A text of fewer than 2 tokens has none removed.
    """
    import numpy as np

    if tokens < 2:
        return np.zeros(tokens, bool)
    removed, spans = span_counts(tokens, density, mean_length)
    lengths = np.empty(2 * spans, np.int64)
    lengths[0::2] = _random_parts(tokens - removed, spans, rng)
    lengths[1::2] = _random_parts(removed, spans, rng)
    return np.repeat(np.arange(2 * spans) % 2 == 1, lengths)


def span_corruption(
    ids: NDArray[np.int64], removed: NDArray[np.bool_], sentinels: Sequence[int], end: int
) -> SpanCorruption:
    """The text with each removed run replaced by one sentinel, and the removed runs behind their sentinels.

    ids, removed (tokens,); sentinels: ids of <extra_id_0>, <extra_id_1>, … in this order; end: the id of </s>. The
    labels end with </s>, without the closing sentinel of the paper's figure 2, as the released pipeline writes them.
    Raises ValueError where there are more runs than sentinels.
    """
    import numpy as np

    first = removed & ~np.concatenate([[False], removed[:-1]])
    run = np.cumsum(first) - 1
    if first.sum() > len(sentinels):
        raise ValueError(f"{first.sum()} spans need as many sentinels, and there are {len(sentinels)}")
    marks = np.asarray(sentinels, np.int64)[np.maximum(run, 0)]
    inputs = np.where(first, marks, ids)[~removed | first]
    starts = np.flatnonzero(first)
    labels = np.insert(ids[removed], np.searchsorted(np.flatnonzero(removed), starts), marks[starts])
    return SpanCorruption(np.append(inputs, end), np.append(labels, end))


def _random_parts(total: int, parts: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """A sum split into positive whole numbers, every such split equally likely."""
    import numpy as np

    cuts = np.sort(rng.choice(total - 1, size=parts - 1, replace=False)) + 1
    return np.diff(np.concatenate([[0], cuts, [total]]))
