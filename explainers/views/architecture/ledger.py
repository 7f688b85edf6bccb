"""The ledger on screen: the parameters as areas and as lines, and the paper's figure beside the count."""

from __future__ import annotations

import streamlit as st

from explainers import architecture
from explainers.architecture import Ledger
from explainers.figures.labels import percent
from explainers.language import _
from explainers.views import blocks, saving
from explainers.views.architecture.lesson import Shown, one_shown
from explainers.views.architecture.words import formula_text, letters_text, part_names, stack_names
from explainers.views.controls import Choice


def ledger(choice: Choice) -> None:
    """Where one model's parameters are."""
    from explainers.figures.ledger import treemap

    shown = one_shown(choice)
    counted = architecture.ledger(shown.design)
    names = part_names()
    if shown.design.tied:
        names["tokens"] = _("Token embeddings (tied)")
    saving.chart(
        treemap(counted, names, {str(key): name for key, name in stack_names().items()}, dark=blocks.is_dark()),
        "arch_treemap",
        lambda: _csv(counted),
        alt=_("Every part as an area: {parts}.").format(
            parts=", ".join(
                f"{names[entry.part.key]} {blocks.percent(entry.share)}" for entry in counted.entries if entry.count
            )
        ),
        name=f"parameters-{shown.name}".replace(":", "-"),
        fit=True,
    )
    _total(shown, counted)
    rows = [
        (
            stack_names()[entry.part.stack],
            part_names()[entry.part.key],
            formula_text(entry.part.formula),
            _("tied: 0 more") if entry.part.role == "tied" else f"{entry.count:,}",
            "" if entry.part.role == "tied" else percent(entry.share, 2),
        )
        for entry in counted.entries
    ]
    rows.append((_("All"), "", "", f"{counted.total:,}", "100 %"))
    columns = (_("where"), _("part"), _("formula"), _("parameters"), _("share"))
    st.header(_("The ledger, line by line"), anchor=False)
    blocks.text_table(columns, rows, numbers=(3, 4), most=len(rows))
    st.caption(letters_text((entry.part.formula for entry in counted.entries), counted.design.symbols))


def _total(shown: Shown, counted: Ledger) -> None:
    """The count, and what the paper prints, with the reason for the difference."""
    said = [_("{name} has **{count}** parameters.").format(name=blocks.plain(shown.name), count=f"{counted.total:,}")]
    if shown.design.kind == "bert":
        encoder = _("Its encoder alone, without the two pre-training heads: **{count}**.")
        said.append(encoder.format(count=f"{counted.encoder:,}"))
    st.markdown(" ".join(said))
    if shown.known is not None:
        known = shown.known
        st.markdown(
            _("The paper prints **{figure}**. {why} [{source}]({link})").format(
                figure=blocks.plain(known.printed),
                why=blocks.plain(_(known.text)),
                source=blocks.plain(known.source),
                link=known.link,
            )
        )


def _csv(counted: Ledger) -> str:
    return saving.csv_text(
        ("stack", "part", "formula", "layers", "parameters", "share", "tied"),
        (
            (part.stack, part.key, part.formula, part.copies, entry.count, entry.share, part.role == "tied")
            for entry in counted.entries
            for part in (entry.part,)
        ),
    )
