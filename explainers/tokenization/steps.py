"""explain: the algorithm's own steps for one word, ending in the library's result."""

from __future__ import annotations

import json
from functools import lru_cache

from tokenizers.models import BPE, Unigram, WordPiece

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.tokenization.bpe import BpeRules, BpeSteps
from explainers.tokenization.encode import check
from explainers.tokenization.reading import read
from explainers.tokenization.tokens import StepsError
from explainers.tokenization.unigram import UnigramRules, UnigramSteps
from explainers.tokenization.wordpiece import WordPieceRules, WordPieceSteps

LONGEST = 200  # bytes of UTF-8

Steps = WordPieceSteps | BpeSteps | UnigramSteps


class TooLong(StepsError):  # noqa: N818 (it names the reason that the reader is told)
    """A word of more than 200 bytes, whose steps would be too many to follow."""


def explain(checkpoint: Checkpoint, word: str) -> Steps:
    """How the checkpoint's algorithm cuts this word: longest match first, merges by rank, or the best way through.

    word: a Word.text of a Tokenization, normalised and with its blank, as the algorithm gets it. The steps end in the
    library's own pieces and ids. Raises TooLong above 200 bytes, TextError for half a surrogate pair, and StepsError
    for a tokenizer that cuts at random or by another algorithm, and for a word that its vocabulary cannot cut.
    """
    check(word)
    count = len(word.encode())
    if count > LONGEST:
        raise TooLong(
            _("This word has {count} bytes; steps are shown up to {limit}.").format(count=count, limit=LONGEST)
        )
    return _rules(checkpoint).steps(word)


@lru_cache(maxsize=16)
def _rules(checkpoint: Checkpoint) -> WordPieceRules | BpeRules | UnigramRules:
    """The algorithm with its vocabulary, read once."""
    reading = read(checkpoint)
    model = reading.model
    if getattr(model, "dropout", None) or getattr(model, "alpha", None):
        raise StepsError(_("This tokenizer cuts at random, so there are no steps to show."))
    if not isinstance(model, WordPiece | BPE | Unigram):
        raise StepsError(_("This tokenizer is no WordPiece, BPE or Unigram, so there are no steps to show."))
    content = json.loads(model.__getstate__())
    if isinstance(model, WordPiece):
        return WordPieceRules.of(content)
    if isinstance(model, BPE):
        return BpeRules.of(content, reading.byte_level)
    return UnigramRules.of(content)
