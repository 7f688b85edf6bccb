"""How much memory attention takes, known before anything is computed."""

from __future__ import annotations

from explainers.checkpoints import Sizes
from explainers.trace.results import Precision

_NUMBER_BYTES: dict[Precision, int] = {"float32": 4, "float16": 2}


def attention_bytes(sizes: Sizes, tokens: int, targets: int = 0, precision: Precision = "float32") -> int:
    """The bytes of all attentions of one pass: a number for each layer, head, query and key.

    tokens: that the text has; targets: that T5's decoder gets, which count for nothing in the other families.
    """
    if not sizes.layers:
        cells = sizes.decoder_layers * tokens * tokens
    else:
        cells = sizes.layers * tokens * tokens + sizes.decoder_layers * targets * (targets + tokens)
    return cells * sizes.heads * _NUMBER_BYTES[precision]
