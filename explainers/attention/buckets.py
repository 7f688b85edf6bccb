"""T5's relative positions: which of its few biases a distance between query and key gets (Raffel et al. 2020,
section 2.1).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def relative_position_buckets(
    distances: ArrayLike, *, bidirectional: bool, buckets: int = 32, max_distance: int = 128
) -> NDArray[np.int64]:
    """The bucket of each distance, key position minus query position; the result has the shape of distances.

    Near distances have a bucket each, farther ones share buckets that widen in proportion to the distance, and from
    max_distance on there is one. bidirectional: an encoder's, where one half of the buckets is for keys after the
    query; in a decoder those keys are masked, and all share bucket 0 with the query itself.
    """
    import numpy as np

    distance = np.asarray(distances, np.int64)
    later = np.zeros_like(distance)
    if bidirectional:
        buckets //= 2
        later = (distance > 0) * buckets
        back = np.abs(distance)
    else:
        back = np.maximum(-distance, 0)
    near = buckets // 2
    # In float32, as the released code computes it: the buckets' edges depend on the rounding.
    octaves = np.log(np.maximum(back, 1).astype(np.float32) / np.float32(near)) / np.float32(
        math.log(max_distance / near)
    )
    far = near + (octaves * np.float32(buckets - near)).astype(np.int64)
    return np.asarray(later + np.where(back < near, back, np.minimum(far, buckets - 1)))


def relative_distances(queries: int, keys: int | None = None) -> NDArray[np.int64]:
    """Key position minus query position (queries, keys), as the buckets want it. keys: as many as queries if None."""
    import numpy as np

    return np.arange(queries if keys is None else keys)[None, :] - np.arange(queries)[:, None]
