"""How surprised the model is by a text: bits for each token, and the perplexity of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainers.generation.memory import KeyValueMemory, Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROWS = 64  # positions whose logits are in memory at a time


@dataclass(frozen=True, eq=False)
class Surprise:
    """For every token but the first, which nothing stands before; all arrays (tokens - 1,).

    bits: minus the base-2 logarithm of the probability that the model gave to the token. rank: its place among all
    tokens, from 1. guess, guess_probability: what the model thought likeliest instead.
    """

    bits: NDArray[np.float64]
    rank: NDArray[np.int64]
    guess: NDArray[np.int64]
    guess_probability: NDArray[np.float64]

    @property
    def mean(self) -> float:
        """Bits a token; nan where there is none."""
        return float(self.bits.mean()) if len(self.bits) else float("nan")

    @property
    def perplexity(self) -> float:
        """2 to the mean: as if the model had to guess among so many equally likely tokens."""
        return float(2**self.mean)


def surprise(memory: KeyValueMemory, reading: Reading) -> Surprise:
    """The surprise at every token of a reading but the first, from one forward pass over the whole text."""
    import numpy as np
    import torch

    from explainers.generation.memory import logits_of

    tokens = len(reading.ids) - 1
    bits, guess_probability = np.zeros(tokens), np.zeros(tokens)
    rank, guess = np.zeros(tokens, np.int64), np.zeros(tokens, np.int64)
    for start in range(0, tokens, _ROWS):
        rows = slice(start, min(start + _ROWS, tokens))
        logits = torch.from_numpy(logits_of(memory.checkpoint, reading.hidden[-1, rows])).double()
        true = torch.tensor(reading.ids[rows.start + 1 : rows.stop + 1])[:, None]
        log_probabilities = torch.log_softmax(logits, dim=-1)
        own = log_probabilities.gather(1, true)
        best = log_probabilities.max(dim=-1)
        bits[rows] = -own[:, 0].numpy() / np.log(2)
        rank[rows] = 1 + (log_probabilities > own).sum(dim=-1).numpy()
        guess[rows], guess_probability[rows] = best.indices.numpy(), best.values.exp().numpy()
    return Surprise(bits, rank, guess, guess_probability)
