"""The guided steps of the generation lesson; each sets the playground below."""

from __future__ import annotations

import streamlit as st

from explainers.examples import examples
from explainers.language import _
from explainers.prompts import prompts
from explainers.views.controls import written_by_reader
from explainers.views.guide import Step

SLUG = "generation"

_BEAM_TEXT = "Yesterday we went to the"
_UNCUT = {"gen_temperature": 1.0, "gen_top_k": 0, "gen_top_p": 1.0}


def steps() -> tuple[Step, ...]:
    """The steps in order."""
    story, beam = _suggested(prompts()[0].text), _suggested(_BEAM_TEXT)
    return (
        Step(
            _("Predict"),
            _(
                "The model reads the text and gives **every** token of its vocabulary a probability. That is all it "
                "does. Look at the bars: how sure is it? Then click *Next token* below."
            )
            + _invitation(),
            {"gen_part": "next", "gen_how": "sample", **_UNCUT, "gen_drawn": 0, **story},
        ),
        Step(
            _("Take the best"),
            _(
                "**Greedy** always takes the likeliest token. Read what it wrote: safe, and soon it repeats itself. "
                "The likeliest token, taken again and again, makes neither the likeliest text nor a good one."
            ),
            {"gen_part": "next", "gen_how": "greedy", "gen_drawn": 24, **story},
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
                "Follow the thick line, and compare the two texts above it: where does it leave the **greedy** path, "
                "and what does that gain?"
            ),
            {"gen_part": "beam", "gen_beams": 3, "gen_rounds": 5, "gen_drawn": 0, **beam},
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


def _suggested(text: str) -> dict[str, object]:
    """The text for a step, where the reader has not written anything of their own."""
    return {} if set(written_by_reader()) - {_BEAM_TEXT} else {"text": text}


def _invitation() -> str:
    """What to press for a better beginning, while the sentence that the app starts with stands in the box."""
    if st.session_state.get("text") != examples()[0].text:
        return ""
    return " " + _("Press **1. Predict** for a beginning that a small model can go on from.")
