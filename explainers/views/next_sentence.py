"""The first half of the next sentence lesson: its steps, the pair, the answer, and the way from [CLS] to it."""

from __future__ import annotations

import html
import re

import streamlit as st

from explainers import next_sentence
from explainers.checkpoints import Checkpoint
from explainers.figures.palette import FAMILY_LABELS
from explainers.language import _
from explainers.next_sentence import IS_NEXT, NOT_NEXT, Judgement
from explainers.views import blocks, cached, guide, saving
from explainers.views.components import TokenRow
from explainers.views.controls import Choice, put, written_by_reader
from explainers.views.cuts import show_unknown
from explainers.views.rows import draw_rows

SLUG = "next-sentence"
PATH, FOOLING, TESTING = 2, 3, 4  # the steps whose part of the page stands first

STORE = "The man went to the store."
MILK = "He bought a gallon of milk."
PENGUINS = "Penguins are flightless birds."

_SHOWN_NUMBERS = 6
_POWER = re.compile(r"e\^(−?[\d.]+)")


def steps() -> list[guide.Step]:
    """The guided lesson: a true pair, a stranger, the way from [CLS], the tricks, the test."""
    true, false = {"text": STORE, "pair": MILK}, {"text": STORE, "pair": PENGUINS}
    return [
        guide.Step(
            _("A pair"),
            _(
                "BERT gets two texts at once, **A** and **B**, with `[SEP]` in between, and says whether B follows A: "
                "**IsNext** or **NotNext**. Press **1. A pair** for the paper's true pair, or type both above."
            ),
            true,
            needs_text=True,
        ),
        guide.Step(
            _("A stranger"),
            _(
                "In training, half of the second texts are **strangers**, taken from anywhere. Here is the paper's: "
                "does the answer change? Then type one of your own that could come from the same story."
            ),
            false,
            needs_text=True,
        ),
        guide.Step(
            _("The way"),
            _(
                "The paper's true pair. Only the vector of **[CLS]** is used: a matrix and tanh, the **pooler**, "
                "change it, a head with two rows turns it into two scores, and **softmax** makes them probabilities."
            ),
            true,
            needs_text=True,
        ),
        guide.Step(
            _("Fool it"),
            _(
                "Swap the sentences, say one twice, turn the words round. What would you answer? Models of BERT's "
                "depth and width were found to learn from this game whether the **topic** fits, and hardly the order "
                "(Lan et al. 2020, section 4.6). See what this one does."
            ),
            true,
        ),
        guide.Step(
            _("Test it"),
            _(
                "One pair proves nothing. Here are many, half of them true and half of them false: blind guessing "
                "gets 50 %, and so does a model that says the same to every pair. Choose fewer pairs, and the interval "
                "grows. Then take the wrong texts from the **same** passage: what is left of the score?"
            ),
            {},
        ),
    ]


def refused(checkpoint: Checkpoint) -> bool:
    """Whether this model has no trained head for the task; it is said in a sentence."""
    head = checkpoint.heads["next sentence"]
    if not head.trained:
        blocks.show_notice(head.why)
    return not head.trained


def pair_of(choice: Choice) -> tuple[str, str] | None:
    """The two texts: the two boxes, or else the first sentence of the first box and all that comes after it.

    None where one of them has no token: there is nothing to judge.
    """
    pair = (choice.text, choice.pair or "")
    own = next_sentence.sentences(choice.text)
    if not pair[1].strip() and len(own) > 1:
        pair = (own[0], choice.text.strip().removeprefix(own[0]).strip())
    name = choice.checkpoints["bert"].name
    read = [any(token.source is not None for token in cached.tokenized(name, text).tokens) for text in pair]
    return pair if all(read) else None


def missing() -> None:
    """What stands where the answer would be while there is one text only."""
    with st.container(key="next_missing", border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_("BERT judges **two** texts, and one of them is empty. Type it above."))
        st.button(_("Take the paper's pair"), key="next_ours", icon=":material/add:", on_click=_take_ours)


def _take_ours() -> None:
    """Both texts of the paper's true pair; a text of the reader's stays a click on Undo away."""
    put({"text": STORE, "pair": MILK}, undo=bool(written_by_reader()))


def picture(choice: Choice, pair: tuple[str, str]) -> None:
    """The answer in one line, and under it the tokens of both texts with their segments."""
    checkpoint = choice.checkpoints["bert"]
    judgement = cached.judged(checkpoint.name, *pair)
    show_unknown(judgement.tokenization, checkpoint.name)
    _answer(judgement.is_next)
    row = TokenRow(f"{FAMILY_LABELS['bert']} · {checkpoint.name}", "bert", judgement.tokenization)
    draw_rows([row], key="next_tokens", name="next-sentence")
    if judgement.tokenization.dropped:
        kept, dropped = len(judgement.tokenization.tokens), judgement.tokenization.dropped
        blocks.show_notice(
            _("{name} reads the first {kept} of {all} tokens.").format(
                name=checkpoint.name, kept=f"{kept:,}", all=f"{kept + dropped:,}"
            )
        )
    if not (choice.pair and choice.pair.strip()):
        st.caption(_("The second box is empty, so your text was cut after its first sentence."))
    st.caption(
        _(
            "A and B at the left are the **segments**: every token of the first text gets the vector of segment A, "
            "every token of the second that of B. `[CLS]` at the start stands for no word: its vector gives the answer."
        )
    )


def path(choice: Choice, pair: tuple[str, str]) -> None:
    """From the vector of [CLS] over the pooler and two logits to two probabilities, in the model's own numbers."""
    from explainers.figures.next_sentence import path_strips

    judgement = cached.judged(choice.checkpoints["bert"].name, *pair)
    saving.chart(
        path_strips(judgement, dark=blocks.is_dark()),
        "next_path",
        lambda: saving.csv_text(
            ("place", "cls", "pooled", "adds_towards_is_next"),
            zip(
                range(len(judgement.cls)),
                judgement.cls.tolist(),
                judgement.pooled.tolist(),
                judgement.contributions.tolist(),
                strict=True,
            ),
        ),
        alt=_("Three rows of {n} numbers: the vector of [CLS], the pooled vector, and what each adds.").format(
            n=len(judgement.cls)
        ),
        name="next-sentence-path",
    )
    st.html(f'<ol class="path">{"".join(f"<li>{line}</li>" for line in _path_lines(judgement))}</ol>')


def _path_lines(judgement: Judgement) -> list[str]:
    """The steps of the way with their first numbers, as HTML."""
    size = len(judgement.cls)
    first, second = (float(judgement.logits[label]) for label in (IS_NEXT, NOT_NEXT))
    total = float(judgement.contributions.sum())
    bias = float(judgement.bias[IS_NEXT] - judgement.bias[NOT_NEXT])
    lines = [
        _("[CLS], {n} numbers: {numbers}").format(n=size, numbers=_numbers(judgement.cls.tolist())),
        _("Pooler, tanh(matrix · [CLS] + bias): {numbers}").format(numbers=_numbers(judgement.pooled.tolist())),
        _("Two logits: IsNext {first}, NotNext {second}. Their difference is {difference} = {total} + {bias}").format(
            first=_signed(first),
            second=_signed(second),
            difference=_signed(first - second),
            total=_signed(total),
            bias=_signed(bias),
        )
        + " "
        + _("(the sum of the third strip, and the biases)."),
        _("Softmax: {first} / ({first} + {second}) = {chance} for IsNext.").format(
            first=f"e^{_signed(first)}", second=f"e^{_signed(second)}", chance=blocks.percent(judgement.is_next)
        ),
    ]
    return [_POWER.sub(r"e<sup>\1</sup>", html.escape(line)) for line in lines]


def _answer(is_next: float) -> None:
    """Both probabilities as the two parts of one bar; their labels stand above it, so none crosses the boundary."""
    wide = 100 * is_next
    first, second = blocks.percent(is_next), blocks.percent(1 - is_next)
    st.html(
        f'<div class="answer" role="img" aria-label="IsNext {first}, NotNext {second}">'
        f'<p><b class="yes">IsNext {first}</b><b class="no">NotNext {second}</b></p>'
        f'<div class="bar"><span style="width: {wide:.2f}%"></span></div></div>'
    )


def _numbers(values: list[float]) -> str:
    return ", ".join([*map(_signed, values[:_SHOWN_NUMBERS]), "…"])


def _signed(value: float) -> str:
    """Two decimals, with a real minus sign."""
    return f"{value:.2f}".replace("-", "−")
