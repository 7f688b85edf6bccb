"""What the model says at the chosen tokens: probabilities over the whole vocabulary, the true token's rank and loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from explainers.trace import Inputs, Request, run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from explainers.checkpoints import Checkpoint
    from explainers.tokenization import Tokenization

TOP = 20


class Guess(NamedTuple):
    """One entry of the vocabulary, and the probability that the model gives it."""

    id: int
    piece: str
    probability: float


@dataclass(frozen=True, eq=False)
class Predictions:
    """One forward pass, read at some positions; every array has a row for each of them, in their order.

    true_ids: the tokens of the text; -1 where none is known, because somebody typed [MASK].
    top_ids, top_probabilities (positions, top): the likeliest tokens, the best first.
    probabilities, losses, ranks (positions,): of the true token: p, -ln p in nats, and 1 + the number of tokens that
    are likelier; nan, nan and 0 where none is known.
    hidden (positions, d_model): what the head got, the last layer's vectors.
    """

    positions: tuple[int, ...]
    pieces: tuple[tuple[str, ...], ...]
    true_ids: NDArray[np.int64]
    top_ids: NDArray[np.int64]
    top_probabilities: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    losses: NDArray[np.float64]
    ranks: NDArray[np.int64]
    hidden: NDArray[np.float32]

    @property
    def mean_loss(self) -> float | None:
        """The masked LM's loss as training sees it: the mean over all chosen tokens whose truth is known, in nats."""
        return self.mean_loss_at(self.positions)

    def mean_loss_at(self, positions: Sequence[int]) -> float | None:
        """The mean loss over some of the positions; None where no truth is known at any."""
        import numpy as np

        wanted = self.losses[np.isin(self.positions, list(positions)) & (self.true_ids >= 0)]
        return float(wanted.mean()) if len(wanted) else None

    def guesses(self, row: int) -> list[Guess]:
        """The likeliest tokens at the row-th position."""
        return [
            Guess(int(number), piece, float(probability))
            for number, piece, probability in zip(
                self.top_ids[row], self.pieces[row], self.top_probabilities[row], strict=True
            )
        ]


def predict(
    checkpoint: Checkpoint, tokenization: Tokenization, ids: Sequence[int], positions: Sequence[int]
) -> Predictions:
    """Run the model once on the corrupted ids and read its masked-LM head at these positions.

    ids (tokens,): in place of the text's own, which are the truth; a truth of [MASK] counts as unknown. Raises
    TraceError where the masked-LM head was not trained.
    """
    import numpy as np

    inputs = Inputs(encoder=list(ids), segments=[token.segment for token in tokenization.tokens])
    request = Request(keep=("logits", "hidden"), logits_at=tuple(positions))
    trace = run(checkpoint, inputs, request, tokenization)
    scores = np.zeros((0, checkpoint.sizes.vocab)) if trace.logits is None else trace.logits.astype(np.float64)
    truth = np.array([tokenization.ids[at] for at in positions], np.int64)
    known = truth != checkpoint.tokenizer.token_to_id("[MASK]")
    log_probabilities = scores - scores.max(1, keepdims=True, initial=-np.inf)
    log_probabilities -= np.log(np.exp(log_probabilities).sum(1, keepdims=True))
    own = np.take_along_axis(log_probabilities, truth[:, None], 1)[:, 0]
    top = _likeliest(log_probabilities, TOP)
    name = checkpoint.tokenizer.id_to_token
    return Predictions(
        positions=tuple(positions),
        pieces=tuple(tuple(name(int(number)) or "" for number in row) for row in top),
        true_ids=np.where(known, truth, -1),
        top_ids=top,
        top_probabilities=np.exp(np.take_along_axis(log_probabilities, top, 1)),
        probabilities=np.where(known, np.exp(own), np.nan),
        losses=np.where(known, -own, np.nan),
        ranks=np.where(known, 1 + (log_probabilities > own[:, None]).sum(1), 0),
        hidden=np.array(trace.hidden["encoder"][-1][list(positions)], np.float32),
    )


def blind_loss(vocab: int) -> float:
    """The loss in nats of a model that finds every token of the vocabulary equally likely: ln of their number."""
    return math.log(vocab)


def _likeliest(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The ids of the `count` highest scores of each row, the highest first, the lower id first among equals."""
    import numpy as np

    some = np.sort(np.argpartition(-scores, min(count, scores.shape[1] - 1), axis=1)[:, :count], axis=1)
    order = np.argsort(-np.take_along_axis(scores, some, 1), axis=1, kind="stable")
    return np.take_along_axis(some, order, 1)
