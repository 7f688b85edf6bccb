"""BERT's next-sentence score on balanced pairs: does the second part follow the first, or come from elsewhere?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from explainers.checkpoints import Checkpoint
from explainers.language import _
from explainers.training.encoded import Encoded
from explainers.training.scores import bert
from explainers.training.scores.intervals import Score, share
from explainers.training.scores.ngrams import Ids
from explainers.training.scores.windows import spread

NEARBY = 3


class _Place(NamedTuple):
    """Between two sentences. document: its row in the source's list of places; start, at, end: where the document
    starts, the second sentence begins, and the document ends, in the source's ids.
    """

    source: int
    document: int
    start: int
    at: int
    end: int


def next_sentence(
    checkpoint: Checkpoint, texts: Sequence[Encoded], most: int, seed: int, *, nearby: bool = False
) -> list[Score]:
    """How often the head is right about pairs, half of them consecutive text, at `most` places between two sentences.

    Each place gives two pairs with the same first part: the true second part, and one that begins at a random sentence
    of another document of the same source. nearby: a source may be a file in which sources follow each other, so the
    other document is one of the three before or the three after. Where there are several texts, false second parts
    from another text are scored apart: there the topic alone gives most away. Guessing is right half of the time.
    """
    sources = [_places(source, text) for source, text in enumerate(texts)]
    useful = [place for places in sources if len(places) > 1 for document in places for place in document]
    if not useful:
        return []
    picked = spread(useful, most)
    rng = np.random.default_rng([seed, 2])
    name = _("next sentence told from one of another document of the same source")
    false = [_same_source(place, sources[place.source], rng, nearby=nearby) for place in picked]
    scores = [_scored(checkpoint, texts, "next_sentence", name, picked, false)]
    if len({place.source for place in useful}) > 1:
        name = _("next sentence told from one of another source (the easy case)")
        false = [_other_source(place, useful, rng) for place in picked]
        scores.append(_scored(checkpoint, texts, "next_sentence_mixed", name, picked, false))
    return scores


def _places(source: int, text: Encoded) -> list[list[_Place]]:
    """The places between two sentences of each document that has any."""
    found: list[list[_Place]] = []
    for first, after in pairwise(text.documents):
        starts = np.unique(text.units[first : after + 1]).tolist()
        if len(starts) > 2:
            found.append([_Place(source, len(found), starts[0], at, starts[-1]) for at in starts[1:-1]])
    return found


def _same_source(place: _Place, documents: list[list[_Place]], rng: np.random.Generator, *, nearby: bool) -> _Place:
    """A place in another document: any place equally likely, or one of a document among the nearest."""
    own = place.document
    if nearby:
        documents = documents[max(own - NEARBY, 0) : own] + documents[own + 1 : own + 1 + NEARBY]
        candidates = documents[int(rng.integers(len(documents)))]
        return candidates[int(rng.integers(len(candidates)))]
    ends = np.cumsum([len(candidates) for candidates in documents])
    low, high = int(ends[own]) - len(documents[own]), int(ends[own])
    number = int(rng.integers(ends[-1] - (high - low)))
    number += (high - low) if number >= low else 0
    document = int(np.searchsorted(ends, number, side="right"))
    return documents[document][number - int(ends[document])]


def _other_source(place: _Place, places: Sequence[_Place], rng: np.random.Generator) -> _Place:
    while True:
        other = places[int(rng.integers(len(places)))]
        if other.source != place.source:
            return other


def _scored(
    checkpoint: Checkpoint,
    texts: Sequence[Encoded],
    key: str,
    name: str,
    places: Sequence[_Place],
    false: Sequence[_Place],
) -> Score:
    """The share of right answers over both pairs of every place; the two pairs of a place are one cluster."""
    room = bert.size(checkpoint)
    specials = bert.Specials.of(checkpoint)
    inputs = []
    for place, other in zip(places, false, strict=True):
        first = _run(texts, place.source, max(place.start, place.at - room // 2), place.at)
        for second in (place, other):
            follows = _run(texts, second.source, second.at, min(second.end, second.at + room - room // 2))
            inputs.append(bert.framed(np.concatenate([first, follows]), len(first), specials, np.zeros(0, np.int64)))
    model: Any = checkpoint.model
    says_next = np.zeros(len(inputs), bool)
    for rows, batch in bert.batches(inputs, specials.pad):
        pooled = model.bert(**batch).pooler_output
        says_next[rows] = (model.cls.seq_relationship(pooled).argmax(1) == 0).numpy()
    right = says_next == (np.arange(len(inputs)) % 2 == 0)
    return Score(key, name, *share(right, np.arange(len(inputs)) // 2), len(inputs))


def _run(texts: Sequence[Encoded], source: int, start: int, end: int) -> Ids:
    return texts[source].ids[start:end].astype(np.int64)
