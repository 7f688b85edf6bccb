"""From [CLS] to the answer, for one pair and for many; and tricks that change one thing of a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import regex

from explainers.checkpoints import Checkpoint
from explainers.tokenization import Tokenization, tokenize
from explainers.trace import trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

IS_NEXT, NOT_NEXT = 0, 1
ONE_SIDED = 0.9  # from this share of equal answers on, they say more about the model than about the pairs
_BATCH = 16


@dataclass(frozen=True, eq=False)
class Judgement:
    """The way from the text to the answer, each step as the model's own numbers.

    cls (d_model,): the last layer's vector of [CLS]. pooled (d_model,): tanh(pooler · cls + its bias).
    weights (2, d_model), bias (2,): of the head. logits (2,) = weights · pooled + bias; probabilities (2,): softmax.
    The first of two is IsNext.
    """

    tokenization: Tokenization
    cls: Floats
    pooled: Floats
    weights: Floats
    bias: Floats
    logits: Floats
    probabilities: Floats

    @property
    def is_next(self) -> float:
        """The probability of IsNext."""
        return float(self.probabilities[IS_NEXT])

    @property
    def contributions(self) -> Floats:
        """(d_model,): how far each number of the pooled vector moves the answer, above 0 towards IsNext.

        Their sum and the difference of the two biases make the difference of the two logits.
        """
        difference: Floats = (self.weights[IS_NEXT] - self.weights[NOT_NEXT]) * self.pooled
        return difference


def judge(checkpoint: Checkpoint, text: str, pair: str) -> Judgement:
    """What the checkpoint says to the two texts, and how it gets there.

    Raises TraceError where the next sentence head was not trained, TextError for text that cannot be tokenized.
    """
    import numpy as np

    result = trace(checkpoint, text, pair, keep=("hidden", "next sentence"))
    assert result.next_sentence is not None  # noqa: S101 - a pair has tokens: at least [CLS] and [SEP]
    assert result.tokenization is not None  # noqa: S101 - it was made of text
    model: Any = checkpoint.model
    pooler, head = model.bert.pooler.dense, model.cls.seq_relationship
    cls = result.hidden["encoder"][-1][0]
    weights, bias = _array(head.weight), _array(head.bias)
    pooled = np.tanh(_array(pooler.weight) @ cls + _array(pooler.bias))
    logits = result.next_sentence.astype(np.float64)
    shifted = np.exp(logits - logits.max())
    return Judgement(result.tokenization, cls, pooled, weights, bias, logits, shifted / shifted.sum())


def chances(checkpoint: Checkpoint, pairs: Sequence[tuple[str, str]]) -> tuple[float, ...]:
    """P(IsNext) of every pair, a few pairs in a pass."""
    import torch

    model: Any = checkpoint.model
    found: list[float] = []
    for start in range(0, len(pairs), _BATCH):
        rows = [tokenize(checkpoint, first, second).tokens for first, second in pairs[start : start + _BATCH]]
        longest = max(map(len, rows))
        ids, segments, seen = (torch.zeros(len(rows), longest, dtype=torch.long) for _name in range(3))
        for row, tokens in enumerate(rows):
            ids[row, : len(tokens)] = torch.tensor([token.id for token in tokens])
            segments[row, : len(tokens)] = torch.tensor([token.segment for token in tokens])
            seen[row, : len(tokens)] = 1
        with torch.inference_mode():
            hidden = model.bert(ids, attention_mask=seen, token_type_ids=segments).last_hidden_state
            logits = model.cls.seq_relationship(model.bert.pooler(hidden))
        found += logits.double().softmax(-1)[:, IS_NEXT].tolist()
    return tuple(found)


def one_sided(is_next: Sequence[float]) -> tuple[int, int] | None:
    """The label that nearly all of these P(IsNext) come down to, and for how many; None where no label has that many.

    Half of a balanced test is right for a model that gives one answer to all of it, so its score tells nothing.
    """
    yes = sum(chance >= 0.5 for chance in is_next)
    label, count = max((IS_NEXT, yes), (NOT_NEXT, len(is_next) - yes), key=lambda each: each[1])
    return (label, count) if count and count >= ONE_SIDED * len(is_next) else None


def tricks(text: str, pair: str, stranger: str, old: str, new: str) -> Mapping[str, tuple[str, str]]:
    """The same pair with one thing changed each time, by name: "typed", "swapped", "twice", "backwards", "stranger",
    and "word" where the word `old` stands in the second text.
    """
    changed = {
        "typed": (text, pair),
        "swapped": (pair, text),
        "twice": (text, text),
        "backwards": (text, " ".join(reversed(pair.split()))),
        "stranger": (text, stranger),
    }
    found = regex.compile(rf"(?<!\w){regex.escape(old)}(?!\w)", regex.IGNORECASE)
    if old.strip() and found.search(pair):
        changed["word"] = (text, found.sub(lambda _match: new, pair, count=1))
    return changed


def _array(parameter: Any) -> Floats:
    numbers: Floats = parameter.detach().numpy()
    return numbers
