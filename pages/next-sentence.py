"""Next sentence: BERT's second task in pre-training, from [CLS] to a yes or no, and how easily it is fooled."""

from collections.abc import Callable

import streamlit as st

from explainers.language import _
from explainers.views import blocks, controls, guide
from explainers.views import next_sentence as lesson
from explainers.views import next_sentence_trial as trial

choice = controls.current()

blocks.heading(
    _("Next sentence"),
    _("BERT's second game in pre-training: two texts, and one question. Does the second really **follow** the first?"),
)

step = guide.draw(lesson.SLUG, lesson.steps())


def judging(pair: tuple[str, str]) -> None:
    """The two texts and the answer."""
    if first is not judging:
        st.header(_("The pair"), anchor=False)
    lesson.picture(choice, pair)
    blocks.source("bert", "next_sentence")


def following(pair: tuple[str, str]) -> None:
    """From [CLS] to the answer."""
    st.header(_("From [CLS] to the answer"), anchor=False)
    lesson.path(choice, pair)


def fooling(pair: tuple[str, str]) -> None:
    """The tricks."""
    st.header(_("Easily fooled"), anchor=False)
    st.markdown(
        _(
            "Do not trust this head. In training the wrong second text came from another document, so the **topic** "
            "alone often gave it away: there was little need to read closely."
        )
    )
    trial.tricks(choice, pair)
    for topic in ("without_next_sentence", "sentence_order"):
        blocks.source("bert", topic)


def testing(_pair: object) -> None:
    """The mini-test, which takes its pairs from a text of its own."""
    st.header(_("A fair little test"), anchor=False)
    st.markdown(
        _(
            "Half of the pairs are neighbours in the text, half are not. In training, the wrong second text came from "
            "another document, so here it comes from another passage; take it from the **same** passage, and see."
        )
    )
    trial.mini_test(choice)


if not choice.text.strip():
    blocks.show_empty()
elif not lesson.refused(choice.checkpoints["bert"]):
    both = lesson.pair_of(choice)
    by_step: dict[int, Callable[[tuple[str, str]], None]] = {
        lesson.PATH: following,
        lesson.FOOLING: fooling,
        lesson.TESTING: testing,
    }
    first = by_step.get(step, judging)
    if both is None:
        lesson.missing()
        testing(None)
    else:
        for part in dict.fromkeys((first, judging, following, fooling, testing)):
            part(both)
