"""The generation lesson's computation, against the library's: generate, a pass with the cache, one with a loss."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from explainers.checkpoints import Checkpoint, load
from explainers.generation import KeyValueMemory, Scheme, cut, surprise, write
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of

GOAL = 2.0
REPEATS = 9
LENGTHS = (40, 480)
DRAWN = 6


def measure() -> Iterator[Ratio]:
    """For each length of text: an edited text with its continuation, one token more, and the surprise."""
    checkpoint = load("gpt2-mini")
    for tokens in LENGTHS:
        ids = [number % 200 + 300 for number in range(tokens)]
        for name, ours, theirs in (
            ("edit", _edited(checkpoint, ids), _generated(checkpoint, ids)),
            ("next token", _one_more(checkpoint, ids), _one_more_bare(checkpoint, ids)),
            ("surprise", _surprised(checkpoint, ids), _loss(checkpoint, ids)),
        ):
            yield Ratio(f"{checkpoint.name}, {tokens} tokens, {name}", *medians_in_turn(ours, theirs, REPEATS), GOAL)


def _edited(checkpoint: Checkpoint, ids: Sequence[int]) -> Callable[[], float]:
    """Everything that a new text costs, but for the drawing."""

    def lesson() -> object:
        memory = KeyValueMemory(checkpoint)
        scheme = Scheme("greedy")
        written = write(memory, ids, scheme, 1, DRAWN)
        return cut(memory.logits(memory.read(written.ids)), scheme)

    return seconds_of(lesson)


def _generated(checkpoint: Checkpoint, ids: Sequence[int]) -> Callable[[], float]:
    """The library's own writing; one token more, for the distribution that is shown."""
    import torch

    model: Any = checkpoint.model
    given = torch.tensor([ids])
    mask = torch.ones_like(given)
    return seconds_of(
        lambda: model.generate(given, attention_mask=mask, max_new_tokens=DRAWN + 1, do_sample=False, pad_token_id=0)
    )


def _one_more(checkpoint: Checkpoint, ids: Sequence[int]) -> Callable[[], float]:
    memory = KeyValueMemory(checkpoint)
    memory.read(ids)
    following = itertools.count(300)  # another token each time, or nothing would be left to compute
    return seconds_of(lambda: cut(memory.logits(memory.read([*ids, next(following)])), Scheme(top_p=0.9)))


def _one_more_bare(checkpoint: Checkpoint, ids: Sequence[int]) -> Callable[[], float]:
    import torch
    from transformers.cache_utils import DynamicCache

    model: Any = checkpoint.model
    with torch.inference_mode():
        kept: Any = model(torch.tensor([ids]), cache=DynamicCache(), use_cache=True).cache

    def step() -> None:
        with torch.inference_mode():
            model(torch.tensor([[300]]), cache=kept, use_cache=True).logits[0, -1].sort(descending=True)
            kept.crop(-1)

    return seconds_of(step)


def _surprised(checkpoint: Checkpoint, ids: Sequence[int]) -> Callable[[], float]:
    def lesson() -> object:
        memory = KeyValueMemory(checkpoint)
        return surprise(memory, memory.read(ids))

    return seconds_of(lesson)


def _loss(checkpoint: Checkpoint, ids: Sequence[int]) -> Callable[[], float]:
    import torch

    model: Any = checkpoint.model
    given = torch.tensor([ids])

    def loss() -> object:
        with torch.inference_mode():
            return model(given, labels=given).loss

    return seconds_of(loss)
