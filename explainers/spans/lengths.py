"""A sentinel does not say how much is missing: one place of a text, with gaps of several lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from explainers.checkpoints import Checkpoint
from explainers.spans.example import Example, example
from explainers.spans.filling import Writing, write

LENGTHS = (1, 2, 3, 5, 8)


class GapLength(NamedTuple):
    """One gap of so many tokens, and what the model writes for it, up to the next sentinel."""

    length: int
    example: Example
    writing: Writing


def gap_lengths(
    checkpoint: Checkpoint, text: str, start: int, lengths: Sequence[int] = LENGTHS
) -> tuple[GapLength, ...]:
    """The model's greedy fillings when 1, 2, 3, … tokens from `start` on are missing, and nothing else is.

    Lengths that would leave no token of the text, or run over its end, are left out.
    """
    whole = example(checkpoint, text, ())
    count = len(whole.removed)
    fitting = [length for length in lengths if start >= 0 and start + length <= count and length < count]
    examples = [example(checkpoint, text, range(start, start + length)) for length in fitting]
    if not examples:
        return ()
    limit = 2 * max(fitting) + 6
    asked = [one.gaps[0].sentinel for one in examples]
    writings = write(checkpoint, [one.encoder.tolist() for one in examples], limit=limit, only=asked)
    return tuple(map(GapLength, fitting, examples, writings))
