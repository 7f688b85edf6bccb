"""How fast this machine multiplies matrices, measured on one product: what a first pass is judged by."""

from __future__ import annotations

import statistics
import time

_TOKENS, _WIDE, _WIDER = 256, 768, 3_072  # a feed-forward product of a model of base size: some milliseconds
_REPEATS = 5


def seconds_per_flop() -> float:
    """The time of the product, the median of some, divided by its 2 x tokens x d_model x d_ff FLOPs.

    A whole pass is somewhat slower for each FLOP: it also normalises, masks and takes softmax.
    """
    import torch

    left, right = torch.ones(_TOKENS, _WIDE), torch.ones(_WIDE, _WIDER)
    took = []
    for _repeat in range(_REPEATS + 1):
        began = time.perf_counter()
        torch.matmul(left, right)
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:]) / (2 * _TOKENS * _WIDE * _WIDER)  # the first sets up threads
