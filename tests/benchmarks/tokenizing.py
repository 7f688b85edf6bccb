"""tokenize() against the tokenizers library's bare call on the same text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

from explainers.checkpoints import catalogue, load
from explainers.tokenization import tokenize
from tests.benchmarks.measuring import Ratio, medians_in_turn

GOAL = 3.0
REPEATS = 31
BATCH_SECONDS = 0.02

TEXTS = {
    "a sentence": "My dog is unbelievably hairy 🐶",
    "a page": "The robot read the naïve café's 1,234 menus aloud, twice. 안녕! It didn't stop until midnight.\n" * 20,
}


def measure() -> Iterator[Ratio]:
    """One ratio for each built-in model and text."""
    for name in catalogue():
        checkpoint = load(name)
        for kind, text in TEXTS.items():
            ours, bare = medians_in_turn(
                _batch(partial(tokenize, checkpoint, text)),
                _batch(partial(checkpoint.tokenizer.encode, text)),
                REPEATS,
            )
            yield Ratio(f"{name}, {kind}", ours, bare, GOAL)


def _batch(call: Callable[[], object]) -> Callable[[], float]:
    """A measurement of one call, averaged over enough calls for the clock's resolution not to matter."""
    call()  # the first call reads the tokenizer's tables
    started = time.perf_counter()
    call()
    calls = max(1, int(BATCH_SECONDS / max(time.perf_counter() - started, 1e-6)))

    def seconds() -> float:
        started = time.perf_counter()
        for _ in range(calls):
            call()
        return (time.perf_counter() - started) / calls

    return seconds
