"""How well positions of a text were predicted, by a model or by a baseline, and the scores that follow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from explainers.training.scores.intervals import Estimate, Score, ratio, share
from explainers.training.scores.ngrams import Ids, Probabilities

if TYPE_CHECKING:
    from torch import Tensor

MODEL = "model"
_TOP = (1, 5)


class Guesses(NamedTuple):
    """ranks (n,): how many entries of the vocabulary are rated above the right one. nats (n,): minus the logarithm of
    the probability that the right one was given.
    """

    ranks: Ids
    nats: NDArray[np.float64]


def by_logits(logits: Tensor, targets: Ids) -> Guesses:
    """What a model's scores (n, vocab) say about the right ids (n,)."""
    import torch

    right = torch.from_numpy(targets)
    own = logits.gather(1, right[:, None])
    nats = torch.nn.functional.cross_entropy(logits.float(), right, reduction="none")
    return Guesses((logits > own).sum(1).numpy(), nats.double().numpy())


def by_probabilities(probabilities: Probabilities, targets: Ids) -> Guesses:
    """What a distribution a position (n, vocab) says about the right ids (n,)."""
    own = np.take_along_axis(probabilities, targets[:, None], 1)
    return Guesses((probabilities > own).sum(1), -np.log(own[:, 0].astype(np.float64)))


def by_one_distribution(probabilities: Probabilities, targets: Ids) -> Guesses:
    """What one distribution (vocab,) for every position says about the right ids (n,)."""
    ranks = np.searchsorted(-np.sort(probabilities)[::-1], -probabilities)
    return Guesses(ranks[targets], -np.log(probabilities[targets].astype(np.float64)))


def joined(parts: Sequence[Guesses]) -> Guesses:
    """Several runs of positions as one."""
    return Guesses(np.concatenate([part.ranks for part in parts]), np.concatenate([part.nats for part in parts]))


def scored(key: str, name: str, estimates: Mapping[str, Estimate], samples: int, *, is_share: bool = True) -> Score:
    """The model's estimate as a score, the others as its baselines."""
    own = estimates[MODEL]
    others = {who: estimate for who, estimate in estimates.items() if who != MODEL}
    return Score(key, name, *own, samples, is_share, others)


def top_scores(key: str, names: tuple[str, str], guesses: Mapping[str, Guesses], clusters: Ids) -> list[Score]:
    """How often the right token is the first guess, and among the first five: keys key_top1 and key_top5."""
    return [
        scored(
            f"{key}_top{top}",
            name,
            {who: share(guess.ranks < top, clusters) for who, guess in guesses.items()},
            len(clusters),
        )
        for top, name in zip(_TOP, names, strict=True)
    ]


def bits_per_byte(key: str, name: str, guesses: Mapping[str, Guesses], sizes: NDArray[Any], clusters: Ids) -> Score:
    """Bits that the text costs, divided by its size; sizes (n,): bytes that each predicted token stands for."""
    bits = {who: ratio(guess.nats / math.log(2), sizes, clusters) for who, guess in guesses.items()}
    return scored(key, name, bits, len(clusters), is_share=False)


def perplexity(key: str, name: str, guesses: Mapping[str, Guesses], clusters: Ids) -> Score:
    """e to the mean of the nats, and so the ends of its interval."""
    ones = np.ones(len(clusters))
    means = {who: ratio(guess.nats, ones, clusters) for who, guess in guesses.items()}
    grown = {who: Estimate(*map(math.exp, mean)) for who, mean in means.items()}
    return scored(key, name, grown, len(clusters), is_share=False)
