"""What a KV cache saves, counted: multiply-adds of the matrix products, and the bytes of the keys and values kept.

A multiply-add is two FLOPs. Norms, softmax, activations and biases are left out, as is usual; so is the look-up of the
embeddings, which multiplies nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from explainers.checkpoints import Sizes

BYTES_A_NUMBER = 4  # float32


@dataclass(frozen=True)
class Work:
    """Multiply-adds of one forward pass over new tokens that can look at kept ones, and at themselves.

    projections: queries, keys, values and the attention's output. attention: scores and mixing, over the whole square,
    of which the mask throws a part away. mlp: the feed-forward layers. output: the output matrix, at one position.
    """

    projections: int
    attention: int
    mlp: int
    output: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.projections + self.attention + self.mlp + self.output

    @property
    def flops(self) -> int:
        """Floating-point operations: two a multiply-add."""
        return 2 * self.total


def work(sizes: Sizes, new: int, kept: int = 0) -> Work:
    """The work of a GPT-2 for `new` tokens with the keys and values of `kept` earlier ones at hand."""
    d_model, layers = sizes.d_model, sizes.decoder_layers
    return Work(
        projections=layers * new * 4 * d_model**2,
        attention=layers * new * 2 * (kept + new) * d_model,
        mlp=layers * new * 2 * d_model * sizes.d_ff,
        output=sizes.vocab * d_model,
    )


def kept_bytes(sizes: Sizes, tokens: int, bytes_a_number: int = BYTES_A_NUMBER) -> int:
    """The size of the keys and values of so many tokens: two vectors a token and layer."""
    return 2 * sizes.decoder_layers * tokens * sizes.d_model * bytes_a_number


@dataclass(frozen=True)
class StepCost:
    """The step that predicts what follows `tokens` tokens: with the cache it computes one token, without it all."""

    tokens: int
    with_cache: Work
    without_cache: Work
    kept: int
    added: int

    @property
    def saving(self) -> float:
        """How many times the work would be without the cache."""
        return self.without_cache.total / self.with_cache.total


def step_costs(sizes: Sizes, prompt: int, drawn: int) -> tuple[StepCost, ...]:
    """Every step from the prompt's (which has nothing to reuse) to the one after the last drawn token.

    Step i predicts what follows prompt + i tokens. kept, added: bytes of the keys and values reused and new.
    """
    steps = []
    for tokens in range(prompt, prompt + drawn + 1):
        new = prompt if tokens == prompt else 1
        steps.append(
            StepCost(
                tokens,
                work(sizes, new, tokens - new),
                work(sizes, tokens),
                kept_bytes(sizes, tokens - new),
                kept_bytes(sizes, new),
            )
        )
    return tuple(steps)
