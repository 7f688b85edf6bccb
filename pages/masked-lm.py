"""Masked LM: BERT learns by guessing tokens that were chosen by dice, and mostly hidden."""

import streamlit as st

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import masking as lesson
from explainers.views import masking_controls as dice
from explainers.views import masking_details as closer

choice = controls.current()

blocks.heading(
    _("Masked LM"),
    _("BERT was trained by a game: hide some tokens of a text, and let it **guess** them from both sides."),
)

step = guide.draw(dice.SLUG, dice.steps())


def corrupting() -> None:
    """The dice, what BERT reads, and what it says."""
    lesson.picture(scene)


def answering() -> None:
    """Every guess and what it costs, and one of them from close by."""
    st.header(_("What the guesses cost"), anchor=False)
    lesson.answers(scene)
    blocks.source("bert", "masked")
    closer.choose_token(scene)
    closer.guesses(scene)


def looking_inside() -> None:
    """The head: one vector in, a score for every token of the vocabulary out."""
    st.header(_("Inside the head"), anchor=False)
    st.markdown(
        _(
            "What comes out of the last layer is still a vector. The masked-LM **head** turns it into one score for "
            "each token of the vocabulary."
        )
    )
    closer.inside(scene)


def counting() -> None:
    """The shares over many draws."""
    closer.many_draws(scene)


if choice.text.strip():
    scene = lesson.scene(choice, dice.setup())
    first = {dice.COUNTING: counting, dice.INSIDE: looking_inside}.get(step, corrupting)
    for part in dict.fromkeys((first, corrupting, answering, looking_inside, counting)):
        part()
else:
    blocks.show_empty()
