"""The span corruption lesson's computation, against the passes that it needs: one with labels, and two writings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from explainers import spans
from explainers.checkpoints import Checkpoint, load
from explainers.trace import Inputs
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of
from tests.benchmarks.tracing import bare_pass

GOAL = 2.0
REPEATS = 9
WORDS = (30, 300)


def measure() -> Iterator[Ratio]:
    """One ratio for each length of text."""
    checkpoint = load("t5-mini")
    for words in WORDS:
        text = " ".join(["the", "old", "dog", "ran"][number % 4] for number in range(words))
        tokens = len(spans.example(checkpoint, text, ()).removed)
        removed = spans.drawn(tokens, 1)
        example = spans.example(checkpoint, text, removed)
        limit = _limit(example)
        alone = [example.encoder.tolist()]
        guessed = spans.gap_lengths(checkpoint, text, removed[0])
        rows = [row.example.encoder.tolist() for row in guessed]
        most = max(len(row.writing.steps) for row in guessed)
        inputs = Inputs(encoder=alone[0], decoder=example.decoder.tolist())
        needed = partial(_needed, checkpoint, bare_pass(checkpoint, inputs), alone, limit, rows, most)
        ours, bare = medians_in_turn(
            seconds_of(partial(_lesson, checkpoint, text, removed)), seconds_of(needed), REPEATS
        )
        yield Ratio(f"{checkpoint.name}, {words} words", ours, bare, GOAL)


def _limit(example: spans.Example) -> int:
    return min(2 * len(example.labels) + 8, spans.LONGEST)


def _lesson(checkpoint: Checkpoint, text: str, removed: Sequence[int]) -> object:
    """Everything that an edited sentence costs, but for the drawing."""
    example = spans.example(checkpoint, text, removed)
    taught = spans.taught(checkpoint, example)
    written = spans.write(checkpoint, [example.encoder.tolist()], limit=_limit(example))
    return taught, written, spans.gap_lengths(checkpoint, text, removed[0])


def _needed(
    checkpoint: Checkpoint,
    bare: Callable[[], object],
    alone: Sequence[Sequence[int]],
    limit: int,
    rows: Sequence[Sequence[int]],
    most: int,
) -> None:
    """One pass with the labels, and what the library's own `generate` takes for the two writings."""
    bare()
    _generate(checkpoint, alone, limit)
    _generate(checkpoint, rows, most)


def _generate(checkpoint: Checkpoint, rows: Sequence[Sequence[int]], limit: int) -> None:
    import torch

    model: Any = checkpoint.model
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    with torch.inference_mode():
        model.generate(ids, attention_mask=(ids != 0).long(), max_new_tokens=limit, do_sample=False)
