"""BERT's corruption: which tokens the masked LM must predict, and what each is replaced by (Devlin et al. 2019,
section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 0.15
MASKED_SHARE = 0.8
RANDOM_SHARE = 0.1


class Fate(IntEnum):
    """What happened to a token. All but UNTOUCHED are predicted, and counted in the loss."""

    UNTOUCHED = 0
    MASKED = 1
    RANDOM = 2
    KEPT = 3


@dataclass(frozen=True)
class Corruption:
    """One draw: the ids that the model gets, the fate of each token, and the dice that decided; all of shape (...,
    tokens).
    """

    ids: NDArray[np.int64]
    fate: NDArray[np.int8]
    choice_dice: NDArray[np.float64]
    fate_dice: NDArray[np.float64]

    @property
    def chosen(self) -> NDArray[np.bool_]:
        """The tokens to predict, also those kept or replaced at random."""
        import numpy as np

        return np.asarray(self.fate != Fate.UNTOUCHED)


def corrupt(
    ids: NDArray[np.int64],
    ordinary: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    mask_id: int,
    replacements: NDArray[np.int64],
    rate: float = RATE,
) -> Corruption:
    """Choose each ordinary token with probability `rate`; mask 80 % of the chosen, replace 10 % at random, keep 10 %.

    ids (..., tokens); ordinary (..., tokens), False at special tokens, which are never chosen; replacements: the ids
    that a random token is drawn from, every one equally likely.
    """
    import numpy as np

    choice_dice = rng.random(ids.shape)
    fate_dice = rng.random(ids.shape)
    chosen = ordinary & (choice_dice < rate)
    fate = np.where(
        fate_dice < MASKED_SHARE, Fate.MASKED, np.where(fate_dice < MASKED_SHARE + RANDOM_SHARE, Fate.RANDOM, Fate.KEPT)
    )
    fate = np.where(chosen, fate, Fate.UNTOUCHED).astype(np.int8)
    drawn = rng.choice(replacements, size=ids.shape)
    corrupted = np.where(fate == Fate.MASKED, mask_id, np.where(fate == Fate.RANDOM, drawn, ids))
    return Corruption(corrupted, fate, choice_dice, fate_dice)
