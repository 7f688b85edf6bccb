"""How far two passes differ, head by head: two texts in one model, or one text in two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from explainers.attention.measures import HeadMeasures, Measure, entropy_bits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

Gap = Literal["divergence"] | Measure


@dataclass(frozen=True, eq=False)
class HeadDifferences:
    """Of every layer and head that both have; arrays (layers, heads).

    divergence: the mean Jensen-Shannon divergence of the rows, in bits: 0 where every query looks at the same places in
    both, 1 where at none that are the same. None where the two have not as many queries and keys. measures: what each
    measure is in the first and in the second.
    """

    divergence: Floats | None
    measures: Mapping[Measure, tuple[Floats, Floats]]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Everything by which the heads can be told apart, the divergence first."""
        names: tuple[Gap, ...] = tuple(self.measures)
        return names if self.divergence is None else ("divergence", *names)

    def values(self, gap: Gap) -> Floats:
        """One number a head (layers, heads): the divergence, or by how much a measure is larger in the second."""
        import numpy as np

        if gap == "divergence":
            if self.divergence is None:
                raise ValueError("the two have not the same tokens along each side")
            return self.divergence
        first, second = self.measures[gap]
        return np.asarray(second - first)

    def furthest(self, gap: Gap, count: int) -> list[tuple[int, int]]:
        """The (layer, head) of so many heads whose number is furthest from 0, the furthest first."""
        values = abs(self.values(gap))
        order = (-values).ravel().argsort(kind="stable")[:count]
        return [divmod(int(at), values.shape[1]) for at in order]


def head_differences(
    first: Floats, second: Floats, first_measures: HeadMeasures, second_measures: HeadMeasures
) -> HeadDifferences:
    """Compare attentions (layers, heads, queries, keys) and what was measured of them; heads meet by their numbers."""
    import numpy as np

    layers, heads = (min(first.shape[axis], second.shape[axis]) for axis in (0, 1))
    divergence = None
    if first.shape[2:] == second.shape[2:]:
        divergence = np.array(  # a head at a time, so that little memory is needed at once
            [
                [_mean_divergence(first[layer, head], second[layer, head]) for head in range(heads)]
                for layer in range(layers)
            ]
        ).reshape(layers, heads)
    one, two = first_measures.by_name(), second_measures.by_name()
    measures = {name: (one[name][:layers, :heads], two[name][:layers, :heads]) for name in one if name in two}
    return HeadDifferences(divergence, measures)


def divergence_bits(first: Floats, second: Floats) -> Floats:
    """The Jensen-Shannon divergence of rows (..., keys) that each sum to 1, in bits (Lin 1991, equation 4.1).

    The entropy of the mean of both rows, less the mean of their entropies: 0 where they are the same, 1 where no key
    has a share in both.
    """
    import numpy as np

    p, q = first.astype(np.float64), second.astype(np.float64)
    bits = entropy_bits((p + q) / 2) - (entropy_bits(p) + entropy_bits(q)) / 2
    return np.clip(bits, 0, 1)


def _mean_divergence(first: Floats, second: Floats) -> float:
    """Over the queries; 0 where there are none."""
    return float(divergence_bits(first, second).mean()) if first.size else 0.0
