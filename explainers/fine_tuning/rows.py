"""Sentences and labels as ids, as each family is given a task.

BERT reads [CLS] sentence [SEP], and the vector of [CLS] answers (Devlin et al. 2019, section 4.1). GPT-2 reads the
sentence and its end-of-text token, whose vector answers, as that of the extract token does in GPT-1 (Radford et al.
2018, sections 3.2 and 3.3). T5 reads the task's name and the sentence, and writes the label (Raffel et al. 2020,
section 2.4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainers.checkpoints import Checkpoint
from explainers.fine_tuning.tasks import Labelled, Task, TaskError
from explainers.language import _
from explainers.tokenization import tokenize

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_TOKENS = 96  # of a sentence: a longer one is cut before its last special token


@dataclass(frozen=True, eq=False)
class Rows:
    """Sentences as a model reads them.

    ids: the tokens of each. labels (sentences,): which label is right. targets: of each label, what T5 writes for it;
    empty in other families. pad: the id that fills shorter rows up.
    """

    ids: tuple[tuple[int, ...], ...]
    labels: tuple[int, ...]
    targets: tuple[tuple[int, ...], ...]
    pad: int

    def __len__(self) -> int:
        return len(self.ids)

    def longest(self, batch: Sequence[int]) -> int:
        """How many tokens are computed for each of these rows, pads included."""
        return max(len(self.ids[row]) for row in batch)

    @property
    def longest_target(self) -> int:
        """How many tokens of T5's decoder are computed for a label; 0 in other families."""
        return max(map(len, self.targets), default=0)

    def matrix(self, batch: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The ids of these rows and where they are no pads, each (rows, tokens)."""
        return _filled([self.ids[row] for row in batch], self.pad)

    def target_matrix(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What T5 writes for every label, and where that is no pad, each (labels, tokens)."""
        return _filled(self.targets, self.pad)


def read(checkpoint: Checkpoint, task: Task, sentences: Sequence[Labelled]) -> Rows:
    """The sentences as the checkpoint reads them.

    Raises TaskError where T5 cannot tell two labels apart, TextError for text that cannot be tokenized.
    """
    return Rows(
        tuple(ids_of(checkpoint, task.name, labelled.text) for labelled in sentences),
        tuple(labelled.label for labelled in sentences),
        _targets(checkpoint, task) if checkpoint.family == "t5" else (),
        int(checkpoint.config.get("pad_token_id") or 0),
    )


def prefixed(task_name: str, text: str) -> str:
    """What T5 reads of a sentence: the name of the task stands before it."""
    return f"{task_name}: {text}"


def ids_of(checkpoint: Checkpoint, task_name: str, text: str) -> tuple[int, ...]:
    """One sentence with all that this family puts around it."""
    ids = tokenize(checkpoint, prefixed(task_name, text) if checkpoint.family == "t5" else text).ids
    if checkpoint.family == "gpt2":
        return (*ids[: min(MOST_TOKENS, checkpoint.context) - 1], end_of_text(checkpoint))
    return (*ids[: MOST_TOKENS - 1], ids[-1]) if len(ids) > MOST_TOKENS else tuple(ids)


def end_of_text(checkpoint: Checkpoint) -> int:
    """The id of GPT-2's end-of-text token, the last of its vocabulary where the configuration names none."""
    named = checkpoint.config.get("eos_token_id")
    return checkpoint.sizes.vocab - 1 if named is None else int(named)


def batches(rows: int, epochs: int, size: int, seed: int) -> Iterator[tuple[int, ...]]:
    """The rows of every step: in each epoch all of them once, in a new order."""
    import numpy as np

    rng = np.random.default_rng([seed, rows])
    for _epoch in range(epochs):
        order = rng.permutation(rows).tolist()
        yield from (tuple(order[start : start + size]) for start in range(0, rows, size))


def _targets(checkpoint: Checkpoint, task: Task) -> tuple[tuple[int, ...], ...]:
    """What T5 has to write for every label: its tokens and the end."""
    targets = tuple(tuple(tokenize(checkpoint, label).ids) for label in task.labels)
    if len(set(targets)) < len(targets):
        same = next(label for label, ids in zip(task.labels, targets, strict=True) if targets.count(ids) > 1)
        raise TaskError(
            _("{name} writes the label {label} like another one: use a word that it knows.").format(
                name=checkpoint.name, label=same
            )
        )
    return targets


def _filled(rows: Sequence[Sequence[int]], pad: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    import numpy as np

    longest = max(map(len, rows))
    ids, seen = np.full((len(rows), longest), pad, np.int64), np.zeros((len(rows), longest), np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)], seen[place, : len(row)] = row, 1
    return ids, seen
