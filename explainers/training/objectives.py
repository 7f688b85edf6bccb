"""The three pre-training objectives: how a batch is made of encoded text, and the loss of a model on it.

A batch is a dictionary of numpy arrays (batch, tokens) in which -100 marks positions that are not predicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from explainers.checkpoints import Family
from explainers.language import _
from explainers.masking import corrupt
from explainers.spans import random_spans, span_corruption, span_counts
from explainers.training.corpus import CorpusError
from explainers.training.encoded import Encoded
from explainers.training.recipe import CONTEXT

if TYPE_CHECKING:
    from torch import Tensor

Batch = dict[str, NDArray[Any]]
IGNORED = -100

_SHORT_SHARE = (
    0.1  # Devlin et al. 2019, appendix A.2: short sequences now and then, so that users' short ones are familiar
)
_WHOLE_SHARE = 0.15  # pairs of one whole sentence each, as users type them
_SINGLE_SHARE = 0.1  # rows of one text alone, which are asked for no next sentence: users mostly type one
_SHIFTED_SHARE = 0.3  # rows that stand further on in the context, so that short rows train all positions
_START_SHARE = 0.3  # windows that begin where a unit does, as users' texts do
_SENTENCES_SHARE = 0.5  # of T5's rows are a few whole sentences, as users type them
_MOST_SENTENCES = 4
_SHORTEST = 6  # tokens that a row of T5 has: less leaves nothing to guess from


class Objective(Protocol):
    """A pre-training task of one family."""

    def batch(self, rng: np.random.Generator, rows: int, length: int) -> Batch:
        """Draw `rows` sequences of at most `length` tokens from the sources, each as often as its share says."""

    def loss(self, model: Any, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The mean losses by name, in nats; their sum is minimised."""


@dataclass(frozen=True)
class Corpus:
    """Encoded sources and the share of rows that each gets."""

    sources: Sequence[Encoded]
    shares: Sequence[float]

    def draw(self, rng: np.random.Generator) -> Encoded:
        """One source, as often as its share says."""
        return self.sources[rng.choice(len(self.sources), p=self.shares)]

    def window(self, rng: np.random.Generator, length: int) -> NDArray[np.int64]:
        """Ids of a run of text (at most length,), now and then from the start of a unit, else from anywhere."""
        source = self.draw(rng)
        if rng.random() < _START_SHARE:
            start = source.units[rng.integers(len(source.units) - 1)]
        else:
            start = rng.integers(max(len(source.ids) - length, 1))
        return source.ids[start : start + length].astype(np.int64)

    def sentences(self, rng: np.random.Generator, length: int, least: int) -> NDArray[np.int64]:
        """Ids of one to four whole units that follow each other, cut at `length`; of at least `least` tokens where the
        text goes on that far.
        """
        source = self.draw(rng)
        last = len(source.units) - 1
        first = int(rng.integers(last))
        after = min(first + int(rng.integers(1, _MOST_SENTENCES + 1)), last)
        start, end = source.units[first], source.units[after]
        return source.ids[start : min(max(end, start + least), start + length)].astype(np.int64)


@dataclass(frozen=True)
class MaskedAndNext:
    """BERT's two tasks at once: masked LM, and whether the second part of the input really follows the first.

    Negatives come from another document of the same source: across sources the topic alone would give them away.
    """

    corpus: Corpus
    vocab: int
    specials: int
    cls: int
    sep: int
    mask: int
    pad: int = 0

    def batch(self, rng: np.random.Generator, rows: int, length: int) -> Batch:
        """input_ids, token_type_ids, position_ids, attention_mask, labels (rows, length), and next_sentence_label
        (rows,): 0 = IsNext, 1 = NotNext, -100 for a row of one text.

        predicted (a fifth of all positions,) points into the flattened labels: every chosen position, then idle ones;
        the number is fixed so that the compiled loss keeps its shape.
        """
        ids = np.full((rows, length), self.pad, np.int64)
        types = np.zeros((rows, length), np.int64)
        follows = rng.random(rows) < 0.5
        single = rng.random(rows) < _SINGLE_SHARE
        for row in range(rows):
            a, b = self.pair(rng, length - 3, bool(follows[row] or single[row]))
            whole = [self.cls, *a, *b, self.sep] if single[row] else [self.cls, *a, self.sep, *b, self.sep]
            ids[row, : len(whole)] = whole
            types[row, len(a) + 2 : len(whole)] = 0 if single[row] else 1
        draw = corrupt(
            ids, ids >= self.specials, rng, mask_id=self.mask, replacements=np.arange(self.specials, self.vocab)
        )
        return {
            "input_ids": draw.ids,
            "token_type_ids": types,
            "position_ids": _positions(rng, rows, length),
            "attention_mask": (ids != self.pad).astype(np.int64),
            "labels": np.where(draw.chosen, ids, IGNORED),
            "predicted": np.argsort(~draw.chosen, axis=None, kind="stable")[: max(ids.size // 5, 1)],
            "next_sentence_label": np.where(single, IGNORED, ~follows),
        }

    def pair(self, rng: np.random.Generator, budget: int, follows: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Two runs of text of at most budget tokens together, the first up to the end of a sentence, the second from
        the start of one; the second follows the first in its document, or comes from another.

        How long each may be is drawn before anything is known of the second: lengths must not tell what follows.
        """
        if rng.random() < _SHORT_SHARE:
            budget = int(rng.integers(min(12, budget), budget + 1))
        keep_a = int(rng.integers(budget // 4, budget - budget // 4 + 1))
        whole = rng.random() < _WHOLE_SHARE
        source = self.corpus.draw(rng)
        document, unit = self._place(rng, source)
        other, follower = (document, unit) if follows else self._place(rng, source, other_than=document)
        start = source.units[max(unit - 1, source.documents[document]) if whole else source.documents[document]]
        end = source.units[follower + 1 if whole else source.documents[other + 1]]
        at, after = source.units[unit], source.units[follower]
        a = source.ids[max(start, at - keep_a) : at]
        return a.astype(np.int64), source.ids[after : min(end, after + budget - keep_a)].astype(np.int64)

    def _place(self, rng: np.random.Generator, source: Encoded, other_than: int = -1) -> tuple[int, int]:
        """A document of at least two sentences, as often as it is long, and one of its sentences but the first."""
        if other_than >= 0 and len(source.documents) < 3:
            raise CorpusError(_("A source of one document has no other to take a random next sentence from: add one."))
        while True:
            unit = int(np.searchsorted(source.units, rng.integers(len(source.ids)), side="right")) - 1
            document = int(np.searchsorted(source.documents, unit, side="right")) - 1
            first, end = int(source.documents[document]), int(source.documents[document + 1])
            if end - first >= 2 and document != other_than:
                return document, max(unit, first + 1)

    def loss(self, model: Any, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """masked LM and next sentence; the output layer is computed at the chosen positions only."""
        from torch.nn.functional import cross_entropy

        hidden = model.bert(
            batch["input_ids"],
            attention_mask=batch["attention_mask"],
            token_type_ids=batch["token_type_ids"],
            position_ids=batch["position_ids"],
        ).last_hidden_state
        predicted = batch["predicted"]
        logits = model.cls.predictions(hidden.flatten(0, 1)[predicted])
        next_logits = model.cls.seq_relationship(model.bert.pooler(hidden))
        return {
            "masked LM": cross_entropy(logits.float(), batch["labels"].flatten()[predicted], ignore_index=IGNORED),
            "next sentence": cross_entropy(next_logits.float(), batch["next_sentence_label"]),
        }


@dataclass(frozen=True)
class NextToken:
    """GPT-2's task: at every position, the token that follows (causal LM).

    A share of the rows, `repeated`, says a short run of shuffled tokens again and again: only copying predicts it.
    """

    corpus: Corpus
    end: int
    repeated: float = 0.0

    def batch(self, rng: np.random.Generator, rows: int, length: int) -> Batch:
        """input_ids, position_ids, labels (rows, length): labels are the input one step ahead."""
        ids = np.full((rows, length + 1), IGNORED, np.int64)
        for row in range(rows):
            window = self.corpus.window(rng, length + 1)
            if rng.random() < self.repeated:
                run = rng.permutation(window)[: int(rng.integers(8, max(length // 2, 9) + 1))]
                window = np.resize(run, length + 1)
            ids[row, : len(window)] = window
        inputs = np.where(ids[:, :-1] == IGNORED, self.end, ids[:, :-1])
        return {"input_ids": inputs, "position_ids": _positions(rng, rows, length), "labels": ids[:, 1:]}

    def loss(self, model: Any, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """LM: the cross-entropy over all positions."""
        from torch.nn.functional import cross_entropy

        logits = model(batch["input_ids"], position_ids=batch["position_ids"], use_cache=False).logits
        return {"LM": cross_entropy(logits.float().flatten(0, 1), batch["labels"].flatten(), ignore_index=IGNORED)}


@dataclass(frozen=True)
class SpanFilling:
    """T5's task: write the spans that were taken out of the text (span corruption)."""

    corpus: Corpus
    sentinels: Sequence[int]
    end: int
    pad: int = 0

    def batch(self, rng: np.random.Generator, rows: int, length: int) -> Batch:
        """input_ids, attention_mask (rows, length); decoder_input_ids, labels (rows, target length)."""
        tokens = raw_length(length)
        removed, spans = span_counts(tokens)
        inputs = np.full((rows, length), self.pad, np.int64)
        labels = np.full((rows, removed + spans + 1), IGNORED, np.int64)
        for row in range(rows):
            if rng.random() < _SENTENCES_SHARE:
                ids = self.corpus.sentences(rng, tokens, _SHORTEST)
            else:
                ids = self.corpus.window(rng, tokens)
            result = span_corruption(ids, random_spans(len(ids), rng), self.sentinels, self.end)
            inputs[row, : len(result.inputs)] = result.inputs
            labels[row, : len(result.labels)] = result.labels
        previous = np.where(labels[:, :-1] == IGNORED, self.pad, labels[:, :-1])
        return {
            "input_ids": inputs,
            "attention_mask": (inputs != self.pad).astype(np.int64),
            "decoder_input_ids": np.pad(previous, ((0, 0), (1, 0)), constant_values=self.pad),
            "labels": labels,
        }

    def loss(self, model: Any, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """span LM: the cross-entropy over the labels, sentinels and </s> included."""
        from torch.nn.functional import cross_entropy

        logits = model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            decoder_input_ids=batch["decoder_input_ids"],
            use_cache=False,
        ).logits
        return {"span LM": cross_entropy(logits.float().flatten(0, 1), batch["labels"].flatten(), ignore_index=IGNORED)}


def objective(family: Family, corpus: Corpus, tokenizer: Any, repeated: float = 0.0) -> Objective:
    """The task that this family was pre-trained on, with the ids of this tokenizer; repeated: see NextToken."""
    token = tokenizer.token_to_id
    if family == "bert":
        specials = 1 + max(token(name) for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"))
        return MaskedAndNext(
            corpus, tokenizer.get_vocab_size(), specials, token("[CLS]"), token("[SEP]"), token("[MASK]")
        )
    if family == "gpt2":
        return NextToken(corpus, token("<|endoftext|>"), repeated)
    return SpanFilling(corpus, [token(f"<extra_id_{number}>") for number in range(100)], token("</s>"))


def _positions(rng: np.random.Generator, rows: int, length: int) -> NDArray[np.int64]:
    """Where each token stands: (rows, length); most rows begin at 0, some anywhere that leaves them whole."""
    shifted = rng.random(rows) < _SHIFTED_SHARE
    return np.where(shifted, rng.integers(max(CONTEXT - length, 0) + 1, size=rows), 0)[:, None] + np.arange(length)


def raw_length(length: int) -> int:
    """The longest text that span corruption brings to `length` encoder tokens, </s> included."""
    tokens = length
    while True:
        removed, spans = span_counts(tokens + 1)
        if tokens + 1 - removed + spans + 1 > length:
            return tokens
        tokens += 1
