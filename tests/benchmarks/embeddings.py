"""The embeddings lesson's computation for an edited text, against the bare forward passes that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from explainers import embeddings
from explainers.checkpoints import Checkpoint, catalogue, load
from explainers.tokenization import tokenize
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of

GOAL = 2.0
REPEATS = 15
WORDS = (30, 300)


def measure(repeats: int = REPEATS) -> Iterator[Ratio]:
    """For each built-in model and length of text: the sum, which needs one pass, and two contexts, which need two."""
    for checkpoint in map(load, catalogue()):
        for words in WORDS:
            text, pair = (" ".join([word, "old", "dog", "ran"][n % 4] for n in range(words)) for word in ("the", "an"))
            for name, lesson, needed in (
                ("sum", partial(embeddings.input_sum, checkpoint, text), _bare_passes(checkpoint, text)),
                ("two contexts", partial(_contexts, checkpoint, text, pair), _bare_passes(checkpoint, text, pair)),
            ):
                ours, bare = medians_in_turn(seconds_of(lesson), seconds_of(needed), repeats)
                yield Ratio(f"{checkpoint.name}, {words} words, {name}", ours, bare, GOAL)


def _contexts(checkpoint: Checkpoint, text: str, pair: str) -> object:
    """Everything that an edited text costs in that part, but for the drawing."""
    found = embeddings.contexts(checkpoint, text, pair)
    numbers = [(each.similarity(found.shared[0]), each.usual_similarity()) for each in (found, found.centred())]
    return numbers, found.picture(found.layers)


def _bare_passes(checkpoint: Checkpoint, *texts: str) -> Callable[[], None]:
    """The hidden states of each text by the model's own call, without a head; in T5 of the encoder alone."""
    import torch

    model: Any = checkpoint.model
    body = model.encoder if checkpoint.family == "t5" else model.base_model
    rows = [torch.tensor([tokenize(checkpoint, text).ids]) for text in texts]

    def call() -> None:
        with torch.inference_mode():
            for row in rows:
                body(row, output_hidden_states=True)

    return call
