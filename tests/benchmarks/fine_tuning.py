"""The fine-tuning lesson: a whole training of each family, looks and snapshots and all, against its bare steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from explainers import fine_tuning
from explainers.checkpoints import FAMILIES, Checkpoint, load
from explainers.fine_tuning import Settings
from explainers.fine_tuning.classifier import Classifier
from explainers.fine_tuning.rows import batches, read
from tests.benchmarks.measuring import Ratio, medians_in_turn, seconds_of

GOAL = 2.0
REPEATS = 3


def measure() -> Iterator[Ratio]:
    """One ratio a family, with the settings that the page opens with."""
    task = fine_tuning.task("mood")
    for family in FAMILIES:
        checkpoint = load(f"{family}-mini")
        settings = Settings(epochs=6, rate=fine_tuning.usual(family, checkpoint.sizes.parameters, "all"))
        ours, bare = medians_in_turn(
            seconds_of(partial(fine_tuning.fine_tune, checkpoint, task, settings)),
            seconds_of(_bare(checkpoint, settings)),
            REPEATS,
        )
        yield Ratio(f"{checkpoint.name}, {settings.steps(task)} steps", ours, bare, GOAL)


def _bare(checkpoint: Checkpoint, settings: Settings) -> Callable[[], object]:
    """The same steps, forward, backward and AdamW, and nothing else."""
    import torch

    task = fine_tuning.task("mood")
    rows = read(checkpoint, task, task.drawn(settings.examples, settings.seed))

    def train() -> None:
        classifier = Classifier(checkpoint, len(task.labels), "all", settings.seed)
        optimizer = torch.optim.AdamW(classifier.parameters(), lr=settings.rate)
        for batch in batches(len(rows), settings.epochs, settings.batch, settings.seed):
            classifier.loss(rows, batch).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)

    return train
