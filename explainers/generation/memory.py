"""Running GPT-2 over ids with a KV cache: what is known of a text is kept, and only what follows it is computed.

A token's keys and values depend on the tokens before it alone. So a text that goes on from one that was read before,
by one drawn token or by one typed word, needs the model for its new tokens only. This is what the lesson shows, and
also what makes it fast.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

MOST_BYTES = 96_000_000


@dataclass(frozen=True, eq=False)
class Reading:
    """What the model knows after it has read ids; tensors are shared with other readings and never changed.

    hidden (layers + 1, tokens, d_model): as in a Trace; the last is after the final norm. keys, values: for each layer
    (heads, tokens, d_head). reused: how many of the tokens were not computed for this reading, but before.
    """

    ids: tuple[int, ...]
    hidden: Tensor
    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    reused: int = 0

    @property
    def bytes(self) -> int:
        """The memory that the tensors take."""
        return sum(tensor.numel() * tensor.element_size() for tensor in (self.hidden, *self.keys, *self.values))

    def first(self, tokens: int) -> Reading:
        """What the model knew after so many tokens: a part of this, with nothing to compute."""
        return Reading(
            self.ids[:tokens],
            self.hidden[:, :tokens],
            tuple(layer[:, :tokens] for layer in self.keys),
            tuple(layer[:, :tokens] for layer in self.values),
            tokens,
        )


class KeyValueMemory:
    """The readings of one GPT-2 that were made last, bounded in bytes; every method may be called from any thread."""

    def __init__(self, checkpoint: Checkpoint, most_bytes: int = MOST_BYTES) -> None:
        """Begin with nothing known. The weights are loaded when the first text is read."""
        self.checkpoint = checkpoint
        self._most_bytes = most_bytes
        self._known: OrderedDict[tuple[int, ...], Reading] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, ids: Sequence[int]) -> Reading:
        """The reading of these ids, one at least, computed from where the longest known beginning ends."""
        wanted = tuple(ids)
        known = self._longest_known(wanted)
        if known is not None and len(known.ids) == len(wanted):
            return known
        reading = extended(self.checkpoint, known, wanted)
        self._keep(reading)
        return reading

    def logits(self, reading: Reading, at: int = -1) -> NDArray[np.float32]:
        """The scores (vocab,) for what follows the token at this position of the reading."""
        return logits_of(self.checkpoint, reading.hidden[-1, at])

    def _longest_known(self, ids: tuple[int, ...]) -> Reading | None:
        """The longest beginning of ids that some reading holds; the reading counts as used."""
        with self._lock:
            lengths = {known: _common(known, ids) for known in self._known}
            best = max(lengths, key=lambda known: lengths[known], default=None)
            if best is None or not lengths[best]:
                return None
            self._known.move_to_end(best)
            return self._known[best].first(lengths[best])

    def _keep(self, reading: Reading) -> None:
        with self._lock:
            # A reading that this one goes on from is part of it.
            for ids in [ids for ids in self._known if ids == reading.ids[: len(ids)]]:
                del self._known[ids]
            self._known[reading.ids] = replace(reading, reused=0)
            while len(self._known) > 1 and sum(known.bytes for known in self._known.values()) > self._most_bytes:
                self._known.popitem(last=False)


def extended(checkpoint: Checkpoint, known: Reading | None, ids: tuple[int, ...]) -> Reading:
    """The reading of ids, of which `known` holds the beginning; the model runs over the rest only."""
    import torch

    model: Any = checkpoint.model  # first: while another thread imports transformers, nothing can be imported from it
    from transformers.cache_utils import DynamicCache

    start = 0 if known is None else len(known.ids)
    cache: Any = DynamicCache()
    if known is not None:
        for layer, (keys, values) in enumerate(zip(known.keys, known.values, strict=True)):
            cache.update(keys[None], values[None], layer)
    with torch.inference_mode():
        output = model.transformer(torch.tensor([ids[start:]]), cache=cache, use_cache=True, output_hidden_states=True)
    hidden = torch.stack(output.hidden_states)[:, 0]
    return Reading(
        ids,
        hidden if known is None else torch.cat([known.hidden, hidden], dim=1),
        tuple(layer.keys[0] for layer in cache.layers),
        tuple(layer.values[0] for layer in cache.layers),
        start,
    )


def logits_of(checkpoint: Checkpoint, hidden: Tensor) -> NDArray[np.float32]:
    """The output matrix times hidden states (..., d_model) after the final norm: scores (..., vocab)."""
    import torch

    model: Any = checkpoint.model
    with torch.inference_mode():
        return model.lm_head(hidden).float().numpy()  # type: ignore[no-any-return]


def _common(left: tuple[int, ...], right: tuple[int, ...]) -> int:
    """How many ids two sequences have in common at their start."""
    for at, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return at
    return min(len(left), len(right))
