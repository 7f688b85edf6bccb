"""A task in the words that the tiny models know, with odd numbers of everything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from explainers.checkpoints import Checkpoint, Family
from explainers.fine_tuning import MODES, FineTuning, Labelled, Mode, Settings, Task

TASK = Task(
    "pets",
    ("dog", "cat", "un"),
    (
        Labelled("the dog ran home .", 0),
        Labelled("a dog saw it", 0),
        Labelled("dog and dog", 0),
        Labelled("it ran to the dog", 0),
        Labelled("the cat ran home to sleep", 1),
        Labelled("a cat saw it .", 1),
        Labelled("cat", 1),
        Labelled("unaffable", 2),
        Labelled("the bank saw a bank", 2),
        Labelled("it saw the bank .", 2),
        Labelled("un and un", 2),
    ),
    (
        Labelled("it saw a dog", 0),
        Labelled("the dog and the dog", 0),
        Labelled("the cat saw it", 1),
        Labelled("a cat ran", 1),
        Labelled("cat and cat and cat", 1),
        Labelled("home to the bank .", 2),
        Labelled("bank", 2),
    ),
)

# 11 sentences in batches of 4: three steps an epoch, the last with 3 sentences.
SHORT: dict[Mode, Settings] = {
    mode: Settings(mode, examples=11, epochs=3, rate=5e-3, batch=4, seed=2) for mode in MODES
}
SHORT["head"] = replace(SHORT["head"], rate=3e-2)

Tiny = Callable[[Family], Checkpoint]


class Tuner(Protocol):
    def __call__(self, family: Family, mode: Mode = "all") -> FineTuning: ...
