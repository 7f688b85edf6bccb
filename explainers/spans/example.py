"""One text with gaps, as T5 is trained on it: the encoder's input, the decoder's input and the labels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.spans.corruption import DENSITY, MEAN_LENGTH, random_spans, span_corruption
from explainers.tokenization import Tokenization, tokenize
from explainers.trace import decoder_ids

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# A single gap of fewer tokens than this, or a text of fewer tokens than that, is unlike what T5 was trained on.
SHORT_GAP = 3
SHORT_TEXT = 30


class SpanError(ValueError):
    """A text or a choice of gaps that cannot be made into an example; the message is one sentence."""


class Gap(NamedTuple):
    """One removed run: the tokens [start, end) of the text, what was typed there, and the sentinel in their place."""

    start: int
    end: int
    text: str
    sentinel: int
    piece: str


@dataclass(frozen=True, eq=False)
class Example:
    """A text with gaps. removed (tokens,): which tokens are taken out; the closing </s> never is.

    encoder, decoder, labels: ids, 1-d. decoder: the start token, then the labels without their last, so at step i the
    decoder has read the labels before i and has to write label i.
    label_tokens: for every label the text's token that it is, None for a sentinel and for </s>.
    label_gaps: for every label the gap that it belongs to; </s> counts as one more.
    typed: gaps that the reader typed as sentinels: nobody knows what is missing there, so no label says it.
    """

    tokenization: Tokenization
    removed: NDArray[np.bool_]
    gaps: tuple[Gap, ...]
    encoder: NDArray[np.int64]
    decoder: NDArray[np.int64]
    labels: NDArray[np.int64]
    label_tokens: tuple[int | None, ...]
    label_gaps: tuple[int, ...]
    typed: tuple[Gap, ...] = ()

    @property
    def all_gaps(self) -> tuple[Gap, ...]:
        """Removed and typed gaps in the order of the text."""
        return tuple(sorted((*self.gaps, *self.typed)))


@lru_cache(maxsize=16)
def sentinels(checkpoint: Checkpoint) -> tuple[int, ...]:
    """The ids of <extra_id_0>, <extra_id_1>, …: they descend. Raises SpanError where the vocabulary has none."""
    found: list[int] = []
    while (number := checkpoint.tokenizer.token_to_id(f"<extra_id_{len(found)}>")) is not None:
        found.append(number)
    if not found:
        raise SpanError(_("{name} has no sentinels, so no gap can be marked.").format(name=checkpoint.name))
    return tuple(found)


def drawn(tokens: int, seed: int, density: float = DENSITY, mean_length: float = MEAN_LENGTH) -> tuple[int, ...]:
    """The tokens that one draw of that seed removes from a text of so many tokens, in order."""
    import numpy as np

    mask = random_spans(tokens, np.random.default_rng(seed), density, mean_length)
    return tuple(np.flatnonzero(mask).tolist())


def example(checkpoint: Checkpoint, text: str, removed: Collection[int]) -> Example:
    """The text with these of its tokens taken out, neighbours as one gap.

    Raises SpanError where there are more gaps than sentinels, or where a token is no token of the text.
    """
    import numpy as np

    tokenization = tokenize(checkpoint, text)
    tokens = tokenization.tokens
    end = int(checkpoint.config.get("eos_token_id", 1))
    own = len(tokens) - (1 if tokens and tokens[-1].source is None else 0)
    mask = np.zeros(own, bool)
    if not all(0 <= at < own for at in removed):
        raise SpanError(_("Choose tokens of the text to take out: it has {count}.").format(count=own))
    mask[list(removed)] = True
    marks = sentinels(checkpoint)
    typed = tuple(
        Gap(index, index + 1, "", token.id, token.piece)
        for index, token in enumerate(tokens[:own])
        if token.id in marks and not mask[index]
    )
    free = [mark for mark in marks if mark not in {gap.sentinel for gap in typed}]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(int)))
    runs = edges.reshape(-1, 2).tolist()
    if len(runs) > len(free):
        raise SpanError(
            _("{name} has {count} sentinels left, and there are {gaps} gaps: choose fewer.").format(
                name=checkpoint.name, count=len(free), gaps=len(runs)
            )
        )
    result = span_corruption(np.array(tokenization.ids[:own], np.int64), mask, free, end)
    pieces = [f"<extra_id_{marks.index(mark)}>" for mark in free[: len(runs)]]
    gaps = tuple(
        Gap(start, stop, text[tokens[start].start : tokens[stop - 1].end].strip(), free[k], pieces[k])
        for k, (start, stop) in enumerate(runs)
    )
    origin = [(None if at < 0 else at, k) for k, gap in enumerate(gaps) for at in (-1, *range(gap.start, gap.end))]
    return Example(
        tokenization=tokenization,
        removed=mask,
        gaps=gaps,
        encoder=result.inputs,
        decoder=np.array(decoder_ids(checkpoint, result.labels.tolist()), np.int64),
        labels=result.labels,
        label_tokens=(*(at for at, _gap in origin), None),
        label_gaps=(*(gap for _at, gap in origin), len(gaps)),
        typed=typed,
    )


def lone_gap(example: Example) -> bool:
    """Whether this is one short gap, or one gap in a short text: hardly ever seen in T5's training.

    There a text of 512 tokens loses 77 of them in 26 gaps (`span_counts`); see also issue 166 of T5's repository.
    """
    if len(example.all_gaps) != 1:
        return False
    return int(example.removed.sum()) < SHORT_GAP or len(example.removed) < SHORT_TEXT
