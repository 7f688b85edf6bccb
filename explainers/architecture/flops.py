"""The matrix products of one forward pass, counted: a multiply-add is two floating-point operations (FLOPs).

An embedding look-up multiplies nothing and costs 0; a tied output layer is a product all the same. Norms, softmax,
activations, biases and sums are left out, as torch's FlopCounterMode leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from explainers.architecture.parts import Stack
from explainers.checkpoints.design import Design

WorkRole = Literal["attention", "scores", "cross", "cross scores", "feed-forward", "head"]


@dataclass(frozen=True)
class Work:
    """One group of products of a forward pass.

    key: of the part whose matrices are used; scores (queries with keys, and the mixing of values) have none of their
    own and name the attention they belong to. formula: in the letters of `Design`, with n tokens that are computed, s
    tokens of the source, t tokens that a query can look at.
    """

    stack: Stack
    role: WorkRole
    key: str
    formula: str
    flops: int


def work(design: Design, tokens: int, *, source: int = 0, cache: int = 0) -> tuple[Work, ...]:
    """The products of one forward pass over one sequence.

    tokens: that are computed, in T5 by the decoder. source: tokens that T5's encoder reads. cache: earlier tokens of a
    decoder whose keys and values are kept; with a cache T5's encoder has run before, and so have the keys and values of
    its output. The whole square of scores is counted, also what a mask throws away, and the output
    layer scores every token.
    """
    if design.kind == "bert":
        return _bert(design, tokens)
    if design.kind != "t5":
        return (
            *_stack(design, "decoder", "D", design.decoder_layers, tokens, cache + tokens),
            Work("output", "head", "output", "2*n*V*d", 2 * tokens * design.vocab * design.d_model),
        )
    found: list[Work] = []
    if design.layers and not cache:
        found += _stack(design, "encoder", "L", design.layers, source, source, letter="s")
    found += _stack(design, "decoder", "D", design.decoder_layers, tokens, cache + tokens)
    if design.layers:
        found += _cross(design, tokens, source, kept=cache > 0)
    output = Work("output", "head", "output", "2*n*V*d", 2 * tokens * design.vocab * design.d_model)
    return (*found, output)


def shares(products: Sequence[Work]) -> tuple[float, ...]:
    """The share of each group in all of them."""
    total = sum(each.flops for each in products)
    return tuple(each.flops / total for each in products)


def flops_per_token(products: Sequence[Work], tokens: int) -> float:
    """The work of the whole pass, spread over the tokens that are computed (in T5: the decoder's)."""
    return sum(each.flops for each in products) / tokens


def _bert(design: Design, tokens: int) -> tuple[Work, ...]:
    d = design.d_model
    return (
        *_stack(design, "encoder", "L", design.layers, tokens, tokens),
        Work("encoder", "head", "pooler", "2*d*d", 2 * d * d),
        Work("output", "head", "mlm_transform", "2*n*d*d", 2 * tokens * d * d),
        Work("output", "head", "output", "2*n*V*d", 2 * tokens * design.vocab * d),
        Work("output", "head", "next_sentence", "4*d", 4 * d),
    )


def _stack(
    design: Design,
    stack: Literal["encoder", "decoder"],
    layer_letter: str,
    layers: int,
    tokens: int,
    looked_at: int,
    letter: str = "n",
) -> list[Work]:
    """Self-attention and feed-forward layers of a stack. looked_at: the keys of each query."""
    d, inner = design.d_model, design.d_inner
    keys = letter if stack == "encoder" else "t"
    matrices = 3 if design.gated else 2
    return [
        Work(
            *(stack, "attention", f"{stack}_attention", f"{layer_letter}*8*{letter}*d*h*k"),
            layers * 8 * tokens * d * inner,
        ),
        Work(
            *(stack, "scores", f"{stack}_attention", f"{layer_letter}*4*{letter}*{keys}*h*k"),
            layers * 4 * tokens * looked_at * inner,
        ),
        Work(
            *(stack, "feed-forward", f"{stack}_mlp", f"{layer_letter}*{2 * matrices}*{letter}*d*f"),
            layers * 2 * matrices * tokens * d * design.d_ff,
        ),
    ]


def _cross(design: Design, tokens: int, source: int, *, kept: bool) -> list[Work]:
    """The decoder's attention to the encoder's output, whose keys and values are made once."""
    d, inner, layers = design.d_model, design.d_inner, design.decoder_layers
    made = 0 if kept else source
    formula = "D*4*n*d*h*k" if kept else "D*4*(n + s)*d*h*k"
    return [
        Work("decoder", "cross", "decoder_cross", formula, layers * 4 * (tokens + made) * d * inner),
        Work("decoder", "cross scores", "decoder_cross", "D*4*n*s*h*k", layers * 4 * tokens * source * inner),
    ]
