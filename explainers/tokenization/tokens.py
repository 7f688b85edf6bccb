"""What a text becomes: tokens with their place in it, the words the algorithm cut, and the marks to draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import regex

Kind = Literal["special", "word start", "continuation", "byte", "sentinel", "unknown"]


class TextError(ValueError):
    """A text that cannot be tokenized; the message is one sentence that says what to do."""


class StepsError(ValueError):
    """A word or a tokenizer whose steps cannot be shown; the message is one sentence that says why."""


class Token(NamedTuple):
    """One row of the model's input.

    piece: as it stands in the vocabulary. id: its row there.
    start, end: the characters of its source that it came from (see the package's docstring); 0, 0 for the template's.
    kind: "special" (a control token of the model, whoever put it there), "sentinel" (T5's <extra_id_n>), "unknown"
    (stands for text that the vocabulary lacks), "byte" (a byte-fallback piece, or bytes that are no whole characters by
    themselves), "word start" (the first of its word) or "continuation".
    source: 0 from the text, 1 from the second text, None put there by the model's template.
    segment: the token type id as the model gets it; 0 in families that have none.
    word: index into Tokenization.words; None where no algorithm cut it (the template's, and special tokens as typed).
    data: the bytes it stands for; empty where it stands for none (special, sentinel, unknown).
    """

    piece: str
    id: int
    start: int
    end: int
    kind: Kind
    source: int | None
    segment: int
    word: int | None
    data: bytes


class Word(NamedTuple):
    """One unit that the algorithm cut by itself: its place in the source, and its text as the algorithm sees it.

    text is normalised and keeps the word's blank where the family has it: "unaffable", " world", "▁world".
    """

    source: int
    start: int
    end: int
    text: str


class Mark(NamedTuple):
    """A run of whole grapheme clusters and the tokens that cover it: the smallest part of the text to draw by itself.

    Tokens that split a cluster share one mark. A token that covers no text (T5's inserted "▁" standing alone) has a
    mark of its own with start == end, unless it falls inside another mark. tokens: indices into Tokenization.tokens.
    """

    source: int
    start: int
    end: int
    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class Counts:
    """How much text the model gets, template tokens not counted; where the text was cut, the part before the cut.

    words: runs of non-blank text as typed, the same for every family. characters: Unicode code points as typed.
    """

    tokens: int
    words: int
    characters: int
    unknowns: int

    @property
    def tokens_per_word(self) -> float:
        """Tokens a typed word; 0 where there is none."""
        return self.tokens / self.words if self.words else 0.0

    @property
    def characters_per_token(self) -> float:
        """Typed characters a token; 0 where there is none."""
        return self.characters / self.tokens if self.tokens else 0.0


@dataclass(frozen=True)
class Tokenization:
    """A text, or two, as one model gets it.

    word_texts: for every word the text that the algorithm sees. dropped: tokens that did not fit the model's context.
    dropped_from: for the text and for the pair, the character where the part begins that the model never sees, None
    where nothing was cut.
    """

    text: str
    pair: str | None
    tokens: tuple[Token, ...]
    word_texts: tuple[str, ...]
    dropped: int = 0
    dropped_from: tuple[int | None, int | None] = (None, None)

    @property
    def ids(self) -> tuple[int, ...]:
        """The ids alone, in order."""
        return tuple(token.id for token in self.tokens)

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The units that the algorithm cut one by one, in order; Token.word counts them."""
        own = [token for token in self.tokens if token.word is not None]
        last = {token.word: token.end for token in own}
        firsts = [
            token for token, before in zip(own, [None, *own], strict=False) if not before or token.word != before.word
        ]
        return tuple(
            Word(first.source or 0, first.start, last[first.word], text)
            for first, text in zip(firsts, self.word_texts, strict=True)
        )

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        """What to draw, in reading order, first of the text and then of the pair; template tokens have no marks."""
        sources = (self.text,) if self.pair is None else (self.text, self.pair)
        return tuple(mark for source, text in enumerate(sources) for mark in _marks(source, text, self.tokens))

    @cached_property
    def counts(self) -> Counts:
        """The numbers under a row of tokens."""
        own = [token for token in self.tokens if token.source is not None]
        seen = [self.text[: self.dropped_from[0]], (self.pair or "")[: self.dropped_from[1]]]
        return Counts(
            tokens=len(own),
            words=sum(len(text.split()) for text in seen),
            characters=sum(map(len, seen)),
            unknowns=sum(token.kind == "unknown" for token in own),
        )


def _marks(source: int, text: str, tokens: tuple[Token, ...]) -> list[Mark]:
    """Tokens of one source, widened to whole clusters; those that then overlap are one mark."""
    first, last = _clusters(text)
    marks: list[Mark] = []
    for index, token in enumerate(tokens):
        if token.source != source:
            continue
        start, end = token.start, token.end
        if start < len(text) and (end > start or first[start] != start):
            start, end = first[start], last[max(token.end - 1, start)]
        if marks and start < marks[-1].end:
            before = marks.pop()
            start, end = before.start, max(before.end, end)
            marks.append(Mark(source, start, end, text[start:end], (*before.tokens, index)))
        else:
            marks.append(Mark(source, start, end, text[start:end], (index,)))
    return marks


def _clusters(text: str) -> tuple[list[int], list[int]]:
    """For every character, where its grapheme cluster starts and ends."""
    first: list[int] = []
    last: list[int] = []
    for match in regex.finditer(r"\X", text):
        start, end = match.span()
        first += [start] * (end - start)
        last += [end] * (end - start)
    return first, last
