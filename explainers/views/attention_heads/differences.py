"""Two passes in numbers: by how much each head differs, and the heads that differ most, which open by a click."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explainers.attention import Gap, HeadDifferences
from explainers.language import _
from explainers.views import passes, saving
from explainers.views.attention_heads.measures import measure_names, measure_sentences, written_as
from explainers.views.attention_heads.scene import Scene, go_to
from explainers.views.components.heads import Place

Notes = Sequence[Sequence[str]]

_LISTED = 5  # heads: a row of buttons that a projector can show


def draw(one: Scene, two: Scene, switches: DeltaGenerator) -> Notes:
    """What differs, and where most; what is to be written on every head that both have.

    switches: where the choice of what is compared belongs.
    """
    with st.spinner(_("The heads are compared"), show_time=True):
        found = passes.head_differences(*one.asked, two.asked, one.kind)
    with switches:
        gap = _gap(found)
        saving.numbers(partial(_csv, found), "att_gaps", "head-differences")
    st.markdown(_meaning(gap) + " " + _all_together(found, gap))
    _furthest(found, gap, one.place)
    st.caption(_what_meets(one, two, found))
    return [[_short(gap, float(value)) for value in row] for row in found.values(gap)]


def _furthest(found: HeadDifferences, gap: Gap, opened: Place) -> None:
    """A button for each of the heads that differ most; none for those whose numbers look the same."""
    places = [place for place in found.furthest(gap, _LISTED) if _is_seen(gap, float(found.values(gap)[place]))]
    if not places:
        st.markdown(_("No head differs in this."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="att_furthest"):
        st.markdown(_("**They differ most in**"), width="content")
        for layer, head in places:
            st.button(
                _("layer {layer}, head {head}: {number}").format(
                    layer=layer, head=head, number=_in_full(found, gap, layer, head)
                ),
                key=f"att_furthest_{layer}_{head}",
                type="primary" if opened == (layer, head) else "secondary",
                on_click=go_to,
                args=(Place(layer, head),),
            )


def _is_seen(gap: Gap, value: float) -> bool:
    """Whether rounding does not hide it."""
    return abs(value) > (0.05 if gap in ("entropy", "distance") else 0.005)


def _gap(found: HeadDifferences) -> Gap:
    """What the heads are told apart by."""
    offered = found.gaps
    if st.session_state.get("att_gap", offered[0]) not in offered:
        del st.session_state["att_gap"]
    names: dict[Gap, str] = {"divergence": _("Divergence of the rows, bits")}
    names |= {gap: name for gap, name in measure_names().items()}  # noqa: C416 - a wider type of key
    return (
        st.selectbox(
            _("What differs"),
            offered,
            key="att_gap",
            bind="query-params",
            persist_state="session",
            format_func=names.__getitem__,
            label_visibility="collapsed",
            width=340,
        )
        or offered[0]
    )


def _meaning(gap: Gap) -> str:
    if gap == "divergence":
        return _(
            "The **Jensen–Shannon divergence** of what a token looks at left and right: 0 bits where it is the same, "
            "1 bit where no token has a share in both; the mean over all tokens that look (Lin 1991)."
        )
    return measure_sentences()[gap] + " " + _("On each head: by how much it is more on the right.")


def _all_together(found: HeadDifferences, gap: Gap) -> str:
    mean = float(abs(found.values(gap)).mean())
    return _("Mean of all heads: **{number}**.").format(
        number=_("{n} bits").format(n=f"{mean:.2f}") if gap == "divergence" else _signless(gap, mean)
    )


def _signless(gap: Gap, size: float) -> str:
    """The size of a difference, with its unit."""
    if gap == "entropy":
        return _("{n} bits").format(n=f"{size:.1f}")
    if gap == "distance":
        return _("{n} tokens").format(n=f"{size:.1f}")
    return _("{n} points").format(n=f"{100 * size:.0f}")


def _in_full(found: HeadDifferences, gap: Gap, layer: int, head: int) -> str:
    """The divergence of one head, or its measure left and right."""
    if gap == "divergence":
        return _("{n} bits").format(n=f"{float(found.values(gap)[layer, head]):.2f}")
    written = written_as(gap)
    left, right = (written(float(side[layer, head])) for side in found.measures[gap])
    return f"{left} → {right}"


def _short(gap: Gap, value: float) -> str:
    """What is written on a head: a divergence, or a difference with its sign, in points where it is of shares."""
    if gap == "divergence":
        return f"{value:.2f}"
    number = f"{value:+.1f}" if gap in ("entropy", "distance") else f"{100 * value:+.0f}"
    return number.replace("-", "−")


def _what_meets(one: Scene, two: Scene, found: HeadDifferences) -> str:
    """What stands against what, so that nobody reads more into the numbers."""
    if found.divergence is None:
        said = _(
            "The two have {left} and {right} tokens, so their rows cannot be laid on each other: the measures are "
            "compared, each the mean over its own tokens."
        ).format(left=len(one.queries), right=len(two.queries))
    elif (one.queries, one.keys) == (two.queries, two.keys):
        said = _("Both read the same tokens: each row stands against the same token's row.")
    else:
        said = _("Both have as many tokens: rows are compared place by place, whatever token stands there.")
    if one.checkpoint.name != two.checkpoint.name:
        said += " " + _(
            "Heads meet by their numbers. Models that were trained apart number theirs by chance; where one was "
            "trained on from the other, the numbers mean the same."
        )
    return said


def _csv(found: HeadDifferences) -> str:
    """A line for each head that both have."""
    names = [name for name in found.gaps if name != "divergence"]
    columns = [f"{name}_{side}" for name in names for side in ("first", "second")]
    divergence = [] if found.divergence is None else ["divergence_bits"]
    layers, heads = found.values(found.gaps[0]).shape
    rows = []
    for layer in range(layers):
        for head in range(heads):
            parts = [] if found.divergence is None else [float(found.divergence[layer, head])]
            parts += [float(side[layer, head]) for name in names for side in found.measures[name]]
            rows.append((layer, head, *parts))
    return saving.csv_text(("layer", "head", *divergence, *columns), rows)
