"""Span corruption: T5 learns to write what was taken out of a text."""

import streamlit as st

from explainers.language import _
from explainers.spans import Example
from explainers.views import blocks, controls, guide
from explainers.views import span_corruption as lesson
from explainers.views import span_filling as model

choice = controls.current()

blocks.heading(
    _("Span corruption"),
    _("T5 learns by writing what is missing: **runs of tokens** leave the text, and it writes them."),
)

step = guide.draw(lesson.SLUG, lesson.steps())


def filling(example: Example) -> None:
    """What the model writes."""
    st.header(_("The model fills the gaps"), anchor=False)
    st.markdown(
        _("It reads the encoder input only, and takes the likeliest token every time (**greedy**), or draws one.")
    )
    model.filling(choice, example)


def guessing(example: Example) -> None:
    """How long a gap is."""
    st.header(_("A sentinel does not say how long its gap is"), anchor=False)
    st.markdown(
        _(
            "The same place, with more and more missing and nothing else taken out. Each time the model sees "
            "**one** sentinel."
        )
    )
    model.lengths(choice, example)


def prefixing() -> None:
    """Text to text."""
    st.header(_("One format for every task"), anchor=False)
    st.markdown(
        _(
            "T5 takes text and gives text. So one model can learn many tasks, told apart by a few words before the "
            "text: the **prefix**."
        )
    )
    model.tasks(choice)
    blocks.source("t5", "text_to_text")


if choice.text.strip():
    early, rows = st.container(), st.container()
    lesson.controls()
    with rows:
        example = lesson.picture(choice)
    lesson.sources(choice)
    if example is not None:
        first = {lesson.FILLING: filling, lesson.FITTING: filling, lesson.GUESSING: guessing}.get(step)
        if first is not None:
            with early:
                first(example)
        for part in (filling, guessing):
            if part is not first:
                part(example)
    prefixing()
else:
    blocks.show_empty()
