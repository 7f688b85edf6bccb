"""The grid of all heads: what is written on it, and what a click does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explainers.attention import StrongestHead, Thumbnails
from explainers.language import _
from explainers.views import passes, saving
from explainers.views.attention_heads import state
from explainers.views.attention_heads.patterns import pattern_names
from explainers.views.attention_heads.scene import Scene, go_to
from explainers.views.components import head_grid
from explainers.views.components.heads import Cell, Mode, Place

_SETS: dict[Mode, state.HeadSet] = {"knock": "att_out", "gather": "att_set"}


def draw_grid(
    shown: Scene, *, notes: Sequence[Sequence[str]] | None, mode: Mode, slot: int = 0, described: bool = True
) -> None:
    """All heads of one kind; a click opens one, and silences it ("knock") or adds it to those averaged ("gather").

    notes [layers][heads]: a number on each, if there are any. slot: which of several grids on the
    page this is. described: whether a sentence says how to read it.
    """
    layers, heads = shown.size
    held = _SETS.get(mode)
    chosen = state.chosen_heads(held, shown.kind, layers, heads) if held else frozenset()
    marks = _marks(shown.seen)

    def picked(place: Place, now: frozenset[Place]) -> None:
        go_to(place)
        if held:
            state.choose_heads(held, shown.kind, now)

    titles: dict[Mode, str] = {
        "open": _("**Rows: layers. Columns: heads.**"),
        "knock": _("**A click silences a head**, another lets it speak."),
        "gather": _("**A click takes a head** into the mean, or out."),
    }
    st.markdown(titles[mode])
    cells = [
        [Cell(notes[layer][head] if notes else "", marks.get((layer, head), "")) for head in range(heads)]
        for layer in range(layers)
    ]
    small = passes.head_thumbnails(*shown.asked, shown.kind)
    with saving.picture(f"att_grid_{slot}", partial(_csv, small, cells), name=f"heads-{shown.checkpoint.name}"):
        head_grid(
            small,
            cells,
            key=f"att_grid_{shown.kind}_{slot}",
            family=shown.family,
            selected=shown.place,
            mode=mode,
            chosen=chosen,
            alternative=_alternative(shown),
            on_pick=picked,
        )
    if described:
        _describe()


def _describe() -> None:
    """How to read the grid."""
    st.caption(
        _(
            "The fuller a colour, the stronger the attention (the square root of the weight is drawn, so that weak "
            "attention shows). A dot: the best head for a known pattern that this text "
            "has something for. Layers and heads are counted from 0."
        )
    )


def _csv(small: Thumbnails, cells: Sequence[Sequence[Cell]]) -> str:
    """A line a head: what is written on it, and the cells of its picture, row by row."""
    weights = small.weights
    rows, columns = weights.shape[2:]
    places = [f"{row}.{column}" for row in range(rows) for column in range(columns)]
    return saving.csv_text(
        ("layer", "head", "number", "patterns", *places),
        (
            (layer, head, cell.note, cell.mark, *weights[layer, head].ravel().tolist())
            for layer, line in enumerate(cells)
            for head, cell in enumerate(line)
        ),
    )


def _marks(known: Sequence[StrongestHead]) -> dict[tuple[int, int], str]:
    """The names of the patterns that have formed, by head."""
    names = pattern_names()
    found: dict[tuple[int, int], list[str]] = {}
    for pattern in known:
        if pattern.formed:
            found.setdefault((pattern.layer, pattern.head), []).append(names[pattern.pattern])
    return {place: ", ".join(words) for place, words in found.items()}


def _alternative(shown: Scene) -> str:
    """The grid as a sentence, for those who listen to it."""
    return _("{layers} layers of {heads} heads; layer {layer}, head {head} is open.").format(
        layers=shown.size[0], heads=shown.size[1], layer=shown.place.layer, head=shown.place.head
    )
