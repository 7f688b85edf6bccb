"""The guided steps of the heads lesson, its switches, and the page itself: the grid and, beside it, one of five parts.

Two parts take the whole width: the comparison, and BertViz. The others are drawn before the grid, since their controls
say what is written on the heads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from explainers.checkpoints import FAMILIES, Family
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.trace import KINDS, AttentionKind
from explainers.views import blocks
from explainers.views.attention_heads import bertviz, compare, inside, knocking, measures, opened, patterns
from explainers.views.attention_heads.grid import draw_grid
from explainers.views.attention_heads.scene import Scene, kind_names, scene
from explainers.views.components.heads import Mode
from explainers.views.controls import Choice
from explainers.views.embeddings.tokens import say_what_is_cut
from explainers.views.guide import Step, parts

Part = Literal["look", "patterns", "measures", "inside", "knock", "compare", "bertviz"]


SURE_TEXT = "She opened the door and went into the room."  # a suggestion: of its words a small BERT finds some


def steps() -> tuple[Step, ...]:
    """The lesson in six steps, each with the part and the family that it is about."""
    return (
        Step(
            _("All heads"),
            _(
                "A layer has several attention **heads**, and each decides by itself which tokens every token takes "
                "from. Each small square is one head: a row a token that looks, a column a token that is looked at. "
                "Which squares look alike? Click one."
            ),
            {"att_family": "bert", "att_part": "look", "att_look": "lines", "att_view": "head"},
        ),
        Step(
            _("Known patterns"),
            _(
                "Some heads do one simple thing on every text, such as looking at the token before, or at `[SEP]`. A "
                "dot marks the best head for each. Training makes them: nobody told a head what to do."
            ),
            {"att_family": "bert", "att_part": "patterns"},
        ),
        Step(
            _("In numbers"),
            _(
                "How spread out is a head, how far does it look, and how much goes to the first token? Rank all heads "
                "by one **measure**. Watch how much attention ends on tokens that mean nothing."
            ),
            {"att_family": "gpt2", "att_part": "measures", "att_measure": "first"},
        ),
        Step(
            _("Inside a head"),
            _(
                "Where does one weight come from? A **query** and a **key**, two vectors, are multiplied number by "
                "number and added up; scaled; turned into shares by **softmax**. The shares then mix the **values**."
            ),
            {"att_family": "bert", "att_part": "inside"},
        ),
        Step(
            _("Knock heads out"),
            _(
                "Guess which head matters for the hidden word, then silence it by a click. A head with a striking "
                "picture may change nothing: what a head looks at is not yet an explanation of what the model says."
            ),
            {"att_family": "bert", "att_part": "knock", "text": SURE_TEXT, "pair": ""},
        ),
        Step(
            _("Three kinds"),
            _(
                "T5 has attention three times: its encoder looks everywhere, its decoder only back, and in "
                "**cross-attention** the decoder looks at the encoder's text. Switch between the three."
            ),
            {"att_family": "t5", "att_kind": "cross", "att_part": "look", "att_look": "lines", "att_view": "head"},
        ),
    )


@st.fragment
def explore(choice: Choice) -> None:
    """The switches, the grid of all heads, and the part that is open."""
    family, kind, part = _switches()
    if part == "compare":
        compare.draw(choice, family, kind)
        return
    shown = scene(choice, family, kind, mixing=part == "inside")
    if shown is None:
        return
    if not shown.queries or not shown.keys:
        blocks.show_empty()
        return
    if shown.trace.tokenization is not None:
        say_what_is_cut(shown.trace.tokenization, shown.checkpoint.name)
    if part == "bertviz":
        instead = bertviz.draw(shown)
        if instead is None:
            _say_what_is_written(shown)
            return
        part = instead
    with st.container(key="att_columns"):
        left, right = st.columns([5, 7], gap="medium")
    drawings: dict[Part, Callable[[Scene], None]] = {
        "look": opened.draw,
        "patterns": patterns.draw,
        "measures": measures.draw,
        "inside": inside.draw,
        "knock": knocking.draw,
    }
    with right:
        drawings[part](shown)
    with left:
        draw_grid(shown, notes=_notes(shown, part), mode=_mode(part))
    _say_what_is_written(shown)


def _switches() -> tuple[Family, AttentionKind, Part]:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        family: Family = (
            st.segmented_control(
                _("Family"),
                FAMILIES,
                default=FAMILIES[0],
                required=True,
                key="att_family",
                bind="query-params",
                persist_state="session",
                format_func=FAMILY_LABELS.__getitem__,
                label_visibility="collapsed",
            )
            or FAMILIES[0]
        )
        kind = KINDS[family][0]
        if len(KINDS[family]) > 1:
            kind = (
                st.segmented_control(
                    _("Kind of attention"),
                    KINDS[family],
                    default=kind,
                    required=True,
                    key="att_kind",
                    bind="query-params",
                    persist_state="session",
                    format_func=kind_names().__getitem__,
                    label_visibility="collapsed",
                )
                or kind
            )
        part = parts(_names(), "att_part", steps(), "att_family", "att_kind")
    return family, kind, part


def _mode(part: Part) -> Mode:
    """What a click on the grid does."""
    if part == "knock":
        return "knock"
    return "gather" if part == "look" and st.session_state.get("att_view") == "set" else "open"


def _names() -> dict[Part, str]:
    return {
        "look": _("One head"),
        "patterns": _("Patterns"),
        "measures": _("Measures"),
        "inside": _("Inside"),
        "knock": _("Knock out"),
        "compare": _("Compare"),
        "bertviz": "BertViz",
    }


def _notes(shown: Scene, part: Part) -> list[list[str]] | None:
    """What is written on every thumbnail in this part of the lesson."""
    if part == "measures":
        return measures.notes(shown)
    return knocking.notes(shown) if part == "knock" else None


def _say_what_is_written(shown: Scene) -> None:
    """What T5's decoder is given."""
    if shown.family == "t5" and shown.kind != "encoder":
        st.caption(
            _("The decoder is given your second sentence as the text to write, after `<pad>`, which starts every text.")
            if shown.target
            else _(
                "Without a second sentence the decoder is given the sentinels of the text, or else the text itself, as "
                "the text to write. Write a second sentence to give it another."
            )
        )
