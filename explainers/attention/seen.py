"""Which of a model's known patterns one text has anything for, and how clearly its heads show them there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainers.attention.patterns import PatternName, cross_targets, induction_targets, roles, self_targets
from explainers.attention.strongest import StrongestHead
from explainers.checkpoints import Checkpoint
from explainers.trace import AXES, AttentionKind, Trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

_LONG = 4  # letters: of shorter words most are "the" or "and"
_UNKNOWN = ("[UNK]", "<unk>")


@dataclass(frozen=True)
class SeenPattern:
    """A pattern's best head on one text.

    queries: how many tokens have a target here. share: what of their attention goes to the targets, on average, 0 to 1.
    keys: how many different tokens they look at most; where it is 1, the picture is a fan and not a pattern.
    """

    head: StrongestHead
    queries: int
    share: float
    keys: int

    @property
    def clear(self) -> float:
        """How well the picture shows the pattern: the share, once for each different token that is looked at."""
        return self.share * self.keys


def seen_patterns(
    checkpoint: Checkpoint, trace: Trace, kind: AttentionKind, known: Iterable[StrongestHead]
) -> list[SeenPattern]:
    """The known patterns of one kind of attention that have a target in a text; trace: of it, with attentions."""
    targets = _targets(checkpoint, trace, kind)
    found = []
    for head in known:
        rows = targets[head.pattern].any(axis=1) if head.kind == kind and head.pattern in targets else None
        if rows is None or not rows.any():
            continue
        weights = trace.attentions[kind][head.layer, head.head][rows]
        share = (weights.astype("float64") * targets[head.pattern][rows]).sum() / rows.sum()
        found.append(SeenPattern(head, int(rows.sum()), float(share), len(set(weights.argmax(axis=1).tolist()))))
    return found


def content_words(checkpoint: Checkpoint, ids: Sequence[int], letters: int = _LONG) -> list[int]:
    """The places of the tokens that begin a word and are long enough to say something: so many letters, or else one.

    A part of a word that another token has begun is none of them, nor is [UNK].
    """
    from explainers.tokenization.reading import read

    words = roles(checkpoint, ids)
    pieces = [read(checkpoint).pieces[number] for number in ids]
    begins = [
        at
        for at, piece in enumerate(pieces)
        if words.ordinary[at] and words.word[at] and not piece.piece.startswith("##") and piece.piece not in _UNKNOWN
    ]
    long = [at for at in begins if len(pieces[at].data.decode(errors="ignore").strip()) >= letters]
    return long or begins


def _targets(checkpoint: Checkpoint, trace: Trace, kind: AttentionKind) -> dict[PatternName, Mask]:
    import numpy as np

    queries, keys = (trace.ids[stack].tolist() for stack in AXES[kind])
    if kind == "cross":
        return cross_targets(roles(checkpoint, queries), roles(checkpoint, keys))
    allowed = np.ones((len(queries), len(keys)), np.bool_)
    if kind == "decoder":
        allowed = np.tril(allowed)
    return {
        **self_targets(roles(checkpoint, queries), allowed),
        "induction": induction_targets(queries, allowed),
    }
