"""The guided steps of the generation lesson; each sets the playground below."""

from __future__ import annotations

import streamlit as st

from explainers.examples import examples
from explainers.language import _
from explainers.prompts import prompts
from explainers.views.guide import Step

SLUG = "generation"

_UNCUT = {"gen_temperature": 1.0, "gen_top_k": 0, "gen_top_p": 1.0}


def steps() -> tuple[Step, ...]:
    """The steps in order."""
    return (
        Step(
            _("Predict"),
            _(
                "The model reads the text and gives **every** token of its vocabulary a probability. That is all it "
                "does. Look at the bars: how sure is it? Then click *Next token* below."
            ),
            {"gen_part": "next", "gen_how": "sample", **_UNCUT, "gen_drawn": 0, **_prompt()},
        ),
        Step(
            _("Take the best"),
            _(
                "**Greedy** always takes the likeliest token. Read what it wrote: safe, and soon it repeats itself. "
                "The likeliest token, taken again and again, makes neither the likeliest text nor a good one."
            ),
            {"gen_part": "next", "gen_how": "greedy", "gen_drawn": 24},
        ),
        Step(
            _("Throw a die"),
            _(
                "**Sampling** throws a die: a token's share of it is its probability. A **temperature** above 1 makes "
                "the bars more equal, below 1 less. Move it: the dice stay the same, and the text changes."
            ),
            {"gen_part": "next", "gen_how": "sample", **_UNCUT, "gen_temperature": 1.4, "gen_drawn": 12},
        ),
        Step(
            _("Cut the tail"),
            _(
                "Thousands of unlikely tokens together are likely, and one of them can spoil a text. **Top-k** keeps "
                "the k likeliest, **top-p** the fewest that together reach p. Look where the curve is cut."
            ),
            {"gen_part": "next", "gen_how": "sample", **_UNCUT, "gen_top_p": 0.8, "gen_drawn": 12},
        ),
        Step(
            _("Look ahead"),
            _(
                "**Beam search** keeps several beginnings and drops those whose product of probabilities falls behind. "
                "Follow the thick line: does it begin with the likeliest token?"
            ),
            {"gen_part": "beam", "gen_beams": 3, "gen_rounds": 5, "gen_drawn": 0},
        ),
        Step(
            _("Never read twice"),
            _(
                "After each token the model would have to read the whole text again. The **KV cache** keeps what it "
                "worked out before: full colour is computed now, grey is reused. Click *Next token* and watch the line."
            ),
            {"gen_part": "cache", "gen_drawn": 3},
        ),
    )


def _prompt() -> dict[str, object]:
    """A beginning that a small model can go on from, where the reader has not written anything of their own."""
    untouched = st.session_state.get("text") in (None, "", examples()[0].text)
    return {"text": prompts()[0].text} if untouched else {}
