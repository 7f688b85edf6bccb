"""The masked-LM lesson's computation, from the dice to the close-up, against the one bare forward pass it needs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from explainers import masking
from explainers.checkpoints import Checkpoint, load
from explainers.tokenization import tokenize
from explainers.trace import Inputs
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of
from tests.benchmarks.tracing import bare_pass

GOAL = 2.0
REPEATS = 15
WORDS = (30, 500)


def measure() -> Iterator[Ratio]:
    """One ratio for each length of text."""
    checkpoint = load("bert-mini")
    for words in WORDS:
        text = " ".join(["the", "old", "dog", "ran"][number % 4] for number in range(words))
        inputs = Inputs(encoder=tokenize(checkpoint, text).ids)
        ours, bare = medians_in_turn(
            seconds_of(partial(_lesson, checkpoint, text)), seconds_of(bare_pass(checkpoint, inputs)), REPEATS
        )
        yield Ratio(f"{checkpoint.name}, {words} words", ours, bare, GOAL)


def _lesson(checkpoint: Checkpoint, text: str) -> object:
    """Everything that an edited sentence costs, but for the drawing."""
    tokenization = tokenize(checkpoint, text)
    draw = masking.corrupt_text(checkpoint, tokenization, masking.Recipe(), 3)
    found = masking.predict(checkpoint, tokenization, draw.ids.tolist(), draw.chosen.nonzero()[0].tolist())
    masking.head_path(checkpoint, found.hidden[0])
    return masking.count_fates(masking.ordinary_tokens(tokenization).tolist(), masking.Recipe(), 10_000, 3)
