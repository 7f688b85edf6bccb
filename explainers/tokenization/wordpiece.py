"""WordPiece as BERT uses it: the longest piece of the vocabulary that the rest of the word begins with, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from explainers.language import _
from explainers.tokenization.tokens import StepsError


@dataclass(frozen=True)
class WordPieceTry:
    """One look into the vocabulary: characters start to end of the word, as the piece they would be."""

    start: int
    end: int
    piece: str
    found: bool


@dataclass(frozen=True)
class WordPieceSteps:
    """Every look, in order; a piece that is found moves the start on, and where none is found the word is unknown.

    skipped: the word is longer than WordPiece takes (100 characters in BERT), and is unknown without a look.
    """

    word: str
    tries: tuple[WordPieceTry, ...]
    pieces: tuple[str, ...]
    ids: tuple[int, ...]
    skipped: bool = False


class WordPieceRules(NamedTuple):
    """What a WordPiece model holds; longest: the characters above which a word is unknown at once."""

    vocab: Mapping[str, int]
    unknown: str
    prefix: str
    longest: int

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> WordPieceRules:
        """The rules from the "model" part of tokenizer.json."""
        return cls(
            model["vocab"], model["unk_token"], model["continuing_subword_prefix"], model["max_input_chars_per_word"]
        )

    def steps(self, word: str) -> WordPieceSteps:
        """Cut one word (Schuster and Nakajima 2012; BERT's greedy, longest-match-first form)."""
        if len(word) > self.longest:
            return WordPieceSteps(word, (), *self._lost(), skipped=True)
        tries: list[WordPieceTry] = []
        pieces: list[str] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = (self.prefix if start else "") + word[start:end]
                tries.append(WordPieceTry(start, end, piece, piece in self.vocab))
                if tries[-1].found:
                    break
            else:
                return WordPieceSteps(word, tuple(tries), *self._lost())
            pieces.append(piece)
            start = end
        return WordPieceSteps(word, tuple(tries), tuple(pieces), tuple(self.vocab[piece] for piece in pieces))

    def _lost(self) -> tuple[tuple[str, ...], tuple[int, ...]]:
        if self.unknown not in self.vocab:
            raise StepsError(_("The vocabulary has no {piece}, so it cannot cut this word.").format(piece=self.unknown))
        return (self.unknown,), (self.vocab[self.unknown],)
