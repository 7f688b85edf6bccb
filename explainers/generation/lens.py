"""The logit lens: what each layer's hidden state would already predict (nostalgebraist 2020).

A layer's hidden state is put through the final norm and the output matrix as if it were the last one. No layer but the
last was trained for that: where the answer is nonsense, the layer may still hold what later layers need, in a form that
the output matrix cannot read (Belrose et al. 2023, arXiv 2303.08112).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.generation.memory import KeyValueMemory, Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Lens:
    """Predictions of every layer at some positions. Layer 0 is the input, the last is the model's own prediction.

    positions: of the reading's tokens. ids, probabilities (layers + 1, positions, top): the likeliest tokens, likeliest
    first, over the whole vocabulary. final (layers + 1, positions): the probability that each layer gives to the token
    that the last layer thinks likeliest; final_rank: its place among all tokens, from 1.
    """

    positions: tuple[int, ...]
    ids: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    final: NDArray[np.float64]
    final_rank: NDArray[np.int64]


def layer_lens(memory: KeyValueMemory, reading: Reading, positions: Sequence[int], top: int = 5) -> Lens:
    """The lens at these positions of a reading; counted from 0."""
    import numpy as np
    import torch

    from explainers.generation.memory import logits_of

    model: Any = memory.checkpoint.model
    at = list(positions)
    last = len(reading.hidden) - 1
    ids, probabilities, finals, ranks = [], [], [], []
    goal = torch.from_numpy(logits_of(memory.checkpoint, reading.hidden[last, at])).argmax(dim=-1)[:, None]
    for layer in range(last + 1):
        with torch.inference_mode():
            hidden = reading.hidden[layer, at]
            normed = hidden if layer == last else model.transformer.ln_f(hidden)
        shares = torch.from_numpy(logits_of(memory.checkpoint, normed)).double().softmax(dim=-1)
        best = shares.topk(min(top, shares.shape[-1]), dim=-1)
        own = shares.gather(1, goal)
        ids.append(best.indices.numpy())
        probabilities.append(best.values.numpy())
        finals.append(own[:, 0].numpy())
        ranks.append(1 + (shares > own).sum(dim=-1).numpy())
    return Lens(tuple(positions), np.stack(ids), np.stack(probabilities), np.stack(finals), np.stack(ranks))
