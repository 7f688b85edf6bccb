"""The vocabulary as vectors, and which of them are nearest to one: by cosine, before any context is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explainers.checkpoints import Checkpoint
from explainers.embeddings.vectors import lengths
from explainers.trace.anatomy import embedding_matrices

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

_TINY = 1e-12


@dataclass(frozen=True, eq=False)
class TokenTable:
    """The token embeddings that have a piece: ids (tokens,), vectors (tokens, d_model), lengths (tokens,).

    Rows that only pad the matrix to a round number are left out. The vectors are the model's own memory: not to be
    written to.
    """

    ids: NDArray[np.int64]
    vectors: Floats
    lengths: Floats


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The tokens nearest to one, nearest first, itself left out.

    ids (count,), cosines (count,). average: the mean cosine to all other tokens of the vocabulary, which a
    near one is to be compared with.
    """

    id: int
    ids: NDArray[np.int64]
    cosines: Floats
    average: float


def token_table(checkpoint: Checkpoint) -> TokenTable:
    """Every token's static embedding: its row of the matrix, the same in every text."""
    import numpy as np

    words, _segments, _positions = embedding_matrices(checkpoint.family, checkpoint.model)
    vectors = words.detach().numpy()
    named = set(checkpoint.tokenizer.get_vocab(with_added_tokens=True).values())
    ids = np.array(sorted(id_ for id_ in named if id_ < len(vectors)), np.int64)
    vectors = vectors[: len(ids)] if np.array_equal(ids, np.arange(len(ids))) else vectors[ids]
    return TokenTable(ids, vectors, lengths(vectors))


def table_rows(table: TokenTable, ids: Sequence[int]) -> list[int]:
    """The row of the table for each id; KeyError for an id that has none."""
    import numpy as np

    rows: list[int] = np.searchsorted(table.ids, np.asarray(ids, np.int64)).tolist()
    for row, id_ in zip(rows, ids, strict=True):
        if row == len(table.ids) or table.ids[row] != id_:
            raise KeyError(id_)
    return rows


def neighbours(table: TokenTable, id_: int, count: int = 12) -> Neighbours:
    """The tokens whose vectors make the smallest angles with that of one; KeyError for an id that is not in the table.

    Of equal ones the lower id comes first.
    """
    import numpy as np

    (at,) = table_rows(table, [id_])
    products = table.vectors @ table.vectors[at]
    found = products / np.maximum(table.lengths * table.lengths[at], _TINY)
    order = np.argsort(-found, kind="stable")
    order = order[order != at][:count]
    others = max(len(table.ids) - 1, 1)
    return Neighbours(
        id=id_,
        ids=table.ids[order],
        cosines=np.clip(found[order], -1, 1),
        average=float((found.sum() - found[at]) / others),
    )
