"""One token after another: the loop of GPT-2, with every token's probability before and after the cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from explainers.checkpoints import Checkpoint
from explainers.generation.cuts import Scheme, cut, dice, pick
from explainers.generation.memory import KeyValueMemory
from explainers.tokenization.reading import read

_ROOM = 64  # tokens that can be written after a long text


class Prompt(NamedTuple):
    """What the model goes on from: a text, or the last part of one that leaves no room to write.

    sizes: how many bytes each token stands for. left_out: how many tokens of the text come before the first of ids.
    """

    ids: tuple[int, ...]
    sizes: tuple[int, ...]
    left_out: int


def prompt_of(checkpoint: Checkpoint, text: str) -> Prompt:
    """The tokens of a text, or so many of its last ones that 64 more have a place (half the context where it is small).

    They are the tokens of the whole text: the first may begin inside a word.
    """
    ids = checkpoint.tokenizer.encode(text).ids
    kept = tuple(ids[-(checkpoint.context - min(_ROOM, checkpoint.context // 2)) :])
    pieces = read(checkpoint).pieces
    return Prompt(kept, tuple(len(pieces[id_][2]) for id_ in kept), len(ids) - len(kept))


class Draw(NamedTuple):
    """One token as it was drawn.

    own: its probability as the model gave it, over the whole vocabulary. after: the one it was drawn with, after
    temperature and cuts. rank: its place among all tokens by the model, from 1. kept: how many tokens the cuts left.
    die: the number from 0 to 1 that decided; None for greedy.
    """

    id: int
    own: float
    after: float
    rank: int
    kept: int
    die: float | None


@dataclass(frozen=True)
class Continuation:
    """What a prompt (ids) was continued with. ended: the last token ends the text. full: there is no room for more."""

    prompt: tuple[int, ...]
    draws: tuple[Draw, ...]
    ended: bool
    full: bool

    @property
    def ids(self) -> tuple[int, ...]:
        """Prompt and drawn tokens."""
        return (*self.prompt, *(draw.id for draw in self.draws))


def write(memory: KeyValueMemory, prompt: Sequence[int], scheme: Scheme, seed: int, count: int) -> Continuation:
    """Continue a prompt, one token at least, by up to `count` tokens.

    The draws depend on nothing but the arguments: the i-th token uses the i-th die of the seed, so more of them begin
    with the same ones. It ends early at the token that ends a text, or where the model has no position for another.
    """
    checkpoint = memory.checkpoint
    ids, draws = list(prompt), list[Draw]()
    end = end_of_text(checkpoint)
    room = most_draws(checkpoint, len(ids))
    thrown = dice(seed, count)
    while len(draws) < min(count, room) and (not draws or draws[-1].id != end):
        distribution = cut(memory.logits(memory.read(ids)), scheme)
        die = float(thrown[len(draws)]) if scheme.how == "sample" else None
        rank = 0 if die is None else pick(distribution, die)
        token = int(distribution.order[rank])
        own, after = float(distribution.own[rank]), distribution.share(rank)
        draws.append(Draw(token, own, after, rank + 1, distribution.kept, die))
        ids.append(token)
    ended = bool(draws) and draws[-1].id == end
    return Continuation(tuple(prompt), tuple(draws), ended, len(draws) >= room)


def most_draws(checkpoint: Checkpoint, tokens: int) -> int:
    """How many tokens can be drawn after so many: the last may stand outside the context, it is not read any more."""
    return max(checkpoint.context - tokens + 1, 0)


def end_of_text(checkpoint: Checkpoint) -> int | None:
    """The id of the token that ends a text; None where the checkpoint names none."""
    found = checkpoint.config.get("eos_token_id")
    return found if isinstance(found, int) else None
