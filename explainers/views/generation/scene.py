"""What the parts of the generation lesson share: the text, what was drawn after it, and the place that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from explainers.checkpoints import Checkpoint
from explainers.generation import Continuation, Draw, KeyValueMemory, Prompt, Scheme, most_draws
from explainers.language import ngettext
from explainers.views import address, cached

Part = Literal["next", "beam", "surprise", "lens", "cache", "tasks"]
PARTS: tuple[Part, ...] = get_args(Part)

MOST_DRAWN = 60
MOST_SEED = 999_999

_AT = "gen_at"


@dataclass(frozen=True)
class Settings:
    """What the reader chose: the rule, its seed, how many tokens to draw, and the part of the lesson.

    beams, rounds: of a beam search.
    """

    part: Part
    scheme: Scheme
    seed: int
    count: int
    beams: int
    rounds: int


@dataclass(frozen=True)
class Scene:
    """One text with its continuation. at: the token that is looked at; one past the last is the next one's place."""

    checkpoint: Checkpoint
    prompt: Prompt
    settings: Settings
    continuation: Continuation
    at: int

    @property
    def ids(self) -> tuple[int, ...]:
        """The text's tokens, and the drawn ones."""
        return self.continuation.ids

    @property
    def memory(self) -> KeyValueMemory:
        """The model with its cache."""
        return cached.generation_memory(self.checkpoint.name)

    @property
    def names(self) -> Mapping[int, str]:
        """Every token as it is drawn, by id; bytes that are no whole character as 0xB6."""
        return cached.written_vocabulary(self.checkpoint.name)

    def name(self, at: int) -> str:
        """The token in this place, as it is drawn."""
        return self.names.get(self.ids[at], "")

    def spoken(self, at: int) -> str:
        """The token in this place, as a sentence names it: in quotes, but a piece of a character is no text."""
        name = self.name(at)
        if cached.vocabulary_kinds(self.checkpoint.name).get(self.ids[at]) != "byte":
            return f"“{name}”"
        return ngettext("the byte {bytes}", "the bytes {bytes}", len(name.split())).format(bytes=name)

    def draw_at(self, at: int) -> Draw | None:
        """How the token in this place was drawn; None where it was given."""
        drawn = at - len(self.continuation.prompt)
        return self.continuation.draws[drawn] if 0 <= drawn < len(self.continuation.draws) else None


def scene(checkpoint: Checkpoint, prompt: Prompt, settings: Settings) -> Scene:
    """The scene of the reader's text, which must have a token."""
    found = cached.continuation(checkpoint.name, prompt.ids, settings.scheme, settings.seed, settings.count)
    # After the end of a text, or of the context, nothing comes: the last token is looked at.
    last = len(found.ids) - (found.ended or found.full)
    return Scene(checkpoint, prompt, settings, found, _place(max(last, 1)))


def room(checkpoint: Checkpoint, prompt: Prompt) -> int:
    """How many tokens may be drawn after the reader's text: what the model has positions for, up to MOST_DRAWN."""
    return min(MOST_DRAWN, most_draws(checkpoint, len(prompt.ids)))


def room_after(scene: Scene) -> int:
    """How many steps the model has positions for after the reader's text."""
    return scene.checkpoint.context - len(scene.continuation.prompt)


def look_at(place: int | None) -> None:
    """Look at the token in this place; None for the next one's, wherever that is."""
    address.keep(_AT, "" if place is None else str(place))


def _place(last: int) -> int:
    """The place that the address names, from 1 (nothing stands before the first token); else the last one."""
    named = address.number(_AT, last + 1, first=1)
    return last if named is None else named
