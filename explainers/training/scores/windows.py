"""The text in the pieces that are scored: windows of a document, and which of them when there are too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from explainers.training.encoded import Encoded
from explainers.training.scores.ngrams import Ids

T = TypeVar("T")


class Window(NamedTuple):
    """A run of one document. ids (tokens,); cuts: the places inside where a unit (for BERT a sentence) begins."""

    ids: Ids
    cuts: Ids


def windows(texts: Sequence[Encoded], size: int, shortest: int = 2) -> Iterator[Window]:
    """Every document cut into the fewest windows of at most `size` tokens, as equal as can be; those of fewer than
    `shortest` tokens are left out.
    """
    for text in texts:
        for start, end in pairwise(text.units[text.documents]):
            parts = -(-int(end - start) // size)
            bounds = start + np.arange(parts + 1) * (end - start) // max(parts, 1)
            for low, high in pairwise(bounds):
                if high - low >= shortest:
                    first, after = np.searchsorted(text.units, [low + 1, high])
                    yield Window(text.ids[low:high].astype(np.int64), text.units[first:after] - low)


def spread(items: Sequence[T], most: int) -> list[T]:
    """All of them, or `most` at equal distances, so that every part of the text is among them."""
    if len(items) <= most:
        return list(items)
    return [items[number * len(items) // most] for number in range(most)]


def neighbours(ids: Ids, places: Ids, nothing: int) -> tuple[Ids, Ids]:
    """The two tokens before and the two after each place, (places, 2) each, the nearer one second; beyond the ends
    `nothing` stands.
    """
    padded = np.concatenate([[nothing, nothing], ids, [nothing, nothing]])
    return padded[places[:, None] + [0, 1]], padded[places[:, None] + [4, 3]]
