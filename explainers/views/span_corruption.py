"""The first half of the span corruption lesson: its steps, the draw, and the rows that training makes of a text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explainers import spans
from explainers.language import _, ngettext
from explainers.views import blocks, cached, gaps, guide, saving
from explainers.views.components.lanes import Pick, lanes
from explainers.views.controls import Choice
from explainers.views.span_lanes import TEXT_LANE, Columns

SLUG = "span-corruption"
FILLING, FITTING, GUESSING = 3, 4, 5  # the steps whose part of the page stands first

PAPER_TEXT = "Thank you for inviting me to your party last week."
TEA_TEXT = "She drank a cup of tea and ate a piece of cake."
CANDLE_TEXT = "He opened the door and went into the house. It was dark, so he lit a candle."
LONGER_TEXT = (
    "The old dog slept by the fire all afternoon. When the children came home from school, he got up, wagged his "
    "tail and waited at the door for his walk."
)


_own = partial(guide.Step, needs_text=True)  # its gaps are places in its text


def steps() -> list[guide.Step]:
    """The guided lesson: the paper's own sentence, the shift, the draw, two fillings, the length of a gap."""
    return [*_training_steps(), *_model_steps()]


def _training_steps() -> list[guide.Step]:
    """What training makes of a text."""
    paper = {"text": PAPER_TEXT, "gaps": spans.covering(PAPER_TEXT, ("for inviting", "last"))}
    return [
        guide.Step(
            _("Take out"),
            _(
                "Runs of tokens leave the text: the dashed ones. However long a run is, **one sentinel** stands in its "
                "place: `<extra_id_0>`, then `<extra_id_1>`, and so on. Click a token to take it out or put it back."
            ),
        ),
        _own(
            _("Follow the arrows"),
            _(
                "The paper's own example. The **labels** are what the model must write: each sentinel, then what it "
                "hides. The **decoder input** is the same row, moved one place on: when the decoder has to write a "
                "token, it has read only the tokens before it. The paper's figure 2 ends with one more sentinel; the "
                "released code ends with `</s>`, as here. Further down the model fills these gaps: the small built-in "
                "one fails, steps 4 and 5 are easier for it."
            ),
            paper,
        ),
    ]


def _model_steps() -> list[guide.Step]:
    """What the model writes."""
    return [
        guide.Step(
            _("Draw"),
            _(
                "In training nobody chooses: 15 % of the tokens leave, in runs of 3 on average, drawn by chance. "
                "Press **Draw again** and watch the runs move."
            ),
            {"text": LONGER_TEXT, "gaps": gaps.DRAW, "span_seed": 1, "span_share": 15, "span_length": 3.0},
        ),
        _own(
            _("Fill"),
            _(
                "Now without the labels: the model reads the encoder input alone and writes, one token "
                "at a time. It writes the sentinels too: they say which gap it is filling."
            ),
            {
                "text": TEA_TEXT,
                "gaps": spans.covering(TEA_TEXT, (" of tea", " of cake")),
                "fill_drawn": False,
            },
        ),
        _own(
            _("Another answer"),
            _(
                "Many words can fit one gap. In training only the very words that were taken out count as right. So "
                "compare the table's columns: is what the model wrote **wrong**, or only **different**?"
            ),
            {
                "text": CANDLE_TEXT,
                "gaps": spans.covering(CANDLE_TEXT, (" the door", " a candle")),
                "fill_drawn": False,
            },
        ),
        _own(
            _("Guess a length"),
            _(
                "A sentinel does not say **how much** is missing. Look at the table of gap lengths: the model has to "
                "guess the length from the words around the gap. How far does it get right?"
            ),
            {"text": TEA_TEXT, "gaps": spans.covering(TEA_TEXT, (" a cup",))},
        ),
    ]


def controls() -> None:
    """How the gaps are drawn: share, mean length, seed; and the buttons that draw anew or put everything back."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.slider(_("Share taken out, %"), 5, 60, 15, key="span_share", bind="query-params", on_change=gaps.forget)
        st.slider(
            _("Mean length, tokens"), 1.0, 10.0, 3.0, 0.5, key="span_length", bind="query-params", on_change=gaps.forget
        )
        st.number_input(
            _("Seed"), 0, 999_999, 1, key="span_seed", bind="query-params", width=150, on_change=gaps.forget
        )
        st.button(_("Draw again"), icon=":material/casino:", key="span_draw", on_click=gaps.draw_again)
        st.button(_("Put all back"), icon=":material/undo:", key="span_clear", on_click=gaps.clear)
    st.caption(_("Share, mean length and seed are for drawn gaps only, not for gaps that are picked in the picture."))


def picture(choice: Choice) -> spans.Example | None:
    """The text and the rows that training makes of it; a click takes a token out or puts it back.

    None where it cannot be shown, which has been said.
    """
    checkpoint = choice.checkpoints["t5"]
    head = checkpoint.heads["LM"]
    if not head.trained:
        blocks.show_notice(head.why)
        return None
    tokenization = cached.tokenized(checkpoint.name, choice.text)
    removed = gaps.current(tokenization)
    try:
        example = cached.span_example(checkpoint.name, choice.text, removed)
    except spans.SpanError as error:
        blocks.show_notice(str(error))
        return None
    if tokenization.dropped:
        kept = len(example.removed)
        blocks.show_notice(
            _("{name} reads the first {kept} of {all} tokens.").format(
                name=checkpoint.name, kept=f"{kept:,}", all=f"{kept + tokenization.dropped:,}"
            )
        )
    taught = cached.taught_spans(checkpoint.name, choice.text, removed)
    columns = Columns(example)
    header = ("row", "column", "token", "id", "probability")
    with saving.picture("span", lambda: saving.csv_text(header, columns.table(taught)), name="span-corruption"):
        lanes(
            columns.lanes(taught),
            key="span_lanes",
            family="t5",
            pick=Pick(TEXT_LANE, True, removed),
            on_pick=lambda picked: gaps.keep(tokenization, picked),
            arrows=columns.arrows(),
            breaks=columns.breaks(),
        )
    _numbers(example, taught)
    return example


def _numbers(example: spans.Example, taught: Sequence[spans.Step]) -> None:
    """How much left the text, and the loss that training would see."""
    removed, count = int(example.removed.sum()), len(example.removed)
    if not removed:
        st.markdown(_("No token is taken out. Click tokens in the first row, or draw."))
        return
    st.markdown(
        _(
            "**{removed} of {count}** tokens are out ({share}), in **{gaps}**. The loss that training would see is "
            "**{loss}** nats: the mean of −ln(probability) over all {labels} labels, sentinels and `</s>` among them."
        ).format(
            removed=removed,
            count=count,
            share=blocks.percent(removed / count),
            gaps=ngettext("{n} gap", "{n} gaps", len(example.gaps)).format(n=len(example.gaps)),
            loss=f"{spans.mean_loss(taught):.2f}",
            labels=len(taught),
        )
    )


def sources(choice: Choice) -> None:
    """The published numbers of the objective, and where they stand."""
    for topic in ("spans", "sentinels"):
        blocks.source("t5", topic)
    if choice.pair:
        st.caption(_("The second sentence plays no part here: T5 is trained on one run of text."))
