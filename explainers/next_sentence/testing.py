"""A small fair test: the model's answers to pairs of which the truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explainers.checkpoints import Checkpoint
from explainers.intervals import share_interval
from explainers.next_sentence import judging
from explainers.next_sentence.sampling import Pair


@dataclass(frozen=True)
class Score:
    """So many of count are right; low, high: the 95 % interval of the share (Wilson 1927)."""

    hits: int
    count: int
    low: float
    high: float


@dataclass(frozen=True)
class MiniTest:
    """A balanced sample with the model's answers: is_next holds P(IsNext) for every pair.

    low, high: the 95 % interval of the accuracy (Wilson 1927), as if the pairs had nothing to do with each other.
    """

    pairs: tuple[Pair, ...]
    is_next: tuple[float, ...]
    hits: int
    low: float
    high: float

    @property
    def right(self) -> tuple[bool, ...]:
        """For every pair whether the likelier answer is the true one."""
        return tuple((chance >= 0.5) == pair.follows for pair, chance in zip(self.pairs, self.is_next, strict=True))

    def score(self, *, follows: bool) -> Score:
        """How many of the true pairs, or of the false ones, are answered right."""
        right = [good for pair, good in zip(self.pairs, self.right, strict=True) if pair.follows == follows]
        return Score(sum(right), len(right), *share_interval(sum(right), len(right)))


def mini_test(checkpoint: Checkpoint, pairs: Sequence[Pair]) -> MiniTest:
    """The checkpoint's answers to the pairs, and how many are right."""
    answers = judging.chances(checkpoint, [(pair.first, pair.second) for pair in pairs])
    hits = sum((chance >= 0.5) == pair.follows for pair, chance in zip(pairs, answers, strict=True))
    return MiniTest(tuple(pairs), answers, hits, *share_interval(hits, len(pairs)))
