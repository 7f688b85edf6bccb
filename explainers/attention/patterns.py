"""The classic things that a head can do, as targets: for each query, the keys that a head of this kind looks at.

Previous token, next token, delimiter: Clark et al. 2019 ("What does BERT look at?", section 3); the first token as a
place to rest: Xiao et al. 2023; induction: Elhage et al. 2021, Olsson et al. 2022. What a head is worth is its share of
attention on the targets, beside what a head would have that looks everywhere alike: only together they mean something.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from explainers.checkpoints import Checkpoint
from explainers.tokenization.reading import read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]
    Mask = NDArray[np.bool_]

PatternName = Literal[
    "previous token",
    "next token",
    "itself",
    "first token",
    "delimiter",
    "punctuation",
    "same word",
    "induction",
    "own sentinel",
    "beside the sentinel",
    "copied token",
]
PATTERNS: tuple[PatternName, ...] = get_args(PatternName)

# A pattern counts as formed where a head has at least this part of the way from uniform attention (0) to all (1).
FORMED = 0.25

_DELIMITERS = {"[SEP]", "</s>"}
_PUNCTUATION = set(".,;:!?")


@dataclass(frozen=True, eq=False)
class Roles:
    """What the tokens of one sequence are; every array (tokens,).

    ordinary: from the text, no special token and no sentinel. delimiter: [SEP] or </s>. punctuation: . , ; : ! ?
    word: has a letter. sentinel: T5's.
    """

    ids: NDArray[np.int64]
    ordinary: Mask
    delimiter: Mask
    punctuation: Mask
    word: Mask
    sentinel: Mask


@dataclass(frozen=True, eq=False)
class PatternSum:
    """How much the heads look at a pattern's targets, summed over the queries that have one; sums can be added.

    looked (layers, heads): attention on targets. expected: what attention to all allowed keys alike would give.
    """

    looked: Floats
    expected: float
    queries: int

    def __add__(self, other: PatternSum) -> PatternSum:
        """Of both texts together."""
        return PatternSum(self.looked + other.looked, self.expected + other.expected, self.queries + other.queries)

    @property
    def score(self) -> Floats:
        """The mean share of attention on the targets (layers, heads), 0 to 1."""
        return self.looked / max(self.queries, 1)

    @property
    def baseline(self) -> float:
        """The share that attention to all allowed keys alike would have there."""
        return self.expected / max(self.queries, 1)

    @property
    def strength(self) -> Floats:
        """How far each head has come from uniform attention (0) to attention on targets only (1); (layers, heads)."""
        strengths: Floats = strength(self.score, self.baseline)
        return strengths


def strength(score: Any, baseline: float) -> Any:
    """The part of the way from the baseline to 1 that a score is at; below 0 where a head looks away."""
    return (score - baseline) / (1 - baseline) if baseline < 1 else score * 0.0


def roles(checkpoint: Checkpoint, ids: Sequence[int]) -> Roles:
    """What each token of a sequence is, by the checkpoint's own vocabulary."""
    import numpy as np

    pieces = [read(checkpoint).pieces[number] for number in ids]
    texts = [piece.data.decode(errors="replace").strip() for piece in pieces]

    def flags(values: Iterator[bool]) -> Mask:
        return np.fromiter(values, np.bool_, len(pieces))

    return Roles(
        ids=np.array(ids, np.int64),
        ordinary=flags(piece.kind not in ("special", "sentinel") for piece in pieces),
        delimiter=flags(piece.piece in _DELIMITERS for piece in pieces),
        punctuation=flags(bool(text) and _PUNCTUATION.issuperset(text) for text in texts),
        word=flags(any(letter.isalpha() for letter in text) for text in texts),
        sentinel=flags(piece.kind == "sentinel" for piece in pieces),
    )


def self_targets(tokens: Roles, allowed: Mask) -> dict[PatternName, Mask]:
    """The targets (queries, keys) of every pattern within one sequence; a query without any has a row of False.

    Queries are ordinary tokens. "first token" is left out where that is the query's neighbour or itself, "punctuation"
    where the query is punctuation. allowed (queries, keys): what the model's mask lets a query see.
    """
    import numpy as np

    count = len(tokens.ids)
    here = np.eye(count, dtype=np.bool_)
    ordinary = np.broadcast_to(tokens.ordinary, here.shape)
    last_sentinel = np.maximum.accumulate(np.where(tokens.sentinel, np.arange(count), -1))
    same = (tokens.ids[:, None] == tokens.ids[None, :]) & tokens.word
    targets: dict[PatternName, Mask] = {
        "previous token": np.eye(count, k=-1, dtype=np.bool_) & ordinary,
        "next token": np.eye(count, k=1, dtype=np.bool_) & ordinary,
        "itself": here,
        "first token": (np.arange(count) == 0) & (np.arange(count)[:, None] >= 2),
        "delimiter": np.broadcast_to(tokens.delimiter, here.shape),
        "punctuation": tokens.punctuation & ~tokens.punctuation[:, None],
        "same word": same & ~here,
        "own sentinel": np.arange(count) == last_sentinel[:, None],
    }
    return {name: mask & tokens.ordinary[:, None] & allowed for name, mask in targets.items()}


def cross_targets(decoder: Roles, encoder: Roles) -> dict[PatternName, Mask]:
    """The targets (decoder tokens, encoder tokens) of T5's cross-attention when it fills the gaps of a text.

    "own sentinel": from a span, its sentinel included, to the sentinel that stands in the text in its place; "beside
    the sentinel": to the ordinary tokens on either side of it. "copied token": from a word to the same word there.
    """
    import numpy as np

    queries = np.arange(len(decoder.ids))
    last = np.maximum.accumulate(np.where(decoder.sentinel, queries, -1))
    own = np.where(last >= 0, decoder.ids[last], -1) if len(queries) else decoder.ids
    sentinel = (own[:, None] == encoder.ids[None, :]) & encoder.sentinel
    beside = np.zeros_like(sentinel)
    beside[:, 1:] |= sentinel[:, :-1]
    beside[:, :-1] |= sentinel[:, 1:]
    return {
        "own sentinel": sentinel,
        "beside the sentinel": beside & encoder.ordinary,
        "copied token": (decoder.ids[:, None] == encoder.ids[None, :]) & (decoder.ordinary & decoder.word)[:, None],
    }


def induction_targets(ids: Sequence[int], allowed: Mask) -> Mask:
    """From each token to the token that came after the same one, earlier: what induction heads read on from."""
    import numpy as np

    numbers = np.array(ids, np.int64)
    targets = np.zeros(allowed.shape, np.bool_)
    targets[:, 1:] = numbers[:, None] == numbers[None, :-1]
    return np.tril(targets, -1) & allowed


def pattern_sum(weights: Floats, targets: Mask, allowed: Mask) -> PatternSum:
    """Every head's attention on the targets; weights (layers, heads, queries, keys), the masks (queries, keys)."""
    import numpy as np

    rows = targets.any(axis=1)
    looked = np.einsum("lhqk,qk->lh", weights[:, :, rows], targets[rows].astype(weights.dtype), dtype=np.float64)
    expected = targets[rows].sum(axis=1) / allowed[rows].sum(axis=1)
    return PatternSum(looked, float(expected.sum()), int(rows.sum()))
