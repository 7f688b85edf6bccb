"""The table of lessons: navigation, the cards of the home page and the tests all read this one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from explainers.language import _

PAGES = Path(__file__).resolve().parents[2] / "pages"


class Lesson(NamedTuple):
    """One page: its file and address (slug), and what the navigation and its card say about it."""

    slug: str
    group: str
    title: str
    summary: str
    icon: str


def home() -> Lesson:
    """The page that a visit without an address opens."""
    return Lesson("home", _("Start"), _("Home"), _("What can be seen here."), ":material/home:")


def lessons() -> tuple[Lesson, ...]:
    """Every lesson in reading order."""
    return (*_input(), *_pre_training(), *_attention(), *_computation())


def _input() -> tuple[Lesson, ...]:
    return (
        Lesson(
            "tokenization",
            _("Input"),
            _("Tokenization"),
            _("How each model cuts your sentence into pieces, one step of its algorithm at a time."),
            ":material/content_cut:",
        ),
        Lesson(
            "embeddings",
            _("Input"),
            _("Embeddings"),
            _("How tokens become vectors: what is added up, how places are told, and which words are neighbours."),
            ":material/grain:",
        ),
    )


def _pre_training() -> tuple[Lesson, ...]:
    return (
        Lesson(
            "masked-lm",
            _("Training"),
            _("Masked LM"),
            _("BERT learns by guessing hidden words. Throw the dice on your sentence, or hide words yourself."),
            ":material/casino:",
        ),
        Lesson(
            "next-sentence",
            _("Training"),
            _("Next sentence"),
            _("BERT says whether one text follows another. See how, and how easily it is fooled."),
            ":material/swap_horiz:",
        ),
        Lesson(
            "generation",
            _("Training"),
            _("Generation"),
            _("GPT-2 says which token comes next, a rule picks one, and the text goes on: your own, token by token."),
            ":material/edit_note:",
        ),
        Lesson(
            "span-corruption",
            _("Training"),
            _("Span corruption"),
            _("T5 learns to write what was taken out of a text. Take words out of yours, and let it fill the gaps."),
            ":material/ink_eraser:",
        ),
        Lesson(
            "fine-tuning",
            _("Training"),
            _("Fine-tuning"),
            _("A pre-trained model learns a task from a few labelled sentences, in seconds, before your eyes."),
            ":material/model_training:",
        ),
    )


def _attention() -> tuple[Lesson, ...]:
    return (
        Lesson(
            "attention-masks",
            _("Attention"),
            _("Masks"),
            _("Who may look at whom: the masks of BERT, GPT-2 and T5, one of your own, and what they change."),
            ":material/grid_on:",
        ),
        Lesson(
            "attention-heads",
            _("Attention"),
            _("Attention heads"),
            _("Every head of a model at once. Open one, rank them, look inside, and silence some."),
            ":material/grid_view:",
        ),
    )


def _computation() -> tuple[Lesson, ...]:
    return (
        Lesson(
            "architecture",
            _("Computation"),
            _("Architecture"),
            _("What the models are made of: every block, parameter, product and byte, at any size."),
            ":material/account_tree:",
        ),
        Lesson(
            "matmul",
            _("Computation"),
            _("Matrix products"),
            _("Almost all of a network's work is one operation. Watch it, and measure how much of the time it takes."),
            ":material/apps:",
        ),
        Lesson(
            "roofline",
            _("Computation"),
            _("Roofline"),
            _("What holds a product back, arithmetic or memory? Measured live on the machine that serves this page."),
            ":material/roofing:",
        ),
    )


def page(lesson: Lesson) -> st.Page:
    """The lesson as Streamlit's navigation and links take it."""
    return st.Page(
        PAGES / f"{lesson.slug}.py",
        title=lesson.title,
        icon=lesson.icon,
        url_path=lesson.slug,
        default=lesson.slug == "home",
        help=lesson.summary,
    )
