"""What can be seen here: one live picture of the reader's own sentence, and a card for each lesson."""

import streamlit as st

from explainers.language import _
from explainers.views import blocks, controls, lessons
from explainers.views.rows import draw_rows, rows_of

choice = controls.current()

blocks.heading(
    _("See how BERT, GPT-2 and T5 work"),
    _(
        "Type your own sentence above. Real models answer as you type: every picture of it is drawn from their "
        "own numbers."
    ),
)

if choice.text.strip():
    draw_rows(rows_of(choice), key="home_tokens", name="tokens")
else:
    blocks.show_empty()

st.subheader(_("Lessons"), anchor=False)
with st.grid(3):
    for lesson in lessons.lessons():
        blocks.lesson_card(lesson)
