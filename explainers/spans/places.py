"""Gaps as places in the typed text, "10-22.41-50", so that a link means the same with another vocabulary."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from explainers.tokenization import Tokenization

MOST = 200
_PLACE = re.compile(r"(\d{1,6})-(\d{1,6})")


def tokens_at(tokenization: Tokenization, places: str) -> tuple[int, ...]:
    """The text's tokens that these places touch, in order; nonsense among the places is passed over."""
    ranges = [(int(first), int(last)) for first, last in _PLACE.findall(places)[:MOST]]
    return tuple(
        index
        for index, token in enumerate(tokenization.tokens)
        if token.source is not None and any(_touch(token.start, token.end, start, end) for start, end in ranges)
    )


def places_in(written: str) -> str:
    """The places in a text from a link, without the nonsense among them; "" where there are none."""
    return ".".join(f"{int(first)}-{int(last)}" for first, last in _PLACE.findall(written)[:MOST])


def _touch(start: int, end: int, place_start: int, place_end: int) -> bool:
    """Whether a token has characters in the place; one that stands for none leaves with the character after it."""
    if start == end:
        return place_start <= start < max(place_end, place_start + 1)
    return start < place_end and end > place_start


def places_of(tokenization: Tokenization, tokens: Collection[int]) -> str:
    """The characters of these tokens, neighbours as one place."""
    chosen = set(tokens)
    ranges: list[list[int]] = []
    for index, token in enumerate(tokenization.tokens):
        if index in chosen and index - 1 in chosen and ranges:
            ranges[-1][1] = max(token.end, ranges[-1][1])
        elif index in chosen:
            ranges.append([token.start, token.end])
    return ".".join(f"{start}-{end}" for start, end in ranges)


def covering(text: str, words: Sequence[str]) -> str:
    """The places of these words in a text, each where it stands first, with the blank before it."""
    found = [(text.index(word), len(word)) for word in words]
    return ".".join(f"{start}-{start + length}" for start, length in found)


def two_words(tokenization: Tokenization) -> tuple[int, ...]:
    """The tokens of the longest word and of the longest that is no neighbour of it: gaps for a first look.

    Nothing where the text has one word only.
    """
    words = tokenization.words
    spoken = [index for index, word in enumerate(words) if any(map(str.isalnum, word.text))]
    longest = sorted(spoken, key=lambda index: -len(words[index].text))
    if len(longest) < 2:
        return ()
    first = longest[0]
    second = next((index for index in longest if abs(index - first) > 1), first)
    return tuple(index for index, token in enumerate(tokenization.tokens) if token.word in (first, second))
