"""From logits to the next token: softmax over the whole vocabulary, temperature, the cuts, and the die.

The cuts are those of transformers, in its order: temperature, then top-k (Fan, Lewis and Dauphin 2018), then top-p
(nucleus sampling, Holtzman et al. 2020) on what top-k left, renormalised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Probabilities = NDArray[np.float64]

How = Literal["greedy", "sample"]


@dataclass(frozen=True)
class Scheme:
    """How the next token is chosen. greedy: always the likeliest, whatever the rest says.

    temperature: the logits are divided by it, above 0. top_k: so many tokens stay, 0 = all. top_p: of those, the fewest
    likeliest that together have this probability, 1 = all.
    """

    how: How = "sample"
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


@dataclass(frozen=True, eq=False)
class Cut:
    """One distribution over the whole vocabulary and what a scheme makes of it; rows run from the likeliest token down.

    order (vocab,): ids. own (vocab,): the model's probabilities. warmed (vocab,): after the temperature. kept_by_k,
    kept: how many rows, always the first ones, are left after top-k, and after top-p too. after (kept,): what the token
    is drawn from; sums to 1.
    """

    order: NDArray[np.int64]
    own: Probabilities
    warmed: Probabilities
    kept_by_k: int
    kept: int
    after: Probabilities

    def rank(self, token: int) -> int:
        """The row of a token, counted from 0."""
        return int((self.order == token).argmax())

    def share(self, rank: int) -> float:
        """The probability that the token in this row is drawn: 0 where it was cut."""
        return float(self.after[rank]) if rank < self.kept else 0.0


def cut(logits: NDArray[np.floating], scheme: Scheme) -> Cut:
    """The distribution of these logits (vocab,) under a scheme; raises ValueError for a temperature of 0 or less."""
    import numpy as np

    if scheme.temperature <= 0:
        raise ValueError("the temperature must be above 0; choose greedy for the limit")
    order = np.argsort(-logits, kind="stable")
    scores = logits[order].astype(np.float64)
    own, warmed = _softmax(scores), _softmax(scores / scheme.temperature)
    kept_by_k = kept = 1
    if scheme.how == "sample":
        # Ties with the last token that stays, stay too.
        smallest = scores[min(scheme.top_k, len(scores)) - 1] if scheme.top_k > 0 else scores[-1]
        kept_by_k = int((scores >= smallest).sum())
        kept = _kept_by_p(warmed[:kept_by_k], scheme.top_p)
    after = warmed[:kept] / warmed[:kept].sum()
    return Cut(order, own, warmed, kept_by_k, kept, after)


def pick(distribution: Cut, die: float) -> int:
    """The row that a die from 0 to 1 falls on, where every row's stretch is as long as its probability."""
    import numpy as np

    sums = np.cumsum(distribution.after)
    return min(int(np.searchsorted(sums, die * sums[-1], side="right")), distribution.kept - 1)


def dice(seed: int, count: int) -> NDArray[np.float64]:
    """The first dice of a seed, each from 0 up to 1; the same for every scheme, so that schemes can be compared."""
    import numpy as np

    return np.random.default_rng(seed).random(count)


def _softmax(scores: Probabilities) -> Probabilities:
    """Probabilities of scores whose first is the highest."""
    import numpy as np

    powers = np.exp(scores - scores[0])
    return np.asarray(powers / powers.sum())


def _kept_by_p(probabilities: Probabilities, top_p: float) -> int:
    """How many of the first rows have, together, top_p of the whole; one at least."""
    import numpy as np

    if top_p >= 1:
        return len(probabilities)
    before = np.cumsum(probabilities) - probabilities  # what the rows above a row have together
    return max(int((before < top_p * probabilities.sum()).sum()), 1)
