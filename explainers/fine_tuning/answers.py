"""A tuned model's answers to sentences that it was neither trained nor tested on, at every look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.fine_tuning.results import FineTuning
from explainers.fine_tuning.rows import read
from explainers.fine_tuning.tasks import Labelled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Answers:
    """steps (looks,): after how many steps. probabilities (looks, sentences, labels), vectors (looks, sentences,
    d_model), as in `Look`.
    """

    steps: tuple[int, ...]
    probabilities: Floats
    vectors: Floats


def answers(checkpoint: Checkpoint, tuning: FineTuning, texts: Sequence[str]) -> Answers:
    """What the model says to these texts at every look whose numbers were kept; checkpoint: the one that was tuned.

    Raises ValueError for a fine-tuning that is not done, TextError for text that cannot be tokenized.
    """
    import numpy as np
    import torch

    from explainers.fine_tuning.run import look_at

    tuned = tuning.tuned
    if tuned is None:
        raise ValueError("this fine-tuning is not done")
    rows = read(checkpoint, tuning.task, [Labelled(text, 0) for text in texts])
    looks = []
    with tuned.lock:
        # The last snapshot is the classifier's own memory, so that it ends as it was.
        own = dict(tuned.classifier.named_parameters())
        for step, snapshot in zip(tuned.steps, tuned.snapshots, strict=True):
            for name, numbers in snapshot.items():
                own[name].data = torch.from_numpy(numbers).float()
            looks.append(look_at(tuned.classifier, rows, step))
    return Answers(
        tuned.steps, np.stack([look.probabilities for look in looks]), np.stack([look.vectors for look in looks])
    )
