"""What is measured beside every model, on the same token ids: how common each token is, and trigrams."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explainers.checkpoints import Family
from explainers.training.encoded import Encoded
from explainers.training.scores.guesses import Guesses, by_one_distribution, by_probabilities, joined
from explainers.training.scores.ngrams import Ids, NGrams, Probabilities, learn

UNIGRAM, TRIGRAM = "unigram", "trigram"
_ROWS = 256


@dataclass(frozen=True)
class Baselines:
    """Trigrams of a training text; backward, which reads it from its end, for BERT only.

    BERT sees both sides of a position, so its baseline does: by Bayes' rule, with the sides independent given the
    token, p(token | left, right) is proportional to p(token | left) p(token | right) / p(token).
    """

    forward: NGrams
    backward: NGrams | None = None

    @classmethod
    def of(cls, family: Family, texts: Sequence[Encoded], vocab: int) -> Baselines:
        """Count what a model of this family can see."""
        return cls(learn(texts, vocab), learn(texts, vocab, backwards=True) if family == "bert" else None)

    def guesses(self, targets: Ids, left: Ids, right: Ids | None = None) -> dict[str, Guesses]:
        """What each baseline says about the right ids (n,) after the tokens left and before those right, (n, 2) each,
        the nearer one second.
        """
        parts = []
        for row in range(0, len(targets), _ROWS):
            rows = slice(row, row + _ROWS)
            seen = self.distribution(left[rows], None if right is None else right[rows])
            parts.append(by_probabilities(seen, targets[rows]))
        return {UNIGRAM: by_one_distribution(self.forward.unigram, targets), TRIGRAM: joined(parts)}

    def distribution(self, left: Ids, right: Ids | None) -> Probabilities:
        """The trigrams' distribution at each place, (n, vocab); rows sum to 1."""
        seen = self.forward.after(left)
        if right is None or self.backward is None:
            return seen
        seen *= self.backward.after(right)
        seen /= self.backward.shortest
        seen /= seen.sum(1, keepdims=True)
        return seen
