"""T5's scores: what the text of removed spans costs in bits, and how often a span is written exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.spans import random_spans, span_corruption
from explainers.training.objectives import raw_length
from explainers.training.scores.baselines import TRIGRAM, UNIGRAM, Baselines
from explainers.training.scores.guesses import MODEL, Guesses, bits_per_byte, by_logits, joined, scored
from explainers.training.scores.intervals import Score, share
from explainers.training.scores.ngrams import Ids
from explainers.training.scores.tokens import ScoreError, byte_sizes, token_id
from explainers.training.scores.windows import Window, neighbours, spread

LENGTH = 128
SHORTEST = 6  # tokens; a shorter text has hardly anything left to guess from
_ROWS = 16


@dataclass(frozen=True)
class Corrupted:
    """One window whose spans are asked for. inputs: the encoder's; labels: the decoder's targets; text: the whole
    window; removed (tokens,): what stands in no input.
    """

    inputs: Ids
    labels: Ids
    text: Ids
    removed: NDArray[np.bool_]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Start and end of each removed run, in order."""
        edges = np.flatnonzero(np.diff(np.concatenate([[0], self.removed.astype(np.int8), [0]])))
        return list(zip(edges[0::2].tolist(), edges[1::2].tolist(), strict=True))


def size() -> int:
    """How many tokens of text corruption brings to 128 tokens of the encoder: 141."""
    return raw_length(LENGTH)


def span_scores(
    checkpoint: Checkpoint, picked: Sequence[Window], baselines: Baselines | None, most: int, seed: int
) -> list[Score]:
    """Bits per byte of the text of removed spans (15 % of the tokens, mean length 3, as in pre-training), the tokens
    before given; and the share of spans that greedy decoding writes exactly, in at most `most` of the windows.

    Sentinels and </s> cost nothing here: neither are they text. The bytes are those of the spans' pieces, a blank for
    "▁". The trigrams see the two tokens before each token, whether these were removed or not, and nothing behind it.
    """
    sentinels = sentinel_ids(checkpoint)
    end = token_id(checkpoint, "</s>")
    windows = []
    for number, window in enumerate(picked):
        removed = random_spans(len(window.ids), np.random.default_rng([seed, number]))
        result = span_corruption(window.ids, removed, sentinels, end)
        windows.append(Corrupted(result.inputs, result.labels, window.ids, removed))
    targets = [window.text[window.removed] for window in windows]
    clusters = np.repeat(np.arange(len(windows)), [len(some) for some in targets])
    guesses: dict[str, Guesses] = {MODEL: _model_guesses(checkpoint, windows, [*sentinels, end])}
    right = np.concatenate(targets)
    if baselines:
        nothing = baselines.forward.unseen
        left = [neighbours(window.text, np.flatnonzero(window.removed), nothing)[0] for window in windows]
        guesses |= baselines.guesses(right, np.concatenate(left))
    sizes = byte_sizes(checkpoint)[right]
    if not sizes.any():
        raise ScoreError(_("The spans hold no text: {name} knows too little of it.").format(name=checkpoint.name))
    return [
        bits_per_byte("span_bits_per_byte", _("bits per byte of the spans' text"), guesses, sizes, clusters),
        exact_match(checkpoint, spread(windows, most), baselines),
    ]


def exact_match(checkpoint: Checkpoint, windows: Sequence[Corrupted], baselines: Baselines | None) -> Score:
    """The share of spans whose text is written exactly under greedy decoding; the baselines write the most likely token
    each time, from the two before, and are told the span's length.
    """
    clusters = np.repeat(np.arange(len(windows)), [len(window.spans) for window in windows])
    hits = {MODEL: _written_exactly(checkpoint, windows)}
    if baselines:
        common = int(baselines.forward.unigram.argmax())
        runs = [window.text[start:end] for window in windows for start, end in window.spans]
        hits[UNIGRAM] = np.array([bool((run == common).all()) for run in runs])
        hits[TRIGRAM] = _greedy_matches(baselines, windows)
    return scored(
        "span_exact_match",
        _("span is written exactly (greedy)"),
        {who: share(hit, clusters) for who, hit in hits.items()},
        len(clusters),
    )


def sentinel_ids(checkpoint: Checkpoint) -> list[int]:
    """The ids of <extra_id_0>, <extra_id_1>, ... in this order."""
    return [token_id(checkpoint, f"<extra_id_{number}>") for number in range(100)]


def fills(output: Sequence[int], sentinels: Sequence[int], end: int) -> dict[int, list[int]]:
    """What a decoder wrote behind each sentinel, by the sentinel's number."""
    number_of = {sentinel: number for number, sentinel in enumerate(sentinels)}
    found: dict[int, list[int]] = {}
    current: list[int] = []
    for id_ in output:
        if id_ == end:
            break
        if id_ in number_of:
            current = found.setdefault(number_of[id_], [])
        else:
            current.append(id_)
    return found


def padded(rows: Sequence[Ids], value: int) -> torch.Tensor:
    """Rows of different lengths as one matrix, filled up with a value."""
    width = max(len(row) for row in rows)
    return torch.from_numpy(np.stack([np.pad(row, (0, width - len(row)), constant_values=value) for row in rows]))


def generated(checkpoint: Checkpoint, inputs: Sequence[Ids], tokens: int, beams: int = 1) -> list[list[int]]:
    """What the decoder writes for each input, greedily, or with beams the best that many, one after the other."""
    from transformers import DynamicCache, EncoderDecoderCache

    model: Any = checkpoint.model
    pad = model.config.pad_token_id
    rows = padded(inputs, pad)
    written = model.generate(
        input_ids=rows,
        attention_mask=(rows != pad).long(),
        max_new_tokens=tokens,
        do_sample=False,
        num_beams=beams,
        num_return_sequences=beams,
        decoder_start_token_id=_start(checkpoint),
        pad_token_id=pad,
        eos_token_id=token_id(checkpoint, "</s>"),
        # The library's own cache has a place for every layer of the encoder, too few where the decoder is deeper.
        cache=EncoderDecoderCache(DynamicCache(), DynamicCache()),
    )
    return [row[1:].tolist() for row in written]


def _start(checkpoint: Checkpoint) -> int:
    """What the decoder reads first: <pad> where the configuration names nothing else."""
    config: Any = checkpoint.model.config
    start = getattr(config, "decoder_start_token_id", None)
    return int(config.pad_token_id if start is None else start)


def _model_guesses(checkpoint: Checkpoint, windows: Sequence[Corrupted], marks: Sequence[int]) -> Guesses:
    """The guesses at the tokens of the spans, in the order of the windows."""
    model: Any = checkpoint.model
    pad = model.config.pad_token_id
    parts = []
    for batch in _batched(windows):
        inputs, labels = padded([window.inputs for window in batch], pad), padded([w.labels for w in batch], pad)
        before = torch.cat([torch.full((len(batch), 1), _start(checkpoint)), labels], 1)
        logits = model(
            input_ids=inputs,
            attention_mask=(inputs != pad).long(),
            decoder_input_ids=before[:, :-1],
            use_cache=False,
        ).logits
        kept = np.stack([_text_places(window.labels, labels.shape[1], marks) for window in batch])
        parts.append(by_logits(logits[torch.from_numpy(kept)], labels.numpy()[kept]))
    return joined(parts)


def _text_places(labels: Ids, width: int, marks: Sequence[int]) -> NDArray[np.bool_]:
    """Where the labels are text: (width,)."""
    return np.pad(~np.isin(labels, marks), (0, width - len(labels)))


def _batched(windows: Sequence[Corrupted]) -> Iterator[Sequence[Corrupted]]:
    for start in range(0, len(windows), _ROWS):
        yield windows[start : start + _ROWS]


def _written_exactly(checkpoint: Checkpoint, windows: Sequence[Corrupted]) -> NDArray[np.bool_]:
    """For every span, whether the model's greedy text is the span's."""
    tokenizer, sentinels = checkpoint.tokenizer, sentinel_ids(checkpoint)
    end = token_id(checkpoint, "</s>")
    hits = []
    for batch in _batched(windows):
        most = max(len(window.labels) for window in batch) + 8
        outputs = generated(checkpoint, [window.inputs for window in batch], most)
        for window, output in zip(batch, outputs, strict=True):
            written = fills(output, sentinels, end)
            for number, (start, stop) in enumerate(window.spans):
                hits.append(
                    tokenizer.decode(written.get(number, [])) == tokenizer.decode(window.text[start:stop].tolist())
                )
    return np.array(hits, bool)


def _greedy_matches(baselines: Baselines, windows: Sequence[Corrupted]) -> NDArray[np.bool_]:
    """For every span, whether the trigrams' most likely tokens, one after the other, are the span's."""
    nothing = baselines.forward.unseen
    starts = [neighbours(w.text, np.array([start for start, _end in w.spans]), nothing)[0] for w in windows]
    runs = [window.text[start:end] for window in windows for start, end in window.spans]
    contexts = np.concatenate(starts)
    right = np.ones(len(runs), bool)
    for step in range(max(map(len, runs))):
        going = np.flatnonzero(right & (np.array([len(run) for run in runs]) > step))
        if not len(going):
            break
        told = baselines.forward.after(contexts[going]).argmax(1)
        right[going] = told == [runs[number][step] for number in going]
        contexts[going] = np.stack([contexts[going, 1], told], 1)
    return right
