"""How a fine-tuning is set up, and the work that it will be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from explainers.checkpoints import Checkpoint, Family
from explainers.fine_tuning.rows import batches, read
from explainers.fine_tuning.tasks import Task

Mode = Literal["all", "head", "scratch"]
MODES: tuple[Mode, ...] = get_args(Mode)

LOOKS = 9  # at the test sentences, the first before any training and the last after it
TEST_BATCH = 50
_SMALL = 30_000_000  # parameters: what is smaller learns at higher rates than the published models
_HEAD_RATE = 1e-2
_TRAINING = 3  # a step takes about three times a forward pass (Kaplan et al. 2020, section 2.1)


class StoppedError(Exception):
    """The fine-tuning was given up between two steps, because `stop` said so."""


@dataclass(frozen=True)
class Settings:
    """What is trained on what, and how.

    mode: "all" numbers, the new "head" alone, or all from random numbers ("scratch"), as if there had been no
    pre-training. examples: sentences to learn from. epochs: how often each is read. rate: the peak of the learning
    rate, which rises over the first tenth of the steps and falls from there to 0, which the step after the last would
    have. batch: sentences a step.
    """

    mode: Mode = "all"
    examples: int = 128
    epochs: int = 4
    rate: float = 1e-3
    batch: int = 16
    seed: int = 1

    def steps(self, task: Task) -> int:
        """How many steps it takes; the last batch of an epoch may be smaller."""
        return self.epochs * math.ceil(min(self.examples, len(task.train)) / self.batch)

    def looks(self, task: Task) -> tuple[int, ...]:
        """After how many steps the test sentences are looked at, from 0 to all."""
        steps = self.steps(task)
        return tuple(sorted({round(steps * look / (LOOKS - 1)) for look in range(LOOKS)}))


class Load(NamedTuple):
    """What one step computes: rows of so many tokens each (T5: of its encoder), pads included.

    targets: of T5's decoder, for each row. passes: by how many forward passes it counts.
    """

    rows: int
    tokens: int
    targets: int
    passes: int


def usual(family: Family, parameters: int, mode: Mode) -> float:
    """A rate that this family learns at, by short trials for models like ours; for the published sizes the papers' own.

    Devlin et al. 2019, appendix A.3 (5e-5 is the highest of three); Radford et al. 2018, section 4.1 (6.25e-5, here
    the same as BERT's); Raffel et al. 2020, section 3.1.2 (1e-3, with an optimizer that scales its steps: AdamW bears
    a tenth of it). A new layer alone bears a higher one.
    """
    if mode == "head":
        return _HEAD_RATE
    small = parameters < _SMALL
    if family == "t5":
        return 1e-3 if small else 1e-4
    return 5e-4 if small else 5e-5


def modes_of(family: Family) -> tuple[Mode, ...]:
    """What can be trained in this family: T5 has no new layer, it writes the label as a word."""
    return tuple(mode for mode in MODES if mode != "head" or family != "t5")


def loads(checkpoint: Checkpoint, task: Task, settings: Settings) -> tuple[Load, ...]:
    """The work of every step, in the order of the steps: a look before the first, and after some."""
    rows = read(checkpoint, task, task.drawn(settings.examples, settings.seed))
    test = read(checkpoint, task, task.test)
    look = Load(len(test), test.longest(range(len(test))), len(task.labels) * test.longest_target, 1)
    steps: list[Load] = [look]
    backward = 1 if settings.mode == "head" else _TRAINING
    looks = settings.looks(task)
    for step, batch in enumerate(batches(len(rows), settings.epochs, settings.batch, settings.seed), 1):
        steps.append(Load(len(batch), rows.longest(batch), rows.longest_target, backward))
        if step in looks:
            steps.append(look)
    return tuple(steps)
