"""One token in two texts: the same vector at first, and through the layers two, since each takes in its own words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from explainers.checkpoints import Checkpoint
from explainers.embeddings.vectors import Projection, cosines, principal_components
from explainers.tokenization import Token, Tokenization
from explainers.trace import STACKS, Trace, trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]


class Shared(NamedTuple):
    """A token that stands in both texts: its piece and id, and its first place in each."""

    piece: str
    id: int
    first: int
    second: int


@dataclass(frozen=True, eq=False)
class Contexts:
    """Two texts, each read by itself, with the hidden states of all layers (layers + 1, tokens, d_model) of each.

    Row 0 is what the first layer gets. As in transformers, the last row is after the final norm (GPT-2, T5). T5: of the
    encoder. kept: for each text the indices of its own tokens, template tokens left out. shared: longest text first.
    """

    tokenizations: tuple[Tokenization, Tokenization]
    hidden: tuple[Floats, Floats]
    kept: tuple[tuple[int, ...], tuple[int, ...]]
    shared: tuple[Shared, ...]

    @property
    def layers(self) -> int:
        """How many layers there are, the input not counted."""
        return len(self.hidden[0]) - 1

    def similarity(self, token: Shared) -> Floats:
        """The cosine of the token's two vectors at the input and after each layer: (layers + 1,)."""
        import numpy as np

        return np.array(
            [
                float(cosines(first[token.first][None], second[token.second][None])[0, 0])
                for first, second in zip(*self.hidden, strict=True)
            ]
        )

    def usual_similarity(self) -> Floats:
        """The mean cosine of two different tokens, one of each text: what a cosine of this layer is to be compared
        with, because vectors of a layer tend to point the same way (Ethayarajh 2019): (layers + 1,), nan where all
        are the same.
        """
        import numpy as np

        rows, columns = map(list, self.kept)
        own = [np.take(each.ids, kept).astype(int) for each, kept in zip(self.tokenizations, self.kept, strict=True)]
        differ = own[0][:, None] != own[1][None, :]
        if not differ.any():
            return np.full(self.layers + 1, np.nan)
        return np.array(
            [cosines(first[rows], second[columns])[differ].mean() for first, second in zip(*self.hidden, strict=True)]
        )

    def centred(self) -> Contexts:
        """The same with the mean of all kept tokens of a layer taken from its vectors: what they share is gone."""
        import numpy as np

        kept = [hidden[:, list(own)] for hidden, own in zip(self.hidden, self.kept, strict=True)]
        mean = np.concatenate(kept, axis=1).mean(axis=1, keepdims=True)
        return replace(self, hidden=(self.hidden[0] - mean, self.hidden[1] - mean))

    def picture(self, layer: int) -> Projection:
        """The two texts' own tokens after this layer (0: at the input) on one map, the first text's rows first."""
        import numpy as np

        rows = [hidden[layer][list(kept)] for hidden, kept in zip(self.hidden, self.kept, strict=True)]
        return principal_components(np.concatenate(rows))


def contexts(checkpoint: Checkpoint, first: str, second: str) -> Contexts:
    """Read both texts, each by itself. Raises TextError as `tokenize` does."""
    traces = [_read(checkpoint, text) for text in (first, second)]
    stack = STACKS[checkpoint.family][0]
    tokenizations = tuple(read.tokenization for read in traces if read.tokenization is not None)
    kept = [
        tuple(index for index, token in enumerate(each.tokens) if token.source is not None) for each in tokenizations
    ]
    return Contexts(
        tokenizations=(tokenizations[0], tokenizations[1]),
        hidden=(traces[0].hidden[stack], traces[1].hidden[stack]),
        kept=(kept[0], kept[1]),
        shared=shared_tokens(tokenizations[0], tokenizations[1]),
    )


def shared_tokens(first: Tokenization, second: Tokenization) -> tuple[Shared, ...]:
    """The tokens of text that stand in both, those that stand for the most text first, then in the first's order."""
    places = [_first_places(tokenization) for tokenization in (first, second)]
    found = [
        (len(token.data), Shared(token.piece, id_, at, places[1][id_][0]))
        for id_, (at, token) in places[0].items()
        if id_ in places[1]
    ]
    return tuple(shared for _length, shared in sorted(found, key=lambda pair: (-pair[0], pair[1].first)))


def _first_places(tokenization: Tokenization) -> dict[int, tuple[int, Token]]:
    places: dict[int, tuple[int, Token]] = {}
    for at, token in enumerate(tokenization.tokens):
        if token.source is not None:
            places.setdefault(token.id, (at, token))
    return places


def _read(checkpoint: Checkpoint, text: str) -> Trace:
    return trace(checkpoint, text, keep=("hidden",), encoder_only=checkpoint.family == "t5")
