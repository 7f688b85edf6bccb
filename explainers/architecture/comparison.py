"""An encoder-decoder beside decoders, at equal depth and at equal size, as the T5 paper compares them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from explainers.architecture.flops import work
from explainers.architecture.ledger import ledger
from explainers.checkpoints.design import Design


@dataclass(frozen=True)
class Rival:
    """One way to build a model that reads a source and writes an answer.

    body: parameters without the token matrix, which all rivals share. flops: of one forward pass over both texts.
    """

    layers: int
    decoder_layers: int
    parameters: int
    body: int
    flops: int

    def body_against(self, other: Rival) -> float:
        """How many times the other's parameters it has, both without the token matrix."""
        return self.body / other.body

    def flops_against(self, other: Rival) -> float:
        """How many times the other's work it does."""
        return self.flops / other.flops


def rivals(design: Design, source: int, answer: int) -> tuple[Rival, ...]:
    """The T5's own widths with L + L layers, with half of each, and as a decoder alone with L and with 2 L layers.

    A decoder alone reads source and answer as one text (Raffel et al. 2020, section 3.2.2). design: a T5.
    """
    depth = design.decoder_layers
    half = max(1, depth // 2)
    shapes = ((depth, depth), (half, half), (0, depth), (0, 2 * depth))
    return tuple(_rival(replace(design, layers=up, decoder_layers=down), source, answer) for up, down in shapes)


def _rival(design: Design, source: int, answer: int) -> Rival:
    counted = ledger(design)
    tokens = answer if design.layers else source + answer
    products = work(design, tokens, source=source if design.layers else 0)
    # The output layer scores the answer alone in all of them.
    flops = sum(each.flops for each in products if each.key != "output") + 2 * answer * design.vocab * design.d_model
    body = counted.total - counted.entry("tokens").count
    return Rival(design.layers, design.decoder_layers, counted.total, body, flops)
