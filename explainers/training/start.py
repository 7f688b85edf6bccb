"""Where training starts: not from noise alone, but from counts of the training text that are cheap to take.

Small models read too little to find out from gradients alone which words are alike. Factorised co-occurrence counts
tell them so within a minute (Levy and Goldberg 2014: what word2vec learns is such a factorisation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from explainers.checkpoints import Family
from explainers.embeddings import sinusoids
from explainers.training.objectives import Corpus

_TOKENS = 15_000_000  # read in all; more changes little
_WEIGHTS = (1.0, 0.7, 0.5, 0.3)  # of neighbours at distance 1, 2, 3, 4
_SMOOTHING = 0.75  # of context counts, so that rare neighbours do not win (Levy, Goldberg and Dagan 2015)
_SPARE = 32  # directions beyond the wanted ones that make the randomised factorisation exact enough
_ROUNDS = 3

# The size of one component of an embedding at the start. T5 has no norm after its embedding, and its inputs are of
# size 1.
_SPREAD: dict[Family, float] = {"bert": 0.05, "gpt2": 0.05, "t5": 1.0}
_POSITION_SPREAD = 0.02


def prepare(family: Family, model: Any, corpus: Corpus, device: str = "cpu") -> None:
    """Put the starting values into a fresh model; all of them are trained on from there.

    Token embeddings come from co-occurrence, positions from sinusoids. BERT's output bias says how common each token
    is, and its prediction head starts without a rotation, so that a mean of neighbours already predicts their like.
    device: where the counts are factorised; the model stays where it is.
    """
    embedding = model.get_input_embeddings().weight
    vocab, d_model = embedding.shape
    parts = _parts(corpus)
    with torch.no_grad():
        embedding.copy_(_SPREAD[family] * cooccurrence_embeddings(parts, vocab, d_model, device))
        if family == "bert":
            model.bert.embeddings.position_embeddings.weight.copy_(
                _positions(model.config.max_position_embeddings, d_model)
            )
            torch.nn.init.eye_(model.cls.predictions.transform.dense.weight)
            model.cls.predictions.bias.copy_(torch.from_numpy(log_frequencies(parts, vocab)))
        if family == "gpt2":
            model.transformer.wpe.weight.copy_(_positions(model.config.n_positions, d_model))


def cooccurrence_embeddings(
    parts: Sequence[NDArray[Any]], vocab: int, d_model: int, device: str = "cpu"
) -> torch.Tensor:
    """A row for each token, alike where the tokens' neighbours are: (vocab, d_model), components of size about 1.

    parts: runs of ids. The rows are U sqrt(S) of the positive pointwise mutual information between a token and its
    neighbours, centred and brought to the same length; a token that never occurs gets a small random row.
    """
    information = torch.from_numpy(_pointwise_information(_neighbours(parts, vocab))).to(device)
    wanted = min(d_model, vocab - 1)
    u, s, _ = torch.svd_lowrank(information, q=min(wanted + _SPARE, vocab), niter=_ROUNDS)
    rows = torch.zeros(vocab, d_model, device=device)
    rows[:, :wanted] = (u * s.sqrt())[:, :wanted]
    rows -= rows.mean(0)
    lengths = rows.norm(dim=1, keepdim=True)
    known = information.sum(1, keepdim=True) > 0
    random = (torch.randn(vocab, d_model) * 0.3).to(device)
    return torch.where(known, rows / lengths.clamp_min(1e-6) * math.sqrt(d_model), random).cpu()


def log_frequencies(parts: Sequence[NDArray[Any]], vocab: int) -> NDArray[np.float32]:
    """The natural logarithm of each token's share of the text, half a count added: (vocab,)."""
    counts = np.full(vocab, 0.5)
    for part in parts:
        counts += np.bincount(part, minlength=vocab)
    return np.asarray(np.log(counts / counts.sum()), np.float32)


def _positions(positions: int, d_model: int) -> torch.Tensor:
    """The sinusoidal code, brought to the size that embeddings start with: (positions, d_model)."""
    return _POSITION_SPREAD * math.sqrt(2) * torch.from_numpy(sinusoids(positions, d_model))


def _parts(corpus: Corpus) -> list[NDArray[Any]]:
    """From the start of every source as many tokens as its share asks for, none twice."""
    return [source.ids[: int(share * _TOKENS)] for source, share in zip(corpus.sources, corpus.shares, strict=True)]


def _neighbours(parts: Sequence[NDArray[Any]], vocab: int) -> NDArray[np.float32]:
    """How often two tokens stand near each other, nearer counting more: (vocab, vocab), symmetric."""
    counts = np.zeros(vocab * vocab, np.float32)
    for part in parts:
        ids = part.astype(np.int64)
        for distance, weight in enumerate(_WEIGHTS, 1):
            pairs = ids[:-distance] * vocab + ids[distance:]
            counts += np.float32(weight) * np.bincount(pairs, minlength=vocab * vocab).astype(np.float32)
    square = counts.reshape(vocab, vocab)
    return np.asarray(square + square.T)


def _pointwise_information(counts: NDArray[np.float32]) -> NDArray[np.float32]:
    """max(0, log p(a, b) / (p(a) p(b))) with smoothed p(b): (vocab, vocab)."""
    row = counts.sum(1)
    context = row**_SMOOTHING
    expected = row[:, None] * (context / max(float(context.sum()), 1.0))[None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(counts / expected)
    return np.asarray(np.maximum(np.nan_to_num(information, nan=0.0, neginf=0.0), 0.0), np.float32)
