"""BERT's scores: masked tokens as in pre-training, and pseudo-perplexity of sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.masking import corrupt
from explainers.training.encoded import Encoded
from explainers.training.scores.baselines import Baselines
from explainers.training.scores.guesses import MODEL, Guesses, by_logits, joined, perplexity, top_scores
from explainers.training.scores.intervals import Score
from explainers.training.scores.ngrams import Ids
from explainers.training.scores.tokens import ScoreError, token_id, vocabulary_size
from explainers.training.scores.windows import Window, neighbours, spread

LENGTH = 128
_ROWS = 32


@dataclass(frozen=True)
class Specials:
    """The ids that frame and mask BERT's input; ordinary: every other id of the vocabulary."""

    cls: int
    sep: int
    mask: int
    pad: int
    ordinary: Ids

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Specials:
        """Read them from the tokenizer."""
        frame, sep, mask, pad = (token_id(checkpoint, token) for token in ("[CLS]", "[SEP]", "[MASK]", "[PAD]"))
        added = checkpoint.tokenizer.get_added_tokens_decoder()
        special = [frame, sep, mask, pad, *(id_ for id_, token in added.items() if token.special)]
        return cls(frame, sep, mask, pad, np.setdiff1d(np.arange(vocabulary_size(checkpoint)), special))


def size(checkpoint: Checkpoint) -> int:
    """How many tokens of text a window has beside [CLS] and two [SEP]: 125, fewer where the context is short."""
    return min(LENGTH, checkpoint.context) - 3


def masked(checkpoint: Checkpoint, picked: Sequence[Window], baselines: Baselines | None, seed: int) -> list[Score]:
    """How often the right token is first, or among the first five, at the 15 % of positions that pre-training's
    corruption chooses; all of them count: masked, replaced and kept.

    A window is framed as in pre-training, cut into two segments at the sentence that begins nearest its middle. The
    baselines see what the model sees, the corrupted neighbours; unlike it, they do not see the token that stands at the
    position itself (in one of five cases the right one or a random one).
    """
    specials = Specials.of(checkpoint)
    chosen, targets, left, right, clusters, inputs = [], [], [], [], [], []
    nothing = baselines.forward.unseen if baselines else -1
    for number, window in enumerate(picked):
        draw = corrupt(
            window.ids, np.isin(window.ids, specials.ordinary), np.random.default_rng([seed, number]),
            mask_id=specials.mask, replacements=specials.ordinary,
        )  # fmt: skip
        places = np.flatnonzero(draw.chosen)
        before, after = neighbours(draw.ids, places, nothing)
        chosen.append(places)
        inputs.append(framed(draw.ids, middle(window), specials, places))
        targets.append(window.ids[places])
        left.append(before)
        right.append(after)
        clusters.append(np.full(len(places), number))
    right_ids = np.concatenate(targets)
    if not len(right_ids):
        raise ScoreError(
            _("No token of the text can be masked: {name} knows too little of it.").format(name=checkpoint.name)
        )
    guesses = {MODEL: _model_guesses(checkpoint, inputs, targets, specials)}
    if baselines:
        guesses |= baselines.guesses(right_ids, np.concatenate(left), np.concatenate(right))
    names = (_("masked token is the first guess"), _("masked token is among the first five guesses"))
    return top_scores("masked", names, guesses, np.concatenate(clusters))


def pseudo_perplexity(
    checkpoint: Checkpoint, texts: Sequence[Encoded], baselines: Baselines | None, most: int
) -> list[Score]:
    """e to the mean negative log-probability of each token, masked alone in its sentence (Salazar et al. 2020,
    equation 3), over at most `most` sentences, each cut to the window's size.
    """
    specials = Specials.of(checkpoint)
    picked = spread([ids for text in texts for ids in _sentences(text, size(checkpoint))], most)
    nothing = baselines.forward.unseen if baselines else -1
    inputs, targets, left, right, clusters = [], [], [], [], []
    for number, ids in enumerate(picked):
        places = np.flatnonzero(np.isin(ids, specials.ordinary))
        for place in places:
            one = ids.copy()
            one[place] = specials.mask
            inputs.append(framed(one, 0, specials, np.array([place])))
            targets.append(ids[place : place + 1])
        before, after = neighbours(ids, places, nothing)
        left.append(before)
        right.append(after)
        clusters.append(np.full(len(places), number))
    guesses = {MODEL: _model_guesses(checkpoint, inputs, targets, specials)}
    if baselines:
        guesses |= baselines.guesses(np.concatenate(targets), np.concatenate(left), np.concatenate(right))
    return [perplexity("pseudo_perplexity", _("pseudo-perplexity of a token"), guesses, np.concatenate(clusters))]


@dataclass(frozen=True)
class Framed:
    """One input of BERT: ids, types (tokens,), and the places in it that are asked about."""

    ids: Ids
    types: Ids
    places: Ids


def framed(ids: Ids, cut: int, specials: Specials, places: Ids) -> Framed:
    """[CLS] text [SEP], or, cut after `cut` tokens, [CLS] first part [SEP] second part [SEP]; places count in ids."""
    if not cut:
        whole = np.concatenate([[specials.cls], ids, [specials.sep]])
        return Framed(whole, np.zeros(len(whole), np.int64), places + 1)
    whole = np.concatenate([[specials.cls], ids[:cut], [specials.sep], ids[cut:], [specials.sep]])
    return Framed(whole, (np.arange(len(whole)) > cut + 1).astype(np.int64), places + 1 + (places >= cut))


def middle(window: Window) -> int:
    """The beginning of a sentence that is nearest the middle of the window, 0 where none begins inside."""
    if not len(window.cuts):
        return 0
    return int(window.cuts[np.argmin(np.abs(window.cuts - len(window.ids) / 2))])


def batches(inputs: Sequence[Framed], pad: int) -> Iterator[tuple[Ids, dict[str, torch.Tensor]]]:
    """Inputs of like length together: which ones, and input_ids, token_type_ids and attention_mask (rows, tokens)."""
    order = np.argsort([len(one.ids) for one in inputs], kind="stable")
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        width = len(inputs[rows[-1]].ids)
        ids = np.stack(
            [np.pad(inputs[row].ids, (0, width - len(inputs[row].ids)), constant_values=pad) for row in rows]
        )
        types = np.stack([np.pad(inputs[row].types, (0, width - len(inputs[row].types))) for row in rows])
        kept = np.arange(width) < np.array([len(inputs[row].ids) for row in rows])[:, None]
        arrays = {"input_ids": ids, "token_type_ids": types, "attention_mask": kept.astype(np.int64)}
        yield rows, {name: torch.from_numpy(array) for name, array in arrays.items()}


def logits_at(checkpoint: Checkpoint, inputs: Sequence[Framed], pad: int) -> Iterator[tuple[Ids, torch.Tensor]]:
    """For each batch: which inputs, and the scores (places of these in order, vocab) at the places that they ask
    about; nowhere else is the output layer computed.
    """
    model: Any = checkpoint.model
    for rows, batch in batches(inputs, pad):
        hidden = model.bert(**batch).last_hidden_state
        row = np.repeat(np.arange(len(rows)), [len(inputs[number].places) for number in rows])
        column = np.concatenate([inputs[number].places for number in rows])
        yield rows, model.cls.predictions(hidden[row, column])


def _model_guesses(
    checkpoint: Checkpoint, inputs: Sequence[Framed], targets: Sequence[Ids], specials: Specials
) -> Guesses:
    """The model's guesses in the order of the inputs and their places."""
    order, parts = [], []
    for rows, logits in logits_at(checkpoint, inputs, specials.pad):
        order.append(rows)
        parts.append(by_logits(logits, np.concatenate([targets[row] for row in rows])))
    sorted_rows = np.concatenate(order)
    found = joined(parts)
    counts = np.array([len(target) for target in targets])
    back = np.argsort(np.repeat(sorted_rows, counts[sorted_rows]), kind="stable")
    return Guesses(found.ranks[back], found.nats[back])


def _sentences(text: Encoded, longest: int) -> Iterator[Ids]:
    for start, end in pairwise(text.units):
        if end > start:
            yield text.ids[start : min(end, start + longest)].astype(np.int64)
