"""The model, the text, the kind of attention and the head that the page is about now."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from explainers.attention import StrongestHead, seen_patterns, strongest_heads
from explainers.checkpoints import Checkpoint, Family
from explainers.language import _
from explainers.trace import AXES, AttentionKind, Stack, Trace, attention_bytes
from explainers.views import cached, passes, waiting
from explainers.views.attention_heads import state
from explainers.views.components.heads import Place
from explainers.views.controls import Choice

_NEARLY_ALL = 0.9  # of the attention on one key: nothing is left to mix


@dataclass(frozen=True, eq=False)
class Scene:
    """One pass of one model, and of it one head. pair: BERT's and GPT-2's second text; target: T5's."""

    checkpoint: Checkpoint
    text: str
    pair: str | None
    target: str | None
    kind: AttentionKind
    trace: Trace
    place: Place

    @property
    def family(self) -> Family:
        """The model's family."""
        return self.checkpoint.family

    @property
    def asked(self) -> tuple[str, str, str | None, str | None]:
        """What names this pass in a cache."""
        return self.checkpoint.name, self.text, self.pair, self.target

    @property
    def needed_bytes(self) -> int:
        """What one more pass over the same tokens takes."""
        return waiting.needed_bytes(self.checkpoint.name, sum(map(len, self.trace.ids.values())))

    @property
    def size(self) -> tuple[int, int]:
        """How many layers and heads have this kind of attention."""
        layers, heads = self.trace.attentions[self.kind].shape[:2]
        return layers, heads

    @property
    def same_text(self) -> bool:
        """Whether queries and keys are the same tokens, which they are not in cross-attention."""
        return self.kind != "cross"

    def pieces(self, stack: Stack) -> list[str]:
        """The tokens of a stack as they are drawn."""
        labels = cached.drawn_vocabulary(self.checkpoint.name)
        return [labels.get(number, "") for number in self.trace.ids[stack].tolist()]

    @property
    def queries(self) -> list[str]:
        """The tokens that look."""
        return self.pieces(AXES[self.kind][0])

    @property
    def keys(self) -> list[str]:
        """The tokens that are looked at."""
        return self.pieces(AXES[self.kind][1])

    @property
    def patterns(self) -> list[StrongestHead]:
        """The strongest known head of every pattern of this kind of attention."""
        return [found for found in strongest_heads(self.checkpoint) if found.kind == self.kind]

    @property
    def seen(self) -> list[StrongestHead]:
        """Those of them that the text has anything for: where no comma stands, no head looks at one."""
        return [found.head for found in seen_patterns(self.checkpoint, self.trace, self.kind, self.patterns)]


def scene(
    choice: Choice, family: Family, kind: AttentionKind, first: Place | None = None, *, mixing: bool = False
) -> Scene | None:
    """Run the family's model, or take the pass that is there, and find the head that the reader has chosen.

    first: what is open where none is chosen; if None, the clearest, or with mixing one that mixes several keys. None
    where the pass takes long: then the page says how far it is.
    """
    checkpoint = choice.checkpoints[family]
    pair, target = (None, choice.pair) if family == "t5" else (choice.pair, None)
    asked = (checkpoint.name, choice.text, pair, target)
    if not waiting.here(passes.attention_trace, _needed_bytes(checkpoint, *asked), *asked):
        return None
    with st.spinner(_("The model reads the text"), show_time=True):
        trace = passes.attention_trace(*asked)
    layers, heads = trace.attentions[kind].shape[:2]
    layer, head = state.number("att_layer", layers), state.number("att_head", heads)
    if layer is not None and head is not None:
        place = Place(layer, head)
    elif first is not None and first.layer < layers and first.head < heads:
        place = first
    else:
        place = _first(checkpoint, trace, kind, mixing=mixing)
    return Scene(checkpoint, choice.text, pair, target, kind, trace, place)


def go_to(place: Place) -> None:
    """Open another head."""
    state.keep("att_layer", place.layer)
    state.keep("att_head", place.head)


def kind_names() -> dict[AttentionKind, str]:
    """The three kinds of attention, in words."""
    return {"encoder": _("Encoder"), "decoder": _("Decoder"), "cross": _("Cross-attention")}


def _needed_bytes(checkpoint: Checkpoint, name: str, text: str, pair: str | None, target: str | None) -> int:
    """What a pass takes that keeps all attention weights."""
    tokens, targets = len(cached.tokenized(name, text, pair).tokens), 0
    if checkpoint.family == "t5":
        targets = len(cached.tokenized(name, text if target is None else target).tokens)
    return waiting.needed_bytes(
        name, tokens + targets, kept_bytes=attention_bytes(checkpoint.sizes, tokens, targets, "float16")
    )


def _first(checkpoint: Checkpoint, trace: Trace, kind: AttentionKind, *, mixing: bool) -> Place:
    """The head that is open at first: of those that do a known thing, the one that shows it best on this text.

    mixing: rather one that takes from several keys, where there is one.
    """
    formed = [found for found in strongest_heads(checkpoint) if found.formed]
    seen = seen_patterns(checkpoint, trace, kind, formed)
    if mixing:
        seen = [pattern for pattern in seen if pattern.share < _NEARLY_ALL] or seen
    best = max(seen, key=lambda pattern: pattern.clear, default=None)
    return Place(best.head.layer, best.head.head) if best else Place(0, 0)
