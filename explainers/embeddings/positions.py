"""How a model knows where a token stands: a row for each position, or, in T5, a bias for each distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.embeddings.vectors import cosines, units, usual_size
from explainers.trace import Stack
from explainers.trace.anatomy import embedding_matrices, relative_attention

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class PositionCodes:
    """A checkpoint's learned positions beside the sinusoids of the same shape (positions, d_model).

    learned_cosines, sinusoid_cosines (positions, positions): of every two positions of one code. likeness: the mean
    cosine of the two codes at the same position. limit: the size that most learned components stay below.
    """

    learned: Floats
    sinusoid: Floats
    learned_cosines: Floats
    sinusoid_cosines: Floats
    likeness: float
    limit: float

    def by_distance(self, distances: Sequence[int]) -> dict[int, tuple[float, float]]:
        """The mean cosine of all two positions so far apart, of the learned rows and of the sinusoids.

        Distances that no two positions have are left out.
        """
        return {
            each: (
                float(self.learned_cosines.diagonal(each).mean()),
                float(self.sinusoid_cosines.diagonal(each).mean()),
            )
            for each in distances
            if each < len(self.learned_cosines)
        }


@dataclass(frozen=True, eq=False)
class PositionBias:
    """What one stack of T5 adds to the attention scores for distance alone, in all its layers.

    distances (distances,): key position minus query position. buckets (distances,): the row of the table that each
    distance uses. bias (heads, distances): what is added before the softmax. table (buckets, heads): all there is.
    """

    stack: Stack
    distances: NDArray[np.int64]
    buckets: NDArray[np.int64]
    bias: Floats
    table: Floats


def sinusoids(positions: int, d_model: int) -> Floats:
    """The position code of the original Transformer (Vaswani et al. 2017, section 3.5): (positions, d_model).

    Components 2i and 2i + 1 are the sine and the cosine of position / 10000^(2i / d_model).
    """
    import numpy as np

    angles = np.arange(positions)[:, None] / 10_000.0 ** (np.arange(0, d_model, 2) / d_model)
    code = np.empty((positions, d_model), np.float32)
    code[:, 0::2] = np.sin(angles)
    code[:, 1::2] = np.cos(angles[:, : d_model // 2])
    return code


def learned_positions(checkpoint: Checkpoint) -> Floats | None:
    """The checkpoint's own row for every position (positions, d_model); None in T5, which has none."""
    import numpy as np

    _words, _segments, positions = embedding_matrices(checkpoint.family, checkpoint.model)
    return None if positions is None else np.array(positions.detach().numpy())


def position_codes(checkpoint: Checkpoint) -> PositionCodes | None:
    """The learned rows and the sinusoids, compared; None in T5, which has neither."""
    learned = learned_positions(checkpoint)
    if learned is None:
        return None
    sinusoid = sinusoids(*learned.shape)
    return PositionCodes(
        learned=learned,
        sinusoid=sinusoid,
        learned_cosines=cosines(learned),
        sinusoid_cosines=cosines(sinusoid),
        likeness=float((units(learned) * units(sinusoid)).sum(axis=1).mean()),
        limit=usual_size(learned),
    )


def position_bias(checkpoint: Checkpoint, stack: Stack, reach: int = 160) -> PositionBias | None:
    """T5's bias for every distance up to reach on both sides, or, in the decoder, back only; None in other families."""
    import numpy as np
    import torch

    attention = relative_attention(checkpoint.family, checkpoint.model, stack)
    if attention is None:
        return None
    distances = torch.arange(-reach, reach + 1 if stack == "encoder" else 1)
    buckets = attention._relative_position_bucket(
        distances,
        bidirectional=stack == "encoder",
        num_buckets=attention.relative_attention_num_buckets,
        max_distance=attention.relative_attention_max_distance,
    )
    table = np.array(attention.relative_attention_bias.weight.detach().numpy())
    return PositionBias(stack, distances.numpy(), buckets.numpy(), table[buckets.numpy()].T, table)
