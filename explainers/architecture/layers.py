"""The work of a forward pass in the order in which it is done: layer by layer, and the output layer last."""

from __future__ import annotations

from explainers.architecture.flops import work
from explainers.checkpoints.design import Design


def layer_flops(design: Design, tokens: int, *, source: int = 0, rows: int = 0) -> tuple[int, ...]:
    """The FLOPs of every layer, the encoder's first, and then those of the output layer (`work` counts the same).

    tokens: that BERT, GPT-2 or T5's decoder gets; source: that T5's encoder gets. rows: the tokens that are scored
    against the vocabulary; nothing is done in the last step where there are none.
    """
    products = work(design, tokens, source=source)
    steps: list[int] = []
    for stack, layers in (("encoder", design.layers), ("decoder", design.decoder_layers)):
        flops = sum(part.flops for part in products if part.stack == stack and part.role != "head")
        steps += [flops // layers] * layers if layers else []
    scored = sum(part.flops for part in products if part.stack == "output")
    return (*steps, scored * rows // max(tokens, 1))
