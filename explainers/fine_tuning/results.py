"""What a fine-tuning leaves behind: its curve, looks at the test sentences, and the numbers that were trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Family
from explainers.fine_tuning.changes import Change, Forgetting
from explainers.fine_tuning.rows import Rows
from explainers.fine_tuning.settings import Settings
from explainers.fine_tuning.tasks import Labelled, Task
from explainers.intervals import share_interval

if TYPE_CHECKING:
    import threading

    import numpy as np
    from numpy.typing import NDArray

    from explainers.fine_tuning.classifier import Classifier

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Look:
    """What the model says to the test sentences after so many steps.

    probabilities (sentences, labels): rows sum to 1; T5's to less, since it may also write something else.
    vectors (sentences, d_model): what the answers are read from. loss: the mean of -log p(right label), nats.
    """

    step: int
    probabilities: Floats
    vectors: Floats
    loss: float
    hits: int

    @property
    def share(self) -> float:
        """The share of the test sentences that it answers right."""
        return self.hits / len(self.probabilities)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return share_interval(self.hits, len(self.probabilities))

    @property
    def answers(self) -> NDArray[np.int64]:
        """(sentences,): the most probable label of each."""
        found: NDArray[np.int64] = self.probabilities.argmax(1)
        return found


@dataclass(frozen=True)
class Sizes:
    """How many numbers the model has, how many of them are new for the task, and how many are trained."""

    all: int
    new: int
    trained: int


@dataclass(frozen=True, eq=False)
class Tuned:
    """The trained copy.

    fixed: the numbers that were not trained. snapshots: those that were, after so many steps each (`steps`): at every
    look in half precision, or, where that would be much, at the last alone; the last as they are.
    """

    classifier: Classifier
    fixed: Mapping[str, Floats]
    snapshots: tuple[Mapping[str, Floats], ...]
    steps: tuple[int, ...]
    lock: threading.Lock


@dataclass(frozen=True, eq=False)
class FineTuning:
    """One fine-tuning, finished or on its way.

    examples: what it learns from. losses (steps,): of every step's batch, before the step, nats. looks: at the test
    sentences; the last is after the last step once `tuned` is there. changes: of every tensor that was trained, in the
    order of the model. forgetting: None while it is on its way, and where nothing was learned before.
    """

    checkpoint: str
    family: Family
    task: Task
    settings: Settings
    examples: tuple[Labelled, ...]
    test: Rows
    sizes: Sizes
    losses: Floats
    looks: tuple[Look, ...]
    changes: tuple[Change, ...] = ()
    forgetting: Forgetting | None = None
    tuned: Tuned | None = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        """Whether it has come to its end."""
        return self.tuned is not None
