"""One head opened: as lines or as a matrix, alone or averaged, with filters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import streamlit as st

from explainers import attention
from explainers.attention import MAP_VIEWS, MapView
from explainers.language import _
from explainers.trace import AXES
from explainers.views import blocks, passes, saving
from explainers.views.attention_heads import filters, state
from explainers.views.attention_heads.scene import Scene, go_to
from explainers.views.components import head_map
from explainers.views.components.heads import Look, MapAxes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_TOLD = 40  # tokens that are told of to those who listen
_MANY = 100  # tokens, of which more are better seen as a matrix
_NAMED = 12  # heads that are listed by name
LOOKS: tuple[Look, ...] = get_args(Look)


def draw(shown: Scene) -> None:
    """The map of the chosen head, or of several, with the switches above it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        look = _look()
        view = _view(shown)
        chosen = filters.draw(shown)
    taken = state.chosen_heads("att_set", shown.kind, *shown.size)
    if view == "rollout":
        weights = passes.rolled_out(*shown.asked, shown.kind)[shown.place.layer]
    else:
        weights = attention.attention_map(shown.trace.attentions[shown.kind], view, *shown.place, taken)
    axes, seen = _filtered(shown, weights, chosen)
    if not axes.queries or not axes.keys:
        blocks.show_notice(_("The filter leaves no token: take it back."))
        return
    draw_map(shown, seen, axes, look=look, threshold=chosen.threshold / 100)
    if look == "lines" and len(axes.queries) > _MANY:
        st.caption(_("So many tokens are hard to follow as lines: the **Matrix** shows all of them at once."))
    st.markdown(_in_words(shown, view))


def draw_map(
    shown: Scene, weights: NDArray[np.floating[Any]], axes: MapAxes, *, look: Look, threshold: float, slot: int = 0
) -> None:
    """One map with the query and the key that the reader holds on to; both are in the address.

    slot: which of several maps on the page this is.
    """
    places = {stack: len(shown.trace.ids[stack]) for stack in set(AXES[shown.kind])}

    def paired(query: int | None, key: int | None) -> None:
        state.keep("att_query", query)
        state.keep("att_key", key)

    name = f"attention-{shown.checkpoint.name}-{shown.kind}-{shown.place.layer}-{shown.place.head}"
    with saving.picture(f"att_map_{slot}", partial(_csv, weights, axes), name=name):
        head_map(
            weights,
            axes,
            key=f"att_map_{shown.kind}_{slot}",
            family=shown.family,
            look=look,
            threshold=threshold,
            query=state.number("att_query", places[AXES[shown.kind][0]]),
            chosen_key=state.number("att_key", places[AXES[shown.kind][1]]),
            place=shown.place,
            size=shown.size,
            label=_label(shown, axes),
            alternative=told(weights, axes),
            on_pair=paired,
            on_go=go_to,
        )


def _look() -> Look:
    return (
        st.segmented_control(
            _("Picture"),
            LOOKS,
            default=LOOKS[0],
            required=True,
            key="att_look",
            bind="query-params",
            persist_state="session",
            format_func={"lines": _("Lines"), "matrix": _("Matrix")}.__getitem__,
            label_visibility="collapsed",
        )
        or LOOKS[0]
    )


def _view(shown: Scene) -> MapView:
    names: dict[MapView, str] = {
        "head": _("Head"),
        "layer": _("Layer"),
        "all": _("All"),
        "set": _("Chosen"),
        "rollout": _("Rollout"),
    }
    views = [view for view in MAP_VIEWS if view != "rollout" or shown.same_text]
    return (
        st.segmented_control(
            _("What is shown"),
            views,
            default=views[0],
            required=True,
            key="att_view",
            bind="query-params",
            persist_state="session",
            format_func=names.__getitem__,
            label_visibility="collapsed",
        )
        or views[0]
    )


def _filtered(
    shown: Scene, weights: NDArray[np.floating[Any]], chosen: filters.Filter
) -> tuple[MapAxes, NDArray[np.floating[Any]]]:
    """The tokens that the filter leaves, and their part of the map."""
    queries, keys = filters.places(shown, chosen)
    names, looked_at = shown.queries, shown.keys
    axes = MapAxes([names[at] for at in queries], [looked_at[at] for at in keys], queries, keys)
    return axes, attention.part_of(weights, queries, keys)


def _in_words(shown: Scene, view: MapView) -> str:
    """What the picture shows, with this head's numbers on this text."""
    layer, head = shown.place
    match view:
        case "layer":
            return _("The mean of all heads of **layer {layer}**.").format(layer=layer)
        case "all":
            return _("The mean of **all heads** of all layers.")
        case "set":
            taken = sorted(state.chosen_heads("att_set", shown.kind, *shown.size))
            named = "; ".join(
                _("layer {layer}, head {head}").format(layer=place.layer, head=place.head) for place in taken[:_NAMED]
            )
            return (
                _("The mean of {n} heads: **{names}**.").format(
                    n=len(taken), names=named + ("…" if len(taken) > _NAMED else "")
                )
                if taken
                else _("No head is taken yet: click some on the left. Until then, the open one is shown.")
            )
        case "rollout":
            return _(
                "**Attention rollout** up to layer {layer} (Abnar and Zuidema 2020): the layers' means, multiplied, "
                "with half of each token passed on unchanged. An estimate of how far each input token has spread."
            ).format(layer=layer)
    measures = attention.measures_of(shown.checkpoint, shown.trace, shown.kind, shown.place)
    said = [
        _("**Layer {layer}, head {head}** on this text: entropy {bits} bits").format(
            layer=layer, head=head, bits=f"{measures.entropy:.1f}"
        )
    ]
    if measures.distance is not None:
        said.append(_("{distance} tokens away on average").format(distance=f"{measures.distance:.1f}"))
    said.append(_("{share} on the first token").format(share=blocks.percent(float(measures.first))))
    return ", ".join(said) + "."


def _label(shown: Scene, axes: MapAxes) -> str:
    return _("Attention of layer {layer}, head {head}: {queries} tokens look at {keys}.").format(
        layer=shown.place.layer, head=shown.place.head, queries=len(axes.queries), keys=len(axes.keys)
    )


def told(weights: NDArray[np.floating[Any]], axes: MapAxes) -> str:
    """What every token looks at most, for those who listen to the picture; of a long text, the beginning."""
    pairs = zip(axes.queries, attention.strongest_keys(weights), strict=True)
    told = [f"{query} → {axes.keys[key]} {blocks.percent(share)}" for query, (key, share) in list(pairs)[:_TOLD]]
    return _("What each token looks at most: {pairs}").format(pairs="; ".join(told))


def _csv(weights: NDArray[np.floating[Any]], axes: MapAxes) -> str:
    rows = zip(axes.query_places, axes.queries, weights.tolist(), strict=True)
    return saving.csv_text(("place", "query", *axes.keys), ((place, query, *row) for place, query, row in rows))
