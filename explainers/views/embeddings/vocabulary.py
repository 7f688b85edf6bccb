"""The whole vocabulary as one map, with the text's tokens in it."""

from __future__ import annotations

import streamlit as st

from explainers.checkpoints import Family
from explainers.embeddings import table_rows
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.controls import Choice
from explainers.views.embeddings.tokens import say_what_is_cut


@st.fragment
def whole_vocabulary(choice: Choice, family: Family) -> None:
    """Every token of the model as a point, to pan and zoom; those of the text are named."""
    from explainers.figures.vectors import Cloud, vocabulary_map

    checkpoint = choice.checkpoints[family]
    name = checkpoint.name
    table, projection = cached.token_table(name), cached.vocabulary_map(name)
    drawn = cached.drawn_vocabulary(name)
    ids = table.ids.tolist()
    kind_of = cached.vocabulary_kinds(name)
    groups = (
        (_("starts a word"), ("word start",)),
        (_("inside a word"), ("continuation",)),
        (_("special, bytes"), ("special", "sentinel", "byte", "unknown")),
    )
    clouds = []
    for title, kinds in groups:
        rows = [row for row, id_ in enumerate(ids) if kind_of[id_] in kinds]
        clouds.append(Cloud(title, rows, [f"{drawn[ids[row]]}  ·  {ids[row]}" for row in rows]))
    tokenization = cached.tokenized(name, choice.text, choice.pair)
    say_what_is_cut(tokenization, name)
    own = list(dict.fromkeys(token.id for token in tokenization.tokens if token.source is not None))
    marked = Cloud(_("your text"), table_rows(table, own), [drawn[id_] for id_ in own])
    saving.chart(
        vocabulary_map(projection, clouds, marked, family, dark=blocks.is_dark()),
        "emb_map",
        lambda: saving.csv_text(
            ("id", "piece", "direction 1", "direction 2"),
            ((id_, drawn[id_], *point.tolist()) for id_, point in zip(ids, projection.points, strict=True)),
        ),
        alt=_("A map of all {count} tokens of the vocabulary along two directions.").format(count=f"{len(ids):,}"),
        name=f"vocabulary-{name}",
        fit=True,
    )
    st.caption(
        _(
            "PCA of all {count} token embeddings: the two directions hold **{share}** of the variance, the other "
            "{rest} hold the rest, so tokens that lie together here need not be neighbours. Drag a box to look closer, "
            "double-click to come back."
        ).format(
            count=f"{len(ids):,}",
            share=blocks.percent(float(sum(projection.shares))),
            rest=f"{table.vectors.shape[1] - 2:,}",
        )
    )
