"""Who may look at whom: boolean masks (queries, keys), True = may look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def bidirectional_mask(queries: int, keys: int | None = None) -> NDArray[np.bool_]:
    """Everybody may look at everybody: an encoder's mask, and cross-attention's. keys: as many as queries if None."""
    import numpy as np

    return np.ones((queries, queries if keys is None else keys), np.bool_)


def causal_mask(tokens: int) -> NDArray[np.bool_]:
    """Every token may look at itself and at those before it: a decoder's mask (Vaswani et al. 2017, section 3.2.3)."""
    import numpy as np

    return np.tri(tokens, dtype=np.bool_)


def prefix_mask(tokens: int, prefix: int) -> NDArray[np.bool_]:
    """Causal, but everybody may look at the whole prefix (Raffel et al. 2020, section 3.2.1 and figure 3, right)."""
    mask = causal_mask(tokens)
    mask[:, :prefix] = True
    return mask


def padding_mask(real: ArrayLike, queries: int | None = None) -> NDArray[np.bool_]:
    """Everybody may look at real tokens, nobody at padding.

    real (keys,): True at tokens of the text, False at [PAD]. The rows of the pads themselves stay, as they do in the
    models: they are computed, and nobody reads them. queries: as many as keys if None.
    """
    import numpy as np

    keys = np.asarray(real, np.bool_)
    return np.repeat(keys[None, :], len(keys) if queries is None else queries, axis=0)
