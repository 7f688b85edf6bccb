"""The corruption over many draws: how often each fate came, beside how often it should, and by how much chance may err.

Shares are of ordinary tokens: special tokens are never chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explainers.masking.corruption import Fate, Recipe, chosen_count, corrupt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FateLine(NamedTuple):
    """How often one fate came, as a count and as a share, beside what the recipe says; fate None: chosen at all.

    off: the difference in standard errors; 0 where there is no error to measure it by.
    """

    fate: Fate | None
    counted: int
    share: float
    expected: float
    standard_error: float
    off: float


@dataclass(frozen=True, eq=False)
class FateCounts:
    """Counts over `draws` draws of one sentence; arrays by fate have 4 entries, in the order of Fate.

    token_draws: ordinary tokens times draws. counts, shares: of them. expected: the shares by the recipe.
    standard_errors: of the shares, with so many draws; 0 where the recipe leaves nothing to chance.
    chosen_per_draw (ordinary + 1,): in how many draws 0, 1, 2, … tokens were chosen; expected_per_draw: likewise.
    """

    draws: int
    token_draws: int
    counts: NDArray[np.int64]
    expected: NDArray[np.float64]
    standard_errors: NDArray[np.float64]
    chosen_per_draw: NDArray[np.int64]
    expected_per_draw: NDArray[np.float64]

    @property
    def shares(self) -> NDArray[np.float64]:
        """How often each fate came, as a share of all token draws."""
        return self.counts / self.token_draws

    @property
    def lines(self) -> tuple[FateLine, ...]:
        """Chosen at all, and then the three fates of a chosen token."""
        chosen = 1 - self.expected[Fate.UNTOUCHED], self.standard_errors[Fate.UNTOUCHED]
        whole = self._line(None, self.token_draws - int(self.counts[Fate.UNTOUCHED]), *chosen)
        fates = (Fate.MASKED, Fate.RANDOM, Fate.KEPT)
        return whole, *(
            self._line(fate, int(self.counts[fate]), self.expected[fate], self.standard_errors[fate]) for fate in fates
        )

    def _line(self, fate: Fate | None, count: int, expected: float, error: float) -> FateLine:
        share = count / self.token_draws
        return FateLine(fate, count, share, float(expected), float(error), float((share - expected) / (error or 1)))


def count_fates(ordinary: Sequence[bool], recipe: Recipe, token_draws: int, seed: int) -> FateCounts:
    """Corrupt a sentence again and again, until at least `token_draws` ordinary tokens were decided on.

    ordinary (tokens,): True where a token may be chosen; there must be one.
    """
    import numpy as np

    may = np.array(ordinary, bool)
    own = int(may.sum())
    draws = -(-token_draws // own)
    result = corrupt(
        np.zeros((draws, len(may)), np.int64),
        np.broadcast_to(may, (draws, len(may))),
        np.random.default_rng(seed),
        mask_id=0,
        replacements=np.zeros(1, np.int64),
        rate=recipe.rate,
        masked_share=recipe.masked_share,
        random_share=recipe.random_share,
        rounded=recipe.rounded,
    )
    counts = np.bincount(result.fate[:, may].ravel(), minlength=len(Fate))
    expected = expected_shares(len(may), own, recipe)
    return FateCounts(
        draws,
        draws * own,
        counts,
        expected,
        _standard_errors(expected, draws * own, rounded=recipe.rounded),
        np.bincount(result.chosen.sum(1), minlength=own + 1),
        draws * _chosen_distribution(len(may), own, recipe),
    )


def expected_shares(tokens: int, ordinary: int, recipe: Recipe) -> NDArray[np.float64]:
    """The share (4,) of ordinary tokens that meets each fate, in the order of Fate: 85, 12, 1.5 and 1.5 % by the paper.

    With the rounded count, the chosen are a fixed number of the ordinary tokens instead of `rate` of them.
    """
    import numpy as np

    rate = int(chosen_count(tokens, np.array(ordinary), recipe.rate)) / ordinary if recipe.rounded else recipe.rate
    kept = 1 - recipe.masked_share - recipe.random_share
    return np.array([1 - rate, rate * recipe.masked_share, rate * recipe.random_share, max(rate * kept, 0.0)])


def _standard_errors(expected: NDArray[np.float64], token_draws: int, *, rounded: bool) -> NDArray[np.float64]:
    """sqrt(p (1 - p) / n) for independent tokens; with a fixed number of chosen ones only their fates are left to
    chance: rate x sqrt(q (1 - q) / (rate n)) for a share q of the chosen.
    """
    import numpy as np

    if not rounded:
        return np.asarray(np.sqrt(expected * (1 - expected) / token_draws))
    rate = 1 - expected[Fate.UNTOUCHED]
    of_chosen = expected / rate
    errors = rate * np.sqrt(np.maximum(of_chosen * (1 - of_chosen), 0) / (rate * token_draws))
    errors[Fate.UNTOUCHED] = 0.0
    return np.asarray(errors)


def _chosen_distribution(tokens: int, ordinary: int, recipe: Recipe) -> NDArray[np.float64]:
    """The probability (ordinary + 1,) of 0, 1, 2, … chosen tokens: binomial, or all at one number."""
    import math

    import numpy as np

    chances = np.zeros(ordinary + 1)
    if recipe.rounded:
        chances[int(chosen_count(tokens, np.array(ordinary), recipe.rate))] = 1.0
        return chances
    if recipe.rate in (0.0, 1.0):
        chances[round(ordinary * recipe.rate)] = 1.0
        return chances
    for chosen in range(ordinary + 1):
        ways = math.lgamma(ordinary + 1) - math.lgamma(chosen + 1) - math.lgamma(ordinary - chosen + 1)
        chances[chosen] = math.exp(
            ways + chosen * math.log(recipe.rate) + (ordinary - chosen) * math.log1p(-recipe.rate)
        )
    return chances
