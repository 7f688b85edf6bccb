"""The nearest tokens of the vocabulary to one that the reader clicks."""

from __future__ import annotations

import streamlit as st

from explainers.checkpoints import Family
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.components import TokenChoice, TokenRow
from explainers.views.controls import Choice
from explainers.views.embeddings.tokens import chosen_token, keep_token, say_what_is_cut
from explainers.views.rows import draw_rows


@st.fragment
def nearest(choice: Choice, family: Family) -> None:
    """The text's tokens to click, and the nearest neighbours of the clicked one as bars."""
    from explainers.figures.vectors import neighbour_bars

    checkpoint = choice.checkpoints[family]
    name = checkpoint.name
    tokenization = cached.tokenized(name, choice.text, choice.pair)
    if not tokenization.tokens:
        blocks.show_empty()
        return
    say_what_is_cut(tokenization, name)
    left, right = st.columns([2, 3], gap="large")
    with left:
        row = TokenRow(f"{FAMILY_LABELS[family]} · {name}", family, tokenization)
        before = TokenChoice(0, chosen_token(tokenization))
        chosen = draw_rows([row], key="emb_neighbour_tokens", name="tokens", selected=before) or before
    keep_token(chosen.token, tokenization)
    token = tokenization.tokens[chosen.token]
    found = cached.token_neighbours(name, token.id)
    drawn = cached.drawn_vocabulary(name)
    labels = [drawn[id_] for id_ in found.ids.tolist()]
    with right:
        blocks.family_heading(family, _("nearest to “{token}”").format(token=drawn[token.id]))
        saving.chart(
            neighbour_bars(labels, found.cosines, found.average, family, dark=blocks.is_dark()),
            "emb_neighbours",
            lambda: saving.csv_text(
                ("id", "piece", "cosine"), zip(found.ids.tolist(), labels, found.cosines.tolist(), strict=True)
            ),
            alt=_("The nearest tokens to “{token}”, by cosine: {tokens}.").format(
                token=drawn[token.id],
                tokens=", ".join(f"{label} {at:.2f}" for label, at in zip(labels, found.cosines.tolist(), strict=True)),
            ),
            name="neighbours",
            fit=True,
        )
        st.caption(
            _(
                "**Cosine**: 1 for the same direction, 0 for none in common. All {count} tokens were compared. The "
                "dashed line is what the average token has: a neighbour means something only well above it."
            ).format(count=f"{len(drawn):,}")
        )
