"""What a model has learned, measured on text: each score with its 95 % interval, beside what simple baselines get on
the same tokens.

intervals       a measured number and how sure it is
ngrams          trigrams over token ids, counted
baselines       how common tokens are, and trigrams, asked about the positions that a model is asked about
guesses         ranks and probabilities of the right tokens, and the scores that follow
windows  tokens text in the pieces that are scored, and what their ids stand for
bert  next_sentences  gpt2  t5     the scores of each family
gaps  everyday  words in the gaps of everyday sentences
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from explainers.checkpoints import Checkpoint
from explainers.intervals import share_interval
from explainers.language import _
from explainers.training.encoded import Encoded
from explainers.training.scores.baselines import Baselines
from explainers.training.scores.intervals import Estimate, Score
from explainers.training.scores.tokens import ScoreError, vocabulary_size
from explainers.training.scores.windows import spread, windows

__all__ = ["Baselines", "Estimate", "Most", "Score", "ScoreError", "baselines", "scores", "share_interval"]

T = TypeVar("T")

_FEWEST_WINDOWS = 2


@dataclass(frozen=True)
class Most:
    """The largest samples, spread evenly over the text. windows: for masked tokens, next tokens and spans' bits;
    sentences: for pseudo-perplexity; places: for next sentences, two pairs each; written: windows that T5 fills itself.
    """

    windows: int = 2_000
    sentences: int = 400
    places: int = 1_000
    written: int = 300


def baselines(checkpoint: Checkpoint, texts: Sequence[Encoded]) -> Baselines:
    """The baselines for this checkpoint, counted in texts that its tokenizer encoded."""
    return Baselines.of(checkpoint.family, texts, vocabulary_size(checkpoint))


def scores(
    checkpoint: Checkpoint,
    texts: Mapping[str, Encoded],
    baselines: Baselines | None = None,
    *,
    most: Most | None = None,
    nearby: bool = False,
    seed: int = 0,
) -> list[Score]:
    """Everything that is measured of this family, on texts by the name of their source; the same seed gives the same
    numbers.

    nearby: a text may hold several sources one after the other; next_sentence says what follows from it. Heads that
    were not trained are left out. Raises ScoreError where the text is too short or no head was trained.
    """
    import torch

    most = most or Most()
    encoded = list(texts.values())
    _check(checkpoint)
    with torch.inference_mode():
        if checkpoint.family == "bert":
            found = _bert(checkpoint, encoded, baselines, most, nearby, seed)
        elif checkpoint.family == "gpt2":
            found = _gpt2(checkpoint, encoded, baselines, most)
        else:
            found = _t5(checkpoint, encoded, baselines, most, seed)
    return found


def _check(checkpoint: Checkpoint) -> None:
    """Raise ScoreError where the checkpoint has no head to score."""
    if not any(head.trained for head in checkpoint.heads.values()):
        why = next(iter(checkpoint.heads.values())).why
        raise ScoreError(_("{name} cannot be scored. {why}").format(name=checkpoint.name, why=why))


def _bert(
    checkpoint: Checkpoint,
    texts: Sequence[Encoded],
    baselines: Baselines | None,
    most: Most,
    nearby: bool,
    seed: int,
) -> list[Score]:
    from explainers.training.scores import bert, next_sentences

    found: list[Score] = []
    picked = spread(_enough(list(windows(texts, bert.size(checkpoint)))), most.windows)
    if checkpoint.heads["masked LM"].trained:
        found += bert.masked(checkpoint, picked, baselines, seed)
        found += bert.pseudo_perplexity(checkpoint, texts, baselines, most.sentences)
    if checkpoint.heads["next sentence"].trained:
        found += next_sentences.next_sentence(checkpoint, texts, most.places, seed, nearby=nearby)
    return found


def _gpt2(checkpoint: Checkpoint, texts: Sequence[Encoded], baselines: Baselines | None, most: Most) -> list[Score]:
    from explainers.training.scores import gpt2

    _enough(list(gpt2.strides(sum(len(text.ids) for text in texts), gpt2.context(checkpoint))))
    return gpt2.next_tokens(checkpoint, texts, baselines, most.windows)


def _t5(
    checkpoint: Checkpoint, texts: Sequence[Encoded], baselines: Baselines | None, most: Most, seed: int
) -> list[Score]:
    from explainers.training.scores import t5

    picked = spread(_enough(list(windows(texts, t5.size(), t5.SHORTEST))), most.windows)
    return t5.span_scores(checkpoint, picked, baselines, most.written, seed)


def _enough(found: list[T]) -> list[T]:
    """The windows, if an interval can be told from them."""
    if len(found) < _FEWEST_WINDOWS:
        raise ScoreError(_("The text is too short to be scored: give at least a few paragraphs."))
    return found
