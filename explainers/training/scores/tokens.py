"""What scores need to know of a vocabulary: its size, the ids of special tokens, and the bytes of every piece."""

from __future__ import annotations

import numpy as np

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.tokenization.reading import read
from explainers.training.scores.ngrams import Ids


class ScoreError(ValueError):
    """A text or a model that cannot be scored; the message is one sentence that says what to do."""


def vocabulary_size(checkpoint: Checkpoint) -> int:
    """One more than the highest id that the tokenizer can give."""
    return 1 + max(checkpoint.tokenizer.get_vocab().values())


def token_id(checkpoint: Checkpoint, token: str) -> int:
    """The id of a special token. Raises ScoreError where the tokenizer lacks it."""
    found: int | None = checkpoint.tokenizer.token_to_id(token)
    if found is None:
        raise ScoreError(
            _("{name} cannot be scored: its tokenizer has no {token}.").format(name=checkpoint.name, token=token)
        )
    return found


def byte_sizes(checkpoint: Checkpoint) -> Ids:
    """How many bytes of text each id stands for, (vocab,); 0 for special tokens."""
    pieces = read(checkpoint).pieces
    return np.array([len(pieces[id_].data) for id_ in range(vocabulary_size(checkpoint))], np.int64)
