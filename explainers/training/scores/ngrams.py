"""Trigrams over token ids, the baseline beside every score: interpolated Kneser-Ney (Kneser and Ney 1995, in the
interpolated form of Chen and Goodman 1998, section 4.1.6).

Counted with sorted arrays: an n-gram is one 64-bit number, so that tens of millions of tokens take seconds. No library
is used: kenlm, the well-kept one, learns with a program that has to be built from C++ (its Python package only reads
what that wrote), and it gives no whole distribution, which ranks need.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explainers.training.encoded import Encoded

Ids = NDArray[np.int64]
Probabilities = NDArray[np.float32]


@dataclass(frozen=True)
class Counts:
    """How often each token was seen after each context, by one sorted key a pair: context * base + token.

    keys (n,), sums (n + 1,): the counts' running total. discount is taken from every count and given to the shorter
    context.
    """

    base: int
    keys: Ids
    sums: Ids
    discount: float

    @classmethod
    def of(cls, base: int, keys: Ids, counts: Ids) -> Counts:
        """Take the discount that Ney, Essen and Kneser 1994 derive: n1 / (n1 + 2 n2), nk = pairs that were seen k
        times.
        """
        ones, twos = int((counts == 1).sum()), int((counts == 2).sum())
        discount = ones / (ones + 2 * twos) if ones else 0.5
        return cls(base, keys, np.concatenate([[0], np.cumsum(counts)]), discount)

    def mixed(self, contexts: Ids, shorter: Probabilities) -> Probabilities:
        """The distributions after these contexts: what was seen there, and what the shorter context says for the rest.

        contexts (n,), shorter (n, vocab), which is overwritten -> (n, vocab). A context never seen leaves `shorter`.
        """
        first = np.searchsorted(self.keys, contexts * self.base)
        after = np.searchsorted(self.keys, (contexts + 1) * self.base)
        kinds = after - first
        total = np.maximum(self.sums[after] - self.sums[first], 1)
        shorter *= np.where(kinds, self.discount * kinds / total, 1.0).astype(np.float32)[:, None]
        rows = np.repeat(np.arange(len(contexts)), kinds)
        at = np.arange(len(rows)) + np.repeat(first - (np.cumsum(kinds) - kinds), kinds)
        counts = self.sums[at + 1] - self.sums[at]
        shorter[rows, self.keys[at] % self.base] += ((counts - self.discount) / total[rows]).astype(np.float32)
        return shorter


@dataclass(frozen=True)
class NGrams:
    """A trigram model over `vocab` ids. Two more ids can stand in a context: `start`, before a document, and `unseen`,
    which was never counted, so that the model falls back on the shorter context.

    unigram (vocab,): how often each token was read; shortest (vocab,): the distribution that no context is left for.
    """

    vocab: int
    unigram: Probabilities
    shortest: Probabilities
    pairs: Counts
    triples: Counts
    tokens: int

    @property
    def start(self) -> int:
        """The id that stands twice before every document."""
        return self.vocab

    @property
    def unseen(self) -> int:
        """An id that no context was ever counted with."""
        return self.vocab + 1

    def after(self, contexts: Ids) -> Probabilities:
        """The distribution of the token after each context of two tokens, (n, 2) -> (n, vocab); rows sum to 1."""
        rows = np.tile(self.shortest, (len(contexts), 1))
        rows = self.pairs.mixed(contexts[:, 1], rows)
        return self.triples.mixed(contexts[:, 0] * self.pairs.base + contexts[:, 1], rows)


def learn(texts: Iterable[Encoded], vocab: int, *, backwards: bool = False) -> NGrams:
    """Count the trigrams of these texts; no trigram spans two documents. backwards: the token before a context of two,
    of which the nearer is the second.
    """
    base = vocab + 2
    stream = np.concatenate([*(_marked(text, vocab) for text in texts), [vocab, vocab]])
    if backwards:
        stream = stream[::-1].copy()
    read = np.bincount(stream, minlength=vocab)[:vocab]
    keys = stream[2:] + base * stream[1:-1] + base * base * stream[:-2]
    keys = keys[stream[2:] != vocab]
    del stream
    triples, seen = _counted(keys)
    del keys
    pairs, before = _counted(triples % (base * base))
    ends, kinds = _counted(pairs % base)
    lowest = Counts.of(base, ends, kinds)
    uniform = np.full((1, vocab), 1 / vocab, np.float32)
    return NGrams(
        vocab,
        ((read + 1) / (read.sum() + vocab)).astype(np.float32),
        lowest.mixed(np.zeros(1, np.int64), uniform)[0],
        Counts.of(base, pairs, before),
        Counts.of(base, triples, seen),
        int(read.sum()),
    )


def after_documents(text: Encoded, start: int) -> Ids:
    """The two tokens before every token of the text, (tokens, 2), the nearer one second; `start` before a document."""
    stream = _marked(text, start)
    contexts: Ids = np.stack([stream[:-2], stream[1:-1]], 1)[stream[2:] != start]
    return contexts


def _marked(text: Encoded, mark: int) -> Ids:
    """The ids with two marks before each document."""
    starts = text.units[text.documents[:-1]]
    return np.insert(text.ids.astype(np.int64), np.repeat(starts, 2), mark)


def _counted(keys: Ids) -> tuple[Ids, Ids]:
    """The distinct numbers, sorted, and how often each occurs; sorts in place."""
    keys.sort()
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
    return keys[first], np.diff(np.append(first, len(keys)))
