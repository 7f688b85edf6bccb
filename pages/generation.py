"""Generation: GPT-2 predicts the next token, a rule picks one, and the text with it is read again."""

import streamlit as st

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import generation as lesson

choice = controls.current()

blocks.heading(
    _("Generation"),
    _(
        "GPT-2 answers one question: **which token comes next?** A rule picks one of its answers, the token joins the "
        "text, and the question is asked again."
    ),
)

guide.draw(lesson.SLUG, lesson.steps())

if choice.text.strip():
    lesson.playground(choice)
    if choice.pair:
        st.caption(_("The second sentence plays no part here: GPT-2 goes on from one text."))
else:
    blocks.show_empty()
