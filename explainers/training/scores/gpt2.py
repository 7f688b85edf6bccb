"""GPT-2's scores: what a text costs in bits, and how often the next token was expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.training.encoded import Encoded
from explainers.training.scores.baselines import Baselines
from explainers.training.scores.guesses import MODEL, bits_per_byte, by_logits, joined, top_scores
from explainers.training.scores.intervals import Score
from explainers.training.scores.ngrams import Ids, after_documents
from explainers.training.scores.tokens import byte_sizes, token_id
from explainers.training.scores.windows import spread
from explainers.training.vocabularies import END_OF_TEXT

CONTEXT = 512
_ROWS = 4


class Stride(NamedTuple):
    """A window over the stream: it reads the tokens from start on, and those of [first, end) are scored by it."""

    start: int
    first: int
    end: int


def context(checkpoint: Checkpoint) -> int:
    """How many tokens a window reads: 512, fewer where the model reads fewer."""
    return min(CONTEXT, checkpoint.context)


def strides(tokens: int, context: int) -> Iterator[Stride]:
    """Windows that score each of the tokens 1 .. tokens - 1 once, half a window further each time: all but the first
    half window's have at least context / 2 tokens before them.
    """
    first, start = 1, 0
    while first < tokens:
        end = min(start + context + 1, tokens)
        yield Stride(start, first, end)
        first, start = end, start + context // 2


def next_tokens(
    checkpoint: Checkpoint, texts: Sequence[Encoded], baselines: Baselines | None, most: int
) -> list[Score]:
    """Bits per byte and ranks of every token of the text, in windows of 512 moved by 256, of which at most `most` are
    computed. The documents follow each other, an <|endoftext|> before each; the ends themselves are not scored.

    The bytes are those of the text: what the tokens of any byte-level vocabulary stand for, so that models with
    different vocabularies compare.
    """
    end = token_id(checkpoint, END_OF_TEXT)
    stream = np.concatenate([[end], *(text.ids for text in texts)]).astype(np.int64)
    sizes = byte_sizes(checkpoint)[stream]
    windows = spread(list(strides(len(stream), context(checkpoint))), most)
    scored = [window.first + np.flatnonzero(sizes[window.first : window.end]) for window in windows]
    places = np.concatenate(scored)
    guesses = {MODEL: joined([by_logits(*batch) for batch in _batches(checkpoint, stream, windows, scored)])}
    if baselines:
        left = np.concatenate([after_documents(text, baselines.forward.start) for text in texts])
        guesses |= baselines.guesses(stream[places], left[places - 1])
    clusters = np.repeat(np.arange(len(windows)), [len(some) for some in scored])
    names = (_("next token is the first guess"), _("next token is among the first five guesses"))
    return [
        bits_per_byte("bits_per_byte", _("bits per byte"), guesses, sizes[places], clusters),
        *top_scores("next", names, guesses, clusters),
    ]


def _batches(
    checkpoint: Checkpoint, stream: Ids, windows: Sequence[Stride], scored: Sequence[Ids]
) -> Iterator[tuple[torch.Tensor, Ids]]:
    """The model's scores (places, vocab) and the right ids at the scored places of a few windows at a time."""
    model: Any = checkpoint.model
    for low in range(0, len(windows), _ROWS):
        rows = windows[low : low + _ROWS]
        width = max(window.end - window.start for window in rows) - 1
        ids = np.zeros((len(rows), width), np.int64)
        for row, window in enumerate(rows):
            ids[row, : window.end - window.start - 1] = stream[window.start : window.end - 1]
        places = scored[low : low + len(rows)]
        which = np.repeat(np.arange(len(rows)), [len(some) for some in places])
        column = np.concatenate([some - 1 - window.start for some, window in zip(places, rows, strict=True)])
        hidden = model.transformer(torch.from_numpy(ids), use_cache=False).last_hidden_state
        yield model.lm_head(hidden[which, column]), stream[np.concatenate(places)]
