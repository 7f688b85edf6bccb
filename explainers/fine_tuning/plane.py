"""The plane in which a fine-tuning's vectors are drawn: one for all looks, so that points move and axes do not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


class Plane(NamedTuple):
    """A plane through many vectors: middle (d_model,), directions (2, d_model), each of length 1."""

    middle: Floats
    directions: Floats

    def places(self, vectors: Floats) -> Floats:
        """Where vectors (rows, d_model) stand in the plane -> (rows, 2), in the vectors' own units."""
        found: Floats = (vectors - self.middle) @ self.directions.T
        return found

    def share(self, vectors: Floats) -> float:
        """How much of the variance of these vectors the plane shows, 0 to 1."""
        whole = ((vectors - vectors.mean(0)) ** 2).sum()
        places = self.places(vectors)
        return float(((places - places.mean(0)) ** 2).sum() / whole) if whole else 0.0


def plane(vectors: Floats, labels: Sequence[int]) -> Plane:
    """The plane of the two directions in which the vectors (rows, d_model) vary most (Pearson 1901).

    The first label lies to the left and the second above the middle, as far as the directions tell them apart.
    """
    import numpy as np

    middle = vectors.mean(0)
    _left, _sizes, found = np.linalg.svd(vectors - middle, full_matrices=False)
    directions = np.zeros((2, vectors.shape[1]))
    directions[: min(2, len(found))] = found[:2]
    marks = np.asarray(labels)
    for at, (label, side) in enumerate(((0, -1), (1, 1))):
        chosen = vectors[marks == label]
        if len(chosen) and float((chosen.mean(0) - middle) @ directions[at]) * side < 0:
            directions[at] *= -1
    return Plane(middle, directions)
