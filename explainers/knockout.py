"""Knocking out attention heads: what the model predicts with all of its heads, and without some of them.

A head whose output is zero says nothing to the layers after it. Michel et al. 2019 ("Are sixteen heads really better
than one?") take heads out this way, and find that many can go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.trace import AttentionKind, TraceError, trace
from explainers.trace.request import layers_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

HeadPlace = tuple[AttentionKind, int, int]
Stop = Callable[[], bool]

TOP = 5


@dataclass(frozen=True, eq=False)
class Effect:
    """The prediction at one place, with all heads and without some.

    true_id: the token that stands there in the text; None where the text has ended. ids: the likeliest tokens before
    and after, and the true one, the likeliest before first. before, after (ids,): their probabilities, over the whole
    vocabulary.
    """

    true_id: int | None
    ids: tuple[int, ...]
    before: Floats
    after: Floats

    @property
    def watched(self) -> int:
        """Where in ids the true token stands, or, where none is true, the likeliest."""
        return 0 if self.true_id is None else self.ids.index(self.true_id)


def effect(before: Floats, after: Floats, true_id: int | None) -> Effect:
    """What becomes of one prediction (vocab,), as `probabilities` gives it, when some heads are silent."""
    likely = {int(number) for row in (before, after) for number in (-row).argsort()[:TOP]}
    if true_id is not None:
        likely.add(true_id)
    ids = sorted(likely, key=lambda number: -before[number])
    return Effect(true_id=true_id, ids=tuple(ids), before=before[ids], after=after[ids])


def every_head(
    checkpoint: Checkpoint,
    text: str,
    pair: str | None,
    target: str | None,
    at: int,
    kind: AttentionKind,
    *,
    stop: Stop | None = None,
) -> Floats:
    """By what factor the probability of the true token changes without each single head (layers, heads).

    Where no token is true, because the text has ended, the likeliest one is watched. stop: asked between layers.
    """
    import numpy as np

    before, true_id = probabilities(checkpoint, text, pair, target, at, (), stop=stop)
    watched = int(before.argmax()) if true_id is None else true_id
    factors = np.ones((layers_of(checkpoint.sizes, kind), checkpoint.sizes.heads))
    for layer in range(len(factors)):
        for head in range(checkpoint.sizes.heads):
            after, _true = probabilities(checkpoint, text, pair, target, at, [(kind, layer, head)], stop=stop)
            factors[layer, head] = after[watched] / max(before[watched], np.finfo(np.float64).tiny)
    return factors


def head_count(checkpoint: Checkpoint, kind: AttentionKind) -> int:
    """How many heads of this kind there are in all layers."""
    return layers_of(checkpoint.sizes, kind) * checkpoint.sizes.heads


def probabilities(
    checkpoint: Checkpoint,
    text: str,
    pair: str | None,
    target: str | None,
    at: int,
    heads: Sequence[HeadPlace],
    *,
    stop: Stop | None = None,
) -> tuple[Floats, int | None]:
    """The distribution over the vocabulary (vocab,) at one place without these heads, and the true token's id.

    at: in BERT the token that is hidden and guessed, in GPT-2 the token whose successor is predicted, in T5 the place
    in the target. stop: asked between layers. Raises TraceError where the model has no trained head, or no such place.
    """
    import numpy as np

    bert = checkpoint.family == "bert"
    found = trace(
        checkpoint,
        text,
        pair,
        target=target,
        masked=(at,) if bert else (),
        keep=("logits",),
        knocked_out=heads,
        logits_at=[at],
        stop=stop,
    )
    told = found.target if checkpoint.family == "t5" else found.tokenization
    if found.logits is None or told is None:
        raise TraceError(_("There is no token to predict."))
    place = at + 1 if checkpoint.family == "gpt2" else at
    true_id = told.ids[place] if place < len(told.ids) else None
    row = found.logits[0].astype(np.float64)
    raised = np.exp(row - row.max())
    return raised / raised.sum(), true_id
