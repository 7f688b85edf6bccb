"""How vectors lie to each other: their cosines, and a flat picture of them that keeps as much variance as it can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_TINY = 1e-12
_SHARE_IN_COLOURS = 99  # per cent of the numbers that a colour scale tells apart; the rest have its end's colour


@dataclass(frozen=True, eq=False)
class Projection:
    """Vectors seen along the two directions in which they vary most (Pearson 1901).

    points (rows, 2): their coordinates, in the vectors' own units, the mean at (0, 0). shares (2,): of the variance in
    all directions, how much each of the two holds; what is missing to 1 cannot be seen in the picture.
    """

    points: Floats
    shares: tuple[float, float]


def lengths(rows: Floats) -> Floats:
    """The Euclidean length of each row (rows, d) -> (rows,)."""
    import numpy as np

    found: Floats = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return found


def units(rows: Floats) -> Floats:
    """Each row (rows, d) brought to length 1; one of length 0 stays as it is."""
    import numpy as np

    return rows / np.maximum(lengths(rows), _TINY)[:, None]


def usual_size(values: Floats) -> float:
    """The size that 99 of 100 numbers stay below, for colours to go up to; 1 where there are none, or all are 0."""
    import numpy as np

    return float(np.percentile(np.abs(values), _SHARE_IN_COLOURS)) or 1.0 if values.size else 1.0


def cosines(rows: Floats, others: Floats | None = None) -> Floats:
    """The cosine of the angle between each row (rows, d) and each of the others (others, d) -> (rows, others).

    Between the rows themselves if there are no others. A vector of length 0 has cosine 0 with everything.
    """
    import numpy as np

    own = units(rows)
    return np.clip(own @ (own if others is None else units(others)).T, -1, 1)


def principal_components(rows: Floats) -> Projection:
    """The first two principal components of rows (rows, d); missing ones, where rows or d is below 3, are zeros.

    A component's sign is arbitrary: here its largest coordinate in size is positive, so that a picture is reproducible.
    """
    import numpy as np

    count, d = rows.shape
    centred = rows.astype(np.float64) - (rows.mean(axis=0, dtype=np.float64) if count else 0)
    # Of the two squares with the same eigenvalues, the smaller: (d, d) or (rows, rows).
    wide = d > count
    values, columns = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    total = float(np.square(centred).sum())
    points, shares = np.zeros((count, 2)), [0.0, 0.0]
    for at in range(min(2, len(values))):
        value = max(float(values[-1 - at]), 0.0)
        if value <= _TINY * max(total, _TINY):
            break
        found = columns[:, -1 - at] * value**0.5 if wide else centred @ columns[:, -1 - at]
        points[:, at] = found * np.sign(found[np.argmax(np.abs(found))])
        shares[at] = value / total
    return Projection(points, (shares[0], shares[1]))
