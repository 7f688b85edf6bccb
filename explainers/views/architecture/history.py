"""When the models came, how large they were, and what they were made of: numbers from the papers, with their places."""

from __future__ import annotations

import html

import streamlit as st

from explainers.architecture import ledger, published
from explainers.checkpoints import FAMILIES, Family
from explainers.facts import fact
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.views import blocks, saving


def history() -> None:
    """The timeline, and the three families side by side."""
    from explainers.figures.ledger import timeline

    models = list(published().values())
    saving.chart(
        timeline(models, dark=blocks.is_dark()),
        "arch_timeline",
        lambda: saving.csv_text(
            ("model", "published", "parameters counted", "as printed", "source"),
            ((each.name, each.published, ledger(each.design).total, each.printed, each.source) for each in models),
        ),
        alt="; ".join(f"{each.name}, {each.published}: {ledger(each.design).total:,}" for each in models),
        name="timeline",
        fit=True,
    )
    st.header(_("The three side by side"), anchor=False)
    head = "".join(f'<th scope="col">{FAMILY_LABELS[family]}</th>' for family in FAMILIES)
    body = "".join(
        f'<tr><th scope="row">{html.escape(title)}</th>{"".join(_cell(family, topic) for family in FAMILIES)}</tr>'
        for topic, title in _topics().items()
    )
    st.html(f'<table class="facts"><thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>')


def _topics() -> dict[str, str]:
    return {
        "year": _("Published"),
        "stack": _("Shape"),
        "objective": _("Learns by"),
        "data": _("From"),
        "sizes": _("Sizes"),
        "vocabulary": _("Vocabulary"),
        "context": _("Context"),
        "positions": _("Positions"),
    }


def _cell(family: Family, topic: str) -> str:
    found = fact(family, topic)
    value, text, source = (html.escape(each) for each in (found.value, _(found.text), found.source))
    link = html.escape(found.link, quote=True)
    return f'<td><b>{value}</b> {text} <a href="{link}" target="_blank" rel="noopener">{source}</a></td>'
