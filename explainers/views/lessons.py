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
    """Every lesson in reading order. The groups to come are Pre-training, Attention and Computation."""
    return (
        Lesson(
            "tokenization",
            _("Input"),
            _("Tokenization"),
            _("How each model cuts your sentence into pieces, one step of its algorithm at a time."),
            ":material/content_cut:",
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
