"""The bytes that a model takes, in use and in training, from its design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from explainers.architecture.design import Design
from explainers.architecture.ledger import ledger

NumberType = Literal["fp32", "bf16", "int8"]

BYTES: Mapping[NumberType, int] = MappingProxyType({"fp32": 4, "bf16": 2, "int8": 1})
_ADAM_BYTES = {"fp32": 8, "bf16": 12}  # two moments in fp32; beside bf16 weights also a copy of them in fp32


@dataclass(frozen=True)
class Memory:
    """The bytes of a batch in one number type. int8 has no gradients and no Adam: it is for use alone.

    activations: what a training step keeps for the way back. cache: keys and values of the decoder; 0 in BERT.
    """

    weights: int
    cache: int
    activations: int
    gradients: int
    adam: int

    @property
    def in_use(self) -> int:
        """To generate or to read: the weights, and the keys and values that are kept."""
        return self.weights + self.cache

    @property
    def in_training(self) -> int:
        """For a training step; keys and values are then among the activations."""
        return self.weights + self.activations + self.gradients + self.adam


def memory(design: Design, number: NumberType, tokens: int, *, source: int = 0, batch: int = 1) -> Memory:
    """The bytes for a batch of sequences of so many tokens (and, in T5, tokens of the source)."""
    total, size = ledger(design).total, BYTES[number]
    kept = batch * size * cache_numbers(design, tokens, source=source)
    if number == "int8":
        return Memory(total, kept, 0, 0, 0)
    activations = batch * size * activation_numbers(design, tokens, source=source)
    return Memory(size * total, kept, activations, size * total, _ADAM_BYTES[number] * total)


def cache_numbers(design: Design, tokens: int, *, source: int = 0) -> int:
    """Keys and values of a decoder: two vectors a token and layer, and in T5 as many again for the source's tokens."""
    seen = tokens + (source if design.layers else 0)
    return 2 * design.decoder_layers * seen * design.d_inner


def activation_numbers(design: Design, tokens: int, *, source: int = 0) -> int:
    """The numbers that a training step keeps for the way back, without dropout, and with the logits.

    A layer of n tokens keeps n*(4*d + 4*h*k + 2*f) + h*n*n: the inputs of two norms, of the projections and of the
    feed-forward layer, queries, keys, values, what the heads give, the inside of the feed-forward layer before and
    after its activation, and the attention weights. With h*k = d and f = 4*d these are 16*n*d + h*n*n, the count of
    Korthikanti et al. 2022 (arXiv 2205.05198, section 4.1) without its dropout masks. Cross-attention adds
    n*(2*d + 2*h*k) + 2*s*h*k + h*n*s. The output adds n*V logits.
    """
    d, inner, heads = design.d_model, design.d_inner, design.heads
    inside = (3 if design.gated else 2) * design.d_ff

    def layer(n: int) -> int:
        return n * (4 * d + 4 * inner + inside) + heads * n * n

    total = design.layers * layer(source if design.kind == "t5" else tokens)
    total += design.decoder_layers * layer(tokens)
    if design.kind == "t5" and design.layers:
        crossed = tokens * (2 * d + 2 * inner) + 2 * source * inner + heads * tokens * source
        total += design.decoder_layers * crossed
    return total + tokens * design.vocab
