"""Gaps in generated everyday sentences: what was learned from them, and what was not learned by heart."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from explainers.checkpoints import Checkpoint
from explainers.intervals import share_interval
from explainers.language import _
from explainers.training.scores.gaps import GUESSES, Gap, verdicts
from explainers.training.scores.intervals import Score

if TYPE_CHECKING:
    from explainers.training.everyday import Everyday, Text
    from explainers.training.everyday import Gap as Printed

_ARTICLES = ("a ", "an ", "the ")
_TRIES = 40
_FEWEST_BEFORE = 3  # words; a GPT-2 that knows less of the sentence can only guess


def everyday_scores(checkpoint: Checkpoint, everyday: Everyday, samples: int, seed: int = 0) -> list[Score]:
    """How often an acceptable answer is the first guess, or among the first five, in `samples` sentences of each split:
    seen (frames and relations of training), new frames, new relations.

    One gap a sentence. BERT is asked where an answer is one token, and only such answers count; GPT-2 reads what stands
    before the gap, and is asked where an answer is one word; T5 must write a whole answer. In new relations the one
    answer is a value that training never saw; other values, which it may have seen, are taken out of the guesses, as
    is usual in knowledge-base completion (Bordes et al. 2013, "filtered").
    """
    names = {"seen": _("seen"), "new frames": _("new frames"), "new relations": _("new relations")}
    scores: list[Score] = []
    for split, name in names.items():
        gaps = list(_gaps(checkpoint, everyday, split, samples, seed))
        guesses = 1 if checkpoint.family == "t5" else GUESSES
        found = verdicts(checkpoint, gaps, guesses)
        key = f"everyday_{split.replace(' ', '_')}"
        rows = [(f"{key}_top1", _("everyday gap, {split}: the first guess is right"), [v.first_fits for v in found])]
        if guesses > 1:
            top5 = _("everyday gap, {split}: one of the first five is right")
            rows.append((f"{key}_top5", top5, [verdict.fits for verdict in found]))
        for row_key, text, hits in rows:
            if hits:
                interval = share_interval(sum(hits), len(hits))
                scores.append(Score(row_key, text.format(split=name), float(np.mean(hits)), *interval, len(hits)))
    return scores


def _gaps(checkpoint: Checkpoint, everyday: Everyday, split: str, samples: int, seed: int) -> Iterator[Gap]:
    """The first gap of a sentence, drawn at random among those that can be asked, until there are enough."""
    rng = random.Random(seed)  # noqa: S311 - which sentences to ask about, nothing secret
    left = samples
    for number, text in enumerate(everyday.texts(rng, split)):  # type: ignore[arg-type]
        if not left or number >= _TRIES * samples:
            break
        open_ = [printed for printed in text.gaps if split != "new relations" or printed.held_out]
        gaps = [gap for printed in open_ if (gap := _asked(checkpoint, text, printed, alone=split == "new relations"))]
        if gaps:
            left -= 1
            yield rng.choice(gaps)


def _asked(checkpoint: Checkpoint, text: Text, printed: Printed, *, alone: bool) -> Gap | None:
    """The gap as this model is asked about it, without an article; None where it cannot be. alone: only the answer that
    the text gives counts.
    """
    left, word, right = text.text[: printed.start], text.text[printed.start : printed.end], text.text[printed.end :]
    answers = {answer.casefold() for answer in printed.answers}
    for article in _ARTICLES:
        if word.casefold().startswith(article):
            left, word = left + word[: len(article)], word[len(article) :]
            answers = {answer.removeprefix(article) for answer in answers if answer.startswith(article)}
    if checkpoint.family == "gpt2" and len(left.split()) < _FEWEST_BEFORE:
        return None
    answers = {answer for answer in answers if _can_be_given(checkpoint, answer)}
    fits = answers & {word.casefold()} if alone else answers
    return Gap(left, right, frozenset(fits), frozenset(answers - fits)) if fits else None


def _can_be_given(checkpoint: Checkpoint, answer: str) -> bool:
    """Whether the model's way of answering can give this answer."""
    if checkpoint.family == "bert":
        return len(checkpoint.tokenizer.encode(answer, add_special_tokens=False).ids) == 1
    return checkpoint.family == "t5" or " " not in answer
