"""Pairs for a test, drawn from a text: half of them follow each other in it, half do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import regex

from explainers.language import _

FEWEST_SENTENCES = 4
MOST_PAIRS = 400

Origin = Literal["elsewhere", "same"]  # a false second part is of another passage, or of the same one

_PASSAGE_END = regex.compile(r"(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)\s*")
_LINE_END = regex.compile(r"[\r\n]+")
_SENTENCE_END = regex.compile(
    r"""(?<!\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|e\.g|i\.e|etc)\.)"""
    r"""(?:(?<=[.!?…؟।]["'”’»)\]]*)\s+(?=[^\p{Ll}\s])|(?<=[。！？]["'”’」』]*)(?=[^\s"'”’」』。！？]))"""
)


class SampleError(ValueError):
    """A text from which no test can be made; the message is one sentence that says what to do."""


class Pair(NamedTuple):
    """Two parts of a sample, and whether the second really follows the first in the text."""

    first: str
    second: str
    follows: bool


class _Part(NamedTuple):
    """Some sentences in a row: the passage that they are of, and which of its sentences is the first."""

    passage: int
    at: int
    text: str


def sentences(text: str) -> tuple[str, ...]:
    """The text cut at line ends and after sentence-final punctuation; common English abbreviations do not end one."""
    return tuple(
        sentence.strip()
        for line in _LINE_END.split(text)
        for sentence in _SENTENCE_END.split(line)
        if any(character.isalnum() for character in sentence)
    )


def passages(text: str) -> tuple[tuple[str, ...], ...]:
    """The sentences of each passage of a text; empty lines part them, as they do stories in a file."""
    return tuple(found for passage in _PASSAGE_END.split(text) if (found := sentences(passage)))


def sample(
    text: str, seed: int, most: int = MOST_PAIRS, *, origin: Origin = "same", length: int = 1
) -> tuple[Pair, ...]:
    """As many true pairs as false ones, drawn from the text and shuffled; both parts are `length` sentences long.

    A false second part comes from another passage, as in BERT's training it came from another document, or from the
    same one, where the topic gives nothing away. A part that follows the first anywhere in the text is never called
    false. Raises SampleError where the text is too short or has too few passages.
    """
    import numpy as np

    found = passages(text)
    if len({sentence for passage in found for sentence in passage}) < FEWEST_SENTENCES:
        raise SampleError(
            _("Paste at least {count} different sentences: the test takes its pairs from them.").format(
                count=FEWEST_SENTENCES
            )
        )
    if origin == "elsewhere" and len(found) < 2:
        raise SampleError(
            _(
                "This text is one passage: part it with empty lines, or take the wrong second texts from the same "
                "passage."
            )
        )
    parts = [
        _Part(number, at, " ".join(passage[at : at + length]))
        for number, passage in enumerate(found)
        for at in range(len(passage) - length + 1)
    ]
    by_place = {(part.passage, part.at): part for part in parts}
    true = [(part, by_place[after]) for part in parts if (after := (part.passage, part.at + length)) in by_place]
    near: dict[str, set[str]] = {part.text: {part.text} for part in parts}  # itself, and all that ever follow it
    for first, second in true:
        near[first.text].add(second.text)
    rng = np.random.default_rng(seed)
    false: list[Pair] = []
    for at in rng.permutation(len(true)).tolist():
        first = true[at][0]
        strangers = _strangers(first, parts, near[first.text], origin, length)
        if strangers:
            false.append(Pair(first.text, strangers[int(rng.integers(len(strangers)))], follows=False))
        if len(false) == most // 2:
            break
    if not false:
        raise SampleError(
            _("The passages of this text are too short for pairs of this length: choose fewer sentences a text.")
        )
    drawn = [true[int(at)] for at in rng.choice(len(true), len(false), replace=False).tolist()]
    pairs = [*(Pair(first.text, second.text, follows=True) for first, second in drawn), *false]
    return tuple(pairs[at] for at in rng.permutation(len(pairs)).tolist())


def _strangers(first: _Part, parts: Sequence[_Part], near: set[str], origin: Origin, length: int) -> list[str]:
    """The parts that may stand as a false second beside the first: none that follows it, none that shares sentences."""
    return [
        part.text
        for part in parts
        if (part.passage == first.passage) == (origin == "same")
        and (part.passage != first.passage or abs(part.at - first.at) >= length)
        and part.text not in near
    ]
