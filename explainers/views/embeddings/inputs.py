"""The sum: every token's parts as heat, and the proof that they add up to what the model computes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explainers.checkpoints import Family
from explainers.embeddings import InputSum
from explainers.language import _
from explainers.views import blocks, cached, saving
from explainers.views.components import Strip, embedding_strips
from explainers.views.controls import Choice
from explainers.views.embeddings.tokens import chosen_token, keep_token, say_what_is_cut

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@st.fragment
def input_parts(choice: Choice, family: Family) -> None:
    """The parts of the input of one family's model, token by token, and the check of their sum."""
    checkpoint = choice.checkpoints[family]
    found = cached.input_sum(checkpoint.name, choice.text, choice.pair)
    if not found.tokenization.tokens:
        blocks.show_empty()
        return
    say_what_is_cut(found.tokenization, checkpoint.name)
    labels = cached.drawn_vocabulary(checkpoint.name)
    pieces = [labels[id_] for id_ in found.tokenization.ids]
    strips = _strips(found, family, paired=choice.pair is not None)
    with saving.picture("emb_sum", partial(_csv, strips, pieces), name=f"embeddings-{checkpoint.name}"):
        token = embedding_strips(
            strips,
            pieces,
            key="emb_strips",
            family=family,
            limits=found.limits,
            selected=chosen_token(found.tokenization),
        )
    keep_token(token, found.tokenization)
    st.markdown(_check(found))
    blocks.source(family, "embeddings")


def _strips(found: InputSum, family: Family, *, paired: bool) -> list[Strip]:
    tokens = found.tokenization.tokens
    places = [f"{place}" for place in range(len(tokens))]
    strips = [Strip(_("Token"), _("the row of its id"), "", found.token, [f"{token.id}" for token in tokens])]
    if found.segment is not None:
        segments = ["AB"[token.segment % 2] for token in tokens]
        which = _("first or second text") if paired else _("A everywhere")
        strips.append(Strip(_("Segment"), which, "+", found.segment, segments))
    if found.position is not None:
        strips.append(Strip(_("Position"), _("its place"), "+", found.position, places))
    if found.normed is not None:
        strips.append(Strip(_("Sum"), "", "=", found.total))
        strips.append(Strip(_("LayerNorm"), _("what layer 1 gets"), "→", found.output, after=True))
    else:
        strips.append(Strip(_("Input"), _("what layer 1 gets"), "=", found.output))
    return strips


def _check(found: InputSum) -> str:
    """What a comparison of our sum with the model's own input says."""
    count = f"{found.output.size:,}"
    ours = _("our sum after LayerNorm") if found.normed is not None else _("our sum")
    if found.position is None:
        ours = _("the rows of the table")
    if found.difference == 0:
        return _("Checked: {ours} and the model's own input are **equal** in all {count} numbers.").format(
            ours=ours, count=count
        )
    return _(
        "Checked: {ours} and the model's own input differ by **{difference}** at most in {count} numbers. That is "
        "rounding in the last digit."
    ).format(ours=ours, count=count, difference=_in_powers(found.difference))


def _in_powers(number: float) -> str:
    """A small number as a lecturer writes it: 4.8 × 10⁻⁷."""
    digits, _e, power = f"{number:.1e}".partition("e")
    return f"{digits} × 10{f'{int(power)}'.translate(_SUPERSCRIPTS)}"


def _csv(strips: Sequence[Strip], pieces: Sequence[str]) -> str:
    """A line for each token and part."""
    header = ("token", "piece", "part", *range(strips[0].values.shape[1]))
    return saving.csv_text(
        [f"{cell}" for cell in header],
        ((at, piece, strip.name, *strip.values[at].tolist()) for at, piece in enumerate(pieces) for strip in strips),
    )
