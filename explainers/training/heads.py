"""`explainers heads`: which heads of a model do something that can be told in a word, measured on text.

Every head is scored on every classic pattern (explainers.attention.patterns says where such a head looks); the best of
each kind goes into heads.toml, also where the pattern has not formed, so that a lesson can say that as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from explainers.attention import (
    PATTERNS,
    PatternName,
    PatternSum,
    StrongestHead,
    bidirectional_mask,
    causal_mask,
    cross_targets,
    induction_targets,
    pattern_sum,
    roles,
    self_targets,
)
from explainers.checkpoints import Checkpoint, CheckpointError
from explainers.language import _
from explainers.spans import random_spans, span_corruption
from explainers.tokenization import tokenize, vocabulary
from explainers.trace import KINDS, STACKS, AttentionKind, Inputs, Request, Trace, decoder_ids, run, trace
from explainers.training.corpus import sentences

# What is looked for in each kind of attention. An encoder has no induction to do, and cross-attention no neighbours.
_WITHIN: tuple[PatternName, ...] = (
    "previous token", "next token", "itself", "first token", "delimiter", "punctuation", "same word",
)  # fmt: skip
_REPEATED_TOKENS = 32
_REPEATED_SEQUENCES = 24

Sums = dict[tuple[AttentionKind, PatternName], PatternSum]


@dataclass(frozen=True, eq=False)
class HeadScores:
    """Every pattern's sums over all heads of a checkpoint, by kind of attention, and what they were measured on."""

    sums: Mapping[tuple[AttentionKind, PatternName], PatternSum]
    paragraphs: int
    tokens: int

    def strongest(self) -> tuple[StrongestHead, ...]:
        """The best head of each pattern and kind of attention, in the order of both."""
        return tuple(_strongest(kind, pattern, found) for (kind, pattern), found in self.sums.items())


def head_scores(checkpoint: Checkpoint, paragraphs: Sequence[str], seed: int = 0) -> HeadScores:
    """Score every head on these paragraphs, each read by itself; seed: of the random sequences and of T5's gaps."""
    rng = np.random.default_rng(seed)
    sums: Sums = {}
    tokens = used = 0
    for paragraph in paragraphs:
        passed = _read(checkpoint, paragraph, rng)
        if passed is None:
            continue
        used += 1
        tokens += sum(len(ids) for ids in passed.ids.values())
        for key, found in _patterns(checkpoint, passed):
            sums[key] = sums[key] + found if key in sums else found
    if checkpoint.family == "gpt2" and used:
        sums["decoder", "induction"] = _induction(checkpoint, rng)
    kinds = KINDS[checkpoint.family]
    found_in_order = sorted(sums, key=lambda key: (kinds.index(key[0]), PATTERNS.index(key[1])))
    return HeadScores({key: sums[key] for key in found_in_order}, used, tokens)


def repeated_sequences(ids: NDArray[np.int64], rng: np.random.Generator, length: int, count: int) -> NDArray[np.int64]:
    """Random sequences that stand twice, (count, 2 x length): nothing but the repetition makes them predictable.

    ids: what is drawn from, no id twice within one copy (Olsson et al. 2022, "Argument 4").
    """
    copies = [rng.choice(ids, size=length, replace=False) for _ in range(count)]
    return np.array([np.concatenate([copy, copy]) for copy in copies])


def _read(checkpoint: Checkpoint, paragraph: str, rng: np.random.Generator) -> Trace | None:
    """One pass over a paragraph as the family reads it: BERT in two parts, T5 with gaps; None where it is too short."""
    if checkpoint.family == "t5":
        return _read_with_gaps(checkpoint, paragraph, rng)
    text, pair = paragraph, None
    if checkpoint.family == "bert":
        parts = sentences(paragraph)
        middle = (len(parts) + 1) // 2
        text, pair = " ".join(parts[:middle]), " ".join(parts[middle:]) or None
    passed = trace(checkpoint, text, pair)
    return passed if len(passed.ids[STACKS[checkpoint.family][0]]) > 2 else None


def _read_with_gaps(checkpoint: Checkpoint, paragraph: str, rng: np.random.Generator) -> Trace | None:
    """T5's own task: the encoder reads a text with gaps, the decoder the spans that were there."""
    end = int(checkpoint.config.get("eos_token_id") or 1)
    ids = np.array([number for number in tokenize(checkpoint, paragraph).ids if number != end], np.int64)
    if len(ids) < 3:
        return None
    removed = random_spans(len(ids), rng)
    gaps = span_corruption(ids, removed, _sentinels(checkpoint, spans=len(ids)), end)
    decoder = decoder_ids(checkpoint, gaps.labels.tolist())
    return run(checkpoint, Inputs(encoder=gaps.inputs.tolist(), decoder=decoder), Request())


def _sentinels(checkpoint: Checkpoint, spans: int) -> list[int]:
    """The ids of <extra_id_0> and those that follow, at most one for each span."""
    ids = [checkpoint.tokenizer.token_to_id(f"<extra_id_{number}>") for number in range(min(spans, 100))]
    found = [number for number in ids if number is not None]
    if len(found) < len(ids):
        raise CheckpointError(_("{name} has no sentinels to put into gaps.").format(name=checkpoint.name))
    return found


def _patterns(checkpoint: Checkpoint, passed: Trace) -> Iterator[tuple[tuple[AttentionKind, PatternName], PatternSum]]:
    """What every pattern's heads look at in one pass; patterns without a target in it are left out."""
    tokens = {stack: roles(checkpoint, ids.tolist()) for stack, ids in passed.ids.items()}
    for kind, weights in passed.attentions.items():
        queries, keys = weights.shape[2:]
        if kind == "cross":
            allowed = bidirectional_mask(queries, keys)
            targets = cross_targets(tokens["decoder"], tokens["encoder"])
        else:
            allowed = causal_mask(queries) if kind == "decoder" else bidirectional_mask(queries)
            wanted = (*_WITHIN, "own sentinel") if checkpoint.family == "t5" and kind == "decoder" else _WITHIN
            targets = {name: mask for name, mask in self_targets(tokens[kind], allowed).items() if name in wanted}
        for pattern, mask in targets.items():
            found = pattern_sum(weights, mask, allowed)
            if found.queries:
                yield (kind, pattern), found


def _induction(checkpoint: Checkpoint, rng: np.random.Generator) -> PatternSum:
    """GPT-2 on repeated random sequences: how much the second copy looks at what followed in the first."""
    ordinary = np.array([entry.id for entry in vocabulary(checkpoint) if entry.kind in ("word start", "continuation")])
    length = min(_REPEATED_TOKENS, checkpoint.context // 2, len(ordinary))
    allowed = causal_mask(2 * length)
    total = None
    for ids in repeated_sequences(ordinary, rng, length, _REPEATED_SEQUENCES).tolist():
        weights = run(checkpoint, Inputs(decoder=ids), Request()).attentions["decoder"]
        found = pattern_sum(weights, induction_targets(ids, allowed), allowed)
        total = found if total is None else total + found
    if total is None:
        raise AssertionError("no sequence was drawn")
    return total


def _strongest(kind: AttentionKind, pattern: PatternName, found: PatternSum) -> StrongestHead:
    layer, head = (int(at) for at in np.unravel_index(np.argmax(found.score), found.score.shape))
    return StrongestHead(pattern, kind, layer, head, float(found.score[layer, head]), found.baseline, found.queries)
