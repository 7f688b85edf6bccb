"""What a model puts in the gap of a sentence: its five best words, and whether one of them fits."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import regex
import torch

from explainers.checkpoints import ASSETS, Checkpoint
from explainers.intervals import share_interval
from explainers.language import _
from explainers.training.scores import bert, t5
from explainers.training.scores.intervals import Score
from explainers.training.scores.ngrams import Ids
from explainers.training.scores.tokens import token_id

MARK = "___"
GUESSES = 5
_MOST_BEHIND = 2  # words; GPT-2 reads the left side only
_BEAMS_A_GUESS = 4  # many differ only behind the gap, since the decoder writes on
_FILL_TOKENS = 8
_MOST_SKIPPED = 5
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}'’-]*")
_BATCH = 32


@dataclass(frozen=True)
class Gap:
    """left ___ right, and the words that fit, in lower case; skipped: right words that are not asked for, which count
    neither for the model nor against it.
    """

    left: str
    right: str
    fits: frozenset[str]
    skipped: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The sentence with its mark."""
        return f"{self.left}{MARK}{self.right}"


@dataclass(frozen=True)
class Verdict:
    """A gap, the model's best fillings in order, and whether one of them, or the very first, fits."""

    gap: Gap
    guesses: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether a guess fits."""
        return any(plain(guess) in self.gap.fits for guess in self.guesses)

    @property
    def first_fits(self) -> bool:
        """Whether the first guess fits."""
        return bool(self.guesses) and plain(self.guesses[0]) in self.gap.fits


@lru_cache(maxsize=1)
def everyday_gaps() -> tuple[Gap, ...]:
    """The fifty sentences of assets/everyday_gaps.toml."""
    entries = tomllib.loads((ASSETS / "everyday_gaps.toml").read_text(encoding="utf-8"))["sentences"]
    sides = [entry["text"].split(MARK) for entry in entries]
    return tuple(
        Gap(left, right, frozenset(entry["fits"].split())) for (left, right), entry in zip(sides, entries, strict=True)
    )


def scorable(checkpoint: Checkpoint, gap: Gap) -> bool:
    """Whether the model can be asked: GPT-2, which reads the left side only, where two words at most stand behind."""
    return checkpoint.family != "gpt2" or len(_WORD.findall(gap.right)) <= _MOST_BEHIND


def verdicts(checkpoint: Checkpoint, gaps: Iterable[Gap], guesses: int = GUESSES) -> list[Verdict]:
    """The model's best fillings for each gap.

    BERT: the tokens rated highest at one [MASK]. GPT-2: the tokens rated highest after the left side, each written on
    greedily until its word ends. T5: what the decoder writes for one sentinel, the first different fills of four beams
    a guess (greedily for one guess).
    """
    asked = list(gaps)
    more = min(max((len(gap.skipped) for gap in asked), default=0), _MOST_SKIPPED)
    answer = {"bert": _bert, "gpt2": _gpt2, "t5": _t5}[checkpoint.family]
    with torch.inference_mode():
        found = answer(checkpoint, asked, guesses + more)
    kept = [[word for word in words if plain(word) not in gap.skipped] for gap, words in zip(asked, found, strict=True)]
    return [Verdict(gap, tuple(words[:guesses])) for gap, words in zip(asked, kept, strict=True)]


def gap_score(found: Sequence[Verdict]) -> Score:
    """The share of sentences for which a word that fits is among the guesses."""
    hits = [verdict.fits for verdict in found]
    name = _("everyday sentence: a word that fits is among the first five guesses")
    return Score("everyday_gaps", name, sum(hits) / len(hits), *share_interval(sum(hits), len(hits)), len(hits))


def plain(word: str) -> str:
    """A guess as it is compared: lower case, nothing but its words; BERT's "##" stays, which makes it no word."""
    return regex.sub(r"^[^\p{L}\p{N}#]+|[^\p{L}\p{N}]+$", "", word).casefold()


def _bert(checkpoint: Checkpoint, gaps: Sequence[Gap], guesses: int) -> list[tuple[str, ...]]:
    specials = bert.Specials.of(checkpoint)
    inputs = []
    for gap in gaps:
        ids = np.array(checkpoint.tokenizer.encode(f"{gap.left}[MASK]{gap.right}", add_special_tokens=False).ids)
        inputs.append(bert.framed(ids, 0, specials, np.flatnonzero(ids == specials.mask)[:1]))
    found: dict[int, tuple[str, ...]] = {}
    for rows, logits in bert.logits_at(checkpoint, inputs, specials.pad):
        best = logits.topk(guesses).indices.tolist()
        for row, ids in zip(rows.tolist(), best, strict=True):
            found[row] = tuple(checkpoint.tokenizer.id_to_token(id_) or "" for id_ in ids)
    return [found[row] for row in range(len(gaps))]


def _gpt2(checkpoint: Checkpoint, gaps: Sequence[Gap], guesses: int) -> list[tuple[str, ...]]:
    """The likeliest next tokens, each written on greedily while its word goes on."""
    tokenizer = checkpoint.tokenizer
    room = checkpoint.context - _FILL_TOKENS
    contexts = [tokenizer.encode(gap.left.rstrip(" "), add_special_tokens=False).ids[-room:] for gap in gaps]
    rows: list[list[int]] = []
    for start in range(0, len(contexts), _BATCH):
        best = _after(checkpoint, contexts[start : start + _BATCH]).topk(guesses).indices
        rows += [[id_] for id_ in best.flatten().tolist()]
    for _step in range(_FILL_TOKENS - 1):
        going = [number for number, row in enumerate(rows) if not _ended(tokenizer.decode(row))]
        for start in range(0, len(going), _BATCH * guesses):
            some = going[start : start + _BATCH * guesses]
            logits = _after(checkpoint, [contexts[number // guesses] + rows[number] for number in some])
            for number, id_ in zip(some, logits.argmax(1).tolist(), strict=True):
                rows[number].append(id_)
    words = [_first_word(tokenizer.decode(row)) for row in rows]
    return [tuple(words[start : start + guesses]) for start in range(0, len(words), guesses)]


def _after(checkpoint: Checkpoint, contexts: Sequence[Sequence[int]]) -> torch.Tensor:
    """GPT-2's scores for the token after each context, (contexts, vocab); padding stands behind, where it is unseen."""
    ids = t5.padded([np.array(context) for context in contexts], 0)
    model: Any = checkpoint.model
    hidden = model.transformer(ids, use_cache=False).last_hidden_state
    last: torch.Tensor = model.lm_head(hidden[range(len(contexts)), [len(one) - 1 for one in contexts]])
    return last


def _ended(text: str) -> bool:
    """Whether something stands behind the first word."""
    bare = text.strip(" ")
    return bool(bare) and (len(_first_word(text)) < len(bare) or text.endswith(" "))


def _first_word(text: str) -> str:
    match = _WORD.match(text.lstrip(" "))
    return match.group().rstrip("-'’") if match else text.strip(" ")[:1]


def _t5(checkpoint: Checkpoint, gaps: Sequence[Gap], guesses: int) -> list[tuple[str, ...]]:
    sentinels = t5.sentinel_ids(checkpoint)
    end = token_id(checkpoint, "</s>")
    found: list[tuple[str, ...]] = []
    for start in range(0, len(gaps), _BATCH):
        inputs = [_with_sentinel(checkpoint, gap, sentinels[0], end) for gap in gaps[start : start + _BATCH]]
        beams = guesses if guesses == 1 else _BEAMS_A_GUESS * guesses
        written = t5.generated(checkpoint, inputs, _FILL_TOKENS, beams)
        fills = [checkpoint.tokenizer.decode(t5.fills(row, sentinels, end).get(0, [])).strip() for row in written]
        found += [tuple(dict.fromkeys(fills[row : row + beams]))[:guesses] for row in range(0, len(fills), beams)]
    return found


def _with_sentinel(checkpoint: Checkpoint, gap: Gap, sentinel: int, end: int) -> Ids:
    """The ids of the sentence with the tokens of a word that fits replaced by the sentinel, as in pre-training: the
    blank before the word goes with it.
    """
    word = min(gap.fits)
    encoding = checkpoint.tokenizer.encode(f"{gap.left}{word}{gap.right}", add_special_tokens=False)
    first, last = len(gap.left), len(gap.left) + len(word)
    inside = [start < last and stop > first for start, stop in encoding.offsets]
    at = inside.index(True)
    kept = [id_ for id_, taken in zip(encoding.ids, inside, strict=True) if not taken]
    return np.array([*kept[:at], sentinel, *kept[at:], end], np.int64)
