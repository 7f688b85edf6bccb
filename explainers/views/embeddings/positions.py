"""Where a token stands: learned codes beside sinusoids, and T5's bias for each distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import streamlit as st

from explainers.checkpoints import MODELS, Checkpoint, Family
from explainers.embeddings import PositionBias, PositionCodes
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.controls import Choice

View = Literal["similarity", "codes", "components"]

VIEWS: tuple[View, ...] = get_args(View)
_ALIKE = 0.5  # a mean cosine from which on learned rows and sinusoids are plainly the same code
_DISTANCES = (1, 10, 100)
_BAND, _FAINT = 0.2, 0.05  # how much more alike the nearest positions must be than the farthest, to be seen as a band


@st.fragment
def position_codes(choice: Choice, family: Family) -> None:
    """The learned positions of one model beside the original Transformer's sinusoids, in one of three views."""
    checkpoint = choice.checkpoints[family]
    codes = cached.position_codes(checkpoint.name)
    if codes is None:
        return
    view = st.segmented_control(
        _("View"),
        VIEWS,
        default=VIEWS[0],
        required=True,
        key="emb_view",
        bind="query-params",
        persist_state="session",
        format_func=_views().__getitem__,
        label_visibility="collapsed",
    )
    titles = (_("Learned by {name}").format(name=checkpoint.name), _("Sinusoids of the original Transformer"))
    match view:
        case "codes":
            _codes(codes, titles)
        case "components":
            _components(codes, titles, family)
        case _:
            _similarities(codes, titles)
    if family == "bert":
        blocks.source(family, "lengths")
    if codes.likeness >= _ALIKE:
        st.markdown(_likeness(codes, checkpoint))


@st.fragment
def relative_positions(choice: Choice) -> None:
    """T5's bias over distance, of its encoder and its decoder, with one head to look at."""
    from explainers.figures.positions import bias_curves

    checkpoint = choice.checkpoints["t5"]
    biases = cached.position_biases(checkpoint.name)
    heads = checkpoint.sizes.heads
    if (st.session_state.get("emb_head") or 0) >= heads:  # of a model with more of them
        del st.session_state["emb_head"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_("Head"), width="content")
        head = st.segmented_control(
            _("Head"),
            range(heads),
            default=0,
            required=True,
            key="emb_head",
            bind="query-params",
            persist_state="session",
            label_visibility="collapsed",
        )
    titles = (_("Encoder"), _("Decoder: looks back only"))
    saving.chart(
        bias_curves(biases, head or 0, titles, dark=blocks.is_dark()),
        "emb_bias",
        lambda: _bias_csv(biases),
        alt=_(
            "Curves of the bias that each head of T5 adds to its attention scores, over the distance of the two "
            "tokens. Near distances have a value each; farther ones share values, as steps."
        ),
        name=f"relative-positions-{checkpoint.name}",
        fit=True,
    )
    st.markdown(
        _(
            "A bias of +1 makes an attention weight e ≈ 2.7 times as large, before its row is brought back to sum 1. "
            "Why distances? What a model has learned about “three tokens back” holds at every place, also in a text "
            "longer than any it was trained on."
        )
    )
    blocks.source("t5", "buckets")


def _views() -> dict[View, str]:
    return {"similarity": _("Similarity"), "codes": _("The codes"), "components": _("Two components")}


def _similarities(codes: PositionCodes, titles: Sequence[str]) -> None:
    from explainers.figures.positions import similarities

    saving.chart(
        similarities(codes.learned_cosines, codes.sinusoid_cosines, titles, dark=blocks.is_dark()),
        "emb_similarities",
        lambda: _square_csv(codes),
        alt=_("Two square heat maps of the cosine of every two positions: learned rows, and sinusoids."),
        name="position-similarities",
        fit=True,
    )
    st.caption(
        _(
            "One row and one column a position. Sinusoids depend on the distance alone, so every diagonal has one "
            "colour. Learned rows are free to differ."
        )
    )
    st.markdown(_by_distance(codes))


def _by_distance(codes: PositionCodes) -> str:
    """What the two squares show near the diagonal and far from it, in numbers."""
    found = codes.by_distance(_DISTANCES)
    if len(found) < 2:
        return ""
    learned, sinusoid = (
        ", ".join(f"**{round(pair[code], 2) + 0.0:.2f}**".replace("-", "−") for pair in found.values())
        for code in (0, 1)
    )
    said = _(
        "Mean cosine of two positions {distances} apart: {learned} in the learned rows, {sinusoid} in the sinusoids."
    ).format(distances=", ".join(f"{distance}" for distance in found), learned=learned, sinusoid=sinusoid)
    cosines = [own for own, _computed in found.values()]
    lead = cosines[0] - cosines[-1]
    if lead >= _BAND:
        meant = _("Near positions have learned similar rows: that is the **band** along the diagonal.")
    elif lead >= _FAINT:
        meant = _("Near positions have learned rows that are only a little more alike than far ones: a faint band.")
    else:
        meant = _(
            "There is no band: near positions have learned rows that are hardly more alike than far ones, so their "
            "cosines do not tell which are neighbours. On the diagonal is each position with itself, cosine 1."
        )
    return f"{said} {meant}"


def _codes(codes: PositionCodes, titles: Sequence[str]) -> None:
    from explainers.figures.positions import codes as code_maps

    saving.chart(
        code_maps(codes.learned, codes.sinusoid, titles, codes.limit, dark=blocks.is_dark()),
        "emb_codes",
        lambda: _code_csv(codes),
        alt=_("Two heat maps of position codes, a line a position: learned rows, and sinusoids."),
        name="position-codes",
        fit=True,
    )
    st.caption(
        _(
            "One line a position, one column a component. In the sinusoids, components further right swing more "
            "slowly, from a wavelength of 6 positions to one of 60,000 (Vaswani et al. 2017, section 3.5)."
        )
    )


def _components(codes: PositionCodes, titles: Sequence[str], family: Family) -> None:
    from explainers.figures.positions import components

    last = codes.learned.shape[1] - 1
    if "emb_component" in st.session_state:
        st.session_state["emb_component"] = min(st.session_state["emb_component"], last)
    first = st.slider(_("Component"), 0, last, 0, 2, key="emb_component", bind="query-params", persist_state="session")
    saving.chart(
        components(codes.learned, codes.sinusoid, first, titles, family, dark=blocks.is_dark()),
        "emb_components",
        lambda: _code_csv(codes),
        alt=_("Two neighbouring components of both codes as curves over the position."),
        name="position-components",
        fit=True,
    )
    st.caption(
        _(
            "Components come in pairs, a sine and a cosine of the same wavelength. Together they say where on the "
            "wave a position is, as two hands of a clock do; move the slider for slower clocks."
        )
    )


def _likeness(codes: PositionCodes, checkpoint: Checkpoint) -> str:
    """How alike two codes are that are much the same, and for a built-in model why."""
    said = _(
        "A learned row and the sinusoid of the same position have a mean cosine of **{cosine}**: they are much the "
        "same code."
    ).format(cosine=f"{codes.likeness:.2f}")
    if checkpoint.folder.parent == MODELS:
        return f"{said} " + _(
            "That is no discovery of training: our small built-in model **started** from sinusoids, because it reads "
            "too little to find such a code by itself. The released BERT and GPT-2 start from random numbers."
        )
    return said


def _bias_csv(biases: Sequence[PositionBias]) -> str:
    return saving.csv_text(
        ("stack", "head", "distance", "bucket", "bias"),
        (
            (bias.stack, head, int(distance), int(bucket), float(row[at]))
            for bias in biases
            for head, row in enumerate(bias.bias)
            for at, (distance, bucket) in enumerate(zip(bias.distances, bias.buckets, strict=True))
        ),
    )


def _code_csv(codes: PositionCodes) -> str:
    header = ["code", "position", *(f"{component}" for component in range(codes.learned.shape[1]))]
    named = (("learned", codes.learned), ("sinusoid", codes.sinusoid))
    return saving.csv_text(
        header, ((name, place, *row.tolist()) for name, rows in named for place, row in enumerate(rows))
    )


def _square_csv(codes: PositionCodes) -> str:
    header = ["code", "position", *(f"{place}" for place in range(len(codes.learned)))]
    named = (("learned", codes.learned_cosines), ("sinusoid", codes.sinusoid_cosines))
    return saving.csv_text(
        header, ((name, place, *row.tolist()) for name, rows in named for place, row in enumerate(rows))
    )
