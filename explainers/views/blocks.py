"""The parts that every page is built from: its heading, an empty state, and sentences for what went wrong."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence

import streamlit as st

from explainers.checkpoints import Family
from explainers.facts import fact
from explainers.figures import labels
from explainers.figures.palette import FAMILY_COLOURS, FAMILY_LABELS
from explainers.language import _
from explainers.views import address
from explainers.views.lessons import Lesson, page

_MOST_ROWS = 12
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|$:~&^=])")


def plain(text: str) -> str:
    """The text with everything escaped that Markdown, HTML or Streamlit's directives would read as a command."""
    return _MARKDOWN.sub(r"\\\1", text)


def heading(title: str, lead: str) -> None:
    """A page's title, and beside it the one sentence that says what there is to see."""
    with st.container(key="heading", horizontal=True, gap="small"):
        st.title(title, anchor=False, width="content")
        st.markdown(lead)


def show_problem(sentence: str) -> None:
    """What went wrong and what to do about it, in one sentence that may quote the reader's own text."""
    st.error(plain(sentence), icon=":material/error:")


def show_notice(sentence: str) -> None:
    """Something that the reader has to know about what is shown, in one sentence that may quote their own text."""
    st.warning(plain(sentence), icon=":material/info:")


def show_empty() -> None:
    """What stands where the picture would be while there is no sentence to draw."""
    address.wait()
    st.info(_("Type a sentence above, or choose one of the examples."), icon=":material/edit:")


def show_failure(_error: Exception) -> bool:
    """Stand in for the traceback of an error that nobody foresaw; Streamlit has written it to the log. Always True."""
    st.error(
        _("Something went wrong while this page was drawn. Change the sentence or reload the page; the log says more."),
        icon=":material/error:",
    )
    return True


def lesson_card(lesson: Lesson) -> None:
    """One lesson as a card that links to it."""
    with st.container(key=f"card_{lesson.slug}", border=True, height="stretch", gap="xsmall"):
        st.page_link(page(lesson), label=f"**{lesson.title}**", icon=lesson.icon, help="")
        st.markdown(lesson.summary)


def family_heading(family: Family, note: str) -> None:
    """A family's name in its colour, and what is said of it here."""
    st.html(f'<p class="family" style="{_family_edge(family)}"><b>{FAMILY_LABELS[family]}</b> {html.escape(note)}</p>')


def family_table(columns: Sequence[str], rows: Mapping[Family, Sequence[str]]) -> None:
    """Numbers to compare across families: one row a family, led by its name in its colour."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row" class="family" style="{_family_edge(family)}"><b>{FAMILY_LABELS[family]}</b></th>'
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for family, cells in rows.items()
    )
    st.html(f'<table class="numbers"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>')


def percent(probability: float) -> str:
    """A probability as a reader says it: "37 %", "4.2 %", "<0.1 %", ">99.9 %"; "0 %" and "100 %" for none and all."""
    return labels.percent(probability, 1 if probability < 0.0995 or probability >= 0.995 else 0)


def text_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = (), most: int = _MOST_ROWS
) -> None:
    """A table of what people and models wrote; numbers: the columns that are set to the right.

    One of more rows than most scrolls.
    """
    if len(rows) > most:
        cells = {name: [row[column] for row in rows] for column, name in enumerate(columns)}
        st.dataframe(cells, hide_index=True, height=420, width="stretch")
        return
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    kinds = ["number" if column in numbers else "text" for column in range(len(columns))]
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{kind}" dir="auto">{html.escape(cell)}</td>' for kind, cell in zip(kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    st.html(f'<table class="texts"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>')


def source(family: Family, topic: str) -> None:
    """A published number, what it counts, and where it stands (assets/facts.toml)."""
    number = fact(family, topic)
    st.caption(f"**{plain(number.value)}** {plain(_(number.text))} [{plain(number.source)}]({number.link})")


def is_dark() -> bool:
    """Whether the reader sees the dark theme."""
    return st.context.theme.get("type") == "dark"


def _family_edge(family: Family) -> str:
    return f"border-left-color: {FAMILY_COLOURS[family].on(dark=is_dark())}"
