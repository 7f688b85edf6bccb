"""How each family is given a task: what it reads of the reader's sentence, what answers, and what is new."""

from __future__ import annotations

import streamlit as st

from explainers import fine_tuning
from explainers.checkpoints import FAMILIES, Family
from explainers.figures.palette import FAMILY_LABELS
from explainers.fine_tuning import Task
from explainers.language import _
from explainers.views import blocks, cached
from explainers.views.components import TokenRow
from explainers.views.controls import Choice
from explainers.views.rows import draw_rows


def shape(choice: Choice, task: Task) -> None:
    """The three families, one under the other."""
    if not choice.text.strip():
        blocks.show_empty()
        return
    _numbers(choice, task)
    st.header(_("What each reads"), anchor=False)
    readers: tuple[Family, ...] = ("bert", "gpt2")
    draw_rows([_row(choice, task, family) for family in readers], key="ft_tokens", name="fine-tuning-input")
    st.caption(_("GPT-2's end-of-text token, whose vector answers, comes after the last of its tokens here."))
    draw_rows([_row(choice, task, "t5")], key="ft_tokens_t5", name="fine-tuning-input-t5")
    _sources()


def _row(choice: Choice, task: Task, family: Family) -> TokenRow:
    """The reader's sentence as the family's model reads it."""
    name = choice.checkpoints[family].name
    text = fine_tuning.prefixed(task.name, choice.text) if family == "t5" else choice.text
    return TokenRow(f"{FAMILY_LABELS[family]} · {name}", family, cached.tokenized(name, text))


def _numbers(choice: Choice, task: Task) -> None:
    """What answers, and how many numbers are new for it."""
    labels = len(task.labels)
    numbers: dict[Family, tuple[str, ...]] = {}
    answers = {
        "bert": _("the vector of [CLS], through the pooler"),
        "gpt2": _("the vector of the end-of-text token, put after the last word"),
        "t5": _("the decoder, which writes {labels}").format(labels=" / ".join(task.labels)),
    }
    for family in FAMILIES:
        sizes = choice.checkpoints[family].sizes
        new = {"bert": labels * sizes.d_model + labels, "gpt2": labels * sizes.d_model, "t5": 0}[family]
        made = {
            "bert": _("{k} × {d} + {k} = {n}"),
            "gpt2": _("{k} × {d} = {n}"),
            "t5": _("none"),
        }[family].format(k=labels, d=sizes.d_model, n=f"{new:,}")
        numbers[family] = (
            answers[family],
            made,
            f"{sizes.parameters:,}",
            blocks.percent(new / (new + sizes.parameters)),
        )
    blocks.family_table(
        (_("what answers"), _("new numbers"), _("numbers that it has"), _("share that is new")), numbers
    )
    st.caption(
        _(
            "Labels: {labels}. A new layer has one row of d_model numbers for each label; the label whose row fits the "
            "vector best wins. BERT's also has one more number for each, its bias. T5 needs none: it writes, and a "
            "label is a word."
        ).format(labels=blocks.plain(", ".join(task.labels)))
    )


def _sources() -> None:
    """How the papers did it."""
    told: tuple[tuple[Family, str], ...] = (
        ("bert", "new_numbers"),
        ("bert", "fine_tuning"),
        ("gpt2", "fine_tuning"),
        ("t5", "labels"),
        ("t5", "fine_tuning"),
    )
    for family, topic in told:
        blocks.source(family, topic)
