"""Every head's measures on this text, and the heads ranked by one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import streamlit as st

from explainers.attention import MEASURES, Measure
from explainers.language import _
from explainers.views import blocks, passes, saving
from explainers.views.attention_heads.scene import Scene

Order = Literal["highest", "lowest"]
ORDERS: tuple[Order, ...] = get_args(Order)

_SHOWN = 12  # bars; more could not be read from the back row


def draw(shown: Scene) -> None:
    """The heads with the highest or lowest value of the chosen measure."""
    from explainers.figures.heads import measure_bars

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        measure = _measure(shown, draw_widget=True)
        order = (
            st.segmented_control(
                _("Order"),
                ORDERS,
                default=ORDERS[0],
                required=True,
                key="att_order",
                bind="query-params",
                persist_state="session",
                format_func={"highest": _("Highest first"), "lowest": _("Lowest first")}.__getitem__,
                label_visibility="collapsed",
            )
            or ORDERS[0]
        )
    st.markdown(measure_sentences()[measure])
    values = passes.head_measures(*shown.asked, shown.kind).by_name()[measure]
    places = [(layer, head) for layer in range(shown.size[0]) for head in range(shown.size[1])]
    ranked = sorted(places, key=lambda place: float(values[place]), reverse=order == "highest")
    top = ranked[:_SHOWN]
    rank = ranked.index(shown.place)
    if rank >= _SHOWN:
        top = [*top[:-1], shown.place]
    written = written_as(measure)
    names = [
        _("{rank}. layer {layer}, head {head}").format(rank=ranked.index(place) + 1, layer=place[0], head=place[1])
        for place in top
    ]
    saving.chart(
        measure_bars(
            names,
            [float(values[place]) for place in top],
            [written(float(values[place])) for place in top],
            top.index(shown.place),
            shown.family,
            dark=blocks.is_dark(),
        ),
        "att_measures",
        lambda: _csv(shown),
        alt=_("Heads ranked by one measure: {names}.").format(names="; ".join(names)),
        name=f"head-measures-{shown.checkpoint.name}",
    )
    st.caption(
        _("Means over all tokens that look, on this text only. The open head has the full colour, and is always shown.")
    )


def notes(shown: Scene) -> list[list[str]]:
    """The chosen measure of every head, as it is written on its thumbnail."""
    measure = _measure(shown, draw_widget=False)
    written = written_as(measure)
    values = passes.head_measures(*shown.asked, shown.kind).by_name()[measure]
    return [[written(float(value)).removesuffix(" %") for value in row] for row in values]


def _measure(shown: Scene, *, draw_widget: bool) -> Measure:
    """The chosen measure, with its widget or, before that is drawn, as the session has it."""
    there = passes.head_measures(*shown.asked, shown.kind).by_name()
    offered = [measure for measure in MEASURES if measure in there]
    if st.session_state.get("att_measure", offered[0]) not in offered:
        st.session_state["att_measure"] = offered[0]
    if draw_widget:
        st.selectbox(
            _("Measure"),
            offered,
            key="att_measure",
            bind="query-params",
            persist_state="session",
            format_func=measure_names().__getitem__,
            label_visibility="collapsed",
            width=340,
        )
    chosen = st.session_state.get("att_measure")
    return next((measure for measure in offered if measure == chosen), offered[0])


def measure_names() -> dict[Measure, str]:
    """Every measure with its unit, as it is printed."""
    return {
        "entropy": _("Entropy, bits"),
        "distance": _("Mean distance, tokens"),
        "first": _("On the first token, %"),
        "previous": _("On the token before, %"),
        "following": _("On the token after, %"),
        "itself": _("On itself, %"),
        "delimiter": _("On delimiters, %"),
    }


def measure_sentences() -> dict[Measure, str]:
    """What every measure says."""
    return {
        "entropy": _("How spread out a head is: 0 bits, one token only; 3 bits, as if spread evenly over 8 tokens."),
        "distance": _("How far from itself a token looks, in tokens."),
        "first": _("How much goes to the first token: often a place to rest, not a source of meaning."),
        "previous": _("How much goes to the token just before."),
        "following": _("How much goes to the token just after; nothing where the mask forbids it."),
        "itself": _("How much a token keeps to itself."),
        "delimiter": _("How much goes to `[SEP]` or `</s>`, all of them together."),
    }


def written_as(measure: Measure) -> Callable[[float], str]:
    """How a value of this measure is written."""
    if measure in ("entropy", "distance"):
        return lambda value: f"{value:.1f}"
    return lambda value: f"{100 * value:.0f} %"


def _csv(shown: Scene) -> str:
    measures = passes.head_measures(*shown.asked, shown.kind).by_name()
    layers, heads = shown.size
    return saving.csv_text(
        ("layer", "head", *measures),
        (
            (layer, head, *(float(values[layer, head]) for values in measures.values()))
            for layer in range(layers)
            for head in range(heads)
        ),
    )
