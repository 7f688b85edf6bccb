"""The guided steps of the embeddings lesson, and the two switches that say which family and which part is shown."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from explainers.checkpoints import FAMILIES, Family
from explainers.examples import examples
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.views.guide import Step, follow, parts

Part = Literal["sum", "position", "neighbours", "contexts", "map"]


def steps() -> tuple[Step, ...]:
    """The lesson in six steps, each with the part and the family that it is about."""
    two_banks = next(example for example in examples() if example.pair)
    return (
        Step(
            _("A sum"),
            _(
                "A token's id picks one row of a table: its **token embedding**, the same in every sentence. BERT adds "
                "a row for its place (**position**) and one for the sentence it is in, A or B (**segment**). "
                "The sum, after LayerNorm, is all that the first layer gets. Click a token."
            ),
            {"emb_part": "sum", "emb_family": "bert", "text": two_banks.text, "pair": two_banks.pair},
        ),
        Step(
            _("Positions"),
            _(
                "Without positions, BERT could not tell “dog bites man” from “man bites dog”. The original Transformer "
                "computes its code from **sines and cosines**; BERT and GPT-2 **learn** a row for every position. "
                "An orange band along the diagonal would mean: near places have similar codes. Is there one?"
            ),
            {"emb_part": "position", "emb_family": "bert", "emb_view": "similarity"},
        ),
        Step(
            _("Distances"),
            _(
                "T5 adds no positions at all. Instead, each head adds a number to its attention scores that depends "
                "only on the **distance** of the two tokens. Choose a head: does it look near, far, back or ahead?"
            ),
            {"emb_part": "position", "emb_family": "t5"},
        ),
        Step(
            _("Neighbours"),
            _(
                "Guess before you look: which words lie nearest to yours? Training puts tokens that are used alike in "
                "similar directions; nobody told the model what they mean. Click a token."
            ),
            {"emb_part": "neighbours", "emb_family": "gpt2"},
        ),
        Step(
            _("Two contexts"),
            _(
                "“bank” has one row in the table, so at the input its two vectors differ only by their positions. Move "
                "through the layers: each takes in its own sentence. Does **context** tell the two banks apart?"
            ),
            {"emb_part": "contexts", "emb_family": "bert", "text": two_banks.text, "pair": two_banks.pair},
            needs_text=True,
        ),
        Step(
            _("The whole map"),
            _(
                "Every token of the vocabulary, flattened from hundreds of directions to two. Point at the cloud: what "
                "lies together? Then read how little of the variance two directions hold."
            ),
            {"emb_part": "map", "emb_family": "gpt2"},
        ),
    )


def switches() -> tuple[Family, Part]:
    """The family and the part that the reader has chosen; both are in the address."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        family = st.segmented_control(
            _("Family"),
            FAMILIES,
            default=FAMILIES[0],
            required=True,
            key="emb_family",
            bind="query-params",
            format_func=FAMILY_LABELS.__getitem__,
            label_visibility="collapsed",
            on_change=follow,
            args=(steps(), "emb_part", "emb_family"),
        )
        part = parts(_names(), "emb_part", steps(), "emb_family")
    return family or FAMILIES[0], part


def _names() -> dict[Part, str]:
    return {
        "sum": _("The sum"),
        "position": _("Position"),
        "neighbours": _("Neighbours"),
        "contexts": _("Two contexts"),
        "map": _("The whole map"),
    }
