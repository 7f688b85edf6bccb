"""How T5 fills gaps: token by token, greedy or drawn, each with its probability over the whole vocabulary."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from explainers.checkpoints import Checkpoint
from explainers.spans.example import Example, sentinels
from explainers.trace import Inputs, Request, run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BEST = 10
LONGEST = 128


class Guess(NamedTuple):
    """One token that could come next, and its probability over the whole vocabulary."""

    id: int
    piece: str
    probability: float


class Step(NamedTuple):
    """One written (or expected) token: its probability, its rank (1 = the likeliest), and the likeliest tokens."""

    id: int
    piece: str
    probability: float
    rank: int
    best: tuple[Guess, ...]


class Filling(NamedTuple):
    """What was written after one sentinel: its id (None before any), and the steps [start, end) after it."""

    sentinel: int | None
    start: int
    end: int


@dataclass(frozen=True)
class Writing:
    """All that the model wrote for one input. finished: it wrote </s> by itself, else it was stopped.

    fillings: one for every sentinel that it wrote, in its order; a weak model may repeat or skip some.
    texts: what stands in each filling, as text.
    """

    steps: tuple[Step, ...]
    finished: bool
    fillings: tuple[Filling, ...]
    texts: tuple[str, ...]

    def probability(self, filling: Filling) -> float:
        """The probability of the whole filling: the product over its tokens, given all that was written before."""
        product = 1.0
        for step in self.steps[filling.start : filling.end]:
            product *= step.probability
        return product

    @cached_property
    def by_sentinel(self) -> dict[int, int]:
        """For every sentinel's id the index of the first filling that stands after it."""
        found: dict[int, int] = {}
        for index, filling in enumerate(self.fillings):
            if filling.sentinel is not None:
                found.setdefault(filling.sentinel, index)
        return found


def write(
    checkpoint: Checkpoint,
    inputs: Sequence[Sequence[int]],
    *,
    limit: int,
    temperature: float = 0.0,
    seed: int = 0,
    only: Sequence[int] = (),
) -> tuple[Writing, ...]:
    """What the model writes for each encoder input, all at once, at most `limit` tokens each.

    only: a sentinel for each input; it ends when the filling of that one is over, with the next sentinel.
    temperature 0 takes the likeliest token (what `model.generate` gives without sampling); above 0 a token is drawn
    from softmax(logits / temperature), with one stream of random numbers an input, made from seed and its place. The
    probabilities told are the model's own, at temperature 1.
    """
    import numpy as np

    end = int(checkpoint.config.get("eos_token_id", 1))
    streams = [np.random.default_rng([seed, row]) for row in range(len(inputs))]
    steps: list[list[Step]] = [[] for _row in inputs]
    done = [limit <= 0] * len(inputs)
    marks = set(sentinels(checkpoint))
    decoder = _Decoder(checkpoint, inputs)
    last = [decoder.start] * len(inputs)
    while not all(done):
        logits = decoder.next_logits(last)
        probabilities = softmax(logits)
        for row, stream in enumerate(streams):
            if done[row]:
                last[row] = decoder.pad
                continue
            last[row] = _pick(logits[row], temperature, stream)
            steps[row].append(_step(checkpoint, probabilities[row], last[row]))
            answered = bool(only) and last[row] in marks and any(step.id == only[row] for step in steps[row][:-1])
            done[row] = last[row] == end or answered or len(steps[row]) >= limit
    return tuple(_writing(checkpoint, row, end) for row in steps)


def taught(checkpoint: Checkpoint, example: Example) -> tuple[Step, ...]:
    """Every label's probability when the decoder is given the true labels before it, as in training.

    The mean of -ln(probability) over the labels, sentinels and </s> among them, is the loss in nats.
    """
    encoder, decoder = example.encoder.tolist(), example.decoder.tolist()
    trace = run(checkpoint, Inputs(encoder=encoder, decoder=decoder), Request(keep=("logits",)))
    assert trace.logits is not None  # noqa: S101 - it was asked for
    probabilities = softmax(trace.logits)
    return tuple(
        _step(checkpoint, row, label) for row, label in zip(probabilities, example.labels.tolist(), strict=True)
    )


def softmax(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Probabilities along the last axis, in float64."""
    import numpy as np

    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


class _Decoder:
    """The encoder's output of a padded batch, and the decoder one token at a time with the keys and values kept."""

    def __init__(self, checkpoint: Checkpoint, inputs: Sequence[Sequence[int]]) -> None:
        import torch

        config = checkpoint.config
        self.pad = int(config.get("pad_token_id", 0))
        self.start = int(config.get("decoder_start_token_id", self.pad))
        model: Any = checkpoint.model
        self._model = model
        longest = max(map(len, inputs), default=0)
        rows = [[*row, *[self.pad] * (longest - len(row))] for row in inputs]
        seen = [[1] * len(row) + [0] * (longest - len(row)) for row in inputs]
        self._mask = torch.tensor(seen)
        self._past: Any = None
        with torch.inference_mode():
            self._read = model.encoder(torch.tensor(rows), attention_mask=self._mask)

    def next_logits(self, last: Sequence[int]) -> NDArray[np.float32]:
        """The logits (rows, vocab) of the token after these."""
        import torch

        with torch.inference_mode():
            result = self._model(
                encoder_outputs=self._read,
                attention_mask=self._mask,
                decoder_input_ids=torch.tensor(last)[:, None],
                cache=self._past,
                use_cache=True,
            )
        self._past = result.cache
        logits: NDArray[np.float32] = result.logits[:, -1].numpy()
        return logits


def _pick(logits: NDArray[np.float32], temperature: float, stream: np.random.Generator) -> int:
    """The likeliest token, or the one under a random point of the cumulative distribution."""
    import numpy as np

    if temperature <= 0:
        return int(logits.argmax())
    cumulative = np.cumsum(softmax(logits / temperature))
    at = np.searchsorted(cumulative, stream.random() * cumulative[-1], side="right")
    return int(min(at, len(logits) - 1))


def _step(checkpoint: Checkpoint, probabilities: NDArray[np.float64], token: int) -> Step:
    import numpy as np

    count = min(BEST, len(probabilities))
    best = np.argpartition(-probabilities, count - 1)[:count]
    best = best[np.argsort(-probabilities[best], kind="stable")]
    chance = float(probabilities[token])
    return Step(
        id=token,
        piece=_piece(checkpoint, token),
        probability=chance,
        rank=1 + int((probabilities > chance).sum()),
        best=tuple(Guess(int(at), _piece(checkpoint, int(at)), float(probabilities[at])) for at in best),
    )


def _piece(checkpoint: Checkpoint, token: int) -> str:
    """The vocabulary's piece; "" for rows of the matrix that no token has."""
    return checkpoint.tokenizer.id_to_token(token) or ""


def _writing(checkpoint: Checkpoint, steps: Sequence[Step], end: int) -> Writing:
    """The steps, cut at the sentinels among them."""
    marks = set(sentinels(checkpoint))
    finished = bool(steps) and steps[-1].id == end
    length = len(steps) - finished
    edges = [*(at for at in range(length) if steps[at].id in marks), length]
    fillings = [Filling(None, 0, edges[0])] if edges[0] > 0 else []
    fillings += [Filling(steps[at].id, at + 1, following) for at, following in pairwise(edges)]
    texts = tuple(
        checkpoint.tokenizer.decode([step.id for step in steps[part.start : part.end]], skip_special_tokens=True)
        for part in fillings
    )
    return Writing(tuple(steps), finished, tuple(fillings), texts)


def mean_loss(steps: Sequence[Step]) -> float:
    """The mean of -ln(probability) over the steps, in nats; 0 where there is none."""
    return sum(-math.log(max(step.probability, 1e-300)) for step in steps) / max(len(steps), 1)


def filled(example: Example, writing: Writing) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, each with whether the model wrote it: "" where it wrote nothing for a gap."""
    text, tokens, at = example.tokenization.text, example.tokenization.tokens, 0
    parts: list[tuple[str, bool]] = []
    for gap in example.all_gaps:
        start, end = tokens[gap.start].start, tokens[gap.end - 1].end
        removed = text[start:end]
        blank = len(removed) - len(removed.lstrip())
        index = writing.by_sentinel.get(gap.sentinel)
        parts.append((text[at : start + blank], False))
        parts.append(("" if index is None else writing.texts[index].strip(), True))
        at = max(at, end)
    return (*parts, (text[at : example.tokenization.dropped_from[0]], False))
