"""BertViz' three views of the open text, as tabs; where the text is too long for them, the page's own pictures instead.

Only the open tab makes and sends anything.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from explainers import attention
from explainers.language import _
from explainers.trace import HeadParts
from explainers.views import blocks, passes, waiting
from explainers.views.attention_heads import opened, state
from explainers.views.attention_heads.scene import Scene, go_to
from explainers.views.bertviz_limits import MOST_ELEMENTS, Extent, Part, elements, fits, fitting
from explainers.views.bertviz_page import VIEWS, Drawn, View, document
from explainers.views.components.heads import MapAxes, Place

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating[Any]]

Instead = Literal["look", "inside"]  # the part of the page that shows the same as a view of BertViz

_SOURCE = "https://aclanthology.org/P19-3007/"


def draw(shown: Scene) -> Instead | None:
    """The tabs and the open view; the part of the page to draw instead where BertViz cannot draw so much."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        view = _view()
        part = _chosen(shown, view)
        if part is not None:
            st.caption(_what_is_sent(shown, part), width="content")
    if part is None or not fits(view, _extent(shown), len(part.layers), len(part.heads)):
        _say_too_long(shown, view, part)
        return "inside" if view == "neuron" else "look"
    parts: HeadParts | None = None
    if view == "neuron":
        asked = (*shown.asked, shown.kind, part.layers[0])
        if not waiting.here(passes.head_parts, shown.needed_bytes, *asked):
            return None
        parts = passes.head_parts(*asked)
    st.markdown(_how_to_read(view))
    with st.spinner(_("BertViz gets the numbers"), show_time=True):
        drawn = _drawn(shown, view, part, parts)
        page = document(drawn, _told(shown, drawn))
    st.iframe(page, height="content", alt=_name(shown, drawn))
    st.caption(_origin() + _what_is_left_out(parts))
    return None


def _view() -> View:
    names: dict[View, str] = {"head": _("Head view"), "model": _("Model view"), "neuron": _("Neuron view")}
    return (
        st.segmented_control(
            _("View of BertViz"),
            VIEWS,
            default=VIEWS[0],
            required=True,
            key="att_viz",
            bind="query-params",
            persist_state="session",
            format_func=names.__getitem__,
            label_visibility="collapsed",
        )
        or VIEWS[0]
    )


def _chosen(shown: Scene, view: View) -> Part | None:
    """The layers and heads that the reader has chosen; at first as many as a browser draws, the open head among them.

    None where one head is too much.
    """
    layers, heads = shown.size
    fitted = fitting(view, _extent(shown), layers, heads, *shown.place)
    if fitted is None:
        return None
    label = _("Layer") if view == "neuron" else _("Layers and heads")
    with st.popover(label, icon=":material/layers:", key="att_viz_part"):
        if view == "neuron":
            return Part(_open_layer(shown), fitted.heads)
        return Part(
            _several("att_viz_layers", _("Layers"), layers, fitted.layers),
            _several("att_viz_heads", _("Heads"), heads, fitted.heads),
        )


def _open_layer(shown: Scene) -> range:
    """One layer: the open head's, which a slider changes for the whole page."""
    layer, head = shown.place
    box = "att_viz_layer_box"
    st.session_state[box] = layer
    if shown.size[0] > 1:
        st.slider(
            _("Layer"),
            0,
            shown.size[0] - 1,
            key=box,
            on_change=lambda: go_to(Place(int(st.session_state[box]), head)),
        )
    return range(layer, layer + 1)


def _several(key: str, label: str, count: int, fitted: range) -> range:
    """A range of layers or heads; `key` holds it in the session and in the address, as in "0-3"."""
    if count == 1:
        return range(1)
    chosen = state.number_range(key, count) or fitted
    box = f"{key}_box"
    st.session_state[box] = (chosen[0], chosen[-1])

    def changed() -> None:
        first, last = st.session_state[box]
        state.keep(key, f"{first}-{last}")

    st.slider(label, 0, count - 1, key=box, on_change=changed)
    return chosen


def _extent(shown: Scene) -> Extent:
    sizes, config = shown.checkpoint.sizes, shown.checkpoint.config
    d_head = int(config.get("d_kv", 64)) if shown.family == "t5" else sizes.d_model // sizes.heads
    return Extent(len(shown.queries), len(shown.keys), d_head)


def _drawn(shown: Scene, view: View, part: Part, parts: HeadParts | None) -> Drawn:
    """The numbers and the names of what is sent."""
    first, last = part.heads[0], part.heads[-1] + 1
    weights = shown.trace.attentions[shown.kind][part.layers[0] : part.layers[-1] + 1, first:last]
    return Drawn(
        view,
        weights,
        layers=part.layers,
        heads=part.heads,
        all_heads=shown.size[1],
        queries=shown.queries,
        keys=shown.keys,
        second=_second(shown),
        causal=shown.kind == "decoder",
        open=Place(
            shown.place.layer if shown.place.layer in part.layers else part.layers[0],
            shown.place.head if shown.place.head in part.heads else part.heads[0],
        ),
        family=shown.family,
        q=None if parts is None else parts.q[first:last],
        k=None if parts is None else parts.k[first:last],
    )


def _second(shown: Scene) -> int | None:
    """Where BERT's second sentence begins."""
    if shown.family != "bert" or shown.pair is None or shown.trace.tokenization is None:
        return None
    segments = [token.segment for token in shown.trace.tokenization.tokens]
    return segments.index(1) if 1 in segments else None


def _say_too_long(shown: Scene, view: View, part: Part | None) -> None:
    layers, heads = (1, 1) if part is None else (len(part.layers), len(part.heads))
    lines = elements(view, _extent(shown), layers, heads)
    blocks.show_notice(
        (
            _(
                "This text is too long for this view of BertViz: one head has about {n} lines, and a browser stands "
                "still for too long with more than {most}. This is the page's own picture of the same numbers."
            )
            if part is None
            else _(
                "BertViz would draw about {n} lines, and a browser stands still for too long with more than {most}: "
                "choose fewer layers or heads. Until then this is the page's own picture of the same numbers."
            )
        ).format(n=f"{lines:,}", most=f"{MOST_ELEMENTS:,}")
    )


def _how_to_read(view: View) -> str:
    match view:
        case "head":
            return _(
                "**Left: who looks. Right: who is looked at.** Point at a token to see its lines alone. A click on a "
                "coloured square adds a head or takes it away. The colours tell heads apart: they do not stand for "
                "strength, nor for above and below zero."
            )
        case "model":
            return _("**Every small picture is a head**: left who looks, right who is looked at. A click enlarges it.")
        case "neuron":
            return _(
                "**Point at a token on the left and click its ⊕**: its query, times each key, number by number; "
                "orange is above zero, violet below. The sums become the shares on the right."
            )


def _what_is_sent(shown: Scene, part: Part) -> str:
    def named(numbers: range) -> str:
        return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]}–{numbers[-1]}"

    return _("Layer {some} of {layers}, head {few} of {heads}, counted from 0.").format(
        some=named(part.layers), layers=shown.size[0], few=named(part.heads), heads=shown.size[1]
    )


def _what_is_left_out(parts: HeadParts | None) -> str:
    """The steps from q·k to the shares that the neuron view does not show, where this model has others."""
    if parts is None:
        return ""
    said = ""
    d_head = parts.q.shape[-1]
    if parts.scale == 1:
        said += " " + _("BertViz colours q·k divided by √{d}; this model does not divide it.").format(d=d_head)
    elif not math.isclose(parts.scale, d_head**-0.5, rel_tol=1e-5):
        said += " " + _("BertViz colours q·k divided by √{d}; this model multiplies it by {scale}.").format(
            d=d_head, scale=f"{parts.scale:.3g}"
        )
    if parts.bias is not None:
        said += " " + _("T5 adds a bias for the distance before softmax, which this view leaves out.")
    return said


def _origin() -> str:
    return _("Drawn by the package BertViz ([Vig 2019]({link})).").format(link=_SOURCE)


def _name(shown: Scene, drawn: Drawn) -> str:
    return _("BertViz: {queries} tokens of {model} look at {keys}.").format(
        queries=len(drawn.queries), model=shown.checkpoint.name, keys=len(drawn.keys)
    )


def _told(shown: Scene, drawn: Drawn) -> str:
    """What the open head does, for those who listen."""
    layer, head = drawn.open
    axes = MapAxes(shown.queries, shown.keys, range(len(shown.queries)), range(len(shown.keys)))
    weights = attention.attention_map(shown.trace.attentions[shown.kind], "head", layer, head)
    return _("Layer {layer}, head {head}.").format(layer=layer, head=head) + " " + opened.told(weights, axes)
