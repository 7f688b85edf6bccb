"""What a model has learned, measured on held-out text: each score with its 95 % interval and the size of the sample."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from explainers.checkpoints import Family
from explainers.training.encoded import Encoded
from explainers.training.objectives import IGNORED, Batch, Corpus, Objective, objective

_ROWS = 32
_LENGTH = 128
_WINDOW = 512
_Z = 1.96


@dataclass(frozen=True)
class Score:
    """One measured number. low and high are its 95 % interval, samples what it is a mean over."""

    name: str
    value: float
    low: float
    high: float
    samples: int
    share: bool = True


def scores(
    family: Family,
    model: Any,
    tokenizer: Tokenizer,
    held_out: Mapping[str, Encoded],
    shares: Mapping[str, float],
    *,
    rows: int = 1_024,
) -> list[Score]:
    """The scores of one family on `rows` held-out sequences, drawn with a fixed seed at the shares of training."""
    model.eval()
    corpus = Corpus(list(held_out.values()), [shares[name] for name in held_out])
    task = objective(family, corpus, tokenizer)
    with torch.inference_mode():
        if family == "bert":
            return _bert(model, _batches(task, rows))
        if family == "gpt2":
            return _gpt2(model, tokenizer, held_out)
        last_sentinel = tokenizer.get_vocab()["<extra_id_99>"]
        return _t5(model, _batches(task, rows), last_sentinel)


def share_interval(hits: int, samples: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    if samples == 0:
        return 0.0, 1.0
    share, z2 = hits / samples, _Z * _Z
    middle = (share + z2 / (2 * samples)) / (1 + z2 / samples)
    half = _Z / (1 + z2 / samples) * math.sqrt(share * (1 - share) / samples + z2 / (4 * samples**2))
    return middle - half, middle + half


def _share(name: str, hits: NDArray[np.bool_]) -> Score:
    return Score(name, float(hits.mean()), *share_interval(int(hits.sum()), hits.size), hits.size)


def _batches(task: Objective, rows: int) -> Iterator[Batch]:
    for number in range(max(rows // _ROWS, 1)):
        yield task.batch(np.random.default_rng([1, number]), _ROWS, _LENGTH)


def _bert(model: Any, batches: Iterator[Batch]) -> list[Score]:
    ranks, follows, guesses = [], [], []
    for batch in batches:
        out = model(
            **{name: torch.from_numpy(batch[name]) for name in ("input_ids", "token_type_ids", "attention_mask")}
        )
        rows, columns = np.nonzero(batch["labels"] != IGNORED)
        ranks.append(_ranks(out.prediction_logits[rows, columns], batch["labels"][rows, columns]))
        guesses.append(out.seq_relationship_logits.argmax(-1).numpy())
        follows.append(batch["next_sentence_label"])
    rank = np.concatenate(ranks)
    return [
        _share("masked token is the first guess", rank < 1),
        _share("masked token is among the first five guesses", rank < 5),
        _share(
            "next sentence told from one of another document of the same source",
            np.concatenate(guesses) == np.concatenate(follows),
        ),
    ]


def _gpt2(model: Any, tokenizer: Tokenizer, held_out: Mapping[str, Encoded]) -> list[Score]:
    """Every held-out token once, in windows that do not overlap; a byte-level piece has a character for each byte."""
    sizes = np.zeros(tokenizer.get_vocab_size(), np.int64)
    for piece, number in tokenizer.get_vocab().items():
        sizes[number] = len(piece)
    sizes[tokenizer.token_to_id("<|endoftext|>")] = 0
    nats, size, ranks = [], [], []
    for source in held_out.values():
        for start in range(0, len(source.ids) - 1, _WINDOW - 1):
            ids = source.ids[start : start + _WINDOW].astype(np.int64)
            if len(ids) < 2:
                continue
            logits = model(torch.from_numpy(ids)[None]).logits[0, :-1]
            nats.append(float(torch.nn.functional.cross_entropy(logits, torch.from_numpy(ids[1:]), reduction="sum")))
            size.append(int(sizes[ids[1:]].sum()))
            ranks.append(_ranks(logits, ids[1:]))
    bits, low, high = _ratio(np.array(nats) / math.log(2), np.array(size, np.float64))
    return [
        Score("bits per byte", bits, low, high, sum(size), share=False),
        _share("next token is the first guess", np.concatenate(ranks) < 1),
        _share("next token is among the first five guesses", np.concatenate(ranks) < 5),
    ]


def _t5(model: Any, batches: Iterator[Batch], last_sentinel: int) -> list[Score]:
    """Over the tokens of the removed spans; the sentinels and </s> between them are easy and left out."""
    nats, ranks = [], []
    for batch in batches:
        names = ("input_ids", "attention_mask", "decoder_input_ids")
        logits = model(**{name: torch.from_numpy(batch[name]) for name in names}).logits
        labels = batch["labels"]
        rows, columns = np.nonzero((labels != IGNORED) & (labels > 1) & (labels < last_sentinel))
        chosen, targets = logits[rows, columns], labels[rows, columns]
        nats.append(torch.nn.functional.cross_entropy(chosen, torch.from_numpy(targets), reduction="none").numpy())
        ranks.append(_ranks(chosen, targets))
    loss = np.concatenate(nats)
    half = _Z * float(loss.std()) / math.sqrt(len(loss))
    mean = float(loss.mean())
    return [
        Score("loss at a token of a span, in nats", mean, mean - half, mean + half, len(loss), share=False),
        _share("token of a span is the first guess, the ones before it given", np.concatenate(ranks) < 1),
        _share("token of a span is among the first five guesses", np.concatenate(ranks) < 5),
    ]


def _ranks(logits: torch.Tensor, targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many entries of the vocabulary are rated above the target: logits (n, vocab), targets (n,) -> (n,)."""
    own = logits.gather(1, torch.from_numpy(targets)[:, None])
    return np.asarray((logits > own).sum(1).numpy())


def _ratio(above: NDArray[np.float64], below: NDArray[np.float64]) -> tuple[float, float, float]:
    """The ratio of two sums over windows, with its 95 % interval (linearised)."""
    ratio = above.sum() / below.sum()
    half = _Z * float(np.sqrt(((above - ratio * below) ** 2).sum())) / below.sum()
    return float(ratio), float(ratio - half), float(ratio + half)
