"""The next sentence lesson's computation for an edited pair, against the seven bare forward passes that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from explainers import next_sentence
from explainers.checkpoints import Checkpoint, load
from explainers.tokenization import tokenize
from explainers.trace import Inputs
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of
from tests.benchmarks.tracing import bare_pass

GOAL = 2.0
REPEATS = 15
WORDS = (30, 240)


def measure() -> Iterator[Ratio]:
    """One ratio for each length of text."""
    checkpoint = load("bert-mini")
    for words in WORDS:
        text, pair = (" ".join([word, "old", "dog", "ran"][n % 4] for n in range(words)) for word in ("the", "an"))
        passes = [bare_pass(checkpoint, inputs) for inputs in _inputs(checkpoint, text, pair)]
        ours, bare = medians_in_turn(
            seconds_of(partial(_lesson, checkpoint, text, pair)), seconds_of(partial(_run_all, passes)), REPEATS
        )
        yield Ratio(f"{checkpoint.name}, two texts of {words} words", ours, bare, GOAL)


def _lesson(checkpoint: Checkpoint, text: str, pair: str) -> object:
    """Everything that an edited sentence costs, but for the drawing."""
    changed = next_sentence.tricks(text, pair, "A stranger came.", "dog", "piano")
    return next_sentence.judge(checkpoint, text, pair), next_sentence.chances(checkpoint, list(changed.values()))


def _run_all(passes: Sequence[Callable[[], object]]) -> None:
    for one in passes:
        one()


def _inputs(checkpoint: Checkpoint, text: str, pair: str) -> Iterator[Inputs]:
    pairs = [(text, pair), *next_sentence.tricks(text, pair, "A stranger came.", "dog", "piano").values()]
    for first, second in pairs:
        tokens = tokenize(checkpoint, first, second).tokens
        yield Inputs(encoder=[token.id for token in tokens], segments=[token.segment for token in tokens])
