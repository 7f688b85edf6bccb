"""A mask as a reader puts it together: one of the papers', some padding, and single cells changed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from explainers.attention.masks import bidirectional_mask, causal_mask, padding_mask, prefix_mask

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Base = Literal["all", "causal", "prefix"]


@dataclass(frozen=True)
class ChosenMask:
    """Who may look at whom, said in few words, so that it fits into a link and a cache's key.

    base: everybody, causal, or causal with a prefix of so many tokens that all may look at. pads: so many of the last
    keys are closed to all. flipped: cells (query, key) that are the other way round.
    """

    base: Base
    prefix: int = 0
    pads: int = 0
    flipped: tuple[tuple[int, int], ...] = ()

    def before_flips(self, queries: int, keys: int) -> NDArray[np.bool_]:
        """The mask (queries, keys) without the cells changed by hand, True = may look."""
        import numpy as np

        if self.base == "all":
            mask = bidirectional_mask(queries, keys)
        elif queries == keys:
            mask = causal_mask(keys) if self.base == "causal" else prefix_mask(keys, self.prefix)
        else:
            raise ValueError("a causal mask is square")
        return mask & padding_mask(np.arange(keys) < keys - self.pads, queries)

    def array(self, queries: int, keys: int) -> NDArray[np.bool_]:
        """The mask (queries, keys), True = may look.

        Cells outside it are left alone, and so is a row that would be left with nothing to look at: no softmax can be
        taken over nothing.
        """
        import numpy as np

        before = self.before_flips(queries, keys)
        mask = before.copy()
        for query, key in set(self.flipped):
            if query < queries and key < keys:
                mask[query, key] ^= True
        return np.where(mask.any(axis=1, keepdims=True), mask, before)
