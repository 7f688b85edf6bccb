"""The bytes that a model takes, in use and in training, from its design."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from explainers.architecture.ledger import ledger
from explainers.checkpoints.design import Design

NumberType = Literal["fp32", "bf16", "int8"]

BYTES: Mapping[NumberType, int] = MappingProxyType({"fp32": 4, "bf16": 2, "int8": 1})
_ADAM_BYTES = {"fp32": 8, "bf16": 12}  # two moments in fp32; beside bf16 weights also a copy of them in fp32


HeldKey = Literal["cache", "encoder", "decoder", "cross", "logits"]


@dataclass(frozen=True)
class Held:
    """The numbers that one sequence makes a model keep in one place.

    key: the keys and values (cache), or what a training step keeps of a stack, of the attention across, or at the end.
    formula: in the letters of `Design`, with n tokens that are computed and s tokens of T5's source.
    """

    key: HeldKey
    formula: str
    numbers: int


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
    return sum(each.numbers for each in held(design, tokens, source=source) if each.key == "cache")


def activation_numbers(design: Design, tokens: int, *, source: int = 0) -> int:
    """The numbers that a training step keeps for the way back, without dropout, and with the logits."""
    return sum(each.numbers for each in held(design, tokens, source=source) if each.key != "cache")


def held(design: Design, tokens: int, *, source: int = 0) -> tuple[Held, ...]:
    """What a sequence of n tokens (and s of T5's source) makes a model keep beside its weights.

    A layer keeps n*(4*d + 4*h*k + 2*f) + h*n*n numbers for the way back: the inputs of two norms, of the projections
    and of the feed-forward layer, queries, keys, values, what the heads give, the inside of the feed-forward layer
    before and after its activation, and the attention weights. With h*k = d and f = 4*d these are 16*n*d + h*n*n, the
    count of Korthikanti et al. 2022 (arXiv 2205.05198, section 4.1) without its dropout masks. Cross-attention adds
    n*(2*d + 2*h*k) + 2*s*h*k + h*n*s, the output n*V logits.
    """
    d, inner, heads, crossed = design.d_model, design.d_inner, design.heads, design.kind == "t5" and design.layers > 0
    matrices = 3 if design.gated else 2

    def layer(n: int) -> int:
        return n * (4 * d + 4 * inner + matrices * design.d_ff) + heads * n * n

    def written(n: str) -> str:
        return f"({n}*(4*d + 4*h*k + {matrices}*f) + h*{n}*{n})"

    found: list[Held] = []
    if design.decoder_layers:
        seen = tokens + (source if crossed else 0)
        formula = f"2*D*{'(n + s)' if crossed else 'n'}*h*k"
        found.append(Held("cache", formula, 2 * design.decoder_layers * seen * inner))
    if design.layers:
        read, letter = (source, "s") if design.kind == "t5" else (tokens, "n")
        found.append(Held("encoder", f"L*{written(letter)}", design.layers * layer(read)))
    if design.decoder_layers:
        found.append(Held("decoder", f"D*{written('n')}", design.decoder_layers * layer(tokens)))
    if crossed:
        numbers = tokens * (2 * d + 2 * inner) + 2 * source * inner + heads * tokens * source
        formula = "D*(n*(2*d + 2*h*k) + 2*s*h*k + h*n*s)"
        found.append(Held("cross", formula, design.decoder_layers * numbers))
    return (*found, Held("logits", "n*V", tokens * design.vocab))
