"""Finding the word that the reader means: at a place in the text, or the one that a tokenizer cuts most."""

from __future__ import annotations

from collections import Counter

from explainers.tokenization.tokens import Tokenization, Word


def word_at(tokenization: Tokenization, source: int, position: int) -> Word | None:
    """The word that covers this character of this source; where none does, the next one, else the last one before."""
    words = [word for word in tokenization.words if word.source == source]
    after = [word for word in words if word.end > position]
    return after[0] if after else words[-1] if words else None


def most_cut_word(tokenization: Tokenization) -> Word | None:
    """The word that was cut into the most tokens, the first of them on a tie; None where there is no word."""
    counts = Counter(token.word for token in tokenization.tokens if token.word is not None)
    if not counts:
        return None
    most = max(counts.values())
    return tokenization.words[min(word for word, count in counts.items() if count == most)]
