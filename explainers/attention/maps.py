"""Maps to look at: all heads as small pictures, and one map of one head, of several, or of a whole stack."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from explainers.attention.rollout import head_average, rollout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

MapView = Literal["head", "layer", "all", "set", "rollout"]
MAP_VIEWS: tuple[MapView, ...] = get_args(MapView)

MOST_CELLS = 64  # along one side of a thumbnail: more than a projector has pixels for


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Every head as a small picture.

    levels (layers, heads, rows, columns): 255 times the square root of a weight, so that weak attention shows too.
    block: each cell is the largest weight of block x block pairs of tokens; 1 where every pair has a cell of its own.
    """

    levels: NDArray[np.uint8]
    block: int

    @property
    def weights(self) -> NDArray[np.float64]:
        """The weights that the levels stand for (layers, heads, rows, columns), as exact as a level is."""
        import numpy as np

        return np.round((self.levels / 255.0) ** 2, 5)


def thumbnails(attentions: Floats, most: int = MOST_CELLS) -> Thumbnails:
    """Max-pool attentions (layers, heads, queries, keys) until no side has more than `most` cells."""
    import numpy as np

    layers, heads, queries, keys = attentions.shape
    block = max(1, -(-max(queries, keys) // most))
    rows, columns = -(-queries // block), -(-keys // block)
    levels = np.empty((layers, heads, rows, columns), np.uint8)
    padded = np.zeros((rows * block, columns * block), np.float32)
    for place in np.ndindex(layers, heads):  # one head at a time, so that little memory is needed at once
        padded[:queries, :keys] = attentions[place]
        down = padded.reshape(rows, block, columns * block).max(axis=1)  # first, since what is left is contiguous
        pooled = down.reshape(rows, columns, block).max(axis=2)
        levels[place] = np.rint(255 * np.sqrt(np.clip(pooled, 0, 1)))
    return Thumbnails(levels, block)


def attention_map(
    attentions: Floats, view: MapView, layer: int, head: int, chosen: Collection[tuple[int, int]] = ()
) -> Floats:
    """One map (queries, keys) of attentions (layers, heads, queries, keys), whose rows sum to 1.

    "head": that head's. "layer": the mean of the layer's heads. "all": the mean of all heads of all layers. "set": the
    mean of the chosen (layer, head), or that head where none is chosen. "rollout": attention rollout up to and with
    that layer, for a stack whose queries are its keys.
    """
    import numpy as np

    match view:
        case "head":
            found = attentions[layer, head]
        case "layer":
            found = head_average(attentions[layer])
        case "all":
            found = np.mean([head_average(weights) for weights in attentions], axis=0)
        case "set":
            found = np.mean([attentions[place] for place in chosen or [(layer, head)]], axis=0, dtype=np.float64)
        case "rollout":
            found = rollout(attentions[: layer + 1])[-1]
    return np.asarray(found, np.float32)


def strongest_keys(weights: Floats) -> list[tuple[int, float]]:
    """For each query of a map (queries, keys) the key that it looks at most, and its share."""
    return [(int(key), float(row[key])) for row, key in zip(weights, weights.argmax(axis=-1), strict=True)]


def part_of(weights: Floats, queries: Sequence[int], keys: Sequence[int]) -> Floats:
    """The rows and columns of a map (queries, keys) that are named; nothing is normalised again."""
    import numpy as np

    return weights[np.ix_(np.asarray(queries, np.int64), np.asarray(keys, np.int64))]


def as_half_floats(weights: Floats) -> bytes:
    """A map as bytes for the browser: float16, row by row, three significant digits."""
    return weights.astype("<f2").tobytes()


def as_levels(weights: Floats) -> bytes:
    """Weights as bytes for the browser: 255 times each, rounded, as finely as a screen shows a line's opacity."""
    import numpy as np

    return np.rint(np.clip(weights.astype(np.float32), 0, 1) * 255).astype(np.uint8).tobytes()
