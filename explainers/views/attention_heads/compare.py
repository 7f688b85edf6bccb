"""Two texts, or two models, side by side: how far every head differs, and the same head of both."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import streamlit as st

from explainers import attention
from explainers.checkpoints import Family, catalogue, load
from explainers.language import _
from explainers.trace import AttentionKind
from explainers.views import blocks
from explainers.views.attention_heads import differences
from explainers.views.attention_heads.grid import draw_grid
from explainers.views.attention_heads.opened import draw_map
from explainers.views.attention_heads.scene import Scene, scene
from explainers.views.components import MapAxes
from explainers.views.controls import Choice

_SENTENCE = "sentence"
_MOST_LETTERS = 80  # of a text that names a picture


def draw(choice: Choice, family: Family, kind: AttentionKind) -> None:
    """Both texts read alone by one model, or the first text read by two; a click chooses a head in both."""
    alone = replace(choice, pair=None)
    others = [name for name, its in catalogue().items() if its == family and name != choice.checkpoints[family].name]
    offered = [*([_SENTENCE] if choice.pair and choice.pair.strip() else []), *others]
    if not offered:
        st.info(
            _("Write a second sentence to compare with, or get a second model under Models."),
            icon=":material/compare_arrows:",
        )
        return
    switches = st.container(horizontal=True, vertical_alignment="center", gap="medium")
    with switches:
        other = _other(offered)
    if other == _SENTENCE:
        second = replace(alone, text=choice.pair or "")
    else:
        second = replace(alone, checkpoints=MappingProxyType({**choice.checkpoints, family: load(other)}))
    numbers = st.container(gap="xsmall")
    left, right = st.columns(2, gap="large")
    with left:
        one = scene(alone, family, kind)
    with right:
        two = scene(second, family, kind, first=one.place if one else None)
    notes: differences.Notes | None = None
    if one and two and all((one.queries, one.keys, two.queries, two.keys)):
        with numbers:
            notes = differences.draw(one, two, switches)
    for side, shown, slot in ((left, one, 0), (right, two, 1)):
        if shown is not None:
            with side, st.container(gap="xsmall"):
                _one(shown, slot, notes)
    if one and two and one.place != two.place:
        st.caption(
            _("The two models have not the same heads: layer {layer}, head {head} is only in one of them.").format(
                layer=max(one.place, two.place).layer, head=max(one.place, two.place).head
            )
        )


def _other(offered: list[str]) -> str:
    """What stands on the right."""
    if st.session_state.get("att_other", offered[0]) not in offered:
        del st.session_state["att_other"]
    return (
        st.segmented_control(
            _("Compare with"),
            offered,
            default=offered[0],
            required=True,
            key="att_other",
            bind="query-params",
            persist_state="session",
            format_func=lambda name: _("Second sentence") if name == _SENTENCE else name,
            label_visibility="collapsed",
        )
        or offered[0]
    )


def _one(shown: Scene, slot: int, notes: differences.Notes | None) -> None:
    """One side: its name, all its heads with what is written on those that both have, and the open one as a matrix."""
    st.markdown(f"**{blocks.plain(shown.checkpoint.name)}**: {blocks.plain(shown.text[:_MOST_LETTERS])}")
    if not shown.queries or not shown.keys:
        blocks.show_empty()
        return
    if notes is not None:
        notes = [[_note(notes, layer, head) for head in range(shown.size[1])] for layer in range(shown.size[0])]
    draw_grid(shown, notes=notes, mode="open", slot=slot, described=False)
    weights = attention.attention_map(shown.trace.attentions[shown.kind], "head", *shown.place)
    axes = MapAxes(shown.queries, shown.keys, range(len(shown.queries)), range(len(shown.keys)))
    draw_map(shown, weights, axes, look="matrix", threshold=0, slot=slot)


def _note(notes: differences.Notes, layer: int, head: int) -> str:
    """What is written on a head; nothing where only one of the two has it."""
    return notes[layer][head] if layer < len(notes) and head < len(notes[layer]) else ""
