"""BERT's second task: does the second text follow the first? From [CLS] to the answer, and a small fair test.

Label 0 means IsNext (Devlin et al. 2019, section 3.1; the order of the logits is the released code's).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

from explainers.checkpoints import Checkpoint
from explainers.intervals import share_interval
from explainers.language import _
from explainers.tokenization import Tokenization, tokenize
from explainers.trace import trace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

IS_NEXT, NOT_NEXT = 0, 1
FEWEST_SENTENCES = 4
MOST_PAIRS = 60
ONE_SIDED = 0.9  # from this share of equal answers on, they say more about the model than about the pairs
_BATCH = 16

_LINE_END = regex.compile(r"[\r\n]+")
_SENTENCE_END = regex.compile(
    r"""(?<!\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|vs|e\.g|i\.e|etc)\.)"""
    r"""(?:(?<=[.!?…؟।]["'”’»)\]]*)\s+(?=[^\p{Ll}\s])|(?<=[。！？]["'”’」』]*)(?=[^\s"'”’」』。！？]))"""
)


class SampleError(ValueError):
    """A text from which no test can be made; the message is one sentence that says what to do."""


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


class Pair(NamedTuple):
    """Two sentences of a sample, and whether the second really follows the first in the text."""

    first: str
    second: str
    follows: bool


@dataclass(frozen=True)
class MiniTest:
    """A balanced sample with the model's answers: is_next holds P(IsNext) for every pair.

    low, high: the 95 % interval of the accuracy (Wilson 1927), as if the pairs had nothing to do with each other.
    """

    pairs: tuple[Pair, ...]
    is_next: tuple[float, ...]
    hits: int
    low: float
    high: float

    @property
    def right(self) -> tuple[bool, ...]:
        """For every pair whether the likelier answer is the true one."""
        return tuple((chance >= 0.5) == pair.follows for pair, chance in zip(self.pairs, self.is_next, strict=True))


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


def sentences(text: str) -> tuple[str, ...]:
    """The text cut at line ends and after sentence-final punctuation; common English abbreviations do not end one."""
    return tuple(
        sentence.strip()
        for line in _LINE_END.split(text)
        for sentence in _SENTENCE_END.split(line)
        if any(character.isalnum() for character in sentence)
    )


def sample(text: str, seed: int, most: int = MOST_PAIRS) -> tuple[Pair, ...]:
    """As many true pairs of neighbours as false ones, drawn from the text and shuffled.

    A false second sentence comes from anywhere else in the same text, which is harder than in BERT's training, where it
    came from another document. Raises SampleError where the text has too few sentences.
    """
    import numpy as np

    own = sentences(text)
    if len(set(own)) < FEWEST_SENTENCES:
        raise SampleError(
            _("Paste at least {count} different sentences: the test takes its pairs from them.").format(
                count=FEWEST_SENTENCES
            )
        )
    rng = np.random.default_rng(seed)
    true = list(pairwise(own))
    near: dict[str, set[str]] = {sentence: {sentence} for sentence in own}  # itself, and all that ever follow it
    for first, second in true:
        near[first].add(second)
    firsts = [first for first, _second in true if len(near[first]) < len(near)]
    count = min(len(firsts), most // 2)
    pairs = [Pair(*true[int(at)], follows=True) for at in rng.choice(len(true), count, replace=False).tolist()]
    for at in rng.choice(len(firsts), count, replace=False).tolist():
        others = [other for other in own if other not in near[firsts[at]]]
        pairs.append(Pair(firsts[at], others[int(rng.integers(len(others)))], False))
    return tuple(pairs[at] for at in rng.permutation(len(pairs)).tolist())


def mini_test(checkpoint: Checkpoint, pairs: Sequence[Pair]) -> MiniTest:
    """The checkpoint's answers to the pairs, and how many are right."""
    answers = chances(checkpoint, [(pair.first, pair.second) for pair in pairs])
    hits = sum((chance >= 0.5) == pair.follows for pair, chance in zip(pairs, answers, strict=True))
    return MiniTest(tuple(pairs), answers, hits, *share_interval(hits, len(pairs)))


def _array(parameter: Any) -> Floats:
    numbers: Floats = parameter.detach().numpy()
    return numbers
