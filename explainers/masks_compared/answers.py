"""The same question to the same weights under any mask: the loss of every asked token, and the likeliest guesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from explainers.trace import AttentionKind, Inputs, Request, run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.checkpoints import Checkpoint

    Masks = Mapping[AttentionKind, NDArray[np.bool_]]

TOP = 5
MOST_HIDDEN = 16  # passes that BERT is asked for, each with one token hidden
_MOST_TOKENS = 5_000  # of all these passes together: a long text is asked at fewer places


@dataclass(frozen=True)
class Question:
    """What a model is asked: rows[i] of its outputs should say truth[i].

    hidden: the id that stands at rows[i] while rows[i] is asked (BERT's [MASK]), one pass a row; None where one pass
    answers all rows at once.
    """

    inputs: Inputs
    rows: tuple[int, ...]
    truth: tuple[int, ...]
    hidden: int | None = None


class Guess(NamedTuple):
    """One entry of the vocabulary, and the probability that the model gives it."""

    id: int
    probability: float


@dataclass(frozen=True)
class Prediction:
    """What one row says: the likeliest tokens, and the true one; None where nobody knows it."""

    guesses: tuple[Guess, ...]
    truth: Guess | None


@dataclass(frozen=True, eq=False)
class Answers:
    """What was asked, and the loss of each true token: -ln p over the whole vocabulary, in nats."""

    question: Question
    losses: NDArray[np.float64]

    @property
    def mean(self) -> float | None:
        """Nats a token; None where nothing was asked."""
        return float(self.losses.mean()) if len(self.losses) else None


def hidden_tokens(ids: Sequence[int], segments: Sequence[int], ordinary: Sequence[int], mask_id: int) -> Question:
    """BERT: each ordinary token hidden once, the others in sight; of a long text some, evenly spread."""
    import numpy as np

    most = min(MOST_HIDDEN, max(4, _MOST_TOKENS // max(len(ids), 1)))
    spread = np.unique(np.linspace(0, len(ordinary) - 1, min(most, len(ordinary))).round().astype(int))
    rows = tuple(int(ordinary[at]) for at in spread)
    inputs = Inputs(encoder=tuple(ids), segments=tuple(segments))
    return Question(inputs, rows, tuple(ids[row] for row in rows), mask_id)


def next_tokens(ids: Sequence[int]) -> Question:
    """GPT-2: every row but the last should say the token after it."""
    return Question(Inputs(decoder=tuple(ids)), tuple(range(max(len(ids) - 1, 0))), tuple(ids[1:]))


def labelled(encoder: Sequence[int], decoder: Sequence[int], labels: Sequence[int]) -> Question:
    """T5: every row of the decoder should say its label."""
    return Question(Inputs(tuple(encoder), tuple(decoder)), tuple(range(len(labels))), tuple(labels))


def after_prefix(question: Question, prefix: int) -> Question:
    """Only what comes after a prefix of so many tokens: within it, a row may see the token that it should say."""
    kept = [at for at, row in enumerate(question.rows) if row + 1 >= prefix]
    return replace(
        question, rows=tuple(question.rows[at] for at in kept), truth=tuple(question.truth[at] for at in kept)
    )


def answers(checkpoint: Checkpoint, question: Question, masks: Masks) -> Answers:
    """The loss of every asked row under these masks (a kind that is missing keeps the model's own).

    Raises TraceError where the checkpoint has no trained head for it.
    """
    import numpy as np

    rows = question.rows
    passes = [rows] if question.hidden is None else [(row,) for row in rows]
    logits = [_log_probabilities(checkpoint, _asked(question, some), masks, some) for some in passes if some]
    own = (row[truth] for row, truth in zip((row for block in logits for row in block), question.truth, strict=True))
    return Answers(question, np.array([-each for each in own], float))


def predict(checkpoint: Checkpoint, inputs: Inputs, row: int, truth: int | None, masks: Masks) -> Prediction:
    """What the model says at one row of its outputs under these masks."""
    import numpy as np

    chances = np.exp(_log_probabilities(checkpoint, inputs, masks, (row,))[0])
    best = np.argsort(-chances, kind="stable")[:TOP]
    return Prediction(
        tuple(Guess(int(number), float(chances[number])) for number in best),
        None if truth is None else Guess(truth, float(chances[truth])),
    )


def leak(checkpoint: Checkpoint, ids: Sequence[int], masks: Masks) -> float:
    """How far GPT-2's predictions before the last token depend on that token: 0 where nothing leaks, 1 at most.

    The last token is replaced by another, and the change of each earlier row is half the sum of its probabilities'
    changes (total variation); the mean over these rows. 0 for fewer than two tokens.
    """
    import numpy as np

    if len(ids) < 2:
        return 0.0
    earlier = range(len(ids) - 1)
    other = (*ids[:-1], (ids[-1] + checkpoint.sizes.vocab // 2) % checkpoint.sizes.vocab)
    first, second = (
        np.exp(_log_probabilities(checkpoint, Inputs(decoder=tuple(given)), masks, earlier)) for given in (ids, other)
    )
    return float(np.abs(first - second).sum(axis=1).mean() / 2)


def _asked(question: Question, rows: Sequence[int]) -> Inputs:
    """The inputs with the asked token hidden, where one is to be hidden."""
    if question.hidden is None:
        return question.inputs
    ids = list(question.inputs.encoder)
    for row in rows:
        ids[row] = question.hidden
    return replace(question.inputs, encoder=tuple(ids))


def _log_probabilities(checkpoint: Checkpoint, inputs: Inputs, masks: Masks, rows: Sequence[int]) -> NDArray[Any]:
    """ln p of the whole vocabulary at these rows, (rows, vocab) in float32; the sums are taken in float64."""
    import numpy as np

    logits = run(checkpoint, inputs, Request(("logits",), masks=masks, logits_at=tuple(rows))).logits
    if logits is None:
        raise AssertionError("logits were asked for")
    result = np.empty_like(logits)
    for row, scores in enumerate(logits.astype(np.float32)):
        shifted = scores.astype(np.float64) - scores.max()
        result[row] = shifted - np.log(np.exp(shifted).sum())
    return result
