"""Finding the word that the reader means: at a place in the text, or the one that is cut most."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import regex

from explainers.tokenization.tokens import Tokenization, Word


class Place(NamedTuple):
    """A character of the text (source 0) or of the second text (source 1)."""

    source: int
    position: int


def word_at(tokenization: Tokenization, source: int, position: int) -> Word | None:
    """The word that covers this character of this source; where none does, the next one, else the last one before."""
    words = [word for word in tokenization.words if word.source == source]
    after = [word for word in words if word.end > position]
    return after[0] if after else words[-1] if words else None


def most_cut_place(tokenizations: Sequence[Tokenization]) -> Place | None:
    """Where the run of non-blank text begins that these tokenizations of one text cut into the most tokens together.

    The first of them on a tie; None where there is no text, or where none of it became a token.
    """
    texts = (tokenizations[0].text, tokenizations[0].pair or "")
    runs = [(source, *run.span()) for source, text in enumerate(texts) for run in regex.finditer(r"\S+", text)]
    if not runs:
        return None
    starts = [
        (token.source, token.start if token.start == token.end else token.end - 1)
        for tokenization in tokenizations
        for token in tokenization.tokens
        if token.word is not None
    ]
    counts = _counts(runs, starts)
    most = max(counts)
    return Place(*runs[counts.index(most)][:2]) if most else None


def _counts(runs: Sequence[tuple[int, int, int]], characters: Sequence[tuple[int | None, int]]) -> list[int]:
    """How many of the characters (source, position) fall into each run (source, start, end); runs are in order."""
    counts = [0] * len(runs)
    firsts = [run[:2] for run in runs]
    for source, position in characters:
        if source is None:
            continue
        at = bisect_right(firsts, (source, position)) - 1
        if at >= 0 and runs[at][0] == source and position < runs[at][2]:
            counts[at] += 1
    return counts
