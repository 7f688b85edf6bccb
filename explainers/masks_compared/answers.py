"""The same question to the same weights under any mask: the loss of every asked token, and the likeliest guesses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from explainers.trace import AttentionKind, Inputs, Request, batch_logits, run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.checkpoints import Checkpoint

    Masks = Mapping[AttentionKind, NDArray[np.bool_]]

Stop = Callable[[], bool]

TOP = 5
MOST_HIDDEN = 16  # places that BERT is asked at, each with its token hidden
_MOST_TOKENS = 5_000  # read for all these places together: a long text is asked at fewer
_TOKENS_A_PASS = 512  # short texts are read several at once, each with another token hidden


@dataclass(frozen=True)
class Question:
    """What a model is asked: rows[i] of its outputs should say truth[i].

    hidden: the id that stands at rows[i] while rows[i] is asked (BERT's [MASK]), a reading of its own for every row;
    None where one reading answers all rows.
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


def passes(question: Question) -> list[tuple[int, ...]]:
    """The rows that each forward pass answers: all of them, or, where a token is hidden for each, as many as fit."""
    rows = question.rows
    if not rows:
        return []
    together = max(1, _TOKENS_A_PASS // max(1, len(question.inputs.encoder)))
    size = len(rows) if question.hidden is None else together
    return [rows[at : at + size] for at in range(0, len(rows), size)]


def answers(checkpoint: Checkpoint, question: Question, masks: Masks, *, stop: Stop | None = None) -> Answers:
    """The loss of every asked row under these masks (a kind that is missing keeps the model's own).

    stop: asked between layers, as in Request. Raises TraceError where the checkpoint has no trained head for it.
    """
    import numpy as np

    losses: list[float] = []
    for rows in passes(question):
        if question.hidden is None:
            logits = _logits(checkpoint, question.inputs, masks, rows, stop)
        else:
            readings = [_hiding(question, row) for row in rows]
            logits = batch_logits(checkpoint, readings, rows, Request(("logits",), masks=masks, stop=stop))
        truths = question.truth[len(losses) : len(losses) + len(rows)]
        losses += [-float(_log_softmax(row)[truth]) for row, truth in zip(logits, truths, strict=True)]
    return Answers(question, np.array(losses, float))


def predict(
    checkpoint: Checkpoint,
    inputs: Inputs,
    row: int,
    truth: int | None,
    masks: Masks,
    *,
    stop: Stop | None = None,
) -> Prediction:
    """What the model says at one row of its outputs under these masks. stop: asked between layers."""
    import numpy as np

    chances = np.exp(_log_softmax(_logits(checkpoint, inputs, masks, (row,), stop)[0]))
    best = np.argsort(-chances, kind="stable")[:TOP]
    return Prediction(
        tuple(Guess(int(number), float(chances[number])) for number in best),
        None if truth is None else Guess(truth, float(chances[truth])),
    )


def leak(checkpoint: Checkpoint, ids: Sequence[int], masks: Masks, *, stop: Stop | None = None) -> float:
    """How far GPT-2's predictions before the last token depend on that token: 0 where nothing leaks, 1 at most.

    The last token is replaced by another, and the change of each earlier row is half the sum of its probabilities'
    changes (total variation); the mean over these rows. 0 for fewer than two tokens. stop: asked between layers.
    """
    import numpy as np

    if len(ids) < 2:
        return 0.0
    earlier = range(len(ids) - 1)
    other = (*ids[:-1], (ids[-1] + checkpoint.sizes.vocab // 2) % checkpoint.sizes.vocab)
    first, second = (_logits(checkpoint, Inputs(decoder=tuple(given)), masks, earlier, stop) for given in (ids, other))
    changes = [  # a row at a time: all rows at once would be many copies of the vocabulary
        np.abs(np.exp(_log_softmax(one)) - np.exp(_log_softmax(two))).sum() / 2
        for one, two in zip(first, second, strict=True)
    ]
    return float(np.mean(changes))


def _hiding(question: Question, row: int) -> Inputs:
    """The inputs with the token of one row hidden."""
    ids = list(question.inputs.encoder)
    assert question.hidden is not None  # noqa: S101 - it is asked for by hiding
    ids[row] = question.hidden
    return replace(question.inputs, encoder=tuple(ids))


def _logits(
    checkpoint: Checkpoint, inputs: Inputs, masks: Masks, rows: Sequence[int], stop: Stop | None
) -> NDArray[Any]:
    """The model's scores of the whole vocabulary at these rows (rows, vocab)."""
    logits = run(checkpoint, inputs, Request(("logits",), masks=masks, logits_at=tuple(rows), stop=stop)).logits
    if logits is None:
        raise AssertionError("logits were asked for")
    return logits


def _log_softmax(scores: NDArray[Any]) -> NDArray[np.float64]:
    """ln p of one row's scores (vocab,)."""
    import numpy as np

    shifted = scores.astype(np.float64) - scores.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
